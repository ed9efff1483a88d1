"""Every row of a table comes out, as cells or as a reason, whatever the table is like."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from command.errors import TooLarge, Unreadable
from command.exercise import readers
from command.exercise.readers import BadRow, Row, read_csv, read_ndjson


def rows_of(raw: bytes, expected: tuple[str, ...] = ()) -> list[Row | BadRow]:
    return list(read_csv(io.BytesIO(raw), expected))


def why(row: Row | BadRow) -> str:
    assert isinstance(row, BadRow), row
    return row.why


def test_cells_come_by_column_name_with_their_line() -> None:
    assert rows_of(b"a,b\n1,2\n3,4\n") == [Row(2, {"a": "1", "b": "2"}), Row(3, {"a": "3", "b": "4"})]


@pytest.mark.parametrize(
    "raw",
    [b"\xef\xbb\xbfa,b\n1,2\n", b"a,b\r\n1,2\r\n", b"a,b\n1,2", b'"a","b"\n"1","2"\n'],
    ids=["bom", "crlf", "no last newline", "all quoted"],
)
def test_forms_of_the_same_table_read_alike(raw: bytes) -> None:
    assert rows_of(raw) == [Row(2, {"a": "1", "b": "2"})]


def test_a_quoted_newline_stays_in_its_cell_and_later_lines_keep_their_numbers() -> None:
    got = rows_of(b'a,b\n"one\r\ntwo ""x"", three",2\n3,4\n')
    assert got == [Row(2, {"a": 'one\ntwo "x", three', "b": "2"}), Row(4, {"a": "3", "b": "4"})]


def test_a_wrong_number_of_columns_is_named_and_the_file_goes_on() -> None:
    got = rows_of(b"a,b\n1\n1,2,3\n5,6\n")
    assert [why(row) for row in got[:2]] == ["expected 2 columns, came 1", "expected 2 columns, came 3"]
    assert got[2] == Row(4, {"a": "5", "b": "6"})


def test_bytes_that_are_no_text_cost_one_row() -> None:
    got = rows_of(b"a,b\n1,\xff2\nx\x00,y\n5,6\n")
    assert why(got[0]) == "expected UTF-8, came byte 0xff at byte 3 of line 2"
    assert why(got[1]) == "expected text, came a NUL byte at byte 2"
    assert got[2] == Row(4, {"a": "5", "b": "6"})


def test_a_line_longer_than_the_limit_costs_one_row() -> None:
    raw = b"a,b\n" + b"x" * (readers.MAX_LINE_BYTES * 3) + b",1\n5,6\n"
    got = rows_of(raw)
    assert why(got[0]) == f"expected a line of at most {readers.MAX_LINE_BYTES} bytes, came a longer one"
    assert got[1:] == [Row(3, {"a": "5", "b": "6"})]


def test_an_oversized_field_is_named_by_its_column() -> None:
    got = rows_of(b"a,b\n1," + b"y" * (readers.MAX_FIELD_CHARS + 1) + b"\n5,6\n")
    assert why(got[0]) == f"column 'b': expected at most {readers.MAX_FIELD_CHARS} characters, came 16001"
    assert got[1] == Row(3, {"a": "5", "b": "6"})


def test_a_quote_left_open_costs_one_row_and_not_the_rest_of_the_file() -> None:
    got = rows_of(b'a,b\n1,"two\n3,4\n5,6\n')
    assert why(got[0]) == "expected the quote opened on line 2 to close, it did not within 3 lines"
    assert got[1:] == [Row(3, {"a": "3", "b": "4"}), Row(4, {"a": "5", "b": "6"})]


def test_a_quote_left_open_is_given_up_after_the_limit_of_lines() -> None:
    raw = b'a,b\n1,"two\n' + b"3,4\n" * (readers.MAX_RECORD_LINES + 50)
    got = rows_of(raw)
    assert isinstance(got[0], BadRow)
    assert len(got) == readers.MAX_RECORD_LINES + 51
    assert all(isinstance(row, Row) for row in got[1:])


def test_a_quote_closed_by_a_later_stray_quote_does_not_swallow_the_rows_between() -> None:
    got = rows_of(b'a,b\n1,"two\n3,4\n5," six"\n7,8\n')
    assert isinstance(got[0], BadRow)
    assert [row.line for row in got] == [2, 3, 4, 5]


def test_text_after_a_closing_quote_is_refused_and_a_quote_within_a_cell_is_kept() -> None:
    got = rows_of(b'a,b\n"1"x,2\n5" pipe,6\n')
    assert why(got[0]) == "expected a comma after the closing quote of cell 1, came 'x'"
    assert got[1] == Row(3, {"a": '5" pipe', "b": "6"})


def test_bad_bytes_within_a_quoted_cell_cost_that_row_only() -> None:
    got = rows_of(b'a,b\n1,"two\n\xfe",4\n5,6\n')
    assert why(got[0]) == "expected UTF-8, came byte 0xfe at byte 1 of line 3"
    assert got[-1] == Row(4, {"a": "5", "b": "6"})


def test_empty_lines_are_rows_that_hold_nothing() -> None:
    assert rows_of(b"a\n\n1\n  \n") == [
        BadRow(2, "an empty line", blank=True),
        Row(3, {"a": "1"}),
        BadRow(4, "an empty line", blank=True),
    ]


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "expected a header line, came an empty file"),
        (b"a,a\n", "header: expected each column once, came 'a' more than once"),
        (b"x,y\n1,2\n", "header: expected column 'a', came 'x', 'y'"),
        (b"\xff\xfea\x00\x00", "expected UTF-16, as the first two bytes say, came bytes that are none: truncated data"),
        (b"a,\xe9\n", "header: expected UTF-8, came byte 0xe9 at byte 3 of line 1"),
        (b'a,"b\n', "header: expected the quote opened on line 1 to close, it did not within 1 lines"),
        (b",".join(b"%d" % n for n in range(1001)) + b"\n", "header: expected at most 1000 columns, came 1001"),
    ],
)
def test_a_header_that_cannot_be_understood_stops_the_file(raw: bytes, message: str) -> None:
    with pytest.raises(Unreadable) as caught:
        rows_of(raw, ("a",))
    assert caught.value.message == message


def test_too_many_rows_end_with_a_named_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "MAX_ROWS", 2)
    with pytest.raises(TooLarge, match="expected at most 2 rows"):
        rows_of(b"a\n1\n2\n3\n")
    with pytest.raises(TooLarge, match="expected at most 2 rows"):
        list(read_ndjson(io.BytesIO(b"{}\n{}\n{}\n")))


cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)


@given(st.lists(st.tuples(cells, cells, cells), min_size=1, max_size=10))
def test_what_a_csv_writer_wrote_is_read_back(table: list[tuple[str, str, str]]) -> None:
    """Against the standard library's writer: another implementation of the same form."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(["a", "b", "c"])
    writer.writerows(table)
    got = rows_of(out.getvalue().encode())
    # A line end within a cell is read as \n, whichever it was.
    want = [tuple(cell.replace("\r\n", "\n") for cell in row) for row in table]
    assert [tuple(row.cells.values()) for row in got if isinstance(row, Row)] == want


