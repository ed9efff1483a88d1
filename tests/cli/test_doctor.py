"""`muster doctor` finds what was broken, names it, and says nothing that is secret."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from msgspec.structs import replace

from command.backup.dump import connected
from command.bootstrap import Databases
from command.cli.checks import LOOKS, examine
from command.cli.kept_head import held_against
from command.cli.operator import audited
from command.cli.patient import Check, Patient
from command.clock import utc_now
from command.config import load
from command.errors import NotFound
from command.ledger.checkpoint import Checkpoint
from command.ledger.heads import key_name
from command.ledger.signing import public_key_of
from command.service.change_heads import ChangeHeads
from command.service.checkpoints import Checkpoints, vkey_of
from command.store.change_tree import PostgresChangeTree
from command.store.checkpoints import PostgresCheckpoints
from command.store.embedded import Cluster
from command.store.keyring import KEK, NEXT, SECRET, SIGN, load_key, put_key, read_key, signing_keys, write_key
from command.store.keys import PostgresKeyStore
from command.store.own_secret import check_secret, secret_id
from command.store.postgres import PostgresStore
from command.store.provision import APP, OWNER
from command.tls import files
from tests.cli.program import as_json, muster
from tests.store.contract import LOG, fill
from tests.support.database import admin, fresh_database


def _administrator(person: str) -> str:
    return (
        f"INSERT INTO accounts (person, name, agency, rank) VALUES ('{person}', 'CANARY', 'spd', 'x');"
        f"INSERT INTO grants (person, role, incident, given_by) VALUES ('{person}', 'administrator', '*', 'b');"
        f"INSERT INTO passkeys VALUES ('{person}', '{person}', 'k', 0, 'localhost', 'k', now());"
    )


OF_ANOTHER = (
    "INSERT INTO accounts (person, name, agency, rank) VALUES ('dan', 'CANARY', 'kcso', 'x');"
    "INSERT INTO grants (person, role, incident, given_by) VALUES ('dan', 'assisting', '*', 'b');"
)
UNDER_AGREEMENT = (
    "INSERT INTO agencies (id, name, kind, agreement, since) VALUES ('kcso', 'CANARY', 'county', 'MOU', now());"
)
HELD = (
    "INSERT INTO devices (id, agency, label, alg, public_key, enrolled_at, enrolled_by)"
    " VALUES ('d', 'spd', 'CANARY', 'es256', 'k', now(), 'a');"
    "INSERT INTO quarantine (id, log, device, device_seq, cmd, author, type, cause, received_at, box)"
    " VALUES ('q', 'l', 'd', 1, 'c', 'anna', 'CheckIn', 'author', now(), 'b');"
)
STEPS = [
    ("administrators", "INSERT INTO accounts (person, name, agency, rank) VALUES ('x', 'CANARY', 'spd', 'x')", "warn", "no administrator can sign in"),
    ("administrators", _administrator("root"), "warn", "only one"),
    ("administrators", _administrator("keeper"), "ok", "2 can sign in"),
    ("agencies", OF_ANOTHER, "ok", "none yet"),
    ("administrators", "SELECT 1", "warn", "kcso"),
    ("agencies", UNDER_AGREEMENT, "warn", "spd is not in the list of agencies"),
    ("administrators", "SELECT 1", "ok", "2 can sign in"),
    ("agencies", UNDER_AGREEMENT.replace("'kcso'", "'spd'"), "ok", "2 in force"),
    ("agencies", "UPDATE agencies SET agreement_until = now() WHERE id = 'kcso'", "warn", "the agreement of kcso has expired"),
    ("agencies", "UPDATE agencies SET ended_at = now() WHERE id = 'kcso'", "warn", "kcso has ended, but has accounts"),
    ("locked accounts", "INSERT INTO locks VALUES ('?x', '*', now())", "ok", "none"),
    ("locked accounts", "INSERT INTO locks VALUES ('x', '10.0.0.9', now()), ('x', '*', now())", "warn", "1 locked"),
    ("quarantine", HELD, "warn", "1 wait"),
    ("quarantine", "UPDATE quarantine SET outcome = 'rejected', decided_at = now()", "ok", "no record is held back"),
    ("changes", "SELECT 1", "warn", "by hand"),
    ("guards", "ALTER TABLE accounts DISABLE TRIGGER accounts_noted", "fail", "accounts_noted"),
    ("changes", "UPDATE accounts SET rank = 'chief' WHERE person = 'root'", "fail", "1 of kind account"),
]  # fmt: skip
"""What is looked at, what is done first, and what is said of it then."""


class Ward:
    """A patient, and the hands to make it ill."""

    def __init__(self, patient: Patient, cluster: Cluster, name: str, keys_name: str) -> None:
        self.patient = patient
        self.files = patient.settings.data / "keys"
        self.cluster = cluster
        self.name = name
        self.keys_name = keys_name

    async def found(self) -> dict[str, Check]:
        """All looks by name."""
        return {check.name: check async for check in examine(self.patient)}


@pytest_asyncio.fixture
async def ward(cluster: Cluster, tmp_path: Path) -> AsyncIterator[Ward]:
    """A healthy one."""
    async with AsyncExitStack() as stack:
        name = await stack.enter_async_context(fresh_database(cluster))
        keys_name = await stack.enter_async_context(fresh_database(cluster, template="template1", owner=APP))
        kek = load_key(tmp_path / "keys" / KEK)
        load_key(tmp_path / "keys" / SECRET)
        keys = await stack.enter_async_context(await PostgresKeyStore.connect(cluster.dsn(keys_name, APP), kek))
        await keys.create(LOG, {"p1": b"1" * 32, "p2": b"2" * 32})
        async with await PostgresStore.connect(cluster.dsn(name, APP)) as store:
            await store.create_log(LOG)
            await PostgresCheckpoints(store.pool).keep_vkey(vkey_of(signing_keys(tmp_path / "keys")[0]))
        urls = Databases(cluster.dsn(name, APP), cluster.dsn(name, OWNER), cluster.dsn(keys_name, APP))
        app, key_connection = await connected(urls.app), await connected(urls.keys)
        stack.push_async_callback(app.close)
        stack.push_async_callback(key_connection.close)
        settings = load({"data": str(tmp_path)}, {})
        yield Ward(Patient(settings, urls, app, key_connection, keys.pool), cluster, name, keys_name)


async def test_a_healthy_one_has_nothing_but_a_missing_backup(ward: Ward) -> None:
    found = await ward.found()
    assert list(found) == [name for name, _ in LOOKS]
    assert {name for name, check in found.items() if check.state != "ok"} - {"disk"} == {"backup"}
    assert found["subject keys"].says == "2 can be opened" and found["logs"].says == "logs: 1"


@pytest.mark.parametrize(
    ("look", "statement", "state"),
    [
        ("durability", "ALTER ROLE muster_app IN DATABASE {name} SET synchronous_commit = off", "fail"),
        ("grants", "GRANT DELETE ON audit TO muster_app", "fail"),
        ("guards", "ALTER TABLE audit DISABLE TRIGGER audit_kept", "fail"),
        ("guards", "ALTER TABLE events ENABLE TRIGGER events_kept", "fail"),
        ("guards", "DROP TRIGGER packs_kept ON packs", "fail"),
        ("migrations", "DELETE FROM schema_versions WHERE number = (SELECT max(number) FROM schema_versions)", "warn"),
        ("migrations", "UPDATE schema_versions SET sha256 = 'x' WHERE number = 1", "fail"),
        ("audit trail", "REVOKE INSERT ON audit FROM muster_app", "fail"),
        ("logs", ("UPDATE heads SET epoch = 2; INSERT INTO events SELECT log, 1, now(), 'x', 'X', '{{}}', sha256('x')"
                 " FROM heads; UPDATE heads SET seq = 1, epoch = 3"), "fail"),
        ("second factors", ("INSERT INTO accounts (person, name, agency, rank) VALUES ('anna', 'CANARY', 'spd', 'x');"
                           "INSERT INTO grants (person, role, incident, given_by) VALUES ('anna', 'field', '*', 'b')"),
         "warn"),
        ("backup", ("INSERT INTO audit (at, who, session, source, action, object, outcome, detail) VALUES"
                   " (now() - interval '2 days', 'a', '', 'cli', 'backup.make', 'b', 'ok', 'whole')"), "warn"),
    ],
)  # fmt: skip
async def test_what_was_broken_in_the_database_is_found(ward: Ward, look: str, statement: str, state: str) -> None:
    await admin(ward.cluster, statement.format(name=ward.name), ward.name)
    if look == "durability":
        await ward.patient.app.close()
        ward.patient.app = await connected(ward.patient.databases.app)
    found = await ward.found()
    if look == "durability":
        await ward.patient.app.close()
    assert found[look].state == state, found[look]
    assert "CANARY" not in repr(found)


async def test_people_agencies_and_what_waits_are_looked_at(ward: Ward) -> None:
    """Step by step, on one database; nothing of what is said names a person."""
    looks = dict(LOOKS)
    assert (await looks["administrators"](ward.patient)).state == "ok"
    for look, statement, state, says in STEPS:
        await admin(ward.cluster, statement, ward.name)
        found = await looks[look](ward.patient)
        assert (found.name, found.state) == (look, state), (statement, found)
        assert says in found.says, (statement, found)
        assert "CANARY" not in found.says


async def test_a_tls_key_that_others_can_read_is_found(ward: Ward) -> None:
    """The authority's as well."""
    place = files.place_of(ward.patient.settings.data)
    place.ca_key.parent.mkdir(parents=True, exist_ok=True)
    place.ca_key.write_text("key")
    place.ca_key.chmod(0o640)
    found = await dict(LOOKS)["key files"](ward.patient)
    assert (found.state, str(place.ca_key) in found.says) == ("fail", True)


