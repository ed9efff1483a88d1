"""Rows as CSV that a spreadsheet shows and does not run. Pure.

RFC 4180 with every cell in quotes and CRLF line ends, in UTF-8 with a byte order mark, which Excel needs to read it
as such. What could begin a formula gets an apostrophe before it (OWASP, CSV Injection; ASVS 5.0 1.2.10): `=`, `+`,
`-`, `@`, their full-width forms, tab and carriage return, also behind spaces and marks that a reader may skip, and
at the start of every line within a cell, since a reader with another idea of quotes would begin a cell there.
Numbers are written from numbers: a negative one stays a number.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Final

MARK: Final = "'"
"""Spreadsheets take what follows it as text. Whoever reads the file as data takes one away at a cell's start."""

BOM: Final = "\ufeff"

# What may come before a formula and is skipped by some reader: white space of any kind, and marks without width.
_SKIPPED = r"[\s\x00-\x20\x7f-\xa0\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
_SKIPPED += r"\u2060-\u206f\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0]*"
# A cell that someone has quoted already, or a separator of another land's CSV, may stand before it too.
_STARTS = re.compile(
    rf"^(?={_SKIPPED}[\"';,|]*{_SKIPPED}[=+\-@\uff1d\uff0b\uff0d\uff20\u2212\ufe62\ufe63\ufe66\ufe6b])"
)
_CONTROL = re.compile(r"^[\t\r\n]")

Cell = str | int | float | bool | None


def defused(text: str) -> str:
    """The text so that no line of it begins a formula."""
    lines = re.split(r"(\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029])", text)
    marked = "".join(
        part if at % 2 else (MARK + part if _STARTS.match(part) else part) for at, part in enumerate(lines)
    )
    return MARK + marked if _CONTROL.match(marked) else marked


def cell(value: Cell) -> str:
    """One cell's content: yes and no in words, nothing as an empty cell, numbers as they are."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return repr(value)
        case _:
            # A NUL ends the text for some readers, and what comes after it would be read by others only.
            return defused(value.replace("\x00", "\ufffd"))


def table(heads: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """A whole file: heads, then rows of as many cells. Raises ValueError for a row of another length."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([cell(head) for head in heads])
    for row in rows:
        if len(row) != len(heads):
            raise ValueError(f"expected {len(heads)} cells, got {len(row)}")
        writer.writerow([cell(value) for value in row])
    return (BOM + out.getvalue()).encode("utf-8", "replace")
