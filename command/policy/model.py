"""A rule pack as it is written: one struct per kind of rule, unknown fields refused.

A pack is one TOML file (`protocols/README.md` shows how to read one). These structs
are its whole grammar; `load` turns a file into them and reports every problem with
its line, `stack` puts several packs on top of each other.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from command.policy.decision import FindingKind
from command.policy.durations import UNKNOWN, Span
from command.policy.grammar import (
    INCIDENT_COMMANDER,
    PURPOSES,
    AllOf,
    Authorizer,
    Enter,
    Exit,
    Id,
    Purpose,
    Rule,
    Sentence,
    Short,
    Table,
)
from command.policy.model_force import Bars, CoSigner, PostureRule, Prohibition, Relay, Suspension, Tactic, WarningRule
from command.policy.model_more import (
    ArrestRule,
    Calendar,
    Charge,
    ConductRule,
    DeescalationRule,
    Delegation,
    Guideline,
    Links,
    MutualAidRule,
    SiteRule,
    Succession,
    Words,
)

__all__ = [
    "EVENT_NAMES", "INCIDENT_COMMANDER", "PURPOSES", "Action", "AllOf", "ApprovedText", "ArrestRule", "AskRule",
    "Authorizer", "Bars", "Calendar", "Charge", "CoSigner", "ConductRule", "DeescalationRule", "Delegation", "DutyRule", "Enter", "Exit", "Force", "Guideline",
    "Head", "Id", "InForce", "Indicator", "Level", "Limits", "Links", "MutualAidRule", "Pack", "Position",
    "PostureRule", "Prohibition", "Purpose", "Ranks", "Relay", "Rule", "RuledAction", "Sentence", "Short", "SiteRule", "Source",
    "Starts", "Succession", "Suspension", "Table", "Tactic", "TemplatePart", "Tool", "WarningRule", "Words",
]  # fmt: skip

Action = Literal[
    "level.ask",
    "level.raise",
    "level.lower",
    "level.renew",
    "level.grant",
    "ask.deny",
    "command.transfer",
    "position.assign",
    "position.vacate",
    "agency.admit",
    "unit.form",
    "unit.assign",
    "unit.release",
    "person.release",
    "open-items.waive",
    "sector.define",
    "order.give",
    "incident.open",
    "incident.close",
    "force.ask",
    "force.grant",
    "force.deny",
    "force.cosign",
    "force.renew",
    "force.revoke",
    "relay.confirm",
    "posture.ask",
    "posture.raise",
    "posture.renew",
    "posture.stand-down",
    "plan.suspend",
    "plan.resume",
    "plan.change",
    "authority.delegate",
    "review.file",
    "arrest.bar",
    "arrest.high-volume",
    "site.open",
]
"""Everything the gate is asked about."""

RuledAction = Literal[
    "level.ask",
    "command.transfer",
    "position.assign",
    "position.vacate",
    "agency.admit",
    "unit.form",
    "unit.assign",
    "unit.release",
    "person.release",
    "open-items.waive",
    "sector.define",
    "order.give",
    "incident.open",
    "incident.close",
    "force.ask",
    "posture.ask",
    "plan.suspend",
    "plan.resume",
    "plan.change",
    "authority.delegate",
    "review.file",
    "arrest.bar",
    "arrest.high-volume",
    "site.open",
]
"""Actions for which an [[ask]] rule says who may; the others follow from the levels' own authorizers."""

EVENT_NAMES = frozenset(
    {
        "ArrestBarAcknowledged", "ArrestBarAnnounced", "ArrestBarSet", "ArrestReadBack", "ArrestRecorded", "ArrestSigned",
        "ArrestStepCleared", "AttachmentAdded", "BagMoved", "CareRecorded", "GroundsReviewed", "CustodyAnswered", "CustodyTransferred",
        "DispositionDecided", "FacilityChecked", "GuardianCalled", "HeadCounted", "HighVolumeDeclared",
        "HighVolumeEnded", "HoldExplained", "HolderRelieved", "IndividualWarningRecorded", "NarrativesAlike",
        "OffenceRecorded", "PersonDescribed", "PersonReleased", "PropertyTaken", "ProtectedRoleFlagged",
        "RestraintRecorded", "RightsGiven", "SiteClosed", "SiteOpened", "StationEntered", "WristbandsIssued",
        "AgencyJoined", "AskDenied", "AskRefused", "AskWithdrawn", "CommandTransferred", "DecisionRecorded",
        "DutyDischarged", "DutyStarted", "EntryRecorded", "FindingReopened", "ForceReported", "IncidentClosed",
        "IncidentOpened", "LevelAsked", "LevelLowered", "LevelRaised", "LevelRenewed", "LiaisonContacted", "LogRestored",
        "ObservationRecorded", "OrderAcknowledged", "OrderGiven", "PersonCheckedIn", "PersonCheckedOut",
        "PlanChanged", "PlanPartSupplied", "PositionAssigned", "PositionVacated", "Redacted", "SectorDefined", "UnitAssigned",
        "UnitFormed", "UnitReleased", "WarningGiven",
        "AttemptRecorded", "AudibilityReported", "AuthorityDelegated", "CrowdMoved", "DelegationEnded", "DistressAnswered",
        "DistressFlagged", "ExitsObserved", "ForceAsked", "ForceGranted", "GrantCosigned", "GrantRevoked",
        "InterventionReported", "MunitionsCounted", "MunitionsIssued", "MunitionsReturned", "PlanResumed",
        "PlanSuspended", "PostureAsked", "PostureChanged", "PostureRenewed", "PresenceReported", "PursuitReported",
        "RelayConfirmed", "ReviewFiled",
        "AidGiven", "AidOffered", "CriticalEventDeclared", "ForceReportCompleted", "InjuryNoted",
        "MedicalHelpArrived", "MedicalHelpRefused", "MedicalHelpRequested", "NoInjurySeen", "SupervisorCalled",
        "SupervisorOnScene", "WelfareChecked", "ExcessiveForceReported", "OpenItemsWaived",
    }
)  # fmt: skip
"""The events that a duty may start or end with; a test holds this equal to the vocabulary."""


