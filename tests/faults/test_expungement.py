"""A court orders one person's arrest away, and a canary that was in everything about them is nowhere: end to end.

Looked through before (so that the probe is known to find it) and after: every reading door of every role, papers and
tables, files, dumps of both databases, what a second node holds, logs, the audit trail, the memory of the server, and a
new backup. Only the old backup still has the ciphertext, and the register names it until it is said to be destroyed.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import json
from pathlib import Path
from typing import Any, Literal

import aiohttp
import asyncpg
from pypdf import PdfReader

from command.access.model import Role
from command.backup import files
from command.backup.sealed import Secret, read_passphrase
from command.bootstrap import open_service
from command.service.core import Service
from command.service.snapshots import encode_state
from command.store.attach import running_dsn
from command.store.provision import DATABASE, KEYS_DATABASE, SUPERUSER
from tests.faults.test_redaction import _decoded, _dump
from tests.support.clients import AGENCIES, Seat, ask, call, open_incident, settings_of, sign_in, submission
from tests.support.node import MusterNode, muster, until
from tests.uploads.corpus import jpeg, segment

CANARY, KEPT = "canary-zvqk", "not-ordered-away-mfgh"
PHRASE = "violets are blue and so is the sea"
PHOTO = jpeg(2, 2, segment(0xFE, CANARY.encode()))
ROLES: tuple[Role, ...] = (
    "commander", "supervisor", "processing", "medical", "field", "assisting", "reviewer", "administrator", "public",
)  # fmt: skip
PRINTING = ("reviewer", "processing", "field")
SUBJECT, ARREST, REPORT = "s-1", "k-1", "r-1"

Found = dict[str, str]


def _life(subject: str, arrest: str, report: str, word: str) -> list[dict[str, Any]]:
    """Everything that is written about one person, the word in each private field of it."""
    whose = {"arrest": arrest, "subject": subject}
    return [
        {"type": "RecordArrest", **whose, "officer": "field", "officer_agency": "spd", "offences": ["vandalism"],
         "conduct": f"{word} threw a stone at the window of the bank and ran", "injury": f"{word} cut", "search": word},
        {"type": "RecordOffence", **whose, "offence": f"o-{arrest}", "charge": "vandalism", "facts": f"{word} facts",
         "evidence": f"{word} camera"},
        {"type": "DescribePerson", **whose, "name": f"{word} name", "address": f"{word} street", "age": f"{word} 15",
         "guardian": f"{word} mother", "medical": f"{word} asthma", "race_perceived": f"{word} race"},
        {"type": "AddAttachment", "attachment": f"p-{arrest}", "record": whose["arrest"], "subject": whose["subject"], "kind": "property photo",
         "sha256": hashlib.sha256(PHOTO).hexdigest(), "size_bytes": len(PHOTO), "media": "image/jpeg", "note": word},
        {"type": "TakeProperty", "subject": subject, "bag": f"b-{arrest}", "contents": f"{word} keys", "serials": word},
        {"type": "RecordCare", "subject": subject, "care": "medical", "outcome": "given", "note": f"{word} bandaged"},
        {"type": "DecideDisposition", **whose, "disposition": "cited", "citation": f"{word}-1138", "reason": word},
        {"type": "ReportForce", "report": report, "subject": subject, "officer": "field", "tool": "hands",
         "account": f"{word} was held", "injury": f"{word} bruise"},
        {"type": "RecordAid", "record": report, "step": "given", "note": f"{word} ice"},
    ]  # fmt: skip


async def test_what_a_court_orders_away_is_nowhere_and_complete_when_the_last_copy_of_the_key_is_gone(
    tmp_path: Path,
) -> None:
    (tmp_path / "phrase").write_text(PHRASE + "\n")
    node = MusterNode(tmp_path / "node")
    await node.start()
    try:
        settings = settings_of(node.data)
        async with (
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http, asyncio.timeout(300),
            open_service(settings, attach=True) as (_, second),
        ):  # fmt: skip
            seats = await _seats(node)
            incident = await _written(http, seats)
            before = await _doors(http, seats, incident)
            missed = {"record", "record.pdf", "receipt.pdf", "events", "export", "original"} - {
                door.partition(" ")[0] for door, said in before.items() if CANARY in said
            }
            assert not missed, f"the probe does not find what is there in {missed}"
            assert CANARY in await _held(second, incident)
            old = await _back_up(node, tmp_path / "old")
            wrapped, box = await _sealed(node, incident)

            order = {"type": "Redact", "subject": SUBJECT, "authority": "Superior Court", "reason": "order 7"}
            answer = await _send(http, seats["administrator"], incident, [{**order, "scope": "expungement"}])
            await until(lambda: second.position(incident)[1] >= answer[0]["last_seq"])
            new = await _back_up(node, tmp_path / "new")

            after = await _doors(http, seats, incident)
            after |= {
                "second node": await _held(second, incident),
                "data dump": await _dump_of(node, DATABASE),
                "keys dump": await _dump_of(node, KEYS_DATABASE),
                "server log": node.log.read_text() + (node.data / "postgres" / "postgres.log").read_text(),
                "new backup": (_plain(new, "data") + _plain(new, "keys")).decode("latin-1"),
            }
            assert [where for where, said in after.items() if _in(said)] == []
            assert KEPT in after["second node"] and KEPT in after["record reviewer k-2"], "only what was named is gone"
            await _out_of_memory(node, http, seats["reviewer"], incident)
            kept = (after["data dump"], after["keys dump"], after["new backup"])
            for bytes_ in (wrapped, box):
                assert not any(bytes_.hex() in said or bytes_ in said.encode("latin-1", "replace") for said in kept)
            assert box in _plain(old, "data") and wrapped in _plain(old, "keys"), "what the register is there for"

            await _complete_in_the_end(node, http, seats["reviewer"], incident, (old.name, new.name))
            await _told_since(http, seats, incident, second)
    finally:
        await node.kill()


async def _seats(node: MusterNode) -> dict[str, Seat]:
    """One of every role, known by it."""
    for role in ROLES:
        AGENCIES.setdefault(role, "spd")
    people: list[tuple[str, Role]] = [("chief" if role == "commander" else role, role) for role in ROLES]
    return dict(zip(ROLES, await sign_in(settings_of(node.data), node.url, people), strict=True))


async def _send(http: aiohttp.ClientSession, seat: Seat, incident: str, cmds: list[dict[str, Any]]) -> Any:
    said = await ask(http, seat, "POST", f"/api/incidents/{incident}/commands", [submission(one) for one in cmds])
    assert [one["status"] for one in said["answers"]] == ["accepted"] * len(cmds), said
    return said["answers"]


async def _written(http: aiohttp.ClientSession, seats: dict[str, Seat]) -> str:
    incident = await open_incident(http, seats["commander"])
    await _send(http, seats["field"], incident, _life(SUBJECT, ARREST, REPORT, CANARY))
    await _send(http, seats["field"], incident, _life("s-2", "k-2", "r-2", KEPT))
    told = {
        "attachment": f"p-{ARREST}",
        "subject": SUBJECT,
        "kind": "photo",
        "sha256": hashlib.sha256(PHOTO).hexdigest(),
    }
    metadata = ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in told.items())
    seat, tus = seats["field"], {"Tus-Resumable": "1.0.0"}
    begin = {**seat.headers, **tus, "Upload-Length": str(len(PHOTO)), "Upload-Metadata": metadata}
    async with http.post(f"{seat.url}/api/incidents/{incident}/uploads", headers=begin) as made:
        assert made.status == 201, await made.text()
        path = made.headers["Location"]
    more = {**seat.headers, **tus, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    async with http.patch(f"{seat.url}{path}", data=PHOTO, headers=more) as got:
        assert got.status == 204, await got.text()
    return incident


async def _doors(http: aiohttp.ClientSession, seats: dict[str, Seat], incident: str) -> Found:
    """What each role gets at each reading door, papers as their text, tables and files as they are."""
    base = f"/api/incidents/{incident}"
    last = (await ask(http, seats["reviewer"], "GET", f"{base}/events?after=0&limit=500"))["last"]
    doors = {
        "board": "/board", "earlier": f"/board?at={last // 2}", "events": "/events?after=0&limit=500",
        "arrests": "/arrests", f"record {ARREST}": f"/arrests/{ARREST}", "record k-2": "/arrests/k-2",
        "alike": f"/arrests/{ARREST}/alike/k-2", "record.pdf": f"/arrests/{ARREST}/record.pdf",
        "receipt.pdf": f"/arrests/{ARREST}/bags/b-{ARREST}/receipt.pdf", "arrests.csv": "/tables/arrests.csv",
        "nibrs.csv": "/tables/nibrs.csv", "processing": "/processing", "attachments": "/attachments",
        "attachment": f"/attachments/p-{ARREST}", "original": f"/attachments/p-{ARREST}/original",
        "export": "/export", "audit": "/audit",
    }  # fmt: skip
    found: Found = {}
    for role, seat in seats.items():
        for door, path in doors.items():
            name, _, which = door.partition(" ")
            if name.endswith(".pdf") and role not in PRINTING:
                continue  # a paper is the record that the same role reads, set in type, which takes its time
            status, raw = await call(http, seat, "GET", f"{base}{path}")
            assert status < 500, (role, door, status)
            found[f"{name} {role} {which}".strip()] = _text(raw)
    status, raw = await call(http, seats["administrator"], "GET", "/api/audit?limit=500")
    assert status == 200
    return {**found, "trail": raw.decode()}


def _text(raw: bytes) -> str:
    if raw.startswith(b"%PDF"):
        text = "".join("\n".join(page.extract_text() for page in PdfReader(io.BytesIO(raw)).pages).split("\n"))
        raw = text.replace("\u200b", "").encode()
    return _decoded(raw.decode("utf-8", "replace"))


async def _held(service: Service, incident: str) -> str:
    """What another node says: private values, the vault behind them, its state, its index of accounts."""
    state = await service.state(incident)
    private = await service.private(incident, range(1, state.seq + 1))
    live = service._logs[incident]
    await live._narratives.catch_up(state)
    near = live._narratives._seen
    return f"{private} {service.vault._cache} {encode_state(state).decode()} {near}"


async def _sealed(node: MusterNode, incident: str) -> tuple[bytes, bytes]:
    """The person's wrapped key, and one sealed value of theirs."""
    rows = []
    for database, query in (
        (KEYS_DATABASE, "SELECT wrapped FROM subject_keys WHERE log = $1 AND subject = $2"),
        (DATABASE, "SELECT box FROM disclosures WHERE log = $1 AND subject = $2 LIMIT 1"),
    ):
        dsn = running_dsn(node.data / "postgres")
        assert dsn is not None
        connection = await asyncpg.connect(dsn(database, SUPERUSER))
        try:
            rows.append(await connection.fetchval(query, incident, SUBJECT))
        finally:
            await connection.close()
    return rows[0], rows[1]