@pytest.mark.parametrize(
    ("age_days", "without", "with_tls"), [(0, "ok", "ok"), (390, "warn", "warn"), (400, "warn", "fail")]
)
async def test_a_certificate_that_is_there_is_told_without_tls_too(
    ward: Ward, age_days: int, without: str, with_tls: str
) -> None:
    """Whoever asks may not have said how the server runs. What may be left over fails nothing."""
    look = dict(LOOKS)["certificate"]
    assert "none of our own" in (await look(ward.patient)).says
    place = files.place_of(ward.patient.settings.data)
    files.init(place, ["muster.example"], [], utc_now() - timedelta(days=age_days))
    found = await look(ward.patient)
    assert (found.state, found.says.startswith("until "), str(place.server) in found.says) == (without, True, True)
    assert "--tls" in found.says
    told = replace(ward.patient, settings=load({"data": str(ward.patient.settings.data), "tls": True}, {}))
    found = await look(told)
    assert (found.state, "--tls" in found.says) == (with_tls, False)
    place.server.unlink()
    with pytest.raises(NotFound):
        await look(told)


async def test_a_head_that_is_not_of_its_log_is_found_and_so_is_a_key_that_nobody_knows(ward: Ward) -> None:
    """Signed heads are held to the log that they are of; a key that came from elsewhere is told."""
    async with await PostgresStore.connect(ward.patient.databases.app) as store:
        await fill(store, 2)
        kept = PostgresCheckpoints(store.pool)
        await Checkpoints(kept, lambda: signing_keys(ward.files), lambda row: None).turn()
        assert (await ward.found())["signed heads"].says.startswith("logs with a signed end: 1, by muster.")
        await admin(ward.cluster, "UPDATE heads SET root = sha256('x'), seq = seq, epoch = epoch + 1", ward.name)
        assert (await ward.found())["signed heads"].state == "fail"
    (ward.files / SIGN).write_text("no key")
    assert (await ward.found())["signed heads"].state == "fail", "the next start refuses it"
    (ward.files / SIGN).unlink()
    assert (await ward.found())["signed heads"].state == "warn"


