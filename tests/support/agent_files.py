"""How a tablet in software (agent.py) brings its files: in its officer's session by tus, or sealed, part by part, as a device."""

from __future__ import annotations

import asyncio
import random
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any, Literal

from command.ledger import disclosure
from command.uploads.kept import PART_BYTES
from tests.support.agent_disk import Disk, FileRow, Got, Killed, Line, Offline, base64_of
from tests.support.outbox_model import State

Became = Literal["kept", "later", "stopped"]


class BringsFiles(ABC):
    """What it has of its own is an agent's."""

    incident: str
    line: Line
    disk: Disk
    state: State
    random: random.Random
    kill: float
    kills: Counter[str]

    @abstractmethod
    def feed(self, name: str, **more: Any) -> None: ...

    @abstractmethod
    def _may_die(self, where: str) -> None: ...

    @abstractmethod
    async def _signed(self, path: str, body: Any) -> Got: ...

    async def bring(self) -> None:
        """One try for each file whose record was answered for."""
        for name, row in list(self.disk.files.items()):
            item = self.disk.items.get(row.seq)
            if item is None or item.state not in ("accepted", "held", "declined"):
                continue
            own = item.state == "accepted" and item.author and self.state.part and item.part == self.state.part
            try:
                became = await self._by_tus(row) if own else "stopped"
                if became == "stopped":
                    became = await self._sealed(row)
            except Offline:
                return
            if became == "later":
                return
            if became == "kept":
                self._may_die("brought, not kept")
                del self.disk.files[name]
                self.feed("filed", seq=row.seq)

    async def _sealed(self, row: FileRow) -> Became:
        """The device hands in the parts as they lie here."""
        path = f"/api/incidents/{self.incident}/files"
        told = {name: row.report[name] for name in ("attachment", "subject", "kind", "sha256", "size_bytes")}
        got = await self._signed(path, told)
        while got.status == 200 and got.json["state"] == "under way":
            offset = got.json["offset"]
            part = disclosure.encode_bytes(row.parts[offset // PART_BYTES])
            got = await self._signed(f"{path}/{got.json['upload']}", {"key": row.box, "offset": offset, "part": part})
        if got.status == 200:
            assert got.json["state"] != "another digest"
            return "kept"
        if got.status in (401, 403):
            return "stopped"
        assert got.status in (409, 429, 500, 503), (got.status, got.body[:300])
        return "later"

    async def _by_tus(self, row: FileRow) -> Became:
        """In the author's session, from where it stands; cut in the middle of a part where it dies there."""
        cookie = {"Cookie": self.disk.cookie, "Tus-Resumable": "1.0.0"}
        raw = row.opened()
        if row.place:
            got = await self.line.send("HEAD", row.place, None, cookie)
        else:
            names = {name: row.report[name] for name in ("attachment", "subject", "kind", "sha256")}
            told = ",".join(f"{name} {base64_of(str(value))}" for name, value in names.items())
            more = {"Upload-Length": str(len(raw)), "Upload-Metadata": told}
            got = await self.line.send("POST", f"/api/incidents/{self.incident}/uploads", None, {**cookie, **more})
            if got.status == 201:
                row.place = "/" + got.headers["Location"].partition("://")[2].partition("/")[2] if "://" in got.headers["Location"] else got.headers["Location"]  # fmt: skip
        offset = int(got.headers.get("Upload-Offset", "0"))
        while got.status < 300 and offset < len(raw):
            more = {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
            dying = self.random.random() < self.kill
            data = self._half(raw[offset:]) if dying else raw[offset:]
            try:
                got = await self.line.send("PATCH", row.place, data, {**cookie, **more})
            except Offline:
                if dying:
                    self.kills["in the middle of a part"] += 1
                    raise Killed("in the middle of a part") from None
                raise
            offset = int(got.headers.get("Upload-Offset", "0"))
        if got.status < 300:
            return "kept"
        if got.status in (401, 403):
            return "stopped"
        if got.status in (404, 410):
            row.place = ""
        assert got.status in (404, 409, 410, 423, 429, 460, 500, 503), (got.status, got.body[:300])
        return "later"

    async def _half(self, raw: bytes) -> AsyncIterator[bytes]:
        yield raw[: len(raw) // 2]
        await asyncio.sleep(0.01)
        raise ConnectionResetError("killed")
