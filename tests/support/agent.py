"""A tablet as a program: the outbox's model (outbox_model.py) with a disk, a clock that is wrong, and the real protocol.

What lies on the disk outlives its kills; what is in memory does not. A seed says what it does and when it dies: before a
record is written, while a request is under way, between an answer and its keeping, in the middle of a part. What it knows
of itself is checked by others (tests/faults/test_tablets.py).
"""

from __future__ import annotations

import asyncio
import copy
import hashlib
import json
import random
import secrets
import time
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from command.devices import sealing
from command.devices.files import file_info, part_aad, part_nonce
from command.ids import uuid7
from command.ledger import disclosure
from command.uploads.kept import PART_BYTES
from tests.support.agent_disk import Disk, FileRow, Got, Killed, Line, Offline, Record, Told
from tests.support.agent_files import BringsFiles
from tests.support.outbox_model import Effect, Item, State, step
from tests.support.tablet import Tablet, boxed, receipt_holds
from tests.uploads.corpus import jpeg

__all__ = ["Agent", "Killed", "Line", "Offline", "Told"]

SPEED: Final = 25
"""Milliseconds of the machine in one of ours: half a minute of pause is a good second."""


class Agent(BringsFiles):
    """One tablet and the officer who has it. `made` is what was said to be saved, and is never forgotten here."""

    def __init__(
        self, person: str, incident: str, line: Line, seed: int, *, clock: timedelta, error: timedelta, arrests: int,
        photo_bytes: int, kill: float = 0.03,
    ) -> None:  # fmt: skip
        self.person, self.incident, self.line = person, incident, line
        self.random = random.Random(seed)
        self.clock, self.error = clock, error
        self.left, self.photo_bytes, self.kill = arrests, photo_bytes, kill
        self.disk = Disk()
        self.made: list[Told] = []
        self.kills: Counter[str] = Counter()
        self.statuses: Counter[str] = Counter()
        self.revoked = False
        self.kept_for_later = 0  # arrests that wait for something to have happened
        self.tablet: Tablet
        self.boot()

    # Its end and its beginning ------------------------------------------------------------------------

    def boot(self) -> None:
        """What a start finds: the disk, and nothing else."""
        self.state = State()
        self.flying: Effect | None = None
        self.nonce = ""
        self.tablet = Tablet(self.line.send, self.line.url.partition("://")[2], self.disk.key)
        self.tablet.id, self.tablet.own, self.tablet.seq = self.disk.id, self.disk.own, self.disk.seq

    def _may_die(self, where: str) -> None:
        if self.random.random() < self.kill:
            self.kills[where] += 1
            raise Killed(where)

    async def enrol(self, code: str, cookie: str) -> None:
        """Come in by a code; say that the officer's session is here, with a key of theirs."""
        assert (await self.tablet.enrol(code)).status == 200
        self.disk.id, self.disk.cookie = self.tablet.id, cookie
        assert (await self.tablet.attach(cookie, self.person, own_key=True)).status == 204
        self.disk.sealing = (await self.tablet.send("GET", "/api/devices/sealing", b"", {"Cookie": cookie})).json

    def begin(self) -> None:
        """The tab that sends. When something is tried or asked again is not on the disk: all of it now."""
        items = [msgspec.structs.replace(one, after_ms=0) for one in self.disk.items.values()]
        self.feed("lock", held=True, items=[msgspec.to_builtins(one) for one in items])

    @property
    def now_ms(self) -> int:
        """The machine's time."""
        return int(time.monotonic() * 1000 * SPEED)

    @property
    def drained(self) -> bool:
        """All is said, and nothing is left to bring but what only a person can decide."""
        done = all(one.state in ("accepted", "held") for one in self.disk.items.values())
        files = [one for one in self.disk.files.values() if self.disk.items[one.seq].state in ("accepted", "held")]
        return not self.left and done and (not files or self.revoked)

    # The machine --------------------------------------------------------------------------------------

    def feed(self, name: str, raw: Mapping[int, Any] | None = None, **more: Any) -> None:
        """One input; its effects on the disk all at once, then the others."""
        self._may_die(f"before {name} was kept")
        before, (self.state, effects) = self.state, step(self.state, {"in": name, "now_ms": self.now_ms, **more})
        for effect in effects:
            self._keep(effect)
        if self.state != before:
            self._may_die(f"after {name} was kept")
        for effect in effects:
            if effect["do"] in ("send", "look"):
                self.flying = effect

    def _keep(self, effect: Effect) -> None:
        seq = effect.get("seq", 0)
        match effect["do"]:
            case "keep":
                self.disk.items[seq] = self.state.items[str(seq)]
            case "done" | "forget":
                item = self.disk.items.pop(seq)
                assert effect["do"] == "done" and item.state == "accepted", "nothing is put away here"
                del self.disk.records[seq]
            case _:
                pass  # boxes go with their row: what may still be opened is the machine's word

    async def exchange(self) -> None:
        """The request that is due, if one is, and its answer."""
        flying, self.flying = self.flying, None
        if flying is None:
            return self.feed("tick")
        path = f"/api/incidents/{self.incident}/statements"
        try:
            if flying["do"] == "look":
                got = await self._signed(f"{path}/held", {"numbers": flying["items"]})
            else:
                got = await self._signed(path, [self._body(seq, way) for seq, way in flying["items"]])
        except Offline:
            return self.feed("lost")
        if got.status == 200 and flying["do"] == "look":
            return self._looked(got.json)
        if got.status == 200:
            return self._answered([seq for seq, _ in flying["items"]], got.json)
        self.statuses[f"http {got.status}"] += 1
        if got.status == 401:
            return self.feed("cut off")
        assert got.status in (408, 429, 500, 503), (got.status, got.body[:300])
        return self.feed("busy", retry_ms=1000 * int(got.headers.get("Retry-After", "0")))

    async def _signed(self, path: str, body: Any) -> Got:
        """As the app asks: with the nonce of the answer before; it may die while it waits."""
        for _ in range(2):
            nonce = self.nonce or await self._challenge()
            self.nonce = ""
            asked = asyncio.ensure_future(self.tablet.signed(path, body, nonce=nonce))
            if self.random.random() < self.kill:
                await asyncio.wait([asked], timeout=self.random.random() * 0.05)
                asked.cancel()
                await asyncio.gather(asked, return_exceptions=True)
                self.kills["under way"] += 1
                raise Killed("under way")
            got = await asked
            self.nonce = got.headers.get("Muster-Nonce", "")
            if got.status != 401 or got.json.get("where") != "nonce":
                break
        return got  # type: ignore[return-value]  # a Tablet's Got is what `send` gave it

    async def _challenge(self) -> str:
        got = await self.tablet.post("/api/devices/challenge", {"device": self.disk.id})
        if got.status != 200:
            raise Offline
        return str(got.json["challenge"])

    def _body(self, seq: int, way: str) -> dict[str, Any]:
        """What is sent of a record."""
        record = self.disk.records[seq]
        return record.submission if way == "open" else record.box

    def _answered(self, seqs: list[int], data: Mapping[str, Any]) -> None:
        by_cmd = {one["cmd"]: one for one in data["answers"]}
        given = []
        for seq in seqs:
            submission = self.disk.records[seq].submission
            answer = by_cmd[submission["cmd"]]
            self.statuses[answer["status"]] += 1
            first = answer.get("first") or answer
            code, where = first.get("code") or "", first.get("where") or ""
            binds = receipt_holds(submission, first)
            assert binds or first["status"] != "accepted", "an answer that does not bind"
            given.append(
                {"seq": seq, "status": first["status"], "code": code, "where": where, "binds": binds, "log_seq": first.get("seq")}
            )  # fmt: skip
        self.feed("answers", answers=given)
        if data.get("checkpoint"):
            self.feed("checkpoint", incident=self.incident, seq=int(data["checkpoint"].split("\n")[1]))

    def _looked(self, data: Mapping[str, Any]) -> None:
        """What became of what is held."""
        given = []
        for one in data["became"]:
            self.statuses[f"looked {one['became']}"] += 1
            answer = one.get("answer") or {}
            first = answer.get("first") or answer
            binds = receipt_holds(self.disk.records[one["device_seq"]].submission, first) if first else None
            assert binds is not False, "an answer that does not bind"
            part = self.state.part if one["became"] == "claimed" else ""
            given.append(
                {"seq": one["device_seq"], "became": one["became"], "binds": binds, "log_seq": first.get("seq"), "part": part}
            )  # fmt: skip
        self.feed("looked", answers=given)

    # Saving -------------------------------------------------------------------------------------------

    def save(self) -> None:
        """An arrest and its two photos: on the disk together, or not at all."""
        self._may_die("before it was saved")
        part, (told, records, files) = self.state.part, self._arrest()
        items = [
            Item(
                seq=one.device_seq, incident=self.incident, part=part, size=len(json.dumps(record.box)) + 500, author=part != "",
                files=sum(file.seq == one.device_seq for file in files),
            )
            for one, record in zip(told, records, strict=True)
        ]  # fmt: skip
        self.disk.seq = self.tablet.seq
        for item, record in zip(items, records, strict=True):
            self.disk.items[item.seq], self.disk.records[item.seq] = item, record
        self.disk.files |= {str(file.report["attachment"]): file for file in files}
        self.made += told
        self.left -= 1
        self.feed("saved", items=[msgspec.to_builtins(one) for one in items])

    def _arrest(self) -> tuple[list[Told], list[Record], list[FileRow]]:
        arrest, subject = secrets.token_hex(8), f"s-{secrets.token_hex(8)}"
        card = {
            "type": "RecordArrest", "arrest": arrest, "subject": subject, "officer": self.person, "category": "T",
            "offences": ["blocking-traffic"], "observed_by": [self.person], "injured": False,
        }  # fmt: skip
        conduct = f"Sat down in the lane by the mark {self.random.randrange(10**9)}."
        told, records, files = [], [], []
        ago = timedelta(seconds=self.random.choice((0, 0, 5, 90, 3_600)))
        for public, private, raw in [(card, {"conduct": conduct}, b""), *self._photos(arrest, subject)]:
            one, record = self._signed_record(public, private, ago)
            told.append(one)
            records.append(record)
            if raw:
                files.append(self._sealed_file(one.device_seq, public, raw))
                one.sha256 = public["sha256"]
        return told, records, files

    def _photos(self, arrest: str, subject: str) -> list[tuple[dict[str, Any], dict[str, Any], bytes]]:
        found = []
        for _ in range(2):
            raw = jpeg() + self.random.randbytes(self.photo_bytes)
            report = {
                "type": "AddAttachment", "attachment": uuid7(datetime.now(UTC)), "record": arrest, "subject": subject,
                "kind": "property photo", "sha256": hashlib.sha256(raw).hexdigest(), "size_bytes": len(raw), "media": "image/jpeg",
            }  # fmt: skip
            found.append((report, {"note": "taken on the spot"}, raw))
        return found

    def _signed_record(self, public: dict[str, Any], private: dict[str, Any], ago: timedelta) -> tuple[Told, Record]:
        now, locked = datetime.now(UTC), self.state.part == ""
        signed = now + self.clock
        author = "unclaimed" if locked else self.person
        made = self.tablet.state(
            self.incident, author, signed - ago, public, private, signed_at=signed, cmd=uuid7(now),
            clock_error_ms=self.error // timedelta(milliseconds=1),
        )  # fmt: skip
        seq = self.tablet.seq
        box = boxed(self.incident, self.disk.id, seq, made, self.disk.sealing)
        told = Told(made["cmd"], seq, made, now - ago, signed - ago, self.error, locked, public["type"])
        return told, Record(made, box)

    def _sealed_file(self, seq: int, report: dict[str, Any], raw: bytes) -> FileRow:
        key, of = secrets.token_bytes(32), report["attachment"]
        pieces = [raw[at : at + PART_BYTES] for at in range(0, len(raw), PART_BYTES)]
        parts = [AESGCM(key).encrypt(part_nonce(n), one, part_aad(of, n, len(pieces))) for n, one in enumerate(pieces)]
        point = disclosure.decode_bytes(self.disk.sealing["public_key"])
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        box = sealing.SUITE.encrypt(key, public, file_info(self.incident, self.disk.id, of))
        return FileRow(seq, report, key, {"key": self.disk.sealing["id"], "box": disclosure.encode_bytes(box)}, parts)

    # Who is there -------------------------------------------------------------------------------------

    async def sign_in(self) -> None:
        """The officer's session is live: the tablet opens."""
        try:
            got = await self.line.send("GET", "/api/session/drafts", None, {"Cookie": self.disk.cookie})
        except Offline:
            return
        if got.status in (429, 503):
            raise Offline
        if got.status == 200:
            self.feed("signed", part=got.json["name"])

    async def claim(self) -> None:
        """Whoever is signed in takes what was captured while the tablet was locked: in its order, and its files follow."""
        cookie = {"Cookie": self.disk.cookie}
        path = f"/api/incidents/{self.incident}/held"
        got = await self.line.send("GET", path, None, cookie)
        if got.status != 200:
            assert got.status in (401, 429, 503), got
            if got.status != 401:
                raise Offline
            return
        mine = [one for one in got.json["held"] if one["device"] == self.disk.id]
        for one in sorted(mine, key=lambda row: int(row["device_seq"])):
            done = await self.line.send("POST", f"{path}/{one['item']}", b"{}", cookie)
            self._may_die("claimed, not kept")
            if done.status in (429, 503):
                raise Offline
            if done.status == 200 and one["device_seq"] in self.disk.items:
                log_seq = done.json["answer"].get("seq")
                self.feed("claimed", seq=one["device_seq"], part=self.state.part, log_seq=log_seq)

    # Faults of its own --------------------------------------------------------------------------------

    async def twin(self) -> None:
        """A copied profile, opened beside this one: it sends what it finds, and is thrown away."""
        other = Agent(
            self.person, self.incident, self.line, self.random.randrange(10**9), clock=self.clock, error=self.error,
            arrests=0, photo_bytes=1, kill=0.0,
        )  # fmt: skip
        other.disk = copy.deepcopy(self.disk)
        other.boot()
        other.begin()
        other.feed("signed", part=self.state.part)
        await asyncio.gather(self.exchange(), other.exchange())
        self.statuses.update({f"twin {name}": count for name, count in other.statuses.items()})

    async def repeat(self) -> None:
        """What was answered for goes again, in the open and sealed, in any order: the same answers."""
        settled = {seq for seq, one in self.disk.items.items() if one.state in ("accepted", "held")}
        known = [one for one in self.made if one.device_seq in settled or one.device_seq not in self.disk.items]
        some = self.random.sample(known, min(len(known), 8))
        if not some:
            return
        bodies = [
            boxed(self.incident, self.disk.id, one.device_seq, one.submission, self.disk.sealing)
            if self.random.random() < 0.5
            else one.submission
            for one in some
        ]
        with_noise = self._signed(f"/api/incidents/{self.incident}/statements", bodies)
        try:
            got = await with_noise
        except Offline:
            return
        if got.status == 200:
            found = {one["cmd"]: one["status"] for one in got.json["answers"]}
            assert set(found.values()) <= {"duplicate", "quarantined"}, found
            self.statuses.update([*found.values(), *["repeated"] * len(found)])
