"""What a report of force has to say: a list with a clock, never a refusal."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from command.domain import commands as c
from command.domain import events as e
from command.domain.force_report import SAYS, still_missing
from tests.domain.test_aftercare import owed
from tests.support.given import LEAD, OFFICER, SERGEANT, STAFFED, by, given

BARE = c.ReportForce("r1", "p1", "officer", LEAD)
WHOLE = c.ReportForce(
    "r1", "p1", "officer", LEAD, "baton", "north", aid_given=True, account="he swung at us", quantity=1, warned=True,
    alternatives=("persuasion",), ems_called=False, objective="stop the assault", resistance_met=("violence",),
    subject_race_perceived="white", subject_ethnicity_perceived="not Hispanic",
)  # fmt: skip


def missing(report: c.ReportForce, *before: Any) -> tuple[str, ...]:
    event = given(*STAFFED, *before).when(report, OFFICER).drafts[0].event
    assert isinstance(event, e.ForceReported)
    return event.missing


def test_a_bare_report_is_kept_and_lists_all_that_it_does_not_say() -> None:
    assert missing(BARE) == tuple(SAYS)
    spec = given(*STAFFED).when(BARE, OFFICER)
    assert "force-report" in owed(spec.world.state) and not spec.world.state.force.reports["r1"].complete


def test_a_whole_report_is_complete_and_ends_its_duty_as_it_begins() -> None:
    spec = given(*STAFFED).when(WHOLE, OFFICER)
    assert e.ForceReportCompleted("r1") in [draft.event for draft in spec.drafts]
    assert "force-report" not in owed(spec.world.state) and spec.world.state.force.reports["r1"].complete


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"objective": " "}, "objective"),
        ({"resistance_met": ()}, "resistance"),
        ({"alternatives": ()}, "alternatives"),
        ({"warned": None}, "warning"),
        ({"warned": False}, "warning"),
        ({"subject_race_perceived": None}, "race"),
        ({"subject_race_perceived": "Unknown"}, "race"),
        ({"subject_race_perceived": None, "subject_race_stated": "Black"}, "race"),  # stated stands apart
        ({"subject_ethnicity_perceived": "unknown", "ethnicity_why_unknown": " "}, "ethnicity"),
        ({"tool": None}, "tool"),
        ({"quantity": None}, "quantity"),
        ({"aid_given": None}, "aid"),
        ({"ems_called": None}, "medical"),
        ({"account": None}, "account"),
    ],
)
def test_each_thing_that_is_not_said_is_named(changes: dict[str, Any], name: str) -> None:
    assert missing(replace(WHOLE, **changes)) == (name,)


@pytest.mark.parametrize(
    "changes",
    [
        {"alternatives": (), "alternatives_why_not": "no time"},
        {"warned": False, "warning_why_not": "no time"},
        {"subject_race_perceived": "unknown", "race_why_unknown": "masked"},
        {"subject_ethnicity_perceived": "unknown", "ethnicity_why_unknown": "masked"},
        {"tool": "physical-control", "quantity": None},  # hands are not counted
        {"ems_called": None, "harm": "none"},
    ],
)
def test_a_reason_is_an_answer(changes: dict[str, Any]) -> None:
    assert missing(replace(WHOLE, **changes)) == ()


def test_a_correction_completes_the_report_once() -> None:
    spec = given(*STAFFED, by(OFFICER, BARE)).when(WHOLE, OFFICER)
    assert e.ForceReportCompleted("r1") in [draft.event for draft in spec.drafts]
    assert "force-report" not in owed(spec.world.state)
    again = given(*STAFFED, by(OFFICER, BARE), by(OFFICER, WHOLE)).when(WHOLE, OFFICER)
    assert e.ForceReportCompleted("r1") not in [draft.event for draft in again.drafts]


def test_anothers_report_under_the_same_number_completes_nothing() -> None:
    spec = given(*STAFFED, by(OFFICER, BARE)).when(WHOLE, SERGEANT, rank="sergeant")
    assert not spec.world.state.force.reports["r1"].complete and "force-report" in owed(spec.world.state)


def test_aid_and_medical_help_on_record_are_what_the_report_need_not_repeat() -> None:
    lacking = replace(WHOLE, aid_given=None, ems_called=None)
    first = by(OFFICER, c.RecordAid("r1", "given"))
    assert missing(lacking, first) == ("medical",)
    past = given(*STAFFED, by(OFFICER, lacking), first)
    assert still_missing(past.world.state, past.world.state.force.reports["r1"]) == ("medical",)
    spec = past.when(c.RecordMedicalHelp("r1", "requested"), OFFICER)
    assert spec.drafts[1].event == e.ForceReportCompleted("r1") and "force-report" not in owed(spec.world.state)
    more = given(*STAFFED, by(OFFICER, lacking)).when(c.RecordSupervisor("r1", "called"), OFFICER)
    assert len(more.drafts) == 1


def test_a_completion_of_an_unknown_report_changes_nothing() -> None:
    world = given(*STAFFED).world
    before = world.state.force
    world.happened(e.ForceReportCompleted("ghost"))
    assert world.state.force is before


def test_a_ticked_duty_does_not_make_a_report_complete() -> None:
    past = given(*STAFFED, by(OFFICER, BARE))
    (duty,) = [d.duty for d in past.world.state.duties.all.values() if d.rule == "force-report"]
    spec = past.when(c.DischargeDuty(duty), OFFICER)
    assert duty in spec.world.state.duties.open
