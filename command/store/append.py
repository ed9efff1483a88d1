"""One locked append on PostgreSQL: lock, look up, COPY per table, move the head, commit."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import asyncpg

from command.errors import Conflict, NotFound, Unavailable
from command.store.batch import HeaderFacts, check_batch, sessions_to_check
from command.store.pg_errors import DRIVER_ERRORS, outcome_is_known, translated
from command.store.ports import HELD_BACK, AuditRow, Batch, CommandRow, EventRow, Head, OutcomeUnknown

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]

_STOPPED_S = 2.0  # as idle_in_transaction_session_timeout: no COPY of ours waits so long for its own sender
_ROLLBACK_S = 2.0  # a connection that cannot roll back by then is thrown away, which rolls back too

# The clock is read outside the locking sub-query, that is: after the lock was got.
_LOCK = """
SELECT h.*, clock_timestamp() AS wall FROM (
    SELECT log, epoch, seq, frontier, root, recorded_at FROM heads WHERE log = $1 FOR UPDATE
) h
"""
_COMMANDS = """
SELECT cmd, actor, digest, first_seq, last_seq, answer FROM commands WHERE log = $1 AND cmd = ANY ($2::text[])
"""
_LIVE = """
SELECT id FROM sessions, (SELECT clock_timestamp() AS now) clock
WHERE id = ANY ($1::text[]) AND revoked_at IS NULL AND locked_at IS NULL
  AND absolute_until > now AND last_active_at + make_interval(secs => idle_s) > now
UNION ALL
SELECT one FROM unnest($1::text[]) AS asked (one) JOIN devices ON id = substr(one, 8)
WHERE one LIKE 'device:%' AND revoked_at IS NULL
"""
_TURNED_DOWN = "SELECT id FROM quarantine WHERE id = ANY ($1::text[]) AND outcome = 'rejected'"
_EVENTS = "SELECT seq, header, leaf FROM events WHERE log = $1 AND seq > $2 AND seq <= $3 ORDER BY seq"
# A node that stops in the middle of a COPY is not idle to the database: neither its time limit for idle transactions
# nor that for statements ends it. Whoever waits for the head row in vain ends it: same role, so it may.
_FREE = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity a
WHERE datname = current_database() AND usename = current_user AND query LIKE 'COPY %'
  AND state = 'active' AND wait_event = 'ClientRead' AND state_change < clock_timestamp() - make_interval(secs => $1)
  AND EXISTS (SELECT FROM pg_locks l WHERE l.pid = a.pid AND l.relation = 'heads'::regclass AND l.mode = 'RowShareLock')
"""
_MOVE = "UPDATE heads SET epoch = $2, seq = $3, frontier = $4, root = $5, recorded_at = $6 WHERE log = $1"
_REDACT = "SELECT redact_disclosures($1, $2, $3)"

AUDIT_COLUMNS = ("at", "who", "session", "source", "action", "object", "outcome", "detail")


def head_of(row: asyncpg.Record) -> Head:
    """A head from a row of `heads` with `wall`."""
    return Head(
        row["log"], row["epoch"], row["seq"], tuple(row["frontier"]), row["root"], row["recorded_at"], row["wall"]
    )


def event_of(row: asyncpg.Record) -> EventRow:
    """An event from its row."""
    return EventRow(row["seq"], row["header"], row["leaf"])


def audit_record(row: AuditRow) -> tuple[Any, ...]:
    """An audit entry in the order of AUDIT_COLUMNS."""
    return (row.at, row.who, row.session, row.source, row.action, row.object, row.outcome, row.detail)


