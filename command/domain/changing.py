"""The plan itself changes during the incident: judged by the plan in force before, in force from its record on.

What was judged stays as it was judged (docs/design/008-plan-changes.md).
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from command.domain.asking import judge_ask, request
from command.domain.commands import ChangePlan
from command.domain.deciding import Context, Draft, Outcome, Refusal
from command.domain.envelope import Recorded
from command.domain.events import GrantRevoked, PlanChanged, PlanResumed
from command.domain.facts import StateFacts
from command.domain.grants import revoked
from command.domain.plan_changes import standing
from command.domain.reopening import reopened
from command.domain.state import State
from command.domain.state_force import GrantItem, StackSpan
from command.policy.decision import Decision
from command.policy.force import barred_outright
from command.policy.replacing import against, notes
from command.policy.stack import Stack


def change_plan(state: State, cmd: ChangePlan, ctx: Context) -> Outcome:
    """Another stack from here on. Grants that the new plan bars end with it; everything else that is open stays."""
    verdict = judge_ask(state, ctx, "plan.change", detail=cmd.clause, statement=cmd.reason)
    if isinstance(verdict, Refusal):
        return verdict
    fresh = ctx.stack if cmd.packs == ctx.stack.digests else ctx.stacks.get(cmd.packs)
    if fresh is None:
        return _refused(verdict, ctx.unfit.get(cmd.packs) or ("expected packs that are on the shelf, found none",), cmd)
    why = against(ctx.stack, fresh, ctx.now)
    if why:
        return _refused(verdict, why, cmd)
    said = replace(verdict, reasons=(*verdict.reasons, *notes(ctx.stack, fresh), *_left_behind(state, fresh)))
    changed = PlanChanged(ctx.stack.digests, cmd.packs, cmd.clause, cmd.reason)
    return (Draft(changed, decision=said), *_resumed(state, cmd, ctx, verdict), *_ended(state, fresh, ctx, verdict))


def _refused(verdict: Decision, why: tuple[str, ...], cmd: ChangePlan) -> Refusal:
    return Refusal(Decision("refused", rules=verdict.rules, reasons=why), detail=cmd.clause)


def _left_behind(state: State, fresh: Stack) -> Iterator[str]:
    """Sectors at a level that the new plan does not know."""
    for key, sector in sorted(state.response.sectors.items()):
        span = sector.levels.last
        if span is not None and fresh.level(span.level) is None:
            yield f'sector {key} stands at "{span.level}", which the new plan does not know: it permits nothing there'


def _resumed(state: State, cmd: ChangePlan, ctx: Context, verdict: Decision) -> Iterator[Draft]:
    """Rules that were suspended in a pack that goes, or comes in another version, bind as the new plan has them."""
    same = set(ctx.stack.digests) & set(cmd.packs)
    kept = {name.rpartition("@")[0] for name in same}
    for key in sorted(state.plan.suspended):
        pack, _, rule = key.partition("|")
        if pack not in kept and standing(state, pack, rule, ctx.now) is not None:
            yield Draft(PlanResumed(pack, rule), decision=verdict)


def _ended(state: State, fresh: Stack, ctx: Context, verdict: Decision) -> Iterator[Draft]:
    """Revocations of the grants that the new plan stands against, and the findings that rested on them."""
    for name in state.grants.order:
        held = state.grants.all[name]
        why = _barred(state, fresh, held, ctx) if held.stands(ctx.now) else ()
        if why:
            yield Draft(GrantRevoked(name, f"the plan changed: {'; '.join(why)}"[:8000]), decision=verdict)
            yield from reopened(
                revoked(state, name, ctx.now), ctx, name, "the plan changed, and ended the authorization"
            )


def _barred(state: State, fresh: Stack, held: GrantItem, ctx: Context) -> tuple[str, ...]:
    scope = held.scope
    wish = request(
        ctx,
        "force.grant",
        sector=scope.sector,
        tool=scope.tool,
        purpose=scope.purpose,
        zones=scope.zones,
        distance_m=scope.distance_m,
        indiscriminate=scope.indiscriminate,
        grounds=scope.grounds,
        findings=scope.findings,
    )
    return barred_outright(fresh, StateFacts(state), wish, ctx.now)


def plan_changed(state: State, entry: Recorded, event: PlanChanged) -> State:
    """Fold PlanChanged: the stack in force from its record on."""
    if state.incident is None:
        return state
    span = StackSpan(event.after, entry.header.recorded_at, entry.seq)
    plan = replace(state.plan, stacks=state.plan.stacks.append(span))
    return replace(state, incident=replace(state.incident, packs=event.after), plan=plan)
