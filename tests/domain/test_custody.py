"""Custody and property: nobody is nowhere, and what does not fit is said."""

from __future__ import annotations

from datetime import timedelta

import msgspec
from msgspec.structs import replace

from command.domain import commands as c
from command.domain import commands_arrest as ca
from command.domain import commands_custody as cc
from command.domain import events as e
from command.domain import events_custody as ec
from command.domain.facts_arrest import record_of
from command.domain.state import State
from tests.domain.test_arrest import CARD, MADE, OTHER, first
from tests.support.custody import opens
from tests.support.given import LEAD, OFFICER, OPS, SERGEANT, STAFFED, by, given

YARD = cc.OpenSite("yard", "School yard", "staging", 1, stations=("search", "photo"), trained_staff=("ops",))
TO_YARD = cc.HandOver("s1", "t1", "yard", "site", from_holder="officer")
IN_YARD = (*MADE, *opens(YARD), by(OFFICER, TO_YARD))


def holder(state: State, subject: str = "s1") -> str:
    now = state.custody.people[subject].now
    return now.holder if now else ""


def test_a_hand_over_that_fits_needs_no_word() -> None:
    spec = given(*MADE, *opens(YARD)).when(TO_YARD, OFFICER)
    assert spec.drafts[0].finding is None
    state = spec.world.state
    assert (
        holder(state) == "yard" and list(state.custody.held["yard"]) == ["s1"] and "officer" not in state.custody.held
    )


def test_a_person_lost_between_two_holders_is_caught() -> None:
    wrong = replace(TO_YARD, from_holder="sergeant")
    found = first(given(*MADE, *opens(YARD)).when(wrong, OFFICER))
    assert found.kind == "contrary to plan"
    assert "given over by sergeant; the log has them with officer" in found.reasons[0]
    assert "arrest.someone-holds-everyone" in {rule.rule for rule in found.rules}
    lost = given(*MADE, *opens(YARD), by(OFFICER, wrong)).world.state.custody.people["s1"]
    assert lost.lost and lost.now is not None and lost.now.holder == "yard"
    ghost = first(given(*STAFFED).when(TO_YARD, OFFICER))
    assert ghost.kind == "no authorization on record"
    assert ghost.reasons == (
        "nobody has recorded an arrest of this person yet",
        "nobody has opened yard under the plan",
    )


def test_a_hand_over_reported_late_takes_its_place_and_the_newest_holder_stands() -> None:
    past = given(*IN_YARD, by(OPS, cc.HandOver("s1", "t2", "county-jail", "jail", from_holder="yard")))
    late = past.world.now - timedelta(seconds=1.5)
    spec = past.when(
        replace(TO_YARD, transfer="t9", to_holder="van-1", kind="vehicle", from_holder="yard"),
        OFFICER,
        occurred_at=late,
    )
    spans = [span.holder for span in spec.world.state.custody.people["s1"].spans]
    assert spans == ["officer", "yard", "van-1", "county-jail"]
    assert holder(spec.world.state) == "county-jail" and "van-1" not in spec.world.state.custody.held


def test_a_full_or_closed_site_and_a_station_it_has_not_are_said() -> None:
    two = (*IN_YARD, by(OFFICER, OTHER))
    full = first(given(*two).when(cc.HandOver("s2", "t2", "yard", "site", from_holder="officer"), OFFICER))
    assert "has room for 1, and is full" in full.reasons[0]
    closed = given(*IN_YARD).when(cc.CloseSite("yard"), OPS)
    assert first(closed).reasons == ("1 in custody there, as the log has it",)
    gone = given(*MADE, *opens(YARD), by(OPS, cc.CloseSite("yard"))).when(TO_YARD, OFFICER)
    assert "School yard is closed" in first(gone).reasons
    empty = given(*MADE, *opens(YARD)).when(cc.CloseSite("yard"), OPS)
    assert empty.drafts[0].finding is None
    odd = first(given(*IN_YARD).when(cc.EnterStation("s1", "yard", "cite"), OPS))
    assert odd.kind == "cannot tell"


