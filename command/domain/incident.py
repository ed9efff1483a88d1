"""The incident itself: opened from a plan at its lowest level, closed, and private values destroyed on authority."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from msgspec.structs import replace

from command.domain import asks, demobilizing
from command.domain.asking import judge_ask
from command.domain.banded import only_theirs
from command.domain.commands import CloseIncident, OpenIncident, Redact, SupplyPlanPart
from command.domain.deciding import Context, Draft, Outcome, Refusal, one, refused
from command.domain.envelope import Recorded
from command.domain.events import (
    AgencyJoined,
    AidGiven,
    AidOffered,
    DutyStarted,
    IncidentClock,
    IncidentClosed,
    IncidentOpened,
    LogRestored,
    MedicalHelpArrived,
    MedicalHelpRefused,
    MedicalHelpRequested,
    NoInjurySeen,
    PersonCheckedIn,
    PlanPart,
    PlanPartSupplied,
    PositionAssigned,
    Redacted,
)
from command.domain.state import Incident, State
from command.domain.state_force import StackSpan
from command.policy.duties import due
from command.policy.model import INCIDENT_COMMANDER, DutyRule

NOTES_OF_CARE: Final = frozenset(
    kind.__name__
    for kind in (
        AidOffered, AidGiven, NoInjurySeen, MedicalHelpRequested, MedicalHelpArrived, MedicalHelpRefused,
    )
)  # fmt: skip
"""Events about what follows force that may hold a note on somebody's body, and have no subject."""


def open_incident(state: State, cmd: OpenIncident, ctx: Context) -> Outcome:
    """Open at the plan's lowest level, under one commander of the lead agency.

    A spontaneous incident opens at once; what the plan lacks becomes duties with
    clocks, never a reason to wait (domain A3).
    """
    if state.incident is not None:
        return refused("this incident is open already")
    verdict = judge_ask(state, ctx, "incident.open", unit_agency=cmd.lead_agency)
    if isinstance(verdict, Refusal):
        return verdict
    spontaneous = cmd.kind == "spontaneous"
    parts = ctx.stack.template_parts if spontaneous else ()
    opened = IncidentOpened(
        name=cmd.name,
        kind=cmd.kind,
        lead_agency=cmd.lead_agency,
        time_zone=cmd.time_zone,
        packs=ctx.stack.digests,
        first_level=ctx.stack.first_level,
        commander=cmd.commander,
        objectives=cmd.objectives,
        missing_parts=tuple(PlanPart(part.id, part.says[:200]) for part in parts),
        clock=IncidentClock(cmd.clock_origin, ctx.wall, cmd.clock_rate) if cmd.clock_origin else None,
        reason=cmd.reason,
    )
    start = cmd.clock_origin.astimezone(UTC) if cmd.clock_origin else ctx.now
    own = ctx.rank is not None and cmd.commander == ctx.actor.person  # one's own rank and training: as on the account
    commander = PersonCheckedIn(
        person=cmd.commander,
        name=cmd.commander_name or cmd.commander,
        agency=cmd.lead_agency,
        rank=ctx.rank if own and ctx.rank else cmd.commander_rank,
        training=ctx.training if own else cmd.commander_training,
        camera_absent="command post",
    )
    drafts = [
        Draft(opened, decision=verdict, at=start),
        Draft(
            AgencyJoined(
                cmd.lead_agency,
                cmd.lead_agency_name,
                "lead",
                accepted_plan=True,
                jurisdiction=cmd.lead_jurisdiction,
            ),
            at=start,
        ),
        Draft(commander, at=start),
        Draft(PositionAssigned(INCIDENT_COMMANDER, cmd.commander), at=start),
    ]
    rules = ctx.stack.template_duties.values() if spontaneous else ()
    return (*drafts, *(_part_owed(rule, ctx, start) for rule in rules))


def _part_owed(rule: DutyRule, ctx: Context, start: datetime) -> Draft:
    owed = DutyStarted(
        duty=ctx.made(f"p-{rule.id}"),
        rule=rule.id,
        says=rule.says[:200],
        owed_by=rule.owed_by,
        started_by=ctx.cmd,
        due=due(rule, start),
    )
    return Draft(owed, at=start)


