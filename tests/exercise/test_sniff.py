"""What is no table is named as what it is, and a header that does not fit says everything that it lacks."""

from __future__ import annotations

import io

import pytest

from command.errors import Unreadable
from command.exercise.readers import MAX_LINE_BYTES, BadRow, Row, read_csv
from command.exercise.sniff import Utf16, header_problem, likely_separator, not_a_table


@pytest.mark.parametrize(
    ("start", "form", "said"),
    [
        (
            b"PK\x03\x04\x14\0\x08\0\x08\0\0\0[Content_Types].xml",
            "csv",
            "came a workbook (.xlsx or .ods): save the sheet as CSV (UTF-8)",
        ),
        (b"PK\x03\x04\x14\0\0\0arrests.csv", "csv", "came a ZIP archive: unpack it and bring the table in it"),
        (b"\xd0\xcf\x11\xe0\xa1", "", "expected a table as CSV or NDJSON, came an old Excel workbook (.xls)"),
        (b"%PDF-1.7", "csv", "came a PDF"),
        (b"\n<!DOCTYPE html>", "csv", "came a web page or XML: was the download refused, or signed out?"),
        (b"<?xml version='1.0'?>", "ndjson", "expected a table as NDJSON (one JSON object a line), came a web page"),
        (b'\xef\xbb\xbf[{"a":1}]', "csv", "came JSON: write one object a line"),
        (b'[{"a":1}]', "ndjson", "expected one JSON object a line, came a list of them"),
        (b"a\0,\0b\0", "csv", "expected text, came NUL bytes"),
    ],
)
def test_a_file_is_named_by_its_first_bytes(start: bytes, form: str, said: str) -> None:
    assert said in not_a_table(start, form)


@pytest.mark.parametrize(
    ("start", "form"),
    [
        (b"a,b\n1,2\n", "csv"),
        (b'{"a":1}\n', "ndjson"),
        (b'{"a":1}\n', ""),
        (b"\xff\xfea\0", "csv"),
        (b"", "csv"),
        (b"<5,b\n", "csv"),
    ],
)
def test_what_may_be_a_table_is_let_through(start: bytes, form: str) -> None:
    assert not_a_table(start, form) == ""


@pytest.mark.parametrize(
    ("names", "text", "said"),
    [
        (["id", "at"], "id,at", ""),
        (["id;at"], "id;at", 'seem to stand between semicolons: say separator = ";"'),
        (["id\tat"], "id\tat", 'seem to stand between tabs: say separator = "\\t"'),
        (["ID", "At "], "ID,At ", "'ID' may be 'id', 'At ' may be 'at' in another spelling"),
        (["Arrests", "column 2"], "Arrests,", "is there a title above the header line? say skip = 1"),
        (["x", "y"], "x,y", "expected column 'id', 'at', came 'x', 'y'"),
    ],
)
def test_a_header_says_all_that_it_lacks_and_what_may_be_meant(names: list[str], text: str, said: str) -> None:
    assert said in header_problem(names, ("id", "at"), text, ",") and (
        said or not header_problem(names, ("id", "at"), text, ",")
    )


def test_a_header_of_many_columns_is_told_in_bounds() -> None:
    told = header_problem([f"c{n}" * 50 for n in range(100)], [f"x{n}" for n in range(50)], "", ",")
    assert "and 30 more" in told and told.endswith("…") and len(told) < 4_000


def test_the_separator_is_the_mark_that_a_line_has_most_of() -> None:
    assert [likely_separator(text) for text in ("a;b,c;d", "a,b", "a|b", "word")] == [";", None, "|", None]


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-be"])
def test_utf_16_reads_as_the_same_table_line_by_line(codec: str) -> None:
    raw = 'id,"a b"\r\n1,"Ż\u0a0a\nx"\r\n2,🚓'.encode(codec)
    raw = raw if codec == "utf-16" else b"\xfe\xff" + raw
    assert list(read_csv(io.BytesIO(raw))) == [
        Row(2, {"id": "1", "a b": "Ż\u0a0a\nx"}),
        Row(4, {"id": "2", "a b": "🚓"}),
    ]


def test_a_long_line_of_utf_16_costs_that_row() -> None:
    raw = ("id,b\n" + "x" * (2 * MAX_LINE_BYTES) + ",1\n2,y\n").encode("utf-16")
    first, second = read_csv(io.BytesIO(raw))
    assert (
        isinstance(first, BadRow)
        and "expected a line of at most" in first.why
        and second == Row(3, {"id": "2", "b": "y"})
    )


def test_bytes_that_are_no_utf_16_stop_the_file_with_a_reason() -> None:
    rest = Utf16(b"\xff\xfea\0\n\0", io.BytesIO(b"\x00\xdc\x00\xdcx"))
    assert rest.readline() == b"a\n"
    with pytest.raises(Unreadable, match="expected UTF-16, as the first two bytes say"):
        rest.readline()
