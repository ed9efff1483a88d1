"""Whether the statements in a log are signed by the devices and authors that they name.

The keys come from whoever shows the log, each with the time from which it counts and the time at which it ended. So a
log that checks out here is one that *these* keys signed: compare a device's fingerprint with what its agency has of it
(`muster device list`), or the log's root with a signed head kept elsewhere, where that must be beyond doubt. A
confidential event holds no statement, and no key is here because of one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from command.errors import Unreadable
from command.ledger import statement as statements
from command.ledger.algorithms import Algorithm, fingerprint, is_public_key, is_signed

REVOKED_WITHIN: Final = timedelta(seconds=5)
"""A revocation reaches every node within this, and two clocks tell its time and the record's: what came meanwhile is not
called late."""

RELEASED: Final = "released"

Utc = Annotated[datetime, Meta(tz=True)]

StatementKind = Literal[
    "statement",  # the signed text is none, or names another log, command, device or author than its header
    "device key",  # no key, two keys or an unfit key for a device whose statements are in the log
    "signature",  # the device's key did not sign this
    "author",  # the author's own signature is missing or not theirs
    "revoked",  # recorded after its device was revoked, and nobody let it in
    "enrolment",  # signed before its device was enrolled, and nobody let it in
]


class DeviceKey(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag="device"):
    """A device's public key (base64 in JSON), from when to when it counted, and whose device it is."""

    device: str
    agency: str
    alg: Algorithm
    public_key: bytes
    enrolled_at: Utc
    revoked_at: Utc | None = None


class PersonKey(msgspec.Struct, frozen=True, tag_field="type", tag="author"):
    """A person's own key on one device, since when."""

    device: str
    person: str
    alg: Algorithm
    public_key: bytes
    since: Utc


class Statements(msgspec.Struct, frozen=True):
    """How many statements the log holds, and what became of them. `released`: verified, and let in by a person after
    their device was revoked or their author unproven. `unchecked`: nobody gave keys to check them with."""

    verified: int = 0
    released: int = 0
    wrong: int = 0
    unchecked: int = 0


class _Carried(msgspec.Struct, frozen=True):
    device: str
    signed: bytes
    signature: bytes
    proof: str = "session"
    author_signature: bytes | None = None


class _Actor(msgspec.Struct, frozen=True):
    person: str


class _HeaderOf(msgspec.Struct, frozen=True):
    log: str
    cmd: str
    actor: _Actor
    recorded_at: Utc
    wall_at: Utc | None = None
    statement: _Carried | None = None


_headers = msgspec.json.Decoder(_HeaderOf)

Found = tuple[StatementKind, str]
"""What is wrong, and in words."""


def carried(header: bytes) -> tuple[str, str | None] | None:
    """Whose keys it takes to check a header's statement: (device, author where they signed too); None without one."""
    if b'"statement"' not in header:
        return None
    try:
        read = _headers.decode(header)
    except (ValueError, RecursionError):
        return None
    if read.statement is None:
        return None
    return read.statement.device, None if read.statement.author_signature is None else read.actor.person


class Signers:
    """Public keys by device and person. `add` all that are given, then `check` each header."""

    def __init__(self, keys: Iterable[DeviceKey | PersonKey] = ()) -> None:
        self._devices: dict[str, list[DeviceKey]] = {}
        self._people: dict[tuple[str, str], list[PersonKey]] = {}
        self.verified = self.released = self.wrong = 0
        for key in keys:
            self.add(key)

    def add(self, key: DeviceKey | PersonKey) -> None:
        """Take a key in. The same again is no other key."""
        if isinstance(key, DeviceKey):
            ours = self._devices.setdefault(key.device, [])
            if key not in ours:
                ours.append(key)
        else:
            theirs = self._people.setdefault((key.device, key.person), [])
            if key not in theirs:
                theirs.append(key)

    def devices(self) -> Iterator[DeviceKey]:
        """All device keys, by device."""
        for name in sorted(self._devices):
            yield from self._devices[name]

    def check(self, header: bytes) -> tuple[Found, ...]:
        """What is wrong with the statement in a header; nothing where it holds, or where there is none.

        Raises ValueError for a header that is none.
        """
        read = _headers.decode(header)
        if read.statement is None:
            return ()
        found = tuple(self._check(read, read.statement))
        if found:
            self.wrong += 1
        elif read.statement.proof == RELEASED:
            self.released += 1
        else:
            self.verified += 1
        return found

    def _check(self, header: _HeaderOf, kept: _Carried) -> Iterator[Found]:
        try:
            stated = statements.read(kept.signed)
        except Unreadable as exc:
            yield "statement", exc.message
            return
        named = {
            "log": (header.log, stated.log),
            "command id": (header.cmd, stated.cmd),
            "device": (kept.device, stated.device),
            "author": (header.actor.person, stated.author),
        }
        for what, (ours, theirs) in named.items():
            if ours != theirs:
                yield "statement", f"expected a statement of the {what} {ours!r}, got one of {theirs!r}"
        keys = self._devices.get(kept.device, [])
        if len(keys) != 1:
            yield "device key", f"expected one key of the device {kept.device}, got {len(keys)}"
            return
        yield from _by_device(keys[0], stated, kept, header.wall_at or header.recorded_at)
        yield from self._by_author(stated, kept)

    def _by_author(self, stated: statements.Statement, kept: _Carried) -> Iterator[Found]:
        if kept.proof != "key" and kept.author_signature is None:
            return
        if kept.proof == RELEASED:  # one that does not hold may be why it was held back
            return
        own = self._people.get((kept.device, stated.author), [])
        signature = kept.author_signature or b""
        if not any(is_signed(key.alg, key.public_key, kept.signed, signature) for key in own):
            yield "author", f"expected the own signature of {stated.author} at the device {kept.device}, got another"


def _by_device(key: DeviceKey, stated: statements.Statement, kept: _Carried, at: datetime) -> Iterator[Found]:
    """By the device's key: its signature, and whether the key counted then."""
    if not is_public_key(key.alg, key.public_key):
        yield "device key", f"expected a usable {key.alg} key of the device {key.device}, got another thing"
        return
    if stated.alg != key.alg or not is_signed(key.alg, key.public_key, kept.signed, kept.signature):
        print_ = fingerprint(key.public_key)
        yield "signature", f"expected the signature of the device {key.device} (key {print_[:16]}…), got another"
    if kept.proof == RELEASED:
        return
    if key.revoked_at is not None and at > key.revoked_at + REVOKED_WITHIN:
        since = key.revoked_at.isoformat()
        yield "revoked", f"expected nothing of the device {key.device} since it was revoked at {since}"
    if stated.signed_at + timedelta(milliseconds=stated.clock_error_ms) < key.enrolled_at:
        yield "enrolment", f"expected nothing signed before the device {key.device} was enrolled"
