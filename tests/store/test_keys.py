"""Subject keys on PostgreSQL: wrapped, bound to their subject, and gone when destroyed."""

from __future__ import annotations

import asyncio
import secrets
from pathlib import Path

import asyncpg
import pytest

from command.errors import Corrupt, Misconfigured, Unavailable
from command.store.embedded import Cluster
from command.store.keys import PostgresKeyStore
from command.store.ports import KeyStore
from command.store.provision import APP
from tests.store.contract import LOG, KeyStoreContract
from tests.support.database import admin, fresh_database

KEK = b"k" * 32


class TestPostgresKeyStore(KeyStoreContract):
    @pytest.fixture
    def keys(self, pg_keys: PostgresKeyStore) -> KeyStore:
        return pg_keys


async def _rows(cluster: Cluster, database: str, query: str) -> list[asyncpg.Record]:
    connection: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(cluster.dsn(database, APP))
    try:
        return await connection.fetch(query)
    finally:
        await connection.close()


async def test_the_database_never_holds_a_plain_key_nor_a_destroyed_one(cluster: Cluster) -> None:
    """Looks into the files of the table: no plain key at any time, and no wrapped one after its destruction."""
    key, other = secrets.token_bytes(32), secrets.token_bytes(32)
    async with (
        fresh_database(cluster, template="template1", owner=APP) as name,
        await PostgresKeyStore.connect(cluster.dsn(name, APP), KEK) as keys,
    ):
        await keys.create(LOG, {"p1": key, "p2": other})
        wrapped = {row["subject"]: row["wrapped"] for row in await _rows(cluster, name, "SELECT * FROM subject_keys")}
        assert await keys.destroy(LOG, ["p1"]) == 1
        await admin(cluster, "CHECKPOINT")
        (row,) = await _rows(cluster, name, "SELECT pg_relation_filepath('subject_keys') AS path")
        directory = (cluster.data / row["path"]).parent
        stored = b"".join(path.read_bytes() for path in directory.iterdir() if path.is_file())
    assert wrapped["p2"] in stored, "the test looks at the wrong files"
    assert wrapped["p1"] not in stored
    assert key not in stored and other not in stored


async def test_another_key_file_is_refused_at_the_start(cluster: Cluster) -> None:
    async with fresh_database(cluster, template="template1", owner=APP) as name:
        dsn = cluster.dsn(name, APP)
        async with await PostgresKeyStore.connect(dsn, KEK) as one, await PostgresKeyStore.connect(dsn, KEK) as two:
            await one.create(LOG, {"p1": b"1" * 32})
            assert await two.get(LOG, ["p1"]) == {"p1": b"1" * 32}
        with pytest.raises(Misconfigured, match="key file"):
            await PostgresKeyStore.connect(dsn, b"x" * 32)


async def test_a_key_moved_to_another_subject_does_not_open(cluster: Cluster) -> None:
    async with (
        fresh_database(cluster, template="template1", owner=APP) as name,
        await PostgresKeyStore.connect(cluster.dsn(name, APP), KEK) as keys,
    ):
        await keys.create(LOG, {"p1": b"1" * 32})
        await admin(cluster, "UPDATE subject_keys SET subject = 'p2'", name)
        with pytest.raises(Corrupt):
            await keys.get(LOG, ["p2"])


async def test_many_creators_of_one_key_agree(pg_keys: PostgresKeyStore) -> None:
    answers = await asyncio.gather(*(pg_keys.create(LOG, {"p1": bytes([n]) * 32}) for n in range(8)))
    assert len({answer["p1"] for answer in answers}) == 1


async def test_an_absent_database_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        await PostgresKeyStore.connect(f"postgresql://u@/d?host={tmp_path}", KEK)
