"""The one door: freshness, dates of force, every other action, and what no ask may ever get."""

from __future__ import annotations

import typing
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from command.policy.decision import Decision
from command.policy.facts import LevelFact, PersonFact
from command.policy.judge import judge
from command.policy.load import Stack
from command.policy.model import Action
from command.policy.request import Request
from tests.policy.asks import DISPERSE, ENGAGE, FACILITATE, FORCE_ASSISTED, TARGETED, ask, spoilt
from tests.support.facts import LEAD, NOON, PARTNER, FakeFacts, officer, ordinary
from tests.support.packs import model_stack, small

STACK = model_stack()


def decide(action: str, person: str = "ic", **fields: object) -> Decision:
    """The model plan's answer at an ordinary noon."""
    return judge(STACK, ordinary(), ask(action, person, **fields), NOON)


# Freshness ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("age_s", "effect"),
    [(0.0, "not barred"), (60.0, "not barred"), (60.1, "refused"), (3600.0, "refused"), (-60.0, "not barred"),
     (-60.1, "refused"), (None, "missing"), (float("nan"), "refused"), (float("inf"), "refused")],
)  # fmt: skip
def test_an_old_ask_is_stale(age_s: float | None, effect: str) -> None:
    """On both sides of the plan's limit; an ask from the future or of no known age is not fresh either."""
    decision = judge(STACK, ordinary(), spoilt(TARGETED, ask_age_s=age_s), NOON)
    assert decision.effect == effect
    assert effect != "refused" or decision.reasons[0].startswith("stale: ")
    assert effect == "not barred" or decision.rules[0].rule == "limits"


@pytest.mark.parametrize(
    ("basis_s", "effect"),
    [(0.0, "not barred"), (60.0, "not barred"), (60.1, "refused"), (None, "missing"), (float("nan"), "refused")],
)
def test_an_ask_on_an_old_picture_is_stale(basis_s: float | None, effect: str) -> None:
    """Who raises a level has seen what is there now."""
    assert judge(STACK, ordinary(), spoilt(TARGETED, basis_age_s=basis_s), NOON).effect == effect


@pytest.mark.parametrize(
    "late", [{"ask_age_s": 3600.0}, {"ask_age_s": -61.0}, {"ask_age_s": None}, {"basis_age_s": 900.0}]
)
def test_that_a_grant_is_taken_back_never_comes_too_late(late: dict[str, float | None]) -> None:
    """It ends what it names; nothing else that is as late gets through, a no neither: silence is one."""
    gone = decide("force.revoke", grant="g-9", **late)
    assert gone.missing == ("which grant",) and any("stale" in why for why in gone.reasons) == (
        None not in late.values()
    )
    assert not decide("level.lower", sector="west", level="plan", **late).allows
    assert not decide("force.deny", tool="baton", purpose="arrest", sector="west", **late).allows


def test_only_upward_asks_must_state_their_picture() -> None:
    """Lowering, denying and moving units may be said by voice; and a plan may ask for less."""
    assert decide("level.lower", sector="west", level="plan", basis_age_s=None).allows
    assert decide("unit.assign", unit_agency=LEAD, basis_age_s=None).allows
    assert decide("unit.assign", unit_agency=LEAD, basis_age_s=61.0).effect == "refused"
    relaxed = Stack.of([small(('ask_age = "60 s"', 'basis = "if stated"'))])
    facts = ordinary().but(levels={"s": (LevelFact("low", NOON, None),)}, people={"ic": officer("ic", "lieutenant")})
    up = ask("level.raise", sector="s", level="high", indicators=["fire"], extent="all", basis_age_s=None)
    assert judge(relaxed, facts, up, NOON).allows
    assert not judge(Stack.of([small()]), facts, up, NOON).allows


def test_a_pack_that_is_not_in_force_permits_nothing() -> None:
    """A law of next year decides nothing today, and its absence is not permission."""
    stack = Stack.of([small(("sources = []", "sources = []\nin_force = { from = 2026-05-02 }"))])
    facts = ordinary().but(levels={"s": (LevelFact("low", NOON, None),)}, people={"ic": officer("ic", "lieutenant")})
    up = ask("level.raise", sector="s", level="high", indicators=["fire"], extent="all")
    early = judge(stack, facts, up, NOON)
    assert (early.effect, early.reasons[0]) == ("refused", "the pack small is not in force on 2026-05-01")
    assert judge(stack, facts, up, datetime(2026, 5, 2, tzinfo=UTC) + timedelta(hours=13)).allows