async def test_a_signing_key_that_nobody_rotated_to_is_told_until_somebody_says_that_it_is_meant(ward: Ward) -> None:
    """Exchanged in the file, it is found before a server signs with it and after; the trail is what explains it."""
    other = b"x" * 32
    first = (await ward.found())["signed heads"]
    put_key(ward.files / SIGN, other)
    before = (await ward.found())["signed heads"]
    async with await PostgresStore.connect(ward.patient.databases.app) as store:
        await PostgresCheckpoints(store.pool).keep_vkey(vkey_of(other))
        after = (await ward.found())["signed heads"]
        name = key_name(public_key_of(other))
        await store.audit([audited("keys.sign", name, utc_now(), "acknowledge")])
    assert (first.state, before.state, after.state) == ("ok", "fail", "fail")
    assert name in before.says and name in after.says and "--acknowledge" in after.says
    assert (await ward.found())["signed heads"].state == "ok"


async def test_whoever_rewrites_what_became_of_an_account_leaves_another_tree_than_was_signed(ward: Ward) -> None:
    """With the tables' owner, the triggers off and the digests made anew: the signed heads are what tells."""
    keys = lambda: signing_keys(ward.files)
    assert (await ward.found())["signed changes"].says == "0 signed"
    await admin(ward.cluster, _administrator("root") + _administrator("keeper"), ward.name)
    assert (await ward.found())["signed changes"].says == "0 signed, 4 wait for a running server"
    async with await PostgresStore.connect(ward.patient.databases.app) as store:
        heads = ChangeHeads(PostgresChangeTree(store.pool), keys)
        assert (await heads.turn(), await heads.turn()) == (4, 0)
        await admin(ward.cluster, UNDER_AGREEMENT, ward.name)
        assert await heads.turn() == 1
        await store.audit([audited("doctor.run", "-", utc_now())])
    assert (await ward.found())["signed changes"] == Check("signed changes", "ok", "5 signed")
    off = "ALTER TABLE {0} DISABLE TRIGGER ALL; {1}; ALTER TABLE {0} ENABLE ALWAYS TRIGGER {0}_kept"
    rewritten = off.format("changes", "UPDATE changes SET object = 'other' WHERE number = 1")
    await admin(ward.cluster, rewritten, ward.name)
    found = (await ward.found())["signed changes"]
    assert found.state == "fail" and "change 1, or its entry" in found.says
    first = "(SELECT number FROM change_leaves WHERE position = 1)"
    forged = off.format("change_leaves", f"UPDATE change_leaves SET leaf = sha256('x') WHERE number = {first}")
    await admin(ward.cluster, forged, ward.name)
    assert "the first 4 are not those that were signed" in (await ward.found())["signed changes"].says
    await admin(ward.cluster, off.format("change_leaves", "DELETE FROM change_leaves WHERE position = 5"), ward.name)
    assert "5 were once signed, 4 are there" in (await ward.found())["signed changes"].says


