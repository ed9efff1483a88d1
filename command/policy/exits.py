"""Is a way out open? As someone saw it, not too long ago, where the crowd still is.

A look does not count for ever: a line closes within minutes. It holds as long as the plan
says, and no longer than until the crowd has moved on; where no pack gives the time, unknown
denies. That every way was closed counts until somebody sees one open.
"""

from __future__ import annotations

from datetime import datetime

from command.policy.authority import Weighing
from command.policy.durations import Span, time_of_day
from command.policy.facts import Facts


def weigh(word: str, facts: Facts, sector: str | None, now: datetime, holds: Span | None, weighing: Weighing) -> None:
    """Weigh the newest look at the ways out of a sector. `holds`: for how long one counts."""
    seen = facts.exits_open(sector, now) if sector is not None else None
    if sector is None or seen is None:
        weighing.need(f"{word}: that someone sees a way out open")
    elif not seen:
        weighing.refuse(f"{word}: no way out of {sector} is open")
    elif why := _stale(facts, sector, now, holds):
        weighing.need(f"{word}: another look at the ways out: {why}")


def still_open(facts: Facts, sector: str | None, at: datetime, holds: Span | None) -> tuple[str, ...] | None:
    """The ways out that were open at `at`, as a look that still counted had it; empty: none; None: not known."""
    seen = facts.exits_open(sector, at) if sector is not None else None
    if sector is None or not seen:
        return seen
    return None if _stale(facts, sector, at, holds) else seen


def _stale(facts: Facts, sector: str, now: datetime, holds: Span | None) -> str:
    """Why the newest look no longer counts; "" where it does."""
    looked, moved = facts.exits_seen(sector, now), facts.crowd_moved(sector, now)
    if looked is None:
        return "when they were seen is not known"
    if moved is not None and looked < moved:
        return f"the crowd has moved on since that of {time_of_day(looked)} UTC"
    end = holds.after(looked) if holds is not None else None
    if holds is None or end is None:
        return "for how long one holds no pack says, and unknown denies"
    return f"that of {time_of_day(looked)} UTC has lapsed ({holds.text})" if now >= end else ""
