"""One incident driven by a state machine: whatever is asked, in whatever order, the invariants hold."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from command.domain import commands as c
from command.domain import events as e
from command.domain.codec import decode_recorded
from command.domain.deciding import Outcome, Refusal
from command.domain.duty import record_of
from command.domain.envelope import Actor
from command.domain.facts import StateFacts
from command.domain.fold import evolve, initial
from command.domain.state import State
from command.policy.model import INCIDENT_COMMANDER
from command.service.snapshots import decode_state, encode_state
from tests.support.given import (
    ALLIED,
    ALLY,
    CHIEF,
    COURSES,
    IC,
    LEAD,
    LOG,
    OFFICER,
    OPS,
    PARTNER,
    RANKS,
    SERGEANT,
    STRANGER,
    Step,
    World,
)  # fmt: skip

WHO = st.sampled_from((IC, IC, IC, CHIEF, CHIEF, SERGEANT, SERGEANT, OPS, OFFICER, PARTNER, STRANGER))
SECTORS = st.sampled_from(("north", "south"))
LEVELS = ("plan", "facilitate", "engage", "targeted", "dispersal", "force-assisted")
SIGNS = ("march-moving", "tension-between-groups", "individual-probable-cause", "exits-open",
         "targeted-action-failed", "voluntary-compliance-failed", "warnings-given", "significant-number-violent",
         "serious-harm-present")  # fmt: skip
UNITS = st.sampled_from(("u1", "u2", "u9"))
ORDERS = st.sampled_from(("o1", "o2", "o3"))


class Incident(RuleBasedStateMachine):
    """Every command goes through decide, its stored form and evolve, as in the log."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.checked = 0
        self.replayed: State = initial(LOG)
        self.asked: dict[str, Actor] = {}

    def send(self, cmd: c.Command, actor: Actor, **about: object) -> Outcome:
        before = self.world.state
        outcome = self.world.send(cmd, actor, **about)
        if isinstance(cmd, c.Report):
            assert not isinstance(outcome, Refusal)
        if isinstance(outcome, Refusal):
            assert not outcome.decision.allows and (outcome.decision.reasons or outcome.decision.missing)
        else:
            self._levels_changed_by_an_authorizer(before, outcome, actor)
        return outcome

    def _levels_changed_by_an_authorizer(self, before: State, outcome: Outcome, actor: Actor) -> None:
        assert not isinstance(outcome, Refusal)
        for draft in outcome:
            event = draft.event
            if not isinstance(event, e.LevelRaised | e.LevelLowered | e.LevelRenewed):
                continue
            now = self.world.entries[-1].header.recorded_at
            facts = StateFacts(before)
            person, level = facts.person(actor.person, now), facts.level(event.sector, now)
            assert person is not None and person.on_scene and person.agency == actor.agency == LEAD
            commander = facts.holder(INCIDENT_COMMANDER, now) == actor.person
            assert commander or RANKS[actor.person] in ("chief", "lieutenant", "sergeant", "captain")
            assert level is not None and draft.decision is not None and draft.decision.allows
            if not isinstance(event, e.LevelRenewed):
                assert event.previous == level.level
                up = LEVELS.index(event.level) > LEVELS.index(event.previous)
                assert up == isinstance(event, e.LevelRaised)
            if isinstance(event, e.LevelRaised) and event.ask is not None:
                assert self.asked[event.ask].person != actor.person

    @initialize()
    def opens(self) -> None:
        """With a staff and two sectors: else most of what follows would only ever be refused."""
        for step in (*ALLIED, c.DefineSector("south", "South side")):
            made = step if isinstance(step, Step) else Step(step)
            assert not isinstance(self.send(made.what, made.by), Refusal)

    def _above(self, sector: str, step: int) -> str:
        fact = StateFacts(self.world.state).level(sector, self.world.now)
        assert fact is not None
        return LEVELS[max(0, min(LEVELS.index(fact.level) + step, len(LEVELS) - 1))]

    @rule(actor=st.sampled_from((OPS, CHIEF, SERGEANT, OFFICER, PARTNER)), late_s=st.sampled_from((0, 0, 90)))
    def checks_in(self, actor: Actor, late_s: int) -> None:
        rank = RANKS.get(actor.person, "captain")
        at = self.world.now - timedelta(seconds=late_s)
        cmd = c.CheckIn(actor.person, actor.person.title(), actor.agency, rank, training=COURSES)
        self.send(cmd, actor, occurred_at=at)

    @rule(actor=st.sampled_from((OPS, OFFICER)))
    def checks_out(self, actor: Actor) -> None:
        self.send(c.CheckOut(actor.person), actor)

    @rule(actor=WHO)
    def admits(self, actor: Actor) -> None:
        self.send(c.AdmitAgency(ALLY, "County", "MOU 12", True), actor)

    @rule(position=st.sampled_from(("operations", "safety", INCIDENT_COMMANDER)), of=WHO, actor=WHO)
    def assigns(self, position: str, of: Actor, actor: Actor) -> None:
        self.send(c.AssignPosition(position, of.person), actor)

    @rule(position=st.sampled_from(("operations", "safety", INCIDENT_COMMANDER)), actor=WHO)
    def vacates(self, position: str, actor: Actor) -> None:
        self.send(c.VacatePosition(position), actor)

    @rule(to=st.sampled_from((CHIEF, IC, OFFICER, PARTNER)), actor=WHO, read=st.sampled_from((True, True, False)))
    def transfers(self, to: Actor, actor: Actor, read: bool) -> None:
        self.send(c.TransferCommand(to.person, "briefing", read), actor)

    @rule(sector=SECTORS, actor=WHO)
    def defines(self, sector: str, actor: Actor) -> None:
        self.send(c.DefineSector(sector, sector.title()), actor)

    @rule(again=st.integers(0, 5), sector=SECTORS, step=st.sampled_from((1, 1, 1, 2)), actor=WHO)
    def asks_for(self, again: int, sector: str, step: int, actor: Actor) -> None:
        ask = f"a{len(self.asked) + (again != 0)}"
        cmd = c.AskLevel(ask, sector, self._above(sector, step), SIGNS, "few", "tried", "yes", "because")
        if not isinstance(self.send(cmd, actor), Refusal):
            assert ask not in self.asked, "an ask's id is used once"
            self.asked[ask] = actor

    @rule(back=st.integers(0, 2), actor=WHO, cmd=st.sampled_from((c.GrantLevel, c.GrantLevel, c.DenyAsk)))
    def decides(self, back: int, actor: Actor, cmd: type) -> None:
        self.send(cmd(f"a{max(0, len(self.asked) - back)}", "because"), actor)

    @rule(sector=SECTORS, actor=st.sampled_from((OFFICER, SERGEANT, IC)), decider=WHO, wait_s=st.sampled_from((0, 700)))
    def is_asked_and_decided(self, sector: str, actor: Actor, decider: Actor, wait_s: int) -> None:
        self.asks_for(again=1, sector=sector, step=1, actor=actor)
        self.world.now += timedelta(seconds=wait_s)
        granted = not isinstance(self.send(c.GrantLevel(f"a{len(self.asked)}", "because"), decider), Refusal)
        assert not (granted and (wait_s or actor.person == decider.person)), "silence means no, and one's own yes too"

    @rule(sector=SECTORS, actor=st.sampled_from((IC, CHIEF, SERGEANT)))
    def goes_up(self, sector: str, actor: Actor) -> None:
        self.raises(sector=sector, step=1, actor=actor, age_s=0.0)

    @rule(back=st.integers(0, 2), actor=WHO, own=st.booleans())
    def withdraws(self, back: int, actor: Actor, own: bool) -> None:
        ask = f"a{max(0, len(self.asked) - back)}"
        self.send(c.WithdrawAsk(ask), self.asked.get(ask, actor) if own else actor)

    @rule(sector=SECTORS, step=st.sampled_from((1, 1, 2, 0)), actor=WHO, age_s=st.sampled_from((0.0, 0.0, 61.0)))
    def raises(self, sector: str, step: int, actor: Actor, age_s: float) -> None:
        cmd = c.RaiseLevel(sector, self._above(sector, step), "because", SIGNS, "few", "tried", "yes")
        assert isinstance(self.send(cmd, actor, ask_age_s=age_s), Refusal) or not age_s

    @rule(sector=SECTORS, step=st.sampled_from((-1, -2, 0)), actor=WHO)
    def lowers(self, sector: str, step: int, actor: Actor) -> None:
        self.send(c.LowerLevel(sector, self._above(sector, step), "calm"), actor)

    @rule(sector=SECTORS, actor=WHO)
    def renews(self, sector: str, actor: Actor) -> None:
        self.send(c.RenewLevel(sector, "still so"), actor)

    @rule(report=st.sampled_from(("r1", "r2")), tool=st.sampled_from(("physical-control", "baton", None)),
          sector=SECTORS, officer=WHO, actor=WHO, late_s=st.sampled_from((0, 120)))  # fmt: skip
    def reports_force(
        self, report: str, tool: str | None, sector: str, officer: Actor, actor: Actor, late_s: int
    ) -> None:
        at = self.world.now - timedelta(seconds=late_s)
        cmd = c.ReportForce(report, "p1", officer.person, officer.agency, tool, sector, account="it happened")
        outcome = self.send(cmd, actor, occurred_at=at)
        assert not isinstance(outcome, Refusal) and outcome[0].finding is not None

    @rule(unit=UNITS, actor=WHO)
    def forms(self, unit: str, actor: Actor) -> None:
        self.send(c.FormUnit(unit, unit, "patrol", ALLY if unit == "u9" else LEAD), actor)

    @rule(unit=UNITS, sector=SECTORS | st.none(), actor=WHO)
    def sends(self, unit: str, sector: str | None, actor: Actor) -> None:
        self.send(c.AssignUnit(unit, sector), actor)

    @rule(order=ORDERS, unit=UNITS, supersedes=ORDERS | st.none(), actor=WHO)
    def orders(self, order: str, unit: str, supersedes: str | None, actor: Actor) -> None:
        self.send(c.GiveOrder(order, "do", (unit,), supersedes), actor)

    @rule(order=ORDERS, unit=UNITS, actor=WHO)
    def acknowledges(self, order: str, unit: str, actor: Actor) -> None:
        self.send(c.AcknowledgeOrder(order, unit), actor)

    @rule(pick=st.integers(0, 50), actor=WHO)
    def discharges(self, pick: int, actor: Actor) -> None:
        duties = sorted(self.world.state.duties.all)
        self.send(c.DischargeDuty(duties[pick % len(duties)] if duties else "ghost"), actor)

    @rule(seq=st.integers(1, 30), actor=st.just(CHIEF))
    def redacts(self, seq: int, actor: Actor) -> None:
        self.send(c.Redact("Court", "order", "p1", (seq,)), actor)

    @precondition(lambda self: self.world.state.seq > 60)
    @rule(actor=st.sampled_from((IC, CHIEF, OFFICER)))
    def closes(self, actor: Actor) -> None:
        self.send(c.CloseIncident("over"), actor)

    @rule(seconds=st.sampled_from((30, 100, 400, 2000)))
    def time_passes(self, seconds: int) -> None:
        self.world.now += timedelta(seconds=seconds)

    # What always holds --------------------------------------------------------------

    @invariant()
    def exactly_one_commander_of_the_lead_agency(self) -> None:
        state = self.world.state
        if state.incident is None:
            return
        spans = list(state.structure.positions[INCIDENT_COMMANDER])
        assert [span.ended is None for span in spans].count(True) == 1
        for earlier, later in itertools.pairwise(spans):
            assert earlier.ended == later.since
        holder = StateFacts(state).holder(INCIDENT_COMMANDER, self.world.now)
        versions = state.structure.people[str(holder)]
        assert versions.last is not None and versions.last.agency == LEAD

    @invariant()
    def asks_wait_or_are_decided(self) -> None:
        response = self.world.state.response
        assert set(response.asks) | set(response.decided) == set(self.asked)
        assert not set(response.asks) & set(response.decided)

    @invariant()
    def duties_are_open_or_done(self) -> None:
        duties = self.world.state.duties
        assert set(duties.open) == {key for key, duty in duties.all.items() if duty.done_at is None}
        running = [duties.all[key] for key in duties.open]
        assert {key: set(kept) for key, kept in duties.of.items()} == {
            record: {duty.duty for duty in running if duty.started_by == record}
            for record in {duty.started_by for duty in running}
        }
        assert {key: set(kept) for key, kept in duties.under.items()} == {
            rule: {duty.duty for duty in running if duty.rule == rule} for rule in {duty.rule for duty in running}
        }

    @invariant()
    def open_findings_are_counted(self) -> None:
        found: dict[str, int] = {}
        for report in self.world.state.force.reports.values():
            if report.sector and report.finding and report.finding.kind.startswith(("no auth", "contrary")):
                found[report.sector] = found.get(report.sector, 0) + 1
        counted = {key: n for key, n in self.world.state.force.open_by_sector.items() if n}
        assert counted == found

    @invariant()
    def the_log_is_gapless_and_replays_to_the_live_state(self) -> None:
        """At every prefix: by its exact bytes, and from a snapshot of the one before."""
        last: datetime | None = self.replayed.recorded_at
        for raw, live in zip(self.world.raw[self.checked :], self.world.states[self.checked + 1 :], strict=True):
            entry = decode_recorded(raw)
            self.checked += 1
            assert entry.seq == self.checked
            assert last is None or entry.header.recorded_at >= last
            last = entry.header.recorded_at
            thawed = decode_state(encode_state(self.replayed))
            assert thawed is not None
            self.replayed = evolve(self.replayed, entry)
            assert self.replayed == live == evolve(thawed, entry)
            assert record_of(entry.event) is None or not isinstance(entry.event, e.AskRefused)


TestIncident = Incident.TestCase
TestIncident.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)
