"""Keys of devices in software, for tests: one of each algorithm, the same in every run, and fresh ones."""

from __future__ import annotations

import secrets

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from command.ledger import signing
from command.ledger.algorithms import Algorithm


class DeviceKey:
    """A key pair that signs as a browser does. `seed` makes it."""

    def __init__(self, alg: Algorithm, seed: bytes) -> None:
        self.alg: Algorithm = alg
        self.seed = seed
        if alg == "ed25519":
            self.public = signing.public_key_of(seed)
        else:
            self._p256 = ec.derive_private_key(int.from_bytes(seed, "big"), ec.SECP256R1())
            self.public = self._p256.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def sign(self, message: bytes) -> bytes:
        """64 bytes; the same for the same message, so that vectors can be made again (RFC 6979 for P-256)."""
        if self.alg == "ed25519":
            return signing.sign(self.seed, message)
        r, s = decode_dss_signature(self._p256.sign(message, ec.ECDSA(hashes.SHA256(), deterministic_signing=True)))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def fresh(alg: Algorithm = "es256") -> DeviceKey:
    """A key that nobody had before."""
    return DeviceKey(alg, secrets.token_bytes(31).rjust(32, b"\1"))


ED25519 = DeviceKey("ed25519", bytes(range(1, 33)))
P256 = DeviceKey("es256", bytes(range(1, 33)))
