"""What is printed before the day: numbers that read back, and a form that asks for all that a complete record holds."""

from __future__ import annotations

import io
from pathlib import Path

import pypdf
import pytest

from command.cli.parser import build
from command.cli.verbs import VERBS
from command.domain.wristband import parse
from command.errors import Misconfigured, Unreadable
from command.policy.charges import SAYS
from command.reports.pdf import as_sheets
from command.reports.printed import FORM, MOST_BANDS, MOST_FORMS, paper_forms, wristbands


def pages(raw: bytes) -> list[str]:
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(raw)).pages]


def test_the_form_asks_for_each_item_of_a_complete_record() -> None:
    """What a plan may ask of a record has its place on paper, once."""
    asked = [item for block in FORM for ask in block.asks for item in ask.items]
    assert sorted(asked) == sorted(SAYS)


def test_a_form_is_one_sheet_with_its_number_on_both_sides() -> None:
    """Two pages each, so that it is printed on both sides of one."""
    found = pages(as_sheets(paper_forms("204", 41, 3, "Harbour City Police")))
    assert len(found) == 6
    for n, text in enumerate(found):
        number = paper_forms("204", 41 + n // 2, 1, "x").numbers[0].number
        assert number in text
    assert "What THIS person did" in found[0]
    assert "Who held the person" in found[1]


def test_bands_carry_numbers_that_read_back() -> None:
    """Each in turn, with its check character; none twice."""
    sheets = wristbands("204", 9_990, 10, "Harbour City Police")
    bands = [parse(one.number) for one in sheets.numbers]
    assert [(one.kind, one.series, one.number) for one in bands] == [("W", "204", 9_990 + n) for n in range(10)]
    text = "".join(pages(as_sheets(sheets)))
    assert all(one.number in text for one in sheets.numbers)
    assert len({one.code for one in sheets.numbers}) == 10


@pytest.mark.parametrize(
    ("series", "first", "count", "where"),
    [("204", 0, 1, "--first"), ("204", 9_999, 2, "--first"), ("204", 1, 0, "--count"), ("204", 1, MOST_BANDS + 1, "--count"), ("SOS", 1, 1, ""), ("", 1, 1, "")],
)  # fmt: skip
def test_a_run_that_is_none_is_said(series: str, first: int, count: int, where: str) -> None:
    """A letter that is misread, a number that does not fit, more than a tray holds."""
    with pytest.raises(Unreadable) as said:
        wristbands(series, first, count, "x")
    assert said.value.where == where


def test_forms_have_a_limit_of_their_own() -> None:
    """They are longer."""
    with pytest.raises(Unreadable):
        paper_forms("204", 1, MOST_FORMS + 1, "x")


def test_what_is_printed_is_told_as_it_is_handed_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The run's ends, ready for the record of who took it; and no file is written over."""
    import asyncio

    words = ["print", "wristbands", "--series", "7", "--count", "3", "--agency", "X", "--json", "--out"]
    args = build(VERBS, "0").parse_args([*words, str(tmp_path / "w.pdf")])
    assert asyncio.run(args.run(args)) == 0
    said = capsys.readouterr().out
    assert '"first": "W-7-0001-' in said
    assert '"quantity": 3' in said
    with pytest.raises(Misconfigured, match="can be made"):
        asyncio.run(args.run(args))
