"""Interventions, pursuits, reviews by the uninvolved, and the counts of exigent use."""

from __future__ import annotations

from msgspec.structs import replace

from command.domain import commands as c
from command.domain import events as e
from command.domain.facts import StateFacts
from command.domain.oversight import QUESTIONS
from tests.domain.test_granting import GRANTED, USE
from tests.support.given import CHIEF, IC, LEAD, OFFICER, OPS, SERGEANT, STAFFED, by, checks_in, given

REVIEW = c.FileReview("v1", "r1", "within the plan", *(f"about {name}" for name in QUESTIONS))
DONE = (*GRANTED, by(OFFICER, USE))


def test_a_review_answers_every_set_question() -> None:
    assert set(QUESTIONS) < set(c.FileReview.__struct_fields__)
    given(*DONE).when(replace(REVIEW, needed=" "), CHIEF).refused("missing", containing="needed")
    for name, says in QUESTIONS.items():
        given(*DONE).when(replace(REVIEW, **{name: ""}), CHIEF).refused("missing", containing=says)


def test_whoever_had_no_part_in_it_reviews_it_and_its_duty_can_end() -> None:
    spec = given(*DONE).when(REVIEW, CHIEF)
    assert isinstance(spec.drafts[0].event, e.ReviewFiled)
    open_ = [spec.world.state.duties.all[key].rule for key in spec.world.state.duties.open]
    assert "force-review" not in open_ and "force-report" in open_
    (review,) = spec.world.state.oversight.reviews["r1"]
    assert (review.by.person, review.conclusion) == ("chief", "within the plan")
    given(*DONE, by(CHIEF, REVIEW)).when(REVIEW, CHIEF).refused(containing="filed already")
    given(*DONE, by(CHIEF, REVIEW)).when(replace(REVIEW, review="v2"), CHIEF).owing()


def test_nobody_reviews_what_they_ordered_authorized_or_took_part_in() -> None:
    """The officer used it, the sergeant asked, the commander granted."""
    for actor in (OFFICER, SERGEANT, IC):
        given(*DONE).when(REVIEW, actor).refused()
    given(*DONE).when(replace(REVIEW, record="ghost"), CHIEF).refused()
    world = given(*DONE).world
    facts = StateFacts(world.state)
    assert facts.involved("r1", world.now) == ("officer", "ic", "sergeant")
    assert (
        facts.involved("g1", world.now) == ("ic", "sergeant", "officer") and facts.involved("ghost", world.now) is None
    )


def test_whoever_signed_had_a_part() -> None:
    signed = by(OPS, e.GrantCosigned("f1", "mayor-1", "mayor", True, True))
    world = given(*GRANTED[:-1], signed, GRANTED[-1]).world
    assert "mayor-1" in (StateFacts(world.state).involved("g1", world.now) or ())


def test_a_pursuit_and_an_intervention_are_records_with_those_who_had_a_part() -> None:
    chase = c.ReportPursuit("c1", "foot", "officer", LEAD, "north", "sergeant", "theft")
    stop = c.ReportIntervention("n1", "he was held back", "r1", "north", "officer", "stopped")
    world = given(*STAFFED, by(OPS, chase), by(SERGEANT, stop), by(IC, replace(chase, supervisor=None))).world
    facts = StateFacts(world.state)
    assert facts.involved("c1", world.now) == ("officer", "sergeant", "ops", "ic")
    assert facts.involved("n1", world.now) == ("sergeant",)


def test_exigent_use_is_counted_by_unit_agency_and_who_commanded_and_a_correction_counts_once() -> None:
    staff = (*STAFFED, checks_in(OFFICER, unit="u1"))
    exigent = c.ReportForce("r1", "p1", "officer", LEAD, "baton", "north", exigent=True, exigent_reason="a knife")
    counted = given(*staff, by(OFFICER, exigent)).world.state.oversight.exigent
    assert dict(counted.items()) == {"unit:u1": 1, "agency:metro-pd": 1, "command:ic": 1}
    again = given(*staff, by(OFFICER, exigent), by(OFFICER, exigent)).world.state.oversight.exigent
    assert dict(again.items()) == dict(counted.items())
    undone = given(*staff, by(OFFICER, exigent), by(OFFICER, replace(exigent, exigent=False))).world.state
    assert set(dict(undone.oversight.exigent.items()).values()) == {0}
    unknown = given(*staff, replace(exigent, officer="4711", officer_agency=None)).world.state.oversight.exigent
    assert dict(unknown.items()) == {"command:ic": 1}


def test_an_exigent_use_beside_a_grant_counts_for_its_authorizer_too() -> None:
    beyond = replace(USE, exigent=True, exigent_reason="a knife", grant="g1", tool="oc-hand")
    counted = given(*GRANTED, by(OFFICER, beyond)).world.state.oversight.exigent
    assert dict(counted.items())["authorizer:ic"] == 1
    bare = given(*GRANTED, by(OFFICER, replace(beyond, grant="ghost"))).world.state.oversight.exigent
    assert not [key for key in dict(bare.items()) if key.startswith("authorizer:")]


def test_whoever_gave_a_grant_that_was_recorded_after_the_report_that_names_it_does_not_review_it() -> None:
    """The near miss: a tablet sent the report first, so that it counts under no grant."""
    past = (*GRANTED[:-1], by(OFFICER, replace(USE, grant="g1")), GRANTED[-1])
    world = given(*past).world
    assert world.state.force.reports["r1"].counts_for is None and world.state.force.reports["r1"].grant == "g1"
    for actor in (IC, SERGEANT, OFFICER):
        given(*past).when(REVIEW, actor).refused(containing="someone else reviews it")
    assert given(*past).when(REVIEW, CHIEF).drafts


def test_whoever_reported_anothers_force_does_not_review_it_and_whoever_only_came_later_may() -> None:
    told = (*STAFFED, by(SERGEANT, c.ReportForce("r1", "p1", "officer", LEAD, "baton", "north", supervisor="ops")))
    given(*told).when(REVIEW, SERGEANT).refused(containing="someone else reviews it")
    came = (*told, by(OPS, c.RecordSupervisor("r1", "on scene")))
    assert given(*came).when(REVIEW, OPS).drafts


def test_an_answer_of_blanks_is_none_and_a_short_one_is_one() -> None:
    for blank in ("", " ", "\n\t", "\u00a0"):
        spec = given(*DONE).when(replace(REVIEW, lessons=blank), CHIEF).refused("missing")
        assert QUESTIONS["lessons"] in spec.outcome.decision.missing  # type: ignore[union-attr]  # a refusal
    assert given(*DONE).when(replace(REVIEW, lessons="none"), CHIEF).drafts


def test_a_reviewer_of_too_low_a_rank_and_one_off_duty_are_refused() -> None:
    rookie = replace(OFFICER, person="rookie")
    given(*DONE, checks_in(rookie, "officer")).when(REVIEW, rookie).refused("refused", containing="sergeant")
    given(*DONE, c.CheckOut("chief")).when(REVIEW, CHIEF).refused()
