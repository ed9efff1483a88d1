"""Opening, closing, redacting, and the missing parts of the plan."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from command.domain import commands as c
from command.domain import events as e
from command.domain.incident import closed
from command.domain.state import initial
from tests.support.given import (
    ALLY,
    CHIEF,
    COURSES,
    IC,
    LEAD,
    OFFICER,
    OPEN,
    OPENED,
    SERGEANT,
    STAFFED,
    START,
    STRANGER,
    Wait,
    by,
    given,
    model_stack,
)  # fmt: skip

STACK = model_stack()


def opened(**changes: object) -> e.IncidentOpened:
    event = e.IncidentOpened("May Day", "planned", LEAD, "America/Los_Angeles", STACK.digests, "plan", "ic")
    return replace(event, **changes)


def commander(**changes: object) -> e.PersonCheckedIn:
    event = e.PersonCheckedIn("ic", "Ines Castro", LEAD, "captain", training=COURSES, camera_absent="command post")
    return replace(event, **changes)


REST = (
    e.AgencyJoined(LEAD, "Metro Police", "lead", accepted_plan=True),
    e.PositionAssigned("incident-commander", "ic"),
)


def test_a_planned_incident_opens_at_the_lowest_level_with_its_lead_agency_and_commander() -> None:
    spec = given().when(OPEN, IC).then(opened(), REST[0], commander(), REST[1]).owing()
    assert spec.drafts[0].decision is not None and spec.drafts[0].decision.allows
    state = spec.world.state
    assert state.incident is not None and state.incident.opened_at == START


def test_a_commander_without_a_name_goes_by_their_id() -> None:
    spec = given().when(replace(OPEN, commander_name=None), IC)
    assert commander(name="ic") in [draft.event for draft in spec.drafts]


def test_a_spontaneous_incident_opens_at_once_and_owes_what_its_plan_lacks() -> None:
    spec = given().when(replace(OPEN, kind="spontaneous", reason="it began"), IC)
    parts = tuple(e.PlanPart(part.id, part.says) for part in STACK.template_parts)
    expected = opened(kind="spontaneous", reason="it began", missing_parts=parts)
    spec.then(expected, REST[0], commander(), REST[1]).owing(*(part.id for part in STACK.template_parts))
    duties = [draft.event for draft in spec.drafts if isinstance(draft.event, e.DutyStarted)]
    assert {duty.started_by for duty in duties} == {"cmd-0"}
    assert len({duty.duty for duty in duties}) == len(duties)


def test_an_exercise_opens_on_its_own_clock() -> None:
    origin = START - timedelta(days=3650)
    cmd = replace(OPEN, clock_origin=origin, clock_rate=60.0)
    spec = given().when(cmd, IC)
    spec.then(opened(clock=e.IncidentClock(origin, START, 60.0)), REST[0], commander(), REST[1])
    assert all(draft.at == origin for draft in spec.drafts)


def test_an_open_incident_is_not_opened_again() -> None:
    given(*OPENED).when(OPEN, IC).refused("refused", containing="open already")


def test_another_agency_does_not_open_what_it_does_not_lead() -> None:
    given().when(OPEN, STRANGER).refused("refused", containing="does not open")


@pytest.mark.parametrize("cmd", [c.CloseIncident("no"), c.DefineSector("n", "N"), c.Redact("a", "b", seqs=(1,))])
def test_nothing_is_asked_of_an_incident_that_is_not_open(cmd: c.Command) -> None:
    given().when(cmd, IC).refused("refused", containing="not open yet")


def test_the_commander_closes_and_reports_are_owed() -> None:
    spec = given(*STAFFED).when(c.CloseIncident("over")).then(e.IncidentClosed("over"))
    spec.owing("command-report", "public-summary", "public-account")
    assert spec.world.state.incident is not None and spec.world.state.incident.closed_at is not None


def test_nobody_else_closes() -> None:
    given(*STAFFED).when(c.CloseIncident("over"), OFFICER).refused("refused", containing="does not hold the position")


WAITING = c.AskLevel("a1", "north", "facilitate", indicators=("march-moving",))


def test_an_incident_does_not_close_over_an_ask_that_waits() -> None:
    given(*STAFFED, by(OFFICER, WAITING)).when(c.CloseIncident("over")).refused(containing="found 1: a1")


def test_an_expired_ask_does_not_hold_up_the_closing() -> None:
    given(*STAFFED, by(OFFICER, WAITING), Wait(601)).when(c.CloseIncident("over")).then(e.IncidentClosed("over"))


def test_a_closed_incident_takes_reports_and_no_asks() -> None:
    past = (*STAFFED, c.CloseIncident("over"))
    given(*past).when(c.DefineSector("s", "S")).refused(containing="closed")
    given(*past).when(c.RecordEntry("e1", "late"), OFFICER).then(e.EntryRecorded("e1", "late"))


def test_a_closing_without_an_opening_folds_to_nothing() -> None:
    """Unreachable through decide; evolve takes it all the same."""
    assert closed(initial("x"), given(*OPENED).world.entries[0], e.IncidentClosed("")) == initial("x")


def test_redaction_names_a_subject_or_events_that_exist() -> None:
    given(*STAFFED).when(c.Redact("Court", "sealed")).refused(containing="got neither")
    given(*OPENED).when(c.Redact("Court", "sealed", seqs=(4, 5))).refused(containing="from 1 to 4, got [5]")
    given(*OPENED).when(c.Redact("Court", "sealed", seqs=(0,))).refused(containing="got [0]")


def test_redaction_is_remembered_by_subject_and_by_event() -> None:
    spec = given(*OPENED).when(c.Redact("Court", "order 7", subject="p1", seqs=(2, 3), scope="expungement"))
    spec.then(e.Redacted("p1", (2, 3), "Court", "order 7", "expungement"))
    assert dict(spec.world.state.redacted_subjects.items()) == {"p1": 5}
    assert dict(spec.world.state.redacted_seqs.items()) == {2: 5, 3: 5}
    only = given(*OPENED).when(c.Redact("Court", "order 7", seqs=(2,))).then(e.Redacted(None, (2,), "Court", "order 7"))
    assert not only.world.state.redacted_subjects


def test_redaction_is_still_possible_after_the_close() -> None:
    """A court's order comes when it comes."""
    past = (*STAFFED, c.CloseIncident("over"))
    given(*past).when(c.Redact("Court", "x", subject="p"), CHIEF).then(e.Redacted("p", (), "Court", "x"))


