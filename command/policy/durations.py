"""Durations as people write them in a plan: "30 s", "2 min", "24 h", "3 days", "5 business days", "unknown".

A number that the source of a rule does not give is "unknown". It is not zero and
not for ever: what depends on it denies, and what it would set a clock for has no
clock.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Protocol

import msgspec

_UNITS = {
    "s": 1, "sec": 1, "second": 1, "seconds": 1,
    "min": 60, "minute": 60, "minutes": 60,
    "h": 3600, "hour": 3600, "hours": 3600,
    "d": 86400, "day": 86400, "days": 86400,
}  # fmt: skip
_FORM = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,3})?) ?([a-z]+(?: [a-z]+)?)")

LONGEST_S = 10 * 366 * 86400.0
"""Ten years: longer than any review or report a plan speaks of, and far from where dates overflow."""

LONGEST_DAYS = 3660

EXAMPLES = '"30 s", "2 min", "24 h", "3 days", "5 business days", "60 calendar days" or "unknown"'


class Count(msgspec.Struct, frozen=True):
    """A number with the words it was written in; `number` is None for "unknown"."""

    text: str
    number: int | None = None


class Days(Protocol):
    """A calendar: the end of the nth day after a moment, None where it does not know."""

    def end_of(self, at: datetime, days: int, *, business: bool) -> datetime | None: ...


class Span(msgspec.Struct, frozen=True):
    """A duration with the words it was written in.

    `seconds` is None where only a calendar or a better source can tell: for
    "unknown", and for business and calendar days, whose number is then in
    `business_days` or `calendar_days`. A stack hands such spans its calendar.
    """

    text: str
    seconds: float | None = None
    business_days: int | None = None
    calendar_days: int | None = None
    calendar: Days | None = None

    @property
    def by_calendar(self) -> bool:
        """True where only a calendar can tell."""
        return self.business_days is not None or self.calendar_days is not None

    @property
    def length(self) -> timedelta | None:
        """How long, by the clock; None where only a calendar or a better source can tell."""
        return timedelta(seconds=self.seconds) if self.seconds is not None else None

    def after(self, at: datetime) -> datetime | None:
        """The moment this long after `at`; None where it cannot be computed, or lies beyond the calendar.

        Days by the calendar end with the last of them, at midnight of the place.
        """
        if self.calendar is not None and self.by_calendar:
            days = self.calendar_days if self.business_days is None else self.business_days
            return self.calendar.end_of(at, days or 0, business=self.business_days is not None)
        if self.seconds is None:
            return None
        try:
            return at + timedelta(seconds=self.seconds)
        except OverflowError:
            return None


UNKNOWN = Span("unknown")


_SUM = re.compile(r"([0-9]+) ?(h|min) ([0-9]+) ?(min|s)")


def meant(text: str) -> str:
    """The duration that was probably meant, "" where nothing is near: of capitals, weeks, sums, clock times."""
    plain = text.strip().lower()
    if match := re.fullmatch(r"([0-9]+) ?weeks?", plain):
        plain = f"{int(match[1]) * 7} days"
    elif match := re.fullmatch(r"([0-9]+) ?(?:mins?|m)", plain):
        plain = f"{match[1]} min"
    elif match := re.fullmatch(r"([0-9]+) ?(?:hrs?|hours?)", plain):
        plain = f"{match[1]} h"
    elif match := _SUM.fullmatch(plain):
        plain = f"{int(match[1]) * _UNITS[match[2]] + int(match[3]) * _UNITS[match[4]]} s"
    elif match := re.fullmatch(r"([0-9]{1,3}):([0-9]{2}):([0-9]{2})", plain):
        plain = f"{int(match[1]) * 3600 + int(match[2]) * 60 + int(match[3])} s"
    elif plain in ("", "none", "n/a", "tbd", "?", "unkown"):
        plain = "unknown"
    try:
        return span(plain).text if plain != text else ""
    except ValueError:
        return ""


def span(text: str) -> Span:
    """Read a duration. Raises ValueError, saying what was expected, for anything else.

    Zero is refused: a deadline of nothing is a rule that no one can keep.
    """
    if text == "unknown":
        return UNKNOWN
    match = _FORM.fullmatch(text)
    if match is None:
        raise ValueError(f"expected a duration such as {EXAMPLES}")
    number, unit = float(match[1]), match[2]
    if number == 0:
        raise ValueError("expected a duration longer than nothing")
    if unit in ("business day", "business days", "calendar day", "calendar days"):
        kind = unit.partition(" ")[0]
        if not number.is_integer() or number > LONGEST_DAYS:
            raise ValueError(f"expected a whole number of {kind} days, at most {LONGEST_DAYS}")
        return Span(text, business_days=int(number)) if kind == "business" else Span(text, calendar_days=int(number))
    if unit not in _UNITS:
        raise ValueError(f"expected s, min, h, days, business days or calendar days, came the unit {unit!r}")
    seconds = number * _UNITS[unit]
    if seconds > LONGEST_S:
        raise ValueError("expected at most ten years")
    return Span(text, seconds)


def time_of_day(at: datetime) -> str:
    """A moment as sentences name it, "22:03:30" (UTC). An answer names several, so it is not left to strftime."""
    return at.time().isoformat("seconds")


def strictest(*spans: Span | None) -> Span | None:
    """The shortest known time; an unknown one where none is known; None where nobody speaks of it."""
    said = [span for span in spans if span is not None]
    known = [span for span in said if span.seconds is not None]
    return min(known, key=lambda span: span.seconds or 0.0) if known else next(iter(said), None)
