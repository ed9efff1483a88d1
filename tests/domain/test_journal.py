"""Entries, decisions, orders and their acknowledgements."""

from __future__ import annotations

import pytest

from command.domain import commands as c
from command.domain import events as e
from command.domain.envelope import Actor
from tests.support.given import IC, LEAD, OFFICER, OPENED, STAFFED, START, by, given

UNITS = tuple(c.FormUnit(unit, unit.upper(), "patrol", LEAD) for unit in ("u1", "u2"))
ORDER = c.GiveOrder("o1", "hold the line", ("u1", "u2", "u1"))
ORDERED = (*STAFFED, *UNITS, ORDER)


def test_an_entry_is_kept_and_only_a_strike_changes_the_board() -> None:
    given(*OPENED).when(c.RecordEntry("e1", "text", "north"), OFFICER).then(
        e.EntryRecorded("e1", "text", "north")
    ).nothing()
    spec = given(*OPENED, c.RecordEntry("e1", "wrong")).when(c.RecordEntry("e2", "right", strikes="e1"), OFFICER)
    spec.then(e.EntryRecorded("e2", "right", None, "e1"))
    assert spec.world.state.journal.struck["e1"] == spec.world.state.seq


def test_a_decision_names_who_decided_and_when_or_takes_them_from_its_author() -> None:
    cmd = c.RecordDecision("d1", "Which way?", "north", "shorter", (e.RejectedOption("south", "hospital"),))
    spec = given(*OPENED).when(cmd, OFFICER)
    at = spec.world.entries[-1].header.occurred_at
    spec.then(e.DecisionRecorded("d1", "Which way?", "north", "shorter", cmd.rejected, "officer", at)).nothing()
    other = c.RecordDecision("d1", "Which way?", "north", "shorter", decided_by="ic", decided_at=START, sector="n")
    given(*OPENED).when(other, OFFICER).then(
        e.DecisionRecorded("d1", "Which way?", "north", "shorter", (), "ic", START, "n")
    )


def test_an_order_goes_to_each_unit_once() -> None:
    spec = given(*STAFFED, *UNITS).when(ORDER).then(e.OrderGiven("o1", "hold the line", ("u1", "u2")))
    assert spec.world.state.journal.orders["o1"].acknowledged == ()


@pytest.mark.parametrize(
    ("cmd", "actor", "why"),
    [
        (ORDER, OFFICER, "does not hold the position"),
        (ORDER, IC, "was given already"),
        (c.GiveOrder("o2", "x", ("u9",)), IC, "expected units at this incident, got u9"),
        (c.GiveOrder("o2", "x", ("u1",), "o9"), IC, "expected an earlier order"),
    ],
)
def test_an_order_that_is_not_given(cmd: c.GiveOrder, actor: Actor, why: str) -> None:
    given(*ORDERED).when(cmd, actor).refused("refused", containing=why)


def test_no_order_goes_to_a_unit_that_has_left() -> None:
    past = (*STAFFED, *UNITS, c.ReleaseUnit("u1"))
    given(*past).when(c.GiveOrder("o1", "x", ("u1",))).refused(containing="expected units at this incident, got u1")


def test_an_order_is_superseded_once() -> None:
    second = c.GiveOrder("o2", "fall back", ("u1",), "o1")
    spec = given(*ORDERED).when(second).then(e.OrderGiven("o2", "fall back", ("u1",), "o1"))
    assert spec.world.state.journal.orders["o1"].superseded_by == "o2"
    given(*ORDERED, second).when(c.GiveOrder("o3", "x", ("u1",), "o1")).refused(containing="superseded by o2 already")


def test_a_unit_acknowledges_once_and_only_what_it_was_told() -> None:
    spec = given(*ORDERED).when(c.AcknowledgeOrder("o1", "u1"), OFFICER).then(e.OrderAcknowledged("o1", "u1"))
    assert spec.world.state.journal.orders["o1"].acknowledged == ("u1",)
    acked = (*ORDERED, by(OFFICER, c.AcknowledgeOrder("o1", "u1")))
    for cmd in (c.AcknowledgeOrder("o1", "u1"), c.AcknowledgeOrder("o9", "u1"), c.AcknowledgeOrder("o1", "u9")):
        given(*acked).when(cmd, OFFICER).then(e.OrderAcknowledged(cmd.order, cmd.unit)).nothing()


def test_an_order_that_supersedes_an_unknown_one_stands_alone() -> None:
    """Unreachable through decide; evolve takes it all the same."""
    orders = given(*OPENED, e.OrderGiven("o2", "x", ("u1",), "o1")).world.state.journal.orders
    assert list(orders) == ["o2"]
