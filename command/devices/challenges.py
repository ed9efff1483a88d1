"""Challenges that nobody has to remember: each says when it is over, and carries our mark. Pure.

Anyone may ask for one, so asking must write nothing. What is written down is that one was answered, which takes a
device's signature first; until it is over it cannot be answered again. Nodes share the key, so any of them may be asked.
"""

from __future__ import annotations

import hmac
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final

from command.errors import Unreadable
from command.ledger.disclosure import decode_bytes, encode_bytes

LIVES: Final = timedelta(minutes=2)
"""Long enough for a hundred statements over 16 KB/s, short enough to forget soon."""

RANDOM_BYTES: Final = 16
_TIME_BYTES = 8
_MARK_BYTES = 16
_BYTES = _TIME_BYTES + RANDOM_BYTES + _MARK_BYTES


def make(key: bytes, bound: str, now: datetime, random: bytes) -> str:
    """A challenge for `bound` (a device, a code's digest), as base64url. `random` is 16 fresh bytes."""
    expires_ms = int((now + LIVES).timestamp() * 1000)
    body = expires_ms.to_bytes(_TIME_BYTES, "big") + random
    return encode_bytes(body + _mark(key, bound, body))


def expires_at(key: bytes, bound: str, text: str, now: datetime) -> datetime | None:
    """Until when a challenge holds; None for one that is over, of another's, or not ours."""
    try:
        raw = decode_bytes(text)
    except Unreadable:
        return None
    body, mark = raw[:-_MARK_BYTES], raw[-_MARK_BYTES:]
    if len(raw) != _BYTES or not hmac.compare_digest(mark, _mark(key, bound, body)):
        return None
    until = datetime.fromtimestamp(int.from_bytes(body[:_TIME_BYTES], "big") / 1000, UTC)
    return until if now < until else None


def digest(text: str) -> bytes:
    """How an answered one is remembered."""
    return sha256(text.encode()).digest()


def _mark(key: bytes, bound: str, body: bytes) -> bytes:
    return hmac.digest(key, b"muster device challenge\0" + bound.encode() + b"\0" + body, "sha256")[:_MARK_BYTES]
