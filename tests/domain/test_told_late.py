"""Facts that are told after a report which they bear on: the finding is looked at again, and the first one stays."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from command.domain import commands as c
from command.domain import events as e
from command.domain.told_late import LEFT_OUT, MOST_LOOKED_AT
from command.policy.load import read_pack
from command.policy.stack import Stack
from tests.domain.test_any_order import STACK
from tests.support.given import (
    ALLY,
    IC,
    LEAD,
    OFFICER,
    OPS,
    PARTNER,
    SERGEANT,
    STAFFED,
    START,
    Given,
    Wait,
    When,
    by,
    checks_in,
    given,
)
from tests.support.packs import MODEL

EARLY = timedelta(seconds=300)
HOLD = c.ReportForce("r1", "p1", "late", LEAD, "physical-control", "north", purpose="arrest", zones=("arms",))
LATE = replace(OFFICER, person="late")
AT_NORTH: tuple[Any, ...] = (
    *STAFFED, c.RaiseLevel("north", "facilitate", "seen", ("march-moving",), "few", "tried", "yes"), Wait(600),
)  # fmt: skip


def again(spec: When) -> list[tuple[str, str, str]]:
    """Which findings were opened again: report, kind, because."""
    found = [draft.event for draft in spec.drafts if isinstance(draft.event, e.FindingReopened)]
    return [(event.record, event.finding.kind, event.because) for event in found]


def kind_of(spec: Given | When, report: str = "r1") -> str:
    """How the report stands now."""
    found = spec.world.state.force.reports[report].finding
    assert found is not None
    return found.kind


def check_in() -> c.CheckIn:
    """The officer's own check-in."""
    cmd: c.CheckIn = checks_in(LATE, "officer").what
    return cmd


def test_a_check_in_that_is_told_late_settles_what_could_not_be_told() -> None:
    """Who was on duty is known in the end, from when it was so."""
    world = given(*AT_NORTH, by(SERGEANT, HOLD))
    assert kind_of(world) == "cannot tell"
    spec = world.when(check_in(), LATE, occurred_at=world.world.now - EARLY, rank="officer")
    assert again(spec) == [("r1", "authorized", "a check-in is of 12:05:09 UTC, told later")]
    assert kind_of(spec) == "authorized"


def test_a_check_in_from_now_on_changes_nothing_that_was() -> None:
    """Neither one that is told at once, nor one that began after the use."""
    world = given(*AT_NORTH, by(SERGEANT, HOLD))
    assert again(world.when(check_in(), LATE, rank="officer")) == []
    world = given(*AT_NORTH, by(SERGEANT, HOLD), Wait(60))
    assert (
        again(world.when(check_in(), LATE, occurred_at=world.world.now - timedelta(seconds=30), rank="officer")) == []
    )
    assert kind_of(world) == "cannot tell"


def test_a_check_out_that_is_told_late_takes_the_authorization_away() -> None:
    """They were off duty by then."""
    world = given(*AT_NORTH, by(LATE, check_in(), rank="officer"), Wait(400), by(SERGEANT, HOLD))
    assert kind_of(world) == "authorized"
    spec = world.when(c.CheckOut("late"), LATE, occurred_at=world.world.now - EARLY)
    assert again(spec) == [("r1", "no authorization on record", "a check-out is of 12:11:50 UTC, told later")]


def test_what_stays_the_same_is_not_said_again() -> None:
    """Checked in twice for the same time, the officer was on duty all the same."""
    world = given(*AT_NORTH, by(LATE, check_in(), rank="officer"), Wait(400), by(SERGEANT, HOLD))
    spec = world.when(check_in(), LATE, occurred_at=world.world.now - EARLY, rank="officer")
    assert again(spec) == []
    assert kind_of(spec) == "authorized"


def test_others_check_in_without_a_trace_in_this_ones_report() -> None:
    """Only the officer of the report is concerned."""
    world = given(*AT_NORTH, by(SERGEANT, HOLD))
    other = replace(check_in(), person="another")
    spec = world.when(other, replace(LATE, person="another"), occurred_at=world.world.now - EARLY, rank="officer")
    assert again(spec) == []


ROPE = """
[[tool]]
id = "rope"
says = "A rope needs no grant."
grant = "not needed"
exigent = "accepted"
source = "x"
verified = "G"

[[prohibition]]
id = "no-rope"
says = "No ropes, unless someone is in danger."
tools = ["rope"]
unless = { all = ["violent-individual"] }
source = "x"
verified = "G"
"""


