"""Restoring the data: all of it in one transaction, with each log's root recomputed and its new epoch opened in it.

Nothing of a backup is in force before every log in it verifies, and no log goes on without saying what was lost.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Final

import asyncpg
import msgspec

from command.backup.archive import LogEnd, Manifest, Member, Reader
from command.backup.dump import connected
from command.backup.epoch import frontier_of, next_epoch, opened_as, opening
from command.backup.tables import migrations, quoted, set_numbers, tables
from command.domain.envelope import Actor
from command.errors import Conflict, Corrupt, Misconfigured
from command.ledger import merkle
from command.store.batch import EMPTY_ROOT
from command.store.pg_errors import translated
from command.store.ports import AuditRow, Head

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]

_READ: Final = 2_000

_HEADS = "CREATE TEMPORARY TABLE restored_heads (LIKE public.heads) ON COMMIT DROP"
_BEGIN_HEADS = """
INSERT INTO heads (log, epoch, seq, frontier, root, created_at)
SELECT log, 1, 0, '{}', $1, created_at FROM restored_heads
"""
_MOVE_HEADS = """
UPDATE heads h SET epoch = r.epoch, seq = r.seq, frontier = r.frontier, root = r.root, recorded_at = r.recorded_at
FROM restored_heads r WHERE r.log = h.log AND (r.epoch, r.seq) <> (1, 0)
"""
_HEAD = """
SELECT log, epoch, seq, frontier, root, recorded_at, clock_timestamp() AS wall FROM heads ORDER BY log
"""
_EVENT = """
INSERT INTO events (log, seq, recorded_at, id, type, header, leaf) VALUES ($1, $2, $3, $4, 'LogRestored', $5, $6)
"""
_FIRST = "SELECT header FROM events WHERE log = $1 ORDER BY type <> 'IncidentOpened', seq LIMIT 1"
_MOVE = "UPDATE heads SET epoch = $2, seq = $3, frontier = $4, root = $5, recorded_at = $6 WHERE log = $1"
_AUDIT = """
INSERT INTO audit (at, who, session, source, action, object, outcome, detail) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
# Whoever was signed in at the moment of the backup is not any more, and no link of then lets anyone in.
_END_SESSIONS = "UPDATE sessions SET revoked_at = clock_timestamp() WHERE revoked_at IS NULL"
_END_LINKS = "UPDATE links SET redeemed_at = clock_timestamp() WHERE redeemed_at IS NULL"


class Lost(msgspec.Struct, frozen=True):
    """What is known of a log that is replaced: its last epoch and event."""

    epoch: int
    seq: int


class Restored(msgspec.Struct, frozen=True):
    """A log as it goes on."""

    log: str
    kept: int  # its last event that is in the backup
    epoch: int  # the one that begins
    lost_to: int | None


async def in_use(dsn: str) -> list[str]:
    """The tables in which there is something already."""
    connection = await connected(dsn)
    try:
        with translated("restore"):
            return [
                table.name
                for table in await tables(connection)
                if await connection.fetchval(f"SELECT EXISTS (SELECT FROM {quoted(table.name)})")
            ]
    finally:
        await connection.close()


async def load_data(
    dsn: str, reader: Reader, audit: AuditRow, lost: Mapping[str, Lost] | None = None
) -> tuple[Manifest, list[Restored]]:
    """Fill an empty, migrated database. `dsn`: as the owner; `audit`: the entry of this act.

    Raises Conflict for a database that is not empty, Misconfigured for a backup of another version, Corrupt for one
    whose parts do not agree: then nothing was done.
    """
    connection = await connected(dsn)
    try:
        with translated("restore"):
            async with connection.transaction():
                await _fill(connection, reader)
                manifest = _whole(reader)
                await _check_version(connection, manifest)
                await _check_logs(connection, manifest.logs)
                await set_numbers(connection)
                await connection.execute(_END_SESSIONS)
                await connection.execute(_END_LINKS)
                done = await _open_epochs(connection, manifest, audit, lost or {})
                await connection.execute(_AUDIT, *msgspec.structs.astuple(audit))
    finally:
        await connection.close()
    return manifest, done


