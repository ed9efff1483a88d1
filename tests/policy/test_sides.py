"""Both sides of every rule and number: what no case shows is named, and an exception that excuses nothing is too."""

from __future__ import annotations

import pytest

from command.policy.cases import read_cases
from command.policy.load import Stack, read_pack
from command.policy.problems import PackProblems, Problem
from command.policy.sides import _stepped, gaps, numbers
from tests.policy.test_cases import FILE
from tests.support.packs import SMALL, changed
from tests.support.street import STREET


def found(file: str = FILE, text: str = STREET) -> set[tuple[str, str, str]]:
    """The gaps of a file of cases, without the pack's name."""
    pack = read_pack(text, "street.toml")
    return {
        (gap.rule.removeprefix("small:"), gap.field, gap.side)
        for gap in gaps(read_cases(file, "c"), Stack.of([pack]), pack)
    }


def with_case(*lines: str) -> str:
    """The file with one case more."""
    return FILE + "\n[[case]]\n" + "\n".join(lines) + "\n"


def excused(*lines: str) -> str:
    """The file with an exception."""
    return FILE + "\n[[one_sided]]\n" + "\n".join(lines) + "\n"


def test_a_rule_that_is_only_permitted_lacks_its_other_side() -> None:
    """The baton's case is not barred; a second one that is refused closes the gap."""
    assert ("tactic.baton-at-one", "", "permitted") not in found()
    assert ("tactic.baton-at-one", "", "refused") in found()
    other = with_case(
        'says = "an officer"', 'asks = { at = "12:00", who = "officer", action = "force.grant", lasts = "10 min" }',
        'answer = "refused"', 'names = ["small:tactic.baton-at-one"]',
    )  # fmt: skip
    assert ("tactic.baton-at-one", "", "refused") not in found(other)


def test_cannot_tell_shows_no_side() -> None:
    """Neither permitted nor refused."""
    told = FILE.replace('answer = "not barred"', 'answer = "cannot tell"')
    assert {("tactic.baton-at-one", "", "permitted"), ("tactic.baton-at-one", "", "refused")} <= found(told)


def test_a_duty_that_is_narrowed_has_two_sides() -> None:
    """It is owed after some reports, and after others not; one that every such event begins is owed or not there."""
    assert ("duty.review", "", "owed") not in found()
    assert ("duty.review", "", "not owed") in found()
    other = with_case(
        'says = "not exigent"', 'happens = { at = "12:00", event = "ForceReported" }', 'answer = "not owed"',
        'names = ["duty.review"]',
    )  # fmt: skip
    assert ("duty.review", "", "not owed") not in found(other)
    always = changed('starts = { event = "ForceReported", exigent = true }', 'starts = { event = "ForceReported" }')
    assert ("duty.review", "", "not owed") not in found(text=always)


def test_rules_that_only_stand_in_the_way_have_one_side() -> None:
    """A prohibition without an exception, a prohibited tool, the rule where no tool is named."""
    never = changed('grant = "needed"\nexigent = "accepted"', 'grant = "never"\nexigent = "not accepted"')
    sides = found(text=never)
    assert ("tool.baton", "", "refused") in sides
    assert ("tool.baton", "", "permitted") not in sides
    assert ("force.force", "", "permitted") not in sides
    barred = SMALL + '\n[[prohibition]]\nid = "p"\nsays = "P."\ntools = ["baton"]\n'
    assert ("prohibition.p", "", "refused") in found(text=barred)
    assert ("prohibition.p", "", "permitted") not in found(text=barred)
    assert ("prohibition.p", "", "permitted") in found(text=barred + 'unless = { all = ["fire"] }\n')


LAW = """
[pack]
id = "law"
title = "Law"
jurisdiction = "Nowhere"
kind = "agreement"
sources = []

[[level]]
id = "high"
order = 1
name = "High"
says = "High."
"""


def test_a_word_added_to_anothers_rung_asks_for_nothing() -> None:
    """A level of an agreement that neither asks for a sign nor names anyone has no side on which it refuses."""
    law, plan = read_pack(LAW, "law.toml"), read_pack(STREET, "street.toml")
    stack = Stack.of([law, plan])
    assert [gap.side for gap in gaps(read_cases(FILE, "c"), stack, law)] == ["permitted"]


