"""What the plan may ask of the fold: `policy.facts.Facts` answered from a State."""

from __future__ import annotations

from datetime import datetime

from command.domain.facts_force import ForceFacts
from command.domain.heard import as_heard
from command.domain.intervals import level_at, span_at, version_at
from command.policy.facts import LevelFact, PersonFact, WarningFact

__all__ = ["StateFacts", "level_at", "version_at"]

MOST_WARNINGS = 200
"""Warnings of a sector that are looked at, newest first: a sequence is a handful."""


class StateFacts(ForceFacts):
    """The fold as judgement sees it; every answer is about a moment."""

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

    def agency_accepted_plan(self, agency: str, at: datetime) -> bool:
        """Whether the agency had accepted the lead agency's plan: by its newest word of that moment."""
        found = self._state.structure.agencies.get(agency)
        words = found.words if found else ()
        return next((word.accepted for word in reversed(words) if word.since <= at), False)

    def jurisdiction_kind(self, agency: str) -> str | None:
        """What kind of body the agency said it is when it joined."""
        found = self._state.structure.agencies.get(agency)
        return found.jurisdiction if found else None

    def positions_of(self, person: str, at: datetime) -> tuple[str, ...]:
        """The ICS positions that a person held at `at`."""
        held = ((position, span_at(spans, at)) for position, spans in self._state.structure.positions.items())
        return tuple(sorted(position for position, span in held if span is not None and span.who == person))

    def holder(self, position: str, at: datetime) -> str | None:
        """Who held a position at `at`."""
        span = span_at(self._state.structure.positions.get(position), at)
        return span.who if span else None

    def holder_since(self, position: str, at: datetime) -> datetime | None:
        """Since when they held it."""
        span = span_at(self._state.structure.positions.get(position), at)
        return span.since if span else None

    def level(self, sector: str, at: datetime) -> LevelFact | None:
        """The level of a sector at `at`, lapsed or not."""
        found = self._state.response.sectors.get(sector)
        span = level_at(found.levels, at) if found else None
        return LevelFact(span.level, span.since, span.until, span.indicators) if span else None

    def warnings(self, sector: str, at: datetime) -> tuple[WarningFact, ...]:
        """Warnings in a sector up to `at`, by when they were given (a late report takes its place)."""
        return self.warnings_since(sector, None, at)

    def warnings_since(self, sector: str, since: datetime | None, at: datetime) -> tuple[WarningFact, ...]:
        """Those not before `since`, and no more than the newest MOST_WARNINGS."""
        given = self._state.warnings.given.get(sector)
        found = given.within(since, at, MOST_WARNINGS) if given else ()
        words = self._state.warnings.heard
        return tuple(as_heard(one, words.get(one.warning) or (), at) for one in found) if len(words) else found

    def indicators(self, sector: str, at: datetime) -> tuple[tuple[str, datetime, str], ...]:
        """Signs recorded in a sector up to `at`, oldest first."""
        seen = self._state.crowd.signs.get(sector)
        found = [(sign, o.at, o.by) for o in (seen.back_from(at) if seen else ()) for sign in reversed(o.indicators)]
        return tuple(reversed(found))

    def liaison_tried(self, sector: str | None, at: datetime) -> datetime | None:
        """The newest contact tried in the sector, or incident-wide, not after `at`."""
        newest = [t for key in {sector or "", ""} if (t := self._state.crowd.liaison.get(key)) and t <= at]
        return max(newest, default=None)
