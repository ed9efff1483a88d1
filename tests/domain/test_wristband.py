"""Numbers that no two people make twice, and that say so when they are misread."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from command.domain.wristband import (
    ALPHABET,
    SAFE,
    Band,
    canonical,
    check_character,
    make,
    misread,
    overlap,
    parse,
    run_of,
    verify,
    within,
)
from command.errors import Unreadable, WrongChecksum

BANDS = st.builds(Band, st.sampled_from("WF"), st.text(SAFE, min_size=1, max_size=6), st.integers(1, 9999))


def test_the_check_character_is_that_of_iso_7064_mod_37_36() -> None:
    """The standard's own rule, and its published example: A12425GABC1234002 has M."""
    assert check_character("A12425GABC1234002") == "M"
    with pytest.raises(Unreadable, match="got 'é'"):
        check_character("Aé")


@given(BANDS)
def test_what_is_made_is_read_back(band: Band) -> None:
    """With and without dashes, in small letters, with blanks."""
    text = make(*band)
    assert str(band) == text
    for typed in (text, text.lower(), text.replace("-", ""), text.replace("-", " "), f" {text} "):
        assert parse(typed) == band


@given(BANDS, st.data())
def test_every_single_wrong_character_is_found(band: Band, data: st.DataObject) -> None:
    """None of them passes as another number of the same form."""
    packed = make(*band).replace("-", "")
    place = data.draw(st.integers(0, len(packed) - 1))
    other = data.draw(st.sampled_from([one for one in ALPHABET if one != packed[place]]))
    misread = packed[:place] + other + packed[place + 1 :]
    assert not verify(misread) or parse(misread) == band, "a letter that is meant for a digit is taken for it"


def test_nearly_every_two_neighbours_that_were_swapped_are_found() -> None:
    """All that the standard promises of MOD 37,36: a few pairs in a hundred at most pass."""
    tried = found = 0
    for number in range(1, 1000):
        packed = make("W", "204", number).replace("-", "")
        for place in range(1, len(packed) - 2):
            swapped = packed[:place] + packed[place + 1] + packed[place] + packed[place + 2 :]
            if swapped != packed:
                tried, found = tried + 1, found + (not verify(swapped))
    assert found / tried > 0.97


def test_letters_that_are_mistaken_for_digits_are_taken_for_them() -> None:
    text = make("W", "105", 20)
    assert parse(text.replace("W-105-0020", "W-IOS-OOZO")) == Band("W", "105", 20)


@pytest.mark.parametrize(
    "text",
    ["", "W", "W-1", "X-1-0001-0", "W-1-0000-0", "W--0001-0", "W-1234567-0001-0", "W-1-00A1-0", "W-ü-0001-0", "17"],
)
def test_what_is_no_number_is_told(text: str) -> None:
    with pytest.raises(Unreadable):
        parse(text)
    assert not verify(text)


def test_a_misread_number_is_told_from_no_number() -> None:
    text = make("W", "204", 173)
    with pytest.raises(WrongChecksum, match="W-204-0174 with another check character"):
        parse(text.replace("0173", "0174"))


@pytest.mark.parametrize(
    ("kind", "series", "number"), [("X", "1", 1), ("W", "", 1), ("W", "O1", 1), ("W", "1", 0), ("W", "1", 10_000)]
)
def test_what_could_not_be_read_back_is_not_made(kind: str, series: str, number: int) -> None:
    with pytest.raises(Unreadable):
        make(kind, series, number)


def test_a_run_has_its_ends_and_what_lies_between() -> None:
    first, last = make("W", "204", 1), make("W", "204", 50)
    assert run_of(first, last) == 50
    assert within(make("W", "204", 50), (first, last))
    assert not within(make("W", "204", 51), (first, last))
    assert not within(make("W", "205", 7), (first, last)), "another holder's series"
    assert run_of(last, first) is None and run_of(first, make("F", "204", 50)) is None
    assert run_of("band 1", "band 50") is None and not within("band 7", ("band 1", "band 50"))


def test_two_runs_overlap_where_they_share_a_number() -> None:
    def run(series: str, first: int, last: int) -> tuple[str, str]:
        return make("W", series, first), make("W", series, last)

    assert overlap(run("204", 1, 50), run("204", 50, 60))
    assert not overlap(run("204", 1, 50), run("204", 51, 60))
    assert not overlap(run("204", 1, 50), run("205", 1, 50))


def test_misread_is_said_only_of_numbers_of_this_form() -> None:
    text = make("W", "204", 173)
    assert not misread(text) and misread(text.replace("0173", "0174"))
    assert not misread("band 17"), "another maker's number"


def test_a_number_is_written_in_one_way_and_what_is_none_stays_as_it_was() -> None:
    number = make("F", "2", 3)
    assert canonical(number.lower().replace("-", " ")) == number == canonical(f" {number} ")
    assert canonical(" form 7 ") == "form 7"
