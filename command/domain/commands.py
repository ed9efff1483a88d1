"""What can be asked of Muster and reported to it.

An `Ask` may be refused, with the rule, what is missing and who could allow it. A
`Report` is of something that has happened: it is always kept. Both carry only
what their author says; who the author is comes from the session.
"""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from msgspec import Meta

from command.domain.command import Ask, Report
from command.domain.commands_aftercare import (
    DeclareCriticalEvent,
    RecordAid,
    RecordInjury,
    RecordMedicalHelp,
    RecordSupervisor,
    RecordWelfareCheck,
)  # fmt: skip
from command.domain.commands_arrest import ArrestCommand
from command.domain.commands_custody import CustodyCommand
from command.domain.commands_force import (
    AskForce,
    AskPosture,
    ChangePlan,
    ChangePosture,
    ConfirmRelay,
    CoSignForce,
    CountMunitions,
    DelegateAuthority,
    EndDelegation,
    FileReview,
    GrantForce,
    IssueMunitions,
    RenewGrant,
    RenewPosture,
    ReportExcessiveForce,
    ReportIntervention,
    ResumeRule,
    ReturnMunitions,
    RevokeGrant,
    SuspendRule,
)
from command.domain.commands_ground import (
    AnswerDistress,
    FlagDistress,
    RecordAttempt,
    ReportAudibility,
    ReportCrowdMoved,
    ReportExits,
    ReportPresence,
    ReportPursuit,
)
from command.domain.commands_journal import (
    AcknowledgeOrder,
    DischargeDuty,
    GiveOrder,
    RecordDecision,
    RecordEntry,
    SupplyPlanPart,
)
from command.domain.commands_people import (
    AdmitAgency,
    AssignPosition,
    AssignUnit,
    CheckIn,
    CheckOut,
    Demobilize,
    FormUnit,
    ReleaseUnit,
    ReportUnitLeft,
    TransferCommand,
    VacatePosition,
    WaiveOpenItems,
)
from command.domain.events import Harm, Training
from command.domain.fact import Utc
from command.domain.ids import (
    AgencyId,
    LevelId,
    Line,
    Note,
    PersonId,
    Place,
    RecordId,
    Ring,
    RuleId,
    SectorId,
    SubjectId,
    Text,
    ToolId,
)
from command.policy.model import Purpose

__all__ = [
    "COMMANDS", "AcknowledgeOrder", "AdmitAgency", "AnswerDistress", "Ask", "AskForce", "AskLevel", "AskPosture",
    "AssignPosition", "AssignUnit", "ChangePlan", "ChangePosture", "CheckIn", "CheckOut", "CloseIncident",
    "CoSignForce", "Command", "ConfirmRelay", "CountMunitions", "DeclareCriticalEvent", "DefineSector",
    "DelegateAuthority", "Demobilize", "DenyAsk", "DischargeDuty", "EndDelegation", "FileReview", "FlagDistress",
    "FormUnit", "GiveOrder", "GrantForce", "GrantLevel", "IssueMunitions", "LowerLevel", "OpenIncident", "RaiseLevel",
    "RecordAid", "RecordAttempt", "RecordDecision", "RecordEntry", "RecordInjury", "RecordLiaison",
    "RecordMedicalHelp", "RecordObservation", "RecordSupervisor", "RecordWelfareCheck", "Redact", "ReleaseUnit",
    "RenewGrant", "RenewLevel", "RenewPosture", "Report", "ReportAudibility", "ReportCrowdMoved", "ReportExcessiveForce", "ReportExits",
    "ReportForce", "ReportIntervention", "ReportPresence", "ReportPursuit", "ReportUnitLeft", "ReportWarning",
    "ResumeRule", "ReturnMunitions", "RevokeGrant", "SupplyPlanPart", "SuspendRule", "TransferCommand", "Utc",
    "VacatePosition", "WaiveOpenItems", "WithdrawAsk",
]  # fmt: skip


