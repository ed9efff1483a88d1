"""Somebody lost in custody is an alarm that names them, the last two who had them and the rule; a full site is another."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from command.domain import commands_arrest as ca
from command.domain import commands_custody as cc
from command.domain import events_custody as ec
from command.views import timeline
from command.views.lens import COMMAND, FIELD, MEDICAL, PROCESSING, SUPERVISION, Lens, lens
from tests.domain.test_arrest import MADE, OTHER
from tests.domain.test_custody import TO_YARD, YARD
from tests.support.custody import opens
from tests.support.given import OFFICER, OPS, World, by, given
from tests.views.test_board import shown
from tests.views.test_sections_arrest import rows

VAN = cc.OpenSite("van", "Van 1", "vehicle", 8)
IN_VAN = (*MADE, *opens(VAN), by(OFFICER, replace(TO_YARD, to_holder="van", kind="vehicle")))
BARE_YARD = replace(YARD, trained_staff=())
IN_BARE_YARD = (*MADE, *opens(BARE_YARD), by(OFFICER, TO_YARD))


def no(holder: str) -> Any:
    return by(OPS, cc.AnswerForCustody("s1", f"q-{holder}", holder, False))


def test_two_holders_who_both_say_no() -> None:
    row = rows("numbers", *IN_BARE_YARD, no("yard"), no("officer"))["person:s1"]
    assert row.alarm and row.lost and row.says == "neither Officer nor School yard has them, as both say"
    assert [one.id for one in row.holders] == ["yard", "officer"] and row.rules == ("arrest.someone-holds-everyone",)
    one = rows("numbers", *IN_BARE_YARD, no("yard"))["person:s1"]
    assert one.lost and one.says == "School yard, who should have them, says no"
    assert "person:s1" not in rows("numbers", *IN_BARE_YARD, no("officer")), (
        "the giver has not got them, as it should be"
    )


@pytest.mark.parametrize(
    "event",
    [
        cc.AnswerForCustody("s1", "q9", "yard", True),
        cc.EnterStation("s1", "yard", "search"),
        cc.CountHeads("n1", "yard", 1, "round"),
        cc.HandOver("s1", "t9", "officer", "officer", officer="officer"),
        cc.ReleasePerson("s1", "l1", "without charge"),
    ],
)
def test_an_event_that_finds_them_clears_it_and_nothing_else_does(event: Any) -> None:
    lost = (*IN_BARE_YARD, no("yard"), no("officer"))
    assert "person:s1" not in rows("numbers", *lost, by(OPS, event))
    assert "person:s1" in rows("numbers", *lost, by(OPS, cc.RecordCare("s1", "water", "given")))


def test_a_vehicle_on_the_way_is_an_alarm_from_the_plans_time_on() -> None:
    row = rows("numbers", *IN_VAN)["person:s1"]
    assert not row.alarm and row.lost and row.says == "left with Van 1, and no arrival is recorded"
    assert row.alarm_at - row.at == timedelta(hours=1) and "site.vehicle" in row.rules
    assert [one.id for one in row.holders] == ["van", "officer"]
    arrived = by(OPS, replace(TO_YARD, transfer="t2", from_holder="van"))
    assert "person:s1" not in rows("numbers", *IN_VAN, *opens(BARE_YARD), arrived)


def test_a_count_that_is_short_names_those_it_may_be_and_one_that_is_over_names_nobody() -> None:
    two = (*IN_BARE_YARD, by(OFFICER, OTHER), by(OFFICER, replace(TO_YARD, subject="s2", transfer="t2")))
    short = rows("numbers", *two, by(OPS, cc.CountHeads("n1", "yard", 1, "round")))["count:yard"]
    assert short.alarm and short.lost and short.among == ("W-001-4", "W-002-2")
    over = rows("numbers", *two, by(OPS, cc.CountHeads("n1", "yard", 3, "round")))["count:yard"]
    assert over.alarm and not over.lost and over.among == ()
    right = rows("numbers", *two, by(OPS, cc.CountHeads("n1", "yard", 2, "round")))["count:yard"]
    assert not right.alarm and right.rules == ()


def test_whom_nobody_holds_is_lost_and_who_is_with_a_holder_that_left_is_an_alarm() -> None:
    nobody = by(OPS, ec.StationEntered("s9", None, "yard", "search"))
    row = rows("numbers", *IN_BARE_YARD, nobody)["person:s9"]
    assert row.lost and row.says == "nobody has recorded who holds them" and row.holders == ()
    ghost = by(OFFICER, cc.HandOver("s8", "t8", "yard", "site"))
    assert rows("numbers", *IN_BARE_YARD, ghost)["person:s8"].lost, "in custody without a record"


def test_a_full_site_is_an_alarm_of_its_own_and_ends_when_somebody_goes() -> None:
    row = rows("numbers", *IN_BARE_YARD)["site:yard"]
    assert row.alarm and not row.lost and row.kind == "site" and (row.found, row.expected) == (1, 1)
    assert row.says == "School yard is full: 1 of 1; the next ones go elsewhere" and "site.staging-site" in row.rules
    over = (*IN_BARE_YARD, by(OFFICER, OTHER), by(OFFICER, replace(TO_YARD, subject="s2", transfer="t2")))
    assert "1 over" in rows("numbers", *over)["site:yard"].says
    gone = by(OPS, cc.ReleasePerson("s1", "l1", "without charge"))
    assert "site:yard" not in rows("numbers", *IN_BARE_YARD, gone)
    assert "site:yard" not in rows("numbers", *MADE, *opens(BARE_YARD))


# minors ------------------------------------------------------------------------------------

TELLING = ("minor", "guardian", "juvenile", "six hours", "sight and sound", "to be kept apart")
MINOR = (
    *MADE,
    *opens(YARD),
    by(OFFICER, ca.DescribePerson("a1", "s1", apart=True, age="15", minor="says so", guardian="her mother")),
    by(OPS, TO_YARD),
    by(OPS, cc.EnterStation("s1", "yard", "search")),
    by(OPS, cc.CallGuardian("s1", True, who="her mother")),
    by(OPS, cc.CountHeads("n1", "yard", 2, "round")),
)


def told(world: World, through: Lens, viewer: str | None = None) -> str:
    """All that a lens is told of this person: every entry but the site's own, and every row."""
    entries = []
    for recorded in world.entries:
        if isinstance(recorded.event, ec.SiteOpened):
            continue
        private = world.plain.get(recorded.seq, {})
        made = timeline.entry(world.state, world.stack, recorded, through, private, viewer)
        if made is not None:
            entries.append(replace(made, withheld=()))  # which fields there are is the same of everyone
    board = shown(world, world.state, through)
    about = {name: found for name, found in board.items() if name not in ("levels", "positions", "sites", "plan")}
    return (
        msgspec.json.encode(entries) + msgspec.json.encode([list(found.values()) for found in about.values()])
    ).decode()


