"""A running embedded cluster for a test session, and a fresh database for a test.

Plain functions; tests/conftest.py makes fixtures of them.
"""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import asyncpg

from command.store.embedded import Cluster, embedded
from command.store.keys import PostgresKeyStore
from command.store.migrate import migrate
from command.store.postgres import PostgresStore
from command.store.provision import APP, OWNER, SUPERUSER

TEMPLATE = "muster_template"
MEMORY = Path("/dev/shm")
ROOM_BYTES = 2 << 30
_numbers = itertools.count(1)


@contextmanager
def folder_in_memory(otherwise: Path) -> Iterator[Path]:
    """A folder for a cluster that lives as long as the tests, in memory where there is room: hundreds of databases are
    made and dropped on it, and it is never the machine that fails. `otherwise`: the folder where there is none."""
    if not os.access(MEMORY, os.W_OK) or shutil.disk_usage(MEMORY).free < ROOM_BYTES:
        yield otherwise
        return
    with tempfile.TemporaryDirectory(prefix="muster-tests-", dir=MEMORY) as folder:
        Path(folder).chmod(0o711)  # PostgreSQL's user has to pass through
        yield Path(folder) / "cluster"


@asynccontextmanager
async def running_cluster(directory: Path) -> AsyncIterator[Cluster]:
    """A cluster with one migrated database to clone."""
    async with embedded(directory) as cluster:
        await admin(cluster, f"CREATE DATABASE {TEMPLATE} OWNER {OWNER}")
        await migrate(cluster.dsn(TEMPLATE, OWNER), APP)
        yield cluster


async def admin(cluster: Cluster, statement: str, database: str = "postgres") -> None:
    """Run a statement as the superuser."""
    connection: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(cluster.dsn(database, SUPERUSER))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@asynccontextmanager
async def fresh_database(cluster: Cluster, *, template: str = TEMPLATE, owner: str = OWNER) -> AsyncIterator[str]:
    """The name of a database of its own, with Muster's tables, dropped afterwards."""
    name = f"test_{next(_numbers)}"
    await admin(cluster, f"CREATE DATABASE {name} OWNER {owner} TEMPLATE {template}")
    try:
        yield name
    finally:
        await admin(cluster, f"DROP DATABASE {name} WITH (FORCE)")


@asynccontextmanager
async def fresh_store(cluster: Cluster) -> AsyncIterator[PostgresStore]:
    """A store on a database of its own, connected as the application."""
    async with fresh_database(cluster) as name, await PostgresStore.connect(cluster.dsn(name, APP)) as store:
        yield store


@asynccontextmanager
async def fresh_keys(cluster: Cluster, kek: bytes) -> AsyncIterator[PostgresKeyStore]:
    """A key store on a database of its own."""
    async with (
        fresh_database(cluster, template="template1", owner=APP) as name,
        await PostgresKeyStore.connect(cluster.dsn(name, APP), kek) as keys,
    ):
        yield keys
