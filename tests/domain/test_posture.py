"""Gear and vehicles: staged, ready, deployed, and down again, under the model plan."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from command.domain import commands as c
from command.domain import events as e
from command.domain.facts import StateFacts
from command.domain.intervals import posture_at
from tests.support.given import IC, OFFICER, OPS, SERGEANT, STAFFED, START, STRANGER, Wait, by, given

GEAR = "protective-gear"
ASK = c.AskPosture("q1", "north", GEAR, "ready", "protect person", ("clear-need-for-gear",), "bottles")
READY = c.ChangePosture("north", GEAR, "ready", "bottles", "protect person")
DEPLOY = c.ChangePosture("north", GEAR, "deployed", "bottles fly", "protect person", ("clear-need-for-gear",))
UP = (*STAFFED, READY, DEPLOY)


def test_up_step_by_step_and_by_the_right_person() -> None:
    given(*STAFFED).when(DEPLOY).refused(containing="ready first")
    given(*STAFFED).when(READY, OFFICER).refused()
    spec = given(*STAFFED, READY).when(DEPLOY)
    span = posture_at(spec.world.state, "north", GEAR, spec.world.now)
    assert span is not None and span.state == "deployed" and span.until == span.since + timedelta(minutes=30)
    given(*STAFFED, READY).when(DEPLOY, SERGEANT).refused()
    given(*STAFFED, READY).when(replace(DEPLOY, purpose="disperse")).refused(containing="never deployed to disperse")
    given(*STAFFED, READY).when(READY).refused(containing="is ready already")
    given(*STAFFED).when(replace(READY, sector="nowhere")).refused(containing="expected a defined sector")


def test_it_is_as_it_was_at_a_moment() -> None:
    world = given(*UP, Wait(60)).world
    facts = StateFacts(world.state)
    assert facts.posture("north", GEAR, START) is None and facts.posture("south", GEAR, world.now) is None
    found = facts.posture("north", GEAR, world.now)
    assert found is not None and found.state == "deployed"


def test_down_needs_no_reason_of_the_plan_and_stops_the_clock() -> None:
    down = c.ChangePosture("north", GEAR, "staged", "calm")
    spec = given(*UP).when(down, OPS)
    span = posture_at(spec.world.state, "north", GEAR, spec.world.now)
    assert span is not None and span.state == "staged" and span.until is None
    given(*UP).when(down, STRANGER).refused()


def test_a_renewal_is_a_new_look_with_a_new_end() -> None:
    renew = c.RenewPosture("north", GEAR, "still", ("clear-need-for-gear",))
    spec = given(*UP, Wait(600)).when(renew)
    span = posture_at(spec.world.state, "north", GEAR, spec.world.now)
    assert span is not None and span.until == span.since + timedelta(minutes=30) and span.purpose == "protect person"
    given(*STAFFED).when(renew).refused(containing="nothing to renew")


def test_an_ask_waits_and_is_answered_by_the_change() -> None:
    asked = (*STAFFED, by(OFFICER, ASK))
    assert given(*asked).world.state.postures.asks["q1"].by.person == "officer"
    spec = given(*asked).when(replace(READY, ask="q1"), SERGEANT)
    assert not spec.world.state.postures.asks and spec.world.state.response.decided["q1"].how == "granted"
    given(*asked).when(replace(READY, ask="ghost")).refused(containing="expected an ask that waits")
    given(*asked, READY).when(replace(DEPLOY, ask="q1")).refused(containing="is for protective-gear ready")
    given(*asked).when(ASK, OFFICER).refused(containing="was made already")
    given(*STAFFED).when(replace(ASK, sector="nowhere"), OFFICER).refused(containing="expected a defined sector")
    given(*STAFFED).when(replace(ASK, posture="catapult"), OFFICER).refused(containing="knows no gear")
    given(*asked, Wait(601)).when(replace(READY, ask="q1")).refused(containing="silence means no")


def test_an_ask_is_denied_by_whoever_could_stand_it_down() -> None:
    asked = (*STAFFED, by(OFFICER, ASK))
    given(*asked).when(c.DenyAsk("q1", "no need"), IC).then(e.AskDenied("q1", "no need"))
    given(*asked).when(c.DenyAsk("q1", "no need"), STRANGER).refused()
    given(*asked).when(c.WithdrawAsk("q1"), OFFICER).then(e.AskWithdrawn("q1"))


def test_a_renewal_that_no_decision_made_folds_all_the_same() -> None:
    world = given(*STAFFED, e.PostureRenewed("north", GEAR, "deployed", "x")).world
    span = posture_at(world.state, "north", GEAR, world.now)
    assert span is not None and span.purpose is None
