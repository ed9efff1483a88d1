"""Several rows of one thing: each charge a row, the arrest and the person said once; all of it twice without a double."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from command.domain.commands_arrest import RecordArrest
from command.domain.commands_custody import HandOver
from command.domain.envelope import Origin
from command.domain.facts_arrest import record_of
from command.domain.submission import Answer, Submission
from command.errors import Unavailable, Unreadable
from command.exercise.cli import find_mapping, read_rows
from command.exercise.importer import BATCH, FLAG_DIFFERS, NotTaken, Taken, Target, plan, run_import
from command.exercise.mapping import load_mapping
from command.exercise.report import ImportReport
from command.policy.arrest_record import lacking
from command.views.board import board, changes
from command.views.lens import PROCESSING
from command.views.processing import processing
from command.views.scene import Scene
from tests.support.desk import LOG, Desk, author
from tests.support.given import LEAD, model_stack

HEADS = (
    "charge_row", "arrest_group", "person_id", "arrest_datetime_utc_as_published", "arrest_datetime_local", "statute",
    "statute_description", "street", "race", "sex",
)  # fmt: skip
# Made up, with the dirt of the real table: several charges an arrest, odd codes, misspelt and missing streets, broken rows.
ROWS = (
    ("1", "1", "7", "2017-08-12T15:51:00.000Z", "2017-08-12T11:51:00-0400", "18.2-407", "Unlawful assembly", "W MARKT ST", "White", "Male"),
    ("2", "1", "7", "2017-08-12T15:51:00.000Z", "2017-08-12T11:51:00-0400", "18.2-57(A)", "Assault, simple", "W MARKT ST", "White", "Male"),
    ("3", "2", "8", "2017-08-12T16:00:00.000Z", "2017-08-12T12:00:00-0400", "", "", "", "nwt", "doc"),
    ("4", "2", "8", "2017-08-12T16:00:00.000Z", "2017-08-12T12:00:00-0400", "18.2-250", "Drugs: Possess", "E HGH ST", "nwt", "doc"),
    ("5", "3", "7", "2017-08-12T17:00:00.000Z", "noon or so", "18.2-119", "Trespass", "E HGH ST", "White", "Male"),
    ("6", "", "9", "2017-08-12T17:00:00.000Z", "2017-08-12T13:00:00-0400", "18.2-119", "Trespass", "", "", ""),
)  # fmt: skip


def table(rows: tuple[tuple[str, ...], ...] = ROWS) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows((HEADS, *rows))
    return out.getvalue().encode()


async def brought(desk: Desk, raw: bytes) -> ImportReport:
    """Import the table into the desk's incident."""
    mapping = find_mapping("charlottesville")

    async def send(pairs: list[tuple[Submission, Origin]]) -> list[Answer]:
        assert len(pairs) <= BATCH
        each = [(author("records-import", LEAD, origin=origin), submission) for submission, origin in pairs]
        return await desk.service.submit_each(LOG, each)

    rows = read_rows(io.BytesIO(raw), mapping)
    return await run_import(plan(rows, mapping, Target(LOG, b"secret")), mapping, send, incident=LOG)


async def test_each_row_is_a_charge_on_a_record_of_its_own_arrest_or_in_the_report() -> None:
    async with Desk() as desk:
        await desk.open()
        report = await brought(desk, table())
        assert report.read == 6 and report.counts["taken"] == 4 and report.counts["unreadable"] == 2
        assert {note.line for note in report.notes if note.outcome == "unreadable"} == {6, 7}
        state = await desk.state()
        assert sorted(state.arrests.all) == ["cville-1", "cville-2"]
        one = state.arrests.all["cville-1"]
        assert [(charge.charge, charge.statute) for charge in one.charges] == [
            ("18.2-407", "18.2-407 Unlawful assembly"),
            ("18.2-57-A", "18.2-57(A) Assault, simple"),
        ]
        assert one.origin is not None and one.origin.kind == "import" and one.finding is not None
        assert one.at.isoformat() == "2017-08-12T15:51:00+00:00"
        assert state.arrests.all["cville-2"].charges[0].charge == "not-stated"
        assert one.subject != state.arrests.all["cville-2"].subject, "one person of one arrest; nobody is followed"


async def test_a_second_run_adds_nothing() -> None:
    async with Desk() as desk:
        await desk.open()
        await brought(desk, table())
        before = await desk.state()
        again = await brought(desk, table())
        assert again.counts["already there"] == 4 and again.counts["taken"] == 0
        assert (await desk.state()).seq == before.seq


async def test_the_records_say_what_they_still_need_under_the_plan() -> None:
    async with Desk() as desk:
        await desk.open()
        await brought(desk, table())
        state = await desk.state()
        items = {need.item for need in lacking(model_stack(), record_of(state, state.arrests.all["cville-1"]))}
        assert {"officer signature", "facts", "evidence", "observer", "disposition"} <= items


def test_what_rows_share_is_sent_before_the_first_of_them_and_once() -> None:
    mapping = find_mapping("charlottesville")
    planned = list(plan(read_rows(io.BytesIO(table()), mapping), mapping, Target(LOG)))
    sent = [
        [msgspec.json.decode(submission.command)["type"] for submission, _ in one.before]
        for one in planned
        if isinstance(one, Taken)
    ]
    assert sent == [["RecordArrest", "DescribePerson"], [], ["RecordArrest", "DescribePerson"], []]
    odd = planned[-1]
    assert isinstance(odd, NotTaken) and "'arrest_group'" in odd.why


