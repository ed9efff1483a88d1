"""A mass arrest as a script: sixty officers, six arrest teams with their vans, two sites, five hundred people, and all that follows.

Two of the six teams come from an assisting agency of their own. Each arrest is a street card with facts of its own, a
warning or why there was none, restraints, an offence with its evidence, a hand-over to another officer, a van, heads
counted, a site with its stations, property, care, a signature, a review, and what became of it. What goes wrong on
such a day goes wrong here: cards without facts, cards that nobody signs, heads that do not agree, somebody handed over
by an officer who did not have them, bags that stay when their owner is free.

`Operation` says who sends what; `play` sends it on an open loop, each arrest due at its own moment whatever became of
those before. `bench.screens` and tests/faults/test_arrests.py bring the senders.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Generator, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

import msgspec

from command.access.model import Role
from command.domain import commands as c
from command.domain import commands_arrest as ca
from command.domain import commands_custody as cc
from command.domain import events as e
from command.domain.events_custody import Station
from command.domain.submission import Answer, Submission
from command.domain.wristband import make
from command.library import load_stack, read_files
from command.policy.sites import checklist

LEAD, ALLY = "spd", "kcso"
OPERATION_S: Final = 1200.0
"""Twenty minutes of the incident's time, however long the run takes."""

OFFICERS: Final = 60
TEAMS: Final = 6
SECTORS: Final = ("north", "south", "square", "market")
STATIONS: Final[tuple[Station, ...]] = (
    "intake", "search", "photo", "property", "review", "cite", "transport", "release",
)  # fmt: skip
PROCESSING: Final = e.Training("arrest-processing")
CHARGES: Final = ("blocking-traffic", "trespass", "vandalism", "blocking-traffic", "disorderly-conduct")
COURSES: Final = (e.Training("incident-command"), e.Training("crowd-management"))
IN_PROCESS: Final = 0.35
"""The share of the operation that one person's way from the street to release or a cell takes."""

Batch = tuple[str, list[c.Command]]
Way = Generator[Batch, Sequence[Answer], None]
"""One person's way: yields who sends what, is sent the answers."""

Send = Callable[[str, Sequence[c.Command]], Awaitable[Sequence[Answer]]]


class Hand(NamedTuple):
    """Somebody who signs in."""

    person: str
    role: Role
    agency: str = LEAD
    rank: str = "officer"
    units: tuple[str, ...] = ()


