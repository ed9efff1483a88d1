"""A running incident in virtual time: the real service on the store in memory, a wall clock that sleeping moves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta

from command.domain.clock import incident_time
from command.domain.commands import COMMANDS
from command.domain.envelope import Origin, Recorded
from command.domain.state import State
from command.domain.submission import Answer, Submission
from command.exercise.player import Clock, Played, Stamp, play
from command.exercise.scenario import Scenario, opening, scenario, script_for
from command.policy.load import read_pack
from command.policy.stack import Stack
from command.service.api import Author
from command.service.core import Service
from command.store.memory import MemoryKeyStore, MemoryStore
from tests.support.packs import MODEL

WALL = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


class World:
    """One incident of one day, opened; `wall` moves only by `sleep`."""

    def __init__(self) -> None:
        self.wall = WALL
        self.service = Service(
            MemoryStore(lambda: self.wall), MemoryKeyStore(), Stack([read_pack(MODEL.read_bytes(), MODEL.name)])
        )
        self.log = ""

    async def open(self, day: date, rate: float = 60.0) -> Scenario:
        """Open the day's incident and return its scenario."""
        script = script_for(day)
        cmd, cmd_id = opening(script, rate)
        author = self.author(cmd.commander, cmd.lead_agency)
        self.log, answer = await self.service.open_incident(author, cmd, cmd_id, issued_at=self.wall)
        # Opened again, it states another time of asking: the id is taken, and the incident is the same.
        assert answer.status in ("accepted", "conflict"), answer
        return scenario(script, self.log)

    async def play(self, day: Scenario, until: datetime | None = None) -> Played:
        """Play through the real gate."""
        incident = (await self.state()).incident
        assert incident is not None
        assert incident.clock is not None
        clock = Clock(lambda: incident_time(incident.clock, self.wall), incident.clock.rate)
        stamp = Stamp(lambda: self.wall, lambda: self.service.position(self.log)[1])
        return await play(day, self.send_as, clock, stamp, until=until, sleep=self.sleep)

    async def sleep(self, wait_s: float) -> None:
        """Time passes."""
        self.wall += timedelta(seconds=wait_s)
        await asyncio.sleep(0)

    async def send_as(self, person: str, agency: str, pairs: list[tuple[Submission, Origin]]) -> list[Answer]:
        """Through the service, each command with its own origin."""
        authored = [(self.author(person, agency, origin), submission) for submission, origin in pairs]
        return await self.service.submit_each(self.log, authored)

    async def send(self, pairs: list[tuple[Submission, Origin]]) -> list[Answer]:
        """As an import does."""
        return await self.send_as("records-import", "spd", pairs)

    def author(self, person: str, agency: str, origin: Origin | None = None) -> Author:
        """A script may send every command: what it may do is the plan's matter."""
        return Author(person, agency, "system:exercise", "script", frozenset(COMMANDS), origin=origin, rank=None)

    async def state(self) -> State:
        """The state now."""
        return await self.service.state(self.log)

    async def events(self) -> list[Recorded]:
        """The whole log."""
        return await self.service.recorded(self.log, 0, 100_000)


@asynccontextmanager
async def a_world() -> AsyncIterator[World]:
    """A world that ends."""
    world = World()
    try:
        yield world
    finally:
        await world.service.stop()
