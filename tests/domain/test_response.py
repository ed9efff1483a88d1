"""Sectors, levels, and asks for a level."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from command.domain import commands as c
from command.domain import events as e
from command.domain.deciding import Refusal
from command.domain.envelope import Actor
from command.domain.facts import StateFacts
from command.domain.persistent import Series
from command.domain.response import _current
from command.domain.state import Sector
from tests.support.given import (
    ALLIED,
    CHIEF,
    IC,
    LEAD,
    OFFICER,
    OPENED,
    OPS,
    PARTNER,
    SERGEANT,
    STAFFED,
    STRANGER,
    Wait,
    World,
    by,
    given,
)  # fmt: skip

ASK = c.AskLevel("a1", "north", "facilitate", ("march-moving",), facts="they move")
RAISE = c.RaiseLevel("north", "facilitate", "they move", ("march-moving",))
TARGETED: dict[str, Any] = {
    "indicators": ("individual-probable-cause",),
    "extent": "two of 900",
    "liaison": "spoke to the marshal",
    "others_may_continue": "yes, on the west side",
}


def level_of(world: World, sector: str = "north") -> str | None:
    fact = StateFacts(world.state).level(sector, world.now)
    return fact.level if fact else None


# Sectors ---------------------------------------------------------------------------


def test_a_sector_starts_at_the_lowest_level() -> None:
    ring = ((0.0, 0.0), (0.0, 1.0), (1.0, 1.0))
    spec = given(*OPENED).when(c.DefineSector("north", "North", ring))
    spec.then(e.SectorDefined("north", "North", "plan", ring))
    assert level_of(spec.world) == "plan"


def test_a_sector_is_defined_once_and_by_command_staff() -> None:
    given(*STAFFED).when(c.DefineSector("north", "N")).refused(containing="defined already")
    given(*STAFFED).when(c.DefineSector("south", "S"), OFFICER).refused("refused")


# Raising ----------------------------------------------------------------------------


def test_a_level_is_raised_with_its_reasons_and_lapses_by_its_review() -> None:
    spec = given(*STAFFED).when(RAISE, SERGEANT)
    now = spec.drafts[0].decision
    assert now is not None and now.until == spec.world.entries[-2].header.recorded_at + timedelta(minutes=30)
    spec.then(e.LevelRaised("north", "plan", "facilitate", ("march-moving",), "they move", now.until))
    spec.owing("liaison-after-raise")
    assert level_of(spec.world) == "facilitate"


def test_everything_said_for_a_raise_stands_in_the_event() -> None:
    past = (*STAFFED, RAISE, c.RaiseLevel("north", "engage", "tense", ("tension-between-groups",), liaison="yes"))
    spec = given(*past).when(c.RaiseLevel("north", "targeted", "three throw", **TARGETED))
    event = spec.drafts[0].event
    assert isinstance(event, e.LevelRaised)
    assert (event.previous, event.extent, event.liaison, event.others_may_continue, event.ask) == (
        "engage", "two of 900", "spoke to the marshal", "yes, on the west side", None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("cmd", "actor", "effect", "why"),
    [
        (RAISE, OFFICER, "refused", "below sergeant"),
        (RAISE, STRANGER, "missing", "check-in of stranger"),
        (RAISE, PARTNER, "refused", "not the lead agency"),
        (RAISE, Actor("ic", "elsewhere"), "refused", "is signed in for elsewhere"),
        (c.RaiseLevel("north", "facilitate", "x"), SERGEANT, "missing", "one of the indicators"),
        (c.RaiseLevel("north", "martial-law", "x"), IC, "refused", "knows no level"),
        (c.RaiseLevel("north", "plan", "x"), IC, "refused", "is not higher"),
        (c.RaiseLevel("north", "targeted", "x", **TARGETED), IC, "refused", "cannot be reached"),
        (c.RaiseLevel("moon", "facilitate", "x"), IC, "refused", "expected a defined sector"),
    ],
)
def test_a_level_that_is_not_raised(cmd: c.RaiseLevel, actor: Actor, effect: str, why: str) -> None:
    spec = given(*ALLIED).when(cmd, actor).refused(effect, containing=why)
    assert level_of(spec.world) == "plan"


@pytest.mark.parametrize(
    ("about", "effect", "why"),
    [
        ({"ask_age_s": 61.0}, "refused", "stale: asked 61 s ago"),
        ({"ask_age_s": -61.0}, "refused", "stale"),
        ({"ask_age_s": None}, "missing", "the time at which this was asked"),
        ({"basis_age_s": 61.0}, "refused", "61 s out of date"),
        ({"basis_age_s": None}, "missing", "basis_seq"),
    ],
)
def test_a_stale_ask_is_refused(about: dict[str, Any], effect: str, why: str) -> None:
    given(*STAFFED).when(RAISE, IC, **about).refused(effect, containing=why)


# Lowering, renewing ---------------------------------------------------------------------


def test_every_level_has_a_way_back_down() -> None:
    spec = given(*STAFFED, RAISE).when(c.LowerLevel("north", "plan", "calm"))
    spec.then(e.LevelLowered("north", "facilitate", "plan", "calm", None))
    assert level_of(spec.world) == "plan"


@pytest.mark.parametrize(
    ("cmd", "actor", "why"),
    [
        (c.LowerLevel("north", "facilitate", "x"), IC, "is not lower"),
        (c.LowerLevel("north", "plan", "x"), OFFICER, "below sergeant"),
        (c.LowerLevel("moon", "plan", "x"), IC, "expected a defined sector"),
        (c.RenewLevel("moon", "x"), IC, "expected a defined sector"),
        (c.RenewLevel("north", "x"), OFFICER, "below sergeant"),
    ],
)
def test_a_level_that_is_neither_lowered_nor_renewed(cmd: c.Command, actor: Actor, why: str) -> None:
    given(*STAFFED, RAISE).when(cmd, actor).refused("refused", containing=why)


def test_the_lowest_level_needs_no_renewal() -> None:
    given(*STAFFED).when(c.RenewLevel("north", "x")).refused("refused", containing="does not lapse")


def test_a_renewed_level_keeps_its_reasons_and_leaves_the_lapse_on_record() -> None:
    spec = given(*STAFFED, RAISE, Wait(3600)).when(c.RenewLevel("north", "still moving"))
    at = spec.world.entries[-1].header.recorded_at
    spec.then(e.LevelRenewed("north", "facilitate", "still moving", at + timedelta(minutes=30)))
    facts = StateFacts(spec.world.state)
    before = facts.level("north", at - timedelta(seconds=1))
    assert before is not None and before.until is not None and before.until < at
    assert spec.world.state.response.sectors["north"].levels.last.indicators == ("march-moving",)  # type: ignore[union-attr]  # it has a level


# Asking ------------------------------------------------------------------------------------


def test_an_ask_waits_with_a_clock_and_with_how_the_plan_stands() -> None:
    spec = given(*STAFFED).when(ASK, OFFICER)
    expires = spec.world.entries[-1].header.recorded_at + timedelta(minutes=10)
    spec.then(e.LevelAsked("a1", "north", "facilitate", ("march-moving",), expires, facts="they move"))
    outlook = spec.drafts[0].decision
    assert outlook is not None and outlook.effect == "refused", "an officer could not raise it; looking is no refusal"
    assert spec.world.state.response.asks["a1"].by.person == "officer"


@pytest.mark.parametrize(
    ("cmd", "actor", "why"),
    [
        (ASK, OFFICER, "was made already"),
        (c.AskLevel("a2", "moon", "facilitate"), OFFICER, "expected a defined sector"),
        (c.AskLevel("a2", "north", "plan"), OFFICER, "is not higher"),
        (c.AskLevel("a2", "north", "facilitate", ("march-moving",)), STRANGER, "check-in of stranger"),
    ],
)
def test_an_ask_that_is_not_taken(cmd: c.AskLevel, actor: Actor, why: str) -> None:
    given(*STAFFED, by(OFFICER, ASK)).when(cmd, actor).refused(containing=why)


def test_an_ask_may_be_made_in_haste_and_says_what_is_missing() -> None:
    spec = given(*STAFFED).when(c.AskLevel("a1", "north", "facilitate"), OFFICER)
    outlook = spec.drafts[0].decision
    assert outlook is not None and "one of the indicators" in outlook.missing[0]
    spec.world.send(c.GrantLevel("a1", "now"), SERGEANT)
    assert isinstance(spec.world.entries[-1].event, e.AskRefused), "what is missing holds up the grant"


def test_an_id_of_a_decided_ask_is_not_used_again() -> None:
    given(*STAFFED, by(OFFICER, ASK), c.DenyAsk("a1", "no")).when(ASK, OFFICER).refused(containing="made already")


def test_an_ask_is_granted_by_someone_else_on_their_own_facts() -> None:
    spec = given(*STAFFED, by(OFFICER, ASK)).when(c.GrantLevel("a1", "I see them"), SERGEANT)
    event = spec.drafts[0].event
    assert isinstance(event, e.LevelRaised)
    assert (event.ask, event.facts, event.indicators) == ("a1", "I see them", ("march-moving",))
    response = spec.world.state.response
    assert ("a1" in response.asks, response.decided["a1"].how) == (False, "granted")


def test_the_one_who_asked_does_not_grant() -> None:
    given(*STAFFED, by(SERGEANT, ASK)).when(c.GrantLevel("a1", "me"), SERGEANT).refused("refused", containing="may not")


def test_nor_does_anyone_without_authority() -> None:
    given(*STAFFED, by(SERGEANT, ASK)).when(c.GrantLevel("a1", "me"), OFFICER).refused("refused")


def test_silence_means_no() -> None:
    spec = given(*STAFFED, by(OFFICER, ASK), Wait(600)).when(c.GrantLevel("a1", "late"), SERGEANT)
    spec.refused("refused", containing="silence means no")


@pytest.mark.parametrize("cmd", [c.GrantLevel("a9", "x"), c.DenyAsk("a9", "x"), c.WithdrawAsk("a9")])
def test_an_unknown_ask_is_not_decided(cmd: c.Command) -> None:
    given(*STAFFED).when(cmd).refused("refused", containing="expected an ask that waits, got a9")


def test_an_ask_is_denied_once() -> None:
    past = (*STAFFED, by(OFFICER, ASK))
    given(*past).when(c.DenyAsk("a1", "no need"), SERGEANT).then(e.AskDenied("a1", "no need"))
    given(*past).when(c.DenyAsk("a1", "no need"), OFFICER).refused("refused")
    given(*past, c.DenyAsk("a1", "no")).when(c.DenyAsk("a1", "no")).refused(containing="denied already")


def test_an_ask_is_withdrawn_by_who_made_it() -> None:
    past = (*STAFFED, by(OFFICER, ASK))
    spec = given(*past).when(c.WithdrawAsk("a1"), OFFICER).then(e.AskWithdrawn("a1"))
    assert spec.world.state.response.decided["a1"].how == "withdrawn"
    given(*past).when(c.WithdrawAsk("a1"), IC).refused("refused", containing="only the one who asked")


def test_expired_asks_leave_the_board_when_the_next_one_is_made() -> None:
    second = c.AskLevel("a2", "north", "facilitate", ("march-moving",))
    response = given(*STAFFED, by(OFFICER, ASK), Wait(700)).when(second, OPS).world.state.response
    assert (list(response.asks), response.decided["a1"].how) == (["a2"], "expired")


def test_an_ask_for_a_sector_without_a_level_is_refused() -> None:
    """Not reachable: a sector is defined with its level. The gate says no all the same."""
    state = given(*STAFFED).world.state
    bare = Sector("south", "South", (), Series())
    response = replace(state.response, sectors=state.response.sectors.insert("south", bare))
    found = _current(replace(state, response=response), "south", given(*STAFFED).world.now)
    assert isinstance(found, Refusal) and "no level yet" in found.decision.reasons[0]


def test_a_granted_ask_whose_sector_is_gone_is_refused() -> None:
    """Not reachable through decide: an ask in the log for a sector that was never defined."""
    past = given(*OPENED, *STAFFED[1:6])
    world = past.world
    asked = e.LevelAsked("a1", "nowhere", "facilitate", (), world.now + timedelta(minutes=5))
    world.happened(by(OFFICER, asked))
    past.when(c.GrantLevel("a1", "x"), CHIEF).refused(containing="expected a defined sector")


def test_levels_of_unknown_sectors_fold_to_nothing() -> None:
    raised = e.LevelRaised("moon", "plan", "facilitate", (), "x")
    renewed = e.LevelRenewed("moon", "facilitate", "x", None)
    world = given(*STAFFED, raised, renewed, e.LevelLowered("moon", "facilitate", "plan", "x")).world
    assert list(world.state.response.sectors) == ["north"] and LEAD in world.state.structure.agencies
