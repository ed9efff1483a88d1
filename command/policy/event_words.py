"""The public fields of events whose values are a closed list: what a duty's `when` and `where` may speak of.

A rule knows events by their names alone; a test holds this table equal to the vocabulary.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

YES_NO = ("yes", "no")

OF_A_TOOL = frozenset(
    {
        "ForceAsked", "ForceGranted", "ForceReported", "MunitionsCounted", "MunitionsIssued", "MunitionsReturned",
    }
)  # fmt: skip
"""Events that say which tool they are about, in a public field `tool`."""

EVENT_WORDS: Mapping[str, Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "AgencyJoined": {
            "kind": ("lead", "assisting"),
            "accepted_plan": YES_NO,
        },
        "AidOffered": {
            "accepted": YES_NO,
        },
        "ArrestRecorded": {
            "basis": ("own conduct", "warrant", "presence in a group"),
            "category": ("O", "S", "T"),
            "exits": ("open", "closed", "not known"),
            "warned": ("warned, with a chance to comply", "not warned"),
            "injured": YES_NO,
            "curfew": YES_NO,
            "contained": YES_NO,
            "bystanders": ("open", "closed", "not known"),
            "searched": ("not searched", "outer clothing", "with the arrest", "by consent", "on a warrant"),
            "conduct_written": YES_NO,
            "why_not_written": YES_NO,
        },
        "ArrestSigned": {
            "signing": ("arresting", "observing", "assisting"),
        },
        "ArrestStepCleared": {
            "step": ("transport", "booking", "closing"),
        },
        "AttachmentAdded": {
            "kind": ("photo with officer", "photo", "video", "audio", "document", "property photo"),
            "belongs_to": (
                "arrest",
                "force report",
                "warning",
                "observation",
                "injury",
                "intervention",
                "entry",
                "distress",
            ),
        },
        "AttemptRecorded": {
            "kind": ("de-escalation", "targeted action"),
            "tried": YES_NO,
            "outcome": ("worked", "worked in part", "did not work", "not known yet"),
            "reason_written": YES_NO,
        },
        "AudibilityReported": {
            "heard": YES_NO,
            "rear": YES_NO,
        },
        "AuthorityDelegated": {
            "written": YES_NO,
        },
        "BagMoved": {
            "kind": ("officer", "vehicle", "site", "evidence room", "owner", "unclaimed", "other"),
            "signed": YES_NO,
        },
        "CareRecorded": {
            "care": ("water", "food", "toilet", "medical", "medicine", "blanket", "telephone", "interpreter", "lawyer"),
            "outcome": ("asked for", "offered", "given", "declined", "not possible"),
        },
        "CommandTransferred": {
            "briefing_read": YES_NO,
        },
        "CriticalEventDeclared": {
            "kind": ("death", "serious injury", "firearm discharge", "officer in danger"),
        },
        "CustodyAnswered": {
            "has": YES_NO,
        },
        "CustodyTransferred": {
            "kind": ("officer", "unit", "vehicle", "site", "hospital", "jail", "court"),
        },
        "DispositionDecided": {
            "disposition": ("cited", "custody", "released", "detention only", "diverted", "transferred"),
        },
        "DistressAnswered": {
            "outcome": ("helped there", "taken to care", "diverted from arrest", "declined", "not found", "arrest"),
        },
        "DutyStarted": {
            "juvenile": YES_NO,
        },
        "ExcessiveForceReported": {
            "kind": ("excessive force", "no one intervened", "biased conduct", "false report"),
        },
        "ForceAsked": {
            "purpose": ("protect person", "arrest", "prevent damage", "disperse", "contain", "barricade"),
            "indiscriminate": YES_NO,
            "imminent": YES_NO,
            "deescalation_excused": YES_NO,
            "targeted_excused": YES_NO,
            "read_back": YES_NO,
        },
        "ForceGranted": {
            "purpose": ("protect person", "arrest", "prevent damage", "disperse", "contain", "barricade"),
            "indiscriminate": YES_NO,
            "imminent": YES_NO,
            "witnessed": YES_NO,
            "on_scene": YES_NO,
            "relayed": YES_NO,
            "read_back": YES_NO,
        },
        "ForceReported": {
            "exigent": YES_NO,
            "aid_given": YES_NO,
            "purpose": ("protect person", "arrest", "prevent damage", "disperse", "contain", "barricade"),
            "indiscriminate": YES_NO,
            "warned": YES_NO,
            "ems_called": YES_NO,
            "reason_given": YES_NO,
            "harm": ("none", "complaint", "visible", "serious", "death"),
        },
        "GrantCosigned": {
            "call_back": YES_NO,
            "read_back": YES_NO,
        },
        "GrantRevoked": {
            "never_given": YES_NO,
            "late": YES_NO,
        },
        "FacilityChecked": {
            "kind": ("staging", "vehicle", "processing", "holding", "juvenile", "hospital"),
        },
        "GroundsReviewed": {
            "conclusion": ("supported", "not supported", "more is needed"),
        },
        "GuardianCalled": {
            "reached": YES_NO,
        },
        "HeadCounted": {
            "when": ("boarding", "arrival", "relief", "round"),
        },
        "HighVolumeDeclared": {
            "procedure_written": YES_NO,
        },
        "HoldExplained": {
            "eligible": YES_NO,
            "reason_written": YES_NO,
        },
        "IncidentOpened": {
            "kind": ("planned", "spontaneous"),
        },
        "IndividualWarningRecorded": {
            "warned": ("warned, with a chance to comply", "not warned"),
            "why_not_written": YES_NO,
        },
        "InjuryNoted": {
            "visible": YES_NO,
            "complaint": YES_NO,
        },
        "InterventionReported": {
            "outcome": ("stopped", "changed", "went on"),
            "aid_given": YES_NO,
        },
        "LevelAsked": {
            "read_back": YES_NO,
        },
        "LiaisonContacted": {
            "reached": YES_NO,
        },
        "NoInjurySeen": {
            "asked": YES_NO,
        },
        "ObservationRecorded": {
            "witnessed": YES_NO,
        },
        "OffenceRecorded": {
            "withdrawn": YES_NO,
            "facts_written": YES_NO,
            "evidence_written": YES_NO,
        },
        "PersonCheckedIn": {
            "identification_visible": YES_NO,
        },
        "PersonDescribed": {
            "unidentified": YES_NO,
            "apart": YES_NO,
        },
        "PersonReleased": {
            "how": (
                "with a citation",
                "on own word",
                "on bond",
                "without charge",
                "detention only",
                "to a guardian",
                "to care",
                "to court",
                "bystander",
                "by order of a court",
                "died in custody",
            ),
            "option_offered": YES_NO,
            "papers": YES_NO,
            "property_returned": YES_NO,
        },
        "PostureAsked": {
            "state": ("staged", "ready", "deployed"),
            "purpose": ("protect person", "arrest", "prevent damage", "disperse", "contain", "barricade"),
        },
        "PostureChanged": {
            "previous": ("staged", "ready", "deployed"),
            "state": ("staged", "ready", "deployed"),
            "purpose": ("protect person", "arrest", "prevent damage", "disperse", "contain", "barricade"),
        },
        "PostureRenewed": {
            "state": ("staged", "ready", "deployed"),
        },
        "PropertyTaken": {
            "evidence": YES_NO,
        },
        "ProtectedRoleFlagged": {
            "outcome": ("supervisor called", "arrest upheld", "released"),
        },
        "PursuitReported": {
            "mode": ("foot", "vehicle"),
            "ended": ("stopped by the officer", "stopped by a supervisor", "person stopped", "person lost"),
        },
        "Redacted": {
            "scope": ("redaction", "sealing", "expungement"),
        },
        "RestraintRecorded": {
            "act": ("applied", "checked", "loosened", "removed"),
            "position": ("front", "behind", "seated", "wrist to ankle", "to a fixed object", "other"),
        },
        "ReviewFiled": {
            "conclusion": ("within the plan", "outside the plan", "cannot tell", "further inquiry"),
        },
        "RightsGiven": {
            "what": ("rights before questions", "notice of options", "charges", "property receipt", "release papers"),
            "understood": YES_NO,
            "questions": ("not asked yet", "asked already", "none will be asked"),
        },
        "SiteOpened": {
            "kind": ("staging", "vehicle", "processing", "holding", "juvenile", "hospital"),
            "adults": YES_NO,
            "minors": YES_NO,
            "minors_apart": YES_NO,
        },
        "StationEntered": {
            "station": (
                "intake",
                "search",
                "photo",
                "property",
                "review",
                "cite",
                "transport",
                "care",
                "holding",
                "release",
            ),
        },
        "WarningGiven": {
            "amplified": YES_NO,
            "on_camera": YES_NO,
            "audible": YES_NO,
            "exits_open": YES_NO,
        },
        "WelfareChecked": {
            "everyone": YES_NO,
        },
        "WristbandsIssued": {
            "what": ("wristbands", "paper forms"),
        },
    }
)
"""Event → field → every value that it can have; yes and no stand for true and false."""


def values_of(event: str) -> Mapping[str, tuple[str, ...]]:
    """Field → values of an event; empty for one without such fields."""
    return EVENT_WORDS.get(event, {})
