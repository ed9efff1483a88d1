"""Which duties an event starts, when they are due and what ends them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from command.policy.decision import FindingKind
from command.policy.duties import due, ended, started, template
from command.policy.load import PackProblems, read_pack
from command.policy.stack import Stack
from tests.support.facts import NOON
from tests.support.packs import MODEL, model_stack

STACK = model_stack()
ALWAYS = ["force-report", "aid-after-force", "medical-help", "supervisor-on-scene", "force-review"]


@pytest.mark.parametrize(
    ("event", "exigent", "finding", "expected"),
    [
        ("ForceReported", False, "authorized", ALWAYS),
        ("ForceReported", True, "exigent", [*ALWAYS, "exigent-review"]),
        ("ForceReported", True, "no authorization on record", [*ALWAYS, "exigent-review", "unauthorized-force-review"]),
        ("ForceReported", False, "contrary to plan", [*ALWAYS, "unauthorized-force-review"]),
        ("ForceReported", False, "cannot tell", [*ALWAYS, "settle-what-was-in-force"]),
        ("ForceReported", False, None, ALWAYS),
        ("LevelRaised", False, None, ["liaison-after-raise"]),
        ("IncidentClosed", False, None, ["command-report", "public-summary", "public-account"]),
        ("LevelLowered", False, None, []),
    ],
)
def test_events_start_duties(event: str, exigent: bool, finding: FindingKind | None, expected: list[str]) -> None:
    """By name, by exigent and by finding."""
    assert [rule.id for rule in started(STACK, event, exigent=exigent, finding=finding)] == expected


@pytest.mark.parametrize(
    ("tool", "owed"), [("chemical-area", True), ("stun-grenade", True), ("baton", False), (None, False)]
)
def test_a_duty_may_be_about_some_tools_alone(tool: str | None, owed: bool) -> None:
    """As laws on gas and projectiles say it; a report whose source does not say the tool begins none of those."""
    text = """
[[duty]]
id       = "tell-hospitals"
says     = "Hospitals nearby are told."
starts   = { event = "ForceReported", tools = ["chemical-area", "stun-grenade"] }
owed_by  = "medical"
ends     = ["DutyDischarged"]
source   = "ORS 181A.708"
verified = "G"
"""
    stack = Stack.of([read_pack(MODEL.read_text() + text, "plan.toml")])
    field = {"tool": tool}.get
    assert ("tell-hospitals" in [rule.id for rule in started(stack, "ForceReported", field=field)]) is owed


@pytest.mark.parametrize(
    ("starts", "expected", "came"),
    [
        ('event = "LevelRaised", tools = ["oc-hand"]', "tools only with ForceAsked", '"LevelRaised"'),
        ('event = "ForceReported", tools = ["chemical-aera"]', "a tool of this pack", '"chemical-aera"'),
    ],
)
def test_a_duty_about_tools_that_could_never_begin_is_told(starts: str, expected: str, came: str) -> None:
    text = f"""
[[duty]]
id = "x"
says = "Something."
starts = {{ {starts} }}
owed_by = "medical"
ends = ["DutyDischarged"]
"""
    with pytest.raises(PackProblems) as caught:
        read_pack(MODEL.read_text() + text, "plan.toml")
    found = [one for one in caught.value.problems if one.expected.startswith(expected)]
    assert [one.came for one in found] == [came]


@pytest.mark.parametrize(
    ("rule", "event", "ends"),
    [
        ("force-review", "DutyDischarged", True), ("force-review", "LevelLowered", False),
        ("liaison-after-raise", "LiaisonContacted", True), ("arrest-bar", "PlanPartSupplied", True),
        ("arrest-bar", "LiaisonContacted", False), ("no-such-rule", "DutyDischarged", False),
    ],
)  # fmt: skip
def test_events_end_duties(rule: str, event: str, ends: bool) -> None:
    """Only the events that the rule names."""
    assert ended(STACK, rule, event) is ends


def test_due_only_where_a_clock_is_given() -> None:
    """72 hours are a moment; unknown and business days are not."""
    assert due(STACK.duties["force-review"], NOON) == NOON + timedelta(hours=72)
    assert due(STACK.duties["aid-after-force"], NOON) is None
    assert due(STACK.duties["command-report"], NOON) is None


def test_a_spontaneous_incident_owes_its_plan() -> None:
    """Each missing part becomes a duty of someone, which its supply ends."""
    parts = template(STACK)
    assert [rule.id for rule in parts] == [part.id for part in STACK.template_parts]
    assert {"operational-plan", "arrest-bar", "prosecutor-guideline", "communications-plan", "briefing"} <= {
        rule.id for rule in parts
    }
    assert all(rule.owed_by and rule.ends[0] == "PlanPartSupplied" for rule in parts)