class Operation:
    """Who is there and what they say. The same numbers give the same script."""

    def __init__(self, arrests: int = 500, rate: float = 1.0) -> None:
        self.arrests = arrests
        self.rate = rate
        self.keepers = tuple(f"keeper-{n}" for n in range(4))
        self.officers = tuple(f"officer-{n:02}" for n in range(OFFICERS))
        self._loads = itertools.count(1)

    def team(self, officer: int) -> int:
        """The team of an officer; the last two are the assisting agency's."""
        return officer % TEAMS

    def agency(self, officer: int) -> str:
        """Whose officer this is."""
        return ALLY if self.team(officer) >= TEAMS - 2 else LEAD

    def hands(self) -> list[Hand]:
        """Everybody who sends something."""
        found = [Hand("chief", "commander", rank="captain")]
        found += [Hand(one, "processing", rank="lieutenant") for one in self.keepers]
        for n, one in enumerate(self.officers):
            agency = self.agency(n)
            found.append(Hand(one, "field" if agency == LEAD else "assisting", agency))
        return found

    def opening(self, now: datetime) -> c.OpenIncident:
        """An exercise whose clock runs at `rate`."""
        return c.OpenIncident(
            "Harbor march", "planned", LEAD, "Metro Police", "America/Los_Angeles", "chief", "Ines Castro",
            commander_rank="captain", commander_training=COURSES, clock_origin=now, clock_rate=self.rate,
        )  # fmt: skip

    def morning(self) -> list[list[c.Command]]:
        """What the commander sends before, in batches."""
        ground: list[c.Command] = [
            c.AdmitAgency(ALLY, "County Sheriff", "mutual aid 2026", True),
            *(c.DefineSector(one, one.capitalize()) for one in SECTORS),
            *(
                c.FormUnit(f"team-{n}", f"Arrest team {n + 1}", "arrest", LEAD if n < TEAMS - 2 else ALLY, None, 10)
                for n in range(TEAMS)
            ),
        ]
        people: list[c.Command] = [
            c.CheckIn(one, f"Keeper {n + 1}", LEAD, "lieutenant", training=(*COURSES, PROCESSING))
            for n, one in enumerate(self.keepers)
        ]
        people += [
            c.CheckIn(
                one, f"Officer {n:02}", self.agency(n), "officer", badge=f"{4000 + n}", unit=f"team-{self.team(n)}"
            )
            for n, one in enumerate(self.officers)
        ]
        sites = [
            *(cc.OpenSite(f"van-{n}", f"Van {n + 1}", "vehicle", 12, unit=f"team-{n}") for n in range(TEAMS)),
            cc.OpenSite("yard", "Harbor yard", "processing", 400, stations=STATIONS, trained_staff=self.keepers[:2]),
            cc.OpenSite("hall", "Old hall", "processing", 120, stations=STATIONS, trained_staff=self.keepers[2:]),
        ]
        stack = load_stack(read_files())
        looks: list[c.Command] = [
            cc.CheckFacility(one.site, f"look-{one.site}", checklist(stack, one.kind), kind=one.kind) for one in sites
        ]
        arrests: list[c.Command] = [
            ca.SetArrestBar("bar-1", ("blocking-traffic", "trespass"), ("vandalism",), "Blocking the road is cited."),
            ca.IssueWristbands("run-1", self.keepers[0], "wristbands", make("W", "204", 1), make("W", "204", 600), 600),
        ]
        return [ground, people, looks, [*sites, *arrests]]

    def way(self, n: int) -> Way:
        """One person, from the street on. `n` from 0."""
        officer, arrest, subject = self.officers[n % OFFICERS], f"arrest-{n:04}", f"subject-{n:04}"
        team, site, keeper = self.team(n % OFFICERS), ("yard", "hall")[n % 3 == 0], self.keepers[n % 4]
        van, cuffs = f"van-{team}", f"cuffs-{n:04}"
        author = officer if n % 9 else self.officers[(n + TEAMS) % OFFICERS]  # some have both hands full
        answers = yield (
            author,
            [self._card(n), ca.RecordRestraint(arrest, subject, cuffs, "applied", "flexible cuffs")],
        )
        version = answers[0].seq or 1
        yield officer, [self._offence(n)]
        holder = officer
        if n % 3 == 1:  # another officer of the team drives
            holder = self.officers[(n + TEAMS) % OFFICERS]
            yield officer, [cc.HandOver(subject, f"over-{n:04}", holder, "officer", from_holder=officer)]
        boarded: list[c.Command] = [cc.HandOver(subject, f"board-{n:04}", van, "vehicle", from_holder=holder)]
        if n % 6 == team:
            boarded.append(cc.CountHeads(f"count-{next(self._loads):04}", van, n % 5, "boarding"))
        yield holder, boarded
        wrong = n % 97 == 96  # handed over by someone who did not have them
        arrived = cc.HandOver(subject, f"arrive-{n:04}", site, "site", from_holder=officer if wrong else van)
        who = ca.DescribePerson(arrest, subject, ("name", "age", "language", "medical"), name=f"Person {n}", age="34")
        yield keeper, [arrived, cc.EnterStation(subject, site, "intake"), who]
        yield keeper, [cc.EnterStation(subject, site, "search"), cc.RecordCare(subject, "water", "given")]
        bag = cc.TakeProperty(subject, f"bag-{n:04}", arrest, f"R-{n:04}", items=1 + n % 7, contents=f"Phone {n}, keys")
        yield keeper, [cc.EnterStation(subject, site, "photo"), cc.EnterStation(subject, site, "property"), bag]
        yield keeper, [ca.RecordRestraint(arrest, subject, cuffs, "removed")]
        if n % 5:
            yield officer, [ca.SignArrest(arrest, subject, "arresting", version)]
        review = ca.ReviewGrounds(arrest, subject, f"review-{n:04}", "supported", f"The account of {n} bears it.")
        yield keeper, [cc.EnterStation(subject, site, "review"), review]
        yield from self._end(n, arrest, subject, site, keeper)

    def _end(self, n: int, arrest: str, subject: str, site: str, keeper: str) -> Way:
        """Cited and free, let go, kept for transport, or still waiting for somebody to decide."""
        match n % 10:
            case 0 | 1 | 2 | 3 | 4:
                cited = ca.DecideDisposition(arrest, subject, "cited", citation=f"C-{n:04}")
                yield keeper, [cc.EnterStation(subject, site, "cite"), cited]
            case 5 | 6:
                yield keeper, [ca.DecideDisposition(arrest, subject, "released", reason="No cause is left.")]
            case 7 | 8:
                kept = ca.DecideDisposition(arrest, subject, "custody", exception="warrant")
                yield keeper, [kept, cc.EnterStation(subject, site, "transport")]
                return
            case _:
                return
        free: list[c.Command] = [cc.EnterStation(subject, site, "release")]
        if n % 11:
            free.append(cc.MoveBag(f"bag-{n:04}", subject, subject, "owner", keeper, signed=True))
        free.append(cc.ReleasePerson(subject, f"free-{n:04}", "with a citation", arrest, papers=True))
        yield keeper, free

    def _card(self, n: int) -> ca.RecordArrest:
        officer = self.officers[n % OFFICERS]
        facts = (
            f"Stood in lane {n} by the mark {n * 7919 % 9973} with item {n * 104729 % 99991}, facing {n * 31 % 360}."
        )
        return ca.RecordArrest(
            f"arrest-{n:04}", f"subject-{n:04}", officer, self.agency(n % OFFICERS), SECTORS[n % 4],
            wristband=make("W", "204", n + 1), offences=(CHARGES[n % 5],), observed_by=(officer,),
            category="T", injured=n % 23 == 0, warned="warned, with a chance to comply" if n % 2 else "not warned", conduct=facts if n % 7 else None,
            not_warned_because=None if n % 2 else "The window broke before a word could be said.",
        )  # fmt: skip

    def _offence(self, n: int) -> ca.RecordOffence:
        return ca.RecordOffence(
            f"arrest-{n:04}", f"subject-{n:04}", f"offence-{n:04}", CHARGES[n % 5], sector=SECTORS[n % 4],
            observed_by=(self.officers[n % OFFICERS],), facts=f"The act of number {n}, seen from {n % 40} meters.",
            evidence=None if n % 4 == 0 else f"BWC-{n % OFFICERS}",
        )  # fmt: skip


