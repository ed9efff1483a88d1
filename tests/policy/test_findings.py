"""How reports of force stand by what was in force when it happened, and what is in force now."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from command.library import load_stack, read_files
from command.policy.case_facts import CaseFacts, Casting
from command.policy.facts import LevelFact
from command.policy.findings import finding, permits, who_may_raise
from command.policy.load import Stack
from command.policy.request import ForceClaim
from tests.support.facts import LEAD, NOON, PARTNER, FakeFacts, officer, ordinary
from tests.support.packs import model_stack, small

STACK = model_stack()
FACTS = ordinary()
CLAIM = ForceClaim(tool="baton", officer="officer", officer_agency=LEAD, sector="east", at=NOON)
EXIGENT = {"exigent": True, "exigent_reason_given": True}


def claim(**fields: object) -> ForceClaim:
    """A report of a baton used by an officer on duty, with some fields changed."""
    return msgspec.structs.replace(CLAIM, **fields)


@pytest.mark.parametrize(
    ("fields", "kind", "says"),
    [
        ({}, "no authorization on record", "no grant is on record"),
        ({"grant": "g1"}, "no authorization on record", "the grant g1 is not on record"),
        ({"tool": None}, "no authorization on record", "does not say which tool"),
        ({"tool": "catapult"}, "no authorization on record", 'knows no tool "catapult"'),
        (EXIGENT, "exigent", "someone uninvolved reviews it"),
        ({"exigent": True}, "no authorization on record", "no reason was given"),
        ({"exigent_reason_given": True}, "no authorization on record", "no grant"),
        ({"tool": None, **EXIGENT}, "exigent", "with a reason"),
        ({"tool": "chemical-area", **EXIGENT}, "no authorization on record", "does not accept for this tool"),
        ({"tool": "neck-restraint"}, "contrary to plan", "prohibits neck-restraint"),
        ({"tool": "neck-restraint", **EXIGENT}, "contrary to plan", "does not accept for this tool"),
        ({"tool": "neck-restraint", "clock_error_ms": 86_400_000}, "contrary to plan", "prohibits"),
        ({"tool": "physical-control"}, "authorized", "Engage was in force"),
        ({"tool": "physical-control", "officer_agency": None}, "authorized", "asks for no grant"),
        ({"tool": "physical-control", "officer": "4411"}, "cannot tell", "4411 was not checked in"),
        ({"tool": "physical-control", "sector": None}, "cannot tell", "where it happened is not known"),
        ({"tool": "physical-control", "officer_agency": PARTNER}, "cannot tell", "was checked in for metro-pd"),
        ({"tool": "physical-control", "sector": "moon"}, "no authorization on record", "no level of the plan"),
        ({"tool": "physical-control", "at": NOON + timedelta(minutes=10)}, "no authorization on record", "Engage had lapsed"),
        ({"tool": "physical-control", "at": NOON + timedelta(minutes=10, seconds=-1)}, "authorized", ""),
        ({"tool": "physical-control", "officer": "partner", "officer_agency": PARTNER}, "authorized", ""),
        ({"sector": None, "officer": "4411", "officer_agency": None}, "no authorization on record", "no grant"),
    ],
)  # fmt: skip
def test_a_report_stands_as_the_record_shows(fields: dict[str, object], kind: str, says: str) -> None:
    """Each kind of finding with what makes it, and the other side of each condition."""
    found = finding(STACK, FACTS, claim(**fields))
    assert found.kind == kind
    assert says in " | ".join(found.reasons)
    assert found.rules
    assert found.reasons


def test_officers_who_were_not_there_and_agencies_outside_the_plan() -> None:
    """What needs no grant still needs someone on duty under the plan."""
    held = claim(tool="physical-control")
    gone = FACTS.but(people={"officer": officer("officer", on_scene=False)})
    assert "had checked out" in finding(STACK, gone, held).reasons[0]
    outside = FACTS.but(accepted=frozenset({LEAD}))
    found = finding(STACK, outside, claim(tool="physical-control", officer="partner", officer_agency=None))
    assert (found.kind, found.reasons) == ("no authorization on record", ("county-so had not accepted the plan",))


@pytest.mark.parametrize(
    ("at_s", "error_ms", "kind"),
    [(0, 0, "no authorization on record"), (-10, 9_000, "no authorization on record"), (-10, 10_000, "cannot tell"),
     (5, 5_000, "no authorization on record"), (5, 5_001, "cannot tell"), (0, 1, "cannot tell")],
)  # fmt: skip
@pytest.mark.parametrize("what", ["level", "command", "lapse", "beginning"])
def test_a_clock_error_across_a_boundary_cannot_tell(what: str, at_s: int, error_ms: int, kind: str) -> None:
    """Level, command, lapse and the sector's beginning: on this side, on that side, and across noon."""
    before = LevelFact("engage", NOON - timedelta(hours=1), None)
    facts = FACTS.but(levels={"east": (before,)})
    match what:
        case "level":
            facts = facts.but(levels={"east": (before, LevelFact("targeted", NOON, None))})
        case "command":
            facts = facts.but(holders={"incident-commander": ((NOON - timedelta(hours=1), "ic"), (NOON, "chief"))})
        case "lapse":
            facts = facts.but(levels={"east": (LevelFact("engage", NOON - timedelta(hours=1), NOON),)})
        case "beginning":
            facts = facts.but(levels={"east": (LevelFact("plan", NOON, None),)})
    found = finding(STACK, facts, claim(at=NOON + timedelta(seconds=at_s), clock_error_ms=error_ms))
    assert found.kind == kind
    assert kind != "cannot tell" or "within the clock's error" in found.reasons[0]


