"""What the stream asks of the views, and the encoding of what they answer: once per lens, whoever is looking.

A board's rows are told apart by their section and carry no tag, and the same
board goes to many sockets with a different `me`; so board and feed are encoded
once and set into each hello as they are (`msgspec.Raw`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

import msgspec

from command.stream.frame_bytes import text_frame
from command.stream.frames import Gap, Me, Position, ServerBatch, ServerFrame, ServerOwn
from command.views.lens import Lens
from command.views.rows import Board, Change, ClockInfo, Entry

if TYPE_CHECKING:  # only shapes: the stream never looks inside a state
    from command.domain.envelope import Recorded
    from command.domain.state import State
    from command.service.api import Private

_encoder = msgspec.json.Encoder()
_NOTHING: Mapping[str, str] = {}


class Renderer(Protocol):
    """The views, bound to the plan's stack and the clock. Pure but for the time, cheap to call, never raises."""

    def clock(self, state: State) -> ClockInfo:
        """The incident's clock as it stands now."""

    def needs(self, state: State) -> Sequence[int]:
        """Seqs of the events whose private values the board of this state shows."""

    def board(self, state: State, lens: Lens, private: Private) -> Board:
        """The whole board through a lens."""

    def changes(self, before: State, after: State, lens: Lens, private: Private) -> Sequence[Change]:
        """What turns the board of `before` into the board of `after`."""

    def entry(
        self, state: State, recorded: Recorded, lens: Lens, private: Mapping[str, str], viewer: str | None = None
    ) -> Entry | None:
        """One event as a line of the feed; None where this lens, and `viewer`, may not see that it happened."""

    def narrowed(self, state: State, lens: Lens, person: str) -> Lens:
        """The lens as this very person looks through it."""

    def owing_changed(self, before: State, after: State) -> bool:
        """Whether `narrowed` may differ between two states."""


class Picture(msgspec.Struct, frozen=True):
    """Board and feed of a position through one lens, encoded."""

    board: msgspec.Raw
    feed: msgspec.Raw


class _Hello(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="t", tag="hello"):
    """`frames.ServerHello` with its large parts already encoded. tests/stream/test_render.py holds them equal."""

    incident: str
    at: Position
    me: Me
    clock: ClockInfo
    root: str
    resumed: bool = False
    gap: Gap | None = None
    board: msgspec.Raw | None = None
    feed: msgspec.Raw | None = None


class _Snapshot(msgspec.Struct, frozen=True, tag_field="t", tag="snapshot"):
    """`frames.ServerSnapshot`, likewise."""

    at: Position
    me: Me
    clock: ClockInfo
    gap: Gap
    board: msgspec.Raw
    feed: msgspec.Raw


def frame(message: ServerFrame) -> bytes:
    """Any server frame as WebSocket bytes."""
    return text_frame(_encoder.encode(message))


def hello_frame(incident: str, at: Position, me: Me, clock: ClockInfo, root: str, gap: Gap, picture: Picture) -> bytes:
    """The answer to a hello that starts over."""
    hello = _Hello(incident, at, me, clock, root, gap=gap, board=picture.board, feed=picture.feed)
    return text_frame(_encoder.encode(hello))


def resumed_frame(incident: str, at: Position, me: Me, clock: ClockInfo, root: str) -> bytes:
    """The answer to a hello whose position still holds; the missed range follows in batches."""
    return text_frame(_encoder.encode(_Hello(incident, at, me, clock, root, resumed=True)))


def snapshot_frame(at: Position, me: Me, clock: ClockInfo, gap: Gap, picture: Picture) -> bytes:
    """Start over, in mid-stream."""
    return text_frame(_encoder.encode(_Snapshot(at, me, clock, gap, picture.board, picture.feed)))


def picture(renderer: Renderer, state: State, feed: Sequence[Recorded], lens: Lens, private: Private) -> Picture:
    """Board of `state` and these events (oldest first) as its feed, through one lens."""
    board = _encoder.encode(renderer.board(state, lens, private))
    lines = _encoder.encode(entries(renderer, state, feed, lens, private))
    return Picture(msgspec.Raw(board), msgspec.Raw(lines))


def entries(
    renderer: Renderer,
    state: State,
    events: Sequence[Recorded],
    lens: Lens,
    private: Private,
    viewer: str | None = None,
) -> tuple[Entry, ...]:
    """The lines of these events that this lens, and `viewer` of their own, may see, in order."""
    lines = (renderer.entry(state, one, lens, private.get(one.seq, _NOTHING), viewer) for one in events)
    return tuple(line for line in lines if line is not None)


def own_frame(
    renderer: Renderer, state: State, events: Sequence[Recorded], lens: Lens, private: Private, viewer: str
) -> bytes | None:
    """The personal channel: of these events those that `viewer` wrote and that their lens shows less of, or not."""
    mine: list[Entry] = []
    for one in events:
        known = private.get(one.seq, _NOTHING)
        if one.header.actor.person == viewer:
            whole = renderer.entry(state, one, lens, known, viewer)
            if whole is not None and whole != renderer.entry(state, one, lens, known):
                mine.append(whole)
    return frame(ServerOwn(tuple(mine))) if mine else None


def batch_frame(
    renderer: Renderer, before: State, after: State, events: Sequence[Recorded], lens: Lens, private: Private
) -> bytes:
    """What led from `before` to `after`, one frame through one lens; covers the range even where all is hidden."""
    return frame(
        ServerBatch(
            epoch=after.epoch,
            first=events[0].seq,
            last=events[-1].seq,
            clock=renderer.clock(after),
            events=entries(renderer, after, events, lens, private),
            changes=tuple(renderer.changes(before, after, lens, private)),
        )
    )


def range_frames(
    renderer: Renderer,
    before: State,
    after: State,
    events: Sequence[Recorded],
    lens: Lens,
    private: Private,
    *,
    chunk: int,
) -> list[bytes]:
    """A missed range as several batch frames of at most `chunk` events; the changes come with the last."""
    parts = deque(events[start : start + chunk] for start in range(0, len(events), chunk))
    frames = []
    while len(parts) > 1:
        part = parts.popleft()
        lines = entries(renderer, after, part, lens, private)
        frames.append(frame(ServerBatch(after.epoch, part[0].seq, part[-1].seq, renderer.clock(after), events=lines)))
    frames.append(batch_frame(renderer, before, after, parts[0], lens, private))
    return frames
