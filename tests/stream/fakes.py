"""Doubles for the stream: a peer, a log with its service, views that say what they were asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from command.access.model import Subject
from command.domain.envelope import Actor, Header, Recorded
from command.domain.events import EntryRecorded, Event, Redacted
from command.domain.state import State, initial
from command.domain.submission import Answer, Submission
from command.errors import MusterError, NotFound
from command.service.api import Applied, Author
from command.stream.frames import Me
from command.views.lens import Lens
from command.views.rows import Board, Change, ClockInfo, Entry, PositionRow, Who

NOON = datetime(2016, 5, 1, 12, tzinfo=UTC)


class FakePeer:
    """A peer that reads at once, or (`reads=False`) only when the test says so."""

    def __init__(self, *, reads: bool = True) -> None:
        self.reads = reads
        self._pieces: list[bytes] = []
        self.taken = 0
        self.closed: tuple[int, str] | None = None
        self.aborted = False
        self._total = 0

    def write(self, data: bytes, /) -> None:
        if self.closed is None:
            self._pieces.append(data)
            self._total += len(data)
            if self.reads:
                self.taken = self._total

    @property
    def written(self) -> bytes:
        return b"".join(self._pieces)

    def unsent_bytes(self) -> int:
        return self._total - self.taken

    def read(self, size: int) -> None:
        self.taken = min(self._total, self.taken + size)

    def read_all(self) -> None:
        self.taken = self._total

    def close(self, code: int, reason: str) -> None:
        if self.closed is None:
            self.closed = (code, reason)

    def abort(self) -> None:
        self.aborted = True

    def payloads(self) -> list[bytes]:
        """Every text frame written so far, without its head."""
        found, rest = [], memoryview(self.written)
        while rest:
            assert rest[0] == 0x81
            size, head = rest[1], 2
            if size == 126:
                size, head = int.from_bytes(rest[2:4], "big"), 4
            elif size == 127:
                size, head = int.from_bytes(rest[2:10], "big"), 10
            found.append(bytes(rest[head : head + size]))
            rest = rest[head + size :]
        return found

    def frames(self) -> list[dict[str, Any]]:
        """Every text frame written so far, decoded."""
        return [msgspec.json.decode(payload) for payload in self.payloads()]

    def kinds(self) -> list[str]:
        return [frame["t"] for frame in self.frames()]


def recorded(log: str, seq: int, event: Event, *, epoch: int = 1) -> Recorded:
    header = Header(
        v=1,
        log=log,
        epoch=epoch,
        seq=seq,
        id=f"c{seq}.0",
        type=type(event).__name__,
        schema=1,
        occurred_at=NOON,
        recorded_at=NOON,
        actor=Actor(person="p1", agency="a1"),
        cmd=f"c{seq}",
        body=msgspec.Raw(b"{}"),
    )
    return Recorded(header, event)


def entry_event(n: int, text: str = "") -> Event:
    return EntryRecorded(entry=f"e{n}", text=text or f"line {n}")


class FakeService:
    """One log in memory. `commit` appends and tells the subscribers, as the real apply path does."""

    def __init__(self, log: str = "i1") -> None:
        self.log = log
        self.epoch = 1
        self.events: list[Recorded] = []
        self.states: list[State] = [initial(log)]
        self.secrets: dict[int, dict[str, str]] = {}
        self.subscribers: list[Callable[[Applied], None]] = []
        self.submitted: list[tuple[Author, Submission]] = []
        self.asked: list[tuple[int, ...]] = []
        self.ranges_read = 0
        self.padding = ""  # makes answers large
        self.failing: MusterError | None = None
        self.gate: asyncio.Event | None = None  # when set, private() waits for it

    def commit(self, count: int = 1, *, event: Event | None = None, text: str = "") -> Applied:
        before = self.states[-1]
        first = before.seq + 1
        new = tuple(
            recorded(self.log, seq, event or entry_event(seq, text), epoch=self.epoch)
            for seq in range(first, first + count)
        )
        for one in new:
            self.events.append(one)
            self.secrets[one.seq] = {"text": text or f"line {one.seq}"}
            self.states.append(msgspec.structs.replace(self.states[-1], seq=one.seq, epoch=self.epoch))
        applied = Applied(self.log, self.epoch, before, self.states[-1], new, self._root())
        for tell in tuple(self.subscribers):
            tell(applied)
        return applied

    def redact(self, seq: int) -> None:
        self.secrets.pop(seq, None)
        self.commit(event=Redacted(subject=None, seqs=(seq,), authority="court", reason="order"))

    def _root(self) -> bytes:
        return self.states[-1].seq.to_bytes(32, "big")

    # ServiceApi

    async def open_incident(self, *words: Any, **more: Any) -> Any:
        raise AssertionError("the stream opens no incident")

    async def incidents(self) -> list[tuple[str, State]]:
        return [(self.log, self.states[-1])]

    async def submit(self, log: str, author: Author, submissions: Sequence[Submission]) -> list[Answer]:
        self._check(log)
        answers = []
        for one in submissions:
            self.submitted.append((author, one))
            seq = self.commit(text=one.cmd).after.seq
            answers.append(Answer(one.cmd, "accepted", seq, seq, header=self.padding or None))
        return answers

    async def state(self, log: str) -> State:
        self._check(log)
        await asyncio.sleep(0)
        return self.states[-1]

    async def state_at(self, log: str, seq: int) -> State:
        self._check(log)
        return self.states[seq]

    async def recorded(self, log: str, after: int, limit: int) -> list[Recorded]:
        self._check(log)
        self.ranges_read += 1
        await asyncio.sleep(0)
        return self.events[after : after + limit]

    async def private(self, log: str, seqs: Sequence[int]) -> Mapping[int, Mapping[str, str]]:
        self._check(log)
        self.asked.append(tuple(seqs))
        if self.gate is not None:
            await self.gate.wait()
        return {seq: self.secrets[seq] for seq in seqs if seq in self.secrets}

    def subscribe(self, log: str, on_applied: Callable[[Applied], None]) -> Callable[[], None]:
        self.subscribers.append(on_applied)
        return lambda: self.subscribers.remove(on_applied)

    def position(self, log: str) -> tuple[int, int, bytes]:
        return (self.epoch, self.states[-1].seq, self._root())

    def _check(self, log: str) -> None:
        if log != self.log:
            raise NotFound("no such incident")
        if self.failing is not None:
            raise self.failing


class FakeRenderer:
    """Views over FakeService: a board that shows how many events there were, a feed with private text for `command`.

    Events whose text holds "hidden" are no line for `field`.
    """

    def __init__(self) -> None:
        self.rendered: list[tuple[str, str]] = []
        self.broken = False

    def clock(self, state: State) -> ClockInfo:
        return ClockInfo(NOON)

    def needs(self, state: State) -> Sequence[int]:
        return (state.seq,) if state.seq else ()

    def board(self, state: State, lens: Lens, private: Mapping[int, Mapping[str, str]]) -> Board:
        self.rendered.append(("board", lens))
        return {"positions": {"count": self._row(state, lens)}} if state.seq else {}

    def changes(
        self, before: State, after: State, lens: Lens, private: Mapping[int, Mapping[str, str]]
    ) -> Sequence[Change]:
        self.rendered.append(("changes", lens))
        if self.broken:
            raise ZeroDivisionError("a defect in a view")
        return (("positions", "count", self._row(after, lens)),) if after.seq != before.seq else ()

    def narrowed(self, state: State, lens: Lens, person: str) -> Lens:
        return lens

    def owing_changed(self, before: State, after: State) -> bool:
        return False

    def entry(
        self, state: State, recorded: Recorded, lens: Lens, private: Mapping[str, str], viewer: str | None = None
    ) -> Entry | None:
        text = private.get("text", "")
        if lens == "field" and "hidden" in text:
            return None
        return Entry(
            seq=recorded.seq,
            id=recorded.header.id,
            type=recorded.header.type,
            line=f"event {recorded.seq}",
            occurred_at=recorded.header.occurred_at,
            recorded_at=recorded.header.recorded_at,
            who=Who("p1"),
            text=text if lens == "command" else "",
            withheld=() if lens == "command" else ("text",),
        )

    @staticmethod
    def _row(state: State, lens: Lens) -> PositionRow:
        return PositionRow(id="count", title=f"{state.seq} through {lens}")


class FakeWatch:
    """Grants by session: `lenses[session]` is how it sees, absent: not at all; `ended` holds ended sessions."""

    def __init__(self) -> None:
        self.lenses: dict[str, str] = {}
        self.ended: set[str] = set()
        self.grants_version = 0
        self.failing: Exception | None = None

    def sight(self, subject: Subject, incident: str) -> Me | None:
        lens = self.lenses.get(subject.session, "command")
        if lens == "none":
            return None
        return Me(subject.person, subject.name, subject.agency, "commander", lens)

    def version(self) -> int:
        return self.grants_version

    async def live(self, sessions: Sequence[str]) -> Mapping[str, Subject]:
        if self.failing is not None:
            raise self.failing
        return {session: subject(session) for session in sessions if session not in self.ended}

    def grant(self, session: str, lens: str) -> None:
        self.lenses[session] = lens
        self.grants_version += 1


def subject(session: str = "s1") -> Subject:
    return Subject("p1", "Ada", "a1", "captain", session, "test")
