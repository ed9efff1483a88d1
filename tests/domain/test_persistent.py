"""Persistent maps and series: old versions stay valid, equal contents have equal bytes."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rpds import HashTrieMap

from command.domain.persistent import _CHUNK, TRACED, PMap, Series, Traced, dec_hook, enc_hook, newest


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


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.none() | st.integers(0, 3)), max_size=30), st.data())
def test_a_traced_map_knows_what_was_written_since_an_earlier_version(
    steps: list[tuple[str, int | None]], data: st.DataObject
) -> None:
    versions, plain = [Traced[str, int]()], dict[str, int]()
    for key, value in steps:
        last = versions[-1]
        versions.append(last.discard(key) if value is None else last.insert(key, value))
        plain.pop(key, None)
        if value is not None:
            plain[key] = value
    last = versions[-1]
    assert dict(last.items()) == plain == {key: last[key] for key in last} and len(last) == len(plain)
    assert sorted(last.keys()) == sorted(plain) and sorted(last.values()) == sorted(plain.values())
    place = data.draw(st.integers(0, len(steps)))
    assert last.changed_since(versions[place]) == {key for key, _ in steps[place:]}
    assert place == len(steps) or versions[place].changed_since(last) is None, (
        "an earlier one does not know a later one"
    )


def test_a_traced_map_of_another_past_is_equal_and_is_no_version_of_it() -> None:
    one, other = Traced({"a": 1}).insert("b", 2), Traced({"b": 2, "a": 1})
    assert one == other and hash(one) == hash(other) and one != {"a": 1, "b": 2}
    assert one.changed_since(other) is None and one.changed_since(one) == frozenset()
    assert repr(Traced({"a": 1})) == "Traced({'a': 1})" and "a" in one and "c" not in one


def test_a_traced_map_forgets_what_is_too_long_ago() -> None:
    first = last = Traced[int, int]()
    for number in range(TRACED + 1):
        last = last.insert(number, number)
    assert last.changed_since(first) is None
    assert last.insert(0, 1).changed_since(last) == {0}


class Kept(msgspec.Struct, frozen=True):
    """A state with a traced map in it."""

    held: Traced[str, tuple[int, ...]]


def test_a_traced_map_is_stored_as_any_other_and_read_back_as_one() -> None:
    kept = Kept(Traced({"b": (2,), "a": (1,)}))
    raw = msgspec.json.encode(kept, enc_hook=enc_hook)
    assert raw == b'{"held":[["a",[1]],["b",[2]]]}'
    back = msgspec.json.decode(raw, type=Kept, dec_hook=dec_hook)
    assert back == kept and isinstance(back.held, Traced)
