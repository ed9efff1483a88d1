"""A passkey in software, for tests: makes and uses credentials as a browser with an authenticator would.

It can also be told to lie: another origin or host, no user verification, a counter that stands still, a reused answer.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import struct
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, encode_cbor

USER_PRESENT, USER_VERIFIED, ATTESTED = 0x01, 0x04, 0x40
AAGUID = bytes(range(16))


class Authenticator:
    """One passkey of one host. `counter` 0 for ever where `counts` is false, as synced passkeys have it."""

    def __init__(self, origin: str, *, counts: bool = True) -> None:
        self.origin = origin
        self.host = origin.partition("://")[2].rpartition(":")[0]
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(32)
        self.counts = counts
        self.counter = 0
        self.handle = b""

    def create(
        self, options: dict[str, Any], *, flags: int = USER_PRESENT | USER_VERIFIED, **lies: str
    ) -> dict[str, Any]:
        """What `navigator.credentials.create` gives. `lies`: origin, host, type, challenge."""
        self.handle = base64url_to_bytes(options["user"]["id"])
        numbers = self.key.public_key().public_numbers()
        cose = encode_cbor({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")})
        attested = AAGUID + struct.pack(">H", len(self.id)) + self.id + cose
        data = self._data(flags | ATTESTED, lies.get("host", self.host)) + attested
        client = self._client(lies.get("type", "webauthn.create"), options, lies)
        statement = encode_cbor({"fmt": "none", "attStmt": {}, "authData": data})
        return self._credential(
            {"clientDataJSON": bytes_to_base64url(client), "attestationObject": bytes_to_base64url(statement)}
        )

    def get(self, options: dict[str, Any], *, flags: int = USER_PRESENT | USER_VERIFIED, **lies: str) -> dict[str, Any]:
        """What `navigator.credentials.get` gives, signed."""
        if self.counts:
            self.counter += 1
        data = self._data(flags, lies.get("host", self.host))
        client = self._client(lies.get("type", "webauthn.get"), options, lies)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._credential(
            {
                "clientDataJSON": bytes_to_base64url(client),
                "authenticatorData": bytes_to_base64url(data),
                "signature": bytes_to_base64url(signature),
                "userHandle": bytes_to_base64url(self.handle),
            }
        )

    def _data(self, flags: int, host: str) -> bytes:
        return hashlib.sha256(host.encode()).digest() + struct.pack(">BI", flags, self.counter)

    def _client(self, kind: str, options: dict[str, Any], lies: dict[str, str]) -> bytes:
        asked = {
            "type": kind,
            "challenge": lies.get("challenge", options["challenge"]),
            "origin": lies.get("origin", self.origin),
            "crossOrigin": False,
        }
        return json.dumps(asked).encode()

    def _credential(self, response: dict[str, str]) -> dict[str, Any]:
        name = bytes_to_base64url(self.id)
        return {"id": name, "rawId": name, "type": "public-key", "response": response, "clientExtensionResults": {}}
