"""Raising, asking, granting, lowering, renewing, denying: given, asked, expected, on both sides of each threshold."""

from __future__ import annotations

from datetime import timedelta

import pytest

from command.policy.facts import LevelFact, lapsed
from command.policy.judge import judge
from command.policy.load import Stack
from command.policy.request import Request
from tests.policy.asks import (
    DISPERSE,
    ENGAGE,
    FACILITATE,
    FORCE_ASSISTED,
    TARGETED,
    ask,
    raise_to,
    spoilt,
)
from tests.support.facts import LEAD, NOON, PARTNER, WARNED, FakeFacts, officer, ordinary
from tests.support.packs import model_stack, small

STACK = model_stack()
PARTNER_ASK = {"person": "partner", "agency": PARTNER}

TABLE: list[tuple[str, Request, str, str]] = [
    # what, asked, effect, a part of what is said
    ("a sergeant facilitates", FACILITATE, "not barred", ""),
    ("the operations chief facilitates", spoilt(FACILITATE, person="ops"), "not barred", ""),
    ("the commander facilitates", spoilt(FACILITATE, person="ic"), "not barred", ""),
    ("an officer facilitates", spoilt(FACILITATE, person="officer"), "refused", "officer is officer, below sergeant"),
    ("facilitate without a sign", spoilt(FACILITATE, indicators=()), "missing", "one of the indicators: people-assembling"),
    ("facilitate by the other sign", spoilt(FACILITATE, indicators=("march-moving",)), "not barred", ""),
    ("facilitate needs no liaison", spoilt(FACILITATE, liaison=None), "not barred", ""),
    ("an unknown sign", spoilt(FACILITATE, indicators=("people-assembling", "x")), "refused", 'no indicator "x"'),
    ("a sergeant engages", ENGAGE, "not barred", ""),
    ("engage without liaison", spoilt(ENGAGE, liaison=None), "missing", "which contact with organizers"),
    ("engage with blank liaison", spoilt(ENGAGE, liaison="  "), "missing", "which contact with organizers"),
    ("engage needs no extent", spoilt(ENGAGE, extent=None), "not barred", ""),
    ("the commander targets", TARGETED, "not barred", ""),
    ("the operations chief targets", spoilt(TARGETED, person="ops"), "refused", "does not hold the position incident commander"),
    ("the chief targets without the position", spoilt(TARGETED, person="chief"), "refused", "does not hold the position"),
    ("target without probable cause", spoilt(TARGETED, indicators=("fire",)), "refused", 'no indicator "fire"'),
    ("target on another sign", spoilt(TARGETED, indicators=("march-moving",)), "missing", "individual-probable-cause"),
    ("target with the rest unsaid", spoilt(TARGETED, others_may_continue=None), "missing", "whether and how the others"),
    ("target with blank extent", spoilt(TARGETED, extent="\t"), "missing", "how many and how much"),
    ("the commander disperses", DISPERSE, "not barred", ""),
    ("disperse by the other clause", spoilt(DISPERSE, indicators=("targeted-action-failed", "significant-number-violent")), "not barred", ""),
    ("disperse with half a clause", spoilt(DISPERSE, indicators=("targeted-action-failed",)), "missing", "one of the indicators: targeted-action-failed"),
    ("the chief asks for force", FORCE_ASSISTED, "not barred", ""),
    ("the commander asks for force", spoilt(FORCE_ASSISTED, person="ic"), "refused", "ic is captain, below deputy-chief"),
    ("a partner facilitates", spoilt(FACILITATE, **PARTNER_ASK), "refused", "not the lead agency"),
    ("a partner targets", spoilt(TARGETED, **PARTNER_ASK), "refused", "not the lead agency"),
    ("a partner signed in as lead", spoilt(FACILITATE, person="partner"), "refused", "signed in for metro-pd and checked in for county-so"),
    ("someone unknown", spoilt(FACILITATE, person="ghost"), "missing", "check-in of ghost"),
    ("one step too many", spoilt(TARGETED, sector="south"), "refused", "Targeted enforcement cannot be reached from Facilitate without Engage"),
    ("two steps too many", spoilt(TARGETED, sector="north"), "refused", "without Facilitate, Engage"),
    ("the level that is", spoilt(TARGETED, sector="west"), "refused", "already stands at Targeted enforcement"),
    ("a lower one raised", spoilt(TARGETED, sector="centre"), "refused", "is not higher"),
    ("an unknown level", spoilt(TARGETED, level="riot"), "refused", 'no level "riot"'),
    ("no level named", spoilt(TARGETED, level=None), "missing", "which level"),
    ("no sector named", spoilt(TARGETED, sector=None), "missing", "which sector"),
    ("an unknown sector", spoilt(TARGETED, sector="moon"), "refused", "no level is on record for the sector moon"),
    # granting
    ("the commander grants", spoilt(TARGETED, action="level.grant", requester="officer"), "not barred", ""),
    ("one's own ask", spoilt(TARGETED, action="level.grant", requester="ic"), "refused", "the one who asked may not"),
    ("nobody's ask", spoilt(TARGETED, action="level.grant", requester=None), "missing", "who made the ask"),
    ("a sergeant grants another's", spoilt(ENGAGE, action="level.grant", requester="officer"), "not barred", ""),
    ("a sergeant grants their own", spoilt(ENGAGE, action="level.grant", requester="sergeant"), "refused", "the one who asked may not"),
    ("an officer grants", spoilt(TARGETED, action="level.grant", person="officer", requester="ic"), "refused", "does not hold"),
    # asking
    ("an officer asks", spoilt(TARGETED, action="level.ask", person="officer"), "not barred", ""),
    ("a partner asks", spoilt(TARGETED, action="level.ask", **PARTNER_ASK), "not barred", ""),
    ("an ask without its facts", spoilt(TARGETED, action="level.ask", person="officer", indicators=()), "not barred", "individual-probable-cause"),
    ("an ask for a leap", spoilt(TARGETED, action="level.ask", person="officer", sector="north"), "refused", "cannot be reached"),
    ("an ask for nothing known", spoilt(TARGETED, action="level.ask", level="riot"), "refused", 'no level "riot"'),
    ("a stranger asks", spoilt(TARGETED, action="level.ask", person="ghost"), "missing", "check-in of ghost"),
    # lowering
    ("the commander lowers", ask("level.lower", sector="centre", level="facilitate"), "not barred", ""),
    ("the commander lowers what the chief raised", ask("level.lower", sector="top", level="dispersal"), "not barred", ""),
    ("the chief lowers what the chief may raise", ask("level.lower", "chief", sector="top", level="plan"), "not barred", ""),
    ("a sergeant lowers what a sergeant may raise", ask("level.lower", "sergeant", sector="east", level="facilitate"), "not barred", ""),
    ("a sergeant lowers what only the commander may", ask("level.lower", "sergeant", sector="west", level="engage"), "refused", "does not hold"),
    ("a partner lowers", ask("level.lower", "partner", agency=PARTNER, sector="east", level="facilitate"), "refused", "not the lead agency"),
    ("lowering to the same", ask("level.lower", sector="east", level="engage"), "refused", "Engage is not lower than Engage"),
    ("lowering upwards", ask("level.lower", sector="east", level="targeted"), "refused", "is not lower"),
    ("lowering to nowhere", ask("level.lower", sector="east"), "missing", "which level"),
    ("lowering nowhere", ask("level.lower", level="plan"), "missing", "which sector"),
    # renewing
    ("the commander renews", ask("level.renew", sector="west"), "not barred", ""),
    ("a sergeant renews engage", ask("level.renew", "sergeant", sector="east"), "not barred", ""),
    ("a sergeant renews targeted", ask("level.renew", "sergeant", sector="west"), "refused", "does not hold"),
    ("renewing the lowest", ask("level.renew", sector="north"), "refused", "does not lapse"),
    ("renewing nowhere", ask("level.renew"), "missing", "which sector"),
    # denying
    ("the commander denies", ask("ask.deny", sector="east", level="targeted"), "not barred", ""),
    ("an officer denies", ask("ask.deny", "officer", sector="east", level="targeted"), "refused", "does not hold"),
    ("a partner denies", ask("ask.deny", "partner", agency=PARTNER, level="facilitate"), "refused", "not the lead agency"),
    ("denying nothing", ask("ask.deny"), "missing", "which level"),
]  # fmt: skip