def test_a_boundary_elsewhere_does_not_matter() -> None:
    """A change in another sector says nothing about this one; without a sector only command counts."""
    changed = (LevelFact("engage", NOON - timedelta(hours=1), None), LevelFact("targeted", NOON, None))
    facts = FACTS.but(levels={**FACTS.levels, "west": changed})
    assert finding(STACK, facts, claim(clock_error_ms=5_000)).kind == "no authorization on record"
    assert finding(STACK, facts, claim(sector=None, clock_error_ms=5_000)).kind == "no authorization on record"
    assert finding(STACK, facts, claim(sector="moon", clock_error_ms=5_000)).kind == "no authorization on record"


def renewed(*spans: tuple[int, str, int | None]) -> tuple[LevelFact, ...]:
    """Levels as (minutes after noon, level, lapses at minutes after noon)."""
    return tuple(
        LevelFact(level, NOON + timedelta(minutes=since), None if until is None else NOON + timedelta(minutes=until))
        for since, level, until in spans
    )


@pytest.mark.parametrize(
    ("spans", "kind"),
    [
        (renewed((-30, "engage", 5), (0, "engage", 30)), "no authorization on record"),
        (renewed((-30, "engage", 3), (-2, "engage", 2), (0, "engage", 3), (1, "engage", 30)), "no authorization on record"),
        (renewed((-30, "engage", -1), (0, "engage", 30)), "cannot tell"),
        (renewed((-30, "engage", 30), (-1, "targeted", 30), (0, "engage", 30)), "cannot tell"),
        (renewed((-30, "engage", -20), (0, "engage", 1)), "cannot tell"),
        (renewed((-30, "engage", -20)), "no authorization on record"),
        (renewed(*((n / 100, "engage", 30) for n in range(-200, 200))), "cannot tell"),  # type: ignore[arg-type]  # fractions of a minute
    ],
)  # fmt: skip
def test_a_renewal_in_time_is_no_boundary(spans: tuple[LevelFact, ...], kind: str) -> None:
    """The same level without a gap is one level; a lapse, another level between, or too many to look at are not."""
    facts = FACTS.but(levels={"east": spans})
    assert finding(STACK, facts, claim(clock_error_ms=90_000)).kind == kind


def test_facts_that_contradict_themselves_are_not_trusted() -> None:
    """A sector with a level now and none the instant before it began to have that level cannot be told."""

    class Odd(FakeFacts):
        def level(self, sector: str, at: datetime) -> LevelFact | None:
            return None if at == NOON - timedelta(microseconds=1) else LevelFact("engage", NOON, None)

    odd = Odd(people=FACTS.people, holders=FACTS.holders)
    assert finding(STACK, odd, claim(clock_error_ms=1_000)).kind == "cannot tell"


def test_exigent_does_not_hang_on_the_clock() -> None:
    """It stands on its reason."""
    facts = FACTS.but(levels={"east": (LevelFact("plan", NOON, None),)})
    assert finding(STACK, facts, claim(clock_error_ms=5_000, **EXIGENT)).kind == "exigent"


def test_a_pack_not_yet_in_force_cannot_tell() -> None:
    """A report is judged by the rules of its own day or not at all."""
    stack = Stack.of([small(("sources = []", "sources = []\nin_force = { from = 2026-05-02 }"))])
    found = finding(stack, FACTS, CLAIM)
    assert (found.kind, found.reasons) == ("cannot tell", ("the pack small was not in force on 2026-05-01",))


def test_a_plan_without_force_rules_still_names_a_rule() -> None:
    """What cannot be judged is not authorized."""
    rules = '[force]\nid = "force"\nsays = "Force needs a grant."\n\n[[tool]]\nid = "baton"\nsays = "A baton needs a grant."\ngrant = "needed"\nexigent = "accepted"\n'
    found = finding(Stack.of([small((rules, ""))]), FACTS, CLAIM)
    assert (found.kind, found.rules[0].rule) == ("no authorization on record", "unknown-denies")


@given(
    st.datetimes(timezones=st.just(UTC)), st.integers(0, 86_400_000), st.sampled_from([None, "baton", "physical-control", "neck-restraint", "x"]),
    st.sampled_from([None, "east", "moon"]), st.sampled_from(["officer", "ghost"]), st.booleans(), st.booleans(),
)  # fmt: skip
def test_every_report_gets_a_finding(
    at: datetime, error_ms: int, tool: str | None, sector: str | None, who: str, exigent: bool, reason: bool
) -> None:
    """A report may claim any time and anything; it is judged and never refused."""
    found = finding(
        STACK, FACTS,
        claim(at=at, clock_error_ms=error_ms, tool=tool, sector=sector, officer=who, exigent=exigent, exigent_reason_given=reason),
    )  # fmt: skip
    assert found.rules
    assert found.reasons
    assert found.kind != "authorized" or tool == "physical-control"


