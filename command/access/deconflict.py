"""The register of de-confliction: "do not arrest here: call this number", by position, and never who it is.

An officer in plain clothes must not be taken for one of the crowd by colleagues (St. Louis 2017, domain D10), and must
not be named in a log that is exported, published and read by many. So this is no event: it stands beside the log,
sealed under a key of its own from outside the database, for command's eyes, until it is over; then it is deleted.
Who registered it is on the audit trail, by account; whom it protects is nowhere.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Annotated, Final

import msgspec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from msgspec import Meta

from command.domain.ids import Line, Place
from command.ledger.box import NONCE_BYTES, open_, seal

MOST_HOURS: Final = 24
"""Longer than any operational period: what is still true then is registered anew."""

MOST: Final = 200
"""Of one incident. Beyond it the register says that it is full, and nothing old is dropped for it."""


class Notice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """As command reads it. `radius_m` is how far around the place it holds, in metres."""

    place: Place
    call: Line
    radius_m: Annotated[int, Meta(ge=1, le=2_000)] = 50


class SealedNotice(msgspec.Struct, frozen=True):
    """As it is kept."""

    id: str
    incident: str
    until: datetime
    box: bytes


class RegisterKey:
    """Seals and opens notices, each bound to its incident, number and end."""

    def __init__(self, root: bytes) -> None:
        self._box = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"muster register: deconfliction").derive(root)

    def seal(self, notice: Notice, incident: str, id_: str, now: datetime, hours: int) -> SealedNotice:
        """A notice for so many hours."""
        until = now + timedelta(hours=hours)
        raw = msgspec.json.encode(notice)
        box = seal(self._box, secrets.token_bytes(NONCE_BYTES), raw, _bound(incident, id_, until))
        return SealedNotice(id_, incident, until, box)

    def open(self, kept: SealedNotice) -> Notice:
        """Raises Corrupt where the box is another's, of another key, or changed."""
        raw = open_(self._box, kept.box, _bound(kept.incident, kept.id, kept.until))
        return msgspec.json.decode(raw, type=Notice)


def _bound(incident: str, id_: str, until: datetime) -> bytes:
    return f"deconfliction|{incident}|{id_}|{until.timestamp():.6f}".encode()
