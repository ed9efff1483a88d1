"""Random histories of one incident, from a seed: what views and screens are tested against."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any, cast

from command.domain import commands as c
from command.domain import events as e
from command.domain.envelope import Actor
from command.domain.ids import Place
from tests.support.given import (
    ALLIED,
    ALLY,
    CHIEF,
    IC,
    LEAD,
    OFFICER,
    OPS,
    PARTNER,
    SERGEANT,
    World,
    by,
    checks_in,
    given,
    model_stack,
)

ACTORS = (IC, IC, IC, OPS, CHIEF, SERGEANT, OFFICER, PARTNER)
SIGNS = ("march-moving", "tension-between-groups", "individual-probable-cause", "exits-open",
         "targeted-action-failed", "voluntary-compliance-failed")  # fmt: skip
LEVELS = ("plan", "facilitate", "engage", "targeted", "dispersal")
WHY = ("few", "tried", "yes")


def story(seed: int, steps: int = 90) -> World:
    """A staffed incident with an ally, and then `steps` commands, refused ones included."""
    rng = random.Random(seed)
    world = given(*ALLIED, c.DefineSector("south", "South side")).world
    for _ in range(steps):
        what, actor = _step(rng, world)
        if isinstance(what, e.Fact):  # what only a plan with rules on force would let through
            world.happened(by(actor, what))
        else:
            world.send(cast(c.Command, what), actor)
        if rng.random() < 0.1:
            world.now += timedelta(seconds=400)
    return world


def _step(rng: random.Random, world: World) -> tuple[Any, Actor]:
    actor = rng.choice(ACTORS)
    return rng.choice((_ground, _ground, _levels, _reports, _reports, _people, _force, _force, _rooms, _after, _after))(
        rng, world, actor
    )


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


def _force(rng: random.Random, world: World, actor: Actor) -> tuple[Any, Actor]:
    ask, grant, sector = f"a{rng.randint(20, 24)}", f"g{rng.randint(1, 4)}", rng.choice(("north", "south"))
    until, tool = world.now + timedelta(seconds=rng.choice((5, 900))), rng.choice(("baton", "oc-hand"))
    posture = rng.choice(("helmets", "armoured-vehicle"))
    held = rng.choice((grant, *world.state.grants.order))
    choices = (
        e.ForceAsked(ask, tool, "arrest", sector, until, quantity=2, objective="because"),
        e.ForceGranted(grant, ask, tool, "arrest", sector, actor.person, "officer", "seen", until, quantity=2,
                       relayed=rng.choice((True, False)), renews=rng.choice((None, held))),
        e.GrantCosigned(rng.choice((ask, held)), "mayor-1", "mayor", True, True),
        e.GrantRevoked(held, "over"),
        e.RelayConfirmed(held),
        e.PostureAsked(ask, sector, posture, "deployed", until, facts="because"),
        e.PostureChanged(sector, posture, "staged", rng.choice(("ready", "deployed", "staged")), "seen", until, ask=ask),
        e.PostureRenewed(sector, posture, "ready", "still", until),
        e.PlanSuspended("muster-model", "tactic.oc-hand", "clause 9", until, "flood"),
        e.PlanResumed("muster-model", "tactic.oc-hand"),
        e.PlanChanged(("ours@sha256:" + "0" * 64,), model_stack().digests, "clause 12", "advice"),
        e.AuthorityDelegated(f"l{rng.randint(1, 3)}", "ops", until, "operations", "captain", True),
        e.DelegationEnded(f"l{rng.randint(1, 3)}"),
        e.ReviewFiled(f"v{rng.randint(1, 9)}", f"r{rng.randint(1, 6)}", "cannot tell", *"abcdef"),
    )  # fmt: skip
    return rng.choice(choices), actor


def _rooms(rng: random.Random, world: World, actor: Actor) -> tuple[c.Command, Actor]:
    sector, number, unit = rng.choice(("north", "south")), rng.randint(1, 5), f"u{rng.randint(1, 4)}"
    held = rng.choice((None, *world.state.grants.order))
    choices: tuple[c.Command, ...] = (
        c.ReportExits(f"x{number}", sector, ("5th Ave",), ("6th Ave",)),
        c.ReportCrowdMoved(f"m{number}", sector, None, "eastward"),
        c.RecordAttempt(f"t{number}", sector, "de-escalation", rng.choice((True, False)), ("time",), why_not="no time"),
        c.ReportPresence(rng.choice((sector, None))),
        c.FlagDistress(f"s{number}", "shouting alone", sector, _place(rng)),
        c.AnswerDistress(f"s{number}", "helped there", unit, "went home"),
        c.ReportPursuit(f"c{number}", "foot", actor.person, actor.agency, sector, "sergeant", "theft"),
        c.ReportIntervention(f"n{number}", "he was held back", f"r{number}", sector, "somebody"),
        c.IssueMunitions(f"i{number}", "oc-hand", rng.choice((actor.person, unit)), 5),
        c.ReturnMunitions(f"i{number}", "oc-hand", rng.choice((actor.person, unit)), 2),
        c.CountMunitions(f"i{number}", "oc-hand", rng.choice((actor.person, unit)), 1, "counted"),
        c.ReportForce(f"r{rng.randint(7, 40)}", "p1", actor.person, actor.agency, "oc-hand", sector, quantity=2,
                      grant=held, exigent=rng.choice((True, False)), exigent_reason="a knife"),
    )  # fmt: skip
    return rng.choice(choices), actor


def _after(rng: random.Random, _world: World, actor: Actor) -> tuple[c.Command, Actor]:
    """What follows force or an injury, and what colleagues report."""
    record, sector, hidden = f"r{rng.randint(1, 6)}", rng.choice(("north", "south")), rng.choice((True, False))
    number, unit = rng.randint(1, 6), rng.choice((None, f"u{rng.randint(1, 4)}"))
    said: dict[str, Any] = {
        "objective": "stop it", "resistance_met": ("violence",), "alternatives": ("time",), "warned": True,
        "subject_race_perceived": "white", "subject_ethnicity_perceived": "not Hispanic", "quantity": 1,
        "aid_given": True, "ems_called": True, "account": "what happened", "harm": rng.choice(("none", "serious")),
    }  # fmt: skip
    choices: tuple[c.Command, ...] = (
        c.RecordAid(record, rng.choice(("offered", "given")), actor.person, unit, True, "pressed on it"),
        c.RecordInjury(f"j{number}", rng.choice((None, record)), rng.choice((True, False)), sector=sector, what="a cut"),
        c.RecordInjury(f"j{number}", record, asked=True),
        c.RecordMedicalHelp(record, rng.choice(("requested", "arrived", "refused")), actor.person, unit, "Fire", "a cut"),
        c.RecordSupervisor(record, "called", rng.choice((None, "ops"))),
        c.RecordSupervisor(record, "on scene", rng.choice((None, "ops", "chief", "ghost"))),
        c.DeclareCriticalEvent(f"k{number}", "officer in danger", record, sector, "who"),
        c.WaiveOpenItems(rng.choice(("officer", "sergeant", "u1", actor.person)), "on paper"),
        c.Demobilize(rng.choice(("officer", "sergeant"))),
        c.ReportUnitLeft(f"u{rng.randint(1, 4)}"),
        c.RecordWelfareCheck(f"k{number}", rng.choice((True, False)), "A. and B.", "a break"),
        c.ReportExcessiveForce(f"x{number}", "excessive force", "it was seen", record, sector, "him", hidden),
        c.ReportIntervention(f"n{number}", "held back", record, sector, "somebody", confidential=hidden),
        c.ReportForce(f"r{number}", f"p{number}", actor.person, actor.agency, "baton", sector, **said),
    )  # fmt: skip
    return rng.choice(choices), actor


def _place(rng: random.Random) -> Place | None:
    return rng.choice((None, Place(47.6, -122.3)))
