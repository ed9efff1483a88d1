"""Warnings confirmed from the rear of the crowd, and tools that are never used from near: asks, findings, unknown numbers."""

from __future__ import annotations

import pytest

from command.policy.findings import finding
from command.policy.request import ForceClaim
from tests.support.street import BATON, GAS, READY, SIGNED, STREET, asked, facts_of, stack_of, when, words

PLACES = "naming gas, from 2 places"


def plan_of(*changes: tuple[str, str]) -> str:
    text = STREET
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return text


REAR = plan_of(("places = 2\n", 'places = 2\nrear = "confirmed"\nrear_by = { rank = "sergeant or above" }\n'))
ANYBODY = plan_of(("places = 2\n", 'places = 2\nrear = "confirmed"\n'))
POSSIBLE = plan_of(("places = 2\n", 'places = 2\nrear = "where possible"\n'))


def given(how: str) -> tuple[str, ...]:
    return (*READY, *SIGNED, *(f"12:0{n} sergeant warns sector 1 with order: {PLACES}{how}" for n in (0, 2)))


@pytest.mark.parametrize(
    ("plan", "how", "allows"),
    [
        (REAR, "", False),
        (REAR, ", confirmed from the rear by sergeant", False),
        (REAR, ", confirmed from the rear by officer", False),
        (REAR, ", confirmed from the rear by lieutenant", True),
        (REAR, ", confirmed from the rear by nobody-here", False),
        (ANYBODY, ", confirmed from the rear by officer", True),
        (ANYBODY, ", confirmed from the rear by sergeant", False),
        (POSSIBLE, "", True),
    ],
)
def test_a_warning_counts_where_one_of_those_who_may_confirmed_it_from_the_rear(
    plan: str, how: str, allows: bool
) -> None:
    """Not the one who spoke: they stand in front."""
    answer = asked(given(how), plan, **GAS)
    assert (answer.effect == "not barred") is allows, words(answer)
    assert allows or "from the rear" in words(answer)


NEAR = plan_of(('bars = { zones = ["head"],', 'bars = { nearer_than_m = 5, zones = ["head"],'))
UNKNOWN = plan_of(('bars = { zones = ["head"],', 'bars = { nearer_than_m = "unknown", zones = ["head"],'))


@pytest.mark.parametrize(
    ("plan", "said", "effect", "why"),
    [
        (NEAR, {}, "missing", "from how far it would be used: never from nearer than 5 m"),
        (NEAR, {"distance_m": 4.9}, "refused", "never from nearer than 5 m"),
        (NEAR, {"distance_m": 5.0}, "not barred", ""),
        (UNKNOWN, {"distance_m": 500.0}, "missing", "no pack gives the distance, and unknown denies"),
    ],
)
def test_an_ask_says_from_how_far_where_the_plan_bars_by_distance(
    plan: str, said: dict[str, float], effect: str, why: str
) -> None:
    answer = asked(READY, plan, **{**BATON, **said})
    assert answer.effect == effect and why in words(answer), words(answer)


@pytest.mark.parametrize(("distance_m", "kind"), [(4.0, "contrary to plan"), (5.0, "other"), (None, "other")])
def test_a_use_from_too_near_is_contrary_to_plan(distance_m: float | None, kind: str) -> None:
    """Exigent or not; what a report does not say is not held against it."""
    claim = ForceClaim(
        tool="baton", officer="officer", officer_agency=None, sector="1", at=when("12:05"), distance_m=distance_m
    )
    found = finding(stack_of(NEAR), facts_of(READY), claim)
    assert (found.kind == "contrary to plan") is (kind == "contrary to plan")
