"""The restore drill: written to while it is backed up, killed, wiped, restored; what was acknowledged before is there."""

from __future__ import annotations

import asyncio
import base64
import json
import shutil
from pathlib import Path
from typing import Any

import aiohttp

from command.store.attach import running_dsn
from command.store.provision import DATABASE, SUPERUSER
from command.stream.client import Cursor, Hello, Link
from command.stream.frames import Position
from tests.faults.conftest import LONG
from tests.support.checker import rows_of
from tests.support.clients import Ack, Writer, ask, call, open_incident, settings_of, sign_in
from tests.support.node import MusterNode, muster, until

WRITERS, EACH = (200, 500) if LONG else (10, 40)
PHRASE = "violets are blue and so is the sea"
CANARY = "writes line"  # in the private text of every entry


async def test_a_wiped_server_comes_back_with_all_that_was_acknowledged_before_the_backup(tmp_path: Path) -> None:
    """Matrix F12. Byte for byte, verified across the epoch, nobody signed in, and clients told to start over."""
    node = MusterNode(tmp_path / "node")
    (tmp_path / "phrase").write_text(PHRASE + "\n")
    await node.start()
    try:
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
            people = [("chief", "commander"), *((f"officer-{n}", "field") for n in range(WRITERS))]
            seats = await sign_in(settings_of(node.data), node.url, people)  # type: ignore[arg-type]  # literals in a list
            incident = await open_incident(http, seats[0])
            writers = [Writer(seat, incident, EACH) for seat in seats[1:]]
            before = await _back_up_while_writing(node, writers, tmp_path)
            away = tmp_path / "head-that-left-the-building"
            away.write_text(await _signed_head(http, seats[0], incident))
            async with http.get(f"{node.url}/checkpoint-keys") as published:
                vkey = (await published.text()).strip()
        kept = await _rows(node, incident)
        _nothing_in_plain(tmp_path / "data", tmp_path / "keys")
        node.kill_postgres()
        await node.kill()
        shutil.rmtree(node.data)

        told = await _restored(node.data, tmp_path)
        await node.start()
        [log] = told["logs"]
        rows = await _rows(node, incident)
        assert rows[: log["kept"]] == kept[: log["kept"]]
        assert len(rows) == log["kept"] + 1 and b'"type":"LogRestored"' in rows[-1][2]
        held = {event: (seq, header) for seq, event, header in rows}
        for ack in before:
            assert held[f"{ack.cmd}.0"] == (ack.seq, _bytes(ack.header))
        code, out = await muster("verify", incident, "--data", str(node.data), "--json")
        assert code == 0, out
        verified = json.loads(out)
        assert verified["epoch"] == log["epoch"] > 1 and verified["heads"] >= 1
        await _heads_continue(node, incident, away, vkey, log)
        await _clients_start_over(node, seats[0], incident, log)
    finally:
        await node.kill()


async def _back_up_while_writing(node: MusterNode, writers: list[Writer], place: Path) -> list[Ack]:
    """What had been acknowledged before the backup began; it is made in the middle of the writing."""
    total = WRITERS * EACH
    async with asyncio.TaskGroup() as tasks:
        for number, writer in enumerate(writers):
            tasks.create_task(writer.run(), name=f"writer {number}")
        await until(lambda: sum(len(writer.acks) for writer in writers) >= total // 4, 120)
        before = [ack for writer in writers for ack in writer.acks]
        code, out = await muster(
            "backup", "--to", str(place / "data"), "--keys-to", str(place / "keys"), "--passphrase-file",
            str(place / "phrase"), "--data", str(node.data), "--json",
        )  # fmt: skip
        assert code == 0, out
        assert not LONG or not all(writer.done for writer in writers), "it was not made while they wrote"
    return before


async def _signed_head(http: aiohttp.ClientSession, chief: Any, incident: str) -> str:
    """The newest, as a witness would take it away."""
    headers = {"Cookie": chief.cookie, "X-Forwarded-For": chief.address, "Origin": chief.url}
    async with http.get(f"{chief.url}/api/incidents/{incident}/checkpoint", headers=headers) as got:
        assert got.status == 200, await got.text()
        return await got.text()


async def _heads_continue(node: MusterNode, incident: str, away: Path, vkey: str, log: dict[str, Any]) -> None:
    """The new epoch's heads have an origin of its own; a head of events that were lost is told apart, and one that the
    restored log ought to continue is continued. All of it from a file, with the key that was published before."""
    code, out = await muster("keys", "sign", "--data", str(node.data), "--json")
    assert code == 0, out
    keys = json.loads(out)
    assert keys["ever"][0]["vkey"] == vkey and keys["signing"][0] != vkey, "the new machine has a key of its own"
    code, out = await muster("export", incident, "--data", str(node.data))
    assert code == 0
    file = away.with_name("log.ndjson")
    file.write_text(out)
    words = [word for row in keys["ever"] for word in ("--vkey", row["vkey"])]
    code, out = await muster("verify", str(file), "--checkpoint", str(away), *words, "--json")
    assert code == 0, out
    told = json.loads(out)
    lost = int(away.read_text().split("\n")[1]) > log["kept"]
    assert told["trusted"] and told["last_head"] == log["kept"] + 1
    assert told["heads_of_lost_events"] == (1 if lost else 0)
    notes = [json.loads(line)["note"] for line in file.read_text().splitlines() if '"type":"head"' in line]
    assert notes[-1].startswith(f"muster:{incident}:{log['epoch']}\n")


async def _restored(data: Path, place: Path) -> Any:
    [source], [keys] = (place / "data").glob("*.sealed"), (place / "keys").glob("*.sealed")
    code, out = await muster(
        "restore", "--from", str(source), "--keys-from", str(keys), "--passphrase-file", str(place / "phrase"),
        "--data", str(data), "--json",
    )  # fmt: skip
    assert code == 0, out
    return json.loads(out)


async def _clients_start_over(node: MusterNode, chief: Any, incident: str, log: dict[str, Any]) -> None:
    """The old session is none; with a new one an old position is answered by a snapshot; the private texts are there."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        status, _ = await call(http, chief, "GET", f"/api/incidents/{incident}/board")
        assert status == 401
        [again] = await sign_in(settings_of(node.data), node.url, [("chief", "commander")])
        page = await ask(http, again, "GET", f"/api/incidents/{incident}/events?before={log['kept'] + 1}&limit=20")
        assert any(CANARY in entry["text"] for entry in page["entries"])
        headers = {"X-Forwarded-For": again.address}
        cursor = Cursor(Position(incident, 1, log["kept"] - 1))
        async with Link(node.url, incident, cookie=again.cookie, headers=headers, cursor=cursor) as link:
            hello = await anext(aiter(link))
            assert isinstance(hello, Hello) and not hello.resumed
            assert hello.gap is not None and hello.gap.reason == "another epoch"
            assert hello.at == Position(incident, log["epoch"], log["kept"] + 1)


async def _rows(node: MusterNode, incident: str) -> list[tuple[int, str, bytes]]:
    dsn = running_dsn(node.data / "postgres")
    assert dsn is not None
    return await rows_of(dsn(DATABASE, SUPERUSER), incident)


def _nothing_in_plain(*places: Path) -> None:
    """Neither what people wrote, nor their names, nor what the log says of itself."""
    stored = b"".join(path.read_bytes() for place in places for path in place.iterdir())
    for canary in (CANARY, "Name of", "officer-", "A march", "EntryRecorded", PHRASE):
        assert canary.encode() not in stored, canary


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