def test_a_station_without_a_hand_over_is_caught_and_with_one_it_is_where_the_person_is() -> None:
    spec = given(*IN_YARD).when(cc.EnterStation("s1", "yard", "search"), OPS)
    assert spec.drafts[0].finding is None and spec.world.state.custody.people["s1"].station == "search"
    found = first(given(*MADE, *opens(YARD)).when(cc.EnterStation("s1", "yard", "search"), OPS))
    assert "nobody recorded a hand-over to yard" in found.reasons[0]
    nowhere = first(given(*MADE).when(cc.EnterStation("s1", "field", "search"), OPS))
    assert "no site is open under the number that it names" in nowhere.reasons


def test_a_minor_does_not_go_where_adults_are() -> None:
    minor = by(OFFICER, ca.DescribePerson("a1", "s1", apart=True))
    found = first(given(*MADE, *opens(YARD), minor).when(TO_YARD, OFFICER))
    assert found.kind == "contrary to plan" and "School yard is not for minors" in found.reasons
    mixed = replace(YARD, minors=True)
    found = first(given(*MADE, by(OPS, ec.SiteOpened(**msgspec.structs.asdict(mixed))), minor).when(TO_YARD, OFFICER))
    assert any("by sight and sound" in why for why in found.reasons)
    apart = replace(YARD, minors=True, minors_apart=True)
    assert given(*MADE, *opens(apart), minor).when(TO_YARD, OFFICER).drafts[0].finding is None
    station = first(
        given(*MADE, *opens(YARD), minor, by(OFFICER, TO_YARD)).when(cc.EnterStation("s1", "yard", "photo"), OPS)
    )
    assert "arrest.minors-apart" in {rule.rule for rule in station.rules}


def test_heads_that_are_not_on_record_are_an_alarm() -> None:
    right = given(*IN_YARD).when(cc.CountHeads("n1", "yard", 1, "arrival"), OPS)
    assert right.drafts[0].finding is None
    wrong = given(*IN_YARD).when(cc.CountHeads("n1", "yard", 2, "arrival"), OPS).owing("find-everyone")
    unsure = "2 heads counted, 1 on record with yard, 1 of them not yet confirmed by the receiver"
    assert first(wrong).reasons == (unsure,)
    count = wrong.world.state.custody.counts["yard"]
    assert (count.heads, count.expected, count.awaits) == (2, 1, 1)
    sure = given(*IN_YARD, by(OPS, TAKEN)).when(cc.CountHeads("n1", "yard", 2, "arrival"), OPS).owing("find-everyone")
    assert first(sure).reasons == ("2 heads counted, 1 on record with yard",)
    assert sure.world.state.custody.counts["yard"].awaits == 0


TAKEN = cc.AnswerForCustody("s1", "q1", "yard", has=True)


def test_a_hand_over_is_received_by_the_receivers_own_hand_and_by_nobody_elses() -> None:
    """A report of whoever gave the person over is not the receiver's word; nothing waits for it."""
    now = given(*IN_YARD).world.state.custody.people["s1"].now
    assert now is not None and (now.confirmed, now.received_by) == (False, None)
    told = given(*IN_YARD, by(SERGEANT, TAKEN)).world.state.custody.people["s1"].now
    assert told is not None and (told.confirmed, told.received_by) == (True, None), "word of another is no signature"
    signed = given(*IN_YARD, by(OPS, TAKEN)).world.state.custody.people["s1"].now
    assert signed is not None and (signed.received_by, signed.received_at is not None) == ("ops", True)
    own = given(*MADE, *opens(YARD), by(OPS, TO_YARD)).world.state.custody.people["s1"].now
    assert own is not None and own.received_by == "ops", "who receives and writes it down signs by that"
    denied = given(*IN_YARD, by(OPS, TAKEN), by(OPS, replace(TAKEN, answer="q2", has=False))).world.state
    assert denied.custody.people["s1"].spans[-1].received_by is None
    free = given(*IN_YARD).when(cc.ReleasePerson("s1", "l1", "without charge"), OFFICER)
    assert free.drafts[0].finding is None, "a release never waits for it"
    care = given(*IN_YARD).when(cc.RecordCare("s1", "water", "given"), OFFICER)
    assert care.drafts[0].finding is None


