"""Fresh proofs and first credentials at the authorizer: pure, to the second, for every action that there is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from command.access.authorizer import (
    ACTIONS,
    OF_DEVICES,
    OWN,
    PUBLIC,
    SCOPED,
    STEP_UP,
    STEP_UP_WITHIN,
    authorize,
    lens_of,
    may,
    stale,
)
from command.access.model import Grant, Role, Subject, Verdict
from tests.access.contract import NOW, S

# Written by hand from the issue: grants of force, exports, administration; redaction; one's own credentials.
ASKS_FOR_A_PROOF = {
    "command.GrantForce", "command.CoSignForce", "command.RenewGrant", "command.ConfirmRelay", "command.Redact",
    "incident.export", "incident.originals", "user.invite", "user.disable", "user.enable", "user.release", "user.reset", "user.identify",
    "user.end-sessions", "display.invite", "agency.add", "agency.change", "agency.end", "credential.add", "credential.remove",
    "device.invite", "device.revoke", "quarantine.open", "quarantine.decide",
}  # fmt: skip
ENROLLING = {"session.read", "session.end", "credential.list", "credential.add"}


def someone(role: Role = "commander", age: timedelta | None = timedelta()) -> Subject:
    """Signed in, and proved so long ago; None: never."""
    verified = None if age is None else NOW - age
    grants = (Grant(person="p-1", role=role, incident="*"),)
    return Subject(
        person="p-1", name="A", agency="spd", rank="", session="s-1", source="x", grants=grants, verified_at=verified
    )


def judged(subject: Subject, action: str) -> Verdict:
    """The verdict, about an incident where the action is about one."""
    return authorize(subject, action, "i-1" if action in SCOPED else None, NOW)


def test_the_list_is_the_issues() -> None:
    """No act was forgotten, none was added by the way."""
    assert STEP_UP == ASKS_FOR_A_PROOF


@pytest.mark.parametrize("role", ["commander", "administrator"])
@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_an_old_proof_asks_for_another_exactly_where_it_matters(role: Role, action: str) -> None:
    """At 4:59 all is as granted, at 5:00 those acts wait; who may not is told no, and not to prove anything."""
    fresh = judged(someone(role, STEP_UP_WITHIN - S), action)
    for old in (STEP_UP_WITHIN, timedelta(days=1), None):
        found = judged(someone(role, old), action)
        if fresh.allow and action in ASKS_FOR_A_PROOF:
            assert (found.allow, found.code) == (False, "step-up")
        else:
            assert found == fresh
            assert found.code == "denied"


def test_how_fresh_is_the_settings_to_say() -> None:
    """Shorter or longer."""
    subject = someone("commander", timedelta(minutes=2))
    for within, allow in ((timedelta(minutes=1), False), (timedelta(minutes=3), True)):
        assert authorize(subject, "incident.export", "i-1", NOW, within=within).allow is allow
        assert ("GrantForce" not in stale(subject, NOW, within=within)) is allow


def test_commands_that_wait_are_told_apart_and_still_offered() -> None:
    """A screen shows the act, and the proof is asked for when it is done."""
    old = someone("commander", None)
    waiting = {name.removeprefix("command.") for name in ASKS_FOR_A_PROOF if name.startswith("command.")}
    assert stale(old, NOW) == waiting
    assert stale(someone(), NOW) == stale(None, NOW) == frozenset()
    assert "GrantForce" in may(old, "i-1", NOW)


def test_an_exercise_asks_for_nothing() -> None:
    """There is nothing to prove it with."""
    subject = replace(someone(age=None), exercise=True)
    assert all(judged(subject, action).code == "denied" for action in ACTIONS)
    assert stale(subject, NOW) == frozenset()


@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_whoever_came_by_a_link_sets_up_a_credential_and_nothing_else(action: str) -> None:
    """Whatever the grants say; what is open to anyone stays open."""
    subject = replace(someone("administrator", None), must_enrol=True)
    found = judged(subject, action)
    assert found.allow is (action in PUBLIC | ENROLLING)
    assert found.allow or found.code == ("denied" if action in OF_DEVICES else "enrol-first")  # a device's
    assert may(subject, "i-1", NOW) == frozenset()
    assert lens_of(replace(someone(), must_enrol=True), "i-1", NOW) is None


def test_a_display_has_no_credentials() -> None:
    """A device on a wall is nobody who could prove anything."""
    wall = someone("display", None)
    assert {action for action in OWN if not judged(wall, action).allow} == {
        "credential.list", "credential.add", "credential.remove",
    }  # fmt: skip
