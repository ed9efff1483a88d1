"""Nobody's shift ends over what is open; leaving all the same is kept; health and safety hold nobody up."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from command.domain import commands as c
from command.domain import events as e
from command.domain.demobilizing import OpenItems, of_incident, of_person, of_unit
from tests.domain.test_force_report import BARE, WHOLE
from tests.domain.test_granting import GRANTED
from tests.support.given import CHIEF, LEAD, LOG, OFFICER, OPS, SERGEANT, STAFFED, Origin, Wait, by, checks_in, given

CREW = (*STAFFED, c.FormUnit("u1", "One", "patrol", LEAD, "sergeant"), checks_in(OFFICER, unit="u1"))
OPEN_REPORT = by(OFFICER, BARE)
ISSUED = by(OPS, c.IssueMunitions("i1", "oc-hand", "officer", 4))
COUNTED = by(OPS, c.CountMunitions("i2", "oc-hand", "officer", 4))
WAIVED = by(CHIEF, c.WaiveOpenItems("officer", "completed on paper"))
LEAVING: tuple[tuple[c.Ask, str], ...] = (
    (c.Demobilize("officer"), "officer"),
    (c.ReleaseUnit("u1"), "u1"),
    (c.CloseIncident("over"), LOG),
)


@pytest.mark.parametrize(("cmd", "of"), LEAVING)
def test_an_open_report_holds_the_person_the_unit_and_the_incident_and_says_who_may_waive_it(
    cmd: c.Ask, of: str
) -> None:
    spec = given(*CREW, OPEN_REPORT).when(cmd).refused("missing", containing="complete reports of force: report r1")
    outcome: Any = spec.outcome
    assert any("captain" in who for who in outcome.decision.who_may)
    given(*CREW, OPEN_REPORT, by(OFFICER, WHOLE)).when(cmd)
    assert given(*CREW, OPEN_REPORT, by(OFFICER, WHOLE)).when(cmd).drafts[0].decision is not None
    let = by(CHIEF, c.WaiveOpenItems(of, "completed on paper"))
    event = given(*CREW, OPEN_REPORT, let).when(cmd).drafts[0].event
    assert isinstance(event, e.PersonCheckedOut | e.UnitReleased | e.IncidentClosed)


@pytest.mark.parametrize(("cmd", "of"), LEAVING)
def test_munitions_that_nobody_counted_or_that_do_not_agree_hold(cmd: c.Ask, of: str) -> None:
    given(*CREW, ISSUED).when(cmd).refused("missing", containing="oc-hand with officer")
    given(*CREW, ISSUED, COUNTED).when(cmd).drafts  # noqa: B018  fails on a refusal
    short = by(OPS, c.CountMunitions("i3", "oc-hand", "officer", 3))
    given(*CREW, ISSUED, short).when(cmd).refused(containing="oc-hand with officer")
    back = by(OPS, c.ReturnMunitions("i4", "oc-hand", "officer", 4))
    assert given(*CREW, ISSUED, back).when(cmd).drafts


@pytest.mark.parametrize(("cmd", "of"), LEAVING)
def test_what_the_plan_says_is_no_munition_holds_nobody(cmd: c.Ask, of: str) -> None:
    """A baton is worn, and is not gone when it was used; what no plan knows is watched all the same."""
    handed = [by(OPS, c.IssueMunitions(f"i-{what}", what, "officer", 1)) for what in ("baton", "firearm")]
    assert given(*CREW, *handed).when(cmd).drafts
    given(*CREW, by(OPS, c.IssueMunitions("i9", "their-own-round", "officer", 1))).when(cmd).refused(
        "missing", containing="their-own-round with officer"
    )


def test_an_authorization_in_use_holds_until_it_is_over() -> None:
    given(*GRANTED).when(c.Demobilize("officer")).refused(
        "missing", containing="an end to the authorizations of force: grant g1"
    )
    given(*GRANTED).when(c.CloseIncident("over")).refused(containing="grant g1")
    assert given(*GRANTED, c.RevokeGrant("g1", "over")).when(c.Demobilize("officer")).drafts
    assert of_person(given(*GRANTED).world.state, "ops", given(*GRANTED).world.context(CHIEF)) == OpenItems()
    lapsed = given(*GRANTED, Wait(86_400)).world
    assert of_incident(lapsed.state, lapsed.context(CHIEF)) == OpenItems()


@pytest.mark.parametrize("because", ["health", "safety"])
def test_nobody_is_held_up_who_goes_for_health_or_safety(because: Any) -> None:
    past = (*CREW, OPEN_REPORT, ISSUED)
    assert given(*past).when(c.Demobilize("officer", because)).drafts
    assert given(*past).when(c.ReleaseUnit("u1", because)).drafts
    assert given(*past).when(c.CheckOut("officer", because), OFFICER).drafts[0].finding is None
    assert given(*past).when(c.ReportUnitLeft("u1", because), SERGEANT).drafts[0].finding is None


def test_leaving_all_the_same_is_kept_with_what_was_left_open() -> None:
    past = (*CREW, OPEN_REPORT, ISSUED)
    spec = given(*past).when(c.CheckOut("officer", "end of shift"), OFFICER)
    found = spec.drafts[0].finding
    assert found is not None and found.kind == "contrary to plan" and len(found.reasons) == 2
    assert "report r1" in found.reasons[0] and found.rules
    last = spec.world.state.structure.people["officer"].last
    assert last is not None and last.ended is not None, "they are gone all the same"
    gone = given(*past).when(c.ReportUnitLeft("u1"), SERGEANT)
    assert gone.drafts[0].finding is not None and gone.world.state.structure.units["u1"].released_at is not None
    assert given(*CREW).when(c.CheckOut("officer"), OFFICER).drafts[0].finding is None
    assert given(*past, WAIVED).when(c.CheckOut("officer"), OFFICER).drafts[0].finding is None
    assert given().when(c.CheckOut("officer"), OFFICER).drafts[0].finding is None


def test_a_waiver_is_someone_elses_of_rank_and_covers_what_was_open_then() -> None:
    past = given(*CREW, OPEN_REPORT)
    past.when(c.WaiveOpenItems("officer", "x"), SERGEANT).refused()
    past.when(c.WaiveOpenItems("ghost", "x"), CHIEF).refused(containing="expected a person, a unit or this incident")
    past.when(c.WaiveOpenItems("ops", "x"), CHIEF).refused(containing="nothing of ops is open")
    own = given(*CREW, by(CHIEF, replace(BARE, officer="chief")))
    own.when(c.WaiveOpenItems("chief", "x"), CHIEF).refused(containing="nobody waives")
    spec = past.when(c.WaiveOpenItems("officer", "on paper"), CHIEF)
    assert spec.drafts[0].event == e.OpenItemsWaived("officer", ("report r1",), "on paper")
    later = given(*CREW, OPEN_REPORT, WAIVED, by(OFFICER, replace(BARE, report="r2")))
    later.when(c.Demobilize("officer")).refused(containing="report r2")


def test_only_someone_on_duty_and_a_unit_here_are_released() -> None:
    given(*CREW).when(c.Demobilize("ghost")).refused(containing="on duty here")
    given(*CREW, c.CheckOut("officer")).when(c.Demobilize("officer")).refused(containing="on duty here")
    given(*CREW).when(c.ReleaseUnit("ghost")).refused(containing="expected a unit at this incident")
    given(*CREW).when(c.Demobilize("officer"), OFFICER).refused()
    given(*CREW).when(c.ReleaseUnit("u1"), OFFICER).refused()


def test_an_imported_report_is_its_sources_to_complete() -> None:
    world = given(*CREW).world
    world.send(BARE, OFFICER, origin=Origin("import", "seattle-uof"))
    assert of_incident(world.state, world.context(CHIEF)) == OpenItems()


def test_a_unit_answers_for_its_people_and_its_own_stock() -> None:
    stock = by(OPS, c.IssueMunitions("i9", "oc-hand", "u1", 2))
    world = given(*CREW, OPEN_REPORT, stock, by(SERGEANT, replace(BARE, report="r3", officer="sergeant"))).world
    assert of_unit(world.state, "u1", world.context(CHIEF)) == OpenItems(("report r1",), ("oc-hand with u1",))
