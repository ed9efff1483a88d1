"""The plan while it is in force: rules suspended and resumed, authority delegated and taken back. Each with its end."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec.structs import replace

from command.domain.asking import judge_ask
from command.domain.commands import DelegateAuthority, EndDelegation, ResumeRule, SuspendRule
from command.domain.deciding import Context, Outcome, Refusal, one, refused
from command.domain.envelope import Recorded
from command.domain.events import AuthorityDelegated, DelegationEnded, PlanResumed, PlanSuspended
from command.domain.facts import StateFacts
from command.domain.persistent import Series
from command.domain.state import State
from command.domain.state_force import Delegated, Suspended
from command.policy.decision import Decision


def suspend_rule(state: State, cmd: SuspendRule, ctx: Context) -> Outcome:
    """Suspend a rule: clause, reason, authorizer and expiry are all on record."""
    verdict = judge_ask(
        state,
        ctx,
        "plan.suspend",
        detail=cmd.rule,
        pack=cmd.pack,
        rule=cmd.rule,
        statement=cmd.statement,
        lasts_s=cmd.lasts_s,
    )
    if isinstance(verdict, Refusal):
        return verdict
    if standing(state, cmd.pack, cmd.rule, ctx.now) is not None:
        return refused(f"{cmd.rule} of {cmd.pack} is suspended already", detail=cmd.rule)
    until = end(ctx, verdict, cmd.lasts_s)
    return one(PlanSuspended(cmd.pack, cmd.rule, cmd.clause, until, cmd.statement), decision=verdict)


def resume_rule(state: State, cmd: ResumeRule, ctx: Context) -> Outcome:
    """Put a suspended rule back in force."""
    verdict = judge_ask(state, ctx, "plan.resume", detail=cmd.rule, pack=cmd.pack, rule=cmd.rule)
    if isinstance(verdict, Refusal):
        return verdict
    if standing(state, cmd.pack, cmd.rule, ctx.now) is None:
        return refused(f"{cmd.rule} of {cmd.pack} is not suspended", detail=cmd.rule)
    return one(PlanResumed(cmd.pack, cmd.rule), decision=verdict)


def delegate_authority(state: State, cmd: DelegateAuthority, ctx: Context) -> Outcome:
    """Delegate, beforehand and until a stated time. Nobody delegates to themselves."""
    if cmd.delegate == ctx.actor.person:
        return refused("expected someone else to delegate to", detail=cmd.delegate)
    if cmd.delegation in state.plan.delegated:
        return refused(f"delegation {cmd.delegation} was made already", detail=cmd.delegate)
    verdict = judge_ask(
        state,
        ctx,
        "authority.delegate",
        detail=cmd.delegate,
        position=cmd.position,
        subject=cmd.delegate,
        lasts_s=cmd.lasts_s,
        written=cmd.written,
    )
    if isinstance(verdict, Refusal):
        return verdict
    author = StateFacts(state).person(ctx.actor.person, ctx.now)
    event = AuthorityDelegated(
        delegation=cmd.delegation,
        delegate=cmd.delegate,
        until=end(ctx, verdict, cmd.lasts_s),
        position=cmd.position,
        by_rank=author.rank or None if author else None,
        written=cmd.written,
    )
    return one(event, decision=verdict)


def end_delegation(state: State, cmd: EndDelegation, ctx: Context) -> Outcome:
    """Take one's own delegation back; nobody has to be asked for having less authority about."""
    found = state.plan.delegated.get(cmd.delegation)
    if found is None or found.ended is not None:
        return refused(f"expected a delegation that stands, got {cmd.delegation}", detail=cmd.delegation)
    if found.by != ctx.actor.person:
        return refused("only the one who delegated takes it back", detail=cmd.delegation)
    return one(DelegationEnded(cmd.delegation))


def end(ctx: Context, verdict: Decision, lasts_s: float) -> datetime:
    """When it is over: as asked for, or when the plan's leave lapses, whichever comes first."""
    until = ctx.now + timedelta(seconds=lasts_s)
    return until if verdict.until is None else min(until, verdict.until)


def standing(state: State, pack: str, rule: str, now: datetime) -> Suspended | None:
    """The suspension that is in force now."""
    spans = state.plan.suspended.get(f"{pack}|{rule}")
    last = spans.last if spans else None
    return last if last is not None and last.ended is None and now < last.until else None


# Fold ---------------------------------------------------------------------------


def plan_suspended(state: State, entry: Recorded, event: PlanSuspended) -> State:
    """Fold PlanSuspended."""
    head = entry.header
    span = Suspended(event.pack, event.rule, event.clause, head.recorded_at, event.until, head.actor.person, entry.seq)
    return _put(state, f"{event.pack}|{event.rule}", span)


def plan_resumed(state: State, entry: Recorded, event: PlanResumed) -> State:
    """Fold PlanResumed: the newest version of the suspension says when it ended."""
    name = f"{event.pack}|{event.rule}"
    spans = state.plan.suspended.get(name)
    last = spans.last if spans else None
    if last is None or last.ended is not None:
        return state
    return _put(state, name, replace(last, ended=entry.header.recorded_at))


def authority_delegated(state: State, entry: Recorded, event: AuthorityDelegated) -> State:
    """Fold AuthorityDelegated; the first under an id stands."""
    head = entry.header
    if event.delegation in state.plan.delegated:
        return state
    item = Delegated(
        delegation=event.delegation,
        delegate=event.delegate,
        by=head.actor.person,
        since=head.recorded_at,
        until=event.until,
        position=event.position,
        by_rank=event.by_rank,
        written=event.written,
        seq=entry.seq,
    )
    return _delegated(state, item)


def delegation_ended(state: State, entry: Recorded, event: DelegationEnded) -> State:
    """Fold DelegationEnded."""
    found = state.plan.delegated.get(event.delegation)
    if found is None or found.ended is not None:
        return state
    return _delegated(state, replace(found, ended=entry.header.recorded_at))


def _put(state: State, name: str, span: Suspended) -> State:
    series = (state.plan.suspended.get(name) or Series()).append(span)
    return replace(state, plan=replace(state.plan, suspended=state.plan.suspended.insert(name, series)))


def _delegated(state: State, item: Delegated) -> State:
    plan = state.plan
    mine = plan.to.get(item.delegate) or ()
    to = plan.to if item.delegation in mine else plan.to.insert(item.delegate, (*mine, item.delegation))
    return replace(state, plan=replace(plan, delegated=plan.delegated.insert(item.delegation, item), to=to))
