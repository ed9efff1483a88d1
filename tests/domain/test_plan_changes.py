"""Rules suspended and resumed, authority delegated and taken back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from command.domain import commands as c
from command.domain import events as e
from command.domain import plan_changes
from command.domain.asking import judge_ask
from command.domain.facts import StateFacts
from command.policy.decision import Decision
from tests.support.given import IC, OFFICER, OPS, STAFFED, START, STRANGER, Wait, by, given

RULE = ("muster-model", "tactic.oc-at-a-person")
SUSPEND = c.SuspendRule(*RULE, "§ 9 (2)", "a flood", 3600.0)
WHO = IC


def standing(*steps: Any) -> list[str]:
    world = given(*STAFFED, *steps).world
    return [fact.rule for fact in StateFacts(world.state).suspensions(world.now)]


def test_a_rule_is_suspended_with_its_end_and_resumed() -> None:
    spec = given(*STAFFED).when(SUSPEND, WHO)
    (fact,) = StateFacts(spec.world.state).suspensions(spec.world.now)
    assert (fact.pack, fact.rule, fact.by) == (*RULE, WHO.person) and fact.until == fact.since + timedelta(hours=1)
    back = by(WHO, c.ResumeRule(*RULE))
    assert standing(by(WHO, SUSPEND)) == [RULE[1]] and standing(by(WHO, SUSPEND), back) == []
    assert standing(by(WHO, SUSPEND), back, by(WHO, SUSPEND)) == [RULE[1]]
    world = given(*STAFFED, by(WHO, SUSPEND), Wait(60), back).world
    was = StateFacts(world.state).suspensions(world.now - timedelta(seconds=30))
    assert [one.rule for one in was] == [RULE[1]] and StateFacts(world.state).suspensions(START) == ()


def test_what_is_refused() -> None:
    given(*STAFFED).when(SUSPEND, OFFICER).refused()
    given(*STAFFED).when(replace(SUSPEND, rule="level.plan"), WHO).refused(containing="no rule")
    given(*STAFFED, by(WHO, SUSPEND)).when(SUSPEND, WHO).refused(containing="suspended already")
    given(*STAFFED).when(c.ResumeRule(*RULE), WHO).refused(containing="no such rule")
    given(*STAFFED, by(WHO, SUSPEND), Wait(3600)).when(c.ResumeRule(*RULE), WHO).refused(containing="is not suspended")


def test_resuming_what_never_was_suspended_folds_all_the_same() -> None:
    assert standing(e.PlanResumed(*RULE)) == []
    assert standing(by(WHO, SUSPEND), e.PlanResumed(*RULE), e.PlanResumed(*RULE)) == []


DELEGATE = c.DelegateAuthority("l1", "ops", 3600.0, "incident-commander", True)


@pytest.fixture
def allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The model plan leaves open for how long; an agency's own plan that says so."""

    def judged(*args: Any, **about: Any) -> Any:
        judge_ask(*args, **about)
        return Decision("not barred")

    monkeypatch.setattr(plan_changes, "judge_ask", judged)


def test_the_model_plan_leaves_the_time_open_and_so_denies() -> None:
    given(*STAFFED).when(DELEGATE).refused("missing", containing="for how long")


@pytest.mark.usefixtures("allowed")
def test_authority_is_delegated_until_its_end_and_taken_back_by_its_owner() -> None:
    world = given(*STAFFED, DELEGATE).world
    (fact,) = StateFacts(world.state).delegations("ops", world.now)
    assert (fact.by, fact.position, fact.by_rank, fact.written) == ("ic", "incident-commander", "captain", True)
    assert fact.until == fact.since + timedelta(hours=1) and StateFacts(world.state).delegations("ic", world.now) == ()
    assert StateFacts(world.state).delegations("ops", START) == ()
    ended = given(*STAFFED, DELEGATE).when(c.EndDelegation("l1"), IC).then(e.DelegationEnded("l1")).world
    assert StateFacts(ended.state).delegations("ops", ended.now) == ()
    given(*STAFFED, DELEGATE).when(c.EndDelegation("l1"), OPS).refused(containing="only the one who delegated")
    given(*STAFFED, DELEGATE, c.EndDelegation("l1")).when(c.EndDelegation("l1")).refused(containing="that stands")
    given(*STAFFED, DELEGATE).when(DELEGATE).refused(containing="made already")
    given(*STAFFED).when(replace(DELEGATE, delegate="ic")).refused(containing="someone else")


@pytest.mark.usefixtures("allowed")
def test_who_has_not_checked_in_delegates_no_rank() -> None:
    event = given(*STAFFED).when(DELEGATE, STRANGER).drafts[0].event
    assert isinstance(event, e.AuthorityDelegated) and event.by_rank is None


def test_delegations_that_no_decision_made_fold_all_the_same() -> None:
    made = e.AuthorityDelegated("l1", "ops", START)
    world = given(*STAFFED, made, replace(made, delegate="officer"), e.DelegationEnded("ghost"), e.DelegationEnded("l1"),
                  e.DelegationEnded("l1")).world  # fmt: skip
    assert world.state.plan.delegated["l1"].delegate == "ops" and world.state.plan.delegated["l1"].ended is not None
