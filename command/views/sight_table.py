"""Who sees which event and which of its private fields: one row an event, by hand, closed by default.

Letters:  C command · S supervision · F field · P processing · M medical · A an agency's share · O oversight ·
D display · U public. `a` and `s`: a share, or a supervisor, where the event is their own people's; for a private
field `a` means that the agency's own people wrote it (or an order to its units).

Command sees that an event happened without being named. Everything else is not shown unless it is named here: a new
event is command's alone, its private fields nobody's. A field in a compartment takes its letter and the compartment.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from command.domain import events as e
from command.domain import events_arrest as ea
from command.domain import events_custody as ec
from command.domain.events_arrest import AttachedTo

LETTERS: Final[Mapping[str, str]] = {
    "nothing": "-",  # in no row
    "command": "C",
    "supervision": "S",
    "field": "F",
    "processing": "P",
    "medical": "M",
    "agency": "A",
    "oversight": "O",
    "display": "D",
    "public": "U",
}


class Row(msgspec.Struct, frozen=True):
    """Of one event: who sees it, who reads which private field, and who sees only the bare fact of it."""

    who: str
    bare: str = ""
    within: str = ""  # a compartment without which nobody sees it at all
    fields: dict[str, str] = msgspec.field(default_factory=dict)


def _row(who: str, /, *, bare: str = "", within: str = "", **fields: str) -> Row:
    return Row(who, bare, within, fields)


_ALL = "SFPMAODU"
_GROUND = "SFPMAOD"
_DUTY = "SFaO"  # the lead agency on the ground, oversight, and a share's own
_TOLD = "CSFaO"  # a text that officers on the ground need
_OWN = "CsaO"  # a text about conduct: command, the supervisor's own, the share's own, oversight
_KEPT = "CsPaO"  # the same, where those who process an arrest need it
_PERSON = "PsaCO"  # who a person is; with `identity`
_PROFILE = "PaO"  # with `demographics`
_BODY = "MaO"  # with `medical`
_AGE = "PMaO"  # with `juvenile`

SIGHT: Final[Mapping[type, Row]] = {
    # The incident and its plan.
    e.IncidentOpened: _row(_ALL, bare="U"),
    e.IncidentClosed: _row(_ALL, reason="CSFO"),
    e.AskRefused: _row("saO"),
    e.Redacted: _row("SFPMAOU"),
    e.LogRestored: _row(_ALL),
    e.PlanPartSupplied: _row("SFPMaO", summary=_TOLD),
    e.PlanSuspended: _row(_ALL, statement=_TOLD),
    e.PlanResumed: _row(_ALL),
    e.PlanChanged: _row(_ALL, reason=_TOLD),
    e.AuthorityDelegated: _row(_DUTY),
    e.DelegationEnded: _row(_DUTY),
    # Who is here.
    e.AgencyJoined: _row(_ALL),
    e.PersonCheckedIn: _row("SFPaO"),
    e.PersonCheckedOut: _row("SFPaO"),
    e.UnitFormed: _row("SFPMaOD"),
    e.UnitAssigned: _row("SFPMaOD"),
    e.UnitReleased: _row("SFPMaOD"),
    e.PositionAssigned: _row(_GROUND),
    e.PositionVacated: _row(_GROUND),
    e.CommandTransferred: _row(_GROUND, briefing="CO"),
    e.OpenItemsWaived: _row(_DUTY, reason="CaO"),
    # Ground, crowd, liaison.
    e.SectorDefined: _row(_ALL),
    e.ObservationRecorded: _row(_DUTY, what=_TOLD),
    e.LiaisonContacted: _row(_DUTY, agreed=_TOLD),
    e.WarningGiven: _row(_ALL, words="CSFPMAOD"),
    e.AudibilityReported: _row(_ALL, note=_TOLD),
    e.ExitsObserved: _row(_ALL),
    e.CrowdMoved: _row(_GROUND, what=_TOLD),
    e.AttemptRecorded: _row(_DUTY, account=_TOLD, why_not=_TOLD),
    e.PresenceReported: _row(_DUTY),
    e.DistressFlagged: _row(_GROUND, what="CMaO"),
    e.DistressAnswered: _row(_GROUND, note="CMaO"),
    # Levels and posture.
    e.LevelAsked: _row(_DUTY, facts=_TOLD),
    e.AskDenied: _row(_DUTY, reason=_TOLD),
    e.AskWithdrawn: _row(_DUTY),
    e.LevelRaised: _row(_ALL, facts=_TOLD),
    e.LevelLowered: _row(_ALL, facts=_TOLD),
    e.LevelRenewed: _row(_ALL, facts=_TOLD),
    e.PostureAsked: _row(_DUTY, facts=_TOLD),
    e.PostureChanged: _row(_GROUND, facts=_TOLD),
    e.PostureRenewed: _row(_GROUND, facts=_TOLD),
    # Force: what is authorized is safety; what is told of it is conduct.
    e.ForceAsked: _row(_DUTY, objective=_OWN, deescalation_why_not=_OWN, targeted_why_not=_OWN),
    e.ForceGranted: _row(_GROUND, facts=_TOLD),
    e.GrantCosigned: _row(_DUTY, statement="CaO"),
    e.GrantRevoked: _row(_GROUND, reason=_TOLD),
    e.RelayConfirmed: _row(_DUTY),
    e.ForceReported: _row(
        "SFMaO", bare="M",
        exigent_reason=_OWN, account=_OWN, resistance=_OWN, objective=_OWN, warning_why_not=_OWN,
        alternatives_why_not=_OWN, injury=_BODY, aided=_BODY, subject_number="CsaO", subject_race_perceived="aO",
        subject_race_stated="aO", subject_gender_perceived="aO", subject_ethnicity_perceived="aO",
        subject_ethnicity_stated="aO", race_why_unknown="aO", ethnicity_why_unknown="aO",
    ),
    e.FindingReopened: _row(_DUTY),
    e.ForceReportCompleted: _row(_DUTY),
    e.PursuitReported: _row(_DUTY, reason=_OWN),
    e.MunitionsIssued: _row(_DUTY),
    e.MunitionsReturned: _row(_DUTY),
    e.MunitionsCounted: _row(_DUTY, note=_TOLD),
    # What looks into conduct. Who reports a colleague is not to be read by the colleague's unit (domain A46, A47).
    e.InterventionReported: _row("O", what="CO", officer="CO"),
    e.ExcessiveForceReported: _row("O", what="O", officer="O"),
    e.ReviewFiled: _row(
        "O", needed="CO", alternatives="CO", warning="CO", aid="CO", evidence="CO", lessons="CO",
    ),
    # After force or an injury.
    e.AidOffered: _row("SFPMaO", note=_BODY),
    e.AidGiven: _row("SFPMaO", note=_BODY),
    e.InjuryNoted: _row("SFPMaO", what=_BODY),
    e.NoInjurySeen: _row("SFPMaO", note=_BODY),
    e.MedicalHelpRequested: _row("SFPMaO", note=_BODY),
    e.MedicalHelpArrived: _row("SFPMaO", note=_BODY),
    e.MedicalHelpRefused: _row("SFPMaO", note=_BODY),
    e.SupervisorCalled: _row(_DUTY),
    e.SupervisorOnScene: _row(_DUTY),
    e.CriticalEventDeclared: _row(_DUTY, what="CO"),
    e.WelfareChecked: _row(_DUTY, officers="CS", offered="CS"),  # support, never judging: not oversight's (A50)
    # The log as people keep it.
    e.EntryRecorded: _row(_DUTY, text=_TOLD),
    e.DecisionRecorded: _row("aO", reasons="CaO"),
    e.OrderGiven: _row(_DUTY, text=_TOLD),
    e.OrderAcknowledged: _row(_DUTY),
    e.DutyStarted: _row("SFPaO"),
    e.DutyDischarged: _row("SFPaO", note=_TOLD),
    # The bar for arrest, and many arrests at once.
    ea.ArrestBarSet: _row("SFPMAOU", words="CSFPaO"),
    ea.ArrestBarAcknowledged: _row("SFPaO"),
    ea.ArrestBarAnnounced: _row("SFPMAOU"),
    ea.HighVolumeDeclared: _row("SFPMAO", reason="CO", alternatives="CO", procedure="CSFPO"),
    ea.HighVolumeEnded: _row("SFPMAO"),
    ea.WristbandsIssued: _row("SFPaO"),
    # One person's record. Medical help sees that somebody was arrested, and neither why nor by whom.
    ea.ArrestRecorded: _row(
        "SFPMaO", bare="M", conduct=_KEPT, not_warned_because=_KEPT, search=_KEPT, injury=_BODY,
        needs=_BODY, location=_KEPT,
    ),
    ea.OffenceRecorded: _row("SFPaO", location=_KEPT, elements=_KEPT, facts=_KEPT, evidence=_KEPT),
    ea.PersonDescribed: _row(
        "sPMaO", name=_PERSON, address=_PERSON, resident=_PERSON, language=_PERSON, interpreter=_PERSON,
        armed=_KEPT, born=_AGE, age=_AGE, minor=_AGE, guardian=_AGE, sex_perceived=_PROFILE, sex_stated=_PROFILE,
        race_perceived=_PROFILE, race_stated=_PROFILE, ethnicity_perceived=_PROFILE, ethnicity_stated=_PROFILE,
        disability=_BODY, medical=_BODY,
    ),
    ea.ProtectedRoleFlagged: _row("SFPaO", role=_PERSON, reason=_KEPT),
    ea.IndividualWarningRecorded: _row("SFPaO", words=_KEPT, not_warned_because=_KEPT),
    ea.RestraintRecorded: _row("SFPMaO", reason=_KEPT, complaint=_BODY),
    ea.RightsGiven: _row("SFPaO"),
    ea.ArrestSigned: _row("SFPaO"),
    ea.ArrestReadBack: _row("SFPaO"),
    ea.GroundsReviewed: _row("sPaO", reasons=_KEPT),
    ea.DispositionDecided: _row("SFPaO", citation=_PERSON, reason=_KEPT),
    ea.NarrativesAlike: _row("sO"),
    ea.AttachmentAdded: _row("sPaO", note=_KEPT),
    ea.ArrestStepCleared: _row("SFPaO"),
    # Custody.
    ec.SiteOpened: _row(_GROUND),
    ec.FacilityChecked: _row("SPMaO", note="CSPaO"),
    ec.SiteClosed: _row(_GROUND),
    ec.CustodyTransferred: _row("SFPMaO", note=_KEPT),
    ec.CustodyAnswered: _row("SFPMaO", note=_KEPT),
    ec.HolderRelieved: _row("SFPMaO"),
    ec.StationEntered: _row("SFPMaO"),
    ec.HeadCounted: _row("SFPMaO"),
    ec.CareRecorded: _row("SPMaO", note=_BODY),
    ec.GuardianCalled: _row("PaO", within="juvenile", who=_AGE),  # that it was called says that someone is a minor
    ec.HoldExplained: _row("SPaO", reason=_KEPT),
    ec.PropertyTaken: _row("SPaO", contents=_PERSON, serials=_PERSON),
    ec.BagMoved: _row("SPaO", note=_KEPT),
    ec.PersonReleased: _row("SFPMaO", note=_KEPT, to="PaO"),
}  # fmt: skip
"""Every event with more than command's sight of it."""

