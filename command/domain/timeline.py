"""What happened, by when it happened: records come in any order, and are asked for by a moment.

Persistent like `Series`: a later version shares all but the chunk that changed. A
record that comes late goes to its place; of two at one moment the later record stands last.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import datetime
from typing import Generic, TypeVar

import msgspec

from command.domain.persistent import PMap

T = TypeVar("T")

# As many as a chunk of `Series`: an insertion copies that many pointers at most.
_CHUNK = 64


class Timeline(msgspec.Struct, Generic[T], frozen=True):
    """Items in the order of their times (aware, UTC).

    `chunks` holds times and items by the chunk's number, `order` the numbers from the earliest chunk to the latest,
    `firsts` the time of the first item of each. The two tuples are copied only when a chunk is added, once in some
    thirty to sixty insertions, and a million items have some twenty thousand chunks. `end` is the newest item with its
    time: what is asked about now, which is asked most, needs no search.
    """

    chunks: PMap[int, tuple[tuple[datetime, ...], tuple[T, ...]]] = PMap()
    order: tuple[int, ...] = ()
    firsts: tuple[datetime, ...] = ()
    size: int = 0
    end: tuple[datetime, T] | None = None

    def add(self, at: datetime, item: T) -> Timeline[T]:
        """The timeline with one more item, in its place."""
        if self.end is None:
            return Timeline(self.chunks.insert(0, ((at,), (item,))), (0,), (at,), 1, (at, item))
        end = (at, item) if at >= self.end[0] else self.end
        place = max(bisect_right(self.firsts, at) - 1, 0)
        number = self.order[place]
        times, items = self.chunks[number]
        if len(times) >= _CHUNK and at >= self.end[0]:
            return self._begun(at, item)
        index = bisect_right(times, at)
        times, items = (*times[:index], at, *times[index:]), (*items[:index], item, *items[index:])
        if len(times) > _CHUNK:
            return self._split(place, times, items, end)
        firsts = self.firsts if index else (*self.firsts[:place], at, *self.firsts[place + 1 :])
        return Timeline(self.chunks.insert(number, (times, items)), self.order, firsts, self.size + 1, end)

    def _begun(self, at: datetime, item: T) -> Timeline[T]:
        number = len(self.order)
        chunks = self.chunks.insert(number, ((at,), (item,)))
        return Timeline(chunks, (*self.order, number), (*self.firsts, at), self.size + 1, (at, item))

    def _split(
        self, place: int, times: tuple[datetime, ...], items: tuple[T, ...], end: tuple[datetime, T]
    ) -> Timeline[T]:
        half, number = len(times) // 2, len(self.order)
        chunks = self.chunks.insert(self.order[place], (times[:half], items[:half]))
        return Timeline(
            chunks.insert(number, (times[half:], items[half:])),
            (*self.order[: place + 1], number, *self.order[place + 1 :]),
            (*self.firsts[:place], times[0], times[half], *self.firsts[place + 1 :]),
            self.size + 1,
            end,
        )

    def newest(self, at: datetime) -> T | None:
        """The last item that happened by `at`; None where none had."""
        if self.end is None:
            return None
        if at >= self.end[0]:
            return self.end[1]
        place = bisect_right(self.firsts, at) - 1
        if place < 0:
            return None
        times, items = self.chunks[self.order[place]]
        return items[bisect_right(times, at) - 1]

    def within(self, since: datetime | None, at: datetime, most: int) -> tuple[T, ...]:
        """The newest `most` of what happened from `since` (None: ever) to `at`, oldest first: whole slices of chunks."""
        found: tuple[T, ...] = ()
        place = bisect_right(self.firsts, at) - 1
        while place >= 0 and len(found) < most:
            times, items = self.chunks[self.order[place]]
            begin = bisect_left(times, since) if since is not None else 0
            found = items[begin : bisect_right(times, at)] + found
            place = place - 1 if begin == 0 else -1
        return found[-most:] if len(found) > most else found

    def back_from(self, at: datetime) -> Iterator[T]:
        """What happened by `at`, newest first."""
        place = bisect_right(self.firsts, at) - 1
        if place < 0:
            return
        times, items = self.chunks[self.order[place]]
        yield from reversed(items[: bisect_right(times, at)])
        for number in reversed(self.order[:place]):
            yield from reversed(self.chunks[number][1])

    def __len__(self) -> int:
        return self.size

    def __iter__(self) -> Iterator[T]:
        for number in self.order:
            yield from self.chunks[number][1]

    @property
    def last(self) -> T | None:
        """The newest item, None when empty."""
        return self.end[1] if self.end is not None else None
