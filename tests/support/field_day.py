"""A server with tablets on it, and what is done to them: the line cut, the server killed, its database gone for a moment."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg

from command.access.links import invite
from command.access.model import Account, Role
from command.bootstrap import open_backend
from command.cli.operator import operator
from command.clock import utc_now
from command.errors import MusterError
from command.ledger import disclosure
from command.store.embedded import Cluster
from command.store.provision import APP, OWNER, SUPERUSER
from command.stream.catchup import CHUNK
from command.stream.client import Batch, Cursor, Hello, Link, Rows, Snapshot
from tests.support.agent import Agent, Killed, Offline
from tests.support.clients import AGENCIES, Seat, ask, call, open_incident, settings_of, sign_in
from tests.support.database import fresh_database
from tests.support.node import MusterNode
from tests.support.proxy import Fault, FaultProxy

LOST = (aiohttp.ClientError, OSError, TimeoutError, AssertionError)
"""What an asker meets while the server is away, or says 503."""


class Day:
    """A running server behind a bad line, its incident, and who is there."""

    def __init__(self, node: MusterNode, proxy: FaultProxy, cluster: Cluster, data: str, urls: dict[str, str]) -> None:
        self.node, self.proxy, self.urls = node, proxy, urls
        self.database = data
        self.dsn, self.beside = cluster.dsn(data, SUPERUSER), cluster.dsn("postgres", SUPERUSER)
        self.http: aiohttp.ClientSession
        self.seats: dict[str, Seat] = {}
        self.incident = ""
        self.harms: Counter[str] = Counter()
        self._numbers = itertools.count(1)

    @property
    def line(self) -> str:
        """The address at which tablets reach the server."""
        return self.proxy.url.replace("127.0.0.1", "localhost")

    async def get(self, who: str, path: str) -> Any:
        """What someone is shown of the incident."""
        return await ask(self.http, self.seats[who], "GET", f"/api/incidents/{self.incident}/{path}")

    async def link(self, person: str, role: Role = "field") -> str:
        """The token of a link for somebody who is known, or not yet."""
        async with open_backend(settings_of(self.node.data, **self.urls), attach=True) as backend:
            account = Account(person, f"Name of {person}", AGENCIES[role], "officer")
            made = await invite(backend.access, account, role, base_url=self.node.url, now=utc_now(), by=operator())
        return made.partition("#")[2]

    async def seat(self, person: str, role: Role = "field") -> Seat:
        """Somebody signed in anew, from an address of their own."""
        number = next(self._numbers)
        seat = Seat(person, self.node.url, "", f"10.9.{number >> 8}.{number & 255}")
        body = {"link": await self.link(person, role)}
        async with self.http.post(f"{seat.url}/api/session", json=body, headers=seat.headers) as got:
            assert got.status == 204, await got.text()
            seat.cookie = got.headers["Set-Cookie"].partition(";")[0]
        return seat

    async def code(self) -> str:
        """A code that enrols one device."""
        made = await ask(self.http, self.seats["chief"], "POST", "/api/devices/invite", {"label": "Tablet"})
        return str(made["code"])

    async def rows(self) -> int:
        """How long the log is."""
        connection = await asyncpg.connect(self.dsn)
        try:
            return int(
                await connection.fetchval("SELECT coalesce(max(seq), 0) FROM events WHERE log = $1", self.incident)
            )
        finally:
            await connection.close()


@asynccontextmanager
async def day(cluster: Cluster, folder: Path, officers: Sequence[str]) -> AsyncIterator[Day]:
    """A server of its own on the session's PostgreSQL, an incident, and everybody signed in."""
    async with fresh_database(cluster) as data, fresh_database(cluster, template="template1", owner=APP) as keys:
        urls = {
            "database": cluster.dsn(data, APP), "database_owner": cluster.dsn(data, OWNER),
            "database_keys": cluster.dsn(keys, APP),
        }  # fmt: skip
        flags = tuple(part for name, url in urls.items() for part in (f"--{name.replace('_', '-')}", url))
        node = MusterNode(folder / "node", flags=flags)
        (node.data / "keys").mkdir(parents=True)
        (node.data / "keys" / "kek").touch(0o600)
        (node.data / "keys" / "kek").write_text(secrets.token_hex(32))
        http = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), timeout=aiohttp.ClientTimeout(total=20))
        async with FaultProxy(node.port) as proxy, http:
            here = Day(node, proxy, cluster, data, urls)
            node.origins += [proxy.url, here.line]
            await node.start()
            try:
                here.http = http
                people: list[tuple[str, Role]] = [("chief", "commander"), ("eye", "reviewer")]
                people += [(one, "field") for one in officers]
                here.seats = {
                    one.person: one for one in await sign_in(settings_of(node.data, **urls), node.url, people)
                }
                here.incident = await open_incident(http, here.seats["chief"])
                yield here
            finally:
                await node.kill()


# Harm -----------------------------------------------------------------------------------------------------


async def harm(here: Day, seed: int, *, every: int) -> None:
    """Each time the log has grown by so much, the next thing breaks; until cancelled."""
    chance = random.Random(seed)
    goal = every
    for number in itertools.count():
        while await here.rows() < goal:
            await asyncio.sleep(0.1)
        goal = await here.rows() + every
        what = ("cut", "answers lost", "kill", "database away")[number % 4]
        here.harms[what] += 1
        if what == "cut":
            here.proxy.cut()
        elif what == "answers lost":
            here.proxy.fault = Fault(drop_answers=0.3)
            await asyncio.sleep(1 + chance.random())
            here.proxy.fault = Fault(slice_bytes=2_000, latency_s=0.002)
        elif what == "kill":
            await here.node.kill()
            await here.node.start()
        else:
            await _without_database(here, 1.0 + chance.random())