def facts() -> FakeFacts:
    """An ordinary noon with one sector at the top."""
    given = ordinary()
    top = LevelFact("force-assisted", NOON - timedelta(minutes=5), NOON + timedelta(minutes=10))
    return given.but(levels={**given.levels, "top": (top,)}, given=WARNED, exits=("north",))


@pytest.mark.parametrize(("what", "asked", "effect", "says"), TABLE, ids=[row[0] for row in TABLE])
def test_the_plan_answers(what: str, asked: Request, effect: str, says: str) -> None:
    """The same words that a planner would use, and the answer that the plan gives."""
    decision = judge(STACK, facts(), asked, NOON)
    assert decision.effect == effect, decision
    assert decision.rules
    said = " | ".join((*decision.reasons, *decision.missing))
    assert says in said if says else not decision.missing
    if effect == "refused":
        assert decision.reasons
    if effect == "missing":
        assert decision.missing
    if not decision.allows:
        assert decision.until is None


@pytest.mark.parametrize(
    ("asked", "minutes"),
    [(FACILITATE, 30), (TARGETED, 30), (DISPERSE, 15), (FORCE_ASSISTED, 15),
     (ask("level.renew", sector="west"), 30), (ask("level.lower", sector="centre", level="engage"), 30),
     (spoilt(TARGETED, action="level.grant", requester="officer"), 30)],
)  # fmt: skip
def test_until_is_when_the_level_lapses(asked: Request, minutes: int) -> None:
    """What is not barred says until when it holds."""
    assert judge(STACK, facts(), asked, NOON).until == NOON + timedelta(minutes=minutes)


