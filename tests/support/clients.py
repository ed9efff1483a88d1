"""Clients of a running server that keep what they were promised: writers their acknowledgements, followers what they
were shown. Nothing here looks behind the doors; `tests.support.checker` compares the two with the log.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import random
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import msgspec

from command.access.links import invite
from command.access.model import Account, Role
from command.bootstrap import open_backend
from command.cli.operator import operator
from command.clock import utc_now
from command.config import Settings, load
from command.domain.submission import Answer, Submission
from command.errors import MusterError, Unavailable
from command.ids import uuid7
from command.stream.client import Batch, Cursor, Frame, Hello, Link, Rows, Snapshot, follow

AGENCIES: dict[Role, str] = {
    "commander": "spd", "field": "spd", "assisting": "kcso", "reviewer": "opa", "administrator": "spd",
}  # fmt: skip
_addresses = itertools.count(1)


class Ack(msgspec.Struct, frozen=True):
    """What a client was told of a command: recorded here, with these header bytes."""

    cmd: str
    seq: int
    header: str


class Seat(msgspec.Struct):
    """Someone signed in, at a network address of their own (which a trusted proxy claims: this machine has one)."""

    person: str
    url: str
    cookie: str
    address: str

    @property
    def headers(self) -> dict[str, str]:
        """What every request carries."""
        return {"Origin": self.url, "Cookie": self.cookie, "X-Forwarded-For": self.address}

    def at(self, url: str) -> Seat:
        """The same session, reached through another address of the server."""
        return Seat(self.person, url, self.cookie, self.address)


def settings_of(data: Path, **more: Any) -> Settings:
    """The settings of a node on this folder."""
    return load({"data": str(data), **more}, {})


async def sign_in(settings: Settings, url: str, people: list[tuple[str, Role]]) -> list[Seat]:
    """Invite people as `muster user invite` does, beside the running server, and sign each in through the front door."""
    tokens = []
    async with open_backend(settings, attach=True) as backend:
        for person, role in people:
            rank = "chief" if person == "chief" else "captain"
            account = Account(person, f"Name of {person}", AGENCIES[role], rank)
            link = await invite(backend.access, account, role, base_url=url, now=utc_now(), by=operator())
            tokens.append(link.partition("#")[2])
    seats = []
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        for (person, _), token in zip(people, tokens, strict=True):
            number = next(_addresses)
            seat = Seat(person, url, "", f"10.0.{number >> 8}.{number & 255}")
            async with http.post(f"{url}/api/session", json={"link": token}, headers=seat.headers) as got:
                assert got.status == 204, await got.text()
                seat.cookie = got.headers["Set-Cookie"].partition(";")[0]
            seats.append(seat)
    return seats


async def call(http: aiohttp.ClientSession, seat: Seat, method: str, path: str, body: Any = None) -> tuple[int, bytes]:
    """One request: (status, body)."""
    data = body if isinstance(body, bytes) else None if body is None else msgspec.json.encode(body)
    headers = {**seat.headers, **({"Content-Type": "application/json"} if data is not None else {})}
    async with http.request(method, f"{seat.url}{path}", data=data, headers=headers) as got:
        return got.status, await got.read()


async def ask(http: aiohttp.ClientSession, seat: Seat, method: str, path: str, body: Any = None) -> Any:
    """One request that must succeed; its JSON."""
    status, raw = await call(http, seat, method, path, body)
    assert status < 300, (status, raw[:500])
    return json.loads(raw)


def submission(command: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A command as it is sent."""
    now = datetime.now(UTC)
    return {"cmd": uuid7(now), "command": command, "issued_at": now.isoformat(), **more}


def entry(text: str) -> dict[str, Any]:
    """A log entry, which the plan never refuses."""
    return submission({"type": "RecordEntry", "entry": uuid7(datetime.now(UTC)), "text": text})


async def open_incident(http: aiohttp.ClientSession, commander: Seat) -> str:
    """Open an incident; returns its id."""
    command = {
        "type": "OpenIncident", "name": "A march", "kind": "planned", "lead_agency": "spd",
        "lead_agency_name": "Seattle Police", "time_zone": "America/Los_Angeles", "commander": commander.person,
        "commander_rank": "captain",
    }  # fmt: skip
    opened = await ask(http, commander, "POST", "/api/incidents", submission(command))
    assert opened["answer"]["status"] == "accepted", opened
    incident: str = opened["incident"]
    return incident


