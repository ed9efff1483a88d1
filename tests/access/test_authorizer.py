"""The authorizer against a table written apart from it: every role, every action, every relation to the incident."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from command.access.authorizer import ACTIONS, EVERY_INCIDENT, OPERATOR, authorize, lens_of, may
from command.access.model import Grant, Role, Subject
from command.domain.commands import COMMANDS

NOW = datetime(2016, 5, 1, 18, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
ROLES: tuple[Role, ...] = get_args(Role)

# One row an action: the roles that may, in the order C S P M F A R X D U (commander, supervisor, processing, medical,
# field, assisting, reviewer, administrator, display, public). Written by hand from the design, not derived from the code.
TABLE = """
incident.list                          C S P M F A R - D U
incident.read                          C S P M F A R - D U
incident.stream                        C S P M F A R - D U
incident.events                        C S P M F A R - - U
incident.map                           C S P M F A R - D U
incident.replay                        C - - - - A R - - -
incident.export                        C - - - - - R - - -
incident.audit                         - - - - - - R X - -
incident.sight                         C - - - - - - X - -
incident.upload                        C S P - F A - - - -
incident.held                          C S P M F A - - - -
held.claim                             C S P M F A - - - -
incident.attachments                   C S P - F A R - - -
incident.originals                     - - - - - - R - - -
deconfliction.read                     C - - - - - - - - -
deconfliction.keep                     C - - - - - - - - -
incident.packs                         C - - - - - - - - -
incident.submit                        C S P M F A - X - -
incident.open                          C - - - - - - - - -
user.invite                            - - - - - - - X - -
user.list                              - - - - - - - X - -
user.sessions                          - - - - - - - X - -
user.disable                           - - - - - - - X - -
user.enable                            - - - - - - - X - -
user.release                           - - - - - - - X - -
user.reset                             - - - - - - - X - -
user.identify                          - - - - - - - X - -
user.end-sessions                      - - - - - - - X - -
display.invite                         - - - - - - - X - -
agency.list                            C - - - - - - X - -
agency.add                             - - - - - - - X - -
agency.change                          - - - - - - - X - -
agency.end                             - - - - - - - X - -
device.list                            C - - - - - - X - -
device.invite                          C - - - - - - X - -
device.revoke                          C - - - - - - X - -
incident.statements                    - - - - - - - - - -
incident.files                         - - - - - - - - - -
incident.quarantine                    C - - - - - - X - -
quarantine.open                        C - - - - - - - - -
quarantine.decide                      - - - - - - - X - -
audit.read                             - - - - - - - X - -
metrics.read                           - - - - - - - X - -
command.OpenIncident                   C - - - - - - - - -
command.CloseIncident                  C - - - - - - - - -
command.AdmitAgency                    C - - - - - - - - -
command.FormUnit                       C - - - - A - - - -
command.AssignUnit                     C - - - - A - - - -
command.ReleaseUnit                    C - - - - A - - - -
command.AssignPosition                 C - - - - - - - - -
command.VacatePosition                 C - - - - - - - - -
command.TransferCommand                C - - - - - - - - -
command.DefineSector                   C - - - - - - - - -
command.AskLevel                       C S - - F A - - - -
command.GrantLevel                     C - - - - - - - - -
command.DenyAsk                        C S - - F - - - - -
command.WithdrawAsk                    C S - - F A - - - -
command.RaiseLevel                     C - - - - - - - - -
command.LowerLevel                     C - - - - - - - - -
command.RenewLevel                     C - - - - - - - - -
command.GiveOrder                      C - - - - - - - - -
command.Redact                         - - - - - - - X - -
command.AcknowledgeArrestBar           C S P - F A - - - -
command.AddAttachment                  C S P - F A - - - -
command.AnnounceArrestBar              C S P - F - - - - -
command.AskArrestStep                  C S P - F - - - - -
command.DecideDisposition              C S P - F A - - - -
command.DeclareHighVolume              C - - - - - - - - -
command.DescribePerson                 C S P - F A - - - -
command.EndHighVolume                  C - - - - - - - - -
command.FlagProtectedRole              C S P - F A - - - -
command.IssueWristbands                C S P - F - - - - -
command.ReadBackArrest                 C S P - F A - - - -
command.RecordArrest                   C S P - F A - - - -
command.RecordIndividualWarning        C S P - F A - - - -
command.RecordOffence                  C S P - F A - - - -
command.RecordRestraint                C S P M F A - - - -
command.RecordRights                   C S P - F A - - - -
command.ReviewGrounds                  C S P - F - - - - -
command.SetArrestBar                   C - - - - - - - - -
command.SignArrest                     C S P - F A - - - -
command.AnswerForCustody               C S P M F A - - - -
command.CallGuardian                   C S P - F A - - - -
command.CheckFacility                  C S P - F - - - - -
command.CloseSite                      C S P - F - - - - -
command.CountHeads                     C S P M F A - - - -
command.EnterStation                   C S P M F A - - - -
command.ExplainHold                    C S P - F A - - - -
command.HandOver                       C S P M F A - - - -
command.MoveBag                        C S P - F A - - - -
command.OpenSite                       C S P - F - - - - -
command.RecordCare                     C S P M F A - - - -
command.ReleasePerson                  C S P - F A - - - -
command.RelieveHolder                  C S P - F A - - - -
command.TakeProperty                   C S P - F A - - - -
command.CheckIn                        C S P M F A - - - -
command.CheckOut                       C S P M F A - - - -
command.RecordObservation              C S P M F A - - - -
command.RecordLiaison                  C S P - F A - - - -
command.ReportWarning                  C S P - F A - - - -
command.ReportForce                    C S P - F A - - - -
command.RecordEntry                    C S P M F A - - - -
command.RecordDecision                 C S - - F - - - - -
command.AcknowledgeOrder               C S P M F A - - - -
command.DischargeDuty                  C S P M F A - - - -
command.SupplyPlanPart                 C S - - F - - - - -
command.AskForce                       C S - - F A - - - -
command.GrantForce                     C S - - F - - - - -
command.CoSignForce                    C S - - F - - - - -
command.RenewGrant                     C S - - F - - - - -
command.RevokeGrant                    C S - - F - - - - -
command.ConfirmRelay                   C S - - F - - - - -
command.AskPosture                     C S - - F A - - - -
command.ChangePosture                  C - - - - - - - - -
command.RenewPosture                   C - - - - - - - - -
command.SuspendRule                    C - - - - - - - - -
command.ResumeRule                     C - - - - - - - - -
command.ChangePlan                     C - - - - - - - - -
command.DelegateAuthority              C - - - - - - - - -
command.EndDelegation                  C - - - - - - - - -
command.FileReview                     C S - - F - - - - -
command.IssueMunitions                 C S P - F A - - - -
command.ReturnMunitions                C S P - F A - - - -
command.CountMunitions                 C S P - F A - - - -
command.ReportIntervention             C S P M F A - - - -
command.ReportExits                    C S P - F A - - - -
command.ReportAudibility               C S P - F A - - - -
command.ReportCrowdMoved               C S P - F A - - - -
command.RecordAttempt                  C S P - F A - - - -
command.ReportPresence                 C S P M F A - - - -
command.FlagDistress                   C S P M F A - - - -
command.AnswerDistress                 C S P M F A - - - -
command.ReportPursuit                  C S P - F A - - - -
command.RecordAid                      C S P M F A - - - -
command.RecordInjury                   C S P M F A - - - -
command.RecordMedicalHelp              C S P M F A - - - -
command.RecordSupervisor               C S P - F A - - - -
command.DeclareCriticalEvent           C S P - F A - - - -
command.RecordWelfareCheck             C S P M F A - - - -
command.ReportExcessiveForce           C S P M F A - - - -
command.Demobilize                     C S - - F A - - - -
command.ReportUnitLeft                 C S P - F A - - - -
command.WaiveOpenItems                 C S - - F - - - - -
"""
ROWS = {line.split()[0]: line.split()[1:] for line in TABLE.split("\n") if line}
ANYONE = {
    "session.look", "session.begin", "session.redeem", "session.verify", "session.set-up", "session.unlock",
    "health.read", "schema.read", "page.read", "asset.read", "policy.report",
    "device.enrol", "device.challenge", "device.sealing",
}  # fmt: skip
SIGNED_IN = {
    "session.read", "session.end", "session.lock", "session.list", "session.choose",
    "credential.list", "credential.add", "credential.remove", "device.attach",
}  # fmt: skip
NOT_ABOUT_ONE = {
    "incident.list", "incident.open", "user.invite", "user.list", "audit.read", "metrics.read", "user.sessions",
    "user.disable", "user.enable", "user.release", "user.reset", "user.identify", "user.end-sessions", "display.invite",
    "device.list", "device.invite", "device.revoke", "agency.list", "agency.add", "agency.change", "agency.end",
}  # fmt: skip
EVERYWHERE_ONLY = NOT_ABOUT_ONE - {"incident.list"}
LENSES = {
    "commander": "command",
    "supervisor": "supervision",
    "processing": "processing",
    "medical": "medical",
    "field": "field",
    "assisting": "agency:kcso",
    "reviewer": "oversight",
    "display": "display",
    "public": "public",
}
SHOWS = {
    "incident.read", "incident.stream", "incident.replay", "incident.events", "incident.export", "incident.submit",
    "incident.attachments", "incident.originals",
}  # fmt: skip


def subject(*grants: Grant, agency: str = "kcso", session: str = "s-1", source: str = "10.0.0.9") -> Subject:
    """Someone signed in with these grants."""
    return Subject(
        person="p-1", name="A", agency=agency, rank="officer", session=session, source=source, grants=grants,
        verified_at=NOW,
    )  # fmt: skip


def grant(
    role: Role, incident: str = "i-1", *, not_before: datetime | None = None, not_after: datetime | None = None
) -> Grant:
    """A grant of `role` to the subject under test."""
    return Grant(person="p-1", role=role, incident=incident, not_before=not_before, not_after=not_after)


def test_the_table_names_every_action() -> None:
    """A new action or command without a row here fails."""
    assert set(ROWS) | ANYONE | SIGNED_IN == ACTIONS
    assert {f"command.{name}" for name in COMMANDS} <= set(ROWS)


RELATIONS = ("this", "other", "every", "not yet", "just begun", "ended", "last moment", "another person's")


def related(role: Role, relation: str) -> Grant:
    """The grant that stands in `relation` to incident i-1 at NOW."""
    match relation:
        case "this":
            return grant(role)
        case "other":
            return grant(role, "i-2")
        case "every":
            return grant(role, EVERY_INCIDENT)
        case "not yet":
            return grant(role, EVERY_INCIDENT, not_before=NOW + timedelta(microseconds=1))
        case "just begun":
            return grant(role, EVERY_INCIDENT, not_before=NOW)
        case "ended":
            return grant(role, EVERY_INCIDENT, not_after=NOW)
        case "last moment":
            return grant(role, EVERY_INCIDENT, not_after=NOW + timedelta(microseconds=1))
        case _:
            return Grant(person="p-2", role=role, incident=EVERY_INCIDENT)


def expected(role: Role, action: str, relation: str) -> bool:
    """What the hand-written table says."""
    if relation in ("not yet", "ended", "another person's"):
        return False
    letter = dict(zip(ROLES, "CSPMFARXDU", strict=True))[role]
    if letter not in ROWS[action]:
        return False
    if action in EVERYWHERE_ONLY:
        return relation in ("every", "just begun", "last moment")
    return action in NOT_ABOUT_ONE or relation != "other"


@pytest.mark.parametrize("action", sorted(ROWS))
def test_every_role_and_relation_gets_what_the_table_says(action: str) -> None:
    """role × action × relation, exhaustively; the lens with it."""
    incident = None if action in NOT_ABOUT_ONE else "i-1"
    for role, relation in product(ROLES, RELATIONS):
        verdict = authorize(subject(related(role, relation)), action, incident, NOW)
        assert verdict.allow is expected(role, action, relation), (role, relation, verdict)
        lens = LENSES.get(role) if verdict.allow and action in SHOWS else None
        assert verdict.lens == lens, (role, relation)
        assert verdict.role == (role if verdict.allow else None)
        assert verdict.reason


@pytest.mark.parametrize("relation", RELATIONS)
def test_may_is_the_command_rows_of_the_table(relation: str) -> None:
    """`may` and `authorize` cannot drift apart."""
    for role in ROLES:
        allowed = {name for name in COMMANDS if expected(role, f"command.{name}", relation)}
        assert may(subject(related(role, relation)), "i-1", NOW) == allowed


@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_nobody_gets_only_what_is_open_to_anyone(action: str) -> None:
    """Without a session only the public actions are open."""
    incident = None if action in NOT_ABOUT_ONE | ANYONE | SIGNED_IN else "i-1"
    assert authorize(None, action, incident, NOW).allow is (action in ANYONE)
    assert may(None, "i-1", NOW) == frozenset()
    assert lens_of(None, "i-1", NOW) is None


@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_a_session_without_grants_may_look_after_itself_only(action: str) -> None:
    """Signed in is not granted."""
    incident = None if action in NOT_ABOUT_ONE | ANYONE | SIGNED_IN else "i-1"
    assert authorize(subject(), action, incident, NOW).allow is (action in ANYONE | SIGNED_IN)


@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_the_operator_at_the_machine_reads_metrics_and_nothing_else(action: str) -> None:
    """Loopback opens one door; with a session the session's grants speak instead."""
    incident = None if action in NOT_ABOUT_ONE | ANYONE | SIGNED_IN else "i-1"
    operator = subject(session="", source=OPERATOR)
    assert authorize(operator, action, incident, NOW).allow is (action in ANYONE | {"metrics.read"})
    assert not authorize(subject(source=OPERATOR), "metrics.read", None, NOW).allow


