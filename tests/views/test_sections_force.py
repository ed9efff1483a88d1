"""The rows of authority over force, and what each lens is shown of them."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from command.domain import commands as c
from command.domain import events as e
from command.views.board import board, needs
from command.views.lens import COMMAND, FIELD, OVERSIGHT, Lens, agency_lens
from command.views.sections_force import GRANTS_SHOWN
from tests.domain.test_granting import ASK, ASKED, GRANTED, RELAY, TARGETED, USE
from tests.domain.test_posture import ASK as GEAR_ASK
from tests.domain.test_posture import UP
from tests.support.given import ALLIED, ALLY, CHIEF, IC, LEAD, OFFICER, OPS, PARTNER, SERGEANT, STAFFED, Wait, by, given

SHARE = agency_lens(ALLY)
REVIEW = c.FileReview("v1", "r1", "cannot tell", *"abcdef")


def rows(section: str, *steps: Any, lens: Lens = COMMAND) -> dict[str, Any]:
    world = given(*steps).world
    private = {seq: world.plain[seq] for seq in needs(world.state)}
    return dict(board(world.state, world.stack, lens, private, world.now)[section])


def test_a_grant_shows_its_scope_its_end_and_what_is_left() -> None:
    row = rows("grants", *GRANTED, by(OFFICER, USE))["g1"]
    assert (row.tool, row.purpose, row.authorizer.person, row.requester.person) == (
        "baton",
        "protect person",
        "ic",
        "sergeant",
    )
    assert (row.quantity, row.used, row.left) == (2, 1, 1) and row.until is not None and row.ended is None
    assert row.facts == "seen it myself" and [user.person for user in row.users] == ["officer"] and row.ask == "f1"
    assert rows("grants", *GRANTED, lens=FIELD)["g1"].facts == "seen it myself"
    share = rows("grants", *GRANTED, lens=SHARE)["g1"]
    assert share.facts == "" and share.subject == "" and share.tool == "baton"


def test_a_relayed_grant_shows_that_it_is_unconfirmed_and_who_wrote_it_down() -> None:
    row = rows("grants", *ASKED, by(OPS, RELAY))["g1"]
    assert row.relayed and row.confirmed is None and row.scribe.person == "ops" and row.authorizer.person == "ic"
    assert rows("grants", *ASKED, by(OPS, RELAY), c.ConfirmRelay("g1"))["g1"].confirmed is not None


def test_a_grant_without_a_number_leaves_no_number_and_signatures_are_shown() -> None:
    signed = by(OPS, e.GrantCosigned("f1", "mayor-1", "mayor", True, True))
    ask = by(SERGEANT, replace(ASK, quantity=None))
    row = rows("grants", *TARGETED, ask, signed, c.GrantForce("f1", "seen", "g1"))["g1"]
    assert (
        row.left is None
        and row.used == 0
        and [(one.who.person, one.office) for one in row.signed] == [("mayor-1", "mayor")]
    )
    assert rows("asks", *TARGETED, ask, signed)["f1"].signed[0].call_back


def test_asks_of_every_kind_stand_in_one_section() -> None:
    asked = (*ASKED, by(OFFICER, GEAR_ASK), by(OFFICER, c.AskLevel("a1", "north", "dispersal")))
    found = rows("asks", *asked)
    assert {key: row.kind for key, row in found.items()} == {"f1": "force", "q1": "posture", "a1": "level"}
    assert (
        found["f1"].what == "baton to protect person"
        and found["f1"].facts == "stop the assault"
        and found["f1"].who_may
    )
    assert found["q1"].what == "protective gear ready" and found["q1"].who_may and found["q1"].facts == "bottles"
    assert rows("asks", *asked, lens=FIELD)["f1"].facts == "" and not rows("asks", *asked, lens=SHARE)
    odd = e.PostureAsked("q2", "north", "catapult", "ready", found["f1"].expires)
    bare = e.ForceAsked("f2", "baton", "arrest", "north", found["f1"].expires)
    other = rows("asks", *STAFFED, odd, bare)
    assert other["q2"].what == "catapult ready" and other["q2"].who_may == () and other["f2"].who_may == ()


def test_warnings_of_a_sector_are_a_sequence_with_what_they_rest_on() -> None:
    told = (
        by(OFFICER, c.ReportWarning("w1", "north", "dispersal-order", amplified=True)), Wait(60),
        by(OFFICER, c.ReportExits("x1", "north", ("5th Ave",), ("6th Ave",))),
        by(OFFICER, c.ReportCrowdMoved("m1", "north")),
    )  # fmt: skip
    row = rows("warnings", *STAFFED, *told)["north"]
    assert [one.id for one in row.given] == ["w1"] and row.given[0].by.person == "officer" and row.moved_at is not None
    assert row.exits_open == ("5th Ave",) and row.exits_closed == ("6th Ave",) and row.exits_by.person == "officer"
    assert rows("warnings", *STAFFED, told[0])["north"].exits_open is None and not rows("warnings", *STAFFED)


def test_a_warning_shows_who_last_said_whether_it_was_heard() -> None:
    """One who did not hear it outweighs who did; a record names what had been said by its own time."""
    told = (
        by(OFFICER, c.ReportWarning("w1", "north", "dispersal-order")), Wait(60),
        by(SERGEANT, c.ReportAudibility("h1", "w1", "north", True)), Wait(60),
    )  # fmt: skip
    (one,) = rows("warnings", *STAFFED, *told)["north"].given
    assert (one.audible, one.heard_by.person) == (True, "sergeant") and one.heard_at is not None
    assert rows("warnings", *STAFFED, told[0])["north"].given[0].heard_by is None
    (one,) = rows("warnings", *STAFFED, *told, by(OPS, c.ReportAudibility("h2", "w1", "north", False)))["north"].given
    assert (one.audible, one.heard_by.person) == (False, "ops")


def test_every_posture_of_the_plan_has_a_row_in_every_sector() -> None:
    found = rows("posture", *UP)
    assert found["north|protective-gear"].state == "deployed" and found["north|protective-gear"].why == "bottles fly"
    assert found["north|armoured-vehicle"].state == "staged" and found["north|armoured-vehicle"].since is None
    assert rows("posture", *UP, lens=SHARE)["north|protective-gear"].why == ""
    odd = e.PostureRenewed("north", "catapult", "ready", "x")
    assert rows("posture", *STAFFED, odd)["north|catapult"].title == "catapult"


def test_reviews_name_those_who_may_not_review_and_are_not_for_the_field() -> None:
    baton = by(OFFICER, c.ReportForce("r1", "p1", "officer", LEAD, "baton", "north"))
    stop = by(SERGEANT, c.ReportIntervention("n1", "held back"))
    row = rows("reviews", *STAFFED, baton, stop, by(CHIEF, REVIEW))
    assert [who.person for who in row["r1"].involved] == ["officer"] and row[
        "r1"
    ].finding == "no authorization on record"
    assert row["r1"].filed[0].by.person == "chief" and row["n1"].what == "intervention" and row["n1"].filed == ()
    assert not rows("reviews", *STAFFED, baton, stop, lens=FIELD) and not rows("reviews", *STAFFED, baton, lens=SHARE)
    alone = rows("reviews", *STAFFED, by(CHIEF, e.ReviewFiled("v1", "ghost", "cannot tell", *"abcdef")), lens=OVERSIGHT)
    assert alone["ghost"].what == "ghost" and alone["ghost"].involved == ()


def test_an_authorized_use_is_reviewed_like_any_other() -> None:
    """Its grant does not spare it: each report of force is owed a review (domain A42)."""
    row = rows("reviews", *GRANTED, by(OFFICER, USE))["r1"]
    assert row.finding == "authorized" and not row.filed


def test_asks_carry_all_that_an_authorizer_must_see_and_the_field_no_private_words() -> None:
    ask = replace(ASK, deescalation=(), deescalation_why_not="no time", targeted_why_not="cannot be told apart")
    row = rows("asks", *TARGETED, by(SERGEANT, ask))["f1"]
    assert (row.deescalation_why_not, row.targeted_why_not) == ("no time", "cannot be told apart")
    assert row.indiscriminate is False and row.place is None
    field = rows("asks", *TARGETED, by(SERGEANT, ask), lens=FIELD)["f1"]
    assert (field.facts, field.deescalation_why_not, field.targeted_why_not) == ("", "", "")
    level = c.AskLevel("k1", "north", "dispersal", (), "many", "tried", "by the gate", "x")
    asked = rows("asks", *TARGETED, by(OFFICER, level))["k1"]
    assert (asked.liaison, asked.others_may_continue) == ("tried", "by the gate")


def test_a_person_shows_what_of_their_check_in_does_not_count() -> None:
    claim = by(OFFICER, e.PersonCheckedIn("officer", "Olga Finn", LEAD, "captain", unconfirmed=("rank",)))
    assert rows("people", *STAFFED, claim)["officer"].unconfirmed == ("rank",)
    assert rows("people", *STAFFED)["officer"].unconfirmed == ()


def test_exigent_use_is_counted_by_name_and_not_for_the_field() -> None:
    used = by(OFFICER, c.ReportForce("r1", "p1", "officer", LEAD, "baton", "north", exigent=True, exigent_reason="x"))
    found = rows("exigent", *STAFFED, used)
    assert {(row.of, row.name, row.count) for row in found.values()} == {
        ("agency", "Metro Police", 1), ("command", "Ines Castro", 1),
    }  # fmt: skip
    assert not rows("exigent", *STAFFED, used, lens=FIELD) and not rows("exigent", *STAFFED, used, lens=SHARE)
    undone = by(OFFICER, c.ReportForce("r1", "p1", "officer", LEAD, "baton", "north"))
    assert not rows("exigent", *STAFFED, used, undone)


def test_munitions_show_the_difference_and_a_share_sees_its_own() -> None:
    issued = [
        by(OPS, c.IssueMunitions(f"i{n}", "oc-hand", who, 5)) for n, who in enumerate(("officer", "partner", "u1"))
    ]
    unit = c.FormUnit("u1", "Bike 1", "bicycle", LEAD)
    counted = c.CountMunitions("i9", "oc-hand", "officer", 3)
    found = rows("munitions", *ALLIED, unit, *issued, counted)
    assert (found["officer|oc-hand"].unexplained, found["partner|oc-hand"].unexplained) == (2, None)
    assert found["u1|oc-hand"].name == "Bike 1" and found["officer|oc-hand"].name == "Officer"
    assert list(rows("munitions", *ALLIED, unit, *issued, lens=SHARE)) == ["partner|oc-hand"]


def test_what_is_no_munition_stands_in_no_list_of_them() -> None:
    """By the plan's word: batons and firearms are worn. What no plan knows stays in view."""
    tools = ("baton", "firearm", "oc-hand", "their-own-round")
    issued = [by(OPS, c.IssueMunitions(f"i-{tool}", tool, "officer", 1)) for tool in tools]
    assert list(rows("munitions", *STAFFED, *issued)) == ["officer|oc-hand", "officer|their-own-round"]


