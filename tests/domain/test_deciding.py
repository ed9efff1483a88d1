"""Ids of what a command brings about."""

from __future__ import annotations

from command.domain import events as e
from command.domain.deciding import ID_MAX, Draft, one, refused
from tests.support.given import IC, given


def test_made_ids_are_the_same_for_the_same_command_and_differ_by_suffix() -> None:
    ctx = given().world.context(IC, cmd_id="c1")
    assert ctx.made("d0-x") == ctx.made("d0-x") == "c1-d0-x"
    long = given().world.context(IC, cmd_id="c" * 60)
    first, second = long.made("d0-rule-one"), long.made("d0-rule-two")
    assert first != second and len(first) == len(second) == ID_MAX and first == long.made("d0-rule-one")
    assert given().world.context(IC, cmd_id="c" * 61).made("d0") == "c" * 61 + "-d0"


def test_a_refusal_by_hand_does_not_allow_and_one_draft_is_one_draft() -> None:
    refusal = refused("because", sector="n", detail="d")
    assert not refusal.decision.allows and (refusal.sector, refusal.detail) == ("n", "d")
    event = e.UnitReleased("u1")
    assert one(event, supersedes="x") == (Draft(event, supersedes="x"),)
