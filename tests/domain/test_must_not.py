"""What Muster must not hold: no field for it anywhere, and no free text in the open without a stated reason."""

from __future__ import annotations

import itertools
import re
import typing
from typing import Any

import msgspec
import pytest

from command.domain import commands as c
from command.domain import events as e
from command.domain.envelope import Header
from command.domain.ids import Line
from command.domain.private import private_fields
from command.domain.state import State
from command.domain.submission import Answer, Submission
from command.exercise import mapping
from command.service.sealing import private_of_command
from command.views import rows

FORBIDDEN = (
    # attendance
    "attendance", "attendee", "attended", "participant", "present_persons", "roster_of_crowd", "protester", "demonstrator",
    # affiliation and viewpoint
    "affiliation", "affiliated", "membership", "organization", "organisation", "group_name", "movement", "viewpoint",
    "political", "politics", "party", "religion", "religious", "ideology", "opinion", "belief", "slogan", "cause",
    # immigration status
    "immigration", "citizenship", "citizen", "nationality", "visa", "alien", "birthplace", "country_of_birth",
    # face templates and the like
    "face", "facial", "biometric", "face_template", "embedding", "fingerprint", "iris", "gait", "voiceprint", "social_media",
    # arrest targets
    "target", "targets", "quota", "arrest_goal", "wanted", "watchlist", "person_of_interest",
)  # fmt: skip
"""Words of which no field name may consist or be composed (split at underscores and capitals)."""


def structs_in(hint: Any, seen: set[type]) -> None:
    """All structs that a type can hold, at any depth."""
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        if hint in seen:
            return
        seen.add(hint)
        for inner in typing.get_type_hints(hint, include_extras=True).values():
            structs_in(inner, seen)
    for arg in typing.get_args(hint):
        structs_in(arg, seen)


def every_struct() -> set[type]:
    seen: set[type] = set()
    for root in (*typing.get_args(e.Event), *c.COMMANDS.values(), Header, State, Submission, Answer, rows.Entry):
        structs_in(root, seen)
    for module in (rows, mapping):
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, msgspec.Struct):
                structs_in(value, seen)
    return seen


def words_of(name: str) -> set[str]:
    parts = re.split(r"_|(?<=[a-z])(?=[A-Z])", name)
    lowered = [part.lower() for part in parts if part]
    pairs = {f"{one}_{two}" for one, two in itertools.pairwise(lowered)}
    return {name.lower(), *lowered, *pairs}


def forbidden_in(kind: type) -> set[str]:
    names = (kind.__name__, *kind.__struct_fields__)  # type: ignore[attr-defined]  # a msgspec struct
    return {f"{kind.__name__}.{name}" for name in names for word in words_of(name) if word in FORBIDDEN}


def test_the_walk_reaches_everything() -> None:
    names = {kind.__name__ for kind in every_struct()}
    assert {"ForceReported", "ReportForce", "Training", "Place", "LevelAskItem", "PersonRow", "Entry", "Actor"} <= names
    assert len(names) > 100


@pytest.mark.parametrize("kind", sorted(every_struct(), key=str))
def test_no_field_holds_what_must_not_be_held(kind: type) -> None:
    assert forbidden_in(kind) == set()


def test_the_word_list_finds_what_it_is_for() -> None:
    for name in ("face_template", "faceTemplate", "arrest_targets", "immigration_status", "viewpoint", "group_name"):
        assert words_of(name) & set(FORBIDDEN), name


# Free text and persons ------------------------------------------------------------------

