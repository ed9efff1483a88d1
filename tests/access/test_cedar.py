"""A second opinion: the same policy written in Cedar, asked the same ten thousand questions, without a disagreement.

The lists of actions come from the table that `test_authorizer` holds by hand, never from the code; the conditions are
written here, in Cedar's own words. Cedar denies by default and lets any `forbid` win.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import cedarpy
import pytest

from command.access.authorizer import ACTIONS, EVERY_INCIDENT, OPERATOR, STEP_UP_WITHIN, authorize
from command.access.model import Grant, Role, Subject
from command.domain import events as e
from command.domain.private import compartments, private_fields
from command.views.lens import MAY_HOLD, LensClass, lens
from command.views.sight import may_read
from command.views.sight_table import SIGHT
from tests.access.test_authorizer import ANYONE, EVERYWHERE_ONLY, NOT_ABOUT_ONE, ROWS, SIGNED_IN

NOW = datetime(2026, 5, 1, 18, 0, tzinfo=UTC)
ROLES: tuple[Role, ...] = get_args(Role)
LETTER = dict(zip(ROLES, "CSPMFARXDU", strict=True))
REQUESTS = 10_000
OF_DEVICES = {"incident.statements", "incident.files"}

STEP_UP = {
    "user.invite", "user.disable", "user.enable", "user.release", "user.reset", "user.identify", "user.end-sessions",
    "agency.add", "agency.change", "agency.end", "display.invite", "device.invite", "device.revoke", "quarantine.open", "quarantine.decide", "incident.originals",
    "incident.export", "credential.add", "credential.remove", "command.GrantForce", "command.CoSignForce",
    "command.RenewGrant", "command.ConfirmRelay", "command.Redact",
}  # fmt: skip
ENROLLING = {"session.read", "session.end", "credential.list", "credential.add"}


def named(actions: Iterable[str]) -> str:
    return "[" + ", ".join(f'Action::"{name}"' for name in sorted(actions)) + "]"


def policy() -> str:
    """The whole of it. `context.grant…` is one grant; a person may what any of their grants permits."""
    parts = [
        f"permit (principal, action in {named(ANYONE)}, resource);",
        (
            'permit (principal, action == Action::"metrics.read", resource)'
            " when { context.known && context.machine && !context.session };"
        ),
        f"permit (principal, action in {named(SIGNED_IN)}, resource) when {{ context.known && context.session }};",
        f"permit (principal, action in {named(OF_DEVICES)}, resource) when {{ context.known && context.device }};",
        # What stands in the way whoever asks, but of what is open to anyone and of the machine's own look.
        (
            f"forbid (principal, action, resource) when {{ context.must_enrol && !context.device }} unless"
            f' {{ action in {named(ENROLLING | ANYONE | OF_DEVICES)} || (action == Action::"metrics.read" && context.machine && !context.session) }};'
        ),
        (
            f"forbid (principal, action in {named(STEP_UP)}, resource)"
            " when { !context.must_enrol && !context.exercise && !context.proved };"
        ),
        (
            'forbid (principal, action in [Action::"credential.list", Action::"credential.add",'
            ' Action::"credential.remove"], resource) when { context.display };'
        ),
        (
            f"forbid (principal, action, resource) when {{ context.device }} unless {{ action in {named(ANYONE | OF_DEVICES)}"
            ' || (action == Action::"metrics.read" && context.machine && !context.session) };'
        ),
        (
            f'forbid (principal, action in {named(NOT_ABOUT_ONE)}, resource) when {{ context.incident != "" }}'
            ' unless { action == Action::"metrics.read" && context.machine && !context.session };'
        ),
        (
            f"forbid (principal, action in {named(set(ROWS) - NOT_ABOUT_ONE)}, resource)"
            ' when { context.incident == "" };'
        ),
        f'forbid (principal, action in {named(OF_DEVICES)}, resource) when {{ context.incident == "" }};',
        (
            f"forbid (principal, action in {named(EVERYWHERE_ONLY)}, resource) when"
            ' { context.grant_incident != "*" } unless { (action == Action::"metrics.read" && context.machine && !context.session) };'
        ),
        (
            'forbid (principal == Role::"assisting", action, resource) when { context.agency == "" } unless'
            f' {{ action in {named(ANYONE | SIGNED_IN | OF_DEVICES)} || (action == Action::"metrics.read" && context.machine && !context.session) }};'
        ),
    ]
    for role in ROLES:
        if (
            role != "administrator"
        ):  # whoever chose one of their roles here speaks as that, and as no other with a sight
            parts.append(
                f'forbid (principal == Role::"{role}", action, resource)'
                f' when {{ context.chosen != "" && context.chosen != "{role}" }};'
            )
        may = {name for name, letters in ROWS.items() if LETTER[role] in letters} - OF_DEVICES
        parts.append(
            f'permit (principal == Role::"{role}", action in {named(may)}, resource) when {{ context.known'
            " && context.grant_person == context.person && context.not_before <= context.now"
            ' && context.now < context.not_after && (context.incident == "" || context.grant_incident == "*"'
            " || context.grant_incident == context.incident) };"
        )
    return "\n".join(parts)


def someone(rng: random.Random) -> Subject | None:
    """Anybody, likely odd."""
    if rng.random() < 0.03:
        return None
    grants = tuple(
        Grant(
            person=rng.choice(["p-1"] * 9 + ["p-2"]),
            role=rng.choice(ROLES),
            incident=rng.choice(["i-1", "i-1", "i-2", EVERY_INCIDENT]),
            not_before=rng.choice([None, None, NOW, NOW + timedelta(seconds=1), NOW - timedelta(days=1)]),
            not_after=rng.choice([None, None, NOW, NOW + timedelta(seconds=1), NOW - timedelta(days=1)]),
        )
        for _ in range(rng.choice([0, 1, 1, 1, 2, 3]))
    )
    return Subject(
        person="p-1", name="A", agency=rng.choice(["kcso", "kcso", ""]), rank="officer",
        session=rng.choice(["s-1"] * 9 + [""]), source=rng.choice(["10.0.0.9"] * 9 + [OPERATOR]), grants=grants,
        verified_at=rng.choice([NOW, NOW, NOW - STEP_UP_WITHIN, NOW - STEP_UP_WITHIN + timedelta(seconds=1), None]),
        must_enrol=rng.random() < 0.05, exercise=rng.random() < 0.1, device=rng.choice([""] * 19 + ["d-1"]),
        acts_as=rng.choice([(), (), (("i-1", rng.choice(ROLES)),), (("i-2", rng.choice(ROLES)),)]),
    )  # fmt: skip


def chosen(subject: Subject | None, incident: str | None) -> str:
    """The role that they chose at this incident, where a grant of their own in force gives it there."""
    wanted = {role for at, role in subject.acts_as if at == incident} if subject else set()
    in_force = {
        grant.role
        for grant in (subject.grants if subject else ())
        if grant.person == "p-1" and grant.incident in (incident, "*")
        and (grant.not_before or NOW) <= NOW < (grant.not_after or NOW + timedelta(days=1))
        and not (grant.role == "assisting" and subject is not None and not subject.agency)
    }  # fmt: skip
    return next(iter(wanted & in_force), "")


def asked(subject: Subject | None, action: str, incident: str | None) -> list[dict[str, Any]]:
    """The question in Cedar's form, once for each grant, and once for nobody's."""
    base = {
        "known": subject is not None,
        "person": subject.person if subject else "",
        "agency": subject.agency if subject else "",
        "session": bool(subject and subject.session),
        "machine": bool(subject and subject.source == OPERATOR),
        "device": bool(subject and subject.device),
        "must_enrol": bool(subject and subject.must_enrol),
        "exercise": bool(subject and subject.exercise),
        "proved": bool(subject and subject.verified_at and NOW - subject.verified_at < STEP_UP_WITHIN),
        "display": any(grant.role == "display" for grant in subject.grants) if subject else False,
        "incident": incident or "",
        "now": seconds(NOW),
        "chosen": chosen(subject, incident),
    }
    none = {"grant_person": "", "grant_incident": "", "not_before": 0, "not_after": 0}
    questions = [("nobody", none)]
    for grant in subject.grants if subject else ():
        window = {
            "grant_person": grant.person,
            "grant_incident": grant.incident,
            "not_before": seconds(grant.not_before) if grant.not_before else 0,
            "not_after": seconds(grant.not_after) if grant.not_after else 2**40,
        }
        questions.append((grant.role, window))
    return [
        {
            "principal": f'Role::"{role}"',
            "action": f'Action::"{action}"',
            "resource": 'Server::"muster"',
            "context": {**base, **grant},
        }
        for role, grant in questions
    ]


def seconds(at: datetime) -> int:
    return int(at.timestamp())


def permitted(text: str, questions: list[dict[str, Any]]) -> list[bool]:
    """Cedar's answers; an error in any policy is none of them."""
    results = cedarpy.is_authorized_batch(questions, text, [])
    assert not [error for one in results for error in one.diagnostics.errors]
    return [one.decision is cedarpy.Decision.Allow for one in results]


