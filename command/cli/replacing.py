"""Setting the embedded database aside for a restore: under another name, never deleted: it may be evidence."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import asyncpg

from command.backup.load import Lost
from command.config import Settings
from command.errors import Misconfigured
from command.store.embedded import embedded
from command.store.pg_errors import translated
from command.store.provision import DATABASE, SUPERUSER


async def set_aside(settings: Settings, now: datetime) -> dict[str, Lost]:
    """Rename the database that is there, and say where each of its logs ended. Raises Misconfigured for one's own server."""
    if settings.database:
        raise Misconfigured(
            "expected an empty database of your own: rename it there, and make a new one (docs/run.md)",
            where="--replace",
        )
    bin_dir = Path(settings.pg_bin) if settings.pg_bin else None
    async with embedded(settings.data / "postgres", bin_dir=bin_dir) as cluster:
        lost = await _ends(cluster.dsn(DATABASE, SUPERUSER))
        with translated("restore"):
            connection: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(cluster.dsn("postgres", SUPERUSER))
            try:
                await connection.execute(f"ALTER DATABASE {DATABASE} RENAME TO {DATABASE}_before_{now:%Y%m%d_%H%M%S}")
            finally:
                await connection.close()
    return lost


async def _ends(dsn: str) -> dict[str, Lost]:
    """Where the logs ended, as far as the damaged database can say."""
    try:
        connection: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(dsn)
    except (asyncpg.PostgresError, OSError):
        return {}
    try:
        rows = await connection.fetch("SELECT log, epoch, seq FROM heads")
        return {row["log"]: Lost(row["epoch"], row["seq"]) for row in rows}
    except asyncpg.PostgresError:
        return {}
    finally:
        await connection.close()