# Asks ---------------------------------------------------------------------------


class OpenIncident(Ask, frozen=True):
    """Open from a plan, at its lowest level; `spontaneous` from the standing template."""

    name: Line
    kind: Literal["planned", "spontaneous"]
    lead_agency: AgencyId
    lead_agency_name: Line
    time_zone: Line
    commander: PersonId
    commander_name: Line | None = None
    commander_rank: RuleId = "officer"
    commander_training: Annotated[tuple[Training, ...], Meta(max_length=100)] = ()
    objectives: Annotated[tuple[Line, ...], Meta(max_length=50)] = ()
    clock_origin: Utc | None = None  # an exercise's own clock: its time at opening …
    clock_rate: Annotated[float, Meta(gt=0, le=3600)] = 1.0  # … and how fast it runs
    reason: str = ""
    lead_jurisdiction: RuleId | None = None


class CloseIncident(Ask, frozen=True):
    """Close; refused while asks wait for a decision."""

    reason: Note


class DefineSector(Ask, frozen=True):
    """Define a sector, at the plan's lowest level."""

    sector: SectorId
    name: Line
    boundary: Ring | None = None


class AskLevel(Ask, frozen=True):
    """Ask someone who may decide for a level in a sector; with `speaker` as the scribe of a spoken ask."""

    ask: RecordId
    sector: SectorId
    level: LevelId
    indicators: tuple[RuleId, ...] = ()
    extent: Line | None = None
    liaison: Line | None = None
    others_may_continue: Line | None = None
    facts: Text | None = None
    speaker: PersonId | None = None  # who spoke the ask that the author wrote down
    channel: Line | None = None
    read_back: bool = False


class GrantLevel(Ask, frozen=True):
    """Grant a waiting ask for a level, on the authorizer's own stated facts."""

    ask: RecordId
    facts: Note


class DenyAsk(Ask, frozen=True):
    """Deny a waiting ask."""

    ask: RecordId
    reason: Note


class WithdrawAsk(Ask, frozen=True):
    """Take one's own waiting ask back."""

    ask: RecordId


class RaiseLevel(Ask, frozen=True):
    """Raise a sector's level on one's own authority."""

    sector: SectorId
    level: LevelId
    facts: Note
    indicators: tuple[RuleId, ...] = ()
    extent: Line | None = None
    liaison: Line | None = None
    others_may_continue: Line | None = None


class LowerLevel(Ask, frozen=True):
    """Lower a sector's level."""

    sector: SectorId
    level: LevelId
    facts: Note


class RenewLevel(Ask, frozen=True):
    """Say that a level was reviewed and still holds."""

    sector: SectorId
    facts: Note


class Redact(Ask, frozen=True):
    """Destroy private values on a court's or records authority's order."""

    authority: Line
    reason: Line
    subject: SubjectId | None = None
    seqs: Annotated[tuple[int, ...], Meta(max_length=1000)] = ()
    scope: Literal["redaction", "sealing", "expungement"] = "redaction"


# Reports ------------------------------------------------------------------------


class RecordObservation(Report, frozen=True):
    """What someone saw."""

    observation: RecordId
    what: Note
    sector: SectorId | None = None
    indicators: Annotated[tuple[RuleId, ...], Meta(max_length=50)] = ()
    place: Place | None = None
    extent: Line | None = None
    findings: Annotated[tuple[RuleId, ...], Meta(max_length=50)] = ()
    witnessed: bool = False


class RecordLiaison(Report, frozen=True):
    """Contact with organizers or the community was made, or tried."""

    contact: RecordId
    role: Line
    channel: Line
    sector: SectorId | None = None
    agreed: Text | None = None
    reached: bool = True


