"""Civil times to UTC: the ordinary, the doubled, the missing, and the unknown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from command.exercise.localtime import DAY_MS, FLAG_DAY, FLAG_FOLD, FLAG_GAP, HOUR_MS, Moment, to_utc, vague, zone

SEATTLE = zone("America/Los_Angeles")


def test_an_ordinary_time_is_exact() -> None:
    assert to_utc(datetime(2016, 5, 1, 18, 0), SEATTLE) == Moment(datetime(2016, 5, 2, 1, 0, tzinfo=UTC))


def test_a_time_that_happened_twice_is_the_first_with_an_hour_of_error() -> None:
    got = to_utc(datetime(2016, 11, 6, 1, 25), SEATTLE)
    assert got == Moment(datetime(2016, 11, 6, 8, 25, tzinfo=UTC), HOUR_MS, (FLAG_FOLD,))


def test_a_time_that_never_happened_is_named_so() -> None:
    got = to_utc(datetime(2016, 3, 13, 2, 30), SEATTLE)
    assert got == Moment(datetime(2016, 3, 13, 10, 30, tzinfo=UTC), HOUR_MS, (FLAG_GAP,))


def test_half_an_hour_of_change_is_half_an_hour_of_error() -> None:
    """Lord Howe Island moves its clocks by thirty minutes."""
    got = to_utc(datetime(2024, 4, 7, 1, 45), zone("Australia/Lord_Howe"))
    assert (got.error_ms, got.flags) == (HOUR_MS // 2, (FLAG_FOLD,))


def test_an_aware_time_is_only_converted() -> None:
    aware = datetime(2016, 11, 6, 1, 25, tzinfo=timezone(timedelta(hours=-8)))
    assert to_utc(aware, SEATTLE) == Moment(datetime(2016, 11, 6, 9, 25, tzinfo=UTC))


def test_a_time_known_to_the_day_keeps_its_other_flags() -> None:
    got = vague(to_utc(datetime(2016, 11, 6, 1, 25), SEATTLE), FLAG_DAY)
    assert (got.error_ms, got.flags) == (DAY_MS, (FLAG_FOLD, FLAG_DAY))


@pytest.mark.parametrize("name", ["America/Nowhere", "", "../../etc/passwd", "/etc/passwd"])
def test_a_zone_that_is_none_is_named(name: str) -> None:
    with pytest.raises(ValueError, match="expected an IANA time zone"):
        zone(name)


@given(st.datetimes(datetime(1990, 1, 1), datetime(2037, 12, 31)))
def test_an_unflagged_time_reads_back_as_itself(local: datetime) -> None:
    """And a flagged one is within its stated error of a moment that does."""
    moment = to_utc(local, SEATTLE)
    back = moment.at.astimezone(SEATTLE).replace(tzinfo=None)
    assert abs(back - local) <= timedelta(milliseconds=moment.error_ms)
    assert bool(moment.flags) == bool(moment.error_ms)
