"""Subject keys on PostgreSQL, in a database of their own, wrapped under a key that is in a file.

Three things are kept apart: the data (and its backups) hold encrypted disclosures; this database holds the
subjects' keys, encrypted under the key-encryption key; and that key is a file outside both. Nodes that share the
database share the file: copy it to each of them, by hand, once (docs: "Several nodes").

How complete a destruction is: the row is deleted and the table rewritten, so that the wrapped key is in no file of
the table. It may still be in the write-ahead log until that is recycled, and in older backups of this database:
they must be short-lived, and only when the last of them is gone is an expungement complete.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self

import asyncpg

from command.errors import Corrupt, Misconfigured, Unavailable
from command.ledger.box import NONCE_BYTES, key_aad, open_, seal, unwrap_key, wrap_key
from command.store.batch import check_keys
from command.store.keyring import key_id
from command.store.pg_errors import translated
from command.store.postgres import check_settings, leased, open_pool

if TYPE_CHECKING:
    from command.store.postgres import Pool

LOCK = 0x6D75736B  # whoever makes tables or turns to another wrapping key holds it
CHECK = b"muster key-encryption key"
CHECK_AAD = b"key-check"

Reread = Callable[[], Sequence[bytes]]

TABLES = """
CREATE TABLE IF NOT EXISTS subject_keys (
    log     text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    wrapped bytea            NOT NULL,
    kek     text             NOT NULL,
    PRIMARY KEY (log, subject)
);
CREATE TABLE IF NOT EXISTS key_check (
    only_one boolean PRIMARY KEY CHECK (only_one), box bytea NOT NULL, kek text NOT NULL
);
ALTER TABLE subject_keys ADD COLUMN IF NOT EXISTS kek text NOT NULL DEFAULT '';
ALTER TABLE key_check ADD COLUMN IF NOT EXISTS kek text NOT NULL DEFAULT '';
CREATE TABLE IF NOT EXISTS secret_check (only_one boolean PRIMARY KEY CHECK (only_one), id text NOT NULL);
CREATE TABLE IF NOT EXISTS key_ends (
    log     text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    at      timestamptz      NOT NULL,
    PRIMARY KEY (log, subject)
);
CREATE TABLE IF NOT EXISTS key_backups (
    id         text COLLATE "C" PRIMARY KEY,
    made_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz NOT NULL,
    gone_at    timestamptz
);
"""
# The share lock makes whoever turns to another wrapping key wait for this, and this see it: nothing is wrapped under a
# key that has been retired meanwhile.
_NAMED = "SELECT kek FROM key_check"
_TURNS = 4  # so often keys may be wrapped anew within one call; once is already rare
_CREATE = """
WITH now AS MATERIALIZED (SELECT kek FROM key_check WHERE kek = $4 FOR SHARE)
INSERT INTO subject_keys (log, subject, wrapped, kek)
SELECT $1, new.*, now.kek FROM unnest($2::text[], $3::bytea[]) AS new (subject, wrapped), now ORDER BY 2
ON CONFLICT DO NOTHING
"""
_GET = "SELECT subject, wrapped, kek FROM subject_keys WHERE log = $1 AND subject = ANY ($2::text[])"
_DESTROY = """
WITH gone AS (DELETE FROM subject_keys WHERE log = $1 AND subject = ANY ($2::text[]) RETURNING log, subject)
INSERT INTO key_ends (log, subject, at) SELECT log, subject, clock_timestamp() FROM gone
ON CONFLICT (log, subject) DO UPDATE SET at = excluded.at RETURNING subject
"""


class PostgresKeyStore:
    """Implements `ports.KeyStore`. Made by `connect`; an async context manager that closes itself."""

    def __init__(self, pool: Pool, keks: dict[str, bytes], current: str, again: Reread) -> None:
        self._pool = pool
        self._keks = keks
        self._current = current
        self._again = again

    @classmethod
    async def connect(
        cls, dsn: str, kek: bytes, *, connections: int = 2, again: Reread = lambda: ()
    ) -> PostgresKeyStore:
        """Connect to the key database as its owner and make its tables.

        `again` reads the wrapping keys from their files once more: after a rotation there is another.

        Raises Misconfigured when the database's keys were wrapped under another key, or when it would not keep what
        it says it kept; Unavailable when it is away.
        """
        pool = await open_pool(dsn, connections)
        keks = {key_id(one): one for one in (kek, *again())}
        try:
            async with leased(pool, "keys") as connection:
                with translated("keys"):
                    await check_settings(connection)
                    async with connection.transaction():
                        await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
                        await connection.execute(TABLES)
                        current = await _check_kek(connection, kek, keks)
        except BaseException:
            pool.terminate()
            raise
        return cls(pool, keks, current, again)

    @property
    def pool(self) -> Pool:
        """The key database's connections, for its register and for wrapping anew."""
        return self._pool

    @property
    def current(self) -> str:
        """The id of the key under which this node wraps."""
        return self._current

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
        return {
            row["subject"]: unwrap_key(self._kek(row["kek"]), row["wrapped"], key_aad(log, row["subject"]))
            for row in rows
        }

    async def create(self, log: str, keys: dict[str, bytes]) -> dict[str, bytes]:
        """Durably store new keys; a subject that has one keeps it. Returns the keys now in force."""
        check_keys(keys)
        if not keys:
            return {}
        if await self._insert(log, keys) == len(keys):
            return dict(keys)
        found = await self.get(log, list(keys))
        if len(found) == len(keys):
            return found
        for _ in range(_TURNS):
            await self._turn()  # nothing goes in under a key that is being retired
            await self._insert(log, keys)
            found = await self.get(log, list(keys))
            if len(found) == len(keys):
                return found
        raise Unavailable("expected the keys just created, but one was destroyed meanwhile", where="keys")

    async def _insert(self, log: str, keys: dict[str, bytes]) -> int:
        """How many were new."""
        kek = self._keks[self._current]
        wrapped = [
            wrap_key(kek, secrets.token_bytes(NONCE_BYTES), key, key_aad(log, subject)) for subject, key in keys.items()
        ]
        async with leased(self._pool, "keys") as connection:
            with translated("keys"):
                status = await connection.execute(_CREATE, log, list(keys), wrapped, self._current)
        return int(status.rpartition(" ")[2])

    async def destroy(self, log: str, subjects: Sequence[str]) -> int:
        """Destroy keys; returns how many there were. Safe to repeat: a repeat cleans up again.

        That they ended, and when, stays on the register: a backup from before still holds them.
        Raises Unavailable; the keys may be deleted then, and what is left of them in the table's file is not.
        """
        async with leased(self._pool, "keys") as connection:
            with translated("keys"):
                gone = await connection.fetch(_DESTROY, log, list(subjects))
                # A plain VACUUM frees the place and leaves the bytes in it; FULL writes the table anew without them.
                await connection.execute("VACUUM (FULL) subject_keys")
        return len(gone)

    async def _turn(self) -> None:
        """Wrap under the key that the database names by now. Raises Unavailable where this node does not have it."""
        async with leased(self._pool, "keys") as connection:
            with translated("keys"):
                named = await connection.fetchval(_NAMED)
                if not self._known(named):  # read before the files were, which may be of the next one by then
                    named = await connection.fetchval(_NAMED)
        self._kek(named)
        self._current = named

    def _known(self, named: str) -> bool:
        if named not in self._keks:
            self._keks |= {key_id(one): one for one in self._again()}
        return named in self._keks

    def _kek(self, named: str) -> bytes:
        if not self._known(named):
            raise Unavailable(
                f"expected the wrapping key {named} in this node's key files: keys were wrapped anew, copy the files here",
                where="keys",
            )
        return self._keks[named]


