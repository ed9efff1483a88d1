"""Papers as PDF. What people wrote goes in as data and is never read as markup, whatever it holds."""

from __future__ import annotations

import functools
from datetime import datetime
from pathlib import Path

import msgspec
import typst

from command.reports.document import Document
from command.reports.printed import Sheets

TEMPLATE = Path(__file__).with_name("document.typ")
PRINTED = Path(__file__).with_name("printed.typ")


@functools.cache
def _compiler(template: Path = TEMPLATE) -> typst.Compiler:
    return typst.Compiler(template, root=template.parent)


def as_sheets(sheets: Sheets) -> bytes:
    """Wristbands or forms, to be printed. A hundred forms take a second or two of one core."""
    made = _compiler(PRINTED).compile(format="pdf", sys_inputs={"data": msgspec.json.encode(sheets).decode()})
    assert isinstance(made, bytes)
    return made


def as_pdf(document: Document, at: datetime | None = None) -> bytes:
    """The paper, tagged for screen readers, with its title and language. Takes tens of milliseconds of one core.

    With `at` as its time the same paper has the same bytes whenever it is set.
    """
    data = msgspec.json.encode(document).decode()
    at = None if at is None else at.replace(microsecond=0)  # a PDF counts seconds
    made = _compiler().compile(format="pdf", sys_inputs={"data": data}, timestamp=at)
    assert isinstance(made, bytes)
    return made