class InForce(Table, frozen=True, kw_only=True):
    """Dates of force: first day and last day, each open where absent."""

    from_: date | None = msgspec.field(name="from", default=None)
    to: date | None = None


class Source(Table, frozen=True, kw_only=True):
    """A text that the pack was made from.

    url      where it was read
    sha256   of the bytes that were read there, so that anyone can tell whether it is still the same text
    """

    cite: Short
    as_of: date | None = None
    url: Annotated[str, Meta(pattern=r"^https?://\S{1,500}$", description="an address that begins with https://")] = ""
    sha256: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$", description="64 digits and letters a to f")] = ""


class Head(Table, frozen=True, kw_only=True):
    """The [pack] table.

    status   an enjoined pack binds nobody while it stands in the stack; under one that
             was amended or is a draft nothing is permitted
    binds    the kinds of bodies that its rules bind (as the lead agency calls itself); empty: all
    """

    id: Id
    title: Short
    jurisdiction: Short
    kind: Literal["law", "plan", "agreement", "template"]
    sources: tuple[Source, ...]
    in_force: InForce = InForce()
    status: Literal["in force", "enjoined", "amended", "draft"] = "in force"
    binds: tuple[Id, ...] = ()
    says: Annotated[str, Meta(max_length=2000)] = ""


class Ranks(Table, frozen=True, kw_only=True):
    """The [ranks] table: the words for ranks, lowest first."""

    order: Annotated[tuple[Id, ...], Meta(min_length=1)]


class Limits(Table, frozen=True, kw_only=True):
    """The [limits] table: how old an ask may be when it is judged, and how long it then waits.

    `basis`: must an ask that changes a level say what its author had seen?
    `exits`: for how long a look at the ways out counts; where no rule of the stack says, it does not count.
    `warnings`: for how long a sequence of warnings counts towards force or a level after its last one, where its rule
    says no less. An arrest is judged by what was said to the person, and takes the rule's own limit alone.
    `grant`: how long a grant of force runs where neither its rule nor the ask says; absent: such a one is not given.
    """

    ask_age: Span = Span("60 s", 60.0)
    ask_expires: Span = Span("10 min", 600.0)
    basis: Literal["required", "if stated"] = "required"
    grant: Span | None = None
    exits: Span | None = None
    warnings: Span | None = None


class Position(Rule, frozen=True, kw_only=True):
    """An ICS position: who may hold it. Authority that hangs on it ends with it."""

    title: Short
    training: tuple[Id, ...] = ()
    agency: Literal["lead", "any"] = "lead"


class Indicator(Rule, frozen=True, kw_only=True):
    """A sign that someone can see, or a finding that someone makes. Of conduct, never of who people are.

    `lapses`: for how long one that is on record counts towards force; absent: as long as an
    ask waits; "unknown": only where it is made in the grant itself.
    `warning`, `exits`: it is read from the record, and naming it counts for nothing: the
    recorded sequence of this [[warning]], the newest look at the ways out.
    """

    lapses: Span | None = None
    warning: Id | None = None
    exits: bool = False


class Level(Rule, frozen=True, kw_only=True):
    """A rung of the ladder. `review` is how long it holds before it permits nothing until renewed.

    `exit`: when the way down is prompted; absent: once a sign that it was entered on no longer is on record.
    """

    order: Annotated[int, Meta(ge=0, le=99)]
    name: Short
    permits: tuple[Sentence, ...] = ()
    enter: Enter | None = None
    exit: Exit | None = None
    skip: Literal["allowed", "not allowed"] = "not allowed"
    authorizer: tuple[Authorizer, ...] = ()
    review: Span | None = None
    needs: tuple[Literal["liaison tried or why not", "others may continue", "extent"], ...] = ()