async def _without_database(here: Day, for_s: float) -> None:
    """No connection to it is let in: the server answers 503 meanwhile."""
    name = here.database
    connection = await asyncpg.connect(here.beside)
    try:
        await connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        try:
            await connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name)
            await asyncio.sleep(for_s)
        finally:
            await connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
    finally:
        await connection.close()
    if here.node.process.returncode is not None:  # it gave up, as a service manager would see it
        await here.node.start()


# Tablets --------------------------------------------------------------------------------------------------


async def shift(agent: Agent) -> None:
    """An agent's day: lives that end in any way, until everything is handed in; then its officer claims what is theirs."""
    over = False
    while not over:
        agent.boot()
        try:
            agent.begin()
            await _life(agent)
            if agent.drained:
                await agent.sign_in()
                await agent.claim()
                await agent.repeat()
                over = agent.drained and agent.statuses["repeated"] > 0
        except Killed:
            pass
        except Offline:
            await asyncio.sleep(0.02)


async def _life(agent: Agent) -> None:
    chance = agent.random
    if chance.random() < 0.85:
        await agent.sign_in()
    away_until = 0
    for turn in range(chance.randint(10, 60)):
        if agent.drained:
            return
        if turn >= away_until:
            agent.line.up = True
            if chance.random() < 0.06:
                agent.line.up, away_until = False, turn + chance.randint(3, 12)
        what = chance.random()
        if agent.left > agent.kept_for_later and what < (0.6 if not agent.line.up else 0.3):
            agent.save()
        elif what < 0.75:
            await agent.exchange()
        elif what < 0.85:
            await agent.bring()
        elif what < 0.88:
            await agent.repeat()
        elif what < 0.90:
            await agent.twin()
        elif what < 0.93 and agent.state.part:
            await agent.claim()
        elif what < 0.95:
            agent.feed("signed", part="")
        elif not agent.state.part:
            await agent.sign_in()
        await asyncio.sleep(0.002 if agent.flying else 0.01)
    agent.line.up = True


# Who looks --------------------------------------------------------------------------------------------------


class Watch:
    """A screen of command's that keeps what it showed: the whole board when it began, then each batch of changes."""

    def __init__(self, seat: Seat, incident: str) -> None:
        self.seat, self.incident = seat, incident
        self.shown: list[tuple[int, Rows | None, Sequence[tuple[str, str, Any]], bool]] = []
        """Up to which seq; the whole board; what changed; whether more of the same missed range is to come."""
        self.numbers: list[dict[str, Any]] = []
        self.cursor = Cursor()

    @property
    def seq(self) -> int:
        """How far it has come."""
        return self.shown[-1][0] if self.shown else 0

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            with suppress(MusterError, *LOST):
                await self._one_connection()
            await asyncio.sleep(0.2)

    async def _one_connection(self) -> None:
        seat = self.seat
        async with Link(
            seat.url, self.incident, cookie=seat.cookie, headers={"X-Forwarded-For": seat.address}, cursor=self.cursor
        ) as link:
            async for frame in link:
                if isinstance(frame, Batch):
                    more = (
                        frame.last - frame.first + 1 >= CHUNK
                    )  # of a missed range the changes come with its last piece
                    self.shown.append((frame.last, None, frame.changes, more))
                elif isinstance(frame, Snapshot | Hello) and frame.board is not None:
                    self.shown.append((frame.at.seq, frame.board, (), False))

    async def ask_numbers(self, here: Day) -> None:
        """The page of processing, again and again, until cancelled."""
        while True:
            with suppress(*LOST):
                self.numbers.append(await here.get(self.seat.person, "processing"))
            await asyncio.sleep(0.4)


async def exported(here: Day, who: str = "eye") -> list[tuple[bytes, dict[str, Any]]]:
    """The log as it was exported: each header's bytes, and what they say."""
    status, raw = await call(here.http, here.seats[who], "GET", f"/api/incidents/{here.incident}/export")
    assert status == 200, (status, raw[:300])
    found = [json.loads(line) for line in raw.splitlines()]
    assert found[-1]["type"] == "end", "the export is whole"
    headers = [disclosure.decode_bytes(one["header"]) for one in found if one["type"] == "event"]
    return [(one, json.loads(one)) for one in headers]


async def pages(here: Day, who: str, path: str, name: str) -> list[dict[str, Any]]:
    """All of a list that comes in pages, by seq."""
    found: list[dict[str, Any]] = []
    after = 0
    while True:
        page = await here.get(who, f"{path}?after={after}&limit=500")
        if page["last"] <= after:
            return found
        found += page[name]
        after = page["last"]


async def let_in(here: Day, reason: str) -> int:
    """An administrator lets in what is held back, in the devices' own order; how many."""
    admin = await here.seat("admin", "administrator")
    path, count = f"/api/incidents/{here.incident}/quarantine", 0
    found = (await ask(here.http, admin, "GET", path))["held"]
    for one in sorted(found, key=lambda row: (row["device"], row["device_seq"])):
        if one["outcome"] is None:
            body = {"decision": "release", "reason": reason}
            while (got := await call(here.http, admin, "POST", f"{path}/{one['item']}", body))[0] == 429:
                await asyncio.sleep(0.2)  # as fast as one person may ask
            assert got[0] == 200, got
            count += 1
    return count
