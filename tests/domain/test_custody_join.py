"""Whoever was taken over by their wristband is the person of the arrest: one person, in whatever order it is told."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given as examples
from hypothesis import settings
from hypothesis import strategies as st
from msgspec.structs import replace

from command.domain import commands as c
from command.domain import commands_arrest as ca
from command.domain import commands_custody as cc
from command.domain import events as e
from command.domain.envelope import Actor
from command.domain.state_arrest import Person
from tests.domain.test_arrest import CARD, OTHER
from tests.domain.test_custody import TO_YARD, YARD
from tests.support.custody import opens
from tests.support.given import OFFICER, OPS, SERGEANT, STAFFED, START, World, by, given

BAND = "W-001-4"
READY = (*STAFFED, *opens(YARD))
Told = tuple[c.Command, Actor]


def told(who: str, arrest: str | None) -> tuple[Told, ...]:
    """What is told of one person in the order in which it happened, half a minute apart."""
    return (
        (CARD, OFFICER),
        (cc.TakeProperty(who, "g1", arrest), OFFICER),
        (replace(TO_YARD, subject=who, arrest=arrest), SERGEANT),
        (cc.EnterStation(who, "yard", "search", arrest), SERGEANT),
        (cc.RecordCare(who, "water", "given", arrest), SERGEANT),
        (ca.RecordRestraint(arrest or who, who, "f1", "applied", "flex cuffs"), SERGEANT),
        (cc.ReleasePerson(who, "f1", "without charge", arrest), SERGEANT),
    )


def world_of(order: tuple[Told, ...], happened: tuple[Told, ...]) -> World:
    world = given(*READY).world
    since = START + timedelta(minutes=5)
    world.now = since + timedelta(minutes=30)
    for one in order:
        world.send(*one, occurred_at=since + timedelta(seconds=30 * happened.index(one)))
    return world


def picture(world: World) -> dict[str, Any]:
    """Who is in custody, without the places of events in the log, which any order changes."""
    custody = world.state.custody
    bags = {key: replace(bag, seq=0, arrest="", keeper="") for key, bag in custody.bags.items()}
    held = {holder: sorted(here) for holder, here in custody.held.items()}
    return {"people": {key: bare(one) for key, one in custody.people.items()}, "bags": bags, "held": held}


def bare(person: Person) -> Person:
    spans = tuple(replace(span, seq=0) for span in person.spans)
    care = tuple(sorted(person.care))
    return replace(person, spans=spans, restraints=tuple(replace(x, seq=0) for x in person.restraints), care=care)


@pytest.mark.parametrize("arrest", [None, BAND], ids=["no record named", "the band as the record"])
def test_arrest_hand_over_care_and_release_come_to_one_person_in_every_order(arrest: str | None) -> None:
    happened = tuple(told(BAND, arrest)[place] for place in (0, 2, 4, 6))
    first = picture(world_of(happened, happened))
    (person,) = first["people"].values()
    assert person.subject == "s1" and person.arrest == "a1" and not first["held"]
    assert [span.holder for span in person.spans] == ["officer", "yard", ""] and person.released_at is not None
    for order in permutations(happened):
        assert picture(world_of(order, happened)) == first


@settings(max_examples=60, deadline=None)
@examples(st.permutations(range(7)), st.sampled_from([(BAND, None), (BAND, BAND), ("a1", "a1")]))
def test_told_by_band_or_by_record_it_is_as_if_it_had_been_told_by_the_persons_own_id(
    order: list[int], name: tuple[str, str | None]
) -> None:
    own, band = told("s1", "a1"), told(*name)
    one = world_of(tuple(own[place] for place in order), own)
    other = world_of(tuple(band[place] for place in order), band)
    assert picture(one) == picture(other)
    for state in other.states:  # the card is there or not: never two people
        assert len(state.custody.people) <= 1


def test_a_count_of_heads_and_what_is_owed_go_with_the_person() -> None:
    hand_over = by(SERGEANT, replace(TO_YARD, subject=BAND, arrest=BAND))
    cuffs = by(SERGEANT, ca.RecordRestraint(BAND, BAND, "f1", "applied", "flex cuffs"))
    short = by(OPS, cc.CountHeads("n1", "yard", 0, "round"))
    before = given(*READY, hand_over, cuffs, short).world.state
    owed = before.duties.of.get(BAND) or ()
    assert owed and before.custody.counts["yard"].of == (BAND,)
    spec = given(*READY, hand_over, cuffs, short).when(CARD, OFFICER, occurred_at=START)
    state = spec.world.state
    assert state.custody.counts["yard"].of == ("s1",) and state.duties.of.get(BAND) is None
    assert set(owed) <= set(state.duties.of["a1"]) and all(state.duties.all[one].started_by == "a1" for one in owed)
    assert list(state.custody.held["yard"]) == ["s1"] and list(state.custody.people) == ["s1"]


def test_a_corrected_card_that_brings_the_band_takes_the_stranger_in() -> None:
    """They had been given over twice: by their own id first, by their band later."""
    steps = (
        *READY, by(OFFICER, replace(CARD, wristband=None)), by(OFFICER, cc.TakeProperty("s1", "g1")),
        by(SERGEANT, cc.HandOver("s1", "t1", "yard", "site", from_holder="officer")),
        by(SERGEANT, cc.EnterStation("s1", "yard", "search")), by(SERGEANT, cc.RecordCare("s1", "water", "offered")),
        by(OPS, cc.HandOver(BAND, "t2", "county-jail", "jail", from_holder="yard")),
        by(OPS, cc.RecordCare(BAND, "water", "given")), by(OPS, cc.TakeProperty(BAND, "g2")),
        by(OPS, cc.CallGuardian(BAND, reached=False)), by(OPS, ca.RecordRestraint(BAND, BAND, "f1", "applied")),
    )  # fmt: skip
    before = given(*steps).world.state.custody
    assert set(before.people) == {"s1", BAND} and set(before.held) == {"yard", "county-jail"}
    custody = given(*steps, by(OFFICER, CARD)).world.state.custody
    person = custody.people["s1"]
    assert list(custody.people) == ["s1"] and set(custody.held) == {"county-jail"}
    assert [span.holder for span in person.spans] == ["officer", "yard", "county-jail"]
    assert (person.site, person.station, person.bags) == (None, None, ("g1", "g2"))
    assert [one[:2] for one in person.care] == [("water", "given")] and person.guardian_reached is False
    assert [one.restraint for one in person.restraints] == ["f1"] and custody.bags["g2"].subject == "s1"


def test_the_station_that_was_told_last_stands() -> None:
    early = by(SERGEANT, cc.EnterStation(BAND, "yard", "search"))
    steps = (*READY, by(OFFICER, replace(CARD, wristband=None)), early, by(OFFICER, CARD))
    person = given(*steps).world.state.custody.people["s1"]
    assert (person.site, person.station) == ("yard", "search") and person.spans[-1].holder == "officer"


def test_a_second_record_with_the_band_gets_nothing_of_what_is_told_under_it() -> None:
    twice = replace(OTHER, wristband=BAND)
    state = given(
        *READY, by(OFFICER, CARD), by(OFFICER, twice), by(SERGEANT, replace(TO_YARD, subject=BAND))
    ).world.state
    assert [span.holder for span in state.custody.people["s1"].spans] == ["officer", "yard"]
    assert [span.holder for span in state.custody.people["s2"].spans] == ["officer"]


def test_a_minor_under_the_band_is_one_under_the_record() -> None:
    apart = by(SERGEANT, ca.DescribePerson(BAND, BAND, apart=True))
    hand_over = by(SERGEANT, replace(TO_YARD, subject=BAND))
    for steps in permutations((hand_over, apart, by(OFFICER, CARD))):
        custody = given(*READY, *steps).world.state.custody
        assert list(custody.people) == ["s1"] and custody.people["s1"].apart
    after = given(*READY, by(OFFICER, CARD), hand_over, apart).world.state
    assert after.arrests.all["a1"].apart


def test_no_clock_of_holding_runs_for_somebody_who_was_free_before_their_card_came() -> None:
    free = by(SERGEANT, cc.ReleasePerson(BAND, "f1", "without charge"))
    spec = given(*READY, by(SERGEANT, replace(TO_YARD, subject=BAND)), free).when(CARD, OFFICER, occurred_at=START)
    begun = {one.event.duty for one in spec.drafts if isinstance(one.event, e.DutyStarted)}
    held = given(*READY).when(CARD, OFFICER)
    assert begun and len(begun) == sum(isinstance(one.event, e.DutyStarted) for one in held.drafts)
    still = {one.rule for one in spec.world.state.duties.all.values() if one.duty in spec.world.state.duties.open}
    rules = {one.rule for one in held.world.state.duties.all.values() if one.duty in held.world.state.duties.open}
    assert still < rules
