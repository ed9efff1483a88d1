"""Papers as PDF. What people wrote goes in as data and is never read as markup, whatever it holds."""

from __future__ import annotations

import functools
import re
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec
import typst

from command.reports.document import Document
from command.reports.glyphs import missing, said, texts_of, without
from command.reports.printed import Sheets

TEMPLATE = Path(__file__).with_name("document.typ")
PRINTED = Path(__file__).with_name("printed.typ")
LETTERS = Path(__file__).with_name("glyphs.typ")

_UNSHOWN: Final = re.compile(r"the text `\"(.+)\"` could not be displayed")


@functools.cache
def _fonts() -> typst.Fonts:
    """Looked for once, as a paper needs them: a font that is installed later is found after a restart."""
    return typst.Fonts()


def _compiler(template: Path) -> typst.Compiler:
    """One for each paper: a compiler at work refuses a second paper, and several people print at once."""
    return typst.Compiler(template, root=template.parent, font_paths=_fonts())


def as_sheets(sheets: Sheets) -> bytes:
    """Wristbands or forms, to be printed. A hundred forms take a second or two of one core."""
    data, lost = msgspec.to_builtins(sheets), _lost(sheets)
    return _made(PRINTED, without(data, lost) if lost else data)


def as_pdf(document: Document, at: datetime | None = None) -> bytes:
    """The paper, tagged for screen readers, with its title and language. Takes tens of milliseconds of one core.

    Letters that no font of this machine has are named where they stand, and at the top. With `at` as its time the same
    paper has the same bytes whenever it is set on the same machine.
    """
    data, lost = msgspec.to_builtins(document), _lost(document)
    if lost:
        marks = [*document.marks, said(texts_of(data), lost)]
        data = {**without(data, lost), "marks": without(marks, lost)}
    return _made(TEMPLATE, data, None if at is None else at.replace(microsecond=0))  # a PDF counts seconds


def _made(template: Path, data: Any, at: datetime | None = None) -> bytes:
    inputs = {"data": msgspec.json.encode(data).decode()}
    made = _compiler(template).compile(format="pdf", sys_inputs=inputs, timestamp=at)
    assert isinstance(made, bytes)
    return made


def _lost(paper: msgspec.Struct) -> frozenset[str]:
    return missing(texts_of(msgspec.to_builtins(paper)), _first_missing)


@functools.lru_cache(maxsize=256)
def _first_missing(letters: str) -> str | None:
    """One of these letters that no font here has. PDF/A takes none without a glyph, and says which."""
    inputs = {"data": msgspec.json.encode(letters).decode()}
    try:
        _compiler(LETTERS).compile(format="pdf", sys_inputs=inputs, pdf_standards="a-2u")
    except typst.TypstError as error:
        found = _UNSHOWN.search(error.message)
        return found[1] if found else letters
    return None
