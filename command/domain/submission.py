"""A command as it is sent, and what became of it: the same over HTTP, the socket and the command line."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from command.domain.ids import RecordId
from command.policy.decision import Decision, Finding

MAX_SEQ = 2**53 - 1
"""It stands in headers, and beyond this number not every reader of JSON reads back what was written."""


class Submission(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One command as a client sends it, over HTTP or the socket. `command` is kept as received bytes.

    `cmd` is the client's own UUIDv7: repeating the same bytes gets the first answer.
    `statement`, `signature` (base64url) and `disclosures` come from a device that signs; `author_signature` is over the
    same bytes, with the author's own key.
    """

    cmd: RecordId
    command: msgspec.Raw
    issued_at: Annotated[datetime, Meta(tz=True)] | None = None  # the author's wall clock, for an ask's age
    occurred_at: Annotated[datetime, Meta(tz=True)] | None = None  # None: now
    clock_error_ms: Annotated[int, Meta(ge=0, le=86_400_000)] = 0
    basis_seq: Annotated[int, Meta(ge=0, le=MAX_SEQ)] | None = None
    statement: Annotated[str, Meta(max_length=48_000)] | None = None
    signature: Annotated[str, Meta(max_length=200)] | None = None
    author_signature: Annotated[str, Meta(max_length=200)] | None = None
    disclosures: Annotated[tuple[str, ...], Meta(max_length=200)] = ()


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of a command. Holds no private value, so it can be kept and repeated.

    status: `accepted` (seq…last_seq hold its events), `refused` by the plan (recorded at
    seq; see decision), `duplicate` (the first answer is in `first`), `conflict` (the id
    was used for other bytes or by someone else), `unreadable`, `denied` by access: with
    `code` "step-up" the person proves themselves again and sends the same once more.
    `quarantined`: kept apart from the log, unchanged, until a person decides; `code` says why.
    `notes`: what the author should know and nobody else is told here, each a plain sentence.
    """

    cmd: str
    status: str
    seq: int | None = None
    last_seq: int | None = None
    header: str | None = None  # base64url of the first event's exact header bytes
    decision: Decision | None = None
    finding: Finding | None = None
    problem: str | None = None
    where: str | None = None
    first: Answer | None = None
    code: str | None = None
    notes: tuple[str, ...] = ()
