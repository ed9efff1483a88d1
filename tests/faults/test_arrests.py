"""Five hundred arrests in twenty minutes by sixty officers: at every point every screen is what the log says.

In the short form the incident's clock runs so fast that the twenty minutes take as long as the load does; in the long
form they are twenty minutes, and every frame of every lens is held against a board made anew.
"""

from __future__ import annotations

import asyncio
import functools
import json
import random
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp
import msgspec

from bench.operation import ALLY, LEAD, OFFICERS, OPERATION_S, Hand, Operation, play, submission
from command.access.links import invite
from command.access.model import Account
from command.bootstrap import open_backend
from command.cli.operator import operator
from command.clock import utc_now
from command.config import Settings
from command.domain import commands as c
from command.domain.codec import decode_recorded
from command.domain.fold import evolve, initial
from command.domain.state import State
from command.domain.submission import Answer, Submission
from command.errors import Busy, Unavailable
from command.ids import uuid7
from command.ledger import disclosure
from command.library import load_stack
from command.policy.stack import Stack
from command.service.snapshots import decode_state, encode_state
from command.store.embedded import Cluster
from command.store.provision import APP, OWNER
from command.stream.client import Batch, Cursor, Hello, Link, Rows, Snapshot
from command.views.board import board
from command.views.lens import Lens
from command.views.processing import WAITS_SHOWN, processing
from command.views.scene import Scene
from tests.faults.conftest import LONG
from tests.support.clients import Seat, ask, call, settings_of
from tests.support.database import fresh_database
from tests.support.node import MusterNode, until
from tests.support.tally import Tally

SPAN_S = OPERATION_S if LONG else 15.0
SOCKETS = 12 if LONG else 6  # officers whose screen is open; the others send over HTTP
WHOLE = 1 if LONG else 40
"""Every so many frames the whole board is held against one made anew; the counts at each frame."""

WATCHERS: tuple[Hand, ...] = (
    Hand("eye-command", "commander", rank="captain"),
    Hand("eye-processing", "processing", rank="sergeant"),
    Hand("eye-supervisor", "supervisor", rank="sergeant", units=("team-1",)),
    Hand("eye-field", "field"),
    Hand("eye-medical", "medical"),
    Hand("eye-ally", "assisting", ALLY, "lieutenant"),
    Hand("eye-review", "reviewer", "opa", "lieutenant"),
)
if not LONG:
    WATCHERS = tuple(one for one in WATCHERS if one.person not in ("eye-supervisor", "eye-medical"))
ARCHIVE = Hand("archive", "reviewer", "opa", "lieutenant")
"""Takes the export: with the compartment without which events about minors leave as leaves alone."""
ASKING = ("eye-command", "eye-processing", "eye-field", "eye-ally", "eye-review")
PAUSE_S = 1.0  # a processing page asks no more often


class Frame(msgspec.Struct):
    """A batch as one lens had it: what it changed, and the clock that it showed."""

    first: int
    last: int
    lens: str
    now: datetime
    changes: Sequence[tuple[str, str, dict[str, Any] | None]]


class Screen:
    """A screen that keeps every frame."""

    def __init__(self, seat: Seat, incident: str) -> None:
        self.seat = seat
        self.start: Hello | Snapshot | None = None
        self.frames: list[Frame] = []
        self.cursor = Cursor()
        self._incident = incident

    @property
    def seq(self) -> int:
        """How far it has come."""
        return self.frames[-1].last if self.frames else self.start.at.seq if self.start else 0

    async def run(self) -> None:
        """Until cancelled. That every frame continues where the one before ended is checked by the link."""
        while True:
            with suppress(Unavailable):  # a connection may end; the position stays
                await self._one_connection()
            await asyncio.sleep(0.2)  # a client's pause before it connects again

    async def _one_connection(self) -> None:
        async with link_of(self.seat, self._incident, self.cursor) as link:
            async for frame in link:
                if isinstance(frame, Batch):
                    lens = self.cursor.lens
                    self.frames.append(Frame(frame.first, frame.last, lens, frame.clock.now, frame.changes))
                elif isinstance(frame, Snapshot) or (isinstance(frame, Hello) and not frame.resumed):
                    assert not self.frames, "nothing was skipped"
                    self.start = frame


