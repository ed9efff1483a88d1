"""Posture: gear and vehicles staged out of sight, ready, deployed, and stood down again, per sector."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from msgspec.structs import replace

from command.domain import asks
from command.domain.asking import judge_ask
from command.domain.commands import AskPosture, ChangePosture, RenewPosture
from command.domain.deciding import Context, Outcome, Refusal, one, refused
from command.domain.envelope import Recorded
from command.domain.events import PostureAsked, PostureChanged, PostureRenewed
from command.domain.events_force import PostureState
from command.domain.intervals import posture_at, posture_key
from command.domain.persistent import Series
from command.domain.state import State
from command.domain.state_force import PostureAskItem, PostureSpan
from command.policy.model import Action, Purpose

ORDER: Final[tuple[PostureState, ...]] = ("staged", "ready", "deployed")


def ask_posture(state: State, cmd: AskPosture, ctx: Context) -> Outcome:
    """Ask for gear or a vehicle to come nearer. The ask waits with a clock; silence means no."""
    if cmd.sector not in state.response.sectors:
        return refused(f"expected a defined sector, got {cmd.sector}", detail=cmd.posture)
    if asks.known(state, cmd.ask):
        return refused(f"ask {cmd.ask} was made already", sector=cmd.sector)
    verdict = judge_ask(
        state,
        ctx,
        "posture.ask",
        sector=cmd.sector,
        detail=cmd.posture,
        posture=cmd.posture,
        state=cmd.state,
        purpose=cmd.purpose,
        findings=cmd.findings,
        statement=cmd.facts,
    )
    if isinstance(verdict, Refusal):
        return verdict
    event = PostureAsked(
        ask=cmd.ask,
        sector=cmd.sector,
        posture=cmd.posture,
        state=cmd.state,
        expires=ctx.now + timedelta(seconds=ctx.stack.ask_expires_s),
        purpose=cmd.purpose,
        findings=cmd.findings,
        facts=cmd.facts,
    )
    return one(event, decision=verdict)


def change_posture(state: State, cmd: ChangePosture, ctx: Context) -> Outcome:
    """Up by whom the plan lets; down by whom it lets stand it down. An ask that it answers leaves the board."""
    if cmd.sector not in state.response.sectors:
        return refused(f"expected a defined sector, got {cmd.sector}", detail=cmd.posture)
    before = posture_at(state, cmd.sector, cmd.posture, ctx.now)
    previous: PostureState = before.state if before else "staged"
    if previous == cmd.state:
        return refused(f"{cmd.posture} is {cmd.state} already", sector=cmd.sector, detail=cmd.posture)
    asked = _answered(state, cmd, ctx)
    if isinstance(asked, Refusal):
        return asked
    up = ORDER.index(cmd.state) > ORDER.index(previous)
    action: Action = "posture.raise" if up else "posture.stand-down"
    verdict = judge_ask(
        state,
        ctx,
        action,
        sector=cmd.sector,
        detail=cmd.posture,
        posture=cmd.posture,
        state=cmd.state,
        findings=cmd.findings,
        purpose=cmd.purpose or (asked.purpose if asked else None),
        statement=cmd.facts,
        requester=asked.by.person if asked else None,
    )
    if isinstance(verdict, Refusal):
        return verdict
    event = PostureChanged(
        sector=cmd.sector,
        posture=cmd.posture,
        previous=previous,
        state=cmd.state,
        facts=cmd.facts,
        until=None if cmd.state == "staged" else verdict.until,
        purpose=cmd.purpose or (asked.purpose if asked else None),
        findings=cmd.findings,
        ask=cmd.ask,
    )
    return one(event, decision=verdict)


def _answered(state: State, cmd: ChangePosture, ctx: Context) -> PostureAskItem | None | Refusal:
    if cmd.ask is None:
        return None
    asked = asks.waiting(state, cmd.ask, ctx.now, PostureAskItem)
    if isinstance(asked, Refusal):
        return asked
    if (asked.sector, asked.posture, asked.state) != (cmd.sector, cmd.posture, cmd.state):
        return refused(f"ask {cmd.ask} is for {asked.posture} {asked.state} in {asked.sector}", sector=cmd.sector)
    return asked


def renew_posture(state: State, cmd: RenewPosture, ctx: Context) -> Outcome:
    """Say that it was looked at again and still holds."""
    found = posture_at(state, cmd.sector, cmd.posture, ctx.now)
    verdict = judge_ask(
        state,
        ctx,
        "posture.renew",
        sector=cmd.sector,
        detail=cmd.posture,
        posture=cmd.posture,
        state=found.state if found else None,
        findings=cmd.findings,
        purpose=found.purpose if found else None,
        statement=cmd.facts,
    )
    if isinstance(verdict, Refusal):
        return verdict
    assert found is not None, "the plan renews only what is deployed"
    return one(PostureRenewed(cmd.sector, cmd.posture, found.state, cmd.facts, verdict.until), decision=verdict)


# Fold ---------------------------------------------------------------------------


def posture_asked(state: State, entry: Recorded, event: PostureAsked) -> State:
    """Fold PostureAsked."""
    head = entry.header
    item = PostureAskItem(
        ask=event.ask,
        sector=event.sector,
        posture=event.posture,
        state=event.state,
        at=head.recorded_at,
        expires=event.expires,
        by=head.actor,
        purpose=event.purpose,
        findings=event.findings,
        decision=head.decision,
        seq=entry.seq,
    )
    state = asks.sweep(state, head.recorded_at)
    return replace(state, postures=replace(state.postures, asks=state.postures.asks.insert(event.ask, item)))


def posture_changed(state: State, entry: Recorded, event: PostureChanged) -> State:
    """Fold PostureChanged."""
    state = _enter(state, entry, event.sector, event.posture, event.state, event.until, event.purpose)
    return state if event.ask is None else asks.drop(state, (event.ask,), "granted")


def posture_renewed(state: State, entry: Recorded, event: PostureRenewed) -> State:
    """Fold PostureRenewed: a new span of the same state."""
    spans = state.postures.spans.get(posture_key(event.sector, event.posture))
    last = spans.last if spans else None
    purpose = last.purpose if last else None
    return _enter(state, entry, event.sector, event.posture, event.state, event.until, purpose)


def _enter(
    state: State,
    entry: Recorded,
    sector: str,
    posture: str,
    into: PostureState,
    until: datetime | None,
    purpose: Purpose | None,
) -> State:
    head, spans, name = entry.header, state.postures.spans, posture_key(sector, posture)
    span = PostureSpan(into, head.recorded_at, until, head.actor, entry.seq, purpose)
    series = (spans.get(name) or Series()).append(span)
    return replace(state, postures=replace(state.postures, spans=spans.insert(name, series)))
