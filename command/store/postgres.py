"""The store on PostgreSQL, embedded or not.

The application's role connects here; the tables are made by `migrate` beforehand.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Self

import asyncpg
import msgspec
import structlog

from command.errors import Misconfigured, NotFound, Unavailable
from command.store.append import AUDIT_COLUMNS, PostgresAppend, audit_record, event_of, head_of
from command.store.batch import EMPTY_ROOT
from command.store.hints import Notifier, listen
from command.store.pg_errors import DRIVER_ERRORS, translated
from command.store.ports import (
    WHOLE_TRAIL,
    Append,
    AuditQuery,
    AuditRow,
    DisclosureRow,
    EventRow,
    Head,
    PackRow,
)

_CONNECT_S = 10.0
_ACQUIRE_S = 5.0  # a caller who waits longer for a connection is told that the record cannot be kept now
_CLIENT_S = 40.0  # over the server's own limit, for a server that no longer answers at all

_SESSION = {
    "application_name": "muster",
    "timezone": "UTC",
    # A node that stops in the middle of an append gives the head row up, so that the others can go on.
    "idle_in_transaction_session_timeout": "2s",
    # Over the 2 s above: a waiting node outlives a stopped one, or frees the row itself (append.py).
    "lock_timeout": "3s",
    "statement_timeout": "30s",
    # Every query here has an index that gives its order. Without statistics, as on a log that grew within the last
    # minute, the planner would rather collect and sort the whole log: measured ten times slower, growing with the log.
    "enable_seqscan": "off",
    "enable_bitmapscan": "off",
}

_HEAD = "SELECT log, epoch, seq, frontier, root, recorded_at, clock_timestamp() AS wall FROM heads"
_CREATE = """
INSERT INTO heads (log, epoch, seq, frontier, root) VALUES ($1, 1, 0, '{}', $2) ON CONFLICT DO NOTHING RETURNING log
"""
_EVENTS = "SELECT seq, header, leaf FROM events WHERE log = $1 AND seq > $2 ORDER BY seq LIMIT $3"
_EVENTS_BEFORE = "SELECT seq, header, leaf FROM events WHERE log = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3"
_LEAVES = "SELECT seq, leaf FROM events WHERE log = $1 AND seq > $2 ORDER BY seq LIMIT $3"
_DISCLOSURES = """
SELECT seq, path, subject, box FROM disclosures WHERE log = $1 AND seq = ANY ($2::bigint[]) ORDER BY seq, path
"""
_TOLD_OF = """
SELECT s.subject FROM unnest($2::text[]) AS s(subject)
WHERE EXISTS (SELECT FROM disclosures d WHERE d.log = $1 AND d.subject = s.subject)
"""
_SNAPSHOT = """
SELECT seq, root, state FROM snapshots WHERE log = $1 AND version = $2 AND seq <= $3 ORDER BY seq DESC LIMIT 1
"""
_PUT_SNAPSHOT = """
INSERT INTO snapshots (log, version, seq, root, state)
SELECT $1, $2, $3, $4, $5 WHERE EXISTS (SELECT FROM heads WHERE log = $1)
ON CONFLICT (log, version, seq) DO UPDATE SET root = excluded.root, state = excluded.state
"""
_PUT_PACK = "INSERT INTO packs (digest, name, raw) VALUES ($1, $2, $3) ON CONFLICT (digest) DO NOTHING"
_PACKS = "SELECT digest, name, raw FROM packs WHERE digest = ANY($1::text[])"
# Only what is asked for is in the statement, so that each kind of search has a plan of its own; values never are.
_AUDIT = "SELECT number, at, who, session, source, action, object, outcome, detail FROM audit WHERE true"
_AUDIT_CONDITIONS = {
    "before": "number < ",
    "who": "who = ",
    "action": "action = ",
    "object": "object = ",
    "outcome": "outcome = ",
    "since": "at >= ",
    "until": "at < ",
}
# Under a number that no entry has, so that the trail's own numbering shows no hole for it.
_TRY_AUDIT = """
INSERT INTO audit (number, at, who, session, source, action, object, outcome, detail)
OVERRIDING SYSTEM VALUE VALUES (0, clock_timestamp(), '-', '', 'script', 'unknown', '-', 'ok', '')
"""

_logger = structlog.get_logger("store.postgres")

if TYPE_CHECKING:
    Pool = asyncpg.Pool[asyncpg.Record]


class PostgresStore:
    """Implements `ports.Store`. Made by `connect`; an async context manager that closes itself."""

    def __init__(
        self, dsn: str, appenders: Pool, readers: Pool, wall: Callable[[datetime], datetime] | None = None
    ) -> None:
        self._dsn = dsn
        self._wall = wall
        self._appenders = appenders
        self.pool = readers  # for the tables beside the log (accounts, sessions); never for an append
        self._node = secrets.token_hex(8)
        self._notifier = Notifier(readers, self._node)
        self._task = asyncio.create_task(self._notifier.run(), name="store notifier")

    @classmethod
    async def connect(
        cls,
        dsn: str,
        *,
        appenders: int = 4,
        readers: int = 4,
        wall: Callable[[datetime], datetime] | None = None,
    ) -> PostgresStore:
        """Connect as the application. `wall`: what the time is when the database's clock says so much (it may be set back).

        Raises Unavailable when the database is away, Misconfigured when it would not keep what it says it kept, or lacks
        the tables.
        """
        append_pool = await open_pool(dsn, appenders)
        try:
            async with leased(append_pool, "start") as connection:
                with translated("start"):
                    await check_settings(connection)
                    await _check_tables(connection)
            read_pool = await open_pool(dsn, readers)
        except BaseException:
            append_pool.terminate()
            raise
        return cls(dsn, append_pool, read_pool, wall)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """End the notifier, then the connections; those still busy after a while are cut."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        for pool in (self._appenders, self.pool):
            try:
                async with asyncio.timeout(_ACQUIRE_S):
                    await pool.close()
            except DRIVER_ERRORS:
                pool.terminate()

    async def create_log(self, log: str, audit: Sequence[AuditRow] = ()) -> None:
        """Make an empty log, with its audit entries in the same transaction. Creating it again is a no-op."""
        async with leased(self._appenders, log) as connection:
            with translated(log):
                async with connection.transaction():
                    if await connection.fetchval(_CREATE, log, EMPTY_ROOT) is not None:
                        await _write_audit(connection, audit)

    async def logs(self) -> list[Head]:
        """All heads, in the order of log ids."""
        return [head_of(row) for row in await self._fetch("logs", f"{_HEAD} ORDER BY log")]

    async def head(self, log: str) -> Head | None:
        """Where a log ends now, or None for an unknown one."""
        rows = await self._fetch(log, f"{_HEAD} WHERE log = $1", log)
        return head_of(rows[0]) if rows else None

    @asynccontextmanager
    async def append(self, log: str) -> AsyncIterator[Append]:
        """Lock the head row. Raises NotFound, Unavailable."""
        async with leased(self._appenders, log) as connection:
            append = await PostgresAppend.begin(connection, log)
            if self._wall is not None:
                append.head = msgspec.structs.replace(append.head, wall=self._wall(append.head.wall))
            try:
                yield append
            finally:
                await append.finish()

    async def events(self, log: str, after: int, limit: int) -> list[EventRow]:
        """Events with seq > after, in order."""
        return [event_of(row) for row in await self._fetch(log, _EVENTS, log, after, limit)]

    async def events_before(self, log: str, before: int, limit: int) -> list[EventRow]:
        """The last `limit` events with seq < before, in order."""
        rows = await self._fetch(log, _EVENTS_BEFORE, log, before, limit)
        return [event_of(row) for row in reversed(rows)]

    async def leaves(self, log: str, after: int, limit: int) -> list[tuple[int, bytes]]:
        """(seq, leaf hash) with seq > after, in order."""
        return [(row["seq"], row["leaf"]) for row in await self._fetch(log, _LEAVES, log, after, limit)]

    async def disclosures(self, log: str, seqs: Sequence[int]) -> list[DisclosureRow]:
        """The disclosures still kept of these events, by seq and path."""
        rows = await self._fetch(log, _DISCLOSURES, log, list(seqs))
        return [DisclosureRow(*row.values()) for row in rows]

    async def told_of(self, log: str, subjects: Sequence[str]) -> set[str]:
        """Those of these subjects of whom a disclosure is kept."""
        return {row["subject"] for row in await self._fetch(log, _TOLD_OF, log, list(subjects))}

    async def seq_at(self, log: str, at: datetime) -> int:
        """The last seq recorded at or before `at`; 0 if none."""
        rows = await self._fetch(log, "SELECT seq_at($1, $2) AS seq", log, at)
        return int(rows[0]["seq"])

    async def snapshot(self, log: str, upto: int, version: str) -> tuple[int, bytes, bytes] | None:
        """The newest cached snapshot with seq <= upto of this fold version."""
        rows = await self._fetch(log, _SNAPSHOT, log, version, upto)
        return (rows[0]["seq"], rows[0]["root"], rows[0]["state"]) if rows else None

    async def put_snapshot(self, log: str, seq: int, root: bytes, version: str, state: bytes) -> None:
        """Cache a snapshot. Raises NotFound for an unknown log."""
        async with leased(self.pool, log) as connection:
            with translated(log):
                status = await connection.execute(_PUT_SNAPSHOT, log, version, seq, root, state)
        if status == "INSERT 0 0":
            raise NotFound("no such log", where=log)

    async def put_packs(self, packs: Sequence[PackRow], audit: Sequence[AuditRow] = ()) -> None:
        """Keep rule packs for good, with their audit entries; one that is kept already stays as it is."""
        async with leased(self.pool, "packs") as connection:
            with translated("packs"):
                async with connection.transaction():
                    await connection.executemany(_PUT_PACK, [(pack.digest, pack.name, pack.raw) for pack in packs])
                    await _write_audit(connection, audit)

    async def packs(self, digests: Sequence[str]) -> list[PackRow]:
        """Those of these packs that are kept."""
        rows = await self._fetch("packs", _PACKS, list(digests))
        return [PackRow(*row.values()) for row in rows]

    async def audit(self, rows: Sequence[AuditRow]) -> None:
        """Append audit entries; returns when they are durable."""
        async with leased(self.pool, "audit") as connection:
            with translated("audit"):
                await _write_audit(connection, rows)

    async def audit_entries(
        self, before: int | None, limit: int, wanted: AuditQuery = WHOLE_TRAIL
    ) -> list[tuple[int, AuditRow]]:
        """The wanted audit entries with number < before (or the newest), newest first."""
        given = {"before": before, **msgspec.structs.asdict(wanted)}
        asked = {name: value for name, value in given.items() if value is not None}
        conditions = "".join(f" AND {_AUDIT_CONDITIONS[name]}${place}" for place, name in enumerate(asked, 1))
        query = f"{_AUDIT}{conditions} ORDER BY number DESC LIMIT ${len(asked) + 1}"
        rows = await self._fetch("audit", query, *asked.values(), limit)
        return [(row["number"], AuditRow(*list(row.values())[1:])) for row in rows]

    async def try_audit(self) -> None:
        """Write an entry and take it back. Raises Untraceable, Unavailable."""
        async with leased(self.pool, "audit") as connection:
            with translated("audit"):
                transaction = connection.transaction()
                await transaction.start()
                try:
                    await connection.execute(_TRY_AUDIT)
                finally:
                    await transaction.rollback()

    async def notify(self, log: str) -> None:
        """Hint other nodes that the log grew: sent soon, together with other hints; never waits."""
        self._notifier.add(log)

    def hints(self) -> AsyncIterator[str]:
        """Log ids that other nodes say grew; our own hints are left out."""
        return listen(self._dsn, self._node)

    async def _fetch(self, where: str, query: str, *args: object) -> list[asyncpg.Record]:
        async with leased(self.pool, where) as connection:
            with translated(where):
                return await connection.fetch(query, *args)


