"""Every row accounted for, nothing twice, nothing dropped."""

from __future__ import annotations

import io
import os
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from command.domain.arrest import ANOTHERS_PERSON
from command.domain.commands import RecordObservation, ReportForce
from command.domain.envelope import Origin
from command.domain.ids import Place
from command.domain.submission import Answer, Submission
from command.errors import Busy, Unavailable
from command.exercise import importer, seattle
from command.exercise.importer import NotTaken, Taken, Target, plan, run_import
from command.exercise.mapping import Mapping, load_mapping
from command.exercise.readers import BadRow, Row, read_csv
from command.exercise.report import FLAG_ASTRAY, ImportReport
from command.policy.decision import Decision, Finding
from tests.exercise.fake_log import FakeLog, decoded

DATA = Path(__file__).parent / "data"

FIVE_DAYS = [
    (date(2014, 5, 1), 87),
    (date(2015, 5, 1), 55),
    (date(2016, 5, 1), 38),
    (date(2016, 11, 6), 1),  # the night the clocks go back, with a row in the doubled hour
    (date(2020, 9, 7), 63),
]


def made_up() -> Mapping:
    return load_mapping((DATA / "arrests_made_up.toml").read_text(), "arrests_made_up.toml")


def planned(raw: bytes, mapping: Mapping, incident: str = "i", day: date | None = None) -> list[Taken | NotTaken]:
    return list(plan(read_csv(io.BytesIO(raw), mapping.columns), mapping, Target(incident), day))


def small() -> Mapping:
    return load_mapping(
        'system = "s"\ncommand = "RecordEntry"\nrecord = "id"\n[time]\ncolumn = "at"\nformats = ["iso"]\n'
        'zone = "UTC"\n[fields.entry]\ncolumn = "id"\nkind = "id"\n[fields.text]\ncolumn = "text"\n',
        "small.toml",
    )


def small_rows(count: int) -> bytes:
    return b"id,at,text\n" + b"".join(b"r%d,2020-01-01T00:00:00,t\n" % n for n in range(count))


# Real days ------------------------------------------------------------------------------


@pytest.mark.parametrize(("day", "rows"), FIVE_DAYS, ids=[day.isoformat() for day, _ in FIVE_DAYS])
async def test_a_real_day_is_taken_whole_and_a_second_run_adds_nothing(day: date, rows: int) -> None:
    log, mapping = FakeLog(), seattle.force_mapping()
    for expected in ("taken", "already there"):
        with seattle.open_force() as source:
            outcomes = plan(read_csv(source, mapping.columns), mapping, Target("incident-1"), day)
            report = await run_import(outcomes, mapping, log.send, incident="incident-1")
        assert report.complete
        assert report.read == 14_466 == sum(report.counts.values())
        assert report.counts[expected] == rows
        assert report.counts["other day"] == 14_466 - rows
        assert len(log.kept) == rows


async def test_the_whole_packaged_file_is_taken() -> None:
    log, mapping = FakeLog(), seattle.force_mapping()
    with seattle.open_force() as source:
        report = await run_import(plan(read_csv(source, mapping.columns), mapping, Target("i")), mapping, log.send)
    assert report.counts["taken"] == report.read == len(log.kept) == 14_466
    assert report.flags == {"time of day unknown (00:00)": 96, "time happened twice (clocks went back)": 1}
    assert max(log.batches) == importer.BATCH


def test_a_real_row_carries_what_the_source_says_and_nothing_else() -> None:
    rows = {row.origin.record: row for row in seattle.day_rows(date(2016, 5, 1), "incident-1")}
    row = rows["2016UOF-0862-1805-3601"]  # a row whose beat is XX
    cmd = decoded(row.submission)
    assert isinstance(cmd, ReportForce)
    assert cmd == ReportForce(
        report="2016UOF-0862-1805-3601",
        subject=cmd.subject,
        officer="SPD-639",
        officer_agency="spd",
        classification="Level 2 - Use of Force",
        subject_gender_perceived="Male",
        subject_number="3576",
    )
    assert row.origin == Origin("import", "seattle-spd-use-of-force", "2016UOF-0862-1805-3601", row.line)
    assert str(row.submission.occurred_at) == "2016-05-02 03:20:00+00:00"
    assert (row.submission.issued_at, row.submission.basis_seq) == (None, None)


