"""The newest record of each sign is at hand for judging now, and says the same as reading all of them through."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from command.domain import commands as c
from command.domain.facts import StateFacts
from command.domain.state import SIGNS
from command.policy.facts import FoundFact
from tests.support.given import OFFICER, STAFFED, START, World


def read_through(facts: StateFacts, since: datetime, at: datetime) -> set[tuple[str, datetime]]:
    """What the records themselves say."""
    newest: dict[str, FoundFact] = {}
    for fact in facts.findings("north", at):
        newest[fact.finding] = fact
    return {(fact.finding, fact.at) for fact in newest.values() if fact.at >= since}


def seen(*records: tuple[tuple[str, ...], int]) -> StateFacts:
    """A sector with these records: signs, and by how many seconds before the start they were seen."""
    world = World()
    for step in STAFFED:
        world.happened(step)
    for number, (signs, ago) in enumerate(records):
        cmd = c.RecordObservation(f"o{number}", "seen", "north", signs)
        world.send(cmd, OFFICER, occurred_at=START - timedelta(seconds=ago))
    return StateFacts(world.state)


@drawn(
    st.lists(
        st.tuples(st.lists(st.sampled_from("abc"), min_size=1, max_size=2).map(tuple), st.integers(-50, 50)), max_size=8
    ),
    st.integers(-60, 60),
    st.integers(-60, 60),
)
@settings(max_examples=60, deadline=None)
def test_at_hand_and_read_through_agree(records: list[tuple[tuple[str, ...], int]], since: int, at: int) -> None:
    """Late reports, clocks that run ahead, any moment asked about."""
    facts = seen(*records)
    begin, end = START + timedelta(seconds=since), START + timedelta(seconds=at)
    at_hand = {(fact.finding, fact.at) for fact in facts.findings_since("north", begin, end)}
    assert at_hand == read_through(facts, begin, end)


def test_signs_at_hand_are_bounded() -> None:
    """Words that no plan knows are let go, the oldest first; the records stay."""
    facts = seen(*(((f"w{n}", f"x{n}"), 5000 - n) for n in range(SIGNS)))
    now = START + timedelta(hours=1)
    found = facts.findings_since("north", START - timedelta(days=1), now)
    assert len(found) == SIGNS
    assert found[-1].finding in (f"w{SIGNS - 1}", f"x{SIGNS - 1}")
    assert len(facts.findings("north", now)) == 2 * SIGNS