async def _dump_of(node: MusterNode, database: str) -> str:
    dsn = running_dsn(node.data / "postgres")
    assert dsn is not None
    return await _dump(dsn(database, SUPERUSER))


async def _back_up(node: MusterNode, to: Path) -> Path:
    """Make one; the folder gets the backup's id as its name."""
    code, out = await muster(
        "backup", "--to", str(to), "--passphrase-file", str(to.parent / "phrase"), "--data", str(node.data), "--json"
    )
    assert code == 0, out
    return to.rename(to.with_name(json.loads(out)["note"]["id"]))


def _plain(place: Path, kind: Literal["data", "keys"]) -> bytes:
    """All that a part of a backup holds, unsealed."""
    [path] = place.glob(f"muster-{kind}-*.sealed")
    with files.reading(path, kind, Secret(passphrase=read_passphrase(PHRASE))) as reader:
        return b"".join(b"".join(reader.content()) for _ in reader)


def _in(text: str) -> bool:
    """Whether the canary is there, plain, in hexadecimal, or in base64url at any of its three alignments."""
    raw = CANARY.encode()
    codes = [base64.urlsafe_b64encode(b"\0" * shift + raw).decode()[4 if shift else 0 : -4] for shift in range(3)]
    return any(form in text for form in (CANARY, raw.hex(), *codes))


