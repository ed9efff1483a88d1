"""What is redacted is nowhere afterwards, and the log still verifies.

Looked through: every door (events, board now and at every earlier position, export, sockets that were open and new
ones), dumps of both databases as text, hexadecimal and base64url, every disclosure that can still be decrypted, the
folded state, both logs of the machine, and every text and buffer that the server's process can still reach. Not
looked through, because no program can promise it: memory that the process has given up and not yet overwritten, the
pages and the write-ahead log of PostgreSQL (which hold the values encrypted under a key that is destroyed), backups.
"""

from __future__ import annotations

import asyncio
import base64
import json
from pathlib import Path
from typing import Any

import aiohttp

from command.bootstrap import open_service
from command.service.snapshots import encode_state
from command.store.attach import running_dsn
from command.store.pg_programs import find_bin_dir
from command.store.provision import DATABASE, KEYS_DATABASE, SUPERUSER
from tests.support.clients import Follower, Seat, ask, call, entry, open_incident, settings_of, sign_in, submission
from tests.support.node import MusterNode, muster, until

PERSON, TEXT, KEPT = "canary-zvqk-person", "canary-xwjp-text", "not-redacted-mfgh"


def force(report: str, subject: str, text: str) -> dict[str, Any]:
    """A report of force about a person, a word of it in every private field."""
    private = ("account", "resistance", "injury", "subject_number", "subject_race_perceived")
    command = {"type": "ReportForce", "report": report, "subject": subject, "officer": "o-1", "tool": "hands"}
    return submission({**command, **{name: f"{text} {name}" for name in private}})


async def test_a_redacted_value_is_nowhere_and_the_log_verifies(tmp_path: Path) -> None:
    node = MusterNode(tmp_path / "node")
    await node.start()
    try:
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http, asyncio.timeout(300):
            await _redact_and_look(node, http)
    finally:
        await node.kill()


async def _redact_and_look(node: MusterNode, http: aiohttp.ClientSession) -> None:
    settings = settings_of(node.data)
    people = [("chief", "commander"), ("admin", "administrator"), ("eye-0", "reviewer"), ("eye-1", "reviewer")]
    chief, admin, eye, late = await sign_in(settings, node.url, people)  # type: ignore[arg-type]  # literals in a list
    incident = await open_incident(http, chief)
    path = f"/api/incidents/{incident}"
    screens = [Follower(seat, incident) for seat in (chief, eye)]
    async with asyncio.TaskGroup() as tasks:
        open_ = [tasks.create_task(screen.run(), name="screen") for screen in screens]
        await until(lambda: all(screen.seq for screen in screens))
        told = [force("r-1", "s-1", PERSON), force("r-2", "s-2", KEPT), force("r-3", "s-1", PERSON), entry(TEXT)]
        answers = (await ask(http, chief, "POST", f"{path}/commands", told))["answers"]
        assert [answer["status"] for answer in answers] == ["accepted"] * 4
        text_seq = answers[3]["seq"]
        await until(lambda: all(screen.seq >= answers[3]["last_seq"] for screen in screens))
        before = await _everything(node, http, incident, eye)
        assert [name for name, said in before.items() if PERSON in said and TEXT in said and KEPT in said] == [
            "events", "board", "export", "decrypted",
        ]  # fmt: skip
        assert await node.holding(PERSON), "the probe finds what is there"
        assert all(TEXT in str(screen.texts) for screen in screens)

        redact = {"type": "Redact", "authority": "a court", "reason": "ordered"}
        orders = [submission({**redact, "subject": "s-1"}), submission({**redact, "seqs": [text_seq]})]
        refused = (await ask(http, chief, "POST", f"{path}/commands", orders[0]))["answers"][0]
        assert refused["status"] == "denied", "whoever is judged by the record may not destroy parts of it"
        answers = (await ask(http, admin, "POST", f"{path}/commands", [submission(o["command"]) for o in orders]))[
            "answers"
        ]
        assert [answer["status"] for answer in answers] == ["accepted"] * 2, answers
        last = answers[-1]["last_seq"]
        await until(lambda: all(screen.seq >= last for screen in screens))
        assert all([gap[2] for gap in screen.gaps][-1] == "redacted" for screen in screens), "screens start over"
        for screen in screens:
            assert not _canaries(f"{screen.texts} {screen.board}")
        for task in open_:
            task.cancel()
    new = Follower(late, incident)
    following = asyncio.create_task(new.run(), name="late screen")
    await until(lambda: new.seq >= last)
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    assert not _canaries(f"{new.texts} {new.board}")

    after = await _everything(node, http, incident, eye)
    for name, said in after.items():
        assert not _canaries(said), f"found in {name}"
    assert KEPT in after["export"], "only what was named is gone"
    assert KEPT in after["decrypted"]
    # Answers on their way, a page of the feed: the last of them is let go with the next piece of work.
    held: list[str] = []
    for _ in range(5):
        await ask(http, eye, "GET", f"{path}/board")
        held = [one for canary in (PERSON, TEXT) for one in await node.holding(canary)]
        if not held:
            break
    assert not held, "still in the server's memory"
    code, out = await muster("verify", incident, "--data", str(node.data), "--json")
    assert code == 0, out
    assert json.loads(out)["fields"]["redacted"] > 10
    assert json.loads(out)["fields"]["missing"] == 0