def test_the_way_down_stays_open_after_the_plans_last_day() -> None:
    """De-escalation is never barred for want of a plan in force; that there is none is said."""
    stack = Stack.of([small(("sources = []", "sources = []\nin_force = { to = 2026-04-30 }"))])
    facts = ordinary().but(levels={"s": (LevelFact("high", NOON, None),)}, people={"ic": officer("ic", "lieutenant")})
    down = judge(stack, facts, ask("level.lower", sector="s", level="low"), NOON)
    assert down.effect == "not barred"
    assert "the pack small is not in force on 2026-05-01" in down.reasons
    again = judge(stack, facts, ask("level.renew", sector="s"), NOON)
    assert again.effect == "refused"


# The other actions -----------------------------------------------------------------

TABLE: list[tuple[str, Decision, str, str]] = [
    ("the commander closes", decide("incident.close"), "not barred", ""),
    ("an officer closes", decide("incident.close", "officer"), "refused", "does not hold"),
    ("a partner closes", decide("incident.close", "partner", agency=PARTNER), "refused", "not the lead agency"),
    ("planning defines a sector", decide("sector.define", "ops"), "not barred", ""),
    ("a sergeant defines a sector", decide("sector.define", "sergeant"), "refused", "does not hold"),
    ("operations orders", decide("order.give", "ops"), "not barred", ""),
    ("a partner orders", decide("order.give", "partner", agency=PARTNER), "refused", "not the lead agency"),
    # opening
    ("an officer opens for their own agency", decide("incident.open", "officer"), "not barred", ""),
    ("someone not checked in opens", decide("incident.open", "ghost", unit_agency=LEAD), "not barred", ""),
    ("opening for another agency", decide("incident.open", unit_agency=PARTNER), "refused", "county-so leads"),
    ("opening at the lowest", decide("incident.open", level="plan"), "not barred", ""),
    ("opening higher", decide("incident.open", level="facilitate"), "refused", "opens at the lowest level"),
    ("opening with an old ask", decide("incident.open", ask_age_s=61.0), "refused", "stale"),
    # transfer of command
    ("to a lieutenant who read", decide("command.transfer", subject="lieutenant", briefing_read=True), "not barred", ""),
    ("unread", decide("command.transfer", subject="lieutenant"), "missing", "has read the briefing"),
    ("to a partner", decide("command.transfer", subject="partner", briefing_read=True), "refused", "always of the lead agency"),
    ("by a partner", decide("command.transfer", "partner", agency=PARTNER, subject="partner", briefing_read=True), "refused", "not the lead agency"),
    ("by a partner to us", decide("command.transfer", "partner", agency=PARTNER, subject="chief", briefing_read=True), "refused", "not the lead agency"),
    ("by the chief", decide("command.transfer", "chief", subject="lieutenant", briefing_read=True), "not barred", ""),
    ("taken by a lieutenant", decide("command.transfer", "lieutenant", subject="lieutenant", briefing_read=True), "refused", "below assistant-chief"),
    ("to oneself", decide("command.transfer", subject="ic", briefing_read=True), "refused", "already holds"),
    ("to nobody", decide("command.transfer", briefing_read=True), "missing", "who is to hold"),
    ("to a stranger", decide("command.transfer", subject="ghost", briefing_read=True), "missing", "check-in of ghost"),
    # positions
    ("a trained operations chief", decide("position.assign", position="operations", subject="sergeant"), "not barred", ""),
    ("a partner as safety officer", decide("position.assign", position="safety", subject="partner"), "not barred", ""),
    ("a partner as operations chief", decide("position.assign", position="operations", subject="partner"), "refused", "always of the lead agency"),
    ("command by assignment", decide("position.assign", position="incident-commander", subject="lieutenant"), "refused", "only by a transfer"),
    ("command left empty", decide("position.vacate", position="incident-commander"), "refused", "never left empty"),
    ("vacating", decide("position.vacate", position="operations"), "not barred", ""),
    ("an unknown position", decide("position.assign", position="king", subject="ops"), "refused", 'no position "king"'),
    ("no position", decide("position.vacate"), "missing", "which position"),
    ("no person", decide("position.assign", position="safety"), "missing", "who is to hold"),
    ("operations assigns", decide("position.assign", "ops", position="safety", subject="officer"), "refused", "does not hold"),
    # agencies
    ("under an agreement", decide("agency.admit", unit_agency="state", agreement="ILEAS 2014", accepted_plan=True), "not barred", ""),
    ("without agreement", decide("agency.admit", unit_agency="state", accepted_plan=True), "missing", "the agreement under which"),
    ("with a blank one", decide("agency.admit", unit_agency="state", agreement=" ", accepted_plan=True), "missing", "the agreement under which"),
    ("plan not accepted", decide("agency.admit", unit_agency="state", agreement="x"), "missing", "acceptance of the lead agency's plan"),
    ("which agency", decide("agency.admit", agreement="x", accepted_plan=True), "missing", "which agency"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "decision", "effect", "says"), TABLE, ids=[row[0] for row in TABLE])
