"""The right person: position, rank, agency, training and duty status, each at the moment of the ask."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from command.policy.authority import NOBODY, No, Weighing, authority, untrained
from command.policy.decision import Decision
from command.policy.facts import LevelFact
from command.policy.judge import judge
from command.policy.load import Stack
from command.policy.stack import Gate
from tests.policy.asks import ENGAGE, FACILITATE, TARGETED, ask, raise_to, spoilt
from tests.support.facts import LEAD, NOON, PARTNER, FakeFacts, officer, ordinary
from tests.support.packs import model_stack, small

STACK = model_stack()


def with_person(facts: FakeFacts, person: str, rank: str, **changes: Any) -> FakeFacts:
    """The facts with one person changed."""
    return facts.but(people={**facts.people, person: officer(person, rank, **changes)})


@pytest.mark.parametrize(
    ("rank", "effect"),
    [("officer", "refused"), ("sergeant", "not barred"), ("chief", "not barred"), ("superintendent", "missing"), ("", "missing")],
)  # fmt: skip
def test_rank_is_compared_in_the_plan_s_own_order(rank: str, effect: str) -> None:
    """Below denies, at and above allows, and a word that the plan does not know denies too."""
    assert judge(STACK, with_person(ordinary(), "sergeant", rank), FACILITATE, NOON).effect == effect


def test_authority_ends_with_the_event_that_ends_it() -> None:
    """One second before the transfer the old commander may; from it on the new one does and the old one does not."""
    facts = ordinary()
    history = (*facts.holders["incident-commander"], (NOON, "lieutenant"))
    facts = facts.but(holders={"incident-commander": history})
    before = NOON - timedelta(seconds=1)
    new = spoilt(TARGETED, person="lieutenant")
    assert judge(STACK, facts, TARGETED, before).allows
    assert not judge(STACK, facts, new, before).allows
    assert judge(STACK, facts, TARGETED, NOON).effect == "refused"
    assert judge(STACK, facts, new, NOON).allows


def test_a_vacant_position_is_nobody_s() -> None:
    """Silence is not authority."""
    facts = ordinary().but(holders={"incident-commander": ((NOON, None),)})
    assert judge(STACK, facts, TARGETED, NOON).effect == "refused"


def test_someone_who_has_checked_out_has_no_authority() -> None:
    """On duty means on duty."""
    decision = judge(STACK, with_person(ordinary(), "ic", "captain", on_scene=False), TARGETED, NOON)
    assert decision.effect == "refused"
    assert "ic has checked out" in decision.reasons


@pytest.mark.parametrize(
    ("training", "allowed"),
    [
        ((("incident-command", None), ("crowd-management", None)), True),
        ((("incident-command", None), ("crowd-management", NOON + timedelta(seconds=1))), True),
        ((("incident-command", None), ("crowd-management", NOON)), False),
        ((("incident-command", None),), False),
        ((), False),
    ],
)  # fmt: skip
def test_training_must_be_in_date(training: tuple[object, ...], allowed: bool) -> None:
    """At the second of its expiry a course no longer counts (A4)."""
    decision = judge(STACK, with_person(ordinary(), "ic", "captain", training=training), TARGETED, NOON)
    assert decision.allows is allowed
    assert allowed or "crowd-management" in decision.missing[0]


def test_stepping_down_needs_no_course() -> None:
    """A lapsed certificate raises nothing and keeps nobody at a level."""
    facts = with_person(ordinary(), "ic", "captain", training=())
    assert judge(STACK, facts, ask("level.lower", sector="west", level="plan"), NOON).allows
    assert judge(STACK, facts, ask("ask.deny", level="targeted"), NOON).allows
    assert not judge(STACK, facts, ask("level.renew", sector="west"), NOON).allows


def test_an_unknown_lead_agency_denies() -> None:
    """Whose incident it is must be known."""
    decision = judge(STACK, ordinary().but(lead_agency=None), FACILITATE, NOON)
    assert decision.effect == "missing"
    assert "the lead agency of the incident" in decision.missing


def test_every_gate_must_open() -> None:
    """Gates of several packs combine by AND, the ways of one by OR."""
    facts, level = ordinary(), STACK.ladder
    both = (*level[1].gates, *level[3].gates)
    assert authority(both, STACK, facts, spoilt(ENGAGE, person="ic"), NOON, trained=True) == []
    found = authority(both, STACK, facts, ENGAGE, NOON, trained=True)
    assert found == [No(False, "sergeant does not hold the position incident commander")]


def test_what_is_missing_is_said_before_what_is_barred() -> None:
    """Where one way could open, only that is asked for."""
    facts = with_person(ordinary(), "sergeant", "superintendent")
    found = authority(STACK.ladder[1].gates, STACK, facts, FACILITATE, NOON, trained=True)
    assert [no.missing for no in found] == [True]


def units(person: str, agency: str, of: str | None, action: str = "unit.assign") -> Decision:
    """Someone moves someone's unit."""
    return judge(STACK, ordinary(), ask(action, person, agency=agency, unit_agency=of), NOON)


def test_an_assisting_agency_moves_only_its_own_units() -> None:
    """A reporting line, not a parallel command (A29)."""
    assert units("partner", PARTNER, PARTNER).allows
    assert units("partner", PARTNER, LEAD).effect == "refused"
    assert units("partner", PARTNER, "state-patrol").effect == "refused"
    assert "the agency of the unit" in units("partner", PARTNER, None).missing


def test_the_lead_agency_moves_every_unit_by_position_or_rank() -> None:
    """Being of the lead agency alone commands nothing."""
    assert units("ops", LEAD, PARTNER).allows
    assert units("sergeant", LEAD, LEAD).allows
    refused = units("officer", LEAD, LEAD)
    assert refused.effect == "refused"
    assert any("only by position or rank" in reason for reason in refused.reasons)