def test_the_lowest_level_does_not_lapse() -> None:
    """Going all the way down sets no clock; a denial neither."""
    assert judge(STACK, facts(), ask("level.lower", sector="centre", level="plan"), NOON).until is None
    assert judge(STACK, facts(), ask("ask.deny", level="targeted"), NOON).until is None


def test_an_ask_says_who_decides_and_when_it_expires() -> None:
    """The one who waits knows for whom and until when."""
    decision = judge(STACK, facts(), spoilt(TARGETED, action="level.ask", person="officer"), NOON)
    assert decision.until == NOON + timedelta(minutes=10)
    assert decision.who_may == ("incident commander of the lead agency",)


def test_an_ask_in_haste_is_taken_and_says_what_a_grant_will_need() -> None:
    """Who asks need not know everything; who grants must. Both learn what is open."""
    bare = ask("level.ask", "officer", sector="east", level="targeted", indicators=["x"])
    decision = judge(STACK, facts(), bare, NOON)
    assert decision.allows
    assert not decision.missing
    assert len(decision.reasons) == 5
    assert all(reason.startswith("before it can be granted: ") for reason in decision.reasons)
    grant = judge(STACK, facts(), spoilt(bare, action="level.grant", person="ic", requester="officer"), NOON)
    assert grant.effect == "refused"
    assert len(grant.missing) == 4


def test_a_refusal_says_who_may() -> None:
    """The wrong person learns who the right one is."""
    decision = judge(STACK, facts(), spoilt(DISPERSE, person="sergeant"), NOON)
    assert decision.who_may == ("incident commander, being lieutenant or above, of the lead agency",)
    lower = judge(STACK, facts(), ask("level.lower", "officer", sector="east", level="plan"), NOON)
    assert lower.who_may[0] == "incident commander of the lead agency"


def test_position_and_rank_must_both_hold() -> None:
    """Dispersal asks for the incident commander and a lieutenant: a sergeant in command is not enough."""
    given = facts()
    low = given.but(people={**given.people, "ic": officer("ic", "sergeant")})
    assert "below lieutenant" in judge(STACK, low, DISPERSE, NOON).reasons[0]
    high = given.but(people={**given.people, "ic": officer("ic", "lieutenant")})
    assert judge(STACK, high, DISPERSE, NOON).allows


def test_liaison_on_record_counts() -> None:
    """What the log shows need not be typed again."""
    given = facts().but(liaison=NOON - timedelta(minutes=3))
    assert judge(STACK, given, spoilt(ENGAGE, liaison=None), NOON).allows


@pytest.mark.parametrize(("seconds", "gone"), [(-1, False), (0, True), (1, True)])
def test_a_level_lapses_at_its_second(seconds: int, gone: bool) -> None:
    """Expiry is a comparison with now: one second before it holds, at the second it does not."""
    now = NOON + timedelta(minutes=10, seconds=seconds)
    decision = judge(STACK, facts(), spoilt(DISPERSE), now)
    assert decision.allows
    assert any("permits nothing until it is renewed" in reason for reason in decision.reasons) is gone
    assert lapsed(facts().levels["west"][0], now) is gone


def test_a_lapsed_level_can_be_renewed_and_lowered() -> None:
    """A lapse takes permission away and no way back."""
    now = NOON + timedelta(hours=1)
    assert judge(STACK, facts(), ask("level.renew", sector="west"), now).until == now + timedelta(minutes=30)
    assert judge(STACK, facts(), ask("level.lower", sector="west", level="plan"), now).allows


def test_a_level_of_another_plan_cannot_be_judged() -> None:
    """A sector that stands at an unknown level permits nothing and says so."""
    given = facts().but(levels={"east": (LevelFact("amber", NOON, None),)})
    engage = ask("level.lower", sector="east", level="engage")
    for asked in (TARGETED, ask("level.renew", sector="east"), raise_to("plan", "east", "ic"), engage):
        decision = judge(STACK, given, asked, NOON)
        assert decision.effect == "refused"
        assert any('stands at "amber"' in reason for reason in decision.reasons)


