"""The wall clock, where the shell needs one, and what holds it when somebody sets it back. The record's own time is the
database's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

NOTICED: Final = timedelta(seconds=1)
"""Less than this is a clock being kept right, and not one being set."""

BEHIND: Final = timedelta(seconds=30)
"""A clock so far behind what was noted last would make sessions and codes live longer than they may: codes are judged to
half a minute."""


def utc_now() -> datetime:
    """Now, aware, UTC."""
    return datetime.now(UTC)


class Steady:
    """A clock that is never set back: from then on it adds what its readings lack.

    What a person or a server may do ends at a time: a session, a code, a fresh proof, a grant. Were the clock set back,
    each would live longer by as much. A clock that is set forward is followed at once, which only ends things; being set
    forward again takes away what was added. A restart forgets it, and asks the record instead (`behind`).
    """

    def __init__(self, monotonic: Callable[[], float], told: Callable[[float], None] | None = None) -> None:
        """`monotonic`: seconds, of a clock that nothing sets. `told`: by how many seconds it was set back."""
        self._monotonic = monotonic
        self._told = told
        self._last: tuple[datetime, float] | None = None
        self._lacks = timedelta()

    def feed(self, reading: datetime) -> datetime:
        """What the time is, when the clock says this."""
        at = self._monotonic()
        if self._last is not None:
            stepped = reading - self._last[0] - timedelta(seconds=at - self._last[1])
            if stepped <= -NOTICED:
                self._lacks -= stepped
                if self._told is not None:
                    self._told(-stepped.total_seconds())
            elif stepped >= NOTICED:
                self._lacks = max(timedelta(), self._lacks - stepped)
        self._last = reading, at
        return reading + self._lacks

    def of(self, read: Callable[[], datetime]) -> Callable[[], datetime]:
        """The same over a clock that is read."""
        return lambda: self.feed(read())


def behind(now: datetime, noted: datetime | None) -> float:
    """By how many seconds a clock is too far behind what was noted last; 0 where it is not."""
    return (noted - now).total_seconds() if noted is not None and noted - now > BEHIND else 0.0
