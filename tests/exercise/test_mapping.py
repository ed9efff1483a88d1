"""The mapping file: what it says is done, what it cannot mean is refused with its place."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from command.domain.commands import COMMANDS, ReportForce
from command.errors import Unreadable
from command.exercise.cells import Unmapped
from command.exercise.mapping import Ids, Mapping, apply, left_out, load_mapping
from command.exercise.readers import Row

IDS = Ids(public=lambda text: f"public-{len(text)}", private=lambda text: "private-" + text.replace(" ", "-"))

HEAD = """
system = "somewhere"
command = "RecordEntry"
record = "id"
unknown = ["", "-"]
[time]
column = "when"
formats = ["%Y-%m-%d %H:%M", "iso"]
zone = "America/Los_Angeles"
"""

ENTRY = HEAD + '[fields.entry]\ncolumn = "id"\nkind = "id"\n'

FORCE = HEAD.replace("RecordEntry", "ReportForce") + (
    '[fields.report]\ncolumn = "id"\nkind = "id"\n[fields.subject]\ncolumn = "person"\nkind = "private id"\n'
    '[fields.officer]\ncolumn = "officer"\nkind = "id"\nprefix = "X-"\nwhen_unknown = "X-unknown"\n'
)

GOOD = {"id": "r1", "when": "2016-05-01 18:00", "person": "77", "officer": "12", "v": "x"}


def force(extra: str = "", **cells: str) -> ReportForce:
    mapping = load_mapping(FORCE + extra, "m.toml")
    got = apply(mapping, Row(2, {**GOOD, **cells}), IDS)
    return msgspec.json.decode(got.command, type=ReportForce)


def entry(extra: str, **cells: str) -> Any:
    got = apply(load_mapping(ENTRY + extra, "m.toml"), Row(2, {**GOOD, **cells}), IDS)
    return msgspec.json.decode(got.command, type=COMMANDS["RecordEntry"])


def why(extra: str, text: str = FORCE, **cells: str) -> str:
    mapping = load_mapping(text + extra, "m.toml")
    with pytest.raises(Unmapped) as caught:
        apply(mapping, Row(2, {**GOOD, **cells}), IDS)
    return str(caught.value)


# Loading --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message", "where"),
    [
        ("system = ", "expected TOML: Invalid value (at end of document)", "m.toml"),
        (HEAD.replace("somewhere", ""), "expected `str` of length >= 1 - at `$.system`", "m.toml"),
        (HEAD + "[fields]\n[other]\n", "object contains unknown field `other`", "m.toml"),
        (
            HEAD.replace("RecordEntry", "RaiseLevel") + "[fields]\n",
            "expected a report such as ReportForce, came 'RaiseLevel'",
            "m.toml: command",
        ),
        (
            HEAD.replace("RecordEntry", "Nonsense") + "[fields]\n",
            "expected a report such as ReportForce, came 'Nonsense'",
            "m.toml: command",
        ),
        (
            ENTRY + '[fields.txt]\ncolumn = "t"\n',
            "expected a field of RecordEntry, came 'txt'",
            "m.toml: fields.txt",
        ),
        (ENTRY, "expected a table for the field 'text' of RecordEntry", "m.toml: fields"),
        (
            FORCE + '[fields.grant]\ncolumn = "g"\n',
            "expected no grant: a table of records authorizes nothing",
            "m.toml: fields.grant",
        ),
        (
            ENTRY + '[fields.text]\ncolumn = "t"\nconstant = "c"\n',
            "expected one of constant, column, template, or lat and lon",
            "m.toml: fields.text",
        ),
        (
            FORCE + "[fields.tool]\n",
            "expected one of constant, column, template, or lat and lon",
            "m.toml: fields.tool",
        ),
        (FORCE + '[fields.place]\nlat = "a"\n', "expected both lat and lon, came one", "m.toml: fields.place"),
        (
            ENTRY + '[fields.text]\ntemplate = "{t!r}"\n',
            "expected a template such as '{title} ({city})': no format or conversion may be given",
            "m.toml: fields.text",
        ),
        (
            ENTRY + '[fields.text]\ntemplate = "{}"\n',
            "expected a template such as '{title} ({city})': each {} names a column",
            "m.toml: fields.text",
        ),
        (
            ENTRY.replace('formats = ["%Y-%m-%d %H:%M", "iso"]', "formats = []") + '[fields.text]\nconstant = "t"\n',
            "expected at least one format",
            "m.toml: time.formats",
        ),
        (
            ENTRY.replace('zone = "America/Los_Angeles"', "") + '[fields.text]\nconstant = "t"\n',
            "expected zone, or zone_column with a table of zones",
            "m.toml: time",
        ),
        (
            ENTRY.replace("Los_Angeles", "Los_Angles") + '[fields.text]\nconstant = "t"\n',
            "expected an IANA time zone, came 'America/Los_Angles'",
            "m.toml: time",
        ),
        (
            'only = { made = ["?"] }\n' + ENTRY + '[fields.text]\nconstant = "t"\n',
            "expected what it holds in the rows that are asked for",
            "m.toml: only.made",
        ),
    ],
)
def test_a_mapping_that_cannot_be_meant_is_refused_with_its_place(text: str, message: str, where: str) -> None:
    with pytest.raises(Unreadable) as caught:
        load_mapping(text, "m.toml")
    assert (caught.value.message, caught.value.where) == (message, where)


def test_columns_are_all_that_the_mapping_reads_each_once() -> None:
    mapping = load_mapping(
        FORCE + '[fields.place]\nlat = "a"\nlon = "b"\n[fields.account]\ntemplate = "{v} {id}"\n', "m"
    )
    assert mapping.columns == ("id", "when", "person", "officer", "a", "b", "v")


# Applying -------------------------------------------------------------------------------


def test_prefix_ids_and_private_ids() -> None:
    cmd = force()
    assert (cmd.report, cmd.officer, cmd.subject) == ("r1", "X-12", "private-77")


def test_an_id_that_is_not_fit_for_one_is_derived() -> None:
    assert force(officer="Ofc. Nobody / 3").officer.startswith("public-")


def test_an_unknown_person_is_one_of_this_record_only() -> None:
    assert force(person="-").subject == "private-record-r1"


def test_an_unknown_officer_is_what_the_mapping_says() -> None:
    assert force(officer="-").officer == "X-unknown"


def test_constant_and_template() -> None:
    assert force('[fields.officer_agency]\nconstant = "pd"\n').officer_agency == "pd"
    got = entry('[fields.text]\ntemplate = "{v} ({id})"\n', v="{id} {0}")
    assert got.text == "{id} {0} (r1)", "a cell is text, never a template"


def test_lookup_translates_refuses_keeps_or_forgets() -> None:
    table = '[fields.tool]\ncolumn = "v"\nlookup = { x = "baton" }\n'
    assert force(table).tool == "baton"
    assert why(table, v="y") == "column 'v': expected one of 'x', came 'y'"
    assert force(table + 'otherwise = "keep"\n', v="y").tool == "y"
    assert force(table + 'otherwise = "unknown"\n', v="y").tool is None


def test_unknown_cells_are_none_for_all_columns_or_for_one() -> None:
    table = '[fields.sector]\ncolumn = "v"\nunknown = ["XX"]\n'
    assert force(table, v="-").sector is None
    assert force(table, v=" XX ").sector is None
    assert force(table, v="K1").sector == "K1"


def test_yes_or_no() -> None:
    table = '[fields.exigent]\ncolumn = "v"\nkind = "yes or no"\n'
    assert force(table, v="Y").exigent is True
    assert force(table, v="false").exigent is False
    assert why(table, v="maybe") == "column 'v': expected yes or no, came 'maybe'"


def test_a_place_needs_both_and_is_never_made_up() -> None:
    table = '[fields.place]\nlat = "a"\nlon = "b"\n'
    got = force(table, a="47.6", b="-122.3").place
    assert got is not None
    assert (got.lat, got.lon) == (47.6, -122.3)
    assert force(table, a="47.6", b="").place is None
    assert why(table, a="47,6", b="-122") == "column 'a': expected a number, came '47,6'"
    assert why(table, a="147", b="-122").startswith("column 'a', 'b', for 'place': expected `float` <= 90.0")
    assert why(table, a="nan", b="-122").startswith("column 'a', 'b', for 'place': expected `float`")


def test_a_place_in_the_sea_is_none() -> None:
    """0/0 is how tables write that nobody knows where it was; 0 alone is a place."""
    table = '[fields.place]\nlat = "a"\nlon = "b"\n'
    assert force(table, a="0", b="0.0").place is None
    assert force(table, a="0", b="10").place is not None


def test_a_cell_over_two_lines_is_one_where_the_vocabulary_has_one_line() -> None:
    """Descriptions of charges come so; a text keeps its lines."""
    table = HEAD.replace("RecordEntry", "RecordOffence") + (
        '[fields.arrest]\ncolumn = "id"\n[fields.subject]\ncolumn = "id"\n[fields.offence]\ncolumn = "id"\n'
        '[fields.charge]\ncolumn = "id"\n[fields.statute]\ntemplate = "13 {v}"\n[fields.facts]\ncolumn = "v"\n'
    )
    got = apply(load_mapping(table, "m"), Row(2, {**GOOD, "v": "DISORDERLY \r\n CONDUCT\tMISD"}), IDS)
    said = msgspec.json.decode(got.command)
    assert (said["statute"], said["facts"]) == ("13 DISORDERLY CONDUCT MISD", "DISORDERLY \r\n CONDUCT\tMISD")


def test_rows_that_are_not_asked_for_are_told_before_anything_of_them_is_read() -> None:
    only = 'only = { made = ["TRUE", "Y"] }\n'
    mapping = load_mapping(only + ENTRY + '[fields.text]\nconstant = "t"\n', "m")
    assert "made" in mapping.columns
    assert [left_out(mapping, Row(2, {"made": cell})) for cell in ("TRUE", " Y ", "NA")] == [
        "",
        "",
        "column 'made': 'NA'",
    ]
    assert left_out(mapping, Row(2, {})) == "column 'made': nothing"


def test_a_list_is_cut_at_its_separator() -> None:
    text = HEAD.replace("RecordEntry", "RecordObservation") + (
        '[fields.observation]\ncolumn = "id"\n[fields.what]\ncolumn = "v"\n'
        '[fields.indicators]\ncolumn = "tags"\nkind = "list"\nprefix = "t-"\n'
    )
    got = apply(load_mapping(text, "m"), Row(2, {**GOOD, "tags": "a; b;;"}), IDS)
    assert msgspec.json.decode(got.command)["indicators"] == ["t-a", "t-b"]


def test_a_number_for_a_text_is_refused_by_the_vocabulary() -> None:
    assert why('[fields.tool]\ncolumn = "v"\nkind = "number"\n', v="3") == (
        "column 'v', for 'tool': expected `str | null`, got `float`, came '3.0'"
    )


def test_what_the_vocabulary_refuses_names_column_expected_and_came() -> None:
    assert why('[fields.sector]\ncolumn = "v"\n', v="K 1!") == (
        "column 'v', for 'sector': expected an id of up to 64 letters, digits and . _ : -, "
        "the first a letter or digit, came 'K 1!'"
    )
    assert why('[fields.sector]\nconstant = "K 1"\n').startswith("constant, for 'sector': expected")
    long = why('[fields.classification]\ncolumn = "v"\n', v="\x1b[31m" + "y" * 300)
    assert "\x1b" not in long
    assert len(long) < 200


def test_a_required_field_without_a_value_is_named() -> None:
    assert (
        why('[fields.text]\ncolumn = "v"\n', ENTRY, v="-") == "column 'v', for 'text': expected a value, came nothing"
    )


def test_a_row_without_a_column_is_refused_unless_it_may_be_absent() -> None:
    table = '[fields.sector]\ncolumn = "gone"\n'
    assert why(table) == "column 'gone': expected a value, came a row without that column"
    assert force(table + "may_be_absent = true\n").sector is None


def test_a_record_without_an_id_is_refused() -> None:
    assert why("", id=" ") == "column 'id': expected the record's id, came nothing"


# Times ----------------------------------------------------------------------------------


def moment(text: str = FORCE, **cells: str) -> Any:
    return apply(load_mapping(text, "m.toml"), Row(2, {**GOOD, **cells}), IDS)


def test_a_time_is_read_by_the_first_format_that_fits() -> None:
    assert moment().moment.at.isoformat() == "2016-05-02T01:00:00+00:00"
    assert moment(when="2016-05-01T18:00:30").moment.at.isoformat() == "2016-05-02T01:00:30+00:00"
    aware = moment(when="2016-05-02T06:30:00+00:00")
    assert aware.moment.at.isoformat() == "2016-05-02T06:30:00+00:00"
    assert aware.local_day.isoformat() == "2016-05-01", "the day is the source's own"


@pytest.mark.parametrize(
    ("when", "message"),
    [
        ("soon", "column 'when': expected a time as '%Y-%m-%d %H:%M', 'iso', came 'soon'"),
        ("", "column 'when': expected a time, came nothing"),
        ("9999-12-31 23:59", "column 'when': expected a time within the calendar, came '9999-12-31 23:59'"),
    ],
)
def test_a_time_that_is_none_is_named(when: str, message: str) -> None:
    assert why("", when=when) == message


def test_midnight_may_mean_unknown_and_a_date_is_a_day() -> None:
    unknown = FORCE.replace("zone =", "midnight_is_unknown = true\nzone =")
    assert moment(unknown, when="2016-05-01 00:00").moment.error_ms == 86_400_000
    assert moment(unknown, when="2016-05-01 00:00").flags == ("time of day unknown (00:00)",)
    assert moment(unknown, when="2016-05-01 00:01").moment.error_ms == 0
    assert moment(when="2016-05-01 00:00").moment.error_ms == 0
    day = FORCE.replace("zone =", "day_only = true\nzone =")
    assert moment(day).flags == ("day only",)


def test_a_zone_may_depend_on_a_column() -> None:
    text = FORCE.replace('zone = "America/Los_Angeles"', 'zone_column = "st"\nzones = { NY = "America/New_York" }')
    assert moment(text, st="NY").moment.at.isoformat() == "2016-05-01T22:00:00+00:00"
    with pytest.raises(Unmapped, match="column 'st': expected a place with a known time zone, came 'ZZ'"):
        moment(text, st="ZZ")


def test_the_packaged_mappings_load() -> None:
    from command.exercise.cli import BUILT_IN, find_mapping

    for name in BUILT_IN:
        assert isinstance(find_mapping(name), Mapping)


ARREST = HEAD.replace("RecordEntry", "RecordArrest") + (
    '[fields.arrest]\ncolumn = "id"\nkind = "id"\n[fields.subject]\ncolumn = "id"\nkind = "private id"\n'
    '[fields.officer]\nconstant = "not-stated"\n'
)


def arrest(extra: str, head: str = "", **cells: str) -> Any:
    got = apply(load_mapping(head + ARREST + extra, "m.toml"), Row(2, {**GOOD, **cells}), IDS)
    return msgspec.json.decode(got.command, type=COMMANDS["RecordArrest"])


def test_several_charges_in_a_cell_are_codes_each_once() -> None:
    codes = '[fields.offences]\ncolumn = "v"\nkind = "codes"\nprefix = "LA-"\nseparator = "|"\n'
    came = arrest(codes, v=" 14:54.1 (A) | |14:63 TRESPASS|14:54.1 (A)")
    assert came.offences == ("LA-14:54.1-A", "LA-14:63-TRESPASS")


def test_a_decimal_comma_is_read_where_the_mapping_says_so() -> None:
    place = '[fields.place]\nlat = "a"\nlon = "b"\n'
    came = arrest(place, head='decimal = ","\n', a="52,5", b="-13,25")
    assert (came.place.lat, came.place.lon) == (52.5, -13.25)
