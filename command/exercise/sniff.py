"""What a file is when it is not what was expected, said so that whoever brought it knows what to do. Pure.

Also UTF-16, which a spreadsheet calls "Unicode text", line by line.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from typing import Protocol

from command.errors import Unreadable

UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")

_AS_CSV = "save the sheet as CSV (UTF-8) and bring that"
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\xd0\xcf\x11\xe0", f"an old Excel workbook (.xls): {_AS_CSV}"),
    (b"%PDF", "a PDF: ask whoever keeps the records for the table itself"),
    (b"PAR1", "a Parquet file: write it out as CSV"),
    (b"SQLite format 3\0", "an SQLite database: write the table out as CSV"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"BZh", "a bzip2 archive: unpack it first"),
    (b"\xfd7zXZ\0", "an xz archive: unpack it first"),
    (b"7z\xbc\xaf", "a 7-Zip archive: unpack it first"),
    (b"Rar!", "a RAR archive: unpack it first"),
    (b"version https://git-lfs", "a Git LFS pointer, not the file that it points to"),
    (b"{\\rtf", f"a text document (RTF): {_AS_CSV}"),
)
_ZIP = b"PK\x03\x04"
_WORKBOOK = re.compile(rb"\[Content_Types\]|_rels/|docProps/|xl/|mimetypeapplication/vnd")
_PAGE = re.compile(rb"\s*<(?:!doctype|html|head|\?xml|!--|script|feed|rss|kml|error)", re.IGNORECASE)
_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars", ",": "commas"}
_CHUNK_BYTES = 65_536


class Lines(Protocol):
    """What is read line by line."""

    def readline(self, size: int = -1, /) -> bytes:
        """The next line with its end, or so many bytes of it; b"" at the end."""
        ...


def not_a_table(start: bytes, form: str) -> str:
    """What a file is by its first bytes, where it can be neither CSV nor NDJSON; "" where it may be the expected one."""
    if start.startswith(_ZIP):
        inside = _WORKBOOK.search(start) is not None  # the names of its first files stand at its start
        says = (
            f"a workbook (.xlsx or .ods): {_AS_CSV}" if inside else "a ZIP archive: unpack it and bring the table in it"
        )
        return f"expected a table as {_form(form)}, came {says}"
    for magic, says in _MAGIC:
        if start.startswith(magic):
            return f"expected a table as {_form(form)}, came {says}"
    if _PAGE.match(start):
        return f"expected a table as {_form(form)}, came a web page or XML: was the download refused, or signed out?"
    first = start.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if form == "csv" and first in (b"{", b"["):
        return (
            "expected a table as CSV, came JSON: write one object a line (`jq -c '.[]'` does, "
            '`.features[].properties` for GeoJSON) and say format = "ndjson" in the mapping'
        )
    if form != "csv" and first == b"[":
        return "expected one JSON object a line, came a list of them: `jq -c '.[]'` writes it so"
    if start[1:2] == b"\0" or start[:1] == b"\0":
        return "expected text, came NUL bytes: a binary file, or UTF-16 without the mark that says so"
    return ""


def header_problem(names: Sequence[str], expected: Sequence[str], text: str, separator: str) -> str:
    """What is wrong with a header, in one sentence: every column that is missing and what came; "" where it fits."""
    missing = [name for name in expected if name not in names]
    if not missing:
        return ""
    wanted = ", ".join(f"column {name!r}" if place == 0 else repr(name) for place, name in enumerate(missing[:20]))
    others = f" and {len(missing) - 20} more" if len(missing) > 20 else ""
    came = ", ".join(repr(name[:60]) for name in names[:40]) + (" …" if len(names) > 40 else "")
    said = f"expected {wanted}{others}, came {came}"
    if other := likely_separator(text, separator):
        written = {"\t": "\\t"}.get(other, other)
        return (
            f'{said}; its cells seem to stand between {_SEPARATORS[other]}: say separator = "{written}" in the mapping'
        )
    near = {_bare(name): name for name in names}
    pairs = [f"{near[_bare(name)]!r} may be {name!r}" for name in missing if _bare(name) in near]
    if pairs:
        return f"{said}; {', '.join(pairs[:8])} in another spelling"
    if len(names) == 1 or all(name.startswith("column ") for name in names[1:]):
        return f"{said}; is there a title above the header line? say skip = 1 in the mapping"
    return said


def likely_separator(text: str, separator: str = ",") -> str | None:
    """Another separator that a header line holds more of than of this one, or None."""
    counts = {mark: text.count(mark) for mark in _SEPARATORS}
    best = max(counts, key=lambda mark: counts[mark])
    return best if counts[best] > counts.get(separator, 0) else None


def _form(form: str) -> str:
    return {"csv": "CSV", "ndjson": "NDJSON (one JSON object a line)"}.get(form, "CSV or NDJSON")


def _bare(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


class Utf16:
    """The rest of a UTF-16 file as lines of UTF-8. `start` is what was read of it, its mark included."""

    def __init__(self, start: bytes, rest: Lines) -> None:
        self._rest = rest
        self._decoder = codecs.getincrementaldecoder("utf-16")()
        self._held = self._decoded(start, final=False)
        self._over = False

    def readline(self, size: int = -1, /) -> bytes:
        """As `Lines`. Raises Unreadable where the bytes are no UTF-16."""
        while (end := self._held.find(b"\n")) < 0 and not self._over and not 0 <= size <= len(self._held):
            chunk = self._rest.readline(_CHUNK_BYTES)
            self._over = not chunk
            self._held += self._decoded(chunk, final=self._over)
        stop = len(self._held) if end < 0 else end + 1
        stop = stop if size < 0 else min(stop, size)
        line, self._held = self._held[:stop], self._held[stop:]
        return line

    def _decoded(self, raw: bytes, *, final: bool) -> bytes:
        try:
            return self._decoder.decode(raw, final).encode("utf-8")
        except UnicodeDecodeError as error:
            raise Unreadable(
                f"expected UTF-16, as the first two bytes say, came bytes that are none: {error.reason}"
            ) from None
