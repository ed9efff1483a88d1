"""Who is prompted first when someone is in a crisis: by kind, near before far, free before busy."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from command.domain import commands as c
from command.domain import events as e
from command.domain.ids import Place
from command.views.board import board
from command.views.lens import COMMAND, Lens, agency_lens
from command.views.responders import OFFICERS
from tests.support.given import (
    ALLIED,
    ALLY,
    CHIEF,
    LEAD,
    OFFICER,
    OPS,
    SERGEANT,
    STAFFED,
    START,
    by,
    checks_in,
    given,
    replace_actor,
)

HERE = Place(47.6000, -122.3000)
FLAG = by(OFFICER, c.FlagDistress("s1", "shouting alone", "north", HERE))
CIT = (e.Training("crisis-intervention"),)


def shown(*steps: Any, lens: Lens = COMMAND) -> Any:
    world = given(*steps).world
    return board(world.state, world.stack, lens, {}, world.now)["distress"]["s1"]


def test_crisis_responders_then_trained_officers_then_medics_near_and_free_first() -> None:
    units = (
        c.FormUnit("m1", "Medic 1", "medic", LEAD),
        c.FormUnit("r2", "Crisis 2", "crisis-responder", LEAD),
        c.FormUnit("r1", "Crisis 1", "crisis-responder", LEAD),
        c.FormUnit("r3", "Crisis 3", "crisis-responder", LEAD),
        c.FormUnit("t1", "Team 1", "cit", LEAD),
        c.FormUnit("p1", "Patrol 1", "patrol", LEAD),
        c.AssignUnit("r3", "north", "with the march", Place(47.6090, -122.3000)),
        c.AssignUnit("r2", None, "at the station"),
    )
    row = shown(*STAFFED, *units, FLAG)
    assert row.first == ("r3", "r1", "r2", "t1", "m1")
    near, free, busy = row.responders[:3]
    assert (near.near, near.free, near.distance_m) == (True, True, 1001.0)
    assert (free.near, free.free, free.distance_m) == (False, True, None) and not busy.free


def test_an_officer_trained_for_it_is_named_near_first_while_the_training_is_in_date() -> None:
    trained = [checks_in(actor, training=CIT) for actor in (SERGEANT, OPS)]
    lapsed = checks_in(CHIEF, training=(e.Training("crisis-intervention", START - timedelta(days=1)),))
    row = shown(*STAFFED, *trained, lapsed, by(OPS, c.ReportPresence("north")), FLAG)
    assert [(one.person, one.kind, one.near) for one in row.responders] == [
        ("ops", "cit", True),
        ("sergeant", "cit", False),
    ]
    assert row.first == ()
    gone = shown(*STAFFED, *trained, c.CheckOut("ops"), FLAG)
    assert [one.person for one in gone.responders] == ["sergeant"]


def test_an_officer_of_a_prompted_unit_stands_in_its_name_and_a_released_unit_is_not_prompted() -> None:
    team = c.FormUnit("t1", "Team 1", "cit", LEAD)
    officer = checks_in(SERGEANT, training=CIT, unit="t1")
    assert [one.unit for one in shown(*STAFFED, team, officer, FLAG).responders] == ["t1"]
    assert [one.person for one in shown(*STAFFED, team, officer, c.ReleaseUnit("t1"), FLAG).responders] == ["sergeant"]


def test_an_answered_flag_prompts_nobody_a_share_sees_its_own_and_the_row_stays_short() -> None:
    team = c.FormUnit("r1", "Crisis 1", "crisis-responder", LEAD)
    done = by(OFFICER, c.AnswerDistress("s1", "helped there", "r1"))
    assert not shown(*STAFFED, team, FLAG, done).responders and not shown(*STAFFED, team, FLAG, done).first
    assert not shown(*ALLIED, team, FLAG, lens=agency_lens(ALLY)).responders
    many = [checks_in(replace_actor(e_, None), "officer", training=CIT) for e_ in _crowd(OFFICERS + 4)]
    assert len(shown(*STAFFED, *many, FLAG).responders) == OFFICERS


def _crowd(count: int) -> list[Any]:
    return [type(OFFICER)(f"trained-{number:02}", LEAD) for number in range(count)]
