"""Accounts that read the same are found across batches, nodes and restarts, and forgotten with what they were made from."""

from __future__ import annotations

from msgspec.structs import replace

from command.domain import commands as c
from command.domain import commands_arrest as ca
from command.domain import events_arrest as ea
from tests.support.desk import Desk
from tests.support.given import LEAD

TOLD = "The subject was observed in the roadway and refused to leave after repeated orders to disperse"
AGAIN = "The subject was observed in the roadway and refused to leave after several orders to disperse"
OWN = "She climbed the fence at Fourth Street and threw a bottle that hit an officer on the left arm"
CARD = ca.RecordArrest("k1", "s1", "officer", LEAD, conduct=TOLD)


async def alike(desk: Desk) -> list[tuple[str, str]]:
    found = [entry.event for entry in await desk.log()]
    return [(event.arrest, event.other) for event in found if isinstance(event, ea.NarrativesAlike)]


async def test_a_second_telling_is_noted_and_an_own_account_is_not() -> None:
    async with Desk() as desk:
        await desk.open()
        await desk.send(CARD)
        await desk.send(replace(CARD, arrest="k2", subject="s2", conduct=OWN))
        await desk.send(replace(CARD, arrest="k3", subject="s3", conduct=AGAIN))
        assert await alike(desk) == [("k3", "k1")]


async def test_two_in_one_batch_are_compared_with_each_other() -> None:
    async with Desk() as desk:
        await desk.open()
        await desk.send(CARD, replace(CARD, arrest="k2", subject="s2", conduct=AGAIN))
        assert await alike(desk) == [("k2", "k1")]


async def test_another_node_and_a_restarted_one_compare_as_well() -> None:
    async with Desk() as one, Desk(one) as two:
        await one.open()
        await one.send(CARD)
        await two.send(replace(CARD, arrest="k2", subject="s2", conduct=AGAIN))
        assert (await alike(two))[-1:] == [("k2", "k1")]
        async with Desk(one) as third:
            await third.send(replace(CARD, arrest="k3", subject="s3", conduct=AGAIN))
            assert {other for arrest, other in await alike(third) if arrest == "k3"} == {"k1", "k2"}


async def test_a_corrected_account_is_compared_as_it_stands_and_its_own_earlier_words_do_not_count() -> None:
    async with Desk() as desk:
        await desk.open()
        await desk.send(CARD)
        await desk.send(replace(CARD, conduct=AGAIN))
        assert await alike(desk) == []
        await desk.send(replace(CARD, conduct=OWN))
        await desk.send(replace(CARD, arrest="k2", subject="s2"))
        assert await alike(desk) == []


async def test_what_was_destroyed_is_compared_no_more() -> None:
    async with Desk() as desk:
        await desk.open()
        await desk.send(CARD)
        await desk.send(c.Redact("Superior Court", "expunged by order", "s1"))
        await desk.send(replace(CARD, arrest="k2", subject="s2"))
        assert await alike(desk) == []
