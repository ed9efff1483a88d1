"""The bounds of the vocabulary, as the decoder holds them."""

from __future__ import annotations

import msgspec
import pytest

from command.domain.ids import Line, PersonId, Place, Ring, Text


@pytest.mark.parametrize(
    "good", ["a", "0190b5f2-7c3e-7000-8000-000000000001", "2016UOF-0481-2074-8260", "x" * 64, "A.b_c:d"]
)
def test_ids_that_can_be_read_aloud(good: str) -> None:
    assert msgspec.convert(good, PersonId) == good


@pytest.mark.parametrize("bad", ["", " a", "-a", "a b", "a/b", "é", "x" * 65, "a\n", "a\nb"])
def test_everything_else_is_no_id(bad: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(bad, PersonId)


def test_lines_texts_places_and_rings_are_bounded() -> None:
    for value, kind in (("", Line), ("x" * 201, Line), ("x" * 8001, Text), ([[0, 0], [1, 1]], Ring)):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(value, kind)
    for place in ({"lat": 91, "lon": 0}, {"lat": 0, "lon": -181}, {"lat": 0, "lon": 0, "alt": 1}):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(place, Place)
