"""The two algorithms of devices: what is a key, what is a signature, and that neither passes for the other."""

from __future__ import annotations

import pytest

from command.ledger.algorithms import Algorithm, fingerprint, is_public_key, is_signed
from tests.support.device_keys import ED25519, P256, DeviceKey, fresh

BOTH = [ED25519, P256]


@pytest.mark.parametrize("key", BOTH, ids=lambda key: key.alg)
def test_a_key_signs_for_itself_alone(key: DeviceKey) -> None:
    """Not another message, not another key, not a changed or shortened signature."""
    signature = key.sign(b"one")
    assert is_public_key(key.alg, key.public)
    assert is_signed(key.alg, key.public, b"one", signature)
    assert not is_signed(key.alg, key.public, b"two", signature)
    assert not is_signed(key.alg, fresh(key.alg).public, b"one", signature)
    for wrong in (b"", signature[:-1], signature + b"\0", bytes(64), b"\xff" * 64, signature[32:] + signature[:32]):
        assert not is_signed(key.alg, key.public, b"one", wrong)


@pytest.mark.parametrize(("key", "other"), [(ED25519, "es256"), (P256, "ed25519")], ids=["ed25519", "es256"])
def test_a_key_is_of_one_algorithm(key: DeviceKey, other: Algorithm) -> None:
    """What a text says of its algorithm cannot turn one kind of key into the other."""
    assert not is_public_key(other, key.public)
    assert not is_signed(other, key.public, b"one", key.sign(b"one"))


def test_points_that_are_no_key_are_refused() -> None:
    """Off the curve, compressed, at infinity, of another length; of small order for Ed25519."""
    off = P256.public[:-1] + bytes([P256.public[-1] ^ 1])
    for wrong in (b"", b"\0", off, b"\2" + P256.public[1:33], bytes(65), P256.public + b"\0"):
        assert not is_public_key("es256", wrong)
        assert not is_signed("es256", wrong, b"one", P256.sign(b"one"))
    assert not is_public_key("ed25519", bytes(32))


def test_a_fingerprint_is_of_the_key() -> None:
    """64 hexadecimal digits, another for each key."""
    assert len(fingerprint(P256.public)) == 64
    assert fingerprint(P256.public) != fingerprint(ED25519.public)
