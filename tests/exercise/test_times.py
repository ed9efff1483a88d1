"""When a record says that it happened: one column or two, in the forms that tables really use."""

from __future__ import annotations

from datetime import datetime, time

import pytest

from command.errors import Unreadable
from command.exercise.cells import Unmapped
from command.exercise.localtime import DAY_MS, FLAG_DAY, FLAG_ENDS, FLAG_FOLD, FLAG_HOUR, FLAG_UNKNOWN, HOUR_MS, Moment
from command.exercise.readers import Row
from command.exercise.times import TimeField, check_time, moment_of, read_clock, read_time


def moment(field: TimeField, **cells: str) -> Moment:
    return moment_of(field, Row(2, cells), ("", "-"), {})[0]


def field(*formats: str, zone: str = "America/Los_Angeles", clock: str | None = None, **more: object) -> TimeField:
    return TimeField("day", formats or ("%m/%d/%Y",), zone=zone, clock=clock, **more)  # type: ignore[arg-type]  # a test's short form


@pytest.mark.parametrize(
    ("form", "cell", "read"),
    [
        ("excel", "42959.49375", "2017-08-12T11:51:00"),
        ("excel", "42959", "2017-08-12T00:00:00"),
        ("excel", "42959,49375", "2017-08-12T11:51:00"),
        ("%m/%d/%Y %I:%M %p", "08/12/2017 11:51 p.m.", "2017-08-12T23:51:00"),
        ("%m/%d/%Y %I:%M %p", "08/12/2017 11:51 A. M.", "2017-08-12T11:51:00"),
        ("epoch s", "1502553060", "2017-08-12T15:51:00+00:00"),
        ("epoch ms", "1502553060000", "2017-08-12T15:51:00+00:00"),
        ("%Y/%m/%d %H:%M:%S%z", "2013/11/14 05:00:00+00", "2013-11-14T05:00:00+00:00"),
        ("iso", "2017-08-12T11:51:00-0400", "2017-08-12T11:51:00-04:00"),
    ],
)
def test_forms_that_are_no_format_of_strptime(form: str, cell: str, read: str) -> None:
    assert read_time(form, cell).isoformat() == read


@pytest.mark.parametrize(
    ("form", "cell"),
    [("excel", "1e300"), ("epoch s", "1e300"), ("epoch ms", "x"), ("excel", "nan"), ("excel", "42,959")],
)
def test_numbers_that_are_no_time_are_refused_and_never_crash(form: str, cell: str) -> None:
    with pytest.raises(ValueError):
        read_time(form, cell)


@pytest.mark.parametrize(
    ("form", "cell", "read"),
    [
        ("hhmm", "5", time(0, 5)),
        ("hhmm", "1840", time(18, 40)),
        ("hour", "23", time(23)),
        ("%H:%M", "07:30", time(7, 30)),
        ("%I:%M %p", "7:30 p.m.", time(19, 30)),
    ],
)
def test_a_time_of_day_that_lost_its_zeros_is_read(form: str, cell: str, read: time) -> None:
    assert read_clock(form, cell) == read


@pytest.mark.parametrize(
    ("form", "cell"), [("hhmm", "2400"), ("hhmm", "75"), ("hhmm", "12345"), ("hour", "24"), ("hour", "x")]
)
def test_what_is_no_time_of_day_is_refused(form: str, cell: str) -> None:
    with pytest.raises(ValueError):
        read_clock(form, cell)


def test_a_day_and_its_time_stand_in_two_columns() -> None:
    got = moment(field(clock="at"), day="07/04/2019", at="930")
    assert (got.at.isoformat(), got.error_ms, got.flags) == ("2019-07-04T16:30:00+00:00", 0, ())


def test_an_hour_alone_is_off_by_up_to_an_hour() -> None:
    got = moment(field(clock="at", clock_formats=("hour",)), day="07/04/2019", at="9")
    assert (got.error_ms, got.flags) == (HOUR_MS, (FLAG_HOUR,))
    twice = moment(field(clock="at", clock_formats=("hour",)), day="11/03/2019", at="1")
    assert (twice.error_ms, twice.flags) == (2 * HOUR_MS, (FLAG_FOLD, FLAG_HOUR))


def test_a_time_of_day_that_is_not_known_leaves_the_day() -> None:
    got = moment(field(clock="at"), day="07/04/2019", at="-")
    assert (got.error_ms, got.flags) == (DAY_MS, (FLAG_UNKNOWN,))


@pytest.mark.parametrize("cell", ["2400", "24:00", "24:00:00"])
def test_midnight_at_the_end_of_a_day_or_at_its_start_is_off_by_a_day(cell: str) -> None:
    """The row is kept; which of the two it is cannot be told."""
    got = moment(field(clock="at"), day="07/04/2019", at=cell)
    assert (got.at.isoformat(), got.error_ms, got.flags) == ("2019-07-04T07:00:00+00:00", DAY_MS, (FLAG_ENDS,))


def test_a_day_published_as_local_midnight_in_utc_is_the_local_day() -> None:
    dc = TimeField("day", ("%Y/%m/%d %H:%M:%S%z",), zone="America/New_York", clock="at", clock_formats=("hour",))
    assert moment(dc, day="2013/11/14 05:00:00+00", at="6").at.isoformat() == "2013-11-14T11:00:00+00:00"


def test_a_day_alone_is_off_by_a_day() -> None:
    got = moment(field(day_only=True), day="07/04/2019")
    assert (got.error_ms, got.flags) == (DAY_MS, (FLAG_DAY,))


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"day": "", "at": "1"}, "column 'day': expected a time, came nothing"),
        (
            {"day": "07/04/2019", "at": "9pm"},
            "column 'at': expected a time of day as 'hhmm', '%H:%M', '%H:%M:%S', came '9pm'",
        ),
        ({"day": "07/04/0019", "at": "1"}, "column 'day': expected a time from 1900 to 2200, came '07/04/0019'"),
        ({"day": "07/04/2019"}, "column 'at': expected a value, came a row without that column"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_column(cells: dict[str, str], said: str) -> None:
    with pytest.raises(Unmapped) as caught:
        moment(field(clock="at"), **cells)
    assert str(caught.value) == said


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (TimeField("day", (), zone="UTC"), "expected at least one format"),
        (TimeField("day", ("iso",), zone="UTC", clock="at", clock_formats=()), "expected at least one format"),
        (TimeField("day", ("iso",)), "expected zone, or zone_column with a table of zones"),
        (TimeField("day", ("iso",), zone="UTC", clock="at", day_only=True), "expected a clock or day_only, came both"),
        (TimeField("day", ("iso",), zone="?"), "expected an IANA time zone, came '?'"),
    ],
)
def test_a_time_that_could_never_be_read_is_refused_with_the_mapping(wrong: TimeField, said: str) -> None:
    with pytest.raises(Unreadable, match=said.replace("?", r"\?")):
        check_time(wrong, "m.toml: time")


def test_the_local_day_is_the_sources_own() -> None:
    _, day = moment_of(field("iso"), Row(2, {"day": "2017-08-13T03:00:00Z"}), ("",), {})
    assert day == datetime(2017, 8, 12).date()