def test_what_was_seen_before_and_told_late_counts_for_the_exception() -> None:
    """In that sector, as long as a finding counts, and nowhere else."""
    stack = Stack.of([read_pack(MODEL.read_text() + ROPE, "model.toml")])
    used = replace(HOLD, tool="rope", officer="officer")

    def told(sector: str, before: timedelta, signs: tuple[str, ...] = ("violent-individual",)) -> When:
        world = given(*AT_NORTH, by(SERGEANT, used), stack=stack)
        assert kind_of(world) == "contrary to plan"
        seen = c.RecordObservation("o1", "threw a brick", sector, signs)
        return world.when(seen, SERGEANT, occurred_at=world.world.now - before)

    found = told("north", EARLY)
    assert again(found) == [("r1", "authorized", "something was seen at 12:05:09 UTC, told later")]
    assert again(told("south", EARLY)) == []
    assert again(told("north", EARLY, ())) == []
    assert again(told("north", timedelta(seconds=660))) == []
    assert again(told("north", timedelta(seconds=0))) == []


def test_a_clock_that_ran_ahead_is_not_mended_by_what_comes_later() -> None:
    """The claimed time had not come: nobody is authorized ahead."""
    world = given(*AT_NORTH, by(LATE, check_in(), rank="officer")).world
    ahead = Given(world).when(HOLD, SERGEANT, occurred_at=world.now + timedelta(seconds=30))
    assert kind_of(ahead) == "cannot tell"
    world.now += timedelta(seconds=60)
    spec = Given(world).when(check_in(), LATE, occurred_at=world.now - EARLY, rank="officer")
    assert again(spec) == []


def test_the_commander_is_asked_nothing_about_it() -> None:
    """An ask tells of now: it opens no finding again."""
    world = given(*AT_NORTH, by(SERGEANT, HOLD))
    spec = world.when(c.LowerLevel("north", "plan", "quiet"), IC, occurred_at=world.world.now - EARLY)
    assert again(spec) == []


def test_an_agency_that_accepts_the_plan_afterwards_cures_nothing_before() -> None:
    """Nor does it poison what was done under the plan that it takes that back."""
    partner = (c.AdmitAgency(ALLY, "County", "MOU 12", True), checks_in(PARTNER))
    used = replace(HOLD, officer="partner", officer_agency=ALLY)
    back = c.AdmitAgency(ALLY, "County", None, False)
    world = given(*AT_NORTH, *partner, Wait(60), by(SERGEANT, used), Wait(60))
    assert kind_of(world) == "authorized"
    spec = world.when(back)
    assert again(spec) == [] and kind_of(Given(spec.world)) == "authorized"
    corrected = Given(spec.world).when(used, SERGEANT, occurred_at=spec.world.state.force.reports["r1"].at)
    assert kind_of(corrected) == "authorized", "judged anew by what was in force then"
    outside = given(*AT_NORTH, *partner, back, Wait(60), by(SERGEANT, used), Wait(60))
    assert kind_of(outside) == "no authorization on record"
    spec = outside.when(c.AdmitAgency(ALLY, "County", None, True))
    assert again(spec) == []
    corrected = Given(spec.world).when(used, SERGEANT, occurred_at=spec.world.state.force.reports["r1"].at)
    assert kind_of(corrected) == "no authorization on record"


def test_a_clock_that_may_have_been_on_either_side_of_an_agency_s_word_cannot_tell() -> None:
    """The report came first; the word is recorded within the error of its clock."""
    partner = (c.AdmitAgency(ALLY, "County", "MOU 12", True), checks_in(PARTNER), Wait(60))
    used = by(SERGEANT, replace(HOLD, officer="partner", officer_agency=ALLY), clock_error_ms=30_000)
    spec = given(*AT_NORTH, *partner, used, Wait(5)).when(c.AdmitAgency(ALLY, "County", None, False))
    assert [(kind, why.split(" at ")[0]) for _, kind, why in again(spec)] == [
        ("cannot tell", "an agency's word on the plan was recorded")
    ]


# Warnings, ways out, the crowd ------------------------------------------------------------

USED = c.ReportForce("r1", "p1", "officer", LEAD, "hose", "north", purpose="disperse", quantity=1, grant="g1")


GRANTED_HOSE = e.ForceGranted(
    grant="g1", ask=None, tool="hose", purpose="disperse", sector="north", authorizer="ic", requester="ops",
    facts="seen", until=START + timedelta(hours=3),
)  # fmt: skip


def moved_and_used(*more: Any) -> Given:
    """Warned and authorized; then the crowd moved on, and a hose was used there, ten minutes after new warnings."""
    return given(
        *AT_NORTH, *warned("w1", "w2"), Wait(11), GRANTED_HOSE, by(OPS, c.ReportCrowdMoved("m1", "north")), Wait(120), *more,
        by(OFFICER, USED), Wait(600), stack=STACK,
    )  # fmt: skip


def warning(name: str) -> c.ReportWarning:
    return c.ReportWarning(name, "north", "stand-back", amplified=True, exits=("pine",))


def warned(*names: str) -> tuple[Any, ...]:
    """Somebody sees a way out open and warns, half a minute apart."""
    return (by(OPS, c.ReportExits("x" + names[0], "north", ("pine",))),
            *(step for name in names for step in (by(SERGEANT, warning(name)), Wait(30))))  # fmt: skip


