"""A clock that is set back makes nothing live longer; one that is set forward is followed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from command.clock import BEHIND, Steady, behind, utc_now

START = datetime(2026, 5, 1, 18, 0, tzinfo=UTC)


def s(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


class Clocks:
    """A wall clock that can be set, and the time that really passed."""

    def __init__(self) -> None:
        self.passed = 0.0
        self.off = 0.0
        self.told: list[float] = []
        self.steady = Steady(lambda: self.passed, self.told.append)
        self.now = self.steady.of(lambda: START + s(self.passed + self.off))

    def after(self, seconds: float) -> datetime:
        self.passed += seconds
        return self.now()


def test_a_clock_that_is_let_alone_is_believed() -> None:
    clocks = Clocks()
    assert clocks.now() == START
    clocks.off = -0.4  # being kept right
    assert clocks.after(60.0) == START + s(59.6)
    assert clocks.told == []


def test_a_clock_set_back_goes_on_as_if_it_were_not_and_is_told() -> None:
    clocks = Clocks()
    clocks.now()
    clocks.off = -3600.0
    assert clocks.after(60.0) == START + s(60)
    assert clocks.after(60.0) == START + s(120)
    assert clocks.told == [3600.0]
    clocks.off = -7200.0
    assert clocks.after(60.0) == START + s(180)
    assert clocks.told == [3600.0, 3600.0]


def test_a_clock_set_right_again_is_right() -> None:
    """What was added goes when the clock comes back; what it jumps beyond is believed."""
    clocks = Clocks()
    clocks.now()
    clocks.off = -3600.0
    clocks.after(60.0)
    clocks.off = 0.0
    assert clocks.after(60.0) == START + s(120)
    clocks.off = 500.0
    assert clocks.after(60.0) == START + s(680)
    assert clocks.told == [3600.0]


@given(st.lists(st.tuples(st.floats(0, 5000), st.floats(-100_000, 100_000)), max_size=20))
def test_however_it_is_set_no_less_passes_than_passed(steps: list[tuple[float, float]]) -> None:
    """To within what is no setting of it."""
    clocks = Clocks()
    last = clocks.now()
    for passed, off in steps:
        clocks.off = off
        now = clocks.after(passed)
        assert now - last >= s(passed - 1.001)
        last = now


def test_what_was_noted_last_may_be_a_little_ahead() -> None:
    """Two servers' clocks differ by seconds."""
    assert behind(START, None) == behind(START, START - s(900)) == behind(START, START + BEHIND) == 0.0
    assert behind(START, START + s(31)) == 31.0


def test_the_time_is_aware_and_utc() -> None:
    assert utc_now().tzinfo is UTC
