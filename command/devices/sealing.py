"""The key that tablets seal to: what lies in an outbox opens here and, for its author, there; for nobody else.

HPKE (RFC 9180), base mode, DHKEM(P-256, HKDF-SHA256) with HKDF-SHA256 and AES-256-GCM: the one suite of its kind that every
browser has the parts of. A box is bound to its place by HPKE's `info`, so that it opens as nothing else.

Private keys are in the key store like those of subjects, under names that count up; the highest is in force, and the older
ones stay for the tablets that come back late. They are lost with the key store and with nothing else.
"""

from __future__ import annotations

import secrets
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from command.errors import Corrupt, Unreadable
from command.ledger.algorithms import fingerprint
from command.store.ports import KeyStore

SUITE: Final = hpke.Suite(hpke.KEM.P256, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)

LOG: Final = "muster"
"""Where the key store keeps what belongs to no incident: incidents' ids are UUIDs."""

MOST_KEYS: Final = 64
"""Turning once a quarter, that is sixteen years of keys."""

_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of P-256 (FIPS 186-5): private keys are 1 … order - 1."""


class SealingKey(msgspec.Struct, frozen=True):
    """What a tablet seals to. `public` is the point, uncompressed, 65 bytes; `id` the first 16 digits of its SHA-256."""

    id: str
    public: bytes


def info(incident: str, device: str, cmd: str, device_seq: int) -> bytes:
    """What binds a box to its place."""
    return f"muster outbox 1|{incident}|{device}|{cmd}|{device_seq}".encode()


class Sealing:
    """Makes, shows, turns and uses the keys. Nodes share the key store, so they share these."""

    def __init__(self, keys: KeyStore) -> None:
        self._keys = keys

    async def current(self) -> SealingKey:
        """The key in force; the first is made when it is first asked for."""
        found = await self._all()
        return _shown(found[-1] if found else await self._make(1))

    async def turn(self) -> SealingKey:
        """Put a new key in force. Older boxes open as before. Raises Corrupt when there are too many."""
        count = len(await self._all())
        if count >= MOST_KEYS:
            raise Corrupt(f"expected fewer than {MOST_KEYS} sealing keys", where="keys")
        return _shown(await self._make(count + 1))

    async def open(self, key: str, sealed: bytes, info: bytes) -> bytes:
        """What is in a box. Raises Unreadable where the key is not ours or the box does not open with it here."""
        for private in reversed(await self._all()):
            if _shown(private).id == key:
                return _opened(private, sealed, info)
        raise Unreadable(f"expected a box sealed to a key of this server, got one to {key[:16]}", where="sealed.key")

    async def _all(self) -> list[ec.EllipticCurvePrivateKey]:
        names = [f"seal:{number}" for number in range(1, MOST_KEYS + 1)]
        found = await self._keys.get(LOG, names)
        return [_private(found[name]) for name in names if name in found]

    async def _make(self, number: int) -> ec.EllipticCurvePrivateKey:
        """Durable when this returns; of two nodes that make the same one, both get the first."""
        name = f"seal:{number}"
        return _private((await self._keys.create(LOG, {name: secrets.token_bytes(32)}))[name])


def _private(seed: bytes) -> ec.EllipticCurvePrivateKey:
    """The key of 32 random bytes. That they exceed the order happens once in 2^32 and costs no more than a bit."""
    return ec.derive_private_key(int.from_bytes(seed, "big") % (_ORDER - 1) + 1, ec.SECP256R1())


def _shown(private: ec.EllipticCurvePrivateKey) -> SealingKey:
    public = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return SealingKey(fingerprint(public)[:16], public)


def _opened(private: ec.EllipticCurvePrivateKey, sealed: bytes, bound: bytes) -> bytes:
    try:
        return SUITE.decrypt(sealed, private, bound)
    except (InvalidTag, ValueError):
        raise Unreadable("expected a box that opens for this incident, device and number", where="sealed.box") from None
