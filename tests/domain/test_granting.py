"""Authority over force, from ask to confirmation, under the model plan."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from command.domain import commands as c
from command.domain import events as e
from command.domain import granting
from command.domain.deciding import Refusal
from command.domain.facts import StateFacts
from command.domain.grants import MOST_LOOKED_AT
from command.domain.state_force import GrantItem
from command.policy.decision import Decision, Finding
from command.policy.load import read_pack
from command.policy.stack import Stack
from tests.support.given import (
    CHIEF,
    LEAD,
    OFFICER,
    OPS,
    SERGEANT,
    STAFFED,
    STRANGER,
    Given,
    Wait,
    When,
    by,
    given,
)
from tests.support.packs import MODEL, changed

UP = (
    "march-moving", "tension-between-groups", "individual-probable-cause", "exits-open", "targeted-action-failed",
    "voluntary-compliance-failed", "significant-number-violent", "violent-individual",
)  # fmt: skip
TARGETED: tuple[Any, ...] = (
    *STAFFED,
    *(
        c.RaiseLevel("north", level, "seen", UP, "few", "tried", "yes")
        for level in ("facilitate", "engage", "targeted")
    ),
)
"""A staffed incident whose north side is at `targeted`, where a baton may be granted."""

ASK = c.AskForce(
    "f1", "baton", "protect person", "north", ("legs",), False, None, "p1", ("officer",), 2, 600.0, ("assault",),
    ("violent-individual",), deescalation=("persuasion",), objective="stop the assault",
)  # fmt: skip
ASKED = (*TARGETED, by(SERGEANT, ASK))
GRANT = c.GrantForce("f1", "seen it myself", "g1", on_scene=True)
GRANTED = (*ASKED, GRANT)
USE = c.ReportForce(
    "r1", "p1", "officer", LEAD, "baton", "north", purpose="protect person", zones=("legs",), quantity=1
)


def item(spec: Given | When, name: str = "g1") -> GrantItem:
    return spec.world.state.grants.all[name]


def kind(spec: When) -> str:
    found = spec.drafts[0].finding
    assert found is not None
    return found.kind


def test_an_ask_waits_with_a_clock_and_says_how_the_plan_stands_on_it() -> None:
    spec = given(*TARGETED).when(ASK, SERGEANT)
    waits = spec.world.state.grants.asks["f1"]
    assert (
        waits.scope.users == ("officer",) and waits.expires > spec.world.now and waits.deescalation == ("persuasion",)
    )
    assert waits.decision is not None and not waits.decision.allows, "the one who asks is not the one who grants"


@pytest.mark.parametrize(
    ("cmd", "containing"),
    [
        (replace(ASK, sector="nowhere"), "expected a defined sector"),
        (replace(ASK, tool="neck-restraint"), "never authorized"),
        (replace(ASK, indiscriminate=True), "indiscriminate"),
        (replace(ASK, grounds=("non-compliance",)), "non-compliance"),
    ],
)
def test_what_is_barred_outright_is_refused_when_it_is_asked_for(cmd: c.AskForce, containing: str) -> None:
    outcome = given(*TARGETED).when(cmd, SERGEANT).refused("refused")
    assert containing in str(outcome.outcome) or containing == "indiscriminate"


def test_a_tool_that_no_rule_names_is_not_granted() -> None:
    given(*TARGETED, by(SERGEANT, replace(ASK, tool="oc-hand"))).when(GRANT).refused("missing")
    outcome = given(*TARGETED).world.decide(replace(ASK, tool="trebuchet"), SERGEANT)
    if not isinstance(outcome, Refusal):  # asking is a matter of the plan; granting is not to be had
        given(*TARGETED, by(SERGEANT, replace(ASK, tool="trebuchet"))).when(GRANT).refused()


def test_one_id_is_one_ask_whatever_its_kind() -> None:
    given(*ASKED).when(ASK, SERGEANT).refused(containing="was made already")
    given(*ASKED).when(c.AskLevel("f1", "north", "dispersal"), SERGEANT).refused(containing="was made already")
    given(*GRANTED).when(ASK, SERGEANT).refused(containing="was made already")
    given(*ASKED).when(c.GrantLevel("f1", "x")).refused(containing="is for something else")


def test_a_grant_runs_from_its_record_within_its_scope_and_ends() -> None:
    spec = given(*ASKED).when(GRANT)
    granted = item(spec)
    assert (granted.authorizer, granted.requester, granted.scope.quantity) == ("ic", "sergeant", 2)
    assert granted.since == spec.world.entries[-1].header.recorded_at
    assert granted.until == granted.since + timedelta(seconds=600)
    assert not spec.world.state.grants.asks and spec.world.state.response.decided["f1"].how == "granted"
    assert granted.stands(granted.since) and not granted.stands(granted.until)
    assert not granted.stands(granted.since - timedelta(microseconds=1))


def test_who_asked_does_not_grant() -> None:
    given(*ASKED).when(GRANT, SERGEANT).refused("refused")


def test_a_stranger_and_an_officer_do_not_grant() -> None:
    given(*ASKED).when(GRANT, STRANGER).refused()
    given(*ASKED).when(GRANT, OFFICER).refused()


def test_silence_means_no() -> None:
    given(*ASKED, Wait(601)).when(GRANT).refused(containing="silence means no")
    swept = given(*ASKED, Wait(601), by(SERGEANT, replace(ASK, ask="f2"))).world.state
    assert set(swept.grants.asks.keys()) == {"f2"} and swept.response.decided["f1"].how == "expired"


def test_an_authorizer_gives_less_never_more() -> None:
    less = given(*ASKED).when(replace(GRANT, quantity=1, lasts_s=60.0))
    assert item(less).scope.quantity == 1 and item(less).until == item(less).since + timedelta(seconds=60)
    given(*ASKED).when(replace(GRANT, quantity=3)).refused(containing="at most the 2")
    given(*ASKED).when(replace(GRANT, users=("officer", "ops"))).refused(containing="among those")
    longer = given(*ASKED).when(replace(GRANT, lasts_s=900.0))
    assert item(longer).until == item(longer).since + timedelta(seconds=600)


def test_a_grant_without_a_name_is_named_after_its_command() -> None:
    spec = given(*ASKED).when(replace(GRANT, grant=None), cmd_id="k")
    assert item(spec, "k-g").ask == "f1"
    given(*GRANTED, by(SERGEANT, replace(ASK, ask="f2"))).when(replace(GRANT, ask="f2")).refused(
        containing="given already"
    )


def test_a_no_may_come_from_whoever_could_say_yes_and_withdrawing_from_who_asked() -> None:
    denied = given(*ASKED).when(c.DenyAsk("f1", "not now"), OPS).then(e.AskDenied("f1", "not now"))
    assert denied.world.state.response.decided["f1"].how == "denied" and not denied.world.state.grants.asks
    given(*ASKED).when(c.DenyAsk("f1", "no"), OFFICER).refused()
    given(*ASKED).when(c.WithdrawAsk("f1"), SERGEANT).then(e.AskWithdrawn("f1"))
    given(*ASKED).when(c.WithdrawAsk("f1"), OPS).refused(containing="only the one who asked")


def test_use_under_a_grant_is_authorized_and_counted() -> None:
    spec = given(*GRANTED).when(USE, OFFICER)
    assert kind(spec) == "authorized"
    assert [(use.report, use.quantity) for use in item(spec).uses] == [("r1", 1)]
    assert kind(given(*GRANTED, by(OFFICER, USE)).when(replace(USE, report="r2", quantity=2), OFFICER)) != "authorized"


def test_a_correction_counts_once() -> None:
    spec = given(*GRANTED, by(OFFICER, USE)).when(replace(USE, quantity=2), OFFICER)
    assert kind(spec) == "authorized" and [use.quantity for use in item(spec).uses] == [2]


def test_another_officer_another_tool_or_another_time_is_not_covered() -> None:
    for cmd in (replace(USE, officer="sergeant"), replace(USE, tool="oc-hand"), replace(USE, subject="p2")):
        spec = given(*GRANTED).when(cmd, OFFICER)
        assert kind(spec) != "authorized" and not item(spec).uses
    assert kind(given(*GRANTED, Wait(600)).when(USE, OFFICER)) != "authorized"
    assert (
        kind(given(*GRANTED).when(USE, OFFICER, occurred_at=given(*ASKED).world.now - timedelta(seconds=5)))
        != "authorized"
    )


def test_what_is_exigent_rests_on_no_grant_unless_it_names_one() -> None:
    exigent = replace(USE, exigent=True, exigent_reason="a knife")
    assert not item(given(*GRANTED).when(exigent, OFFICER)).uses
    assert item(given(*GRANTED).when(replace(exigent, grant="g1"), OFFICER)).uses


@pytest.mark.parametrize("age_s", [3600.0, None])
def test_a_revocation_that_comes_late_takes_back_nothing_that_was_done_before(age_s: float | None) -> None:
    """Dated before a use and told after it, it ends the authorization from its record on, and reopens no finding."""
    used = given(*GRANTED, by(OFFICER, USE))
    spec = used.when(
        c.RevokeGrant("g1", "it was over"), OPS, ask_age_s=age_s, occurred_at=used.world.now - timedelta(seconds=30)
    )
    assert [type(draft.event) for draft in spec.drafts] == [e.GrantRevoked]
    assert item(spec).how_ended == "revoked" and item(spec).ended == spec.world.entries[-1].header.recorded_at


def test_a_revocation_ends_it_from_when_it_was_said() -> None:
    spec = given(*GRANTED).when(c.RevokeGrant("g1", "it is over"), OPS)
    assert item(spec).how_ended == "revoked" and item(spec).ended == spec.world.entries[-1].header.occurred_at
    assert kind(given(*GRANTED, c.RevokeGrant("g1", "over")).when(USE, OFFICER)) != "authorized"
    given(*GRANTED, c.RevokeGrant("g1", "over")).when(c.RevokeGrant("g1", "again")).refused(containing="was revoked")
    given(*GRANTED, Wait(600)).when(c.RevokeGrant("g1", "late")).refused(containing="has expired")
    given(*GRANTED).when(c.RevokeGrant("ghost", "x")).refused(containing="expected a grant on record")
    given(*GRANTED).when(c.RevokeGrant("g1", "x"), OFFICER).refused()


def test_a_revocation_learned_late_reopens_what_rested_on_it() -> None:
    past = given(*GRANTED, by(OFFICER, USE))
    used = past.world.state.force.reports["r1"].at
    spec = past.when(c.RevokeGrant("g1", "said before"), occurred_at=used - timedelta(seconds=1))
    reopened = [draft.event for draft in spec.drafts if isinstance(draft.event, e.FindingReopened)]
    assert [event.record for event in reopened] == ["r1"] and reopened[0].finding.kind != "authorized"
    stands = spec.world.state.force.reports["r1"].finding
    assert stands is not None and stands.kind == reopened[0].finding.kind
    later = given(*GRANTED, by(OFFICER, USE)).when(c.RevokeGrant("g1", "from now on"))
    assert [type(draft.event) for draft in later.drafts] == [e.GrantRevoked]


def test_renewing_is_granting_again() -> None:
    spec = given(*GRANTED, Wait(300)).when(c.RenewGrant("g1", "still so", lasts_s=300.0, on_scene=True), cmd_id="k")
    old, new = item(spec), item(spec, "k-g")
    assert old.how_ended == "renewed" and old.renewed_by == "k-g" and old.ended == new.since
    assert new.renews == "g1" and new.until == new.since + timedelta(seconds=300) and new.scope == old.scope
    given(*GRANTED, Wait(300)).when(c.RenewGrant("g1", "x", lasts_s=9.0), SERGEANT).refused()
    given(*GRANTED, Wait(600)).when(c.RenewGrant("g1", "x", lasts_s=9.0)).refused(containing="has expired")


RELAY = replace(GRANT, speaker="ic", channel="radio", read_back=True)


def test_a_spoken_order_is_kept_as_relayed_and_is_worth_nothing_until_confirmed() -> None:
    spec = given(*ASKED).when(RELAY, OPS)
    granted = item(spec)
    assert granted.relayed and granted.authorizer == "ic" and granted.by.person == "ops" and granted.channel == "radio"
    assert spec.drafts[0].decision is not None and spec.drafts[0].decision.effect == "missing"
    assert kind(given(*ASKED, by(OPS, RELAY)).when(USE, OFFICER)) != "authorized"
    assert kind(given(*ASKED, by(OPS, RELAY), c.ConfirmRelay("g1")).when(USE, OFFICER)) == "authorized"


def test_a_spoken_order_has_an_end_although_nobody_named_one() -> None:
    """The rule's own limit, where the ask names none and it is worth nothing yet."""
    open_ended = (*TARGETED, by(SERGEANT, replace(ASK, lasts_s=None)))
    text = changed('scope         = ["users", "time"]', 'scope         = ["users"]', MODEL.read_text())
    spec = given(*open_ended, stack=Stack.of([read_pack(text, "model.toml")])).when(RELAY, OPS)
    granted = item(spec)
    assert granted.relayed
    assert granted.until == granted.since + timedelta(minutes=15)


