"""A local plan from the model: every question answered or left as the model has it, and the result reads."""

from __future__ import annotations

from datetime import date

import pytest

from command.policy.drafting import draft, mistake, questions
from command.policy.load import PackProblems, read_pack
from command.policy.stack import Stack
from tests.support.packs import MODEL

TEXT = MODEL.read_text()
CALENDAR = {"calendar.time_zone": "America/Chicago", "calendar.known_to": "2027-12-31"}
NAMES = {"id": "springfield", "title": 'Springfield "A" plan', "jurisdiction": "US-IL-Springfield"}


def test_the_questions_are_what_the_model_leaves_open() -> None:
    """Names, ranks, and each number that no source gives; no sign's clock."""
    asked = {question.key: question for question in questions(TEXT)}
    assert asked["id"].open == ""
    assert asked["rank.deputy-chief"].open == "deputy-chief"
    assert asked["duty.aid-after-force.within"].open == "unknown"
    assert asked["ranks"].open.startswith("officer, sergeant")
    assert not [key for key in asked if key.startswith("indicator.")]
    unknown = read_pack(TEXT, "model").duty
    assert {f"duty.{rule.id}.within" for rule in unknown if rule.within.text == "unknown"} <= set(asked)


def test_a_plan_is_drawn_up() -> None:
    """The answers stand in it, the rest is the model's."""
    answers = {
        **NAMES,
        "ranks": "officer, sergeant, lieutenant, commander, chief",
        "rank.captain": "lieutenant",
        "rank.deputy-chief": "commander",
        "rank.assistant-chief": "chief",
        "duty.aid-after-force.within": "2 min",
    }
    plan = read_pack(draft(TEXT, answers), "springfield.toml")
    model = read_pack(TEXT, "model")
    assert plan.id == "springfield"
    assert plan.pack.title == 'Springfield "A" plan'
    assert plan.pack.kind == "plan"
    assert plan.ranks is not None and plan.ranks.order == ("officer", "sergeant", "lieutenant", "commander", "chief")
    assert {duty.id: duty.within.text for duty in plan.duty}["aid-after-force"] == "2 min"
    assert {duty.id: duty.within.text for duty in plan.duty}["medical-help"] == "unknown"
    assert plan.level[-1].authorizer[0].rank == "commander or above"
    assert [rule.id for rule in plan.tactic] == [rule.id for rule in model.tactic]


def test_with_names_alone_it_is_the_model_under_another_name() -> None:
    """Ranks and numbers as the model has them."""
    plan, model = read_pack(draft(TEXT, NAMES), "x"), read_pack(TEXT, "m")
    assert plan.ranks == model.ranks
    assert plan.level == model.level


def test_new_york_calls_its_tiers_tiers_and_reaches_the_third_from_the_first() -> None:
    """Under the court's order and a plan drawn up for it; one that leaves the step as it is, is the stricter one."""
    tiers = {f"level.{key}.name": f"Tier {n}" for n, key in enumerate(("facilitate", "engage", "targeted"), 1)}
    order = MODEL.parents[1] / "us-ny-nyc" / "stipulated-order.toml"

    def third(**answers: str) -> tuple[str, bool]:
        plan = read_pack(draft(TEXT, {**NAMES, **tiers, **answers}), "plan.toml")
        rung = Stack.of([read_pack(order.read_bytes(), order.name), plan]).level("targeted")
        assert rung is not None
        return rung.name, rung.skip

    assert third(**{"level.targeted.skip": "allowed"}) == ("Tier 3", True)
    assert third() == ("Tier 3", False)
    with pytest.raises(PackProblems, match="not allowed or allowed"):
        third(**{"level.targeted.skip": "yes"})


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({}, "a short id of the plan"),
        ({**NAMES, "titel": "x"}, 'did you mean "title"?'),
        ({**NAMES, "id": "a plan"}, "no blanks"),
        ({**NAMES, "ranks": "officer"}, "one of your ranks, officer"),
        ({**NAMES, "duty.aid-after-force.within": "soon"}, "a duration such as"),
        ({**NAMES, "calendar.time_zone": "America/Chicago"}, "an answer, where there is a calendar"),
        ({**NAMES, **CALENDAR, "calendar.known_to": "next year"}, "a day such as 2027-12-31"),
        ({**NAMES, **CALENDAR, "calendar.holidays": "New Year"}, "days with their names"),
        ({**NAMES, **CALENDAR, "calendar.time_zone": "America/Chcago"}, "a time zone such as"),
        ({**NAMES, **CALENDAR, "calendar.known_to": "2027-02-30"}, "a day such as 2027-12-31"),
        ({**NAMES, "in_force.from": "soon"}, "a day such as 2027-01-01"),
        ({**NAMES, "relay.worth": "much"}, "nothing until confirmed or authorizes with read-back"),
        ({**NAMES, "warning.dispersal-warning.count": "0"}, "a whole number from 1"),
        ({**NAMES, "level.targeted.review": "soonish"}, "a duration such as"),
        ({**NAMES, "site.vehicle.items": "air;;cutters"}, "with semicolons between"),
        ({**NAMES, "warning.dispersal-warning.wait": "2 h"}, "longer than the wait of warning"),
    ],
)
def test_an_answer_that_does_not_fit(answers: dict[str, str], expected: str) -> None:
    """Is refused with what was expected, before anything is written."""
    with pytest.raises(PackProblems) as caught:
        draft(TEXT, answers)
    assert expected in str(caught.value)


