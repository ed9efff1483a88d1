"""The plan changes during an incident: who may, what is refused, and what becomes of what is open."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from command.domain import commands as c
from command.domain import events as e
from command.domain.facts import StateFacts
from command.domain.fold import evolve, initial
from command.policy.findings import permits
from tests.domain.test_granting import GRANTED, TARGETED, USE
from tests.support.given import (
    CHIEF,
    IC,
    LOG,
    OFFICER,
    OPS,
    SERGEANT,
    STAFFED,
    STRANGER,
    Wait,
    World,
    by,
    checks_in,
    given,
    model_stack,
)
from tests.support.packs import changed
from tests.support.plans import illinois, model_text, stack_of, with_another_rung, without_batons

OLD, NEW, RENAMED = model_stack(), stack_of(without_batons()), stack_of(with_another_rung())
LAWFUL = stack_of(illinois(), model_text())
OTHERS = (NEW, RENAMED, LAWFUL)
CHANGE = c.ChangePlan(NEW.digests, "plan § 12", "batons were misused")


def happened(*steps: Any) -> World:
    return given(*STAFFED, *steps, others=OTHERS).world


def test_the_chiefs_office_changes_the_plan_as_the_pack_says() -> None:
    """Judged by the plan in force before; the event says what it was and what it is, and names what changes."""
    spec = given(*STAFFED, others=OTHERS).when(CHANGE, CHIEF)
    spec.then(e.PlanChanged(OLD.digests, NEW.digests, "plan § 12", "batons were misused"))
    decision = spec.drafts[0].decision
    assert decision is not None and [rule.rule for rule in decision.rules] == ["ask.change-the-plan"]
    assert any("changes from" in reason for reason in decision.reasons)
    world = spec.world
    assert world.entries[-1].header.packs == OLD.digest, "the change itself was judged by the plan before"
    state = world.state
    assert state.incident is not None and state.incident.packs == NEW.digests
    last = state.plan.stacks.last
    assert last is not None and (last.since, last.seq) == (world.entries[-1].header.recorded_at, state.seq)


def test_what_comes_after_it_is_judged_by_the_new_plan() -> None:
    """An ask for a baton, which the old plan took."""
    ask = c.AskForce("f9", "baton", "protect person", "north", ("legs",), False)
    given(*STAFFED, others=OTHERS).when(ask, OFFICER).then(
        *(draft.event for draft in given(*STAFFED).when(ask, OFFICER).drafts)
    )
    spec = (
        given(*STAFFED, by(CHIEF, CHANGE), others=OTHERS)
        .when(ask, OFFICER)
        .refused("refused", containing="prohibits baton")
    )
    assert spec.world.entries[-1].header.packs == NEW.digest


@pytest.mark.parametrize("who", [IC, OPS, SERGEANT, OFFICER, STRANGER])
def test_nobody_else_does(who: Any) -> None:
    """Neither the commander, whom the model does not name, nor anyone below."""
    given(*STAFFED, others=OTHERS).when(CHANGE, who).refused()


def test_the_plan_may_name_the_commander() -> None:
    """As the pack in force says, and not as the one to come says."""
    ours = stack_of(
        changed('says     = "The chief\'s office changes the plan during an incident; the change counts from then on."\n'
                'who      = { rank = "assistant-chief or above" }',
                'says     = "The commander changes it."\nwho      = { positions = ["incident-commander"] }', model_text())
    )  # fmt: skip
    given(*STAFFED, stack=ours, others=OTHERS).when(CHANGE, IC).then(
        e.PlanChanged(ours.digests, NEW.digests, "plan § 12", "batons were misused")
    )
    given(*STAFFED, stack=ours, others=OTHERS).when(CHANGE, CHIEF).refused(containing="incident commander")
    given(*STAFFED, others=(ours,)).when(replace(CHANGE, packs=ours.digests), IC).refused()


def test_one_who_checked_out_or_has_another_plan_in_mind_does_not() -> None:
    given(*STAFFED, by(CHIEF, c.CheckOut("chief")), others=OTHERS).when(CHANGE, CHIEF).refused()
    given(*STAFFED, others=OTHERS).when(replace(CHANGE, packs=OLD.digests), CHIEF).refused(
        containing="in force already"
    )
    given(*STAFFED, others=OTHERS).when(CHANGE, CHIEF, ask_age_s=999.0).refused(containing="stale")
    given(*STAFFED, c.CloseIncident("over"), others=OTHERS).when(CHANGE, CHIEF).refused(containing="closed")


def test_packs_that_are_nowhere_or_do_not_load_are_refused_with_every_reason() -> None:
    """Precisely, from the shelf; a stranger learns none of it."""
    name = "ghost@sha256:" + "0" * 64
    cmd = replace(CHANGE, packs=(name,))
    given(*STAFFED).when(cmd, CHIEF).refused(containing="expected packs that are on the shelf")
    why = {(name,): ("our-plan.toml:7: level: expected one, came none", "another problem")}
    spec = given(*STAFFED).when(cmd, CHIEF, unfit=why).refused(containing="our-plan.toml:7")
    assert spec.world.entries[-1].header.decision.reasons == why[(name,)]  # type: ignore[union-attr]  # a refusal has one
    spec = given(*STAFFED).when(cmd, OFFICER, unfit=why).refused()
    assert "our-plan" not in str(spec.world.entries[-1].header.decision)


def test_a_law_is_not_dropped_by_a_change_of_plan() -> None:
    cmd = replace(CHANGE, packs=NEW.digests)
    given(*STAFFED, stack=LAWFUL, others=OTHERS).when(cmd, CHIEF).refused(containing="nobody here can take it away")
    given(*STAFFED, others=OTHERS).when(replace(CHANGE, packs=LAWFUL.digests), CHIEF).then(
        e.PlanChanged(OLD.digests, LAWFUL.digests, "plan § 12", "batons were misused")
    )


def test_a_plan_that_ended_at_midnight_can_still_be_changed() -> None:
    """It bars everything else."""
    ended = stack_of(
        changed('kind         = "template"', 'kind         = "template"\nin_force = { to = 2026-05-01 }', model_text())
    )
    past = given(*STAFFED, Wait(86_400), stack=ended, others=OTHERS)
    past.when(c.DefineSector("south", "South"), IC).refused(containing="not in force")
    spec = given(*STAFFED, Wait(86_400), stack=ended, others=OTHERS).when(CHANGE, CHIEF)
    assert "not in force" in " ".join(spec.drafts[0].decision.reasons)  # type: ignore[union-attr]  # judged


def test_a_grant_that_the_new_plan_bars_ends_with_it() -> None:
    """By an event of its own that says why; reports that rested on it keep their findings, for they were before."""
    spec = given(*GRANTED, by(OFFICER, USE), others=OTHERS).when(CHANGE, CHIEF)
    first, revoked = (draft.event for draft in spec.drafts if not isinstance(draft.event, e.DutyStarted))
    assert isinstance(first, e.PlanChanged) and isinstance(revoked, e.GrantRevoked)
    assert revoked.grant == "g1" and "the plan changed: the plan prohibits baton" in str(revoked.reason)
    state = spec.world.state
    held = state.grants.all["g1"]
    assert held.ended == spec.world.entries[-1].header.recorded_at and held.how_ended == "revoked"
    finding = state.force.reports["r1"].finding
    assert finding is not None and finding.kind == "authorized"


def test_a_grant_that_it_does_not_bar_goes_on_until_its_own_end() -> None:
    spec = given(*GRANTED, others=OTHERS).when(replace(CHANGE, packs=RENAMED.digests), CHIEF)
    assert [type(draft.event).__name__ for draft in spec.drafts] == ["PlanChanged"]
    use = spec.world.send(replace(USE, report="r2"), OFFICER)
    assert use[0].finding is not None and use[0].finding.kind == "authorized"  # type: ignore[index]  # accepted
    gone = given(*GRANTED, Wait(3600), others=OTHERS).when(CHANGE, CHIEF)
    assert [type(draft.event).__name__ for draft in gone.drafts] == ["PlanChanged"], "what has ended ends no more"


def test_a_level_that_the_new_plan_does_not_know_stays_and_permits_nothing() -> None:
    """Until someone enters a known one: down to the lowest, or up from there."""
    up = TARGETED[len(STAFFED) : len(STAFFED) + 2]
    spec = given(*STAFFED, *up, others=OTHERS).when(replace(CHANGE, packs=RENAMED.digests), CHIEF)
    assert any('north stands at "engage"' in reason for reason in spec.drafts[0].decision.reasons)  # type: ignore[union-attr]
    world = spec.world
    found = permits(world.stack, StateFacts(world.state), "north", world.now)
    assert (found.level, found.permits) == (None, ())
    assert StateFacts(world.state).level("north", world.now).level == "engage"  # type: ignore[union-attr]  # recorded
    world.send(c.RenewLevel("north", "still"), SERGEANT)
    assert isinstance(world.entries[-1].event, e.AskRefused)
    world.happened(c.LowerLevel("north", "plan", "begin again"))
    assert permits(world.stack, StateFacts(world.state), "north", world.now).permits


def test_suspensions_of_what_changes_end_with_it() -> None:
    """The new version binds whole; one of a pack that stays as it is goes on."""
    off = c.SuspendRule("muster-model", "tactic.oc-at-a-person", "§ 9", "a flood", 3600.0)
    spec = given(*STAFFED, off, others=OTHERS).when(CHANGE, CHIEF)
    assert [type(draft.event).__name__ for draft in spec.drafts] == ["PlanChanged", "PlanResumed"]
    same = given(*STAFFED, off, others=OTHERS).when(replace(CHANGE, packs=LAWFUL.digests), CHIEF)
    assert [type(draft.event).__name__ for draft in same.drafts] == ["PlanChanged"]


def test_asks_made_under_the_old_plan_are_decided_under_the_new() -> None:
    """A level and a tool that it does not know are not granted, and can be denied by the commander."""
    asked = (by(OFFICER, c.AskLevel("a1", "north", "engage", ("tension-between-groups",))),)
    up = TARGETED[len(STAFFED) : len(STAFFED) + 1]
    go = by(CHIEF, replace(CHANGE, packs=RENAMED.digests))
    given(*STAFFED, *up, *asked, go, others=OTHERS).when(c.GrantLevel("a1", "seen"), SERGEANT).refused(
        containing="no level"
    )
    given(*STAFFED, *up, *asked, go, others=OTHERS).when(c.DenyAsk("a1", "no such level now"), IC).then(
        e.AskDenied("a1", "no such level now")
    )


def test_every_prefix_of_the_log_gives_the_state_that_was_live() -> None:
    """Two changes, what was before, between and after: the stored bytes fold to the same states, stacks and all."""
    back = by(CHIEF, c.ChangePlan(OLD.digests, "§ 12", "back"))
    world = happened(
        by(CHIEF, CHANGE), by(OFFICER, replace(USE, report="r1")), Wait(5), back, by(OFFICER, replace(USE, report="r2"))
    )
    state = initial(LOG)
    for entry, live in zip(world.entries, world.states[1:], strict=True):
        state = evolve(state, entry)
        assert state == live
    assert [span.packs for span in state.plan.stacks] == [OLD.digests, NEW.digests, OLD.digests]


def test_a_change_of_nothing_that_was_opened_folds_all_the_same() -> None:
    world = given(e.PlanChanged((), NEW.digests, "§ 1", "x")).world
    assert world.state.incident is None and not len(world.state.plan.stacks)


def test_people_and_positions_stay() -> None:
    """Who is here does not hang on the plan."""
    world = happened(checks_in(SERGEANT), by(CHIEF, CHANGE))
    assert world.state.structure == happened(checks_in(SERGEANT), Wait(1)).state.structure
    assert StateFacts(world.state).holder("incident-commander", world.now + timedelta(seconds=1)) == "ic"
