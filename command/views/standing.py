"""Indexes over the state's maps that are followed from one state to the next: what did not change is not looked at again.

A board of five hundred arrests is asked for the longest wait, the queue at a station or custody against citation after
every event. Each of them is a list in order, per question; an event moves a few entries of a few lists.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any, Final

import msgspec

from command.domain.persistent import PMap
from command.domain.state import State
from command.views.scene import Scene
from command.views.section import Part, Parts, differing, same

KEPT: Final = 24
"""Versions of one index that are kept: before and after of each kind of lens, in a few incidents."""

Entry = tuple[Hashable, Any]
"""Where something stands in an index, and as what: values under one key must be comparable."""

Found = PMap[Any, tuple[Any, ...]]
"""What stands under each key, in order; keys under which nothing stands are not there."""

Reach = Callable[[Scene, str], Iterable[str]]


class _Version(msgspec.Struct, frozen=True):
    """An index as it was of one state."""

    state: State
    kind: Hashable
    basis: Parts
    of: PMap[str, tuple[Entry, ...]]  # item -> its entries
    lists: Found  # key -> what stands under it, in order


class Standing:
    """An index: `entries` says where each item stands, `keys` which items there are.

    `reach` as in `views.section`: the maps that an entry may rest on, and which items an entry of such a map may move.
    `basis`: other parts of the state; where one of them changed everything is looked at again. `kind`: what else an
    entry rests on, of the lens; each kind has an index of its own.
    """

    def __init__(
        self,
        keys: Callable[[State], Iterable[str]],
        entries: Callable[[Scene, str], Iterable[Entry]],
        reach: Mapping[Part, Reach],
        basis: tuple[Part, ...] = (),
        kind: Callable[[Scene], Hashable] = lambda _scene: None,
    ) -> None:
        self._keys = keys
        self._entries = entries
        self._reach = reach
        self._basis = basis
        self._kind = kind
        self._kept: tuple[_Version, ...] = ()

    def __call__(self, scene: Scene) -> Found:
        """The index of a state as this lens has it."""
        kind, basis = self._kind(scene), (scene.stack, *(part(scene.state) for part in self._basis))
        before: _Version | None = None
        for known in self._kept:
            if known.kind == kind and known.state.log == scene.state.log and same(known.basis, basis):
                if self._unmoved(known.state, scene.state):
                    return known.lists
                if known.state.seq <= scene.state.seq and (before is None or before.state.seq < known.state.seq):
                    before = known  # what came after it can be told by what was written since
        made = self._moved(before, scene) if before is not None else self._anew(scene, kind, basis)
        self._kept = (made, *self._kept[: KEPT - 1])
        return made.lists

    def _unmoved(self, one: State, other: State) -> bool:
        return all(part(one) is part(other) for part in self._reach)

    def _anew(self, scene: Scene, kind: Hashable, basis: Parts) -> _Version:
        of: dict[str, tuple[Entry, ...]] = {}
        lists: dict[Hashable, list[Any]] = {}
        for key in self._keys(scene.state):
            of[key] = entries = tuple(self._entries(scene, key))
            for where, what in entries:
                lists.setdefault(where, []).append(what)
        ordered = {where: tuple(sorted(found)) for where, found in lists.items()}
        return _Version(scene.state, kind, basis, PMap(of), PMap(ordered))

    def _moved(self, before: _Version, scene: Scene) -> _Version:
        """The index of another state of the log, by what differs between the two."""
        old = msgspec.structs.replace(scene, state=before.state, memo={})
        keys: set[str] = set()
        for part, reach in self._reach.items():
            if part(before.state) is not part(scene.state):
                for entry in differing(part(before.state), part(scene.state)):
                    keys.update(reach(old, entry))
                    keys.update(reach(scene, entry))
        of, lists = before.of, before.lists
        for key in keys:
            had, has = of.get(key) or (), tuple(self._entries(scene, key))
            if had != has:
                of = of.insert(key, has)
                gone = Counter(had) - Counter(has)
                lists = _without(lists, gone)
                lists = _with(lists, Counter(has) - Counter(had))
        return _Version(scene.state, before.kind, before.basis, of, lists)


def _without(lists: Found, gone: Counter[Entry]) -> Found:
    for where, what in gone.elements():
        found = lists[where]
        place = bisect_left(found, what)
        rest = (*found[:place], *found[place + 1 :])
        lists = lists.insert(where, rest) if rest else lists.remove(where)
    return lists


def _with(lists: Found, come: Counter[Entry]) -> Found:
    for where, what in come.elements():
        found = list(lists.get(where) or ())
        insort(found, what)
        lists = lists.insert(where, tuple(found))
    return lists
