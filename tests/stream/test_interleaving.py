"""Whatever happens in whatever order: each socket sees each event once, or is told openly that it did not.

A seeded scheduler drives the real hub over fakes: commits, joins, resumes, slow
and stopping readers, changing sight, redactions, ended sessions, and reads of
the record that hang or fail. Every peer's frames go through the client's own
cursor, which refuses a hole.
"""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest

from command.errors import MusterError, Unavailable
from command.stream import channel as channel_module
from command.stream.client import Cursor, _decoder
from command.stream.frames import Position
from command.stream.hub import Hub
from command.stream.outlet import Outlet
from tests.stream.fakes import FakePeer, FakeRenderer, FakeService, FakeWatch, subject

SEEDS = range(60)
STEPS = 120


class Screen:
    """One client: what it holds is folded from its frames alone."""

    def __init__(self, name: str, peer: FakePeer, cursor: Cursor) -> None:
        self.name = name
        self.peer = peer
        self.cursor = cursor
        self.joining: asyncio.Future[Any] | None = None
        self.board: dict[str, Any] = {}
        self.lines: dict[int, str] = {}
        self._read = 0

    def read(self) -> None:
        """Fold what came since; raises Corrupt on a hole."""
        for text in self.peer.payloads()[self._read :]:
            frame = _decoder.decode(text)
            self.cursor.take(frame)
            self._fold(frame)
            self._read += 1

    def _fold(self, frame: Any) -> None:
        if getattr(frame, "board", None) is not None:
            self.board = {name: dict(rows) for name, rows in frame.board.items()}
            self.lines = {entry.seq: entry.text for entry in frame.feed}
        for section, key, row in getattr(frame, "changes", ()):
            self.board.setdefault(section, {})[key] = row
        self.lines.update((entry.seq, entry.text) for entry in getattr(frame, "events", ()))