def test_another_arresting_officer_on_a_corrected_card_had_the_person_first_and_both_stay_readable() -> None:
    state = given(*IN_YARD, by(OFFICER, replace(CARD, officer="sergeant"))).world.state
    one, yard = state.custody.people["s1"].spans
    assert (one.holder, one.officer, one.before) == ("sergeant", "sergeant", ("officer",))
    assert one.corrected == state.arrests.all["a1"].versions[-1] and yard.holder == "yard"
    again = given(*IN_YARD, by(OFFICER, replace(CARD, officer="sergeant")), by(OFFICER, CARD)).world.state
    assert again.custody.people["s1"].spans[0].before == ("officer", "sergeant")
    street = given(*MADE, by(OFFICER, replace(CARD, officer="sergeant"))).world.state
    assert list(street.custody.held) == ["sergeant"], "whom the log has now is the corrected one"


def test_relief_hands_over_every_person_and_bag() -> None:
    bag = by(OFFICER, cc.TakeProperty("s1", "B-1", receipt="R-1"))
    past = (*MADE, by(OFFICER, OTHER), bag)
    spec = given(*past).when(cc.RelieveHolder("q1", "officer", "sergeant", heads=2), SERGEANT)
    kinds = [type(d.event) for d in spec.drafts]
    assert kinds[:4] == [ec.HolderRelieved, ec.CustodyTransferred, ec.CustodyTransferred, ec.BagMoved]
    state = spec.world.state
    assert (holder(state), holder(state, "s2"), state.custody.bags["B-1"].keeper) == ("sergeant",) * 3
    assert state.custody.relieved["officer"] == "sergeant"
    assert (
        first(given(*past).when(cc.RelieveHolder("q1", "officer", "sergeant", heads=3), SERGEANT)).kind
        == "contrary to plan"
    )


def test_relief_on_the_way_leaves_people_in_the_van_and_somebody_answering_for_them() -> None:
    """Else the van's people answer to nobody once the relieved has checked out, and the heads that were counted are wrong."""
    van = cc.HandOver("s1", "t1", "van-1", "vehicle", from_holder="officer", officer="officer")
    past = (*MADE, by(OFFICER, van), by(OFFICER, OTHER))
    began = given(*past).world.state.custody.people["s1"].now
    spec = given(*past).when(cc.RelieveHolder("q1", "officer", "sergeant", heads=2), SERGEANT)
    event = spec.drafts[0].event
    assert isinstance(event, ec.HolderRelieved) and (event.people, spec.drafts[0].finding) == (2, None)
    assert [type(d.event) for d in spec.drafts].count(ec.CustodyTransferred) == 1, "of the one who was with the officer"
    now = spec.world.state.custody.people["s1"].now
    assert began is not None and now is not None
    assert (now.holder, now.officer, now.relieved, now.since) == ("van-1", "sergeant", ("officer",), began.since)
    unit = given(*past, by(OPS, c.FormUnit("u1", "Unit 1", "arrest", LEAD)))
    assert (
        unit.when(cc.RelieveHolder("q1", "officer", "u1"), OPS).world.state.custody.people["s1"].spans[-1].officer
        is None
    )


def test_release_is_kept_at_once_and_ends_what_was_owed() -> None:
    spec = given(*MADE).when(cc.ReleasePerson("s1", "l1", "without charge"), SERGEANT)
    assert spec.drafts[0].finding is None and isinstance(spec.drafts[0].event, ec.PersonReleased)
    ended = [d for d in spec.drafts if isinstance(d.event, e.DutyDischarged)]
    assert len(ended) == 2  # the review and the 48 hours; the record itself is still to be completed
    person = spec.world.state.custody.people["s1"]
    assert (
        person.released_at is not None
        and holder(spec.world.state) == ""
        and "officer" not in spec.world.state.custody.held
    )
    again = first(given(*MADE, by(SERGEANT, cc.ReleasePerson("s1", "l1", "without charge"))).when(TO_YARD, OFFICER))
    assert "the log has them free" in again.reasons[0]
    unknown = given(*STAFFED).when(cc.ReleasePerson("s9", "l1", "bystander"), SERGEANT)
    assert "s9" in unknown.world.state.custody.people


def test_a_hold_is_explained_in_writing_or_not_at_all() -> None:
    why = cc.ExplainHold("s1", "a1", "h1", True, "waits for an interpreter")
    spec = given(*MADE).when(why, SERGEANT)
    assert spec.drafts[0].finding is None and spec.world.state.custody.people["s1"].explained_at is not None
    empty = given(*MADE).when(replace(why, reason=" "), SERGEANT)
    assert first(empty).kind == "contrary to plan" and empty.world.state.custody.people["s1"].explained_at is None