def link_of(seat: Seat, incident: str, cursor: Cursor | None = None) -> Link:
    return Link(seat.url, incident, cookie=seat.cookie, headers={"X-Forwarded-For": seat.address}, cursor=cursor)


class Agents:
    """Everybody who sends: officers at an open socket, and over HTTP."""

    def __init__(self, seats: dict[str, Seat], incident: str, http: aiohttp.ClientSession) -> None:
        self.seats = seats
        self.incident = incident
        self.seen = 1
        self.sent = 0
        self.again = 0
        self._http = http
        self._links: dict[str, Link] = {}

    async def listen(self, person: str, ready: asyncio.Event) -> None:
        """Hold one officer's socket open until cancelled."""
        async with link_of(self.seats[person], self.incident) as link:
            self._links[person] = link
            try:
                async for _ in link:
                    ready.set()
            except Unavailable:  # from here on this officer sends over HTTP
                del self._links[person]

    async def send(self, person: str, commands: Sequence[c.Command]) -> Sequence[Answer]:
        """Commands of one person in one message, answered."""
        body = [submission(one, uuid7(utc_now()), self.seen) for one in commands]
        while True:
            try:
                answers = await self._once(person, body)
                break
            except (Unavailable, Busy):  # whether it was taken is not known: the same again, under the same numbers
                self.again += 1
                await asyncio.sleep(random.uniform(0.1, 0.5))
        answers = [one.first or one for one in answers]
        self.sent += len(commands)
        self.seen = max(self.seen, *(one.last_seq or one.seq or 1 for one in answers))
        return answers

    async def _once(self, person: str, body: list[Submission]) -> Sequence[Answer]:
        link = self._links.get(person)
        if link is not None:
            return await link.submit(body)
        path = f"/api/incidents/{self.incident}/commands"
        status, raw = await call(self._http, self.seats[person], "POST", path, body)
        if status in (429, 503):
            raise Unavailable("the server said to try again")
        assert status == 200, (status, raw[:500])
        return msgspec.convert(json.loads(raw)["answers"], tuple[Answer, ...])


class Field:
    """A server with an operation on it, and everybody signed in."""

    def __init__(self, operation: Operation, url: str, seats: dict[str, Seat], http: aiohttp.ClientSession) -> None:
        self.operation, self.url, self.seats, self.http = operation, url, seats, http
        self.incident = ""
        self.agents: Agents

    async def open(self) -> None:
        """Open the incident, and say what is said before anybody is arrested."""
        now = utc_now()
        body = submission(self.operation.opening(now), uuid7(now), 0)
        opened = await ask(self.http, self.seats["chief"], "POST", "/api/incidents", body)
        self.incident = opened["incident"]
        self.agents = Agents(self.seats, self.incident, self.http)
        for batch in self.operation.morning():
            answers = await self.agents.send("chief", batch)
            assert all(one.status == "accepted" for one in answers), [
                one for one in answers if one.status != "accepted"
            ][:1]

    async def get(self, person: str, path: str) -> Any:
        """What someone is shown."""
        return await ask(self.http, self.seats[person], "GET", f"/api/incidents/{self.incident}/{path}")


async def signed_in(settings: Settings, url: str, hands: Sequence[Hand]) -> dict[str, Seat]:
    """Invite them beside the running server, and sign each in through the front door."""
    seats = {}
    async with (
        open_backend(settings, attach=True) as backend,
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http,
    ):
        for number, one in enumerate(hands, 1):
            account = Account(one.person, f"Name of {one.person}", one.agency, one.rank)
            link = await invite(
                backend.access, account, one.role, base_url=url, now=utc_now(), by=operator(), units=one.units,
                compartments=("juvenile",) if one is ARCHIVE else (),
            )  # fmt: skip
            seat = Seat(one.person, url, "", f"10.2.0.{number}")
            body = {"link": link.partition("#")[2]}
            async with http.post(f"{url}/api/session", json=body, headers=seat.headers) as got:
                assert got.status == 204, await got.text()
                seat.cookie = got.headers["Set-Cookie"].partition(";")[0]
            seats[one.person] = seat
    return seats


