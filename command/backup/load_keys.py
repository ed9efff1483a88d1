"""Restoring the key store: subject keys are wrapped anew under this machine's key, and what was destroyed stays so.

A backup of keys is older than every destruction after it. Where the register here remembers one, that key is left out.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import asyncpg
import msgspec

from command.backup.archive import Member, Reader
from command.backup.dump import KEY_TABLES, connected
from command.backup.load import copy_in
from command.errors import Corrupt
from command.ledger.box import NONCE_BYTES, key_aad, unwrap_key, wrap_key
from command.store.keyring import key_id
from command.store.pg_errors import translated

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]

_INSERT = """
INSERT INTO subject_keys (log, subject, wrapped, kek)
SELECT $1, $2, $3, $4 WHERE NOT EXISTS (SELECT FROM key_ends e WHERE e.log = $1 AND e.subject = $2 AND e.at >= $5)
ON CONFLICT DO NOTHING
"""
_ENDS = """
INSERT INTO key_ends (log, subject, at) SELECT log, subject, at FROM in_key_ends
ON CONFLICT (log, subject) DO UPDATE SET at = greatest(key_ends.at, excluded.at)
"""
_BACKUPS = """
INSERT INTO key_backups (id, made_at, expires_at, gone_at) SELECT id, made_at, expires_at, gone_at FROM in_key_backups
ON CONFLICT (id) DO NOTHING
"""


class KeysRestored(msgspec.Struct, frozen=True):
    """How it went: keys that are there now, and those left out because they were destroyed after the backup."""

    id: str
    keys: int
    left_out: int
    files: dict[str, bytes]  # what was beside the key store: `secret`


async def load_keys(dsn: str, reader: Reader, kek: bytes) -> KeysRestored:
    """Bring the keys of a backup into a key store whose tables are there, in one transaction.

    `kek` is what this key store wraps under. Raises Corrupt for a backup that does not hold together; then nothing
    was done.
    """
    connection = await connected(dsn)
    files: dict[str, bytes] = {}
    try:
        with translated("restore"):
            async with connection.transaction():
                for name in KEY_TABLES:
                    await connection.execute(f"CREATE TEMPORARY TABLE in_{name} (LIKE public.{name}) ON COMMIT DROP")
                for member in reader:
                    if member.name.startswith("file:"):
                        files[member.name.removeprefix("file:")] = b"".join(reader.content())
                    elif member.name in KEY_TABLES:
                        target = Member(f"in_{member.name}", member.columns)
                        await copy_in(connection, target, reader.content())
                    else:
                        raise Corrupt(f"expected a backup of a key store, got {member.name} in it", where="backup")
                if reader.manifest is None or reader.manifest.kind != "keys":
                    raise Corrupt("expected a backup of a key store, got another", where="backup")
                keys, left_out = await _wrap_anew(connection, files, kek, reader.manifest.id)
    finally:
        await connection.close()
    return KeysRestored(reader.manifest.id, keys, left_out, files)


async def _wrap_anew(connection: Connection, files: dict[str, bytes], kek: bytes, backup: str) -> tuple[int, int]:
    keks = {key_id(one): one for name, one in files.items() if name.startswith("kek")}
    await connection.execute(_ENDS)
    await connection.execute(_BACKUPS)
    made_at = await connection.fetchval("SELECT made_at FROM key_backups WHERE id = $1", backup)
    rows = await connection.fetch("SELECT log, subject, wrapped, kek FROM in_subject_keys")
    taken = 0
    for row in rows:
        if row["kek"] not in keks:
            raise Corrupt(f"expected the wrapping key {row['kek']} in the backup, got none", where=row["log"])
        aad = key_aad(row["log"], row["subject"])
        key = unwrap_key(keks[row["kek"]], row["wrapped"], aad)
        wrapped = wrap_key(kek, secrets.token_bytes(NONCE_BYTES), key, aad)
        status = await connection.execute(_INSERT, row["log"], row["subject"], wrapped, key_id(kek), made_at)
        there = await connection.fetchval(
            "SELECT EXISTS (SELECT FROM subject_keys WHERE log = $1 AND subject = $2)", row["log"], row["subject"]
        )
        taken += status == "INSERT 0 1" or there
    return taken, len(rows) - taken
