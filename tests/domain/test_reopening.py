"""Whether a report stands differently: by kind, by reasons, by rules; and what a clock that ran ahead is never given."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from command.domain import commands as c
from command.domain import events as e
from command.domain.reopening import AHEAD, arrest_differs, differs
from command.policy.decision import Finding, RuleRef
from tests.domain.test_granting import GRANTED
from tests.support.given import LEAD, OFFICER, Given, Wait, When, by, given

ONE, TWO = RuleRef("p", "tactic.one", "one"), RuleRef("p", "tactic.two", "two")
WAS = Finding("contrary to plan", (ONE, TWO), ("not warned",))


@pytest.mark.parametrize(
    ("stands", "differently"),
    [
        (WAS, False),
        (replace(WAS, rules=(TWO, ONE)), False),  # the same rules
        (replace(WAS, kind="cannot tell"), True),
        (replace(WAS, reasons=("the way out was closed",)), True),
        (replace(WAS, reasons=("not warned", "the way out was closed")), True),
        (replace(WAS, rules=(ONE,)), True),
    ],
)
def test_another_kind_another_reason_or_another_rule(stands: Finding, differently: bool) -> None:
    assert differs(WAS, stands) is differently and arrest_differs(WAS, stands) is differently


def test_what_was_never_found_or_claimed_a_time_that_had_not_come() -> None:
    ahead = replace(WAS, reasons=(AHEAD,))
    assert differs(None, WAS) and not differs(ahead, WAS)
    assert not arrest_differs(None, WAS) and not arrest_differs(ahead, WAS)


def test_what_is_said_beside_an_arrest_is_no_other_finding() -> None:
    """Notes of the card are not said by a later look; an arrest that stands may have more said beside it."""
    noted = replace(WAS, reasons=("written down by somebody else; it is signed", "not warned"))
    assert not arrest_differs(noted, WAS) and differs(noted, WAS)
    stood = replace(WAS, kind="authorized", reasons=("no bar for arrest had been set beforehand",))
    assert not arrest_differs(stood, replace(stood, reasons=("the arresting officer had not read it",)))
    assert arrest_differs(stood, WAS) and arrest_differs(WAS, stood)


def again(spec: When) -> list[e.FindingReopened]:
    """The findings that were opened again."""
    return [draft.event for draft in spec.drafts if isinstance(draft.event, e.FindingReopened)]


def used(**changes: Any) -> Given:
    """Two uses under one grant, the second by an officer whom it does not name: found so."""
    cmd = c.ReportForce(
        "r1", "p1", "sergeant", LEAD, "oc-hand", "north", purpose="protect person", quantity=1, grant="g1"
    )
    return given(*GRANTED, Wait(5), by(OFFICER, replace(cmd, **changes)), Wait(5))


def test_a_revocation_that_adds_a_reason_within_the_same_kind_is_appended() -> None:
    """It was no authorization before, and is none now, for one more reason: that the grant had been taken back by then."""
    past = used()
    report = past.world.state.force.reports["r1"]
    assert report.finding is not None and report.finding.kind == "no authorization on record"
    spec = past.when(c.RevokeGrant("g1", "over"), occurred_at=past.world.now)
    assert again(spec) == []
    (opened,) = again(Given(used().world).when(c.RevokeGrant("g1", "over", never_given=False), occurred_at=report.at))
    assert opened.finding.kind == "no authorization on record"
    assert any("had been revoked" in why for why in opened.finding.reasons)
    assert not any("had been revoked" in why for why in report.finding.reasons)
