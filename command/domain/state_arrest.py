"""The fold's values about arrests and custody: commitments only; whatever describes a person is not here."""

from __future__ import annotations

from datetime import datetime

from command.domain.bearing import Index
from command.domain.envelope import Actor, Origin
from command.domain.events_arrest import (
    Answered,
    AttachedTo,
    AttachmentKind,
    Basis,
    Conclusion,
    Disposition,
    Exits,
    Signing,
    Warned,
)
from command.domain.events_arrest import Position as RestraintPosition
from command.domain.events_custody import BagPlace, HolderKind, SiteKind, Station
from command.domain.ids import Place
from command.domain.item import Item
from command.domain.persistent import PMap, Series, Traced
from command.policy.decision import Finding


class Charge(Item, frozen=True):
    """The newest version of one offence on a record."""

    offence: str
    charge: str
    event: str  # id of the event, for `supersedes`
    seq: int
    statute: str = ""
    ucr: str = ""
    at: datetime | None = None
    sector: str | None = None
    place: Place | None = None
    observed_by: tuple[str, ...] = ()
    facts_written: bool = False
    evidence_written: bool = False
    withdrawn: bool = False


class Signature(Item, frozen=True):
    """Somebody's own signature for their own part; `of` is the version that they read."""

    signing: Signing
    person: str
    at: datetime
    of: int


class GroundsReview(Item, frozen=True):
    """A supervisor's review of probable cause; `offences` empty: all of them."""

    review: str
    conclusion: Conclusion
    by: str
    at: datetime
    offences: tuple[str, ...] = ()


class Arrest(Item, frozen=True):
    """One person's record as it stands. `versions` are the seqs of its street cards, the newest last."""

    arrest: str
    subject: str
    event: str
    versions: tuple[int, ...]
    officer: str
    officer_agency: str | None
    by: Actor
    at: datetime
    recorded_at: datetime
    sector: str | None
    place: Place | None
    wristband: str | None = None
    offences: tuple[str, ...] = ()
    observed_by: tuple[str, ...] = ()
    assisting: tuple[str, ...] = ()
    authorized_by: str | None = None
    basis: Basis = "own conduct"
    category: str = "O"
    warning: str | None = None
    exits: Exits = "not known"
    warned: Warned | None = None
    why_not_warned: bool = False
    conduct_written: bool = False
    force: tuple[str, ...] = ()
    injured: bool | None = None
    cameras: tuple[str, ...] = ()
    curfew: bool = False
    contained: bool = False
    bystanders: Exits = "not known"
    declaration: str | None = None
    clock_error_ms: int = 0
    finding: Finding | None = None
    origin: Origin | None = None
    charges: tuple[Charge, ...] = ()
    answered: tuple[Answered, ...] = ()
    unidentified: bool = False
    apart: bool = False  # to be kept apart from adults
    signed: tuple[Signature, ...] = ()
    reviews: tuple[GroundsReview, ...] = ()
    disposition: Disposition | None = None
    exception: str | None = None
    disposed_at: datetime | None = None
    rights: tuple[str, ...] = ()
    attachments: tuple[AttachmentKind, ...] = ()
    protected: bool = False
    alike: tuple[str, ...] = ()
    cleared: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()  # numbers of the forms on paper that it was entered from


class HeldSpan(Item, frozen=True):
    """Who holds a person from `since` on. A holder is an officer, a unit, a vehicle, a site …; "" when they are free."""

    holder: str
    kind: HolderKind | None
    officer: str | None
    since: datetime
    seq: int
    how: str = ""  # how they came free
    confirmed: bool = False  # whoever took them over has said so: by hand, at a station, by a count or an answer
    denied: bool = False  # they have said that they have not got them
    received_by: str | None = (
        None  # who signed for taking them over: the receiver, or who speaks for it, by their own hand
    )
    received_at: datetime | None = None
    before: tuple[str, ...] = ()  # who the card had named as arresting officer until it was corrected, oldest first
    corrected: int = 0  # the event that last corrected it
    relieved: tuple[str, ...] = ()  # who was in charge of them there until relieved, oldest first


class RestraintItem(Item, frozen=True):
    """Restraints on one person: on since when, in which position, last looked at when."""

    restraint: str
    on_since: datetime | None
    position: RestraintPosition | None
    kind: str
    looked_at: datetime
    seq: int


