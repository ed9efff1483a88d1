"""Random histories of one incident, from a seed: what views and screens are tested against."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

from command.domain import commands as c
from command.domain.envelope import Actor
from command.domain.ids import Place
from tests.support.given import ALLIED, ALLY, CHIEF, IC, LEAD, OFFICER, OPS, PARTNER, SERGEANT, World, checks_in, given

ACTORS = (IC, IC, IC, OPS, CHIEF, SERGEANT, OFFICER, PARTNER)
SIGNS = ("march-moving", "tension-between-groups", "individual-probable-cause", "exits-open",
         "targeted-action-failed", "voluntary-compliance-failed")  # fmt: skip
LEVELS = ("plan", "facilitate", "engage", "targeted", "dispersal")
WHY = ("few", "tried", "yes")


def story(seed: int, steps: int = 60) -> World:
    """A staffed incident with an ally, and then `steps` commands, refused ones included."""
    rng = random.Random(seed)
    world = given(*ALLIED, c.DefineSector("south", "South side")).world
    for _ in range(steps):
        cmd, actor = _step(rng, world)
        world.send(cmd, actor)
        if rng.random() < 0.1:
            world.now += timedelta(seconds=400)
    return world


def _step(rng: random.Random, world: World) -> tuple[c.Command, Actor]:
    actor = rng.choice(ACTORS)
    return rng.choice((_ground, _ground, _levels, _reports, _reports, _people))(rng, world, actor)


def _ground(rng: random.Random, _world: World, actor: Actor) -> tuple[c.Command, Actor]:
    unit = f"u{rng.randint(1, 4)}"
    order, other = f"o{rng.randint(1, 5)}", f"o{rng.randint(1, 5)}"
    agency = ALLY if actor is PARTNER else LEAD
    choices: tuple[c.Command, ...] = (
        c.FormUnit(unit, f"Unit {unit}", "patrol", agency, actor.person, 8),
        c.FormUnit(unit, f"Unit {unit}", "patrol", agency),
        c.AssignUnit(unit, rng.choice(("north", "south", None)), "traffic", _place(rng)),
        c.ReleaseUnit(unit),
        c.GiveOrder(order, f"text of {order}", (unit, f"u{rng.randint(1, 4)}"), rng.choice((None, None, other))),
        c.AcknowledgeOrder(order, unit),
        c.DefineSector(rng.choice(("west", "east")), "Another side", ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0))),
    )
    return rng.choice(choices), actor


def _levels(rng: random.Random, world: World, actor: Actor) -> tuple[c.Command, Actor]:
    sector, ask = rng.choice(("north", "south")), f"a{rng.randint(1, 9)}"
    waiting = list(world.state.response.asks) or [ask]
    found = world.state.response.sectors[sector].levels.last
    here = LEVELS.index(found.level) if found else 0
    up, down = LEVELS[min(here + 1, 4)], LEVELS[max(here - 1, 0)]
    actor = rng.choice((actor, IC, IC))
    choices: tuple[c.Command, ...] = (
        c.AskLevel(ask, sector, up, SIGNS, *WHY, facts="asked because"),
        c.GrantLevel(rng.choice(waiting), "granted because"),
        c.DenyAsk(rng.choice(waiting), "denied because"),
        c.WithdrawAsk(rng.choice(waiting)),
        c.RaiseLevel(sector, up, "raised because", SIGNS, *WHY),
        c.LowerLevel(sector, down, "lowered because"),
        c.RenewLevel(sector, "renewed because"),
    )
    return rng.choice(choices), actor


def _reports(rng: random.Random, world: World, actor: Actor) -> tuple[c.Command, Actor]:
    sector, number = rng.choice(("north", "south", None)), rng.randint(1, 6)
    duties: list[Any] = sorted(world.state.duties.all) or ["ghost"]
    choices: tuple[c.Command, ...] = (
        c.ReportForce(f"r{number}", f"p{number}", actor.person, actor.agency,
                      rng.choice(("baton", "physical-control", None)), sector, _place(rng), account="what happened"),
        c.RecordObservation(f"ob{number}", "seen", sector, rng.choice(((), SIGNS[:1])), _place(rng)),
        c.ReportWarning(f"w{number}", sector or "north", "dispersal-order", "words", place=_place(rng)),
        c.RecordLiaison(f"k{number}", "organizer", "phone", sector, "agreed on it"),
        c.RecordEntry(f"e{number}", "an entry", sector, rng.choice((None, "e1"))),
        c.RecordDecision(f"d{number}", "Which way?", "north", "shorter"),
        c.DischargeDuty(rng.choice(duties), note="done"),
        c.SupplyPlanPart("medical-plan", "two aid stations"),
        c.Redact("Court", "order 7", f"p{number}", (rng.randint(1, world.state.seq),)),
    )  # fmt: skip
    return rng.choice(choices), actor


def _people(rng: random.Random, _world: World, actor: Actor) -> tuple[c.Command, Actor]:
    other = rng.choice(ACTORS)
    choices: tuple[c.Command, ...] = (
        checks_in(actor, name=f"{actor.person} {rng.randint(1, 3)}", unit="u1").what,
        c.CheckOut(rng.choice((SERGEANT, OFFICER, PARTNER)).person),
        c.AssignPosition(rng.choice(("operations", "safety", "liaison")), other.person),
        c.VacatePosition(rng.choice(("operations", "safety"))),
        c.TransferCommand(other.person, "the briefing", True),
    )
    return rng.choice(choices), actor


def _place(rng: random.Random) -> Place | None:
    return rng.choice((None, Place(47.6, -122.3)))
