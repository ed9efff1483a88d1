"""What follows force or an injury: aid, medical help, a supervisor, and care for the officers (domain A48–A50).

Everything here is a report and is kept. A supervisor who had a part in it is kept too,
with a finding, and ends no duty.
"""

from __future__ import annotations

from msgspec.structs import replace

from command.domain import events as e
from command.domain.commands import (
    DeclareCriticalEvent,
    RecordAid,
    RecordInjury,
    RecordMedicalHelp,
    RecordSupervisor,
    RecordWelfareCheck,
)
from command.domain.deciding import Context, Draft, Outcome, one
from command.domain.envelope import Recorded
from command.domain.facts import StateFacts
from command.domain.force_report import completed
from command.domain.persistent import newest
from command.domain.state import RECENT, State
from command.domain.state_aftercare import Aftercare, Care, CareStep, Critical, Injury
from command.policy.authority import UNKNOWN_DENIES
from command.policy.decision import Finding
from command.policy.judge import judge
from command.policy.request import Request

STEPS = 100
"""Steps of care at hand after one record; all of them are in the log."""


def record_aid(state: State, cmd: RecordAid, _ctx: Context) -> Outcome:
    """Offered or given, by whom."""
    if cmd.step == "offered":
        return _with_report(state, e.AidOffered(cmd.record, cmd.by, cmd.unit, cmd.accepted, cmd.note))
    return _with_report(state, e.AidGiven(cmd.record, cmd.by, cmd.unit, cmd.note))


Step = (
    e.AidGiven | e.AidOffered | e.NoInjurySeen | e.MedicalHelpArrived | e.MedicalHelpRefused | e.MedicalHelpRequested
    | e.SupervisorCalled | e.SupervisorOnScene
)  # fmt: skip
"""What follows force, step by step; each names the record that it belongs to."""


def _with_report(state: State, event: Step) -> Outcome:
    """A step of care, and the report's completion where that was all that it lacked."""
    return (Draft(event), *completed(state, event.record, type(event).__name__))


def record_injury(state: State, cmd: RecordInjury, _ctx: Context) -> Outcome:
    """An injury seen or complained of starts the clock for medical help; neither says why none was called."""
    if not cmd.visible and not cmd.complaint:
        return _with_report(state, e.NoInjurySeen(cmd.record or cmd.injury, cmd.asked, cmd.what))
    return one(e.InjuryNoted(cmd.injury, cmd.record, cmd.visible, cmd.complaint, cmd.sector, cmd.subject, cmd.what))


def record_medical_help(state: State, cmd: RecordMedicalHelp, _ctx: Context) -> Outcome:
    """Requested, arrived, or refused by the person."""
    if cmd.step == "requested":
        return _with_report(state, e.MedicalHelpRequested(cmd.record, cmd.by, cmd.service, cmd.note))
    if cmd.step == "arrived":
        return _with_report(state, e.MedicalHelpArrived(cmd.record, cmd.unit, cmd.service, cmd.note))
    return _with_report(state, e.MedicalHelpRefused(cmd.record, cmd.by, cmd.note))


def record_supervisor(state: State, cmd: RecordSupervisor, ctx: Context) -> Outcome:
    """Called, or at the place; there with the finding of whether they are a supervisor who had no part in it."""
    if cmd.step == "called":
        return one(e.SupervisorCalled(cmd.record, cmd.supervisor))
    supervisor = cmd.supervisor or ctx.actor.person
    return one(
        e.SupervisorOnScene(cmd.record, supervisor), finding=supervisor_finding(state, cmd.record, supervisor, ctx)
    )


