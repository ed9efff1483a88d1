"""Laws that stand on the model, at the gate itself: from the ask to what is owed, by commands as clients send them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

from msgspec.structs import replace

from command.domain import commands as c
from command.domain import commands_arrest as ca
from command.domain import events as e
from command.domain.submission import Answer
from command.library import MODEL, load_stack, read_files
from command.service.core import Service
from tests.support.desk import IC, Desk, author
from tests.support.given import COURSES, LEAD

SERGEANT, OFFICER, CHIEF = author("sergeant"), author("officer"), author("chief")
SEEN = "seen from the roof by me"
ANSWERS = {"liaison": "stewards asked", "others_may_continue": "on the east side", "extent": "half of the square"}
GAS = c.AskForce(
    "f1", "chemical-area", "disperse", "north", (), False, users=("officer",), quantity=4, lasts_s=600.0,
    grounds=("violence",), findings=("significant-number-violent", "serious-harm-present"), targeted=("arrest-teams",),
    deescalation=("talk",),
)  # fmt: skip
GRANT = c.GrantForce("f1", "burning bottles are thrown at the aid station", grant="g1", on_scene=True)
USE = c.ReportForce(
    "r1", "p1", "officer", LEAD, "chemical-area", "north", purpose="disperse", indiscriminate=False,
    grounds=("violence",), quantity=1,
)  # fmt: skip


@asynccontextmanager
async def under(law: str) -> AsyncIterator[Desk]:
    """An incident under a law and the model, commanded by a deputy chief, with people checked in."""
    desk = Desk()
    desk.service = Service(desk.store, desk.keys, load_stack(read_files((law, MODEL))), poll_s=3600.0)
    async with desk:
        await desk.open(commander_rank="deputy-chief")
        trained = (*COURSES, e.Training("post-crowd-control"))
        people = (("sergeant", COURSES), ("chief", COURSES), ("officer", trained), ("rookie", COURSES))
        ranks = {"sergeant": "sergeant", "chief": "chief"}
        checked = [c.CheckIn(who, who.title(), LEAD, ranks.get(who, "officer"), training=has) for who, has in people]
        await all_taken(desk, c.DefineSector("north", "North"), *checked)
        yield desk


async def all_taken(desk: Desk, *cmds: c.Command) -> None:
    """Send one after the other; each is taken."""
    for cmd in cmds:
        answer = await desk.one(cmd)
        assert answer.status == "accepted", (cmd, answer)


async def climb(desk: Desk) -> None:
    """Up the model's ladder, with three orders to disperse that named gas, two minutes apart."""
    order = c.ReportWarning(
        "w1", "north", "dispersal-order", amplified=True, on_camera=True, audible=True, exits=("Pine Street",),
        weapon="chemical-area",
    )  # fmt: skip
    await all_taken(
        desk,
        c.RaiseLevel("north", "facilitate", SEEN, ("people-assembling",)),
        c.RaiseLevel("north", "engage", SEEN, ("tension-between-groups",), **ANSWERS),
        c.RaiseLevel("north", "targeted", SEEN, ("individual-probable-cause",), **ANSWERS),
        c.ReportExits("x1", "north", open=("Pine Street",)),
        c.RaiseLevel("north", "dispersal", SEEN, ("targeted-action-failed", "significant-number-violent"), **ANSWERS),
    )
    for name in ("w1", "w2", "w3"):
        await all_taken(desk, replace(order, warning=name))
        desk.wait(120)
    signs = ("significant-number-violent", "serious-harm-present")
    up = c.RaiseLevel("north", "force-assisted", SEEN, signs, **ANSWERS)
    assert (await desk.one(up, CHIEF)).status == "accepted"


async def asked(desk: Desk, ask: c.AskForce, grant: c.GrantForce = GRANT, findings: Sequence[str] = ()) -> Answer:
    """The sergeant asks and the commander grants, with these findings."""
    assert (await desk.one(ask, SERGEANT)).status == "accepted"
    return await desk.one(replace(grant, ask=ask.ask, findings=tuple(findings)), IC)


def missing(answer: Answer) -> str:
    """What a refused grant still lacks, as one text."""
    assert answer.status == "refused" and answer.decision is not None, answer
    return "\n".join(answer.decision.missing)


async def duties(desk: Desk) -> dict[str, object]:
    """Every duty that was begun: its rule and when it is due."""
    return {one.event.rule: one.event.due for one in await desk.log() if isinstance(one.event, e.DutyStarted)}


CALIFORNIA = ("life-or-serious-injury-to-defend", "alternatives-failed", "violent-told-from-others",
              "aimed-at-the-violent", "in-proportion")  # fmt: skip


