"""One afternoon, told to the service: seven things that have gone wrong at mass arrests, each caught with its rule named.

A wrong officer's signature, a cloned account, an order to disperse with the exits closed and one that came too early, a
person lost between two holders, a juvenile in an adult station, a restraint clock, a weekend within the 48 hours; and
beside them a site that lacks what it needs, a vehicle that never arrives, and who has to free whom. In a browser the same
is seen by `tests/e2e/real/test_arrest.py`.
"""

from __future__ import annotations

from datetime import UTC, datetime

from msgspec.structs import replace

from command.domain import commands as c
from command.domain import commands_arrest as ca
from command.domain import commands_custody as cc
from command.domain import events as e
from command.domain import events_arrest as ea
from command.domain.submission import Answer
from command.policy.decision import Finding
from command.service.api import Author
from command.views import rows_arrest as r
from command.views.lens import Lens
from command.views.scene import Scene
from command.views.sections import TABLE
from tests.support.custody import looks
from tests.support.desk import LOG, Desk, author
from tests.support.given import COURSES, LEAD, model_stack

OFFICER, OTHER, KEEPER = author("officer"), author("other"), author("keeper")
TOLD = "The subject together with others blocked the street before the pier and did not leave when told to leave it"
OWN = "She climbed the fence at Fourth Street and threw a bottle that hit a steward on the left arm"
CARD = ca.RecordArrest(
    "a1",
    "s1",
    "officer",
    LEAD,
    "north",
    None,
    "W-1",
    ("vandalism",),
    ("officer",),
    injured=False,
    category="T",
    conduct=OWN,
)
CENTRE = cc.OpenSite("centre", "Processing centre", "processing", 2, stations=("intake",), trained_staff=("keeper",))
VAN = cc.OpenSite("van", "Van 1", "vehicle", 8)


async def morning(desk: Desk) -> None:
    """Officers, a keeper trained for it, a centre and a van, each looked at first."""
    await desk.staffed()
    trained = (*COURSES, e.Training("arrest-processing"))
    await accepted(
        desk,
        c.CheckIn("officer", "Olga Ruiz", LEAD, "officer", training=COURSES),
        c.CheckIn("other", "Omar Blake", LEAD, "officer", training=COURSES),
        c.CheckIn("keeper", "Kim Ward", LEAD, "lieutenant", training=trained),
        looks(CENTRE),
        CENTRE,
        looks(VAN),
        VAN,
    )


async def accepted(desk: Desk, *cmds: c.Command, by: Author | None = None) -> list[Answer]:
    answers = await desk.send(*cmds, by=by or author())
    assert [one.status for one in answers] == ["accepted"] * len(cmds), answers
    return answers


async def found(desk: Desk, cmd: c.Command, by: Author = OFFICER) -> Finding:
    """What was found of a report; it is kept whatever was."""
    (answer,) = await accepted(desk, cmd, by=by)
    assert answer.finding is not None, cmd
    return answer.finding


def rules(stands: Finding) -> set[str]:
    return {rule.rule for rule in stands.rules}


async def board(desk: Desk, section: str, lens: Lens = "command") -> dict[str, object]:
    """A section of the board at the desk's time."""
    scene = Scene(await desk.service.state(LOG), model_stack(), lens, {}, desk.now)
    made = ((key, TABLE[section].row(scene, key)) for key in TABLE[section].keys(scene))
    return {key: row for key, row in made if row is not None}


async def alarm(desk: Desk, key: str, lens: Lens = "command") -> r.NumberRow:
    row = (await board(desk, "numbers", lens))[key]
    assert isinstance(row, r.NumberRow)
    return row


async def due(desk: Desk, rule: str) -> datetime | None:
    """By when the newest duty under a rule is owed."""
    started = [entry.event for entry in await desk.log() if isinstance(entry.event, e.DutyStarted)]
    return next(one.due for one in reversed(started) if one.rule == rule)