def supervisor_finding(state: State, record: str, supervisor: str, ctx: Context) -> Finding | None:
    """None for one who may look at it: by the plan's rule on who reviews, of a rank for it and without a part in it.

    Whoever ordered, authorized or took part is `contrary to plan`; what is not known is `cannot tell`.
    """
    facts = StateFacts(state)
    known = facts.person(supervisor, ctx.occurred_at)
    if known is None or not known.on_scene:
        return Finding("cannot tell", (UNKNOWN_DENIES,), (f"{supervisor} is not on duty here by the record",))
    wish = Request(
        action="review.file",
        person=supervisor,
        agency=known.agency,
        rank=known.rank,
        record=record,
        ask_age_s=0.0,
        basis_age_s=0.0,
    )
    stands = judge(ctx.stack, facts, wish, ctx.occurred_at)
    if stands.allows:
        return None
    if stands.effect == "refused":
        return Finding("contrary to plan", stands.rules, stands.reasons)
    return Finding("cannot tell", stands.rules, stands.missing)


def declare_critical_event(_state: State, cmd: DeclareCriticalEvent, _ctx: Context) -> Outcome:
    """What kinds of events it starts a welfare check after, the plan says."""
    return one(e.CriticalEventDeclared(cmd.critical, cmd.kind, cmd.record, cmd.sector, cmd.what))


def record_welfare_check(_state: State, cmd: RecordWelfareCheck, _ctx: Context) -> Outcome:
    """Support after a critical event."""
    return one(e.WelfareChecked(cmd.critical, cmd.everyone, cmd.officers, cmd.offered))


# Fold ---------------------------------------------------------------------------


def cared(state: State, entry: Recorded, event: Step) -> State:
    """Fold the steps of care: who did what, when."""
    record = event.record
    who = getattr(event, "supervisor", None) or getattr(event, "by", None)
    head = entry.header
    step = CareStep(
        event=head.type,
        at=head.occurred_at,
        by=head.actor.person,
        who=who,
        unit=getattr(event, "unit", None),
        seq=entry.seq,
        counts=head.finding is None,
        why="; ".join(head.finding.reasons) if head.finding else "",
    )
    return _step(state, record, step)


def injury_noted(state: State, entry: Recorded, event: e.InjuryNoted) -> State:
    """Fold InjuryNoted; the first under an id stands."""
    care = state.aftercare
    if event.injury in care.injuries:
        return state
    head = entry.header
    injury = Injury(
        event.injury, event.record, event.visible, event.complaint, event.sector, head.occurred_at, entry.seq
    )
    record = event.record or event.injury
    known = care.care.get(record) or Care(record, head.occurred_at, entry.seq)
    return _with(
        state,
        replace(
            care,
            injuries=care.injuries.insert(event.injury, injury),
            care=care.care.insert(record, replace(known, injured=True)),
            recent=_recent(care, record),
        ),
    )


def critical_declared(state: State, entry: Recorded, event: e.CriticalEventDeclared) -> State:
    """Fold CriticalEventDeclared; the first under an id stands."""
    care = state.aftercare
    if event.critical in care.critical:
        return state
    found = Critical(event.critical, event.kind, event.record, event.sector, entry.header.occurred_at, entry.seq)
    return _with(state, replace(care, critical=care.critical.insert(event.critical, found)))


def welfare_checked(state: State, _entry: Recorded, event: e.WelfareChecked) -> State:
    """Fold WelfareChecked."""
    found = state.aftercare.critical.get(event.critical)
    if found is None or not event.everyone:
        return state
    done = replace(found, cared_for=True)
    return _with(state, replace(state.aftercare, critical=state.aftercare.critical.insert(event.critical, done)))


def force_seen(state: State, report: str) -> State:
    """A force report stands on the board of care from its first record on."""
    care = state.aftercare
    return state if report in care.recent else _with(state, replace(care, recent=_recent(care, report)))


def _step(state: State, record: str, step: CareStep) -> State:
    care = state.aftercare
    known = care.care.get(record) or Care(record, step.at, step.seq)
    fresh = care.care.insert(record, replace(known, steps=newest(known.steps, step, STEPS)))
    return _with(state, replace(care, care=fresh, recent=_recent(care, record)))


def _recent(care: Aftercare, record: str) -> tuple[str, ...]:
    return care.recent if record in care.recent else newest(care.recent, record, RECENT)


def _with(state: State, care: Aftercare) -> State:
    return replace(state, aftercare=care)
