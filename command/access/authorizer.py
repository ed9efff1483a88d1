"""The one authorizer: who may do what, where, until when, and through which lens. Pure.

Every door asks here: routes, socket frames, exports, the command line. Nothing
is allowed that the tables below do not name; an action they do not know is
denied. What access allows, the plan still judges: this module opens the door
behind which the plan waits.

Decisions of ours, with their reasons:

* A commander may not send `Redact`. Whoever is judged by the record must not be
  able to destroy parts of it. An administrator may, on a court's or a records
  authority's order, and sees no incident: the hand that destroys does not read.
* Grants of force, exports and administration ask for a person who proved themselves within the last minutes
  (ASVS 7.5.3). The lens does not: what is shown locks with the session.
* A grant's compartments open fields to the role that it gives, and to no other role of the same person: two grants
  never add up to a sight that nobody granted.
* A display on the wall follows live and has no past: what it showed an hour ago is nobody's to page through.
* A field officer has no replay. Until an involved officer has given a first
  account, others' accounts are withheld from them; a live screen passes,
  a replay is study.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final, get_args

from command.access.model import Grant, Role, Subject, Verdict
from command.domain.commands import COMMANDS, Report
from command.views.lens import MAY_HOLD, Lens, LensClass, lens

EVERY_INCIDENT: Final = "*"
"""A grant for this incident is a grant for each of them."""

OPERATOR: Final = "loopback"
"""The `source` of a subject without a session who stands at this very machine: reads the metrics, nothing else."""

PUBLIC: Final = frozenset(
    {
        "session.look",
        "session.begin",
        "session.redeem",
        "session.verify",
        "session.set-up",
        "session.unlock",  # an exercise's own: there is nothing to prove it with
        "health.read",
        "schema.read",
        "policy.report",
        "device.enrol",  # whoever holds a code
        "device.challenge",
        "device.sealing",  # a public key
        "page.read",
        "asset.read",
    }
)
"""For anyone. The pages are empty shells: what they show is asked for with a session."""

OWN: Final = frozenset(
    {
        "session.read",
        "session.end",
        "session.lock",
        "session.choose",  # as which of one's several roles to act and look
        "session.list",
        "device.attach",
        "credential.list",
        "credential.add",
        "credential.remove",
    }
)
"""For whoever is signed in, about their own sessions and credentials."""

ADMINISTRATION: Final = frozenset(
    {
        "user.invite",
        "user.disable",
        "user.enable",
        "user.release",
        "user.reset",
        "user.identify",
        "user.end-sessions",
        "display.invite",
        "agency.add",
        "agency.change",
        "agency.end",
    }
)
"""Acts of an administrator upon accounts and agencies."""

DEVICES: Final = frozenset({"device.invite", "device.revoke"})
"""Acts upon devices that sign, for whoever runs the incident or the server."""

OF_DEVICES: Final = frozenset({"incident.statements", "incident.files"})
"""What a device itself may do: hand in what it signed, and the files that this names. What becomes of it, its authors' grants say."""

GLOBAL: Final = (
    frozenset({"incident.list", "incident.open", "user.list", "user.sessions", "audit.read", "metrics.read"})
    | ADMINISTRATION
    | DEVICES
    | {"device.list", "agency.list"}
)
"""Not about one incident."""

COMMAND_ACTIONS: Final = frozenset(f"command.{name}" for name in COMMANDS)

SCOPED: Final = (
    frozenset(
        {
            "incident.read",
            "incident.stream",
            "incident.replay",
            "incident.events",
            "incident.export",
            "incident.map",
            "incident.audit",
            "incident.upload",  # bring files; the record that names them is a command
            "incident.attachments",  # see them, cleaned
            "incident.originals",  # take them as they were taken
            "deconfliction.read",  # "do not arrest here: call this number": command's alone, on no screen but its own
            "deconfliction.keep",
            "incident.sight",  # who sees what here, by which grant
            "incident.packs",  # put rule packs on the shelf; that the incident goes over to them is a command
            "incident.submit",  # the door of all commands; each is asked for by its own name as well
            "incident.quarantine",  # what is held back of a device's statements: whose, of what kind, never what it says
            "quarantine.open",  # what one of them says
            "quarantine.decide",
            "incident.held",  # what one captured oneself on a locked device, which waits to be claimed
            "held.claim",
        }
    )
    | OF_DEVICES
    | COMMAND_ACTIONS
)
"""About one incident, which must be named."""

ACTIONS: Final = PUBLIC | OWN | GLOBAL | SCOPED
"""Every action there is. A door that declares another one is shut."""