async def _everything(node: MusterNode, http: aiohttp.ClientSession, incident: str, eye: Seat) -> dict[str, str]:
    """All that can be read, by where."""
    path = f"/api/incidents/{incident}"
    events = await ask(http, eye, "GET", f"{path}/events?after=0&limit=500")
    boards = [await ask(http, eye, "GET", f"{path}/board")]
    boards += [await ask(http, eye, "GET", f"{path}/board?at={seq}") for seq in range(1, events["last"] + 1)]
    status, export = await call(http, eye, "GET", f"{path}/export")
    assert status == 200
    dsn = running_dsn(node.data / "postgres")
    assert dsn is not None
    async with open_service(settings_of(node.data), attach=True) as (backend, service):
        state = await service.state(incident)
        found = await backend.store.disclosures(incident, range(1, state.seq + 1))
        opened = await service.vault.open(incident, found)
    return {
        "events": json.dumps(events),
        "board": json.dumps(boards),
        "export": _decoded(export.decode()),
        "decrypted": _decoded(json.dumps(opened)),
        "state": encode_state(state).decode(),
        "data dump": await _dump(dsn(DATABASE, SUPERUSER)),
        "keys dump": await _dump(dsn(KEYS_DATABASE, SUPERUSER)),
        "server log": node.log.read_text(),
        "postgres log": (node.data / "postgres" / "postgres.log").read_text(),
    }


def _decoded(text: str) -> str:
    """The text, and each of its base64url strings as what it stands for."""
    parts = [part for part in text.replace('"', " ").replace(",", " ").split() if len(part) > 20]
    plain = []
    for part in parts:
        try:
            plain.append(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)).decode(errors="replace"))
        except ValueError:
            continue
    return text + " ".join(plain)


async def _dump(dsn: str) -> str:
    process = await asyncio.create_subprocess_exec(
        str(find_bin_dir() / "pg_dump"), dsn, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    assert b"PostgreSQL database dump complete" in out
    return out.decode()


def _canaries(text: str) -> list[str]:
    """The canaries in a text, plain, in hexadecimal, or in base64url at any of its three alignments."""
    found = []
    for canary in (PERSON, TEXT):
        raw = canary.encode()
        codes = [base64.urlsafe_b64encode(b"\0" * shift + raw).decode()[4 if shift else 0 : -4] for shift in range(3)]
        if any(form in text for form in (canary, raw.hex(), *codes)):
            found.append(canary)
    return found
