"""Commands about who is here: agencies, units, ICS positions, transfer of command, check-in and check-out."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from command.domain.command import Ask, Report
from command.domain.events_people import Training
from command.domain.ids import AgencyId, Line, Note, PersonId, Place, PositionId, RecordId, RuleId, SectorId, UnitId


class AdmitAgency(Ask, frozen=True):
    """Let an agency take part, under an agreement and the lead agency's plan."""

    agency: AgencyId
    name: Line
    agreement: Line | None = None
    accepted_plan: bool = False
    jurisdiction: RuleId | None = None


class FormUnit(Ask, frozen=True):
    """Form a unit."""

    unit: UnitId
    name: Line
    kind: RuleId
    agency: AgencyId
    leader: PersonId | None = None
    size: Annotated[int, Meta(ge=0, le=10_000)] = 0


class AssignUnit(Ask, frozen=True):
    """Send a unit to a sector, or to staging (no sector)."""

    unit: UnitId
    sector: SectorId | None
    assignment: Line | None = None
    place: Place | None = None


Because = Literal["end of shift", "end of task", "health", "safety"]
"""Why someone goes. For health or safety nobody is held up."""


class ReleaseUnit(Ask, frozen=True):
    """Release a unit from the incident; refused over what its people left open, as the plan says (A41)."""

    unit: UnitId
    because: Because | None = None


class Demobilize(Ask, frozen=True):
    """Release a person from the incident; refused over what they left open, as the plan says (A41)."""

    person: PersonId
    because: Because | None = None


class WaiveOpenItems(Ask, frozen=True):
    """Let a person, a unit or the incident (its id) go over what is open of them now."""

    of: RecordId
    reason: Note


class ReportUnitLeft(Report, frozen=True):
    """A unit has left the incident. Always kept, with the finding of what it left open."""

    unit: UnitId
    because: Because | None = None


class AssignPosition(Ask, frozen=True):
    """Put a person in an ICS position other than incident commander."""

    position: PositionId
    person: PersonId


class VacatePosition(Ask, frozen=True):
    """Leave a position empty."""

    position: PositionId


class TransferCommand(Ask, frozen=True):
    """Hand command to another member of the lead agency, who has read the briefing."""

    incoming: PersonId
    briefing: Note
    briefing_read: bool


class CheckIn(Report, frozen=True):
    """A person is on duty here. Nothing missing refuses it."""

    person: PersonId
    name: Line
    agency: AgencyId
    rank: RuleId
    badge: Line | None = None
    training: Annotated[tuple[Training, ...], Meta(max_length=100)] = ()
    camera: Line | None = None
    camera_absent: Line | None = None
    identification_visible: bool | None = None
    helmet: Line | None = None
    unit: UnitId | None = None


class CheckOut(Report, frozen=True):
    """A person is off duty here. Always kept, with the finding of what they left open."""

    person: PersonId
    because: Because | None = None
