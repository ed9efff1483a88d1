"""The plan's words: every list, from the plan itself, with its source."""

from __future__ import annotations

import msgspec

from command.domain.oversight import QUESTIONS
from command.policy.model import PURPOSES
from command.policy.vectors import vectors
from command.views.bound import BoundViews
from command.views.plan_words import plan_words
from tests.domain.test_granting import TARGETED
from tests.support.given import given, model_stack

WORDS = plan_words(model_stack())


def test_tools_come_with_the_purposes_that_someone_may_authorize_and_measures_on_groups_beside_them() -> None:
    tools = {one.id: one for one in WORDS.tools}
    assert (tools["baton"].munition, tools["chemical-area"].munition, tools["chemical-area"].unit) == (
        False,
        True,
        "canisters",
    )
    assert tools["baton"].purposes == ("protect person", "arrest") and not tools["baton"].group
    assert tools["encirclement"].group and tools["encirclement"].purposes == ("protect person", "arrest")
    assert tools["neck-restraint"].grant == "never" and tools["neck-restraint"].verified == "V"


def test_approved_texts_come_word_for_word_by_language_with_what_they_say() -> None:
    text = next(one for one in WORDS.texts if one.id == "dispersal-order")
    assert set(text.words) == {"en", "es"} and "the ways out" in text.holds and text.words["en"].startswith("This is")
    assert set(WORDS.says) >= set(text.holds) and WORDS.languages[:2] == ("en", "es")


def test_a_warning_sequence_comes_with_all_that_it_asks_for() -> None:
    rule = next(one for one in WORDS.warnings if one.id == "dispersal-warning")
    assert (rule.count, rule.interval, rule.wait, rule.audible) == ("3", "2 min", "2 min", "confirmed")
    assert rule.amplified and rule.on_camera and rule.exits_open and "dispersal-order" in rule.texts


def test_what_a_rule_bars_says_so_where_it_is_offered() -> None:
    zones = {one.id: one for one in WORDS.zones}
    assert zones["head"].says == "Head: barred for kinetic direct" and zones["head"].source
    assert zones["legs"].says == "Legs" and not zones["legs"].source
    grounds = {one.id: one for one in WORDS.grounds}
    assert "not enough by itself" in grounds["curfew"].says and "any tool" in grounds["speech"].says


def test_the_rest_is_the_plans_own() -> None:
    stack = model_stack()
    assert [one.id for one in WORDS.findings] == list(stack.indicators) and WORDS.purposes == PURPOSES
    assert "time-distance-people" in {one.id for one in WORDS.measures}
    assert [one.id for one in WORDS.levels] == [rung.id for rung in stack.ladder]
    assert WORDS.questions == QUESTIONS and "within the plan" in WORDS.conclusions
    assert {one.id for one in WORDS.postures} == set(stack.postures) and WORDS.packs == stack.digests
    assert set(WORDS.courses) == {"incident-command", "crowd-management"} and WORDS.ranks[0] == "officer"
    assert {one.id for one in WORDS.parts} == {one.id for one in stack.template_parts}


def test_bound_to_a_plan_they_are_those_of_the_incident() -> None:
    world = given(*TARGETED).world
    assert BoundViews(lambda _state: world.stack, lambda: world.now).plan_words(world.state) == plan_words(world.stack)


def test_offences_come_with_what_is_done_first_and_what_the_prosecutor_says_the_supported_ones_first() -> None:
    charges = {one.id: one for one in WORDS.charges}
    assert charges["blocking-traffic"].cite == "first" and charges["blocking-traffic"].verified
    assert charges["failure-to-disperse"].rests_on == "order to disperse"
    guides = ("supported", "citation", "", "declined")
    order = [guides.index(one.guide) for one in WORDS.charges]
    assert order == sorted(order)


def test_reasons_for_custody_come_by_their_code_and_barred_restraints_with_their_source() -> None:
    assert WORDS.exceptions and all(one.id and one.says and one.source for one in WORDS.exceptions)
    assert {one.id for one in WORDS.barred_positions} >= {"wrist to ankle"}
    assert all(one.source for one in WORDS.barred_positions)


def test_what_a_record_must_hold_comes_as_the_vectors_have_it() -> None:
    """A tablet reads this list and must say of a record what the server says: one shape, in one place and the other."""
    told = [msgspec.to_builtins(one) for one in WORDS.record_needs]
    assert told
    assert told == vectors(model_stack())["needs"]
