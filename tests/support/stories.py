"""Random histories of one incident, from a seed: what views and screens are tested against."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any, cast

from command.domain import commands as c
from command.domain import commands_arrest as ca
from command.domain import commands_custody as cc
from command.domain import events as e
from command.domain import events_arrest as ea
from command.domain import events_custody as ec
from command.domain.envelope import Actor
from command.domain.events_arrest import AttachedTo
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


def arrests_story(seed: int, steps: int = 120) -> World:
    """The same, of hardly anything but arrests, custody and the people and units that they are with."""
    rng = random.Random(f"arrests {seed}")
    world = given(*ALLIED, c.DefineSector("south", "South side")).world
    for _ in range(steps):
        what, actor = rng.choice((_arrests, _arrests, _custody, _custody, _ground, _people))(
            rng, world, rng.choice(ACTORS)
        )
        if isinstance(what, e.Fact):
            world.happened(by(actor, what))
        else:
            world.send(cast(c.Command, what), actor)
    return world


def _step(rng: random.Random, world: World) -> tuple[Any, Actor]:
    actor = rng.choice(ACTORS)
    return rng.choice(
        (
            _ground,
            _ground,
            _levels,
            _reports,
            _reports,
            _people,
            _force,
            _force,
            _rooms,
            _after,
            _after,
            _arrests,
            _custody,
        )
    )(rng, world, actor)


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
        c.RaiseLevel(sector, up, "raised because", SIGNS, *WHY),
        c.LowerLevel(sector, down, "lowered because"),
        c.RenewLevel(sector, "renewed because"),
    )
    if rng.random() < 0.12 and (asks := list(world.state.response.asks.values())):
        one = rng.choice(asks)
        return c.WithdrawAsk(one.ask), one.by
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


_KIND: tuple[AttachedTo, ...] = ("force report", "warning", "observation", "intervention", "entry", "distress")


def _record(number: int) -> tuple[str, str]:
    """A record that a file belongs to, and the subject of its own that it has."""
    return f"{'rwonns'[number % 6]}{number}", f"q{number}"


def _rooms(rng: random.Random, world: World, actor: Actor) -> tuple[c.Command, Actor]:
    sector, number, unit = rng.choice(("north", "south")), rng.randint(1, 5), f"u{rng.randint(1, 4)}"
    held = rng.choice((None, *world.state.grants.order))
    choices: tuple[c.Command, ...] = (
        c.ReportExits(f"x{number}", sector, ("5th Ave",), ("6th Ave",)),
        c.ReportCrowdMoved(f"m{number}", sector, None, "eastward"),
        c.ReportAudibility(f"h{number}", f"w{number}", sector, number % 2 == 0, actor.person, note="by the stage"),
        ca.AddAttachment(f"q{number}", *_record(number), "audio", "1" * 64, 9, "audio/mp4", None, "said", _KIND[number % 6]),
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


def _arrests(rng: random.Random, world: World, actor: Actor) -> tuple[Any, Actor]:
    """Records as they come from the street: whole, half, corrected, signed by the wrong hand."""
    number = rng.randint(1, 6)
    arrest, subject = f"k{number}", f"s{number}"
    version = world.state.arrests.all[arrest].versions[-1] if arrest in world.state.arrests.all else 1
    card = ca.RecordArrest(
        arrest, subject, rng.choice(("officer", "sergeant")), LEAD, rng.choice(("north", "south", None)),
        wristband=rng.choice((f"W-{number}", "W-1", None)),
        offences=rng.choice(((), ("vandalism",), ("blocking-traffic",), ("failure-to-disperse",), ("curfew",))),
        observed_by=rng.choice(((), ("officer",))), basis=rng.choice(("own conduct", "presence in a group")),
        exits=rng.choice(("open", "closed", "not known")), injured=rng.choice((None, True, False)),
        category=rng.choice(("O", "S", "T")), conduct=rng.choice((None, "threw a stone at a window")),
    )  # fmt: skip
    choices: tuple[Any, ...] = (
        card,
        card,
        ca.RecordOffence(
            arrest, subject, f"o{rng.randint(1, 3)}", "trespass", facts="inside", withdrawn=rng.random() < 0.2
        ),
        ca.DescribePerson(arrest, subject, name="A. Person", apart=rng.choice((None, True, False)), medical="none"),
        ca.FlagProtectedRole(arrest, subject, "f1", outcome=rng.choice(("supervisor called", "released"))),
        ca.RecordIndividualWarning(arrest, subject, "not warned", not_warned_because="no time"),
        ca.RecordRestraint(arrest, subject, "r1", rng.choice(("applied", "checked", "removed")), "cuffs", "behind"),
        ca.RecordRights(arrest, subject, "notice of options", "en"),
        ca.SignArrest(arrest, subject, "arresting", version),
        ca.ReadBackArrest(arrest, subject, "form 1", "officer"),
        ca.ReviewGrounds(arrest, subject, f"v{rng.randint(1, 9)}", "supported", "seen by the officer"),
        ca.DecideDisposition(
            arrest, subject, rng.choice(("cited", "custody", "released")), rng.choice((None, "threat"))
        ),
        ca.AskArrestStep(arrest, subject, rng.choice(("transport", "booking"))),
        ea.ArrestStepCleared(arrest, subject, "transport"),
        ea.NarrativesAlike(arrest, f"k{rng.randint(1, 6)}", "conduct", 0.8),
        ca.AddAttachment(
            f"p{number}", arrest, subject, "photo with officer", "0" * 64, 10, "image/jpeg", note="at the wall"
        ),
        ca.SetArrestBar(f"b{rng.randint(1, 3)}", ("blocking-traffic",), ("arson",), "cite first"),
        ca.AcknowledgeArrestBar("b1", actor.person),
        ca.AnnounceArrestBar("b1", "loudspeaker", ("en",)),
        ca.DeclareHighVolume("h1", "many sit", "citations", 3600.0, procedure=rng.choice((None, "by hand"))),
        ca.EndHighVolume("h1"),
        ca.IssueWristbands("i1", "officer", "wristbands", "W-1", "W-50", 50),
    )
    if rng.random() < 0.1 and (mine := [one for one in world.state.arrests.all if one == arrest]):
        return ca.ReviewGrounds(mine[0], subject, f"v{rng.randint(1, 9)}", "supported", "seen by the officer"), CHIEF
    if rng.random() < 0.05 and any(one.ended is None for one in world.state.arrests.high):
        return ca.EndHighVolume("h1"), IC
    return rng.choice(choices), rng.choice((actor, OFFICER, IC))


def _custody(rng: random.Random, _world: World, actor: Actor) -> tuple[Any, Actor]:
    """Hand-overs, stations, counts, care, bags, releases; some of people whom nobody has recorded."""
    number = rng.randint(1, 7)
    subject, holder = f"s{number}", rng.choice(("officer", "sergeant", "yard", "van-1"))
    choices: tuple[Any, ...] = (
        ec.SiteOpened("yard", "School yard", "staging", rng.randint(1, 4), minors=rng.random() < 0.5),
        cc.OpenSite("yard", "School yard", "staging", rng.randint(1, 4)),
        cc.AnswerForCustody(subject, f"w{number}", holder, rng.random() < 0.5, note="asked"),
        cc.CheckFacility("yard", "c1", ("water",), rng.choice(((), ("toilets",))), "looked at"),
        cc.CloseSite("yard"),
        cc.HandOver(
            subject, f"t{number}", holder, "site", from_holder=rng.choice((None, "officer", "yard")), note="well"
        ),
        cc.RelieveHolder("q1", "officer", "sergeant", rng.choice((None, 1))),
        cc.EnterStation(subject, "yard", rng.choice(("search", "photo"))),
        cc.CountHeads("n1", holder, rng.randint(0, 3), "round"),
        cc.RecordCare(subject, rng.choice(("water", "medical")), rng.choice(("given", "declined")), note="asked"),
        cc.CallGuardian(subject, rng.random() < 0.5, who="her mother"),
        cc.ExplainHold(subject, f"k{number}", "h1", True, rng.choice((None, "waits for an interpreter"))),
        cc.TakeProperty(subject, f"g{number}", receipt=rng.choice((None, "R-1")), contents="keys"),
        cc.MoveBag(
            f"g{number}",
            subject,
            "room-1",
            "unclaimed" if number % 2 else "evidence room",
            rng.choice((None, "officer")),
        ),
        cc.ReleasePerson(subject, "l1", "without charge", note="at the gate"),
    )
    return rng.choice(choices), rng.choice((actor, OFFICER))
