"""Which tables a backup holds, in an order in which they can be filled, read from the database itself.

So a table that a later version adds is in the backup without anyone thinking of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import asyncpg
import msgspec

from command.errors import Corrupt

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]

LEFT_OUT: Final[Mapping[str, str]] = {
    "schema_versions": "the manifest names them, and migrations make it",
    "snapshots": "a cache",
    "ceremonies": "half-done sign-ins, over within minutes",
    "attempts": "tries of passwords, over within minutes",
}

_LOG: Final = ("events", "heads")
"""Guards of other tables look into these."""

_TABLES = """
SELECT c.relname AS name, array_agg(a.attname ORDER BY a.attnum) AS columns
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' GROUP BY c.relname ORDER BY c.relname
"""
_NEEDS = """
SELECT DISTINCT f.relname AS of, t.relname AS needs FROM pg_constraint k
JOIN pg_class f ON f.oid = k.conrelid JOIN pg_class t ON t.oid = k.confrelid WHERE k.contype = 'f'
"""
_IDENTITIES = """
SELECT c.relname AS name, a.attname AS column FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attidentity <> ''
"""


class Table(msgspec.Struct, frozen=True):
    """A table's name and the columns that hold something of their own."""

    name: str
    columns: tuple[str, ...]


async def tables(connection: Connection) -> list[Table]:
    """All tables that are kept: the log first, then each after those that it refers to."""
    rows = await connection.fetch(_TABLES)
    known = {row["name"]: Table(row["name"], tuple(row["columns"])) for row in rows if row["name"] not in LEFT_OUT}
    needs: dict[str, set[str]] = {name: set() for name in known}
    for row in await connection.fetch(_NEEDS):
        if row["of"] in known and row["needs"] in known and row["of"] != row["needs"]:
            needs[row["of"]].add(row["needs"])
    ordered: list[Table] = []
    while needs:
        free = sorted((n for n, wanted in needs.items() if not wanted & needs.keys()), key=lambda n: (n not in _LOG, n))
        if not free:
            raise Corrupt(f"expected tables that can be filled one after the other, got a circle of {', '.join(needs)}")
        ordered += [known[name] for name in free]
        needs = {name: wanted for name, wanted in needs.items() if name not in free}
    return ordered


async def migrations(connection: Connection) -> tuple[tuple[int, str], ...]:
    """Number and SHA-256 of each applied migration."""
    rows = await connection.fetch("SELECT number, sha256 FROM schema_versions ORDER BY number")
    return tuple((row["number"], row["sha256"].hex()) for row in rows)


async def set_numbers(connection: Connection) -> None:
    """Let numbered tables count on from where their rows end."""
    for row in await connection.fetch(_IDENTITIES):
        name, column = quoted(row["name"]), quoted(row["column"])
        await connection.execute(
            f"SELECT setval(pg_get_serial_sequence($1, $2), coalesce(max({column}), 0) + 1, false) FROM {name}",
            row["name"],
            row["column"],
        )


def quoted(name: str) -> str:
    """A name of the catalog, for a statement."""
    return '"' + name.replace('"', '""') + '"'
