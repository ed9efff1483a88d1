"""What was in force at a moment: questions to histories of spans."""

from __future__ import annotations

from datetime import datetime

from command.domain.item import Span
from command.domain.persistent import Series
from command.domain.state import LevelSpan, Person, State
from command.domain.state_force import PostureSpan


def span_at(spans: Series[Span] | None, at: datetime) -> Span | None:
    """The newest span that covers a moment."""
    return next((span for span in reversed(spans) if span.covers(at)), None) if spans else None


def level_at(levels: Series[LevelSpan], at: datetime) -> LevelSpan | None:
    """The span in force at `at`: the last that began by then. None before the sector existed."""
    return next((span for span in reversed(levels) if span.since <= at), None)


def version_at(versions: Series[Person] | None, at: datetime) -> Person | None:
    """The newest check-in that had begun by `at`."""
    return next((v for v in reversed(versions) if v.since <= at), None) if versions else None


def newest_at(spans: Series[Span] | None, at: datetime) -> Span | None:
    """Of spans that need not be in order the one that began last by `at`; of equals the later record."""
    found: Span | None = None
    for span in spans or ():
        if span.since <= at and (found is None or span.since >= found.since):
            found = span
    return found


def posture_key(sector: str, posture: str) -> str:
    """Under which a posture's history is kept; neither id holds a bar."""
    return f"{sector}|{posture}"


def posture_at(state: State, sector: str, posture: str, at: datetime) -> PostureSpan | None:
    """Gear or a vehicle in a sector at a moment; None: staged, as it always was."""
    spans = state.postures.spans.get(posture_key(sector, posture))
    return next((span for span in reversed(spans) if span.since <= at), None) if spans else None
