"""The incident's time. Only an exercise or a replayed demonstration has a clock of its own."""

from __future__ import annotations

from datetime import UTC, datetime

from command.domain.events import IncidentClock


def incident_time(clock: IncidentClock | None, wall: datetime) -> datetime:
    """Incident time (UTC) at a wall time: the wall time itself unless the incident has its own clock."""
    if clock is None:
        return wall
    return (clock.origin + (wall - clock.started) * clock.rate).astimezone(UTC)


def wall_time(clock: IncidentClock | None, at: datetime) -> datetime:
    """The wall time at which the incident's clock shows `at`: the inverse of `incident_time`."""
    if clock is None:
        return at
    return (clock.started + (at - clock.origin) / clock.rate).astimezone(UTC)
