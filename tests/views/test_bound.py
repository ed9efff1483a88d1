"""The views bound to a plan and a clock."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from command.domain import commands as c
from command.views.board import board, changes
from command.views.bound import BoundViews
from command.views.lens import COMMAND
from command.views.rows import ClockInfo
from command.views.timeline import entry
from tests.support.given import OPEN, STAFFED, START, World, given, model_stack


def bound(world: World, after_s: float) -> BoundViews:
    return BoundViews(lambda _state: model_stack(), lambda: START + timedelta(seconds=after_s))


def test_time_is_the_walls_and_never_before_the_newest_event() -> None:
    world = given(*STAFFED).world
    newest = world.entries[-1].header.recorded_at
    assert bound(world, 600).clock(world.state) == ClockInfo(START + timedelta(seconds=600), 1.0, False)
    assert bound(world, -600).incident_now(world.state) == newest
    assert bound(world, 5).incident_now(World().state) == START + timedelta(seconds=5)


def test_an_exercise_shows_its_own_clock() -> None:
    origin = START - timedelta(days=3650)
    cmd = replace(OPEN, clock_origin=origin, clock_rate=60.0)
    world = World()
    world.send(cmd)
    state = replace(world.state, recorded_at=origin)
    assert bound(world, 2).clock(state) == ClockInfo(origin + timedelta(seconds=120), 60.0, True)


def test_everything_else_is_the_views_own() -> None:
    world = given(*STAFFED).world
    before = world.state
    world.send(c.RaiseLevel("north", "facilitate", "they move", ("march-moving",)))
    views, state, now = bound(world, 60), world.state, START + timedelta(seconds=60)
    private = {seq: world.plain[seq] for seq in views.needs(state)}
    assert views.board(state, COMMAND, private) == board(state, world.stack, COMMAND, private, now)
    assert views.board_at(state, COMMAND, private, START) == board(state, world.stack, COMMAND, private, START)
    assert views.changes(before, state, COMMAND, private) == changes(before, state, world.stack, COMMAND, private, now)
    last = world.entries[-1]
    assert views.entry(state, last, COMMAND, {}) == entry(state, world.stack, last, COMMAND, {})
