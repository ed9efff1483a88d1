"""Which events of a log belong to which record of an arrest: numbers only, in memory, caught up when somebody asks.

A record is made of events all over a day's log; looking through it for each page would take a second. Nothing private
is kept: ids and seqs.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable
from typing import Final

from command.domain.envelope import Recorded
from command.service.api import ServiceApi
from command.views.record import about

LOGS_KEPT: Final = 8
"""Incidents whose index is kept, the last asked for; another one is read anew."""

PAGE: Final = 1_000
APART: Final = 32
"""Events that lie no further apart are read in one go, with what is between."""


class ArrestIndex:
    """The index of one epoch of one log."""

    def __init__(self) -> None:
        self._seqs: dict[str, list[int]] = {}
        self._seen = 0
        self._reading = asyncio.Lock()

    async def catch_up(self, service: ServiceApi, log: str, upto: int) -> None:
        """Take in what is new up to a seq. One reader at a time."""
        async with self._reading:
            while self._seen < upto:
                found = await service.recorded(log, self._seen, min(PAGE, upto - self._seen))
                if not found:
                    return
                for one in found:
                    for name in about(one.event):
                        self._seqs.setdefault(name, []).append(one.seq)
                self._seen = found[-1].seq

    def of(self, names: Iterable[str], upto: int) -> list[int]:
        """The seqs of what belongs to these records or people, up to a seq, in order, each once."""
        return sorted({seq for name in names for seq in self._seqs.get(name, ()) if seq <= upto})


class ArrestIndexes:
    """One index for each incident that was asked for lately."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, int], ArrestIndex] = OrderedDict()

    async def events(
        self, service: ServiceApi, log: str, names: Iterable[str], upto: int | None = None
    ) -> list[Recorded]:
        """The events of these records and people up to a seq, or as they stand on this node, in the order of the log."""
        epoch, seq, _ = service.position(log)
        index = self._kept.setdefault((log, epoch), ArrestIndex())
        self._kept.move_to_end((log, epoch))
        while len(self._kept) > LOGS_KEPT:
            self._kept.popitem(last=False)
        await index.catch_up(service, log, seq)
        wanted = index.of(names, seq if upto is None else min(upto, seq))
        found: list[Recorded] = []
        for first, last in _stretches(wanted):
            found.extend(await service.recorded(log, first - 1, last - first + 1))
        only = frozenset(wanted)
        return [one for one in found if one.seq in only]


def _stretches(seqs: list[int]) -> list[tuple[int, int]]:
    """First and last of what is read in one go."""
    found: list[tuple[int, int]] = []
    for seq in seqs:
        if found and seq - found[-1][1] <= APART:
            found[-1] = (found[-1][0], seq)
        else:
            found.append((seq, seq))
    return found
