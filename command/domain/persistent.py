"""Persistent collections of the fold: a new version costs what changed, old versions stay valid.

`PMap` is a hash trie (rpds). `Traced` is one that knows which keys have changed since an earlier version of it.
`Series` is an append-only sequence in chunks, so that appending to a long history never copies it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, get_args, get_origin

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


TRACED: Final = 4_096
"""Steps that a map remembers at most, some hundred bytes each: a node that is further behind reads the whole map."""


class _Step:
    """One change of a map: the key, and the step before. None where nothing before it is remembered."""

    __slots__ = ("before", "depth", "key")
    before: _Step | None
    depth: int

    def __init__(self, key: object = None, before: _Step | None = None) -> None:
        deep = before is None or before.depth + 1 >= TRACED
        self.key = key
        self.before = None if deep else before
        self.depth = 0 if deep or before is None else before.depth + 1


class Traced(Generic[K, V]):
    """A persistent map whose versions know how they came from each other.

    What changed between two versions is found by looking at those changes alone, however large the map is. Equal maps
    are equal whatever their past; of a map that was read from a snapshot no past is known.
    """

    __slots__ = ("_map", "_step", "get")

    def __init__(self, items: Mapping[K, V] | Iterable[tuple[K, V]] = ()) -> None:
        self._become(HashTrieMap(items), _Step())

    def _become(self, content: HashTrieMap[K, V], step: _Step) -> None:
        self._map, self._step = content, step
        self.get = content.get  # the fold looks up more often than it writes: no call between

    def _next(self, content: HashTrieMap[K, V], key: K) -> Traced[K, V]:
        fresh: Traced[K, V] = object.__new__(Traced)
        fresh._become(content, _Step(key, self._step))
        return fresh

    def insert(self, key: K, value: V) -> Traced[K, V]:
        """The map with this entry."""
        return self._next(self._map.insert(key, value), key)

    def discard(self, key: K) -> Traced[K, V]:
        """The map without this key, if it was there."""
        return self._next(self._map.discard(key), key)

    def changed_since(self, earlier: Traced[K, V]) -> frozenset[K] | None:
        """The keys written since an earlier version; None where that is not one, or too long ago."""
        keys: set[Any] = set()
        step: _Step | None = self._step
        while step is not None and step is not earlier._step:
            keys.add(step.key)
            step = step.before
        return frozenset(keys) if step is not None else None

    def items(self) -> Iterable[tuple[K, V]]:
        """As a mapping's."""
        return self._map.items()

    def keys(self) -> Iterable[K]:
        """As a mapping's."""
        return self._map.keys()

    def values(self) -> Iterable[V]:
        """As a mapping's."""
        return self._map.values()

    def __getitem__(self, key: K) -> V:
        return self._map[key]

    def __contains__(self, key: object) -> bool:
        return key in self._map

    def __iter__(self) -> Iterator[K]:
        return iter(self._map)

    def __len__(self) -> int:
        return len(self._map)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Traced) and self._map == other._map

    def __hash__(self) -> int:
        return hash(self._map)

    def __repr__(self) -> str:
        return f"Traced({dict(self._map.items())})"


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
    if isinstance(value, HashTrieMap | Traced):
        return sorted(value.items())  # sorted, so that equal states have equal bytes
    raise NotImplementedError(f"expected a persistent map, got {type(value).__name__}")


def dec_hook(kind: Any, value: Any) -> object:
    """For msgspec: the inverse of `enc_hook`."""
    key, item = get_args(kind)
    # Built at run time from the annotation: no static type can say it.
    shape: Any = list[tuple[key, item]]  # type: ignore[valid-type]
    content = HashTrieMap(msgspec.convert(value, type=shape, dec_hook=dec_hook))
    return Traced(content) if get_origin(kind) is Traced else content
