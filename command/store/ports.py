"""What the service needs of a store: the contract that PostgreSQL and memory both keep.

One contract suite (tests/store/contract.py) runs on every implementation.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol

import msgspec


class Head(msgspec.Struct, frozen=True):
    """Where a log ends. `frontier` is the compact Merkle range: the roots of the perfect subtrees, left to right."""

    log: str
    epoch: int
    seq: int  # 0 = empty
    frontier: tuple[bytes, ...]
    root: bytes
    recorded_at: datetime | None  # the last event's
    wall: datetime  # the database's clock, read under the lock


class EventRow(msgspec.Struct, frozen=True):
    """One event as stored: exact header bytes and their leaf hash."""

    seq: int
    header: bytes
    leaf: bytes


class DisclosureRow(msgspec.Struct, frozen=True):
    """An encrypted disclosure: AES-256-GCM under the subject's key; `box` = nonce ‖ ciphertext ‖ tag."""

    seq: int
    path: str
    subject: str
    box: bytes


class CommandRow(msgspec.Struct, frozen=True):
    """What is remembered of a command so that its repeat gets the same answer."""

    cmd: str
    actor: str
    digest: bytes  # of the received bytes, keyed: a plain one would confirm guesses of the private values in them
    first_seq: int
    last_seq: int
    answer: bytes  # JSON, no private values


class AuditRow(msgspec.Struct, frozen=True):
    """Who did, saw, exported or tried what, and with which outcome. Ids only, no personal data."""

    at: datetime
    who: str  # person id, or "-" before sign-in
    session: str  # public session id, never the token
    source: str  # network address or "cli"
    action: str
    object: str
    outcome: str  # "ok" | "refused" (by the plan) | "denied" (by access) | "failed"
    detail: str = ""


class AuditQuery(msgspec.Struct, frozen=True):
    """Which entries of the trail: all that is given must fit. `since` is in, `until` is out."""

    who: str | None = None
    action: str | None = None
    object: str | None = None
    outcome: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def fits(self, row: AuditRow) -> bool:
        """Whether an entry is one of them."""
        pairs = ((self.who, row.who), (self.action, row.action), (self.object, row.object), (self.outcome, row.outcome))
        return (
            all(wanted is None or wanted == found for wanted, found in pairs)
            and (self.since is None or self.since <= row.at)
            and (self.until is None or row.at < self.until)
        )


WHOLE_TRAIL = AuditQuery()


class PackRow(msgspec.Struct, frozen=True):
    """A rule pack's file: `digest` is the SHA-256 of `raw` in hex."""

    digest: str
    name: str
    raw: bytes


class Batch(msgspec.Struct, frozen=True):
    """Everything that one transaction appends."""

    head: Head
    events: tuple[EventRow, ...]
    disclosures: tuple[DisclosureRow, ...]
    commands: tuple[CommandRow, ...]
    audit: tuple[AuditRow, ...]
    redact_subjects: tuple[str, ...] = ()
    redact_seqs: tuple[int, ...] = ()


HELD_BACK = "quarantine:"
"""Before the name of what was held back, where `revoked` is asked whether somebody turned it down."""


class Append(Protocol):
    """One locked append: the head row is held until the context ends.

    Leaving the context without `commit` rolls everything back.
    """

    head: Head

    async def events_after(self, seq: int) -> list[EventRow]:
        """Events up to the locked head, for catching up with what other nodes appended."""

    async def commands(self, ids: Sequence[str]) -> dict[str, CommandRow]:
        """Commands of this log already answered."""

    async def revoked(self, sessions: Sequence[str]) -> set[str]:
        """Which of these session ids have ended (revoked, locked, expired or unknown) as of now, and which of what was
        held back (`quarantine:<item>`) was turned down: nothing is turned down while the head is locked."""

    async def commit(self, batch: Batch) -> None:
        """Write and commit. Returns only when durable.

        Raises OutcomeUnknown when the connection was lost at COMMIT; and, with nothing written, Unavailable when the
        database failed, Conflict when the batch does not continue the locked head, repeats an event or command id,
        or would destroy what no `Redacted` event names, Unreadable when an event's header is none.
        """


class OutcomeUnknown(Exception):
    """The connection was lost while committing: the batch may or may not be there. Look it up by command id."""


class Store(Protocol):
    """A log store and the tables beside it."""

    async def create_log(self, log: str, audit: Sequence[AuditRow] = ()) -> None:
        """Make an empty log. Creating it again is a no-op."""

    async def logs(self) -> list[Head]: ...

    async def head(self, log: str) -> Head | None: ...

    def append(self, log: str) -> AbstractAsyncContextManager[Append]:
        """Lock the head row and append. Raises NotFound for an unknown log, Unavailable when the database is away."""

    async def events(self, log: str, after: int, limit: int) -> list[EventRow]:
        """Events with seq > after, in order, at most `limit`."""

    async def events_before(self, log: str, before: int, limit: int) -> list[EventRow]:
        """The last `limit` events with seq < before, in order."""

    async def leaves(self, log: str, after: int, limit: int) -> list[tuple[int, bytes]]: ...

    async def disclosures(self, log: str, seqs: Sequence[int]) -> list[DisclosureRow]: ...

    async def told_of(self, log: str, subjects: Sequence[str]) -> set[str]:
        """Those of these subjects of whom a disclosure is kept."""

    async def seq_at(self, log: str, at: datetime) -> int:
        """The last seq whose recorded_at <= at (0 if none)."""

    async def snapshot(self, log: str, upto: int, version: str) -> tuple[int, bytes, bytes] | None:
        """The newest cached snapshot (seq, root, state) with seq <= upto of this fold version."""

    async def put_snapshot(self, log: str, seq: int, root: bytes, version: str, state: bytes) -> None: ...

    async def put_packs(self, packs: Sequence[PackRow], audit: Sequence[AuditRow] = ()) -> None:
        """Keep rule packs for good, with their audit entries or not at all. One that is kept already stays as it is."""

    async def packs(self, digests: Sequence[str]) -> list[PackRow]:
        """Those of these packs that are kept."""

    async def audit(self, rows: Sequence[AuditRow]) -> None:
        """Append audit entries on their own (reads, denials). Raises Untraceable when they cannot be written."""

    async def audit_entries(
        self, before: int | None, limit: int, wanted: AuditQuery = WHOLE_TRAIL
    ) -> list[tuple[int, AuditRow]]:
        """The newest of the wanted audit entries with a number < before (None: of all), newest first."""

    async def try_audit(self) -> None:
        """Write an entry as an act would, and take it back. Raises Untraceable or Unavailable where that fails."""

    async def notify(self, log: str) -> None:
        """Hint other nodes that the log grew. May be lost."""

    def hints(self) -> AsyncIterator[str]:
        """Log ids that other nodes say grew. A hint only; the reader polls as well."""


class KeyStore(Protocol):
    """Subject keys, kept apart from the data and its backups."""

    async def get(self, log: str, subjects: Sequence[str]) -> dict[str, bytes]:
        """The 32-byte keys of those subjects that have one."""

    async def create(self, log: str, keys: dict[str, bytes]) -> dict[str, bytes]:
        """Durably store new keys; a subject that has one keeps it. Returns the keys now in force."""

    async def destroy(self, log: str, subjects: Sequence[str]) -> int:
        """Destroy keys beyond recovery from this store; returns how many there were."""
