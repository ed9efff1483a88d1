"""Facts that are told after reports which they bear on: who was on duty, what was seen. The findings are looked at again.

A report of force is found by what was on record when it came in. Where someone later tells,
with its earlier time, that the officer was checked in, or what was seen before the use, the
finding may be another: that is appended beside the first one, which stays readable.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import msgspec

from command.domain.deciding import Context, Draft
from command.domain.envelope import Header, Recorded
from command.domain.events import (
    Event,
    FindingReopened,
    ObservationRecorded,
    PersonCheckedIn,
    PersonCheckedOut,
)
from command.domain.facts import StateFacts
from command.domain.grants import without
from command.domain.in_force import judged
from command.domain.reopening import AHEAD, claim_of
from command.domain.state import ForceReport, State

MOST_LOOKED_AT = 300
"""Reports looked at again for one late fact, newest first: more than one person or sector has in an afternoon."""

Evolve = Callable[[State, Recorded], State]


def with_findings(state: State, drafts: tuple[Draft, ...], ctx: Context, evolve: Evolve) -> tuple[Draft, ...]:
    """The drafts, and after them the findings that they change. Nothing, where they tell of now or of no report."""
    if ctx.occurred_at >= ctx.now or not state.force.reports:
        return drafts
    said = [
        draft for draft in drafts if isinstance(draft.event, PersonCheckedIn | PersonCheckedOut | ObservationRecorded)
    ]
    again = [found for draft in said for found in _again(state, draft, ctx, evolve)]
    return (*drafts, *again)


def _again(state: State, draft: Draft, ctx: Context, evolve: Evolve) -> Iterator[Draft]:
    concerned = [report for report in state.force.reports.values() if _bears_on(draft.event, report, ctx)]
    if not concerned:
        return
    after = evolve(state, as_recorded(state, draft, ctx))
    newest = sorted(concerned, key=lambda report: report.seq, reverse=True)[:MOST_LOOKED_AT]
    for report in reversed(newest):
        stands = judged(after, ctx, StateFacts(without(after, report)), claim_of(report))
        if report.finding is not None and report.finding.kind != stands.kind:
            yield Draft(FindingReopened(report.report, stands, _because(draft.event)))


def _bears_on(event: Event, report: ForceReport, ctx: Context) -> bool:
    error = timedelta(milliseconds=max(report.clock_error_ms, 0))
    if report.at + error < ctx.occurred_at or (report.finding is not None and AHEAD in report.finding.reasons):
        return False
    if isinstance(event, PersonCheckedIn | PersonCheckedOut):
        return event.person == report.officer
    if not isinstance(event, ObservationRecorded) or event.sector != report.sector:
        return False
    return bool(event.findings or event.indicators) and report.at - error <= ctx.occurred_at + ctx.stack.longest_finding


def _because(event: Event) -> str:
    if isinstance(event, ObservationRecorded):
        return "what was seen before it was told later"
    return "who was on duty was told later"


def as_recorded(state: State, draft: Draft, ctx: Context) -> Recorded:
    """The event as it will stand in the log, as far as the fold reads it."""
    header = Header(
        v=1,
        log=state.log,
        epoch=state.epoch,
        seq=state.seq + 1,
        id=ctx.made("late"),
        type=type(draft.event).__name__,
        schema=1,
        occurred_at=draft.at or ctx.occurred_at,
        recorded_at=ctx.now,
        actor=ctx.actor,
        cmd=ctx.cmd,
        body=msgspec.Raw(b"{}"),
        clock_error_ms=ctx.clock_error_ms,
        finding=draft.finding,
        supersedes=draft.supersedes,
        origin=ctx.origin,
    )
    return Recorded(header, draft.event)
