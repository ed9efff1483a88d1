"""Facts that change how an arrest stands, told after it: a warning, the ways out, who was on duty, another offence.

The first finding stays readable; the new one is appended beside it, as for force
(`told_late`). What is told of now bears on nothing that was before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

from command.domain.deciding import Context, Draft
from command.domain.envelope import Recorded
from command.domain.events import (
    AudibilityReported,
    CrowdMoved,
    Event,
    ExitsObserved,
    FindingReopened,
    ObservationRecorded,
    PersonCheckedIn,
    PersonCheckedOut,
    RelayConfirmed,
    WarningGiven,
)
from command.domain.events_arrest import DispositionDecided, OffenceRecorded, ProtectedRoleFlagged
from command.domain.facts import StateFacts
from command.domain.facts_arrest import claim_of
from command.domain.in_force import judged_arrest
from command.domain.reopening import AHEAD
from command.domain.state import State
from command.domain.state_arrest import Arrest
from command.domain.told_late import MOST_LOOKED_AT, as_recorded

SLACK = timedelta(hours=1)
"""An arrest that was recorded longer than this before a late fact can't have been made after it: no clock is so far off."""

Evolve = Callable[[State, Recorded], State]

_OF_A_SECTOR = (WarningGiven, AudibilityReported, ExitsObserved, CrowdMoved, ObservationRecorded)
_TOLD = (*_OF_A_SECTOR, PersonCheckedIn, PersonCheckedOut)


def with_findings(state: State, drafts: tuple[Draft, ...], ctx: Context, evolve: Evolve) -> tuple[Draft, ...]:
    """The drafts, and after them the findings of arrests that they change."""
    if not len(state.arrests.order):
        return drafts
    again = [found for draft in drafts for found in _again(state, draft, ctx, evolve)]
    return (*drafts, *again)


def _again(state: State, draft: Draft, ctx: Context, evolve: Evolve) -> Iterator[Draft]:
    concerned = _concerned(state, draft.event, ctx)
    if not concerned:
        return
    after = evolve(state, as_recorded(state, draft, ctx))
    for old in reversed(concerned):
        arrest = after.arrests.all[old.arrest]
        stands = judged_arrest(after, ctx, StateFacts(after), claim_of(after, arrest))
        if old.finding is not None and old.finding.kind != stands.kind:
            yield Draft(FindingReopened(arrest.arrest, stands, _because(draft.event)))


def _concerned(state: State, event: Event, ctx: Context) -> list[Arrest]:
    """The arrests that an event may bear on, newest first, and no more than MOST_LOOKED_AT of them."""
    if isinstance(event, OffenceRecorded | DispositionDecided | ProtectedRoleFlagged):
        known = state.arrests.all.get(event.arrest)
        return [known] if known is not None and _open_to_it(known) else []
    late = isinstance(event, _TOLD) and ctx.occurred_at < ctx.now
    if not late and not isinstance(event, RelayConfirmed):
        return []
    found: list[Arrest] = []
    for key in reversed(state.arrests.order):
        arrest = state.arrests.all[key]
        if arrest.recorded_at + SLACK < ctx.occurred_at or len(found) == MOST_LOOKED_AT:
            break
        if _open_to_it(arrest) and _bears_on(state, event, arrest, ctx):
            found.append(arrest)
    return found


def _open_to_it(arrest: Arrest) -> bool:
    return arrest.finding is not None and AHEAD not in arrest.finding.reasons


def _bears_on(state: State, event: Event, arrest: Arrest, ctx: Context) -> bool:
    if isinstance(event, RelayConfirmed):
        held = state.grants.all.get(event.grant)
        return held is not None and held.scope.sector in (None, arrest.sector) and arrest.at >= held.since
    error = timedelta(milliseconds=max(arrest.clock_error_ms, 0))
    if arrest.at + error < ctx.occurred_at:
        return False
    if isinstance(event, PersonCheckedIn | PersonCheckedOut):
        return event.person == arrest.officer
    return isinstance(event, _OF_A_SECTOR) and event.sector is not None and event.sector == arrest.sector


def _because(event: Event) -> str:
    if isinstance(event, OffenceRecorded | DispositionDecided):
        return "an offence or the disposition was recorded"
    if isinstance(event, ProtectedRoleFlagged):
        return "a protected role was flagged"
    if isinstance(event, PersonCheckedIn | PersonCheckedOut):
        return "who was on duty was told later"
    if isinstance(event, RelayConfirmed):
        return "a relayed order was confirmed or denied"
    return "what was said or seen before it was told later"
