"""A plan drawn up in a place's own words: texts by language, statutes and further offences, the prosecutor's guideline."""

from __future__ import annotations

import pytest

from command.policy.drafting import draft, mistake, questions
from command.policy.drafting_words import MORE
from command.policy.load import PackProblems, read_pack
from tests.support.packs import MODEL

TEXT = MODEL.read_text()
NAMES = {"id": "springfield", "title": "Springfield plan", "jurisdiction": "US-IL-Springfield"}
ORDER = "text.dispersal-order.words"


def test_local_words_stand_in_the_plan() -> None:
    answers = {
        **NAMES,
        ORDER: 'en: Leave by "[exits]" now. | so: Hadda ka baxa.',
        "charge.curfew.statute": "Code 9-1",
        MORE: "graffiti | Painting on what is not one's own. | Code 5-2 | first; affray | Fighting in public. | | allowed",
        "guideline.blocking-traffic.charge": "citation",
    }
    plan, model = read_pack(draft(TEXT, answers), "x.toml"), read_pack(TEXT, "m.toml")
    texts = {text.id: text.words for text in plan.text}
    assert texts["dispersal-order"] == {"en": 'Leave by "[exits]" now.', "so": "Hadda ka baxa."}
    assert texts["facilitation-notice"] == {text.id: text.words for text in model.text}["facilitation-notice"]
    charges = {charge.id: charge for charge in plan.charge}
    assert charges["curfew"].statute == "Code 9-1" and charges["blocking-traffic"].statute is None
    assert (charges["graffiti"].statute, charges["graffiti"].cite) == ("Code 5-2", "first")
    assert (charges["affray"].statute, charges["affray"].cite) == (None, "allowed")
    held = {rule.id for rule in model.guideline}
    (said,) = (rule for rule in plan.guideline if rule.id not in held)
    assert (said.offence, said.charge) == ("blocking-traffic", "citation")


def test_left_as_they_are_the_texts_are_the_models() -> None:
    plan, model = read_pack(draft(TEXT, NAMES), "x.toml"), read_pack(TEXT, "m.toml")
    assert (plan.text, plan.charge, plan.guideline) == (model.text, model.charge, model.guideline)


@pytest.mark.parametrize(
    ("key", "said", "wrong"),
    [
        (ORDER, "Leave now.", "expected a language"),
        (ORDER, "en: | es: Váyanse.", "expected a language"),
        (ORDER, "en: Go. | en: Leave.", "each language once"),
        (MORE, "graffiti", "expected id | what it is"),
        (MORE, "graffiti | Paint. | | sometimes", "expected id | what it is"),
        (MORE, "a | One. | | first; a | Two. | | first", "each offence once"),
        ("guideline.curfew.charge", "maybe", "expected supported, citation or declined"),
    ],
)
def test_an_answer_that_does_not_fit(key: str, said: str, wrong: str) -> None:
    asked = {question.key: question for question in questions(TEXT)}
    assert wrong in mistake(asked[key], said, {})
    with pytest.raises(PackProblems):
        draft(TEXT, {**NAMES, key: said})
