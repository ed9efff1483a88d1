"""What someone who comes late is sent: the missed range where that is little, a snapshot where it is not.

Many come late at once (a server restarts, a tunnel ends) and hold the same
position, so what is rendered for one position and lens is kept while the log
stands there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import msgspec

from command.domain.events import Redacted
from command.errors import Corrupt
from command.stream import render
from command.stream.frames import Position
from command.stream.render import Picture, Renderer
from command.views.lens import DISPLAY, Lens

if TYPE_CHECKING:
    from command.domain.envelope import Recorded
    from command.domain.state import State
    from command.service.api import Private, ServiceApi

MAX_BEHIND: Final = 2_000
"""Further behind than this a snapshot is smaller and quicker than the range."""

FEED: Final = 200
"""Lines that a screen starts with; older ones are asked for by page."""

CHUNK: Final = 256
"""Events in one batch frame of a range: about 256 KiB, so that a browser draws between them."""

_READ: Final = 500
_KEPT: Final = 64  # (lens, position) pairs; a storm has a handful of each


class Point(msgspec.Struct, frozen=True):
    """A place in the log with the state there: up to here everyone live has been sent everything."""

    log: str
    epoch: int
    seq: int
    root: bytes
    state: State

    @property
    def position(self) -> Position:
        """As a client holds it."""
        return Position(self.log, self.epoch, self.seq)


class CatchUp:
    """Renders pictures and ranges for one log. Serial, because whoever waits finds the work done."""

    def __init__(self, service: ServiceApi, renderer: Renderer) -> None:
        self._service = service
        self._renderer = renderer
        self._turn = asyncio.Lock()
        self._kept_at: Point | None = None
        self._pictures: dict[Lens, Picture] = {}
        self._ranges: dict[tuple[Lens, int], list[bytes] | None] = {}
        self._feed: tuple[Sequence[Recorded], Private] | None = None

    def forget(self) -> None:
        """Drop what is kept: a value in it was redacted."""
        self._kept_at = None
        self._pictures.clear()
        self._ranges.clear()
        self._feed = None

    async def picture(self, at: Point, lens: Lens) -> Picture:
        """Board and feed at a point. Raises Unavailable when the record cannot be read."""
        async with self._turn:
            self._keep_for(at)
            kept = self._pictures.get(lens)
            if kept is None:
                feed, private = await self._read_feed(at)
                kept = render.picture(self._renderer, at.state, feed, lens, private)
                if self._kept_at is at:
                    self._pictures[lens] = kept
            return kept

    async def own(self, at: Point, lens: Lens, person: str) -> bytes | None:
        """What this person wrote of the feed's end, whole, where their lens shows less: one frame, None for nothing."""
        async with self._turn:
            self._keep_for(at)
            feed, private = self._feed or await self._read_feed(at)
            return render.own_frame(self._renderer, at.state, feed, lens, private, person)

    async def _read_feed(self, at: Point) -> tuple[Sequence[Recorded], Private]:
        """The feed's end, and the private values of it and of the board; kept for whoever's own is asked for next."""
        feed = await self._events(at.log, max(0, at.seq - FEED), at.seq)
        seqs = {*self._renderer.needs(at.state), *(one.seq for one in feed)}
        read = feed, await self._service.private(at.log, sorted(seqs))
        if self._kept_at is at:
            self._feed = read
        return read

    async def range(self, at: Point, since: int, lens: Lens) -> list[bytes] | None:
        """Batch frames for (since, at.seq]; None where the range must not be replayed because it redacts."""
        if since == at.seq:
            return []
        async with self._turn:
            self._keep_for(at)
            key = (lens, since)
            if key in self._ranges:
                return self._ranges[key]
            frames = await self._render_range(at, since, lens)
            if self._kept_at is at and len(self._ranges) < _KEPT:
                self._ranges[key] = frames
            return frames

    async def _render_range(self, at: Point, since: int, lens: Lens) -> list[bytes] | None:
        events = await self._events(at.log, since, at.seq)
        if any(isinstance(one.event, Redacted) for one in events):
            return None
        before = await self._service.state_at(at.log, since)
        needs = self._renderer.needs
        seqs = {*needs(before), *needs(at.state), *(one.seq for one in events)}
        private = await self._service.private(at.log, sorted(seqs))
        return render.range_frames(self._renderer, before, at.state, events, lens, private, chunk=CHUNK)

    async def _events(self, log: str, after: int, upto: int) -> Sequence[Recorded]:
        events: list[Recorded] = []
        while after < upto:
            page = await self._service.recorded(log, after, min(_READ, upto - after))
            if [one.seq for one in page] != list(range(after + 1, after + 1 + len(page))) or not page:
                got = f"{page[0].seq} to {page[-1].seq}" if page else "none"
                raise Corrupt(f"expected events {after + 1} to {upto} without a gap, got {got}", where=log)
            events += page
            after = page[-1].seq
        return events

    def _keep_for(self, at: Point) -> None:
        if self._kept_at is not at:
            self.forget()
            self._kept_at = at


def refusal(resume: Position | None, seen_through: str, lens: Lens, at: Point) -> str | None:
    """Why a position cannot be resumed (a `Gap.reason`), or None where it can."""
    if resume is None:
        return "first"
    if resume.log != at.log:
        return "another log"
    if resume.epoch != at.epoch:
        return "another epoch"
    if resume.seq > at.seq:
        return "ahead of the log"
    if at.seq - resume.seq > (FEED if lens == DISPLAY else MAX_BEHIND):
        return "too far behind"  # a display may not page the feed: it is given what its first screen would show
    if seen_through and seen_through != lens:
        return "sight changed"
    return None
