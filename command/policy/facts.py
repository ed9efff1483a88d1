"""What a rule may ask of the incident: the door between plan and fold.

`judge` sees the incident only through this protocol. Every question takes the
moment it is about, so that the same code judges an ask now and a report about
any past second.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

import msgspec


class PersonFact(msgspec.Struct, frozen=True):
    """A checked-in person as judgement needs them: copied by value at check-in."""

    person: str
    agency: str
    rank: str
    training: tuple[tuple[str, datetime | None], ...]  # (course, expires; None = does not expire)
    on_scene: bool


class LevelFact(msgspec.Struct, frozen=True):
    """The response level in a sector at a moment; `until` is when it lapses unless renewed."""

    level: str
    since: datetime
    until: datetime | None


class WarningFact(msgspec.Struct, frozen=True):
    """A warning given in a sector."""

    at: datetime
    text: str
    amplified: bool
    on_camera: bool
    audible: bool | None  # None: nobody confirmed either way
    exits: tuple[str, ...]
    by: str


class Facts(Protocol):
    """Pure queries over the fold. None means "not known", and not-known never permits."""

    @property
    def lead_agency(self) -> str | None: ...

    def person(self, person: str, at: datetime) -> PersonFact | None: ...

    def agency_kind(self, agency: str) -> str | None:
        """`lead` or `assisting`."""

    def agency_accepted_plan(self, agency: str) -> bool: ...

    def positions_of(self, person: str, at: datetime) -> tuple[str, ...]: ...

    def holder(self, position: str, at: datetime) -> str | None: ...

    def level(self, sector: str, at: datetime) -> LevelFact | None: ...

    def warnings(self, sector: str, at: datetime) -> tuple[WarningFact, ...]:
        """Warnings given in the sector up to `at`, oldest first."""

    def indicators(self, sector: str, at: datetime) -> tuple[tuple[str, datetime, str], ...]:
        """(indicator id, observed at, observer) recorded in the sector up to `at`, oldest first."""

    def liaison_tried(self, sector: str | None, at: datetime) -> datetime | None:
        """When liaison was last tried in the sector (or incident-wide), None if never."""
