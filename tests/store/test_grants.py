"""What no one may do to the record: the application by its grants, the owner by triggers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest
import pytest_asyncio

from command.store.embedded import Cluster
from command.store.postgres import PostgresStore
from command.store.provision import APP, OWNER, SUPERUSER
from tests.store.contract import AUDIT, LOG, batch, cmd_row, event, fill, redacted
from tests.support.database import fresh_database


@asynccontextmanager
async def filled(cluster: Cluster) -> AsyncIterator[str]:
    """A database with a row in each table that is kept."""
    async with fresh_database(cluster) as name:
        async with await PostgresStore.connect(cluster.dsn(name, APP)) as store:
            await fill(store, 3)
            async with store.append(LOG) as append:
                await append.commit(batch(append.head, [event(4)], commands=[cmd_row("c4", 4, 4)], audit=[AUDIT]))
            await store.put_snapshot(LOG, 4, b"r" * 32, "v1", b"{}")
        await run(
            cluster.dsn(name, APP),
            "INSERT INTO checkpoints VALUES ('l', 4, sha256('r'), 'note', now())",
        )
        yield name


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def database(cluster: Cluster) -> AsyncIterator[str]:
    """One for all tests that are refused: nothing changes in it."""
    async with filled(cluster) as name:
        yield name


@pytest_asyncio.fixture
async def own_database(cluster: Cluster) -> AsyncIterator[str]:
    """One for a test that changes it."""
    async with filled(cluster) as name:
        yield name


async def run(dsn: str, *statements: str) -> None:
    """Run statements over one connection."""
    connection = await asyncpg.connect(dsn)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


TABLES = ("events", "commands", "audit", "checkpoints", "heads", "disclosures")
CHANGES = [
    *(f"DELETE FROM {table}" for table in TABLES),
    *(f"TRUNCATE {table}" for table in TABLES),
    "UPDATE events SET header = 'x'",
    "UPDATE commands SET answer = 'x'",
    "UPDATE audit SET outcome = 'ok'",
    "UPDATE checkpoints SET note = 'x'",
    "UPDATE disclosures SET box = 'x'",
    "UPDATE heads SET log = 'x'",
    "UPDATE heads SET created_at = now()",
    "UPDATE heads SET seq = 3",
    "UPDATE heads SET seq = 5",
    "UPDATE heads SET epoch = 0",
    "UPDATE heads SET root = sha256('x')",
    "INSERT INTO heads (log, epoch, seq, frontier, root) VALUES ('new', 1, 4, '{}', sha256('x'))",
    "INSERT INTO events SELECT log, seq, recorded_at, id, type, header, leaf FROM events WHERE seq = 4",
    "INSERT INTO events SELECT log, 99, recorded_at, id, type, header, leaf FROM events WHERE seq = 4",
    "INSERT INTO events SELECT * FROM events WHERE seq = 4 ON CONFLICT (log, seq) DO UPDATE SET type = 'x'",
    f"SELECT redact_disclosures('{LOG}', 'p1', '{{}}')",
    f"SELECT redact_disclosures('{LOG}', NULL, '{{1}}')",
]
REFUSED = (asyncpg.InsufficientPrivilegeError, asyncpg.IntegrityConstraintViolationError)


@pytest.mark.parametrize("role", [APP, OWNER, SUPERUSER])
@pytest.mark.parametrize("statement", CHANGES)
async def test_the_record_cannot_be_changed(cluster: Cluster, database: str, role: str, statement: str) -> None:
    with pytest.raises(REFUSED):
        await run(cluster.dsn(database, role), statement)


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE events DISABLE TRIGGER events_kept",
        "ALTER TABLE events ADD COLUMN x int",
        "DROP TABLE events",
        "DROP TRIGGER events_kept ON events",
        "DROP FUNCTION refuse_change CASCADE",
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "CREATE TABLE public.mine (n int)",
        "SET session_replication_role = replica",
        f"SET ROLE {OWNER}",
        f"SET SESSION AUTHORIZATION {OWNER}",
        f"GRANT {OWNER} TO {APP}",
        "UPDATE schema_versions SET number = 9",
        "COPY events TO PROGRAM 'cat'",
    ],
)
async def test_the_application_cannot_take_the_guards_away(cluster: Cluster, database: str, statement: str) -> None:
    with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.InvalidGrantOperationError)):
        await run(cluster.dsn(database, APP), statement)


@pytest.mark.parametrize("statement", ["DELETE FROM events", "UPDATE heads SET seq = 1", "DELETE FROM disclosures"])
async def test_replica_mode_does_not_switch_the_guards_off(cluster: Cluster, database: str, statement: str) -> None:
    with pytest.raises(REFUSED):
        await run(cluster.dsn(database, SUPERUSER), "SET session_replication_role = replica", statement)


async def test_a_temporary_table_does_not_deceive_the_function(cluster: Cluster, own_database: str) -> None:
    """The function runs as the owner: it must look into the real events, not into one of the caller's making."""
    fake = redacted(1, "p1").header.decode()
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await run(
            cluster.dsn(own_database, APP),
            "CREATE TEMPORARY TABLE events (log text, seq bigint, type text, header bytea)",
            f"INSERT INTO events VALUES ('{LOG}', 1, 'Redacted', convert_to('{fake}', 'UTF8'))",
            f"SELECT public.redact_disclosures('{LOG}', 'p1', '{{}}')",
        )


async def test_an_event_only_labelled_redacted_destroys_nothing(cluster: Cluster, own_database: str) -> None:
    """The header's own type counts, for that is what a verifier sees."""
    fake = event(5).header.replace(b'"body":', b'"body":{"subject":"p1"},"b":').decode()
    await run(
        cluster.dsn(own_database, APP),
        f"INSERT INTO events VALUES ('{LOG}', 5, now(), 'x.5', 'Redacted', convert_to('{fake}', 'UTF8'), sha256('x'))",
    )
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await run(cluster.dsn(own_database, APP), f"SELECT redact_disclosures('{LOG}', 'p1', '{{}}')")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE snapshots SET state = 'x'",
        "DELETE FROM snapshots",
        "DELETE FROM sessions",
        "SELECT * FROM events, heads, disclosures, commands, audit, checkpoints, schema_versions",
        "UPDATE heads SET epoch = 2",
    ],
)
async def test_what_the_application_needs_it_may(cluster: Cluster, own_database: str, statement: str) -> None:
    await run(cluster.dsn(own_database, APP), statement)
