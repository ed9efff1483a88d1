"""Every door, every lens, every private field of every event: what is found where is what the tables say, and no more.

A real server on a real PostgreSQL. Its log holds every type of event, with a canary of its own in every private field;
through each lens everything is asked for that there is to ask, and the canaries are counted. Then the server's log, its
metrics, its audit trail and a dump of its database are searched for any of them.
"""

from __future__ import annotations

import asyncio
import io
import json
import re
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import aiohttp
import asyncpg
import msgspec
import pytest
from pypdf import PdfReader

from command.access import links
from command.access.authorizer import LENS_OF_ROLE
from command.access.model import Account, Role
from command.backup import files
from command.backup.sealed import Secret, read_passphrase
from command.bootstrap import Node, open_node
from command.cli.operator import author, operator
from command.cli.signin import sign_in
from command.config import load
from command.domain import commands as c
from command.domain import events as e
from command.domain import fold
from command.domain.deciding import Context, Draft, Outcome
from command.domain.envelope import Recorded
from command.domain.private import private_fields
from command.domain.state import State
from command.domain.submission import Submission
from command.ids import uuid7
from command.ledger import bundle
from command.ledger.disclosure import decode_bytes
from command.service import compose
from command.store.attach import running_dsn
from command.store.provision import DATABASE, OWNER
from command.stream.frames import Position
from command.views.lens import MAY_HOLD, Lens, lens
from command.views.sight import is_bare, knows_minors, shown_private, shows
from command.web.routes import ROUTES
from tests.faults.sight_samples import CANARY, LEFT_OUT, NAME, NAMES, OF_A_MINOR, PUBLIC, SAMPLES, SECRETS
from tests.support.node import muster

GOLDEN = Path(__file__).parents[1] / "golden"


def test_the_samples_are_of_every_event_and_every_private_field() -> None:
    kinds = get_args(e.Event)
    assert set(SAMPLES) == {kind.__name__ for kind in kinds}
    assert len(SECRETS) == sum(len(private_fields(kind)) for kind in kinds) > 100


def scripted(state: State, cmd: c.Command, ctx: Context) -> Outcome:
    """`decide`, but that an entry `sample X` puts the sample of X into the log."""
    if isinstance(cmd, c.RecordEntry) and cmd.text.startswith("sample "):
        return (Draft(SAMPLES[cmd.text.removeprefix("sample ")]),)
    if isinstance(cmd, c.RecordEntry) and cmd.text.startswith("minor "):
        return (OF_A_MINOR[cmd.text.removeprefix("minor ")],)
    return _decide(state, cmd, ctx)


_decide = fold.decide

PEOPLE: dict[str, tuple[Role, bool]] = {
    f"{role}-{'all' if holding else 'bare'}": (role, holding)
    for role in get_args(Role)
    for holding in (False, True)
    if LENS_OF_ROLE[role] is not None and (not holding or MAY_HOLD[LENS_OF_ROLE[role] or "public"])
}
"""Everyone who sees an incident at all: each role without and with all that it may hold."""

AGENCY = {"assisting": "kcso"}


def lens_of(who: str) -> Lens:
    """By hand from the role's class: what the authorizer must have chosen."""
    role, holding = PEOPLE[who]
    kind = LENS_OF_ROLE[role]
    assert kind is not None
    if kind == "agency":
        return lens("agency", ("kcso",), MAY_HOLD[kind] if holding else ())
    return lens(kind, ("u1",) if kind == "supervision" else (), MAY_HOLD[kind] if holding else ())


