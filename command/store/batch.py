"""What every store checks of a batch before it writes it, and what it reads out of a header.

PURE. The database repeats most of this in constraints and triggers (sql/001_log.sql);
here the same mistakes get the same named error in both stores.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec

from command.errors import Conflict, Unreadable
from command.store.ports import HELD_BACK, Batch, EventRow, Head

EMPTY_ROOT = hashlib.sha256(b"").digest()
"""The root of an empty tree (RFC 6962, 2.1)."""

EXEMPT_SESSIONS = ("cli:", "system:")
"""Session ids of the command line's operator and of Muster itself: they have no row and are never revoked."""


class HeaderFacts(msgspec.Struct, frozen=True):
    """The few header fields that a store indexes. The header's bytes stay the truth."""

    id: str
    type: str
    recorded_at: datetime


class _Redaction(msgspec.Struct, frozen=True):
    subject: str | None = None
    seqs: tuple[int, ...] = ()


class _RedactedHeader(msgspec.Struct, frozen=True):
    type: str
    body: _Redaction


_facts = msgspec.json.Decoder(HeaderFacts)
_redacted = msgspec.json.Decoder(_RedactedHeader)


def header_facts(row: EventRow) -> HeaderFacts:
    """Read id, type and time of an event. Raises Unreadable when the bytes are not a header."""
    try:
        return _facts.decode(row.header)
    except msgspec.MsgspecError as error:
        raise Unreadable(
            f"expected an event header, got bytes that are none: {error}", where=f"seq {row.seq}"
        ) from None


def check_batch(locked: Head, batch: Batch) -> list[HeaderFacts]:
    """Check that a batch continues exactly the locked head; returns the facts of its events, in order.

    Raises Conflict naming the first disagreement, Unreadable for a header that is none.
    """
    _check_head(locked, batch)
    facts: list[HeaderFacts] = []
    last = locked.recorded_at
    for expected, row in enumerate(batch.events, locked.seq + 1):
        if row.seq != expected:
            raise Conflict(f"expected event {expected}, got {row.seq}", where=locked.log)
        fact = header_facts(row)
        if last is not None and fact.recorded_at < last:
            raise Conflict(f"expected recorded_at not before {last.isoformat()} at event {row.seq}", where=locked.log)
        last = fact.recorded_at
        facts.append(fact)
    if len({fact.id for fact in facts}) != len(facts):
        raise Conflict("expected event ids to be unique in a batch, got one twice", where=locked.log)
    for box in batch.disclosures:
        if not locked.seq < box.seq <= batch.head.seq:
            raise Conflict(f"expected disclosures of this batch's events, got one of event {box.seq}", where=locked.log)
    return facts


def _check_head(locked: Head, batch: Batch) -> None:
    if batch.head.log != locked.log:
        raise Conflict(f"expected a batch of log {locked.log}, got one of {batch.head.log}", where=locked.log)
    if batch.head.epoch < locked.epoch:
        raise Conflict(f"expected epoch {locked.epoch} or later, got {batch.head.epoch}", where=locked.log)
    if batch.head.seq != locked.seq + len(batch.events):
        raise Conflict(
            f"expected the head to move from {locked.seq} by {len(batch.events)}, got {batch.head.seq}",
            where=locked.log,
        )


def check_redaction(batch: Batch, headers: Iterable[bytes]) -> None:
    """Check that `headers` (of `Redacted` events in this log) cover all that the batch destroys.

    Raises Conflict naming a subject or event without a `Redacted` event.
    """
    subjects: set[str] = set()
    seqs: set[int] = set()
    for header in headers:
        body = _redacted.decode(header).body
        seqs.update(body.seqs)
        if body.subject is not None:
            subjects.add(body.subject)
    for subject in batch.redact_subjects:
        if subject not in subjects:
            raise Conflict(f"expected a Redacted event for subject {subject}, found none", where=batch.head.log)
    for seq in batch.redact_seqs:
        if seq not in seqs:
            raise Conflict(f"expected a Redacted event for event {seq}, found none", where=batch.head.log)


def redacted_subjects(headers: Iterable[bytes]) -> set[str]:
    """The subjects that these `Redacted` events name."""
    found = (_redacted.decode(header).body.subject for header in headers)
    return {subject for subject in found if subject is not None}


def sessions_to_check(sessions: Sequence[str]) -> set[str]:
    """The session ids that have to be looked up: all but the exempt ones and what is none."""
    return {session for session in sessions if not session.startswith((*EXEMPT_SESSIONS, HELD_BACK))}


def check_keys(keys: Mapping[str, bytes]) -> None:
    """Check that subject keys are AES-256 keys. Raises Unreadable."""
    for subject, key in keys.items():
        if len(key) != 32:
            raise Unreadable(f"expected a key of 32 bytes, got {len(key)}", where=subject)