async def test_a_signature_by_an_officer_who_did_not_make_the_arrest() -> None:
    async with Desk() as desk:
        await morning(desk)
        await accepted(desk, replace(CARD, officer="other"), by=OTHER)
        stands = await found(desk, ca.SignArrest("a1", "s1", "arresting", 1))
        assert stands.kind == "contrary to plan" and "arrest.own-hand" in rules(stands)
        assert "officer signs for an arrest that other made" in stands.reasons[0]
        assert await due(desk, "arrest-by-another-hand") is None, "owed; the plan names no time"


async def test_an_account_that_was_cloned() -> None:
    async with Desk() as desk:
        await morning(desk)
        await accepted(desk, replace(CARD, conduct=TOLD), by=OFFICER)
        await accepted(
            desk, replace(CARD, arrest="a2", subject="s2", wristband="W-2", conduct=TOLD + " again"), by=OTHER
        )
        pairs = [entry.event for entry in await desk.log() if isinstance(entry.event, ea.NarrativesAlike)]
        assert [(one.arrest, one.other) for one in pairs] == [("a2", "a1")]
        assert await due(desk, "alike-accounts") is None


SIGNS = (
    "march-moving", "tension-between-groups", "individual-probable-cause", "targeted-action-failed",
    "voluntary-compliance-failed",
)  # fmt: skip


async def test_failing_to_disperse_with_the_exits_closed_and_too_early() -> None:
    async with Desk() as desk:
        await morning(desk)
        stays = replace(CARD, offences=("failure-to-disperse",), exits="closed", contained=True, bystanders="closed")
        stands = await found(desk, stays)
        assert stands.kind == "contrary to plan"
        assert {"charge.failure-to-disperse", "arrest.out-of-the-line"} <= rules(stands)
        assert any("nobody could obey" in why for why in stands.reasons)
        await accepted(desk, c.ReportExits("x1", "north", ("5th Ave",)))
        for level in ("facilitate", "engage", "targeted", "dispersal"):
            await accepted(desk, c.RaiseLevel("north", level, "seen", SIGNS, "few", "tried", "yes"))
        order = c.ReportWarning("w1", "north", "dispersal-order", "leave", "en", True, True, True, ("5th Ave",))
        for number in range(3):
            await accepted(desk, replace(order, warning=f"w{number}"))
            desk.wait(120)
        desk.wait(-1)  # the last second of the time to leave
        early = replace(stays, arrest="a2", subject="s2", wristband="W-2", exits="open", contained=False, conduct=TOLD)
        stands = await found(desk, early)
        assert stands.kind == "contrary to plan" and "warning.dispersal-warning" in rules(stands)
        assert any("time to leave until" in why for why in stands.reasons)
        desk.wait(1)
        stands = await found(
            desk, replace(early, arrest="a3", subject="s3", wristband="W-3", conduct=OWN + " and fled")
        )
        assert "warning.dispersal-warning" in rules(stands) and stands.kind == "authorized"


async def test_a_person_lost_between_two_holders() -> None:
    async with Desk() as desk:
        await morning(desk)
        await accepted(desk, CARD, by=OFFICER)
        await accepted(desk, cc.HandOver("s1", "t1", "centre", "site", from_holder="officer"), by=OFFICER)
        stands = await found(desk, cc.AnswerForCustody("s1", "q1", "centre", False), by=KEEPER)
        assert stands.kind == "contrary to plan" and "arrest.someone-holds-everyone" in rules(stands)
        await accepted(desk, cc.AnswerForCustody("s1", "q2", "officer", False), by=OFFICER)
        row = await alarm(desk, "person:s1")
        assert row.alarm and row.lost and row.number == "W-1"
        assert row.says == "neither Olga Ruiz nor Processing centre has them, as both say"
        assert [one.id for one in row.holders] == ["centre", "officer"]
        assert row.rules == ("arrest.someone-holds-everyone",)
        await accepted(desk, cc.EnterStation("s1", "centre", "intake"), by=KEEPER)  # found: an event clears it
        assert "person:s1" not in (await board(desk, "numbers"))