ATTACHED: Final[Mapping[AttachedTo, Row]] = {
    "arrest": SIGHT[ea.AttachmentAdded],
    "force report": _row("saO"),
    "warning": _row(_DUTY),
    "observation": _row(_DUTY),
    "injury": _row("sMaO"),
    "intervention": _row("O"),
    "entry": _row(_DUTY),
    "distress": _row("MaO"),
}
"""Who sees a file beside command, by the record that it belongs to: whoever reads that record's text. Of a report of what
a colleague did `views.sight` asks more, of command too."""

SECTIONS_SEEN: Final[Mapping[str, str]] = {
    "incident": _ALL,
    "levels": _ALL,
    "sectors": _ALL,
    "units": _GROUND,
    "agencies": _ALL,
    "people": "SFPAO",
    "positions": _GROUND,
    "asks": "SFAO",
    "duties": "SFPO",
    "orders": "SFAO",
    "findings": "SFAO",
    "points": "SFAO",
    "grants": _GROUND,
    "warnings": _ALL,
    "posture": _GROUND,
    "reviews": "O",
    "munitions": "SFAO",
    "distress": _GROUND,
    "exigent": "O",
    "plan": _ALL,
    "care": "SFAOM",
    "critical": "O",
    "watch": "O",
    "arrests": "SFPAO",
    "custody": "SFPMAO",
    "sites": "SFPMAO",
    "bags": "SPAO",
    "numbers": "SFPAO",
    "bar": "SFPMAO",
    "high_volume": "SFPMAO",
    "panel": "O",
    "releases": "SPAO",
}
"""Which classes have which section of the board; command has each, and a new one alone. Rows look closer still."""
