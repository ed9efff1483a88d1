"""Events of authority over force: asked, granted, signed, revoked; munitions, posture, suspension, delegation, review."""

from __future__ import annotations

from typing import Literal

from command.domain.fact import Fact, Utc
from command.domain.ids import (
    Line,
    PackName,
    PersonId,
    Place,
    PositionId,
    RecordId,
    RuleId,
    SectorId,
    SubjectId,
    ToolId,
)
from command.domain.private import Complaint, ComplaintText, PrivateOptional, PrivateText
from command.policy.model import Purpose

__all__ = [
    "AuthorityDelegated",
    "DelegationEnded",
    "ExcessiveForceReported",
    "ForceAsked",
    "ForceGranted",
    "GrantCosigned",
    "GrantRevoked",
    "InterventionReported",
    "MunitionsCounted",
    "MunitionsIssued",
    "MunitionsReturned",
    "PlanChanged",
    "PlanResumed",
    "PlanSuspended",
    "PostureAsked",
    "PostureChanged",
    "PostureRenewed",
    "RelayConfirmed",
    "ReviewFiled",
    "Witnessed",
]

PostureState = Literal["staged", "ready", "deployed"]
Conclusion = Literal["within the plan", "outside the plan", "cannot tell", "further inquiry"]


class ForceAsked(Fact, frozen=True):
    """A tool is asked for and waits for someone who may decide. Silence means no."""

    ask: RecordId
    tool: ToolId
    purpose: Purpose
    sector: SectorId
    expires: Utc
    zones: tuple[RuleId, ...] = ()
    indiscriminate: bool | None = None
    place: Place | None = None
    subject: SubjectId | None = None  # a random id; whom it stands for is nowhere in the log
    users: tuple[PersonId, ...] = ()
    quantity: int | None = None
    lasts_s: float | None = None
    grounds: tuple[RuleId, ...] = ()
    findings: tuple[RuleId, ...] = ()
    imminent: bool = False
    deescalation: tuple[RuleId, ...] = ()  # what was tried, in the plan's words
    deescalation_excused: bool = False  # why it was not tried is written in `deescalation_why_not`
    targeted: tuple[RuleId, ...] = ()
    targeted_excused: bool = False
    resistance_met: tuple[RuleId, ...] = ()
    speaker: PersonId | None = None  # who spoke it, where the author wrote it down for them
    channel: Line | None = None
    read_back: bool = False
    objective: PrivateOptional = None
    deescalation_why_not: PrivateOptional = None
    targeted_why_not: PrivateOptional = None
    distance_m: float | None = None  # the nearest from which it would be used


class ForceGranted(Fact, frozen=True):
    """A tool is authorized within this scope, from its record on and never backwards, on the authorizer's own facts.

    `renews`: an earlier grant that ends where this one begins. `relayed`: the authorizer
    spoke, and the author of this event wrote it down.
    """

    grant: RecordId
    ask: RecordId | None
    tool: ToolId
    purpose: Purpose
    sector: SectorId
    authorizer: PersonId
    requester: PersonId | None
    facts: PrivateText
    until: Utc | None = None
    zones: tuple[RuleId, ...] = ()
    indiscriminate: bool | None = None
    place: Place | None = None
    subject: SubjectId | None = None
    users: tuple[PersonId, ...] = ()
    quantity: int | None = None
    grounds: tuple[RuleId, ...] = ()
    findings: tuple[RuleId, ...] = ()
    imminent: bool = False
    witnessed: bool = False
    on_scene: bool = False
    relayed: bool = False
    channel: Line | None = None
    read_back: bool = False
    renews: RecordId | None = None
    distance_m: float | None = None


class GrantCosigned(Fact, frozen=True):
    """A second signature under a waiting ask, or under a grant that is to be renewed.

    An official without an account signs by call-back: the author called them on a
    known number and read the decision's text back to them.
    """

    ask: RecordId
    signer: PersonId
    office: Line | None = None
    call_back: bool = False
    read_back: bool = False
    channel: Line | None = None
    statement: PrivateOptional = None


class GrantRevoked(Fact, frozen=True):
    """The authorization is over, from when that was said.

    `never_given`: the order that was written down was never spoken, says its speaker. `late`: it came later than the plan
    takes a request, or nobody can tell; it then counts from its record: nobody takes back by a date what was done under it.
    """

    grant: RecordId
    reason: PrivateText
    never_given: bool = False
    late: bool = False