@given(st.text(max_size=30))
def test_an_unknown_action_is_denied(action: str) -> None:
    """Whatever its name, and whoever asks."""
    almighty = subject(*(grant(role, EVERY_INCIDENT) for role in ROLES))
    if action not in ACTIONS:
        assert not authorize(almighty, action, None, NOW).allow
        assert not authorize(almighty, action, "i-1", NOW).allow


def test_an_act_about_one_incident_needs_it_named_and_no_other_takes_one() -> None:
    """A forgotten incident id never widens an act."""
    almighty = subject(*(grant(role, EVERY_INCIDENT) for role in ROLES))
    assert not authorize(almighty, "incident.read", None, NOW).allow
    assert not authorize(almighty, "command.RecordEntry", None, NOW).allow
    assert not authorize(almighty, "audit.read", "i-1", NOW).allow


def test_several_grants_add_up_and_the_first_role_that_allows_speaks() -> None:
    """A commander who also reviews looks as commander, and reads the audit as reviewer."""
    both = subject(grant("reviewer"), grant("commander"))
    assert authorize(both, "incident.read", "i-1", NOW).lens == "command"
    assert authorize(both, "incident.audit", "i-1", NOW).role == "reviewer"
    assert "GrantLevel" in may(both, "i-1", NOW)
    assert lens_of(both, "i-1", NOW) == "command"
    assert lens_of(subject(grant("administrator")), "i-1", NOW) is None


def test_assisting_without_an_agency_is_nothing() -> None:
    """There is no lens `agency:` of nobody."""
    lost = subject(grant("assisting"), agency="")
    assert not authorize(lost, "incident.read", "i-1", NOW).allow
    assert may(lost, "i-1", NOW) == frozenset()


def test_a_role_that_is_not_in_the_table_carries_nothing() -> None:
    """A grant read from an older or newer database cannot open a door."""
    odd = Grant(person="p-1", role="owner", incident=EVERY_INCIDENT)  # type: ignore[arg-type]  # that is the point
    assert not authorize(subject(odd), "incident.read", "i-1", NOW).allow
    assert may(subject(odd), "i-1", NOW) == frozenset()
