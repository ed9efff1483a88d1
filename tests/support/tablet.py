"""A tablet in software: enrols, signs statements with salts of its own, and hands them in as the app will.

Knows the protocol's words and nothing of the server behind it; `call` is whatever sends a request.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec

from command.devices import enrolling, requests, sealing
from command.devices.sealing import SUITE
from command.ids import uuid7
from command.ledger import disclosure, statement
from tests.support.device_keys import DeviceKey, fresh

Private = Mapping[str, Any]


class Got(Protocol):
    """What came back."""

    @property
    def status(self) -> int: ...

    @property
    def headers(self) -> Mapping[str, str]: ...

    @property
    def json(self) -> Any: ...


Send = Callable[[str, str, bytes, Mapping[str, str]], Awaitable[Got]]
"""(method, path, body, headers) -> what came back."""


class Tablet:
    """One device. `host` is the Host header that the server sees."""

    def __init__(self, send: Send, host: str, key: DeviceKey | None = None) -> None:
        self.send = send
        self.host = host
        self.key = key or fresh()
        self.id = ""
        self.seq = 0
        self.own: dict[str, DeviceKey] = {}  # a person's own key here

    async def post(self, path: str, body: Any, headers: Mapping[str, str] | None = None) -> Got:
        """One request without a signature."""
        return await self.send("POST", path, json.dumps(body).encode(), headers or {})

    async def enrol(self, code: str) -> Got:
        """Come in by a code."""
        begun = await self.post("/api/devices/enrol/begin", {"code": code})
        if begun.status != 200:
            return begun
        challenge = begun.json["challenge"]
        proof = self.key.sign(enrolling.enrolment_text(challenge, self.key.alg, self.key.public))
        done = await self.post(
            "/api/devices/enrol",
            {
                "code": code, "challenge": challenge, "alg": self.key.alg,
                "public_key": disclosure.encode_bytes(self.key.public), "signature": disclosure.encode_bytes(proof),
            },
        )  # fmt: skip
        if done.status == 200:
            self.id = done.json["device"]
        return done

    async def nonce(self) -> str:
        """A challenge for the next request."""
        got = await self.post("/api/devices/challenge", {"device": self.id})
        assert got.status == 200, got.status
        challenge: str = got.json["challenge"]
        return challenge

    def sign(self, path: str, body: bytes, nonce: str, method: str = "POST") -> dict[str, str]:
        """The headers of a signed request."""
        params = requests.params(self.id, self.key.alg, nonce)
        text = requests.base(method, self.host, path, requests.content_digest(body), params)
        return requests.headers(self.id, self.key.alg, nonce, self.key.sign(text), body)

    async def signed(self, path: str, body: Any, *, nonce: str | None = None, **headers: str) -> Got:
        """One signed request."""
        raw = body if isinstance(body, bytes) else msgspec.json.encode(body)
        proof = self.sign(path, raw, nonce or await self.nonce())
        return await self.send("POST", path, raw, {**proof, **headers})

    async def attach(self, cookie: str, person: str, *, own_key: bool = False) -> Got:
        """Say that someone's session is here, with a key of their own where asked."""
        nonce, body = await self.nonce(), {}
        if own_key:
            mine = self.own[person] = fresh()
            proof = mine.sign(enrolling.author_text(nonce, self.id, person, mine.alg, mine.public))
            body["author_key"] = {
                "alg": mine.alg, "public_key": disclosure.encode_bytes(mine.public),
                "signature": disclosure.encode_bytes(proof),
            }  # fmt: skip
        return await self.signed("/api/devices/session", body, nonce=nonce, Cookie=cookie)

    def state(
        self, log: str, author: str, at: datetime, public: Mapping[str, Any], private: Private, **changes: Any
    ) -> dict[str, Any]:
        """A signed statement as a submission. `changes` are of the statement; `key` signs it, `own` is the author's."""
        key: DeviceKey = changes.pop("key", self.key)
        own: DeviceKey | None = changes.pop("own", self.own.get(author))
        texts = {name: disclosure.make(secrets.token_bytes(16), name, value) for name, value in private.items()}
        sealed = {name: {"sha256": disclosure.digest(text)} for name, text in texts.items()}
        if "device_seq" not in changes:
            self.seq += 1
        made = statement.Statement(
            v=1, alg=key.alg, log=log, cmd=uuid7(at), device=self.id, device_seq=self.seq or 1, author=author,
            occurred_at=at, signed_at=at + timedelta(seconds=30), clock_error_ms=200, basis_seq=None,
            command=msgspec.Raw(json.dumps({**public, **sealed}).encode()),
        )  # fmt: skip
        made = msgspec.structs.replace(made, **changes)
        signed = statement.encode(made)
        return {
            "cmd": made.cmd,
            "command": {},
            "statement": disclosure.encode_bytes(signed),
            "signature": disclosure.encode_bytes(key.sign(signed)),
            "disclosures": list(texts.values()),
            **({"author_signature": disclosure.encode_bytes(own.sign(signed))} if own is not None else {}),
        }

    def entry(
        self, log: str, author: str, at: datetime, text: str = "a bottle was thrown", **more: Any
    ) -> dict[str, Any]:
        """A log entry, which the plan never refuses."""
        public = {"type": "RecordEntry", "entry": uuid7(datetime.now(UTC))}
        return self.state(log, author, at, public, {"text": text}, **more)


def boxed(
    incident: str, device: str, seq: int, submission: Mapping[str, Any], shown: Mapping[str, str], **files: str
) -> dict[str, Any]:
    """A submission as a locked tablet sends it: sealed to the key that the server shows."""
    point = disclosure.decode_bytes(shown["public_key"])
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    raw = json.dumps({"submission": submission, "files": files, "title": "Arrest"}).encode()
    box = SUITE.encrypt(raw, public, sealing.info(incident, device, submission["cmd"], seq))
    sealed = {"key": shown["id"], "box": disclosure.encode_bytes(box)}
    return {"cmd": submission["cmd"], "device_seq": seq, "sealed": sealed}


def receipt_holds(submission: Mapping[str, Any], answer: Mapping[str, Any]) -> bool:
    """Whether an answer's header binds what was signed: after this a tablet lets go of a record."""
    header = answer.get("header") or (answer.get("first") or {}).get("header")
    if header is None:
        return False
    return statement.header_binds(
        disclosure.decode_bytes(header), disclosure.decode_bytes(str(submission["statement"]))
    )
