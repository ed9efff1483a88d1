"""given(…).when(command).then(events): specifications of the core without mocks and without an event loop.

Time, ids and salts are counted, never drawn: the same specification makes the
same bytes every time. Every event goes through its stored form (sealed, encoded,
decoded) before it is folded, as in the log.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import msgspec

from command.domain import commands as c
from command.domain import events as e
from command.domain.codec import SCHEMAS, decode_recorded
from command.domain.deciding import Context, Draft, Outcome, Refusal
from command.domain.envelope import HEADER_VERSION, HIDDEN, Actor, Header, Origin, Recorded, encode_header
from command.domain.facts import StateFacts
from command.domain.fold import decide, evolve, initial
from command.domain.state import State
from command.policy.stack import Stack
from command.service.sealing import SealedEvent, is_confidential, seal, seal_actor
from tests.support import packs

LOG = "0196-spec"
START = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
LEAD, ALLY = "metro-pd", "county-so"
COURSES = (e.Training("incident-command"), e.Training("crowd-management", START + timedelta(days=300)))

IC = Actor("ic", LEAD)
OPS = Actor("ops", LEAD)
CHIEF = Actor("chief", LEAD)
SERGEANT = Actor("sergeant", LEAD)
OFFICER = Actor("officer", LEAD)
PARTNER = Actor("partner", ALLY)
STRANGER = Actor("stranger", "elsewhere")

RANKS = {"ic": "captain", "ops": "lieutenant", "chief": "chief", "sergeant": "sergeant", "officer": "officer"}

OPEN = c.OpenIncident(
    name="May Day",
    kind="planned",
    lead_agency=LEAD,
    lead_agency_name="Metro Police",
    time_zone="America/Los_Angeles",
    commander="ic",
    commander_name="Ines Castro",
    commander_rank="captain",
    commander_training=COURSES,
)


@functools.cache
def model_stack() -> Stack:
    """The model pack of the repository, as an incident adopts it alone."""
    return packs.model_stack()


def checks_in(actor: Actor, rank: str = "", **changes: Any) -> Step:
    """The person reports for duty, trained."""
    name = changes.pop("name", actor.person.title())
    cmd = c.CheckIn(actor.person, name, actor.agency, rank or RANKS.get(actor.person, "captain"), training=COURSES)
    return by(actor, msgspec.structs.replace(cmd, **changes))


@dataclass(frozen=True)
class Step:
    """One thing that has happened: a command sent, or an event put into the log as it is."""

    what: Any
    by: Actor = IC
    about: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Wait:
    """Time passes."""

    seconds: float


def by(actor: Actor, what: Any, **about: Any) -> Step:
    """Said by someone else than the commander; `about` are fields of Context."""
    return Step(what, actor, about)


def salts(seed: str) -> Any:
    """Salts that are counted, for tests only."""
    count = iter(range(1_000_000))
    return lambda size: hashlib.sha256(f"{seed}/{next(count)}".encode()).digest()[:size]


class World:
    """A log as it grows: state, exact header bytes, entries and the plain private values."""

    def __init__(self, stack: Stack | None = None, log: str = LOG, start: datetime = START) -> None:
        self.stack = stack or model_stack()
        self.stacks = {self.stack.digests: self.stack}  # every plan that a command may name
        self.state = initial(log)
        self.states: list[State] = [self.state]
        self.now = start
        self.raw: list[bytes] = []
        self.entries: list[Recorded] = []
        self.plain: dict[int, dict[str, str]] = {}
        self.disclosed: dict[int, dict[str, str]] = {}
        self.sent = 0
        self.salts = salts(log)

    def context(self, actor: Actor, **about: Any) -> Context:
        """What the shell would hand in, now."""
        held = StateFacts(self.state).positions_of(actor.person, self.now)
        first = "incident-commander" if "incident-commander" in held else next(iter(held), None)
        known = Context(
            cmd=about.pop("cmd_id", f"cmd-{self.sent}"),
            actor=replace_actor(actor, first),
            now=self.now,
            occurred_at=self.now,
            stack=self.stack,
            wall=self.now,
            ask_age_s=0.0,
            basis_age_s=0.0,
            stacks=self.stacks,
        )
        return msgspec.structs.replace(known, **about)

    def decide(self, cmd: c.Command, actor: Actor = IC, **about: Any) -> Outcome:
        """What the core answers, without applying it."""
        return decide(self.state, cmd, self.context(actor, **about))

    def send(self, cmd: c.Command, actor: Actor = IC, **about: Any) -> Outcome:
        """Decide and apply, refusals too; then a second passes."""
        ctx = self.context(actor, **about)
        outcome = decide(self.state, cmd, ctx)
        if isinstance(outcome, Refusal):
            asked = e.AskRefused(type(cmd).__name__, outcome.sector, outcome.detail)
            self.apply((Draft(asked, decision=outcome.decision),), ctx)
        else:
            self.apply(outcome, ctx, hidden=is_confidential(cmd))
        self.sent += 1
        self.now += timedelta(seconds=1)
        return outcome

    def apply(self, drafts: tuple[Draft, ...], ctx: Context, *, hidden: bool = False) -> None:
        """Seal, encode, decode, fold. `hidden`: the author is committed to, as in a confidential report."""
        for number, draft in enumerate(drafts):
            sealed = seal(draft.event, self.salts)
            header, plain = self._header(draft, sealed, ctx, number), sealed.plain
            texts = sealed.disclosures
            if hidden:
                author = seal_actor(ctx.actor, self.salts)
                header = msgspec.structs.replace(header, actor=HIDDEN, confidential=author.commitments)
                plain, texts = plain | author.plain, texts | author.disclosures
            entry = decode_recorded(encode_header(header))
            self.raw.append(encode_header(entry.header))
            self.entries.append(entry)
            self.plain[entry.seq] = plain
            self.disclosed[entry.seq] = texts
            self.state = evolve(self.state, entry)
            self.states.append(self.state)
            if isinstance(entry.event, e.PlanChanged):
                self.stack = self.stacks.get(entry.event.after, self.stack)

    def _header(self, draft: Draft, sealed: SealedEvent, ctx: Context, number: int) -> Header:
        kind = type(draft.event).__name__
        return Header(
            v=HEADER_VERSION,
            log=self.state.log,
            epoch=1,
            seq=self.state.seq + 1,
            id=f"{ctx.cmd}.{number}",
            type=kind,
            schema=SCHEMAS[kind],
            occurred_at=draft.at or ctx.occurred_at,
            recorded_at=max(ctx.now, self.state.recorded_at or ctx.now),
            actor=ctx.actor,
            cmd=ctx.cmd,
            body=msgspec.Raw(msgspec.json.encode(sealed.event)),
            clock_error_ms=ctx.clock_error_ms,
            packs=ctx.stack.digest,
            decision=draft.decision,
            finding=draft.finding,
            supersedes=draft.supersedes,
            origin=ctx.origin,
        )

    def happened(self, step: Any) -> None:
        """A step of a specification; a command that is refused here is a mistake in the specification."""
        if isinstance(step, Wait):
            self.now += timedelta(seconds=step.seconds)
            return
        step = step if isinstance(step, Step) else Step(step)
        if isinstance(step.what, e.Fact):
            self.apply((Draft(cast(e.Event, step.what)),), self.context(step.by, **step.about))
            self.sent += 1
            self.now += timedelta(seconds=1)
            return
        outcome = self.send(step.what, step.by, **step.about)
        assert not isinstance(outcome, Refusal), f"given {step.what}: {outcome.decision}"


def replace_actor(actor: Actor, position: str | None) -> Actor:
    """The actor in the position held."""
    return msgspec.structs.replace(actor, position=position)


@dataclass(frozen=True)
class Given:
    """A past, waiting for what happens next."""

    world: World

    def when(self, cmd: c.Command, by: Actor = IC, *, origin: Origin | None = None, **about: Any) -> When:
        """Send a command; `about` are fields of Context."""
        before = self.world.state
        return When(self.world, before, self.world.send(cmd, by, origin=origin, **about))


@dataclass(frozen=True)
class When:
    """An outcome, waiting to be compared."""

    world: World
    before: State
    outcome: Outcome

    @property
    def drafts(self) -> tuple[Draft, ...]:
        """What was decided. Fails on a refusal."""
        assert not isinstance(self.outcome, Refusal), self.outcome.decision
        return self.outcome

    def then(self, *expected: e.Event) -> When:
        """Exactly these events, in this order; the duties that the plan attaches are compared by `owing`."""
        assert tuple(d.event for d in self.drafts if not isinstance(d.event, e.DutyStarted)) == expected
        return self

    def owing(self, *rules: str) -> When:
        """Exactly the duties of these rules begin."""
        assert tuple(d.event.rule for d in self.drafts if isinstance(d.event, e.DutyStarted)) == rules
        return self

    def refused(self, effect: str | None = None, *, containing: str = "") -> When:
        """A refusal, with this effect and these words among its reasons and what is missing."""
        assert isinstance(self.outcome, Refusal), f"expected a refusal, got {self.outcome}"
        decision = self.outcome.decision
        assert not decision.allows
        assert effect in (None, decision.effect), decision
        assert containing in " / ".join((*decision.reasons, *decision.missing)), decision
        assert isinstance(self.world.entries[-1].event, e.AskRefused)
        return self

    def nothing(self) -> When:
        """The report is in the log and changes nothing that is in force."""
        moved = {"seq", "recorded_at", "counts"}
        assert not isinstance(self.outcome, Refusal), self.outcome.decision
        for name in State.__struct_fields__:
            if name not in moved:
                assert getattr(self.world.state, name) == getattr(self.before, name), name
        return self


def given(*past: Any, stack: Stack | None = None, others: Iterable[Stack] = ()) -> Given:
    """Steps, commands (by the commander), events or waits, one after the other; `others` are plans on the shelf."""
    world = World(stack)
    world.stacks |= {other.digests: other for other in others}
    for step in past:
        world.happened(step)
    return Given(world)


OPENED: tuple[Any, ...] = (OPEN,)
"""An incident under `ic`, nobody else on duty."""

STAFFED: tuple[Any, ...] = (
    OPEN,
    checks_in(OPS),
    checks_in(CHIEF),
    checks_in(SERGEANT),
    checks_in(OFFICER),
    c.AssignPosition("operations", "ops"),
    c.DefineSector("north", "North side"),
)
"""With a staff of the lead agency, an operations section chief and one sector."""

ALLIED: tuple[Any, ...] = (
    *STAFFED,
    c.AdmitAgency(ALLY, "County Sheriff", agreement="MOU 12", accepted_plan=True),
    checks_in(PARTNER),
)
"""With an assisting agency that has accepted the plan, and its captain."""

__all__ = [
    "ALLIED", "ALLY", "CHIEF", "COURSES", "IC", "LEAD", "LOG", "OFFICER", "OPEN", "OPENED", "OPS", "PARTNER",
    "SERGEANT", "STAFFED", "START", "STRANGER", "Given", "Step", "Wait", "When", "World", "by", "checks_in", "given",
    "model_stack", "salts",
]  # fmt: skip