@asynccontextmanager
async def field(cluster: Cluster, folder: Path, operation: Operation) -> AsyncIterator[Field]:
    """A server of its own on the session's PostgreSQL."""
    async with fresh_database(cluster) as data, fresh_database(cluster, template="template1", owner=APP) as keys:
        urls = {
            "database": cluster.dsn(data, APP),
            "database_owner": cluster.dsn(data, OWNER),
            "database_keys": cluster.dsn(keys, APP),
        }
        flags = tuple(part for name, url in urls.items() for part in (f"--{name.replace('_', '-')}", url))
        node = MusterNode(folder / "node", flags=flags)
        (node.data / "keys").mkdir(parents=True)
        (node.data / "keys" / "kek").touch(0o600)
        (node.data / "keys" / "kek").write_text(secrets.token_hex(32))
        await node.start()
        try:
            hands = [*operation.hands(), *WATCHERS, ARCHIVE]
            seats = await signed_in(settings_of(node.data, **urls), node.url, hands)
            async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
                here = Field(operation, node.url, seats, http)
                await here.open()
                yield here
        finally:
            await node.kill()


Asked = tuple[str, dict[str, Any]]  # who asked, what they were told


async def asking(here: Field, told: list[Asked]) -> None:
    """Ask for processing in numbers, as open pages do, until cancelled."""
    while True:
        for person in ASKING:
            told.append((person, await here.get(person, "processing")))
        await asyncio.sleep(PAUSE_S)


async def operate(here: Field) -> tuple[list[Screen], list[Asked]]:
    """All of it, with every screen open; ends when each has come to the end of the log."""
    screens, told = [Screen(here.seats[one.person], here.incident) for one in WATCHERS], list[Asked]()
    ready = [asyncio.Event() for _ in range(SOCKETS)]
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(one.run(), name=one.seat.person) for one in screens]
        running += [
            tasks.create_task(here.agents.listen(person, event), name=f"socket of {person}")
            for person, event in zip(here.operation.officers, ready, strict=False)
        ]
        await asyncio.gather(*(event.wait() for event in ready))
        await until(lambda: all(one.start for one in screens))
        running.append(tasks.create_task(asking(here, told), name="processing pages"))
        await play(here.operation, here.agents.send, SPAN_S)
        await until(lambda: all(one.seq == here.agents.seen for one in screens), 300)
        told.extend([(person, await here.get(person, "processing")) for person in ASKING])
        for task in running:
            task.cancel()
    return screens, told


class Log:
    """An incident as it was exported: its events as JSON, and folded anew to a state for each seq."""

    def __init__(self, lines: bytes, more: bytes, incident: str) -> None:
        found = [json.loads(line) for line in lines.splitlines()]
        assert found[0]["type"] == "export" and found[-1]["type"] == "end", "the export is whole"
        events = [one for one in found if one["type"] == "event"]
        raws = [disclosure.decode_bytes(one["header"]) for one in events]
        self.headers: list[dict[str, Any]] = [json.loads(raw) for raw in raws]
        assert [one["seq"] for one in self.headers] == list(range(1, len(raws) + 1)), "the export has no gap"
        packs = [(one["file"], disclosure.decode_bytes(one["raw"])) for one in found if one["type"] == "pack"]
        self.stack: Stack = load_stack(packs)
        self.private: dict[int, dict[str, str]] = {}
        for one in (*events, *(json.loads(line) for line in more.splitlines())):
            for text in one.get("disclosures", ()):
                value = disclosure.read(text)
                self.private.setdefault(one["seq"], {})[value.path] = value.value
        self.states: list[State] = [initial(incident)]
        for raw in raws:
            self.states.append(evolve(self.states[-1], decode_recorded(raw)))

    @functools.lru_cache(maxsize=4)  # noqa: B019 - one log a test
    def anew(self, seq: int) -> State:
        """The state of a seq with no memory of how it came about."""
        found = decode_state(encode_state(self.states[seq]))
        assert found is not None
        return found


