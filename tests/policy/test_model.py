"""The grammar of packs agrees with the vocabulary, and the model pack is what it says it is."""

from __future__ import annotations

import typing

from command.domain.events import Event
from command.policy.model import EVENT_NAMES, Action, RuledAction
from tests.support.packs import model, model_stack

BARRED_WORDS = ("race", "religio", "ethnic", "immigra", "viewpoint", "affiliat", "gender", "orientation", "nationalit")


def test_duties_speak_of_the_events_there_are() -> None:
    """This room may not import the vocabulary, so the list is held equal here."""
    assert {kind.__name__ for kind in typing.get_args(Event)} == EVENT_NAMES


def test_the_model_has_a_rule_for_every_action_that_needs_one() -> None:
    """What has no rule is refused, so the model leaves none out."""
    assert {rule.action for rule in model().ask} == set(typing.get_args(RuledAction))
    assert set(typing.get_args(RuledAction)) < set(typing.get_args(Action))


def test_no_rule_of_the_model_turns_on_who_people_are() -> None:
    """Indicators, conditions and authorizers are about conduct and office (A52)."""
    pack = model()
    texts = [rule.id + " " + rule.says for kind in (pack.indicator, pack.level, pack.ask, pack.tool) for rule in kind]
    assert not [text for text in texts for word in BARRED_WORDS if word in text.lower().replace("grace", "")]


def test_every_level_has_a_way_in_by_the_words_of_the_plan() -> None:
    """Each level above the lowest names indicators, someone who may, and a review that lapses."""
    for rung in model_stack().ladder[1:]:
        assert rung.indicators
        assert rung.who_may
        assert rung.review is not None and rung.review.seconds
        assert rung.rules[0].verified


def test_the_model_invents_no_deadline() -> None:
    """What the sources leave open stays open."""
    stack = model_stack()
    assert stack.duties["aid-after-force"].within.text == "unknown"
    assert stack.duties["force-review"].within.seconds == 72 * 3600
    assert stack.duties["command-report"].within.business_days == 5
    assert all(part.within.text == "unknown" for part in stack.template_parts)