SEEING: Final = frozenset(
    {
        "incident.read", "incident.stream", "incident.replay", "incident.events", "incident.export", "incident.submit",
        "incident.attachments", "incident.originals",
    }
)  # fmt: skip
"""Actions whose answer shows the incident: their verdict carries a lens, where the role has one."""

STEP_UP: Final = (
    ADMINISTRATION
    | DEVICES
    | {
        "quarantine.open",
        "quarantine.decide",
        "incident.originals",
        "command.GrantForce",
        "command.CoSignForce",
        "command.RenewGrant",
        "command.ConfirmRelay",
        "command.Redact",
        "incident.export",
        "credential.add",
        "credential.remove",
    }
)
"""Acts that ask for a fresh proof of who is there (ASVS 7.5.1 and 7.5.3, CJISSECPOL IA-11)."""

STEP_UP_WITHIN: Final = timedelta(minutes=5)
"""How fresh, unless the settings say otherwise."""

_ENROLLING: Final = frozenset({"session.read", "session.end", "credential.list", "credential.add"})
"""All that whoever came by a one-time link may do before they have a credential of their own."""

_LIVE = frozenset({"incident.list", "incident.read", "incident.stream", "incident.events", "incident.map"})

_FILES: Final = frozenset({"incident.upload", "incident.attachments"})

_OWN_CAPTURES: Final = frozenset({"incident.held", "held.claim"})

_REPORTS: Final = frozenset(name for name, kind in COMMANDS.items() if issubclass(kind, Report))

_FIELD: Final = _REPORTS | {
    "AskLevel", "WithdrawAsk", "AskForce", "AskPosture", "ConfirmRelay", "FileReview", "GrantForce", "RenewGrant",
    "RevokeGrant", "CoSignForce", "DenyAsk", "AskArrestStep", "ReviewGrounds", "Demobilize", "WaiveOpenItems",
    "OpenSite",
}  # fmt: skip

_COMMANDS: Final[Mapping[Role, frozenset[str]]] = {
    "commander": frozenset(COMMANDS) - {"Redact"},
    "supervisor": _FIELD,
    # What was done in custody is reported from there, force and what a colleague did included.
    "processing": (_REPORTS - {"RecordDecision", "SupplyPlanPart"}) | {"AskArrestStep", "OpenSite", "ReviewGrounds"},
    "medical": frozenset(
        {
            "CheckIn", "CheckOut", "RecordEntry", "RecordObservation", "AcknowledgeOrder", "DischargeDuty",
            "ReportPresence", "FlagDistress", "AnswerDistress", "RecordAid", "RecordInjury", "RecordMedicalHelp",
            "RecordCare", "RecordWelfareCheck", "CountHeads", "HandOver", "EnterStation", "ReportIntervention",
            "ReportExcessiveForce", "AnswerForCustody", "RecordRestraint",  # who treats somebody loosens what hurts
        }
    ),
    "field": _FIELD,
    "assisting": frozenset(
        {
            "CheckIn", "CheckOut", "FormUnit", "AssignUnit", "ReleaseUnit", "RecordObservation", "RecordEntry",
            "ReportForce", "ReportWarning", "RecordLiaison", "AcknowledgeOrder", "DischargeDuty", "AskLevel",
            "WithdrawAsk", "AskForce", "AskPosture", "RecordAttempt", "ReportExits", "ReportAudibility", "ReportCrowdMoved",
            "ReportPresence", "FlagDistress", "AnswerDistress", "ReportPursuit", "ReportIntervention",
            "ReportExcessiveForce", "Demobilize", "ReportUnitLeft",
            "IssueMunitions", "ReturnMunitions", "CountMunitions",
            "DeclareCriticalEvent", "RecordAid", "RecordInjury", "RecordMedicalHelp", "RecordSupervisor",
            "RecordWelfareCheck",
            "AcknowledgeArrestBar", "AddAttachment", "DecideDisposition", "DescribePerson",
            "FlagProtectedRole", "ReadBackArrest", "RecordArrest", "RecordIndividualWarning",
            "RecordOffence", "RecordRestraint", "RecordRights", "SignArrest", "CallGuardian", "CountHeads",
            "EnterStation", "ExplainHold", "HandOver", "MoveBag", "RecordCare", "ReleasePerson",
            "RelieveHolder", "TakeProperty", "AnswerForCustody",
        }
    ),
    "reviewer": frozenset(),
    "administrator": frozenset({"Redact"}),
    "display": frozenset(),
    "public": frozenset(),
}  # fmt: skip

