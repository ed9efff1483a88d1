"""A service on a store in memory: time moves by hand, ids are counted, faults are injected."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Self

import msgspec

from command.domain import commands as c
from command.domain.codec import decode_recorded
from command.domain.envelope import Recorded
from command.domain.fold import evolve, initial
from command.domain.state import State
from command.domain.submission import Answer, Submission
from command.service.api import Applied, Author
from command.service.core import Service
from command.store.memory import MemoryKeyStore, MemoryStore
from tests.support.given import COURSES, LEAD, OPEN, START, model_stack

LOG = "0196-desk"
EVERYTHING = frozenset(c.COMMANDS)
SOON_S = 60.0  # a generous limit for what happens in milliseconds


def author(person: str = "ic", agency: str = LEAD, session: str = "cli:test", **changes: Any) -> Author:
    """Someone whom access lets send everything."""
    return msgspec.structs.replace(Author(person, agency, session, "127.0.0.1", EVERYTHING, rank=None), **changes)


IC = author()


def raw(cmd: c.Command) -> msgspec.Raw:
    """The bytes of a command."""
    return msgspec.Raw(msgspec.json.encode(cmd))


async def until(true: Callable[[], bool]) -> None:
    """Let others run until the condition holds; fails after a generous time."""
    async with asyncio.timeout(SOON_S):
        while not true():
            await asyncio.sleep(0.001)


class Desk:
    """One node. Two desks on one store are two nodes."""

    def __init__(self, like: Desk | None = None, *, poll_s: float = 3600.0, **options: Any) -> None:
        self.time: list[datetime] = like.time if like else [START]
        self.store: MemoryStore = like.store if like else MemoryStore(lambda: self.time[0])
        self.keys: MemoryKeyStore = like.keys if like else MemoryKeyStore()
        self.service = Service(self.store, self.keys, model_stack(), poll_s=poll_s, **options)
        self.applied: list[Applied] = []
        self.count: list[int] = [0] if like is None else like.count

    async def __aenter__(self) -> Self:
        await self.service.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.service.stop()

    @property
    def now(self) -> datetime:
        """The wall clock of the store."""
        return self.time[0]

    def wait(self, seconds: float) -> None:
        """Time passes."""
        self.time[0] += timedelta(seconds=seconds)

    async def open(self, **changes: Any) -> Answer:
        """Open the incident, and follow it."""
        cmd = msgspec.structs.replace(OPEN, **changes)
        _, answer = await self.service.open_incident(IC, cmd, "open", incident=LOG, issued_at=self.now)
        self.follow()
        return answer

    def follow(self) -> None:
        """Note every commit that this node applies."""
        self.service.subscribe(LOG, self.applied.append)

    async def staffed(self) -> None:
        """Open, define a sector, check a sergeant in."""
        await self.open()
        sergeant = c.CheckIn("sergeant", "Sergeant", LEAD, "sergeant", training=COURSES)
        answers = await self.send(c.DefineSector("north", "North"), sergeant)
        assert [answer.status for answer in answers] == ["accepted", "accepted"], answers

    def sub(self, cmd: c.Command, cmd_id: str | None = None, **changes: Any) -> Submission:
        """A submission made now, by someone who had seen everything."""
        self.count[0] += 1
        seen = self.seen() if isinstance(cmd, c.Ask) else None
        made = Submission(cmd_id or f"c{self.count[0]}", raw(cmd), issued_at=self.now, basis_seq=seen)
        return msgspec.structs.replace(made, **changes)

    def seen(self) -> int:
        """The newest event that this node shows, 0 before it shows any."""
        try:
            return self.service.position(LOG)[1]
        except KeyError:
            return 0

    async def send(self, *cmds: c.Command, by: Author = IC) -> list[Answer]:
        """Send commands as one list."""
        return await self.submit([self.sub(cmd) for cmd in cmds], by)

    async def one(self, cmd: c.Command, by: Author = IC, **changes: Any) -> Answer:
        """Send one command."""
        (answer,) = await self.submit([self.sub(cmd, **changes)], by)
        return answer

    async def submit(self, subs: Sequence[Submission], by: Author = IC) -> list[Answer]:
        """Send submissions; fails where no answer comes."""
        async with asyncio.timeout(SOON_S):
            return await self.service.submit(LOG, by, subs)

    async def state(self) -> State:
        """The live state."""
        return await self.service.state(LOG)

    async def log(self) -> list[Recorded]:
        """Every event as stored."""
        return [decode_recorded(row.header) for row in await self.store.events(LOG, 0, 100_000)]

    async def refold(self) -> State:
        """The fold of the stored bytes."""
        state = initial(LOG)
        for entry in await self.log():
            state = evolve(state, entry)
        return state