async def _fill(connection: Connection, reader: Reader) -> None:
    known = {table.name: set(table.columns) for table in await tables(connection)}
    await connection.execute(_HEADS)
    for member in reader:
        if member.name not in known or not set(member.columns) <= known[member.name]:
            raise Misconfigured(f"expected tables that this version knows, got {member.name} with other columns")
        if await connection.fetchval(f"SELECT EXISTS (SELECT FROM {quoted(member.name)})"):
            raise Conflict(f"expected an empty database, found something in {member.name}", where="restore")
        target = Member("restored_heads", member.columns) if member.name == "heads" else member
        await copy_in(connection, target, reader.content())
        if member.name == "heads":
            # A head starts at nothing and moves only onto events that are there: the trigger checks it here as well.
            await connection.execute(_BEGIN_HEADS, EMPTY_ROOT)
            await connection.execute(_MOVE_HEADS)


async def copy_in(connection: Connection, member: Member, content: Iterator[bytes]) -> None:
    """Fill a table from a member."""

    async def chunks() -> AsyncIterator[bytes]:
        for chunk in content:
            yield chunk

    await connection.copy_to_table(member.name, source=chunks(), columns=list(member.columns), format="binary")


def _whole(reader: Reader) -> Manifest:
    if reader.manifest is None:
        raise Corrupt("expected the manifest at the end of the backup, got none", where="backup")
    return reader.manifest


async def _check_version(connection: Connection, manifest: Manifest) -> None:
    """What was migrated there is the beginning of what is migrated here."""
    ours = await migrations(connection)
    if ours[: len(manifest.migrations)] != manifest.migrations:
        raise Misconfigured(f"expected a backup of this version or an earlier one, got one of {manifest.program}")


async def _check_logs(connection: Connection, logs: tuple[LogEnd, ...]) -> None:
    """Each log's root, from the exact header bytes that came in, is the one that the backup was made with."""
    for end in logs:
        frontier: merkle.Frontier = ()
        seq = 0
        while rows := await connection.fetch(
            "SELECT seq, header, leaf FROM events WHERE log = $1 AND seq > $2 ORDER BY seq LIMIT $3",
            end.log,
            seq,
            _READ,
        ):
            leaves = [merkle.leaf_hash(row["header"]) for row in rows]
            if leaves != [row["leaf"] for row in rows] or [row["seq"] for row in rows] != [
                *range(seq + 1, seq + 1 + len(rows))
            ]:
                raise Corrupt("expected a gapless log whose leaves are its headers', got another", where=end.log)
            frontier = frontier_of(leaves, seq, frontier)
            seq = rows[-1]["seq"]
        if (seq, merkle.root_of(frontier).hex()) != (end.seq, end.root):
            raise Corrupt(f"expected {end.seq} events with the root {end.root}, got others", where=end.log)


async def _open_epochs(
    connection: Connection, manifest: Manifest, audit: AuditRow, lost: Mapping[str, Lost]
) -> list[Restored]:
    done = []
    taken_at = datetime.fromisoformat(manifest.taken_at)
    for row in await connection.fetch(_HEAD):
        head = Head(
            row["log"], row["epoch"], row["seq"], tuple(row["frontier"]), row["root"], row["recorded_at"], row["wall"]
        )
        before = lost.get(head.log)
        epoch = next_epoch(head.epoch, head.wall, before.epoch if before else 0)
        lost_to = before.seq if before and before.epoch == head.epoch and before.seq > head.seq else None
        if head.seq == 0:  # never opened: there is nothing that could be lost of it, and nothing to say it in
            await connection.execute("UPDATE heads SET epoch = $2 WHERE log = $1", head.log, epoch)
        else:
            first = await connection.fetchval(_FIRST, head.log)
            clock, agency = opened_as(first)
            by = Actor(audit.who, agency)
            event, after = opening(
                head, clock, backup=manifest.id, taken_at=taken_at, epoch=epoch, by=by, lost_to=lost_to
            )
            cmd = f"restore:{manifest.id}:{epoch}.0"
            await connection.execute(_EVENT, head.log, event.seq, after.recorded_at, cmd, event.header, event.leaf)
            await connection.execute(
                _MOVE, head.log, epoch, after.seq, list(after.frontier), after.root, after.recorded_at
            )
        done.append(Restored(head.log, head.seq, epoch, lost_to))
    return done