@pytest.mark.parametrize("through", [FIELD, SUPERVISION, MEDICAL, COMMAND])
def test_a_lens_without_the_compartment_is_told_by_nothing_that_somebody_is_a_minor(through: Lens) -> None:
    text = told(given(*MINOR).world, through)
    keys = ('"minors":', '"apart":', '"guardian_reached":', '"juvenile":')  # names of fields, whatever they hold
    for key in keys:
        text = text.replace(key, "")
    assert [word for word in TELLING if word in text.lower()] == []
    assert '"apart":true' not in told(given(*MINOR).world, through)


@pytest.mark.parametrize(
    "through", [PROCESSING, lens("oversight", (), ("juvenile",)), lens("medical", (), ("juvenile",))]
)
def test_those_who_house_people_and_those_with_the_grant_are_told(through: Lens) -> None:
    text = told(given(*MINOR).world, through)
    assert "is not for minors" in text


def test_the_officer_who_wrote_it_reads_their_own() -> None:
    world = given(*MINOR).world
    duty = next(one for one in world.entries if one.header.type == "DutyStarted" and one.event.juvenile)  # type: ignore[union-attr]  # a DutyStarted
    assert timeline.entry(world.state, world.stack, duty, FIELD, {}) is None
    assert timeline.entry(world.state, world.stack, duty, FIELD, {}, "officer") is not None
    rules = {row.rule for row in shown(world, world.state, FIELD)["duties"].values()}  # type: ignore[union-attr]  # duties
    assert "judge-in-48-hours" in rules and rules.isdisjoint({"minor-out-in-six-hours", "call-the-guardian"})


