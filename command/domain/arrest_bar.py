"""The bar for arrest, set, read and announced beforehand; and the declaration that many arrests are coming."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from command.domain.asking import judge_ask
from command.domain.commands_arrest import (
    AcknowledgeArrestBar,
    AnnounceArrestBar,
    DeclareHighVolume,
    EndHighVolume,
    SetArrestBar,
)
from command.domain.deciding import Context, Outcome, Refusal, one, refused
from command.domain.envelope import Recorded
from command.domain.events_arrest import (
    ArrestBarAcknowledged,
    ArrestBarAnnounced,
    ArrestBarSet,
    HighVolumeDeclared,
    HighVolumeEnded,
)
from command.domain.state import State
from command.domain.state_arrest import Bar, HighVolume
from command.policy.planning import ENDED


def set_arrest_bar(state: State, cmd: SetArrestBar, ctx: Context) -> Outcome:
    """Decide beforehand what is cited and what may lead to custody (A7)."""
    verdict = judge_ask(state, ctx, "arrest.bar", detail=cmd.bar, statement=cmd.words)
    if isinstance(verdict, Refusal):
        return verdict
    both = sorted(set(cmd.cited) & set(cmd.custody))
    if both:
        return refused(f"expected each offence under one of the two, got {', '.join(both)} under both", detail=cmd.bar)
    if any(bar.bar == cmd.bar for bar in state.arrests.bars):
        return refused(f"the bar {cmd.bar} is set already; a new one has a number of its own", detail=cmd.bar)
    return one(ArrestBarSet(cmd.bar, cmd.cited, cmd.custody, cmd.declined, cmd.words), decision=verdict)


def acknowledge_arrest_bar(_state: State, cmd: AcknowledgeArrestBar, _ctx: Context) -> Outcome:
    """Somebody has read it."""
    return one(ArrestBarAcknowledged(cmd.bar, cmd.person))


def announce_arrest_bar(_state: State, cmd: AnnounceArrestBar, _ctx: Context) -> Outcome:
    """The demonstrators were told."""
    return one(ArrestBarAnnounced(cmd.bar, cmd.channel, cmd.languages))


def declare_high_volume(state: State, cmd: DeclareHighVolume, ctx: Context) -> Outcome:
    """Declare it, with the reason and what else was considered; a written procedure lasts what the plan allows (A22)."""
    verdict = judge_ask(
        state, ctx, "arrest.high-volume", sector=cmd.sector, detail=cmd.declaration, statement=cmd.reason,
        lasts_s=cmd.lasts_s, alternatives=cmd.alternatives, procedure=_says(cmd.procedure),
    )  # fmt: skip
    if isinstance(verdict, Refusal):
        return verdict
    if any(item.declaration == cmd.declaration for item in state.arrests.high):
        return refused(f"the declaration {cmd.declaration} was made already; to renew it is to declare anew")
    until = verdict.until or ctx.now + timedelta(seconds=cmd.lasts_s)
    event = HighVolumeDeclared(
        declaration=cmd.declaration,
        sector=cmd.sector,
        until=until,
        procedure_written=_says(cmd.procedure),
        reason=cmd.reason,
        alternatives=cmd.alternatives,
        procedure=cmd.procedure,
    )
    return one(event, decision=verdict)


def end_high_volume(state: State, cmd: EndHighVolume, ctx: Context) -> Outcome:
    """It is over."""
    verdict = judge_ask(state, ctx, "arrest.high-volume", detail=cmd.declaration, state=ENDED)
    if isinstance(verdict, Refusal):
        return verdict
    if not any(item.declaration == cmd.declaration and item.ended is None for item in state.arrests.high):
        return refused(f"no declaration {cmd.declaration} is in force", detail=cmd.declaration)
    return one(HighVolumeEnded(cmd.declaration), decision=verdict)


def _says(text: str | None) -> bool:
    return text is not None and bool(text.strip())


# Fold ---------------------------------------------------------------------------


def arrest_bar_set(state: State, entry: Recorded, event: ArrestBarSet) -> State:
    """Fold ArrestBarSet."""
    head = entry.header
    bar = Bar(event.bar, event.cited, event.custody, event.declined, head.recorded_at, head.actor.person, entry.seq)
    return replace(state, arrests=replace(state.arrests, bars=(*state.arrests.bars, bar)))


def arrest_bar_acknowledged(state: State, entry: Recorded, event: ArrestBarAcknowledged) -> State:
    """Fold ArrestBarAcknowledged: the first time counts."""
    key, at = f"{event.bar}|{event.person}", entry.header.occurred_at
    first = state.arrests.read.get(key)
    read = state.arrests.read.insert(key, at if first is None else min(first, at))
    return replace(state, arrests=replace(state.arrests, read=read))


def arrest_bar_announced(state: State, entry: Recorded, event: ArrestBarAnnounced) -> State:
    """Fold ArrestBarAnnounced: every channel, and the first time."""
    at = entry.header.occurred_at

    def told(bar: Bar) -> Bar:
        first = at if bar.announced_at is None else min(bar.announced_at, at)
        return replace(bar, announced=(*bar.announced, event.channel), announced_at=first)

    bars = tuple(told(bar) if bar.bar == event.bar else bar for bar in state.arrests.bars)
    return replace(state, arrests=replace(state.arrests, bars=bars))


def high_volume_declared(state: State, entry: Recorded, event: HighVolumeDeclared) -> State:
    """Fold HighVolumeDeclared."""
    head = entry.header
    item = HighVolume(
        event.declaration, event.sector, head.recorded_at, event.until, head.actor.person, event.procedure_written,
        entry.seq,
    )  # fmt: skip
    return replace(state, arrests=replace(state.arrests, high=(*state.arrests.high, item)))


def high_volume_ended(state: State, entry: Recorded, event: HighVolumeEnded) -> State:
    """Fold HighVolumeEnded."""
    high = tuple(
        replace(item, ended=entry.header.recorded_at)
        if item.declaration == event.declaration and item.ended is None
        else item
        for item in state.arrests.high
    )
    return replace(state, arrests=replace(state.arrests, high=high))
