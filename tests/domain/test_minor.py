"""Words about an age, and what they say of being under 18."""

from __future__ import annotations

from datetime import date

import pytest

from command.domain.minor import may_be_minor

DAY = date(2026, 5, 1)


@pytest.mark.parametrize(
    "age",
    [
        "15", "about 16", "17-19", "16 or 18", "17.", "under 18", "a minor", "Teenager", "7 y", "17, he says", "<18", "< 18",
        "<=18", "≤ 18", "U18", "18 and under", "younger than 18", "Juv", "sixteen", "0-17", "0–17", "17 and under",
    ],
)  # fmt: skip
def test_ages_of_minors_and_of_those_who_may_be(age: str) -> None:
    assert may_be_minor(age, None, None, DAY)


@pytest.mark.parametrize(
    "age",
    [
        "", "18", "34", "20-25", "00", "adult", "unknown", "1998-04-30", "04/12/1998", "12.04.1998", "6.5", "130", "2012",
        ">18", "over 18", "18+", "18-24", "65+", "<25", "nineteen", "(null)",
    ],
)  # fmt: skip
def test_what_says_nothing_of_it(age: str) -> None:
    assert not may_be_minor(age, None, None, DAY)


@pytest.mark.parametrize(
    ("born", "young"),
    [
        ("2008-05-01", True), ("2008-04-30", False), ("2008-05-02", True), ("2020-01-01", True), ("1990-01-01", False),
        ("2030-01-01", False), ("", False), ("1 May", False),
    ],
)  # fmt: skip
def test_a_date_of_birth_counts_to_the_day_and_in_doubt_of_the_zone_for_a_minor(born: str, young: bool) -> None:
    """On the day itself somebody is 18 in one zone and not yet in another."""
    assert may_be_minor(None, born, None, DAY) is young


@pytest.mark.parametrize(
    ("how", "young"), [("perhaps: looks young", True), ("Yes, school card", True), ("no", False), (None, False)]
)
def test_how_it_is_known_tells_it_too(how: str | None, young: bool) -> None:
    assert may_be_minor(None, None, how, DAY) is young
