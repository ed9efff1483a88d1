"""Reports from the ground that a rule may rest on."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from command.domain.command import Report
from command.domain.events_ground import Attempted, Outcome
from command.domain.fact import Utc
from command.domain.ids import AgencyId, Line, Note, PersonId, Place, RecordId, RuleId, SectorId, Text, UnitId

__all__ = [
    "AnswerDistress",
    "FlagDistress",
    "RecordAttempt",
    "ReportAudibility",
    "ReportCrowdMoved",
    "ReportExits",
    "ReportPresence",
    "ReportPursuit",
]

_Lines = Annotated[tuple[Line, ...], Meta(max_length=20)]
_Ids = Annotated[tuple[RuleId, ...], Meta(max_length=50)]


class ReportExits(Report, frozen=True):
    """The ways out of a sector, as someone sees them now."""

    observation: RecordId
    sector: SectorId
    open: _Lines = ()
    closed: _Lines = ()
    place: Place | None = None


class ReportAudibility(Report, frozen=True):
    """Whether a warning that was given was heard: by the author, or by whoever told them."""

    check: RecordId
    warning: RecordId
    sector: SectorId
    heard: bool
    by: PersonId | None = None
    place: Place | None = None
    note: Text | None = None
    rear: bool = False


class ReportCrowdMoved(Report, frozen=True):
    """The crowd of a sector has moved on."""

    observation: RecordId
    sector: SectorId
    to: SectorId | None = None
    what: Text | None = None


class RecordAttempt(Report, frozen=True):
    """De-escalation or targeted action: tried, or why not."""

    attempt: RecordId
    sector: SectorId
    kind: Attempted
    tried: bool
    measures: _Ids = ()
    outcome: Outcome | None = None
    account: Text | None = None
    why_not: Text | None = None


class ReportPresence(Report, frozen=True):
    """The author says where they are; no sector: in none."""

    sector: SectorId | None = None


class FlagDistress(Report, frozen=True):
    """Someone seems to be in a crisis."""

    distress: RecordId
    what: Note
    sector: SectorId | None = None
    place: Place | None = None


class AnswerDistress(Report, frozen=True):
    """Who came to someone in a crisis, and how it went."""

    distress: RecordId
    outcome: Literal["helped there", "taken to care", "diverted from arrest", "declined", "not found", "arrest"]
    unit: UnitId | None = None
    note: Text | None = None


class ReportPursuit(Report, frozen=True):
    """Someone was pursued, on foot or in a vehicle."""

    pursuit: RecordId
    mode: Literal["foot", "vehicle"]
    officer: RecordId
    officer_agency: AgencyId | None = None
    sector: SectorId | None = None
    supervisor: PersonId | None = None
    reason: Text | None = None
    ended_at: Utc | None = None
    ended: Literal["stopped by the officer", "stopped by a supervisor", "person stopped", "person lost"] | None = None
