"""Asks about force, posture, the plan and authority, and the reports that belong to them."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from command.domain.command import Ask, Report
from command.domain.events_force import Conclusion, PostureState, Witnessed
from command.domain.ids import (
    Line,
    Note,
    PackName,
    PersonId,
    Place,
    PositionId,
    RecordId,
    RuleId,
    SectorId,
    SubjectId,
    Text,
    ToolId,
)
from command.policy.model import Purpose

__all__ = [
    "AskForce",
    "AskPosture",
    "ChangePlan",
    "ChangePosture",
    "CoSignForce",
    "ConfirmRelay",
    "CountMunitions",
    "DelegateAuthority",
    "EndDelegation",
    "FileReview",
    "GrantForce",
    "IssueMunitions",
    "RenewGrant",
    "RenewPosture",
    "ReportExcessiveForce",
    "ReportIntervention",
    "ResumeRule",
    "ReturnMunitions",
    "RevokeGrant",
    "SuspendRule",
]

_Ids = Annotated[tuple[RuleId, ...], Meta(max_length=50)]
_People = Annotated[tuple[PersonId, ...], Meta(max_length=200)]
_Quantity = Annotated[int, Meta(ge=1, le=100_000)]
_Stock = Annotated[int, Meta(ge=0, le=1_000_000)]
_LASTS = Meta(gt=0, le=7 * 86_400.0)  # a week; a plan's own limit is stricter
_Lasts = Annotated[float, _LASTS]


class AskForce(Ask, frozen=True):
    """Ask someone who may decide for a tool, for a purpose, in a sector.

    With `speaker` the author is the scribe of an ask that the speaker made by word of mouth.
    """

    ask: RecordId
    tool: ToolId
    purpose: Purpose
    sector: SectorId
    zones: _Ids = ()
    indiscriminate: bool | None = None
    place: Place | None = None
    subject: SubjectId | None = None
    users: _People = ()
    quantity: _Quantity | None = None
    lasts_s: _Lasts | None = None
    grounds: _Ids = ()
    findings: _Ids = ()
    imminent: bool = False
    deescalation: _Ids = ()
    targeted: _Ids = ()
    resistance_met: _Ids = ()  # what the person does, in the plan's words
    objective: Text | None = None
    deescalation_why_not: Text | None = None
    targeted_why_not: Text | None = None
    speaker: PersonId | None = None  # who spoke the ask that the author wrote down
    channel: Line | None = None
    read_back: bool = False
    distance_m: Annotated[float, Meta(ge=0, le=10_000)] | None = None  # the nearest from which it would be used


class GrantForce(Ask, frozen=True):
    """Grant a waiting ask for force on the authorizer's own facts; may narrow what was asked, never widen it.

    With `speaker` the author is the scribe of an order that the speaker gave by word of mouth.
    """

    ask: RecordId
    facts: Note
    grant: RecordId | None = None  # None: made from the command's id
    findings: _Ids = ()
    witnessed: bool = False
    on_scene: bool = False
    users: _People = ()
    quantity: _Quantity | None = None
    lasts_s: _Lasts | None = None
    speaker: PersonId | None = None
    channel: Line | None = None
    read_back: bool = False


class CoSignForce(Ask, frozen=True):
    """Sign a waiting ask (or a grant that is to be renewed) beside its authorizer.

    `signer` is someone without an account whom the author has called back.
    """

    ask: RecordId
    office: Line | None = None
    signer: PersonId | None = None
    call_back: bool = False
    read_back: bool = False
    channel: Line | None = None
    statement: Text | None = None


class RenewGrant(Ask, frozen=True):
    """Grant again what is in force, on facts as they are now."""

    grant: RecordId
    facts: Note
    findings: _Ids = ()
    witnessed: bool = False
    on_scene: bool = False
    lasts_s: _Lasts | None = None


class RevokeGrant(Ask, frozen=True):
    """Take an authorization back. `never_given`: the one who is said to have spoken a relayed order says that they did not."""

    grant: RecordId
    reason: Note
    never_given: bool = False


class ConfirmRelay(Ask, frozen=True):
    """Say that one gave an order which somebody else wrote down."""

    grant: RecordId


class AskPosture(Ask, frozen=True):
    """Ask for gear or a vehicle to be made ready or deployed."""

    ask: RecordId
    sector: SectorId
    posture: RuleId
    state: PostureState
    purpose: Purpose | None = None
    findings: _Ids = ()
    facts: Text | None = None


class ChangePosture(Ask, frozen=True):
    """Bring gear or a vehicle up, or stand it down, on one's own authority; may answer an ask."""

    sector: SectorId
    posture: RuleId
    state: PostureState
    facts: Note
    purpose: Purpose | None = None
    findings: _Ids = ()
    ask: RecordId | None = None


class RenewPosture(Ask, frozen=True):
    """Say that a posture was reviewed and still holds."""

    sector: SectorId
    posture: RuleId
    facts: Note
    findings: _Ids = ()


class SuspendRule(Ask, frozen=True):
    """Suspend a rule of the plan for a stated time, under a stated clause."""

    pack: RuleId
    rule: RuleId
    clause: Line
    statement: Note
    lasts_s: _Lasts


class ResumeRule(Ask, frozen=True):
    """Put a suspended rule back in force."""

    pack: RuleId
    rule: RuleId


class ChangePlan(Ask, frozen=True):
    """Put another stack of rule packs in force from here on; all of them are named, the most general first."""

    packs: Annotated[tuple[PackName, ...], Meta(min_length=1, max_length=20)]  # a law, a city, an agency each: few
    clause: Line
    reason: Note


class DelegateAuthority(Ask, frozen=True):
    """Delegate a position's authority, or without one that of one's rank, for a stated time."""

    delegation: RecordId
    delegate: PersonId
    lasts_s: _Lasts
    position: PositionId | None = None
    written: bool = False


class EndDelegation(Ask, frozen=True):
    """Take one's own delegation back."""

    delegation: RecordId


class FileReview(Ask, frozen=True):
    """Review a record: every set question answered, by someone who had no part in it."""

    review: RecordId
    record: RecordId
    conclusion: Conclusion
    needed: Text = ""
    alternatives: Text = ""
    warning: Text = ""
    aid: Text = ""
    evidence: Text = ""
    lessons: Text = ""


class IssueMunitions(Report, frozen=True):
    """Munitions were handed to a person or a unit."""

    issue: RecordId
    tool: ToolId
    holder: RecordId
    quantity: _Stock
    lot: Line | None = None


class ReturnMunitions(Report, frozen=True):
    """Munitions came back."""

    issue: RecordId
    tool: ToolId
    holder: RecordId
    quantity: _Stock
    lot: Line | None = None


class CountMunitions(Report, frozen=True):
    """What a person or unit still holds was counted."""

    issue: RecordId
    tool: ToolId
    holder: RecordId
    quantity: _Stock
    note: Text | None = None


class ReportIntervention(Report, frozen=True):
    """An officer stepped in against what a fellow officer did. Anyone may report it."""

    intervention: RecordId
    what: Note
    about: RecordId | None = None
    sector: SectorId | None = None
    officer: Text | None = None
    outcome: Literal["stopped", "changed", "went on"] | None = None
    aid_given: bool | None = None
    confidential: bool = False  # the author is known to oversight alone


class ReportExcessiveForce(Report, frozen=True):
    """Report what a fellow officer did wrong. `confidential`: the author is known to oversight alone."""

    witness: RecordId
    kind: Witnessed
    what: Note
    about: RecordId | None = None
    sector: SectorId | None = None
    officer: Text | None = None
    confidential: bool = False
