"""Persistent maps and series: old versions stay valid, equal contents have equal bytes."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rpds import HashTrieMap

from command.domain.persistent import _CHUNK, PMap, Series, dec_hook, enc_hook, newest


@given(st.integers(0, 3 * _CHUNK + 1))
def test_a_series_is_what_was_appended(count: int) -> None:
    series, versions = Series[int](), []
    for number in range(count):
        versions.append(series)
        series = series.append(number)
    assert list(series) == list(range(count)) and len(series) == count
    assert list(reversed(series)) == list(range(count))[::-1]
    assert series.last == (count - 1 if count else None)
    assert all(len(version) == number for number, version in enumerate(versions))


@given(st.lists(st.integers(), max_size=30), st.integers(2, 9))
def test_newest_keeps_a_window(items: list[int], keep: int) -> None:
    window: tuple[int, ...] = ()
    for item in items:
        window = newest(window, item, keep)
    assert window == tuple(items[-keep:])


class Held(msgspec.Struct):
    numbers: PMap[int, str]
    series: Series[PMap[str, int]]


@given(st.dictionaries(st.integers(), st.text(), max_size=20))
def test_maps_go_through_json_and_keep_the_kind_of_their_keys(content: dict[int, str]) -> None:
    held = Held(HashTrieMap(content), Series[PMap[str, int]]().append(HashTrieMap({"a": 1})))
    raw = msgspec.json.encode(held, enc_hook=enc_hook)
    assert msgspec.json.decode(raw, type=Held, dec_hook=dec_hook) == held
    other = Held(HashTrieMap(dict(reversed(content.items()))), held.series)
    assert msgspec.json.encode(other, enc_hook=enc_hook) == raw


def test_a_map_is_made_as_it_is_declared() -> None:
    assert PMap({"a": 1}) == HashTrieMap({"a": 1})
    assert isinstance(HashTrieMap(), PMap) and not isinstance({}, PMap)


def test_anything_else_is_not_encoded() -> None:
    with pytest.raises(NotImplementedError, match="expected a persistent map, got set"):
        enc_hook(set())