class RelayConfirmed(Fact, frozen=True):
    """The one who spoke an order says that they did."""

    grant: RecordId


class MunitionsIssued(Fact, frozen=True):
    """Munitions were handed to a person or a unit."""

    issue: RecordId
    tool: ToolId
    holder: RecordId
    quantity: int
    lot: Line | None = None


class MunitionsReturned(Fact, frozen=True):
    """Munitions came back."""

    issue: RecordId
    tool: ToolId
    holder: RecordId
    quantity: int
    lot: Line | None = None


class MunitionsCounted(Fact, frozen=True):
    """Someone counted what a person or unit still holds."""

    issue: RecordId
    tool: ToolId
    holder: RecordId
    quantity: int
    note: PrivateOptional = None


class PostureAsked(Fact, frozen=True):
    """Gear or a vehicle is asked for, and waits."""

    ask: RecordId
    sector: SectorId
    posture: RuleId
    state: PostureState
    expires: Utc
    purpose: Purpose | None = None
    findings: tuple[RuleId, ...] = ()
    facts: PrivateOptional = None


class PostureChanged(Fact, frozen=True):
    """Gear or a vehicle is staged, ready or deployed, on someone's authority and reason, until it is to stand down."""

    sector: SectorId
    posture: RuleId
    previous: PostureState
    state: PostureState
    facts: PrivateText
    until: Utc | None = None
    purpose: Purpose | None = None
    findings: tuple[RuleId, ...] = ()
    ask: RecordId | None = None


class PostureRenewed(Fact, frozen=True):
    """A posture was looked at again and still holds."""

    sector: SectorId
    posture: RuleId
    state: PostureState
    facts: PrivateText
    until: Utc | None = None


class InterventionReported(Fact, frozen=True):
    """An officer stepped in, or tried to, against what a fellow officer did. Who it was against is private."""

    intervention: RecordId
    about: RecordId | None  # the report of force that it belongs to
    sector: SectorId | None
    what: ComplaintText
    officer: Complaint = None
    outcome: Literal["stopped", "changed", "went on"] | None = None
    aid_given: bool | None = None


Witnessed = Literal["excessive force", "no one intervened", "biased conduct", "false report"]


class ExcessiveForceReported(Fact, frozen=True):
    """A fellow officer reports what they saw done wrong (A47). Whom it is about and what was seen is oversight's to read."""

    witness: RecordId
    kind: Witnessed
    about: RecordId | None  # the report of force that it belongs to
    sector: SectorId | None
    what: ComplaintText
    officer: Complaint = None


class ReviewFiled(Fact, frozen=True):
    """Someone who neither ordered, authorized nor took part answers the set questions about a record."""

    review: RecordId
    record: RecordId
    conclusion: Conclusion
    needed: PrivateText  # was force needed and proportionate, and how is that known
    alternatives: PrivateText  # what else was tried or could have been
    warning: PrivateText  # was there a warning and a chance to comply
    aid: PrivateText  # aid, medical help and a supervisor: when
    evidence: PrivateText  # which accounts and recordings were compared
    lessons: PrivateText  # for training and equipment, with the officers involved


class PlanSuspended(Fact, frozen=True):
    """A rule of the plan is suspended until a stated time, on its author's authority."""

    pack: RuleId
    rule: RuleId
    clause: Line  # under which clause of the plan or of the law
    until: Utc
    statement: PrivateText


class PlanResumed(Fact, frozen=True):
    """A suspended rule is in force again."""

    pack: RuleId
    rule: RuleId


class PlanChanged(Fact, frozen=True):
    """Another stack of rule packs binds from this event's `recorded_at` on; what was judged before stays as it was."""

    before: tuple[PackName, ...]
    after: tuple[PackName, ...]  # the most general first
    clause: Line  # under which clause of the plan or of the law
    reason: PrivateText


class AuthorityDelegated(Fact, frozen=True):
    """A position's or a rank's authority, delegated beforehand, with its end."""

    delegation: RecordId
    delegate: PersonId
    until: Utc
    position: PositionId | None = None  # None: the author's rank
    by_rank: RuleId | None = None  # the author's rank when it was written
    written: bool = False


class DelegationEnded(Fact, frozen=True):
    """The one who delegated took it back."""

    delegation: RecordId
