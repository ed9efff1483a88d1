"""Sectors, their response levels, and the asks that wait for someone who may decide."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from command.domain import asks
from command.domain.asking import NOT_BY_ITS_SCRIBE, judge_ask, judge_spoken, request, speaker_of, spoken
from command.domain.commands import (
    AskLevel,
    DefineSector,
    GrantLevel,
    LowerLevel,
    RaiseLevel,
    RenewLevel,
)
from command.domain.deciding import Context, Outcome, Refusal, one, refused
from command.domain.envelope import Recorded
from command.domain.events import (
    LevelAsked,
    LevelLowered,
    LevelRaised,
    LevelRenewed,
    SectorDefined,
)
from command.domain.facts import StateFacts, level_at
from command.domain.persistent import Series
from command.domain.state import LevelAskItem, LevelSpan, Response, Sector, State
from command.policy.decision import Decision
from command.policy.judge import judge


def define_sector(state: State, cmd: DefineSector, ctx: Context) -> Outcome:
    """A new sector starts at the plan's lowest level (domain A2)."""
    verdict = judge_ask(state, ctx, "sector.define", detail=cmd.sector)
    if isinstance(verdict, Refusal):
        return verdict
    if cmd.sector in state.response.sectors:
        return refused(f"sector {cmd.sector} is defined already", sector=cmd.sector)
    event = SectorDefined(cmd.sector, cmd.name, ctx.stack.first_level, cmd.boundary)
    return one(event, decision=verdict)


def ask_level(state: State, cmd: AskLevel, ctx: Context) -> Outcome:
    """Ask for a level. The ask waits with a clock; silence means no."""
    level = _current(state, cmd.sector, ctx.now)
    if isinstance(level, Refusal):
        return level
    if asks.known(state, cmd.ask):
        return refused(f"ask {cmd.ask} was made already", sector=cmd.sector)
    verdict = judge_spoken(state, ctx, "level.ask", cmd, sector=cmd.sector, detail=cmd.level, level=cmd.level)
    if isinstance(verdict, Refusal):
        return verdict
    event = LevelAsked(
        ask=cmd.ask,
        sector=cmd.sector,
        level=cmd.level,
        indicators=cmd.indicators,
        expires=ctx.now + timedelta(seconds=ctx.stack.ask_expires_s),
        extent=cmd.extent,
        liaison=cmd.liaison,
        others_may_continue=cmd.others_may_continue,
        facts=cmd.facts,
        **spoken(cmd, ctx),
    )
    return one(event, decision=_outlook(state, cmd, ctx))


def _outlook(state: State, cmd: AskLevel, ctx: Context) -> Decision:
    """How the plan stands on what is asked, for the one who will decide. Looking is never a refusal."""
    about = reasons(cmd)
    wish = request(ctx, "level.raise", sector=cmd.sector, level=cmd.level, **about)
    return judge(ctx.stack, StateFacts(state), wish, ctx.now)


def grant_level(state: State, cmd: GrantLevel, ctx: Context) -> Outcome:
    """Grant a waiting ask, by someone other than who asked, on their own facts."""
    ask = asks.waiting(state, cmd.ask, ctx.now, LevelAskItem)
    if isinstance(ask, Refusal):
        return ask
    if ctx.actor.person == ask.scribe:
        return refused(NOT_BY_ITS_SCRIBE, sector=ask.sector, detail=ask.ask)
    level = _current(state, ask.sector, ctx.now)
    if isinstance(level, Refusal):
        return level
    verdict = judge_ask(
        state,
        ctx,
        "level.grant",
        sector=ask.sector,
        detail=ask.level,
        level=ask.level,
        requester=ask.by.person,
        **reasons(ask),
    )
    if isinstance(verdict, Refusal):
        return verdict
    event = LevelRaised(
        sector=ask.sector,
        previous=level.level,
        level=ask.level,
        indicators=ask.indicators,
        facts=cmd.facts,
        until=_lapse(ctx, ask.level),
        extent=ask.extent,
        liaison=ask.liaison,
        others_may_continue=ask.others_may_continue,
        ask=ask.ask,
    )
    return one(event, decision=verdict)


def raise_level(state: State, cmd: RaiseLevel, ctx: Context) -> Outcome:
    """Raise a level on one's own authority: indicators, extent, contact tried, how the rest may continue."""
    level = _current(state, cmd.sector, ctx.now)
    if isinstance(level, Refusal):
        return level
    verdict = judge_ask(state, ctx, "level.raise", sector=cmd.sector, detail=cmd.level, level=cmd.level, **reasons(cmd))
    if isinstance(verdict, Refusal):
        return verdict
    event = LevelRaised(
        sector=cmd.sector,
        previous=level.level,
        level=cmd.level,
        indicators=cmd.indicators,
        facts=cmd.facts,
        until=_lapse(ctx, cmd.level),
        extent=cmd.extent,
        liaison=cmd.liaison,
        others_may_continue=cmd.others_may_continue,
    )
    return one(event, decision=verdict)


