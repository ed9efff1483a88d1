"""The plan's sentences name people, sectors, agencies and grants as a person would, and change no word that is no id."""

from __future__ import annotations

import functools

import pytest
from msgspec.structs import replace

from command.domain import commands as c
from command.domain.state import State
from command.domain.submission import Answer
from command.policy.decision import Decision, Finding, RuleRef
from command.views.said import answer_in_words, decision_in_words, finding_in_words, in_words
from tests.domain.test_granting import GRANTED
from tests.support.given import ALLY, LEAD, OFFICER, STAFFED, by, given

RULE = RuleRef("p", "raise.dispersal-warning", "who may")
GRANT, SECTOR, PERSON = "0196f0aa-1111-7000-8000-0000000000aa", "0196-k1", "p-17"


@functools.cache
def street() -> State:
    """People whose ids are words ("officer"), a person and a sector whose ids are none, and no grant."""
    named = c.CheckIn(PERSON, "Sgt. Vega", LEAD, "sergeant")
    return given(*STAFFED, named, c.DefineSector(SECTOR, "Pine Street")).world.state


@pytest.mark.parametrize(
    ("kept", "told"),
    [
        ("check-in of p-17: without it their agency", "check-in of Sgt. Vega: without it their agency"),
        ("p-17 has checked out", "Sgt. Vega has checked out"),
        ("p-17 was not checked in", "Sgt. Vega was not checked in"),
        ("p-17 is sergeant, below captain", "Sgt. Vega is sergeant, below captain"),
        ("p-17 is signed in as sergeant, below captain", "Sgt. Vega is signed in as sergeant, below captain"),
        ("a confirmed rank of p-17", "a confirmed rank of Sgt. Vega"),
        ("a written delegation to p-17 by captain or above, in date",
         "a written delegation to Sgt. Vega by captain or above, in date"),
        ("p-17 does not hold the position commander", "Sgt. Vega does not hold the position commander"),
        ("p-17 is in the sector 0196-k1, and must be at the place",
         "Sgt. Vega is in the sector Pine Street, and must be at the place"),
        ("training in date of p-17 for gas: crowd", "training in date of Sgt. Vega for gas: crowd"),
        ("the warning at 12:02:00 UTC does not count: not amplified; p-17 is not one of those who may give it",
         "the warning at 12:02:00 UTC does not count: not amplified; Sgt. Vega is not one of those who may give it"),
        ("confirmation by p-17 in person: relayed, it authorizes nothing yet",
         "confirmation by Sgt. Vega in person: relayed, it authorizes nothing yet"),
        ("the order of p-17 was relayed and not confirmed", "the order of Sgt. Vega was relayed and not confirmed"),
        ("relayed, not yet confirmed by p-17", "relayed, not yet confirmed by Sgt. Vega"),
        ("warned: no way out of 0196-k1 is open", "warned: no way out of Pine Street is open"),
        ("p-17 is deputy-chief, below assistant-chief", "Sgt. Vega is deputy chief, below assistant chief"),
        ("p-17 is signed in as deputy-chief, below assistant-chief; a written delegation would do",
         "Sgt. Vega is signed in as deputy chief, below assistant chief; a written delegation would do"),
        ("dispersal-warning: no way out of 0196-k1 is open", "dispersal warning: no way out of Pine Street is open"),
        ("one of the indicators: bottles-thrown (bottles are thrown) and fire (fire); way-blocked (the way is blocked)",
         "one of the indicators: bottles thrown (bottles are thrown) and fire (fire); way blocked (the way is blocked)"),
        ("fewer warnings will do only with the finding imminent-danger; no more",
         "fewer warnings will do only with the finding imminent danger; no more"),
        ("the indicator: way-blocked (the way is blocked)", "the indicator: way blocked (the way is blocked)"),
        ("the order to disperse was not complete: fewer warnings will do; dispersal-warning: first warning of 3",
         "the order to disperse was not complete: fewer warnings will do; dispersal warning: first warning of 3"),
        ("the level Dispersal in the sector 0196-k1", "the level Dispersal in the sector Pine Street"),
        ("p-17 signs for an arrest that p-17 made", "Sgt. Vega signs for an arrest that Sgt. Vega made"),
        ("p-17 is not among those whom the record names as having seen it",
         "Sgt. Vega is not among those whom the record names as having seen it"),
        ("signed by p-17 for their own part", "signed by Sgt. Vega for their own part"),
        ("p-17 is not on duty here by the record", "Sgt. Vega is not on duty here by the record"),
        ("given over by p-17; the log has it with p-17", "given over by Sgt. Vega; the log has it with Sgt. Vega"),
        ("3 heads counted, 4 on record with p-17, 1 of them not yet confirmed by the receiver",
         "3 heads counted, 4 on record with Sgt. Vega, 1 of them not yet confirmed by the receiver"),
        ("p-17 has them; the log has them with p-17", "Sgt. Vega has them; the log has them with Sgt. Vega"),
        ("p-17 has not got them; the log has them there since 12:00:00 UTC",
         "Sgt. Vega has not got them; the log has them there since 12:00:00 UTC"),
        ("the run overlaps another one, which p-17 has", "the run overlaps another one, which Sgt. Vega has"),
        ("the plan prohibits stun-grenade: it is never authorized", "the plan prohibits stun grenade: it is never authorized"),
        ("it was granted for chemical-area", "it was granted for chemical area"),
        ("it was granted for the sector 0196-k1", "it was granted for the sector Pine Street"),
        ("training in date of p-17 for chemical-area: crowd-management: lacking at the use",
         "training in date of Sgt. Vega for chemical area: crowd management: lacking at the use"),
        ("munitions that agree with what was issued, returned and used: oc-hand with p-17, chemical-area with p-17 and 2 more",
         "munitions that agree with what was issued, returned and used: oc hand with Sgt. Vega, chemical area with Sgt. Vega and 2 more"),
        ("left before: that whoever took people over says so: person W-1 from p-17 to p-17",
         "left before: that whoever took people over says so: person W-1 from Sgt. Vega to Sgt. Vega"),
        ("complete reports of force: report r9", "complete reports of force: report r9"),
        ("the order was relayed; p-17 confirmed it in person at 12:00:00 UTC",
         "the order was relayed; Sgt. Vega confirmed it in person at 12:00:00 UTC"),
    ],
)  # fmt: skip
def test_a_name_stands_where_the_plan_has_an_id(kept: str, told: str) -> None:
    assert in_words(street(), kept) == told