def test_warnings_that_a_tablet_hands_in_ten_minutes_late_settle_what_was_contrary_to_plan() -> None:
    """The use was reported at once; the officer who warned was out of reach."""
    past = moved_and_used()
    assert kind_of(past) == "contrary to plan"
    used_at = past.world.state.force.reports["r1"].at
    said: tuple[tuple[c.Command, int], ...] = (
        (c.ReportExits("x9", "north", ("pine",)), 90), (warning("w3"), 80), (warning("w4"), 20),
    )  # fmt: skip
    kinds = []
    spec: Given | When = past
    for cmd, before in said:
        spec = Given(spec.world).when(cmd, SERGEANT, occurred_at=used_at - timedelta(seconds=before))
        kinds.append(again(spec))
    when = f"{used_at - timedelta(seconds=20):%H:%M:%S}"
    assert kinds[-1] == [("r1", "authorized", f"a warning was given at {when} UTC, told later")]
    assert all(kind == "contrary to plan" for found in kinds[:-1] for _, kind, _ in found)
    first = next(one for one in spec.world.entries if isinstance(one.event, e.ForceReported)).header.finding
    assert first is not None and first.kind == "contrary to plan", "the first finding stays readable"


def test_a_word_that_was_told_late_takes_the_authorization_away() -> None:
    """Not heard at the rear, before the use; and a crowd that had moved on since."""
    past = moved_and_used(*warned("w3", "w4"))
    assert kind_of(past) == "authorized"
    used_at = past.world.state.force.reports["r1"].at
    before = used_at - timedelta(seconds=5)
    unheard = past.when(c.ReportAudibility("h1", "w4", "north", False), OPS, occurred_at=before)
    assert [(report, kind) for report, kind, _ in again(unheard)] == [("r1", "contrary to plan")]
    past = moved_and_used(*warned("w3", "w4"))
    assert again(past.when(c.ReportCrowdMoved("m2", "north"), OPS, occurred_at=used_at + timedelta(seconds=5))) == []
    gone = past.when(c.ReportCrowdMoved("m2", "north"), OPS, occurred_at=before)
    assert [(report, kind) for report, kind, _ in again(gone)] == [("r1", "contrary to plan")]


def test_a_clock_that_may_be_on_either_side_of_a_late_fact_cannot_tell() -> None:
    past = moved_and_used(*warned("w3"))
    used_at = past.world.state.force.reports["r1"].at
    fourth = past.when(warning("w4"), OPS, occurred_at=used_at - timedelta(seconds=70), clock_error_ms=60_000)
    assert [(report, kind) for report, kind, _ in again(fourth)] == [("r1", "cannot tell")]
    past = given(*AT_NORTH, by(SERGEANT, HOLD, clock_error_ms=2000), by(OFFICER, replace(HOLD, report="r2")))
    lower = past.when(c.LowerLevel("north", "plan", "quiet"), IC)
    assert [(report, kind) for report, kind, _ in again(lower)] == [("r1", "cannot tell")], "within its clock's error"


MANY = tuple(
    by(SERGEANT, replace(HOLD, report=f"r{n}"), occurred_at=START + timedelta(seconds=n))
    for n in range(MOST_LOOKED_AT + 1)
)


def test_more_reports_than_are_looked_at_are_said_to_be() -> None:
    """The newest are; the fact itself says that others were not."""
    spec = given(*AT_NORTH, *MANY).when(check_in(), LATE, occurred_at=START, rank="officer")
    stands = spec.drafts[0].finding
    assert stands is not None and len(stands.reasons) == 2 and stands.reasons[-1:] == LEFT_OUT.reasons
    assert len(again(spec)) == MOST_LOOKED_AT
    assert "r0" not in {report for report, _, _ in again(spec)}
    out = given(*AT_NORTH, *MANY).when(c.ReportCrowdMoved("m1", "north"), OPS, occurred_at=START)
    assert out.drafts[0].finding == LEFT_OUT, "a fact with no finding of its own says it by one"
    few = given(*AT_NORTH, by(SERGEANT, HOLD)).when(c.ReportCrowdMoved("m1", "north"), OPS, occurred_at=START)
    assert few.drafts[0].finding is None


def test_a_word_that_names_another_sector_reaches_the_reports_of_the_warning_s_own() -> None:
    """Not heard, whatever sector it names: the use in the north rested on that warning."""
    past = given(
        *AT_NORTH, *warned("w1", "w2"), Wait(11), GRANTED_HOSE, by(OFFICER, USED), Wait(600), stack=STACK
    )  # fmt: skip
    assert kind_of(past) == "authorized"
    used_at = past.world.state.force.reports["r1"].at
    unheard = c.ReportAudibility("h1", "w2", "square", False)
    spec = past.when(unheard, OPS, occurred_at=used_at - timedelta(seconds=5))
    assert [(record, kind) for record, kind, _ in again(spec)] == [("r1", "contrary to plan")]
    assert spec.drafts[0].finding is not None and spec.drafts[0].finding.kind == "cannot tell"
