"""Files on PostgreSQL keep the contract, and the database itself refuses what no one may do to them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from command.errors import NotFound, Unavailable
from command.store.blobs import PostgresBlobs
from command.store.embedded import Cluster
from command.store.pg_errors import translated
from command.store.ports_blobs import BlobStore
from command.store.postgres import PostgresStore, open_pool
from command.store.provision import APP, OWNER
from command.uploads.kept import Part
from tests.store.blobs_contract import BlobsContract, announced, blob, ended
from tests.store.contract import LOG, batch, fill, redacted
from tests.support.database import fresh_database


class TestPostgresBlobs(BlobsContract):
    @pytest.fixture
    def store(self, pg_store: PostgresStore) -> PostgresStore:
        return pg_store

    @pytest.fixture
    def blobs(self, store: PostgresStore) -> BlobStore:
        return PostgresBlobs(store.pool)


@pytest.fixture
async def filled(cluster: Cluster) -> AsyncIterator[str]:
    """A database with a file that is kept and an upload under way."""
    async with fresh_database(cluster) as name, await PostgresStore.connect(cluster.dsn(name, APP)) as store:
        await fill(store, 2)
        blobs = PostgresBlobs(store.pool)
        for upload in ("u1", "u2"):
            await blobs.announce(announced(upload, attachment=upload), 5)
            await blobs.add(LOG, upload, 0, [Part(0, 10, b"x")])
        await blobs.finish(LOG, ended(), blob(), [Part(0, 4, b"clean")])
        yield name


@pytest.mark.parametrize("who", [APP, OWNER])
@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM uploads WHERE upload = 'u1'",
        "DELETE FROM upload_parts",
        "DELETE FROM blobs",
        "DELETE FROM upload_ends",
        "TRUNCATE uploads CASCADE",
        "TRUNCATE upload_parts",
        "UPDATE uploads SET who = 'x'",
        "UPDATE upload_parts SET box = 'x'",
        "UPDATE blobs SET manifest = 'x'",
        "UPDATE upload_ends SET sha256 = repeat('0', 64)",
    ],
)
async def test_a_kept_file_is_neither_changed_nor_removed(
    cluster: Cluster, filled: str, who: str, statement: str
) -> None:
    """By nobody's statement: the application lacks the grant, the owner meets a trigger."""
    connection = await asyncpg.connect(cluster.dsn(filled, who))
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    finally:
        await connection.close()


async def test_an_upload_that_meets_a_redaction_waits_for_it_and_is_refused(cluster: Cluster) -> None:
    """Two nodes: one holds the head with a redaction not yet committed, the other begins an upload for that person."""
    async with fresh_database(cluster) as name:
        dsn = cluster.dsn(name, APP)
        async with await PostgresStore.connect(dsn) as one, await PostgresStore.connect(dsn) as two:
            await fill(one, 2)
            blobs = PostgresBlobs(two.pool)
            async with one.append(LOG) as append:
                begun = asyncio.create_task(blobs.announce(announced(), 5), name="announce")
                await _until_somebody_waits(two)
                assert not begun.done()
                event = redacted(append.head.seq + 1, "p1")
                await append.commit(batch(append.head, [event], redact_subjects=["p1"]))
            with pytest.raises(NotFound):
                await begun


async def _until_somebody_waits(store: PostgresStore) -> None:
    async with asyncio.timeout(60):
        while not await store.pool.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
            await asyncio.sleep(0.01)


async def test_while_the_database_is_away_nothing_is_taken(cluster: Cluster) -> None:
    """And it says that it is unavailable, which clients try again."""
    async with fresh_database(cluster) as name:
        pool = await open_pool(cluster.dsn(name, APP), 1)
        blobs = PostgresBlobs(pool)
        await pool.close()
        with pytest.raises(Unavailable):
            await blobs.add(LOG, "u1", 0, [Part(0, 3, b"x")])


def test_a_full_disk_is_said_in_so_many_words() -> None:
    """Whoever runs the server finds the cause in the answer."""
    with pytest.raises(Unavailable, match="DiskFull"), translated("uploads"):
        raise asyncpg.DiskFullError("could not extend file")
