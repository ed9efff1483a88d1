"""What was tried, where people are, who is in distress."""

from __future__ import annotations

from datetime import timedelta

from command.domain import commands as c
from command.domain import events as e
from command.domain.facts import StateFacts
from command.policy.facts import AttemptFact, FoundFact, PresenceFact
from tests.support.given import LEAD, OFFICER, SERGEANT, STAFFED, START, STRANGER, Wait, by, checks_in, given


def test_an_attempt_says_how_it_went_or_that_a_reason_was_written() -> None:
    tried = c.RecordAttempt("t1", "north", "de-escalation", True, ("persuasion",), "did not work", "we talked")
    spec = given(*STAFFED).when(tried, OFFICER)
    at = spec.world.entries[-1].header.occurred_at
    facts = StateFacts(spec.world.state)
    assert facts.attempt("de-escalation", "north", at) == AttemptFact("de-escalation", at, "officer", True)
    assert facts.attempt("targeted action", "north", at) is None and facts.attempt("de-escalation", "south", at) is None
    assert facts.attempt("de-escalation", "north", START) is None
    for why, written in (("no time", True), ("  ", False), (None, False)):
        event = (
            given(*STAFFED).when(c.RecordAttempt("t2", "north", "targeted action", False, why_not=why)).drafts[0].event
        )
        assert isinstance(event, e.AttemptRecorded) and event.reason_written is written


def test_the_newest_attempt_counts() -> None:
    first = by(OFFICER, c.RecordAttempt("t1", "north", "de-escalation", True))
    late = by(OFFICER, c.RecordAttempt("t2", "north", "de-escalation", False, why_not="x"), occurred_at=START)
    world = given(*STAFFED, first, late).world
    found = StateFacts(world.state).attempt("de-escalation", "north", world.now)
    assert found is not None and found.tried and not found.why_not


def test_findings_come_from_observations_with_who_saw_it() -> None:
    seen = c.RecordObservation(
        "o1", "bottles", "north", ("march-moving",), findings=("imminent-danger",), witnessed=True
    )
    spec = given(*STAFFED, by(OFFICER, c.RecordObservation("o0", "x", "north"))).when(seen, OFFICER)
    facts, now = StateFacts(spec.world.state), spec.world.now
    at = spec.world.entries[-1].header.occurred_at
    assert facts.findings("north", now) == (
        FoundFact("march-moving", at, "officer", True), FoundFact("imminent-danger", at, "officer", True),
    )  # fmt: skip
    assert facts.findings("north", START) == () and facts.findings("south", now) == ()


def test_presence_is_ones_own_word_or_the_units_post_whichever_is_newer() -> None:
    staff = (*STAFFED, c.DefineSector("south", "South"), c.FormUnit("u1", "Bike 1", "bicycle", LEAD))
    said = by(OFFICER, c.ReportPresence("north"))
    unit = checks_in(OFFICER, unit="u1")
    assert StateFacts(given(*staff).world.state).presence("officer", START) is None

    def where(*steps: object) -> PresenceFact | None:
        world = given(*staff, *steps).world
        return StateFacts(world.state).presence("officer", world.now)

    def sector(*steps: object) -> str | None:
        found = where(*steps)
        return found.sector if found else None

    assert sector(said) == "north"
    assert sector(said, by(OFFICER, c.ReportPresence("south"), occurred_at=START)) == "north", "a late report"
    assert sector(unit, c.AssignUnit("u1", "south")) == "south"
    assert sector(unit, said, c.AssignUnit("u1", "south")) == "south"
    assert sector(unit, c.AssignUnit("u1", "south"), said) == "north"
    assert sector(unit, c.AssignUnit("u1", "south"), c.AssignUnit("u1", None)) is None
    assert sector(unit, c.AssignUnit("u1", "south"), c.ReleaseUnit("u1")) is None
    assert sector(said, by(OFFICER, c.ReportPresence())) is None
    assert sector(c.AssignUnit("u1", "south")) is None, "not the officer's unit"
    assert sector(unit, c.AssignUnit("u1", "south"), by(OFFICER, c.CheckOut("officer"))) is None


def test_nobody_says_for_another_where_they_are_nor_where_they_will_be() -> None:
    ahead = START + timedelta(hours=5)
    spec = (
        given(*STAFFED)
        .when(c.ReportPresence("north"), SERGEANT, occurred_at=ahead)
        .then(e.PresenceReported("sergeant", "north"))
    )
    assert StateFacts(spec.world.state).presence("sergeant", spec.world.now) is not None
    assert StateFacts(spec.world.state).presence("officer", spec.world.now) is None


def test_distress_waits_until_somebody_has_come() -> None:
    flag = by(STRANGER, c.FlagDistress("s1", "shouting alone", "north"))
    world = given(*STAFFED, flag, flag, Wait(30)).world
    assert world.state.ground.distress["s1"].answered_at is None
    done = given(*STAFFED, flag).when(c.AnswerDistress("s1", "helped there", "u1", "went home")).world.state
    assert (done.ground.distress["s1"].unit, done.ground.distress["s1"].outcome) == ("u1", "helped there")
    given(*STAFFED).when(c.AnswerDistress("ghost", "not found")).nothing()


def test_distress_prompts_crisis_responders_first_until_it_is_answered() -> None:
    flag = c.FlagDistress("s1", "shouting alone", "north")
    given(*STAFFED).when(flag, STRANGER).owing("crisis-responders-first")
    done = given(*STAFFED, by(STRANGER, flag)).when(c.AnswerDistress("s1", "helped there", "u1"))
    assert [type(draft.event) for draft in done.drafts] == [e.DistressAnswered, e.DutyDischarged]
