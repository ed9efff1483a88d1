"""Everything that can have happened at a gathering, as far as this version knows.

Events are facts in the past tense. A field typed `str | Sealed` is private: it
names or describes a person, or is free text in which a person could be named.
All other fields are public on purpose, and where an event is about a person the
docstring says why.

No event holds attendance, affiliation, viewpoint, immigration status, face
templates or arrest targets, and none may (tests/domain/test_must_not.py).
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from command.domain.events_aftercare import (
    AidGiven,
    AidOffered,
    CriticalEventDeclared,
    ForceReportCompleted,
    InjuryNoted,
    MedicalHelpArrived,
    MedicalHelpRefused,
    MedicalHelpRequested,
    NoInjurySeen,
    SupervisorCalled,
    SupervisorOnScene,
    WelfareChecked,
)  # fmt: skip
from command.domain.events_arrest import ArrestEvent
from command.domain.events_custody import CustodyEvent
from command.domain.events_force import (
    AuthorityDelegated,
    DelegationEnded,
    ExcessiveForceReported,
    ForceAsked,
    ForceGranted,
    GrantCosigned,
    GrantRevoked,
    InterventionReported,
    MunitionsCounted,
    MunitionsIssued,
    MunitionsReturned,
    PlanChanged,
    PlanResumed,
    PlanSuspended,
    PostureAsked,
    PostureChanged,
    PostureRenewed,
    RelayConfirmed,
    ReviewFiled,
)
from command.domain.events_ground import (
    AttemptRecorded,
    AudibilityReported,
    CrowdMoved,
    DistressAnswered,
    DistressFlagged,
    ExitsObserved,
    PresenceReported,
    PursuitReported,
)
from command.domain.events_journal import (
    DecisionRecorded,
    DutyDischarged,
    DutyStarted,
    EntryRecorded,
    OrderAcknowledged,
    OrderGiven,
    PlanPartSupplied,
    RejectedOption,
)
from command.domain.events_people import (
    AgencyJoined,
    Claim,
    CommandTransferred,
    OpenItemsWaived,
    PersonCheckedIn,
    PersonCheckedOut,
    PositionAssigned,
    PositionVacated,
    Training,
    UnitAssigned,
    UnitFormed,
    UnitReleased,
)
from command.domain.fact import Fact, Utc
from command.domain.ids import (
    AgencyId,
    LevelId,
    Line,
    PersonId,
    Place,
    RecordId,
    Ring,
    RuleId,
    SectorId,
    SubjectId,
    ToolId,
)
from command.domain.private import Account, Demographic, Identity, Medical, PrivateOptional, PrivateText
from command.policy.decision import Decision, Finding
from command.policy.model import Purpose

# The incident -----------------------------------------------------------------


class IncidentClock(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A clock of the incident's own: only for an exercise or a replayed demonstration."""

    origin: Utc  # the incident's time at `started`
    started: Utc  # the wall time at which it began to run
    rate: Annotated[float, Meta(gt=0, le=3600)]  # incident seconds per wall second


class PlanPart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of the plan that was not there when a spontaneous incident opened."""

    part: RuleId
    says: Line


class IncidentOpened(Fact, frozen=True):
    """The incident exists, at the plan's lowest level, under the lead agency's command."""

    name: Line
    kind: Literal["planned", "spontaneous"]
    lead_agency: AgencyId
    time_zone: Line
    packs: tuple[Line, ...]  # the stack in force: "id@digest"
    first_level: LevelId
    commander: PersonId
    objectives: tuple[Line, ...] = ()
    missing_parts: tuple[PlanPart, ...] = ()
    clock: IncidentClock | None = None
    reason: str = ""


class IncidentClosed(Fact, frozen=True):
    """The incident is over. Reports are still taken; asks no longer are."""

    reason: PrivateText


class AskRefused(Fact, frozen=True):
    """Someone asked for what the plan does not allow, or not yet; the header's decision says why."""

    ask: Line  # the command's name
    sector: SectorId | None = None
    detail: Line | None = None


class Redacted(Fact, frozen=True):
    """Private values were destroyed on someone's authority. The proof still holds."""

    subject: SubjectId | None  # all disclosures of this subject, or
    seqs: tuple[int, ...]  # the private fields of these events
    authority: Line
    reason: Line
    scope: Literal["redaction", "sealing", "expungement"] = "redaction"


class LogRestored(Fact, frozen=True):
    """The log goes on from a backup: what had been recorded after `kept`, in the epoch that ends here, is lost.

    `lost_to` is the last event that is known to have been there, where anything is known of it. Clients that hold a
    later position start over; checkpoints from now on bear the new `origin`.
    """

    backup: RecordId
    epoch: int  # the one that ends here
    kept: int  # the last event that is still there
    taken_at: Utc  # of what moment the backup is
    origin: RecordId
    lost_to: int | None = None


