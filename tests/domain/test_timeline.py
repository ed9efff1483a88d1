"""A timeline answers as a sorted list would, keeps every earlier version, and goes through a snapshot unchanged."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from command.domain.persistent import dec_hook, enc_hook
from command.domain.timeline import Timeline

START = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


def at(second: int) -> datetime:
    return START + timedelta(seconds=second)


def filled(seconds: list[int]) -> Timeline[int]:
    """Items are the numbers of their insertion."""
    line: Timeline[int] = Timeline()
    for number, second in enumerate(seconds):
        line = line.add(at(second), number)
    return line


def by_hand(seconds: list[int], until: int) -> list[int]:
    """Stable: of two at one moment the later record stands last."""
    return sorted((n for n, second in enumerate(seconds) if second <= until), key=lambda n: seconds[n])


@given(st.lists(st.integers(0, 60), max_size=400), st.integers(-2, 62))
def test_it_answers_as_a_sorted_list_would(seconds: list[int], asked: int) -> None:
    """Records in any order, many at one moment, any moment asked about."""
    line, expected = filled(seconds), by_hand(seconds, asked)
    assert list(line) == by_hand(seconds, 60)
    assert len(line) == len(seconds)
    assert line.newest(at(asked)) == (expected[-1] if expected else None)
    assert list(line.back_from(at(asked))) == expected[::-1]
    assert line.last == (by_hand(seconds, 60)[-1] if seconds else None)


@given(st.lists(st.integers(0, 60), max_size=300), st.integers(-2, 62), st.integers(-2, 62), st.integers(1, 250))
def test_a_stretch_of_it_is_that_of_a_sorted_list(seconds: list[int], since: int, until: int, most: int) -> None:
    """From a moment or from the beginning, both ends included, and no more than the newest."""
    line, before = filled(seconds), by_hand(seconds, until)
    assert line.within(None, at(until), most) == tuple(before[-most:])
    assert line.within(at(since), at(until), most) == tuple([n for n in before if seconds[n] >= since][-most:])


def test_earlier_versions_stay_as_they_were() -> None:
    """What a replay holds on to is not changed by a later record, even one that goes before it."""
    before = filled([n * 7 % 300 for n in range(300)])
    kept = list(before)
    after = before.add(at(-1), 999).add(at(150), 1000)
    assert list(before) == kept
    assert next(iter(after)) == 999
    assert len(after) == 302


def test_records_in_order_fill_their_chunks() -> None:
    """The usual case: nothing is split, so that a long history has the fewest chunks."""
    assert len(filled(list(range(640))).order) == 10


def test_it_goes_through_a_snapshot() -> None:
    line = filled([n * 7 % 300 for n in range(300)])
    raw = msgspec.json.encode(line, enc_hook=enc_hook)
    assert msgspec.json.decode(raw, type=Timeline[int], dec_hook=dec_hook) == line
