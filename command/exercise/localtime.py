"""Civil times of a place to UTC, with what is uncertain about them.

A record that says "01:25" on the night the clocks go back happened at one of two
moments, and one that says "02:30" on the night they go forward at none. Neither
is a reason to drop a record: the time carries an error and the import names it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

HOUR_MS = 3_600_000
DAY_MS = 86_400_000  # the largest clock error that a submission can state

FLAG_FOLD = "time happened twice (clocks went back)"
FLAG_GAP = "time never happened (clocks went forward)"
FLAG_UNKNOWN = "time of day unknown (00:00)"
FLAG_DAY = "day only"
FLAG_ENDS = "24:00: the start of the day or its end"
FLAG_HOUR = "known to the hour"


class Moment(msgspec.Struct, frozen=True):
    """A moment in UTC, how far off it may be (milliseconds), and why."""

    at: datetime
    error_ms: int = 0
    flags: tuple[str, ...] = ()


def zone(name: str) -> ZoneInfo:
    """The time zone of this IANA name. Raises ValueError if there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"expected an IANA time zone, came {name!r}") from error


def to_utc(local: datetime, place: ZoneInfo) -> Moment:
    """A naive civil time of `place` in UTC; an ambiguous one is read as the earlier, with the width of the jump as error.

    An aware datetime is already a moment and is only converted. Raises OverflowError at the ends of the calendar.
    """
    if local.tzinfo is not None:
        return Moment(local.astimezone(UTC))
    first, second = (local.replace(tzinfo=place, fold=fold).astimezone(UTC) for fold in (0, 1))
    jump = second - first  # positive where the hour came twice, negative where it was left out
    if jump == timedelta(0):
        return Moment(first)
    flag = FLAG_FOLD if jump > timedelta(0) else FLAG_GAP
    return Moment(first, min(DAY_MS, abs(jump) // timedelta(milliseconds=1)), (flag,))


def vague(moment: Moment, flag: str) -> Moment:
    """The same moment, known to the day only."""
    return Moment(moment.at, DAY_MS, (*moment.flags, flag))
