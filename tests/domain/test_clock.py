"""The incident's own time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from command.domain.clock import EARLIEST, LATEST, incident_time, plausible, wall_time
from command.domain.events import IncidentClock

WALL = datetime(2026, 5, 1, 12, tzinfo=UTC)
ORIGIN = datetime(2016, 5, 1, 11, 30, tzinfo=timezone(timedelta(hours=-7)))


def test_without_a_clock_of_its_own_incident_time_is_wall_time() -> None:
    assert incident_time(None, WALL) == wall_time(None, WALL) == WALL


def test_a_clock_starts_at_its_origin_and_runs_at_its_rate() -> None:
    clock = IncidentClock(ORIGIN, WALL, 60.0)
    assert incident_time(clock, WALL) == ORIGIN
    assert incident_time(clock, WALL + timedelta(seconds=2)) == ORIGIN + timedelta(minutes=2)
    assert incident_time(clock, WALL).tzinfo == UTC


@given(st.floats(0.01, 3600), st.integers(-86_400, 864_000))
def test_wall_time_is_the_inverse(rate: float, seconds: int) -> None:
    clock, at = IncidentClock(ORIGIN, WALL, rate), WALL + timedelta(seconds=seconds)
    assert abs(wall_time(clock, incident_time(clock, at)) - at) < timedelta(milliseconds=1)


def test_an_exercise_left_running_stops_before_the_end_of_the_calendar() -> None:
    clock = IncidentClock(ORIGIN, WALL, 3600.0)
    assert incident_time(clock, WALL + timedelta(days=365)) == LATEST
    assert incident_time(clock, WALL + timedelta(days=36_500)) == LATEST


def test_times_that_can_be_reckoned_with() -> None:
    assert plausible(WALL) and plausible(EARLIEST) and plausible(LATEST)
    assert not plausible(datetime.min.replace(tzinfo=UTC)) and not plausible(datetime.max.replace(tzinfo=UTC))