def close_incident(state: State, cmd: CloseIncident, ctx: Context) -> Outcome:
    """Close. Asks that wait are answered first; reports are still taken afterwards."""
    left = demobilizing.of_incident(state, ctx)
    verdict = judge_ask(state, ctx, "incident.close", **demobilizing.still_open(left))
    if isinstance(verdict, Refusal):
        return demobilizing.with_waiver(verdict, ctx, left)
    waiting = sorted(ask.ask for ask in asks.every(state) if ask.expires > ctx.now)
    if waiting:
        return refused(f"expected no ask waiting for a decision, found {len(waiting)}: {', '.join(waiting[:5])}")
    return one(IncidentClosed(cmd.reason), decision=verdict)


def redact(state: State, cmd: Redact, ctx: Context) -> Outcome:
    """Destroy private values on a court's or records authority's order; what was said to exist, stays said.

    Records law decides this, not the layered-response plan, so the plan is not asked: access
    gives it to the administrator alone, who sees no incident, and to nobody in command. With a person goes what was
    told of them by the number of their band, which lies under a key of its own; not where that was another's band too.
    """
    if cmd.subject is None and not cmd.seqs:
        return refused("expected a subject or the numbers of events, got neither")
    beyond = [seq for seq in cmd.seqs if not 1 <= seq <= state.seq]
    if beyond:
        return refused(f"expected event numbers from 1 to {state.seq}, got {beyond[:5]}")
    seqs = cmd.seqs if cmd.subject is None else tuple(dict.fromkeys((*cmd.seqs, *_care_of(state, cmd.subject))))
    ordered = Draft(Redacted(cmd.subject, seqs, cmd.authority, cmd.reason, cmd.scope))
    under = only_theirs(state, cmd.subject) if cmd.subject is not None else ()
    also = (Draft(Redacted(name, (), cmd.authority, cmd.reason, cmd.scope)) for name in under)
    return (ordered, *also)


def _care_of(state: State, subject: str) -> list[int]:
    """Notes of aid and medical help after force on this person: they name the report, and lie under keys of their own.

    A supervisor's review of the force judges the officer, and is no record of the person: an order has to name it.
    """
    care = state.aftercare
    reports = [one.report for one in state.force.reports.values() if one.subject == subject]
    steps = (step for report in reports if (found := care.care.get(report)) is not None for step in found.steps)
    injuries = (one.seq for one in care.injuries.values() if one.record in reports)
    noted = {*(step.seq for step in steps if step.event in NOTES_OF_CARE), *injuries}
    return sorted(seq for seq in noted if seq not in state.redacted_seqs)


def supply_plan_part(_state: State, cmd: SupplyPlanPart, _ctx: Context) -> Outcome:
    """A part of the plan is there now; the duty for it ends (see duty.py)."""
    return one(PlanPartSupplied(cmd.part, cmd.summary))


def opened(state: State, entry: Recorded, event: IncidentOpened) -> State:
    """Fold IncidentOpened."""
    incident = Incident(
        name=event.name,
        kind=event.kind,
        lead_agency=event.lead_agency,
        time_zone=event.time_zone,
        packs=event.packs,
        objectives=event.objectives,
        opened_at=entry.header.occurred_at,
        clock=event.clock,
    )
    first = StackSpan(event.packs, entry.header.occurred_at, entry.seq)
    plan = replace(state.plan, stacks=state.plan.stacks.append(first))
    return replace(state, incident=incident, plan=plan)


def closed(state: State, entry: Recorded, _event: IncidentClosed) -> State:
    """Fold IncidentClosed."""
    if state.incident is None:
        return state
    return replace(state, incident=replace(state.incident, closed_at=entry.header.recorded_at))


def log_restored(state: State, _entry: Recorded, _event: LogRestored) -> State:
    """Fold LogRestored: the epoch is the header's, and everything before it stands."""
    return state


def redacted(state: State, entry: Recorded, event: Redacted) -> State:
    """Fold Redacted: remember which subjects and events no longer have values, and why."""
    subjects, seqs = state.redacted_subjects, state.redacted_seqs
    if event.subject is not None:
        subjects = subjects.insert(event.subject, entry.seq)
    for seq in event.seqs:
        seqs = seqs.insert(seq, entry.seq)
    return replace(state, redacted_subjects=subjects, redacted_seqs=seqs)