def test_a_spoken_order_that_lacks_anything_else_is_not_kept() -> None:
    given(*ASKED).when(replace(RELAY, read_back=False), OPS).refused("missing")
    given(*ASKED).when(replace(RELAY, speaker="officer"), OPS).refused()


def test_only_the_speaker_confirms_and_once() -> None:
    relayed = (*ASKED, by(OPS, RELAY))
    given(*relayed).when(c.ConfirmRelay("g1"), CHIEF).refused(containing="said to have spoken")
    assert item(given(*relayed).when(c.ConfirmRelay("g1"))).confirmed is not None
    given(*relayed, c.ConfirmRelay("g1")).when(c.ConfirmRelay("g1")).refused(containing="is confirmed already")
    given(*GRANTED).when(c.ConfirmRelay("g1")).refused(containing="was given in person")
    given(*GRANTED).when(c.ConfirmRelay("ghost")).refused(containing="expected a grant on record")


def finding_of(spec: Given | When, report: str = "r1") -> Finding:
    found = spec.world.state.force.reports[report].finding
    assert found is not None
    return found


def test_what_was_used_under_a_spoken_order_is_found_again_once_it_is_confirmed() -> None:
    """Unconfirmed, the use stays without authorization; confirmed, it is found anew and the new finding says why."""
    used = given(*ASKED, by(OPS, RELAY), by(OFFICER, USE))
    assert finding_of(used).kind == "no authorization on record"
    assert "was relayed and not confirmed" in finding_of(used).reasons[-1]
    spec = used.when(c.ConfirmRelay("g1"))
    assert [type(draft.event) for draft in spec.drafts] == [e.RelayConfirmed, e.FindingReopened]
    again = spec.drafts[1].event
    assert isinstance(again, e.FindingReopened)
    assert (again.record, again.finding.kind, again.because) == ("r1", "authorized", "the speaker confirmed the order")
    assert "ic confirmed it in person at" in again.finding.reasons[-1]
    assert again.finding.reasons[-1].endswith("after this use")
    assert finding_of(spec).kind == "authorized"
    then = used.world.state.force.reports["r1"].at
    late = given(*ASKED, by(OPS, RELAY), c.ConfirmRelay("g1")).when(USE, OFFICER, occurred_at=then)
    assert kind(late) == "authorized", "reported after the confirmation it stands the same"