OPEN_LINES: dict[str, str] = {
    "IncidentOpened.name": "the incident's title, chosen by command",
    "IncidentOpened.time_zone": "an IANA name",
    "IncidentOpened.packs": "pack ids with digests",
    "IncidentOpened.objectives": "command's objectives: an ICS 202 is a public record",
    "IncidentOpened.reason": "why it opened, in command's words: an ICS 201 is a public record",
    "PlanPart.says": "the plan's own sentence",
    "AskRefused.ask": "the command's name",
    "AskRefused.detail": "an id: what was asked about",
    "Redacted.authority": "the court or records authority",
    "Redacted.reason": "the order; says that there was something, never what",
    "AgencyJoined.name": "an agency's name",
    "AgencyJoined.agreement": "the agreement's reference",
    "PersonCheckedIn.name": "an officer acts under their own name (D.C. Code § 5-331.09)",
    "PersonCheckedIn.badge": "as above",
    "PersonCheckedIn.camera": "the camera's number",
    "PersonCheckedIn.camera_absent": "why an officer has no camera: a matter of the deployment",
    "PersonCheckedIn.helmet": "the number by which the public can tell an officer",
    "UnitFormed.name": "a unit's name",
    "UnitAssigned.assignment": "a unit's task: an ICS 204 is a public record",
    "SectorDefined.name": "a place",
    "ObservationRecorded.extent": "how many: a number in words",
    "LiaisonContacted.role": "a role, never a name",
    "LiaisonContacted.channel": "phone, in person …",
    "WarningGiven.language": "a language tag",
    "WarningGiven.exits": "streets",
    "LevelAsked.channel": "radio, phone …",
    "ForceAsked.channel": "radio, phone …",
    "LevelAsked.extent": "how many: a number in words",
    "LevelAsked.liaison": "which contact was tried, by role",
    "LevelAsked.others_may_continue": "how the rest may go on",
    "LevelRaised.extent": "how many: a number in words",
    "LevelRaised.liaison": "which contact was tried, by role",
    "LevelRaised.others_may_continue": "how the rest may go on",
    "ForceReported.classification": "the source's own category",
    "FindingReopened.because": "written by the program",
    "ForceReported.missing": "short names of what the report does not say, written by the program",
    "OpenItemsWaived.items": "ids of reports and grants, a tool with its holder: written by the program",
    "MedicalHelpRequested.service": "an ambulance service, or a unit's call sign",
    "MedicalHelpArrived.service": "as above",
    "Finding.packs": "pack ids with digests",
    "Finding.reasons": "written by the program, of ids and the plan's sentences",
    "RuleRef.pack": "the plan's own words",
    "RuleRef.rule": "as above",
    "RuleRef.says": "as above",
    "RuleRef.source": "as above",
    "RuleRef.verified": "as above",
    "DecisionRecorded.question": "command's question: what was decided is the public's to know",
    "DecisionRecorded.chosen": "as above",
    "RejectedOption.option": "as above",
    "RejectedOption.why": "as above",
    "WarningGiven.languages": "language tags",
    "WarningGiven.says_what": "the contents that the plan asks for, in its words",
    "ExitsObserved.open": "streets",
    "ExitsObserved.closed": "streets",
    "ForceGranted.channel": "radio, phone …",
    "GrantCosigned.channel": "radio, phone …",
    "GrantCosigned.office": "an office",
    "MunitionsIssued.lot": "a maker's number",
    "MunitionsReturned.lot": "a maker's number",
    "PlanSuspended.clause": "the clause of the plan or the law",
    "PlanChanged.clause": "the clause of the plan or the law",
    "DutyStarted.says": "the plan's own sentence",
    "DutyStarted.owed_by": "a role or a position",
    "Sealed.sha256": "a digest",
    "ArrestRecorded.wristband": "a number on a band",
    "ArrestRecorded.cameras": "numbers of cameras",
    "OffenceRecorded.statute": "the statute's number",
    "OffenceRecorded.ucr": "a code of the FBI's list",
    "RestraintRecorded.kind": "a kind of equipment",
    "RightsGiven.language": "a language tag",
    "ArrestReadBack.form": "the number of a paper form",
    "NarrativesAlike.field": "the name of a field",
    "AttachmentAdded.sha256": "a digest",
    "AttachmentAdded.media": "a media type",
    "ArrestBarAnnounced.channel": "loudspeaker, web page …",
    "ArrestBarAnnounced.languages": "language tags",
    "WristbandsIssued.first": "a number on a band or form",
    "WristbandsIssued.last": "as above",
    "SiteOpened.name": "a place",
    "FacilityChecked.present": "items of a checklist",
    "FacilityChecked.missing": "as above",
    "PropertyTaken.receipt": "the number of a receipt",
    "PersonReleased.language": "a language tag",
}
"""Every field of an event in which words stand in the open, with the reason why they may."""