class Day:
    """One seeded run."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.now = 0.0
        self.service = FakeService()
        self.renderer = FakeRenderer()
        self.watch = FakeWatch()
        self.hub = Hub(self.service, self.renderer, self.watch, now=lambda: self.now)
        self.screens: list[Screen] = []
        self.gone: list[Screen] = []
        self.destroyed: set[str] = set()

    async def live(self) -> None:
        """Do odd things, then let everything come to rest and compare."""
        acts = [self.commit] * 6 + [self.join] * 3 + [self.turn] * 6
        acts += [self.leave, self.resume, self.sight, self.redact, self.sweep, self.trouble, self.calm, self.stall]
        async with self.hub:
            for _ in range(STEPS):
                await self.dice.choice(acts)()
                for screen in self.screens:
                    screen.read()
            await self.rest()
            for screen in (*self.screens, *self.gone):
                self.hub.leave("i1", screen.peer)

    async def commit(self) -> None:
        text = self.dice.choice(("hidden ", "open ")) + f"note {self.dice.random()}"
        self.service.commit(self.dice.randint(1, 5), text=text)

    async def turn(self) -> None:
        for _ in range(self.dice.randint(1, 8)):
            await asyncio.sleep(0)

    async def join(self, cursor: Cursor | None = None) -> None:
        name = f"s{len(self.screens) + len(self.gone)}"
        self.watch.lenses.setdefault(name, self.dice.choice(("command", "field")))
        screen = Screen(name, FakePeer(), cursor or Cursor())
        outlet = Outlet(screen.peer, self.now)
        at, lens = screen.cursor.position, screen.cursor.lens
        screen.joining = asyncio.ensure_future(self.hub.join("i1", outlet, subject(name), at, lens))
        self.screens.append(screen)

    def _one(self) -> Screen | None:
        return self.dice.choice(self.screens) if self.screens else None

    def _take_out(self, screen: Screen) -> None:
        self.hub.leave("i1", screen.peer)
        self.screens.remove(screen)
        self.gone.append(screen)

    async def leave(self) -> None:
        if screen := self._one():
            self._take_out(screen)

    async def resume(self) -> None:
        """A screen is cut off and comes back with the position it holds, and what it has folded."""
        screen = self._one()
        if screen is None or screen.cursor.position is None:
            return
        self._take_out(screen)
        await self.join(Cursor(screen.cursor.position, screen.cursor.lens))
        self.screens[-1].board = {name: dict(rows) for name, rows in screen.board.items()}
        self.screens[-1].lines = dict(screen.lines)

    async def sight(self) -> None:
        if screen := self._one():
            self.watch.lenses[screen.name] = self.dice.choice(("command", "field", "oversight"))
            if self.dice.random() < 0.5:
                self.watch.grants_version += 1

    async def redact(self) -> None:
        if self.service.secrets:
            seq = self.dice.choice(sorted(self.service.secrets))
            self.destroyed.add(self.service.secrets[seq]["text"])
            for other in [one for one, secret in self.service.secrets.items() if secret["text"] in self.destroyed]:
                del self.service.secrets[other]
            self.service.redact(seq)

    async def sweep(self) -> None:
        self.now += self.dice.choice((0.5, 3.0, 12.0))
        self.hub.sweep(self.now)

    async def trouble(self) -> None:
        if self.dice.random() < 0.3:
            self.service.failing = Unavailable("the database is away")
        elif self.service.gate is None:
            self.service.gate = asyncio.Event()

    async def calm(self) -> None:
        self.service.failing = None
        if self.service.gate is not None:
            self.service.gate.set()
            self.service.gate = None

    async def stall(self) -> None:
        if screen := self._one():
            screen.peer.reads = not screen.peer.reads

    async def rest(self) -> None:
        """No more trouble: everyone still attached must come to hold exactly what a fresh screen is given."""
        await self.calm()
        self.watch.grants_version += 1
        for screen in self.screens:
            screen.peer.reads = True
        self.service.commit(text="open last")
        for screen in self.screens:
            await asyncio.wait([screen.joining])
        await self.until(self.caught_up)
        for screen in [one for one in self.screens if self.attached(one)]:
            screen.read()
            self.compare(screen)

    def attached(self, screen: Screen) -> bool:
        failed = screen.joining is None or screen.joining.cancelled() or screen.joining.exception() is not None
        if failed and screen.joining is not None and not screen.joining.cancelled():
            assert isinstance(screen.joining.exception(), MusterError), screen.joining.exception()
        return not failed and screen.peer.closed is None

    def caught_up(self) -> bool:
        head = self.service.states[-1].seq
        for screen in self.screens:
            if self.attached(screen):
                screen.read()
                if screen.cursor.position != Position("i1", 1, head):
                    return False
        return True

    async def until(self, true: Any) -> None:
        for _ in range(20_000):
            if true():
                return
            await asyncio.sleep(0)
        raise AssertionError("it never came to rest")

    def compare(self, screen: Screen) -> None:
        state, lens = self.service.states[-1], self.watch.lenses[screen.name]
        assert screen.cursor.lens == lens
        assert screen.board["positions"]["count"]["title"] == f"{state.seq} through {lens}"
        for seq, text in screen.lines.items():
            assert text == "" or text not in self.destroyed, f"{seq} was redacted"
            assert lens == "command" or text == ""
        if lens == "field":
            hidden = {seq for seq, secret in self.service.secrets.items() if "hidden" in secret["text"]}
            assert not hidden & set(screen.lines)
        newest = range(max(1, state.seq - 100), state.seq + 1)
        secrets = self.service.secrets
        expected = [seq for seq in newest if lens != "field" or "hidden" not in secrets.get(seq, {}).get("text", "")]
        assert [seq for seq in newest if seq in screen.lines] == expected


@pytest.mark.parametrize("seed", SEEDS)
async def test_every_order_of_things_leaves_every_screen_right(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel_module, "RETRY_S", 0.0)
    monkeypatch.setattr(channel_module, "REACH_S", 0.0)
    await Day(seed).live()
