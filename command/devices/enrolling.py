"""How a device comes in and goes: a code once within ten minutes, a key with its proof, and an end for good."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

import msgspec

from command.access.audit import entry
from command.access.codes import new_code, plain_code, qr_svg
from command.access.model import Subject
from command.devices import challenges
from command.devices.model import AuthorKey, Code, Device, Presence
from command.devices.ports import DeviceStore
from command.errors import Denied, NotFound, Unreadable
from command.ledger.algorithms import Algorithm, is_public_key, is_signed
from command.ledger.disclosure import encode_bytes

LIFETIME: Final = timedelta(minutes=10)

EARLY: Final = timedelta(seconds=30)
"""Two servers' clocks differ by seconds. A code from later than that is of a clock that was wrong, and how old it is
nobody knows."""

NO_GOOD: Final = "this code was used, has expired, or never existed"
"""Used, over and unknown look the same from outside."""


class Invitation(msgspec.Struct, frozen=True):
    """A code, which is shown once and kept nowhere, and what its QR code says."""

    code: str
    url: str
    qr: str
    expires_at: datetime


async def invite(
    store: DeviceStore, *, agency: str, label: str, base_url: str, authority: str, now: datetime, by: Subject
) -> Invitation:
    """Make a code for one device, good once, for ten minutes.

    `base_url` is where the server is reached, `authority` the SHA-256 of its certificate authority in hex ("" where a
    public one vouches for it). What the QR code says stands behind the `#`, which browsers send to nobody.
    """
    code = new_code()
    row = entry(by, "device.invite", agency, "ok", now, source=by.source)
    kept = Code(_digest(code), agency, label, now, now + LIFETIME, by.person)
    await store.invite(kept, row)
    url = f"{base_url.rstrip('/')}/enrol#code={code}" + (f"&ca={authority}" if authority else "")
    return Invitation(code, url, qr_svg(url), kept.expires_at)


async def begin(store: DeviceStore, key: bytes, code: str, now: datetime) -> str:
    """A challenge for a device that holds a code. Raises Denied where the code is no good."""
    digest = _digest(code)
    found = await store.code(digest)
    if found is None or found.device is not None or not found.created_at - EARLY <= now < found.expires_at:
        raise Denied(NO_GOOD)
    return challenges.make(key, _bound(digest), now, secrets.token_bytes(challenges.RANDOM_BYTES))


async def enrol(
    store: DeviceStore,
    key: bytes,
    *,
    code: str,
    challenge: str,
    alg: Algorithm,
    public_key: bytes,
    signature: bytes,
    now: datetime,
    source: str,
) -> Device:
    """Trade a code and a key with its proof for a place among the devices. Raises Unreadable for a key or proof that
    does not hold, Denied where code or challenge are no good, or the key was here before."""
    digest = _digest(code)
    if not is_public_key(alg, public_key):
        raise Unreadable(f"expected a public key of {alg}", where="public_key")
    if not is_signed(alg, public_key, enrolment_text(challenge, alg, public_key), signature):
        raise Unreadable("expected a signature over the challenge by this key", where="signature")
    if challenges.expires_at(key, _bound(digest), challenge, now) is None:
        raise Denied("expected an answer to a challenge for this code, in time", where="challenge")
    found = await store.code(digest)
    if found is None:
        raise Denied(NO_GOOD)
    device = Device(
        id="d-" + secrets.token_hex(8),
        agency=found.agency,
        label=found.label,
        alg=alg,
        public_key=public_key,
        enrolled_at=now,
        enrolled_by=found.created_by,
        seen_at=now,
    )
    row = msgspec.structs.replace(
        entry(None, "device.enrol", device.id, "ok", now, source=source, detail=alg), who=found.created_by
    )
    if not await store.enrol(digest, device, row):
        raise Denied(NO_GOOD)
    return device


async def attach(
    store: DeviceStore, device: Device, who: Subject, nonce: str, mine: tuple[Algorithm, bytes, bytes] | None,
    now: datetime,
) -> None:  # fmt: skip
    """Write down that a session is at this device; `mine` is the person's own key there (algorithm, key, proof).

    `nonce` is the request's, which the proof covers. Raises Unreadable for a key or proof that does not hold, Denied
    for a revoked device or another person's key.
    """
    key = None
    if mine is not None:
        alg, public_key, signature = mine
        text = author_text(nonce, device.id, who.person, alg, public_key)
        if public_key == device.public_key or not is_public_key(alg, public_key):
            raise Unreadable(f"expected a public key of {alg} that is the person's own", where="author_key")
        if not is_signed(alg, public_key, text, signature):
            raise Unreadable("expected a signature over the nonce by this key", where="author_key")
        key = AuthorKey(device.id, who.person, alg, public_key, now)
    row = entry(who, "device.attach", device.id, "ok", now, source=who.source, detail="own key" if key else "")
    if not await store.attach(Presence(who.session, device.id, who.person, now), key, row):
        raise Denied("expected a device that is not revoked, and a key of one's own")


async def revoke(store: DeviceStore, device: str, now: datetime, by: Subject) -> tuple[str, ...]:
    """End a device for good; the ids of the sessions that ended with it. Raises NotFound.

    Revoking again says the same: nothing more ends.
    """
    if await store.device(device) is None:
        raise NotFound("there is no such device")
    row = entry(by, "device.revoke", device, "ok", now, source=by.source)
    return await store.revoke(device, now, by.person, row) or ()


def enrolment_text(challenge: str, alg: Algorithm, public_key: bytes) -> bytes:
    """What a new key signs to show that its private half is there. Starts as no statement and no request does."""
    return f"muster device enrolment 1\n{challenge}\n{alg}\n{encode_bytes(public_key)}\n".encode()


def author_text(nonce: str, device: str, person: str, alg: Algorithm, public_key: bytes) -> bytes:
    """What a person's own key on a device signs to be taken as theirs."""
    return f"muster author key 1\n{nonce}\n{device}\n{person}\n{alg}\n{encode_bytes(public_key)}\n".encode()


def _digest(code: str) -> bytes:
    """79 random bits for ten minutes need no slow hash."""
    return sha256(b"muster device code\0" + plain_code(code).encode()).digest()


def _bound(code: bytes) -> str:
    return f"enrol {code.hex()}"