def test_no_real_row_of_any_day_has_a_tool_a_grant_an_account_or_a_place() -> None:
    mapping = seattle.force_mapping()
    with seattle.open_force() as source:
        for outcome in plan(read_csv(source, mapping.columns), mapping, Target("i")):
            assert isinstance(outcome, Taken)
            cmd = decoded(outcome.submission)
            assert isinstance(cmd, ReportForce)
            assert (cmd.tool, cmd.grant, cmd.exigent, cmd.account, cmd.place) == (None, None, False, None, None)
            assert cmd.sector is None or cmd.sector in seattle.beat_codes()


# Ids ------------------------------------------------------------------------------------


def test_a_person_is_the_same_within_an_incident_and_another_in_the_next() -> None:
    def subjects(incident: str, secret: bytes = b"") -> dict[str, str]:
        commands = [decoded(row.submission) for row in seattle.day_rows(date(2016, 5, 1), incident, secret)]
        return {cmd.subject_number or "": cmd.subject for cmd in commands if isinstance(cmd, ReportForce)}

    one, two, kept = subjects("i1"), subjects("i2"), subjects("i1", b"secret")
    assert len(set(one.values())) == len(one)
    assert not set(one.values()) & set(two.values())
    assert not set(one.values()) & set(kept.values()), "with a secret nobody can try all numbers"
    assert kept == subjects("i1", b"secret")


def test_command_ids_differ_by_incident_source_and_record_and_by_where_these_are_cut() -> None:
    ids = [
        importer.command_id(*parts)
        for parts in [("i", "s", "r"), ("j", "s", "r"), ("i", "t", "r"), ("i", "s", "q"), ("is", "", "r")]
    ]
    assert len(set(ids)) == len(ids)


# Dirt -----------------------------------------------------------------------------------


async def test_a_dirty_table_is_accounted_for_line_by_line() -> None:
    """Made-up rows with real dirt: a quoted newline, a doubled and a missing hour, blanks, repeats, a short row."""
    raw = (DATA / "arrests_made_up.csv").read_bytes()
    log, mapping = FakeLog(), made_up()
    report = await run_import(planned(raw, mapping), mapping, log.send)
    assert report.read == sum(report.counts.values()) == 13
    assert {name: count for name, count in report.counts.items() if count} == {
        "taken": 6,
        "conflict": 1,
        "unreadable": 4,
        "repeated": 1,
        "blank": 1,
    }
    said = {(note.line, note.outcome): note.why for note in report.notes}
    assert said[(6, "taken")] == "time happened twice (clocks went back)"
    assert said[(7, "taken")] == "time never happened (clocks went forward)"
    assert said[(8, "unreadable")] == "column 'arrested_local': expected a time as 'iso', came '12/08/2017 noon'"
    assert said[(9, "unreadable")] == "expected 8 columns, came 7"
    assert said[(10, "repeated")] == "record '1' stood on line 2 already"
    assert said[(11, "conflict")] == "record '2' stood on line 3 with other values"
    assert said[(12, "unreadable")] == "column 'charge_row': expected the record's id, came nothing"
    assert said[(13, "blank")] == "an empty line"
    assert said[(15, "unreadable")].startswith("column 'arrested_local': expected a time within the calendar")
    assert not report.complete


async def test_server_answers_each_have_their_column_and_reason() -> None:
    mapping, log = small(), FakeLog()
    outcomes = planned(small_rows(6), mapping)
    ids = [outcome.submission.cmd for outcome in outcomes if isinstance(outcome, Taken)]
    decision = Decision("refused", reasons=("no",), missing=("this",))
    log.answers = {
        ids[0]: Answer(ids[0], "refused", decision=decision),
        ids[1]: Answer(ids[1], "denied"),
        ids[2]: Answer(ids[2], "unreadable", problem="expected text", where="$.text"),
        ids[3]: Answer(ids[3], "conflict"),
        ids[4]: Answer(ids[4], "a status of later"),
    }
    report = await run_import(outcomes, mapping, log.send)
    assert {name: count for name, count in report.counts.items() if count} == {
        "taken": 1, "refused": 2, "denied": 1, "unreadable": 1, "conflict": 1,
    }  # fmt: skip
    assert [note.why for note in report.notes] == [
        "no; missing: this",
        "the server answered 'denied'",
        "expected text at $.text",
        "the server answered 'conflict'",
        "the server answered 'a status of later'",
    ]


async def test_a_dry_run_sends_nothing() -> None:
    mapping = small()
    report = await run_import(planned(small_rows(3), mapping), mapping, None)
    assert report.dry_run
    assert report.counts["taken"] == 3


async def test_batches_are_of_at_most_a_hundred_and_progress_is_told() -> None:
    log, mapping, told = FakeLog(), small(), list[int]()
    await run_import(planned(small_rows(250), mapping), mapping, log.send, on_batch=told.append)
    assert log.batches == [100, 100, 50]
    assert told == [100, 200]