def test_a_partner_acts_only_under_the_plan() -> None:
    """An agency that has not accepted the plan moves nothing and asks for nothing."""
    facts = ordinary().but(accepted=frozenset({LEAD}))
    for action in ("unit.assign", "unit.form", "unit.release"):
        decision = judge(STACK, facts, ask(action, "partner", agency=PARTNER, unit_agency=PARTNER), NOON)
        assert "acceptance of the plan by county-so" in decision.missing


def test_no_gates_are_no_permission() -> None:
    """An empty list of authorizers lets no one in."""
    assert authority((), STACK, ordinary(), TARGETED, NOON, trained=True) == [
        No(False, "no rule of the plan says who may")
    ]


def test_a_gate_without_ways_stays_shut() -> None:
    """A rule that names nobody allows nobody."""
    gate = Gate(STACK.ladder[1].rules[0], ())
    assert authority((gate,), STACK, ordinary(), TARGETED, NOON, trained=True) == [NOBODY]


def test_any_position_held_with_its_training_will_do() -> None:
    """Who holds two positions acts by the one that their training covers."""
    way = '{ positions = ["liaison", "incident-commander"] }'
    stack = Stack.of([small(('{ positions = ["incident-commander"] }, {', way + ", {"))])
    facts = ordinary()
    facts = facts.but(
        people={"ic": officer("ic", training=())},
        holders={key: ((NOON, "ic"),) for key in ("liaison", "incident-commander")},
        levels={"s": (LevelFact("low", NOON, None),)},
    )
    up = raise_to("high", "s", "ic", "fire")
    assert judge(stack, facts, up, NOON).allows
    only = facts.but(holders={"incident-commander": ((NOON, "ic"),)})
    assert judge(stack, only, up, NOON).effect == "missing"


def test_training_of_a_post_without_courses() -> None:
    """Nothing asked, nothing lacking."""
    assert untrained(STACK.positions["safety"], officer("x", training=()), NOON) is None


def test_weighing() -> None:
    """Refused outweighs missing, missing outweighs nothing, and no answer is without a rule."""
    weighing = Weighing()
    assert weighing.decision(until=NOON).until == NOON
    assert weighing.decision().rules[0].rule == "unknown-denies"
    weighing.take(None)
    assert weighing.effect == "not barred"
    weighing.take(No(True, "a"))
    weighing.note("n")
    assert (weighing.effect, weighing.decision(until=NOON).until) == ("missing", None)
    weighing.take(No(False, "b"))
    assert weighing.decision().effect == "refused"
    assert weighing.decision().reasons == ("b", "n")


def test_what_an_authorizer_must_be_beside_rank_and_position() -> None:
    """Trained for it, at the place, and an eyewitness: by their own word or by the record."""
    from tests.support.packs import changed
    from tests.support.street import GAS, READY, SIGNED, STREET, WARNED, asked, words

    given = (*READY, *WARNED, *SIGNED)
    untaught = changed('training = ["crowd-management"] }', 'training = ["gas-masks"] }', STREET)
    assert "training in date of chief for this: gas-masks" in words(asked(given, untaught, **GAS))
    there = changed('training = ["crowd-management"] }', "on_scene = true }", STREET)
    assert "that chief is at the place" in words(asked(given, there, **GAS))
    assert asked(given, there, **{**GAS, "on_scene": True}).effect == "not barred"
    assert asked((*given, "12:00 chief is in sector 1"), there, **GAS).effect == "not barred"
    assert "is in the sector 2" in words(
        asked((*given, "12:00 chief is in sector 2"), there, **{**GAS, "on_scene": True})
    )
    saw = changed('training = ["crowd-management"] }', "witnessed = true }", STREET)
    here = (*given, "12:00 chief is in sector 1")
    assert "with their own eyes" in words(asked(here, saw, **GAS))
    assert asked(here, saw, **{**GAS, "witnessed": True}).effect == "not barred"
    assert asked((*here, "12:01 chief finds fire in sector 1, as an eyewitness"), saw, **GAS).effect == "not barred"
    assert "with their own eyes" in words(asked((*here, "12:01 chief finds fire in sector 1"), saw, **GAS))
    assert "with their own eyes" in words(
        asked((*here, "11:50 chief finds fire in sector 1, as an eyewitness"), saw, **GAS)
    )


def test_command_that_is_empty_passes_to_the_next_in_line() -> None:
    """The first of the succession whom somebody holds, nobody after."""
    from tests.support.street import BATON, READY, asked

    empty = (*READY, "12:00 nobody holds incident-commander")
    assert asked(empty, **{**BATON, "who": "lieutenant"}).effect == "refused"
    assert asked((*empty, "12:01 lieutenant takes liaison"), **{**BATON, "who": "lieutenant"}).effect == "not barred"
    both = (*empty, "12:01 lieutenant takes liaison", "12:01 chief takes deputy")
    assert asked(both, **{**BATON, "who": "lieutenant"}).effect == "refused"
    assert asked(both, **{**BATON, "who": "chief"}).effect == "not barred"


def test_a_delegated_position() -> None:
    """While its holder is the one who delegated it."""
    from tests.support.street import BATON, READY, asked

    given = (*READY, "12:00 ic delegates incident-commander to lieutenant until 12:30")
    assert asked(given, **{**BATON, "who": "lieutenant"}).effect == "not barred"
    assert asked((*given, "12:01 chief takes incident-commander"), **{**BATON, "who": "lieutenant"}).effect == "refused"
