"""Sites: opened by the plan's gate on what was seen there, and what is wrong with a place where somebody is all the same."""

from __future__ import annotations

from msgspec.structs import replace

from command.domain import commands_custody as cc
from command.domain import events_custody as ec
from command.domain.sites import against_minor
from tests.domain.test_arrest import MADE, first
from tests.domain.test_custody import TO_YARD, YARD
from tests.support.custody import looks, opens
from tests.support.given import OFFICER, OPS, SERGEANT, STAFFED, Wait, by, given


def test_a_site_opens_on_its_newest_checklist_and_says_what_it_lacks() -> None:
    given(*STAFFED).when(YARD, OPS).refused("missing", containing="a look at the checklist")
    bare = by(OPS, looks(YARD, lacks=("toilets within reach",)))
    given(*STAFFED, bare).when(YARD, OPS).refused("missing", containing="toilets within reach")
    spec = given(*STAFFED, bare, by(OPS, looks(YARD))).when(YARD, OPS)
    assert spec.drafts[0].decision is not None and isinstance(spec.drafts[0].event, ec.SiteOpened)
    site = spec.world.state.custody.sites["yard"]
    assert site.missing == () and site.checked_at is not None and site.present
    given(*STAFFED, by(OPS, looks(YARD))).when(YARD, SERGEANT).refused("refused")


def test_an_older_look_told_late_does_not_come_back() -> None:
    past = given(*STAFFED, Wait(60), *opens(YARD))
    late = past.when(
        looks(YARD, lacks=("toilets within reach",)), OPS, occurred_at=past.world.now.replace(minute=0, second=1)
    )
    assert late.world.state.custody.sites["yard"].missing == ()


def test_a_look_at_a_site_knows_its_kind_or_is_told_it() -> None:
    unknown = given(*STAFFED).when(cc.CheckFacility("hall", "k1", ("water within reach",)), OPS)
    assert unknown.drafts[0].finding is None, "of no kind, nothing is asked"
    told = first(given(*STAFFED).when(cc.CheckFacility("hall", "k1", (), kind="staging"), OPS))
    assert "lacks water within reach" in told.reasons and "site.staging-site" in {rule.rule for rule in told.rules}
    again = first(given(*STAFFED, *opens(YARD)).when(cc.CheckFacility("yard", "k2", ()), OPS))
    assert "lacks water within reach" in again.reasons


def test_who_is_brought_to_a_place_that_nobody_opened_is_kept_and_found() -> None:
    spec = given(*MADE).when(TO_YARD, OFFICER)
    assert first(spec).kind == "no authorization on record"
    now = spec.world.state.custody.people["s1"].now
    assert now is not None and now.holder == "yard"
    hospital = given(*MADE).when(replace(TO_YARD, to_holder="mercy", kind="hospital"), OFFICER)
    assert hospital.drafts[0].finding is None, "a hospital is no site of ours"


def test_an_hour_in_a_vehicle_is_found_on_arrival() -> None:
    aboard = by(OFFICER, replace(TO_YARD, to_holder="van", kind="vehicle"))
    arrives = replace(TO_YARD, transfer="t2", from_holder="van")
    in_time = given(*MADE, *opens(YARD), aboard, Wait(3000)).when(arrives, OPS)
    assert in_time.drafts[0].finding is None
    late = first(given(*MADE, *opens(YARD), aboard, Wait(3700)).when(arrives, OPS))
    assert "site.vehicle" in {rule.rule for rule in late.rules} and "on the way for 62 min" in late.reasons[0]


def test_only_those_to_be_kept_apart_are_found_among_adults() -> None:
    state = given(*MADE, *opens(YARD)).world.state
    assert against_minor(None, state.custody.sites["yard"]) == []
    assert against_minor(state.custody.people["s1"], state.custody.sites["yard"]) == []