@given(st.binary(max_size=400))
def test_any_bytes_at_all_give_rows_or_reasons_in_line_order(raw: bytes) -> None:
    got = rows_of(b"a,b\n" + raw)
    lines = [row.line for row in got]
    assert lines == sorted(set(lines))
    assert len(got) <= raw.count(b"\n") + 1
    if raw:
        assert got


# NDJSON ---------------------------------------------------------------------------------


def objects_of(raw: bytes) -> list[Row | BadRow]:
    return list(read_ndjson(io.BytesIO(raw)))


def test_values_become_text_and_nested_names_dotted() -> None:
    line = {"id": 7, "at": {"lat": 47.5}, "ok": True, "no": None, "tags": ["a", 2], "t": "ü"}
    got = objects_of(json.dumps(line).encode() + b"\r\n")
    assert got == [Row(1, {"id": "7", "at.lat": "47.5", "ok": "true", "no": "", "tags": "a;2", "t": "ü"})]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"[1]", "expected an object, came a list"),
        (b'"x"', "expected an object, came a text"),
        (b"1", "expected an object, came a number"),
        (b"true", "expected an object, came true or false"),
        (b"null", "expected an object, came null"),
        (b'{"a":1,"a":2}', "expected each name once, came 'a' more than once"),
        (b'{"a":NaN}', "expected a JSON value, came NaN"),
        (b'{"a":', "expected a JSON object, came something else at character 6"),
        (b"[" * 60_000, "expected a JSON object, came something else: too deeply nested"),
        (b'{"a":' + b"9" * 5_000 + b"}", "expected numbers of a usual size, came a longer one"),
        (b'{"a":[[1]]}', "column 'a': expected a list of plain values, came nested ones"),
        (b'{"a":{"b":{"c":{"d":{"e":{"f":1}}}}}}', "expected at most 5 objects within each other, came more"),
        (b'{"a.b":1,"a":{"b":2}}', "expected 'a.b' once, came both nested and dotted"),
        (b'{"a":"\\u0000"}', "column 'a': expected text, came a NUL character"),
        (b'{"a":"\\ud800"}', "column 'a': expected text, came half of a surrogate pair"),
        (b'{"a":"\xff"}', "expected UTF-8, came byte 0xff at byte 7 of line 1"),
        (b'{"a":"' + b"x" * 16_001 + b'"}', "column 'a': expected at most 16000 characters, came 16001"),
    ],
    ids=range(17),
)
def test_a_line_that_is_no_plain_object_costs_one_row(line: bytes, message: str) -> None:
    got = objects_of(line + b'\n{"a":1}\n')
    assert why(got[0]) == message
    assert got[1] == Row(2, {"a": "1"})


