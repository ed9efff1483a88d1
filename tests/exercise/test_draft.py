"""A drafted mapping: what a header suggests, tried on the rows, with its questions open and nobody's data in it."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import msgspec
import pytest

from command.errors import Unreadable
from command.exercise.cli import EXIT_OK, EXIT_UNREADABLE, NEW, ImportArgs, import_command
from command.exercise.draft import Draft, draft
from command.exercise.draft_text import QUESTION
from command.exercise.importer import Taken, Target, plan
from command.exercise.mapping import Mapping, load_mapping
from command.exercise.readers import read_csv

# Headers as these cities publish them; the rows are made up.
LOS_ANGELES = (
    "Report ID,Arrest Date,Time,Area Name,Age,Sex Code,Descent Code,Charge,Charge Description,Address,LAT,LON\n"
    "1,05/03/2019 12:00:00 AM,1700,Pacific,29,M,B,243(E)(1),BATTERY,1 EXAMPLE HY,33.9,-118.4\n"
    "2,04/29/2019 12:00:00 AM,5,Southeast,32,F,H,23152(A)VC,DRUNK DRIVING,2 EXAMPLE ST,33.9,-118.2\n"
)
NEW_YORK = (
    "ARREST_KEY,ARREST_DATE,PD_DESC,LAW_CODE,AGE_GROUP,PERP_SEX,PERP_RACE,Latitude,Longitude\n"
    "11,11/22/2021,TRESPASS,PL 1401000,45-64,M,BLACK,40.7,-73.9\n12,12/04/2021,,PL 2225001,25-44,M,WHITE,40.8,-73.8\n"
)
CHICAGO = (
    "CB_NO,CASE NUMBER,ARREST DATE,RACE,CHARGE 1 STATUTE,CHARGE 1 DESCRIPTION,CHARGE 2 STATUTE,CHARGE 2 DESCRIPTION\n"
    "21,H1,01/13/2014 12:05:00 AM,BLACK,720 ILCS 5.0/12-3.2,BATTERY,,\n"
    "22,H1,01/14/2014 01:15:00 AM,WHITE,720 ILCS 5.0/21-1,DAMAGE,720 ILCS 5.0/16-25,THEFT\n"
)
WASHINGTON = (
    "TYPE,DATE_,HOUR,CCN,ARREST_NUMBER,AGE,RACE,ETHNICITY,SEX,CATEGORY,DESCRIPTION,ARREST_LATITUDE,ARREST_LONGITUDE\n"
) + "".join(
    f"Adult,2013/11/{day} 0{4 + day % 2}:00:00+00,6,c{day},a{day},37,WHITE,,MALE,Assault,Simple,,\n"
    for day in range(10, 25)
)
NO_ROW_IDS = "Booking Number;Charge;Booked;Officer\n" + "".join(
    f"{n // 2};{n % 2} PL;13.01.2020 10:{n:02};77\n" for n in range(10)
)


def drafted(table: str | bytes, name: str = "table.csv") -> Draft:
    return draft(io.BytesIO(table if isinstance(table, bytes) else table.encode()), name)


def answered(made: Draft, zone: str = "America/New_York") -> Mapping:
    """The draft with its question answered."""
    return load_mapping(made.text.replace(QUESTION, f'zone = "{zone}"'), "draft")


def sent(table: str, mapping: Mapping) -> list[list[str]]:
    """For each row the commands that it would send."""
    rows = read_csv(io.BytesIO(table.encode()), mapping.columns, separator=mapping.separator, skip=mapping.skip)
    found = list(plan(rows, mapping, Target("i")))
    assert all(isinstance(one, Taken) for one in found), found
    return [[name for name, _ in one.said] for one in found if isinstance(one, Taken)]


WHOLE = ["RecordArrest", "DescribePerson", "RecordOffence"]


@pytest.mark.parametrize(
    ("table", "record", "time", "clock", "charge"),
    [
        (LOS_ANGELES, "Report ID", "Arrest Date", "Time", "Charge"),
        (NEW_YORK, "ARREST_KEY", "ARREST_DATE", None, "LAW_CODE"),
        (CHICAGO, "CB_NO", "ARREST DATE", None, "CHARGE 1 STATUTE"),
        (WASHINGTON, "ARREST_NUMBER", "DATE_", "HOUR", None),
    ],
    ids=["los angeles", "new york", "chicago", "washington"],
)
def test_tables_of_four_cities_are_drafted_and_every_row_would_be_sent(
    table: str, record: str, time: str, clock: str | None, charge: str | None
) -> None:
    made = drafted(table)
    mapping = answered(made)
    assert (mapping.record, mapping.time.column, mapping.time.clock) == (record, time, clock)
    assert mapping.fields["charge"].column == charge
    assert [row[:2] for row in sent(table, mapping)] == [WHOLE[:2]] * (table.count("\n") - 1)
    assert "and 0 not" in made.tried
    assert mapping.time.day_only is (table is NEW_YORK)


def test_further_charges_of_a_row_are_sent_where_there_are_any() -> None:
    assert sent(CHICAGO, answered(drafted(CHICAGO))) == [WHOLE, [*WHOLE[:2], "RecordOffence", "RecordOffence"]]


def test_rows_without_an_id_of_their_own_are_told_apart_by_arrest_and_charge() -> None:
    made = drafted(NO_ROW_IDS)
    mapping = answered(made)
    assert (mapping.record, mapping.separator) == (("Booking Number", "Charge"), ";")
    assert mapping.once["arrest"].fields["officer"].column == "Officer"
    assert [len(row) for row in sent(NO_ROW_IDS, mapping)] == [2, 1] * 5


def test_a_draft_is_not_taken_until_its_question_is_answered() -> None:
    with pytest.raises(Unreadable, match=r"expected an IANA time zone, came '\?'"):
        load_mapping(drafted(NEW_YORK).text, "draft")


def test_no_value_of_a_cell_is_written_down() -> None:
    made = drafted(
        "Arrest ID,Arrest Date,Name,Notes\n1,2020-01-01T10:00:00,Jane Roe,secret\n2,2020-01-02T11:00:00,A,b\n"
    )
    assert "Jane" not in made.text + made.tried and "secret" not in made.text
    assert "#   Notes: 2 of 2, 2 different" in made.text


def test_what_is_not_recognised_stays_a_question() -> None:
    made = drafted("x,y\n1,2\n1,2\n")
    assert "no column was recognised for the record's id and the time" in made.tried
    assert 'record   = "?"' in made.text and "no column reads as a time" in made.text


def test_day_and_month_that_read_both_ways_are_a_question() -> None:
    assert "month or day first" in drafted("Arrest ID,Arrest Date\n1,01/02/2020 10:00\n2,03/04/2020 11:00\n").text
    assert "month or day first" not in drafted("Arrest ID,Arrest Date\n1,01/02/2020 10:00\n2,03/14/2020 11:00\n").text


@pytest.mark.parametrize(
    ("cells", "form"),
    [
        (("42959.49", "42960.5"), "excel"),
        (("1502553060000", "1502553070000"), "epoch ms"),
        (("1502553060", "1502553070"), "epoch s"),
    ],
)
def test_numbers_that_are_times_are_recognised(cells: tuple[str, str], form: str) -> None:
    made = drafted(f"Arrest ID,Arrest Date\n1,{cells[0]}\n2,{cells[1]}\n")
    assert answered(made).time.formats == (form,)


@pytest.mark.parametrize(
    "raw",
    [
        LOS_ANGELES.encode("utf-16"),
        ("Arrests of a year,,,\n\n" + LOS_ANGELES).encode(),
        LOS_ANGELES.replace("EXAMPLE", "CAFÉ").encode("cp1252"),
        LOS_ANGELES.replace(",", "\t").encode(),
    ],
    ids=["utf-16", "a title", "windows", "tabs"],
)
def test_however_the_file_is_written_the_draft_says_so(raw: bytes) -> None:
    made = drafted(raw)
    mapping = answered(made)
    rows = read_csv(
        io.BytesIO(raw), mapping.columns, separator=mapping.separator, encoding=mapping.encoding, skip=mapping.skip
    )
    assert [isinstance(one, Taken) for one in plan(rows, mapping, Target("i"))] == [True, True]


def test_lines_of_json_are_drafted_too() -> None:
    made = drafted(
        '{"arrest_id":"1","arrest_date":"2020-01-01"}\n{"arrest_id":"2","arrest_date":"2020-01-02","sex":"M"}\n'
    )
    assert answered(made).format == "ndjson"


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "came an empty file"),
        (b"a,b\n", "expected rows below the header, came none"),
        (b"a,b\n1\n", "(the first: line 2: expected 2"),
    ],
)
def test_where_there_is_nothing_to_draft_from_it_says_so(raw: bytes, said: str) -> None:
    with pytest.raises(Unreadable) as caught:
        drafted(raw)
    assert said in caught.value.message


async def run(file: Path, mapping: str = NEW) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    code = await import_command(ImportArgs(file, mapping, dry_run=mapping != NEW), None, out=out, err=err)
    return code, out.getvalue(), err.getvalue()


async def test_the_command_drafts_and_the_answered_draft_imports(tmp_path: Path) -> None:
    file, mapping = tmp_path / "arrests 2019.csv", tmp_path / "m.toml"
    file.write_bytes(gzip.compress(LOS_ANGELES.encode()))  # compressed, whatever it is called
    code, out, err = await run(file)
    assert code == EXIT_OK and 'system   = "arrests-2019"' in out and "2 would be sent and 0 not" in err
    mapping.write_text(out.replace(QUESTION, 'zone = "America/Los_Angeles"'))
    code, out, _ = await run(file, str(mapping))
    assert code == EXIT_OK and "2  would be sent" in out


@pytest.mark.parametrize("mapping", [NEW, "charlottesville"])
async def test_what_is_no_table_is_named_by_both(tmp_path: Path, mapping: str) -> None:
    file = tmp_path / "book.csv"
    file.write_bytes(b"PK\x03\x04\x14xl/workbook.xml")
    code, out, err = await run(file, mapping)
    assert (code, out) == (EXIT_UNREADABLE, "") and "a workbook (.xlsx or .ods)" in err


TWELVE_HOURS = "Booking ID\tBooking Date/Time\tStatute\tCharge\n" + "".join(
    f"{n // 2}\t2023-03-11 0{1 + n % 9}:{n:02}:00 PM\tCR.3\tASSAULT\n" for n in range(20)
)


def test_rows_that_arrest_and_charge_do_not_tell_apart_are_told_apart_by_their_time_too() -> None:
    made = drafted(TWELVE_HOURS)
    mapping = answered(made)
    assert mapping.record == ("Booking ID", "Booking Date/Time") and "20 would be sent and 0 not" in made.tried
    assert mapping.fields["charge"].column == "Statute"


def test_a_line_of_totals_below_a_table_takes_no_column_its_meaning() -> None:
    table = "ID,Age at arrest,Date\n" + "".join(f"{n},30,6/{1 + n % 28}/2020\n" for n in range(60)) + "Total,60,\n,,\n"
    mapping = answered(drafted(table))
    assert mapping.record == "ID" and mapping.once["person"].fields["age"].column == "Age at arrest"


def test_a_time_that_cannot_be_read_is_named_and_never_taken_for_the_id() -> None:
    made = drafted("Arrest date,Charge\nWhitsun,A\nWhit Monday,A\n")
    assert 'column   = "Arrest date"' in made.text and 'formats  = ["?"]' in made.text
    assert 'record   = "?"' in made.text and "recognised for the record's id and the time" in made.tried


def test_a_header_over_two_lines_is_found_below_a_title() -> None:
    made = drafted('Arrests,,\n"Arrest\nID","Arrest\nDate","Charge"\n1,2020-01-01 10:00,A\n2,2020-01-01 11:00,B\n')
    mapping = answered(made)
    assert (mapping.record, mapping.time.column, mapping.skip) == ("Arrest ID", "Arrest Date", 1)


def test_several_charges_in_a_cell_are_pointed_out() -> None:
    made = drafted("Arrest ID,Arrest Date,Charges\n1,2020-01-01 10:00,14:54; 14:63\n2,2020-01-01 11:00,14:54\n")
    assert "# ? Charges: several charges in a cell, between ; as it seems." in made.text


def test_the_ids_of_two_tables_never_meet() -> None:
    one, other = (answered(drafted(TWELVE_HOURS, name)) for name in ("arrests 2019.csv", "bookings.csv"))
    rows = list(read_csv(io.BytesIO(TWELVE_HOURS.encode()), separator="\t"))
    sent = [
        {str(msgspec.json.decode(sub.command).get(name)) for taken in plan(rows, mapping, Target("i"))
         if isinstance(taken, Taken) for sub, _ in (*taken.before, (taken.submission, taken.origin)) for name in ("arrest", "offence")}
        - {"None"} for mapping in (one, other)
    ]  # fmt: skip
    assert len(sent[0]) == len(sent[1]) == 30 and not sent[0] & sent[1]
    assert "arrests-2019-3" in sent[0] and "bookings-3" in sent[1]


SEATTLE = (
    "Arrest ID,Arrest Reported Date Time,Arrest Occurred Date Time,NIBRS Offense Code,Officer ID,Latitude,Longitude\n"
) + "".join(
    f"{n},2020 Jun 0{n} 0{n}:15:00 PM,2020 Jun 0{n} 0{n}:05:00 PM,290,{n},{'REDACTED' if n % 2 else 47.6},{-122.3}\n"
    for n in range(1, 9)
)


def test_when_it_happened_comes_before_when_it_was_told() -> None:
    """Seattle's table has both, the report first."""
    mapping = answered(drafted(SEATTLE))
    assert (mapping.time.column, mapping.time.formats) == ("Arrest Occurred Date Time", ("%Y %b %d %I:%M:%S %p",))
    assert len(sent(SEATTLE, mapping)) == 8  # a place that was taken out of the table is one that nobody knows


