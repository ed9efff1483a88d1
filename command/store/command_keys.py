"""Keys the digests of commands that were kept before there was a key: once, at a start, as the tables' owner.

The table of commands is only ever added to, and its guard refuses changes to everyone. Here, and nowhere else, the owner
takes that guard aside, inside one transaction that no one else sees the middle of, and puts it back.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import asyncpg

from command.store.pg_errors import translated

if TYPE_CHECKING:
    from collections.abc import Awaitable

    Connection = asyncpg.Connection[asyncpg.Record]

AT_ONCE: Final = 5_000

_LOGS = "SELECT DISTINCT log FROM commands WHERE octet_length(digest) = 32 ORDER BY log"
_PLAIN = "SELECT cmd, digest FROM commands WHERE log = $1 AND octet_length(digest) = 32 LIMIT $2"
_KEY = """
UPDATE commands c SET digest = n.digest FROM unnest($2::text[], $3::bytea[]) AS n (cmd, digest)
WHERE c.log = $1 AND c.cmd = n.cmd
"""
_LOCK: Final = 0x6D75636B


async def key_commands(
    owner_dsn: str, key_of: Callable[[str], Awaitable[bytes]], keyed: Callable[[bytes, bytes], bytes]
) -> int:
    """Replace plain digests by keyed ones; how many there were. `key_of` finds a log's key, `keyed` makes the digest.

    Raises Unavailable, with nothing changed.
    """
    with translated("command digests"):
        connection: Connection = await asyncpg.connect(
            owner_dsn, timeout=10, server_settings={"application_name": "muster key commands", "lock_timeout": "30s"}
        )
        try:
            if not await connection.fetch(_LOGS + " LIMIT 1"):
                return 0
            async with connection.transaction():
                await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
                return await _key_all(connection, key_of, keyed)
        finally:
            await connection.close()


async def _key_all(
    connection: Connection, key_of: Callable[[str], Awaitable[bytes]], keyed: Callable[[bytes, bytes], bytes]
) -> int:
    count = 0
    await connection.execute("ALTER TABLE commands DISABLE TRIGGER commands_kept")
    for (log,) in await connection.fetch(_LOGS):
        key = await key_of(log)
        while rows := await connection.fetch(_PLAIN, log, AT_ONCE):
            new = [keyed(key, row["digest"]) for row in rows]
            await connection.execute(_KEY, log, [row["cmd"] for row in rows], new)
            count += len(rows)
    await connection.execute("ALTER TABLE commands ENABLE ALWAYS TRIGGER commands_kept")
    return count
