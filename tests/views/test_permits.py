"""What may be done now and what it would take: the gate's own answers, without asking."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from command.domain import commands as c
from command.domain.deciding import Refusal
from command.domain.envelope import Actor
from command.policy.decision import Decision
from command.service.snapshots import state_hash
from command.views.bound import BoundViews
from command.views.permits import Asker, permits
from command.views.rows_force import PermitsView
from tests.domain.test_granting import ASK, ASKED, GRANTED, TARGETED, UP
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


def test_the_way_down_is_said_with_what_speaks_for_it() -> None:
    """What it took to enter shows for as long as an ask waits; then the plan prompts. At the lowest there is none."""
    fresh, later = seen(*TARGETED).step_down, seen(*TARGETED, Wait(700)).step_down
    assert fresh is not None and later is not None
    assert (fresh.to, fresh.prompted, later.prompted) == ("engage", False, True)
    assert [sign.holds for sign in fresh.signs] == [False]
    assert "probable cause" in fresh.signs[0].says
    assert seen(*STAFFED).step_down is None and seen(*STAFFED, sector="nowhere").step_down is None


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


def test_a_measure_against_a_whole_group_stands_beside_the_tools() -> None:
    found = {(one.tool, one.purpose): one for one in seen(*TARGETED).tools}
    assert found["encirclement", "arrest"].group and found["mass-arrest", "arrest"].group
    assert found["encirclement", "arrest"].decision.effect == "missing" and not found["baton", "arrest"].group


def test_an_ask_that_waits_is_judged_by_who_looks_and_by_all_that_it_says() -> None:
    """The requester may not grant their own ask; the commander lacks only what is theirs to add."""
    level = by(OFFICER, c.AskLevel("k1", "north", "dispersal", UP, "many", "tried", "yes", "x"))
    gear = by(OFFICER, c.AskPosture("k2", "north", "protective-gear", "ready"))
    world = given(*ASKED, level, gear).world

    def about(actor: Actor) -> dict[str, Decision]:
        look = permits(world.state, world.stack, "north", Asker(actor.person, actor.agency), world.now)
        return {one.ask: one.decision for one in look.asks}

    mine, theirs = about(IC), about(OFFICER)
    assert set(mine) == {ASK.ask, "k1", "k2"} and all(one.effect != "not barred" for one in theirs.values())
    assert mine[ASK.ask].missing == ("the authorizer's own facts, in their words",)
    assert permits(world.state, world.stack, "south", Asker("ic", "metro-pd"), world.now).asks == ()


def test_an_ask_that_expired_is_not_judged() -> None:
    assert seen(*ASKED, Wait(3600)).asks == ()


def test_a_look_at_a_moment_of_a_replay_says_that_it_is_one() -> None:
    world = given(*TARGETED).world
    views = BoundViews(lambda _state: world.stack, lambda: world.now)
    asker = Asker("ic", "metro-pd")
    at = world.now - timedelta(seconds=1)
    then = views.permits(world.state, "north", asker, at)
    assert then.then and then.now == at and not views.permits(world.state, "north", asker).then


def test_a_grant_whose_level_is_gone_is_not_told_as_in_force() -> None:
    """It runs by the clock; what a finding on its use would say stands beside it, and nothing is recommended."""
    low = {(one.tool, one.purpose): one for one in seen(*GRANTED, c.LowerLevel("north", "plan", "calm")).tools}
    baton = low["baton", "protect person"]
    ((name, why),) = baton.resting
    assert baton.grants == () and name == "g1" and "stood at Plan" in why and "the plan asks for" in why