def test_a_number_that_the_plan_cannot_do_without_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the packs do not stand on each other with another number, nothing is left to try."""
    pack = read_pack(STREET, "street.toml")
    stack = Stack.of([pack])

    def refuse(_packs: object) -> Stack:
        raise PackProblems([Problem("street.toml", 1, "x", "y", "z")])

    monkeypatch.setattr(Stack, "of", refuse)
    assert not [gap for gap in gaps(read_cases(FILE, "c"), stack, pack) if gap.field]


def test_a_plain_number_is_moved_by_one() -> None:
    """As a pack may have them beside durations and counts."""
    assert (_stepped(5, 1), _stepped(2.5, -1)) == (6, 1.5)


def test_a_number_is_pinned_by_the_case_that_notices() -> None:
    """The duty's 72 hours stand in a case; the level's half hour in none."""
    sides = found()
    assert ("duty.review", "within", "larger") not in sides
    assert ("duty.review", "within", "smaller") not in sides
    assert {("level.high", "review", "larger"), ("level.high", "review", "smaller")} <= sides


def test_a_bound_needs_a_case_above_and_one_below() -> None:
    """Asking for exactly the longest notices a smaller limit, and asking for a second more a larger one."""
    text = changed('id = "baton-at-one"', 'id = "baton-at-one"\nquantity = 2', STREET)
    ask = 'asks = { at = "12:00", who = "ic", action = "force.grant", lasts = "10 min", quantity = %d }'
    at = with_case('says = "two"', ask % 2, 'answer = "not barred"')
    assert ("tactic.baton-at-one", "quantity", "smaller") not in found(at, text)
    assert ("tactic.baton-at-one", "quantity", "larger") in found(at, text)
    over = with_case('says = "three"', ask % 3, 'answer = "refused"')
    assert ("tactic.baton-at-one", "quantity", "smaller") in found(over, text)
    assert ("tactic.baton-at-one", "quantity", "larger") not in found(over, text)


def test_numbers_are_known_ones_that_something_is_compared_with() -> None:
    """Not a rung's place, not what is unknown; days of a calendar are moved by days."""
    pack = read_pack(changed('within = "72 h"', 'within = "5 business days"'), "small.toml")
    assert [(rule, field) for rule, field, _, _ in numbers(pack)] == [
        ("limits", "ask_age"), ("limits", "ask_expires"), ("level.high", "review"), ("duty.review", "within"),
    ]  # fmt: skip
    assert ("duty.review", "within", "larger") in found(text=changed('within = "72 h"', 'within = "5 business days"'))
    assert ("duty.review", "within", "smaller") in found(text=changed('within = "72 h"', 'within = "5 calendar days"'))
    assert not [field for _, field, _, _ in numbers(read_pack(changed('within = "72 h"', 'within = "unknown"'), "s"))
                if field == "within"]  # fmt: skip


def test_an_exception_excuses_its_gap_and_says_so_where_there_is_none() -> None:
    """By either spelling of the rule; another pack's is none of this one's business."""
    reason = 'because = "nobody can"'
    for rule in ("level.high", "small:level.high"):
        lines = (f'rule = "{rule}"', 'field = "review"', 'side = "larger"', reason)
        assert ("level.high", "review", "larger") not in found(excused(*lines))
        assert ("level.high", "review", "smaller") in found(excused(*lines))
    idle = found(excused('rule = "duty.review"', 'field = "within"', 'side = "larger"', reason))
    assert ("duty.review", "within", "larger") in idle
    elsewhere = found(excused('rule = "other:duty.review"', 'field = "within"', 'side = "larger"', reason))
    assert elsewhere == found()


def test_a_gap_reads_as_a_line() -> None:
    """Rule, field, side, and what is not there."""
    pack = read_pack(STREET, "street.toml")
    lines = [str(gap) for gap in gaps(read_cases(FILE, "c"), Stack.of([pack]), pack)]
    assert "small:level.high review: larger: no case notices" in lines
    assert "small:tactic.baton-at-one: refused: no case names it on this side" in lines
