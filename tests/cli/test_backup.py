"""`muster backup | restore | keys` on real databases: whole or not at all, apart, and nothing that was destroyed comes back."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from command.backup import files
from command.backup.sealed import Secret
from command.backup.tables import LEFT_OUT, tables
from command.bootstrap import open_backend, open_service
from command.cli.backup import _restore_keys
from command.cli.operator import author as author_of
from command.config import Settings, load
from command.domain.commands import RecordEntry, Redact
from command.domain.submission import Submission
from command.store import register
from tests.cli.program import as_json, muster

PHRASE = "violets are blue and so is the sea"
SECRET = Secret(passphrase=PHRASE.encode())
CANARY = "CANARY at the gate"
OPEN = (
    "incident", "open", "Vigil", "--agency", "spd", "--agency-name", "Seattle Police", "--commander", "lopez",
    "--commander-name", "A. Lopez", "--commander-rank", "captain", "--training", "incident-command", "--training",
    "crowd-management", "--time-zone", "America/Los_Angeles",
)  # fmt: skip


class Place:
    """A data directory with one incident, and where its backups go."""

    def __init__(self, root: Path) -> None:
        self.data, self.to, self.keys_to, self.phrase = root / "data", root / "to", root / "keys", root / "phrase"
        self.phrase.write_text(PHRASE + "\n")
        self.incident = ""

    @property
    def settings(self) -> Settings:
        return load({"data": str(self.data)}, {})

    def back_up(self, *words: str) -> Any:
        """A backup; its note."""
        where = ("--to", str(self.to), "--keys-to", str(self.keys_to), "--passphrase-file", str(self.phrase))
        told: Any = as_json("backup", *where, *words, data=self.data)
        return told

    def restore(self, note: Any, data: Path, *words: str, keys: bool = True, fails: int = 0) -> str:
        """Bring it back into another directory."""
        part = ("--keys-from", str(self.keys_to / note["keys"]["name"])) if keys else ()
        source = ("--from", str(self.to / note["data"]["name"]), "--passphrase-file", str(self.phrase))
        return muster("restore", *source, *part, *words, data=data, fails=fails)


async def send(service: Any, incident: str, *commands: Any) -> None:
    """Commands in the commander's name."""
    author = author_of("lopez", "spd")
    now = datetime.now(UTC)
    for number, cmd in enumerate(commands):
        body = msgspec.Raw(msgspec.json.encode(cmd))
        [answer] = await service.submit(incident, author, [Submission(f"c{number}-{now:%H%M%S%f}", body)])
        assert answer.status == "accepted", answer


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def written(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """With two private texts in it. Made once a file; no test touches it."""
    made = Place(tmp_path_factory.mktemp("written"))
    made.incident = muster(*OPEN, data=made.data).strip()
    async with open_service(made.settings) as (_, service):
        await send(service, made.incident, RecordEntry("n1", CANARY), RecordEntry("n2", f"{CANARY} again"))
    return made


@pytest.fixture
def place(written: Place, tmp_path: Path) -> Place:
    """A copy of it for one test, with the owners of its files."""
    made = Place(tmp_path)
    made.incident = written.incident
    subprocess.run(["cp", "-a", written.data, made.data], check=True)
    return made


async def texts(data: Path, incident: str) -> list[str]:
    """The private texts that can still be read there."""
    async with open_service(load({"data": str(data)}, {})) as (_, service):
        state = await service.state(incident)
        private = await service.private(incident, range(1, state.seq + 1))
        return sorted(text for plain in private.values() for text in plain.values() if "CANARY" in text)


async def test_both_parts_bring_everything_back_and_neither_alone_is_enough(place: Place, tmp_path: Path) -> None:
    """The data alone verify except for values that nobody can open; with the keys they are there again."""
    note = place.back_up()["note"]
    stored = b"".join(path.read_bytes() for where in (place.to, place.keys_to) for path in where.iterdir())
    assert b"CANARY" not in stored and b"IncidentOpened" not in stored and PHRASE.encode() not in stored
    place.restore(note, tmp_path / "without", keys=False)
    assert await texts(tmp_path / "without", place.incident) == []
    place.restore(note, tmp_path / "with")
    assert await texts(tmp_path / "with", place.incident) == [CANARY, f"{CANARY} again"]
    verified: Any = as_json("verify", place.incident, data=tmp_path / "with")
    assert verified["problem_count"] == 0 and verified["epoch"] > 1
    assert as_json("doctor", data=tmp_path / "with")


async def test_the_data_alone_hold_no_private_value_even_unsealed(place: Place, tmp_path: Path) -> None:
    """Whoever has the data and the passphrase, and not the keys, reads what is public."""
    note = place.back_up()["note"]
    with files.reading(place.to / note["data"]["name"], "data", SECRET) as reader:
        raw = b"".join(b"".join(reader.content()) for _ in reader)
    assert b"IncidentOpened" in raw and b"CANARY" not in raw


async def test_a_lost_secret_is_told_and_never_replaced_in_silence(place: Place) -> None:
    """A copy of the keys brings it back, without the data; and where there is none, somebody says that it is gone."""
    note, path = place.back_up()["note"], place.data / "keys" / "secret"
    before = path.read_text()
    path.unlink()
    assert "muster restore --keys-from" in muster("incident", "list", data=place.data, fails=2) and not path.exists()
    assert "secret" in muster("doctor", data=place.data, fails=1) and not path.exists()
    keys = ("--keys-from", str(place.keys_to / note["keys"]["name"]), "--passphrase-file", str(place.phrase))
    assert muster("restore", *keys, data=place.data) and path.read_text() == before
    assert place.incident in muster("incident", "list", data=place.data)
    path.write_text("5" * 64)
    assert "of this key store's nodes, got" in muster("incident", "list", data=place.data, fails=2)
    renewed: Any = as_json("keys", "secret", "--renew", data=place.data)
    assert as_json("keys", "secret", data=place.data) == renewed and path.read_text() != before
    assert "keys.secret" in muster("audit", "--action", "keys.secret", data=place.data)


async def test_every_table_is_in_it(place: Place) -> None:
    """Whatever a later version adds: what is left out is left out by name, with its reason."""
    note = place.back_up()["note"]
    manifest = files.check(place.to / note["data"]["name"], "data", SECRET)
    async with open_backend(place.settings) as backend, backend.store.pool.acquire() as connection:
        here = {table.name for table in await tables(connection)}  # type: ignore[arg-type]  # a pool's proxy
        every = {row["t"] for row in await connection.fetch(
            "SELECT relname AS t FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )}  # fmt: skip
    assert {kept.name for kept in manifest.members} == here == every - LEFT_OUT.keys()


async def test_a_database_with_something_in_it_is_not_touched_unless_told_so(place: Place, tmp_path: Path) -> None:
    """Told so, it is set aside and what it knew of the lost range is named."""
    note = place.back_up()["note"]
    async with open_service(place.settings) as (_, service):
        await send(service, place.incident, RecordEntry("n3", f"{CANARY} after the backup"))
        seq = (await service.state(place.incident)).seq
    assert "expected an empty database" in place.restore(note, place.data, fails=3)
    assert len(await texts(place.data, place.incident)) == 3
    told: Any = msgspec.json.decode(place.restore(note, place.data, "--replace", "--json"))
    assert (told["logs"][0]["kept"], told["logs"][0]["lost_to"]) == (seq - 1, seq)
    assert len(await texts(place.data, place.incident)) == 2


async def test_a_damaged_file_or_another_secret_changes_nothing(place: Place, tmp_path: Path) -> None:
    note = place.back_up()["note"]
    path = place.to / note["data"]["name"]
    raw = path.read_bytes()
    for bad in (raw[:-1], raw[: len(raw) // 2], raw[:-5000] + bytes([raw[-5000] ^ 1]) + raw[-4999:]):
        path.write_bytes(bad)
        assert place.restore(note, tmp_path / "new", fails=1 if len(bad) > 70_000 else 2)
    path.write_bytes(raw)
    place.phrase.write_text("another passphrase of mine\n")
    assert "passphrase" in place.restore(note, tmp_path / "new", fails=2)
    assert not (tmp_path / "new" / "postgres").exists()


async def test_a_key_that_was_destroyed_after_the_backup_does_not_come_back(place: Place) -> None:
    """And until its copy is gone, everyone who asks is told that the expungement is not complete."""
    note = place.back_up()["note"]
    async with open_service(place.settings) as (backend, service):
        private = await service.private(place.incident, range(1, (await service.state(place.incident)).seq + 1))
        seqs = tuple(seq for seq, plain in private.items() if CANARY in plain.values())
        await send(service, place.incident, Redact("Court", "order 7", seqs=seqs))
        assert [one.id for one in await register.copies(backend.keys.pool)] == [note["id"]]
    assert f"a copy exists in backup {note['id']}" in muster("keys", "list", data=place.data)
    async with open_backend(place.settings) as backend:
        done = await _restore_keys(place.settings, backend, place.keys_to / note["keys"]["name"], SECRET)
    assert done.left_out == 1
    assert await texts(place.data, place.incident) == [f"{CANARY} again"]
    assert "complete: " in muster("keys", "gone", note["id"], data=place.data)
    assert "expungements\tcomplete" in muster("keys", "list", data=place.data)
    assert "no copy of the keys" in muster("keys", "gone", "nonesuch", data=place.data, fails=1)


async def test_expired_copies_of_the_keys_go_with_the_next_backup(place: Place) -> None:
    note = place.back_up("--keys-days", "0.000001")["note"]
    assert (place.keys_to / note["keys"]["name"]).exists()
    again = place.back_up()
    assert again["gone"] == [note["id"]]
    assert [path.name for path in place.keys_to.iterdir()] == [again["note"]["keys"]["name"]]
    assert files.expired(place.keys_to, datetime.now(UTC) + timedelta(days=8)) != []


async def test_keys_are_rotated_by_the_command_and_old_records_still_open(place: Place, tmp_path: Path) -> None:
    """Also from a backup that was made under the old key."""
    note = place.back_up()["note"]
    staged: Any = as_json("keys", "rotate", "--stage", data=place.data)
    assert "keys were being wrapped anew" in muster("doctor", data=place.data)
    rotated: Any = as_json("keys", "rotate", data=place.data)
    assert rotated["new"] == staged["next"] != rotated["old"] and rotated["keys"] >= 2
    assert len(await texts(place.data, place.incident)) == 2
    place.restore(note, tmp_path / "with")
    assert len(await texts(tmp_path / "with", place.incident)) == 2


async def test_a_recipients_key_seals_and_opens(place: Place, tmp_path: Path) -> None:
    pair: Any = as_json("keys", "identity")
    safe = tmp_path / "safe"
    safe.write_text(pair["identity"] + "\n")
    told: Any = as_json("backup", "--to", str(place.to), "--recipient", pair["recipient"], data=place.data)
    source = str(place.to / told["note"]["data"]["name"])
    assert "whole" in muster("restore", "--check", "--from", source, "--identity", str(safe), data=tmp_path / "none")
    assert not (tmp_path / "none").exists()
    assert "sealed for one" in muster(
        "restore", "--check", "--from", source, "--passphrase-file", str(place.phrase), data=tmp_path / "none", fails=2
    )
