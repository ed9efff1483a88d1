"""The board: what is in force, who is here, what waits and what is owed, through a lens.

`board` renders all of it, `changes` what one commit changed. Both render a row by the
same function, so that a screen that followed the changes equals one that started over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from command.domain.state import State
from command.policy.stack import Stack
from command.views import sections
from command.views.lens import Lens
from command.views.rows import SECTIONS, AnyRow, Board, Change
from command.views.sections import Scene

Private = Mapping[int, Mapping[str, str]]


def board(state: State, stack: Stack, lens: Lens, private: Private, now: datetime) -> Board:
    """Section -> key -> row. `private` holds the plain values of the events that `needs` names.

    `now` is the incident's time; only what is shown as lapsed training depends on it.
    """
    scene = Scene(state, stack, lens, private, now)
    return {name: dict(_section(scene, name)) for name in SECTIONS}


def _section(scene: Scene, name: str) -> Iterator[tuple[str, AnyRow]]:
    keys, row, _ = sections.TABLE[name]
    for key in keys(scene):
        found = row(scene, key)
        if found is not None:
            yield key, found


def changes(
    before: State, after: State, stack: Stack, lens: Lens, private: Private, now: datetime
) -> tuple[Change, ...]:
    """The rows that differ between two states of one log, None for those that are gone."""
    old, new = Scene(before, stack, lens, private, now), Scene(after, stack, lens, private, now)
    found: list[Change] = []
    for name in SECTIONS:
        keys, row, rests_on = sections.TABLE[name]
        if not _touched(before, after, rests_on):
            continue
        found.extend(_differences(old, new, name, keys, row))
    return tuple(found)


def _touched(before: State, after: State, rests_on: tuple[Callable[[State], object], ...]) -> bool:
    return any(part(before) is not part(after) for part in rests_on)


def _differences(
    old: Scene,
    new: Scene,
    name: str,
    keys: Callable[[Scene], Iterator[str]],
    row: Callable[[Scene, str], AnyRow | None],
) -> Iterator[Change]:
    gone = set(keys(old))
    for key in keys(new):
        known = key in gone
        gone.discard(key)
        fresh = row(new, key)
        stale = row(old, key) if known else None
        if fresh != stale:
            yield name, key, fresh
    for key in sorted(gone):
        if row(old, key) is not None:
            yield name, key, None


def needs(state: State) -> tuple[int, ...]:
    """The events whose private values a board of this state shows: why a level is in force, asks, orders."""
    seqs = {span.why_seq for sector in state.response.sectors.values() if (span := sector.levels.last)}
    seqs |= {ask.seq for ask in state.response.asks.values()}
    seqs |= {order.seq for order in sections.shown_orders(state)}
    return tuple(sorted(seqs - {0}))