def test_the_plan_answers(what: str, decision: Decision, effect: str, says: str) -> None:
    """Each action with one who may and one who may not, and each need with and without."""
    assert decision.effect == effect, decision
    assert says in " | ".join((*decision.reasons, *decision.missing))
    assert decision.rules
    assert bool(decision.who_may) is (effect != "not barred")


def test_training_for_a_position() -> None:
    """Nobody takes a position that their training does not cover (A4)."""
    facts = ordinary()
    facts = facts.but(people={**facts.people, "sergeant": officer("sergeant", "sergeant", training=())})
    asked = ask("position.assign", position="operations", subject="sergeant")
    decision = judge(STACK, facts, asked, NOON)
    assert decision.missing == (
        "training in date of sergeant for operations section chief: incident-command, crowd-management",
    )
    assert judge(STACK, facts, spoilt(asked, position="safety"), NOON).allows


def test_someone_gone_takes_no_position() -> None:
    """Who has checked out is not there to hold anything."""
    facts = ordinary()
    facts = facts.but(people={**facts.people, "sergeant": officer("sergeant", on_scene=False)})
    decision = judge(STACK, facts, ask("position.assign", position="safety", subject="sergeant"), NOON)
    assert "sergeant has checked out" in decision.reasons


def test_an_action_without_a_rule_is_refused() -> None:
    """What no rule allows is not allowed."""
    decision = judge(Stack.of([small()]), ordinary(), ask("incident.close"), NOON)
    assert (decision.effect, decision.rules[0].rule) == ("refused", "no-rule-denies")


@pytest.mark.parametrize(
    ("who", "effect"),
    [('{ rank = "lieutenant or above" }', "missing"), ('{ positions = ["liaison"] }', "missing"),
     ('{ agency = "any" }', "not barred"), ('{ agency = "lead" }', "refused")],
)  # fmt: skip
def test_opening_is_judged_by_agency_alone(who: str, effect: str) -> None:
    """Before anyone has checked in, a rule about ranks or positions cannot be evaluated, and so denies."""
    stack = Stack.of(
        [small(('action = "level.ask"', 'action = "incident.open"'), ('who = { agency = "any" }', f"who = {who}"))]
    )
    facts = FakeFacts(lead_agency=None)
    assert judge(stack, facts, ask("incident.open", unit_agency=PARTNER), NOON).effect == effect


# What may never be ----------------------------------------------------------------------

words = st.sampled_from(
    ["", "x", "ic", "chief", "officer", "partner", "ghost", "north", "east", "plan", "targeted", "operations"]
)
maybe = st.none() | words
numbers = st.none() | st.floats(allow_nan=True, allow_infinity=True) | st.floats(0, 60)
requests = st.builds(
    Request,
    action=st.sampled_from(typing.get_args(Action)),
    person=words, agency=st.sampled_from([LEAD, PARTNER, "x"]), sector=maybe, level=maybe, requester=maybe,
    indicators=st.lists(words, max_size=3).map(tuple), liaison=maybe, others_may_continue=maybe, extent=maybe,
    subject=maybe, position=maybe, unit_agency=st.none() | st.sampled_from([LEAD, PARTNER]), agreement=maybe,
    accepted_plan=st.booleans(), briefing_read=st.booleans(), ask_age_s=numbers, basis_age_s=numbers,
)  # fmt: skip
persons = st.builds(
    PersonFact,
    person=words, agency=st.sampled_from([LEAD, PARTNER]), rank=st.sampled_from(["", "officer", "captain", "chief", "king"]),
    training=st.just((("incident-command", None), ("crowd-management", None))) | st.just(()), on_scene=st.booleans(),
)  # fmt: skip
moments = st.datetimes(
    NOON.replace(tzinfo=None), NOON.replace(tzinfo=None) + timedelta(hours=2), timezones=st.just(UTC)
)
worlds = st.builds(
    FakeFacts,
    lead_agency=st.sampled_from([LEAD, None]),
    people=st.dictionaries(words, persons, max_size=4),
    holders=st.dictionaries(st.sampled_from(["incident-commander", "operations"]), words.map(lambda who: ((NOON, who),)), max_size=2),
    levels=st.dictionaries(
        st.sampled_from(["north", "east"]),
        st.sampled_from(["plan", "facilitate", "engage", "targeted", "dispersal", "amber"]).map(lambda key: (LevelFact(key, NOON, NOON),)),
    ),
)  # fmt: skip