async def test_cutting_off_the_newest_with_their_heads_shows_against_a_head_that_was_kept_elsewhere(ward: Ward) -> None:
    """Nothing in the database tells it: the tree is whole, and of what its heads say."""
    async with await PostgresStore.connect(ward.patient.databases.app) as store:
        heads = ChangeHeads(PostgresChangeTree(store.pool), lambda: signing_keys(ward.files))
        await admin(ward.cluster, _administrator("root"), ward.name)
        await heads.turn()
        await admin(ward.cluster, _administrator("keeper"), ward.name)
        await heads.turn()
    rows = await ward.patient.app.fetch("SELECT size, root FROM checkpoints WHERE log = ':changes' ORDER BY size")
    first, second = [Checkpoint("muster::changes:1", row["size"], row["root"]) for row in rows]
    assert await held_against(ward.patient.app, first) == ([], 4)
    assert await held_against(ward.patient.app, second) == ([], 4)
    other = replace(first, root=bytes(32))
    assert (await held_against(ward.patient.app, other))[0] == ["the first 2 changes are not those of this head"]
    off = "ALTER TABLE {0} DISABLE TRIGGER ALL; {1}; ALTER TABLE {0} ENABLE ALWAYS TRIGGER {0}_kept;"
    for table, gone in (
        ("change_leaves", "position > 2"), ("changes", "object LIKE 'keeper%'"), ("checkpoints", "size > 2"),
    ):  # fmt: skip
        await admin(ward.cluster, off.format(table, f"DELETE FROM {table} WHERE {gone}"), ward.name)
    assert (await ward.found())["signed changes"].state == "ok"
    assert await held_against(ward.patient.app, first) == ([], 2)
    assert "the head is of 4 changes, 2 are there" in (await held_against(ward.patient.app, second))[0][0]


