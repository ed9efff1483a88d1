"""A local plan from the model: every question answered or left as the model has it, and the result reads."""

from __future__ import annotations

import pytest

from command.policy.drafting import draft, questions
from command.policy.load import PackProblems, read_pack
from tests.support.packs import MODEL

TEXT = MODEL.read_text()
NAMES = {"id": "springfield", "title": 'Springfield "A" plan', "jurisdiction": "US-IL-Springfield"}


def test_the_questions_are_what_the_model_leaves_open() -> None:
    """Names, ranks, and each number that no source gives; no sign's clock."""
    asked = {question.key: question for question in questions(TEXT)}
    assert asked["id"].open == ""
    assert asked["rank.deputy-chief"].open == "deputy-chief"
    assert asked["duty.aid-after-force.within"].open == "unknown"
    assert asked["ranks"].open.startswith("officer, sergeant")
    assert not [key for key in asked if key.startswith("indicator.")]
    unknown = read_pack(TEXT, "model").duty
    assert {f"duty.{rule.id}.within" for rule in unknown if rule.within.text == "unknown"} <= set(asked)


def test_a_plan_is_drawn_up() -> None:
    """The answers stand in it, the rest is the model's."""
    answers = {
        **NAMES,
        "ranks": "officer, sergeant, lieutenant, commander, chief",
        "rank.deputy-chief": "commander",
        "rank.assistant-chief": "chief",
        "duty.aid-after-force.within": "2 min",
    }
    plan = read_pack(draft(TEXT, answers), "springfield.toml")
    model = read_pack(TEXT, "model")
    assert plan.id == "springfield"
    assert plan.pack.title == 'Springfield "A" plan'
    assert plan.pack.kind == "plan"
    assert plan.ranks is not None and plan.ranks.order == ("officer", "sergeant", "lieutenant", "commander", "chief")
    assert {duty.id: duty.within.text for duty in plan.duty}["aid-after-force"] == "2 min"
    assert {duty.id: duty.within.text for duty in plan.duty}["medical-help"] == "unknown"
    assert plan.level[-1].authorizer[0].rank == "commander or above"
    assert [rule.id for rule in plan.tactic] == [rule.id for rule in model.tactic]


def test_with_names_alone_it_is_the_model_under_another_name() -> None:
    """Ranks and numbers as the model has them."""
    plan, model = read_pack(draft(TEXT, NAMES), "x"), read_pack(TEXT, "m")
    assert plan.ranks == model.ranks
    assert plan.level == model.level


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({}, "a short id of the plan"),
        ({**NAMES, "titel": "x"}, 'did you mean "title"?'),
        ({**NAMES, "id": "a plan"}, "an id of letters"),
        ({**NAMES, "ranks": "officer"}, "a rank of [ranks]"),
        ({**NAMES, "duty.aid-after-force.within": "soon"}, "a duration such as"),
    ],
)
def test_an_answer_that_does_not_fit(answers: dict[str, str], expected: str) -> None:
    """Is refused with what was expected, before anything is written."""
    with pytest.raises(PackProblems) as caught:
        draft(TEXT, answers)
    assert expected in str(caught.value)


def test_a_model_without_ranks_has_none_to_show() -> None:
    """Nothing is made up."""
    assert questions("[pack]\n")[3].open == ""