def test_empty_ndjson_lines_are_blank_rows() -> None:
    assert objects_of(b'\n{"a":1}') == [BadRow(1, "an empty line", blank=True), Row(2, {"a": "1"})]


@given(st.binary(max_size=300))
def test_any_bytes_at_all_give_one_result_a_line(raw: bytes) -> None:
    got = objects_of(b'{"a":1}\n' + raw)
    lines = raw.count(b"\n") + (0 if raw.endswith(b"\n") or not raw else 1)
    assert [row.line for row in got] == list(range(1, lines + 2))


# Tables as other cities and other programs write them ----------------------------------------


def test_other_separators_and_encodings_are_read_as_the_mapping_says() -> None:
    raw = 'id;"name; short"\n1;Café\n2;"a;b"\n'.encode("cp1252")
    got = list(read_csv(io.BytesIO(raw), ("id",), separator=";", encoding="cp1252"))
    assert got == [Row(2, {"id": "1", "name; short": "Café"}), Row(3, {"id": "2", "name; short": "a;b"})]
    bad = list(read_csv(io.BytesIO(b"id\n\x81\n"), encoding="cp1252"))
    assert why(bad[0]) == "expected CP1252, came byte 0x81 at byte 1 of line 2"
    assert why(rows_of(b'a,b\n"1"x,2\n')[0]) == "expected a comma after the closing quote of cell 1, came 'x'"
    tabbed = list(read_csv(io.BytesIO(b'a\tb\n"1"x\t2\n'), separator="\t"))
    assert why(tabbed[0]) == "expected '\\t' after the closing quote of cell 1, came 'x'"


def test_a_mark_of_utf_8_is_believed_over_the_mapping() -> None:
    raw = "\ufeffid\nŻ\n".encode()
    assert list(read_csv(io.BytesIO(raw), encoding="cp1252")) == [Row(2, {"id": "Ż"})]


def test_lines_above_the_header_are_passed_over_and_numbers_stay_those_of_the_file() -> None:
    assert list(read_csv(io.BytesIO(b"Arrests\n\nid\n1\n"), ("id",), skip=2)) == [Row(4, {"id": "1"})]
    assert rows_of(b"sep=;\r\nid;b\r\n1;2\r\n") == [Row(3, {"id": "1", "b": "2"})]


def test_names_of_columns_lose_their_blanks_and_one_without_a_name_is_called_by_its_place() -> None:
    assert rows_of(b" id , at ,,\n1,2,3,4\n") == [Row(2, {"id": "1", "at": "2", "column 3": "3", "column 4": "4"})]


def test_columns_of_one_name_are_told_apart_unless_that_name_is_wanted() -> None:
    assert rows_of(b"id,x,x\n1,2,3\n", ("id",)) == [Row(2, {"id": "1", "x": "2", "x (2)": "3"})]


def test_the_header_once_more_is_no_record() -> None:
    got = rows_of(b"id,at\n1,2\nid,at\n3,4\n")
    assert [isinstance(row, BadRow) and row.header for row in got] == [False, True, False]


def test_lines_that_end_in_carriage_returns_alone_are_named() -> None:
    with pytest.raises(Unreadable, match="came carriage returns alone"):
        rows_of(b"id,at\r1,2\r3,4\r")


def test_a_header_that_a_spreadsheet_wrote_over_two_lines_is_one_header() -> None:
    """Its names are on one line, its rows keep the numbers of the file, and it is no record where it comes again."""
    head = b'"Arrest\r\n ID","Arrest\nDate",c\r\n'
    got = rows_of(head + b"1,2,3\r\n" + head, ("Arrest ID", "Arrest Date"))
    assert got[0] == Row(4, {"Arrest ID": "1", "Arrest Date": "2", "c": "3"})
    assert isinstance(got[1], BadRow) and got[1].header and got[1].line == 5
