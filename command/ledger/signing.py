"""Ed25519 as everything in the ledger uses it: 32-byte raw keys, 64-byte signatures."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from command.errors import Misconfigured

KEY_BYTES = 32

_FIELD = 2**255 - 19  # the prime that Ed25519's coordinates are taken modulo (RFC 8032 §5.1)

# A public key of small order makes signatures that fit any message, so its owner could later say
# that anything, or nothing, was signed. RFC 8032 leaves the check to the user. These are the y
# coordinates of the eight points whose order divides 8, with the two that have a second encoding.
_Y_OF_ORDER_8 = int.from_bytes(
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"
)
_SMALL_ORDER_Y = frozenset({0, 1, _FIELD - 1, _Y_OF_ORDER_8, _FIELD - _Y_OF_ORDER_8, _FIELD, _FIELD + 1})


def is_public_key(public_key: bytes) -> bool:
    """Whether these bytes can stand for one signer: 32 bytes, and not a point of small order."""
    if len(public_key) != KEY_BYTES:
        return False
    y = int.from_bytes(public_key, "little") & (2**255 - 1)
    return y not in _SMALL_ORDER_Y


def is_signed(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `signature` is this key's over exactly these bytes. False as well for what is no key or signature."""
    if not is_public_key(public_key):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def sign(private_key: bytes, message: bytes) -> bytes:
    """The 64-byte signature. Raises Misconfigured for a private key of another size than 32 bytes."""
    return _private(private_key).sign(message)


def public_key_of(private_key: bytes) -> bytes:
    """The 32-byte public key of a private one."""
    return _private(private_key).public_key().public_bytes_raw()


def _private(private_key: bytes) -> Ed25519PrivateKey:
    if len(private_key) != KEY_BYTES:
        raise Misconfigured(f"expected an Ed25519 key of {KEY_BYTES} bytes, got {len(private_key)}", where="key")
    return Ed25519PrivateKey.from_private_bytes(private_key)
