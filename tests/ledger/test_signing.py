"""Ed25519: Wycheproof's cases, and keys that cannot stand for one signer."""

from __future__ import annotations

import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from command.errors import Misconfigured
from command.ledger import signing
from tests.support.vectors import vectors

# RFC 8032 §7.1, test 2
PRIVATE = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
PUBLIC = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
SIGNATURE = bytes.fromhex(
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)
P = 2**255 - 19


def test_rfc_8032_example() -> None:
    """Key, message and signature of the RFC."""
    assert signing.public_key_of(PRIVATE) == PUBLIC
    assert signing.sign(PRIVATE, b"\x72") == SIGNATURE
    assert signing.is_signed(PUBLIC, b"\x72", SIGNATURE)


def test_every_changed_bit_is_noticed() -> None:
    """In the signature and in the message."""
    for bit in range(512):
        changed = bytearray(SIGNATURE)
        changed[bit // 8] ^= 1 << (bit % 8)
        assert not signing.is_signed(PUBLIC, b"\x72", bytes(changed))
    for bit in range(8):
        assert not signing.is_signed(PUBLIC, bytes([0x72 ^ 1 << bit]), SIGNATURE)


@pytest.mark.parametrize("public_key", [b"", PUBLIC[:-1], PUBLIC + b"\x00"])
def test_what_is_no_key_signs_nothing(public_key: bytes) -> None:
    """A wrong size is an answer, not an error of the library below."""
    assert not signing.is_signed(public_key, b"\x72", SIGNATURE)


def test_a_private_key_has_32_bytes() -> None:
    """Said in our words."""
    with pytest.raises(Misconfigured, match="32 bytes"):
        signing.sign(b"short", b"")
    with pytest.raises(Misconfigured, match="32 bytes"):
        signing.public_key_of(b"short")


def small_order_keys() -> set[bytes]:
    """Worked out here from the curve's equation, both signs and both encodings: -x² + y² = 1 + d·x²·y²."""
    d = -121665 * pow(121666, -1, P) % P
    found = {0, 1, P - 1}
    for y in (signing._Y_OF_ORDER_8, P - signing._Y_OF_ORDER_8):
        assert (d * pow(y, 4, P) + 2 * y * y - 1) % P == 0  # x² = -y²: its double has y = 0, which has order 4
        found.add(y)
    found |= {y + P for y in found if y + P < 2**255}
    return {(y | sign << 255).to_bytes(32, "little") for y in found for sign in (0, 1)}


def test_keys_of_small_order_are_refused() -> None:
    """With such a key one signature fits every message; the library below takes it."""
    identity = (1).to_bytes(32, "little")
    universal = identity + bytes(32)
    for message in (b"I saw it", b"I saw nothing"):
        Ed25519PublicKey.from_public_bytes(identity).verify(universal, message)  # does not raise
        assert not signing.is_signed(identity, message, universal)
    keys = small_order_keys()
    assert len(keys) == 14
    assert not any(signing.is_public_key(key) for key in keys)
    assert signing.is_public_key(PUBLIC)


def test_wycheproof_ed25519() -> None:
    """All 151 cases, 63 of them invalid."""
    tried = 0
    for group in json.loads(vectors("wycheproof/ed25519_test.json").read_bytes())["testGroups"]:
        public_key = bytes.fromhex(group["publicKey"]["pk"])
        for case in group["tests"]:
            tried += 1
            fits = signing.is_signed(public_key, bytes.fromhex(case["msg"]), bytes.fromhex(case["sig"]))
            assert fits == (case["result"] == "valid"), case["tcId"]
    assert tried == 151