def test_from_a_level_of_another_plan_the_ways_lead_to_the_lowest_and_up_from_there() -> None:
    """Lowered to the lowest by the commander or who could set the highest; raised as if from the lowest."""
    given = facts().but(levels={"east": (LevelFact("amber", NOON, None),)})
    assert judge(STACK, given, ask("level.lower", sector="east", level="plan"), NOON).allows
    up = judge(STACK, given, raise_to(STACK.ladder[1].id, "east", "ic"), NOON)
    assert up.effect != "refused", up
    assert any("it permits nothing" in note for note in up.reasons)
    down = judge(STACK, given, ask("level.lower", sector="east", level=STACK.ladder[1].id), NOON)
    assert any("the way down leads to" in reason for reason in down.reasons)


def test_an_ask_for_a_level_that_the_plan_does_not_know_is_denied_by_the_commander() -> None:
    """It was asked for under an earlier plan; a no is always somebody's."""
    no = ask("ask.deny", sector="east", level="amber")
    assert judge(STACK, facts(), no, NOON).allows
    assert not judge(STACK, facts(), ask("ask.deny", sector="east", level="amber", person="officer"), NOON).allows


def test_an_unknown_review_denies() -> None:
    """The plan must give the number; none gives no permission, to enter or to renew."""
    stack = Stack.of([small(('review = "30 min"', 'review = "unknown"'))])
    given = facts().but(levels={"s": (LevelFact("low", NOON, None),), "t": (LevelFact("high", NOON, NOON),)})
    up = raise_to("high", "s", "ic", "bottles")
    for asked in (up, ask("level.renew", sector="t")):
        decision = judge(stack, given, asked, NOON)
        assert decision.effect == "missing"
        assert "a review interval for High" in decision.missing[0]


def test_a_level_that_may_be_reached_directly() -> None:
    """Skipping is for the plan to allow, at the level that is reached."""
    third = '\n[[level]]\nid = "top"\norder = 2\nname = "Top"\nsays = "Top."\nenter = { all = ["fire"] }\n' \
        'authorizer = { rank = "sergeant or above" }\nreview = "5 min"\n'  # fmt: skip
    given = facts().but(levels={"s": (LevelFact("low", NOON, None),)})
    up = raise_to("top", "s", "sergeant", "fire")
    anchor = "\n[[ask]]"
    barred = Stack.of([small((anchor, third + anchor))])
    assert "cannot be reached from Low without High" in judge(barred, given, up, NOON).reasons[0]
    allowed = Stack.of([small((anchor, third + 'skip = "allowed"\n' + anchor))])
    assert judge(allowed, given, up, NOON).allows


def test_the_requester_may_grant_only_where_the_plan_says_so() -> None:
    """Requester ≠ authorizer unless the pack's own words lift it."""
    given = facts().but(levels={"s": (LevelFact("low", NOON, None),)}, people={"ic": officer("ic", "lieutenant")})
    own = spoilt(raise_to("high", "s", "ic", "bottles"), action="level.grant", requester="ic")
    words = (
        '{ positions = ["incident-commander"] }, {',
        '{ positions = ["incident-commander"], requester = "may authorize" }, {',
    )
    assert judge(Stack.of([small(words)]), given, own, NOON).allows
    assert judge(Stack.of([small()]), given, own, NOON).effect == "refused"


def test_without_a_rule_nobody_may_ask() -> None:
    """An action that the plan does not speak of is refused."""
    text = ('action = "level.ask"', 'action = "sector.define"')
    given = facts().but(levels={"s": (LevelFact("low", NOON, None),)})
    decision = judge(
        Stack.of([small(text)]), given, spoilt(raise_to("high", "s", "ic", "bottles"), action="level.ask"), NOON
    )
    assert decision.effect == "refused"
    assert "no rule of the plan says who may" in decision.reasons


def test_asking_needs_no_course() -> None:
    """A lapsed certificate keeps nobody from asking someone else to decide."""
    stack = Stack.of([small(('who = { agency = "any" }', 'who = { positions = ["incident-commander"] }'))])
    given = facts().but(levels={"s": (LevelFact("low", NOON, None),)}, people={"ic": officer("ic", training=())})
    asked = raise_to("high", "s", "ic", "bottles")
    assert judge(stack, given, spoilt(asked, action="level.ask"), NOON).allows
    assert not judge(stack, given, asked, NOON).allows


def test_the_lead_agency_is_who_the_facts_say() -> None:
    """The captain of another agency leads nothing by wearing the same rank."""
    assert judge(STACK, facts().but(lead_agency=PARTNER), FACILITATE, NOON).effect == "refused"
    assert judge(STACK, facts().but(lead_agency=LEAD), FACILITATE, NOON).allows