def test_distress_names_crisis_responders_first_and_nearest() -> None:
    units = (
        c.FormUnit("m1", "Medic 1", "medic", LEAD), c.FormUnit("c2", "Crisis 2", "crisis-responder", LEAD),
        c.FormUnit("c9", "Crisis 9", "crisis-responder", LEAD), c.AssignUnit("c9", "north"),
        c.FormUnit("p1", "Patrol", "patrol", LEAD), c.FormUnit("c3", "Gone", "crisis-responder", LEAD), c.ReleaseUnit("c3"),
    )  # fmt: skip
    flag = by(PARTNER, c.FlagDistress("s1", "shouting", "north"))
    assert rows("distress", *ALLIED, *units, flag)["s1"].first == ("c9", "c2", "m1")
    done = rows("distress", *ALLIED, *units, flag, c.AnswerDistress("s1", "helped there", "c9"))["s1"]
    assert done.first == () and (done.unit, done.outcome) == ("c9", "helped there")
    assert rows("distress", *ALLIED, *units, flag, lens=SHARE)["s1"].first == ()


def test_what_is_otherwise_than_the_plan_has_its_author_and_its_end() -> None:
    until = given(*STAFFED).world.now
    off = by(IC, e.PlanSuspended("muster-model", "tactic.x", "§ 9", until, "a flood"))
    lent = by(IC, e.AuthorityDelegated("l1", "ops", until, "incident-commander", "captain", True))
    rank = by(IC, e.AuthorityDelegated("l2", "ops", until, None, "captain"))
    found = rows("plan", *STAFFED, off, lent, rank)
    suspended = found["suspension:muster-model|tactic.x"]
    assert (suspended.what, suspended.clause, suspended.why, suspended.by.person) == (
        "tactic.x of muster-model", "§ 9", "a flood", "ic",
    )  # fmt: skip
    assert found["delegation:l1"].to.person == "ops" and found["delegation:l1"].what == "incident commander"
    assert found["delegation:l2"].what == "captain"
    assert rows("plan", *STAFFED, off, lens=SHARE)["suspension:muster-model|tactic.x"].why == ""