def test_a_supplied_part_of_the_plan_ends_its_duty_and_no_other() -> None:
    past = given(replace(OPEN, kind="spontaneous"))
    owed = {d.rule: d.duty for d in past.world.state.duties.all.values()}
    spec = past.when(c.SupplyPlanPart("medical-plan", "two aid stations"), SERGEANT)
    spec.then(
        e.PlanPartSupplied("medical-plan", "two aid stations"), e.DutyDischarged(owed["medical-plan"], by="cmd-1")
    )
    assert set(spec.world.state.duties.open) == set(owed.values()) - {owed["medical-plan"]}


def test_a_part_that_nobody_missed_is_recorded_all_the_same() -> None:
    spec = given(*OPENED).when(c.SupplyPlanPart("x", "y"), OFFICER)
    spec.then(e.PlanPartSupplied("x", "y")).nothing()


def test_who_leads_is_who_the_command_names() -> None:
    spec = given().when(replace(OPEN, lead_agency=ALLY), replace(IC, agency=ALLY))
    assert spec.drafts[0].event == opened(lead_agency=ALLY)


def test_with_a_person_go_the_notes_of_aid_and_injury_after_force_on_them_and_of_nobody_else() -> None:
    """They name the report and not the person; a supervisor being called is no note."""
    force = c.ReportForce("r1", "p1", "officer", tool="hands")
    notes = (
        by(OFFICER, force), by(OFFICER, replace(force, report="r2", subject="p2")),
        by(OFFICER, c.RecordAid("r1", "given", note="pressed on it")), by(OFFICER, c.RecordAid("r2", "given", note="x")),
        by(OFFICER, c.RecordSupervisor("r1", "called", "sergeant")),
        by(OFFICER, c.RecordInjury("j1", "r1", visible=True, what="a cut")),
    )  # fmt: skip
    spec = given(*STAFFED, *notes).when(c.Redact("Court", "order 7", "p1", (2,)))
    (event,) = (draft.event for draft in spec.drafts)
    assert isinstance(event, e.Redacted) and event.subject == "p1"
    named = [one.header.type for one in spec.world.entries if one.seq in event.seqs and one.seq != 2]
    assert named == ["AidGiven", "InjuryNoted"] and 2 in event.seqs
    again = given(*STAFFED, *notes, by(CHIEF, c.Redact("Court", "x", "p1"))).when(c.Redact("Court", "again", "p1"))
    again.then(e.Redacted("p1", (), "Court", "again"))
