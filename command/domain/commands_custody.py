"""What is said of people and property in custody: reports, kept in whatever order they arrive. Opening a site is an ask."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from command.domain.command import Ask, Report
from command.domain.events_custody import BagPlace, Care, HolderKind, SiteKind, Station
from command.domain.ids import Line, PersonId, Place, RecordId, SectorId, SubjectId, Text, UnitId

__all__ = [
    "AnswerForCustody",
    "CallGuardian",
    "CheckFacility",
    "CloseSite",
    "CountHeads",
    "CustodyCommand",
    "EnterStation",
    "ExplainHold",
    "HandOver",
    "MoveBag",
    "OpenSite",
    "RecordCare",
    "ReleasePerson",
    "RelieveHolder",
    "TakeProperty",
]

_Records = Annotated[tuple[RecordId, ...], Meta(max_length=50)]
_Lines = Annotated[tuple[Line, ...], Meta(max_length=100)]
_Heads = Annotated[int, Meta(ge=0, le=100_000)]


class OpenSite(Ask, frozen=True):
    """Let a site, or a vehicle, take people in custody; the newest checklist of this `site` speaks for it.

    What it lacks is asked for. People who are there all the same are reported as being there.
    """

    site: RecordId
    name: Line
    kind: SiteKind
    capacity: _Heads
    sector: SectorId | None = None
    place: Place | None = None
    unit: UnitId | None = None
    adults: bool = True
    minors: bool = False
    minors_apart: bool = False
    stations: Annotated[tuple[Station, ...], Meta(max_length=20)] = ()
    trained_staff: Annotated[tuple[PersonId, ...], Meta(max_length=200)] = ()


class CheckFacility(Report, frozen=True):
    """A site was checked against its list."""

    site: RecordId
    check: RecordId
    present: _Lines
    missing: _Lines = ()
    note: Text | None = None
    kind: SiteKind | None = None  # of a site that is not open yet


class CloseSite(Report, frozen=True):
    """A site takes nobody any more."""

    site: RecordId


class HandOver(Report, frozen=True):
    """A person was handed over."""

    subject: SubjectId
    transfer: RecordId
    to_holder: RecordId
    kind: HolderKind
    arrest: RecordId | None = None
    from_holder: RecordId | None = None
    officer: PersonId | None = None
    with_bags: _Records = ()
    place: Place | None = None
    note: Text | None = None


class RelieveHolder(Report, frozen=True):
    """An officer or a unit is relieved: every person and bag that they hold, and every duty that they owe, goes on.

    Of a unit: what the unit has, and what those who are in it have.
    """

    relief: RecordId
    from_holder: RecordId
    to_holder: RecordId
    heads: _Heads | None = None


class EnterStation(Report, frozen=True):
    """A person came to a station of a site."""

    subject: SubjectId
    site: RecordId
    station: Station
    arrest: RecordId | None = None


class AnswerForCustody(Report, frozen=True):
    """A holder was asked whether they have this person: yes takes the hand-over as received, no says that they have not."""

    subject: SubjectId
    answer: RecordId
    holder: RecordId
    has: bool
    arrest: RecordId | None = None
    note: Text | None = None


class CountHeads(Report, frozen=True):
    """Heads were counted."""

    count: RecordId
    holder: RecordId
    heads: _Heads
    when: Literal["boarding", "arrival", "relief", "round"]
    from_holder: RecordId | None = None


class RecordCare(Report, frozen=True):
    """Water, food, a toilet, medical help …: asked for, offered, given, declined."""

    subject: SubjectId
    care: Care
    outcome: Literal["asked for", "offered", "given", "declined", "not possible"]
    arrest: RecordId | None = None
    note: Text | None = None


class CallGuardian(Report, frozen=True):
    """A parent or guardian was called."""

    subject: SubjectId
    reached: bool
    arrest: RecordId | None = None
    who: Text | None = None


class ExplainHold(Report, frozen=True):
    """Explain why one person is still held."""

    subject: SubjectId
    arrest: RecordId
    explanation: RecordId
    eligible: bool
    reason: Text | None = None


class TakeProperty(Report, frozen=True):
    """A bag of property was taken."""

    subject: SubjectId
    bag: RecordId
    arrest: RecordId | None = None
    receipt: Line | None = None
    evidence: bool = False
    items: _Heads | None = None
    contents: Text | None = None
    serials: Text | None = None


class MoveBag(Report, frozen=True):
    """A bag went to its next keeper, or back to its owner."""

    bag: RecordId
    subject: SubjectId
    to_holder: RecordId
    kind: BagPlace
    from_holder: RecordId | None = None
    signed: bool = False
    note: Text | None = None


class ReleasePerson(Report, frozen=True):
    """A person is free, or died."""

    subject: SubjectId
    release: RecordId
    how: Literal[
        "with a citation", "on own word", "on bond", "without charge", "detention only", "to a guardian", "to care",
        "to court", "bystander", "by order of a court", "died in custody",
    ]  # fmt: skip
    arrest: RecordId | None = None
    option_offered: bool | None = None
    papers: bool | None = None
    language: Line | None = None
    property_returned: bool | None = None
    note: Text | None = None
    to: Text | None = None


CustodyCommand = (
    AnswerForCustody | CallGuardian | CheckFacility | CloseSite | CountHeads | EnterStation | ExplainHold | HandOver | MoveBag
    | OpenSite | RecordCare | ReleasePerson | RelieveHolder | TakeProperty
)  # fmt: skip
"""Every command of this module."""
