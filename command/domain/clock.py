"""The incident's time. Only an exercise or a replayed demonstration has a clock of its own."""

from __future__ import annotations

from datetime import UTC, datetime

from command.domain.events import IncidentClock

# Between these every sum of a time and the longest duration of a plan stays within what a datetime holds.
EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)


def plausible(at: datetime) -> bool:
    """Whether a claimed time can be reckoned with at all. What lies outside is a broken clock, not a time."""
    return EARLIEST <= at <= LATEST


def incident_time(clock: IncidentClock | None, wall: datetime) -> datetime:
    """Incident time (UTC) at a wall time: the wall time itself unless the incident has its own clock.

    An exercise that was left running stops at `LATEST` rather than run over the end of the calendar.
    """
    if clock is None:
        return wall
    try:
        return min((clock.origin + (wall - clock.started) * clock.rate).astimezone(UTC), LATEST)
    except OverflowError:
        return LATEST


def wall_time(clock: IncidentClock | None, at: datetime) -> datetime:
    """The wall time at which the incident's clock shows `at`: the inverse of `incident_time`."""
    if clock is None:
        return at
    return (clock.started + (at - clock.origin) / clock.rate).astimezone(UTC)
