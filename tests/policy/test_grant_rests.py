"""What a grant rests on: the sentence of a finding on a use, given beforehand, and the times in which it holds."""

from __future__ import annotations

from msgspec.structs import replace

from command.policy.facts import GrantFact
from command.policy.findings import finding
from command.policy.grant_rests import gaps, wanting
from command.policy.request import ForceClaim
from tests.support.street import READY, SIGNED, WARNED, facts_of, stack_of, when

GIVEN = "12:05 chief grants g-1: gas to disperse in sector 1 until 12:40, 5 of it, asked by sergeant"
ALL = (*READY, *WARNED, *SIGNED, GIVEN)


def fact_of(*given: str) -> GrantFact:
    found = facts_of(given).grant("g-1", when("12:39"))
    assert found is not None
    return found


def test_what_stands_beneath_a_grant_is_asked_as_at_a_use() -> None:
    """Level, warnings: whatever makes a use unauthorized for everyone is said by the same words."""
    for more in ((), ("12:10 the crowd in sector 1 moves on",)):
        facts, given = facts_of((*ALL, *more)), fact_of(*ALL, *more)
        for at in ("12:06", "12:11", "12:29"):
            claim = ForceClaim(tool="gas", officer="officer", officer_agency=None, sector="1", at=when(at), grant="g-1", purpose="disperse", quantity=1)  # fmt: skip
            found, why = finding(stack_of(), facts, claim), wanting(stack_of(), facts, given, when(at))
            assert (found.kind == "authorized") is (why == ""), (more, at, found, why)


def test_a_grant_says_from_when_on_it_rests_on_nothing() -> None:
    facts, given = facts_of(ALL), fact_of(*ALL)
    assert gaps(stack_of(), facts, given) == ()
    moved = (*ALL, "12:10 the crowd in sector 1 moves on")
    (gap,) = gaps(stack_of(), facts_of(moved), fact_of(*moved))
    assert (gap.since, gap.until) == (when("12:10"), None) and "moved on" in gap.why
    low = (*ALL, "12:10 sector 1 stands at low")
    (gap,) = gaps(stack_of(), facts_of(low), fact_of(*low))
    assert gap.since == when("12:10") and gap.until is None and "stood at" in gap.why
    again = (*low, "12:15 sector 1 stands at high")
    (gap,) = gaps(stack_of(), facts_of(again), fact_of(*again))
    assert (gap.since, gap.until) == (when("12:10"), when("12:15")), "what is renewed carries it again"


def test_one_that_has_no_end_or_no_place_has_no_times() -> None:
    facts, given = facts_of(ALL), fact_of(*ALL)
    assert gaps(stack_of(), facts, replace(given, until=None)) == ()
    assert gaps(stack_of(), facts, replace(given, sector=None)) == ()
    assert gaps(stack_of(), facts, replace(given, tool="trebuchet")) == ()
    assert wanting(stack_of(), facts, given, when("12:04")) == "", "before it began it rests on nothing that counts"
