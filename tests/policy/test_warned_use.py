"""Warnings at the use: what took them away since the grant counts, and so does what was told of them later."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from command.policy.decision import Finding
from command.policy.findings import finding
from command.policy.request import ForceClaim
from tests.support.packs import changed
from tests.support.street import STREET, WARNED, facts_of, stack_of, when

GRANT = "12:05 chief grants g-1: gas to disperse in sector 1 until 12:30, to officer"
HIGH = "11:00 sector 1 stands at high"
MOVED = "12:10 the crowd in sector 1 moves on"
AGAIN = tuple(line.replace("12:00", "12:11").replace("12:02", "12:13") for line in WARNED)
FREE = STREET + '\n[[tool]]\nid = "gas"\nsays = "Gas needs no grant."\ngrant = "not needed"\nexigent = "accepted"\n'


def used(given: tuple[str, ...], at: str, text: str = STREET, **said: Any) -> Finding:
    """A use by the officer, in a sector that stands at the level that gas takes."""
    about: dict[str, Any] = {"tool": "gas", "sector": "1", "purpose": "disperse", "officer": "officer", **said}
    return finding(stack_of(text), facts_of((HIGH, *given)), ForceClaim(officer_agency=None, at=when(at), **about))


@pytest.mark.parametrize(
    ("given", "at", "kind", "said"),
    [
        ((*WARNED, GRANT), "12:06", "authorized", "granted by chief"),
        ((*WARNED, GRANT), "12:25", "authorized", "granted by chief"),  # ten minutes are over, and the grant runs
        ((GRANT,), "12:06", "contrary to plan", "warned: first warning of 2"),
        ((WARNED[0], GRANT), "12:06", "contrary to plan", "second warning of 2"),
        ((*WARNED, GRANT, MOVED), "12:09:59", "authorized", "granted by chief"),
        (
            (*WARNED, GRANT, MOVED),
            "12:10:01",
            "contrary to plan",
            "warnings from before 12:10:00 UTC do not count: the crowd has moved on",
        ),
        ((*WARNED, GRANT, MOVED, *AGAIN), "12:13:59", "contrary to plan", "time to leave"),
        ((*WARNED, GRANT, MOVED, *AGAIN), "12:14", "authorized", "granted by chief"),
    ],
)
def test_under_a_grant(given: tuple[str, ...], at: str, kind: str, said: str) -> None:
    stands = used(given, at)
    assert stands.kind == kind and said in " / ".join(stands.reasons), stands
    named = {rule.rule for rule in stands.rules}
    assert ("warning.warned" in named) == (kind != "authorized"), "what is wanting names its rule"


def test_without_a_grant_they_hold_at_the_use_itself() -> None:
    assert used((), "12:05", FREE).kind == "contrary to plan"
    assert used(WARNED, "12:02:30", FREE).kind == "contrary to plan", "the time to leave is not over"
    assert used(WARNED, "12:03", FREE).kind == "authorized"
    assert used(WARNED, "12:12", FREE).kind == "contrary to plan", "they have lapsed, and no grant carries them"
    assert used((), "12:05", FREE, purpose=None).kind == "authorized", "which rule it is under nobody can say"


def test_a_clock_that_may_be_on_either_side_cannot_tell() -> None:
    """The report's own, or a warning's."""
    late = used((*WARNED, GRANT, MOVED), "12:09:50", clock_error_ms=20_000)
    assert late.kind == "cannot tell" and "within the clocks' error of 20000 ms" in late.reasons[-1]
    facts = facts_of((HIGH, *WARNED))
    facts._warned = [(key, replace(fact, clock_error_ms=30_000)) for key, fact in facts._warned]
    claim = ForceClaim(
        tool="gas", officer="officer", officer_agency=None, sector="1", purpose="disperse", at=when("12:03:10")
    )
    assert finding(stack_of(FREE), facts, claim).kind == "cannot tell"


SHUT = "12:08 exits of sector 1: none"


def test_ways_out_that_were_closed_after_the_grant() -> None:
    """A look that has only grown old takes nothing from a grant; one that found no way out does."""
    text = changed("lapses_when_moved = true", "lapses_when_moved = true\nexits_open = true", STREET)
    text = changed('ask_expires = "10 min"', 'ask_expires = "10 min"\nexits = "10 min"', text)
    warned = tuple(f"{line}, exits pine" for line in WARNED)
    given = ("12:00 exits of sector 1: pine", *warned, GRANT)
    assert used(given, "12:20", text).kind == "authorized"
    stands = used((*given, SHUT), "12:20", text)
    assert stands.kind == "contrary to plan" and "no way out of 1 is open" in stands.reasons[-1]
