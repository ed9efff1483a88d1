"""Suspending, resuming, delegating, reviewing: by name, in writing, for a while, and never one's own work."""

from __future__ import annotations

from typing import Any

import pytest

from command.policy.judge import judge
from command.policy.load import read_pack
from command.policy.request import Request
from command.policy.stack import Stack
from tests.support.packs import changed
from tests.support.street import STREET, asked, facts_of, when, words

OFF: dict[str, Any] = {
    "who": "ic", "action": "plan.suspend", "at": "12:00", "pack": "small", "rule": "tactic.gas",
    "statement": "a flood", "lasts_s": 3600.0,
}  # fmt: skip
GIVE: dict[str, Any] = {
    "who": "chief", "action": "authority.delegate", "at": "12:00", "subject": "lieutenant", "written": True,
    "lasts_s": 3600.0,
}  # fmt: skip


def test_suspending() -> None:
    """Until it ends by itself."""
    decision = asked((), **OFF)
    assert decision.effect == "not barred"
    assert decision.until == when("13:00")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"pack": None}, "which rule of which pack"),
        ({"pack": "other"}, "which rule of which pack"),
        ({"rule": None}, "which rule of which pack"),
        ({"rule": "level.high"}, "can be suspended"),
        ({"rule": "prohibition.no-rope"}, "can be suspended"),
        ({"statement": " "}, "the reason"),
        ({"lasts_s": None}, "for how long"),
        ({"lasts_s": 86401.0}, "at most 24 hours"),
        ({"lasts_s": 0.0}, "at most 24 hours"),
        ({"who": "chief"}, "does not hold"),
    ],
)
def test_suspending_with_something_wrong(change: dict[str, Any], expected: str) -> None:
    """Each is said."""
    decision = asked((), **{**OFF, **change})
    assert not decision.allows
    assert expected in words(decision)


def test_where_no_pack_lets_a_rule_be_suspended() -> None:
    """None is."""
    start, end = STREET.index("[suspension]"), STREET.index("[relay]")
    assert "no pack says" in words(asked((), STREET[:start] + STREET[end:], **OFF))
    assert "no rule of the plan says who may" in words(
        asked((), changed('action = "plan.suspend"', 'action = "unit.form"', STREET), **OFF)
    )


def test_resuming_what_is_suspended() -> None:
    """And nothing else."""
    on: dict[str, Any] = {"who": "ic", "action": "plan.resume", "at": "12:00", "pack": "small", "rule": "tactic.gas"}
    assert asked(("11:00 tactic.gas of small is suspended until 13:00",), **on).effect == "not barred"
    assert "no such rule is suspended" in words(asked((), **on))


def test_changing_the_plan_needs_a_rule_and_a_reason() -> None:
    """Both."""
    text = changed('action = "plan.resume"', 'action = "plan.change"', STREET)
    change: dict[str, Any] = {"who": "ic", "action": "plan.change", "at": "12:00", "statement": "new advice"}
    assert asked((), text, **change).effect == "not barred"
    assert "the reason" in words(asked((), text, **{**change, "statement": None}))
    assert "no rule of the plan says who may" in words(asked((), **change))


def test_delegating() -> None:
    """The chief's authority, in writing, to a lieutenant, for an hour."""
    decision = asked((), **GIVE)
    assert decision.effect == "not barred", words(decision)
    assert decision.until == when("13:00")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"written": False}, "in writing"),
        ({"subject": None}, "to whom"),
        ({"subject": "stranger"}, "check-in of stranger"),
        ({"subject": "chief"}, "nobody delegates to themselves"),
        ({"subject": "sergeant"}, "delegated to lieutenant or above only"),
        ({"lasts_s": None}, "for how long"),
        ({"lasts_s": 7201.0}, "at most 2 h"),
        ({"position": "incident-commander"}, "does not hold the position"),
        ({"who": "ic", "position": "incident-commander", "subject": "sergeant"}, "no pack gives the time"),
        ({"who": "ic", "position": "deputy"}, "does not hold the position"),
        ({"who": "ic", "subject": "chief"}, "no rule of the plan lets this authority be delegated"),
        ({"who": "sergeant"}, "below chief"),
    ],
)
def test_delegating_with_something_wrong(change: dict[str, Any], expected: str) -> None:
    """Each is said."""
    decision = asked((), **{**GIVE, **change})
    assert not decision.allows
    assert expected in words(decision)


