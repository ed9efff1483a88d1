"""Events of the individual arrest record: each person, each offence, on its own facts (domain notes C4; D.C. § 5-331.10).

A record is made of several events about one `arrest` and one `subject`, a random id:
the street card first, the rest as it becomes known. A correction is the same event
again with `supersedes` in its header: both versions stay. Nothing here is ever
refused for being incomplete; what is missing is a list with a clock.

Public in these events is what the rules are judged by: the act of an officer in
office (who arrested, who saw it, where, when, under which warning), the offence,
and *that* a question was answered. What it says about the person is private.
"""

from __future__ import annotations

from typing import Literal

from command.domain.fact import Fact, Utc
from command.domain.ids import AgencyId, Line, PersonId, Place, RecordId, RuleId, SectorId, SubjectId
from command.domain.private import Account, Demographic, Identity, Juvenile, Medical, PrivateOptional, PrivateText

__all__ = [
    "ArrestBarAcknowledged",
    "ArrestBarAnnounced",
    "ArrestBarSet",
    "ArrestEvent",
    "ArrestReadBack",
    "ArrestRecorded",
    "ArrestSigned",
    "ArrestStepCleared",
    "AttachmentAdded",
    "DispositionDecided",
    "GroundsReviewed",
    "HighVolumeDeclared",
    "HighVolumeEnded",
    "IndividualWarningRecorded",
    "NarrativesAlike",
    "OffenceRecorded",
    "PersonDescribed",
    "ProtectedRoleFlagged",
    "RestraintRecorded",
    "RightsGiven",
    "WristbandsIssued",
]

Basis = Literal["own conduct", "warrant", "presence in a group"]
"""`presence in a group` is no basis for anyone's arrest: it is kept when it is said, with its finding."""

Exits = Literal["open", "closed", "not known"]
Warned = Literal["warned, with a chance to comply", "not warned"]
Disposition = Literal["cited", "custody", "released", "detention only", "diverted", "transferred"]
Restraint = Literal["applied", "checked", "loosened", "removed"]
Position = Literal["front", "behind", "seated", "wrist to ankle", "to a fixed object", "other"]
Search = Literal["not searched", "outer clothing", "with the arrest", "by consent", "on a warrant"]
Questions = Literal["not asked yet", "asked already", "none will be asked"]
Signing = Literal["arresting", "observing", "assisting"]
Conclusion = Literal["supported", "not supported", "more is needed"]
AttachmentKind = Literal["photo with officer", "photo", "video", "audio", "document", "property photo"]
AttachedTo = Literal["arrest", "force report", "warning", "observation", "injury", "intervention", "entry", "distress"]
"""The record that a file belongs to: it is seen as that record is."""
Answered = Literal[
    "name", "age", "sex", "race", "ethnicity", "resident", "language", "interpreter", "disability", "medical",
    "guardian", "armed", "address",
]  # fmt: skip
"""Questions of the record. That one was answered is public, so that completeness can be judged; the answer is not."""


class ArrestRecorded(Fact, frozen=True):
    """The street card. Public: the officers' act in office, where and under what; private: what the person did.

    `officer` made the arrest and is not always the author: who signs for another's arrest
    is found out by comparing the two. `observed_by` saw the conduct.
    """

    arrest: RecordId
    subject: SubjectId
    officer: PersonId
    officer_agency: AgencyId | None
    sector: SectorId | None
    place: Place | None
    wristband: Line | None = None
    offences: tuple[RuleId, ...] = ()  # the plan's or the statute's words, as charged on the street
    observed_by: tuple[PersonId, ...] = ()
    assisting: tuple[PersonId, ...] = ()
    authorized_by: PersonId | None = None
    basis: Basis = "own conduct"
    category: Literal["O", "S", "T"] = "O"  # NIBRS data element 43: on view, summoned or cited, taken into custody
    warning: RecordId | None = None  # the dispersal sequence that it rests on
    exits: Exits = "not known"
    warned: Warned | None = None  # individually, before this arrest
    force: tuple[RecordId, ...] = ()
    injured: bool | None = None  # public: it starts the clocks of aid and medical help
    cameras: tuple[Line, ...] = ()
    curfew: bool = False  # for breach of a curfew alone
    contained: bool = False  # inside a police line
    bystanders: Exits = "not known"  # whether those who took no part could leave that line
    declaration: RecordId | None = None  # the declaration of many arrests that it was made under
    searched: Search | None = None
    searched_by: PersonId | None = None
    conduct_written: bool = False  # public, so that completeness can be judged
    why_not_written: bool = False
    conduct: Account = None
    location: Account = None  # in words, as it was written: an address may be somebody's home
    not_warned_because: Account = None
    injury: Medical = None
    search: Account = None  # why, and what was found
    needs: Medical = None  # what cannot wait: medicine, breathing, pregnancy, a child left behind


