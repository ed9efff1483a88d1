"""What a section of the board is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import msgspec

from command.domain.state import State
from command.views import rows as r
from command.views.scene import Scene

Part = Callable[[State], Any]
Parts = tuple[object, ...]
"""Items of a state, compared by identity: a fold that did not touch one hands it on as it is."""


class Section(msgspec.Struct, frozen=True):
    """A section: its keys, its row, and the parts of the state that it rests on.

    Where `item` is given, a row rests on that item of the first part alone, as long
    as none of the other parts changed: the same item then means the same row.
    Where `parts` is given, a row rests on nothing but those items (and the plan):
    in a section of five hundred rows one event then makes only those few anew that it is about.
    `reach` says, of a part that is a map, which rows an entry of it may change: where only such parts changed, no
    other row is even looked at. `cut` says whether the keys leave rows out: then all of them are.
    """

    keys: Callable[[Scene], Iterator[str]]
    row: Callable[[Scene, str], r.AnyRow | None]
    rests_on: tuple[Part, ...]
    item: Callable[[State, str], object] | None = None
    parts: Callable[[State, str], Parts] | None = None
    reach: Mapping[Part, Callable[[Scene, str], Iterable[str]]] = msgspec.field(default_factory=dict)
    cut: Callable[[State], bool] = lambda _state: False


def same(one: Parts, other: Parts) -> bool:
    """Whether a row made from these parts would be the same row."""
    return len(one) == len(other) and all(a is b for a, b in zip(one, other, strict=True))


def reached(old: Scene, new: Scene, section: Section, touched: Iterable[Part]) -> set[str] | None:
    """The keys of all rows that may differ, where the section knows; None: any may."""
    if old.stack is not new.stack or section.cut(old.state) or section.cut(new.state):
        return None
    keys: set[str] = set()
    for part in touched:
        reach = section.reach.get(part)
        if reach is None:
            return None
        for entry in _changed(old, new, part):
            keys.update(reach(old, entry))
            keys.update(reach(new, entry))
    return keys


def _changed(old: Scene, new: Scene, part: Part) -> list[str]:
    """The keys of a map whose items are not the same: found once for all sections that rest on it."""
    before, after = part(old.state), part(new.state)
    known = new.memo.setdefault("changed", {})
    name = f"{id(before)} {id(after)}"  # of maps that both scenes keep alive
    if name not in known:
        found = [key for key, item in after.items() if before.get(key) is not item]
        found.extend(key for key in before if key not in after)
        known[name] = found
    changed: list[str] = known[name]
    return changed
