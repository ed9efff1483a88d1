"""Numbers that should agree: who is lost, and which wristband, is an alarm."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from command.domain import commands as c
from command.domain import commands_arrest as ca
from command.domain import commands_custody as cc
from command.views.lens import COMMAND, FIELD, PROCESSING, agency_lens
from command.views.reconcile import run_of
from tests.domain.test_arrest import CARD, MADE, OTHER
from tests.domain.test_custody import IN_YARD, TAKEN, TO_YARD
from tests.support.given import ALLIED, ALLY, LEAD, OFFICER, OPS, PARTNER, SERGEANT, STAFFED, by
from tests.views.test_sections_arrest import rows

BANDS = by(OPS, ca.IssueWristbands("i1", "officer", "wristbands", "W-001-4", "W-050-9", 50))


def says(*steps: Any) -> dict[str, str]:
    return {key: row.says for key, row in rows("numbers", *steps).items()}


@pytest.mark.parametrize(
    ("first", "last", "run"),
    [
        ("W-001-4", "W-050-9", ("W-", 1, 50)),
        ("2026-A-001", "2026-A-100", ("2026-A-", 1, 100)),
        ("7", "12", ("", 7, 12)),
        ("W-5", "W-5", ("W-", 5, 5)),
        ("W-050", "W-001", None),
        ("A-1", "B-9", None),
        ("red", "blue", None),
        ("W-001-4", "W-001-9", ("W-001-", 4, 9)),
    ],
)
def test_a_run_counts_where_its_two_numbers_differ(first: str, last: str, run: tuple[str, int, int] | None) -> None:
    assert run_of(first, last) == run


def test_a_number_counts_once_whatever_its_check_character() -> None:
    third, again = replace(OTHER, wristband="W-003-1"), replace(OTHER, arrest="a3", subject="s3", wristband="W-001-9")
    row = rows("numbers", *MADE, BANDS, by(OFFICER, third), by(OFFICER, again))["issue:i1"]
    assert (row.found, row.gaps) == (2, 1)


def test_wristbands_issued_used_and_skipped() -> None:
    third = by(OFFICER, replace(OTHER, wristband="W-003-1"))
    row = rows("numbers", *MADE, BANDS, third)["issue:i1"]
    assert (row.expected, row.found, row.gaps, row.alarm) == (50, 2, 1, True)
    assert row.says == "2 of 50 wristbands used; 1 skipped" and row.holder.name == "Officer"
    full = rows(
        "numbers", *MADE, BANDS, third, by(SERGEANT, replace(CARD, arrest="a3", subject="s3", wristband="W-002-2"))
    )
    assert (full["issue:i1"].gaps, full["issue:i1"].alarm) == (0, False)
    fresh = rows("numbers", *STAFFED, BANDS)["issue:i1"]
    assert (fresh.found, fresh.alarm) == (0, False)
    few = by(OPS, ca.IssueWristbands("i2", "officer", "wristbands", "W-001-4", "W-003-9", 1))
    assert "more than were handed out" in rows("numbers", *MADE, few, third)["issue:i2"].says
    forms = rows("numbers", *STAFFED, by(OPS, ca.IssueWristbands("i3", "officer", "paper forms", "F1", "F9", 9)))
    assert forms["issue:i3"].found == 0 and forms["issue:i3"].says == "0 of 9 paper forms entered"


def test_forms_on_paper_reconcile_with_those_that_were_handed_out() -> None:
    """Used twice, missing, entered and never issued: each an alarm, beside the wristbands."""
    run = by(OPS, ca.IssueWristbands("i3", "officer", "paper forms", "F-2-0001-A", "F-2-0009-T", 9))
    read = by(OFFICER, ca.ReadBackArrest("a1", "s1", "F-2-0003-6"))
    row = rows("numbers", *MADE, run, read)["issue:i3"]
    assert (row.found, row.gaps, row.alarm) == (1, 2, True) and row.says == "1 of 9 paper forms entered; 2 missing"
    both = (*MADE, by(OFFICER, OTHER), run, read)
    twice = by(OFFICER, ca.ReadBackArrest("a2", "s2", "f2 0003 6"))
    assert says(*both, twice)["record:a2"] == "the form F-2-0003-6 is on the record a1 as well"
    assert "record:a1" not in says(*both, twice)
    odd = by(OFFICER, ca.ReadBackArrest("a2", "s2", "F-3-0001-F"))
    assert says(*both, odd)["record:a2"] == "the form F-3-0001-F is of no run that was handed out"
    assert "record:a2" not in says(*MADE, by(OFFICER, OTHER), odd), "no run on record, nothing to hold it against"


def test_a_wristband_of_two_records_or_of_no_run_is_an_alarm() -> None:
    twice = by(OFFICER, replace(OTHER, wristband="W-001-4"))
    assert says(*MADE, BANDS, twice)["record:a2"] == "the wristband W-001-4 is on the record a1 as well"
    odd = by(OFFICER, replace(OTHER, wristband="X-9"))
    assert says(*MADE, BANDS, odd)["record:a2"] == "the wristband X-9 is of no run that was handed out"
    assert "record:a2" not in says(*MADE, odd), "no run on record, nothing to hold it against"
    named = by(OPS, ca.IssueWristbands("i4", "officer", "wristbands", "red", "blue", 2))
    assert "record:a2" not in says(*STAFFED, named, by(OFFICER, replace(OTHER, wristband="red")))
    forms = by(OPS, ca.IssueWristbands("i3", "officer", "paper forms", "F1", "F9", 9))
    assert "record:a1" not in says(*MADE, forms)


def test_heads_that_differ_from_the_log_are_an_alarm() -> None:
    count = cc.CountHeads("n1", "yard", 2, "round")
    row = rows("numbers", *IN_YARD, by(OPS, count))["count:yard"]
    assert (row.expected, row.found, row.alarm) == (1, 2, True)
    good = rows("numbers", *IN_YARD, by(OPS, replace(count, heads=1)))["count:yard"]
    unsure = "the heads and the log agree; 1 of those on record were not yet confirmed by the receiver"
    assert not good.alarm and good.says == unsure
    sure = rows("numbers", *IN_YARD, by(OPS, TAKEN), by(OPS, replace(count, heads=1)))["count:yard"]
    assert not sure.alarm and sure.says == "the heads and the log agree"


def test_who_is_in_custody_without_a_record_is_an_alarm() -> None:
    ghost = by(OFFICER, replace(TO_YARD, subject="s9", transfer="t9", from_holder=None))
    assert says(*IN_YARD, ghost)["person:s9"].startswith("in custody without a record")
    jail = by(OFFICER, cc.HandOver("s9", "t9", "county-jail", "jail"))
    assert says(*IN_YARD, jail)["person:s9"] == "booked without a record"
    assert not any(key.startswith("person:") for key in says(*IN_YARD)), "all is well"


def test_a_holder_who_has_gone_and_a_site_that_is_closed_are_alarms() -> None:
    assert says(*MADE, c.CheckOut("officer"))["person:s1"] == "with Officer, who has checked out"
    assert says(*IN_YARD, by(OPS, cc.CloseSite("yard")))["person:s1"] == "in School yard, which is closed"
    unit = (c.FormUnit("u1", "Van 1", "transport", LEAD), by(OFFICER, cc.HandOver("s1", "t1", "u1", "unit")))
    assert says(*MADE, *unit, c.ReportUnitLeft("u1"))["person:s1"] == "with Van 1, which was released"


def test_whom_nobody_holds_and_who_is_lost_between_two_are_alarms() -> None:
    nowhere = by(OFFICER, cc.EnterStation("s9", "yard", "search"))
    assert says(*IN_YARD, nowhere)["person:s9"] == "nobody has recorded who holds them"
    lost = by(OFFICER, replace(TO_YARD, transfer="t2", from_holder="sergeant"))
    assert "given over by sergeant" in says(*IN_YARD, lost)["person:s1"]
    elsewhere = by(OFFICER, cc.EnterStation("s1", "other-yard", "search"))
    assert "a site that they were not handed over to" in says(*IN_YARD, elsewhere)["person:s1"]
    on = by(OFFICER, ca.RecordRestraint("a1", "s1", "r1", "applied"))
    free = by(OPS, cc.ReleasePerson("s1", "l1", "without charge"))
    assert says(*MADE, on, free)["person:s1"] == "free, and still in restraints"
    bound = by(OFFICER, ca.RecordRestraint("a9", "s9", "r9", "applied"))
    assert says(*STAFFED, bound)["person:s9"] == "nobody has recorded who holds them"


def test_a_minor_where_adults_are_is_an_alarm_for_those_who_house_people_and_for_nobody_else() -> None:
    steps = (*IN_YARD, by(OPS, ca.DescribePerson("a1", "s1", apart=True)))
    alarm = rows("numbers", *steps, through=PROCESSING)["person:s1"]
    assert alarm.alarm and alarm.says == "School yard is not for minors"
    assert "person:s1" not in rows("numbers", *steps, through=COMMAND)


def test_a_record_without_custody_is_an_alarm_and_a_release_that_is_due_is_said() -> None:
    summons = by(OFFICER, replace(CARD, category="S"))
    kept = by(OFFICER, ca.DecideDisposition("a1", "s1", "custody", "threat"))
    assert says(*STAFFED, summons, kept)["record:a1"] == "taken into custody, and nobody has recorded who holds them"
    cited = by(OFFICER, ca.DecideDisposition("a1", "s1", "cited"))
    row = rows("numbers", *MADE, cited)["record:a1"]
    assert (row.says, row.alarm) == ("cited, and still held", False)
    assert "record:a1" not in says(*MADE, cited, by(OPS, cc.ReleasePerson("s1", "l1", "with a citation")))
    again = by(OFFICER, replace(CARD, arrest="a2", wristband="W-002-2"))
    assert says(*MADE, again)["record:a1"] == "the person is in custody under the record a2"


def test_a_share_has_the_numbers_of_its_own_people() -> None:
    theirs = replace(CARD, arrest="a7", subject="s7", officer="partner", officer_agency=ALLY, wristband="W-001-4")
    steps = (
        *ALLIED, by(OFFICER, CARD), by(PARTNER, theirs), BANDS, c.CheckOut("officer"), c.CheckOut("partner"),
        by(OPS, cc.CountHeads("n1", "officer", 3, "round")), by(OPS, cc.CountHeads("n2", "partner", 3, "round")),
        by(OPS, ca.IssueWristbands("i2", "partner", "wristbands", "P-1", "P-9", 9)),
    )  # fmt: skip
    own = rows("numbers", *steps, through=agency_lens(ALLY))
    assert sorted(own) == ["count:partner", "issue:i2", "person:s7", "record:a7"]
    assert "person:s1" in rows("numbers", *steps, through=FIELD)
