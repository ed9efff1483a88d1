"""What may be done now and what it would take: the gate's own answers, without asking."""

from __future__ import annotations

from typing import Any

from command.domain import commands as c
from command.domain.deciding import Refusal
from command.domain.envelope import Actor
from command.service.snapshots import state_hash
from command.views.bound import BoundViews
from command.views.permits import Asker, permits
from command.views.rows_force import PermitsView
from tests.domain.test_granting import GRANTED, TARGETED, UP
from tests.domain.test_posture import UP as DEPLOYED
from tests.support.given import IC, OFFICER, STAFFED, Wait, by, given


def seen(*steps: Any, actor: Actor = IC, sector: str = "north") -> PermitsView:
    world = given(*steps).world
    return permits(world.state, world.stack, sector, Asker(actor.person, actor.agency), world.now)


def test_looking_changes_nothing_and_records_nothing() -> None:
    world = given(*TARGETED).world
    before = state_hash(world.state)
    permits(world.state, world.stack, "north", Asker("ic", "metro-pd"), world.now)
    assert state_hash(world.state) == before and len(world.entries) == world.state.seq


def test_levels_above_say_what_is_missing_and_levels_below_are_open() -> None:
    found = {one.level: one for one in seen(*TARGETED).levels}
    assert found["targeted"].direction == "here" and found["targeted"].decision is None
    up, down = found["dispersal"].decision, found["engage"].decision
    assert (
        up is not None and up.effect == "missing" and up.missing and up.who_may and found["dispersal"].direction == "up"
    )
    assert down is not None and down.allows and found["engage"].direction == "down"


def test_signs_on_record_count_as_in_an_ask() -> None:
    signs = by(OFFICER, c.RecordObservation("o1", "x", "north", UP))
    fewer, more = seen(*TARGETED).levels[4].decision, seen(*TARGETED, signs).levels[4].decision
    assert fewer is not None and more is not None and len(more.missing) < len(fewer.missing)


def test_a_tool_says_per_purpose_what_it_would_take_and_which_grants_stand() -> None:
    found = {(one.tool, one.purpose): one for one in seen(*GRANTED).tools}
    assert found["baton", "protect person"].grants == ("g1",) and found["baton", "arrest"].grants == ()
    assert ("baton", "disperse") not in found and ("chemical-area", "disperse") in found
    assert found["baton", "arrest"].decision.effect == "missing" and found["baton", "arrest"].decision.missing
    never = [one for one in seen(*GRANTED).tools if one.grant == "never"]
    assert never and all(one.decision.effect == "refused" for one in never)
    assert not [one for one in seen(*GRANTED, Wait(600)).tools if one.grants]


def test_the_answer_is_the_one_that_the_gate_would_give_this_person() -> None:
    commander = {one.tool: one for one in seen(*TARGETED).tools if one.purpose == "arrest"}["baton"].decision
    officer = {one.tool: one for one in seen(*TARGETED, actor=OFFICER).tools if one.purpose == "arrest"}[
        "baton"
    ].decision
    assert commander.effect == "missing" and officer.effect == "refused"


def test_posture_is_one_step_up_from_where_it_is() -> None:
    found = {one.posture: one for one in seen(*DEPLOYED).postures}
    assert (found["protective-gear"].state, found["protective-gear"].to) == ("deployed", "")
    assert found["protective-gear"].decision is None and found["armoured-vehicle"].to == "ready"


def test_a_lapsed_level_and_an_unknown_sector_permit_nothing() -> None:
    lapsed = seen(*TARGETED, Wait(86_400))
    assert lapsed.lapsed and lapsed.permits == () and lapsed.until is not None
    nowhere = seen(*STAFFED, sector="nowhere")
    assert nowhere.level is None and nowhere.permits == () and {one.direction for one in nowhere.levels} == {"up"}


def test_what_is_shown_as_not_barred_is_what_the_gate_lets_through() -> None:
    world = given(*TARGETED).world
    for one in permits(world.state, world.stack, "north", Asker("ic", "metro-pd"), world.now).levels:
        if one.decision is not None and one.direction == "down":
            outcome = world.decide(c.LowerLevel("north", one.level, "calm"), IC)
            assert isinstance(outcome, Refusal) != one.decision.allows


def test_bound_to_a_plan_and_a_clock_the_answer_is_about_the_incidents_now() -> None:
    world = given(*TARGETED).world
    views = BoundViews(lambda _state: world.stack, lambda: world.now)
    asker = Asker("ic", "metro-pd")
    assert views.permits(world.state, "north", asker) == permits(world.state, world.stack, "north", asker, world.now)
