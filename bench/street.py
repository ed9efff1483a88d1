"""A long day on the street, folded through the domain's own decide and evolve: what a judgement has to look through.

Six sectors from morning to night. Levels go up, are renewed, lapse and come down; people check in and out, change
sectors and positions; signs, warnings, ways out, attempts and liaison are reported, some of them late; gear comes near
and goes; force is asked for, signed, granted, renewed, revoked, used and reported, also without a grant; rules are
suspended and authority is delegated. Deterministic: the same number of events gives the same day.
"""

from __future__ import annotations

import heapq
import itertools
import random
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import msgspec

from command.domain import commands as c
from command.domain import events as e
from command.domain.deciding import Context, Draft, Refusal
from command.domain.envelope import Actor, Header, Recorded
from command.domain.facts import StateFacts
from command.domain.fold import decide, evolve, initial
from command.domain.state import State
from command.policy.stack import Stack
from command.service.sealing import seal

START = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)
DAY_S = 16 * 3600.0
SECTORS = tuple(f"k{n}" for n in range(6))
LEAD = "spd"
TRAINED = (e.Training("incident-command"), e.Training("crowd-management"))
RANKS = {"chief": "captain", "ops": "lieutenant", "boss": "deputy-chief", "deputy": "captain"}
SERGEANTS = tuple(f"s{n}" for n in range(12))
OFFICERS = tuple(f"p{n}" for n in range(200))
SIGNS = (
    "people-assembling", "march-moving", "tension-between-groups", "critical-access-threatened",
    "unlawful-act-expected", "individual-probable-cause", "voluntary-compliance-failed", "targeted-action-failed",
    "significant-number-violent", "exits-open", "warnings-given", "serious-harm-present", "violent-individual",
    "resists-arrest", "clear-need-for-gear", "each-has-probable-cause",
)  # fmt: skip
LADDER = ("plan", "facilitate", "engage", "targeted", "dispersal", "force-assisted")
WHY = {"extent": "about 20 of 400", "liaison": "spoke with the marshals", "others_may_continue": "yes, all others"}