def test_the_board_holds_the_newest_grants_only() -> None:
    many = [e.ForceGranted(f"x{n}", None, "baton", "arrest", "north", "ic", None, "x") for n in range(GRANTS_SHOWN + 2)]
    found = rows("grants", *STAFFED, *many)
    assert len(found) == GRANTS_SHOWN and "x0" not in found and f"x{GRANTS_SHOWN + 1}" in found


def test_a_grant_says_from_when_on_it_rests_on_nothing() -> None:
    """The level's own end is known beforehand; a lowered level takes it away from its moment."""
    assert rows("grants", *GRANTED)["g1"].gaps == ()
    low = given(*GRANTED, Wait(60), c.LowerLevel("north", "plan", "calm")).world
    (gap,) = rows("grants", *GRANTED, Wait(60), c.LowerLevel("north", "plan", "calm"))["g1"].gaps
    assert (
        abs((gap.since - low.entries[-1].header.recorded_at).total_seconds()) < 5
        and gap.until is None
        and "stood at Plan" in gap.why
    )


def test_a_grant_says_what_its_authorizer_is_no_longer() -> None:
    """Relieved or gone home: the grant runs on (design/019), and whoever has come into command sees it."""
    assert rows("grants", *GRANTED)["g1"].given_up == ""
    over = rows("grants", *GRANTED, Wait(5), c.TransferCommand("chief", "all quiet", True))["g1"]
    assert over.given_up.lower() == "no longer incident commander" and over.gaps == () and over.ended is None
    gone = rows("grants", *GRANTED, Wait(5), c.TransferCommand("chief", "all quiet", True), c.CheckOut("ic"))["g1"]
    assert gone.given_up.endswith("; checked out since")
    share = rows("grants", *GRANTED, Wait(5), c.TransferCommand("chief", "all quiet", True), lens=SHARE)["g1"]
    assert "Castro" not in share.given_up