@asynccontextmanager
async def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Node, str, dict[str, str]]]:
    """A node with such a log, and a session for each of PEOPLE."""
    monkeypatch.setattr(compose, "decide", scripted)
    async with open_node(load({"data": str(tmp_path / "data"), "port": 0, "exercise": True}, {})) as node:
        opening = c.OpenIncident("March", "planned", "spd", "Police", "UTC", "writer", commander_rank="captain")
        log, _ = await node.service.open_incident(
            author("writer", "spd"), opening, uuid7(datetime.now(UTC)), issued_at=datetime.now(UTC)
        )
        said = [f"sample {name}" for name in SAMPLES if name not in LEFT_OUT] + [f"minor {name}" for name in OF_A_MINOR]
        for kind in said:
            sub = Submission(
                uuid7(datetime.now(UTC)),
                msgspec.Raw(msgspec.json.encode(c.RecordEntry("x", kind))),
                issued_at=datetime.now(UTC),
            )
            (answer,) = await node.service.submit(log, author("writer", "spd"), [sub])
            assert answer.status == "accepted", (kind, answer)
        signed = {}
        for who, (role, holding) in PEOPLE.items():
            held = LENS_OF_ROLE[role]
            url = await links.invite(
                node.backend.access, Account(who, NAME, AGENCY.get(role, "spd"), "captain"), role, incident=log,
                base_url=node.base_urls[0], now=datetime.now(UTC), by=operator(),
                units=("u1",) if role == "supervisor" else (),
                compartments=tuple(sorted(MAY_HOLD[held])) if holding and held else (),
                purpose="display" if role == "display" else "enrol",
            )  # fmt: skip
            signed[who] = await sign_in(node.base_urls[0], url.rpartition("#")[2])
        yield node, log, signed


async def ask(node: Node, cookie: str, path: str, method: str = "GET") -> tuple[int, str]:
    """Status and body of one request."""
    base = node.base_urls[0]
    async with (
        aiohttp.ClientSession(headers={"Cookie": cookie, "Origin": base}) as client,
        client.request(method, base + path) as got,
    ):
        return got.status, readable(await got.read())


def readable(body: bytes) -> str:
    """All that somebody can read in an answer: of a paper the words, of a package every file and every disclosure."""
    if body.startswith(b"%PDF"):
        pages = PdfReader(io.BytesIO(body)).pages
        text = "".join("".join(page.extract_text().split()) for page in pages)  # a line may end within a word
        return text.replace("\u200b", "")  # and a long one holds marks where it may
    if not body.startswith(b"PK\x03\x04"):
        return body.decode(errors="replace")
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        inside = {name: archive.read(name) for name in archive.namelist()}
    told = " ".join(_disclosed(inside["events.ndjson"].decode()))
    return "\n".join((body.decode(errors="replace"), told, *map(readable, inside.values())))


async def expected(node: Node, log: str, seen_through: Lens) -> set[str]:
    """What the tables let this lens read of the log."""
    state = await node.service.state(log)
    events = await node.service.recorded(log, 0, state.seq)
    open_: set[str] = set()
    for one in events:
        canaries = {f"cn-{one.header.type}-{name}-nc" for name in shown_private(state, one, seen_through)}
        open_ |= canaries & SECRETS if one.header.type in SAMPLES else set()
    return open_ - {f"cn-{name}-{field}-nc" for name in LEFT_OUT for field in private_fields(type(SAMPLES[name]))}


async def seen_whole(node: Node, log: str, seen_through: Lens) -> set[str]:
    """The public words of the events that this lens sees with all that is public in them. Who wrote them is not among
    those words, so that the public, to whom nobody is named, is asked as one to whom somebody is."""
    whole = [one for one in await _whole(node, log, seen_through) if one is not None]
    return set(PUBLIC.findall(" ".join(repr(one) for one in whole)))


async def _whole(node: Node, log: str, seen_through: Lens) -> list[Recorded | None]:
    """Every event, None for one of which the lens may know less than its public part."""
    state = await node.service.state(log)
    events = await node.service.recorded(log, 0, state.seq)
    return [
        one
        if shows(state, one, seen_through)
        and not is_bare(one, seen_through)
        and (knows_minors(seen_through) or "is not for minors" not in repr(one))
        else None
        for one in events
    ]


