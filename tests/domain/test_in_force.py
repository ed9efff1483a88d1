"""Which plan is asked about a moment: the stack that was in force then, and nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from command.domain import commands as c
from command.domain import events as e
from command.domain.in_force import packs_at, stacks_before
from command.domain.state import initial
from tests.support.given import CHIEF, LEAD, OFFICER, STAFFED, START, Given, Wait, When, by, given, model_stack
from tests.support.plans import model_text, stack_of, with_another_rung, without_batons

OLD, NEW = model_stack(), stack_of(without_batons())
CHANGE = by(CHIEF, c.ChangePlan(NEW.digests, "plan § 12", "batons were misused"))
USE = c.ReportForce("r1", "p1", "officer", LEAD, "baton", "north", purpose="arrest", zones=("legs",))


def gone_over(*steps: Any) -> Given:
    return given(*STAFFED, Wait(60), CHANGE, *steps, others=(NEW,))


def stands(spec: When) -> tuple[str, tuple[str, ...]]:
    found = spec.drafts[0].finding
    assert found is not None
    return found.kind, found.packs


def test_the_packs_of_a_moment() -> None:
    """The first for any time before it; the new one from the very moment of its record on."""
    state = gone_over().world.state
    first, second = state.plan.stacks
    assert (first.packs, second.packs) == (OLD.digests, NEW.digests)
    assert (
        packs_at(state, START - timedelta(days=1))
        == packs_at(state, second.since - timedelta(microseconds=1))
        == OLD.digests
    )
    assert packs_at(state, second.since) == packs_at(state, second.since + timedelta(days=9)) == NEW.digests
    assert packs_at(initial("new"), START) is None


def test_a_late_report_from_before_the_change_is_judged_by_the_plan_of_then() -> None:
    """And the finding names the packs that it was judged by."""
    changed = gone_over().world.state.plan.stacks.last
    assert changed is not None
    late = gone_over().when(USE, OFFICER, occurred_at=changed.since - timedelta(seconds=1))
    assert stands(late) == ("no authorization on record", OLD.digests)
    assert stands(gone_over().when(USE, OFFICER)) == ("contrary to plan", NEW.digests)


def test_without_a_change_a_finding_needs_no_packs_beside_its_header() -> None:
    assert stands(given(*STAFFED).when(USE, OFFICER)) == ("no authorization on record", ())


@pytest.mark.parametrize("before_ms", [900, 0, -900])
def test_a_clock_error_across_the_change_cannot_tell(before_ms: int) -> None:
    """Which plan was in force is then not known; both are named, and what each would say."""
    changed = gone_over().world.state.plan.stacks.last
    assert changed is not None
    at = changed.since - timedelta(milliseconds=before_ms)
    spec = gone_over().when(USE, OFFICER, occurred_at=at, clock_error_ms=1_000)
    assert stands(spec) == ("cannot tell", (*OLD.digests, *NEW.digests))
    (why,) = spec.drafts[0].finding.reasons  # type: ignore[union-attr]  # asserted by `stands`
    assert "the plan changed within the clock's error of 1000 ms" in why
    assert "no authorization on record" in why and "contrary to plan" in why


def test_what_both_plans_say_whenever_it_was_stands() -> None:
    """A tool that neither permits is contrary to both, whatever the clock was; so is what is exigent under both."""
    exigent = replace(USE, tool="oc-hand", zones=(), exigent=True, exigent_reason="a knife")
    spec = gone_over().when(exigent, OFFICER, clock_error_ms=60_000)
    assert stands(spec) == ("exigent", NEW.digests)


def test_a_claim_at_the_end_of_the_calendar_is_kept() -> None:
    """Its clock says nothing, and no sum of it is made."""
    far = START.replace(year=9999, month=12, day=31, hour=23)
    spec = gone_over().when(replace(USE, tool="oc-hand"), OFFICER, occurred_at=far, clock_error_ms=86_400_000)
    assert stands(spec)[0] == "cannot tell"


def test_plans_are_gone_through_from_the_newest() -> None:
    """From a moment back; one plan alone is that of the context."""
    spec = gone_over(by(CHIEF, c.ChangePlan(OLD.digests, "§ 12", "back again")))
    world = spec.world
    ctx = world.context(OFFICER)
    assert [plan.digest for plan in stacks_before(world.state, ctx, world.now)] == [
        OLD.digest, OLD.digest, NEW.digest, OLD.digest,
    ]  # fmt: skip
    alone = given(*STAFFED).world
    assert list(stacks_before(alone.state, alone.context(OFFICER), START)) == [alone.stack]


def test_duties_open_under_one_plan_end_as_that_plan_says() -> None:
    """The deadline and what ends it are those of the rule that opened it; a late report opens those of its own time."""
    text = model_text()
    rule = text[text.index('[[duty]]\nid       = "force-report"') :].partition("\n\n")[0]
    fresh = stack_of(text.replace(rule, rule.replace('"force-report"', '"other-report"')))
    report = replace(USE, tool="physical-control")
    before = given(*STAFFED, by(OFFICER, report), others=(fresh,)).world
    rules = [duty.rule for duty in before.state.duties.all.values()]
    assert "force-report" in rules
    change = by(CHIEF, c.ChangePlan(fresh.digests, "§ 12", "another word"))
    world = given(*STAFFED, by(OFFICER, report), change, others=(fresh,)).world
    kept = {key: duty for key, duty in world.state.duties.all.items() if key in before.state.duties.all}
    assert kept == dict(before.state.duties.all.items())
    late = Given(world).when(replace(report, report="r2"), OFFICER, occurred_at=world.now - timedelta(seconds=5))
    fresh_one = given(*STAFFED, change, others=(fresh,)).when(replace(report, report="r3"), OFFICER)
    opened = [[d.event.rule for d in spec.drafts if isinstance(d.event, e.DutyStarted)] for spec in (late, fresh_one)]
    assert "force-report" in opened[0] and "other-report" in opened[1] and "force-report" not in opened[1]


def test_the_other_ladder_is_another_plan() -> None:
    assert stack_of(with_another_rung()).level("engage") is None
