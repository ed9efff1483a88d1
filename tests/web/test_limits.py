"""Rates and depth, by a clock that the test moves."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from command.errors import Busy, Unreadable
from command.web.limits import PLACE_AGAIN_S, Buckets, Places, Repeats, check_depth, line_of


def taken(buckets: Buckets, key: str, now: float) -> bool:
    """Whether there was a token."""
    try:
        buckets.take(key, now)
    except Busy:
        return False
    return True


def test_a_burst_then_the_rate() -> None:
    """Three at once, then one every half second; the error says how long to wait."""
    buckets = Buckets(2.0, 3.0)
    assert [taken(buckets, "a", 0.0) for _ in range(4)] == [True, True, True, False]
    with pytest.raises(Busy) as error:
        buckets.take("a", 0.1)
    assert error.value.retry_after_s == pytest.approx(0.4)
    assert not taken(buckets, "a", 0.49)
    assert taken(buckets, "a", 0.5)
    assert taken(buckets, "b", 0.5)


def test_a_clock_that_goes_back_gives_nothing() -> None:
    """And takes nothing."""
    buckets = Buckets(1.0, 1.0)
    assert taken(buckets, "a", 10.0)
    assert not taken(buckets, "a", 0.0)
    assert not taken(buckets, "a", 10.5)
    assert taken(buckets, "a", 11.0)


def test_keys_are_bounded_and_the_longest_unused_is_forgotten() -> None:
    """A flood of addresses costs no memory, and does not free who keeps coming."""
    buckets = Buckets(0.001, 1.0, keys=10)
    assert taken(buckets, "steady", 0.0)
    for n in range(1000):
        taken(buckets, f"flood-{n}", float(n) / 1e6)
        assert not taken(buckets, "steady", 0.001)
    assert len(buckets) == 10


@given(st.lists(st.floats(0, 5), max_size=60))
def test_never_more_than_burst_and_rate(waits: list[float]) -> None:
    """In any pattern of arrivals."""
    buckets, now, count = Buckets(2.0, 5.0), 0.0, 0
    for wait in waits:
        now += wait
        count += taken(buckets, "a", now)
    assert count <= 5.0 + 2.0 * now + 1e-6


def nested(depth: int, tail: Any = 0) -> bytes:
    """JSON of exactly this depth."""
    value = tail
    for n in range(depth):
        value = [value] if n % 2 else {"k": value}
    return json.dumps(value).encode()


def test_depth_counts_brackets_and_no_strings() -> None:
    """32 levels pass, 33 do not; brackets in text are text, escapes included."""
    check_depth(nested(32))
    with pytest.raises(Unreadable, match="32 levels"):
        check_depth(nested(33))
    check_depth(nested(3, '[[[["\\' * 500))
    check_depth(b"")


@given(st.recursive(st.text() | st.none(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_depth_is_what_json_says_it_is(value: Any) -> None:
    """Against a reading of the decoded value."""

    def depth(one: Any) -> int:
        if isinstance(one, list | dict):
            parts = one.values() if isinstance(one, dict) else one
            return 1 + max((depth(part) for part in parts), default=0)
        return 0

    raw = json.dumps(value).encode()
    check_depth(raw, depth(value))
    if depth(value):
        with pytest.raises(Unreadable):
            check_depth(raw, depth(value) - 1)


def test_places_in_all_and_by_key() -> None:
    """Whoever finds none keeps none, and what was left is free again, with nothing kept of its key."""
    places = Places(3, session=2)
    with places.hold(session="a"), places.hold(session="a"):
        with pytest.raises(Busy) as error, places.hold(session="a"):
            pytest.fail("there were two")
        assert error.value.retry_after_s == PLACE_AGAIN_S
        with places.hold(session="b"):
            with pytest.raises(Busy), places.hold(session="c"):
                pytest.fail("there were three")
            assert len(places) == 3
    assert len(places) == 0
    assert not places._by_key


def test_what_repeats_is_said_a_few_times_then_counted() -> None:
    """Each kind by itself, and again after a while, with how many went unsaid."""
    repeats = Repeats(said=2, every_s=10.0)
    assert [repeats.take("a", at) for at in (0.0, 1.0, 2.0, 9.9)] == [0, 0, None, None]
    assert repeats.take("b", 9.9) == 0
    assert [repeats.take("a", at) for at in (10.0, 10.1, 10.2)] == [2, 0, None]


@pytest.mark.parametrize("begin", [b'"', b""])
@pytest.mark.parametrize("again", [b'\\"', b'"', b"\\", b'"\\', b'\\\\"'])
def test_looking_takes_as_long_as_the_text_is(begin: bytes, again: bytes) -> None:
    """A string that does not end was looked for anew from each of its quotes: hours for one body of a stranger's, and
    nothing else ran meanwhile. A tenth of that body took minutes; now it takes a millisecond."""
    began = time.process_time()
    check_depth(begin + again * 60_000)
    assert time.process_time() - began < 20


@pytest.mark.parametrize("text", ['["a\\"[[["]', '["\\\\",[["]"]]]', '"[', '"\\'])
def test_brackets_in_strings_do_not_count(text: str) -> None:
    """However their quotes are written, and where one does not end."""
    check_depth(text.encode(), limit=3)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("10.0.0.1", "10.0.0.2", False),
        ("::ffff:10.0.0.1", "10.0.0.1", True),
        ("unix", "unknown", False),
    ],
)
def test_one_line_is_one_address(one: str, other: str, same: bool) -> None:
    """Of IPv6 a line has 2^64 of them."""
    assert (line_of(one) == line_of(other)) is same
