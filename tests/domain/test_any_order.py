"""In whatever order tablets hand in what happened, the findings come out as if it had come in as it happened."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from command.domain import commands as c
from command.domain import events as e
from command.domain.envelope import Actor
from command.policy.load import read_pack
from command.policy.stack import Stack
from tests.domain.test_arrest import CARD
from tests.support.given import CHIEF, LEAD, OFFICER, OPS, RANKS, SERGEANT, STAFFED, World, checks_in, given
from tests.support.packs import MODEL

PLAN = """
[[tool]]
id = "rope"
says = "A rope needs no grant."
grant = "not needed"
exigent = "accepted"
source = "x"
verified = "G"

[[tool]]
id = "hose"
says = "A hose needs a grant."
grant = "needed"
exigent = "accepted"
source = "x"
verified = "G"

[[text]]
id = "stand-back"
says = "The words before a rope or a hose."
words = { en = "Stand back." }
source = "x"
verified = "G"

[[warning]]
id = "back"
says = "Twice, half a minute apart, by somebody of rank; again where the crowd moved."
texts = ["stand-back"]
count = 2
interval = "30 s"
wait = "10 s"
lapses = "5 min"
lapses_when_moved = true
exits_open = true
by = { rank = "sergeant or above" }
source = "x"
verified = "G"

[[tactic]]
id = "ropes"
says = "Ropes and hoses after the warnings."
tools = ["rope", "hose"]
purposes = ["disperse"]
warning = "back"
authorizer = { positions = ["incident-commander"] }
source = "x"
verified = "G"

[[prohibition]]
id = "no-hook"
says = "No hooks, unless someone is violent."
tools = ["hook"]
unless = { all = ["violent-individual"] }
source = "x"
verified = "G"
"""
STACK = Stack.of([read_pack(MODEL.read_text() + PLAN, "model.toml")])
LENGTH_S = 900
SEEDS = 8
LATE = replace(OFFICER, person="late")
Happening = tuple[int, c.Command, Actor]


def staffed() -> World:
    """Staff, a level in force, and two authorizations of a hose: one without a number, one of three."""
    steps: tuple[Any, ...] = (
        *STAFFED, c.RaiseLevel("north", "facilitate", "seen", ("march-moving",), "few", "tried", "yes"),
    )  # fmt: skip
    world = given(*steps, stack=STACK).world
    for number, quantity in enumerate((None, 3)):
        world.happened(
            e.ForceGranted(
                grant=f"g{number}", ask=None, tool="hose", purpose="disperse", sector="north", authorizer="ic",
                requester="ops", facts="seen", until=world.now + timedelta(hours=2), quantity=quantity,
            )
        )  # fmt: skip
    return world


def happenings(rng: random.Random) -> list[Happening]:
    """What happened within a quarter of an hour, each at a second of its own."""
    seconds = rng.sample(range(1, LENGTH_S), 34)
    made: list[Happening] = []
    warnings = [f"w{n}" for n in range(8)]
    for n, second in enumerate(seconds):
        speaker = rng.choice((SERGEANT, SERGEANT, LATE))
        ways = rng.choice((("pine",), ("pine",), ()))
        chosen: tuple[tuple[c.Command, Actor], ...] = (
            (
                c.ReportWarning(
                    rng.choice(warnings) if n >= 8 else warnings[n], "north", "stand-back", amplified=True,
                    exits=("pine",),
                ),
                speaker,
            ),
            (c.ReportAudibility(f"h{n}", rng.choice(warnings), "north", rng.random() < 0.5), rng.choice((OPS, CHIEF))),
            (c.ReportExits(f"x{n}", "north", ways, () if ways else ("pine",)), OPS),
            (c.ReportCrowdMoved(f"m{n}", "north"), OPS),
            (c.RecordObservation(f"o{n}", "seen", "north", ("violent-individual",)), SERGEANT),
            (checks_in(LATE, rng.choice(("officer", "sergeant"))).what, LATE),
            (c.CheckOut("late"), LATE),
            (c.ReportPresence(rng.choice(("north", None))), LATE),
        )  # fmt: skip
        used = c.ReportForce(
            f"r{n}", "p1", rng.choice(("officer", "late")), LEAD, rng.choice(("rope", "rope", "hose", "hook")), "north",
            purpose="disperse", quantity=1, grant=rng.choice((None, "g0", "g1")),
        )  # fmt: skip
        card = replace(CARD, arrest=f"a{n}", subject=f"s{n}", wristband=None, officer=rng.choice(("officer", "late")))
        if n < 8:
            made.append((second, *chosen[0]))
        elif n < 22:
            made.append((second, *rng.choice(chosen[1:])))
        else:
            made.append((second, used if n < 32 else card, OFFICER))
    return made


def findings(told: list[Happening], *, as_it_happened: bool) -> dict[str, str]:
    """How every report stands in the end. Told as it happens, or all of it when everything is over."""
    world = staffed()
    begin: datetime = world.now
    for second, cmd, actor in told:
        at = begin + timedelta(seconds=second)
        world.now = at if as_it_happened else begin + timedelta(seconds=LENGTH_S + 60)
        rank = getattr(cmd, "rank", None) or RANKS.get(actor.person, "officer")
        world.send(cmd, actor, occurred_at=at, rank=rank)
    kept: dict[str, Any] = {**dict(world.state.force.reports.items()), **dict(world.state.arrests.all.items())}
    return {
        key: one.finding.kind + ("" if key in world.state.arrests.all else ": " + " / ".join(one.finding.reasons))
        for key, one in kept.items()
    }


@pytest.mark.parametrize("seed", range(SEEDS))
def test_any_order_of_arrival_comes_to_the_same_findings(seed: int) -> None:
    rng = random.Random(seed)
    happened = happenings(rng)
    expected = findings(sorted(happened, key=lambda one: one[0]), as_it_happened=True)
    for _ in range(2):
        shuffled = rng.sample(happened, len(happened))
        found = findings(shuffled, as_it_happened=False)
        assert found == expected, {key: (found[key], expected[key]) for key in found if found[key] != expected[key]}


def test_the_stories_reach_every_kind_of_finding() -> None:
    """A property that is only ever tried on one kind would prove little."""
    kinds = set()
    for seed in range(SEEDS):
        happened = sorted(happenings(random.Random(seed)), key=lambda one: one[0])
        kinds |= {found.partition(":")[0] for found in findings(happened, as_it_happened=True).values()}
    assert kinds >= {"authorized", "contrary to plan", "cannot tell", "no authorization on record"}
