"""Two nodes on one store: every event once, in one order, the same state on both."""

from __future__ import annotations

import asyncio
import random

import pytest

from command.domain import commands as c
from command.service.snapshots import state_hash
from tests.support.desk import LOG, Desk, until


async def both(first: Desk, second: Desk) -> None:
    """Wait until both nodes have applied the whole log."""
    head = await first.store.head(LOG)
    assert head is not None
    await until(lambda: first.service.position(LOG)[1] == second.service.position(LOG)[1] == head.seq)


@pytest.mark.parametrize("seed", range(5))
async def test_every_event_is_applied_once_and_in_order_on_both(seed: int) -> None:
    rng = random.Random(seed)
    async with Desk() as first, Desk(first) as second:
        await first.open()
        await second.service.state(LOG)
        second.follow()
        start = first.service.position(LOG)[1]

        async def writes(desk: Desk, name: str) -> None:
            for number in range(15):
                await desk.send(*(c.RecordEntry(f"{name}{number}-{n}", "x") for n in range(rng.randint(1, 4))))
                first.wait(rng.random())

        await asyncio.gather(*(writes(desk, f"{desk is first}{n}-".lower()) for desk in (first, second) for n in "ab"))
        await both(first, second)
        for desk in (first, second):
            told = [entry.seq for one in desk.applied for entry in one.events if entry.seq > start]
            assert told == list(range(start + 1, desk.service.position(LOG)[1] + 1))
        assert first.service.position(LOG) == second.service.position(LOG)
        states = [await first.state(), await second.state(), await first.refold()]
        assert len({state_hash(state) for state in states}) == 1


async def test_a_lost_hint_is_made_up_for_by_the_poll(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Desk() as first, Desk(first, poll_s=0.005) as second:
        await first.open()
        await second.service.state(LOG)

        async def silence(_log: str) -> None:
            return None

        monkeypatch.setattr(first.store, "notify", silence)
        await first.one(c.RecordEntry("e1", "x"))
        await both(first, second)


async def test_the_same_command_to_both_nodes_has_one_effect() -> None:
    async with Desk() as first, Desk(first) as second:
        await first.open()
        sub = first.sub(c.RecordEntry("e1", "x"))
        answers = await asyncio.gather(first.submit([sub]), second.submit([sub]))
        assert sorted(answer.status for (answer,) in answers) == ["accepted", "duplicate"]
        assert (await first.refold()).counts["EntryRecorded"] == 1


async def test_a_decision_is_made_on_what_the_other_node_wrote() -> None:
    """Two commanders define the same sector on two nodes: one is refused."""
    async with Desk() as first, Desk(first) as second:
        await first.open()
        await second.service.state(LOG)
        cmd = c.DefineSector("north", "North")
        answers = [await first.one(cmd), await second.one(cmd)]
        assert [answer.status for answer in answers] == ["accepted", "refused"]
