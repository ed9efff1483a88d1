"""What was in force at a moment: questions to histories of spans."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol, TypeVar

from command.domain.item import Span
from command.domain.persistent import Series
from command.domain.state import LevelSpan, Person, State
from command.domain.state_force import PostureSpan


def span_at(spans: Series[Span] | None, at: datetime) -> Span | None:
    """The span that covers a moment; spans are in order and one begins no sooner than the one before has ended."""
    span = _begun(spans, at) if spans else None
    return span if span is not None and span.covers(at) else None


def level_at(levels: Series[LevelSpan], at: datetime) -> LevelSpan | None:
    """The span in force at `at`: the last that began by then. None before the sector existed."""
    return _begun(levels, at)


def version_at(versions: Series[Person] | None, at: datetime) -> Person | None:
    """The newest check-in that had begun by `at`."""
    return _begun(versions, at) if versions else None


def posture_key(sector: str, posture: str) -> str:
    """Under which a posture's history is kept; neither id holds a bar."""
    return f"{sector}|{posture}"


def grants_key(tool: str, sector: str) -> str:
    """Under which the grants of a tool in a sector are kept; neither id holds a bar."""
    return f"{tool}|{sector}"


def posture_at(state: State, sector: str, posture: str, at: datetime) -> PostureSpan | None:
    """Gear or a vehicle in a sector at a moment; None: staged, as it always was."""
    spans = state.postures.spans.get(posture_key(sector, posture))
    return _begun(spans, at) if spans else None


class _Begins(Protocol):
    @property
    def since(self) -> datetime: ...


B = TypeVar("B", bound=_Begins)


def _begun(spans: Series[B], at: datetime) -> B | None:
    """The last that began by then: now by a look at the end, long ago by halving."""
    last = spans.last
    if last is None or last.since <= at:
        return last
    place = spans.begun(at)
    return spans[place - 1] if place else None