@pytest.mark.parametrize("seed", range(4))
def test_cedar_and_the_authorizer_agree(seed: int) -> None:
    """Whoever asks for whatever: seeded, so that a disagreement can be looked at again."""
    rng, text = random.Random(seed), policy()
    cases, questions = [], []
    for _ in range(REQUESTS // 4):
        subject, action = someone(rng), rng.choice(sorted(ACTIONS))
        incident = rng.choice([None, "i-1", "i-1"])
        its = asked(subject, action, incident)
        cases.append((subject, action, incident, len(its)))
        questions += its
    answers, allowed = iter(permitted(text, questions)), 0
    for subject, action, incident, count in cases:
        each = [next(answers) for _ in range(count)]
        cedar = any(each)
        ours = authorize(subject, action, incident, NOW).allow
        assert cedar is ours, (seed, subject, action, incident)
        allowed += ours
    assert allowed > REQUESTS // 4 // 20, "not all of them are refusals"


SIGHT_POLICY = """
permit (principal, action == Action::"read", resource) when { context.readers.contains(context.lens) };
permit (principal, action == Action::"read", resource) when {
    (context.lens == "agency" || context.lens == "supervision") && context.own && context.owners.contains(context.lens)
};
forbid (principal, action == Action::"read", resource) unless {
    context.compartment == "" || context.compartment == "account" || context.held.contains(context.compartment)
};
// What no table may open: the classes that read no text at all, and what is kept from each of the others.
forbid (principal, action == Action::"read", resource) when { context.lens == "public" };
forbid (principal, action == Action::"read", resource) when {
    context.lens == "display" && context.field != "WarningGiven.words"
};
forbid (principal, action == Action::"read", resource) when { context.compartment == "welfare" } unless {
    context.lens == "command" || context.lens == "supervision"
};
forbid (principal, action == Action::"read", resource) when { context.compartment == "complaint" } unless {
    context.lens == "command" || context.lens == "oversight"
};
forbid (principal, action == Action::"read", resource) when { context.compartment == "medical" } unless {
    context.lens == "medical" || context.lens == "oversight"
};
forbid (principal, action == Action::"read", resource) when { context.compartment == "account" } unless {
    ["command", "supervision", "processing", "agency", "oversight"].contains(context.lens)
};
"""
LETTERS = dict(zip("CSFPMAODU", (
    "command", "supervision", "field", "processing", "medical", "agency", "oversight", "display", "public"), strict=True,
))  # fmt: skip


def test_cedar_and_the_lenses_agree_on_every_field() -> None:
    """Every class × compartments held or not × every private field × own or not."""
    cases, questions = [], []
    for kind in get_args(LensClass):
        for held in ((), tuple(sorted(MAY_HOLD[kind]))):
            seen = lens(kind, ("x",) if kind == "agency" else (), held)
            for event in get_args(e.Event):
                for field in private_fields(event):
                    letters = SIGHT[event].fields.get(field, "")
                    for own in (False, True):
                        cases.append((event, field, seen, own))
                        context = {
                            "lens": kind,
                            "held": list(held),
                            "own": own,
                            "field": f"{event.__name__}.{field}",
                            "compartment": compartments(event).get(field, ""),
                            "readers": [name for letter, name in LETTERS.items() if letter in letters],
                            "owners": [name for letter, name in LETTERS.items() if letter.lower() in letters],
                        }
                        questions.append(
                            {
                                "principal": 'Lens::"x"',
                                "action": 'Action::"read"',
                                "resource": 'Field::"x"',
                                "context": context,
                            }
                        )
    for (event, field, seen, own), cedar in zip(cases, permitted(SIGHT_POLICY, questions), strict=True):
        assert may_read(event, field, seen, own=own) is cedar, (event.__name__, field, seen, own)
    assert len(cases) > 4_000