# Sectors, crowd, liaison -----------------------------------------------------------


class SectorDefined(Fact, frozen=True):
    """A part of the ground with a level of its own; it starts at the plan's lowest."""

    sector: SectorId
    name: Line
    level: LevelId
    boundary: Ring | None = None


class ObservationRecorded(Fact, frozen=True):
    """What someone saw. Of crowds and conduct, never of who attends."""

    observation: RecordId
    sector: SectorId | None
    what: PrivateText
    indicators: tuple[RuleId, ...] = ()  # the plan's own words for signs that matter to a level
    place: Place | None = None
    extent: Line | None = None  # how many, how much of the crowd
    findings: tuple[RuleId, ...] = ()  # what the plan wants found before something may follow
    witnessed: bool = False  # seen with the author's own eyes


class LiaisonContacted(Fact, frozen=True):
    """Contact with organizers or the community. Roles, not names."""

    contact: RecordId
    role: Line
    channel: Line
    sector: SectorId | None = None
    agreed: PrivateOptional = None
    reached: bool = True


class WarningGiven(Fact, frozen=True):
    """A warning or order to a crowd, as it was given."""

    warning: RecordId
    sector: SectorId
    text: RuleId  # the approved text used
    words: PrivateOptional = None  # what was said where it differed
    language: Line = "en"
    amplified: bool = False
    on_camera: bool = False
    audible: bool | None = None
    exits: tuple[Line, ...] = ()
    place: Place | None = None
    weapon: ToolId | None = None  # the tool that it named
    languages: tuple[Line, ...] = ()  # beside `language`
    says_what: tuple[Line, ...] = ()  # which contents it held, in the plan's words
    exits_open: bool | None = None  # None: nobody looked
    places: int = 1  # from how many places it was given
    rear_by: PersonId | None = None  # who confirmed from the rear, by voice or signal, that it was heard there


# Response --------------------------------------------------------------------------


class LevelAsked(Fact, frozen=True):
    """A level is asked for and waits for someone who may decide. Silence means no."""

    ask: RecordId
    sector: SectorId
    level: LevelId
    indicators: tuple[RuleId, ...]
    expires: Utc
    extent: Line | None = None
    liaison: Line | None = None
    others_may_continue: Line | None = None
    facts: PrivateOptional = None
    speaker: PersonId | None = None  # who spoke it, where the author wrote it down for them
    channel: Line | None = None
    read_back: bool = False


class AskDenied(Fact, frozen=True):
    """The one who may decide said no."""

    ask: RecordId
    reason: PrivateText


class AskWithdrawn(Fact, frozen=True):
    """The one who asked took it back."""

    ask: RecordId


class LevelRaised(Fact, frozen=True):
    """The response level in a sector is higher, on someone's authority and stated facts."""

    sector: SectorId
    previous: LevelId
    level: LevelId
    indicators: tuple[RuleId, ...]
    facts: PrivateText  # the authorizer's own
    until: Utc | None = None  # permits nothing after this unless renewed
    extent: Line | None = None
    liaison: Line | None = None  # which contact was tried
    others_may_continue: Line | None = None  # whether and how the rest may go on demonstrating
    ask: RecordId | None = None


class LevelLowered(Fact, frozen=True):
    """The response level in a sector is lower."""

    sector: SectorId
    previous: LevelId
    level: LevelId
    facts: PrivateText
    until: Utc | None = None


class LevelRenewed(Fact, frozen=True):
    """A level was looked at again and still holds."""

    sector: SectorId
    level: LevelId
    facts: PrivateText
    until: Utc | None


# Force --------------------------------------------------------------------------------


Harm = Literal["none", "complaint", "visible", "serious", "death"]
"""How badly the person was hurt, as far as is known."""