def test_an_order_that_is_over_may_still_be_confirmed_by_who_could_give_it_then() -> None:
    """It gives nothing any more, and settles what was done under it."""
    used = (*ASKED, by(OPS, RELAY), by(OFFICER, USE), Wait(3600))
    spec = given(*used).when(c.ConfirmRelay("g1"))
    assert finding_of(spec).kind == "authorized"
    assert not item(spec).stands(spec.world.now)
    gone: tuple[Any, ...] = (e.CommandTransferred("ic", "ops", "relieved", True), c.CheckOut("ic"))
    relieved = given(*used, *gone).when(c.ConfirmRelay("g1"))
    assert finding_of(relieved).kind == "authorized", "they could give it when it was written down"
    given(*used[:-1], *gone).when(c.ConfirmRelay("g1")).refused(containing="ic has checked out")


def test_a_use_after_a_spoken_order_was_over_stays_what_it_was() -> None:
    """Confirming gives no more time than the order had; that nobody had confirmed it is no reason any longer."""
    late = given(*ASKED, by(OPS, RELAY), Wait(3600), by(OFFICER, replace(USE, grant="g1")))
    before = finding_of(late).reasons
    spec = late.when(c.ConfirmRelay("g1"))
    assert [type(draft.event) for draft in spec.drafts] == [e.RelayConfirmed, e.FindingReopened]
    assert finding_of(spec).kind == "no authorization on record"
    assert set(before) - set(finding_of(spec).reasons) == {"the order of ic was relayed and not confirmed"}