def yes(holder: str) -> Any:
    return by(OPS, cc.AnswerForCustody("s1", f"y-{holder}", holder, True))


def test_two_holders_who_both_say_yes() -> None:
    """One of them has somebody else, or nobody wrote the hand-over: that is as bad as two who say no."""
    row = rows("numbers", *IN_BARE_YARD, yes("officer"))["person:s1"]
    assert row.alarm and row.lost and row.says == "Officer says to have them; the log has them with School yard"
    both = rows("numbers", *IN_BARE_YARD, yes("officer"), yes("yard"), yes("officer"))["person:s1"]
    assert both.says == "Officer says to have them; so does School yard" and both.rules


def test_who_says_no_after_all_claims_nobody_and_a_hand_over_settles_it() -> None:
    assert "person:s1" not in rows("numbers", *IN_BARE_YARD, yes("officer"), no("officer"))
    settled = by(OPS, cc.HandOver("s1", "t9", "officer", "officer", from_holder="yard"))
    assert "person:s1" not in rows("numbers", *IN_BARE_YARD, yes("officer"), settled)
    assert "person:s1" not in rows("numbers", *IN_BARE_YARD, yes("yard")), "who should have them"


def test_somebody_who_is_free_by_the_log_and_held_by_somebodys_word_is_an_alarm() -> None:
    free = by(OPS, cc.ReleasePerson("s1", "l1", "without charge"))
    row = rows("numbers", *IN_BARE_YARD, free, yes("yard"))["person:s1"]
    assert row.lost and row.says == "School yard says to have them; the log has them free"


def test_somebody_whom_the_log_does_not_know_and_a_holder_has_is_an_alarm() -> None:
    said = by(OPS, cc.AnswerForCustody("s77", "y1", "officer", True))
    row = rows("numbers", *MADE, said)["person:s77"]
    assert row.lost and row.says == "Officer says to have them; the log has them with nobody"
    assert "person:s77" not in rows("numbers", *MADE, by(OPS, cc.AnswerForCustody("s77", "y1", "officer", False)))


def test_a_word_older_than_the_hand_over_claims_nobody() -> None:
    world = given(*IN_BARE_YARD).world
    before = world.state.custody.people["s1"].spans[-1].since - timedelta(seconds=1)
    world.send(cc.AnswerForCustody("s1", "y1", "partner", True), OPS, occurred_at=before)
    assert world.state.custody.people["s1"].claimed == ()


def test_a_count_that_is_told_late_is_compared_with_the_log_of_its_time() -> None:
    """One head was in the yard when it was counted; two are there when the tablet is back on the line."""
    spec = given(*IN_BARE_YARD, by(OFFICER, OTHER))
    world = spec.world
    counted = world.now
    world.now += timedelta(minutes=30)
    world.send(cc.HandOver("s2", "t2", "yard", "site"), OFFICER)
    world.send(cc.CountHeads("n1", "yard", 1, "round"), OPS, occurred_at=counted)
    assert world.entries[-1].header.finding is None
    assert (world.state.custody.counts["yard"].expected, world.state.custody.counts["yard"].heads) == (1, 1)
    world.send(cc.CountHeads("n2", "yard", 1, "round"), OPS)
    assert world.state.custody.counts["yard"].of == ("s1", "s2")
    world.send(cc.CountHeads("n3", "yard", 3, "round"), OPS, occurred_at=counted)
    assert world.state.custody.counts["yard"].count == "n2", "counted anew since"