async def wrapped_under(dsn: str) -> str:
    """The id of the wrapping key that a key store names, before it is opened; "" where it is new."""
    with translated("keys"):
        connection = await asyncpg.connect(dsn)
        try:
            if await connection.fetchval("SELECT to_regclass('key_check')") is None:
                return ""
            return str(await connection.fetchval("SELECT kek FROM key_check") or "")
        finally:
            await connection.close()


async def _check_kek(connection: asyncpg.Connection[asyncpg.Record], kek: bytes, keks: dict[str, bytes]) -> str:
    """The id of the key that wraps now. Raises Misconfigured where none of ours is it."""
    row = await connection.fetchrow("SELECT box, kek FROM key_check")
    if row is None:
        box = seal(kek, secrets.token_bytes(NONCE_BYTES), CHECK, CHECK_AAD)
        await connection.execute("INSERT INTO key_check VALUES (true, $1, $2)", box, key_id(kek))
        return key_id(kek)
    named: str = row["kek"] or key_id(kek)
    try:
        open_(keks.get(named, kek), row["box"], CHECK_AAD)
    except Corrupt:
        raise Misconfigured(
            "expected the key file under which this database's keys were wrapped, got another: every node needs "
            "the same one"
        ) from None
    if not row["kek"]:  # made when there was only ever one key
        await connection.execute("UPDATE key_check SET kek = $1", named)
        await connection.execute("UPDATE subject_keys SET kek = $1 WHERE kek = ''", named)
    return named