class Street:
    """The day as it grows."""

    def __init__(self, stack: Stack, events: int, seed: int = 1) -> None:
        self.stack = stack
        self.state = initial("bench")
        self.now = START
        self.refused = 0
        self._rng = random.Random(seed)
        self._step = timedelta(seconds=DAY_S / max(events, 1))
        self._numbers = itertools.count(1)

    def say(self, cmd: c.Command, person: str = "chief", *, late_s: float = 0.0, error_ms: int = 0) -> bool:
        """Decide on a command and fold what follows. False where the plan refused it."""
        number = next(self._numbers)
        held = StateFacts(self.state).positions_of(person, self.now)
        ctx = Context(
            cmd=f"c{number}", actor=Actor(person, LEAD, next(iter(held), None)), now=self.now,
            occurred_at=self.now - timedelta(seconds=late_s), stack=self.stack, wall=self.now,
            clock_error_ms=error_ms, ask_age_s=0.0, basis_age_s=0.0,
        )  # fmt: skip
        outcome = decide(self.state, cmd, ctx)
        if isinstance(outcome, Refusal):
            self.refused += 1
            asked = e.AskRefused(type(cmd).__name__, outcome.sector, outcome.detail)
            outcome = (Draft(asked, decision=outcome.decision),)
        for place, draft in enumerate(outcome):
            self._fold(draft, ctx, place)
        return not isinstance(outcome[0].event, e.AskRefused)

    def _fold(self, draft: Draft, ctx: Context, place: int) -> None:
        event = seal(draft.event, bytes).event
        head = Header(
            v=1, log="bench", epoch=1, seq=self.state.seq + 1, id=f"{ctx.cmd}.{place}", type=type(event).__name__,
            schema=1, occurred_at=draft.at or ctx.occurred_at, recorded_at=ctx.now, actor=ctx.actor, cmd=ctx.cmd,
            body=msgspec.Raw(b"{}"), clock_error_ms=ctx.clock_error_ms, decision=draft.decision,
            finding=draft.finding, supersedes=draft.supersedes,
        )  # fmt: skip
        self.state = evolve(self.state, Recorded(head, event))
        self.now += self._step

    def run(self, events: int) -> State:
        """Go on until the log has so many events."""
        self._morning()
        scenes = (self._watch,) * 9 + (self._people,) * 6 + (self._warn,) * 3 + (self._levels,) * 2 + (
            self._force, self._force, self._loose, self._gear, self._plan)  # fmt: skip
        while self.state.seq < events:
            self._rng.choice(scenes)()
        return self.state

    def _morning(self) -> None:
        opening = c.OpenIncident(
            "A long day", "planned", LEAD, "Seattle Police", "UTC", "chief", commander_rank="captain",
            commander_training=TRAINED,
        )  # fmt: skip
        assert self.say(opening)
        for person in (*RANKS, *SERGEANTS, *OFFICERS):
            rank = RANKS.get(person, "sergeant" if person in SERGEANTS else "officer")
            self.say(c.CheckIn(person, f"{person} of {LEAD}", LEAD, rank, training=TRAINED))
        for position, person in (("operations", "ops"), ("deputy", "deputy")):
            assert self.say(c.AssignPosition(position, person))
        for sector in SECTORS:
            assert self.say(c.DefineSector(sector, f"Sector {sector}"))
        for number in range(24):
            self.say(c.FormUnit(f"u{number}", f"Unit {number}", "patrol", LEAD, SERGEANTS[number % 12], 8))

    def _late_s(self) -> float:
        """One report in five comes late, one in a hundred from a clock that runs ahead."""
        drawn = self._rng.random()
        return -5.0 if drawn < 0.01 else self._rng.uniform(10, 1800) if drawn < 0.2 else self._rng.uniform(0, 3)

    def _id(self, kind: str) -> str:
        return f"{kind}{next(self._numbers)}"

    def _one(self, of: tuple[str, ...]) -> str:
        return self._rng.choice(of)

    def _watch(self) -> None:
        """Someone sees something, or tries something."""
        sector, who, late = self._one(SECTORS), self._one(OFFICERS), self._late_s()
        said: tuple[c.Command, ...] = (
            c.RecordObservation(self._id("o"), "seen", sector, (self._one(SIGNS),), witnessed=True),
            c.RecordObservation(self._id("o"), "seen", sector, (), findings=(self._one(SIGNS), self._one(SIGNS))),
            c.ReportExits(self._id("x"), sector, ("east", "south"), ("north",)),
            c.RecordAttempt(self._id("t"), sector, "de-escalation", True, ("persuasion",), "did not work"),
            c.RecordLiaison(self._id("l"), "marshal", "phone", sector),
            c.ReportCrowdMoved(self._id("m"), sector),
        )
        self.say(self._rng.choices(said, (5, 3, 3, 2, 2, 0.4))[0], who, late_s=late)

    def _people(self) -> None:
        """People and units come, go and move."""
        who, unit, sector = self._one(OFFICERS), f"u{self._rng.randrange(24)}", self._one(SECTORS)
        drawn = self._rng.random()
        if drawn < 0.4:
            self.say(c.ReportPresence(sector), who, late_s=self._late_s())
        elif drawn < 0.6:
            self.say(c.AssignUnit(unit, sector, "post"), "ops")
        elif drawn < 0.85:
            self.say(c.CheckIn(who, f"{who} of {LEAD}", LEAD, "officer", training=TRAINED, unit=unit), who)
        elif drawn < 0.97:
            self.say(c.CheckOut(who), who)
            self.say(c.CheckIn(who, f"{who} of {LEAD}", LEAD, "officer", training=TRAINED), who)
        else:
            self.say(c.AssignPosition("safety", self._one(SERGEANTS)))
            incoming = "deputy" if StateFacts(self.state).holder("incident-commander", self.now) == "chief" else "chief"
            self.say(c.TransferCommand(incoming, "All is said.", True), self._ic())

    def _ic(self) -> str:
        return StateFacts(self.state).holder("incident-commander", self.now) or "chief"

    def _warn(self) -> None:
        given = c.ReportWarning(
            self._id("w"), self._one(SECTORS), self._rng.choice(("dispersal-order", "facilitation-notice")), "Leave.",
            amplified=True, on_camera=self._rng.random() < 0.9, audible=True, exits=("east",), exits_open=True,
            says_what=("the law", "the arrest", "the ways out"), places=2,
        )  # fmt: skip
        self.say(given, self._one(SERGEANTS), late_s=self._late_s())

    def _levels(self) -> None:
        sector = self._one(SECTORS)
        levels = self.state.response.sectors[sector].levels.last
        place = LADDER.index(levels.level) if levels else 0
        who = self._ic()
        drawn = self._rng.random()
        if drawn < 0.35 and place:
            self.say(c.RenewLevel(sector, "still so"), "boss" if place == 5 else who)
        elif drawn < 0.75 and place < 5:
            up = c.RaiseLevel(sector, LADDER[place + 1], "it is so", SIGNS, **WHY)
            self.say(up, "boss" if place == 4 else who)
        elif place:
            self.say(c.LowerLevel(sector, LADDER[max(0, place - 2)], "calm"), who)

    def _force(self) -> None:
        """Asked for, granted, and then: used, renewed, revoked, or left to end."""
        sector, user, ask, grant = self._one(SECTORS), self._one(OFFICERS), self._id("a"), self._id("g")
        wish = c.AskForce(
            ask, "baton", "protect person", sector, ("legs",), False, None, "q1", (user,), 20, 600.0, ("assault",),
            ("violent-individual",), deescalation=("persuasion",), objective="stop the assault",
        )  # fmt: skip
        if not self.say(wish, self._one(SERGEANTS)):
            return
        spoken = self._rng.random() < 0.1
        granted = c.GrantForce(ask, "I see it.", grant, on_scene=True, speaker=self._ic() if spoken else None,
                               channel="radio 1" if spoken else None, read_back=spoken)  # fmt: skip
        if not self.say(granted, "ops"):
            return
        for _ in range(self._rng.randrange(4)):
            self._use(user, sector, grant)
        drawn = self._rng.random()
        if drawn < 0.2:
            self.say(c.RevokeGrant(grant, "it is over"), "ops")
        elif drawn < 0.4:
            self.say(c.RenewGrant(grant, "it goes on", on_scene=True, lasts_s=300.0), "ops")
        elif drawn < 0.5 and spoken:
            self.say(c.ConfirmRelay(grant), self._ic())
        self._use(user, sector, None)

    def _use(self, user: str, sector: str, grant: str | None) -> None:
        report = c.ReportForce(
            self._id("r"), f"q{self._rng.randrange(300)}", user, LEAD, "baton", sector, grant=grant,
            purpose="protect person", zones=("legs",), quantity=1,
        )  # fmt: skip
        self.say(report, user, late_s=self._late_s(), error_ms=self._rng.choice((0, 0, 500)))

    def _loose(self) -> None:
        """A report with no ask behind it; now and then a duty is done."""
        self._use(self._one(OFFICERS), self._one(SECTORS), None)
        for duty in heapq.nsmallest(2, self.state.duties.open.keys()):  # a map has no order of its own
            self.say(c.DischargeDuty(duty), self._one(SERGEANTS))

    def _gear(self) -> None:
        sector, state = self._one(SECTORS), self._rng.choice(("ready", "deployed", "staged"))
        change: dict[str, Any] = {"findings": ("clear-need-for-gear",), "purpose": "protect person"}
        self.say(c.ChangePosture(sector, "protective-gear", cast(Any, state), "stones", **change), self._ic())

    def _plan(self) -> None:
        if self._rng.random() < 0.5:
            lasts = c.DelegateAuthority(self._id("d"), "boss", 600.0, "incident-commander", True)
            self.say(lasts, self._ic())
        elif self._rng.random() < 0.5:
            self.say(c.SuspendRule("muster-model", "tactic.oc-at-a-person", "1", "flood", 300.0), self._ic())
        else:
            self.say(c.ResumeRule("muster-model", "tactic.oc-at-a-person"), self._ic())


def street(stack: Stack, events: int, seed: int = 1) -> Street:
    """A day with at least so many events."""
    day = Street(stack, events, seed)
    day.run(events)
    return day
