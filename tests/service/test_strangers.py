"""Whom an order to erase may name: somebody of whom something is kept, was kept, or comes with the same batch."""

from __future__ import annotations

from command.domain import commands as c
from tests.support.desk import LOG, Desk

FORCE = c.ReportForce("f1", "p1", "officer", account="he fell")
ORDER = c.Redact("Superior Court", "order 7", "p1")


async def test_somebody_of_whom_nothing_is_kept_is_not_erased() -> None:
    """Nothing is recorded; the answer names who came."""
    async with Desk() as desk:
        await desk.open()
        await desk.one(FORCE)
        before = (await desk.service.state(LOG)).seq
        (answer,) = await desk.send(c.Redact("Superior Court", "order 7", "p-1"))
        assert (answer.status, answer.where) == ("unreadable", "command.subject")
        assert "nothing is kept about p-1" in (answer.problem or "")
        assert (await desk.service.state(LOG)).seq == before


async def test_who_comes_in_the_same_batch_is_somebody() -> None:
    async with Desk() as desk:
        await desk.open()
        assert [answer.status for answer in await desk.send(FORCE, ORDER)] == ["accepted"] * 2


async def test_who_was_erased_before_may_be_ordered_away_again() -> None:
    """By another court, say: it is true of them already."""
    async with Desk() as desk:
        await desk.open()
        await desk.one(FORCE)
        await desk.one(ORDER)
        assert not await desk.store.told_of(LOG, ["p1"])
        await desk.one(c.Redact("District Court", "order 8", "p1"))


async def test_of_whom_something_is_on_its_way_is_somebody() -> None:
    """A file that is being brought has its person's key, and no record yet."""
    async with Desk() as desk:
        await desk.open()
        await desk.keys.create(LOG, {"p1": b"k" * 32})
        await desk.one(ORDER)
