"""Legal hold from the first minute: no table that holds the record can lose a row but by a redaction on authority.

Read from the database itself, so that a table or a right that is added later is looked at too.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest_asyncio

from command.store.embedded import Cluster
from command.store.provision import APP, SUPERUSER
from tests.support.database import fresh_database

MAY_DELETE = {
    "snapshots": "a cache, made again from the log",
    "sessions": "of signing in",
    "ceremonies": "of signing in",
    "attempts": "of signing in",
    "locks": "of signing in",
    "links": "of signing in",
    "device_answered": "answers that were given: a window against replays",
    "deconfliction": "a notice of where to call, which whoever keeps it takes back; nothing that happened",
}
"""Every table from which the application may delete rows itself, with the reason why none of them is the record."""

DESTROYERS = {
    "redact_disclosures": "what a Redacted event names, and the files of its person",
    "drop_upload": "an upload that was never whole",
    "drop_twin": "the second copy of a file that is kept",
}
"""Every function with its owner's rights that deletes."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def database(cluster: Cluster) -> AsyncIterator[str]:
    """One for all: nothing changes in it."""
    async with fresh_database(cluster) as name:
        yield name


@pytest_asyncio.fixture
async def look(cluster: Cluster, database: str) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    connection = await asyncpg.connect(cluster.dsn(database, SUPERUSER))
    yield connection
    await connection.close()


async def test_the_application_deletes_from_no_table_of_the_record(
    look: asyncpg.Connection[asyncpg.Record],
) -> None:
    found = await look.fetch(
        "SELECT c.relname FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace "
        "AND (has_table_privilege($1::name, c.oid, 'DELETE') OR has_table_privilege($1::name, c.oid, 'TRUNCATE'))",
        APP,
    )
    assert {row["relname"] for row in found} <= MAY_DELETE.keys()


async def test_what_deletes_with_more_rights_is_redaction_and_what_never_became_a_record(
    look: asyncpg.Connection[asyncpg.Record],
) -> None:
    found = await look.fetch(
        "SELECT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace "
        "WHERE n.nspname = 'public' AND p.prosecdef AND p.prosrc ~* '\\m(delete|truncate)\\M' "
        "AND has_function_privilege($1, p.oid, 'EXECUTE')",
        APP,
    )
    assert {row["proname"] for row in found} == DESTROYERS.keys()


async def test_tables_of_the_record_are_guarded_against_their_owner_too(
    look: asyncpg.Connection[asyncpg.Record],
) -> None:
    """A trigger on DELETE that no setting of a session switches off."""
    guarded = await look.fetch(
        "SELECT DISTINCT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
        "WHERE NOT t.tgisinternal AND t.tgenabled = 'A' AND t.tgtype & 8 <> 0"
    )
    record = {"events", "commands", "audit", "checkpoints", "heads", "disclosures", "blobs", "uploads", "upload_parts"}
    assert record <= {row["relname"] for row in guarded}


def test_no_program_text_deletes_elsewhere() -> None:
    """Statements that delete from a table of the record are in the schema's functions alone."""
    kept = ("events", "commands", "audit", "heads", "disclosures", "blobs", "uploads", "upload_parts", "quarantine")
    command = Path(__file__).resolve().parents[2] / "command"
    said = {path: path.read_text().upper() for path in command.rglob("*.py")}
    found = [
        (path.name, table)
        for path, text in said.items()
        for table in kept
        for verb in ("DELETE FROM", "TRUNCATE")
        if f"{verb} {table.upper()} " in text or f"{verb} {table.upper()}\n" in text
    ]
    assert found == []
