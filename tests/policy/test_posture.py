"""Gear and vehicles are staged, then ready, then deployed with a reason; standing down needs none."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.packs import changed
from tests.support.street import READY, STREET, asked, when, words

UP: dict[str, Any] = {
    "who": "ic", "action": "posture.raise", "at": "12:00", "sector": "1", "posture": "shield", "state": "deployed",
    "purpose": "protect person", "statement": "bricks fly", "findings": ["bottles"],
}  # fmt: skip
NEAR = (*READY, "11:50 shield in sector 1 is ready")
OUT = (*READY, "11:50 shield in sector 1 is deployed until 12:20")
DOWN: dict[str, Any] = {
    "who": "sergeant",
    "action": "posture.stand-down",
    "at": "12:00",
    "sector": "1",
    "posture": "shield",
}


def test_deploying_what_is_ready() -> None:
    """Until its review."""
    decision = asked(NEAR, **UP)
    assert decision.effect == "not barred", words(decision)
    assert decision.until == when("12:30")


@pytest.mark.parametrize(
    ("given", "change", "expected"),
    [
        (READY, {}, "shields to be ready first"),
        (NEAR, {"sector": None}, "which sector"),
        (NEAR, {"posture": None}, "which gear or vehicle"),
        (NEAR, {"posture": "tank"}, 'no gear or vehicle "tank"'),
        (NEAR, {"state": None}, "ready or deployed"),
        (NEAR, {"state": "staged"}, "ready or deployed"),
        (NEAR, {"state": "ready"}, "ready already"),
        (NEAR, {"statement": None}, "the reason"),
        (NEAR, {"purpose": None}, "for what purpose"),
        (NEAR, {"purpose": "disperse"}, "never deployed to disperse"),
        (NEAR, {"findings": [], "at": "12:10"}, "one of the findings"),
        (NEAR, {"who": "sergeant"}, "does not hold the position"),
        (NEAR[1:], {}, "the level High in force"),
        (("11:00 sector 1 stands at low", *NEAR[1:]), {}, "the level High in force"),
        (("11:00 sector 1 stands at high until 12:00", *NEAR[1:]), {}, "the level High in force"),
    ],
)
def test_what_stands_in_the_way(given: tuple[str, ...], change: dict[str, Any], expected: str) -> None:
    """Each is said."""
    decision = asked(given, **{**UP, **change})
    assert not decision.allows
    assert expected in words(decision)


def test_bringing_it_near_takes_less() -> None:
    """A sergeant, a reason, no finding; and no end of its own."""
    decision = asked(READY, **{**UP, "who": "sergeant", "state": "ready", "findings": []})
    assert decision.effect == "not barred"
    assert decision.until is None


def test_renewing_what_is_deployed() -> None:
    """Under the same conditions; what is not deployed is not renewed."""
    assert asked(OUT, **{**UP, "action": "posture.renew", "state": None}).until == when("12:30")
    assert "nothing to renew" in words(asked(NEAR, **{**UP, "action": "posture.renew"}))


def test_asking_for_it() -> None:
    """By whoever the plan lets ask; what a yes will take is noted."""
    text = changed('action = "force.ask"', 'action = "posture.ask"', STREET)
    decision = asked(READY, text, **{**UP, "who": "officer", "action": "posture.ask"})
    assert decision.effect == "not barred"
    assert "before it can be granted: shields to be ready first" in decision.reasons
    assert asked(READY, **{**UP, "action": "posture.ask"}).effect != "not barred"
    assert asked(READY, text, **{**UP, "action": "posture.ask", "posture": None}).effect == "missing"
    bare = asked(NEAR, text, **{**UP, "who": "officer", "action": "posture.ask", "statement": None})
    assert "before it can be granted: the reason, in the author's words" in bare.reasons


def test_standing_down_needs_no_reason() -> None:
    """Whoever could bring it near, and the commander; down is down."""
    assert asked(OUT, **DOWN).effect == "not barred"
    assert asked(OUT, **{**DOWN, "who": "ic", "state": "ready"}).effect == "not barred"
    assert asked(OUT, **{**DOWN, "who": "officer"}).effect == "refused"
    assert "not lower" in words(asked(READY, **DOWN))
    assert "not lower" in words(asked(OUT, **{**DOWN, "state": "folded"}))
    assert asked(OUT, **{**DOWN, "posture": None}).effect == "missing"


def test_a_review_that_no_pack_gives_denies() -> None:
    """Unknown."""
    text = changed(
        'review = "30 min"\n\n[[ask]]\nid = "ask-force"', 'review = "unknown"\n\n[[ask]]\nid = "ask-force"', STREET
    )
    assert "after how long shields is stood down" in words(asked(NEAR, text, **UP))
