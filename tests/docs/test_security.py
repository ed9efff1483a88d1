"""The table of controls names tests that exist, and says of each row how it stands."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/security.md").read_text("utf-8")
STATES = ("shown", "in part: ", "not yet")


def rows() -> list[tuple[str, str, str]]:
    """(control, state, shown by) of each row."""
    table = PAGE.partition("| control | how | state | shown by |\n|---|---|---|---|\n")[2].partition("\n\n")[0]
    cells = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in table.splitlines()]
    return [(row[0], row[2], row[3]) for row in cells]


def names_in(path: Path) -> set[str]:
    """Every function of a file, of its classes too."""
    return {
        node.name
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


@pytest.mark.parametrize(("control", "state", "shown"), rows(), ids=lambda value: str(value)[:40])
def test_each_row_stands_on_tests_that_there_are(control: str, state: str, shown: str) -> None:
    """A row that is shown names at least one; a row that is not yet there names none."""
    tests = re.findall(r"`(tests/[^`]+)`", shown)
    assert state.startswith(STATES), control
    assert bool(tests) is (state != "not yet"), control
    for test in tests:
        file, _, name = test.partition("::")
        assert (ROOT / file).is_file(), file
        assert not name or name in names_in(ROOT / file), test


def test_every_test_that_the_page_names_is_there() -> None:
    """The second table's too, and those in the text."""
    named = re.findall(r"`(tests/[^`]+)`", PAGE)
    for test in named:
        file, _, name = test.partition("::")
        assert (ROOT / file).is_file(), test
        assert not name or name in names_in(ROOT / file), test
    promises = PAGE.partition("| promise | shown by |\n|---|---|\n")[2].partition("\n\n")[0].splitlines()
    assert len(promises) > 20
    assert [one for one in promises if "`tests/" not in one] == []


def test_there_are_rows() -> None:
    """Else the test above would hold of an empty page."""
    assert len(rows()) > 30