NEVER = c.RevokeGrant("g1", "not my order", never_given=True)


def test_a_spoken_order_that_was_never_spoken_ends_where_it_began() -> None:
    """Only its supposed speaker says so; what was done under it is found again where that changes it."""
    relayed = (*ASKED, by(OPS, RELAY), by(OFFICER, USE))
    spec = given(*relayed).when(NEVER)
    denied = item(spec)
    assert (denied.how_ended, denied.ended) == ("denied", denied.since)
    assert finding_of(spec).kind == "no authorization on record"
    assert item(given(*relayed, Wait(3600)).when(NEVER)).how_ended == "denied", "after its time too"
    given(*relayed).when(NEVER, CHIEF).refused(containing="is said to have spoken")
    given(*GRANTED).when(NEVER).refused(containing="was given in person")
    given(*ASKED).when(NEVER).refused(containing="expected a grant on record")
    given(*relayed, c.ConfirmRelay("g1")).when(NEVER).refused(containing="is confirmed already")
    given(*relayed, NEVER).when(NEVER).refused(containing="was denied by its speaker")
    given(*relayed, NEVER).when(c.ConfirmRelay("g1")).refused(containing="was denied by its speaker")
    for quiet in (e.GrantRevoked("ghost", "x", True), e.RelayConfirmed("g1")):
        assert item(given(*relayed, NEVER, quiet)).confirmed is None
    assert item(given(*relayed, c.ConfirmRelay("g1"), e.GrantRevoked("g1", "x", True))).how_ended == ""


