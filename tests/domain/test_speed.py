"""How long one event takes to fold: printed, never asserted (run with -s to see it)."""

from __future__ import annotations

import time

from command.domain import commands as c
from command.domain.fold import evolve
from tests.support.given import LEAD, STAFFED, given

EVENTS = 2_000


def test_evolve_of_the_usual_mix() -> None:
    """95 % public events (assignments, acknowledgements), 5 % force reports with all private fields."""
    world = given(*STAFFED, *(c.FormUnit(f"u{n}", f"Unit {n}", "patrol", LEAD) for n in range(50))).world
    world.happened(c.GiveOrder("o1", "hold", tuple(f"u{n}" for n in range(50))))
    start = len(world.entries)
    number = 0
    while len(world.entries) - start < EVENTS:
        number += 1
        if number % 20 == 0:
            ctx = world.context(world.entries[0].header.actor)
            outcome = world.decide(c.ReportForce(f"r{number}", f"p{number}", "officer", LEAD, "baton", "north"))
            assert isinstance(outcome, tuple)
            world.apply(outcome[:1], ctx)
            world.sent += 1
        elif number % 2:
            world.happened(c.AssignUnit(f"u{number % 50}", "north"))
        else:
            world.happened(c.AcknowledgeOrder("o1", f"u{number % 50}"))
    entries = world.entries[start:]
    rounds = []
    for _ in range(5):
        state, began = world.states[start], time.perf_counter()
        for entry in entries:
            state = evolve(state, entry)
        rounds.append((time.perf_counter() - began) / len(entries) * 1e6)
    assert state == world.state
    print(f"\nevolve: {sorted(rounds)[2]:.1f} µs an event, {len(entries)} events")
