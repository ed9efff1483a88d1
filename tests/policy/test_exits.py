"""A look at the ways out does not count for ever."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from command.policy.authority import Weighing
from command.policy.case_facts import CaseFacts
from command.policy.durations import Span, span, strictest
from command.policy.exits import still_open, weigh

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
HALF_HOUR = span("30 min")


def facts(*given: str) -> CaseFacts:
    """After these sentences, a minute apart from noon on."""
    told = CaseFacts({}, NOON)
    for minute, sentence in enumerate(given):
        assert told.happen(NOON + timedelta(minutes=minute), sentence, datetime.fromisoformat) is None
    return told


def weighed(told: CaseFacts, minutes: float, holds: Span | None, sector: str | None = "1") -> tuple[str, str]:
    """The effect, and what stands in the way, so many minutes after noon."""
    weighing = Weighing()
    weigh("way-out", told, sector, NOON + timedelta(minutes=minutes), holds, weighing)
    decision = weighing.decision()
    return decision.effect, " / ".join((*decision.reasons, *decision.missing))


OPEN, SHUT, MOVED = "exits of sector 1: north", "exits of sector 1: none", "the crowd in sector 1 moves on"


@pytest.mark.parametrize(
    ("given", "minutes", "holds", "effect", "why"),
    [
        ((OPEN,), 29.9, HALF_HOUR, "not barred", ""),
        ((OPEN,), 30, HALF_HOUR, "missing", "that of 12:00:00 UTC has lapsed (30 min)"),
        ((OPEN,), 1, None, "missing", "no pack says, and unknown denies"),
        ((OPEN,), 1, span("unknown"), "missing", "no pack says, and unknown denies"),
        ((OPEN, MOVED), 2, HALF_HOUR, "missing", "the crowd has moved on since that of 12:00:00 UTC"),
        ((OPEN, MOVED, OPEN), 3, HALF_HOUR, "not barred", ""),
        ((SHUT,), 100_000, HALF_HOUR, "refused", "no way out of 1 is open"),
        ((), 1, HALF_HOUR, "missing", "that someone sees a way out open"),
    ],
)
def test_a_look_counts_until_it_lapses_or_the_crowd_moves(
    given: tuple[str, ...], minutes: float, holds: Span | None, effect: str, why: str
) -> None:
    """And that every way was closed counts until somebody sees one open."""
    came, said = weighed(facts(*given), minutes, holds)
    assert came == effect and why in said


def test_without_a_sector_nobody_looked() -> None:
    assert weighed(facts(OPEN), 1, HALF_HOUR, None)[0] == "missing"
    assert still_open(facts(OPEN), None, NOON, HALF_HOUR) is None


def test_what_was_open_is_known_while_the_look_counts() -> None:
    assert still_open(facts(OPEN), "1", NOON, HALF_HOUR) == ("north",)
    assert still_open(facts(OPEN), "1", NOON + timedelta(hours=1), HALF_HOUR) is None
    assert still_open(facts(SHUT), "1", NOON + timedelta(hours=1), HALF_HOUR) == ()


def test_a_look_whose_time_is_not_known_does_not_count() -> None:
    class Timeless(CaseFacts):
        def exits_seen(self, sector: str, at: datetime) -> datetime | None:
            return None

    told = Timeless({}, NOON)
    told.happen(NOON, OPEN, datetime.fromisoformat)
    assert "when they were seen is not known" in weighed(told, 1, HALF_HOUR)[1]


def test_the_shortest_known_time_counts() -> None:
    assert strictest(span("10 min"), None, span("unknown"), HALF_HOUR) == span("10 min")
    assert strictest(None, span("unknown")) == span("unknown")
    assert strictest(None) is None
