"""An afternoon of arrests, as commands: sites, a bar, wristbands, people of every kind, and each thing that went wrong."""

from __future__ import annotations

from datetime import timedelta

from command.domain import commands as c
from command.domain import commands_arrest as ca
from command.domain import commands_custody as cc
from command.domain import events as e
from command.domain.submission import Answer
from command.domain.wristband import make
from command.ids import uuid7
from tests.e2e.real.house import ALLY, COURSES, LEAD, House, now
from tests.support.custody import looks

OWN = "They sat down in the middle of the junction and stayed there after two requests by name to get up."
CLONED = (
    "The subject together with others blocked the street in front of the pier and did not leave when told to leave it."
)


def band(number: int) -> str:
    """The number of a wristband of the run handed out to the sergeant."""
    return make("W", "204", number)


def opened(site: cc.OpenSite) -> tuple[cc.CheckFacility, cc.OpenSite]:
    """A site with all that the plan's checklist asks for."""
    return looks(site), site


def processing(house: House, name: str = "Processing") -> str:
    """An incident where arrests are expected: officers, a bar, wristbands, a van and a centre with stations."""
    log = house.staffed(name=name)
    house.send(
        log,
        c.CheckIn("other", "Omar Blake", LEAD, "officer", badge="4480", camera="BWC-4"),
        c.CheckIn("keeper", "Kim Ward", LEAD, "sergeant", badge="4481", training=(*COURSES, e.Training("arrest-processing"))),
        c.CheckIn("reviewing", "Rosa Vidal", LEAD, "lieutenant", badge="4410", training=COURSES),
        ca.SetArrestBar("bar-1", ("blocking-traffic", "trespass"), ("simple-assault", "arson"), "Blocking the road is cited."),
        *opened(cc.OpenSite("van-1", "Van 1", "vehicle", 8)),
        *opened(
            cc.OpenSite(
                "centre", "Processing centre", "processing", 40, adults=True,
                stations=("intake", "search", "photo", "property", "review", "cite", "transport", "release"),
                trained_staff=("keeper",),
            )
        ),
        ca.IssueWristbands("run-1", "sergeant", "wristbands", band(1), band(200), 200),
    )  # fmt: skip
    return log


def arrest(
    house: House, log: str, number: int, *, by: str = "officer", agency: str = LEAD, conduct: str | None = OWN,
    offences: tuple[str, ...] = ("blocking-traffic",), **more: object,
) -> list[Answer]:  # fmt: skip
    """One street card, in the officer's own hand."""
    more = {"sector": "square", "observed_by": (by,), "injured": False, "category": "T", **more}
    cmd = ca.RecordArrest(f"a-{number}", f"s-{number}", by, agency, wristband=band(number), offences=offences, conduct=conduct, **more)  # type: ignore[arg-type]  # fields by name, as a test has them  # fmt: skip
    return house.send(log, cmd, by=by, agency=agency)


