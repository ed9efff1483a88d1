"""What the plan may ask of the fold: `policy.facts.Facts` answered from a State."""

from __future__ import annotations

from datetime import datetime

from command.domain.persistent import Series
from command.domain.state import LevelSpan, Person, Span, State
from command.policy.facts import LevelFact, NothingKnown, PersonFact, WarningFact


class StateFacts(NothingKnown):
    """The fold as judgement sees it; every answer is about a moment."""

    def __init__(self, state: State) -> None:
        self._state = state

    @property
    def lead_agency(self) -> str | None:
        """The agency in command."""
        return self._state.incident.lead_agency if self._state.incident else None

    def person(self, person: str, at: datetime) -> PersonFact | None:
        """The check-in that was in force at `at`; a checked-out person is known but not on scene."""
        found = version_at(self._state.structure.people.get(person), at)
        if found is None:
            return None
        return PersonFact(
            person=found.person,
            agency=found.agency,
            rank=found.rank,
            training=tuple((t.course, t.expires) for t in found.training),
            on_scene=found.ended is None or at < found.ended,
        )

    def agency_kind(self, agency: str) -> str | None:
        """`lead` or `assisting`; None for an agency that has not joined."""
        found = self._state.structure.agencies.get(agency)
        return found.kind if found else None

    def agency_accepted_plan(self, agency: str) -> bool:
        """Whether the agency has accepted the lead agency's plan."""
        found = self._state.structure.agencies.get(agency)
        return found is not None and found.accepted_plan

    def positions_of(self, person: str, at: datetime) -> tuple[str, ...]:
        """The ICS positions that a person held at `at`."""
        return tuple(sorted(p for p, spans in self._state.structure.positions.items() if _holder(spans, at) == person))

    def holder(self, position: str, at: datetime) -> str | None:
        """Who held a position at `at`."""
        return _holder(self._state.structure.positions.get(position), at)

    def level(self, sector: str, at: datetime) -> LevelFact | None:
        """The level of a sector at `at`, lapsed or not."""
        found = self._state.response.sectors.get(sector)
        span = level_at(found.levels, at) if found else None
        return LevelFact(span.level, span.since, span.until) if span else None

    def warnings(self, sector: str, at: datetime) -> tuple[WarningFact, ...]:
        """Warnings in a sector up to `at`, by when they were given (a late report takes its place)."""
        given = self._state.warnings.given.get(sector)
        facts = [
            WarningFact(w.at, w.text, w.amplified, w.on_camera, w.audible, w.exits, w.by)
            for w in (given or ())
            if w.at <= at
        ]
        return tuple(sorted(facts, key=lambda fact: fact.at))

    def indicators(self, sector: str, at: datetime) -> tuple[tuple[str, datetime, str], ...]:
        """Signs recorded in a sector up to `at`, oldest first."""
        seen = self._state.crowd.signs.get(sector)
        found = [(sign, o.at, o.by) for o in (seen or ()) if o.at <= at for sign in o.indicators]
        return tuple(sorted(found, key=lambda sign: sign[1]))

    def liaison_tried(self, sector: str | None, at: datetime) -> datetime | None:
        """The newest contact tried in the sector, or incident-wide, not after `at`."""
        newest = [t for key in {sector or "", ""} if (t := self._state.crowd.liaison.get(key)) and t <= at]
        return max(newest, default=None)


def _holder(spans: Series[Span] | None, at: datetime) -> str | None:
    for span in reversed(spans) if spans else ():
        if span.covers(at):
            return span.who
    return None


def level_at(levels: Series[LevelSpan], at: datetime) -> LevelSpan | None:
    """The span in force at `at`: the last that began by then. None before the sector existed."""
    return next((span for span in reversed(levels) if span.since <= at), None)


def version_at(versions: Series[Person] | None, at: datetime) -> Person | None:
    """The newest check-in that had begun by `at`."""
    return next((v for v in reversed(versions) if v.since <= at), None) if versions else None
