"""The way down is prompted from the record, said in words, and never a condition of going down."""

from __future__ import annotations

from datetime import timedelta

import pytest

from command.policy.facts import LevelFact
from command.policy.stepping import StepDown, step_down
from tests.policy.test_recorded import FIRST, HIGH, SECOND, TOP
from tests.support.facts import NOON, FakeFacts
from tests.support.packs import changed
from tests.support.street import STREET, asked, facts_of, stack_of, when

EXIT = changed(
    'enter = { any = ["bottles", { all = ["fire"] }] }',
    'enter = { any = ["bottles", { all = ["fire"] }] }\nexit = { any = ["danger", { all = ["bottles", "fire"] }], gone = ["fire"] }',
    STREET,
)


def at(text: str, now: str, *given: str) -> StepDown:
    """The way down in sector 1."""
    found = step_down(stack_of(text), facts_of(("11:00 sector 1 stands at high until 12:30", *given)), "1", when(now))
    assert found is not None
    return found


@pytest.mark.parametrize(("now", "prompted"), [("12:04:59", False), ("12:05", True)])
def test_without_a_word_of_the_plan_it_is_that_the_signs_are_no_longer_on_record(now: str, prompted: bool) -> None:
    """Bottles seen at noon count for five minutes."""
    found = at(STREET, now, "12:00 sergeant finds bottles in sector 1")
    assert found.prompted is prompted
    assert found.signs[0].holds is prompted
    assert "Bottles fly." in found.signs[0].says
    assert (found.level, found.to, found.to_name) == ("high", "low", "Low")
    assert found.until == when("12:30")
    assert found.rules[0].rule == "level.high"


def test_signs_named_when_the_level_was_entered_count_from_then() -> None:
    """For as long as an ask waits, or as their own rule says; what is unknown to the plan or lapses at once does not."""
    facts = FakeFacts(levels={"1": (LevelFact("high", NOON, None, ("fire", "danger", "zz")),)})
    for minutes, prompted in ((9, False), (10, True)):
        found = step_down(stack_of(), facts, "1", NOON + timedelta(minutes=minutes))
        assert found is not None and found.prompted is prompted
    bottles = FakeFacts(levels={"1": (LevelFact("high", NOON, None, ("bottles",)),)})
    found = step_down(stack_of(), bottles, "1", NOON + timedelta(minutes=5))
    assert found is not None and found.prompted


def test_the_plans_own_words() -> None:
    """Every part must hold; each is said with whether it does."""
    both = ("12:00 sergeant finds bottles in sector 1", "12:00 sergeant finds fire in sector 1")
    found = at(EXIT, "12:04", *both)
    assert [sign.holds for sign in found.signs] == [True, False]
    assert not found.prompted
    assert found.signs[0].says == "one of: Danger is near.; Bottles fly. and Something burns."
    assert found.signs[1].says == "no longer on record: Something burns."
    text = changed('gone = ["fire"]', 'all = ["bottles"]', EXIT)
    assert at(text, "12:04", *both).prompted
    assert not at(text, "12:05", *both).prompted


def test_signs_that_are_read_are_read_here_too() -> None:
    """An exit condition may speak of warnings and of ways out; without one they are not signs to go by."""
    text = changed(
        'says = "Top."\nenter', 'says = "Top."\nexit = { gone = ["way-out"], all = ["warned-enough"] }\nenter', TOP
    )
    given = ("11:00 sector 1 stands at top", *HIGH[1:], FIRST, SECOND)
    stack = stack_of(text)
    found = step_down(stack, facts_of(given), "1", when("12:03"))
    assert found is not None
    assert [sign.holds for sign in found.signs] == [True, False]
    closed = step_down(stack, facts_of((*given, "12:02 exits of sector 1: none")), "1", when("12:03"))
    assert closed is not None and closed.prompted
    bare = step_down(stack_of(TOP), facts_of((*given, "12:00 sergeant finds fire in sector 1")), "1", when("12:03"))
    assert bare is not None and not bare.prompted
    assert bare.signs[0].says.endswith(": Something burns.")
    only = changed('["warned-enough", "way-out", "fire"]', '["warned-enough"]', TOP)
    nothing = step_down(stack_of(only), facts_of(given), "1", when("12:03"))
    assert nothing is not None and nothing.signs == () and not nothing.prompted


@pytest.mark.parametrize(
    "given", ["11:00 sector 1 stands at low", "11:00 sector 1 stands at amber", "11:00 sector 2 stands at high"]
)
def test_where_there_is_no_way_down_there_is_no_prompt(given: str) -> None:
    """At the lowest level, at one that the plan does not know, and where none is on record."""
    assert step_down(stack_of(), facts_of((given,)), "1", when("12:00")) is None


def test_lowering_asks_for_none_of_it() -> None:
    """The prompt says no, and the commander goes down all the same."""
    given = ("11:00 sector 1 stands at high", "12:00 sergeant finds bottles in sector 1")
    assert not at(STREET, "12:01", *given).prompted
    assert asked(given, who="ic", at="12:01", action="level.lower", sector="1", level="low").allows
