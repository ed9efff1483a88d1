"""The rows of arrests, custody, property and sites. None of them holds what describes a person: numbers, places, times.

Ages and waits are not in a row: a screen counts them from the times that are. Whether a clock has run out is a
comparison of its `due` with now.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal

from command.domain.ids import Place
from command.policy.decision import Finding
from command.views.row import Row, Who

__all__ = [
    "SECTIONS_ARREST",
    "AnyArrestRow",
    "ArrestRow",
    "BagRow",
    "BarRow",
    "ClockRow",
    "CustodyRow",
    "GivenRow",
    "HighVolumeRow",
    "HolderRow",
    "MissingRow",
    "NumberRow",
    "PanelRow",
    "QueueRow",
    "ReleaseRow",
    "ReleaseWhy",
    "RestraintRow",
    "ReviewedRow",
    "SignedRow",
    "SiteRow",
]


class ClockRow(Row, frozen=True):
    """Something owed about one record or person, and by when; `due` None: the plan names no time."""

    duty: str
    rule: str
    says: str
    owed_by: str
    since: datetime
    due: datetime | None = None


class MissingRow(Row, frozen=True):
    """What a record still needs, before which step, and the clock that runs for it, where the plan has one."""

    item: str
    says: str
    before: str  # transport | booking | closing
    duty: str = ""
    due: datetime | None = None


class SignedRow(Row, frozen=True):
    """A signature for one's own part; `of` is the seq of the version that was read."""

    who: Who
    signing: str  # arresting | observing | assisting
    at: datetime
    of: int


class ReviewedRow(Row, frozen=True):
    """A review of probable cause."""

    review: str
    who: Who
    at: datetime
    conclusion: str


class ArrestRow(Row, frozen=True):
    """A street card as it stands. Section `arrests`, key = arrest. `alike` counts pairs of near-identical accounts:
    whose they are is on the page of whoever may compare them."""

    id: str
    subject: str
    number: str  # as people call it: the wristband, else the record's number
    officer: Who
    at: datetime
    agency: str = ""
    observers: tuple[Who, ...] = ()
    assisting: tuple[Who, ...] = ()
    sector: str = ""
    place: Place | None = None
    charges: tuple[str, ...] = ()  # in the plan's words
    statutes: tuple[str, ...] = ()  # in the order of the charges, "" where the plan names none
    recorded_at: datetime | None = None  # where it is not the time of the arrest
    wristband: str = ""
    category: str = "O"  # NIBRS data element 43
    finding: Finding | None = None
    disposition: str = ""
    exception: str = ""
    disposed_at: datetime | None = None
    protected: bool = False
    injured: bool | None = None
    alike: int = 0
    missing: tuple[MissingRow, ...] = ()
    due: datetime | None = None  # of what is missing, the earliest
    clocks: tuple[ClockRow, ...] = ()
    signed: bool = False  # by the arresting officer's own hand
    signatures: tuple[SignedRow, ...] = ()
    reviewed: bool = False  # and nothing more is needed
    reviews: tuple[ReviewedRow, ...] = ()
    cleared: tuple[str, ...] = ()  # steps that the record was complete for
    versions: int = 1
    held: bool = False  # somebody has the person now
    unstated: bool = False  # imported: nobody says whether they are held, or are free
    released_at: datetime | None = None
    redacted: bool = False  # what was private in it was destroyed on someone's authority
    seq: int = 0
    released_how: str = ""  # "died in custody", too


class HolderRow(Row, frozen=True):
    """Who or what has a person: an officer, a unit, a vehicle, a site …"""

    id: str
    name: str
    kind: str = ""


class RestraintRow(Row, frozen=True):
    """Restraints that are on."""

    id: str
    kind: str
    since: datetime
    checked_at: datetime
    position: str = ""


class GivenRow(Row, frozen=True):
    """Water, food, a toilet, medical help: the newest word on each."""

    care: str
    outcome: str
    at: datetime


class CustodyRow(Row, frozen=True):
    """One person in custody. Section `custody`, key = subject, a random id. `charges` not for those who only treat."""

    id: str
    number: str
    since: datetime  # with this holder
    arrest: str = ""
    arrested_at: datetime | None = None
    sector: str = ""  # of the arrest
    charges: tuple[str, ...] = ()
    holder: HolderRow | None = None
    officer: Who | None = None  # who answers for the person
    site: str = ""
    station: str = ""
    station_since: datetime | None = None
    restraints: tuple[RestraintRow, ...] = ()
    care: tuple[GivenRow, ...] = ()
    apart: bool = False  # to be kept apart from adults
    guardian_reached: bool | None = None
    explained_at: datetime | None = None
    disposition: str = ""
    bags: tuple[str, ...] = ()
    clocks: tuple[ClockRow, ...] = ()
    due: datetime | None = None  # of these clocks the earliest
    lost: str = ""  # why it is not certain who holds them
    received: str = ""  # of the newest hand-over: signed | told | awaited; "" for none
    seq: int = 0


class QueueRow(Row, frozen=True):
    """Who waits at a station of a site: how many, and since when the longest."""

    station: str  # "" for those who came to the site and to no station yet
    people: int
    longest_since: datetime | None = None


