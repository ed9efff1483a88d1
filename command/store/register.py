"""The register of backups of the key store: which older copies of destroyed keys there still are, and until when.

An expungement is complete only when the last copy of the key that was made before it is gone. Nobody can know that of
a file that someone carried away, so a copy counts as there until it was deleted by us, or someone says that it is gone.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from command.store.pg_errors import translated
from command.store.postgres import leased

if TYPE_CHECKING:
    from command.store.postgres import Pool

_ADD = "INSERT INTO key_backups (id, expires_at) VALUES ($1, $2) RETURNING made_at"
_LIST = "SELECT id, made_at, expires_at, gone_at FROM key_backups ORDER BY made_at, id"
_GONE = "UPDATE key_backups SET gone_at = clock_timestamp() WHERE id = $1 AND gone_at IS NULL RETURNING id"
_COPIES = """
SELECT DISTINCT b.id, b.made_at, b.expires_at, b.gone_at FROM key_ends e JOIN key_backups b ON b.made_at < e.at
WHERE b.gone_at IS NULL AND ($1::text IS NULL OR e.log = $1) AND ($2::text[] IS NULL OR e.subject = ANY ($2))
ORDER BY b.expires_at, b.id
"""
_LAST = "SELECT max(made_at) FROM key_backups"


class KeyBackup(msgspec.Struct, frozen=True):
    """A copy of the key store."""

    id: str
    made_at: datetime
    expires_at: datetime  # when it has to be destroyed
    gone_at: datetime | None = None


async def enter(pool: Pool, backup: str, expires_at: datetime) -> datetime:
    """Put a copy on the register, before it is made: what is destroyed from now on may be in it."""
    async with leased(pool, "keys") as connection:
        with translated("keys"):
            made: datetime = await connection.fetchval(_ADD, backup, expires_at)
    return made


async def backups(pool: Pool) -> list[KeyBackup]:
    """All copies ever made, oldest first."""
    async with leased(pool, "keys") as connection:
        with translated("keys"):
            return [KeyBackup(*row.values()) for row in await connection.fetch(_LIST)]


async def gone(pool: Pool, backup: str) -> bool:
    """A copy is destroyed. False where there is none, or it was already."""
    async with leased(pool, "keys") as connection:
        with translated("keys"):
            return await connection.fetchval(_GONE, backup) is not None


async def copies(pool: Pool, log: str | None = None, subjects: Sequence[str] | None = None) -> list[KeyBackup]:
    """The copies that still hold destroyed keys: of a log, of subjects in it, or any. None: the expungement is complete."""
    async with leased(pool, "keys") as connection:
        with translated("keys"):
            rows = await connection.fetch(_COPIES, log, None if subjects is None else list(subjects))
    return [KeyBackup(*row.values()) for row in rows]


def says(found: Sequence[KeyBackup], now: datetime) -> str:
    """In words, what there is to know about expungements."""
    if not found:
        return "complete: no older copy of a destroyed key is left"
    last = found[-1]
    late = [one.id for one in found if one.expires_at <= now]
    if late:
        return f"not complete: backup {', '.join(late)} was to be destroyed by {found[0].expires_at:%Y-%m-%d}"
    return f"until {last.expires_at:%Y-%m-%d} a copy exists in backup {', '.join(one.id for one in found)}"
