"""Files on PostgreSQL, in the data's own database: its backups hold them, and without the keys they say nothing.

Every act is one short transaction. Whoever adds to an upload holds its advisory lock, so that of two who add at one
offset one does, on whichever node; a node that dies leaves nothing locked.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING

import asyncpg

from command.errors import Busy, NotFound, WrongOffset
from command.store.append import AUDIT_COLUMNS, audit_record
from command.store.pg_errors import translated
from command.store.ports import AuditRow
from command.store.ports_blobs import Copy
from command.store.postgres import leased
from command.uploads.kept import Announced, Blob, End, Part, Progress

if TYPE_CHECKING:
    from command.store.postgres import Pool

    Connection = asyncpg.Connection[asyncpg.Record]

AGAIN_S = 60.0
"""When somebody with too many uploads under way may try again: one of them may have ended by then."""

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended($1, 7))"
_ANNOUNCE = """
INSERT INTO uploads (log, upload, who, attachment, subject, kind, size_bytes, sha256, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""
_OFFSET = """
coalesce((SELECT p.start + p.size_bytes FROM upload_parts p
          WHERE p.log = u.log AND p.upload = u.upload AND NOT p.copy ORDER BY p.start DESC LIMIT 1), 0)
"""
_PROGRESS = f"""
SELECT u.log, u.upload, u.who, u.attachment, u.subject, u.kind, u.size_bytes, u.sha256, u.created_at, u.expires_at,
       {_OFFSET} AS at_byte, e.blob, e.sha256 AS came, e.size_bytes AS came_bytes, e.judged, e.at AS ended_at
FROM uploads u LEFT JOIN upload_ends e ON e.log = u.log AND e.upload = u.upload
"""
_SAME = f"{_PROGRESS} WHERE u.log = $1 AND u.who = $2 AND u.attachment = $3 ORDER BY u.created_at"
_ONE = f"{_PROGRESS} WHERE u.log = $1 AND u.upload = $2"
_OPEN = """
SELECT count(*) FROM uploads u WHERE u.log = $1 AND u.who = $2
  AND NOT EXISTS (SELECT FROM upload_ends e WHERE e.log = u.log AND e.upload = u.upload)
"""
_PARTS = """
SELECT start, size_bytes, box FROM upload_parts
WHERE log = $1 AND upload = $2 AND copy = $3 AND start < $5 AND start + size_bytes > $4 ORDER BY start
"""
_BLOBS = """
SELECT blob, subject, sha256, size_bytes, judged, manifest FROM blobs
WHERE log = $1 AND subject = ANY ($2::text[]) ORDER BY subject, sha256
"""
_BLOB = """
INSERT INTO blobs (log, blob, subject, sha256, size_bytes, judged, manifest) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (log, subject, sha256) DO NOTHING RETURNING blob
"""
_TWIN = "SELECT blob, judged FROM blobs WHERE log = $1 AND subject = $2 AND sha256 = $3"
_END = """
INSERT INTO upload_ends (log, upload, attachment, blob, sha256, size_bytes, judged, who, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
_ENDS = """
SELECT upload, attachment, blob, sha256, size_bytes, judged, who, at FROM upload_ends
WHERE log = $1 AND attachment = ANY ($2::text[]) ORDER BY at, upload
"""
_UNFINISHED = f"""
SELECT u.log, u.upload FROM uploads u
WHERE NOT EXISTS (SELECT FROM upload_ends e WHERE e.log = u.log AND e.upload = u.upload)
  AND {_OFFSET} = u.size_bytes ORDER BY u.log, u.upload LIMIT $1
"""
_EXPIRED = """
SELECT u.log, u.upload FROM uploads u WHERE u.expires_at <= $1
  AND NOT EXISTS (SELECT FROM upload_ends e WHERE e.log = u.log AND e.upload = u.upload)
ORDER BY u.expires_at LIMIT $2
"""
_COLUMNS = ("log", "upload", "copy", "start", "size_bytes", "box")


class PostgresBlobs:
    """Implements `ports_blobs.BlobStore` over a pool that is the caller's to close."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def announce(self, new: Announced, most_open: int, audit: Sequence[AuditRow] = ()) -> Announced:
        """Keep an upload, or find the same one. Raises NotFound, Busy, Unavailable."""
        async with self._turn(new.log, new.who) as connection:
            for row in await connection.fetch(_SAME, new.log, new.who, new.attachment):
                found = _progress(row)
                live = found.end is not None or new.created_at < found.announced.expires_at
                came = found.end is None or found.end.sha256 == new.sha256
                if live and came and found.announced.same_file(new):
                    return found.announced
            if await connection.fetchval(_OPEN, new.log, new.who) >= most_open:
                raise Busy(f"expected at most {most_open} uploads under way", retry_after_s=AGAIN_S)
            try:
                await connection.execute(
                    _ANNOUNCE, new.log, new.upload, new.who, new.attachment, new.subject, new.kind, new.size_bytes,
                    new.sha256, new.created_at, new.expires_at,
                )  # fmt: skip
            except asyncpg.NoDataFoundError:
                raise NotFound("there is no such person here any more", where="subject") from None
            await _trail(connection, audit)
        return new

    async def progress(self, log: str, upload: str) -> Progress | None:
        """How far it has come."""
        rows = await self._fetch(log, _ONE, log, upload)
        return _progress(rows[0]) if rows else None

    async def add(self, log: str, upload: str, offset: int, parts: Sequence[Part]) -> int:
        """Add the next parts, all or none. Raises WrongOffset, NotFound, Unavailable."""
        async with self._turn(log, upload) as connection:
            found = await connection.fetchrow(_ONE, log, upload)
            if found is None:
                raise NotFound("there is no such upload")
            check_next(_progress(found), offset, parts)
            try:
                await connection.copy_records_to_table(
                    "upload_parts", columns=_COLUMNS, records=[_part(log, upload, False, part) for part in parts]
                )
            except asyncpg.ForeignKeyViolationError:  # it was ordered away between the two statements
                raise NotFound("there is no such upload") from None
        return offset + sum(part.size_bytes for part in parts)

    async def parts(self, log: str, blob: str, copy: Copy, start: int, end: int) -> list[Part]:
        """The parts that hold any of the bytes start … end, in order."""
        rows = await self._fetch(log, _PARTS, log, blob, copy == "shown", start, end)
        return [Part(*row.values()) for row in rows]

    async def finish(
        self, log: str, end: End, blob: Blob, shown: Sequence[Part], audit: Sequence[AuditRow] = ()
    ) -> End:
        """Keep what came of a whole upload; the end in force. Raises NotFound, Unavailable."""
        async with self._turn(log, end.upload) as connection:
            row = await connection.fetchrow(_ONE, log, end.upload)
            if row is None:
                raise NotFound("there is no such upload")
            before = _progress(row).end
            if before is not None:
                return before
            made = await connection.fetchval(
                _BLOB, log, blob.blob, blob.subject, blob.sha256, blob.size_bytes, blob.judged, blob.manifest
            )
            kept = end
            if made is None:
                twin = await connection.fetchrow(_TWIN, log, blob.subject, blob.sha256)
                assert twin is not None, "what it conflicts with is committed"
                kept = End(end.upload, end.attachment, twin["blob"], end.sha256, end.size_bytes, twin["judged"],
                           end.who, end.at)  # fmt: skip
            elif shown:
                await connection.copy_records_to_table(
                    "upload_parts", columns=_COLUMNS, records=[_part(log, blob.blob, True, part) for part in shown]
                )
            await connection.execute(
                _END, log, kept.upload, kept.attachment, kept.blob, kept.sha256, kept.size_bytes, kept.judged,
                kept.who, kept.at,
            )  # fmt: skip
            if made is None:
                await connection.execute("SELECT drop_twin($1, $2)", log, end.upload)
            await _trail(connection, audit)
        return kept

    async def drop(self, log: str, upload: str, audit: Sequence[AuditRow] = ()) -> bool:
        """Remove an upload that has no end; whether there was one."""
        async with self._turn(log, upload) as connection:
            gone = bool(await connection.fetchval("SELECT drop_upload($1, $2)", log, upload))
            if gone:
                await _trail(connection, audit)
        return gone

    async def blobs(self, log: str, subjects: Sequence[str]) -> list[Blob]:
        """The files of these subjects."""
        rows = await self._fetch(log, _BLOBS, log, list(subjects)) if subjects else []
        return [Blob(*row.values()) for row in rows]

    async def ends(self, log: str, attachments: Sequence[str]) -> list[End]:
        """What came of the uploads for these attachments, oldest first."""
        rows = await self._fetch(log, _ENDS, log, list(attachments)) if attachments else []
        return [End(*row.values()) for row in rows]

    async def unfinished(self, limit: int) -> list[tuple[str, str]]:
        """(log, upload) of some that are whole and have no end."""
        return [(row["log"], row["upload"]) for row in await self._fetch("uploads", _UNFINISHED, limit)]

    async def expire(self, now: datetime, limit: int) -> int:
        """Remove some that have no end and whose time is over; how many."""
        rows = await self._fetch("uploads", _EXPIRED, now, limit)
        return sum([await self.drop(row["log"], row["upload"]) for row in rows])

    @asynccontextmanager
    async def _turn(self, log: str, what: str) -> AsyncIterator[Connection]:
        """A transaction that has `what` of this log for itself, on every node."""
        async with leased(self._pool, log) as connection:
            with translated(log):
                async with connection.transaction():
                    await connection.execute(_LOCK, f"{log}/{what}")
                    yield connection

    async def _fetch(self, where: str, query: str, *args: object) -> list[asyncpg.Record]:
        async with leased(self._pool, where) as connection:
            with translated(where):
                return await connection.fetch(query, *args)


def check_next(found: Progress, offset: int, parts: Sequence[Part]) -> None:
    """Whether these parts may come next. Raises WrongOffset where they may not."""
    if found.end is not None or found.offset != offset:
        raise WrongOffset(f"expected offset {found.offset}, got {offset}", where="Upload-Offset")
    at = offset
    for part in parts:
        assert part.start == at, "parts are cut one behind the other"
        at += part.size_bytes
    if at > found.announced.size_bytes:
        raise WrongOffset(f"expected at most {found.announced.size_bytes} bytes in all, got {at}", where="body")


def _part(log: str, upload: str, copy: bool, part: Part) -> tuple[str, str, bool, int, int, bytes]:
    return (log, upload, copy, part.start, part.size_bytes, part.box)


async def _trail(connection: Connection, rows: Sequence[AuditRow]) -> None:
    if rows:
        await connection.copy_records_to_table(
            "audit", columns=AUDIT_COLUMNS, records=[audit_record(row) for row in rows]
        )


def _progress(row: asyncpg.Record) -> Progress:
    announced = Announced(*list(row.values())[:10])
    if row["blob"] is None:
        return Progress(announced, row["at_byte"])
    end = End(
        announced.upload, announced.attachment, row["blob"], row["came"], row["came_bytes"], row["judged"],
        announced.who, row["ended_at"],
    )  # fmt: skip
    return Progress(announced, announced.size_bytes, end)