class SiteRow(Row, frozen=True):
    """A place for people in custody. Section `sites`. `missing` None: it was never checked against its list."""

    id: str
    name: str
    kind: str
    capacity: int
    occupancy: int
    since: datetime
    sector: str = ""
    place: Place | None = None
    unit: str = ""
    adults: bool = True
    minors: bool = False
    minors_apart: bool = False
    stations: tuple[str, ...] = ()
    queues: tuple[QueueRow, ...] = ()
    longest_since: datetime | None = None  # of all its queues
    full: bool = False
    missing: tuple[str, ...] | None = None
    checked_at: datetime | None = None
    trained: tuple[Who, ...] = ()  # named for it and on duty
    trained_named: int = 0
    closed_at: datetime | None = None
    seq: int = 0


class BagRow(Row, frozen=True):
    """Property that has lost its way or its owner. Section `bags`: what is where it belongs has no row."""

    id: str
    why: Literal["unclaimed", "its owner is free", "its way does not fit"]
    keeper: HolderRow
    since: datetime
    subject: str = ""
    number: str = ""
    receipt: str = ""
    items: int | None = None
    evidence: bool = False
    lost: str = ""
    seq: int = 0


class NumberRow(Row, frozen=True):
    """Numbers that should agree. Section `numbers`; `alarm`: they do not, and somebody has to look.

    issue    wristbands or paper forms of one run: `expected` issued, `found` used, `gaps` unused below the highest used one
    count    heads counted with a holder (`found`) against the log's own (`expected`)
    person   someone in custody (`subject`): without a record, with nobody, with someone who has left …
    record   a record (`arrest`) with nobody in custody under it, or under a number that is another's
    site     a site that is full (`found` of `expected`): another alarm than somebody who is lost

    `lost`: it is not certain where somebody is; `holders` are the last two who had them, the newest first, `among`
    the numbers of those of whom a count found fewer. `alarm_at`: from then on it is an alarm, unless they arrive.
    """

    id: str
    kind: Literal["issue", "count", "person", "record", "site"]
    says: str
    alarm: bool = False
    arrest: str = ""
    subject: str = ""
    number: str = ""
    holder: HolderRow | None = None
    at: datetime | None = None
    expected: int | None = None
    found: int | None = None
    gaps: int = 0
    lost: bool = False
    holders: tuple[HolderRow, ...] = ()
    among: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    alarm_at: datetime | None = None
    first: str = ""
    last: str = ""
    seq: int = 0


class ReleaseWhy(Row, frozen=True):
    """Why somebody is to be free, by which rules; `due` None: they are already, else from then on."""

    says: str
    rules: tuple[str, ...] = ()
    due: datetime | None = None


class ReleaseRow(Row, frozen=True):
    """Somebody whose release is due, or will be by a clock. Section `releases`, key = subject.

    who_may    who decides it, in the plan's words; `deciders`: who holds those positions now. It is never a gate:
               a release is a report, and kept whoever makes it
    due        None: due now; else when the first clock runs out
    """

    id: str
    number: str
    held_since: datetime
    whys: tuple[ReleaseWhy, ...]
    who_may: tuple[str, ...] = ()
    deciders: tuple[Who, ...] = ()
    arrest: str = ""
    holder: HolderRow | None = None
    due: datetime | None = None
    seq: int = 0


class BarRow(Row, frozen=True):
    """A bar for arrest. Section `bar`; `unread` are those on duty who have not read the one that is in force."""

    id: str
    since: datetime
    by: Who
    words: str = ""
    cited: tuple[str, ...] = ()  # in the plan's words
    custody: tuple[str, ...] = ()
    declined: tuple[str, ...] = ()
    announced: tuple[str, ...] = ()  # by which channels
    in_force: bool = True
    read: int = 0
    unread: tuple[Who, ...] = ()
    seq: int = 0


class HighVolumeRow(Row, frozen=True):
    """A declaration that many arrests are coming. Section `high_volume`; over when `ended`, or at `until`."""

    id: str
    since: datetime
    until: datetime
    by: Who
    sector: str = ""
    procedure_written: bool = False
    ended: datetime | None = None
    reason: str = ""
    alternatives: str = ""
    procedure: str = ""
    seq: int = 0


class PanelRow(Row, frozen=True):
    """Custody against citation for one charge in one group. Section `panel`: command's and oversight's.

    A group is an agency, a sector or a unit of several officers, never a person; there is no order among them.
    `few`: the numbers are too small to be told, and are left out.
    """

    id: str
    charge: str
    by: Literal["all", "agency", "sector", "unit"]
    group: str
    custody: int | None = None
    cited: int | None = None
    released: int | None = None  # without charge, detention only, diverted
    undecided: int | None = None
    few: bool = False


SECTIONS_ARREST: Final = ("arrests", "custody", "sites", "bags", "numbers", "bar", "high_volume", "panel", "releases")

AnyArrestRow = ArrestRow | CustodyRow | SiteRow | BagRow | NumberRow | BarRow | HighVolumeRow | PanelRow | ReleaseRow