async def test_rows_of_the_2020pb_form_become_observations_known_to_the_day() -> None:
    """Made-up rows in the form of that table: an allegation is an observation, never a force report."""
    from command.exercise.cli import find_mapping

    mapping, log = find_mapping("2020pb"), FakeLog()
    raw = (
        b"id,state,city,date,date_text,lat,lon,title,description,tags,n_links\n"
        b'or-x-1,Oregon,X,2020-06-01,2020-06-01,45.5,-122.6,"A title","One line\n\nanother, with a comma",shove,2\n'
        b"or-x-2,Oregon,X,2020-06-01,2020-06-01,,,Without a place,Text,,0\n"
        b"ma-x-3,Massachusetts,X,,Unknown Date,42.3,-71.0,Without a date,Text,,1\n"
        b"tbd-1,Unknown Location,,2020-05-31,2020-05-31,,,Without a state,Text,,1\n"
    )
    report = await run_import(planned(raw, mapping), mapping, log.send)
    assert (report.counts["taken"], report.counts["unreadable"], report.flags) == (2, 2, {"day only": 2})
    first, second = [submission for _, submission, _ in log.kept.values()]
    assert (str(first.occurred_at), first.clock_error_ms) == ("2020-06-01 07:00:00+00:00", 86_400_000)
    cmd = decoded(first)
    assert isinstance(cmd, RecordObservation)
    assert cmd.what == "A title\n\nOne line\n\nanother, with a comma\n\nX, Oregon"
    assert cmd.place == Place(45.5, -122.6)
    assert decoded(second).place is None  # type: ignore[union-attr]  # an observation too
    assert {note.line for note in report.notes if not note.flag} == {6, 7}


# When the server cannot -------------------------------------------------------------------


async def test_a_busy_server_is_waited_for_as_long_as_it_asks() -> None:
    log, mapping, slept, times = FakeLog(), small(), list[float](), [0]

    async def send(pairs: list[tuple[Submission, Origin]]) -> list[Answer]:
        times[0] += 1
        if times[0] < 3:
            raise Busy("too many", retry_after_s=2.5)
        return await log.send(pairs)

    async def sleep(wait_s: float) -> None:
        slept.append(wait_s)

    report = await run_import(planned(small_rows(1), mapping), mapping, send, sleep=sleep)
    assert report.complete
    assert slept == [2.5, 2.5]


async def test_a_database_that_is_away_for_seconds_does_not_end_an_import() -> None:
    log, mapping, slept, times = FakeLog(), small(), list[float](), [0]

    async def send(pairs: list[tuple[Submission, Origin]]) -> list[Answer]:
        times[0] += 1
        if times[0] in (2, 3):
            await log.send(pairs)  # the answer was lost, the batch was not
            raise Unavailable("the database is away")
        return await log.send(pairs)

    async def sleep(wait_s: float) -> None:
        slept.append(wait_s)

    report = await run_import(planned(small_rows(150), mapping), mapping, send, sleep=sleep)
    assert report.complete and len(log.kept) == 150
    assert report.counts["taken"] + report.counts["already there"] == 150
    assert slept == [0.5, 1.0]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (Busy("too many"), "too many"),
        (Unavailable("the database is away", where="append"), "the database is away (append)"),
        (OSError(5, "Input/output error"), "input/output error"),
    ],
    ids=["busy for ever", "unavailable", "file fails"],
)
async def test_a_stop_is_told_and_every_row_read_so_far_has_its_column(error: Exception, said: str) -> None:
    log, mapping = FakeLog(), small()

    async def send(pairs: list[tuple[Submission, Origin]]) -> list[Answer]:
        if log.batches:
            raise error
        return await log.send(pairs)

    async def sleep(_: float) -> None: ...

    report = await run_import(planned(small_rows(350), mapping), mapping, send, sleep=sleep)
    assert report.stopped == said
    assert report.read == sum(report.counts.values()) == 200
    assert (report.counts["taken"], report.counts["not sent"]) == (100, 100)
    again = await run_import(planned(small_rows(350), mapping), mapping, log.send)
    assert (again.counts["already there"], again.counts["taken"]) == (100, 250)


async def test_answers_that_do_not_match_the_commands_stop_the_import() -> None:
    mapping = small()

    async def send(pairs: list[tuple[Submission, Origin]]) -> list[Answer]:
        return [Answer("another", "accepted") for _ in pairs]

    report = await run_import(planned(small_rows(2), mapping), mapping, send)
    assert report.counts["not sent"] == 2
    assert report.stopped.startswith("expected 2 answers, one for each command in order")