def test_where_read_back_is_enough_a_denial_takes_the_authorization_away() -> None:
    """The officer acted on what was read back; the record says that nobody gave it."""
    text = MODEL.read_text()
    lenient = changed('worth    = "nothing until confirmed"', 'worth    = "authorizes with read-back"', text)
    stack = Stack.of([read_pack(lenient, "model.toml")])
    used = given(*ASKED, by(OPS, RELAY), by(OFFICER, USE), stack=stack)
    assert finding_of(used).kind == "authorized"
    spec = used.when(NEVER)
    assert [type(draft.event) for draft in spec.drafts] == [e.GrantRevoked, e.FindingReopened]
    assert "says that they never gave the order" in finding_of(spec).reasons[-1]


def test_a_use_that_is_reported_late_counts_before_those_that_came_after_it() -> None:
    """Two were granted: what seemed within them no longer is, once an earlier use is told."""
    first = given(*GRANTED, Wait(120), by(OFFICER, replace(USE, quantity=2)))
    assert finding_of(first).kind == "authorized"
    spec = first.when(
        replace(USE, report="r2", quantity=1), OFFICER, occurred_at=first.world.now - timedelta(seconds=60)
    )
    assert kind(spec) == "authorized"
    again = [draft.event for draft in spec.drafts if isinstance(draft.event, e.FindingReopened)]
    assert [(event.record, event.because) for event in again] == [
        ("r1", "another use under the same grant was reported")
    ]
    assert finding_of(spec).kind == "no authorization on record"
    assert "more was used than the 2 granted" in finding_of(spec).reasons[-1]
    mended = Given(spec.world).when(
        replace(USE, report="r2", quantity=0), OFFICER, occurred_at=spec.world.now - timedelta(seconds=60)
    )
    assert finding_of(mended).kind == "authorized", "a correction is looked at in the same way"
    other = Given(spec.world).when(replace(USE, report="r3", quantity=1, subject="p9"), OFFICER)
    assert not [draft for draft in other.drafts if isinstance(draft.event, e.FindingReopened)]


