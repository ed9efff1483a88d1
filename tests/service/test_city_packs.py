"""Orders on a city's police at the gate itself, level by level, by commands as clients send them."""

from __future__ import annotations

from msgspec.structs import replace

from command.domain import commands as c
from command.domain.submission import Answer
from tests.service.test_law_packs import (
    ANSWERS,
    CHIEF,
    OFFICER,
    SEEN,
    SERGEANT,
    all_taken,
    duties,
    missing,
    under,
)
from tests.support.desk import IC, Desk, author
from tests.support.given import COURSES, LEAD

EXECUTIVE = author("executive")
SRG = c.AskForce("s1", "strategic-response-group", "arrest", "north", lasts_s=600.0, grounds=("violence",))
LINE = c.AskForce(
    "k1", "encirclement", "arrest", "north", lasts_s=600.0, grounds=("violence",), targeted_why_not="they run"
)
STAYING = replace(LINE, ask="m1", tool="mass-arrest")
ORDER = c.ReportWarning(
    "w1", "north", "dispersal-order", amplified=True, on_camera=True, audible=True, exits=("Pine Street",)
)
FAILED = ("targeted-action-failed", "voluntary-compliance-failed")


def up(level: str, *signs: str) -> c.RaiseLevel:
    """Raise the sector to a level, on these signs."""
    return c.RaiseLevel("north", level, SEEN, signs, **ANSWERS)


def reasons(answer: Answer) -> str:
    """Why something was refused, as one text."""
    assert answer.status == "refused" and answer.decision is not None, answer
    return "\n".join(answer.decision.reasons)


def grant(ask: str, *findings: str) -> c.GrantForce:
    """The authorizer's own words on an ask."""
    return c.GrantForce(ask, "six people break windows, patrol cannot reach them", grant=f"g-{ask}", findings=findings)


async def test_in_new_york_a_march_is_accommodated_and_tier_3_is_reached_from_tier_1() -> None:
    """Blocking a street raises nothing; probable cause does, directly; tier 4 is two steps away whatever is found."""
    async with under("us-ny-nyc/stipulated-order.toml") as desk:
        assert (await desk.one(up("facilitate", "people-assembling"), SERGEANT)).status == "accepted"
        assert "critical-access-threatened" in missing(await desk.one(up("engage", "march-moving")))
        march = replace(LINE, grounds=("street-blocked-for-a-while",))
        assert "never solely for street-blocked-for-a-while" in reasons(await desk.one(march, SERGEANT))
        everything = ("crime-widespread", "de-escalation-failed-or-cannot-work", *FAILED)
        far = reasons(await desk.one(up("dispersal", *everything)))
        assert far == "Dispersal cannot be reached from Facilitate without Engage, Targeted enforcement"
        assert (await desk.one(up("targeted", "individual-probable-cause"))).status == "accepted"


async def test_in_new_york_the_response_group_takes_tier_3_and_the_senior_executive() -> None:
    """Asked for at any tier; granted at the third, by nobody else than who signs for it, and by them only in that office."""
    async with under("us-ny-nyc/stipulated-order.toml") as desk:
        await all_taken(
            desk,
            c.CheckIn("executive", "Executive", LEAD, "assistant-chief", training=COURSES),
            c.AssignPosition("senior-executive", "executive"),
            up("facilitate", "people-assembling"),
        )
        assert (await desk.one(SRG, SERGEANT)).status == "accepted"
        assert missing(await desk.one(grant("s1"), EXECUTIVE)) == "the level Targeted enforcement in the sector north"
        await all_taken(desk, up("targeted", "individual-probable-cause"))
        office = "does not hold the position senior executive for First Amendment activities"
        assert office in reasons(await desk.one(grant("s1"), IC))
        await all_taken(desk, c.VacatePosition("senior-executive"))
        assert office in reasons(await desk.one(grant("s1"), EXECUTIVE))
        await all_taken(desk, c.AssignPosition("senior-executive", "executive"))
        assert (await desk.one(grant("s1"), EXECUTIVE)).status == "accepted"


async def test_in_new_york_a_line_lets_the_others_out_and_tier_4_comes_after_all_else_has_failed() -> None:
    """Up to the arrests for staying, after three orders given at tier 4, and down again at once."""
    async with under("us-ny-nyc/stipulated-order.toml") as desk:
        await all_taken(desk, up("facilitate", "people-assembling"), up("targeted", "individual-probable-cause"))
        kettle = reasons(await desk.one(replace(LINE, ask="k0", purpose="contain"), SERGEANT))
        assert kettle.startswith("Nobody is closed in for anything else than their own arrest.")
        assert (await desk.one(LINE, SERGEANT)).status == "accepted"
        each = "each-has-probable-cause"
        assert "Everyone else inside is guided out safely" in missing(await desk.one(grant("k1", each)))
        assert (await desk.one(grant("k1", each, "others-guided-out"))).status == "accepted"
        await all_taken(desk, c.ReportExits("x1", "north", open=("Pine Street",)))
        blocked = up("dispersal", "sensitive-location-blocked", *FAILED)
        assert "De-escalation was tried and failed, or cannot work" in missing(await desk.one(blocked))
        signs = (*blocked.indicators, "de-escalation-failed-or-cannot-work")
        await all_taken(desk, replace(blocked, indicators=signs))
        assert (await desk.one(STAYING, SERGEANT)).status == "accepted"
        assert missing(await desk.one(grant("m1", each))) == "dispersal-orders: first warning of 3"
        await warned(desk)
        assert (await desk.one(grant("m1", each))).status == "accepted"
        await all_taken(desk, c.LowerLevel("north", "facilitate", "the ramp is clear"))


async def warned(desk: Desk) -> None:
    """Three orders, two minutes after each."""
    for name in ("w1", "w2", "w3"):
        await all_taken(desk, replace(ORDER, warning=name))
        desk.wait(120)


async def test_in_minneapolis_a_baton_takes_the_chief_and_what_nobody_approved_is_reported_from_the_scene() -> None:
    """Not the deputy chief who commands, without a designation; the use is kept, found, and opens its duties."""
    baton = c.AskForce(
        "b1", "baton", "arrest", "north", ("legs",), False, subject="p1", users=("officer",), lasts_s=300.0,
        grounds=("violence",), findings=("resists-arrest",), deescalation=("talk",),
    )  # fmt: skip
    used = c.ReportForce(
        "r1", "p1", "officer", LEAD, "baton", "north", purpose="arrest", indiscriminate=False, grounds=("violence",),
    )  # fmt: skip
    async with under("us-mn-minneapolis/stipulation.toml") as desk:
        steps = (("facilitate", "people-assembling"), ("engage", "tension-between-groups"))
        await all_taken(desk, *(up(*step) for step in steps), up("targeted", "individual-probable-cause"))
        kept = await desk.one(used, OFFICER)
        assert kept.finding is not None and kept.finding.kind == "no authorization on record"
        assert {"document-the-weapon", "report-before-leaving"} <= set(await duties(desk))
        assert (await desk.one(baton, SERGEANT)).status == "accepted"
        assert "a written delegation to ic by chief or above, in date" in missing(await desk.one(grant("b1"), IC))
        assert (await desk.one(grant("b1"), CHIEF)).status == "accepted"
        again = await desk.one(replace(used, report="r2"), OFFICER)
        assert again.finding is not None and again.finding.kind == "authorized", again.finding
