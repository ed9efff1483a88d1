"""Boxes: private values under their subject's key, and keys under the key above them.

AES-256-GCM (NIST SP 800-38D) with a 96-bit nonce and a 128-bit tag; a box is
nonce ‖ ciphertext ‖ tag. Nonces are handed in and must be random: no key here
seals anywhere near the 2^32 boxes up to which §8.3 allows random nonces, the
key-encryption key included. The additional data bind a box to its place, so
that a box moved to another event or field does not open.
"""

from __future__ import annotations

from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from command.errors import Corrupt, Misconfigured, Unreadable

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16


def new_key(random: Callable[[int], bytes]) -> bytes:
    """A fresh 256-bit key from the shell's source of randomness.

    Raises Misconfigured when the source gives another number of bytes than asked for.
    """
    return _expect_key(random(KEY_BYTES))


def aad(log: str, seq: int, path: str) -> bytes:
    """Where a disclosure belongs: `log|seq|path`. A log id holds no `|`, so no two places read alike."""
    if "|" in log:
        raise Unreadable("expected a log id without '|'", where="log")
    return f"{log}|{seq}|{path}".encode()


def key_aad(log: str, subject: str) -> bytes:
    """Whose key it is, for wrapping it: `log|key|subject`. Never equal to a disclosure's place: a seq is a number."""
    if "|" in log:
        raise Unreadable("expected a log id without '|'", where="log")
    return f"{log}|key|{subject}".encode()


def part_aad(log: str, blob: str, copy: str, start: int, size_bytes: int) -> bytes:
    """Where a piece of a file belongs: which file, which copy of it, from which byte, how many.

    So pieces neither change places nor lengths; how many there are stands in the manifest. Never equal to another
    kind of place: a disclosure has a number where this says `part`.
    """
    return _place(log, "part", f"{blob}/{copy}|{start}+{size_bytes}")


def manifest_aad(log: str, blob: str) -> bytes:
    """Where a file's manifest belongs."""
    return _place(log, "manifest", blob)


def _place(log: str, kind: str, rest: str) -> bytes:
    if "|" in log:
        raise Unreadable("expected a log id without '|'", where="log")
    return f"{log}|{kind}|{rest}".encode()


def seal(key: bytes, nonce: bytes, plaintext: bytes, aad: bytes) -> bytes:
    """The box nonce ‖ ciphertext ‖ tag. Raises Misconfigured for a key or nonce of another size."""
    if len(nonce) != NONCE_BYTES:
        raise Misconfigured(f"expected a nonce of {NONCE_BYTES} bytes, got {len(nonce)}", where="nonce")
    return nonce + AESGCM(_expect_key(key)).encrypt(nonce, plaintext, aad)


def open_(key: bytes, box: bytes, aad: bytes) -> bytes:
    """The plaintext. Raises Corrupt when the box is not one of this key and place, or was changed."""
    if len(key) != KEY_BYTES:
        raise Corrupt(f"expected a key of {KEY_BYTES} bytes, got {len(key)}", where="key")
    if len(box) < NONCE_BYTES + TAG_BYTES:
        raise Corrupt(f"expected a box of at least {NONCE_BYTES + TAG_BYTES} bytes, got {len(box)}", where="box")
    try:
        return AESGCM(key).decrypt(box[:NONCE_BYTES], box[NONCE_BYTES:], aad)
    except InvalidTag:
        raise Corrupt("expected a box sealed under this key for this place, got another or a changed one") from None


def wrap_key(kek: bytes, nonce: bytes, key: bytes, aad: bytes) -> bytes:
    """A subject's key as a box under the key-encryption key. Raises Misconfigured for other sizes."""
    return seal(kek, nonce, _expect_key(key), aad)


def unwrap_key(kek: bytes, wrapped: bytes, aad: bytes) -> bytes:
    """The 32-byte key in a wrapped one. Raises Corrupt as `open_` does, and when it holds something else."""
    key = open_(kek, wrapped, aad)
    if len(key) != KEY_BYTES:
        raise Corrupt(f"expected a wrapped key of {KEY_BYTES} bytes, got {len(key)}", where="key")
    return key


def _expect_key(key: bytes) -> bytes:
    if len(key) != KEY_BYTES:
        raise Misconfigured(f"expected a key of {KEY_BYTES} bytes, got {len(key)}", where="key")
    return key
