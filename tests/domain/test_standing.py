"""Whose word about a person counts: authority rests on proof, and every report is kept."""

from __future__ import annotations

import msgspec
import pytest

from command.domain import commands as c
from command.domain import events as e
from command.domain.facts import StateFacts
from command.policy.facts import PersonFact
from tests.support.given import (
    ALLIED,
    ALLY,
    CHIEF,
    COURSES,
    IC,
    LEAD,
    OFFICER,
    OPEN,
    PARTNER,
    SERGEANT,
    STAFFED,
    Given,
    checks_in,
    given,
)

UP = c.RaiseLevel("north", "facilitate", "a march begins", ("march-moving",))


def claims(person: str = "officer", **changes: object) -> c.CheckIn:
    """A check-in of a sworn officer."""
    return msgspec.structs.replace(c.CheckIn(person, "A. Name", LEAD, "officer"), **changes)


def known(past: Given, person: str) -> PersonFact:
    """The person as judgement sees them now."""
    fact = StateFacts(past.world.state).person(person, past.world.now)
    assert fact is not None
    return fact


def test_a_rank_of_ones_own_making_is_kept_marked_and_grants_nothing() -> None:
    """An officer who checks in as chief is on record as having said so, and may raise no level."""
    past = given(*STAFFED)
    said = past.when(claims(rank="chief"), OFFICER, rank="officer")
    (draft,) = said.drafts
    assert isinstance(draft.event, e.PersonCheckedIn)
    assert (draft.event.rank, draft.event.unconfirmed) == ("chief", ("rank",))
    assert draft.finding is not None
    assert draft.finding.kind == "cannot tell"
    assert known(past, "officer").rank == "officer", "what command staff had confirmed stands"
    past.when(UP, OFFICER, rank="officer").refused("refused", containing="below sergeant")


def test_a_first_check_in_with_a_rank_of_ones_own_making_leaves_the_rank_unknown() -> None:
    """Unknown denies: the refusal says that a confirmed rank is missing."""
    past = given(OPEN, c.DefineSector("north", "North"))
    past.when(claims(rank="chief"), OFFICER, rank="officer")
    assert known(past, "officer").rank == ""
    past.when(UP, OFFICER, rank="officer").refused(containing="a confirmed rank of officer")


def test_the_rank_of_the_account_is_confirmed() -> None:
    """Signed in as a sergeant, checked in as a sergeant: nothing is in doubt, and the plan lets them raise."""
    past = given(OPEN, c.DefineSector("north", "North"))
    (draft,) = past.when(claims("sergeant", rank="sergeant"), SERGEANT, rank="sergeant").drafts
    assert draft.finding is None
    assert past.when(UP, SERGEANT, rank="sergeant").drafts


def test_nobody_becomes_a_chief_by_a_friend_in_command() -> None:
    """Command staff may enter any rank; who acts by an account needs that account's rank as well."""
    past = given(*STAFFED)
    past.when(claims(rank="chief"), IC, rank="captain")
    assert known(past, "officer").rank == "chief"
    past.when(UP, OFFICER, rank="officer").refused("refused", containing="signed in as officer, below sergeant")


def test_a_rank_that_command_staff_entered_is_no_longer_in_doubt() -> None:
    """A promotion on record with the staff may be repeated by the promoted."""
    past = given(OPEN, checks_in(OFFICER, "sergeant"))
    (draft,) = past.when(claims(rank="sergeant"), OFFICER, rank="officer").drafts
    assert draft.finding is None


def test_an_agency_of_ones_own_choosing_is_not_believed() -> None:
    """A partner who checks in as one of the lead agency stays one of their own."""
    past = given(*ALLIED)
    (draft,) = past.when(claims("partner", rank="captain"), PARTNER, rank="captain").drafts
    assert draft.event.unconfirmed == ("agency",)  # type: ignore[union-attr]  # checked by the finding's presence
    assert known(past, "partner").agency == ALLY


def test_training_that_one_says_of_oneself_counts_once_staff_have_said_it() -> None:
    """Invented training opens no position; the same from command staff does."""
    past = given(OPEN)
    past.when(claims(training=COURSES), OFFICER, rank="officer")
    assert known(past, "officer").training == ()
    past.when(c.AssignPosition("operations", "officer")).refused("missing", containing="training in date")
    past.when(claims(training=COURSES), IC, rank="captain")
    past.when(c.AssignPosition("operations", "officer")).then(e.PositionAssigned("operations", "officer"))


def test_training_on_ones_account_needs_nobody_elses_word() -> None:
    """It is the agency's record: named or not, it comes with the check-in, and nothing beyond it does."""
    past = given(OPEN)
    said = past.when(claims(), OFFICER, rank="officer", training=COURSES)
    assert said.drafts[0].event.training == COURSES
    assert known(past, "officer").training == tuple((t.course, t.expires) for t in COURSES)
    more = past.when(claims(training=(*COURSES, e.Training("sniper"))), OFFICER, rank="officer", training=COURSES)
    assert more.drafts[0].event.unconfirmed == ("training",)


def test_who_opens_an_incident_commands_it_with_the_account_they_have() -> None:
    """Rank and training that one claims for oneself in the opening are the account's, whatever was written."""
    boast = msgspec.structs.replace(OPEN, commander_rank="chief", commander_training=(e.Training("sniper"),))
    past = given()
    past.when(boast, IC, rank="captain", training=COURSES)
    assert known(past, "ic").rank == "captain"
    assert known(past, "ic").training == tuple((t.course, t.expires) for t in COURSES)


def test_training_that_nobody_speaks_of_stays() -> None:
    """A form without that field takes no one's authority away."""
    past = given(OPEN)
    past.when(claims("ic", rank="captain", helmet="7"), IC, rank="captain")
    assert len(known(past, "ic").training) == len(COURSES)


@pytest.mark.parametrize("who", [OFFICER, PARTNER, CHIEF])
@pytest.mark.parametrize("cmd", [claims("ic", agency=ALLY, rank="officer"), claims("ic"), c.CheckOut("ic")])
def test_nobody_takes_the_commander_off_duty_by_a_report(who: object, cmd: c.Command) -> None:
    """Said by one who keeps no such record, it is kept with its finding, and command goes on."""
    past = given(*ALLIED)
    before = known(past, "ic")
    said = past.when(cmd, who, rank="officer").nothing()  # type: ignore[arg-type]  # an Actor
    assert said.drafts[0].finding is not None
    assert known(past, "ic") == before


def test_an_assisting_agency_speaks_for_its_own_people() -> None:
    """It checks its deputies in and out; it says nothing of a stranger's agency, nor takes anyone over."""
    past = given(*ALLIED)
    deputy = claims("deputy-9", agency=ALLY)
    assert past.when(deputy, PARTNER, rank="captain").drafts[0].finding is None
    assert past.when(c.CheckOut("deputy-9"), PARTNER, rank="captain").drafts[0].finding is None
    assert not known(past, "deputy-9").on_scene
    past.when(claims("new-one"), PARTNER, rank="captain").nothing()
    past.when(claims("sergeant", agency=ALLY), PARTNER, rank="captain").nothing()


def test_anyone_checks_themself_out() -> None:
    """One's own word about going home is enough."""
    past = given(*STAFFED)
    past.when(c.CheckOut("officer"), OFFICER, rank="officer")
    assert not known(past, "officer").on_scene


def test_the_operator_of_the_machine_is_believed() -> None:
    """An exercise's script and the command line enter people as they are."""
    past = given(OPEN)
    assert past.when(claims("ops", rank="lieutenant"), OFFICER, rank=None).drafts[0].finding is None
