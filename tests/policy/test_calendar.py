"""Business days at a place: weekends, holidays, clock changes, and nothing beyond what is known."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from command.policy.calendar import PlaceCalendar
from command.policy.durations import Span, span
from command.policy.duties import due
from command.policy.load import read_pack
from command.policy.model import Calendar
from command.policy.model_more import Holiday
from command.policy.stack import Stack
from tests.support.packs import SMALL, changed

CHICAGO = Calendar(
    time_zone="America/Chicago", known_to=date(2026, 12, 31), holidays=(Holiday(on=date(2026, 7, 3), says="x"),)
)


def end(text: str, days: int, *, business: bool = True, calendar: Calendar = CHICAGO) -> datetime | None:
    """The end of the nth day after a moment in UTC."""
    return PlaceCalendar([calendar]).end_of(datetime.fromisoformat(text).replace(tzinfo=UTC), days, business=business)


def utc(text: str) -> datetime:
    """A moment."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "days", "business", "expected"),
    [
        ("2026-05-01T12:00", 1, True, "2026-05-05T05:00"),  # a Friday: Monday ends at midnight in Chicago
        ("2026-05-01T12:00", 5, True, "2026-05-09T05:00"),
        ("2026-05-01T12:00", 1, False, "2026-05-03T05:00"),
        ("2026-05-01T04:59", 1, True, "2026-05-02T05:00"),  # still Thursday there
        ("2026-07-02T12:00", 1, True, "2026-07-07T05:00"),  # Friday is a holiday
        ("2026-03-06T12:00", 2, False, "2026-03-09T05:00"),  # the clock goes forward on the 8th
        ("2026-10-30T12:00", 2, True, "2026-11-04T06:00"),  # and back on November 1st
    ],
)
def test_days_end_at_midnight_of_the_place(at: str, days: int, business: bool, expected: str) -> None:
    """The day itself does not count."""
    assert end(at, days, business=business) == utc(expected)


@pytest.mark.parametrize(
    ("zone", "at", "days", "business", "expected"),
    [
        ("America/Chicago", "2028-02-28T12:00", 1, True, "2028-03-01T06:00"),  # a Monday: the 29th ends
        ("America/Chicago", "2028-02-28T12:00", 2, False, "2028-03-02T06:00"),
        ("America/Chicago", "2027-02-28T12:00", 1, False, "2027-03-02T06:00"),  # no 29th
        (
            "America/Havana",
            "2026-03-06T12:00",
            1,
            False,
            "2026-03-08T05:00",
        ),  # a midnight that does not happen: one o'clock
        ("America/Havana", "2026-10-30T12:00", 1, False, "2026-11-01T04:00"),  # one that happens twice: the first
        ("Asia/Kolkata", "2026-05-01T18:29", 1, False, "2026-05-02T18:30"),
    ],
)
def test_leap_days_and_midnights_that_are_none(zone: str, at: str, days: int, business: bool, expected: str) -> None:
    """A day ends when the next one begins, whatever clocks do then."""
    there = Calendar(time_zone=zone, known_to=date(2030, 12, 31), holidays=())
    assert end(at, days, business=business, calendar=there) == utc(expected)


def test_nothing_beyond_what_is_known() -> None:
    """A year nobody has listed has no business days; calendar days it has, up to the end of the calendar."""
    assert end("2026-12-30T12:00", 1) == utc("2027-01-01T06:00")
    assert end("2026-12-30T12:00", 2) is None
    assert end("2026-12-30T12:00", 2, business=False) is not None
    assert end("9999-12-29T12:00", 3, business=False) is None


def test_of_several_calendars_a_day_is_open_where_it_is_in_all() -> None:
    """The last one's time zone counts."""
    other = Calendar(time_zone="UTC", known_to=date(2027, 12, 31), holidays=(Holiday(on=date(2026, 5, 4), says="y"),))
    both = PlaceCalendar([CHICAGO, other])
    assert both.end_of(utc("2026-05-01T12:00"), 1, business=True) == utc("2026-05-06T00:00")


def test_a_stack_hands_its_duties_the_calendar() -> None:
    """Without one, such a deadline sets no clock."""
    text = changed('"72 h"', '"5 business days"')
    calendar = '[calendar]\ntime_zone = "America/Chicago"\nknown_to = 2026-12-31\n'
    bare = Stack.of([read_pack(text, "a")]).duties["review"]
    known = Stack.of([read_pack(text + calendar, "a")]).duties["review"]
    assert due(bare, utc("2026-05-01T12:00")) is None
    assert due(known, utc("2026-05-01T12:00")) == utc("2026-05-09T05:00")
    assert Stack.of([read_pack(SMALL + calendar, "a")]).duties["review"].within.seconds == 72 * 3600


def test_spans_by_the_calendar() -> None:
    """Read as written."""
    assert span("60 calendar days") == Span("60 calendar days", calendar_days=60)
    assert span("60 calendar days").by_calendar
    assert not span("60 days").by_calendar
    assert span("60 calendar days").after(utc("2026-05-01T12:00")) is None
