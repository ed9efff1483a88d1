"""Duties: what starts them, what ends them, and only the first end counts."""

from __future__ import annotations

from datetime import timedelta

import pytest

from command.domain import commands as c
from command.domain import events as e
from command.domain.duty import record_of
from tests.support.given import LEAD, OFFICER, OPENED, SERGEANT, STAFFED, Wait, given

RAISE = c.RaiseLevel("north", "facilitate", "they move", ("march-moving",))
FORCE = c.ReportForce("r1", "p1", "somebody", LEAD, "physical-control", "north")


def only(spec_state: object, rule: str) -> str:
    (found,) = [d.duty for d in spec_state.duties.all.values() if d.rule == rule]  # type: ignore[attr-defined]  # a State
    return str(found)


def test_a_duty_starts_with_a_clock_where_the_plan_gives_one() -> None:
    spec = given(*STAFFED).when(FORCE, OFFICER)
    at = spec.world.entries[-1].header.occurred_at
    duties = {d.rule: d for d in spec.world.state.duties.all.values()}
    assert duties["force-review"].due == at + timedelta(hours=72)
    assert duties["medical-help"].due is None
    assert {d.started_by for d in duties.values()} == {"r1"} and {d.sector for d in duties.values()} == {"north"}


def test_a_duty_is_done_once_and_stays_on_record() -> None:
    past = given(*STAFFED, FORCE)
    duty = only(past.world.state, "force-review")
    spec = past.when(c.DischargeDuty(duty, "e1", "done"), SERGEANT).then(e.DutyDischarged(duty, "e1", "done"))
    assert spec.world.state.duties.all[duty].done_at is not None and duty not in spec.world.state.duties.open
    spec.world.happened(c.DischargeDuty(duty))
    assert spec.world.state.duties.all[duty].done_at == spec.world.entries[-2].header.occurred_at


def test_an_unknown_duty_is_discharged_to_no_effect() -> None:
    given(*STAFFED).when(c.DischargeDuty("ghost"), OFFICER).then(e.DutyDischarged("ghost")).nothing()


@pytest.mark.parametrize(("sector", "ends"), [("north", True), (None, True), ("south", False)])
def test_contact_in_the_sector_or_with_everyone_ends_the_duty_to_make_it(sector: str | None, ends: bool) -> None:
    past = given(*STAFFED, RAISE)
    duty = only(past.world.state, "liaison-after-raise")
    spec = past.when(c.RecordLiaison("k1", "organizer", "phone", sector), OFFICER)
    contact = e.LiaisonContacted("k1", "organizer", "phone", sector)
    spec.then(contact, *((e.DutyDischarged(duty, "k1"),) if ends else ()))


def test_contact_before_the_level_was_raised_does_not_tell_anyone_of_it() -> None:
    past = given(*STAFFED, Wait(60), RAISE)
    before = past.world.now - timedelta(seconds=30)
    spec = past.when(c.RecordLiaison("k1", "organizer", "phone"), OFFICER, occurred_at=before)
    spec.then(e.LiaisonContacted("k1", "organizer", "phone"))


def test_a_reopened_finding_settles_what_could_not_be_told_of_that_report_only() -> None:
    other = c.ReportForce("r2", "p2", "nobody", LEAD, "physical-control", "north")
    past = given(*STAFFED, FORCE, other)
    spec = past.when(c.ReportForce("r1", "p1", "officer", LEAD, "physical-control", "north"), OFFICER)
    ended = [d.event for d in spec.drafts if isinstance(d.event, e.DutyDischarged)]
    rules = {spec.world.state.duties.all[event.duty].rule for event in ended}
    assert (rules, len(ended)) == ({"settle-what-was-in-force"}, 1)
    assert spec.world.state.duties.all[ended[0].duty].started_by == "r1"


def test_a_duty_of_another_plan_stays_open() -> None:
    """A rule that the stack no longer knows ends with nothing but an explicit discharge."""
    foreign = e.DutyStarted("d1", "no-such-rule", "x", "y", "r1", None, "north")
    spec = given(*STAFFED, foreign).when(c.RecordLiaison("k1", "organizer", "phone", "north"), OFFICER)
    assert "d1" in spec.world.state.duties.open


def test_the_record_of_an_event() -> None:
    assert record_of(e.WarningGiven("w1", "north", "t")) == "w1"
    assert record_of(e.IncidentClosed("x")) is None
    assert record_of(e.AskRefused("RaiseLevel")) is None, "the name of a command is no record"
    assert record_of(e.AskWithdrawn("a1")) == "a1"


def test_duty_ids_of_long_command_ids_stay_apart_and_fit() -> None:
    spec = given(*OPENED).when(FORCE, OFFICER, cmd_id="c" * 64)
    duties = [d.event.duty for d in spec.drafts if isinstance(d.event, e.DutyStarted)]
    assert len(set(duties)) == len(duties) and {len(duty) for duty in duties} == {64}