async def test_every_door_shows_what_the_lens_may_read_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """The feed and the export equal the tables; every other answer holds no more than they."""
    async with world(tmp_path, monkeypatch) as (node, log, signed):
        state = await node.service.state(log)
        told: dict[str, set[tuple[str, str]]] = {who: set() for who in signed}
        for who, cookie in signed.items():
            may = await expected(node, log, lens_of(who))
            me = json.loads((await ask(node, cookie, "/api/me"))[1])
            assert [one["lens"] for one in me["incidents"]] == [lens_of(who)], who
            if PEOPLE[who][0] == "display":  # a wall has no pages of the feed: what it shows is on its board
                feed = (await ask(node, cookie, f"/api/incidents/{log}/board"))[1]
                assert set(CANARY.findall(feed)) <= may, f"the board of {who}"
            else:
                feed = await _feed(node, log, cookie)
                assert set(CANARY.findall(feed)) == may, f"the feed of {who}"
            read: dict[str, set[str]] = {}
            for door in dict.fromkeys((*DOORS, *every_get(state))):
                status, body = await ask(node, cookie, door.format(log=log, seq=state.seq, middle=state.seq // 2))
                read[door.rpartition("/")[2]] = found = set(CANARY.findall(body))
                assert found <= may, f"{door} of {who} ({status})"
                told[who] |= {(one, door) for one in PUBLIC.findall(body)}
                if PEOPLE[who][0] == "public":
                    assert NAME not in body or door in ("/api/me", "/api/session"), door  # their own
            if who in ("commander-all", "reviewer-all"):
                assert all(read[paper] for paper in PAPERS), f"the probe finds what is there: {who}, {read}"
            for frames in (await _frames(node, log, cookie), await _frames(node, log, cookie, resume=True)):
                assert set(CANARY.findall(frames)) <= may, f"the socket of {who}"
                told[who] |= {(one, "socket") for one in PUBLIC.findall(frames)}
            told[who] |= {(one, "feed") for one in PUBLIC.findall(feed)}
        for who in signed:
            public = await seen_whole(node, log, lens_of(who)) | NAMES.get(who.partition("-")[0], set())
            assert not {(one, door) for one, door in told[who] if one not in public}, f"public words before {who}"
        await _exports(node, log, signed)
        await _nowhere(node, tmp_path)
    written = "".join(capfd.readouterr())
    assert not CANARY.findall(written) and NAME not in written, "the program's own log"


def every_get(state: State) -> list[str]:
    """Every route that reads, new ones too, at a record that there is where it wants one."""
    arrest, attached = next(iter(state.arrests.all)), next(iter(state.arrests.attached), "x-1")
    bag = next(bag for bag in state.custody.bags.values() if bag.arrest in state.arrests.all)
    known = {
        "arrest": bag.arrest or arrest,
        "record": arrest,
        "attachment": attached,
        "person": "field-bare",
        "bag": bag.bag,
    }
    paths = []
    for route in ROUTES:
        if route.method == "GET" and route.kind == "api" and route.answer != "websocket":
            path = route.path.replace("{id}", "{{log}}")
            paths.append(re.sub(r"(?<!{){(\w+)(?::[^}]*)?}(?!})", lambda found: known.get(found[1], "x-1"), path))
    return [path.replace("{{log}}", "{log}") for path in paths]


PAPERS = ("record.pdf", "receipt.pdf", "operation.pdf", "discovery.zip")

DOORS = (
    "/api/me", "/api/incidents", "/api/incidents/{log}/board", "/api/incidents/{log}/board?at={seq}",
    "/api/incidents/{log}/board?at={middle}", "/api/incidents/{log}/events?after=0", "/api/incidents/{log}/map",
    "/api/incidents/{log}/permits?sector=north", "/api/incidents/{log}/words", "/api/incidents/{log}/packs",
    "/api/incidents/{log}/plan.html", "/api/incidents/{log}/audit", "/api/audit", "/api/users", "/metrics",
    "/api/incidents/{log}/export", "/api/incidents/{log}/sight", "/api/incidents/{log}/events?after=x",
    "/api/incidents/{log}/board?at=99999999", "/openapi.json", "/asyncapi.json", "/healthz",
)  # fmt: skip
"""Doors that read, those that refuse and those that fail included; beside them stands every GET of the table."""


async def _feed(node: Node, log: str, cookie: str) -> str:
    seq, found = 0, ""
    while True:
        status, body = await ask(node, cookie, f"/api/incidents/{log}/events?after={seq}&limit=500")
        assert status == 200, body
        page = json.loads(body)
        found += body
        if page["last"] >= page["at"]["seq"]:
            return found
        seq = page["last"]


async def _frames(node: Node, log: str, cookie: str, *, resume: bool = False) -> str:
    """A hello, a snapshot or a missed range, and what follows within a moment, as text."""
    state = await node.service.state(log)
    position = None
    if resume:
        position = Position(log, state.epoch, 3)
    base = node.base_urls[0]
    async with (
        aiohttp.ClientSession(headers={"Cookie": cookie, "Origin": base}) as client,
        client.ws_connect(f"{base}/api/incidents/{log}/stream", protocols=("muster.1",)) as socket,
    ):
        hello = {
            "t": "hello",
            "protocol": "muster.1",
            **({"resume": msgspec.to_builtins(position)} if position else {}),
        }
        await socket.send_str(json.dumps(hello))
        await socket.send_str('{"t":"ping","n":7}')
        text = ""
        async with asyncio.timeout(60):
            while '"t":"pong"' not in text:
                text += str((await socket.receive()).data)
        return text


async def _exports(node: Node, log: str, signed: dict[str, str]) -> None:
    """Disclosures are base64url of what the lens reads, and nothing is exported to whoever may not."""
    for who, cookie in signed.items():
        status, body = await ask(node, cookie, f"/api/incidents/{log}/export")
        role = PEOPLE[who][0]
        assert (status == 200) == (role in ("commander", "reviewer")), who
        if status == 200:
            await _headers(node, log, body, lens_of(who))


async def _headers(node: Node, log: str, body: str, seen_through: Lens) -> None:
    """An event is there with its header, or with its leaf alone where its public part says more than the lens may know."""
    whole = await _whole(node, log, seen_through)
    lines = [json.loads(line) for line in body.splitlines()]
    events = [line for line in lines if line["type"] == "event"]
    assert ["header" in line for line in events] == [one is not None for one in whole], seen_through
    kinds = {one.header.type for one in whole if one is not None}
    may = {one for one in await expected(node, log, seen_through) if one.split("-")[1] in kinds}
    assert _disclosed(body) == may, seen_through
    public = " ".join(decode_bytes(line["header"]).decode() for line in events if "header" in line)
    blind = not knows_minors(seen_through)
    assert blind != bool(re.search(r'"(apart|juvenile)":true|GuardianCalled|not for minors', public)), seen_through
    checked = bundle.check(lambda: [line.encode() for line in body.splitlines()])
    assert checked.ok and checked.verification.leaves == whole.count(None), checked
    assert (checked.verification.leaves > 0) == blind


def _disclosed(body: str) -> set[str]:
    found: set[str] = set()
    for line in body.splitlines():
        for one in json.loads(line).get("disclosures", ()):
            found |= set(CANARY.findall(decode_bytes(one).decode()))
    return found


async def _nowhere(node: Node, tmp_path: Path) -> None:
    """No canary, and nobody's name, in metrics, audit or a dump of the data; no private value in any table."""
    _, metrics = await ask(node, "", "/metrics")
    trail = repr(await node.backend.store.audit_entries(None, 10_000))
    for text in (metrics, trail):
        assert not CANARY.findall(text) and NAME not in text
    assert "granted as processing with demographics, identity, juvenile" in trail, "a compartment's reading is said"
    dsn = running_dsn(tmp_path / "data" / "postgres")
    assert dsn is not None
    dump = await _dump(dsn(DATABASE, OWNER))
    assert not [name for name, raw in dump.items() if CANARY.search(raw.decode("latin1"))]
    assert [name for name, raw in dump.items() if NAME.encode() in raw] == ["accounts"], "where names are kept"
    await _not_in_backups(tmp_path)
    _not_on_the_disk(tmp_path / "data")


async def _not_in_backups(tmp_path: Path) -> None:
    """Neither in the files as they lie there, nor, once they are opened with the secret, in either part by itself: the
    data hold ciphertext, and the keys hold keys. Names are in the sealed data, as in the database, and nowhere else."""
    to, phrase = tmp_path / "backup", tmp_path / "phrase"
    phrase.write_text("violets are blue and so is the sea\n")
    code, said = await muster(
        "backup", "--to", str(to), "--passphrase-file", str(phrase), "--data", str(tmp_path / "data")
    )
    assert code == 0, said
    for path in to.iterdir():
        raw = path.read_bytes()
        assert not CANARY.search(raw.decode("latin1")) and NAME.encode() not in raw, path.name
    secret = Secret(passphrase=read_passphrase(phrase.read_text()))
    for kind in ("data", "keys"):
        [sealed] = to.glob(f"muster-{kind}-*.sealed")
        inside: dict[str, bytes] = {}
        with files.reading(sealed, kind, secret) as reader:
            for member in reader:
                inside[member.name] = b"".join(reader.content())
        assert inside, "it was opened"
        assert not [name for name, raw in inside.items() if CANARY.search(raw.decode("latin1"))], kind
        assert [name for name, raw in inside.items() if NAME.encode() in raw] == (
            ["accounts"] if kind == "data" else []
        )


def _not_on_the_disk(data: Path) -> None:
    """Not in any file of the data directory: the tables' own, the write-ahead log, what PostgreSQL says, key files."""
    looked = 0
    for path in data.rglob("*"):
        if path.is_file():
            looked += 1
            assert not CANARY.search(path.read_bytes().decode("latin1")), path.relative_to(data)
    assert looked > 100, "the database is there"


async def _dump(dsn: str) -> dict[str, bytes]:
    """COPY text of every table, bytea unescaped: as a dump would hold it, and as its bytes are."""
    db = await asyncpg.connect(dsn)
    try:
        tables = await db.fetch("select tablename from pg_tables where schemaname = 'public'")
        found = {}
        for (name,) in tables:
            rows = await db.fetch(f'select * from "{name}"')
            found[name] = b"\n".join(
                value if isinstance(value, bytes) else str(value).encode() for row in rows for value in row.values()
            )
        return found
    finally:
        await db.close()


async def test_what_is_not_there_and_what_is_not_yours_answer_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Same status, same words, same length: nobody learns from an answer that an incident exists."""
    async with world(tmp_path, monkeypatch) as (node, _log, signed):
        opening = c.OpenIncident("Vigil", "planned", "spd", "Police", "UTC", "writer", commander_rank="captain")
        other, _ = await node.service.open_incident(
            author("writer", "spd"), opening, uuid7(datetime.now(UTC)), issued_at=datetime.now(UTC)
        )
        ghost = uuid7(datetime.now(UTC))
        looked: list[str] = []
        look = node.service.state

        async def counted(name: str) -> State:
            looked.append(name)
            return await look(name)

        monkeypatch.setattr(node.service, "state", counted)
        for who, cookie in signed.items():
            for path in FOREIGN:
                mine = await ask(node, cookie, f"/api/incidents/{other}/{path}")
                none = await ask(node, cookie, f"/api/incidents/{ghost}/{path}")
                assert _alike(*mine) == _alike(*none), (who, path)
                assert mine[0] == 403 and other not in mine[1] and "Vigil" not in mine[1]
        assert not looked, "neither was looked for, so that neither takes longer"


FOREIGN = ("board", "events", "export", "map", "permits?sector=north", "words", "packs", "audit", "sight", "stream")


def _alike(status: int, body: str) -> tuple[int, dict[str, Any]]:
    answer: dict[str, Any] = json.loads(body)
    answer.pop("id", None)
    return status, answer
