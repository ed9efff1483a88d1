"""Disclosures: the private value behind a salted commitment, as in SD-JWT (RFC 9901 §4.2).

A disclosure is `base64url(JSON [salt, path, value])` without padding. What the
log holds is its digest: without the salt nobody can confirm a guess, and once
the disclosure is destroyed the digest says nothing. The digest is taken over
the text of the disclosure, never over a re-encoding of its value, so other
writers may space or escape their JSON as they like.
"""

from __future__ import annotations

import base64
import binascii
from hashlib import sha256
from typing import Any, NamedTuple

import msgspec

from command.errors import TooLarge, Unreadable

SALT_BYTES_MIN = 16  # RFC 9901 §9.3 recommends 128 bits: enough that a salt can't be guessed with the value

# A note of 8,000 characters, each escaped as \uXXXX and then in base64, is 64,000; the frame limit is 64 KiB.
DISCLOSURE_CHARS_MAX = 65_536


class Disclosure(NamedTuple):
    """What a disclosure says: raw salt, the path (the field's name) and the JSON value."""

    salt: bytes
    path: str
    value: Any


def make(salt: bytes, path: str, value: Any) -> str:
    """The disclosure of `value` (any JSON value) at `path`.

    Raises Unreadable for a salt under 128 bits, an empty path or a value that JSON cannot hold.
    """
    if len(salt) < SALT_BYTES_MIN:
        raise Unreadable(f"expected a salt of at least {SALT_BYTES_MIN} bytes, got {len(salt)}", where="salt")
    if not path:
        raise Unreadable("expected the name of a field, got an empty path", where="path")
    try:
        raw = msgspec.json.encode((encode_bytes(salt), path, value))
    except (TypeError, ValueError, RecursionError) as exc:
        raise Unreadable(f"expected a JSON value to disclose: {exc}", where=path) from None
    return encode_bytes(raw)


def digest(disclosure: str) -> str:
    """The commitment: base64url(SHA-256(the disclosure's ASCII text)), 43 characters."""
    return encode_bytes(sha256(_ascii(disclosure)).digest())


def read(disclosure: str) -> Disclosure:
    """Take a disclosure apart. Raises Unreadable (TooLarge over 65,536 characters)."""
    if len(disclosure) > DISCLOSURE_CHARS_MAX:
        raise TooLarge(
            f"expected a disclosure of at most {DISCLOSURE_CHARS_MAX} characters, got {len(disclosure)}",
            where="disclosure",
        )
    try:
        parts = msgspec.json.decode(decode_bytes(disclosure), type=tuple[str, str, Any])
    except (ValueError, RecursionError) as exc:
        raise Unreadable(f"expected JSON [salt, path, value] in a disclosure: {exc}", where="disclosure") from None
    salt = decode_bytes(parts[0])
    if len(salt) < SALT_BYTES_MIN:
        raise Unreadable(f"expected a salt of at least {SALT_BYTES_MIN} bytes, got {len(salt)}", where="disclosure")
    if not parts[1]:
        raise Unreadable("expected the name of a field in a disclosure, got an empty path", where="disclosure")
    return Disclosure(salt, parts[1], parts[2])


def commitment(value: Any) -> str | None:
    """The digest in a field's JSON value that is exactly `{"sha256": digest}`, or None for any other value."""
    if isinstance(value, dict) and len(value) == 1 and isinstance(value.get("sha256"), str):
        return str(value["sha256"])
    return None


def encode_bytes(raw: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def decode_bytes(text: str) -> bytes:
    """Bytes of base64url without padding.

    Raises Unreadable unless this is the one way to write those bytes: padding, the
    other alphabet, blanks and loose last bits are refused.
    """
    try:
        raw = base64.b64decode(_ascii(text) + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        raw = b""
    if encode_bytes(raw) != text:
        raise Unreadable(f"expected base64url without padding, got {len(text)} other characters", where="base64url")
    return raw


def _ascii(text: str) -> bytes:
    try:
        return text.encode("ascii")
    except UnicodeEncodeError:
        raise Unreadable("expected ASCII text, got other characters", where="base64url") from None