def test_care_guardians_and_injuries_end_their_clocks() -> None:
    hurt = (*STAFFED, by(OFFICER, replace(CARD, injured=True, injury="bleeds")))
    given(*STAFFED).when(replace(CARD, injured=True), OFFICER).owing(
        "arrest-record", "grounds-review", "judge-in-48-hours", "aid-for-the-injured"
    )
    offered = given(*hurt).when(cc.RecordCare("s1", "medical", "offered"), OFFICER)
    assert not [d for d in offered.drafts if isinstance(d.event, e.DutyDischarged)]
    given_ = given(*hurt).when(cc.RecordCare("s1", "medical", "given"), OFFICER)
    assert [d for d in given_.drafts if isinstance(d.event, e.DutyDischarged)]
    assert given_.world.state.custody.people["s1"].care[0][:2] == ("medical", "given")
    minor = (*MADE, by(OFFICER, ca.DescribePerson("a1", "s1", apart=True)))
    called = given(*minor).when(cc.CallGuardian("s1", True, who="her mother"), OFFICER)
    assert [d for d in called.drafts if isinstance(d.event, e.DutyDischarged)]
    assert called.world.state.custody.people["s1"].guardian_reached is True
    missed = given(*minor).when(cc.CallGuardian("s1", False), OFFICER)
    assert not [d for d in missed.drafts if isinstance(d.event, e.DutyDischarged)]


BAG = cc.TakeProperty("s1", "B-1", receipt="R-1", items=3, contents="telephone, keys")


def test_each_bag_has_one_owner_one_keeper_and_a_receipt() -> None:
    past = (*MADE, by(OFFICER, OTHER), by(OFFICER, BAG))
    stolen = given(*past).when(replace(BAG, subject="s2"), OFFICER)
    assert first(stolen).reasons == ("the bag B-1 is another person's",)
    assert stolen.world.state.custody.bags["B-1"].subject == "s1"
    moved = given(*past).when(cc.MoveBag("B-1", "s1", "room-2", "evidence room", "officer"), OPS)
    assert moved.drafts[0].finding is None and moved.world.state.custody.bags["B-1"].keeper == "room-2"
    wrong = given(*past).when(cc.MoveBag("B-1", "s1", "room-2", "evidence room", "ops"), OPS)
    assert first(wrong).kind == "contrary to plan" and wrong.world.state.custody.bags["B-1"].lost
    assert first(given(*past).when(cc.MoveBag("B-9", "s1", "room-2", "site"), OPS)).kind == "cannot tell"
    other = first(given(*past).when(cc.MoveBag("B-1", "s2", "room-2", "site"), OPS))
    assert "another person's" in other.reasons[0]
    bare = given(*MADE, by(OFFICER, replace(BAG, receipt=None))).world.state
    assert "receipt" not in record_of(bare, bare.arrests.all["a1"]).items
    with_bags = given(*past, *opens(YARD)).when(replace(TO_YARD, with_bags=("B-1",)), OFFICER)
    assert with_bags.world.state.custody.bags["B-1"].keeper == "yard"


def test_a_summons_is_nobodys_custody() -> None:
    state = given(*STAFFED, by(OFFICER, replace(CARD, category="S"))).world.state
    assert state.custody.people["s1"].now is None and "officer" not in state.custody.held


def test_a_checklist_says_what_a_site_lacks() -> None:
    check = cc.CheckFacility("yard", "k1", ("water",), ("toilets",))
    spec = given(*MADE, *opens(YARD)).when(check, OPS)
    assert first(spec).reasons[:2] == ("lacks toilets", "lacks water within reach"), "what nobody says is there is not"
    assert spec.world.state.custody.sites["yard"].missing[:1] == ("toilets",)
    into = given(*MADE, *opens(YARD), by(OPS, check)).when(TO_YARD, OFFICER)
    assert first(into).kind == "contrary to plan" and "lacks toilets" in first(into).reasons[0]
    assert into.world.state.custody.people["s1"].lost == "", "what the site lacks loses nobody"