IN_OFFICE: dict[str, str] = {
    "IncidentOpened.commander": "acts in office",
    "PersonCheckedIn.person": "acts in office, under their own name",
    "PersonCheckedOut.person": "acts in office",
    "UnitFormed.leader": "acts in office",
    "PositionAssigned.person": "acts in office",
    "CommandTransferred.outgoing": "acts in office",
    "CommandTransferred.incoming": "acts in office",
    "DecisionRecorded.decided_by": "acts in office",
    "ForceReported.officer": "acts in office; a source's number where it gives no more",
    "ForceReported.supervisor": "acts in office",
    "PursuitReported.officer": "acts in office; a source's number where it gives no more",
    "PursuitReported.supervisor": "acts in office",
    "SupervisorCalled.supervisor": "acts in office",
    "SupervisorOnScene.supervisor": "acts in office: whether they had a part in it is judged",
    "InjuryNoted.subject": "a random id, as in a report",
    "PresenceReported.person": "acts in office: where an officer is bears on what they may authorize",
    "ForceAsked.users": "act in office",
    "ForceAsked.speaker": "acts in office",
    "LevelAsked.speaker": "acts in office",
    "ForceAsked.subject": "a random id, as in a report",
    "ForceGranted.subject": "the same random id",
    "ForceGranted.users": "act in office",
    "ForceGranted.authorizer": "acts in office",
    "ForceGranted.requester": "acts in office",
    "GrantCosigned.signer": "acts in office",
    "MunitionsIssued.holder": "a person or unit, in office",
    "MunitionsReturned.holder": "as above",
    "MunitionsCounted.holder": "as above",
    "AuthorityDelegated.delegate": "acts in office",
    "ForceReported.subject": "a random id; whom it stands for is nowhere in the log",
    "Redacted.subject": "the same random id",
    "ArrestRecorded.officer": "acts in office",
    "ArrestBarAcknowledged.person": "acts in office",
    "WristbandsIssued.holder": "a person or unit, in office",
    "CustodyAnswered.holder": "acts in office: who is asked whether they have somebody",
    "CustodyAnswered.subject": "the same random id",
    "CustodyTransferred.officer": "acts in office: who answers for the person",
    "HeadCounted.holder": "a person, unit, vehicle or site, in office",
    "HeadCounted.from_holder": "as above",
    "CustodyTransferred.from_holder": "as above",
    "CustodyTransferred.to_holder": "as above",
    "HolderRelieved.from_holder": "acts in office",
    "HolderRelieved.to_holder": "acts in office",
    "BagMoved.from_holder": "as HeadCounted.holder",
    "BagMoved.to_holder": "as above",
    "ProtectedRoleFlagged.supervisor": "acts in office",
    "ArrestRecorded.subject": "the same random id",
    "OffenceRecorded.subject": "the same random id",
    "PersonDescribed.subject": "the same random id",
    "ProtectedRoleFlagged.subject": "the same random id",
    "IndividualWarningRecorded.subject": "the same random id",
    "RestraintRecorded.subject": "the same random id",
    "RightsGiven.subject": "the same random id",
    "ArrestSigned.subject": "the same random id",
    "ArrestReadBack.subject": "the same random id",
    "GroundsReviewed.subject": "the same random id",
    "DispositionDecided.subject": "the same random id",
    "AttachmentAdded.subject": "the same random id",
    "ArrestStepCleared.subject": "the same random id",
    "CustodyTransferred.subject": "the same random id",
    "StationEntered.subject": "the same random id",
    "CareRecorded.subject": "the same random id",
    "GuardianCalled.subject": "the same random id",
    "HoldExplained.subject": "the same random id",
    "PropertyTaken.subject": "the same random id",
    "BagMoved.subject": "the same random id",
    "PersonReleased.subject": "the same random id",
}
"""Every public field of an event that stands for one person, with the reason why it may."""

PERSON_FIELDS = re.compile(
    r"person|officer|leader|commander|outgoing|incoming|decided_by|subject|suspect|victim"
    r"|authorizer|requester|users|speaker|signer|^delegate$|holder|supervisor"
)


def texts_of(kind: type[msgspec.Struct]) -> set[str]:
    """Fields of open text: `str` without the pattern of an id, also inside tuples and optionals."""
    found = set()
    for name, hint in typing.get_type_hints(kind, include_extras=True).items():
        if name not in private_fields(kind) and _holds_text(hint):
            found.add(f"{kind.__name__}.{name}")
    return found


def _holds_text(hint: Any) -> bool:
    if hint is str:
        return True
    args = typing.get_args(hint)
    if typing.get_origin(hint) is typing.Annotated:
        return _holds_text(args[0]) and (args[1].pattern is None or hint == Line)
    if typing.get_origin(hint) is typing.Literal:
        return False
    return any(_holds_text(arg) for arg in args)


def event_structs() -> set[type]:
    seen: set[type] = set()
    for kind in typing.get_args(e.Event):
        structs_in(kind, seen)
    return seen


def test_open_text_in_an_event_has_a_stated_reason() -> None:
    found = set().union(*(texts_of(kind) for kind in event_structs()))
    assert found == set(OPEN_LINES), "state the reason, or make the field private"


def test_what_stands_for_a_person_is_private_or_acts_in_office() -> None:
    found = {
        f"{kind.__name__}.{name}"
        for kind in event_structs()
        for name in kind.__struct_fields__  # type: ignore[attr-defined]  # a msgspec struct
        if PERSON_FIELDS.search(name) and not name.endswith("_agency") and name not in private_fields(kind)
    }
    assert found == set(IN_OFFICE), "state the reason, or make the field private"


def test_everything_that_describes_the_person_in_a_force_report_is_private() -> None:
    described = {name for name in e.ForceReported.__struct_fields__ if name.startswith("subject_")}
    told = {"account", "resistance", "injury", "exigent_reason", "objective", "warning_why_not", "aided"}
    told |= {"alternatives_why_not", "race_why_unknown", "ethnicity_why_unknown"}
    assert described | told == set(private_fields(e.ForceReported)) and len(described) == 6


def test_long_texts_of_commands_are_private_in_their_events() -> None:
    """A Text or Note of a command (8,000 characters) is never a public field of what it states."""
    for name, kind in c.COMMANDS.items():
        hints = typing.get_type_hints(kind, include_extras=True)
        long = {field for field, hint in hints.items() if "max_length=8000" in repr(hint)}
        assert long == private_of_command(name), name