def afternoon(house: House, log: str) -> None:
    """Ten people at different stations, and one of each thing that goes wrong."""
    for number in range(1, 8):
        arrest(
            house,
            log,
            number,
            conduct=f"Person {number} of the list: {OWN} It took about {number} minutes."
            if number < 3
            else f"Number {number} held the gate of the yard shut with a bicycle lock and refused, by name, to open it.",
        )
    arrest(house, log, 8, by="other", conduct=CLONED, offences=("failure-to-disperse",), exits="closed")
    arrest(house, log, 9, conduct=CLONED, offences=("vandalism",))
    arrest(house, log, 10, conduct=None, offences=(), basis="presence in a group")
    arrest(
        house,
        log,
        11,
        by="partner",
        agency=ALLY,
        offences=("simple-assault",),
        conduct="Struck a steward on the left arm with the pole of a banner.",
        injured=True,
    )
    house.send(log, ca.SignArrest("a-8", "s-8", "arresting", 1), by="officer")
    for number in (1, 2, 3):
        house.send(
            log, cc.HandOver(f"s-{number}", uuid7(now()), "van-1", "vehicle", from_holder="officer"), by="officer"
        )
    house.send(log, cc.CountHeads("count-1", "van-1", 4, "boarding"), by="keeper")
    for number in (1, 2):
        house.send(
            log,
            cc.HandOver(f"s-{number}", uuid7(now()), "centre", "site", from_holder="van-1", officer="keeper"),
            by="keeper",
        )
        house.send(log, cc.EnterStation(f"s-{number}", "centre", "search"), by="keeper")
    house.send(
        log, cc.HandOver("s-4", uuid7(now()), "centre", "site", from_holder="other"), by="keeper"
    )  # not who had them
    house.send(
        log,
        ca.DescribePerson("a-5", "s-5", apart=True, minor="says they are fifteen", name="A. Young", language="Spanish", race_perceived="white", race_stated="Hispanic"),
        by="keeper",
    )  # fmt: skip
    house.send(
        log, cc.HandOver("s-5", uuid7(now()), "centre", "site"), cc.EnterStation("s-5", "centre", "intake"), by="keeper"
    )
    house.send(
        log, ca.RecordRestraint("a-6", "s-6", "cuffs-6", "applied", "flexible cuffs", "wrist to ankle"), by="officer"
    )
    house.send(
        log, cc.TakeProperty("s-1", "B-17", receipt="R-17", items=3, contents="Phone, keys, wallet"), by="keeper"
    )
    house.send(log, cc.TakeProperty("s-7", "B-18", items=1, contents="Backpack"), by="keeper")
    house.send(
        log,
        ca.DecideDisposition("a-7", "s-7", "cited", citation="C-1"),
        cc.ReleasePerson("s-7", "free-7", "with a citation"),
        by="keeper",
    )
    house.send(log, ca.DecideDisposition("a-3", "s-3", "custody"), by="keeper")
    # Number 3 left in the van and came nowhere: whoever drove says no, and so does whoever gave them over.
    house.send(log, cc.AnswerForCustody("s-3", uuid7(now()), "van-1", False), by="keeper")
    house.send(log, cc.AnswerForCustody("s-3", uuid7(now()), "officer", False), by="officer")
    house.send(log, *opened(cc.OpenSite("yard", "School yard", "staging", 1)))
    house.send(log, cc.HandOver("s-10", uuid7(now()), "yard", "site", from_holder="officer"), by="officer")
    house.send(log, looks(cc.OpenSite("centre", "", "processing", 40), lacks=("toilets within reach",)), by="keeper")
    house.send(
        log,
        ca.RecordOffence(
            "a-1",
            "s-1",
            "o-1",
            "blocking-traffic",
            at=now() - timedelta(minutes=2),
            sector="square",
            observed_by=("officer",),
            facts="Sat on the crossing from 14:02 until carried off it.",
            evidence="BWC-2, from 14:01",
        ),
        by="officer",
    )


def too_early(house: House, log: str) -> None:
    """The way out is open and the first order was given: nobody has had the time to leave when number 12 is arrested."""
    house.send(log, c.ReportExits("way-out", "square", ("Pier Street",)))
    order = c.ReportWarning(
        "order-1", "square", "dispersal-order", "Leave now by Pier Street", "en", True, True, True, ("Pier Street",)
    )
    house.send(log, order)
    stayed = (
        "Stood on the steps of the fountain with a drum when the line came up, and said that nobody could hear a word."
    )
    arrest(house, log, 12, by="other", conduct=stayed, offences=("failure-to-disperse",), exits="open")


def many(house: House, log: str, count: int) -> None:
    """That many street cards, each with a sentence of its own."""
    step = 50
    for start in range(0, count, step):
        cards = (
            ca.RecordArrest(
                f"many-{n}", f"person-{n}", "officer", LEAD, sector="square", offences=("blocking-traffic",),
                conduct=f"Stood in lane {n} beside the mark {n * 7919 % 9973} with item {n * 104729 % 99991}, facing {n * 31 % 360} degrees.",
            )
            for n in range(start, min(start + step, count))
        )  # fmt: skip
        house.send(log, *cards, by="officer")
