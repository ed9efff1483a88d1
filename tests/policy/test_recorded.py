"""A level is entered on what the record shows: warnings given and ways out seen, never on a sign that someone ticks."""

from __future__ import annotations

from typing import Any

import pytest

from command.policy.decision import Decision
from command.policy.judge import judge
from command.policy.load import PackProblems, read_pack
from command.policy.request import Request
from command.policy.stack import Stack
from tests.support.packs import changed
from tests.support.street import STREET, asked, facts_of, when, words

SIGNS = """
[[indicator]]
id = "warned-enough"
says = "The warnings were given."
warning = "level-warning"

[[indicator]]
id = "way-out"
says = "A way out is open."
exits = true
lapses = "30 min"

[[warning]]
id = "level-warning"
says = "Two, two minutes apart, and a minute to leave."
count = 2
interval = "2 min"
wait = "1 min"
imminent_if = "danger"
imminent_count = 1
lapses = "10 min"
lapses_when_moved = true

[[level]]
id = "top"
order = 2
name = "Top"
says = "Top."
enter = { all = ["warned-enough", "way-out", "fire"] }
authorizer = { positions = ["incident-commander"] }
review = "5 min"
"""
TOP = STREET + SIGNS
EITHER = changed(
    'enter = { all = ["warned-enough", "way-out", "fire"] }', 'enter = { any = ["warned-enough", "way-out"] }', TOP
)
HIGH = ("11:00 sector 1 stands at high", "11:50 exits of sector 1: north")
FIRST, SECOND = "12:00 sergeant warns sector 1 with level-warning", "12:02 sergeant warns sector 1 with level-warning"


def up(at: str, *given: str, text: str = TOP, signs: tuple[str, ...] = ("fire",), **said: Any) -> Decision:
    """The commander raises sector 1 to the top."""
    about = {"action": "level.raise", "level": "top", "sector": "1", "who": "ic", "indicators": signs}
    return asked((*HIGH, *given), text, at=at, **{**about, **said})


def test_the_record_alone_opens_the_level() -> None:
    """Two warnings in time, a minute to leave, a way out that someone sees: nobody needs to name them."""
    decision = up("12:03", FIRST, SECOND)
    assert decision.allows, words(decision)
    assert {"warning.level-warning", "level.top"} <= {rule.rule for rule in decision.rules}


def test_naming_the_sign_gives_no_warning() -> None:
    """A ticked sign is refused its weight, and the answer says why and what is missing instead."""
    decision = up("12:03", signs=("fire", "warned-enough", "way-out"))
    assert decision.effect == "missing"
    assert decision.missing == ("level-warning: first warning of 2",)
    assert "warned-enough is read from the record" in words(decision)
    assert "way-out is read" not in words(decision)
    assert up("12:03", FIRST, SECOND, signs=("fire", "warned-enough")).allows


@pytest.mark.parametrize(("at", "left"), [("12:01:13", "0:47"), ("12:00", "2:00"), ("12:01:59", "0:01")])
def test_the_answer_says_when_the_next_warning_is_possible(at: str, left: str) -> None:
    """By the clock and as a wait, and as data."""
    decision = up(at, FIRST)
    assert decision.missing == (
        f"level-warning: second warning of 2, possible at 12:02:00 UTC, in {left} (2 min between two)",
    )
    assert decision.until is not None and f"{decision.until:%H:%M:%S}" == "12:02:00"


def test_on_the_second_it_is_possible_now() -> None:
    """No wait is left, and time alone changes nothing."""
    decision = up("12:02", FIRST)
    assert decision.missing == ("level-warning: second warning of 2, possible now",)
    assert decision.until is None


def test_people_have_time_to_leave() -> None:
    """A second before its end, and at it."""
    early = up("12:02:59", FIRST, SECOND)
    assert early.missing == ("level-warning: time to leave until 12:03:00 UTC, in 0:01 (1 min)",)
    assert early.until is not None and f"{early.until:%H:%M:%S}" == "12:03:00"
    assert up("12:03", FIRST, SECOND).allows


def test_warnings_lapse_with_time_and_when_the_crowd_moves() -> None:
    """They were given to other people, or to another place."""
    assert up("12:11:59", FIRST, SECOND).allows
    assert up("12:12", FIRST, SECOND).missing == ("level-warning: first warning of 2",)
    moved = up("12:05", FIRST, SECOND, "12:04 the crowd in sector 1 moves on")
    again = "way-out: another look at the ways out: the crowd has moved on since that of 11:50:00 UTC"
    assert set(moved.missing) == {"level-warning: first warning of 2", again}
    assert "moved on" in words(moved)


def test_one_warning_does_in_danger_that_is_named_or_on_record() -> None:
    """The finding makes it fewer; no separate claim is needed for a level."""
    assert up("12:01", FIRST, signs=("fire", "danger")).allows
    assert not up("12:01", FIRST).allows


def test_ways_out_are_seen_open() -> None:
    """Nobody looked: missing. Closed: refused. The newest look counts."""
    nobody = asked((HIGH[0], FIRST, SECOND), TOP, at="12:03", action="level.raise", level="top", sector="1", who="ic",
                   indicators=("fire",))  # fmt: skip
    assert nobody.missing == ("way-out: that someone sees a way out open",)
    closed = up("12:03", FIRST, SECOND, "12:01 exits of sector 1: none")
    assert closed.effect == "refused" and "way-out: no way out of 1 is open" in closed.reasons


