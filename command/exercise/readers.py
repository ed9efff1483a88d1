"""Reading tables of unknown quality: every row comes out, as cells or as a reason why not.

Input is bytes, read line by line; nothing is held but the record at hand. A row that
cannot be read never stops the file. What stops it is a header that is not there or
not UTF-8, because then no row could be understood.
"""

from __future__ import annotations

import json
import re
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, Literal

import msgspec

from command.errors import TooLarge, Unreadable
from command.exercise.sniff import UTF16_BOMS, Lines, Utf16, header_problem

MAX_LINE_BYTES = 65_536  # the largest message the server takes; a longer row could not be sent
MAX_FIELD_CHARS = 16_000  # twice the longest text of the vocabulary, so that a mapping can name what is too long
MAX_RECORD_LINES = 200  # a quote left open is given up after this many lines, or after MAX_LINE_BYTES
MAX_COLUMNS = 1_000
MAX_ROWS = 1_000_000  # an incident's log is designed for 10⁶ events

Encoding = Literal["utf-8", "cp1252", "latin-1"]
"""How bytes become text. UTF-16 says so itself, by its first two bytes."""

_UTF8_BOM = b"\xef\xbb\xbf"
_BREAK = re.compile(r"[ \t]*\r?\n[ \t\r\n]*")  # a name that a spreadsheet wrote over two lines is one name
_SAID_SEPARATOR = re.compile(rb"sep=(.)\r?\n")  # a first line that Excel writes for itself


class Row(msgspec.Struct, frozen=True):
    """A readable row: the line it starts on (from 1) and its cells by column name, as text."""

    line: int
    cells: Mapping[str, str]


class BadRow(msgspec.Struct, frozen=True):
    """A row that could not be read, and why.

    `blank` rows hold nothing at all; `header` rows are the header once more, as where files were put together.
    """

    line: int
    why: str
    blank: bool = False
    header: bool = False


def read_csv(
    source: BinaryIO,
    expected: tuple[str, ...] = (),
    *,
    separator: str = ",",
    encoding: Encoding = "utf-8",
    skip: int = 0,
) -> Iterator[Row | BadRow]:
    """Rows of a CSV file (RFC 4180; CRLF or LF; quoted newlines; a BOM is passed over; UTF-16 by its BOM).

    `expected` are columns that the header must have; `skip` lines stand above it. Raises Unreadable for a header
    that is absent, unreadable, doubled or short of a column, TooLarge past MAX_ROWS.
    """
    lines = _Lines(source, encoding)
    for _ in range(skip):
        lines.next()
    said = lines.said_separator()
    header = read_header(lines, expected, said or separator)
    count = 0
    while (first := lines.next()) is not None:
        count += 1
        if count > MAX_ROWS:
            raise TooLarge(f"expected at most {MAX_ROWS} rows", where=f"line {first.number}")
        yield _csv_row(lines, first, header, said or separator)


def read_ndjson(source: BinaryIO) -> Iterator[Row | BadRow]:
    """Rows of newline-delimited JSON: one object a line; nested names are joined with a dot, lists with a semicolon.

    A row may lack a column; the mapping says whether it may. Raises TooLarge past MAX_ROWS.
    """
    lines = _Lines(source)
    count = 0
    while (line := lines.next()) is not None:
        count += 1
        if count > MAX_ROWS:
            raise TooLarge(f"expected at most {MAX_ROWS} rows", where=f"line {line.number}")
        yield _json_row(line)


# Lines ------------------------------------------------------------------------


class _Line(msgspec.Struct, frozen=True):
    number: int
    raw: bytes  # without its end of line
    encoding: Encoding = "utf-8"
    too_long: bool = False


class _Lines:
    """Physical lines with their numbers; some may be given back to be read again."""

    def __init__(self, source: BinaryIO, encoding: Encoding = "utf-8") -> None:
        self._source: Lines = source
        self._encoding = encoding
        self._back: deque[_Line] = deque()
        self._number = 0

    def next(self) -> _Line | None:
        if self._back:
            return self._back.popleft()
        raw = self._source.readline(MAX_LINE_BYTES + 1)
        if self._number == 0:
            if raw.startswith(UTF16_BOMS):
                self._source, self._encoding = Utf16(raw, self._source), "utf-8"
                raw = self._source.readline(MAX_LINE_BYTES + 1)
            elif raw.startswith(_UTF8_BOM):
                raw, self._encoding = raw.removeprefix(_UTF8_BOM), "utf-8"
        if not raw:
            return None
        self._number += 1
        too_long = not raw.endswith(b"\n") and len(raw) > MAX_LINE_BYTES
        if too_long:
            self._skip_line()
            raw = raw[:MAX_LINE_BYTES]
        return _Line(self._number, raw.removesuffix(b"\n").removesuffix(b"\r"), self._encoding, too_long)

    def said_separator(self) -> str | None:
        """What a first line such as `sep=;` says; it is passed over."""
        first = self.next()
        found = None if first is None else _SAID_SEPARATOR.fullmatch(first.raw + b"\n")
        if first is not None and found is None:
            self.give_back([first])
        return found.group(1).decode("latin-1") if found else None

    def give_back(self, lines: list[_Line]) -> None:
        self._back.extendleft(reversed(lines))

    def _skip_line(self) -> None:
        while (rest := self._source.readline(MAX_LINE_BYTES)) and not rest.endswith(b"\n"):
            pass