async def test_a_vehicle_that_never_arrives_and_a_head_count_that_is_short() -> None:
    async with Desk() as desk:
        await morning(desk)
        await accepted(desk, CARD, by=OFFICER)
        await accepted(desk, cc.HandOver("s1", "t1", "van", "vehicle", from_holder="officer"), by=OFFICER)
        row = await alarm(desk, "person:s1")
        assert not row.alarm and row.alarm_at is not None and (row.alarm_at - desk.now).total_seconds() == 3600
        assert "site.vehicle" in row.rules and [one.id for one in row.holders] == ["van", "officer"]
        await found(desk, cc.CountHeads("n1", "van", 0, "arrival"), by=KEEPER)
        short = await alarm(desk, "count:van")
        assert (
            short.alarm and short.lost and short.among == ("W-1",) and short.rules == ("arrest.someone-holds-everyone",)
        )
        desk.wait(3601)
        late = await found(desk, cc.HandOver("s1", "t2", "centre", "site", from_holder="van"), by=KEEPER)
        assert late.reasons == ("on the way for 60 min, longer than the plan gives",) and "site.vehicle" in rules(late)


async def test_a_juvenile_in_an_adult_station_and_who_may_know_of_it() -> None:
    async with Desk() as desk:
        await morning(desk)
        await accepted(desk, CARD, ca.DescribePerson("a1", "s1", apart=True, age="15"), by=OFFICER)
        assert await due(desk, "minor-out-in-six-hours") is not None
        stands = await found(desk, cc.HandOver("s1", "t1", "centre", "site", from_holder="officer"))
        assert "arrest.minors-apart" in rules(stands) and "Processing centre is not for minors" in stands.reasons
        stands = await found(desk, cc.EnterStation("s1", "centre", "intake"), by=KEEPER)
        assert "arrest.minors-apart" in rules(stands)
        assert (await alarm(desk, "person:s1", "processing")).says == "Processing centre is not for minors"
        owed = {
            row.rule
            for row in (await board(desk, "duties", "field")).values()
            if isinstance(row, e.Fact) or hasattr(row, "rule")
        }
        assert "judge-in-48-hours" in owed
        assert owed.isdisjoint({"minor-out-in-six-hours", "call-the-guardian"})
        known = {getattr(row, "rule", "") for row in (await board(desk, "duties", "processing")).values()}
        assert {"minor-out-in-six-hours", "call-the-guardian"} <= known


async def test_a_restraint_clock_and_a_position_that_hurts() -> None:
    async with Desk() as desk:
        await morning(desk)
        await accepted(desk, CARD, by=OFFICER)
        stands = await found(desk, ca.RecordRestraint("a1", "s1", "c1", "applied", "cuffs", "wrist to ankle"))
        assert stands.kind == "contrary to plan" and "arrest.never-painful" in rules(stands)
        assert await due(desk, "restraint-check") is None, "runs; the model gives it no time"
        await accepted(desk, ca.RecordRestraint("a1", "s1", "c1", "loosened", "cuffs", "front"), by=OFFICER)
        done = [entry.event for entry in await desk.log() if isinstance(entry.event, e.DutyDischarged)]
        assert any(one.duty.endswith("restraint-check") for one in done)


async def test_a_weekend_within_the_48_hours_and_who_has_to_free_whom() -> None:
    async with Desk() as desk:
        await morning(desk)  # a Friday
        assert desk.now.strftime("%A") == "Friday"
        at = desk.now
        await accepted(desk, CARD, by=OFFICER)
        assert await due(desk, "judge-in-48-hours") == at.replace(day=at.day + 2), "the weekend is counted"
        row = (await board(desk, "releases"))["s1"]
        assert isinstance(row, r.ReleaseRow)
        assert row.due == datetime(2026, 5, 3, 12, 0, tzinfo=UTC) + (at - datetime(2026, 5, 1, 12, 0, tzinfo=UTC))
        assert row.whys[-1].rules == ("duty.judge-in-48-hours",)
        assert [one.person for one in row.deciders] == ["ic"] and any(
            "incident commander" in one for one in row.who_may
        )
        await accepted(desk, cc.ReleasePerson("s1", "l1", "without charge"), by=OFFICER)  # nobody has to be asked
        assert "s1" not in (await board(desk, "releases"))