def test_what_is_found_is_still_named() -> None:
    """Signs that people see are the author's to name; a word near to one is told."""
    assert up("12:03", FIRST, SECOND, signs=()).missing == ("the indicator: fire (Something burns.)",)
    near = up("12:03", FIRST, SECOND, signs=("fire", "fires"))
    assert 'the plan knows no indicator "fires"; did you mean "fire"?' in near.reasons
    assert 'no indicator "zz"' in words(up("12:03", FIRST, SECOND, signs=("zz",)))


def test_one_of_several() -> None:
    """Any of them opens it; where only time is missing in one, the answer says until when."""
    closed = "11:55 exits of sector 1: none"
    assert up("12:03", closed, FIRST, SECOND, text=EITHER).allows
    assert up("12:03", text=EITHER).allows
    waiting = up("12:02:30", closed, FIRST, SECOND, text=EITHER)
    assert waiting.missing[0].startswith("one of the indicators: warned-enough (The warnings were given.); way-out")
    assert waiting.until is not None and f"{waiting.until:%H:%M:%S}" == "12:03:00"
    assert "warned-enough: level-warning: time to leave" in words(waiting)
    mixed = changed('any = ["warned-enough", "way-out"]', 'any = [{ all = ["warned-enough", "fire"] }]', EITHER)
    assert up("12:02:30", FIRST, SECOND, text=mixed, signs=()).until is None


AGREED = """
[pack]
id = "agreed"
title = "Agreement"
jurisdiction = "Nowhere"
kind = "agreement"
sources = []

[[indicator]]
id = "warned-enough"
says = "People were warned, and can leave."
exits = true
lapses = "30 min"

[[level]]
id = "top"
order = 2
name = "Top"
says = "Top."
enter = { all = ["warned-enough"] }
"""


def test_packs_that_ask_for_the_same_sign_are_put_together() -> None:
    """What each of them reads it from must hold, and what is missing is said once."""
    stack = Stack.of([read_pack(AGREED, "agreed.toml"), read_pack(TOP, "street.toml")])
    ask = Request(action="level.raise", person="ic", agency="lead", level="top", sector="1", indicators=("fire",),
                  ask_age_s=1.0, basis_age_s=0.0)  # fmt: skip
    bare = judge(stack, facts_of(HIGH), ask, when("12:03"))
    assert bare.missing == ("level-warning: first warning of 2",)
    nobody = judge(stack, facts_of((HIGH[0], FIRST, SECOND)), ask, when("12:03"))
    assert nobody.missing == (
        "warned-enough: that someone sees a way out open",
        "way-out: that someone sees a way out open",
    )
    assert judge(stack, facts_of((*HIGH, FIRST, SECOND)), ask, when("12:03")).allows


def test_a_suspended_warning_is_not_asked_for() -> None:
    """As with a tactic: the suspension is on record, with its end."""
    off = "11:55 warning.level-warning of small is suspended until 13:00"
    assert up("12:03", off).allows
    assert up("13:00", off).effect == "missing"


def test_a_weapon_that_must_be_named_is_any_weapon_here() -> None:
    """A level knows no tool; a warning that named none does not count all the same."""
    text = changed("lapses_when_moved = true\n\n[[level]]", "names_weapon = true\n\n[[level]]", TOP)
    assert "did not name the tool" in words(up("12:03", FIRST, SECOND, text=text))
    assert up("12:03", FIRST + ": naming gas", SECOND + ": naming gas", text=text).allows


def test_an_ask_says_what_a_grant_will_need() -> None:
    """Asking is taken in haste; the clock is told all the same."""
    decision = up("12:01:13", FIRST, action="level.ask", who="officer")
    assert decision.allows
    assert "before it can be granted: level-warning: second warning of 2, possible at 12:02:00" in words(decision)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('warning = "level-warning"\n\n[[indicator]]', 'warning = "level-warnings"\n\n[[indicator]]', "did you mean \"level-warning\""),
        ('needs = { any = ["bottles"] }', 'needs = { any = ["way-out"] }', "which is read from the record"),
        ('unless = { all = ["fire"] }', 'unless = { all = ["warned-enough"] }', "which is read from the record"),
        ('says = "Quiet."', 'says = "Quiet."\nexit = { gone = ["fire"] }', 'no "exit" at the lowest level'),
        ('says = "Top."', 'says = "Top."\nexit = { gone = ["fires"] }', 'came "fires"; did you mean "fire"?'),
        ('says = "Top."', 'says = "Top."\nexit = { any = ["zz"] }', 'came "zz"'),
    ],
)  # fmt: skip
def test_a_pack_that_mixes_the_two_is_told(old: str, new: str, told: str) -> None:
    """Each with its line and what was expected."""
    with pytest.raises(PackProblems) as caught:
        read_pack(changed(old, new, TOP), "street.toml")
    assert told in str(caught.value)
    assert caught.value.problems[0].line


def test_nobody_finds_what_is_read() -> None:
    """An observation under such a sign's name counts for no tactic's condition either, whoever made it."""
    seen = up("12:03", "12:00 sergeant finds warned-enough in sector 1", signs=("fire", "warned-enough"))
    assert seen.missing == ("level-warning: first warning of 2",)