def test_a_mapping_says_where_a_shared_command_is_wrong() -> None:
    text = (
        'system = "x"\ncommand = "RecordEntry"\nrecord = "a"\n[time]\ncolumn = "t"\nformats = ["iso"]\nzone = "UTC"\n'
    )
    text += '[fields.entry]\ncolumn = "a"\n[fields.text]\ncolumn = "b"\n[once.arrest]\nby = "g"\ncommand = "AskForce"\n'
    with pytest.raises(Unreadable, match="expected a report") as wrong:
        load_mapping(text + '[once.arrest.fields.ask]\ncolumn = "g"\n', "m.toml")
    assert wrong.value.where == "m.toml: once.arrest: command"


async def test_a_server_that_goes_away_between_rows_of_several_commands_leaves_an_account_that_adds_up() -> None:
    """A row of three commands may not fit into the batch at hand; it has been read all the same."""
    rows = tuple((str(n), str(n), *ROWS[0][2:]) for n in range(1, 81))
    mapping, calls = find_mapping("charlottesville"), list[int]()

    async def send(pairs: list[tuple[Submission, Origin]]) -> list[Answer]:
        calls.append(len(pairs))
        if len(calls) >= 2:
            raise Unavailable("the database is away")
        return [Answer(submission.cmd, "accepted") for submission, _ in pairs]

    planned = plan(read_rows(io.BytesIO(table(rows)), mapping), mapping, Target(LOG))

    async def sleep(_: float) -> None: ...

    report = await run_import(planned, mapping, send, sleep=sleep)
    assert set(calls) == {99} and report.stopped == "the database is away"
    assert report.counts["taken"] == 33 and report.read == sum(report.counts.values()) == 67
    assert {one.command: one.outcomes for one in report.commands} == {
        name: {"taken": 33} for name in ("RecordArrest", "DescribePerson", "RecordOffence")
    }


async def test_a_row_that_contradicts_what_its_arrest_said_is_taken_and_told() -> None:
    rows = (ROWS[0], (*ROWS[1][:7], "E HGH ST", "White", "Male"))
    mapping = find_mapping("charlottesville")
    first, second = plan(read_rows(io.BytesIO(table(rows)), mapping), mapping, Target(LOG))
    assert isinstance(first, Taken) and isinstance(second, Taken)
    assert (first.flags, second.flags) == ((), (f"{FLAG_DIFFERS} (RecordArrest)",))


def test_a_record_of_a_time_that_has_not_come_is_not_taken() -> None:
    mapping = find_mapping("charlottesville")
    raw = io.BytesIO(table(ROWS[:1]))
    (one,) = plan(read_rows(raw, mapping), mapping, Target(LOG, now=datetime(2017, 8, 1, tzinfo=UTC)))
    assert isinstance(one, NotTaken) and "expected a time that has passed" in one.why


async def test_an_imported_arrest_says_that_somebody_was_arrested_and_not_that_they_are_held() -> None:
    """Twelve thousand people of a table of ten years are not in custody since, and are not said to be free."""
    async with Desk() as desk:
        await desk.staffed()
        await brought(desk, table())
        state = await desk.state()
        assert not state.custody.held and {duty.rule for duty in state.duties.all.values()} == {"arrest-record"}
        scene = Scene(state, model_stack(), PROCESSING, {}, desk.now)
        seen = processing(scene)
        assert (seen.in_custody, seen.released, seen.unstated, seen.records) == (0, 0, 2, 2)
        assert all(one.open == 2 for one in seen.owed), "their records are still to be completed, and counted here"
        rows: Any = board(state, model_stack(), PROCESSING, {}, desk.now)
        assert not rows["custody"] and not rows["duties"] and not rows["releases"]
        assert [one.unstated for one in rows["arrests"].values()] == [True, True]


async def test_who_turns_out_to_be_held_has_every_clock_of_holding_from_the_arrest_on() -> None:
    """A hand-over says it; a corrected card does not. The rest of the table stays where it was."""
    async with Desk() as desk:
        await desk.staffed()
        await brought(desk, table())
        card = (await desk.state()).arrests.all["cville-1"]
        other = (await desk.state()).arrests.all["cville-2"]
        await desk.one(RecordArrest("cville-2", other.subject, "sergeant"))
        assert not (await desk.state()).custody.held, "who made an arrest in 2017 has nobody for it today"
        answer = await desk.one(HandOver(card.subject, "t-1", "jail-1", "jail", arrest="cville-1"))
        assert answer.status == "accepted", answer
        state = await desk.state()
        held = {duty.rule: duty for duty in state.duties.all.values() if duty.started_by == "cville-1"}
        assert {"judge-in-48-hours", "grounds-review", "record-before-anything"} <= set(held)
        assert held["judge-in-48-hours"].due == card.at + timedelta(hours=48)
        rows: Any = board(state, model_stack(), PROCESSING, {}, desk.now)
        assert set(rows["custody"]) == {card.subject} and {one.started_by for one in rows["duties"].values()} == {
            "cville-1"
        }
        seen = processing(Scene(state, model_stack(), PROCESSING, {}, desk.now))
        assert (seen.in_custody, seen.unstated) == (1, 1) and seen.overdue == 1
        changed = changes(desk.applied[-1].before, state, model_stack(), PROCESSING, {}, desk.now)
        assert {key for section, key, _ in changed if section == "duties"} == set(rows["duties"]) != set()
