"""What of custody holds a shift, a unit or the incident: people, restraints, property, hand-overs that nobody confirmed."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from command.domain import commands as c
from command.domain import commands_arrest as ca
from command.domain import commands_custody as cc
from command.domain.demobilizing import OpenItems, of_incident, of_person, of_unit
from tests.domain.test_arrest import MADE
from tests.domain.test_custody import TO_YARD, YARD
from tests.support.custody import opens
from tests.support.given import CHIEF, LEAD, OFFICER, OPS, SERGEANT, Step, by, checks_in, given

UNIT = (c.FormUnit("u1", "One", "patrol", LEAD), c.FormUnit("u2", "Two", "patrol", LEAD), checks_in(OFFICER, unit="u1"))
CUFFS = by(OFFICER, ca.RecordRestraint("a1", "s1", "c1", "applied", "cuffs", "front"))
BAG = by(OFFICER, cc.TakeProperty("s1", "B-1", receipt="R-1"))
FREE = by(OPS, cc.ReleasePerson("s1", "l1", "without charge"))
OVER = by(OFFICER, TO_YARD)


def left(*steps: Step | c.Command) -> OpenItems:
    world = given(*MADE, *UNIT, *steps).world  # type: ignore[arg-type]  # a Step or a command
    return of_person(world.state, "officer", world.context(CHIEF))


def test_somebody_in_custody_holds_the_officer_their_unit_and_the_incident() -> None:
    world = given(*MADE, *UNIT, CUFFS, BAG).world
    for found in (
        of_person(world.state, "officer", world.context(CHIEF)),
        of_unit(world.state, "u1", world.context(CHIEF)),
    ):
        assert found.people == ("person W-001-4 with officer",)
        assert found.restraints == ("cuffs c1 on person W-001-4",)
        assert found.property == ("bag B-1 with officer",)
    whole = of_incident(world.state, world.context(CHIEF))
    assert whole.people == ("person W-001-4 with officer",) and whole.property == (), "its owner is not free yet"
    assert of_person(world.state, "sergeant", world.context(CHIEF)) == OpenItems()


@pytest.mark.parametrize(
    ("cmd", "need"),
    [
        (c.Demobilize("officer"), "handed over or free: person W-001-4"),
        (c.ReleaseUnit("u1"), "restraints are off, or handed over with the person: cuffs c1"),
        (c.CloseIncident("over"), "handed over or free: person W-001-4"),
    ],
)
def test_an_ask_to_go_says_what_is_open_and_a_captain_may_waive_it(cmd: c.Ask, need: str) -> None:
    spec = given(*MADE, *UNIT, CUFFS).when(cmd).refused("missing", containing=need)
    assert any("captain" in who for who in spec.outcome.decision.who_may)  # type: ignore[union-attr]  # refused


def test_health_and_safety_hold_nobody_up_and_leaving_all_the_same_is_found() -> None:
    assert given(*MADE, *UNIT, CUFFS).when(c.Demobilize("officer", "health")).drafts
    gone = given(*MADE, *UNIT, CUFFS).when(c.CheckOut("officer"), OFFICER).drafts[0].finding
    assert gone is not None and any("person W-001-4" in why for why in gone.reasons)


def test_a_release_opens_what_is_still_to_be_given_back_and_ends_the_rest() -> None:
    found = left(BAG, CUFFS, FREE)
    assert found.people == () and found.property == ("bag B-1 with officer",)
    world = given(*MADE, *UNIT, BAG, CUFFS, FREE).world
    assert of_incident(world.state, world.context(CHIEF)).property == ("bag B-1 with officer",)
    assert of_incident(world.state, world.context(CHIEF)).restraints == ("cuffs c1 on person W-001-4",), (
        "free, and still in them"
    )
    back = by(OPS, cc.MoveBag("B-1", "s1", "s1", "owner", "officer"))
    assert left(BAG, FREE, back) == OpenItems()
    stored = by(OPS, cc.MoveBag("B-1", "s1", "room-1", "evidence room", "officer"))
    assert left(BAG, FREE, stored) == OpenItems()
    unclaimed = given(*MADE, BAG, by(OPS, cc.MoveBag("B-1", "s1", "room-1", "unclaimed", "officer"))).world
    assert of_incident(unclaimed.state, unclaimed.context(CHIEF)).property == ("bag B-1 with room-1",)


def test_a_hand_over_is_open_for_giver_and_taker_until_the_taker_says_so() -> None:
    giver = (*opens(replace(YARD, trained_staff=())), OVER)
    assert left(*giver).transfers == ("person W-001-4 from officer to yard",)
    for word in (
        cc.AnswerForCustody("s1", "q1", "yard", True),
        cc.EnterStation("s1", "yard", "search"),
        cc.CountHeads("n1", "yard", 1, "arrival"),
    ):
        assert left(*giver, by(OPS, word)) == OpenItems(), word
    assert left(*giver, by(OPS, cc.CountHeads("n1", "yard", 0, "arrival"))).transfers
    no = by(OPS, cc.AnswerForCustody("s1", "q1", "yard", False))
    assert left(*giver, no).transfers == ("person W-001-4 from officer to yard, who says that they have not got them",)
    by_staff = given(*MADE, *UNIT, *opens(YARD), by(OPS, TO_YARD)).world
    assert of_person(by_staff.state, "officer", by_staff.context(CHIEF)) == OpenItems(), (
        "trained staff wrote it down themselves"
    )


def test_a_jail_and_a_court_are_not_ours_any_more_once_somebody_there_says_so() -> None:
    over = by(OFFICER, cc.HandOver("s1", "t1", "county-jail", "jail", from_holder="officer"))
    world = given(*MADE, CUFFS, over, by(OPS, cc.AnswerForCustody("s1", "q1", "county-jail", True))).world
    assert of_incident(world.state, world.context(CHIEF)) == OpenItems()


def test_a_unit_that_is_relieved_hands_over_what_it_and_its_people_have() -> None:
    spec = given(*MADE, *UNIT, BAG).when(cc.RelieveHolder("r1", "u1", "u2", 1), SERGEANT)
    state = spec.world.state
    now = state.custody.people["s1"].now
    assert now is not None and (now.holder, now.kind) == ("u2", "unit")
    assert state.custody.bags["B-1"].keeper == "u2" and state.custody.relieved["u1"] == "u2"
    assert (
        of_unit(state, "u1", spec.world.context(CHIEF)).people == ()
        and of_unit(state, "u2", spec.world.context(CHIEF)).people
    )
    person = given(*MADE, *UNIT).when(cc.RelieveHolder("r1", "officer", "sergeant"), SERGEANT).world.state
    back = person.custody.people["s1"].now
    assert back is not None and (back.holder, back.kind, back.officer) == ("sergeant", "officer", "sergeant")


def test_an_answer_is_found_where_it_does_not_fit_and_changes_no_holder() -> None:
    def answered(cmd: cc.AnswerForCustody) -> str:
        spec = given(*MADE, *opens(YARD), OVER).when(cmd, OPS)
        now = spec.world.state.custody.people["s1"].now if "s1" in spec.world.state.custody.people else None
        assert now is None or now.holder == "yard"
        found = spec.drafts[0].finding
        return "; ".join(found.reasons) if found is not None else ""

    assert answered(cc.AnswerForCustody("s1", "q1", "yard", True)) == ""
    assert answered(cc.AnswerForCustody("s1", "q1", "officer", False)) == "", "whoever gave them over has not got them"
    assert "yard has not got them" in answered(cc.AnswerForCustody("s1", "q1", "yard", False))
    assert answered(cc.AnswerForCustody("s1", "q1", "van", True)) == "van has them; the log has them with yard"
    assert "nobody has recorded an arrest" in answered(cc.AnswerForCustody("s9", "q1", "van", True))


def test_what_was_waived_holds_nobody() -> None:
    waived = by(CHIEF, c.WaiveOpenItems("officer", "taken over by the watch commander"))
    assert given(*MADE, *UNIT, CUFFS, waived).when(c.Demobilize("officer")).drafts
