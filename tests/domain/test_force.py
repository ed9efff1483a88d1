"""Reports of force: each one is kept, says how it stands, and may be corrected."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from command.domain import commands as c
from command.domain import events as e
from command.domain.envelope import Actor
from command.domain.ids import Place
from command.domain.state import State
from tests.support.given import IC, LEAD, OFFICER, SERGEANT, STAFFED, START, STRANGER, Wait, by, given

HANDS = c.ReportForce("r1", "p1", "officer", LEAD, "physical-control", "north")
BATON = replace(HANDS, tool="baton")
AID = ("force-report", "aid-after-force", "medical-help", "supervisor-on-scene", "force-review")
NO_RECORD = "no authorization on record"


def kinds(state: State) -> dict[str, str]:
    return {key: r.finding.kind for key, r in state.force.reports.items() if r.finding}


def test_a_report_is_kept_word_for_word() -> None:
    values: dict[str, Any] = {name: f"v-{name}" for name in c.ReportForce.__struct_fields__}
    typed: dict[str, Any] = {
        "place": Place(1.0, 2.0), "exigent": True, "aid_given": False, "zones": ("legs",), "grounds": ("flight",),
        "alternatives": ("time",), "quantity": 2, "distance_m": 4.5, "purpose": "arrest", "warned": True, "ems_called": True,
        "indiscriminate": False, "resistance_met": ("violence",), "harm": "visible",
    }  # fmt: skip
    cmd = c.ReportForce(**{**values, **typed})
    event = given(*STAFFED).when(cmd, OFFICER).drafts[0].event
    assert isinstance(event, e.ForceReported)
    assert {name: getattr(event, name) for name in cmd.__struct_fields__} == {
        name: getattr(cmd, name) for name in cmd.__struct_fields__
    }
    assert set(event.__struct_fields__) - set(cmd.__struct_fields__) == {"reason_given", "missing"}
    assert event.reason_given and event.missing == ()


@pytest.mark.parametrize(
    ("cmd", "kind", "why"),
    [
        (HANDS, "authorized", "the plan asks for no grant"),
        (BATON, NO_RECORD, "no grant is on record"),
        (replace(BATON, grant="g7"), NO_RECORD, "the grant g7 is not on record"),
        (replace(BATON, tool=None), NO_RECORD, "does not say which tool"),
        (replace(BATON, tool="trebuchet"), NO_RECORD, "knows no tool"),
        (replace(BATON, exigent=True, exigent_reason="he had a knife"), "exigent", "with a reason"),
        (replace(BATON, exigent=True), NO_RECORD, "no reason was given"),
        (replace(BATON, exigent=True, exigent_reason="  "), NO_RECORD, "no reason was given"),
        (replace(HANDS, officer="4711"), "cannot tell", "was not checked in"),
        (replace(HANDS, sector=None), "cannot tell", "where it happened"),
    ],
)
def test_how_a_report_stands(cmd: c.ReportForce, kind: str, why: str) -> None:
    spec = given(*STAFFED).when(cmd, OFFICER)
    finding = spec.drafts[0].finding
    assert finding is not None and finding.kind == kind and why in " ".join(finding.reasons)
    assert kinds(spec.world.state) == {"r1": kind}


def test_a_report_is_judged_by_what_was_in_force_when_it_happened() -> None:
    spec = given(*STAFFED).when(HANDS, OFFICER, occurred_at=START)
    finding = spec.drafts[0].finding
    assert finding is not None and finding.kind == "cannot tell", "the officer had not checked in yet"


def test_a_clock_error_across_a_boundary_cannot_tell() -> None:
    finding = given(*STAFFED).when(HANDS, OFFICER, clock_error_ms=60_000).drafts[0].finding
    assert finding is not None and finding.kind == "cannot tell"


def test_anyone_may_report_force_even_before_the_incident_is_open() -> None:
    spec = given().when(BATON, STRANGER)
    assert kinds(spec.world.state) == {"r1": NO_RECORD}


def test_a_report_starts_its_duties() -> None:
    given(*STAFFED).when(HANDS, OFFICER).owing(*AID)
    given(*STAFFED).when(BATON, OFFICER).owing(*AID, "unauthorized-force-review")


def test_a_correction_stands_beside_the_first_report_and_reopens_its_finding() -> None:
    spec = given(*STAFFED, BATON).when(replace(HANDS, account="it was hands only"), OFFICER)
    assert spec.drafts[0].supersedes == "cmd-7.0"
    assert isinstance(spec.drafts[1].event, e.FindingReopened)
    spec.owing()
    assert kinds(spec.world.state) == {"r1": "authorized"}
    assert spec.world.state.counts["ForceReported"] == 2
    assert spec.world.state.force.open_by_sector["north"] == 0


def test_a_correction_that_stands_worse_starts_what_is_now_owed() -> None:
    spec = given(*STAFFED, HANDS).when(BATON, OFFICER).owing("unauthorized-force-review")
    assert spec.world.state.force.open_by_sector["north"] == 1
    assert spec.world.state.force.recent == ("r1",)


def test_a_correction_that_stands_the_same_reopens_nothing() -> None:
    spec = given(*STAFFED, BATON).when(replace(BATON, account="more words"), OFFICER)
    assert [type(draft.event) for draft in spec.drafts] == [e.ForceReported]
    assert spec.world.state.force.open_by_sector["north"] == 1
    assert spec.world.state.force.recent == ("r1",)


def test_a_correction_that_moves_the_report_moves_its_count() -> None:
    spec = given(*STAFFED, c.DefineSector("south", "S"), BATON).when(replace(BATON, sector="south"), OFFICER)
    assert {key: spec.world.state.force.open_by_sector[key] for key in ("north", "south")} == {"north": 0, "south": 1}


def test_a_report_without_a_finding_in_the_log_can_be_corrected() -> None:
    """Unreachable through decide: the event put into the log as it is."""
    bare = e.ForceReported("r1", "p1", "officer", LEAD, "baton", "north", None, None)
    spec = given(*STAFFED, bare).when(BATON, IC)
    assert isinstance(spec.drafts[0].event, e.ForceReported) and spec.drafts[0].supersedes is not None
    assert kinds(spec.world.state) == {"r1": NO_RECORD}


def test_a_finding_of_an_unknown_report_changes_nothing() -> None:
    finding = given(*STAFFED).when(BATON).drafts[0].finding
    assert finding is not None
    spec = given(*STAFFED, e.FindingReopened("ghost", finding, "x")).when(c.CheckOut("ghost"), OFFICER, rank="officer")
    assert not spec.nothing().world.state.force.reports


@pytest.mark.parametrize(
    ("ahead_s", "error_ms", "kind"), [(5, 0, "cannot tell"), (5, 6000, "authorized"), (-5, 0, "authorized")]
)
def test_nobody_is_authorized_for_a_moment_that_has_not_come(ahead_s: int, error_ms: int, kind: str) -> None:
    """What is in force now says nothing of later; a clock that is known to be off may run ahead by its error."""
    past = given(*STAFFED, Wait(60))
    at = past.world.now + timedelta(seconds=ahead_s)
    finding = past.when(HANDS, OFFICER, occurred_at=at, clock_error_ms=error_ms).drafts[0].finding
    assert finding is not None
    assert finding.kind == kind


@pytest.mark.parametrize(("who", "counts"), [(SERGEANT, False), (STRANGER, False), (OFFICER, True), (IC, True)])
def test_nobody_makes_anothers_report_look_better(who: Actor, counts: bool) -> None:
    """A report under the number of another's is kept, and corrects nothing unless its author may."""
    better = replace(BATON, exigent=True, exigent_reason="life", account="not so")
    spec = given(*STAFFED, by(OFFICER, BATON)).when(better, who, rank="officer")
    assert isinstance(spec.drafts[0].event, e.ForceReported)
    assert (spec.drafts[0].supersedes is not None) == counts
    assert kinds(spec.world.state) == {"r1": "exigent" if counts else NO_RECORD}
    assert spec.world.state.force.open_by_sector["north"] == (0 if counts else 1)
