"""Devices kept in PostgreSQL, beside accounts and the log, in the same transactions as their audit trail."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg
import msgspec

from command.access.model import Grant
from command.access.pooled import Pooled
from command.access.postgres import account_of
from command.devices.model import AuthorKey, Code, Decided, Device, Held, Listed, Presence, Writer
from command.store.ports import AuditRow

"""How long an act waits for a connection; then it is `unavailable` rather than stuck."""

_AUDIT = """
INSERT INTO audit (at, who, session, source, action, object, outcome, detail) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
_DEVICE = "id, agency, label, alg, public_key, enrolled_at, enrolled_by, seen_at, revoked_at, revoked_by"
_INSERT_CODE = """
INSERT INTO device_codes (sha256, agency, label, created_at, expires_at, created_by, device)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
_INSERT_DEVICE = f"INSERT INTO devices ({_DEVICE}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
# The row lock makes the second device that brings the code see who used it.
_USE_CODE = """
UPDATE device_codes SET device = $2 WHERE sha256 = $1 AND device IS NULL AND $3 < expires_at RETURNING sha256
"""
_LISTED = f"""
SELECT {_DEVICE}, coalesce(s.statements, 0) AS statements, coalesce(s.last - s.statements, 0) AS missing,
       coalesce(q.held, 0) AS held
FROM devices d
LEFT JOIN (SELECT device, count(*) AS statements, max(device_seq) AS last FROM device_statements GROUP BY device) s
       ON s.device = d.id
LEFT JOIN (SELECT device, count(*) AS held FROM quarantine WHERE outcome IS NULL GROUP BY device) q ON q.device = d.id
ORDER BY enrolled_at DESC, id
"""
_ANSWER = "INSERT INTO device_answered (sha256, expires_at) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING sha256"
_ATTACH = """
INSERT INTO device_sessions (session, device, person, since) VALUES ($1, $2, $3, $4)
ON CONFLICT (session) DO UPDATE SET device = excluded.device, person = excluded.person, since = excluded.since
WHERE device_sessions.device <> excluded.device OR device_sessions.person <> excluded.person
"""
_KEY = """
INSERT INTO author_keys (device, person, alg, public_key, since) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING
"""
_WRITER = """
SELECT a.person, a.name, a.agency, a.rank, a.disabled, a.training, a.expires_at,
       (SELECT coalesce(json_agg(json_build_object(
            'person', g.person, 'role', g.role, 'incident', g.incident,
            'not_before', g.not_before, 'not_after', g.not_after, 'given_by', g.given_by)), '[]')::text
        FROM grants g WHERE g.person = a.person) AS grants
