"""What follows force or an injury: who did what and when ends the duties; a supervisor who had a part ends none."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from command.domain import commands as c
from command.domain import events as e
from command.domain.state import State
from tests.domain.test_granting import GRANTED, USE
from tests.support.given import LEAD, OFFICER, OPS, SERGEANT, STAFFED, Given, Wait, by, checks_in, given

DONE = (*GRANTED, by(OFFICER, USE))
INJURY = c.RecordInjury("j1", "r1", visible=True, what="a cut on the brow")


def owed(state: State) -> set[str]:
    """The rules of the open duties."""
    return {state.duties.all[key].rule for key in state.duties.open}


def owed_after(*steps: Any) -> set[str]:
    return owed(given(*DONE, *steps).world.state)


@pytest.mark.parametrize(
    ("cmd", "event", "ends"),
    [
        (c.RecordAid("r1", "offered", "officer", accepted=False), e.AidOffered, "aid-after-force"),
        (c.RecordAid("r1", "given", unit="u1", note="pressed on it"), e.AidGiven, "aid-after-force"),
        (c.RecordMedicalHelp("r1", "requested", service="fire department"), e.MedicalHelpRequested, "medical-help"),
        (c.RecordMedicalHelp("r1", "arrived", unit="u1"), e.MedicalHelpArrived, "medical-help"),
        (c.RecordMedicalHelp("r1", "refused", "officer"), e.MedicalHelpRefused, "medical-help"),
        (c.RecordInjury("j1", "r1", asked=True), e.NoInjurySeen, "medical-help"),
    ],
)
def test_what_was_done_ends_its_duty_and_no_other(cmd: c.Command, event: type, ends: str) -> None:
    before = owed_after()
    spec = given(*DONE).when(cmd, OFFICER)
    assert type(spec.drafts[0].event) is event and ends in before
    assert owed(spec.world.state) == before - {ends}
    (step,) = spec.world.state.aftercare.care["r1"].steps
    assert step.counts and step.by == "officer" and step.at == spec.world.entries[-2].header.occurred_at


def test_care_for_another_record_ends_nothing_here() -> None:
    assert owed_after(by(OFFICER, c.RecordAid("r2", "given"))) == owed_after()


def test_care_that_came_before_the_report_ends_the_duty_as_it_begins() -> None:
    """A tablet sends in the order in which it could."""
    early = given(*GRANTED, by(OFFICER, c.RecordAid("r1", "given")), by(OFFICER, USE)).world.state
    assert "aid-after-force" not in owed(early) and "medical-help" in owed(early)


def test_an_injury_starts_the_clock_with_or_without_force() -> None:
    assert "medical-help-for-injury" in owed_after(by(OFFICER, INJURY))
    called = c.RecordMedicalHelp("r1", "requested")
    assert not {"medical-help", "medical-help-for-injury"} & owed_after(by(OFFICER, INJURY), by(OFFICER, called))
    alone = given(*STAFFED, by(OFFICER, c.RecordInjury("j2", complaint=True, sector="north"))).world
    assert owed(alone.state) == {"medical-help-for-injury"}
    alone.happened(by(OFFICER, c.RecordMedicalHelp("j2", "requested")))
    assert not alone.state.duties.open
    again = given(
        *STAFFED, by(OFFICER, INJURY), by(OFFICER, replace(INJURY, visible=False, complaint=True))
    ).world.state
    assert again.aftercare.injuries["j1"].visible, "the first under an id stands"


def test_a_supervisor_without_a_part_in_it_ends_the_duty() -> None:
    assert "supervisor-on-scene" in owed_after(by(SERGEANT, c.RecordSupervisor("r1", "called", "ops")))
    spec = given(*DONE).when(c.RecordSupervisor("r1", "on scene"), OPS)
    assert spec.drafts[0].finding is None and spec.drafts[0].event == e.SupervisorOnScene("r1", "ops")
    assert "supervisor-on-scene" not in owed(spec.world.state)


@pytest.mark.parametrize(
    ("who", "kind", "why"),
    [
        ("sergeant", "contrary to plan", "took part in it"),  # asked for it
        ("ic", "contrary to plan", "took part in it"),  # granted it
        ("officer", "contrary to plan", "took part in it"),  # used it
        ("ghost", "cannot tell", "not on duty"),
        ("rookie", "contrary to plan", "sergeant"),  # no supervisor
    ],
)
def test_whoever_had_a_part_or_is_no_supervisor_is_kept_with_a_finding_and_ends_nothing(
    who: str, kind: str, why: str
) -> None:
    rookie = checks_in(replace(OFFICER, person="rookie"), "officer")
    spec = given(*DONE, rookie).when(c.RecordSupervisor("r1", "on scene", who), OFFICER)
    found = spec.drafts[0].finding
    assert found is not None and found.kind == kind and why in " ".join(found.reasons), found
    assert "supervisor-on-scene" in owed(spec.world.state)
    (step,) = spec.world.state.aftercare.care["r1"].steps
    assert not step.counts and step.why == "; ".join(found.reasons)


def test_nobody_says_that_a_supervisor_came_by_ticking_the_duty() -> None:
    past: Given = given(*DONE)
    (duty,) = [d.duty for d in past.world.state.duties.all.values() if d.rule == "supervisor-on-scene"]
    spec = past.when(c.DischargeDuty(duty), SERGEANT)
    assert duty in spec.world.state.duties.open and spec.drafts[0].finding is not None


def test_a_supervisor_on_scene_of_an_unknown_record_cannot_be_judged() -> None:
    spec = given(*STAFFED).when(c.RecordSupervisor("ghost", "on scene"), OPS)
    assert spec.drafts[0].finding is not None and spec.drafts[0].finding.kind == "cannot tell"


def test_a_critical_event_opens_a_welfare_check_that_ends_once_everyone_was_reached() -> None:
    declared = c.DeclareCriticalEvent("k1", "officer in danger", sector="north")
    world = given(*STAFFED, by(SERGEANT, declared), by(OPS, replace(declared, kind="death"))).world
    assert {state.rule for state in world.state.duties.all.values()} == {"welfare-check"}
    assert world.state.aftercare.critical["k1"].kind == "officer in danger", "the first under an id stands"
    world.happened(by(OPS, c.RecordWelfareCheck("k1", everyone=False, officers="A. and B.", offered="a break")))
    assert "welfare-check" in owed(world.state) and not world.state.aftercare.critical["k1"].cared_for
    world.happened(by(OPS, c.RecordWelfareCheck("k1", everyone=True)))
    assert not owed(world.state) and world.state.aftercare.critical["k1"].cared_for
    given(*STAFFED).when(c.RecordWelfareCheck("ghost", everyone=True), OPS).nothing()


def test_whom_a_critical_event_touched_is_in_no_header() -> None:
    world = given(
        *STAFFED, by(OPS, c.RecordWelfareCheck("k1", everyone=True, officers="Canary", offered="Canary"))
    ).world
    assert b"Canary" not in b"".join(world.raw)


@pytest.mark.parametrize(
    ("changes", "kinds"),
    [
        ({"harm": "death"}, ["death"]),
        ({"harm": "serious"}, ["serious injury"]),
        ({"harm": "visible"}, []),
        ({"tool": "shot-at-vehicle", "harm": "death"}, ["death", "firearm discharge"]),
    ],
)
def test_a_report_of_force_that_is_critical_by_itself_says_so_once(changes: dict[str, Any], kinds: list[str]) -> None:
    report = replace(c.ReportForce("r1", "p1", "officer", LEAD, "baton", "north"), **changes)
    spec = given(*STAFFED).when(report, OFFICER)
    declared = [draft.event.kind for draft in spec.drafts if isinstance(draft.event, e.CriticalEventDeclared)]
    assert declared == kinds
    corrected = given(*STAFFED, by(OFFICER, report), Wait(5)).when(replace(report, account="more"), OFFICER)
    assert not [d for d in corrected.drafts if isinstance(d.event, e.CriticalEventDeclared)]