async def exported(here: Field) -> Log:
    """The log, with what command and oversight may read of it."""
    path = f"/api/incidents/{here.incident}/export"
    (status, lines), (also, more) = [
        await call(here.http, here.seats[one], "GET", path) for one in (ARCHIVE.person, "chief")
    ]
    assert status == also == 200
    return Log(lines, more, here.incident)


def plain(value: Any) -> Any:
    """As it is read from JSON."""
    return json.loads(msgspec.json.encode(value))


def check_screen(screen: Screen, log: Log) -> None:
    """After each frame: the counts of its last seq; now and then, and at the end, the whole board of that seq."""
    start = screen.start
    assert start is not None and start.board is not None
    shown: Rows = start.board
    tally, upto = Tally(), 0
    counts = screen.seat.person != "eye-ally"  # a share has its own people alone
    for number, frame in enumerate(screen.frames, 1):
        for section, key, row in frame.changes:
            if row is None:
                del shown[section][key]
            else:
                shown[section][key] = row
        for header in log.headers[upto : frame.last]:
            tally.take(header)
        upto = frame.last
        where = f"{screen.seat.person} after {frame.first} to {frame.last}"
        if counts:
            told = list(tally.differences(shown if shown["arrests"] else {k: shown[k] for k in ("custody", "sites")}))
            assert told == [], where
        if screen.seat.person == "eye-command":
            panel = [row for row in shown["panel"].values() if row["by"] == "all"]
            words = ("custody", "cited", "released", "undecided")
            assert sorted(tuple(row[word] for word in words) for row in panel) == tally.panel(), where
        if number % WHOLE == 0 or number == len(screen.frames):
            fresh = plain(board(log.anew(frame.last), log.stack, Lens(frame.lens), log.private, frame.now))
            assert {k: v for k, v in shown.items() if v} == {k: v for k, v in fresh.items() if v}, where
    assert upto == len(log.headers), "to the end of the log"


def check_numbers(told: Sequence[Asked], log: Log, lenses: dict[str, str]) -> None:
    """What the page of processing was told is the fold of the very seq that it names."""
    tally, upto = Tally(), 0
    for person, found in sorted(told, key=lambda one: one[1]["seq"]):
        for header in log.headers[upto : found["seq"]]:
            tally.take(header)
        upto = found["seq"]
        now = datetime.fromisoformat(found["now"])
        fresh = processing(Scene(log.anew(upto), log.stack, Lens(lenses[person]), {}, now))
        assert found == plain(fresh), f"{person} at {upto}"
        if person != "eye-ally":
            expected = tally.numbers()
            assert {name: found[name] for name in expected} == expected, f"{person} at {upto}"
            assert [one["since"] for one in found.get("waits", ())] == tally.waits()[:WAITS_SHOWN]


def bytes_an_event(frames: Sequence[Frame]) -> float:
    """Of what changes on a screen, for each event that changes it."""
    return sum(len(msgspec.json.encode(one.changes)) for one in frames) / sum(
        one.last - one.first + 1 for one in frames
    )


async def test_five_hundred_arrests_in_twenty_minutes_by_sixty_officers(cluster: Cluster, tmp_path: Path) -> None:
    """Every frame of every lens, and every answer of the page of processing, is the log's own at the seq it names."""
    operation = Operation(rate=OPERATION_S / SPAN_S)
    async with field(cluster, tmp_path, operation) as here, asyncio.timeout(3 * SPAN_S + 600):
        screens, told = await operate(here)
        log = await exported(here)
    kinds = [one["type"] for one in log.headers]
    assert kinds.count("ArrestRecorded") == operation.arrests
    assert len({one["body"]["officer"] for one in log.headers if one["type"] == "ArrestRecorded"}) == OFFICERS
    assert {one["body"]["officer_agency"] for one in log.headers if one["type"] == "ArrestRecorded"} == {LEAD, ALLY}
    for screen in screens:
        check_screen(screen, log)
    check_numbers(told, log, {one.seat.person: one.cursor.lens for one in screens})
    (command, *_) = screens
    fifth = len(command.frames) // 5
    early, late = bytes_an_event(command.frames[fifth : 2 * fifth]), bytes_an_event(command.frames[-fifth:])
    assert late < 2.5 * early, "what a change weighs does not grow with the arrests before it"