async def test_a_hold_on_what_is_only_cited_without_facts_or_after_a_review_is_due_to_end_now() -> None:
    async with Desk() as desk:
        await morning(desk)
        blocks = replace(CARD, offences=("blocking-traffic",))
        await accepted(
            desk, blocks, replace(CARD, arrest="a2", subject="s2", wristband="W-2", conduct=None), by=OFFICER
        )
        await accepted(desk, replace(CARD, arrest="a3", subject="s3", wristband="W-3", conduct=TOLD), by=OFFICER)
        await accepted(desk, ca.ReviewGrounds("a3", "s3", "v1", "not supported", "nobody saw it"), by=KEEPER)
        rows = {key: row for key, row in (await board(desk, "releases")).items() if isinstance(row, r.ReleaseRow)}
        assert {key: row.due for key, row in rows.items()} == {"s1": None, "s2": None, "s3": None}
        assert rows["s1"].whys[0].says.startswith("every offence is cited first")
        assert "what this person did" in rows["s2"].whys[0].says
        assert rows["s3"].whys[0].says == "the review found no probable cause"


async def test_a_site_does_not_open_over_what_it_lacks_and_who_is_there_is_kept() -> None:
    async with Desk() as desk:
        await morning(desk)
        hall = cc.OpenSite("hall", "Old hall", "processing", 1)
        (looked, refused) = await desk.send(looks(hall, lacks=("toilets within reach",)), hall, by=KEEPER)
        assert looked.status == "accepted" and refused.status == "refused" and refused.decision is not None
        assert refused.decision.missing == ("toilets within reach", "1 trained on duty, with arrest-processing in date")
        await accepted(desk, CARD, replace(CARD, arrest="a2", subject="s2", wristband="W-2", conduct=TOLD), by=OFFICER)
        stands = await found(desk, cc.HandOver("s1", "t1", "hall", "site", from_holder="officer"))
        assert stands.kind == "no authorization on record" and stands.reasons == (
            "nobody has opened hall under the plan",
        )
        await accepted(desk, cc.HandOver("s2", "t2", "centre", "site", from_holder="officer"), by=OFFICER)
        full = replace(CENTRE, site="small", name="Small room", capacity=1)
        await accepted(desk, looks(full), full, by=KEEPER)
        await accepted(desk, cc.HandOver("s2", "t3", "small", "site", from_holder="centre"), by=KEEPER)
        row = await alarm(desk, "site:small")
        assert row.alarm and not row.lost and row.says.startswith("Small room is full: 1 of 1")


async def test_nobody_closes_over_open_custody_and_a_unit_that_relieves_takes_it_over() -> None:
    async with Desk() as desk:
        await morning(desk)
        await accepted(desk, c.FormUnit("u1", "Team 1", "arrest", LEAD), c.FormUnit("u2", "Team 2", "arrest", LEAD))
        await accepted(desk, c.CheckIn("officer", "Olga Ruiz", LEAD, "officer", unit="u1", training=COURSES))
        await accepted(desk, CARD, cc.TakeProperty("s1", "B-1", receipt="R-1"), by=OFFICER)
        await accepted(desk, ca.RecordRestraint("a1", "s1", "c1", "applied", "cuffs", "front"), by=OFFICER)
        closing = await desk.one(c.CloseIncident("over"))
        assert closing.status == "refused" and closing.decision is not None
        assert any("person W-1 with officer" in need for need in closing.decision.missing)
        leaving = await desk.one(c.ReleaseUnit("u1"))
        assert leaving.decision is not None
        told = " / ".join(leaving.decision.missing)
        assert "person W-1 with officer" in told and "cuffs c1 on person W-1" in told and "bag B-1 with officer" in told
        await accepted(desk, cc.RelieveHolder("r1", "u1", "u2", 1))
        leaving = await desk.one(c.ReleaseUnit("u1"))
        assert leaving.decision is not None
        assert any("person W-1 from officer to u2" in need for need in leaving.decision.missing), "until u2 says so"
        await accepted(desk, cc.AnswerForCustody("s1", "q1", "u2", True), by=OTHER)
        assert (await desk.one(c.ReleaseUnit("u1"))).status == "accepted"
