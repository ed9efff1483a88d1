"""Subject keys on PostgreSQL, in a database of their own, wrapped under a key that is in a file.

Three things are kept apart: the data (and its backups) hold encrypted disclosures; this database holds the
subjects' keys, encrypted under the key-encryption key; and that key is a file outside both. Nodes that share the
database share the file: copy it to each of them, by hand, once (docs: "Several nodes").

How complete a destruction is: the row is deleted and the table rewritten, so that the wrapped key is in no file of
the table. It may still be in the write-ahead log until that is recycled, and in older backups of this database:
they must be short-lived, and only when the last of them is gone is an expungement complete.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import asyncpg

from command.errors import Corrupt, Misconfigured, Unavailable
from command.ledger.box import KEY_BYTES, NONCE_BYTES, key_aad, open_, seal, unwrap_key, wrap_key
from command.store.batch import check_keys
from command.store.pg_errors import translated
from command.store.postgres import check_settings, leased, open_pool

if TYPE_CHECKING:
    from command.store.postgres import Pool

_LOCK = 0x6D75736B
_CHECK = b"muster key-encryption key"
_CHECK_AAD = b"key-check"

_TABLES = """
CREATE TABLE IF NOT EXISTS subject_keys (
    log     text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    wrapped bytea            NOT NULL,
    PRIMARY KEY (log, subject)
);
CREATE TABLE IF NOT EXISTS key_check (only_one boolean PRIMARY KEY CHECK (only_one), box bytea NOT NULL);
"""
_CREATE = """
INSERT INTO subject_keys (log, subject, wrapped)
SELECT $1, new.* FROM unnest($2::text[], $3::bytea[]) AS new (subject, wrapped) ORDER BY 2
ON CONFLICT DO NOTHING
"""
_GET = "SELECT subject, wrapped FROM subject_keys WHERE log = $1 AND subject = ANY ($2::text[])"
_DESTROY = "DELETE FROM subject_keys WHERE log = $1 AND subject = ANY ($2::text[]) RETURNING subject"


def load_kek(path: Path) -> bytes:
    """The key-encryption key in a file (64 hexadecimal digits); made, readable for us only, where there is none.

    Raises Misconfigured for a file that others can read or that holds something else.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        return _read_kek(path)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_hex(KEY_BYTES).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)  # a key that a power cut takes away would take every private value with it
    finally:
        os.close(directory)
    return _read_kek(path)


def _read_kek(path: Path) -> bytes:
    if path.stat().st_mode & 0o077:
        raise Misconfigured("expected a key file that only its owner can read (chmod 600)", where=str(path))
    try:
        kek = bytes.fromhex(path.read_text(encoding="ascii"))
    except (ValueError, UnicodeDecodeError):
        kek = b""
    if len(kek) != KEY_BYTES:
        raise Misconfigured("expected a key file of 64 hexadecimal digits, got something else", where=str(path))
    return kek


class PostgresKeyStore:
    """Implements `ports.KeyStore`. Made by `connect`; an async context manager that closes itself."""

    def __init__(self, pool: Pool, kek: bytes) -> None:
        self._pool = pool
        self._kek = kek

    @classmethod
    async def connect(cls, dsn: str, kek: bytes, *, connections: int = 2) -> PostgresKeyStore:
        """Connect to the key database as its owner and make its two tables.

        Raises Misconfigured when the database's keys were wrapped under another key, or when it would not keep what
        it says it kept; Unavailable when it is away.
        """
        pool = await open_pool(dsn, connections)
        try:
            async with leased(pool, "keys") as connection:
                with translated("keys"):
                    await check_settings(connection)
                    async with connection.transaction():
                        await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
                        await connection.execute(_TABLES)
                        await _check_kek(connection, kek)
        except BaseException:
            pool.terminate()
            raise
        return cls(pool, kek)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections. Calls under way have ended by then: the service that makes them is closed first."""
        self._pool.terminate()

    async def get(self, log: str, subjects: Sequence[str]) -> dict[str, bytes]:
        """The keys of those subjects that have one. Raises Unavailable, Corrupt."""
        if not subjects:
            return {}
        async with leased(self._pool, "keys") as connection:
            with translated("keys"):
                rows = await connection.fetch(_GET, log, list(subjects))
        return {row["subject"]: self._unwrap(log, row["subject"], row["wrapped"]) for row in rows}

    async def create(self, log: str, keys: dict[str, bytes]) -> dict[str, bytes]:
        """Durably store new keys; a subject that has one keeps it. Returns the keys now in force."""
        check_keys(keys)
        if not keys:
            return {}
        wrapped = [
            wrap_key(self._kek, secrets.token_bytes(NONCE_BYTES), key, key_aad(log, subject))
            for subject, key in keys.items()
        ]
        async with leased(self._pool, "keys") as connection:
            with translated("keys"):
                status = await connection.execute(_CREATE, log, list(keys), wrapped)
        if status == f"INSERT 0 {len(keys)}":
            return dict(keys)
        found = await self.get(log, list(keys))
        if len(found) != len(keys):
            raise Unavailable("expected the keys just created, but one was destroyed meanwhile", where="keys")
        return found

    async def destroy(self, log: str, subjects: Sequence[str]) -> int:
        """Destroy keys; returns how many there were. Safe to repeat: a repeat cleans up again.

        Raises Unavailable; the keys may be deleted then, and what is left of them in the table's file is not.
        """
        async with leased(self._pool, "keys") as connection:
            with translated("keys"):
                gone = await connection.fetch(_DESTROY, log, list(subjects))
                # A plain VACUUM frees the place and leaves the bytes in it; FULL writes the table anew without them.
                await connection.execute("VACUUM (FULL) subject_keys")
        return len(gone)

    def _unwrap(self, log: str, subject: str, wrapped: bytes) -> bytes:
        return unwrap_key(self._kek, wrapped, key_aad(log, subject))


async def _check_kek(connection: asyncpg.Connection[asyncpg.Record], kek: bytes) -> None:
    box = await connection.fetchval("SELECT box FROM key_check")
    if box is None:
        box = seal(kek, secrets.token_bytes(NONCE_BYTES), _CHECK, _CHECK_AAD)
        await connection.execute("INSERT INTO key_check VALUES (true, $1)", box)
    try:
        open_(kek, box, _CHECK_AAD)
    except Corrupt:
        raise Misconfigured(
            "expected the key file under which this database's keys were wrapped, got another: every node needs "
            "the same one"
        ) from None
