"""What a section of the board is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, Generic, TypeVar

import msgspec

from command.domain.persistent import PMap, Traced
from command.domain.state import State
from command.views import rows as r
from command.views.scene import Scene

T = TypeVar("T")

KEPT: Final = 16
"""Objects of which something is kept: before and after of a few sections, in a few incidents."""

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


def _changed(old: Scene, new: Scene, part: Part) -> tuple[str, ...]:
    return differing(part(old.state), part(new.state))


class Lately(Generic[T]):
    """What was made of the last few objects, by their identity: a state is looked at once for each lens, and what is
    new for one change is old for the next. Keeps what it was made of alive, so that no other object takes its place."""

    def __init__(self, make: Callable[..., T]) -> None:
        self._make = make
        self._kept: tuple[tuple[Parts, T], ...] = ()

    def __call__(self, *of: object) -> T:
        """What was made of them, or is now."""
        for known, made in self._kept:
            if same(known, of):
                return made
        fresh = self._make(*of)
        self._kept = ((of, fresh), *self._kept[: KEPT - 1])
        return fresh


Map = PMap[str, Any] | Traced[str, Any]


def _find(before: Map, after: Map) -> tuple[str, ...]:
    """The keys of a map whose items are not the same. A traced one knows where to look; any other is gone through."""
    written = after.changed_since(before) if isinstance(before, Traced) and isinstance(after, Traced) else None
    if written is not None:
        return tuple(key for key in written if before.get(key) is not after.get(key))
    found = [key for key, item in after.items() if before.get(key) is not item]
    if len(after) < len(before) + sum(1 for key in found if key not in before):
        found.extend(key for key in before if key not in after)
    return tuple(found)


differing = Lately(_find)
"""Which entries of two versions of a map are not the same, found once for all lenses."""