_OTHER: Final[Mapping[Role, frozenset[str]]] = {
    "commander": _LIVE
    | {
        "incident.open",
        "incident.replay",
        "incident.export",
        "incident.packs",
        "incident.submit",
        "incident.sight",
        "deconfliction.read",
        "deconfliction.keep",
        "incident.quarantine",
        "quarantine.open",
        "device.list",
        "agency.list",
    }
    | DEVICES
    | _FILES
    | _OWN_CAPTURES,
    "supervisor": _LIVE | _FILES | _OWN_CAPTURES | {"incident.submit"},
    "processing": _LIVE | _FILES | _OWN_CAPTURES | {"incident.submit"},
    "medical": _LIVE | _OWN_CAPTURES | {"incident.submit"},
    "field": _LIVE | _FILES | _OWN_CAPTURES | {"incident.submit"},
    "assisting": _LIVE | _FILES | _OWN_CAPTURES | {"incident.replay", "incident.submit"},
    "reviewer": _LIVE
    | {"incident.replay", "incident.export", "incident.audit", "incident.attachments", "incident.originals"},
    "administrator": ADMINISTRATION
    | {
        "incident.submit",
        "incident.audit",
        "incident.sight",
        "user.list",
        "user.sessions",
        "audit.read",
        "metrics.read",
        "incident.quarantine",
        "quarantine.decide",
        "device.list",
        "agency.list",
    }
    | DEVICES,
    "display": _LIVE - {"incident.events"},  # the feed's pages go back to the beginning
    "public": _LIVE,
}

_ALLOWED: Final[Mapping[Role, frozenset[str]]] = {
    role: _OTHER[role] | {f"command.{name}" for name in _COMMANDS[role]} for role in _COMMANDS
}

_NEEDS_EVERY: Final = GLOBAL - {"incident.list"}
"""These reach beyond any one incident, so a grant for a single one does not carry them."""

_ORDER: Final[tuple[Role, ...]] = get_args(Role)
"""Where someone holds several grants, the first of these roles that allows the act speaks."""


def authorize(
    subject: Subject | None,
    action: str,
    incident: str | None,
    now: datetime,
    *,
    within: timedelta = STEP_UP_WITHIN,
) -> Verdict:
    """Whether `subject` may do `action` (at `incident`) at `now`; never raises, denies what it does not know.

    Verdict.reason is a plain sentence without names or values; Verdict.lens is set
    where the act shows the incident and the role has a lens. Verdict.code tells a plain denial from one that a
    fresh proof (`step-up`, no older than `within`) or a first credential (`enrol-first`) turns into a yes.
    """
    if action not in ACTIONS:
        return _deny("no such action")
    if action in PUBLIC:
        return Verdict(allow=True, reason="open to anyone")
    if subject is None:
        return _deny("not signed in")
    if action == "metrics.read" and subject.source == OPERATOR and not subject.session:
        return Verdict(allow=True, reason="asked at this machine")
    if bool(subject.device) != (action in OF_DEVICES):
        return _deny("a device hands in what it signed" if subject.device else "it takes an enrolled device")
    if subject.device:
        return Verdict(allow=incident is not None, reason="enrolled device")
    if subject.must_enrol and action not in _ENROLLING:
        return _deny("a credential of one's own comes first", "enrol-first")
    if action in OWN:
        return _stepped_up(_own(subject, action), subject, action, now, within)
    if (action in SCOPED) != (incident is not None):
        return _deny("this act is about one incident" if action in SCOPED else "this act is not about one incident")
    return _stepped_up(_by_grants(subject, action, incident, now), subject, action, now, within)


def may(subject: Subject | None, incident: str, now: datetime) -> frozenset[str]:
    """Names of the commands that access lets `subject` send to `incident` now; the plan judges each one still.

    Some of them may ask for a fresh proof first: see `stale`.
    """
    if subject is None or subject.must_enrol:
        return frozenset()
    return frozenset().union(*(_COMMANDS[grant.role] for grant in _live(subject, incident, now)))


def stale(subject: Subject | None, now: datetime, *, within: timedelta = STEP_UP_WITHIN) -> frozenset[str]:
    """Names of the commands that `subject` may send only after proving themselves again."""
    if subject is None or _fresh(subject, now, within):
        return frozenset()
    return frozenset(action.removeprefix("command.") for action in STEP_UP & COMMAND_ACTIONS)


def roles_at(subject: Subject | None, incident: str, now: datetime) -> tuple[Role, ...]:
    """The roles with a sight that `subject` holds at `incident` now, whichever they have chosen; the first speaks first."""
    if subject is None or subject.must_enrol:
        return ()
    held = {grant.role for grant in _held(subject, incident, now)}
    return tuple(role for role in _ORDER if role in held and LENS_OF_ROLE[role] is not None)