class OffenceRecorded(Fact, frozen=True):
    """One offence of one person, with its own facts and evidence. Public: the charge, its code, place and time."""

    arrest: RecordId
    subject: SubjectId
    offence: RecordId  # this charge on this record
    charge: RuleId  # the word of the plan's list of charges, or the statute's number
    statute: Line | None = None
    ucr: Line | None = None  # NIBRS data element 45
    at: Utc | None = None
    sector: SectorId | None = None
    place: Place | None = None
    observed_by: tuple[PersonId, ...] = ()
    withdrawn: bool = False
    facts_written: bool = False  # public, so that completeness can be judged
    evidence_written: bool = False
    location: Account = None  # in words, as it was written
    elements: Account = None  # each element of the offence, and what bears it out
    facts: Account = None
    evidence: Account = None


class PersonDescribed(Fact, frozen=True):
    """Who the person is. Perceived and stated stand apart; every answer is private, that it was asked is not."""

    arrest: RecordId
    subject: SubjectId
    answered: tuple[Answered, ...] = ()
    unidentified: bool = False
    apart: bool | None = None  # public, since sites are judged by it: to be kept apart from adults
    name: Identity = None
    address: Identity = None
    born: Juvenile = None
    age: Juvenile = None
    minor: Juvenile = None
    guardian: Juvenile = None
    sex_perceived: Demographic = None
    sex_stated: Demographic = None
    race_perceived: Demographic = None
    race_stated: Demographic = None
    ethnicity_perceived: Demographic = None
    ethnicity_stated: Demographic = None
    resident: Identity = None  # NIBRS data element 51: of the town, never of the country
    language: Identity = None
    interpreter: Identity = None
    armed: PrivateOptional = None  # NIBRS data element 46
    disability: Medical = None
    medical: Medical = None


class ProtectedRoleFlagged(Fact, frozen=True):
    """The person says, or shows, that they are at work as press, medic or legal observer: a supervisor is called."""

    arrest: RecordId
    subject: SubjectId
    flag: RecordId
    supervisor: PersonId | None = None
    outcome: Literal["supervisor called", "arrest upheld", "released"] = "supervisor called"
    role: Identity = None
    reason: PrivateOptional = None


class IndividualWarningRecorded(Fact, frozen=True):
    """This person was warned and given a chance to comply before arrest, or why not (domain notes A20, I 2)."""

    arrest: RecordId
    subject: SubjectId
    warned: Warned
    why_not_written: bool = False
    words: Account = None
    not_warned_because: Account = None


class RestraintRecorded(Fact, frozen=True):
    """Restraints went on, were checked, loosened or came off. Public: how and when, for the clock and its rule."""

    arrest: RecordId
    subject: SubjectId
    restraint: RecordId
    act: Restraint
    kind: Line | None = None
    position: Position | None = None
    reason: PrivateOptional = None
    complaint: Medical = None


class RightsGiven(Fact, frozen=True):
    """Rights, options or the notice of release were given, in which language."""

    arrest: RecordId
    subject: SubjectId
    what: Literal["rights before questions", "notice of options", "charges", "property receipt", "release papers"]
    language: Line | None = None
    understood: bool | None = None
    questions: Questions | None = None  # with the rights: whether the person had been questioned by then


class ArrestSigned(Fact, frozen=True):
    """Somebody signs, with their own credential, for what they did: the arrest, the observation, the help."""

    arrest: RecordId
    subject: SubjectId
    signing: Signing
    of: int  # the seq of the version that was read


