"""Boxes: only the right key at the right place opens one, and Wycheproof agrees."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from command.errors import Corrupt, Misconfigured, Unreadable
from command.ledger import box
from tests.support.vectors import vectors

KEY = bytes(range(32))
OTHER_KEY = bytes(range(1, 33))
NONCE = bytes(12)
PLACE = box.aad("log-1", 7, "account")


def test_new_key_asks_for_256_bits() -> None:
    """The randomness comes from the shell; a source that gives less is refused."""
    asked: list[int] = []

    def source(size: int) -> bytes:
        asked.append(size)
        return KEY

    assert box.new_key(source) == KEY
    assert asked == [32]
    with pytest.raises(Misconfigured, match="got 16"):
        box.new_key(lambda _: bytes(16))


@given(plaintext=st.binary(max_size=200), nonce=st.binary(min_size=12, max_size=12))
def test_a_box_opens_to_what_was_sealed(plaintext: bytes, nonce: bytes) -> None:
    """And starts with its nonce, for which nobody has to keep a second column."""
    sealed = box.seal(KEY, nonce, plaintext, PLACE)
    assert sealed.startswith(nonce)
    assert len(sealed) == box.NONCE_BYTES + len(plaintext) + box.TAG_BYTES
    assert box.open_(KEY, sealed, PLACE) == plaintext


def test_every_changed_bit_of_a_box_is_noticed() -> None:
    """Nonce, ciphertext and tag are all authenticated."""
    sealed = box.seal(KEY, NONCE, b"a name", PLACE)
    for bit in range(len(sealed) * 8):
        changed = bytearray(sealed)
        changed[bit // 8] ^= 1 << (bit % 8)
        with pytest.raises(Corrupt):
            box.open_(KEY, bytes(changed), PLACE)


@pytest.mark.parametrize(
    "place",
    [
        box.aad("log-2", 7, "account"),
        box.aad("log-1", 8, "account"),
        box.aad("log-1", 7, "injury"),
        box.key_aad("log-1", "s1"),
        b"",
    ],
)
def test_a_box_moved_to_another_place_does_not_open(place: bytes) -> None:
    """A value cannot be shown as another field's, event's or incident's."""
    sealed = box.seal(KEY, NONCE, b"a name", PLACE)
    with pytest.raises(Corrupt):
        box.open_(KEY, sealed, place)


def test_only_its_own_key_opens_a_box() -> None:
    """After a subject's key is destroyed no other key helps."""
    with pytest.raises(Corrupt):
        box.open_(OTHER_KEY, box.seal(KEY, NONCE, b"a name", PLACE), PLACE)


@pytest.mark.parametrize("size", [0, 27])
def test_a_box_too_short_for_nonce_and_tag_is_corrupt(size: int) -> None:
    """Said as such, and not as an error of the library below."""
    with pytest.raises(Corrupt, match="at least 28"):
        box.open_(KEY, bytes(size), PLACE)


def test_keys_and_nonces_have_one_size() -> None:
    """AES-128 would be accepted by the library below; it is not by us."""
    with pytest.raises(Misconfigured, match="key of 32"):
        box.seal(bytes(16), NONCE, b"", b"")
    with pytest.raises(Misconfigured, match="nonce of 12"):
        box.seal(KEY, bytes(16), b"", b"")
    with pytest.raises(Corrupt, match="key of 32"):
        box.open_(bytes(16), bytes(40), b"")


def test_a_wrapped_key_unwraps_under_the_same_kek_for_the_same_subject() -> None:
    """And for no other."""
    wrapped = box.wrap_key(KEY, NONCE, OTHER_KEY, box.key_aad("log-1", "s1"))
    assert OTHER_KEY not in wrapped
    assert box.unwrap_key(KEY, wrapped, box.key_aad("log-1", "s1")) == OTHER_KEY
    with pytest.raises(Corrupt):
        box.unwrap_key(KEY, wrapped, box.key_aad("log-1", "s2"))
    with pytest.raises(Corrupt):
        box.unwrap_key(OTHER_KEY, wrapped, box.key_aad("log-1", "s1"))


def test_only_keys_are_wrapped_and_unwrapped() -> None:
    """A box that holds something else is not taken for a key."""
    with pytest.raises(Misconfigured):
        box.wrap_key(KEY, NONCE, b"short", b"")
    with pytest.raises(Corrupt, match="got 5"):
        box.unwrap_key(KEY, box.seal(KEY, NONCE, b"short", b""), b"")


def test_no_two_places_read_alike() -> None:
    """The separator cannot come in by the log id."""
    assert box.aad("a", 1, "b|2|c") != box.aad("a", 12, "c")
    with pytest.raises(Unreadable):
        box.aad("a|1", 2, "c")
    with pytest.raises(Unreadable):
        box.key_aad("a|key", "c")


def test_wycheproof_aes_gcm() -> None:
    """All 66 cases of our sizes (256-bit key, 96-bit nonce, 128-bit tag), valid and not."""
    tried = 0
    for group in json.loads(vectors("wycheproof/aes_gcm_test.json").read_bytes())["testGroups"]:
        if (group["keySize"], group["ivSize"], group["tagSize"]) != (256, 96, 128):
            continue
        for case in group["tests"]:
            key, iv, place, plain, ciphertext, tag = (
                bytes.fromhex(case[name]) for name in ("key", "iv", "aad", "msg", "ct", "tag")
            )
            tried += 1
            if case["result"] == "valid":
                assert box.open_(key, iv + ciphertext + tag, place) == plain, case["tcId"]
                assert box.seal(key, iv, plain, place) == iv + ciphertext + tag, case["tcId"]
            else:
                with pytest.raises(Corrupt):
                    box.open_(key, iv + ciphertext + tag, place)
    assert tried == 66
