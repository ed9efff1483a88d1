"""The index of records: every event of a record, caught up as the log grows, and bounded."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from command.domain.envelope import Recorded
from command.views.record import about
from command.web.arrest_index import APART, LOGS_KEPT, ArrestIndexes, _stretches
from tests.support.given import World
from tests.support.stories import arrests_story


class Log:
    """As much of a service as the index reads; counts what it was asked for."""

    def __init__(self, world: World, upto: int) -> None:
        self.world, self.upto, self.epoch = world, upto, 1
        self.read: list[tuple[int, int]] = []

    def position(self, _log: str) -> tuple[int, int, bytes]:
        return self.epoch, self.upto, b""

    async def recorded(self, _log: str, after: int, limit: int) -> Sequence[Recorded]:
        self.read.append((after, limit))
        await asyncio.sleep(0)
        return self.world.entries[after : min(after + limit, self.upto)]


WORLD = arrests_story(1)


def expected(name: str, upto: int) -> list[int]:
    return [one.seq for one in WORLD.entries[:upto] if name in about(one.event)]


async def test_it_finds_what_belongs_to_a_record_at_each_length_of_the_log() -> None:
    indexes = ArrestIndexes()
    for upto in range(1, len(WORLD.entries) + 1, 7):
        log = Log(WORLD, upto)
        for name in ("k1", "s3"):
            found = await indexes.events(log, "x", (name,))  # type: ignore[arg-type]  # as much of it as is used
            assert [one.seq for one in found] == expected(name, upto)


async def test_many_readers_at_once_read_the_log_once() -> None:
    indexes, log = ArrestIndexes(), Log(WORLD, len(WORLD.entries))
    found = await asyncio.gather(*(indexes.events(log, "x", ("k1",)) for _ in range(5)))  # type: ignore[arg-type]  # as above
    assert all([one.seq for one in part] == expected("k1", log.upto) for part in found)
    assert sum(1 for after, _ in log.read if after == 0) == 1


async def test_another_epoch_is_another_log_and_few_are_kept() -> None:
    indexes = ArrestIndexes()
    log = Log(WORLD, 10)
    await indexes.events(log, "x", ("k1",))  # type: ignore[arg-type]  # as above
    log.epoch = 2
    log.read.clear()
    await indexes.events(log, "x", ("k1",))  # type: ignore[arg-type]  # as above
    assert (0, 10) in log.read
    for number in range(LOGS_KEPT + 3):
        await indexes.events(log, f"log-{number}", ())  # type: ignore[arg-type]  # as above
    assert len(indexes._kept) == LOGS_KEPT


async def test_a_log_that_ends_early_ends_the_catching_up() -> None:
    """The position may be ahead of what can be read for a moment: what is there is taken, the rest later."""
    log = Log(WORLD, 10)
    log.world = World()
    assert await ArrestIndexes().events(log, "x", ("k1",)) == []  # type: ignore[arg-type]  # as above


def test_what_lies_near_is_read_in_one_go() -> None:
    assert _stretches([1, 2, 2 + APART, 3 + 2 * APART]) == [(1, 2 + APART), (3 + 2 * APART, 3 + 2 * APART)]
    assert _stretches([]) == []