def test_where_no_quantity_was_granted_other_uses_change_nothing() -> None:
    """There is nothing to count against."""
    world = given(*GRANTED, by(OFFICER, USE)).world
    grants = world.state.grants
    scope = replace(grants.all["g1"].scope, quantity=None)
    world.state = replace(
        world.state, grants=replace(grants, all=grants.all.insert("g1", replace(grants.all["g1"], scope=scope)))
    )
    spec = Given(world).when(replace(USE, report="r2", quantity=99), OFFICER)
    assert not [draft for draft in spec.drafts if isinstance(draft.event, e.FindingReopened)]


def test_signatures_are_judged_by_the_plan() -> None:
    sign = c.CoSignForce("f1", "mayor", "mayor-1", call_back=True, read_back=True, channel="known number")
    given(*ASKED).when(sign, OPS).refused(containing="the plan asks for no such signature")
    given(*ASKED).when(replace(sign, call_back=False), OPS).refused(containing="called back")
    given(*ASKED).when(replace(sign, ask="ghost"), OPS).refused(containing="expected an ask that waits")
    signed = by(OPS, e.GrantCosigned("f1", "mayor-1", "mayor", True, True))
    given(*ASKED, signed).when(sign, OPS).refused(containing="has signed already")
    given(*GRANTED).when(replace(sign, ask="g1"), OPS).refused(containing="no such signature")


@pytest.fixture
def allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A plan that lets all of it through and sets no end: what this room does of itself."""
    monkeypatch.setattr(granting, "judge_ask", lambda *args, **about: Decision("not barred"))


@pytest.mark.usefixtures("allowed")
def test_a_signature_is_kept_with_how_it_was_given() -> None:
    sign = c.CoSignForce("f1", "mayor", "mayor-1", True, True, "known number", "agreed")
    world = given(*ASKED, by(OPS, sign), by(CHIEF, c.CoSignForce("f1"))).world
    signs = StateFacts(world.state).cosigns("f1", world.now)
    assert [(one.person, one.office, one.call_back, one.by) for one in signs] == [
        ("mayor-1", "mayor", True, "ops"), ("chief", "", False, "chief"),
    ]  # fmt: skip
    assert StateFacts(world.state).cosigns("f1", signs[0].at - timedelta(seconds=1)) == ()


@pytest.mark.usefixtures("allowed")
def test_where_nobody_sets_an_end_there_is_none_on_record_and_the_plan_takes_it_for_none() -> None:
    spec = given(*TARGETED, by(SERGEANT, replace(ASK, lasts_s=None))).when(GRANT)
    assert item(spec).until is None
    found = spec.world.decide(USE, OFFICER)
    assert not isinstance(found, Refusal) and found[0].finding is not None and found[0].finding.kind != "authorized"


def test_the_newest_grants_are_looked_at_for_one_that_covers_a_report_without_a_name() -> None:
    more = [e.ForceGranted(f"x{n}", None, "oc-hand", "arrest", "north", "ic", None, "x") for n in range(MOST_LOOKED_AT)]
    assert not item(given(*GRANTED, *more).when(USE, OFFICER)).uses
    assert item(given(*GRANTED, *more[1:]).when(USE, OFFICER)).uses


def test_nothing_is_granted_after_the_incident_is_over() -> None:
    given(*ASKED).when(c.CloseIncident("done")).refused(containing="waiting for a decision")
    closed = (*TARGETED, c.CloseIncident("done"))
    given(*closed).when(ASK, SERGEANT).refused(containing="closed")


def test_events_that_no_decision_made_fold_all_the_same() -> None:
    """A log may hold what today's decide would refuse."""
    again = e.ForceGranted("g1", None, "baton", "arrest", "north", "ops", None, "x")
    world = given(*GRANTED, again, e.GrantRevoked("ghost", "x"), e.RelayConfirmed("ghost")).world
    assert world.state.grants.all["g1"].authorizer == "ic" and len(world.state.grants.order) == 1
    bare = given(*TARGETED, replace(again, renews="ghost"), e.GrantRevoked("g1", "x"), e.GrantRevoked("g1", "y")).world
    assert bare.state.grants.all["g1"].how_ended == "revoked"
