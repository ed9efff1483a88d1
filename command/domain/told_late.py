"""Facts that are told after reports which they bear on: the findings are looked at again, of force and of arrests alike.

A report is found by what was on record when it came in. Tablets hand in later what happened
before: warnings and whether they were heard, the ways out, that the crowd moved on, what was
seen, who was on duty, when an order was taken back. Where that makes another finding it is
appended beside the first one, which stays readable, and names the fact and its time.
docs/design/020-told-late.md has the table of what bears on what.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Protocol

import msgspec
from msgspec.structs import replace

from command.domain.arrest_stands import arrest_stands
from command.domain.bearing import Index, earliest, latest, since
from command.domain.deciding import Context, Draft
from command.domain.envelope import Header, Recorded
from command.domain.events import FindingReopened
from command.domain.facts import StateFacts
from command.domain.grants import without
from command.domain.in_force import judged
from command.domain.reopening import AHEAD, arrest_differs, claim_of, differs
from command.domain.state import State
from command.domain.telling import Told, telling
from command.policy.decision import Finding

MOST_LOOKED_AT = 300
"""Reports looked at again for one late fact, newest first: more than one person or sector has in an afternoon."""

LEFT_OUT = Finding(
    "cannot tell",
    (),
    (f"told late: only the newest {MOST_LOOKED_AT} reports that it may bear on were looked at again",),
)
"""Stands with a fact that more reports than that may rest on, so that somebody looks at the others."""

Evolve = Callable[[State, Recorded], State]


def with_findings(state: State, drafts: tuple[Draft, ...], ctx: Context, evolve: Evolve) -> tuple[Draft, ...]:
    """The drafts, and after them the findings that they change. Nothing, where they bear on no report that is there."""
    if not len(state.force.told) and not len(state.arrests.told):
        return drafts
    kept: list[Draft] = []
    again: list[Draft] = []
    for draft in drafts:
        found, whole = _again(state, draft, ctx, evolve)
        again.extend(found)
        kept.append(draft if whole else replace(draft, finding=_left_out(draft.finding)))
    return (*kept, *again)


def _left_out(said: Finding | None) -> Finding:
    """The finding of the fact itself, with what was left out."""
    return LEFT_OUT if said is None else replace(said, reasons=(*said.reasons, *LEFT_OUT.reasons))


def _again(state: State, draft: Draft, ctx: Context, evolve: Evolve) -> tuple[list[Draft], bool]:
    """The findings that a draft changes, oldest report first; was every report looked at?"""
    told = telling(state, draft, ctx)
    if told is None:
        return [], True
    of_force, more = ((), False) if told.arrests_only else _concerned(state.force.told, state.force.reports.get, told)
    of_arrests, too = _concerned(state.arrests.told, state.arrests.all.get, told)
    if not of_force and not of_arrests:
        return [], True
    after = evolve(state, as_recorded(state, draft, ctx))
    found = [*_of_force(after, of_force, told, ctx), *_of_arrests(after, of_arrests, told, ctx)]
    return found, not (more or too)


class _Report(Protocol):
    @property
    def at(self) -> datetime: ...
    @property
    def clock_error_ms(self) -> int: ...
    @property
    def finding(self) -> Finding | None: ...


def _concerned(index: Index, known: Callable[[str], _Report | None], told: Told) -> tuple[tuple[str, ...], bool]:
    def stands(key: str, until: datetime) -> bool:
        report = known(key)
        if report is None or report.finding is None or AHEAD in report.finding.reasons:
            return False
        if latest(report.at, report.clock_error_ms) != until:
            return False  # corrected since
        return told.until is None or earliest(report.at, report.clock_error_ms) <= told.until

    return since(index, told.keys, told.moment, told.until, stands, MOST_LOOKED_AT)


def _of_force(after: State, keys: tuple[str, ...], told: Told, ctx: Context) -> Iterator[Draft]:
    for key in reversed(keys):
        report = after.force.reports[key]
        stands = judged(after, ctx, StateFacts(without(after, report)), claim_of(report))
        if report.finding is not None and differs(report.finding, stands):
            yield Draft(FindingReopened(key, stands, told.because))


def _of_arrests(after: State, keys: tuple[str, ...], told: Told, ctx: Context) -> Iterator[Draft]:
    for key in reversed(keys):
        arrest = after.arrests.all[key]
        stands = arrest_stands(after, ctx, arrest)
        if arrest_differs(arrest.finding, stands):
            yield Draft(FindingReopened(key, stands, told.because))


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
