"""Business days and calendar days at a place, from the packs' own calendars."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from command.policy.model_more import Calendar

_DAY = timedelta(days=1)
_SATURDAY = 5


class PlaceCalendar:
    """The calendars of a stack as one: a day is a business day only where every pack has it as one.

    A day after the earliest `known_to` is not known to be a business day or none, and
    what would be counted over it has no end.
    """

    def __init__(self, calendars: Iterable[Calendar]) -> None:
        """At least one calendar; the last one's time zone counts, for the agency's own stands last."""
        given = tuple(calendars)
        self._zone = ZoneInfo(given[-1].time_zone)
        self._known_to = min(item.known_to for item in given)
        self._closed = frozenset(holiday.on for item in given for holiday in item.holidays)

    def end_of(self, at: datetime, days: int, *, business: bool) -> datetime | None:
        """Midnight (UTC) after the nth day that follows the day of `at`; None beyond what is known.

        The day itself is not counted, and a Saturday, a Sunday or a holiday is no business day.
        """
        day = at.astimezone(self._zone).date()
        left = days
        while left:
            if day >= date.max - 2 * _DAY or (business and day >= self._known_to):
                return None
            day += _DAY
            left -= not business or (day.weekday() < _SATURDAY and day not in self._closed)
        return datetime.combine(day + _DAY, time(), self._zone).astimezone(UTC)