@pytest.mark.parametrize(
    "cells",
    [
        [f"{43_980 + n / 7:.6f}" for n in range(20)],
        [str(1_590_875_000 + n * 777) for n in range(20)],
        [f"20200530 1{n // 10}{n % 10:02}" for n in range(20)],
    ],
    ids=["excel", "epoch", "no colon"],
)
def test_a_time_of_day_without_a_colon_is_one(cells: list[str]) -> None:
    """Else every arrest of the table would be known to the day alone."""
    table = "Arrest ID,Arrest Date\n" + "".join(f"{n},{cell}\n" for n, cell in enumerate(cells))
    assert not answered(drafted(table)).time.day_only


def test_an_id_that_is_missing_or_doubled_here_and_there_is_still_the_arrests_id() -> None:
    rows = [f"{240_000 + n},05/{1 + n % 28:02}/2020,PL {n % 3}" for n in range(60)]
    rows[7], rows[9] = rows[7].replace("240007", ""), rows[9].replace("240009", "240010")
    made = drafted("ARREST_KEY,ARREST_DATE,LAW_CODE\n" + "\n".join(rows) + "\n")
    assert answered(made).once["arrest"].by == "ARREST_KEY" and "59 would be sent and 1 not" in made.tried


STOPS = "raw_row_number,date,time,subject_race,violation,arrest_made\n" + "".join(
    f"{n},2020-05-30,1{n % 10}:05:00,white,SPEED,{('TRUE', 'FALSE', 'NA')[n % 3]}\n" for n in range(30)
)


def test_a_table_of_stops_asks_which_of_them_were_arrests() -> None:
    made = drafted(STOPS)
    assert "30 would be sent" in made.tried
    with pytest.raises(Unreadable, match=r"only.arrest_made.*expected what it holds|expected what it holds"):
        answered(made)
    mapping = load_mapping(
        made.text.replace(QUESTION, 'zone = "UTC"').replace('"arrest_made" = ["?"]', '"arrest_made" = ["TRUE"]'), "m"
    )
    found = list(plan(read_csv(io.BytesIO(STOPS.encode()), mapping.columns), mapping, Target("i")))
    assert [isinstance(one, Taken) for one in found] == [n % 3 == 0 for n in range(30)]


def test_midnight_as_2400_is_a_time_of_day() -> None:
    table = "Report ID,Arrest Date,Time,Charge\n" + "".join(
        f"{n},05/{n + 1:02}/2020,{'2400' if n % 2 else 100 + n},X\n" for n in range(12)
    )
    assert answered(drafted(table)).time.clock == "Time" and len(sent(table, answered(drafted(table)))) == 12
