"""Private fields out of events: commitments in, disclosures aside. Pure; salts are handed in."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from command.domain import events as e
from command.domain import events_arrest as ea
from command.domain import events_custody as ec
from command.domain.commands import COMMANDS
from command.domain.envelope import Actor, SealedActor
from command.domain.events import Event
from command.domain.private import Sealed, private_fields
from command.ledger import disclosure

Salts = Callable[[int], bytes]

SALT_BYTES = 16  # 128 bits, as RFC 9901 § 9.3 asks for


_STATES: dict[str, type[e.Fact]] = {
    "CloseIncident": e.IncidentClosed,
    "TransferCommand": e.CommandTransferred,
    "AskLevel": e.LevelAsked,
    "GrantLevel": e.LevelRaised,
    "DenyAsk": e.AskDenied,
    "RaiseLevel": e.LevelRaised,
    "LowerLevel": e.LevelLowered,
    "RenewLevel": e.LevelRenewed,
    "GiveOrder": e.OrderGiven,
    "RecordObservation": e.ObservationRecorded,
    "RecordLiaison": e.LiaisonContacted,
    "ReportWarning": e.WarningGiven,
    "ReportAudibility": e.AudibilityReported,
    "ReportForce": e.ForceReported,
    "RecordEntry": e.EntryRecorded,
    "RecordDecision": e.DecisionRecorded,
    "DischargeDuty": e.DutyDischarged,
    "SupplyPlanPart": e.PlanPartSupplied,
    "ReportCrowdMoved": e.CrowdMoved,
    "RecordAttempt": e.AttemptRecorded,
    "FlagDistress": e.DistressFlagged,
    "AnswerDistress": e.DistressAnswered,
    "ReportPursuit": e.PursuitReported,
    "AskForce": e.ForceAsked,
    "GrantForce": e.ForceGranted,
    "CoSignForce": e.GrantCosigned,
    "RenewGrant": e.ForceGranted,
    "RevokeGrant": e.GrantRevoked,
    "AskPosture": e.PostureAsked,
    "ChangePosture": e.PostureChanged,
    "RenewPosture": e.PostureRenewed,
    "SuspendRule": e.PlanSuspended,
    "ChangePlan": e.PlanChanged,
    "CountMunitions": e.MunitionsCounted,
    "ReportIntervention": e.InterventionReported,
    "ReportExcessiveForce": e.ExcessiveForceReported,
    "WaiveOpenItems": e.OpenItemsWaived,
    "FileReview": e.ReviewFiled,
    "RecordArrest": ea.ArrestRecorded,
    "RecordOffence": ea.OffenceRecorded,
    "DescribePerson": ea.PersonDescribed,
    "FlagProtectedRole": ea.ProtectedRoleFlagged,
    "RecordIndividualWarning": ea.IndividualWarningRecorded,
    "RecordRestraint": ea.RestraintRecorded,
    "ReviewGrounds": ea.GroundsReviewed,
    "DecideDisposition": ea.DispositionDecided,
    "AddAttachment": ea.AttachmentAdded,
    "SetArrestBar": ea.ArrestBarSet,
    "DeclareHighVolume": ea.HighVolumeDeclared,
    "CheckFacility": ec.FacilityChecked,
    "AnswerForCustody": ec.CustodyAnswered,
    "HandOver": ec.CustodyTransferred,
    "RecordCare": ec.CareRecorded,
    "CallGuardian": ec.GuardianCalled,
    "ExplainHold": ec.HoldExplained,
    "TakeProperty": ec.PropertyTaken,
    "MoveBag": ec.BagMoved,
    "ReleasePerson": ec.PersonReleased,
    "RecordAid": e.AidGiven,
    "RecordInjury": e.InjuryNoted,
    "RecordMedicalHelp": e.MedicalHelpRequested,
    "DeclareCriticalEvent": e.CriticalEventDeclared,
    "RecordWelfareCheck": e.WelfareChecked,
}
"""The event with private fields that a command states under the same names; every other command has none."""


def private_of_command(name: str) -> frozenset[str]:
    """Fields of a command that a signed statement holds as commitments only; none for a name that is no command."""
    event = _STATES.get(name)
    return frozenset(private_fields(event)).intersection(COMMANDS[name].__struct_fields__) if event else frozenset()


class SealedEvent(msgspec.Struct, frozen=True):
    """An event as it is stored, and what was taken out of it: path -> disclosure text."""

    event: Event
    disclosures: dict[str, str]
    plain: dict[str, str]


def subject_of(event: Event, event_id: str) -> str:
    """Under whose key the event's private fields lie: its subject's, else its own."""
    subject = getattr(event, "subject", None)
    return subject if isinstance(subject, str) else f"e:{event_id}"


def seal(event: Event, salts: Salts, given: Mapping[str, str] | None = None) -> SealedEvent:
    """Commit to every private field, None included, so that the log does not tell what was left out.

    `given` are disclosures that a device made itself (path -> text): where one says the
    same value at the same path it is used, so that the device's signed digest is the log's.
    """
    fields = private_fields(type(event))
    if not fields:
        return SealedEvent(event, {}, {})
    disclosures: dict[str, str] = {}
    plain: dict[str, str] = {}
    commitments: dict[str, Sealed] = {}
    for path in fields:
        value = getattr(event, path)
        text = _given(given, path, value) or disclosure.make(salts(SALT_BYTES), path, value)
        disclosures[path] = text
        commitments[path] = Sealed(disclosure.digest(text))
        if value is not None:
            plain[path] = value
    return SealedEvent(msgspec.structs.replace(event, **commitments), disclosures, plain)


class SealedAuthor(msgspec.Struct, frozen=True):
    """A confidential author as the header holds them, and what was taken out: path -> disclosure text, plain value."""

    commitments: SealedActor
    disclosures: dict[str, str]
    plain: dict[str, str]


def is_confidential(cmd: object) -> bool:
    """Whether the author of this command asked to be known to oversight alone."""
    return bool(getattr(cmd, "confidential", False))


def seal_actor(actor: Actor, salts: Salts) -> SealedAuthor:
    """Commit to person, agency, position and device, whatever of it is there."""
    disclosures: dict[str, str] = {}
    plain: dict[str, str] = {}
    digests: dict[str, Sealed] = {}
    for name in SealedActor.__struct_fields__:
        value, path = getattr(actor, name), f"actor.{name}"
        disclosures[path] = disclosure.make(salts(SALT_BYTES), path, value)
        digests[name] = Sealed(disclosure.digest(disclosures[path]))
        if value is not None:
            plain[path] = value
    return SealedAuthor(SealedActor(**digests), disclosures, plain)


def _given(given: Mapping[str, str] | None, path: str, value: object) -> str | None:
    text = given.get(path) if given else None
    if text is None or disclosure.read(text).value != value:
        return None
    return text