Need = Literal[
    "briefing read", "agreement", "accepted plan", "force reports complete", "munitions reconciled", "no grant open",
    "nobody in custody", "restraints off", "property given back", "transfers confirmed",
]  # fmt: skip
"""What may have to be there before something is done."""


class AskRule(Rule, frozen=True, kw_only=True):
    """Who may do something other than change a level, and what has to be there first."""

    action: RuledAction
    who: tuple[Authorizer, ...]
    needs: tuple[Need, ...] = ()


class Force(Rule, frozen=True, kw_only=True):
    """The [force] table: the rule that speaks where no tool of the plan is named."""


class Tool(Rule, frozen=True, kw_only=True):
    """A tool of force: does its use need a grant on record, and is `exigent` accepted as a report?

    grant = "never" prohibits it: its use is contrary to plan and goes to review.

    munition          it is handed out by number, and what is used of it is gone. Absent: where a tactic limits how
                      many, it is; else nobody has said
    unit              what a number of it counts ("rounds", "canisters")
    """

    grant: Literal["needed", "not needed", "never"]
    exigent: Literal["accepted", "not accepted"]
    munition: bool | None = None
    unit: Short | None = None


class Starts(Table, frozen=True, kw_only=True):
    """What a duty begins with. `exigent` and `findings` narrow it to such reports, `kinds` to such critical events,
    `tools` to events about one of these; one whose source does not say the tool begins none of those."""

    event: str
    exigent: bool | None = None
    findings: tuple[FindingKind, ...] = ()
    kinds: tuple[Literal["death", "serious injury", "firearm discharge", "officer in danger"], ...] = ()
    tools: tuple[Id, ...] = ()
    when: str = ""  # what public fields say: "act = applied and position = behind"


class DutyRule(Rule, frozen=True, kw_only=True):
    """Something owed from one event until another. Its sentence is one line: it stands in the log and on the board.

    to, holds, public   of a report: to whom, what it says, and whether the public gets it; read, shown and published
    """

    says: Short
    starts: Starts
    within: Span = UNKNOWN
    owed_by: Short
    ends: Annotated[tuple[str, ...], Meta(min_length=1)]
    to: Annotated[str, Meta(max_length=200)] = ""
    holds: tuple[Short, ...] = ()
    public: bool = False


class TemplatePart(Rule, frozen=True, kw_only=True):
    """A part of the plan that a spontaneous incident lacks, and by when it is owed."""

    says: Short
    within: Span = UNKNOWN
    owed_by: Short


TextUse = Literal["spoken", "notice of options", "release papers"]


class ApprovedText(Rule, frozen=True, kw_only=True):
    """Words approved for a warning or notice, by language; for a paper that somebody in custody is given where `use` says so."""

    words: dict[str, Sentence]
    holds: tuple[Short, ...] = ()  # the contents (`says_what` of a [[warning]]) that these words have
    use: TextUse = "spoken"


class Pack(msgspec.Struct, frozen=True, kw_only=True):
    """A whole pack. `digest` is the SHA-256 of the file's bytes in hex, `name` the file's name."""

    name: str
    digest: str
    pack: Head
    ranks: Ranks | None = None
    limits: Limits | None = None
    position: tuple[Position, ...] = ()
    indicator: tuple[Indicator, ...] = ()
    level: tuple[Level, ...] = ()
    ask: tuple[AskRule, ...] = ()
    force: Force | None = None
    tool: tuple[Tool, ...] = ()
    duty: tuple[DutyRule, ...] = ()
    part: tuple[TemplatePart, ...] = ()
    text: tuple[ApprovedText, ...] = ()
    calendar: Calendar | None = None
    links: Links | None = None
    words: Words | None = None
    relay: Relay | None = None
    suspension: Suspension | None = None
    tactic: tuple[Tactic, ...] = ()
    warning: tuple[WarningRule, ...] = ()
    posture: tuple[PostureRule, ...] = ()
    prohibition: tuple[Prohibition, ...] = ()
    succession: tuple[Succession, ...] = ()
    delegation: tuple[Delegation, ...] = ()
    deescalation: tuple[DeescalationRule, ...] = ()
    arrest: tuple[ArrestRule, ...] = ()
    charge: tuple[Charge, ...] = ()
    guideline: tuple[Guideline, ...] = ()
    mutual_aid: tuple[MutualAidRule, ...] = ()
    conduct: tuple[ConductRule, ...] = ()
    site: tuple[SiteRule, ...] = ()

    @property
    def id(self) -> str:
        """The pack's id."""
        return self.pack.id
