"""Papers as data: times say their zone, what is empty is left out."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
import typst
from pypdf import PdfReader

from command.reports import pdf
from command.reports.document import Clock, Document, Section, Table, filled, kept
from command.reports.pdf import as_pdf

PAPER = Document("Title", "under", "foot", (Section("One", (("a", "b"),), ("said",), (Table(("x",), (("y",),)),)),))


def test_a_time_says_its_zone_on_both_sides_of_the_change() -> None:
    clock = Clock("America/Chicago")
    assert clock.at(datetime(2026, 7, 1, 12, 0, tzinfo=UTC)) == "2026-07-01 07:00:00 CDT"
    assert clock.at(datetime(2026, 12, 1, 12, 0, tzinfo=UTC)) == "2026-12-01 06:00:00 CST"
    assert clock.at(None) == ""


def test_what_is_empty_is_left_out() -> None:
    assert filled(("a", ""), ("b", None), ("c", "d")) == (("c", "d"),)
    assert kept(Section("none", tables=(Table(("x",), ()),)), PAPER.sections[0]) == PAPER.sections


@pytest.mark.parametrize(
    "hostile", ['#panic("no")', "$ x", "*b*", "\\u{202e}", '"]; #read("/etc/passwd")', "漢字 العربية", "\x00\x1b"]
)
def test_nothing_that_was_written_is_markup(hostile: str) -> None:
    body = as_pdf(Document(hostile, hostile, hostile, (Section(hostile, ((hostile, hostile),), (hostile,)),)))
    assert body.startswith(b"%PDF") and len(PdfReader(io.BytesIO(body)).pages) == 1


def test_a_long_table_goes_over_pages_with_its_heads() -> None:
    table = Table(("head-of-table", "b"), tuple((f"row {n}", "x") for n in range(200)))
    pages = PdfReader(io.BytesIO(as_pdf(Document("t", "u", "f", (Section("S", tables=(table,)),))))).pages
    assert len(pages) > 2 and all("head-of-table" in page.extract_text() for page in pages)


def test_the_same_paper_with_the_same_time_is_the_same_bytes_whenever_it_is_set() -> None:
    at = datetime(2026, 7, 1, 12, 0, 0, 123_456, tzinfo=UTC)
    assert as_pdf(PAPER, at) == as_pdf(PAPER, at) != as_pdf(PAPER, at.replace(second=1))


@pytest.mark.parametrize("word", ["A" * 180, "山" * 180, "x" * 31 + "é" * 150])
def test_a_word_without_end_breaks_on_the_paper_and_a_digest_stays_whole(word: str) -> None:
    digest = "0123456789abcdef" * 4
    section = Section(
        "S", (("name", word), ("digest", digest)), (word,), (Table(("a", "b", "c"), ((word, word, digest),)),)
    )
    reader = PdfReader(io.BytesIO(as_pdf(Document("t", "u", digest, (section,)))))
    wide = float(reader.pages[0].mediabox.width)
    found: list[tuple[float, str]] = []

    def seen(text: str, _cm: object, matrix: list[float], _font: object, size: float) -> None:
        found.append((matrix[4], text))

    text = " ".join(page.extract_text(visitor_text=seen) for page in reader.pages)
    assert digest in text.replace("\n", "")
    assert text.replace("\u200b", "").replace("\n", "").count(word[-1]) >= 3 * 100
    assert all(left < wide for left, part in found if part.strip()), "nothing begins beyond the page"
    assert max(len(line.replace("\u200b", "")) for line in text.split("\n")) < 180, "no line holds the whole word"


def test_letters_without_a_font_are_named_on_the_paper(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the fonts that come with the program alone, whatever this machine has."""
    alone = typst.Fonts(include_system_fonts=False)
    monkeypatch.setattr(pdf, "_fonts", lambda: alone)
    pdf._first_missing.cache_clear()
    try:
        paper = Document(
            "Record of 김철수", "u", "f", (Section("S", texts=("이제 가셔도 됩니다. 안녕히 가세요.",)),), ("EXERCISE",)
        )
        words = _words(as_pdf(paper))
    finally:
        pdf._first_missing.cache_clear()
    assert "Record of ‹U+AE40 U+CCA0 U+C218›" in words and "EXERCISE" in words
    assert "The server has no font for" in words and "letters of Hangul, not printed›" in words


def test_several_people_print_at_once() -> None:
    """A site's terminals print release papers in the same second."""
    long = Document("t", "u", "f", tuple(Section(f"S{n}", texts=("words " * 300,)) for n in range(30)))
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: as_pdf(long, datetime(2026, 1, 1, tzinfo=UTC)), range(8)))
    assert len(set(made)) == 1


def test_a_part_that_is_read_from_the_right_stands_there_and_its_numbers_are_not_turned() -> None:
    """English beside it stays on the left; 14-3 among Hebrew letters stays 14-3."""
    section = Section("עברית", texts=("דוח 14-3",), language="he")
    reader = PdfReader(io.BytesIO(as_pdf(Document("t", "u", "f", (section, Section("English", texts=("Free.",)))))))
    found: dict[str, float] = {}
    reader.pages[0].extract_text(
        visitor_text=lambda text, place, matrix, font, size: (
            found.update({text.strip(): place[4]}) if text.strip() else None
        )
    )
    wide = float(reader.pages[0].mediabox.width)
    assert found["Free."] < wide / 4
    number = next(at for text, at in found.items() if "14-3" in text)
    assert number > wide / 2


def _words(body: bytes) -> str:
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(body)).pages)
    return " ".join(text.replace("\u200b", "").split())
