"""The map is cut to its area, keeps to its size, and carries its credits."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from command.exercise.basemap import DOWNTOWN, MAX_BYTES, Box, around, cut_line, cut_ring, map_features
from command.exercise.seattle import beat_codes

LAYERS = {"city", "park", "street", "sector-outline"}


def layers(collection: dict[str, Any]) -> Counter[str]:
    return Counter(feature["properties"]["layer"] for feature in collection["features"])


def points(feature: dict[str, Any]) -> list[list[float]]:
    return [point for part in feature["geometry"]["coordinates"] for point in part]


def size(collection: dict[str, Any]) -> int:
    return len(json.dumps(collection, separators=(",", ":"), ensure_ascii=False).encode())


def test_downtown_has_all_layers_whole_and_within_its_box() -> None:
    got = map_features()
    assert set(layers(got)) == LAYERS
    assert got["left_off"] == 0
    assert size(got) < MAX_BYTES
    west, south, east, north = DOWNTOWN
    for feature in got["features"]:
        for lon, lat in points(feature):
            assert west <= lon <= east
            assert south <= lat <= north


def test_the_whole_city_keeps_to_the_limit_and_says_what_it_left_off() -> None:
    got = map_features(beat_codes())
    assert set(layers(got)) == LAYERS
    assert size(got) <= MAX_BYTES
    assert got["left_off"] > 0
    assert layers(got)["sector-outline"] >= 51


def test_credits_name_openstreetmap_and_the_city() -> None:
    credits = " ".join(map_features()["credits"])
    assert "© OpenStreetMap contributors (ODbL)" in credits
    assert "City of Seattle (public domain)" in credits


def test_an_area_is_a_box_or_sectors_or_downtown() -> None:
    assert map_features((-122.34, 47.6, -122.33, 47.61))["bbox"] == [-122.34, 47.6, -122.33, 47.61]
    assert map_features(["K1", "no-such"])["bbox"] == list(around(["K1"]))
    assert map_features(["no-such"])["bbox"] == list(DOWNTOWN)
    with pytest.raises(ValueError, match="expected west < east"):
        map_features((-122.33, 47.6, -122.34, 47.61))


def test_streets_and_beats_keep_their_names() -> None:
    names = {(f["properties"]["layer"], f["properties"].get("name")) for f in map_features()["features"]}
    assert ("street", "PINE ST") in names
    assert ("sector-outline", "K1") in names


# Cutting ----------------------------------------------------------------------------------

BOX: Box = (0.0, 0.0, 10.0, 10.0)


@pytest.mark.parametrize(
    ("line", "pieces"),
    [
        ([(1, 1), (2, 2)], [[[1, 1], [2, 2]]]),
        ([(-5, 5), (15, 5)], [[[0, 5], [10, 5]]]),
        ([(5, 5), (5, 15), (6, 15), (6, 5)], [[[5, 5], [5, 10]], [[6, 10], [6, 5]]]),
        ([(-5, -5), (-1, 20)], []),
        ([(11, 0), (11, 10)], []),
        ([(3, 3), (3, 3)], []),
        ([(1, 1)], []),
    ],
)
def test_a_line_is_cut_into_the_pieces_within(line: list[tuple[float, float]], pieces: list[Any]) -> None:
    assert cut_line(line, BOX) == pieces


def test_a_ring_is_cut_at_the_border_and_closed_again() -> None:
    square = [(5, 5), (15, 5), (15, 15), (5, 15), (5, 5)]
    got = cut_ring(square, BOX)
    assert got[0] == got[-1]
    assert {tuple(point) for point in got} == {(5, 5), (10, 5), (10, 10), (5, 10)}
    assert cut_ring([(20, 20), (30, 20), (30, 30)], BOX) == []
    assert cut_ring([], BOX) == []


coordinate = st.integers(-20, 20).map(float)


@given(st.lists(st.tuples(coordinate, coordinate), max_size=8))
def test_whatever_is_cut_lies_within(line: list[tuple[float, float]]) -> None:
    for piece in [*cut_line(line, BOX), cut_ring(line, BOX)]:
        assert all(0 <= lon <= 10 and 0 <= lat <= 10 for lon, lat in piece)
