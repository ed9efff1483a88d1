"""What a tablet in software keeps and sends by (agent.py): its disk, its line, and what was told of each record."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from command.devices.files import part_aad, part_nonce
from tests.support.device_keys import DeviceKey, fresh
from tests.support.outbox_model import Item


class Killed(Exception):
    """The process ended here: whatever is not on the disk is gone."""


class Offline(Exception):
    """No network."""


class Got(msgspec.Struct):
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class FileRow:
    """A file on the disk, part by part as it was sealed."""

    seq: int
    report: dict[str, Any]
    key: bytes  # in the author's box
    box: dict[str, str]  # and in one to the server
    parts: list[bytes]
    place: str = ""

    @property
    def size_bytes(self) -> int:
        return int(self.report["size_bytes"])

    def opened(self) -> bytes:
        """The original, to whoever has the author's box."""
        of, count = str(self.report["attachment"]), len(self.parts)
        return b"".join(
            AESGCM(self.key).decrypt(part_nonce(n), part, part_aad(of, n, count)) for n, part in enumerate(self.parts)
        )


@dataclass
class Record:
    """A record's boxes: as its author opens it, and as the server does."""

    submission: dict[str, Any]
    box: dict[str, Any]


@dataclass
class Disk:
    """All that a browser would find again."""

    key: DeviceKey = field(default_factory=fresh)
    id: str = ""
    seq: int = 0
    cookie: str = ""
    own: dict[str, DeviceKey] = field(default_factory=dict)
    sealing: dict[str, str] = field(default_factory=dict)
    items: dict[int, Item] = field(default_factory=dict)
    records: dict[int, Record] = field(default_factory=dict)
    files: dict[str, FileRow] = field(default_factory=dict)


@dataclass
class Told:
    """What an arrest was, for whoever compares it with the log."""

    cmd: str
    device_seq: int
    submission: dict[str, Any]
    happened: datetime  # truly, by the server's clock
    claimed: datetime
    error: timedelta
    locked: bool
    kind: str
    sha256: str = ""


class Line:
    """How requests get to the server: from an address of its own, sometimes not at all."""

    def __init__(self, http: aiohttp.ClientSession, url: str, address: str) -> None:
        self.http, self.url, self.address = http, url, address
        self.up = True
        self.requests = 0

    async def send(self, method: str, path: str, body: Any, headers: Mapping[str, str]) -> Got:
        """One request. Raises Offline where no answer comes."""
        if not self.up:
            raise Offline
        self.requests += 1
        told = {"Origin": self.url, "X-Forwarded-For": self.address, "Content-Type": "application/json", **headers}
        try:
            async with self.http.request(method, self.url + path, data=body, headers=told) as got:
                return Got(got.status, got.headers.copy(), await got.read())
        except (aiohttp.ClientError, OSError, TimeoutError):
            raise Offline from None


def base64_of(text: str) -> str:
    """As tus wants its metadata."""
    return base64.b64encode(text.encode()).decode()
