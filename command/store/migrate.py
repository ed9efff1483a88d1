"""Numbered SQL files, each applied once, in order, under a lock.

`sql/NNN_name.sql`; in it `:"app"` stands for the application's role, as in psql.
An applied file is never edited: its SHA-256 is kept and compared.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import asyncpg
import msgspec

from command.errors import Misconfigured
from command.store.pg_errors import translated

SQL_DIR = Path(__file__).with_name("sql")
_LOCK = 0x6D757374  # "must": any number that nobody else takes in this database
_NAME = re.compile(r"^(\d{3})_[a-z0-9_]+\.sql$")
_ROLE = re.compile(r"^[a-z_][a-z0-9_$-]{0,62}$")

_TABLE = """
CREATE TABLE IF NOT EXISTS schema_versions (
    number integer PRIMARY KEY,
    name text NOT NULL,
    sha256 bytea NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
)
"""


class Migration(msgspec.Struct, frozen=True):
    """One SQL file."""

    number: int
    name: str
    sql: str

    @property
    def sha256(self) -> bytes:
        """The digest that is kept of an applied file."""
        return hashlib.sha256(self.sql.encode()).digest()


def migrations(directory: Path = SQL_DIR) -> list[Migration]:
    """The SQL files in order. Raises Misconfigured for a name without a number, or a number used twice."""
    found = []
    for path in sorted(directory.glob("*.sql")):
        match = _NAME.match(path.name)
        if match is None:
            raise Misconfigured("expected a name as in 001_log.sql", where=str(path))
        found.append(Migration(int(match[1]), path.name, path.read_text(encoding="utf-8")))
    numbers = [migration.number for migration in found]
    if len(set(numbers)) != len(numbers):
        raise Misconfigured("expected each migration to have its own number, got one twice", where=str(directory))
    return found


async def migrate(owner_dsn: str, app_role: str, directory: Path = SQL_DIR) -> list[str]:
    """Bring a database to this code's shape, as its owner; returns the names of the files applied now.

    All of it happens in one transaction, and two nodes that start together take turns.
    Raises Misconfigured when an applied file was changed, when the database is newer than the code, or when
    `app_role` is not there; Unavailable when the database is away.
    """
    if not _ROLE.match(app_role):
        raise Misconfigured(f"expected the name of a role in lower case, got {app_role!r}")
    known = migrations(directory)
    with translated("migrations"):
        connection: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(
            owner_dsn, timeout=10, server_settings={"application_name": "muster migrate", "lock_timeout": "30s"}
        )
        try:
            async with connection.transaction():
                await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
                return await _apply(connection, app_role, known)
        finally:
            await connection.close()


async def _apply(connection: asyncpg.Connection[asyncpg.Record], app_role: str, known: list[Migration]) -> list[str]:
    if not await connection.fetchval("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", app_role):
        raise Misconfigured(f"expected a role {app_role} for the application, found none")
    await connection.execute(_TABLE)
    await connection.execute(f'GRANT SELECT ON schema_versions TO "{app_role}"')
    rows = await connection.fetch("SELECT number, name, sha256 FROM schema_versions ORDER BY number")
    by_number = {migration.number: migration for migration in known}
    for row in rows:
        applied = by_number.get(row["number"])
        if applied is None:
            raise Misconfigured(
                f"expected a database no newer than this Muster, but it has {row['name']}: use the newer Muster"
            )
        if applied.sha256 != row["sha256"]:
            raise Misconfigured(f"expected {applied.name} as it was applied, but the file was changed since")
    done = {row["number"] for row in rows}
    pending = [migration for migration in known if migration.number not in done]
    for migration in pending:
        await connection.execute(migration.sql.replace(':"app"', f'"{app_role}"'))
        await connection.execute(
            "INSERT INTO schema_versions (number, name, sha256) VALUES ($1, $2, $3)",
            migration.number,
            migration.name,
            migration.sha256,
        )
    return [migration.name for migration in pending]