async def _out_of_memory(node: MusterNode, http: aiohttp.ClientSession, eye: Seat, incident: str) -> None:
    """Answers on their way are let go with the next piece of work."""
    held: list[str] = []
    for _ in range(5):
        await ask(http, eye, "GET", f"/api/incidents/{incident}/board")
        held = await node.holding(CANARY)
        if not held:
            return
    raise AssertionError(f"still in the server's memory: {held}")


async def _complete_in_the_end(
    node: MusterNode, http: aiohttp.ClientSession, eye: Seat, incident: str, copies: tuple[str, str]
) -> None:
    """The record, the program and its doctor name the old backup alone, until it is said to be gone."""
    data = ("--data", str(node.data))
    code, out = await muster("verify", incident, *data, "--json")
    assert code == 0, out
    fields = json.loads(out)["fields"]
    assert fields["redacted"] > 20 and fields["missing"] == 0

    path = f"/api/incidents/{incident}/arrests/{ARREST}"
    old, new = copies
    record = await ask(http, eye, "GET", path)
    assert record["redacted"] and f"a copy exists in backup {old}" in record["erasure"] and new not in record["erasure"]
    [one] = json.loads((await muster("incident", "erasures", incident, *data, "--json"))[1])
    assert (one["complete"], one["copies"], one["subject"], one["scope"]) == (False, [old], SUBJECT, "expungement")
    assert one["says"] == record["erasure"]
    assert one["says"] in (await muster("doctor", *data))[1]

    code, out = await muster("keys", "gone", old, *data)
    assert code == 0 and "complete" in out, out
    said = (await ask(http, eye, "GET", path))["erasure"]
    assert said.startswith("complete")
    told = (await muster("incident", "erasures", incident, *data))[1]
    assert told.startswith(f"#{one['seq']}\t") and f"person {SUBJECT}" in told and said in told


async def _told_since(http: aiohttp.ClientSession, seats: dict[str, Seat], incident: str, second: Service) -> None:
    """What comes later is kept under a key of its own, here and there, and says that it came later."""
    late = {"type": "TakeProperty", "subject": SUBJECT, "bag": "b-late", "contents": "a late umbrella"}
    (answer,) = await _send(http, seats["field"], incident, [late])
    await until(lambda: second.position(incident)[1] >= answer["last_seq"])
    assert "a late umbrella" in await _held(second, incident)
    record = await ask(http, seats["reviewer"], "GET", f"/api/incidents/{incident}/arrests/{ARREST}")
    [bag] = [one for one in record["property"] if one["bag"] == "b-late"]
    assert "told since" in bag["chain"][0]["public"] and record["erasure"].startswith("complete")
