"""What the plan may ask of the fold, at any moment."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from command.domain import commands as c
from command.domain.facts import StateFacts
from command.domain.state import initial
from command.policy.facts import Facts, NothingKnown
from tests.support.given import ALLIED, ALLY, LEAD, OPEN, STAFFED, START, Wait, given


def test_an_empty_log_knows_nothing_and_so_permits_nothing() -> None:
    facts = StateFacts(initial("x"))
    assert facts.lead_agency is None and facts.agency_kind(LEAD) is None and not facts.agency_accepted_plan(LEAD, START)
    assert facts.person("ic", START) is None and facts.holder("incident-commander", START) is None
    assert facts.positions_of("ic", START) == () and facts.level("north", START) is None
    assert facts.warnings("north", START) == () and facts.indicators("north", START) == ()
    assert facts.liaison_tried("north", START) is None


def test_agencies_by_kind_and_acceptance() -> None:
    facts = StateFacts(given(*ALLIED).world.state)
    assert (facts.lead_agency, facts.agency_kind(LEAD), facts.agency_kind(ALLY)) == (LEAD, "lead", "assisting")
    now = START + timedelta(hours=1)
    assert facts.agency_accepted_plan(ALLY, now) and not facts.agency_accepted_plan("elsewhere", now)


def test_an_agency_s_word_on_the_plan_counts_from_its_record_until_the_next_one() -> None:
    """Accepted afterwards cures nothing before; taken back poisons nothing before."""
    yes = c.AdmitAgency(ALLY, "County Sheriff", "MOU 12", True)
    world = given(*STAFFED, Wait(600), yes, Wait(600), replace(yes, accepted_plan=False), Wait(600), yes).world
    facts = StateFacts(world.state)
    joined = world.state.structure.agencies[ALLY].joined_at
    seen = [facts.agency_accepted_plan(ALLY, joined + timedelta(seconds=s)) for s in (-1, 0, 599, 605, 1199, 1210)]
    assert seen == [False, True, True, False, False, True]
    assert facts.agency_accepted_plan(LEAD, joined - timedelta(seconds=60))


def test_every_answer_is_about_a_moment() -> None:
    world = given(*STAFFED).world
    facts, before = StateFacts(world.state), START - timedelta(seconds=1)
    assert facts.person("ic", before) is None and facts.holder("incident-commander", before) is None
    assert facts.level("north", before) is None
    person = facts.person("ops", world.now)
    assert (
        person is not None
        and person.on_scene
        and [course for course, _ in person.training]
        == [
            "incident-command",
            "crowd-management",
        ]
    )
    assert facts.positions_of("ops", world.now) == ("operations",)


def test_the_fold_answers_every_question_of_the_door_itself() -> None:
    """Nothing is left to the base that knows nothing, and nothing that the plan may ask is missing."""
    asked = {name for name in vars(Facts) if not name.startswith("_")}
    assert NothingKnown not in StateFacts.__mro__
    assert {name for name in asked if not callable(getattr(StateFacts, name, None))} == {"lead_agency"}


def test_what_kind_of_body_an_agency_is_comes_from_how_it_joined() -> None:
    opened = replace(OPEN, lead_jurisdiction="city")
    sheriff = c.AdmitAgency(
        ALLY, "County Sheriff", agreement="MOU 12", accepted_plan=True, jurisdiction="county-sheriff"
    )
    facts = StateFacts(given(opened, sheriff).world.state)
    assert (facts.jurisdiction_kind(LEAD), facts.jurisdiction_kind(ALLY)) == ("city", "county-sheriff")
    assert facts.jurisdiction_kind("elsewhere") is None


def test_since_when_a_position_is_held() -> None:
    world = given(*STAFFED).world
    facts = StateFacts(world.state)
    assert facts.holder_since("incident-commander", world.now) == START
    assert facts.holder_since("safety", world.now) is None
