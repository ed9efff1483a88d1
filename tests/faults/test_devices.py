"""Tablets against two real servers on one PostgreSQL: killed in the middle of an upload, revoked while they are online.

Each record means once and in its device's order, whatever was cut; a revoked device is gone within 5 s on every node, and
what it still brings is kept apart.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from command.devices.files import file_info, part_aad, part_nonce
from command.devices.sealing import SUITE
from command.ledger import disclosure
from command.store.embedded import Cluster
from command.stream.hub import SESSIONS_S
from command.uploads.kept import PART_BYTES
from tests.faults.conftest import LONG
from tests.faults.test_two_nodes import Pair, pair
from tests.support.checker import check_promises, rows_of
from tests.support.clients import Ack, Seat, ask
from tests.support.node import MusterNode, muster
from tests.support.tablet import Tablet, boxed, receipt_holds

RECORDS, BATCH, KILLS = (2_000, 50, 20) if LONG else (200, 25, 3)
GONE_S = 5.0


class Got(msgspec.Struct):
    """What came back."""

    status: int
    headers: Any
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Handed(msgspec.Struct):
    """What the checker asks of a writer."""

    seat: Seat
    acks: list[Ack]
    sent_ids: list[str]


class Radio:
    """Sends a tablet's requests to one node or the other."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self.http, self.url = http, url

    async def send(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Got:
        sent = {"Origin": self.url, "Content-Type": "application/json", **headers}
        async with self.http.request(method, self.url + path, data=body, headers=sent) as got:
            return Got(got.status, got.headers.copy(), await got.read())


async def tablet_of(http: aiohttp.ClientSession, both: Pair, seat: Seat) -> tuple[Tablet, Radio]:
    """An enrolled one at the first node, with its officer's own key."""
    radio = Radio(http, both.nodes[0].url)
    made = await ask(http, both.chief, "POST", "/api/devices/invite", {"label": "Tablet 7"})
    tablet = Tablet(radio.send, radio.url.partition("://")[2])
    assert (await tablet.enrol(made["code"])).status == 200
    assert (await tablet.attach(seat.cookie, seat.person, own_key=True)).status == 204
    return tablet, radio


def turn(tablet: Tablet, radio: Radio, node: MusterNode) -> None:
    """Reach the server at another node."""
    radio.url, tablet.host = node.url, node.url.partition("://")[2]


async def until_answered(tablet: Tablet, path: str, batch: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One batch, again and again until the server has answered for each of it."""
    while True:
        try:
            got = await tablet.signed(path, batch)
        except (aiohttp.ClientError, AssertionError, OSError, TimeoutError):
            await asyncio.sleep(0.05)
            continue
        if got.status == 200:
            answers: list[dict[str, Any]] = got.json["answers"]
            return answers
        assert got.status in (401, 429, 503), got
        await asyncio.sleep(0.05)


async def test_an_upload_that_is_killed_again_and_again_means_once(cluster: Cluster, tmp_path: Path) -> None:
    """Matrix F1, F3 and F8: kill -9 in the middle, the same upload again, at this node and at the other."""
    async with pair(cluster, tmp_path) as both, aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        officer = both.hands[0]
        tablet, radio = await tablet_of(http, both, officer)
        start = datetime.now(UTC)
        outbox = [
            tablet.entry(both.incident, officer.person, start + timedelta(milliseconds=n)) for n in range(RECORDS)
        ]
        batches = [outbox[at : at + BATCH] for at in range(0, RECORDS, BATCH)]
        path, first = f"/api/incidents/{both.incident}/statements", both.nodes[0]

        async def upload() -> list[dict[str, Any]]:
            return [one for batch in batches for one in await until_answered(tablet, path, batch)]

        for number in range(1, KILLS + 1):
            under_way = asyncio.create_task(upload(), name="upload")
            goal = number * RECORDS // (KILLS + 1)
            while len(await rows_of(both.dsn, both.incident)) < goal:
                assert not under_way.done(), "it all came in, and nothing of it is in the log"
                await asyncio.sleep(0.01)
            await first.kill()
            under_way.cancel()
            await asyncio.gather(under_way, return_exceptions=True)
            await first.start()
        once = await upload()
        turn(tablet, radio, both.nodes[1])
        again = await upload()
        rows = await rows_of(both.dsn, both.incident)
        assert {one["status"] for one in again} == {"duplicate"}
        firsts = [one.get("first", one) for one in once]
        assert [one["first"] for one in again] == firsts
        assert any(one["status"] == "duplicate" for one in once), "the kills hit nothing: the test proved nothing"
        assert all(receipt_holds(sub, answer) for sub, answer in zip(outbox, once, strict=True))
        acks = [Ack(one["cmd"], one["seq"], one["header"]) for one in firsts]
        check_promises(rows, [Handed(officer, acks, [sub["cmd"] for sub in outbox])])  # type: ignore[list-item]  # as a writer
        (listed,) = (await ask(http, both.chief, "GET", "/api/devices"))["devices"]
        assert (listed["statements"], listed["missing"]) == (RECORDS, 0)
        one, other = await both.hashes()
        assert one == other


async def test_the_same_upload_at_both_nodes_at_once_means_once(cluster: Cluster, tmp_path: Path) -> None:
    """Two tabs, or a retry that overtakes: one of them records each, the other is told the same."""
    async with pair(cluster, tmp_path) as both, aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        officer = both.hands[0]
        tablet, _ = await tablet_of(http, both, officer)
        radio = Radio(http, both.nodes[1].url)
        twin = Tablet(radio.send, radio.url.partition("://")[2], tablet.key)
        twin.id = tablet.id
        start, path = datetime.now(UTC), f"/api/incidents/{both.incident}/statements"
        outbox = [tablet.entry(both.incident, officer.person, start + timedelta(milliseconds=n)) for n in range(100)]
        for at in range(0, 100, 20):
            batch = outbox[at : at + 20]
            one, other = await asyncio.gather(*(until_answered(hand, path, batch) for hand in (tablet, twin)))
            for mine, theirs in zip(one, other, strict=True):
                assert {mine["status"], theirs["status"]} == {"accepted", "duplicate"}
                assert mine.get("first", mine) == theirs.get("first", theirs)
        kept = [event.rpartition(".")[0] for _, event, _ in await rows_of(both.dsn, both.incident)]
        assert [cmd for cmd in kept if cmd in {sub["cmd"] for sub in outbox}] == [sub["cmd"] for sub in outbox]
        await _carried_by_hand(both, http, tablet, tmp_path)


async def _carried_by_hand(both: Pair, http: aiohttp.ClientSession, tablet: Tablet, folder: Path) -> None:
    """The last resort: a sealed file, records and pictures, handed in on the command line after the key was turned: twice
    means once, and what does not come in is named."""
    officer = both.hands[0]
    shown = await ask(http, officer, "GET", "/api/devices/sealing")
    file, made = folder / "tablet.sealed", []
    for n in range(3):
        sub = tablet.entry(both.incident, officer.person, datetime.now(UTC) + timedelta(milliseconds=n))
        made.append({"incident": both.incident, **boxed(both.incident, tablet.id, tablet.seq, sub, shown)})
    photo, other = Carried(both.incident, tablet.id, shown), Carried(both.incident, tablet.id, shown)
    where = ("--data", str(both.nodes[0].data), *both.nodes[0]._flags)
    code, out = await muster("device", "turn", *where, "--json")
    assert code == 0 and json.loads(out)["id"] != shown["id"], out
    head = {"format": "muster tablet 1", "device": tablet.id}
    lines = [json.dumps(one).encode() + b"\n" for one in (head, *({"record": one} for one in made))]
    end = json.dumps({"end": {"records": 3, "files": 2}}).encode() + b"\n"
    file.write_bytes(
        b"".join([*lines, photo.line, photo.sealed, b"\n", other.line, b"\0" * len(other.sealed), b"\n", end])
    )
    damaged = {"attachment": other.attachment, "problem": "expected the part of this file that begins here"}
    for became, came in (("accepted", "unreadable"), ("duplicate", "there before")):
        code, out = await muster("device", "import", str(file), *where, "--json")
        assert code == 1, out
        assert json.loads(out) == {
            "records": 3, "by_status": {became: 3}, "decided": [], "not_taken": [], "files": {came: 1}, "files_not_taken": [damaged],
            "receipts": 0, "not_held": [], "cut_off": False,
        }  # fmt: skip
    kept = [event.rpartition(".")[0] for _, event, _ in await rows_of(both.dsn, both.incident)]
    assert [cmd for cmd in kept if cmd in {one["cmd"] for one in made}] == [one["cmd"] for one in made]
    seq, _, header = (await rows_of(both.dsn, both.incident))[-1]
    told = [(seq, sha256(b"\0" + header).digest()), (seq - 1, sha256(b"\0" + header).digest())]
    receipts = [{"incident": both.incident, "seq": at, "leaf": disclosure.encode_bytes(leaf)} for at, leaf in told]
    lines += [json.dumps({"receipt": one}).encode() + b"\n" for one in receipts]
    file.write_bytes(b"".join([*lines, photo.line, photo.sealed[:1000]]))
    code, out = await muster("device", "import", str(file), *where)
    assert code == 1 and "3 duplicate" in out and "1 there before" in out and "was cut off" in out, out
    assert "1 of 2 receipts hold" in out and f"#{seq - 1}: the log does not hold" in out, out
    file.write_bytes(file.read_bytes().replace(b'"device_seq":', b'"device_sec":', 1))
    code, out = await muster("device", "import", str(file), *where)
    assert code == 2 and "device_sec" in out and "line 2" in out, out
    await _decided_since(both, http, tablet, file, await ask(http, officer, "GET", "/api/devices/sealing"))


async def _decided_since(
    both: Pair, http: aiohttp.ClientSession, tablet: Tablet, file: Path, shown: Mapping[str, str]
) -> None:
    """A lost tablet's file: held back; all of it decided by one word on the command line; the file again says what became of it."""
    where = ("--data", str(both.nodes[0].data), *both.nodes[0]._flags)
    held = ("device", "quarantine", both.incident)
    code, out = await muster("device", "revoke", tablet.id, *where)
    assert code == 0, out
    cmds = []
    for decision, became in (("--release-all", "let in"), ("--reject-all", "turned down")):
        lines = [json.dumps({"format": "muster tablet 1", "device": tablet.id})]
        made = []
        for _ in range(2):
            sub = tablet.entry(both.incident, both.hands[0].person, datetime.now(UTC))
            made.append({"incident": both.incident, **boxed(both.incident, tablet.id, tablet.seq, sub, shown)})
        cmds.append([one["cmd"] for one in made])
        lines += [json.dumps({"record": one}) for one in made]
        file.write_text("\n".join([*lines, json.dumps({"end": {"records": 2, "files": 0}}), ""]))
        code, out = await muster("device", "import", str(file), *where, "--json")
        assert code == 0 and json.loads(out)["by_status"] == {"quarantined": 2}, out
        code, out = await muster(*held, decision, tablet.id, "--reason", "confirmed in person", *where)
        assert code == 0 and out.startswith(f"2 of 2 {became}; 0 wait"), out
        code, out = await muster("device", "import", str(file), *where, "--json")
        told = json.loads(out)
        assert code == 0 and told["by_status"] == {became: 2}, out
        assert [(one["cmd"], one["became"]) for one in told["decided"]] == [(cmd, became) for cmd in cmds[-1]]
        code, out = await muster("device", "import", str(file), *where)
        assert f"{cmds[-1][0]}: held back before, and {became} since (q-" in out, out
    kept = [event.rpartition(".")[0] for _, event, _ in await rows_of(both.dsn, both.incident)]
    assert [cmd for cmd in kept if cmd in {*cmds[0], *cmds[1]}] == cmds[0]


class Carried:
    """A photo of a tablet's, as it stands in the file; of two parts."""

    def __init__(self, incident: str, device: str, shown: Mapping[str, str]) -> None:
        self.attachment, data, key = secrets.token_hex(8), secrets.token_bytes(PART_BYTES + 10), secrets.token_bytes(32)
        pieces = [data[:PART_BYTES], data[PART_BYTES:]]
        self.sealed = b"".join(
            AESGCM(key).encrypt(part_nonce(n), piece, part_aad(self.attachment, n, 2)) for n, piece in enumerate(pieces)
        )
        point = disclosure.decode_bytes(shown["public_key"])
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        box = SUITE.encrypt(key, public, file_info(incident, device, self.attachment))
        told = {
            "incident": incident, "attachment": self.attachment, "subject": "s-" + "1" * 32, "kind": "photo",
            "sha256": sha256(data).hexdigest(), "size_bytes": len(data), "sealed_bytes": len(self.sealed),
            "key": {"key": shown["id"], "box": disclosure.encode_bytes(box)},
        }  # fmt: skip
        self.line = json.dumps({"file": told}).encode() + b"\n"


async def test_a_revoked_device_is_gone_within_five_seconds_on_every_node(cluster: Cluster, tmp_path: Path) -> None:
    """Matrix F9: revoked at one node by the command line, cut at both; its later uploads are kept apart, once."""
    async with pair(cluster, tmp_path) as both, aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        officer = both.hands[0]
        tablet, radio = await tablet_of(http, both, officer)
        path = f"/api/incidents/{both.incident}/statements"
        sub = tablet.entry(both.incident, officer.person, datetime.now(UTC))
        sockets = [await _stream(http, officer.at(node.url), both.incident) for node in both.nodes]
        bystander = await _stream(http, both.hands[1].at(both.nodes[1].url), both.incident)
        flags = both.nodes[0]._flags
        code, out = await muster("device", "revoke", tablet.id, "--data", str(both.nodes[0].data), *flags, "--json")
        assert code == 0, out
        revoked = time.monotonic()
        closes = await asyncio.gather(*(_closed(socket) for socket in sockets))
        assert closes == [4401, 4401]
        assert SESSIONS_S < GONE_S, "each node looks often enough"
        assert not LONG or time.monotonic() - revoked < GONE_S + 3.0, "5 s are promised; the rest is this machine's"
        assert not bystander.closed
        async with http.get(f"{both.nodes[1].url}/api/me", headers=officer.headers) as got:
            assert got.status == 401
        for node in both.nodes:
            turn(tablet, radio, node)
            (answer,) = await until_answered(tablet, path, [sub])
            assert (answer["status"], answer["code"]) == ("quarantined", "revoked")
        (row,) = (await ask(http, both.chief, "GET", f"/api/incidents/{both.incident}/quarantine"))["held"]
        assert (row["author"], row["device"]) == (officer.person, tablet.id)
        before = await rows_of(both.dsn, both.incident)
        assert sub["cmd"] not in {event.rpartition(".")[0] for _, event, _ in before}
        words = ("device", "quarantine", both.incident, "--release", row["item"], "--reason", "confirmed in person")
        code, out = await muster(*words, "--data", str(both.nodes[0].data), *flags, "--json")
        assert code == 0, out
        assert receipt_holds(sub, json.loads(out))
        await bystander.close()


async def test_of_devices_that_race_for_a_code_one_gets_in(cluster: Cluster, tmp_path: Path) -> None:
    """At both doors at once, on one database."""
    async with pair(cluster, tmp_path) as both, aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        words = ("device", "invite", "Tablet 7", "--agency", "spd", "--data", str(both.nodes[0].data), "--json")
        code, out = await muster(*words, *both.nodes[0]._flags)
        assert code == 0, out
        radios = [Radio(http, node.url) for node in both.nodes for _ in range(3)]
        tablets = [Tablet(radio.send, radio.url.partition("://")[2]) for radio in radios]
        done = await asyncio.gather(*(tablet.enrol(json.loads(out)["code"]) for tablet in tablets))
        assert sorted(one.status for one in done) == [200, *[403] * 5]
        code, out = await muster("device", "list", "--data", str(both.nodes[0].data), *both.nodes[0]._flags, "--json")
        assert code == 0 and len(json.loads(out)) == 1


async def _stream(http: aiohttp.ClientSession, seat: Seat, incident: str) -> aiohttp.ClientWebSocketResponse:
    """A screen that follows: its snapshot has come."""
    socket = await http.ws_connect(
        f"{seat.url}/api/incidents/{incident}/stream", protocols=["muster.1"], headers=seat.headers
    )
    await socket.send_str('{"t":"hello"}')
    async with asyncio.timeout(60):
        await socket.receive_str()
    return socket


async def _closed(socket: aiohttp.ClientWebSocketResponse) -> int | None:
    async with asyncio.timeout(60):
        while not socket.closed:
            await socket.receive()
    return socket.close_code
