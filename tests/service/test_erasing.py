"""Which keys go: exactly those of what was redacted, and of nothing that was written since."""

from __future__ import annotations

from typing import Any

import pytest

from command.domain import commands as c
from command.domain import commands_arrest as ca
from command.domain import commands_custody as cc
from command.service.command_digests import KEY_OF
from command.service.erasing import Erasing
from tests.support.desk import LOG, Desk
from tests.support.given import LEAD

FORCE = c.ReportForce("r1", "p1", "ic", account="x")
REDACT = c.Redact("Court", "x", "p1", (5,))


async def _left(desk: Desk) -> set[str]:
    return {subject for _, subject in desk.keys._keys} - {KEY_OF}


async def test_nothing_waits_until_a_redaction_is_noted_and_nothing_after_its_end() -> None:
    async with Desk() as desk:
        await desk.open()
        await desk.send(c.RecordEntry("e1", "x"), FORCE)
        keys = dict(desk.keys._keys)
        erasing = Erasing(LOG, desk.store, desk.service.vault)
        assert not erasing.note(await desk.log()) and not erasing.waiting
        await desk.one(REDACT)
        desk.keys._keys.update(keys)
        assert erasing.note(await desk.log()) and erasing.waiting
        assert await erasing.finish() == 2 and not erasing.waiting
        assert await erasing.finish() == 0


async def test_a_key_that_was_made_since_is_kept() -> None:
    async with Desk() as desk:
        await desk.open()
        await desk.send(c.RecordEntry("e1", "x"), FORCE, REDACT, c.ReportForce("r2", "p1", "ic", account="y"))
        erasing = Erasing(LOG, desk.store, desk.service.vault)
        erasing.note_state(await desk.state())
        assert erasing.waiting and await erasing.finish() == 0
        assert "p1" in await _left(desk)


@pytest.mark.parametrize(
    "later",
    [
        ca.RecordArrest("a1", "p1", "ic", LEAD, conduct="y"),
        ca.DescribePerson("a0", "p1", name="y"),
        cc.TakeProperty("p1", "g1", contents="y"),
        c.RecordInjury("j1", "r1", visible=True, subject="p1", what="y"),
    ],
)
async def test_whatever_is_recorded_of_the_person_since_keeps_its_key(later: c.Command) -> None:
    """At the next start, and at the next redaction of somebody else; the first report's key is another."""
    async with Desk() as desk:
        await desk.open()
        await desk.one(FORCE)
        old = desk.keys._keys[LOG, "p1"]
        answers = await desk.send(c.Redact("Court", "x", "p1"), later)
        assert [answer.status for answer in answers] == ["accepted"] * 2
        new = desk.keys._keys[LOG, "p1"]
        async with Desk(desk) as restarted:
            await restarted.service.state(LOG)
            await restarted.one(c.Redact("Court", "x", "nobody"))
            assert desk.keys._keys[LOG, "p1"] == new != old
            assert "y" in (await restarted.service.private(LOG, [answers[1].seq or 0]))[answers[1].seq or 0].values()


async def test_a_persons_key_outlives_the_redaction_of_one_event() -> None:
    async with Desk() as desk:
        await desk.open()
        seq: Any = (await desk.one(FORCE)).seq
        await desk.one(c.Redact("Court", "x", seqs=(seq, 1)))
        assert await _left(desk) == {"p1"}


async def test_with_a_person_goes_the_key_of_what_was_told_by_the_number_of_their_band() -> None:
    """Before their arrest was known and after; what is told by it since the order has a key of its own."""
    async with Desk() as desk:
        await desk.open()
        card = ca.RecordArrest("a1", "p1", "ic", LEAD, wristband="W-1", conduct="y")
        before = await desk.one(cc.HandOver("W-1", "t1", "yard", "site", note="limps"))
        await desk.send(card, cc.RecordCare("W-1", "medical", "given", note="a cut"), c.RecordEntry("e1", "x"))
        assert {"p1", "W-1"} <= await _left(desk)
        order = await desk.one(c.Redact("Court", "x", "p1"))
        assert order.status == "accepted" and not {"p1", "W-1"} & await _left(desk)
        assert not await desk.store.told_of(LOG, ["p1", "W-1"])
        kept = await desk.service.private(LOG, [before.seq or 0])
        assert "limps" not in kept.get(before.seq or 0, {}).values()
        since = await desk.one(cc.RecordCare("W-1", "water", "given", note="later"))
        assert "later" in (await desk.service.private(LOG, [since.seq or 0]))[since.seq or 0].values()
