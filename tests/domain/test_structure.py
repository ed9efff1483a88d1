"""Agencies, people, units, positions and the transfer of command."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from command.domain import commands as c
from command.domain import events as e
from command.domain.facts import StateFacts
from command.domain.ids import Place
from tests.support.given import (
    ALLIED,
    ALLY,
    CHIEF,
    IC,
    LEAD,
    OFFICER,
    OPENED,
    OPS,
    PARTNER,
    SERGEANT,
    STAFFED,
    START,
    STRANGER,
    Given,
    Wait,
    by,
    checks_in,
    given,
)  # fmt: skip

UNIT = c.FormUnit("u1", "Bike 1", "bicycle", LEAD, "sergeant", 8)
THEIRS = c.FormUnit("u9", "County 9", "reserve", ALLY)
COMMANDER = "incident-commander"


# Agencies ------------------------------------------------------------------------


def test_an_agency_is_admitted_under_an_agreement_and_the_plan() -> None:
    spec = given(*STAFFED).when(c.AdmitAgency(ALLY, "County", "MOU 12", True))
    spec.then(e.AgencyJoined(ALLY, "County", "assisting", "MOU 12", True))
    facts = StateFacts(spec.world.state)
    assert (facts.agency_kind(ALLY), facts.agency_accepted_plan(ALLY, spec.world.now)) == ("assisting", True)


@pytest.mark.parametrize(
    ("cmd", "why"),
    [
        (c.AdmitAgency(ALLY, "County", None, True), "the agreement"),
        (c.AdmitAgency(ALLY, "County", " ", True), "the agreement"),
        (c.AdmitAgency(ALLY, "County", "MOU 12", False), "acceptance"),
    ],
)
def test_an_agency_lacking_either_is_not_admitted_yet(cmd: c.AdmitAgency, why: str) -> None:
    given(*STAFFED).when(cmd).refused("missing", containing=why)


def test_an_agency_is_admitted_once_and_by_command_only() -> None:
    again = c.AdmitAgency(ALLY, "County", "MOU 12", True)
    given(*ALLIED).when(again).refused("refused", containing="takes part already")
    given(*STAFFED).when(again, OFFICER).refused("refused", containing="does not hold the position")


def test_an_agency_s_acceptance_is_taken_back_and_given_again_and_nothing_else_of_it_changes() -> None:
    """By those who admit agencies; to take it back needs no paper, and the lead agency has nothing to take back."""
    back = c.AdmitAgency(ALLY, "Another name", None, False, "state")
    spec = given(*ALLIED).when(back)
    spec.then(e.AgencyJoined(ALLY, "County Sheriff", "assisting", "MOU 12", False))
    outside = spec.world
    given(*ALLIED).when(back, OFFICER).refused("refused", containing="does not hold the position")
    given(*ALLIED).when(c.AdmitAgency(LEAD, "Metro", None, False)).refused(containing="takes part already")
    again = Given(outside).when(c.AdmitAgency(ALLY, "County", None, True))
    again.then(e.AgencyJoined(ALLY, "County Sheriff", "assisting", "MOU 12", True))
    given(*ALLIED, back).when(THEIRS, PARTNER).refused("missing", containing=f"acceptance of the plan by {ALLY}")
    given(*ALLIED, back).when(back).refused(containing="acceptance of the lead agency's plan")
    assert [word.accepted for word in again.world.state.structure.agencies[ALLY].words] == [True, False, True]


# Units -----------------------------------------------------------------------------


def test_a_sergeant_forms_a_unit() -> None:
    given(*STAFFED).when(UNIT, SERGEANT).then(e.UnitFormed("u1", "Bike 1", "bicycle", LEAD, "sergeant", 8))


def test_an_assisting_agency_forms_its_own_unit_and_no_one_elses() -> None:
    given(*ALLIED).when(THEIRS, PARTNER).then(e.UnitFormed("u9", "County 9", "reserve", ALLY))
    given(*ALLIED).when(UNIT, PARTNER).refused("refused")


def test_a_unit_is_not_formed_twice_nor_for_an_agency_that_is_not_here() -> None:
    given(*STAFFED, UNIT).when(UNIT).refused(containing="formed already")
    given(*STAFFED).when(THEIRS).refused(containing="expected an agency that takes part")
    given(*STAFFED).when(UNIT, OFFICER).refused("refused")


def test_a_released_unit_can_be_formed_again() -> None:
    spec = given(*STAFFED, UNIT, c.ReleaseUnit("u1")).when(UNIT)
    spec.then(e.UnitFormed("u1", "Bike 1", "bicycle", LEAD, "sergeant", 8))
    assert spec.world.state.structure.units["u1"].released_at is None


def test_a_unit_is_sent_to_a_sector_and_back_to_staging() -> None:
    place = Place(47.6, -122.3)
    spec = given(*STAFFED, UNIT).when(c.AssignUnit("u1", "north", "traffic", place))
    spec.then(e.UnitAssigned("u1", "north", "traffic", place))
    unit = spec.world.state.structure.units["u1"]
    assert (unit.sector, unit.assignment, unit.place) == ("north", "traffic", place)
    given(*STAFFED, UNIT, c.AssignUnit("u1", "north")).when(c.AssignUnit("u1", None)).then(e.UnitAssigned("u1", None))


def test_a_unit_is_not_sent_where_nothing_is_nor_by_just_anyone() -> None:
    given(*STAFFED, UNIT).when(c.AssignUnit("u1", "moon")).refused(containing="expected a defined sector, got moon")
    given(*STAFFED).when(c.AssignUnit("u1", "north")).refused(containing="expected a unit at this incident")
    given(*STAFFED, UNIT).when(c.AssignUnit("u1", "north"), OFFICER).refused("refused")


def test_a_unit_is_released_once() -> None:
    spec = given(*STAFFED, UNIT, c.AssignUnit("u1", "north")).when(c.ReleaseUnit("u1")).then(e.UnitReleased("u1"))
    unit = spec.world.state.structure.units["u1"]
    assert (unit.sector, unit.released_at is not None) == (None, True)
    given(*STAFFED, UNIT, c.ReleaseUnit("u1")).when(c.ReleaseUnit("u1")).refused(containing="at this incident")
    given(*STAFFED, UNIT).when(c.ReleaseUnit("u1"), OFFICER).refused("refused")


def test_an_assisting_agency_takes_its_own_unit_back() -> None:
    given(*ALLIED, by(PARTNER, THEIRS)).when(c.ReleaseUnit("u9"), PARTNER).then(e.UnitReleased("u9"))


def test_events_about_unknown_units_change_nothing() -> None:
    """Unreachable through decide; evolve takes them all the same."""
    past = given(*OPENED, e.UnitAssigned("ghost", None), e.UnitReleased("ghost"))
    past.when(c.CheckOut("ghost"), OFFICER, rank="officer").nothing()


# Positions ---------------------------------------------------------------------------


def test_a_position_is_assigned_and_the_earlier_holder_is_relieved_at_that_moment() -> None:
    spec = given(*STAFFED).when(c.AssignPosition("operations", "chief")).then(e.PositionAssigned("operations", "chief"))
    facts, at = StateFacts(spec.world.state), spec.world.entries[-1].header.recorded_at
    assert facts.holder("operations", at) == "chief"
    assert facts.holder("operations", at - timedelta(microseconds=1)) == "ops"


@pytest.mark.parametrize(
    ("cmd", "effect", "why"),
    [
        (c.AssignPosition(COMMANDER, "ops"), "refused", "transfer of command"),
        (c.AssignPosition("juggler", "ops"), "refused", "knows no position"),
        (c.AssignPosition("operations", "nobody"), "missing", "check-in of nobody"),
        (c.AssignPosition("operations", "ops"), "refused", "already holds"),
        (c.VacatePosition(COMMANDER), "refused", "never left empty"),
        (c.VacatePosition("safety"), "refused", "nobody holds safety"),
        (c.VacatePosition("juggler"), "refused", "knows no position"),
    ],
)
def test_positions_that_cannot_be_filled_or_left(cmd: c.Command, effect: str, why: str) -> None:
    given(*STAFFED).when(cmd).refused(effect, containing=why)


def test_nobody_below_command_fills_or_empties_positions() -> None:
    given(*STAFFED).when(c.AssignPosition("safety", "officer"), OFFICER).refused("refused")
    given(*STAFFED).when(c.VacatePosition("operations"), OFFICER).refused("refused")


def test_a_vacated_position_has_no_holder() -> None:
    spec = given(*STAFFED).when(c.VacatePosition("operations")).then(e.PositionVacated("operations"))
    assert StateFacts(spec.world.state).positions_of("ops", spec.world.now) == ()


# Transfer of command --------------------------------------------------------------------


def test_command_and_its_authority_move_in_one_event() -> None:
    spec = given(*STAFFED).when(c.TransferCommand("chief", "all quiet", True))
    spec.then(e.CommandTransferred("ic", "chief", "all quiet", True))
    spec.world.send(c.CloseIncident("x"), IC)
    assert isinstance(spec.world.entries[-1].event, e.AskRefused), "the relieved commander's authority is over"
    spec.world.send(c.CloseIncident("x"), CHIEF)
    assert "IncidentClosed" in spec.world.state.counts


def test_the_executive_relieves_a_commander() -> None:
    given(*STAFFED).when(c.TransferCommand("chief", "relieved", True), CHIEF).then(
        e.CommandTransferred("ic", "chief", "relieved", True)
    )


@pytest.mark.parametrize(
    ("cmd", "effect", "why"),
    [
        (c.TransferCommand("chief", "b", False), "missing", "read the briefing"),
        (c.TransferCommand("partner", "b", True), "refused", "always of the lead agency"),
        (c.TransferCommand("nobody", "b", True), "missing", "check-in of nobody"),
        (c.TransferCommand("ic", "b", True), "refused", "already holds"),
    ],
)
def test_command_that_does_not_move(cmd: c.TransferCommand, effect: str, why: str) -> None:
    given(*ALLIED).when(cmd).refused(effect, containing=why)


def test_command_is_not_taken_by_someone_without_authority() -> None:
    given(*ALLIED).when(c.TransferCommand("officer", "b", True), OFFICER).refused("refused")
    given(*ALLIED).when(c.TransferCommand("chief", "b", True), PARTNER).refused("refused")
    given(*ALLIED).when(c.TransferCommand("chief", "b", True), STRANGER).refused("missing", containing="check-in")


# People ----------------------------------------------------------------------------------


def test_a_check_in_is_kept_with_everything_it_says_and_nothing_it_lacks() -> None:
    cmd = c.CheckIn("officer", "O. Field", LEAD, "officer", "4711", (), "BWC-3", None, True, "H12", "u1")
    event = e.PersonCheckedIn("officer", "O. Field", LEAD, "officer", "4711", (), "BWC-3", None, True, "H12", "u1")
    given(*OPENED).when(cmd, OFFICER).then(event)
    given().when(c.CheckIn("x", "X", "anywhere", "wizard"), STRANGER).then(
        e.PersonCheckedIn("x", "X", "anywhere", "wizard")
    )


def test_a_checked_out_person_is_known_and_not_on_scene() -> None:
    spec = given(*STAFFED).when(c.CheckOut("ops"), OPS).then(e.PersonCheckedOut("ops"))
    facts, at = StateFacts(spec.world.state), spec.world.entries[-1].header.occurred_at
    before, after = facts.person("ops", at - timedelta(seconds=1)), facts.person("ops", at)
    assert before is not None and before.on_scene
    assert after is not None and not after.on_scene


def test_the_check_out_of_someone_unknown_ends_nothing() -> None:
    """Said by somebody whose word does not count it does not even wait for a check-in from before it."""
    spec = given(*STAFFED).when(c.CheckOut("ghost"), OFFICER).then(e.PersonCheckedOut("ghost"))
    assert StateFacts(spec.world.state).person("ghost", spec.world.now) is None
    given(*STAFFED).when(c.CheckOut("ghost"), OFFICER, rank="officer").nothing()


def test_a_check_out_that_is_told_late_does_not_end_a_later_check_in() -> None:
    again = (*OPENED, checks_in(OPS), Wait(600), checks_in(OPS))
    spec = given(*again).when(c.CheckOut("ops"), OPS, occurred_at=START + timedelta(seconds=100))
    facts = StateFacts(spec.world.state)
    gap, now = facts.person("ops", START + timedelta(seconds=101)), facts.person("ops", spec.world.now)
    assert gap is not None and not gap.on_scene
    assert now is not None and now.on_scene


def test_a_check_in_that_is_told_late_does_not_displace_a_newer_one() -> None:
    past = (*OPENED, Wait(600), checks_in(OPS, "captain"))
    late = c.CheckIn("ops", "Ops", LEAD, "officer")
    spec = given(*past).when(late, OPS, occurred_at=START + timedelta(seconds=60))
    facts = StateFacts(spec.world.state)
    then, now = facts.person("ops", START + timedelta(seconds=61)), facts.person("ops", spec.world.now)
    assert then is not None and then.rank == "officer"
    assert now is not None and now.rank == "captain"


def test_a_check_out_before_any_check_in_waits_for_one_from_before_it() -> None:
    """Tablets hand in in any order: on duty from 12:10, off from 12:20, whichever of the two is told first."""

    def minute(number: int) -> datetime:
        return START + timedelta(minutes=number)

    def told(*when: int) -> list[bool | None]:
        cmd = checks_in(SERGEANT).what
        steps = [by(SERGEANT, c.CheckOut("sergeant") if at % 20 == 0 else cmd, occurred_at=minute(at)) for at in when]
        facts = StateFacts(given(*OPENED, Wait(3600), *steps).world.state)
        known = [facts.person("sergeant", minute(at)) for at in (5, 15, 25, 35, 45)]
        return [None if one is None else one.on_scene for one in known]

    assert told(20) == [None] * 5
    assert told(10, 20) == told(20, 10) == [None, True, False, False, False]
    assert told(20, 30) == [None, None, None, True, True], "it ends no later one"
    assert told(20, 40, 30, 10) == told(10, 20, 30, 40) == [None, True, False, True, False]


def test_check_outs_that_wait_are_bounded() -> None:
    many = (by(IC, c.CheckOut("ghost"), occurred_at=START + timedelta(seconds=n)) for n in range(20))
    state = given(*OPENED, Wait(60), *many).world.state
    assert state.structure.left["ghost"] == tuple(START + timedelta(seconds=n) for n in range(12, 20))
