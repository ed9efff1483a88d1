"""What is told of one arrest after its card, and changes how it stands: another offence, the disposition, a protected role.

The first finding stays readable; the new one is appended beside it. What bears on an arrest because of where and
when it was (warnings, the ways out, who was on duty, an authorization) is looked at in `told_late`.
"""

from __future__ import annotations

from collections.abc import Iterator

from command.domain.arrest_stands import arrest_stands
from command.domain.deciding import Context, Draft
from command.domain.events import Event, FindingReopened
from command.domain.events_arrest import DispositionDecided, OffenceRecorded, ProtectedRoleFlagged
from command.domain.reopening import AHEAD, arrest_differs
from command.domain.state import State
from command.domain.told_late import Evolve, as_recorded


def with_findings(state: State, drafts: tuple[Draft, ...], ctx: Context, evolve: Evolve) -> tuple[Draft, ...]:
    """The drafts, and after them the findings of arrests that they change."""
    if not len(state.arrests.order):
        return drafts
    return (*drafts, *(found for draft in drafts for found in _again(state, draft, ctx, evolve)))


def _again(state: State, draft: Draft, ctx: Context, evolve: Evolve) -> Iterator[Draft]:
    event = draft.event
    if not isinstance(event, OffenceRecorded | DispositionDecided | ProtectedRoleFlagged):
        return
    was = state.arrests.all.get(event.arrest)
    if was is None or was.finding is None or AHEAD in was.finding.reasons:
        return
    after = evolve(state, as_recorded(state, draft, ctx))
    stands = arrest_stands(after, ctx, after.arrests.all[event.arrest])
    if arrest_differs(was.finding, stands):
        yield Draft(FindingReopened(event.arrest, stands, _because(event)))


def _because(event: Event) -> str:
    if isinstance(event, ProtectedRoleFlagged):
        return "a protected role was flagged"
    return "an offence or the disposition was recorded"