class Writer:
    """Sends its commands one after the other, each until it is answered. `tries` counts what was sent."""

    def __init__(self, seat: Seat, incident: str, count: int, *, socket: bool = False, within_s: float = 10.0) -> None:
        self.seat = seat
        self.incident = incident
        self.acks: list[Ack] = []
        self.tries = 0
        self.problems: list[str] = []
        self._socket = socket
        self._within_s = within_s
        self._outbox = [msgspec.json.encode(entry(f"{seat.person} writes line {n}")) for n in range(count)]
        self.sent_ids = [json.loads(raw)["cmd"] for raw in self._outbox]

    async def run(self) -> None:
        """Until everything is answered."""
        await (self._run_socket() if self._socket else self._run_http())

    def takes_over(self, other: Writer) -> None:
        """Send the other's commands as well, byte for byte."""
        self._outbox, self.sent_ids = other._outbox, other.sent_ids

    @property
    def done(self) -> bool:
        """Whether everything is answered."""
        return len(self.acks) == len(self._outbox)

    async def _run_http(self) -> None:
        timeout = aiohttp.ClientTimeout(total=self._within_s)
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), timeout=timeout) as http:
            while not self.done:
                self.tries += 1
                raw = self._outbox[len(self.acks)]
                path = f"/api/incidents/{self.incident}/commands"
                try:
                    status, body = await call(http, self.seat, "POST", path, raw)
                except (aiohttp.ClientError, TimeoutError, OSError) as exc:
                    self.problems.append(type(exc).__name__)
                    await _pause()
                    continue
                if status in (429, 503):
                    self.problems.append(str(status))
                    await _pause()
                    continue
                assert status == 200, (status, body[:500])
                self._take(msgspec.json.decode(msgspec.json.encode(json.loads(body)["answers"][0]), type=Answer))

    async def _run_socket(self) -> None:
        while not self.done:
            try:
                await self._over_one_socket()
            except MusterError as exc:
                assert exc.code in ("unavailable", "busy"), (exc.code, exc.message)
                self.problems.append(exc.code)
                await _pause()

    async def _over_one_socket(self) -> None:
        seat = self.seat
        headers = {"X-Forwarded-For": seat.address}
        async with Link(seat.url, self.incident, cookie=seat.cookie, headers=headers) as link:
            reading = asyncio.create_task(_read(link), name=f"reader of {seat.person}")
            try:
                while not self.done:
                    if reading.done():
                        raise Unavailable("the socket ended")
                    self.tries += 1
                    sub = msgspec.json.decode(self._outbox[len(self.acks)], type=Submission)
                    (answer,) = await link.submit([sub], within_s=self._within_s)
                    self._take(answer)
            finally:
                reading.cancel()
                await asyncio.gather(reading, return_exceptions=True)

    def _take(self, answer: Answer) -> None:
        if answer.status == "duplicate":
            assert answer.first is not None
            answer = answer.first
        assert answer.status == "accepted", answer
        assert answer.cmd == self.sent_ids[len(self.acks)]
        assert answer.seq is not None
        assert answer.header is not None
        self.acks.append(Ack(answer.cmd, answer.seq, answer.header))


async def _read(link: Link) -> None:
    with suppress(MusterError):
        async for _ in link:
            pass


async def _pause() -> None:
    """As a client of ours waits before it tries again."""
    await asyncio.sleep(random.uniform(0.02, 0.3))


class Follower:
    """A screen: a position, everything shown up to it in order, and the board that the changes make of it."""

    def __init__(self, seat: Seat, incident: str) -> None:
        self.seat = seat
        self.incident = incident
        self.shown: dict[int, str] = {}  # seq -> event id
        self.order: list[int] = []
        self.board: Rows = {}
        self.texts: dict[int, str] = {}
        self.gaps: list[tuple[int, int, str]] = []
        self.resumes = 0
        self.cursor = Cursor()

    @property
    def seq(self) -> int:
        """How far it has come."""
        return self.order[-1] if self.order else 0

    async def run(self) -> None:
        """Until cancelled."""
        seat = self.seat
        frames = follow(
            seat.url, self.incident, cookie=seat.cookie, headers={"X-Forwarded-For": seat.address}, cursor=self.cursor,
            jitter=lambda low, high: random.uniform(low, min(high, 0.5)),
        )  # fmt: skip
        async for frame in frames:
            await self._take(frame)

    async def _take(self, frame: Frame) -> None:
        match frame:
            case Hello(resumed=True):
                self.resumes += 1
            case Hello() | Snapshot():
                assert frame.gap is not None
                self.gaps.append((frame.gap.since, frame.gap.upto, frame.gap.reason))
                self.board = frame.board or {}
                self.texts = {line.seq: line.text for line in frame.feed or ()}
                await self._fill(frame.at.seq)
            case Batch():
                for line in frame.events:
                    self._show(line.seq, line.id)
                    self.texts[line.seq] = line.text
                for section, key, row in frame.changes:
                    if row is None:
                        self.board.get(section, {}).pop(key, None)
                    else:
                        self.board.setdefault(section, {})[key] = row
            case _:
                pass

    def _show(self, seq: int, event: str) -> None:
        assert self.shown.setdefault(seq, event) == event, f"event {seq} was another before"
        self.order.append(seq)

    async def _fill(self, upto: int) -> None:
        """After an open gap: ask for the pages that were skipped, as a screen does."""
        timeout = aiohttp.ClientTimeout(total=5)
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), timeout=timeout) as http:
            after = self.order[-1] if self.order else 0
            while after < upto:
                limit = min(500, upto - after)
                path = f"/api/incidents/{self.incident}/events?after={after}&limit={limit}"
                try:
                    page = await ask(http, self.seat, "GET", path)
                except (aiohttp.ClientError, TimeoutError, AssertionError):
                    await _pause()
                    continue
                for line in page["entries"]:
                    self._show(line["seq"], line["id"])
                after = page["last"]