class ReportWarning(Report, frozen=True):
    """A warning was given to a crowd."""

    warning: RecordId
    sector: SectorId
    text: RuleId
    words: Text | None = None
    language: Line = "en"
    amplified: bool = False
    on_camera: bool = False
    audible: bool | None = None
    exits: Annotated[tuple[Line, ...], Meta(max_length=20)] = ()
    place: Place | None = None
    weapon: ToolId | None = None
    languages: Annotated[tuple[Line, ...], Meta(max_length=20)] = ()
    says_what: Annotated[tuple[Line, ...], Meta(max_length=50)] = ()
    exits_open: bool | None = None
    places: Annotated[int, Meta(ge=1, le=1000)] = 1
    rear_by: PersonId | None = None


class ReportForce(Report, frozen=True):
    """Force was used by an officer on a person."""

    report: RecordId
    subject: SubjectId
    officer: RecordId
    officer_agency: AgencyId | None = None
    tool: ToolId | None = None
    sector: SectorId | None = None
    place: Place | None = None
    classification: Line | None = None
    exigent: bool = False
    exigent_reason: Text | None = None
    grant: RecordId | None = None
    aid_given: bool | None = None
    account: Text | None = None
    resistance: Text | None = None
    subject_race_perceived: Text | None = None
    subject_race_stated: Text | None = None
    subject_gender_perceived: Text | None = None
    subject_number: Text | None = None
    injury: Text | None = None
    purpose: Purpose | None = None
    zones: Annotated[tuple[RuleId, ...], Meta(max_length=50)] = ()
    indiscriminate: bool | None = None
    quantity: Annotated[int, Meta(ge=0, le=100_000)] | None = None
    grounds: Annotated[tuple[RuleId, ...], Meta(max_length=50)] = ()
    alternatives: Annotated[tuple[RuleId, ...], Meta(max_length=50)] = ()
    warned: bool | None = None
    ems_called: bool | None = None
    supervisor: PersonId | None = None
    objective: Text | None = None
    warning_why_not: Text | None = None
    aided: Text | None = None
    subject_ethnicity_perceived: Text | None = None
    subject_ethnicity_stated: Text | None = None
    resistance_met: Annotated[tuple[RuleId, ...], Meta(max_length=50)] = ()  # what the person did, in the plan's words
    alternatives_why_not: Text | None = None
    race_why_unknown: Text | None = None
    ethnicity_why_unknown: Text | None = None
    harm: Harm | None = None
    distance_m: Annotated[float, Meta(ge=0, le=10_000)] | None = None


Command = (
    OpenIncident | CloseIncident | AdmitAgency | FormUnit | AssignUnit | ReleaseUnit | AssignPosition | VacatePosition
    | TransferCommand | DefineSector | AskLevel | GrantLevel | DenyAsk | WithdrawAsk | RaiseLevel | LowerLevel
    | RenewLevel | GiveOrder | Redact | CheckIn | CheckOut | RecordObservation | RecordLiaison | ReportWarning
    | ReportForce | RecordEntry | RecordDecision | AcknowledgeOrder | DischargeDuty | SupplyPlanPart | AskForce
    | GrantForce | CoSignForce | RenewGrant | RevokeGrant | ConfirmRelay | AskPosture | ChangePosture | RenewPosture
    | SuspendRule | ResumeRule | ChangePlan | DelegateAuthority | EndDelegation | FileReview | IssueMunitions | ReturnMunitions
    | CountMunitions | ReportIntervention | ReportExits | ReportCrowdMoved | RecordAttempt | ReportPresence
    | FlagDistress | AnswerDistress | ReportPursuit | ReportAudibility
    | DeclareCriticalEvent | RecordAid | RecordInjury | RecordMedicalHelp | RecordSupervisor | RecordWelfareCheck
    | ReportExcessiveForce | Demobilize | ReportUnitLeft | WaiveOpenItems
    | ArrestCommand | CustodyCommand
)  # fmt: skip

COMMANDS: dict[str, type[Ask | Report]] = {kind.__name__: kind for kind in get_args(Command)}
"""Every command by its name on the wire. Access grants them by these names."""