def _text(line: _Line) -> str:
    """The line as text. Raises _Bad with the reason."""
    if line.too_long:
        raise _Bad(f"expected a line of at most {MAX_LINE_BYTES} bytes, came a longer one")
    if b"\0" in line.raw:
        raise _Bad(f"expected text, came a NUL byte at byte {line.raw.index(0) + 1}")
    try:
        return line.raw.decode(line.encoding)
    except UnicodeDecodeError as error:
        raise _Bad(
            f"expected {line.encoding.upper()}, came byte 0x{line.raw[error.start]:02x} at byte {error.start + 1}"
            f" of line {line.number}"
        ) from None


class _Bad(Exception):
    """Why a row cannot be read. Never leaves this module."""


# CSV --------------------------------------------------------------------------


def read_header(lines: _Lines, expected: tuple[str, ...], separator: str) -> list[str]:
    """The names of the columns, without blanks around them and on one line; one without a name is called by its place.

    Raises Unreadable, saying every column that is missing and what came instead, TooLarge past MAX_COLUMNS.
    """
    first = lines.next()
    if first is None:
        raise Unreadable("expected a header line, came an empty file", where="line 1")
    where = f"line {first.number}"
    try:
        names, text = _whole(lines, first, separator, [])
    except _Bad as bad:
        raise Unreadable(f"header: {bad}", where=where) from None
    if len(names) > MAX_COLUMNS:
        raise TooLarge(f"header: expected at most {MAX_COLUMNS} columns, came {len(names)}", where=where)
    names = [_BREAK.sub(" ", name.strip()) or f"column {place}" for place, name in enumerate(names, 1)]
    if any("\r" in name for name in names):
        alone = "expected lines that end in a line feed, came carriage returns alone, as an old Macintosh writes them"
        raise Unreadable(f"header: {alone}", where=where)
    names = _told_apart(names, expected, where)
    if problem := header_problem(names, expected, text, separator):
        raise Unreadable(f"header: {problem}", where=where)
    return names


def _told_apart(names: list[str], expected: tuple[str, ...], where: str) -> list[str]:
    """Columns of one name, numbered. Raises Unreadable where that name is an expected one: which is meant?"""
    seen: Counter[str] = Counter()
    told = []
    for name in names:
        seen[name] += 1
        if seen[name] > 1 and name in expected:
            raise Unreadable(f"header: expected each column once, came {name!r} more than once", where=where)
        told.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return told


def _csv_row(lines: _Lines, first: _Line, header: list[str], separator: str) -> Row | BadRow:
    """One record; lines taken in vain (an open quote, a broken continuation) are given back."""
    taken: list[_Line] = []
    try:
        if not first.raw.strip():
            return BadRow(first.number, "an empty line", blank=True)
        cells, _ = _whole(lines, first, separator, taken)
        if [_BREAK.sub(" ", cell.strip()) for cell in cells] == header:
            return BadRow(first.number, "the header once more", header=True)
        _fits(cells, header)
    except _Bad as bad:
        lines.give_back(taken)
        return BadRow(first.number, str(bad))
    return Row(first.number, dict(zip(header, cells, strict=True)))


def _whole(lines: _Lines, first: _Line, separator: str, taken: list[_Line]) -> tuple[list[str], str]:
    """The cells of the record that begins on a line, and its text; the lines that it goes on over are put to `taken`."""
    text = _text(first)
    cells = _split(text, separator)
    while cells is None:
        taken.append(_continuation(lines, first, len(taken), len(text)))
        text += "\n" + _text(taken[-1])
        # Joining and splitting again is quadratic in a bound of 200 lines, and rare.
        cells = _split(text, separator) if '"' in text.rsplit("\n", 1)[1] else None
    return cells, text