class Person(Item, frozen=True):
    """One person in custody, by their random id. `spans` in the order of what happened; late reports take their place."""

    subject: str
    arrest: str | None
    spans: tuple[HeldSpan, ...] = ()
    site: str | None = None
    station: Station | None = None
    station_since: datetime | None = None
    restraints: tuple[RestraintItem, ...] = ()
    care: tuple[tuple[str, str, datetime], ...] = ()  # care, outcome, when; the newest of each care
    guardian_reached: bool | None = None
    explained_at: datetime | None = None
    released_at: datetime | None = None
    bags: tuple[str, ...] = ()
    apart: bool = False  # to be kept apart from adults
    lost: str = ""  # why it is not certain who holds them
    claimed: tuple[str, ...] = ()  # who else says that they have them, since the newest hand-over
    imported: bool = False  # the card is another system's: it says that they were arrested, and not that they still are

    @property
    def unstated(self) -> bool:
        """Whether nobody has said where they are: there is a card of another system, and no word of custody besides."""
        return self.imported and not self.spans and self.released_at is None

    @property
    def now(self) -> HeldSpan | None:
        """The newest holder."""
        return self.spans[-1] if self.spans else None


class Bag(Item, frozen=True):
    """A bag of property and its keeper."""

    bag: str
    subject: str
    arrest: str | None
    keeper: str
    kind: BagPlace
    since: datetime
    seq: int
    receipt: str = ""
    evidence: bool = False
    items: int | None = None
    lost: str = ""


class Site(Item, frozen=True):
    """A place where people in custody may be."""

    site: str
    name: str
    kind: SiteKind
    capacity: int
    since: datetime
    seq: int
    sector: str | None = None
    place: Place | None = None
    unit: str | None = None
    adults: bool = True
    minors: bool = False
    minors_apart: bool = False
    stations: tuple[Station, ...] = ()
    trained_staff: tuple[str, ...] = ()
    missing: tuple[str, ...] | None = None  # of its checklist; None: never checked
    present: tuple[str, ...] | None = None
    checked_at: datetime | None = None
    closed_at: datetime | None = None


class SiteCheck(Item, frozen=True):
    """The newest look at a site's checklist: kept from before the site opens."""

    site: str
    kind: SiteKind | None
    present: tuple[str, ...]
    missing: tuple[str, ...]
    at: datetime
    seq: int


class Count(Item, frozen=True):
    """Heads as counted, and how many there should have been."""

    count: str
    holder: str
    heads: int
    expected: int
    when: str
    at: datetime
    seq: int
    of: tuple[str, ...] = ()  # the subjects on record with the holder then, where fewer were counted
    awaits: int = 0  # of those on record: whom nobody had said to have received by then


class Issue(Item, frozen=True):
    """A run of wristbands or paper forms in somebody's hands."""

    issue: str
    holder: str
    what: str
    first: str
    last: str
    quantity: int
    seq: int


class Bar(Item, frozen=True):
    """The bar for arrest, as set; who has read it; how it was announced."""

    bar: str
    cited: tuple[str, ...]
    custody: tuple[str, ...]
    declined: tuple[str, ...]
    since: datetime
    by: str
    seq: int
    announced: tuple[str, ...] = ()
    announced_at: datetime | None = None  # the first time


class HighVolume(Item, frozen=True):
    """A declaration that many arrests are coming."""

    declaration: str
    sector: str | None
    since: datetime
    until: datetime
    by: str
    procedure_written: bool
    seq: int
    ended: datetime | None = None


class Attached(Item, frozen=True):
    """What a record says of a file: whose, of which kind, and the digest and size that it must have."""

    attachment: str
    record: str
    belongs_to: AttachedTo
    subject: str
    kind: AttachmentKind
    sha256: str
    size_bytes: int
    seq: int


class Arrests(Item, frozen=True):
    """The records, and what stands beside them."""

    all: Traced[str, Arrest] = Traced()
    by_subject: PMap[str, str] = PMap()
    order: Series[str] = Series()
    wristbands: Traced[str, str] = Traced()  # wristband -> arrest
    issues: PMap[str, Issue] = PMap()
    bars: tuple[Bar, ...] = ()
    read: PMap[str, datetime] = PMap()  # "bar|person" -> when
    high: tuple[HighVolume, ...] = ()
    attached: PMap[str, Attached] = PMap()  # by its own id; the first report of it stands
    files: Series[str] = Series()  # the same ids in order
    forms: PMap[str, str] = PMap()  # number of a form on paper -> the first record that was entered from it
    told: Index = PMap()  # what a fact told later may bear on
    worn: PMap[str, tuple[tuple[int, str], ...]] = PMap()  # band that changed hands -> from which seq on, whose
    loose: PMap[str, None] = PMap()  # subjects of reports that were nobody's own id: bands, or people not yet on record


class Custody(Item, frozen=True):
    """People and bags by who has them, sites and counts."""

    people: Traced[str, Person] = Traced()
    held: Traced[str, PMap[str, None]] = Traced()  # holder -> the subjects with them
    bags: Traced[str, Bag] = Traced()
    sites: PMap[str, Site] = PMap()
    counts: Traced[str, Count] = Traced()  # holder -> its newest count
    relieved: PMap[str, str] = PMap()  # officer or unit -> who took over from them
    checks: PMap[str, SiteCheck] = PMap()  # site -> the newest look at its checklist