class ArrestReadBack(Fact, frozen=True):
    """A record on paper was read back by the one who entered it, to the one who wrote it."""

    arrest: RecordId
    subject: SubjectId
    form: Line
    read_to: PersonId | None = None


class GroundsReviewed(Fact, frozen=True):
    """A supervisor who had no part in it reviews probable cause, offence by offence."""

    arrest: RecordId
    subject: SubjectId
    review: RecordId
    conclusion: Conclusion
    offences: tuple[RecordId, ...] = ()  # none: all of them
    reasons: Account = None


class DispositionDecided(Fact, frozen=True):
    """What became of the arrest. Custody for an offence that is cited first carries the coded exception."""

    arrest: RecordId
    subject: SubjectId
    disposition: Disposition
    exception: RuleId | None = None
    citation: Identity = None  # its number: whoever can look it up has the name
    reason: PrivateOptional = None


class NarrativesAlike(Fact, frozen=True):
    """Two accounts read nearly the same. Says which, and how near; shows neither."""

    arrest: RecordId
    other: RecordId
    field: Line
    likeness: float  # 0 to 1: share of common runs of words


class AttachmentAdded(Fact, frozen=True):
    """A photo, recording or paper belongs to a record. Its bytes lie elsewhere, under the subject's key."""

    attachment: RecordId
    record: RecordId
    subject: SubjectId  # whom it is about; an id of its own where it is about nobody
    kind: AttachmentKind
    sha256: Line  # of the bytes as they were taken
    size_bytes: int
    media: Line
    of: RecordId | None = None  # the original that this was made from
    note: PrivateOptional = None
    belongs_to: AttachedTo = "arrest"

    @property
    def arrest(self) -> str | None:
        """The record of an arrest that it belongs to, None for any other: the name under which such events have theirs."""
        return self.record if self.belongs_to == "arrest" else None


class ArrestBarSet(Fact, frozen=True):
    """The bar for arrest, decided beforehand (domain notes A7): which offences are cited, and which may lead to custody."""

    bar: RecordId
    cited: tuple[RuleId, ...]
    custody: tuple[RuleId, ...]
    declined: tuple[RuleId, ...] = ()  # by the prosecutor's guideline
    words: PrivateText = ""


class ArrestBarAcknowledged(Fact, frozen=True):
    """An officer has read the bar."""

    bar: RecordId
    person: PersonId


class ArrestBarAnnounced(Fact, frozen=True):
    """The bar was told to the demonstrators."""

    bar: RecordId
    channel: Line
    languages: tuple[Line, ...] = ()


class HighVolumeDeclared(Fact, frozen=True):
    """Many arrests at once are expected: by whom it is declared, why, and what else was considered (domain notes A22).

    `procedure`: a written alternative that still documents each person, in force until `until`.
    """

    declaration: RecordId
    sector: SectorId | None
    until: Utc
    procedure_written: bool = False
    reason: PrivateText = ""
    alternatives: PrivateText = ""
    procedure: PrivateOptional = None


class HighVolumeEnded(Fact, frozen=True):
    """The declaration is over before its time."""

    declaration: RecordId


class WristbandsIssued(Fact, frozen=True):
    """A run of numbered wristbands or paper forms was handed out: each must turn up again."""

    issue: RecordId
    holder: RecordId
    what: Literal["wristbands", "paper forms"]
    first: Line
    last: Line
    quantity: int


class ArrestStepCleared(Fact, frozen=True):
    """Transport, booking or closing was asked for and the record held what the plan wants for it."""

    arrest: RecordId
    subject: SubjectId
    step: Literal["transport", "booking", "closing"]
    to: RecordId | None = None


ArrestEvent = (
    ArrestBarAcknowledged | ArrestBarAnnounced | ArrestBarSet | ArrestReadBack | ArrestRecorded | ArrestSigned
    | ArrestStepCleared | AttachmentAdded | GroundsReviewed | DispositionDecided | HighVolumeDeclared | HighVolumeEnded
    | IndividualWarningRecorded | NarrativesAlike | OffenceRecorded | PersonDescribed | ProtectedRoleFlagged
    | RestraintRecorded | RightsGiven | WristbandsIssued
)  # fmt: skip
"""Every event of this module."""