async def test_a_secret_that_is_not_the_one_of_the_other_nodes_is_told(ward: Ward) -> None:
    await check_secret(ward.patient.key_pool, read_key(ward.files / SECRET), ward.files / SECRET)
    assert (await ward.found())["key files"].state == "ok"
    put_key(ward.files / SECRET, b"s" * 32)
    found = (await ward.found())["key files"]
    assert found.state == "fail" and secret_id(b"s" * 32) in found.says and (b"s" * 32).hex() not in found.says


def _open_to_all(files: Path) -> None:
    (files / SECRET).chmod(0o644)


def _another(files: Path) -> None:
    (files / KEK).unlink()
    write_key(files / KEK, b"x" * 32)


@pytest.mark.parametrize(
    ("ill", "look", "state"),
    [
        (_open_to_all, "key files", "fail"),
        (_another, "key files", "fail"),
        (_another, "subject keys", "fail"),
        (lambda files: files.chmod(0o755), "key files", "fail"),
        (lambda files: write_key(files / NEXT, b"n" * 32), "key files", "warn"),
        (lambda files: (files / KEK).unlink(), "key files", "fail"),
    ],
)
async def test_what_is_wrong_with_key_files_is_found(
    ward: Ward, ill: Callable[[Path], Any], look: str, state: str
) -> None:
    """And the files' content is never in what is said."""
    ill(ward.files)
    found = await ward.found()
    assert found[look].state == state, found[look]
    for path in ward.files.iterdir():
        assert path.read_text().strip() not in repr(found)


async def test_a_subject_key_that_does_not_open_is_found(ward: Ward) -> None:
    await admin(ward.cluster, "UPDATE subject_keys SET subject = 'p9' WHERE subject = 'p1'", ward.keys_name)
    assert (await ward.found())["subject keys"].state == "fail"


async def test_a_clock_that_is_off_is_found(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("command.cli.checks.utc_now", lambda: utc_now() - timedelta(seconds=60))
    assert (await ward.found())["clock"].state == "fail"


async def test_a_lost_connection_fails_each_look_and_ends_none(ward: Ward) -> None:
    await ward.patient.app.close()
    found = await ward.found()
    assert len(found) == len(LOOKS) and found["database"].state == "fail"


def test_the_command_says_it_by_its_exit_code(tmp_path: Path) -> None:
    """0 where nothing fails, 1 where something does, 2 where there is nothing to look at."""
    assert "expected a data directory" in muster("doctor", data=tmp_path, fails=2)
    assert "expected a data directory" in muster("incident", "list", data=tmp_path, fails=2)
    muster("user", "invite", "lopez", "--name", "A. Lopez", "--agency", "spd", "--role", "field", data=tmp_path)
    found: Any = as_json("doctor", data=tmp_path)
    assert {one["name"] for one in found} == {name for name, _ in LOOKS}
    secret = read_key(tmp_path / "keys" / SECRET).hex()
    (tmp_path / "keys" / KEK).chmod(0o644)
    told = muster("doctor", data=tmp_path, fails=1)
    assert "fail\tkey files" in told and secret not in told and "A. Lopez" not in told