async def open_pool(dsn: str, size: int) -> Pool:
    """A pool of at most `size` connections with our limits. Raises Unavailable, Misconfigured for an unusable URL."""

    async def keep(_connection: object) -> None:
        """Nothing to reset: no statement here changes a session, and a round trip for each lease would be paid."""

    try:
        return await asyncpg.create_pool(
            dsn,
            min_size=1,
            max_size=size,
            max_queries=1_000_000_000,
            max_inactive_connection_lifetime=0,
            timeout=_CONNECT_S,
            command_timeout=_CLIENT_S,
            server_settings=_SESSION,
            reset=keep,
        )
    except (ValueError, asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidCatalogNameError) as error:
        # Never the URL itself: it may hold a password.
        raise Misconfigured(f"expected a usable database URL: {type(error).__name__}") from error
    except DRIVER_ERRORS as error:
        raise Unavailable(f"the database cannot be reached: {type(error).__name__}") from error


@asynccontextmanager
async def leased(pool: Pool, where: str) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    """A connection of a pool for a while. Raises Unavailable when there is none to be had."""
    with translated(where):
        connection = await pool.acquire(timeout=_ACQUIRE_S)
    try:
        yield connection  # type: ignore[misc]  # the pool's proxy has all methods of a connection
    finally:
        try:
            await pool.release(connection)
        except DRIVER_ERRORS as error:
            _logger.warning("connection lost on release", error=type(error).__name__)


async def _write_audit(connection: asyncpg.Connection[asyncpg.Record], rows: Sequence[AuditRow]) -> None:
    if rows:
        await connection.copy_records_to_table(
            "audit", columns=AUDIT_COLUMNS, records=[audit_record(row) for row in rows]
        )


async def check_settings(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    """Check what an acknowledgement stands on. Raises Misconfigured naming the setting; warns without checksums."""
    needed = {"fsync": ("on",), "synchronous_commit": ("on", "remote_apply"), "full_page_writes": ("on",)}
    for name, accepted in needed.items():
        value = await connection.fetchval("SELECT current_setting($1)", name)
        if value not in accepted:
            raise Misconfigured(
                f"expected the database's setting {name} to be {' or '.join(accepted)}, got {value}: "
                "an acknowledged record could be lost"
            )
    if await connection.fetchval("SELECT current_setting($1)", "data_checksums") != "on":
        _logger.warning("the database has no data checksums: a damaged page would go unnoticed")


async def _check_tables(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    if not await connection.fetchval("SELECT to_regclass('heads') IS NOT NULL"):
        raise Misconfigured("expected Muster's tables in the database, found none: it has not been migrated")
