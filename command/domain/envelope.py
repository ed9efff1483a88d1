"""The envelope of an event: who, when, on what basis, with which finding.

The header is what is stored, hashed and shown to a verifier, as exact bytes.
Nothing in Muster re-encodes a header in order to check it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from command.domain.events import Event
from command.domain.ids import AgencyId, PersonId, PositionId, RecordId
from command.domain.private import Sealed, private_fields
from command.policy.decision import Decision, Finding

Utc = Annotated[datetime, Meta(tz=True)]

HEADER_VERSION = 1


class Actor(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Who stands behind an event. `position` is the ICS position held at that moment, if any."""

    person: PersonId
    agency: AgencyId
    position: PositionId | None = None
    device: RecordId | None = None


class SealedActor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Commitments to who stands behind a confidential event. None is sealed too: the log does not tell what was there."""

    person: Sealed
    agency: Sealed
    position: Sealed
    device: Sealed


HIDDEN = Actor("confidential", "confidential")
"""What a confidential event's header says in place of its author; `confidential` beside it holds the commitments."""

UNCLAIMED = "unclaimed"
"""Whom a device names as the author of what was captured on it while nobody was signed in and nobody said who they are."""


class Origin(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where an event came from, when not from a person at a screen.

    `import`: a row of an external record. `script`: written for a demonstration or
    exercise, and shown as such everywhere. `paper`: entered later from a form. `quarantine`: a
    device's statement that was held back, and that an administrator let in (`source` is the device).
    """

    kind: Literal["import", "script", "paper", "quarantine"]
    source: str = ""
    record: str = ""
    line: int | None = None


AuthorProof = Literal["session", "key", "attested", "claimed", "released"]
"""How it is known who wrote a statement: docs/design/015-devices.md.

session    sent in the author's own live session
key        signed with the author's own key as well, which only they unlock
attested   the device says so, and the author was signed in at it when it was signed
claimed    captured on a locked device; its author took it as theirs in a live session, later
released   nobody could know; an administrator let it in, with a reason
"""


class Statement(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The exact bytes a device signed, kept so that anyone can check the signature, and the author's where there is one."""

    device: RecordId
    signed: bytes
    signature: bytes
    proof: AuthorProof = "session"
    author_signature: bytes | None = None


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One event as it is stored. Times are UTC.

    `recorded_at` is the incident's time: the database's clock read under the head
    lock, never running backwards; in an exercise with a clock of its own it is that
    clock, and `wall_at` then holds the database's.
    """

    v: int
    log: str
    epoch: int
    seq: int
    id: str
    type: str
    schema: int
    occurred_at: Utc
    recorded_at: Utc
    actor: Actor
    cmd: str
    body: msgspec.Raw
    clock_error_ms: int = 0
    wall_at: Utc | None = None
    basis_seq: int | None = None
    packs: str | None = None
    decision: Decision | None = None
    finding: Finding | None = None
    supersedes: str | None = None
    origin: Origin | None = None
    statement: Statement | None = None
    confidential: SealedActor | None = None


class Recorded(msgspec.Struct, frozen=True):
    """An event of the log as the fold takes it: envelope facts beside the decoded event."""

    header: Header
    event: Event

    @property
    def seq(self) -> int:
        """The event's gapless place in its log."""
        return self.header.seq


ACTOR_PATHS = tuple(f"actor.{name}" for name in SealedActor.__struct_fields__)
"""The paths under which a confidential author's disclosures lie."""


def private_paths(entry: Recorded) -> tuple[str, ...]:
    """Every path of an event that is a commitment in the log: its private fields and, where confidential, its author."""
    fields = private_fields(type(entry.event))
    return fields if entry.header.confidential is None else (*fields, *ACTOR_PATHS)


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Header)


def encode_header(header: Header) -> bytes:
    """The bytes to store and to hash. Called once in an event's life."""
    return _encoder.encode(header)


def decode_header(raw: bytes) -> Header:
    """Read stored bytes back. Raises msgspec.ValidationError on bytes that are not a header."""
    return _decoder.decode(raw)
