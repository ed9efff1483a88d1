"""Cells of a row as a mapping asks for them, and the words in which it says what was wrong with one. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from command.exercise.readers import Row

_ROUNDED = re.compile(r"\d(?:[.,]\d+)?E\+\d+", re.IGNORECASE)


class Unmapped(Exception):
    """Why a row could not become a command; says column, what was expected, what came."""


def cell_of(row: Row, column: str, digits: Mapping[str, int], *, may_be_absent: bool = False) -> str:
    """The cell, without blanks around it. `digits`: so many digits its column had before a spreadsheet dropped zeros.

    Raises Unmapped for a row without that column, unless it may be absent.
    """
    cell = row.cells.get(column)
    if cell is None:
        if not may_be_absent:
            raise Unmapped(f"column {column!r}: expected a value, came a row without that column")
        return ""
    cell = cell.strip()
    wide = digits.get(column)
    return cell.zfill(wide) if wide is not None and cell.isascii() and cell.isdigit() else cell


def id_cell(row: Row, column: str, digits: Mapping[str, int], unknown: Iterable[str], what: str) -> str:
    """A cell that tells one record from another. Raises Unmapped where it is not known, or was rounded away."""
    cell = cell_of(row, column, digits)
    if cell in unknown:
        raise Unmapped(f"column {column!r}: expected {what}, came {shown(cell)}")
    if _ROUNDED.fullmatch(cell):
        raise Unmapped(f"column {column!r}: expected {what}, came {shown(cell)}: a spreadsheet has rounded it")
    return cell


def shown(cell: str) -> str:
    """A cell as it may be printed: escaped and cut."""
    return "nothing" if cell == "" else ascii(cell if len(cell) <= 60 else cell[:57] + "...")


def some(names: Iterable[str]) -> str:
    """The first of these, and how many others."""
    listed = [repr(name) for name in names]
    return ", ".join(listed[:8]) + (f" or {len(listed) - 8} others" if len(listed) > 8 else "")