async def test_in_california_gas_takes_announcements_training_findings_and_the_commander_at_the_scene() -> None:
    """Before anything was announced it lacks all of that, by name; in the end it is granted, found, and owed for."""
    async with under("us-ca/crowd-control.toml") as desk:
        early = missing(await asked(desk, GAS))
        assert "announced-repeatedly: first warning of 3" in early
        assert all(word in early for word in CALIFORNIA)
        await climb(desk)
        rookie = missing(await asked(desk, replace(GAS, ask="f2", users=("rookie",)), findings=CALIFORNIA))
        assert rookie == "training in date of rookie for chemical-area: post-crowd-control"
        away = missing(await asked(desk, replace(GAS, ask="f3"), replace(GRANT, on_scene=False), CALIFORNIA))
        assert away == "that ic is at the place"
        curfew = await desk.one(replace(GAS, ask="f4", grounds=("curfew", "verbal-threat")), SERGEANT)
        assert curfew.status == "refused" and curfew.decision is not None, "nobody may even ask"
        assert "never solely for curfew, verbal-threat" in curfew.decision.reasons[0]
        granted = await asked(desk, replace(GAS, ask="f5"), findings=CALIFORNIA)
        assert granted.status == "accepted", granted
        used = await desk.one(USE, OFFICER)
        assert used.finding is not None and used.finding.kind == "authorized"
        owed = await duties(desk)
        assert owed["summary-on-the-web"] == desk.now + timedelta(days=60)
        assert owed["summary-at-the-latest"] == desk.now + timedelta(days=90)


async def test_in_california_a_reporter_is_not_arrested_for_reporting_and_reaches_a_supervisor() -> None:
    """The card is kept; who they are is told after it, and the finding becomes another one."""
    async with under("us-ca/crowd-control.toml") as desk:
        card = ca.RecordArrest("a1", "q1", "officer", LEAD, "north", offences=("obstructing-an-officer",), exits="open")
        kept = await desk.one(card, OFFICER)
        assert kept.finding is not None and kept.finding.kind == "authorized", "anybody else answers for it"
        await desk.one(ca.FlagProtectedRole("a1", "q1", "l1", role="press"), OFFICER)
        assert "supervisor-for-the-press" in await duties(desk)
        newest = (await desk.state()).arrests.all["a1"].finding
        assert newest is not None and newest.kind == "contrary to plan"
        assert "it is not for their work" in " ".join(newest.reasons)


async def test_in_philadelphia_nobody_may_ask_at_a_demonstration_and_a_grant_carries_its_exception() -> None:
    """Refused at the ask; where somebody found that it reaches nobody who takes part, the plan's own rules decide."""
    found = "nobody-reached-takes-part"
    async with under("us-pa-philadelphia/less-lethal.toml") as desk:
        await climb(desk)
        at_a_march = await desk.one(GAS, SERGEANT)
        assert at_a_march.status == "refused" and at_a_march.decision is not None
        assert at_a_march.decision.reasons[0].startswith("No chemical weapon, launched or thrown")
        elsewhere = replace(GAS, ask="f2", findings=(*GAS.findings, found), lasts_s=900.0)
        granted = await asked(desk, elsewhere)
        assert granted.status == "accepted", granted
        desk.wait(12 * 60)
        used = await desk.one(USE, OFFICER)
        assert used.finding is not None and used.finding.kind == "authorized", used.finding
        at_the_march = await desk.one(replace(USE, report="r2", officer="rookie"), OFFICER)
        assert at_the_march.finding is not None and at_the_march.finding.kind == "contrary to plan"


async def test_in_nevada_a_restraint_chair_takes_a_sergeant_and_a_look_every_quarter_of_an_hour() -> None:
    """Whoever is in custody: not on an officer's word, nor without the medical staff."""
    found = ("resists-violently", "medical-staff-told", "medically-evaluated-before", "recorded-on-video")
    chair = c.AskForce(
        "f1", "restraint-chair", "protect person", "north", subject="p1", users=("officer",), lasts_s=3600.0,
        grounds=("assault",),
    )  # fmt: skip
    grant = c.GrantForce("f1", "strikes at everyone who comes near", grant="g1", findings=found)
    async with under("us-nv/use-of-force.toml") as desk:
        assert (await desk.one(chair, OFFICER)).status == "accepted"
        other = await desk.one(grant, author("rookie"))
        assert other.decision is not None and "rookie is officer, below sergeant" in other.decision.reasons
        unseen = await desk.one(replace(grant, findings=found[:2]), SERGEANT)
        assert "the finding: medically-evaluated-before" in missing(unseen)
        assert (await desk.one(grant, SERGEANT)).status == "accepted"
        report = c.ReportForce(
            "r1", "p1", "officer", LEAD, "restraint-chair", "north", purpose="protect person", grounds=("assault",)
        )
        used = await desk.one(report, OFFICER)
        assert used.finding is not None and used.finding.kind == "authorized", used.finding
        owed = await duties(desk)
        assert owed["look-every-15-minutes"] == desk.now + timedelta(minutes=15)
        assert owed["out-after-two-hours"] == desk.now + timedelta(hours=2)
