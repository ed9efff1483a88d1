"""Events of who is here: agencies, people, units, ICS positions and the transfer of command."""

from __future__ import annotations

from typing import Literal

import msgspec

from command.domain.fact import Fact, Utc
from command.domain.ids import AgencyId, Line, PersonId, Place, PositionId, RecordId, RuleId, SectorId, UnitId
from command.domain.private import PrivateText

Claim = Literal["presence", "agency", "rank", "training"]
"""What a check-in or check-out says of a person that authority could come to rest on (domain/standing.py)."""


class AgencyJoined(Fact, frozen=True):
    """An agency takes part. There is one lead; all others assist under its command and rules."""

    agency: AgencyId
    name: Line
    kind: Literal["lead", "assisting"]
    agreement: Line | None = None
    accepted_plan: bool = False
    jurisdiction: RuleId | None = None  # what kind of body it is ("city", "county-sheriff", …): which rules bind it


class Training(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A course passed, with its expiry; None does not expire."""

    course: RuleId
    expires: Utc | None = None


class PersonCheckedIn(Fact, frozen=True):
    """An officer or official is on duty here.

    Public: an officer acts under their own name, badge and agency (D.C. Code
    § 5-331.09), and judging an authorization needs rank and training by value.
    """

    person: PersonId
    name: Line
    agency: AgencyId
    rank: RuleId
    badge: Line | None = None
    training: tuple[Training, ...] = ()
    camera: Line | None = None
    camera_absent: Line | None = None  # why there is none; never a reason to refuse
    identification_visible: bool | None = None
    helmet: Line | None = None
    unit: UnitId | None = None
    unconfirmed: tuple[Claim, ...] = ()  # what counts for nothing until someone who can know it says so


class PersonCheckedOut(Fact, frozen=True):
    """The person is off duty here; open duties and orders stay with them until handed over."""

    person: PersonId
    unconfirmed: tuple[Claim, ...] = ()


class UnitFormed(Fact, frozen=True):
    """A unit (ICS: single resource, team, task force) exists at this incident."""

    unit: UnitId
    name: Line
    kind: RuleId  # patrol, bicycle, mounted, medic, crisis-responder, liaison, arrest-team, traffic, reserve, ...
    agency: AgencyId
    leader: PersonId | None = None
    size: int = 0


class UnitAssigned(Fact, frozen=True):
    """The unit works in a sector, or in none (staging)."""

    unit: UnitId
    sector: SectorId | None
    assignment: Line | None = None
    place: Place | None = None


class UnitReleased(Fact, frozen=True):
    """The unit has left the incident."""

    unit: UnitId


class OpenItemsWaived(Fact, frozen=True):
    """A person, a unit or the incident may go over what was open: these items, and none that come later."""

    of: RecordId
    items: tuple[Line, ...]  # "report r1", "oc-hand with officer", "grant g1"
    reason: PrivateText


class PositionAssigned(Fact, frozen=True):
    """A person holds an ICS position; whoever held it before no longer does."""

    position: PositionId
    person: PersonId


class PositionVacated(Fact, frozen=True):
    """Nobody holds the position."""

    position: PositionId


class CommandTransferred(Fact, frozen=True):
    """Command moved, with the authority, in this one event; the incoming commander had read the briefing."""

    outgoing: PersonId | None
    incoming: PersonId
    briefing: PrivateText
    briefing_read: bool
