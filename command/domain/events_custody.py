"""Events of custody: who holds each person and each bag, where, and since when. Public: holders, places, counts, times.

Nobody is nowhere: from the arrest to the release every person is held by someone,
and a hand-over names both hands. A hand-over that does not fit what was known is
kept, with its finding; nothing here ever delays a release or care.
"""

from __future__ import annotations

from typing import Literal

from command.domain.fact import Fact
from command.domain.ids import Line, PersonId, Place, RecordId, SectorId, SubjectId, UnitId
from command.domain.private import Identity, Juvenile, Medical, PrivateOptional

__all__ = [
    "BagMoved",
    "CareRecorded",
    "CustodyAnswered",
    "CustodyEvent",
    "CustodyTransferred",
    "FacilityChecked",
    "GuardianCalled",
    "HeadCounted",
    "HoldExplained",
    "HolderRelieved",
    "PersonReleased",
    "PropertyTaken",
    "SiteClosed",
    "SiteOpened",
    "StationEntered",
]

HolderKind = Literal["officer", "unit", "vehicle", "site", "hospital", "jail", "court"]
Station = Literal["intake", "search", "photo", "property", "review", "cite", "transport", "care", "holding", "release"]
Care = Literal["water", "food", "toilet", "medical", "medicine", "blanket", "telephone", "interpreter", "lawyer"]
SiteKind = Literal["staging", "vehicle", "processing", "holding", "juvenile", "hospital"]
BagPlace = Literal["officer", "vehicle", "site", "evidence room", "owner", "unclaimed", "other"]


class SiteOpened(Fact, frozen=True):
    """A place or vehicle where people in custody may be: with room for how many, and staff trained for it."""

    site: RecordId
    name: Line
    kind: SiteKind
    capacity: int
    sector: SectorId | None = None
    place: Place | None = None
    unit: UnitId | None = None
    adults: bool = True
    minors: bool = False
    minors_apart: bool = False  # by sight and sound
    stations: tuple[Station, ...] = ()
    trained_staff: tuple[PersonId, ...] = ()


class FacilityChecked(Fact, frozen=True):
    """The checklist of a site, item by item; a missing item is a finding and a duty."""

    site: RecordId
    check: RecordId
    present: tuple[Line, ...]
    missing: tuple[Line, ...] = ()
    note: PrivateOptional = None
    kind: SiteKind | None = None


class SiteClosed(Fact, frozen=True):
    """A site is closed; who is still there is an alarm."""

    site: RecordId


class CustodyTransferred(Fact, frozen=True):
    """A person went from one holder to the next. `from_holder` is who gave them over, as the author says."""

    subject: SubjectId
    arrest: RecordId | None
    transfer: RecordId
    from_holder: RecordId | None
    to_holder: RecordId
    kind: HolderKind
    officer: PersonId | None = None  # who answers for the person from here on
    with_bags: tuple[RecordId, ...] = ()
    place: Place | None = None
    note: PrivateOptional = None


class CustodyAnswered(Fact, frozen=True):
    """A holder says that they have a person, or that they have not. Two who both say no: the person is lost."""

    subject: SubjectId
    arrest: RecordId | None
    answer: RecordId
    holder: RecordId
    has: bool
    note: PrivateOptional = None


class HolderRelieved(Fact, frozen=True):
    """An officer or unit is relieved: who takes over every person, bag and duty. The hand-overs follow one by one."""

    relief: RecordId
    from_holder: RecordId
    to_holder: RecordId
    people: int
    bags: int
    heads: int | None = None


class StationEntered(Fact, frozen=True):
    """A person is at a station of a site."""

    subject: SubjectId
    arrest: RecordId | None
    site: RecordId
    station: Station


class HeadCounted(Fact, frozen=True):
    """Heads were counted, at boarding, at arrival, at relief. Public: a number, and nobody's name."""

    count: RecordId
    holder: RecordId
    heads: int
    when: Literal["boarding", "arrival", "relief", "round"]
    from_holder: RecordId | None = None


class CareRecorded(Fact, frozen=True):
    """Water, food, a toilet, medical help …: asked for, offered, given, declined. Public: that, and when."""

    subject: SubjectId
    arrest: RecordId | None
    care: Care
    outcome: Literal["asked for", "offered", "given", "declined", "not possible"]
    note: Medical = None


class GuardianCalled(Fact, frozen=True):
    """A minor's parent or guardian was called."""

    subject: SubjectId
    arrest: RecordId | None
    reached: bool
    who: Juvenile = None


class HoldExplained(Fact, frozen=True):
    """A supervisor explains in writing why one person is still held after the clock (D.C. § 5-331.12)."""

    subject: SubjectId
    arrest: RecordId
    explanation: RecordId
    eligible: bool
    reason_written: bool = False
    reason: PrivateOptional = None


class PropertyTaken(Fact, frozen=True):
    """A bag of a person's property was taken: its number, its receipt. What is in it is private."""

    subject: SubjectId
    arrest: RecordId | None
    bag: RecordId
    receipt: Line | None = None
    evidence: bool = False
    items: int | None = None
    contents: Identity = None
    serials: Identity = None


class BagMoved(Fact, frozen=True):
    """A bag went from one keeper to the next, or back to its owner."""

    bag: RecordId
    subject: SubjectId
    to_holder: RecordId
    kind: BagPlace
    from_holder: RecordId | None = None
    signed: bool = False
    note: PrivateOptional = None


class PersonReleased(Fact, frozen=True):
    """A person is free, or died: nobody holds them any more. Always kept, never delayed.

    Public: how, by whom, with which papers in which language.
    """

    subject: SubjectId
    arrest: RecordId | None
    release: RecordId
    how: Literal[
        "with a citation", "on own word", "on bond", "without charge", "detention only", "to a guardian", "to care",
        "to court", "bystander", "by order of a court", "died in custody",
    ]  # fmt: skip
    option_offered: bool | None = None
    papers: bool | None = None
    language: Line | None = None
    property_returned: bool | None = None
    note: PrivateOptional = None
    to: Identity = None


CustodyEvent = (
    BagMoved | CareRecorded | CustodyAnswered | CustodyTransferred | FacilityChecked | GuardianCalled | HeadCounted | HoldExplained
    | HolderRelieved | PersonReleased | PropertyTaken | SiteClosed | SiteOpened | StationEntered
)  # fmt: skip
"""Every event of this module."""
