"""Durations are read as people write them, and what is not one is refused with the reason."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from command.policy.durations import UNKNOWN, Span, meant, span

AT = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30 s", 30), ("1 second", 1), ("2 min", 120), ("2min", 120), ("90 minutes", 5400), ("1.5 h", 5400),
        ("24 h", 86400), ("1 hour", 3600), ("3 days", 259200), ("1 d", 86400), ("3660 days", 316224000),
    ],
)  # fmt: skip
def test_clock_durations(text: str, seconds: float) -> None:
    """Seconds, minutes, hours and days run on the clock."""
    assert span(text) == Span(text, seconds)
    assert span(text).after(AT) == AT + timedelta(seconds=seconds)


def test_unknown_sets_no_clock() -> None:
    """What no source gives is neither zero nor for ever."""
    assert span("unknown") is UNKNOWN
    assert UNKNOWN.after(AT) is None


@pytest.mark.parametrize(("text", "days"), [("5 business days", 5), ("1 business day", 1)])
def test_business_days_need_a_calendar(text: str, days: int) -> None:
    """Business days are kept as such and are not turned into hours."""
    assert span(text) == Span(text, None, days)
    assert span(text).after(AT) is None


def test_beyond_the_calendar_there_is_no_moment() -> None:
    """A date that cannot be computed is not known."""
    assert span("1 h").after(datetime.max.replace(tzinfo=UTC)) is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "expected a duration such as"), ("soon", "such as"), ("-1 min", "such as"), ("2  min", "such as"),
        ("0 min", "longer than nothing"), ("0.0 h", "longer than nothing"), ("2 fortnights", "unit 'fortnights'"),
        ("1.5 business days", "whole number"), ("3661 days", "at most ten years"), ("Unknown", "such as"),
        ("2 Min", "such as"), ("1e3 s", "such as"), ("٣ min", "such as"),
    ],
)  # fmt: skip
def test_anything_else_is_refused_with_what_was_expected(text: str, says: str) -> None:
    """The message is for the planner who wrote it."""
    with pytest.raises(ValueError, match=says):
        span(text)


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("2 mins", "2 min"), ("30m", "30 min"), ("2 Weeks", "14 days"), ("72 hrs", "72 h"), ("1 h 30 min", "5400 s"),
        ("01:00:05", "3605 s"), ("TBD", "unknown"), ("", "unknown"), (" 2 min", "2 min"), ("2 min", ""), ("soon", ""),
        ("0:00:00", ""),
    ],
)  # fmt: skip
def test_what_was_probably_meant(written: str, wanted: str) -> None:
    """Only what reads; nothing for what is right already or is no time at all."""
    assert meant(written) == wanted