class PostgresAppend:
    """Implements `ports.Append` over one connection within one transaction."""

    def __init__(self, connection: Connection, head: Head) -> None:
        self._connection = connection
        self.head = head
        self._over = False

    @classmethod
    async def begin(cls, connection: Connection, log: str) -> PostgresAppend:
        """Start a transaction and lock the head. Raises NotFound, Unavailable."""
        with translated(log):
            try:
                row = await _lock(connection, log)
            except asyncpg.LockNotAvailableError:
                await connection.execute("ROLLBACK")
                if not await connection.fetchval(_FREE, _STOPPED_S):
                    raise
                row = await _lock(connection, log)
        if row is None:
            await roll_back(connection)
            raise NotFound("no such log", where=log)
        return cls(connection, head_of(row))

    async def events_after(self, seq: int) -> list[EventRow]:
        """Events up to the locked head."""
        with translated(self.head.log):
            rows = await self._connection.fetch(_EVENTS, self.head.log, seq, self.head.seq)
        return [event_of(row) for row in rows]

    async def commands(self, ids: Sequence[str]) -> dict[str, CommandRow]:
        """Commands of this log already answered."""
        with translated(self.head.log):
            rows = await self._connection.fetch(_COMMANDS, self.head.log, list(ids))
        return {row["cmd"]: CommandRow(*row.values()) for row in rows}

    async def revoked(self, sessions: Sequence[str]) -> set[str]:
        """Which of these sessions have ended, by the database's clock, which devices were revoked (`device:<id>`), and
        what of what was held back was turned down. Costs nothing for exempt ones."""
        held = [one.removeprefix(HELD_BACK) for one in sessions if one.startswith(HELD_BACK)]
        wanted = sessions_to_check(sessions)
        ended: set[str] = set()
        with translated(self.head.log):
            if held:
                ended = {HELD_BACK + row["id"] for row in await self._connection.fetch(_TURNED_DOWN, held)}
            if wanted:
                ended |= wanted - {row["id"] for row in await self._connection.fetch(_LIVE, list(wanted))}
        return ended

    async def commit(self, batch: Batch) -> None:
        """Write and commit. Raises OutcomeUnknown, Unavailable, Conflict; after the latter two nothing is written."""
        if self._over:
            raise Conflict("expected one commit within the lock, got another", where=self.head.log)
        facts = check_batch(self.head, batch)
        with translated(self.head.log):
            await self._write(batch, facts)
        self._over = True
        # Whoever waits may be cancelled; a COMMIT under way is not, for a cancelled one has no known outcome.
        task = asyncio.create_task(self._commit(), name=f"commit {self.head.log}")
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            await asyncio.wait([task])
            if not task.cancelled():
                task.exception()  # taken note of: the canceller asked for no answer
            raise

    async def _write(self, batch: Batch, facts: list[HeaderFacts]) -> None:
        log, head = self.head.log, batch.head
        await self._copy(
            "events",
            ("log", "seq", "recorded_at", "id", "type", "header", "leaf"),
            [
                (log, row.seq, fact.recorded_at, fact.id, fact.type, row.header, row.leaf)
                for row, fact in zip(batch.events, facts, strict=True)
            ],
        )
        await self._copy(
            "disclosures",
            ("log", "seq", "path", "subject", "box"),
            [(log, row.seq, row.path, row.subject, row.box) for row in batch.disclosures],
        )
        await self._copy(
            "commands",
            ("log", "cmd", "actor", "digest", "first_seq", "last_seq", "answer"),
            [(log, row.cmd, row.actor, row.digest, row.first_seq, row.last_seq, row.answer) for row in batch.commands],
        )
        await self._copy("audit", AUDIT_COLUMNS, [audit_record(row) for row in batch.audit])
        if (head.epoch, head.seq) != (self.head.epoch, self.head.seq):
            await self._connection.execute(
                _MOVE, log, head.epoch, head.seq, list(head.frontier), head.root, head.recorded_at
            )
        for subject in batch.redact_subjects:
            await self._connection.execute(_REDACT, log, subject, [])
        if batch.redact_seqs:
            await self._connection.execute(_REDACT, log, None, list(batch.redact_seqs))

    async def _copy(self, table: str, columns: Sequence[str], records: list[tuple[Any, ...]]) -> None:
        if records:
            await self._connection.copy_records_to_table(table, columns=columns, records=records)

    async def _commit(self) -> None:
        try:
            status = await self._connection.execute("COMMIT")
        except DRIVER_ERRORS as error:
            if outcome_is_known(error):
                with translated(self.head.log):
                    raise
            _cut(self._connection)
            raise OutcomeUnknown(f"the connection was lost at COMMIT: {type(error).__name__}") from error
        if status != "COMMIT":
            raise Unavailable(f"expected COMMIT, the database answered {status}", where=self.head.log)

    async def finish(self) -> None:
        """End the transaction if `commit` has not."""
        if not self._over:
            self._over = True
            await roll_back(self._connection)


async def _lock(connection: Connection, log: str) -> asyncpg.Record | None:
    await connection.execute("BEGIN")
    return await connection.fetchrow(_LOCK, log)


async def roll_back(connection: Connection) -> None:
    """Roll back, or where that fails throw the connection away, which has the same effect."""
    try:
        if not connection.is_closed():
            await connection.execute("ROLLBACK", timeout=_ROLLBACK_S)
    except DRIVER_ERRORS:
        _cut(connection)
    except BaseException:
        _cut(connection)
        raise


def _cut(connection: Connection) -> None:
    with suppress(asyncpg.InterfaceError):  # a lost connection may have left its pool already
        connection.terminate()
