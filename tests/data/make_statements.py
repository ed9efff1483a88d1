"""Makes tests/data/statements.json: what a device signs and what it must check, word for word, for every language.

    python -m tests.data.make_statements > tests/data/statements.json

Keys are of seeds 01 02 … 20 (hex); signatures are deterministic (RFC 8032, RFC 6979), so the file comes out the same.
"""

from __future__ import annotations

import base64
import json
import sys
from datetime import UTC, datetime
from typing import Any

import msgspec

from command.devices import enrolling, requests
from command.domain import envelope
from command.domain.private import Sealed
from command.ledger import disclosure, statement
from tests.support.device_keys import ED25519, P256, DeviceKey

AT = datetime(2016, 5, 1, 19, 4, tzinfo=UTC)
LOG, DEVICE, PERSON, NONCE = "0190a1b2-incident", "d-0f1e2d3c4b5a6978", "officer-1", "AAAAAZdYn2AAEBAgMEBQYHCAkKCwwNDg8"
ACCOUNT = "He sat down. „Nein“, he said, and a tab\tand \U0001f6d1."
BODY = b'[{"cmd":"c-1"}]'
PATH = f"/api/incidents/{LOG}/statements"


def b64(raw: bytes) -> str:
    return disclosure.encode_bytes(raw)


def one(key: DeviceKey) -> dict[str, Any]:
    """A statement with two commitments, signed by one key, and the server's receipts for it."""
    texts = [
        disclosure.make(bytes(range(16)), "account", ACCOUNT),
        disclosure.make(bytes(range(16, 32)), "injury", None),
    ]
    sealed = {disclosure.read(text).path: {"sha256": disclosure.digest(text)} for text in texts}
    command = {"type": "ReportForce", "report": "r-1", "officer": PERSON, **sealed}
    made = statement.Statement(
        v=1, alg=key.alg, log=LOG, cmd="0190a1b2-cmd", device=DEVICE, device_seq=3, author=PERSON, occurred_at=AT,
        signed_at=AT.replace(minute=5), clock_error_ms=250, basis_seq=41,
        command=msgspec.Raw(json.dumps(command).encode()),
    )  # fmt: skip
    signed = statement.encode(made)
    signature = key.sign(signed)
    return {
        "alg": key.alg,
        "public_key": b64(key.public),
        "signed_utf8": signed.decode(),
        "signed": b64(signed),
        "signature": b64(signature),
        "disclosures": [
            {"salt": b64(found.salt), "path": found.path, "value": found.value, "text": text,
             "digest": disclosure.digest(text)}
            for text in texts if (found := disclosure.read(text))
        ],
        "command": json.loads(statement.bind(made, texts)),
        "receipts": receipts(made, signed, signature, sealed),
    }  # fmt: skip


def receipts(
    made: statement.Statement, signed: bytes, signature: bytes, sealed: dict[str, dict[str, str]]
) -> list[dict[str, Any]]:
    """Headers that a server might answer with, and whether the device may let go of its record after each."""
    kept = envelope.Statement(DEVICE, signed, signature, "key", bytes(64))
    body = msgspec.Raw(msgspec.json.encode({"type": "ForceReported", **sealed}))
    true = envelope.Header(
        v=1, log=LOG, epoch=1, seq=42, id=f"{made.cmd}.0", type="ForceReported", schema=1, occurred_at=AT,
        recorded_at=AT, actor=envelope.Actor(PERSON, "spd", device=DEVICE), cmd=made.cmd, body=body, statement=kept,
    )  # fmt: skip
    hidden = envelope.SealedActor(*(Sealed("x" * 43),) * 4)
    secret = msgspec.structs.replace(true, actor=envelope.HIDDEN, statement=None, confidential=hidden)
    other = msgspec.Raw(msgspec.json.encode({"type": "ForceReported", "account": sealed["account"]}))
    change = msgspec.structs.replace
    cases = [
        ("as it was signed", true, True),
        ("of another incident", change(true, log="another"), False),
        ("of another command", change(true, cmd="another"), False),
        ("of another device", change(true, statement=change(kept, device="d-other")), False),
        ("with a byte more", change(true, statement=change(kept, signed=signed + b" ")), False),
        ("without a statement", change(true, statement=None), False),
        ("confidential, with every commitment", secret, True),
        ("confidential, with one commitment missing", change(secret, body=other), False),
    ]
    return [
        {"name": name, "header": b64(envelope.encode_header(header)), "binds": binds} for name, header, binds in cases
    ]


def refused(key: DeviceKey) -> list[dict[str, Any]]:
    """Signatures that are none."""
    good = one(key)
    signed, signature = disclosure.decode_bytes(good["signed"]), disclosure.decode_bytes(good["signature"])
    cases = {
        "a changed byte": (signed.replace(b'"device_seq":3', b'"device_seq":4'), signature),
        "a byte more": (signed + b"\n", signature),
        "a changed signature": (signed, bytes([signature[0] ^ 1]) + signature[1:]),
        "a signature cut short": (signed, signature[:-1]),
        "nothing": (signed, b""),
    }
    return [
        {"name": name, "alg": key.alg, "public_key": good["public_key"], "signed": b64(text), "signature": b64(proof)}
        for name, (text, proof) in cases.items()
    ]


def request(key: DeviceKey) -> dict[str, Any]:
    """A signed request, its base and its headers."""
    params = requests.params(DEVICE, key.alg, NONCE)
    text = requests.base("POST", "muster.local:8443", PATH, requests.content_digest(BODY), params)
    signature = key.sign(text)
    return {
        "alg": key.alg, "public_key": b64(key.public), "device": DEVICE, "nonce": NONCE, "method": "POST",
        "authority": "muster.local:8443", "path": PATH, "body": BODY.decode(), "base": text.decode(),
        "headers": requests.headers(DEVICE, key.alg, NONCE, signature, BODY),
    }  # fmt: skip


def proofs(key: DeviceKey, own: DeviceKey) -> list[dict[str, Any]]:
    """What keys sign to be taken: a device's at its enrolment, a person's own at a device."""
    enrolment = enrolling.enrolment_text(NONCE, key.alg, key.public)
    author = enrolling.author_text(NONCE, DEVICE, PERSON, own.alg, own.public)
    return [
        {"of": of, "alg": by.alg, "public_key": b64(by.public), "challenge": NONCE, "text": text.decode(),
         "signature": b64(by.sign(text))}
        for of, by, text in (("enrolment", key, enrolment), ("author key", own, author))
    ]  # fmt: skip


def document() -> dict[str, Any]:
    """The whole file. Private keys are here to be used in tests only."""
    point = P256.public
    return {
        "about": "See tests/data/make_statements.py. Bytes are base64url without padding.",
        "keys": {
            "ed25519": {"seed": b64(ED25519.seed), "public_key": b64(ED25519.public)},
            "es256": {
                "jwk": {"kty": "EC", "crv": "P-256", "d": b64(P256.seed), "x": b64(point[1:33]), "y": b64(point[33:])},
                "public_key": b64(point),
            },
        },
        "statements": [one(ED25519), one(P256)],
        "refused": [*refused(ED25519), *refused(P256)],
        "requests": [request(ED25519), request(P256)],
        "proofs": [*proofs(ED25519, P256), *proofs(P256, ED25519)],
        "base64": {"standard": base64.b64encode(BODY).decode(), "url": b64(BODY)},
    }


def text() -> str:
    """As it lies in the repository."""
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(text())
