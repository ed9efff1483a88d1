"""The whole core: random histories, prefixes, and what must hold in any state."""

from __future__ import annotations

import typing
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from command.domain import commands as c
from command.domain import events as e
from command.domain.codec import decode_recorded
from command.domain.deciding import Draft, Refusal
from command.domain.envelope import Actor, encode_header
from command.domain.fold import DECIDE, EVOLVE, evolve, initial
from command.domain.state import State
from command.policy.model import EVENT_NAMES
from command.service.snapshots import decode_state, encode_state, state_hash
from tests.support.given import ALLIED, IC, LOG, OFFICER, STRANGER, World
from tests.support.given import given as spec
from tests.support.strategies import COMMANDS, actors, asks, commands, events, reports

steps = st.lists(st.tuples(commands, actors, st.sampled_from((1, 30, 700)), st.integers(-4000, 60)), max_size=25)
starts = st.sampled_from(((), ALLIED, (*ALLIED, c.CloseIncident("over"))))


def lived(start: tuple[object, ...], history: list[tuple[c.Command, Actor, int, int]]) -> World:
    """A log after a random history; whatever is refused is in it too."""
    world = spec(*start).world
    for cmd, actor, wait_s, late_s in history:
        world.now += timedelta(seconds=wait_s)
        world.send(cmd, actor, occurred_at=world.now + timedelta(seconds=late_s))
    return world


def refold(world: World, upto: int | None = None, state: State | None = None) -> State:
    """The fold of the exact bytes, from a state on."""
    state = state or initial(LOG)
    for raw in world.raw[state.seq : upto]:
        state = evolve(state, decode_recorded(raw))
    return state


def test_every_command_and_every_event_has_its_place() -> None:
    assert set(DECIDE) == set(c.COMMANDS.values()) == set(typing.get_args(c.Command))
    assert set(COMMANDS) == set(c.COMMANDS)
    assert set(EVOLVE) == set(typing.get_args(e.Event))
    assert {kind.__name__ for kind in EVOLVE} == set(EVENT_NAMES), "the plan's list of events is the vocabulary"
    for kind in c.COMMANDS.values():
        assert issubclass(kind, c.Ask) != issubclass(kind, c.Report)


@settings(max_examples=150, deadline=None)
@given(starts, steps)
def test_the_fold_takes_what_is_decided_and_any_prefix_then_suffix_is_the_whole(
    start: tuple[object, ...], history: list[tuple[c.Command, Actor, int, int]]
) -> None:
    world = lived(start, history)
    assert [entry.seq for entry in world.entries] == list(range(1, len(world.entries) + 1))
    assert refold(world) == world.state and state_hash(refold(world)) == state_hash(world.state)
    middle = len(world.raw) // 2
    half = refold(world, middle)
    assert half == world.states[middle]
    thawed = decode_state(encode_state(half))
    assert thawed == half and thawed is not None
    assert refold(world, state=thawed) == world.state
    assert all(encode_header(entry.header) == raw for entry, raw in zip(world.entries, world.raw, strict=True))


@settings(max_examples=150, deadline=None)
@given(starts, steps, reports, actors, st.integers(-90_000, 90_000), st.integers(0, 86_400_000))
def test_a_report_is_never_refused(
    start: tuple[object, ...],
    history: list[tuple[c.Command, Actor, int, int]],
    cmd: c.Command,
    actor: Actor,
    late_s: int,
    error_ms: int,
) -> None:
    world = lived(start, history[:10])
    at = world.now + timedelta(seconds=late_s)
    outcome = world.decide(cmd, actor, occurred_at=at, clock_error_ms=error_ms, ask_age_s=None, basis_age_s=None)
    assert not isinstance(outcome, Refusal) and outcome


NOBODY = st.sampled_from((STRANGER, Actor("ic", "elsewhere"), Actor("partner", "metro-pd"), Actor("gone", "metro-pd")))


@settings(max_examples=150, deadline=None)
@given(steps, asks, NOBODY)
def test_who_is_not_on_duty_here_gets_nothing_but_refusals(
    history: list[tuple[c.Command, Actor, int, int]], cmd: c.Command, actor: Actor
) -> None:
    """Whatever happened before, except that they checked in. Redaction is guarded by access, not by the plan."""
    known = [step for step in history if not isinstance(step[0], c.CheckIn)]
    world = lived(ALLIED, known)
    if isinstance(cmd, c.Redact):
        return
    outcome = world.decide(cmd, actor)
    if isinstance(cmd, c.WithdrawAsk) and cmd.ask in world.state.response.asks:
        own = world.state.response.asks[cmd.ask].by.person == actor.person  # by name: one may always take it back
        assert own or isinstance(outcome, Refusal)
        return
    assert isinstance(outcome, Refusal)


@settings(max_examples=150, deadline=None)
@given(starts, st.lists(st.tuples(events, actors), max_size=20))
def test_evolve_takes_any_event_in_any_order(start: tuple[object, ...], told: list[tuple[e.Event, Actor]]) -> None:
    """Stronger than what decide can emit: a log of an older version may hold what today's decide would refuse."""
    world = spec(*start).world
    for event, actor in told:
        world.apply((Draft(event),), world.context(actor))
        world.sent += 1
    assert refold(world) == world.state
    assert sum(world.state.counts.values()) == world.state.seq


@settings(max_examples=60, deadline=None)
@given(steps, commands, actors)
def test_decide_is_a_function_and_changes_nothing(
    history: list[tuple[c.Command, Actor, int, int]], cmd: c.Command, actor: Actor
) -> None:
    world = lived(ALLIED, history[:8])
    before = state_hash(world.state)
    assert world.decide(cmd, actor) == world.decide(cmd, actor)
    assert state_hash(world.state) == before


def test_a_refusal_is_an_event_and_leaves_the_rest_alone() -> None:
    spec(*ALLIED).when(c.CloseIncident("no"), OFFICER).refused()
    world = spec(*ALLIED).world
    before = world.state
    world.send(c.CloseIncident("no"), OFFICER)
    assert replace(world.state, seq=before.seq, recorded_at=before.recorded_at, counts=before.counts) == before
    assert world.entries[-1].header.decision is not None and world.entries[-1].header.actor == OFFICER
    assert world.context(IC).actor.position == "incident-commander"