def _continuation(lines: _Lines, first: _Line, so_far: int, size: int) -> _Line:
    following = lines.next() if so_far < MAX_RECORD_LINES and size <= MAX_LINE_BYTES else None
    if following is None:
        raise _Bad(f"expected the quote opened on line {first.number} to close, it did not within {so_far + 1} lines")
    return following


def _fits(cells: list[str], header: list[str]) -> None:
    if len(cells) != len(header):
        raise _Bad(f"expected {len(header)} columns, came {len(cells)}")
    for name, cell in zip(header, cells, strict=True):
        if len(cell) > MAX_FIELD_CHARS:
            raise _Bad(f"column {name!r}: expected at most {MAX_FIELD_CHARS} characters, came {len(cell)}")


def _split(text: str, separator: str) -> list[str] | None:
    """The cells of a record, or None where a quote is still open. Raises _Bad on text after a closing quote."""
    if '"' not in text:
        return text.split(separator)
    cells: list[str] = []
    at = 0
    while True:
        if text.startswith('"', at):
            cell, at = _quoted(text, at + 1)
            if at < 0:
                return None
        else:
            end = text.find(separator, at)
            end = len(text) if end < 0 else end
            cell, at = text[at:end], end
        cells.append(cell)
        if at == len(text):
            return cells
        if text[at] != separator:
            between = "a comma" if separator == "," else ascii(separator)
            raise _Bad(f"expected {between} after the closing quote of cell {len(cells)}, came {text[at]!r}")
        at += 1


def _quoted(text: str, at: int) -> tuple[str, int]:
    """The quoted cell that begins at `at`, and the place after its closing quote (-1: still open)."""
    parts: list[str] = []
    while True:
        end = text.find('"', at)
        if end < 0:
            return "", -1
        parts.append(text[at:end])
        if not text.startswith('"', end + 1):
            return '"'.join(parts), end + 1
        at = end + 2


# NDJSON -------------------------------------------------------------------------

_MAX_DEPTH = 5


def _json_row(line: _Line) -> Row | BadRow:
    if not line.raw.strip():
        return BadRow(line.number, "an empty line", blank=True)
    try:
        value = json.loads(_text(line), object_pairs_hook=_once, parse_constant=_no_constant)
        if not isinstance(value, dict):
            raise _Bad(f"expected an object, came {_kind(value)}")
        cells: dict[str, str] = {}
        _flatten(value, "", cells, 0)
    except _Bad as bad:
        return BadRow(line.number, str(bad))
    except (json.JSONDecodeError, RecursionError) as error:
        at = f" at character {error.pos + 1}" if isinstance(error, json.JSONDecodeError) else ": too deeply nested"
        return BadRow(line.number, f"expected a JSON object, came something else{at}")
    except ValueError:  # an integer of more digits than Python converts
        return BadRow(line.number, "expected numbers of a usual size, came a longer one")
    return Row(line.number, cells)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        doubled = next(name for name, times in Counter(name for name, _ in pairs).items() if times > 1)
        raise _Bad(f"expected each name once, came {doubled!r} more than once")
    return value


def _no_constant(name: str) -> Any:
    raise _Bad(f"expected a JSON value, came {name}")


def _kind(value: Any) -> str:
    return {list: "a list", str: "a text", bool: "true or false", type(None): "null"}.get(type(value), "a number")


def _flatten(value: dict[str, Any], prefix: str, cells: dict[str, str], depth: int) -> None:
    if depth >= _MAX_DEPTH:
        raise _Bad(f"expected at most {_MAX_DEPTH} objects within each other, came more")
    for key, inner in value.items():
        name = prefix + key
        if isinstance(inner, dict):
            _flatten(inner, name + ".", cells, depth + 1)
            continue
        text = _scalar(name, inner)
        if name in cells:
            raise _Bad(f"expected {name!r} once, came both nested and dotted")
        if "\0" in text:
            raise _Bad(f"column {name!r}: expected text, came a NUL character")
        if any("\ud800" <= char <= "\udfff" for char in text):
            raise _Bad(f"column {name!r}: expected text, came half of a surrogate pair")
        if len(text) > MAX_FIELD_CHARS:
            raise _Bad(f"column {name!r}: expected at most {MAX_FIELD_CHARS} characters, came {len(text)}")
        cells[name] = text


def _scalar(name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        if any(isinstance(member, (list, dict)) for member in value):
            raise _Bad(f"column {name!r}: expected a list of plain values, came nested ones")
        return ";".join(_scalar(name, member) for member in value)
    return str(value)
