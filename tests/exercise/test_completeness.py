"""What imported records lack is counted as the plan says it, over the records of one source and no others."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pytest

from command.domain.commands_arrest import RecordArrest, ReviewGrounds
from command.domain.state import initial
from command.exercise import completeness as module
from command.exercise.cli import find_mapping, read_rows
from command.exercise.completeness import LackRow, as_lines, completeness
from command.exercise.held import not_from_the_table
from command.exercise.importer import Target, plan, run_import
from command.exercise.seattle import force_mapping
from tests.exercise.test_once import brought, table
from tests.exercise.world import a_world
from tests.support.desk import LOG, Desk
from tests.support.given import START, model_stack

SOURCE = "charlottesville-arrests"
LATER = datetime(2030, 1, 1, tzinfo=UTC)


async def test_arrests_are_counted_by_item_finding_and_duty() -> None:
    async with Desk() as desk:
        await desk.open()
        await brought(desk, table())
        await desk.one(RecordArrest("own-1", "someone", "sergeant"))  # of no source: not counted
        state, stack = await desk.state(), model_stack()
        found = completeness(state, stack, SOURCE, LATER)
    assert (found.arrests.records, found.charges, found.held, found.undecided) == (2, 4, 0, 2)
    assert (found.arrests.complete, found.force.records) == (0, 0)
    assert LackRow("facts", "the facts of each offence", "booking", 2) in found.arrests.lacking
    steps = [row.before for row in found.arrests.lacking]
    assert steps == sorted(steps, key=("transport", "booking", "closing").index), "the earliest step first"
    assert sum(found.arrests.findings.values()) == 2
    assert "the arresting officer was not checked in" in found.arrests.reasons
    assert "no offence is named yet" not in found.arrests.reasons, "the reasons are those of now"
    assert found.duties and all((one.open, one.done) == (2, 0) for one in found.duties)
    assert found.unstated == 2 and "whereabouts are not stated in the table" in "\n".join(as_lines(found))
    assert {one.rule for one in found.duties} == {"arrest-record"}, (
        "no clock of holding runs for whom nobody is said to hold"
    )
    early = completeness(state, stack, SOURCE, START - timedelta(days=9_000))
    assert [one.overdue for one in early.duties] == [0] * len(early.duties)


async def test_what_people_add_later_is_no_longer_lacking() -> None:
    async with Desk() as desk:
        await desk.staffed()
        await brought(desk, table())
        subject = (await desk.state()).arrests.all["cville-1"].subject
        review = ReviewGrounds("cville-1", subject, "review-1", "supported", "what is written holds")
        answer = await desk.one(review)
        assert answer.status == "accepted", answer
        found = completeness(await desk.state(), model_stack(), SOURCE, LATER)
    lacks = {row.item: row.records for row in found.arrests.lacking}
    assert (lacks["grounds review"], lacks["facts"]) == (1, 2)
    assert {one.rule: (one.open, one.done) for one in found.duties} == {"arrest-record": (2, 0)}


async def test_force_reports_are_counted_by_what_they_do_not_say() -> None:
    rows = (
        b"ID,Incident_Type,Occured_date_time,Beat,Officer_ID,Subject_ID,Subject_Race,Subject_Gender\n"
        b"T-1,Level 1 - Use of Force,05/01/2016 06:15:00 PM,M2,11,21,White,Male\n"
    )
    mapping = force_mapping()
    async with a_world() as world:
        await world.open(datetime(2016, 5, 1).date())
        target = Target(world.log)
        await run_import(plan(read_rows(io.BytesIO(rows), mapping), mapping, target), mapping, world.send)
        state = await world.state()
        found = completeness(state, world.service.stack_of(state), mapping.system, LATER)
    assert (found.force.records, found.arrests.records) == (1, 0)
    assert found.force.findings == {"no authorization on record": 1}
    told = "\n".join(as_lines(found))
    assert "1 force reports of this source" in told and "of 1 force reports 1 lack" in told


def test_a_source_that_brought_nothing_says_so() -> None:
    found = completeness(initial(LOG), model_stack(), SOURCE, LATER)
    assert as_lines(found) == ["no arrest and no force report of this source is in the incident"]


async def test_reasons_that_name_people_are_cut_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REASONS_SHOWN", 1)
    async with Desk() as desk:
        await desk.open()
        await brought(desk, table())
        found = completeness(await desk.state(), model_stack(), SOURCE, LATER)
    assert len(found.arrests.reasons) == 1 and found.arrests.other_reasons > 0
    assert any(line.endswith("other reasons, each less often") for line in as_lines(found))


def test_what_a_mapping_makes_up_for_the_table_is_said() -> None:
    told = not_from_the_table(find_mapping("charlottesville"))
    assert list(told) == ["RecordArrest", "DescribePerson", "RecordOffence"]
    arrest = told["RecordArrest"]
    assert arrest.constant == {"officer": "not-stated"} and arrest.default == {"basis": "own conduct", "category": "O"}
    assert {"conduct", "warned", "injured"} <= set(arrest.empty) and "exits" in arrest.empty
