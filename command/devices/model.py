"""What there is to know of a device, of who is at it, and of a statement that was held back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

import msgspec

from command.access.model import Account, Grant
from command.domain.submission import Answer
from command.ledger.algorithms import Algorithm

Cause = Literal["revoked", "author", "access", "time"]
"""Why a statement was held back.

revoked  the device was revoked before it came
author   nobody can know that its author wrote it
access   its author had no grant here when it happened, or their account is shut
time     it claims to be signed before the device was enrolled
"""

Outcome = Literal["released", "rejected"]

Fate = Literal["waiting", "let in", "claimed", "turned down", "not here"]
"""What a device is told of a record that was held back. `not here`: nothing is held under that number."""


class Device(msgspec.Struct, frozen=True):
    """A device that may sign: its public key, and whose word let it in."""

    id: str
    agency: str
    label: str
    alg: Algorithm
    public_key: bytes
    enrolled_at: datetime
    enrolled_by: str
    seen_at: datetime | None = None
    revoked_at: datetime | None = None
    revoked_by: str = ""

    @property
    def session(self) -> str:
        """What stands in the place of a session where the device itself is at the door."""
        return session_of(self.id)


class Listed(msgspec.Struct, frozen=True):
    """A device with what came of it. `missing` are numbers below the last that never came: records still out there."""

    device: Device
    statements: int
    missing: int
    held: int


class Code(msgspec.Struct, frozen=True):
    """What lets one device enrol, until then: only a hash of it is kept."""

    sha256: bytes
    agency: str
    label: str
    created_at: datetime
    expires_at: datetime
    created_by: str
    device: str | None = None  # who used it


class AuthorKey(msgspec.Struct, frozen=True):
    """A person's own key on one device, which only they unlock there."""

    device: str
    person: str
    alg: Algorithm
    public_key: bytes
    since: datetime


class Presence(msgspec.Struct, frozen=True):
    """A person was signed in at a device, by the server's clock. `until` is the session's end, planned or real."""

    session: str
    device: str
    person: str
    since: datetime
    until: datetime | None = None

    def covers(self, at: datetime, error: timedelta) -> bool:
        """Whether it was so at some moment within the error of a clock."""
        return self.since <= at + error and (self.until is None or at - error < self.until)


class Writer(msgspec.Struct, frozen=True):
    """Whom a statement names as its author: the account, its grants, and what it holds at the device."""

    account: Account
    grants: tuple[Grant, ...]
    keys: tuple[AuthorKey, ...]
    presences: tuple[Presence, ...]


class Held(msgspec.Struct, frozen=True):
    """A statement that was held back. `box` opens with the key store only; everything beside it may be shown."""

    id: str
    log: str
    device: str
    device_seq: int
    cmd: str
    author: str
    type: str
    cause: Cause
    received_at: datetime
    box: bytes
    outcome: Outcome | None = None
    decided_at: datetime | None = None
    decided_by: str = ""
    why: bytes | None = None


class Decided(msgspec.Struct, frozen=True):
    """What was decided of a held statement, by whom and why (in a box)."""

    outcome: Outcome
    at: datetime
    by: str
    why: bytes


class Became(msgspec.Struct, frozen=True):
    """What became of a device's held statement: of one that is in the log the answer, where it may be told."""

    device_seq: int
    fate: Fate
    item: str | None = None
    answer: Answer | None = None


_SESSION = "device:"


def session_of(device: str) -> str:
    """The name under which the log's store looks whether a device is revoked, as it does with sessions."""
    return _SESSION + device
