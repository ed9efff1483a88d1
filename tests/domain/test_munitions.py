"""Issued, returned, used, counted: the difference is derived and never stated."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from command.domain import commands as c
from command.domain.munitions import key, unexplained, used
from command.domain.state import State
from tests.support.given import LEAD, OFFICER, OPS, STAFFED, by, checks_in, given

ISSUE = by(OPS, c.IssueMunitions("i1", "oc-hand", "officer", 5, "L7"))
USE = c.ReportForce("r1", "p1", "officer", LEAD, "oc-hand", "north", quantity=2)


def missing(state: State, holder: str = "officer") -> int | None:
    return unexplained(state, state.munitions.stocks[key(holder, "oc-hand")])


def count(number: int, holder: str = "officer") -> c.CountMunitions:
    return c.CountMunitions("i9", "oc-hand", holder, number)


def test_until_somebody_counts_nobody_knows() -> None:
    assert missing(given(*STAFFED, ISSUE).world.state) is None
    assert missing(given(*STAFFED, ISSUE, count(5), ISSUE).world.state) is None
    assert (
        missing(given(*STAFFED, ISSUE, count(5), c.ReturnMunitions("i2", "oc-hand", "officer", 1)).world.state) is None
    )


@pytest.mark.parametrize(("counted", "difference"), [(2, 0), (1, 1), (0, 2), (4, -2)])
def test_what_is_neither_returned_nor_used_nor_there_is_unexplained(counted: int, difference: int) -> None:
    back = by(OPS, c.ReturnMunitions("i2", "oc-hand", "officer", 1))
    state = given(*STAFFED, ISSUE, by(OFFICER, USE), back, count(counted)).world.state
    assert missing(state) == difference


def test_a_corrected_report_counts_once_and_one_without_a_number_is_one() -> None:
    def reported(*cmds: c.ReportForce) -> int:
        state = given(*STAFFED, ISSUE, *(by(OFFICER, cmd) for cmd in cmds)).world.state
        return used(state, state.munitions.stocks[key("officer", "oc-hand")])

    assert reported(USE, replace(USE, quantity=3)) == 3
    assert reported(replace(USE, quantity=None)) == 1 and reported(replace(USE, quantity=0)) == 0
    assert reported(USE, replace(USE, tool=None)) == 0 and reported(USE, replace(USE, report="r2")) == 4


def test_a_units_stock_explains_what_its_officers_without_their_own_used() -> None:
    unit = (c.FormUnit("u1", "Bike 1", "bicycle", LEAD), checks_in(OFFICER, unit="u1"))
    issued = by(OPS, c.IssueMunitions("i1", "oc-hand", "u1", 5))
    assert missing(given(*STAFFED, *unit, issued, by(OFFICER, USE), count(3, "u1")).world.state, "u1") == 0
    assert missing(given(*STAFFED, *unit, issued, ISSUE, by(OFFICER, USE), count(3, "u1")).world.state, "u1") == 2