def lens_of(subject: Subject | None, incident: str, now: datetime) -> str | None:
    """Through which lens `subject` sees `incident` now; None: not at all."""
    verdict = authorize(subject, "incident.read", incident, now)
    return verdict.lens if verdict.allow else None


def _own(subject: Subject, action: str) -> Verdict:
    if not subject.session:
        return _deny("not signed in")
    if action.startswith("credential.") and any(grant.role == "display" for grant in subject.grants):
        return _deny("a display has no credentials")
    return Verdict(allow=True, reason="own session")


def _fresh(subject: Subject, now: datetime, within: timedelta) -> bool:
    """Whether the person proved themselves lately. In an exercise there is nothing to prove it with."""
    return subject.exercise or (subject.verified_at is not None and now - subject.verified_at < within)


def _stepped_up(verdict: Verdict, subject: Subject, action: str, now: datetime, within: timedelta) -> Verdict:
    """The verdict, or that it takes a fresh proof: said only to whom the act is allowed at all."""
    if not verdict.allow or action not in STEP_UP or subject.must_enrol or _fresh(subject, now, within):
        return verdict
    return _deny("it takes a fresh proof of who is there", "step-up")


def _by_grants(subject: Subject, action: str, incident: str | None, now: datetime) -> Verdict:
    grants = _live(subject, incident, now)
    if not grants:
        return _deny("no grant in force here")
    roles = {grant.role for grant in grants if _carries(grant, action)}
    for role in _ORDER:
        if role in roles:
            seen = lens_for(role, subject.agency, grants) if action in SEEING else None
            return Verdict(allow=True, reason=_reason(role, seen), role=role, lens=seen)
    return _deny("no role held here allows this")


def _live(subject: Subject, incident: str | None, now: datetime) -> list[Grant]:
    """The grants that speak: of someone who chose one of their roles at this incident, that role's alone.

    A choice can only take away: it picks among grants in force, and counts for nothing once its own grant has ended.
    A role without a sight (an administrator's) is no lens to choose, and stays beside it.
    """
    held = _held(subject, incident, now)
    chosen = None if incident is None else dict(subject.acts_as).get(incident)
    if chosen is None or all(grant.role != chosen for grant in held):
        return held
    return [grant for grant in held if grant.role == chosen or LENS_OF_ROLE[grant.role] is None]


def _held(subject: Subject, incident: str | None, now: datetime) -> list[Grant]:
    """The subject's own grants in force at `now` that cover `incident` (None: wherever they are for)."""
    return [
        grant
        for grant in subject.grants
        if grant.person == subject.person
        and grant.role in _ALLOWED
        and (incident is None or grant.incident in (EVERY_INCIDENT, incident))
        and (grant.not_before is None or grant.not_before <= now)
        and (grant.not_after is None or now < grant.not_after)
        # an assisting agency's share of nobody's agency would be a lens that no rule knows
        and (grant.role != "assisting" or subject.agency != "")
    ]


def _carries(grant: Grant, action: str) -> bool:
    return action in _ALLOWED[grant.role] and (action not in _NEEDS_EVERY or grant.incident == EVERY_INCIDENT)


LENS_OF_ROLE: Final[Mapping[Role, LensClass | None]] = {
    "commander": "command",
    "supervisor": "supervision",
    "processing": "processing",
    "medical": "medical",
    "field": "field",
    "assisting": "agency",
    "reviewer": "oversight",
    "administrator": None,
    "display": "display",
    "public": "public",
}
"""The class through which each role sees an incident; an administrator sees none."""


def lens_for(role: Role, agency: str, grants: Iterable[Grant]) -> Lens | None:
    """The lens of a role, with the units and compartments of the grants of that very role; those of others add nothing."""
    kind = LENS_OF_ROLE[role]
    if kind is None:
        return None
    held = [grant for grant in grants if grant.role == role]
    units = [unit for grant in held for unit in grant.units] if kind == "supervision" else []
    opened = {name for grant in held for name in grant.compartments}
    return lens(kind, (agency,) if kind == "agency" else units, opened & MAY_HOLD[kind])


def _reason(role: Role, seen: Lens | None) -> str:
    """For the trail: a read through a compartment says so."""
    opened = (seen or "").partition("+")[2].replace("+", ", ")
    return f"granted as {role} with {opened}" if opened else f"granted as {role}"


def _deny(reason: str, code: str = "denied") -> Verdict:
    return Verdict(allow=False, reason=reason, code=code)
