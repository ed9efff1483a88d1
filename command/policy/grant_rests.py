"""What does a grant still rest on? The same questions as at a use under it, asked before there is one.

A grant runs from its record to its end, and carries only what stands beneath it: the level that
the plan asks for, and warnings that still reach the crowd. Screens show where nothing does, by the
sentence that a finding would give; that it may be revoked, or renewed on other grounds, they leave to people.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec

from command.policy.conditions import suspended
from command.policy.durations import strictest
from command.policy.facts import Facts, GrantFact
from command.policy.findings import beneath
from command.policy.measures import Measure
from command.policy.request import ForceClaim
from command.policy.stack import Stack
from command.policy.warned_use import wanting as unwarned

MOST_STEPS = 64
"""Changes of level, and warnings, within one grant's life that are looked at, newest first."""

_INSTANT = timedelta(microseconds=1)


class Gap(msgspec.Struct, frozen=True):
    """From `since`, and until `until` (None: to the grant's end), it rests on nothing: `why`."""

    since: datetime
    until: datetime | None
    why: str


def wanting(stack: Stack, facts: Facts, grant: GrantFact, at: datetime) -> str:
    """Why no use at `at` would be found authorized under this grant, whoever's it is; "" where it may be.

    Its own limits (time, place, tool, people, quantity) stand in the grant, and are not repeated here.
    """
    if grant.sector is None or grant.purpose is None or not grant.since <= at:
        return ""
    kind = facts.jurisdiction_kind(facts.lead_agency) if facts.lead_agency else None
    measure = stack.measures.of(grant.tool, grant.purpose, kind, suspended(facts, at))
    if measure is None:
        return ""
    if why := beneath(measure, stack, facts, grant.sector, at):
        return why
    return _unwarned(measure, stack, facts, grant, grant.sector, at)


def _unwarned(measure: Measure, stack: Stack, facts: Facts, grant: GrantFact, sector: str, at: datetime) -> str:
    if measure.warned is None:
        return ""
    claim = ForceClaim(
        tool=grant.tool, officer=grant.authorizer, officer_agency=None, sector=sector, at=at, grant=grant.grant,
        purpose=grant.purpose,
    )  # fmt: skip
    why = unwarned(measure.warned, stack, facts, claim, sector, grant, at)
    return f"{measure.warned.named} is not complete: {why}" if why else ""


def gaps(stack: Stack, facts: Facts, grant: GrantFact) -> tuple[Gap, ...]:
    """When, from its beginning to its end, the grant rests on nothing, by all that is on record: oldest first.

    It depends on the record alone and on no clock, so that a board needs no tick: a screen compares the
    ends with its time. The last one is open where only a further record could end it.
    """
    if grant.until is None:
        return ()
    end = grant.until if grant.ended is None else min(grant.until, grant.ended)
    found: list[Gap] = []
    for at in sorted({moment for moment in _moments(stack, facts, grant, end) if grant.since <= moment < end}):
        why = wanting(stack, facts, grant, at)
        if found and found[-1].until is None:
            if found[-1].why == why:
                continue
            found[-1] = Gap(found[-1].since, at, found[-1].why)
        if why:
            found.append(Gap(at, None, why))
    return tuple(found)


def _moments(stack: Stack, facts: Facts, grant: GrantFact, end: datetime) -> Iterator[datetime]:
    """When an answer may become another: levels that begin or lapse; what is said to the crowd once it moved."""
    if grant.sector is None or grant.purpose is None or end <= grant.since:
        return
    yield grant.since
    at = end - _INSTANT
    for _ in range(MOST_STEPS):
        held = facts.level(grant.sector, at)
        if held is None:
            break
        yield held.since
        if held.until is not None:
            yield held.until
        if held.since <= grant.since:
            break
        at = held.since - _INSTANT
    yield from (one.since for one in facts.suspensions(end))
    kind = facts.jurisdiction_kind(facts.lead_agency) if facts.lead_agency else None
    measure = stack.measures.of(grant.tool, grant.purpose, kind)
    if measure is not None and measure.warned is not None:
        yield from _warned_moments(measure, stack, facts, grant.sector, end)


def _warned_moments(measure: Measure, stack: Stack, facts: Facts, sector: str, end: datetime) -> Iterator[datetime]:
    warned = measure.warned
    assert warned is not None
    seen = facts.exits_seen(sector, end)
    if seen is not None:
        yield seen
    moved = facts.crowd_moved(sector, end)
    if moved is None:
        return
    yield moved
    holds = strictest(warned.lapses, stack.warnings_hold)
    for one in facts.warnings_since(sector, moved, end)[-MOST_STEPS:]:
        yield one.at
        for span in (warned.wait, holds):
            over = span.after(one.at) if span is not None else None
            if over is not None:
                yield over
