"""Writing backups: the data in one moment of the database, the key store just after it, each sealed as it is written.

PostgreSQL's COPY does the work over the same driver as everything else, in one REPEATABLE READ snapshot: it needs no
program beside the server's, whatever its version, and nothing is ever on disk in plain. The data come first: a key is
durable before anything is sealed under it, so the keys of all that is in the data are there afterwards.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

import asyncpg

from command.backup.archive import LogEnd, Manifest, Member, Writer
from command.backup.tables import migrations, quoted, tables
from command.store.pg_errors import translated

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]

KEY_TABLES: Final = ("subject_keys", "key_ends", "key_backups")
"""Of the key store. `key_check` is not among them: where keys are restored, they are wrapped anew."""

_SETTINGS: Final = {"application_name": "muster backup", "timezone": "UTC", "lock_timeout": "30s"}
_CONNECT_S: Final = 10.0


async def connected(dsn: str) -> Connection:
    """A connection without a time limit on statements: a large table takes its time."""
    with translated("backup"):
        connection: Connection = await asyncpg.connect(dsn, timeout=_CONNECT_S, server_settings=_SETTINGS)
        return connection


async def dump_data(dsn: str, writer: Writer, backup: str, program: str) -> Manifest:
    """Everything but the keys, as of one moment. `dsn`: as the owner. Raises Unavailable."""
    connection = await connected(dsn)
    try:
        with translated("backup"):
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                taken_at: datetime = await connection.fetchval("SELECT clock_timestamp()")  # this takes the snapshot
                heads = await connection.fetch("SELECT log, epoch, seq, root FROM heads ORDER BY log")
                for table in await tables(connection):
                    await _copy(connection, writer, Member(table.name, table.columns))
                manifest = Manifest(
                    id=backup,
                    kind="data",
                    program=program,
                    taken_at=taken_at.isoformat(),
                    migrations=await migrations(connection),
                    logs=tuple(LogEnd(row["log"], row["epoch"], row["seq"], row["root"].hex()) for row in heads),
                )
    finally:
        await connection.close()
    return writer.finish(manifest)


async def dump_keys(dsn: str, writer: Writer, backup: str, program: str, files: dict[str, bytes]) -> Manifest:
    """The key store and the key files that open it. Whoever opens this file can open every private value there is."""
    connection = await connected(dsn)
    try:
        with translated("backup"):
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                taken_at: datetime = await connection.fetchval("SELECT clock_timestamp()")
                for name in KEY_TABLES:
                    columns = await connection.fetch(
                        "SELECT column_name FROM information_schema.columns WHERE table_name = $1 ORDER BY 1", name
                    )
                    await _copy(connection, writer, Member(name, tuple(row["column_name"] for row in columns)))
    finally:
        await connection.close()
    for name, content in files.items():
        writer.begin(Member(f"file:{name}"))
        await writer.data(content)
        writer.end()
    return writer.finish(Manifest(id=backup, kind="keys", program=program, taken_at=taken_at.isoformat()))


async def _copy(connection: Connection, writer: Writer, member: Member) -> None:
    writer.begin(member)
    columns = ", ".join(quoted(column) for column in member.columns)
    status = await connection.copy_from_query(
        f"SELECT {columns} FROM {quoted(member.name)}", output=writer.data, format="binary"
    )
    writer.end(int(status.rpartition(" ")[2]))
