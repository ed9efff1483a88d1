"""Statements: what a device signed, and how a command is bound to it.

A tablet signs the exact bytes of one JSON object before it knows whether it
will reach the server. Private fields stand in it as `{"sha256": digest}`, so
that the signed bytes can stay in the log for ever; the disclosures travel
beside it. The bytes as stored in a header are `domain.envelope.Statement`; here
is what they say.

A statement names its device and its author, who need not be the same for long: a
tablet is handed on. The device's signature says that this device made it; who
wrote it is proven besides (docs/design/015-devices.md).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from command.domain.ids import PersonId, RecordId
from command.errors import Unreadable
from command.ledger import disclosure, one_reading
from command.ledger.algorithms import Algorithm, is_signed


class Statement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One signed command. `device_seq` counts the device's statements from 1.

    Times are the device's claim, in UTC: `occurred_at` of what is told, `signed_at` of the telling, both off by at most
    `clock_error_ms` as far as the device knows. `command` is the command's JSON with each private field replaced by
    its commitment. `alg` is of the device's key.
    """

    v: Literal[1]
    alg: Algorithm
    log: RecordId
    cmd: RecordId
    device: RecordId
    device_seq: Annotated[int, Meta(ge=1, le=2**53 - 1)]
    author: PersonId
    occurred_at: Annotated[datetime, Meta(tz=True)]
    signed_at: Annotated[datetime, Meta(tz=True)]
    clock_error_ms: Annotated[int, Meta(ge=0, le=86_400_000)]
    basis_seq: Annotated[int, Meta(ge=0)] | None
    command: msgspec.Raw


class _Carried(msgspec.Struct, frozen=True):
    """The part of a header's statement that binding looks at."""

    device: str
    signed: bytes


class _HeaderOf(msgspec.Struct, frozen=True):
    """The part of a header that binding looks at."""

    log: str
    cmd: str
    body: msgspec.Raw
    statement: _Carried | None = None
    confidential: dict[str, Any] | None = None


_statement_decoder = msgspec.json.Decoder(Statement)
_header_decoder = msgspec.json.Decoder(_HeaderOf)
_command_decoder = msgspec.json.Decoder(dict[str, msgspec.Raw])


def verify(public_key: bytes, signed: bytes, signature: bytes, alg: Algorithm = "ed25519") -> None:
    """Raise Unreadable (where="signature") unless this key signed exactly these bytes, by the key's own algorithm."""
    if not is_signed(alg, public_key, signed, signature):
        raise Unreadable("expected the device's signature over the statement, got another", where="signature")


def encode(statement: Statement) -> bytes:
    """The bytes for a device to sign. Called once: from then on the bytes are the statement."""
    return msgspec.json.encode(statement)


def read(signed: bytes) -> Statement:
    """What signed bytes say. Raises Unreadable for another form, and for bytes that could be read in two ways."""
    try:
        statement = _statement_decoder.decode(signed)
    except (ValueError, RecursionError) as exc:
        raise Unreadable(f"expected a statement: {exc}", where="statement") from None
    name = one_reading.repeated_name(signed)
    if name is not None:
        raise Unreadable(f"expected each name once in a statement, got {name!r} twice", where="statement")
    return statement


def bind(statement: Statement, disclosures: Sequence[str], private: Collection[str] | None = None) -> bytes:
    """The command's JSON with plain values in place of commitments, ready for the command decoder.

    Every commitment must be opened by exactly one disclosure whose path is the
    field's name, and every disclosure must be used. With `private` given, exactly
    those fields may and must be commitments where they are present: a private
    value in plain would otherwise stay in the signed bytes, and so in the log, for
    good. Raises Unreadable naming the field.
    """
    try:
        fields = _command_decoder.decode(statement.command)
    except (ValueError, RecursionError) as exc:
        raise Unreadable(f"expected a command as an object: {exc}", where="command") from None
    unused: dict[str, str] = {}
    for text in disclosures:
        digest = disclosure.digest(text)
        if digest in unused:
            raise Unreadable("expected each disclosure once, got one twice", where="disclosures")
        unused[digest] = text
    for name, raw in fields.items():
        committed = disclosure.commitment(msgspec.json.decode(raw))
        _expect_privacy(name, committed is not None, private)
        if committed is not None:
            fields[name] = msgspec.Raw(msgspec.json.encode(_open(name, committed, unused)))
    if unused:
        raise Unreadable(f"expected a field for every disclosure, got {len(unused)} without one", where="disclosures")
    return msgspec.json.encode(fields)


def header_binds(header_bytes: bytes, signed_bytes: bytes) -> bool:
    """Whether a header carries exactly these signed bytes, for the log, command and device that they name.

    For the client: only after this has it the server's receipt for what it signed. A confidential event's header may
    not lead to its device, so it carries no statement: there it must hold every commitment that was signed.
    """
    try:
        header = _header_decoder.decode(header_bytes)
        statement = read(signed_bytes)
        if (header.log, header.cmd) != (statement.log, statement.cmd):
            return False
        if header.statement is None:
            return header.confidential is not None and _holds_commitments(header.body, statement.command)
    except (ValueError, RecursionError, Unreadable):
        return False
    return header.statement.signed == signed_bytes and header.statement.device == statement.device


def _holds_commitments(body: msgspec.Raw, command: msgspec.Raw) -> bool:
    """Whether there are commitments in a command, and each is in the event's body under the same name."""
    told, kept = _command_decoder.decode(command), _command_decoder.decode(body)
    digests = {name: disclosure.commitment(msgspec.json.decode(raw)) for name, raw in told.items()}
    signed = {name: digest for name, digest in digests.items() if digest is not None}
    return bool(signed) and all(
        name in kept and disclosure.commitment(msgspec.json.decode(kept[name])) == digest
        for name, digest in signed.items()
    )


def _expect_privacy(name: str, committed: bool, private: Collection[str] | None) -> None:
    if private is None or committed == (name in private):
        return
    expected, got = ("a plain value", "a commitment") if committed else ("a commitment", "a plain value")
    raise Unreadable(f"expected {expected} in field {name!r}, got {got}", where=name)


def _open(name: str, digest: str, unused: dict[str, str]) -> Any:
    text = unused.pop(digest, None)
    if text is None:
        raise Unreadable(f"expected a disclosure for field {name!r}, got none that fits", where=name)
    opened = disclosure.read(text)
    if opened.path != name:
        raise Unreadable(f"expected a disclosure for field {name!r}, got one for {opened.path!r}", where=name)
    return opened.value
