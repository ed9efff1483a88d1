"""Bytes that two readers could read differently are found."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from command.errors import Unreadable
from command.ledger.one_reading import repeated_name

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (b"{}", None),
        (b'{"a":1,"b":{"a":1}}', None),
        (b'{ "a" : 1, "b" : [ {"a": 1}, {"a": 2} ] }', None),
        (b'{"a":1,"a":1}', "a"),
        (b'{"a":1,"b":2,"\\u0061":3}', "a"),
        (b'[{"x":[{"deep":1,"deep":2}]}]', "deep"),
        (b'{"a":1.0e3,"a":2}', "a"),
    ],
)
def test_repeated_names_are_found_at_any_depth(raw: bytes, name: str | None) -> None:
    """Escapes do not hide one, spacing alone is no fault."""
    assert repeated_name(raw) == name


@given(JSON)
def test_what_an_encoder_writes_has_one_reading(value: Any) -> None:
    """No false alarm on our own bytes, nor on indented ones."""
    raw = msgspec.json.encode(value)
    assert repeated_name(raw) is None
    assert repeated_name(msgspec.json.format(raw, indent=2)) is None


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff", b'"\xff"', pytest.param(b"[" * 20_000, id="nested")])
def test_what_is_not_json_is_unreadable(raw: bytes) -> None:
    """Nesting that no reader survives included."""
    with pytest.raises(Unreadable):
        repeated_name(raw)
