"""A mapping drafted from a table: what its header and its first rows suggest, for a person to check line by line.

The zone of the clocks stays a question, a column that is not recognised is listed and not used, and no value of a
cell is written down: it may be about a person. Pure.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO, Final

import msgspec

from command.errors import Unreadable
from command.exercise.draft_guess import Column, Guess, guessed
from command.exercise.draft_text import BLANK, ONLY, QUESTION, Form, written
from command.exercise.importer import NotTaken, Target, plan
from command.exercise.mapping import load_mapping
from command.exercise.readers import BadRow, Encoding, Row, read_csv, read_ndjson
from command.exercise.sniff import UTF16_BOMS, likely_separator

SAMPLE_ROWS: Final = 2_000
SAMPLE_BYTES: Final = 2_000_000
TITLE_LINES: Final = 10  # a header is looked for among so many


class Draft(msgspec.Struct, frozen=True):
    """A mapping file, and a sentence on how it did with the sample."""

    text: str
    tried: str


def draft(source: BinaryIO, file: str) -> Draft:
    """Draft a mapping for the table in `source`. `file` names it. Raises Unreadable where it has no header."""
    raw = _start(source)
    form = _form_of(raw)
    rows = list(islice(_rows(raw, form), SAMPLE_ROWS))
    good = [row for row in rows if isinstance(row, Row)]
    if not good:
        why = f"none could be read (the first: line {rows[0].line}: {_why(rows[0])})" if rows else "came none"
        raise Unreadable(f"expected rows below the header, {why}", where=file)
    columns = _columns(good)
    guess = guessed(columns)
    text = written(file, form, guess, columns)
    return Draft(text, _tried(text, file, guess, rows))


# Looking ------------------------------------------------------------------------------


def _start(source: BinaryIO) -> bytes:
    """The first whole lines of a file."""
    lines, size = [], 0
    while size < SAMPLE_BYTES and (line := source.readline(SAMPLE_BYTES)):
        lines.append(line)
        size += len(line)
    if size >= SAMPLE_BYTES and lines[0].startswith(UTF16_BOMS):
        return b"".join(lines)[: SAMPLE_BYTES & ~1]
    return b"".join(lines)


def _form_of(raw: bytes) -> Form:
    """The format of these bytes, their separator and encoding, and how many lines stand above the header."""
    if raw.lstrip(b"\xef\xbb\xbf \r\n").startswith(b"{"):
        return Form("ndjson")
    if raw.startswith(UTF16_BOMS):
        return _csv(raw.decode("utf-16", "replace"), "utf-8")
    try:
        return _csv(raw.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        return _csv(raw.decode("cp1252", "replace"), "cp1252")


def _csv(text: str, encoding: Encoding) -> Form:
    """A title above the header has fewer cells than the header has; a name over two lines is one cell of one line."""
    above, lines = [0], list[str]()
    for place, line in enumerate(text.split("\n", TITLE_LINES)[:TITLE_LINES], 1):
        whole = len(above) > len(lines)  # else the line before it has a quote that is still open
        lines = [*lines, line] if whole else [*lines[:-1], f"{lines[-1]} {line}"]
        if lines[-1].count('"') % 2 == 0:
            above.append(place)
    separator = next((mark for line in lines if (mark := likely_separator(line))), ",")
    cells = [sum(1 for cell in line.split(separator) if cell.strip()) for line in lines]
    skip = next(place for place, count in enumerate(cells) if 2 * count > max(cells) or count == max(cells))
    return Form("csv", separator, encoding, above[skip])


def _rows(raw: bytes, form: Form) -> Iterator[Row | BadRow]:
    if form.format == "ndjson":
        return read_ndjson(io.BytesIO(raw))
    return read_csv(io.BytesIO(raw), separator=form.separator, encoding=form.encoding, skip=form.skip)


def _why(row: Row | BadRow) -> str:
    return row.why if isinstance(row, BadRow) else ""


def _columns(rows: list[Row]) -> list[Column]:
    names = dict.fromkeys(name for row in rows for name in row.cells)
    return [_column(name, rows) for name in names]


def _column(name: str, rows: list[Row]) -> Column:
    cells = [row.cells.get(name, "").strip() for row in rows]
    known = tuple("" if cell in BLANK else cell for cell in cells)
    return Column(name, len(rows), tuple(cell for cell in known if cell), known)


def _tried(text: str, file: str, guess: Guess, rows: list[Row | BadRow]) -> str:
    """What the draft makes of the sample, read as if its clocks ran in UTC."""
    if not guess.record or not guess.time:
        lacks = " and ".join(
            word for word, there in (("the record's id", guess.record), ("the time", guess.time)) if not there
        )
        return f"{file}: no column was recognised for {lacks}; answer each line marked ? and try it with --dry-run"
    asked = "\n".join(line for line in text.split("\n") if not line.startswith(ONLY))  # tried on all of them
    mapping = load_mapping(asked.replace(QUESTION, QUESTION.replace("?", "UTC")), file)
    outcomes = list(plan(rows, mapping, Target("draft")))
    lost = [one for one in outcomes if isinstance(one, NotTaken)]
    said = f"{file}: tried on its first {len(rows)} rows, {len(rows) - len(lost)} would be sent and {len(lost)} not"
    first = f" (the first: line {lost[0].line}: {lost[0].why})" if lost else ""
    return f"{said}{first}; answer each line marked ? and try it with --dry-run"
