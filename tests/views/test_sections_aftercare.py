"""The rows of what follows force or an injury, through each lens."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from command.domain import commands as c
from command.domain import events as e
from command.domain.force_report import SAYS
from command.views.board import board, needs
from command.views.lens import COMMAND, FIELD, Lens, agency_lens, lens
from command.views.lines import line
from command.views.sight import shown_private
from tests.domain.test_aftercare import DONE, INJURY
from tests.support.given import ALLIED, ALLY, OFFICER, OPS, PARTNER, SERGEANT, STAFFED, Wait, by, checks_in, given

SHARE = agency_lens(ALLY)


def rows(section: str, *steps: Any, lens: Lens = COMMAND) -> dict[str, Any]:
    world = given(*steps).world
    private = {seq: world.plain[seq] for seq in needs(world.state)}
    return dict(board(world.state, world.stack, lens, private, world.now)[section])


def test_a_row_says_who_did_what_when_and_how_long_it_took() -> None:
    aid = by(OFFICER, c.RecordAid("r1", "given", "sergeant", note="private"))
    late = by(SERGEANT, c.RecordSupervisor("r1", "on scene", "ic"))
    row = rows("care", *DONE, Wait(30), aid, late)["r1"]
    assert [(s.what, s.who.person, s.by.person, s.counts) for s in row.steps] == [
        ("AidGiven", "sergeant", "officer", True),
        ("SupervisorOnScene", "ic", "sergeant", False),
    ]
    assert row.aid_s == 31.0 and row.medical_s is None and row.supervisor_s is None
    assert row.steps[1].why and row.what == "baton" and row.sector == "north" and not row.injured
    assert SAYS["objective"] in row.missing and not row.complete and row.owed


def test_uninvolved_supervisors_are_proposed_those_in_the_sector_first_and_nobody_is_assigned() -> None:
    named = [who.person for who in rows("care", *DONE)["r1"].supervisors]
    assert named == ["chief", "ops"], "the commander granted it, the sergeant asked for it, an officer is no supervisor"
    near = rows("care", *DONE, by(OPS, c.ReportPresence("north")))["r1"]
    assert [who.person for who in near.supervisors] == ["ops", "chief"]
    assert not rows("care", *DONE, c.RecordSupervisor("r1", "on scene", "ops"))["r1"].supervisors
    left = [who.person for who in rows("care", *DONE, c.CheckOut("ops"))["r1"].supervisors]
    assert left == ["chief"]
    assert not rows("care", *DONE, lens=FIELD)["r1"].supervisors


def test_a_share_sees_the_care_after_its_own_officers_force_only() -> None:
    own = by(PARTNER, c.ReportForce("r2", "p2", "partner", ALLY, "baton", "north"))
    found = rows("care", *ALLIED, own, by(OFFICER, c.ReportForce("r1", "p1", "officer", "metro-pd")), lens=SHARE)
    assert set(found) == {"r2"}


def test_an_injury_without_force_and_care_before_its_report_have_rows() -> None:
    row = rows("care", *STAFFED, by(OFFICER, replace(INJURY, record=None, sector="north")))["j1"]
    assert row.what == "injury" and row.injured and row.sector == "north" and row.complete
    early = rows("care", *STAFFED, by(OFFICER, c.RecordMedicalHelp("r7", "requested")))["r7"]
    assert early.steps and early.seq and early.medical_s == 0.0


def test_a_critical_event_shows_that_officers_were_looked_after_and_never_how_they_are() -> None:
    declared = by(SERGEANT, c.DeclareCriticalEvent("k1", "death", "r1", "north", "who it touched"))
    row = rows("critical", *STAFFED, declared)["k1"]
    assert (row.kind, row.cared_for, row.record) == ("death", False, "r1")
    done = by(OPS, c.RecordWelfareCheck("k1", everyone=True, officers="A.", offered="a break"))
    assert rows("critical", *STAFFED, declared, done)["k1"].cared_for
    assert not rows("critical", *STAFFED, declared, lens=FIELD) and not rows("critical", *ALLIED, declared, lens=SHARE)
    world = given(*STAFFED, declared, done).world
    entry = next(one for one in world.entries if isinstance(one.event, e.WelfareChecked))
    assert shown_private(world.state, entry, lens("command", (), ("welfare",))) == {"officers", "offered"}
    assert not shown_private(world.state, entry, COMMAND), "support is read by grant"
    assert not shown_private(world.state, entry, lens("oversight", (), ("welfare",))) and not shown_private(
        world.state, entry, FIELD
    )


def test_each_event_is_one_plain_sentence() -> None:
    world = given(*DONE, checks_in(OPS, name="Olga Pike"), c.FormUnit("u1", "Medic 1", "medic", "metro-pd")).world
    told = {
        e.AidOffered("r1", "ops", None, False): "First aid offered by Olga Pike, declined: r1",
        e.AidGiven("r1", None, "u1"): "First aid given by Medic 1: r1",
        e.InjuryNoted("j1", "r1", True, True, "north"): "Injury to be seen and complained of in North side",
        e.InjuryNoted("j1", None, False, False): "Injury noted",
        e.NoInjurySeen("r1", True): "No injury to be seen, none complained of: r1",
        e.NoInjurySeen("r1"): "No injury to be seen: r1",
        e.MedicalHelpRequested("r1", "ops", "Fire"): "Medical help requested (Fire) by Olga Pike: r1",
        e.MedicalHelpArrived("r1", "u1", "Fire"): "Medical help arrived (Fire): Medic 1: r1",
        e.MedicalHelpArrived("r1"): "Medical help arrived: r1",
        e.MedicalHelpRefused("r1"): "The person refused medical help: r1",
        e.SupervisorCalled("r1"): "Supervisor called to r1",
        e.SupervisorCalled("r1", "ops"): "Supervisor Olga Pike called to r1",
        e.SupervisorOnScene("r1", "ops"): "Supervisor Olga Pike at the place: r1",
        e.ForceReportCompleted("r1"): "Report of force complete: r1",
        e.CriticalEventDeclared("k1", "death", None, "north"): "Critical event in North side: death",
        e.CriticalEventDeclared("k1", "death"): "Critical event: death",
        e.WelfareChecked("k1", True): "Officers looked after: k1",
        e.WelfareChecked("k1", False): "Officers looked after, not all of them yet: k1",
    }
    assert {line(world.state, world.stack, event): says for event, says in told.items()} == {
        says: says for says in told.values()
    }


def test_an_injury_that_belongs_to_a_report_not_heard_of_yet_has_a_row() -> None:
    row = rows("care", *STAFFED, by(OFFICER, replace(INJURY, record="r9")))["r9"]
    assert row.injured and row.seq and not row.steps and row.complete
