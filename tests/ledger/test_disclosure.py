"""Disclosures: the RFC's own examples, round trips, and what is not a disclosure."""

from __future__ import annotations

import base64
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from command.errors import TooLarge, Unreadable
from command.ledger import disclosure

SALT = bytes(range(16))
JSON_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("raw", "text", "digest"),
    [
        (
            '["_26bc4LT-ac6q2KI6cBW5es", "family_name", "Möbius"]',
            "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0",
            "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0",
        ),
        (
            '["2GLC42sKQveCfGfryNRN9w", "given_name", "John"]',
            "WyIyR0xDNDJzS1F2ZUNmR2ZyeU5STjl3IiwgImdpdmVuX25hbWUiLCAiSm9obiJd",
            "jsu9yVulwQQlhFlM_3JlzMaSFzglhQG0DpfayQwLUK4",
        ),
    ],
)
def test_rfc_9901_examples(raw: str, text: str, digest: str) -> None:
    """The RFC's example disclosures have its digests, and read back though another writer spaced them."""
    assert disclosure.encode_bytes(raw.encode()) == text
    assert disclosure.digest(text) == digest
    salt, path, value = msgspec.json.decode(raw)
    assert disclosure.read(text) == (disclosure.decode_bytes(salt), path, value)


def test_make_is_compact_json_in_base64url() -> None:
    """The shape that every other reader may count on."""
    text = disclosure.make(SALT, "account", "he sat down")
    assert "=" not in text
    padded = text + "=" * (-len(text) % 4)
    assert base64.urlsafe_b64decode(padded) == b'["AAECAwQFBgcICQoLDA0ODw","account","he sat down"]'


@given(salt=st.binary(min_size=16, max_size=40), path=st.text(min_size=1), value=JSON_VALUES)
def test_what_was_made_reads_back(salt: bytes, path: str, value: Any) -> None:
    """Salt, path and value survive, and the digest is a base64url SHA-256."""
    text = disclosure.make(salt, path, value)
    assert disclosure.read(text) == disclosure.Disclosure(salt, path, value)
    assert len(disclosure.decode_bytes(disclosure.digest(text))) == 32


def test_the_salt_hides_the_value() -> None:
    """The same value under two salts has two commitments."""
    first = disclosure.make(SALT, "name", "A")
    second = disclosure.make(SALT[::-1], "name", "A")
    assert disclosure.digest(first) != disclosure.digest(second)


@pytest.mark.parametrize(
    ("salt", "path", "value", "where"),
    [
        (SALT[:15], "name", "A", "salt"),
        (SALT, "", "A", "path"),
        (SALT, "name", "\ud800", "name"),
        (SALT, "name", object(), "name"),
    ],
)
def test_what_cannot_be_disclosed_is_refused(salt: bytes, path: str, value: Any, where: str) -> None:
    """A short salt, no path, or a value that JSON cannot hold."""
    with pytest.raises(Unreadable) as caught:
        disclosure.make(salt, path, value)
    assert caught.value.where == where


def of(raw: bytes) -> str:
    return disclosure.encode_bytes(raw)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "%%%%",
        "WyJh IiwxXQ",
        "WyIyR0xDNDJzS1F2ZUNmR2ZyeU5STjl3IiwgImdpdmVuX25hbWUiLCAiSm9obiJd=",
        "é" * 8,
        "A",
        of(b"not json"),
        of(b"{}"),
        pytest.param(of(b"[" * 20_000), id="nested"),
        of(b'["2GLC42sKQveCfGfryNRN9w","name"]'),
        of(b'["2GLC42sKQveCfGfryNRN9w","name","A","more"]'),
        of(b'["2GLC42sKQveCfGfryNRN9w",7,"A"]'),
        of(b'["2GLC42sKQveCfGfryNRN9w","","A"]'),
        of(b'["2GLC42sKQveCfGfryNRN9x","name","A"]'),  # loose last bits in the salt
        of(b'["2GLC42sKQveCfGfryNQ","name","A"]'),  # 112 bits
        of(b'["2GLC42sKQveCfGfryNRN9w","name","\xff"]'),
    ],
)
def test_what_is_not_a_disclosure_is_unreadable(text: str) -> None:
    """Another alphabet, padding, another shape, a short salt."""
    with pytest.raises(Unreadable):
        disclosure.read(text)


def test_a_disclosure_has_a_size_limit() -> None:
    """Refused before it is decoded; the largest note still fits."""
    overhead = len(b'["AAECAwQFBgcICQoLDA0ODw","t",""]')
    largest = disclosure.make(SALT, "t", "x" * (49_152 - overhead))
    assert len(largest) == 65_536
    assert len(disclosure.read(largest).value) == 49_152 - overhead
    with pytest.raises(TooLarge):
        disclosure.read(largest + "A")
    longest = disclosure.make(SALT, "subject_race_perceived", "\x01" * 8000)
    assert disclosure.read(longest).value == "\x01" * 8000


def test_a_digest_is_of_ascii_text_only() -> None:
    """A disclosure is base64url, so other text is refused and not encoded some way."""
    with pytest.raises(Unreadable):
        disclosure.digest("ö")


@pytest.mark.parametrize("value", [{"sha256": 1}, {"sha256": "x", "len": 3}, {"sha1": "x"}, {}, ["sha256"], "sha256"])
def test_only_the_exact_form_is_a_commitment(value: Any) -> None:
    """One member, called sha256, a text."""
    assert disclosure.commitment(value) is None
    assert disclosure.commitment({"sha256": "x"}) == "x"
