"""Cells that a spreadsheet shows and does not run, read back by `csv` and, where it is there, by LibreOffice."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from command.views.csv_text import BOM, MARK, Cell, cell, defused, table
from tests.e2e.real.payloads import ALL, FORMULAS

SOFFICE = shutil.which("soffice") or shutil.which("libreoffice")


def begins_a_formula(text: str) -> bool:
    """As the most credulous reader would see it: marks without width and white space skipped, full width as half."""
    for line in text.splitlines() or [""]:
        seen = "".join(c for c in line if not c.isspace() and unicodedata.category(c) not in ("Cf", "Cc", "Mn", "Zs"))
        if unicodedata.normalize("NFKC", seen).replace("\u2212", "-")[:1] in ("=", "+", "-", "@"):
            return True
    return text[:1] in ("\t", "\r", "\n")


def read(raw: bytes) -> list[list[str]]:
    """As a program reads it."""
    return list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("text", ALL)
def test_no_text_of_the_corpus_begins_a_formula(text: str) -> None:
    """And each is still there, letter by letter, behind the mark."""
    assert not begins_a_formula(defused(text))
    assert defused(text).replace(MARK, "") == text.replace(MARK, "")


@pytest.mark.parametrize("text", FORMULAS)
def test_what_would_be_one_is_marked(text: str) -> None:
    """A test that finds nothing would also pass on a function that does nothing."""
    assert not begins_a_formula(text) or defused(text) != text


@given(st.text())
def test_nor_does_any_other_text(text: str) -> None:
    """Whatever it is made of."""
    assert not begins_a_formula(defused(text))


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=40), min_size=2, max_size=2))
def test_what_is_written_is_read_in_the_same_cells(texts: list[str]) -> None:
    """Quotes, commas and line ends included: nothing begins a cell or a row of its own."""
    assert read(table(["a", "b"], [texts])) == [["a", "b"], [cell(text) for text in texts]]


def test_ordinary_text_and_numbers_stay_as_they_are() -> None:
    """Only what could begin a formula is marked: -3 as a number is a number, a name with a dash is a name."""
    row: list[Cell] = ["Anne-Marie", -3, 2.5, True, False, None, "3 + 4", "a=b", "me@example.org", "-3"]
    assert read(table([str(n) for n in range(10)], [row]))[1] == [
        "Anne-Marie", "-3", "2.5", "yes", "no", "", "3 + 4", "a=b", "me@example.org", "'-3",
    ]  # fmt: skip


def test_the_file_says_that_it_is_utf_8() -> None:
    """For Excel; and each line ends as RFC 4180 has it."""
    assert table(["é"], []) == f'{BOM}"é"\r\n'.encode()


def test_a_row_of_another_length_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="expected 2 cells, got 1"):
        table(["a", "b"], [["x"]])


@pytest.mark.skipif(SOFFICE is None, reason="needs LibreOffice on PATH")
def test_a_spreadsheet_calculates_none_of_it(tmp_path: Path) -> None:
    """LibreOffice reads it, recalculates, and writes the same texts back; a formula would come back as its result."""
    assert SOFFICE is not None
    texts = [text for text in FORMULAS if "\x00" not in text]
    (tmp_path / "in.csv").write_bytes(table(["n", "text"], [(at, text) for at, text in enumerate(texts)]))
    subprocess.run(
        [SOFFICE, "--headless", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--convert-to",
         "fods:OpenDocument Spreadsheet Flat XML", "--infilter=CSV:44,34,76", "--outdir", str(tmp_path), str(tmp_path / "in.csv")],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    assert "table:formula" not in (tmp_path / "in.fods").read_text()
