"""The two ways in which a device signs: what its browser has decides which.

`ed25519`  RFC 8032; keys of 32 bytes, signatures of 64.
`es256`    ECDSA over P-256 with SHA-256 (RFC 7518 §3.4); keys are uncompressed points of 65 bytes, signatures r ‖ s of
           64, both as WebCrypto gives them. Every browser has it, and keeps its private half without ever handing it out.

A key is enrolled for one of them and is good for no other: what a signed text says of its own algorithm is compared
with the key's, never believed.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from command.ledger import signing

Algorithm = Literal["ed25519", "es256"]

SIGNATURE_BYTES = 64
_POINT_BYTES = 65


def is_public_key(alg: Algorithm, key: bytes) -> bool:
    """Whether these bytes are a key of this algorithm that can stand for one signer."""
    if alg == "ed25519":
        return signing.is_public_key(key)
    return _point(key) is not None


def is_signed(alg: Algorithm, key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `signature` is this key's over exactly these bytes. False as well for what is no key or signature."""
    if alg == "ed25519":
        return signing.is_signed(key, message, signature)
    point = _point(key)
    if point is None or len(signature) != SIGNATURE_BYTES:
        return False
    half = SIGNATURE_BYTES // 2
    r, s = int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big")
    try:
        point.verify(encode_dss_signature(r, s), message, ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def fingerprint(key: bytes) -> str:
    """SHA-256 of a public key in hex: what two people compare."""
    return sha256(key).hexdigest()


def _point(key: bytes) -> EllipticCurvePublicKey | None:
    if len(key) != _POINT_BYTES:
        return None
    try:
        return EllipticCurvePublicKey.from_encoded_point(SECP256R1(), key)
    except ValueError:
        return None
