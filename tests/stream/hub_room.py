"""A hub over fakes with a clock that only the test moves, and what tests say of its frames."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from command.stream.frames import Position
from command.stream.hub import Hub
from command.stream.member import Member
from command.stream.outlet import Outlet
from tests.stream.fakes import FakePeer, FakeRenderer, FakeService, FakeWatch, subject


class Room:
    """A hub over fakes, with a clock that only the test moves."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.service = FakeService()
        self.renderer = FakeRenderer()
        self.watch = FakeWatch()
        self.peers: list[FakePeer] = []
        self.hub = Hub(self.service, self.renderer, self.watch, now=lambda: self.now)

    async def join(
        self,
        session: str = "s1",
        resume: Position | None = None,
        seen_through: str = "",
        *,
        reads: bool = True,
        incident: str = "i1",
    ) -> tuple[Member, FakePeer]:
        self.peers.append(peer := FakePeer(reads=reads))
        outlet = Outlet(peer, self.now)
        member = await self.hub.join(incident, outlet, subject(session), resume, seen_through)
        return member, peer

    def sweep(self, after_s: float = 0.0) -> None:
        self.now += after_s
        self.hub.sweep(self.now)


async def until(true: Callable[[], object]) -> None:
    """Let the tasks run until something holds; a generous number of turns, no time."""
    for _ in range(10_000):
        if true():
            return
        await asyncio.sleep(0)
    raise AssertionError("it never came to hold")


def covered(peer: FakePeer) -> list[tuple[int, int]]:
    return [(frame["first"], frame["last"]) for frame in peer.frames() if frame["t"] == "batch"]


def last_seq(peer: FakePeer) -> int:
    ranges = covered(peer)
    return ranges[-1][1] if ranges else 0


def assert_gapless(ranges: list[tuple[int, int]], since: int) -> None:
    for first, last in ranges:
        assert first == since + 1 and last >= first
        since = last
