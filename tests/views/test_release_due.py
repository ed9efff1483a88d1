"""Whose release is due, why, by which clock, and who decides it; a row never stands in anybody's way."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from command.domain import commands as c
from command.domain import commands_arrest as ca
from command.domain import commands_custody as cc
from command.views.lens import COMMAND, FIELD, MEDICAL, OVERSIGHT, PROCESSING, SUPERVISION, agency_lens
from command.views.sight import has_section
from tests.domain.test_arrest import CARD, MADE, first
from tests.support.given import ALLY, CHIEF, LEAD, OFFICER, OPS, STAFFED, by, given
from tests.views.test_sections_arrest import rows

CITED = replace(CARD, offences=("blocking-traffic",))


def whys(*steps: object) -> tuple[str, ...]:
    found = rows("releases", *steps)
    return tuple(one.says for one in found["s1"].whys) if "s1" in found else ()


def test_everyone_who_is_held_has_the_clock_that_ends_with_a_release() -> None:
    row = rows("releases", *MADE)["s1"]
    assert [one.rules for one in row.whys] == [("duty.judge-in-48-hours",)]
    assert row.due is not None and row.due - row.held_since == timedelta(hours=48)
    assert (row.number, row.arrest, row.holder.id) == ("W-001-4", "a1", "officer")


def test_who_decides_it_is_named_by_position_and_by_who_holds_it_now() -> None:
    row = rows("releases", *MADE)["s1"]
    assert "incident commander" in row.who_may[0] and "sergeant or above" in row.who_may[1]
    assert [one.person for one in row.deciders] == ["ic", "ops"]
    left = rows("releases", *MADE, c.VacatePosition("operations"))["s1"]
    assert [one.person for one in left.deciders] == ["ic"]


def test_what_is_only_cited_is_due_until_a_coded_reason_is_given() -> None:
    steps = (*STAFFED, by(OFFICER, CITED))
    row = rows("releases", *steps)["s1"]
    assert row.due is None and row.whys[0].says.startswith("every offence is cited first")
    assert "charge.blocking-traffic" in row.whys[0].rules
    coded = by(OFFICER, ca.DecideDisposition("a1", "s1", "custody", "threat", reason="went back twice"))
    assert not any(why.startswith("every offence") for why in whys(*steps, coded))
    uncoded = by(OFFICER, ca.DecideDisposition("a1", "s1", "custody"))
    assert whys(*steps, uncoded)[0].startswith("every offence is cited first")


def test_a_hold_without_a_written_ground_or_a_record_is_due() -> None:
    bare = whys(*STAFFED, by(OFFICER, replace(CARD, conduct=None, offences=())))
    assert bare[0] == "nobody has written what this person did, in one sentence at least and an offence"
    ghost = rows("releases", *STAFFED, by(OFFICER, cc.HandOver("s9", "t1", "officer", "officer")))["s9"]
    assert [one.says for one in ghost.whys] == ["held without a record"] and ghost.due is None
    assert ghost.whys[0].rules == ("arrest.someone-holds-everyone",)


def test_what_was_decided_and_not_done_is_due_and_so_is_a_hold_whose_grounds_failed() -> None:
    cited = by(OFFICER, ca.DecideDisposition("a1", "s1", "cited"))
    assert whys(*MADE, cited)[0] == "cited, and still held"
    failed = by(CHIEF, ca.ReviewGrounds("a1", "s1", "v1", "not supported", "nobody saw it"))
    assert whys(*MADE, failed)[0] == "the review found no probable cause"


def test_who_is_free_or_with_a_court_has_no_row_and_the_release_needs_nobody() -> None:
    spec = given(*STAFFED, by(OFFICER, replace(CARD, conduct=None, offences=()))).when(
        cc.ReleasePerson("s1", "l1", "without charge"), OFFICER
    )
    assert spec.drafts[0].finding is None and spec.drafts[0].decision is None
    assert rows("releases", *MADE, by(OFFICER, cc.ReleasePerson("s1", "l1", "without charge"))) == {}
    assert rows("releases", *MADE, by(OFFICER, cc.HandOver("s1", "t1", "court-2", "court"))) == {}
    summoned = by(OFFICER, replace(CITED, category="S"))
    assert rows("releases", *STAFFED, summoned) == {}


def test_a_clock_of_a_minor_is_told_to_those_who_may_know() -> None:
    steps = (*MADE, by(OFFICER, ca.DescribePerson("a1", "s1", apart=True)))
    told = {one.rules for one in rows("releases", *steps, through=PROCESSING)["s1"].whys}
    assert ("duty.minor-out-in-six-hours",) in told
    assert {one.rules for one in rows("releases", *steps)["s1"].whys} == {("duty.judge-in-48-hours",)}


def test_who_has_the_section_and_a_share_sees_its_own() -> None:
    assert [has_section(one, "releases") for one in (COMMAND, OVERSIGHT, SUPERVISION, PROCESSING, FIELD, MEDICAL)] == [
        True, True, True, True, False, False,
    ]  # fmt: skip
    assert set(rows("releases", *MADE, through=agency_lens(LEAD))) == {"s1"}
    assert rows("releases", *MADE, through=agency_lens(ALLY)) == {}


def test_a_finding_is_the_plans_and_not_the_rows() -> None:
    """The row says that a hold is due to end; how the arrest stands is said by its finding alone."""
    assert first(given(*STAFFED).when(CITED, OFFICER)).kind == "authorized"
    assert rows("releases", *STAFFED, by(OFFICER, CITED), by(OPS, c.RecordEntry("e1", "noted")))["s1"].due is None