def submission(cmd: c.Command, cmd_id: str, seen: int) -> Submission:
    """A command as it is sent by someone who has seen the log up to a seq."""
    return Submission(cmd_id, msgspec.Raw(msgspec.json.encode(cmd)), issued_at=datetime.now(UTC), basis_seq=seen)


def missed(answers: Sequence[Answer]) -> list[Answer]:
    """Answers that nobody expected: a report is always kept, an ask may be refused by the plan."""
    return [one for one in answers if one.status not in ("accepted", "refused")]


async def play(operation: Operation, send: Send, span_s: float, *, until: int | None = None) -> float:
    """Send all of it within `span_s` and the time that the last person needs. Returns how late the latest batch was."""
    began, late = asyncio.get_running_loop().time(), 0.0
    steps_s = span_s * IN_PROCESS / 12

    async def at(due: float) -> float:
        now = asyncio.get_running_loop().time()
        if due > now:
            await asyncio.sleep(due - now)
        return max(0.0, now - due)

    async def one(n: int) -> None:
        nonlocal late
        due = began + n * span_s / operation.arrests
        way = operation.way(n)
        batch = next(way)
        while True:
            late = max(late, await at(due))
            answers = await send(*batch)
            assert not missed(answers), missed(answers)
            try:
                batch = way.send(answers)
            except StopIteration:
                return
            due += steps_s

    async with asyncio.TaskGroup() as tasks:
        for n in range(operation.arrests if until is None else until):
            tasks.create_task(one(n), name=f"arrest {n}")
    return late