FROM accounts a WHERE a.person = $1
"""
_PRESENCES = """
SELECT p.session, p.device, p.person, p.since, least(s.revoked_at, s.absolute_until) AS until
FROM device_sessions p JOIN sessions s ON s.id = p.session
WHERE p.device = $1 AND p.person = $2
"""
_CLAIM = """
INSERT INTO device_statements (device, device_seq, sha256) SELECT $1, * FROM unnest($2::bigint[], $3::bytea[])
ON CONFLICT DO NOTHING
"""
_TAKEN = """
SELECT n.seq FROM unnest($2::bigint[], $3::bytea[]) AS n (seq, sha256)
JOIN device_statements s ON s.device = $1 AND s.device_seq = n.seq WHERE s.sha256 <> n.sha256
"""
_REVOKE = "UPDATE devices SET revoked_at = $2, revoked_by = $3 WHERE id = $1 AND revoked_at IS NULL RETURNING id"
_END = """
UPDATE sessions SET revoked_at = $2 WHERE revoked_at IS NULL
AND id IN (SELECT session FROM device_sessions WHERE device = $1) RETURNING id
"""
_HELD = "id, log, device, device_seq, cmd, author, type, cause, received_at, box, outcome, decided_at, decided_by, why"
_HOLD = f"""
INSERT INTO quarantine ({_HELD}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
ON CONFLICT DO NOTHING RETURNING id
"""
_DECIDE = """
UPDATE quarantine SET outcome = $2, decided_at = $3, decided_by = $4, why = $5 WHERE id = $1 AND outcome IS NULL
RETURNING id
"""
# As an append does: whoever lets it in meanwhile either has let it in, or will see what was decided.
_LOCK_LOG = "SELECT log FROM heads WHERE log = (SELECT log FROM quarantine WHERE id = $1) FOR UPDATE"
_IS_LOGGED = """
SELECT EXISTS (SELECT FROM quarantine q JOIN commands c ON c.log = q.log AND c.cmd = q.cmd WHERE q.id = $1)
"""

_grants = msgspec.json.Decoder(tuple[Grant, ...])


class PostgresDevices(Pooled):
    """A DeviceStore over a pool that connects as the application role."""

    subject = "devices"

    async def invite(self, code: Code, audit: AuditRow) -> None:
        """See DeviceStore."""
        async with self._transaction() as db:
            await _note(db, audit)
            await db.execute(_INSERT_CODE, *msgspec.structs.astuple(code))

    async def code(self, sha256: bytes) -> Code | None:
        """See DeviceStore."""
        async with self._connection() as db:
            row = await db.fetchrow("SELECT * FROM device_codes WHERE sha256 = $1", sha256)
        return None if row is None else Code(**dict(row))

    async def enrol(self, code: bytes, device: Device, audit: AuditRow) -> bool:
        """See DeviceStore."""
        async with self._connection() as db:
            try:
                async with db.transaction():
                    await db.execute(_INSERT_DEVICE, *msgspec.structs.astuple(device))
                    if await db.fetchval(_USE_CODE, code, device.id, device.enrolled_at) is None:
                        raise _Nothing
                    await _note(db, audit)
            except (_Nothing, asyncpg.UniqueViolationError):
                return False
        return True

    async def device(self, device: str) -> Device | None:
        """See DeviceStore."""
        async with self._connection() as db:
            row = await db.fetchrow(f"SELECT {_DEVICE} FROM devices WHERE id = $1", device)
        return None if row is None else Device(**dict(row))

    async def devices(self) -> list[Listed]:
        """See DeviceStore."""
        async with self._connection() as db:
            rows = await db.fetch(_LISTED)
        names = Device.__struct_fields__
        return [
            Listed(Device(*(row[name] for name in names)), row["statements"], row["missing"], row["held"])
            for row in rows
        ]

    async def answer(self, challenge: bytes, expires_at: datetime, now: datetime) -> bool:
        """See DeviceStore."""
        async with self._transaction() as db:
            await db.execute("DELETE FROM device_answered WHERE expires_at <= $1", now)
            return await db.fetchval(_ANSWER, challenge, expires_at) is not None

    async def seen(self, device: str, at: datetime) -> None:
        """See DeviceStore. Lost in a crash this costs nothing, so it does not wait for the disk."""
        async with self._transaction() as db:
            await db.execute("SET LOCAL synchronous_commit = off")
            await db.execute("UPDATE devices SET seen_at = greatest(seen_at, $2) WHERE id = $1", device, at)

    async def attach(self, presence: Presence, key: AuthorKey | None, audit: AuditRow) -> bool:
        """See DeviceStore."""
        try:
            async with self._transaction() as db:
                # Locked, so that a revocation either sees this session or is seen by it.
                live = await db.fetchval(
                    "SELECT true FROM devices WHERE id = $1 AND revoked_at IS NULL FOR SHARE", presence.device
                )
                if not live:
                    return False
                await db.execute(_ATTACH, presence.session, presence.device, presence.person, presence.since)
                if key is not None:
                    await db.execute(_KEY, *msgspec.structs.astuple(key))
                    owner = await db.fetchval(
                        "SELECT person FROM author_keys WHERE device = $1 AND public_key = $2",
                        key.device, key.public_key,
                    )  # fmt: skip
                    if owner != key.person:
                        raise _Nothing
                await _note(db, audit)
        except _Nothing:
            return False
        return True

    async def writer(self, device: str, person: str) -> Writer | None:
        """See DeviceStore."""
        async with self._connection() as db:
            row = await db.fetchrow(_WRITER, person)
            if row is None:
                return None
            keys = await db.fetch(
                "SELECT device, person, alg, public_key, since FROM author_keys WHERE device = $1 AND person = $2",
                device, person,
            )  # fmt: skip
            presences = await db.fetch(_PRESENCES, device, person)
        return Writer(
            account_of(row),
            _grants.decode(row["grants"]),
            tuple(AuthorKey(**dict(one)) for one in keys),
            tuple(Presence(**dict(one)) for one in presences),
        )

    async def claim(self, device: str, numbers: Sequence[tuple[int, bytes]]) -> set[int]:
        """See DeviceStore."""
        wanted = sorted(numbers)  # in one order, so that two uploads never wait for each other
        seqs, digests = [seq for seq, _ in wanted], [digest for _, digest in wanted]
        async with self._transaction() as db:
            await db.execute(_CLAIM, device, seqs, digests)
            rows = await db.fetch(_TAKEN, device, seqs, digests)
        return {row["seq"] for row in rows}

    async def revoke(self, device: str, at: datetime, by: str, audit: AuditRow) -> tuple[str, ...] | None:
        """See DeviceStore."""
        async with self._transaction() as db:
            if await db.fetchval(_REVOKE, device, at, by) is None:
                return None
            await _note(db, audit)
            ended = await db.fetch(_END, device, at)
        return tuple(sorted(row["id"] for row in ended))

    async def hold(self, held: Held, most: int, audit: AuditRow) -> bool:
        """See DeviceStore."""
        async with self._transaction() as db:
            if await db.fetchval("SELECT true FROM quarantine WHERE id = $1", held.id):
                return True
            # One at a time for each device, so that the limit is one.
            await db.execute("SELECT pg_advisory_xact_lock(hashtext('quarantine'), hashtext($1))", held.device)
            count = "SELECT count(*) FROM quarantine WHERE device = $1 AND outcome IS NULL"
            if await db.fetchval(count, held.device) >= most:
                return False
            if await db.fetchval(_HOLD, *msgspec.structs.astuple(held)) is not None:
                await _note(db, audit)
        return True

    async def held(self, log: str | None, *, decided: bool = False) -> list[Held]:
        """See DeviceStore."""
        async with self._connection() as db:
            rows = await db.fetch(
                f"SELECT {_HELD} FROM quarantine WHERE ($1::text IS NULL OR log = $1) AND ($2 OR outcome IS NULL) "
                "ORDER BY device, device_seq, received_at, id",
                log, decided,
            )  # fmt: skip
        return [Held(**dict(row)) for row in rows]

    async def held_of(self, device: str, log: str, numbers: Sequence[int]) -> list[Held]:
        """See DeviceStore."""
        async with self._connection() as db:
            rows = await db.fetch(
                f"SELECT {_HELD} FROM quarantine WHERE log = $1 AND device = $2 AND device_seq = ANY ($3::bigint[]) "
                "ORDER BY device_seq, received_at, id",
                log, device, list(numbers),
            )  # fmt: skip
        return [Held(**dict(row)) for row in rows]

    async def held_one(self, item: str) -> Held | None:
        """See DeviceStore."""
        async with self._connection() as db:
            row = await db.fetchrow(f"SELECT {_HELD} FROM quarantine WHERE id = $1", item)
        return None if row is None else Held(**dict(row))

    async def decide(self, item: str, decided: Decided, audit: AuditRow, *, unlogged: bool = False) -> bool:
        """See DeviceStore."""
        async with self._transaction() as db:
            if unlogged:
                await db.execute(_LOCK_LOG, item)
                if await db.fetchval(_IS_LOGGED, item):
                    return False
            done = await db.fetchval(_DECIDE, item, decided.outcome, decided.at, decided.by, decided.why)
            if done is None:
                return False
            await _note(db, audit)
        return True

    async def logged(self, log: str, cmd: str) -> str | None:
        """See DeviceStore."""
        async with self._connection() as db:
            actor: str | None = await db.fetchval("SELECT actor FROM commands WHERE log = $1 AND cmd = $2", log, cmd)
        return actor

    async def waiting(self, device: str | None = None) -> int:
        """See DeviceStore."""
        count = "SELECT count(*) FROM quarantine WHERE outcome IS NULL AND ($1::text IS NULL OR device = $1)"
        async with self._connection() as db:
            return int(await db.fetchval(count, device))


class _Nothing(Exception):
    """Rolls back: nothing was done, and that is an answer."""


async def _note(db: Any, audit: AuditRow) -> None:
    await db.execute(_AUDIT, *msgspec.structs.astuple(audit))
