"""The board: what is in force, who is here, what waits and what is owed, through a lens.

`board` renders all of it, `changes` what one commit changed. Both render a row by the
same function, so that a screen that followed the changes equals one that started over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from command.domain import asks
from command.domain.state import State
from command.policy.stack import Stack
from command.views.lens import Lens
from command.views.row import nameless
from command.views.rows import SECTIONS, AnyRow, Board, Change
from command.views.scene import Scene
from command.views.section import reached, same
from command.views.sections import TABLE, shown_orders
from command.views.sections_arrest import needs as arrest_needs
from command.views.sections_force import shown_grants
from command.views.sight import has_section, names_nobody

Private = Mapping[int, Mapping[str, str]]


def board(state: State, stack: Stack, lens: Lens, private: Private, now: datetime) -> Board:
    """Section -> key -> row. `private` holds the plain values of the events that `needs` names.

    `now` is the incident's time; only what is shown as lapsed training depends on it.
    """
    scene = Scene(state, stack, lens, private, now)
    return {name: dict(_section(scene, name)) for name in SECTIONS}


def _section(scene: Scene, name: str) -> Iterator[tuple[str, AnyRow]]:
    if not has_section(scene.lens, name):
        return
    for key in TABLE[name].keys(scene):
        found = _row(scene, name, key)
        if found is not None:
            yield key, found


def _row(scene: Scene, name: str, key: str) -> AnyRow | None:
    row = TABLE[name].row(scene, key)
    return nameless(row) if row is not None and names_nobody(scene.lens) else row


def changes(
    before: State,
    after: State,
    stack: Stack,
    lens: Lens,
    private: Private,
    now: datetime,
    was: Stack | None = None,
) -> tuple[Change, ...]:
    """The rows that differ between two states of one log, None for those that are gone.

    `was` is the plan before, where the plan changed between the two: then any row may differ.
    """
    old, new = Scene(before, was or stack, lens, private, now), Scene(after, stack, lens, private, now)
    found: list[Change] = []
    for name in SECTIONS:
        section = TABLE[name]
        if not has_section(lens, name):
            continue
        touched = [part for part in section.rests_on if part(before) is not part(after)]
        if was is not None and was is not stack:
            found.extend(_differences(old, new, name, only_items=False))
        elif touched and (keys := reached(old, new, section, touched)) is not None:
            found.extend(_among(old, new, name, sorted(keys)))
        elif touched:
            found.extend(_differences(old, new, name, only_items=touched == [section.rests_on[0]]))
    return tuple(found)


def _among(old: Scene, new: Scene, name: str, keys: Iterable[str]) -> Iterator[Change]:
    """The differences where only these rows can differ."""
    for key in keys:
        fresh = _row(new, name, key)
        if fresh != _row(old, name, key):
            yield name, key, fresh


def _differences(old: Scene, new: Scene, name: str, *, only_items: bool) -> Iterator[Change]:
    section = TABLE[name]
    item = section.item if only_items else None
    parts = section.parts if old.stack is new.stack else None
    gone = set(section.keys(old))
    for key in section.keys(new):
        known = key in gone
        gone.discard(key)
        if known and item is not None and item(old.state, key) is item(new.state, key):
            continue
        if known and parts is not None and same(parts(old.state, key), parts(new.state, key)):
            continue
        fresh = _row(new, name, key)
        stale = _row(old, name, key) if known else None
        if fresh != stale:
            yield name, key, fresh
    for key in sorted(gone):
        if section.row(old, key) is not None:
            yield name, key, None


def needs(state: State) -> tuple[int, ...]:
    """The events whose private values a board of this state shows: why a level is in force, asks, orders."""
    seqs = {span.why_seq for sector in state.response.sectors.values() if (span := sector.levels.last)}
    seqs |= {ask.seq for ask in asks.every(state)}
    seqs |= {state.grants.all[name].seq for name in shown_grants(state)}
    seqs |= {last.seq for spans in state.postures.spans.values() if (last := spans.last)}
    seqs |= {off.seq for spans in state.plan.suspended.values() if (off := spans.last)}
    seqs |= {order.seq for order in shown_orders(state)}
    seqs |= {kept.seq for kept in state.oversight.records.values() if kept.confidential}
    seqs |= arrest_needs(state)
    return tuple(sorted(seqs - {0}))
