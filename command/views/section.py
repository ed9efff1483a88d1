"""What a section of the board is."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from command.domain.state import State
from command.views import rows as r
from command.views.scene import Scene

Parts = tuple[object, ...]
"""Items of a state, compared by identity: a fold that did not touch one hands it on as it is."""


class Section(msgspec.Struct, frozen=True):
    """A section: its keys, its row, and the parts of the state that it rests on.

    Where `item` is given, a row rests on that item of the first part alone, as long
    as none of the other parts changed: the same item then means the same row.
    Where `parts` is given, a row rests on nothing but those items (and the plan):
    in a section of five hundred rows one event then makes only those few anew that it is about.
    """

    keys: Callable[[Scene], Iterator[str]]
    row: Callable[[Scene, str], r.AnyRow | None]
    rests_on: tuple[Callable[[State], object], ...]
    item: Callable[[State, str], object] | None = None
    parts: Callable[[State, str], Parts] | None = None


def same(one: Parts, other: Parts) -> bool:
    """Whether a row made from these parts would be the same row."""
    return len(one) == len(other) and all(a is b for a, b in zip(one, other, strict=True))