async def test_a_header_that_is_not_there_stops_before_the_first_row() -> None:
    mapping = small()
    outcomes = plan(read_csv(io.BytesIO(b"x\n1\n"), mapping.columns), mapping, Target("i"))
    report = await run_import(outcomes, mapping, FakeLog().send)
    assert (report.read, report.stopped) == (
        0,
        "header: expected column 'id', 'at', 'text', came 'x'; is there a title above the header line? say skip = 1 in the mapping (line 1)",
    )


# Properties -----------------------------------------------------------------------------

cell = st.sampled_from(["r1", "r2", "", "2020-01-01T00:00:00", "2020-13-01", "x", '"', "ü", "a\nb", "K1"])
row = st.one_of(
    st.builds(Row, st.just(0), st.fixed_dictionaries({"id": cell, "at": cell, "text": cell})),
    st.builds(BadRow, st.just(0), st.text(max_size=5), st.booleans()),
)


@given(st.lists(row, max_size=30))
async def test_rows_read_are_rows_taken_and_not_taken(rows: list[Any]) -> None:
    mapping, log = small(), FakeLog()
    numbered = [msgspec.structs.replace(member, line=number) for number, member in enumerate(rows, 2)]
    outcomes = list(plan(numbered, mapping, Target("i")))
    assert [outcome.line for outcome in outcomes] == [member.line for member in numbered]
    report: ImportReport = await run_import(outcomes, mapping, log.send)
    assert report.read == len(rows) == sum(report.counts.values())
    assert report.counts["taken"] == len(log.kept)
    spans = [line for found in report.lines.values() for a, b in found for line in range(a, b + 1)]
    assert sorted(spans) == [member.line for member in numbered]
    second = await run_import(plan(numbered, mapping, Target("i")), mapping, log.send)
    assert (second.counts["taken"], second.counts["already there"]) == (0, report.counts["taken"])


@given(st.binary(max_size=300))
async def test_any_file_at_all_is_accounted_for(raw: bytes) -> None:
    mapping = small()
    outcomes = plan(read_csv(io.BytesIO(b"id,at,text\n" + raw), mapping.columns), mapping, Target("i"))
    report = await run_import(outcomes, mapping, FakeLog().send)
    assert report.read == sum(report.counts.values())
    assert not report.stopped


# Other cities, where their tables are at hand ----------------------------------------------

ELSEWHERE = os.environ.get("MUSTER_RECORDS")


@pytest.mark.skipif(ELSEWHERE is None, reason="MUSTER_RECORDS names no folder of further tables")
async def test_the_2020pb_table_is_accounted_for() -> None:
    from command.exercise.cli import find_mapping

    mapping = find_mapping("2020pb")
    raw = (Path(ELSEWHERE or "") / "pb2020_force_incidents" / "incidents_dev.csv").read_bytes()
    report = await run_import(planned(raw, mapping), mapping, FakeLog().send)
    assert report.read == sum(report.counts.values()) == 1_104
    assert report.counts["taken"] == 1_101


@pytest.mark.skipif(ELSEWHERE is None, reason="MUSTER_RECORDS names no folder of further tables")
async def test_charlottesville_arrests_are_accounted_for() -> None:
    raw = (Path(ELSEWHERE or "") / "charlottesville_arrests" / "cville_arrests_dev.csv").read_bytes()
    text = (DATA / "arrests_made_up.toml").read_text().replace("arrested_local", "arrest_datetime_local")
    mapping = load_mapping(text, "charlottesville")
    report = await run_import(planned(raw, mapping), mapping, FakeLog().send)
    assert report.read == sum(report.counts.values()) == report.counts["taken"] == 17_345


async def test_a_row_that_is_on_nobodys_record_is_told_at_each_run() -> None:
    """Its number was another record's before: the log keeps it, and the account does not call it done."""
    found = Finding("cannot tell", (), (ANOTHERS_PERSON,))

    async def send(pairs: list[tuple[Submission, Origin]]) -> list[Answer]:
        told = [Answer(sub.cmd, "accepted", finding=found if n else None) for n, (sub, _) in enumerate(pairs)]
        return told if first else [Answer(one.cmd, "duplicate", first=one) for one in told]

    for first in (True, False):
        taken = [Taken(line, Submission(f"c{line}", msgspec.Raw(b"{}")), Origin("import", "s")) for line in (2, 3)]
        report = await run_import(taken, seattle.force_mapping(), send)
        assert report.flags == {FLAG_ASTRAY: 1} and not report.complete
        assert [(note.line, note.why) for note in report.notes] == [(3, FLAG_ASTRAY)]
