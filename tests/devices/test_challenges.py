"""Challenges without a memory: ours, for one purpose, in time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from command.devices import challenges
from command.ledger.disclosure import decode_bytes, encode_bytes

KEY = bytes(range(32))
NOW = datetime(2016, 5, 1, 18, 0, tzinfo=UTC)
MADE = challenges.make(KEY, "d-1", NOW, bytes(16))


def test_a_challenge_holds_to_the_second() -> None:
    """Until it is over, and not at that moment."""
    end = NOW + challenges.LIVES
    assert challenges.expires_at(KEY, "d-1", MADE, NOW) == end
    assert challenges.expires_at(KEY, "d-1", MADE, end - timedelta(seconds=1)) == end
    assert challenges.expires_at(KEY, "d-1", MADE, end) is None


@pytest.mark.parametrize("text", ["", "*", "AAAA", MADE[:-1], MADE + "AAAA", encode_bytes(bytes(40))])
def test_what_we_did_not_make_is_none(text: str) -> None:
    assert challenges.expires_at(KEY, "d-1", text, NOW) is None


def test_a_challenge_is_for_one_purpose_and_of_one_key() -> None:
    """Another device's, another server's, and one whose end was moved."""
    assert challenges.expires_at(KEY, "d-2", MADE, NOW) is None
    assert challenges.expires_at(bytes(32), "d-1", MADE, NOW) is None
    raw = bytearray(decode_bytes(MADE))
    raw[6] ^= 1
    assert challenges.expires_at(KEY, "d-1", encode_bytes(bytes(raw)), NOW) is None


def test_each_is_remembered_by_its_own_digest() -> None:
    assert challenges.digest(MADE) != challenges.digest(challenges.make(KEY, "d-1", NOW, bytes(15) + b"\1"))