@given(requests, worlds, moments)
@settings(max_examples=400, deadline=None)
def test_judge_always_answers_with_rules_and_reasons(request: Request, facts: FakeFacts, now: datetime) -> None:
    """It never raises, names a rule every time, and says why wherever it does not let pass."""
    decision = judge(STACK, facts, request, now)
    assert decision.rules
    assert decision.effect != "refused" or decision.reasons
    assert (decision.effect == "missing") <= bool(decision.missing)
    assert decision.allows <= (not decision.missing)
    assert msgspec.json.decode(msgspec.json.encode(decision), type=Decision) == decision


@given(st.sampled_from([FACILITATE, ENGAGE, TARGETED, DISPERSE, FORCE_ASSISTED]), persons, st.booleans(), st.booleans())
@settings(max_examples=400, deadline=None)
def test_no_one_without_position_or_rank_ever_raises(
    request: Request, person: PersonFact, holds: bool, grants: bool
) -> None:
    """Of all people, only those whom the level names pass, however complete the ask is."""
    person = msgspec.structs.replace(person, person="someone")
    facts = ordinary()
    facts = facts.but(
        people={**facts.people, "someone": person},
        holders={"incident-commander": ((NOON, "someone" if holds else "ic"),)},
    )
    request = spoilt(request, person="someone", agency=person.agency, requester="officer")
    decision = judge(STACK, facts, spoilt(request, action="level.grant") if grants else request, NOON)
    rung = STACK.level(request.level or "")
    assert rung is not None
    rank = STACK.rank_places.get(person.rank, -1)
    by_rank = {"facilitate": 1, "engage": 1, "force-assisted": STACK.rank_places["deputy-chief"]}.get(rung.id)
    by_position = holds and bool(person.training) and rung.id != "force-assisted"
    if rung.id == "dispersal":
        by_position = by_position and rank >= STACK.rank_places["lieutenant"]
    may = person.agency == LEAD and person.on_scene and (by_position or (by_rank is not None and rank >= by_rank))
    assert decision.allows is may


@given(
    st.sampled_from([FACILITATE, ENGAGE, TARGETED, DISPERSE, FORCE_ASSISTED]),
    st.sampled_from(
        ["person", "sector", "level", "indicators", "ask_age_s", "basis_age_s", "lead", "people", "levels"]
    ),
)
def test_what_is_not_known_never_permits(request: Request, unknown: str) -> None:
    """Take away one thing that judging needs, and the answer is not "not barred"."""
    facts = ordinary()
    assert judge(STACK, facts, request, NOON).allows
    if unknown in ("lead", "people", "levels"):
        facts = {"lead": facts.but(lead_agency=None), "people": facts.but(people={}), "levels": facts.but(levels={})}[
            unknown
        ]
    else:
        request = spoilt(request, **{unknown: {"person": "ghost", "indicators": ()}.get(unknown)})
    assert not judge(STACK, facts, request, NOON).allows


@given(requests, worlds, moments)
@settings(max_examples=300, deadline=None)
def test_another_agency_never_commands(request: Request, facts: FakeFacts, now: datetime) -> None:
    """Whatever else is true, a partner's member is never made incident commander and never relieves one."""
    request = spoilt(request, action="command.transfer")
    incoming = facts.people.get(request.subject or "")
    outsider = request.agency != LEAD or incoming is None or incoming.agency != LEAD
    assert not (outsider and judge(STACK, facts, request, now).allows)
