"""What a fold does not keep is not known, and not-known denies."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from command.policy.covering import covering
from command.policy.facts import Facts, FoundFact, GrantFact, NothingKnown
from command.policy.request import ForceClaim
from tests.support.facts import NOON, ordinary
from tests.support.packs import changed
from tests.support.street import BATON, GAS, READY, SIGNED, STREET, WARNED, asked, stack_of, words


def test_nothing_is_known() -> None:
    """Each question about force has an answer that permits nothing."""
    facts: Facts = ordinary().but(exits=None)
    assert facts.jurisdiction_kind("metro-pd") is None
    assert facts.holder_since("incident-commander", NOON) is None
    assert facts.crowd_moved("north", NOON) is None
    assert facts.exits_open("north", NOON) is None
    assert facts.findings("north", NOON) == ()
    assert facts.findings_since("north", NOON, NOON) == ()
    assert facts.attempt("de-escalation", "north", NOON) is None
    assert facts.presence("ic", NOON) is None
    empty: tuple[object, ...]
    for empty in (facts.cosigns("a", NOON), facts.grants(NOON), facts.suspensions(NOON), facts.delegations("ic", NOON)):
        assert empty == ()
    assert facts.grant("g", NOON) is None
    assert facts.posture("north", "shield", NOON) is None
    assert facts.involved("r", NOON) is None


class Seen(NothingKnown):
    """Three findings of two kinds."""

    def findings(self, sector: str, at: Any) -> tuple[FoundFact, ...]:
        return tuple(FoundFact(word, NOON + timedelta(minutes=n), "p") for n, word in enumerate(("a", "b", "a")))


def test_of_each_finding_the_newest() -> None:
    """Where it is recent enough."""
    later = NOON + timedelta(minutes=5)
    assert [(found.finding, found.at.minute) for found in Seen().findings_since("x", NOON, later)] == [
        ("a", 2),
        ("b", 1),
    ]
    assert [found.finding for found in Seen().findings_since("x", NOON + timedelta(minutes=2), later)] == ["a"]


class Granted(NothingKnown):
    """One grant."""

    def __init__(self, grant: GrantFact) -> None:
        self._grant = grant

    def grant(self, grant: str, at: Any) -> GrantFact | None:
        return self._grant


def test_a_grant_without_an_end_is_none() -> None:
    """An authorization that nobody has to renew authorizes nothing (A27)."""
    grant = GrantFact("g", "gas", NOON, None, "chief")
    claim = ForceClaim(tool="gas", officer="o", officer_agency=None, sector="1", at=NOON, grant="g")
    facts: Any = Granted(grant)
    found = covering(stack_of(), facts, claim)
    assert found is not None and "has no end" in found.against[0]
    ended: Any = Granted(replace(grant, until=NOON + timedelta(hours=1)))
    found = covering(stack_of(), ended, claim)
    assert found is not None and found.against == ()


def test_a_finding_that_the_plan_does_not_know_is_left_out() -> None:
    """On record it may stand; it counts for nothing."""
    assert asked((*READY, "12:00 officer finds rain in sector 1"), **BATON).effect == "not barred"


def test_training_is_looked_up_for_those_who_are_named() -> None:
    """And nobody named is something missing."""
    text = changed('scope = ["quantity", "time"]', 'scope = ["time"]\nuser_training = ["crowd-management"]', STREET)
    given = (*READY, *WARNED, *SIGNED)
    assert "which trained officers would use it (crowd-management)" in words(asked(given, text, **GAS))
    assert asked(given, text, **{**GAS, "users": ["sergeant"]}).effect == "not barred"
    assert "training in date of officer" in words(asked(given, text, **{**GAS, "users": ["officer"]}))
    assert "check-in of ghost" in words(asked(given, text, **{**GAS, "users": ["ghost"]}))