def test_what_was_delegated_to_somebody_is_not_delegated_further() -> None:
    """Not by a delegate, nor by who acts in succession: it would be on record, and worth nothing."""
    on = {**GIVE, "position": "incident-commander", "subject": "chief"}
    given = ("11:00 ic delegates incident-commander to lieutenant until 12:30",)
    further = asked(given, **{**on, "who": "lieutenant"})
    assert further.effect == "refused" and "does not delegate it further" in words(further)
    assert "does not delegate it further" not in words(asked((), **{**on, "who": "lieutenant"}))


def test_a_time_that_a_law_does_not_give_is_the_plans() -> None:
    """Unknown in one pack counts where another gives it; a shorter one wins."""
    law = (
        '[pack]\nid = "law"\ntitle = "The Act"\njurisdiction = "J"\nkind = "law"\nsources = [{ cite = "c" }]\n'
        '[ranks]\norder = ["officer", "sergeant", "lieutenant", "chief"]\n'
        '[[delegation]]\nid = "d"\nsays = "In writing."\nrank = "chief or above"\nto = "lieutenant or above"\n'
        'longest = "unknown"\nsource = "s"\nverified = "P"\n'
    )

    def given(text: str, lasts_s: float) -> str:
        stack = Stack.of([read_pack(text.encode(), "law.toml"), read_pack(STREET.encode(), "street.toml")])
        request = Request(
            action="authority.delegate", person="chief", agency="lead", subject="lieutenant", written=True,
            lasts_s=lasts_s, ask_age_s=1.0, basis_age_s=0.0,
        )  # fmt: skip
        decision = judge(stack, facts_of(()), request, when("12:00"))
        return words(decision) if not decision.allows else ""

    assert given(law, 7200.0) == ""
    assert "at most 2 h" in given(law, 7201.0)
    assert "at most 1 h" in given(law.replace('"unknown"', '"1 h"'), 3601.0)


def test_nobody_reviews_what_they_took_part_in() -> None:
    """Ordered, authorized or present: someone else."""
    given = ("11:00 r-1 involves sergeant and officer",)
    review: dict[str, Any] = {"action": "review.file", "at": "12:00", "record": "r-1"}
    assert asked(given, who="lieutenant", **review).effect == "not barred"
    assert "took part in it" in words(asked(given, who="sergeant", **review))
    assert "which record" in words(asked((), who="lieutenant", **review))
    assert "which record" in words(asked(given, who="lieutenant", **{**review, "record": None}))
    assert "below sergeant" in words(asked(given, who="officer", **review))


def test_a_law_is_never_suspended() -> None:
    """By nobody here."""
    facts = facts_of(())
    law = '[pack]\nid = "law"\ntitle = "The Act"\njurisdiction = "J"\nkind = "law"\nsources = [{ cite = "c" }]\n'
    law += '[[tactic]]\nid = "gas"\nsays = "G."\ntools = ["gas"]\nsource = "s"\nverified = "V"\n'
    stack = Stack.of([read_pack(law, "law.toml"), read_pack(STREET, "s.toml")])
    request = Request(
        action="plan.suspend", person="ic", agency="lead", pack="law", rule="tactic.gas", statement="x", lasts_s=60.0,
        ask_age_s=1.0, basis_age_s=0.0,
    )  # fmt: skip
    decision = judge(stack, facts, request, when("12:00"))
    assert decision.effect == "refused"
    assert "The Act is a law: nobody here can suspend it" in decision.reasons