def test_whatever_the_model_gives_a_place_may_give_otherwise() -> None:
    """Every number, what a site must have, what a spoken order is worth, who signs beside the authorizer, and from when."""
    answers = {
        **NAMES,
        "in_force.from": "2027-01-01",
        "relay.worth": "authorizes with read-back",
        "tactic.area-tools.cosigner": "mayor",
        "level.targeted.review": "20 min",
        "warning.dispersal-warning.count": "4",
        "warning.dispersal-warning.wait": "5 min",
        "limits.warnings": "45 min",
        "tactic.oc-at-a-person.lasts": "5 min",
        "site.processing-site.staff": "3",
        "site.processing-site.items": "water; toilets, two of them",
        "site.vehicle.arrival": "40 min",
        "duty.force-review.within": "48 h",
    }
    plan, model = read_pack(draft(TEXT, answers), "x"), read_pack(TEXT, "m")
    assert plan.pack.in_force.from_ == date(2027, 1, 1)
    assert plan.relay is not None and plan.relay.worth == "authorizes with read-back"
    tactics = {rule.id: rule for rule in plan.tactic}
    assert tactics["area-tools"].cosigner[0].office == "mayor"
    assert tactics["oc-at-a-person"].lasts is not None and tactics["oc-at-a-person"].lasts.text == "5 min"
    assert {level.id: level.review.text for level in plan.level if level.review}["targeted"] == "20 min"
    warning = plan.warning[0]
    assert (warning.count.number, warning.wait and warning.wait.text) == (4, "5 min")
    assert plan.limits is not None and plan.limits.warnings is not None and plan.limits.warnings.text == "45 min"
    sites = {site.id: site for site in plan.site}
    assert sites["processing-site"].items == ("water", "toilets, two of them")
    assert sites["processing-site"].staff is not None and sites["processing-site"].staff.number == 3
    assert sites["vehicle"].arrival is not None and sites["vehicle"].arrival.text == "40 min"
    assert {duty.id: duty.within.text for duty in plan.duty}["force-review"] == "48 h"
    assert sites["staging-site"] == {site.id: site for site in model.site}["staging-site"], "the rest is the model's"


def test_every_question_can_be_answered_as_it_stands() -> None:
    """What stands in brackets is taken for an answer, and changes nothing."""
    asked = questions(TEXT)
    answers = {question.key: question.open for question in asked} | NAMES
    assert draft(TEXT, answers) == draft(TEXT, NAMES)
    assert len({question.key for question in asked}) == len(asked)
    assert all(question.asks and not mistake(question, question.open, answers) for question in asked[4:])


def test_a_model_without_ranks_has_none_to_show() -> None:
    """Nothing is made up."""
    assert questions("[pack]\n")[3].open == ""


def test_a_calendar_gives_business_days_their_clock() -> None:
    """Zone, last day known, and the holidays by name."""
    holidays = "2027-01-01 New Year, 2027-07-05 Independence Day, observed by all"
    with pytest.raises(PackProblems):
        draft(TEXT, {**NAMES, **CALENDAR, "calendar.holidays": holidays})  # a comma within a name parts two days
    plan = read_pack(
        draft(TEXT, {**NAMES, **CALENDAR, "calendar.holidays": holidays.removesuffix(", observed by all")}), "x.toml"
    )
    assert plan.calendar is not None
    assert [(str(day.on), day.says) for day in plan.calendar.holidays] == [
        ("2027-01-01", "New Year"),
        ("2027-07-05", "Independence Day"),
    ]
    assert read_pack(draft(TEXT, NAMES), "x.toml").calendar is None


def test_a_local_plan_no_longer_calls_itself_a_template() -> None:
    """Its first line and its sentence say what it is and what it is not."""
    text = draft(TEXT, NAMES)
    assert text.startswith("# Drawn up from Muster's model plan by questions.")
    assert read_pack(text, "x.toml").pack.says.startswith("Drawn up from Muster's model plan. Not legal advice")


@pytest.mark.parametrize(
    ("key", "said", "wrong"),
    [
        ("id", "", "expected an answer"),
        ("id", "springfield-2027", ""),
        ("title", "Springfield plan", ""),
        ("rank.sergeant", "sargeant", "did you mean sergeant?"),
        ("duty.force-report.within", "2 weeks", "did you mean 14 days?"),
        ("duty.force-report.within", "soon", "expected a duration such as"),
        ("duty.force-report.within", "8 h", ""),
        ("calendar.known_to", "", ""),
        ("calendar.time_zone", "America/Chicgo", "did you mean America/Chicago?"),
        ("calendar.time_zone", "America/Chicago", ""),
    ],
)
def test_one_answer_is_checked_as_it_is_given(key: str, said: str, wrong: str) -> None:
    """So that nobody answers forty questions to hear of the third."""
    question = next(question for question in questions(TEXT) if question.key == key)
    told = mistake(question, said, {"ranks": "officer, sergeant"})
    assert wrong in told
    assert bool(told) is bool(wrong)
