"""Events on the ground that a rule may rest on: ways out, a crowd that moved on, what was tried, who needs help."""

from __future__ import annotations

from typing import Literal

from command.domain.fact import Fact, Utc
from command.domain.ids import AgencyId, Line, PersonId, Place, RecordId, RuleId, SectorId, UnitId
from command.domain.private import PrivateOptional, PrivateText

__all__ = [
    "AttemptRecorded",
    "AudibilityReported",
    "CrowdMoved",
    "DistressAnswered",
    "DistressFlagged",
    "ExitsObserved",
    "PresenceReported",
    "PursuitReported",
]

Attempted = Literal["de-escalation", "targeted action"]
Outcome = Literal["worked", "worked in part", "did not work", "not known yet"]


class ExitsObserved(Fact, frozen=True):
    """Someone looked at the ways out of a sector. None in `open`: none is."""

    observation: RecordId
    sector: SectorId
    open: tuple[Line, ...]
    closed: tuple[Line, ...] = ()
    place: Place | None = None


class AudibilityReported(Fact, frozen=True):
    """Whether a warning that was given was heard where somebody stood, told after it (domain D17; D.C. § 5-331.07(e-2)).

    Public: the officer who listened, acting in office.
    """

    check: RecordId
    warning: RecordId
    sector: SectorId
    heard: bool
    by: PersonId | None = None  # who listened; None: the author
    place: Place | None = None  # where they stood
    note: PrivateOptional = None
    rear: bool = False  # at the rear of the crowd: what a plan may ask for


class CrowdMoved(Fact, frozen=True):
    """The crowd of a sector has moved on: warnings from before were given to another place."""

    observation: RecordId
    sector: SectorId
    to: SectorId | None = None
    what: PrivateOptional = None


class AttemptRecorded(Fact, frozen=True):
    """De-escalation, or action against those alone who break the law: tried with which outcome, or why it could not be.

    Public: that a reason was written. The reason itself is free text.
    """

    attempt: RecordId
    sector: SectorId
    kind: Attempted
    tried: bool
    measures: tuple[RuleId, ...] = ()  # persuasion, time, distance, repositioning, more personnel, …
    outcome: Outcome | None = None
    reason_written: bool = False
    account: PrivateOptional = None
    why_not: PrivateOptional = None


class PresenceReported(Fact, frozen=True):
    """Someone on duty says where they are. None: no longer in a sector. Public: where an officer stands in office."""

    person: PersonId
    sector: SectorId | None


class DistressFlagged(Fact, frozen=True):
    """Someone seems to be in a crisis: crisis responders are prompted first. Nothing says who."""

    distress: RecordId
    sector: SectorId | None
    what: PrivateText
    place: Place | None = None


class DistressAnswered(Fact, frozen=True):
    """Who came, and how it went."""

    distress: RecordId
    unit: UnitId | None
    outcome: Literal["helped there", "taken to care", "diverted from arrest", "declined", "not found", "arrest"]
    note: PrivateOptional = None


class PursuitReported(Fact, frozen=True):
    """Someone was pursued, on foot or in a vehicle. Public: the officer, acting in office, and who was told."""

    pursuit: RecordId
    mode: Literal["foot", "vehicle"]
    officer: RecordId
    officer_agency: AgencyId | None
    sector: SectorId | None
    supervisor: PersonId | None = None  # who was told
    reason: PrivateOptional = None
    ended_at: Utc | None = None
    ended: Literal["stopped by the officer", "stopped by a supervisor", "person stopped", "person lost"] | None = None
