"""Signed heads in PostgreSQL, beside the log that they are of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from command.store.pg_errors import translated
from command.store.ports_checkpoints import CheckpointRow, Unsigned, VkeyRow
from command.store.postgres import leased

if TYPE_CHECKING:
    import asyncpg

    from command.store.postgres import Pool

# For each log a look at the end of one index.
_UNSIGNED = """
SELECT h.log, h.epoch, h.seq, h.root, clock_timestamp() AS wall FROM heads h
WHERE h.seq > coalesce((SELECT max(c.size) FROM checkpoints c WHERE c.log = h.log), 0) ORDER BY h.log LIMIT $1
"""
_KEEP = """
INSERT INTO checkpoints (log, size, root, note, at)
SELECT * FROM unnest($1::text[], $2::bigint[], $3::bytea[], $4::text[], $5::timestamptz[]) ON CONFLICT DO NOTHING
"""
_LATEST = """
SELECT c.* FROM unnest($1::text[]) AS l (log)
CROSS JOIN LATERAL (
    SELECT log, size, root, note, at FROM checkpoints WHERE log = l.log ORDER BY size DESC LIMIT 1
) c
"""
_ENDS = r"""
SELECT DISTINCT ON (epoch) log, size, root, note, at FROM (
    SELECT *, split_part(note, E'\n', 1) AS epoch FROM checkpoints WHERE log = $1 AND size <= $2
) c ORDER BY epoch, size DESC
"""
_OF_LOG = "SELECT log, size, root, note, at FROM checkpoints WHERE log = $1 AND size > $2 ORDER BY size LIMIT $3"


class PostgresCheckpoints:
    """A CheckpointStore over a pool that connects as the application role."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def unsigned(self, limit: int) -> list[Unsigned]:
        """See CheckpointStore."""
        return [Unsigned(*row.values()) for row in await self._fetch(_UNSIGNED, limit)]

    async def keep(self, rows: Sequence[CheckpointRow]) -> None:
        """See CheckpointStore."""
        columns = [[getattr(row, name) for row in rows] for name in CheckpointRow.__struct_fields__]
        await self._fetch(_KEEP, *columns)

    async def latest(self, logs: Sequence[str]) -> dict[str, CheckpointRow]:
        """See CheckpointStore."""
        rows = await self._fetch(_LATEST, list(logs)) if logs else []
        return {row["log"]: CheckpointRow(*row.values()) for row in rows}

    async def ends(self, log: str, upto: int) -> list[CheckpointRow]:
        """See CheckpointStore."""
        rows = [CheckpointRow(*row.values()) for row in await self._fetch(_ENDS, log, upto)]
        return sorted(rows, key=lambda row: row.size)

    async def checkpoints(self, log: str, after: int, limit: int) -> list[CheckpointRow]:
        """See CheckpointStore."""
        return [CheckpointRow(*row.values()) for row in await self._fetch(_OF_LOG, log, after, limit)]

    async def vkeys(self) -> list[VkeyRow]:
        """See CheckpointStore."""
        rows = await self._fetch("SELECT vkey, since FROM checkpoint_keys ORDER BY since, vkey")
        return [VkeyRow(*row.values()) for row in rows]

    async def keep_vkey(self, vkey: str) -> None:
        """See CheckpointStore."""
        await self._fetch("INSERT INTO checkpoint_keys (vkey) VALUES ($1) ON CONFLICT DO NOTHING", vkey)

    async def _fetch(self, query: str, *args: object) -> list[asyncpg.Record]:
        async with leased(self._pool, "checkpoints") as connection:
            with translated("checkpoints"):
                return await connection.fetch(query, *args)
