"""What is said of arrests. Nearly all are reports: kept whatever is missing; only going on with a person can wait."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from command.domain.command import Ask, Report
from command.domain.events_arrest import (
    Answered,
    AttachedTo,
    AttachmentKind,
    Basis,
    Conclusion,
    Disposition,
    Exits,
    Position,
    Questions,
    Restraint,
    Search,
    Signing,
    Warned,
)
from command.domain.fact import Utc
from command.domain.ids import (
    AgencyId,
    Line,
    Note,
    PersonId,
    Place,
    RecordId,
    RuleId,
    SectorId,
    SubjectId,
    Text,
)

__all__ = [
    "AcknowledgeArrestBar",
    "AddAttachment",
    "AnnounceArrestBar",
    "ArrestCommand",
    "AskArrestStep",
    "DecideDisposition",
    "DeclareHighVolume",
    "DescribePerson",
    "EndHighVolume",
    "FlagProtectedRole",
    "IssueWristbands",
    "ReadBackArrest",
    "RecordArrest",
    "RecordIndividualWarning",
    "RecordOffence",
    "RecordRestraint",
    "RecordRights",
    "ReviewGrounds",
    "SetArrestBar",
    "SignArrest",
]

_People = Annotated[tuple[PersonId, ...], Meta(max_length=50)]
_Ids = Annotated[tuple[RuleId, ...], Meta(max_length=50)]
_Records = Annotated[tuple[RecordId, ...], Meta(max_length=50)]
_Lines = Annotated[tuple[Line, ...], Meta(max_length=50)]
_Digest = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$(?!\n)")]


class RecordArrest(Report, frozen=True):
    """The street card: a person was arrested. A second one under the same number is a correction."""

    arrest: RecordId
    subject: SubjectId
    officer: PersonId
    officer_agency: AgencyId | None = None
    sector: SectorId | None = None
    place: Place | None = None
    wristband: Line | None = None
    offences: _Ids = ()
    observed_by: _People = ()
    assisting: _People = ()
    authorized_by: PersonId | None = None
    basis: Basis = "own conduct"
    category: Literal["O", "S", "T"] = "O"
    warning: RecordId | None = None
    exits: Exits = "not known"
    warned: Warned | None = None
    force: _Records = ()
    injured: bool | None = None
    cameras: _Lines = ()
    curfew: bool = False
    contained: bool = False
    bystanders: Exits = "not known"
    declaration: RecordId | None = None
    searched: Search | None = None
    searched_by: PersonId | None = None
    conduct: Text | None = None
    location: Text | None = None
    not_warned_because: Text | None = None
    injury: Text | None = None
    search: Text | None = None
    needs: Text | None = None


class RecordOffence(Report, frozen=True):
    """One offence of one person; the same `offence` again is a correction."""

    arrest: RecordId
    subject: SubjectId
    offence: RecordId
    charge: RuleId
    statute: Line | None = None
    ucr: Line | None = None
    at: Utc | None = None
    sector: SectorId | None = None
    place: Place | None = None
    observed_by: _People = ()
    withdrawn: bool = False
    elements: Text | None = None
    location: Text | None = None
    facts: Text | None = None
    evidence: Text | None = None


class DescribePerson(Report, frozen=True):
    """Who the person is, as far as it is known; each again adds to or corrects what was said."""

    arrest: RecordId
    subject: SubjectId
    answered: Annotated[tuple[Answered, ...], Meta(max_length=20)] = ()
    unidentified: bool = False
    name: Text | None = None
    address: Text | None = None
    born: Text | None = None  # RFC 3339 date
    age: Text | None = None
    minor: Text | None = None  # yes, no, perhaps: in the officer's words; `apart` is what follows from it
    apart: bool | None = None
    guardian: Text | None = None
    sex_perceived: Text | None = None
    sex_stated: Text | None = None
    race_perceived: Text | None = None
    race_stated: Text | None = None
    ethnicity_perceived: Text | None = None
    ethnicity_stated: Text | None = None
    resident: Text | None = None
    language: Text | None = None
    interpreter: Text | None = None
    armed: Text | None = None
    disability: Text | None = None
    medical: Text | None = None


class FlagProtectedRole(Report, frozen=True):
    """The person is at work as press, medic or legal observer, by their word or by what is seen."""

    arrest: RecordId
    subject: SubjectId
    flag: RecordId
    supervisor: PersonId | None = None
    outcome: Literal["supervisor called", "arrest upheld", "released"] = "supervisor called"
    role: Text | None = None
    reason: Text | None = None


class RecordIndividualWarning(Report, frozen=True):
    """The person was warned and could comply, or why not."""

    arrest: RecordId
    subject: SubjectId
    warned: Warned
    words: Text | None = None
    not_warned_because: Text | None = None


class RecordRestraint(Report, frozen=True):
    """Restraints went on, were checked, loosened or came off."""

    arrest: RecordId
    subject: SubjectId
    restraint: RecordId
    act: Restraint
    kind: Line | None = None
    position: Position | None = None
    reason: Text | None = None
    complaint: Text | None = None


class RecordRights(Report, frozen=True):
    """Rights, options, charges, a receipt or release papers were given, in a language."""

    arrest: RecordId
    subject: SubjectId
    what: Literal["rights before questions", "notice of options", "charges", "property receipt", "release papers"]
    language: Line | None = None
    understood: bool | None = None
    questions: Questions | None = None


class SignArrest(Report, frozen=True):
    """Sign for what one did oneself: the arrest, the observation, the help."""

    arrest: RecordId
    subject: SubjectId
    signing: Signing
    of: Annotated[int, Meta(ge=1)]


class ReadBackArrest(Report, frozen=True):
    """A paper record was entered and read back."""

    arrest: RecordId
    subject: SubjectId
    form: Line
    read_to: PersonId | None = None


class ReviewGrounds(Ask, frozen=True):
    """Review probable cause as a supervisor who had no part in the arrest."""

    arrest: RecordId
    subject: SubjectId
    review: RecordId
    conclusion: Conclusion
    reasons: Note
    offences: _Records = ()


class DecideDisposition(Report, frozen=True):
    """Say what becomes of the arrest."""

    arrest: RecordId
    subject: SubjectId
    disposition: Disposition
    exception: RuleId | None = None
    citation: Text | None = None  # its number
    reason: Text | None = None


class AskArrestStep(Ask, frozen=True):
    """Ask to go on with a person: transport, booking, closing the record. Release and care are never asked for."""

    arrest: RecordId
    subject: SubjectId
    step: Literal["transport", "booking", "closing"]
    to: RecordId | None = None


class AddAttachment(Report, frozen=True):
    """A photo, recording or paper belongs to the record."""

    attachment: RecordId
    record: RecordId
    subject: SubjectId
    kind: AttachmentKind
    sha256: _Digest
    size_bytes: Annotated[int, Meta(ge=0, le=10_000_000_000)]
    media: Line
    of: RecordId | None = None
    note: Text | None = None
    belongs_to: AttachedTo = "arrest"


class SetArrestBar(Ask, frozen=True):
    """Decide the bar for arrest beforehand."""

    bar: RecordId
    cited: _Ids
    custody: _Ids
    words: Note
    declined: _Ids = ()


class AcknowledgeArrestBar(Report, frozen=True):
    """The author, or the person named, has read the bar."""

    bar: RecordId
    person: PersonId


class AnnounceArrestBar(Report, frozen=True):
    """The bar was told to the demonstrators."""

    bar: RecordId
    channel: Line
    languages: _Lines = ()


class DeclareHighVolume(Ask, frozen=True):
    """Declare that many arrests are coming, with the reason and what else was considered."""

    declaration: RecordId
    reason: Note
    alternatives: Note
    lasts_s: Annotated[float, Meta(gt=0, le=7 * 86_400.0)]
    sector: SectorId | None = None
    procedure: Text | None = None


class EndHighVolume(Ask, frozen=True):
    """The declaration is over."""

    declaration: RecordId


class IssueWristbands(Report, frozen=True):
    """A run of wristbands or paper forms was handed out."""

    issue: RecordId
    holder: RecordId
    what: Literal["wristbands", "paper forms"]
    first: Line
    last: Line
    quantity: Annotated[int, Meta(ge=1, le=100_000)]


ArrestCommand = (
    AcknowledgeArrestBar | AddAttachment | AnnounceArrestBar | AskArrestStep | DecideDisposition | DeclareHighVolume
    | DescribePerson | EndHighVolume | FlagProtectedRole | IssueWristbands | ReadBackArrest | RecordArrest
    | RecordIndividualWarning | RecordOffence | RecordRestraint | RecordRights | ReviewGrounds | SetArrestBar
    | SignArrest
)  # fmt: skip
"""Every command of this module."""