class ForceReported(Fact, frozen=True):
    """Force was used. Always kept; the header's finding says how it stands.

    Public: the reporting and using officer (acting in office), the tool, the sector
    and the source's own classification. Everything about the person is private.
    """

    report: RecordId
    subject: SubjectId
    officer: RecordId  # a checked-in person, or the number by which the source knows the officer
    officer_agency: AgencyId | None
    tool: ToolId | None  # None: the source does not say
    sector: SectorId | None
    place: Place | None
    classification: Line | None  # the source's classification of the report, never a response level
    exigent: bool = False
    exigent_reason: Account = None
    grant: RecordId | None = None
    aid_given: bool | None = None
    account: Account = None
    resistance: Account = None
    subject_race_perceived: Demographic = None
    subject_race_stated: Demographic = None
    subject_gender_perceived: Demographic = None
    subject_number: Identity = None  # how the source refers to the person
    injury: Medical = None
    purpose: Purpose | None = None
    zones: tuple[RuleId, ...] = ()  # where on the body it struck
    indiscriminate: bool | None = None  # into a crowd, at nobody in particular
    quantity: int | None = None
    grounds: tuple[RuleId, ...] = ()
    alternatives: tuple[RuleId, ...] = ()  # what was tried before
    warned: bool | None = None
    ems_called: bool | None = None
    supervisor: PersonId | None = None  # who came to the place
    reason_given: bool = False  # an exigent reason is written in `exigent_reason`
    objective: Account = None
    warning_why_not: Account = None
    aided: Medical = None  # who was aided, by whom, or that it was declined
    subject_ethnicity_perceived: Demographic = None
    subject_ethnicity_stated: Demographic = None
    resistance_met: tuple[RuleId, ...] = ()  # what the person did, in the plan's words
    harm: Harm | None = None  # to the person; a medical fact of the event, of nobody who is named
    missing: tuple[Line, ...] = ()  # what the report does not say yet, by its field; never a reason to refuse it
    alternatives_why_not: Account = None
    race_why_unknown: Demographic = None
    ethnicity_why_unknown: Demographic = None
    distance_m: float | None = None  # from how far


class FindingReopened(Fact, frozen=True):
    """A later fact changes how a report stands. The first finding stays readable."""

    record: RecordId
    finding: Finding
    because: Line


Event = (
    IncidentOpened | IncidentClosed | AskRefused | Redacted | LogRestored
    | AgencyJoined | PersonCheckedIn | PersonCheckedOut
    | UnitFormed | UnitAssigned | UnitReleased | PositionAssigned | PositionVacated | CommandTransferred
    | SectorDefined | ObservationRecorded | LiaisonContacted | WarningGiven | LevelAsked | AskDenied | AskWithdrawn
    | LevelRaised | LevelLowered | LevelRenewed | ForceReported | FindingReopened | EntryRecorded | DecisionRecorded
    | OrderGiven | OrderAcknowledged | DutyStarted | DutyDischarged | PlanPartSupplied | ExitsObserved | CrowdMoved
    | AttemptRecorded | PresenceReported | DistressFlagged | DistressAnswered | PursuitReported | ForceAsked
    | ForceGranted | GrantCosigned | GrantRevoked | RelayConfirmed | MunitionsIssued | MunitionsReturned
    | MunitionsCounted | PostureAsked | PostureChanged | PostureRenewed | InterventionReported | ReviewFiled
    | PlanSuspended | PlanResumed | PlanChanged | AuthorityDelegated | DelegationEnded
    | AidGiven | AidOffered | CriticalEventDeclared | ForceReportCompleted | InjuryNoted | MedicalHelpArrived
    | MedicalHelpRefused | MedicalHelpRequested | NoInjurySeen | SupervisorCalled | SupervisorOnScene
    | WelfareChecked | ExcessiveForceReported | OpenItemsWaived | AudibilityReported
    | ArrestEvent | CustodyEvent
)  # fmt: skip

__all__ = [
    "AgencyJoined", "AidGiven", "AidOffered", "AskDenied", "AskRefused", "AskWithdrawn", "AttemptRecorded",
    "AudibilityReported",
    "AuthorityDelegated", "Claim", "CommandTransferred", "CriticalEventDeclared", "CrowdMoved", "Decision",
    "DecisionRecorded", "DelegationEnded", "DistressAnswered", "DistressFlagged", "DutyDischarged", "DutyStarted",
    "EntryRecorded", "Event", "ExcessiveForceReported", "ExitsObserved", "Fact", "Finding", "FindingReopened",
    "ForceAsked", "ForceGranted", "ForceReportCompleted", "ForceReported", "GrantCosigned", "GrantRevoked", "Harm",
    "IncidentClock", "IncidentClosed", "IncidentOpened", "InjuryNoted", "InterventionReported", "LevelAsked",
    "LevelLowered", "LevelRaised", "LevelRenewed", "LiaisonContacted", "LogRestored", "MedicalHelpArrived",
    "MedicalHelpRefused",
    "MedicalHelpRequested", "MunitionsCounted", "MunitionsIssued", "MunitionsReturned", "NoInjurySeen",
    "ObservationRecorded", "OpenItemsWaived", "OrderAcknowledged", "OrderGiven", "PersonCheckedIn",
    "PersonCheckedOut", "PlanChanged", "PlanPart", "PlanPartSupplied", "PlanResumed", "PlanSuspended",
    "PositionAssigned", "PositionVacated", "PostureAsked", "PostureChanged", "PostureRenewed", "PresenceReported",
    "PursuitReported", "Redacted", "RejectedOption", "RelayConfirmed", "ReviewFiled", "SectorDefined",
    "SupervisorCalled", "SupervisorOnScene", "Training", "UnitAssigned", "UnitFormed", "UnitReleased", "Utc",
    "WarningGiven", "WelfareChecked",
]  # fmt: skip