@pytest.mark.parametrize(
    "sentence",
    [
        "the officer is of the lead agency",
        "sergeant or above of the lead agency, on scene",
        "the signature: a second signature: lieutenant or above",
        "the signs of an officer in need",
        "the warning at 12:02:00 UTC does not count: not on camera",
        "no rule of the plan says who may",
        "stranger-9 has checked out",
    ],
)
def test_words_that_are_no_ids_stay_and_unknown_ids_too(sentence: str) -> None:
    assert in_words(street(), sentence) == sentence


def test_an_answer_is_put_into_words_with_the_one_that_it_repeats_and_nothing_else_of_it_changes() -> None:
    refused = Decision("refused", (RULE,), ("p-17 is deputy-chief, below captain",))
    first = Answer("c1", "refused", seq=4, header="aGVhZA", decision=refused)
    found = Finding("contrary to plan", (RULE,), ("p-17 was not checked in",))
    told = answer_in_words(street(), Answer("c1", "duplicate", finding=found, first=first, code="x"))
    assert told.first is not None and told.first.decision is not None and told.finding is not None
    assert told.first.decision.reasons == ("Sgt. Vega is deputy chief, below captain",)
    assert (told.first.decision.rules, told.first.seq, told.first.header) == ((RULE,), 4, "aGVhZA")
    assert told.finding == Finding("contrary to plan", (RULE,), ("Sgt. Vega was not checked in",))
    unnamed = answer_in_words(street(), first, people=False).decision
    assert unnamed is not None and unnamed.reasons == ("p-17 is deputy chief, below captain",)


def test_agencies_are_named() -> None:
    names = {key: one.name for key, one in street().structure.agencies.items()}
    kept = f"p-17 is signed in for {LEAD} and checked in for {ALLY}"
    told = in_words(street(), kept)
    assert told == f"Sgt. Vega is signed in for {names[LEAD]} and checked in for {names.get(ALLY, ALLY)}"


def test_the_agency_of_a_unit_of_a_holder_and_of_who_opens_is_named() -> None:
    """Where a sentence says whose somebody is."""
    lead = street().structure.agencies[LEAD].name
    said = {
        f"the unit is of {ALLY}, and p-17 of {LEAD}": f"the unit is of {ALLY}, and Sgt. Vega of {lead}",
        f"p-17 is of {LEAD}; Safety officer is always of the lead agency": f"Sgt. Vega is of {lead}; Safety officer is always of the lead agency",
        f"{ALLY} does not open an incident that {LEAD} leads": f"{ALLY} does not open an incident that {lead} leads",
    }
    assert ALLY not in street().structure.agencies
    assert {kept: in_words(street(), kept) for kept in said} == said


def test_what_is_left_open_is_told_by_its_number_in_the_log() -> None:
    """A report and a grant that are on record, by where they stand; nothing of them is a word."""
    state = given(*GRANTED, by(OFFICER, c.ReportForce("r1", "p1", "officer", LEAD, "oc-hand", "north"))).world.state
    report, grant = state.force.reports["r1"].seq, state.grants.all["g1"].seq
    assert in_words(state, "complete reports of force: report r1") == f"complete reports of force: report #{report}"
    assert in_words(state, "left before: an end to the authorizations of force: grant g1").endswith(f": grant #{grant}")
    assert in_words(state, "complete reports of force: report r1", people=False).endswith("r1")


def test_where_offices_only_are_named_no_name_comes_in() -> None:
    kept = Decision(
        "refused", reasons=("p-17 has checked out",), missing=("the level Dispersal in the sector 0196-k1",)
    )
    told = decision_in_words(street(), kept, people=False)
    assert (told.reasons, told.missing) == (kept.reasons, ("the level Dispersal in the sector Pine Street",))


def test_a_grant_is_told_by_its_place_in_the_log_and_one_that_is_not_on_record_by_its_id() -> None:
    finding = Finding(
        "authorized", reasons=(f"granted by p-17: {GRANT}", f"the grant {GRANT} came later, at 12:00:00 UTC")
    )
    unknown = finding_in_words(street(), finding)
    assert unknown.reasons == (f"granted by Sgt. Vega: {GRANT}", finding.reasons[1])
    state = given(*GRANTED).world.state
    seq = state.grants.all["g1"].seq
    kept = replace(finding, reasons=("granted by ic: g1", "the grant g1 came later, at 12:00:00 UTC"))
    name = state.structure.people["ic"].last.name  # type: ignore[union-attr]  # the commander is checked in
    assert finding_in_words(state, kept).reasons == (
        f"granted by {name}: #{seq}",
        f"the grant #{seq} came later, at 12:00:00 UTC",
    )
