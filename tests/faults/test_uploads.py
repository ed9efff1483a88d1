"""Twenty files on their way while the network is cut, the server killed and the database killed: each arrives once.

The client is not ours (tuspy), at its word about offsets and checksums; half of its uploads send their file in one
request, half in pieces with SHA-256. Long (MUSTER_LONG=1): 200 files.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import random
import threading
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import aiohttp
import asyncpg
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError, TusUploadFailed
from tusclient.uploader.uploader import Uploader

from command.errors import MusterError
from command.store.attach import running_dsn
from command.store.embedded import Cluster
from command.store.provision import DATABASE, SUPERUSER
from tests.faults.conftest import LONG
from tests.faults.test_two_nodes import pair
from tests.support.clients import Seat, ask, open_incident, settings_of, sign_in, submission
from tests.support.node import MusterNode, until
from tests.support.proxy import Fault, FaultProxy
from tests.uploads.corpus import jpeg

FILES = 200 if LONG else 20
OFFICERS = 4
WITHIN_S = 1800.0 if LONG else 600.0
PIECE_BYTES = 200_000


class Sha256Uploader(Uploader):
    """The client with the checksum that we would rather have."""

    CHECKSUM_ALGORITHM_PAIR = ("sha256", hashlib.sha256)


class Photo:
    """A file, and a client that brings it until it is there."""

    def __init__(self, number: int, seat: Seat, incident: str) -> None:
        self.attachment = f"at-{number}"
        self.raw = jpeg() + random.Random(number).randbytes(600_000 + 50_000 * (number % 7))
        self.sha256 = hashlib.sha256(self.raw).hexdigest()
        self.seat = seat
        self.incident = incident
        self.pieces = number % 2 == 0
        self.faults = 0
        self.told = 0  # bytes that the server said it has

    @property
    def report(self) -> dict[str, Any]:
        """The record that names it."""
        return {
            "type": "AddAttachment", "attachment": self.attachment, "record": "k-1", "subject": f"s-{self.attachment}",
            "kind": "property photo", "sha256": self.sha256, "size_bytes": len(self.raw), "media": "image/jpeg",
        }  # fmt: skip

    def bring(self, bases: list[str], stop: threading.Event) -> None:
        """In a thread of its own: create, go on where it stands, from one address of the server to the next."""
        path, tries = "", 0
        while not stop.is_set():
            base = bases[tries % len(bases)]
            tries += 1
            try:
                uploader = self._uploader(base, path)
                if not path:
                    made = uploader.create_url()
                    path = urlsplit(made).path
                    uploader.set_url(made)
                while uploader.offset < len(self.raw):
                    uploader.upload_chunk()  # type: ignore[no-untyped-call]  # it comes without types
                    self.told = uploader.offset
                return
            except (TusUploadFailed, TusCommunicationError):
                self.faults += 1
                stop.wait(0.1)

    def _uploader(self, base: str, path: str) -> Uploader:
        headers = {**self.seat.headers, "Origin": base}
        client = TusClient(f"{base}/api/incidents/{self.incident}/uploads", headers=headers)
        report = self.report
        told = {name: report[name] for name in ("attachment", "subject", "kind", "sha256")}
        scheme, netloc, *_ = urlsplit(base)
        return Sha256Uploader(
            client=client, file_stream=io.BytesIO(self.raw), metadata=told, retries=0,
            url=urlunsplit((scheme, netloc, path, "", "")) if path else None,
            chunk_size=PIECE_BYTES if self.pieces else 1 << 30, upload_checksum=self.pieces,
        )  # fmt: skip


async def _bring_all(photos: list[Photo], bases: list[list[str]], harm: Any) -> None:
    stop = threading.Event()
    try:
        async with asyncio.timeout(WITHIN_S), asyncio.TaskGroup() as tasks:
            for n, photo in enumerate(photos):
                work = asyncio.to_thread(photo.bring, bases[n % len(bases)], stop)
                tasks.create_task(work, name=f"bring {photo.attachment}")
            tasks.create_task(harm, name="harm")
    finally:
        stop.set()


async def _report(http: aiohttp.ClientSession, seat: Seat, incident: str, photos: list[Photo]) -> None:
    for photo in photos:
        answer = await ask(http, seat, "POST", f"/api/incidents/{incident}/commands", submission(photo.report))
        assert answer["answers"][0]["status"] == "accepted", answer


async def _check(http: aiohttp.ClientSession, eye: Seat, incident: str, photos: list[Photo], dsn: str) -> None:
    """Each there as its record says, byte for byte, and in the database once."""
    found = (await ask(http, eye, "GET", f"/api/incidents/{incident}/attachments?limit=500"))["attachments"]
    assert {row["attachment"]: row["finding"] for row in found} == {one.attachment: "matches" for one in photos}
    for photo in photos:
        where = f"{eye.url}/api/incidents/{incident}/attachments/{photo.attachment}/original"
        async with http.get(where, headers=eye.headers) as got:
            assert got.status == 200
            assert await got.read() == photo.raw
    connection = await asyncpg.connect(dsn)
    try:
        assert await connection.fetchval("SELECT count(*) FROM blobs") == len(photos)
        assert await connection.fetchval("SELECT count(*) FROM upload_ends") == len(photos)
        assert await connection.fetchval("SELECT count(*) FROM uploads") == len(photos)
        kept = await connection.fetchval("SELECT sum(size_bytes) FROM upload_parts WHERE NOT copy")
        assert kept == sum(len(photo.raw) for photo in photos)
    finally:
        await connection.close()


async def test_twenty_uploads_survive_cuts_and_kills_each_once_and_byte_equal(tmp_path: Path) -> None:
    """Half of the records are there before their files, half after."""
    node = MusterNode(tmp_path / "node")
    async with FaultProxy(node.port) as proxy, aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        node.origins.append(proxy.url)
        await node.start()
        try:
            people = [
                ("chief", "commander"),
                *((f"officer-{n}", "field") for n in range(OFFICERS)),
                ("eye", "reviewer"),
            ]
            seats = await sign_in(settings_of(node.data), node.url, people)  # type: ignore[arg-type]  # literals in a list
            incident = await open_incident(http, seats[0])
            photos = [Photo(n, seats[1 + n % OFFICERS], incident) for n in range(FILES)]
            await _report(http, seats[1], incident, photos[::2])
            proxy.fault = Fault(bytes_per_s=400_000)
            await _bring_all(photos, [[proxy.url]], _harm(node, proxy, photos))
            proxy.fault = Fault()
            await _report(http, seats[1], incident, photos[1::2])
            dsn = running_dsn(node.data / "postgres")
            assert dsn is not None
            await _check(http, seats[-1], incident, photos, dsn(DATABASE, SUPERUSER))
        finally:
            await node.kill()
    assert sum(photo.faults for photo in photos) >= FILES, "the faults hit nobody: the test proved nothing"


async def test_an_upload_goes_on_at_another_node_when_its_own_is_killed(cluster: Cluster, tmp_path: Path) -> None:
    """Two servers on one database; the one that had the first half dies with it."""
    async with pair(cluster, tmp_path) as both, aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        photos = [Photo(n, both.hands[n % len(both.hands)], both.incident) for n in (0, 1, 2, 4)]
        one, other = both.nodes

        async def kill() -> None:
            await until(lambda: any(photo.told for photo in photos), WITHIN_S)
            await one.kill()

        await _bring_all(photos, [[one.url, other.url]], kill())
        await _report(http, both.hands[0].at(other.url), both.incident, photos)
        await _check(http, both.eyes[0].at(other.url), both.incident, photos, both.dsn)
    assert sum(photo.faults for photo in photos), "the kill hit nobody: the test proved nothing"


async def _harm(node: MusterNode, proxy: FaultProxy, photos: list[Photo]) -> None:
    """Each time something more has arrived, the next thing breaks."""
    total = sum(len(photo.raw) for photo in photos if photo.pieces)
    for number, share in enumerate((0.05, 0.15, 0.3, 0.45, 0.6, 0.75)):
        await until(lambda at=share * total: sum(p.told for p in photos if p.pieces) >= at, WITHIN_S)  # type: ignore[misc]  # bound now
        if number % 3 == 0:
            proxy.cut()
        elif number % 3 == 1:
            await node.kill()
            await node.start()
        else:
            node.kill_postgres()
            await _back(node)
    proxy.fault = Fault()


async def _back(node: MusterNode) -> None:
    """Until the server has its database again, or is started anew after it gave up."""
    async with asyncio.timeout(WITHIN_S), aiohttp.ClientSession() as http:
        while True:
            if node.process.returncode is not None:
                await node.start()
            try:
                async with http.get(f"{node.url}/healthz") as got:
                    if got.status == 200:
                        return
            except (aiohttp.ClientError, MusterError):
                pass
            await asyncio.sleep(0.05)
