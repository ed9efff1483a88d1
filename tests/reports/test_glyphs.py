"""Letters without a font are named, by code point or by how many of which script, and never a box."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from command.reports.glyphs import MOST_ROUNDS, missing, said, script, texts_of, without


def fonts(*ranges: tuple[int, int], asked: list[str] | None = None) -> Callable[[str], str | None]:
    """Fonts that have all letters but those of these ranges; `asked` takes each question."""

    def first(letters: str) -> str | None:
        if asked is not None:
            asked.append(letters)
        return next((char for char in letters if any(low <= ord(char) <= high for low, high in ranges)), None)

    return first


HANGUL, EMOJI = (0xAC00, 0xD7A3), (0x1F300, 0x1FAFF)


def test_what_every_font_has_is_not_asked_for() -> None:
    asked: list[str] = []
    assert missing(["plain", "Peña – Šiška"], fonts(asked=asked)) == frozenset()
    assert asked == ["–"]
    assert missing(["plain"], fonts((0, 0x10FFFF))) == frozenset()


def test_each_letter_that_no_font_has_is_found() -> None:
    texts = texts_of({"name": "김철수", "more": ["Ελλάδα 😀", ("x", {"y": "수"})], "n": 3})
    assert missing(texts, fonts(HANGUL, EMOJI)) == frozenset("김철수😀")


def test_after_many_of_them_the_rest_of_their_script_is_taken_for_missing() -> None:
    asked: list[str] = []
    syllables = "".join(chr(HANGUL[0] + n) for n in range(200))
    assert missing([syllables + "Ω"], fonts(HANGUL, asked=asked)) == frozenset(syllables)
    assert len(asked) == MOST_ROUNDS


def test_fonts_that_name_something_else_leave_nothing_known() -> None:
    assert missing(["Ωж"], lambda _: "?") == frozenset("Ωж")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("김철수, 24", "‹U+AE40 U+CCA0 U+C218›, 24"),
        ("called 김 철", "called ‹U+AE40 U+CCA0›"),
        ("이제가셔도됩니다이제 hm", "‹10 letters of Hangul, not printed› hm"),
        ("thumbs 👍\ufe0f up", "thumbs ‹U+1F44D› up"),
        ("👩\u200d👩", "‹U+1F469 U+1F469›"),
        ("plain", "plain"),
    ],
)
def test_a_run_of_them_is_named_where_it_stands(text: str, shown: str) -> None:
    lost = missing([text], fonts(HANGUL, EMOJI))
    assert without({"a": [text, 7, None]}, lost or frozenset("김")) == {"a": [shown, 7, None]}


def test_the_top_of_the_paper_counts_them() -> None:
    text = said(["김철 a", "수 😀"], frozenset("김철수😀"))
    assert text.startswith("The server has no font for 3 letters of Hangul and 1 symbol. ")
    assert said(["김"], frozenset("김")).startswith("The server has no font for 1 letter of Hangul. ")


def test_a_script_is_called_as_people_call_it() -> None:
    assert [script(char) for char in "ก漢あ😀\u0e31"] == ["Thai", "Chinese characters", "Hiragana", "symbol", "Thai"]