def lower_level(state: State, cmd: LowerLevel, ctx: Context) -> Outcome:
    """Lower a level: every level has a way back down (domain A28)."""
    level = _current(state, cmd.sector, ctx.now)
    if isinstance(level, Refusal):
        return level
    verdict = judge_ask(state, ctx, "level.lower", sector=cmd.sector, detail=cmd.level, level=cmd.level)
    if isinstance(verdict, Refusal):
        return verdict
    event = LevelLowered(cmd.sector, level.level, cmd.level, cmd.facts, _lapse(ctx, cmd.level))
    return one(event, decision=verdict)


def renew_level(state: State, cmd: RenewLevel, ctx: Context) -> Outcome:
    """Say that a level was looked at again and still holds (domain A27)."""
    level = _current(state, cmd.sector, ctx.now)
    if isinstance(level, Refusal):
        return level
    verdict = judge_ask(state, ctx, "level.renew", sector=cmd.sector, detail=level.level, level=level.level)
    if isinstance(verdict, Refusal):
        return verdict
    event = LevelRenewed(cmd.sector, level.level, cmd.facts, _lapse(ctx, level.level))
    return one(event, decision=verdict)


def reasons(of: AskLevel | RaiseLevel | LevelAskItem) -> dict[str, Any]:
    """What raising a level reads of the ask, or of the command."""
    return {
        "indicators": of.indicators,
        "extent": of.extent,
        "liaison": of.liaison,
        "others_may_continue": of.others_may_continue,
    }


def _current(state: State, sector: str, at: datetime) -> LevelSpan | Refusal:
    found = state.response.sectors.get(sector)
    if found is None:
        return refused(f"expected a defined sector, got {sector}", detail=sector)
    span = level_at(found.levels, at)
    return span or refused(f"sector {sector} has no level yet", sector=sector)


def _lapse(ctx: Context, level: str) -> datetime | None:
    return ctx.stack.until(level, ctx.now)


# Fold ---------------------------------------------------------------------------


def sector_defined(state: State, entry: Recorded, event: SectorDefined) -> State:
    """Fold SectorDefined."""
    span = LevelSpan(event.level, entry.header.recorded_at, None, entry.seq, entry.header.actor)
    levels = Series[LevelSpan]().append(span)
    sector = Sector(event.sector, event.name, event.boundary or (), levels)
    return _with(state, sectors=state.response.sectors.insert(event.sector, sector))


def level_asked(state: State, entry: Recorded, event: LevelAsked) -> State:
    """Fold LevelAsked; asks that had expired by now leave the board as `expired`."""
    now = entry.header.recorded_at
    ask = LevelAskItem(
        ask=event.ask,
        sector=event.sector,
        level=event.level,
        indicators=event.indicators,
        at=now,
        expires=event.expires,
        **speaker_of(state, entry, event.speaker),
        channel=event.channel or "",
        read_back=event.read_back,
        extent=event.extent,
        liaison=event.liaison,
        others_may_continue=event.others_may_continue,
        decision=entry.header.decision,
        seq=entry.seq,
    )
    state = asks.sweep(state, now)
    return _with(state, asks=state.response.asks.insert(event.ask, ask))


def level_raised(state: State, entry: Recorded, event: LevelRaised) -> State:
    """Fold LevelRaised, and take the ask that it answers off the board."""
    state = _enter(state, entry, event.sector, event.level, event.until, event.indicators)
    return state if event.ask is None else asks.drop(state, (event.ask,), "granted")


def level_lowered(state: State, entry: Recorded, event: LevelLowered) -> State:
    """Fold LevelLowered."""
    return _enter(state, entry, event.sector, event.level, event.until, ())


def level_renewed(state: State, entry: Recorded, event: LevelRenewed) -> State:
    """Fold LevelRenewed: a new span of the same level, so that a report in a lapse is judged by the lapse."""
    found = state.response.sectors.get(event.sector)
    last = found.levels.last if found else None
    return _enter(state, entry, event.sector, event.level, event.until, last.indicators if last else ())


def _enter(
    state: State, entry: Recorded, sector: str, level: str, until: datetime | None, indicators: tuple[str, ...]
) -> State:
    found = state.response.sectors.get(sector)
    if found is None:
        return state
    head = entry.header
    span = LevelSpan(level, head.recorded_at, until, entry.seq, head.actor, indicators, entry.seq)
    changed = replace(found, levels=found.levels.append(span))
    return _with(state, sectors=state.response.sectors.insert(sector, changed))


def _with(state: State, **rooms: object) -> State:
    response: Response = replace(state.response, **rooms)
    return replace(state, response=response)