def test_a_time_at_the_end_of_the_calendar() -> None:
    """Even that is a report."""
    found = finding(STACK, FACTS, claim(at=datetime.max.replace(tzinfo=UTC), clock_error_ms=1))
    assert found.kind == "cannot tell"


# What is in force -------------------------------------------------------------------------


def test_permits_until_the_second_of_the_lapse() -> None:
    """At the review's second the list is empty and says so."""
    before = permits(STACK, FACTS, "west", NOON + timedelta(minutes=10, seconds=-1))
    after = permits(STACK, FACTS, "west", NOON + timedelta(minutes=10))
    assert (before.level, before.lapsed, len(before.permits)) == ("targeted", False, 2)
    assert (after.level, after.lapsed, after.permits) == ("targeted", True, ())
    assert before.until == after.until == NOON + timedelta(minutes=10)
    assert before.rules[0].rule == "level.targeted"


def test_an_unknown_sector_or_level_permits_nothing() -> None:
    """Not known is not permitted."""
    odd = FACTS.but(levels={"east": (LevelFact("amber", NOON, None),)})
    for facts, sector in ((FACTS, "moon"), (odd, "east")):
        held = permits(STACK, facts, sector, NOON)
        assert (held.level, held.permits, held.rules[0].rule) == (None, (), "unknown-denies")


def test_a_pack_out_of_force_permits_nothing() -> None:
    """Its sentences end with its dates."""
    stack = Stack.of([small(("sources = []", "sources = []\nin_force = { to = 2026-04-30 }"))])
    facts = FACTS.but(levels={"east": (LevelFact("low", NOON, None),)})
    assert permits(stack, facts, "east", NOON).permits == ()


def test_who_may_raise_in_plain_words() -> None:
    """For the ladder on screen."""
    assert who_may_raise(STACK, "targeted") == ("incident commander of the lead agency",)
    assert who_may_raise(STACK, "plan") == who_may_raise(STACK, "amber") == ()


EXCEPTION = "nobody-reached-takes-part"


def under_an_exception(*findings: str) -> CaseFacts:
    """Gas that was granted from 12:26 to 12:40, with these findings in the grant itself and none on record."""
    trained = ("incident-command", "crowd-management")
    people = {
        "deputy": Casting(rank="deputy-chief", training=trained),
        "sergeant": Casting(rank="sergeant", training=trained),
        "officer": Casting(rank="officer", training=trained),
        "other": Casting(rank="officer", training=trained),
    }
    said = "amplified, on camera, heard, exits north, naming chemical-area"
    facts = CaseFacts(people, NOON.replace(hour=0))
    for line in (
        "11:50 sector 4 stands at force-assisted",
        "12:19 exits of sector 4: north",
        *(f"12:{minute} sergeant warns sector 4 with dispersal-order: {said}" for minute in (20, 22, 24)),
        "12:26 deputy grants g-1: chemical-area to disperse in sector 4 until 12:40, to officer, asked by sergeant",
    ):
        at, _, sentence = line.partition(" ")
        assert facts.happen(clock(at), sentence, clock) is None
    facts._grants["g-1"] = msgspec.structs.replace(facts._grants["g-1"], findings=findings)
    return facts


def clock(text: str) -> datetime:
    """A time of that day."""
    hour, minute = text.split(":")
    return NOON.replace(hour=int(hour), minute=int(minute))


def test_a_grant_carries_the_exception_that_was_found_in_it_as_long_as_it_covers_the_use() -> None:
    """Else the gate would permit what the finding calls contrary to plan, ten minutes later or at once."""
    stack = load_stack(read_files(("us-pa-philadelphia/less-lethal.toml", "model/muster-model.toml")))
    used = ForceClaim(
        tool="chemical-area", officer="officer", officer_agency=None, sector="4", at=clock("12:39"), purpose="disperse"
    )
    again = msgspec.structs.replace
    assert finding(stack, under_an_exception(EXCEPTION), used).kind == "authorized"
    assert finding(stack, under_an_exception(), used).kind == "contrary to plan", "nobody found it"
    by_another = again(used, officer="other")
    assert finding(stack, under_an_exception(EXCEPTION), by_another).kind == "contrary to plan", "not theirs"
    after = again(used, at=clock("12:41"))
    assert finding(stack, under_an_exception(EXCEPTION), after).kind == "contrary to plan", "the grant was over"
    edge = again(after, clock_error_ms=120_000)
    assert finding(stack, under_an_exception(EXCEPTION), edge).kind == "cannot tell"
    no_time = again(used, at=datetime.max.replace(tzinfo=UTC), clock_error_ms=1)
    assert finding(stack, under_an_exception(EXCEPTION), no_time).kind == "contrary to plan"
