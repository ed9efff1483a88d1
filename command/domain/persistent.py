"""Persistent collections of the fold: a new version costs what changed, old versions stay valid.

`PMap` is a hash trie (rpds). `Series` is an append-only sequence in chunks, so that
appending to a long history never copies it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Generic, TypeVar, get_args

import msgspec
from rpds import HashTrieMap

K = TypeVar("K")
V = TypeVar("V")
T = TypeVar("T")

if TYPE_CHECKING:
    PMap = HashTrieMap
else:

    class _IsTrie(type):
        def __instancecheck__(cls, value: object) -> bool:
            return isinstance(value, HashTrieMap)

    class PMap(Generic[K, V], metaclass=_IsTrie):
        """HashTrieMap cannot be subscripted at run time, and the snapshot codec needs to know what a map holds."""

        def __new__(cls, *args: Any) -> HashTrieMap:
            return HashTrieMap(*args)


# 64 entries a chunk: an append copies half a chunk on average (32 pointers), a
# history of a million entries has 16,000 chunks in the trie.
_CHUNK = 64


class Series(msgspec.Struct, Generic[T], frozen=True):
    """An append-only sequence that shares its past with every later version."""

    chunks: PMap[int, tuple[T, ...]] = PMap()
    tail: tuple[T, ...] = ()

    def append(self, item: T) -> Series[T]:
        """The series with one more item at its end."""
        tail = (*self.tail, item)
        if len(tail) < _CHUNK:
            return Series(self.chunks, tail)
        return Series(self.chunks.insert(len(self.chunks), tail), ())

    def __len__(self) -> int:
        return len(self.chunks) * _CHUNK + len(self.tail)

    def __iter__(self) -> Iterator[T]:
        for index in range(len(self.chunks)):
            yield from self.chunks[index]
        yield from self.tail

    def __reversed__(self) -> Iterator[T]:
        yield from reversed(self.tail)
        for index in range(len(self.chunks) - 1, -1, -1):
            yield from reversed(self.chunks[index])

    def __getitem__(self, index: int) -> T:
        """By place, from 0. Raises IndexError beyond the end."""
        chunk, place = divmod(index, _CHUNK)
        return self.chunks[chunk][place] if chunk < len(self.chunks) else self.tail[place]

    def begun(self, at: datetime) -> int:
        """How many items have a `since` that is not after `at`; only for histories in the order of their `since`."""
        full = len(self.chunks)
        if self.tail and not at < _since(self.tail[0]):
            return full * _CHUNK + bisect_right(self.tail, at, key=_since)
        before = bisect_right(range(full), at, key=lambda number: _since(self.chunks[number][0]))
        return (before - 1) * _CHUNK + bisect_right(self.chunks[before - 1], at, key=_since) if before else 0

    @property
    def last(self) -> T | None:
        """The newest item, None when empty."""
        if self.tail:
            return self.tail[-1]
        return self.chunks[len(self.chunks) - 1][-1] if self.chunks else None


_since: Callable[[Any], datetime] = attrgetter("since")


def newest(items: tuple[T, ...], item: T, keep: int) -> tuple[T, ...]:
    """The last `keep` items with `item` added: a bounded window for what a screen shows."""
    return (*items[-(keep - 1) :], item)


def enc_hook(value: object) -> object:
    """For msgspec: a map as a list of pairs, so that keys keep their type."""
    if isinstance(value, HashTrieMap):
        return sorted(value.items())  # sorted, so that equal states have equal bytes
    raise NotImplementedError(f"expected a persistent map, got {type(value).__name__}")


def dec_hook(kind: Any, value: Any) -> object:
    """For msgspec: the inverse of `enc_hook`."""
    key, item = get_args(kind)
    # Built at run time from the annotation: no static type can say it.
    shape: Any = list[tuple[key, item]]  # type: ignore[valid-type]
    return HashTrieMap(msgspec.convert(value, type=shape, dec_hook=dec_hook))
