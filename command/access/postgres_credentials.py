"""Credentials kept in PostgreSQL: each act with its audit entry in one transaction, each race decided by a row.

Statements that may lose a race say in their WHERE what was compared before: a counter, a step, a hash. Whoever comes
second changes no row, and the transaction ends without having done anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from command.access import credentials_sql as sql
from command.access.credentials import (
    ANYWHERE,
    SET_UP,
    STRANGER,
    TRIES_ANYWHERE_WITHIN,
    Ceremony,
    Entered,
    Held,
    Identity,
    Lock,
    Passkey,
    Password,
    Proof,
    resumed,
    shut_by,
)
from command.access.model import Account, Grant
from command.access.pooled import Pooled
from command.access.ports import Link
from command.access.postgres import account_of, insert_account, insert_grant, insert_link, insert_session, session_of
from command.access.sessions import EXERCISE, Session, usable
from command.store.ports import AuditRow

"""How long an act waits for a connection; then it is `unavailable` rather than stuck."""


class _Undo(Exception):
    """Ends a transaction without having done anything."""


class PostgresCredentials(Pooled):
    """A CredentialStore over a pool that connects as the application role."""

    subject = "credentials"

    async def begin(self, ceremony: Ceremony) -> None:
        """See CredentialStore."""
        async with self._transaction() as db:
            await db.execute("delete from ceremonies where expires_at <= $1", ceremony.created_at)
            if ceremony.kind == SET_UP:
                await db.execute("delete from ceremonies where kind = $1", SET_UP)
            await db.execute(sql.CEREMONY, *msgspec.structs.astuple(ceremony))

    async def look(self, sha256: bytes, kind: str, binding: bytes, now: datetime) -> Ceremony | None:
        """See CredentialStore."""
        async with self._connection() as db:
            row = await db.fetchrow("select * " + sql.THIS_CEREMONY, sha256, kind, binding, now)
        return None if row is None else Ceremony(**dict(row))

    async def take(self, sha256: bytes, kind: str, binding: bytes, now: datetime) -> Ceremony | None:
        """See CredentialStore."""
        async with self._transaction() as db:
            row = await db.fetchrow(f"delete {sql.THIS_CEREMONY} returning *", sha256, kind, binding, now)
        return None if row is None else Ceremony(**dict(row))

    async def held(self, person: str) -> Held:
        """See CredentialStore."""
        async with self._connection() as db, db.transaction(isolation="repeatable_read", readonly=True):
            passkeys = await db.fetch(sql.PASSKEYS, person)
            password = await db.fetchrow(sql.PASSWORD, person)
            left = await db.fetchval(sql.RECOVERY_LEFT, person)
        return Held(
            tuple(Passkey(**dict(row)) for row in passkeys),
            None if password is None else Password(**dict(password)),
            left,
        )

    async def passkey(self, credential: bytes) -> Passkey | None:
        """See CredentialStore."""
        async with self._connection() as db:
            row = await db.fetchrow("select * from passkeys where id = $1 and revoked_at is null", credential)
        return None if row is None else Passkey(**dict(row))

    async def identity(self, issuer: str, subject: str) -> str | None:
        """See CredentialStore."""
        async with self._connection() as db:
            found: str | None = await db.fetchval(sql.IDENTITY, issuer, subject)
        return found

    async def anyone(self) -> tuple[bool, bool]:
        """See CredentialStore."""
        async with self._connection() as db:
            row = await db.fetchrow(sql.ANYONE)
        assert row is not None, "a select of two expressions has one row"
        return row["administrator"], row["holder"]

    async def attempt(self, key: str, source: str, now: datetime) -> bool:
        """See CredentialStore."""
        async with self._transaction() as db:
            await db.execute(sql.TAKE_TURNS, key)
            await db.execute(sql.FORGET_TRIES, now - TRIES_ANYWHERE_WITHIN)
            await db.execute(sql.FORGET_LOCKS, now - TRIES_ANYWHERE_WITHIN, STRANGER)
            shut = await db.fetchval(sql.IS_SHUT, key, source, ANYWHERE)
            if shut or shut_by(await self._tries(db, key), source, now):
                return False
            await db.execute("insert into attempts (key, source, at) values ($1, $2, $3)", key, source, now)
            return True

    async def wrong(self, key: str, source: str, now: datetime, audit: AuditRow, shut: AuditRow) -> bool:
        """See CredentialStore."""
        async with self._transaction() as db:
            await db.execute(sql.TAKE_TURNS, key)
            await db.execute(sql.AUDIT, *msgspec.structs.astuple(audit))
            fresh = False
            for of in shut_by(await self._tries(db, key), source, now):
                fresh |= await db.fetchval(sql.SHUT, key, of, now) is not None
            if fresh:
                await db.execute(sql.AUDIT, *msgspec.structs.astuple(shut))
            return fresh

    async def enter(
        self, person: str, proof: Proof, session: Session, resume: str | None, audit: AuditRow, now: datetime
    ) -> Entered | None:
        """See CredentialStore."""
        try:
            async with self._transaction() as db:
                row = await db.fetchrow(sql.ACCOUNT_LOCKED, person)
                if row is None or not usable(account_of(row), now):
                    raise _Undo
                await self._use(db, person, proof, now)
                found = await db.fetchrow(sql.RESUMABLE, person, now, resume, session.desk)
                before = None if found is None else session_of(found)
                opened = session if before is None else resumed(before, session)
                opened = msgspec.structs.replace(opened, person=person)
                if before is None:
                    await insert_session(db, opened)
                else:
                    await self._renew(db, opened)
                await db.execute("delete from attempts where key = $1 and source = $2", person, session.source)
                entry = msgspec.structs.replace(audit, who=person, session=opened.id, object=opened.id)
                await db.execute(sql.AUDIT, *msgspec.structs.astuple(entry))
                return Entered(opened, before is not None)
        except _Undo:
            return None

    async def _use(self, db: Any, person: str, proof: Proof, now: datetime) -> None:
        """Raises _Undo where any part of the proof does not hold any more."""
        uses: list[tuple[str, tuple[object, ...]]] = []
        if proof.passkey is not None:
            uses.append((sql.USE_PASSKEY, (person, *proof.passkey, now)))
        if proof.totp is not None:
            uses.append((sql.USE_STEP, (person, *proof.totp)))
        if proof.phc is not None:
            uses.append((sql.USE_PASSWORD, (person, *proof.phc)))
        if proof.recovery is not None:
            uses.append((sql.USE_RECOVERY, (person, proof.recovery, now)))
        if proof.identity is not None:
            uses.append((sql.USE_IDENTITY, (person, *proof.identity)))
        for statement, values in uses:
            if await db.fetchval(statement, *values) is None:
                raise _Undo

    async def _renew(self, db: Any, session: Session | None) -> None:
        """Raises _Undo where it has ended. Whoever ends all of a person's sessions locks the account first, as here."""
        if session is None:
            return
        await db.fetchrow(sql.ACCOUNT_LOCKED, session.person)
        renewed = await db.fetchval(
            sql.RENEW_SESSION,
            session.id, session.token_sha256, session.last_active_at, session.idle_s, session.source,
            session.assurance, session.verified_at, session.desk,
        )  # fmt: skip
        if renewed is None:
            raise _Undo

    async def add_passkey(self, passkey: Passkey, session: Session | None, audit: AuditRow) -> bool:
        """See CredentialStore."""
        try:
            async with self._transaction() as db:
                await self._renew(db, session)
                if await db.fetchval(sql.ADD_PASSKEY, *msgspec.structs.astuple(passkey)) is None:
                    raise _Undo
                await db.execute(sql.AUDIT, *msgspec.structs.astuple(audit))
                return True
        except _Undo:
            return False

    async def set_password(
        self, password: Password, macs: Sequence[bytes], session: Session | None, audit: AuditRow
    ) -> bool:
        """See CredentialStore."""
        try:
            async with self._transaction() as db:
                await self._renew(db, session)
                await db.execute(sql.SET_PASSWORD, *msgspec.structs.astuple(password))
                await self._replace_recovery(db, password.person, macs, password.set_at)
                await db.execute(sql.AUDIT, *msgspec.structs.astuple(audit))
                return True
        except _Undo:
            return False

    async def set_recovery(self, person: str, macs: Sequence[bytes], now: datetime, audit: AuditRow) -> None:
        """See CredentialStore."""
        async with self._transaction() as db:
            await self._replace_recovery(db, person, macs, now)
            await db.execute(sql.AUDIT, *msgspec.structs.astuple(audit))

    async def _replace_recovery(self, db: Any, person: str, macs: Sequence[bytes], now: datetime) -> None:
        await db.execute("update recovery_codes set used_at = $2 where person = $1 and used_at is null", person, now)
        await db.executemany(
            "insert into recovery_codes (mac, person, created_at) values ($1, $2, $3)",
            [(mac, person, now) for mac in macs],
        )

    async def revoke_passkey(self, credential: bytes, person: str, at: datetime, audit: AuditRow) -> bool:
        """See CredentialStore."""
        return await self._act(sql.REVOKE_PASSKEY, (credential, person, at), audit)

    async def lock(self, session: str, at: datetime, audit: AuditRow) -> bool:
        """See CredentialStore."""
        return await self._act(sql.LOCK_SESSION, (session, at), audit)

    async def sessions_of(self, person: str, now: datetime) -> list[Session]:
        """See CredentialStore."""
        async with self._connection() as db:
            rows = await db.fetch(sql.SESSIONS_OF, person, now)
        return [session_of(row) for row in rows]

    async def at_desk(self, desk: bytes, now: datetime) -> list[tuple[Session, Account]]:
        """See CredentialStore."""
        async with self._connection() as db:
            rows = await db.fetch(sql.AT_DESK, desk, now)
        return [(session_of(row), account_of(row)) for row in rows]

    async def end_all(self, person: str, at: datetime, audit: AuditRow) -> tuple[str, ...]:
        """See CredentialStore."""
        async with self._transaction() as db:
            await db.execute(sql.AUDIT, *msgspec.structs.astuple(audit))
            return await self._end(db, person, at)

    async def _end(self, db: Any, person: str, at: datetime) -> tuple[str, ...]:
        return tuple(sorted(row["id"] for row in await db.fetch(sql.END_SESSIONS, person, at)))

    async def end_everyone(self, at: datetime, audit: AuditRow) -> int:
        """See CredentialStore."""
        async with self._transaction() as db:
            await db.execute(sql.AUDIT, *msgspec.structs.astuple(audit))
            await db.execute("delete from ceremonies")
            await db.execute("update links set redeemed_at = $1 where redeemed_at is null", at)
            return len(await db.fetch("update sessions set revoked_at = $1 where revoked_at is null returning id", at))

    async def end_exercises(self, at: datetime) -> int:
        """See CredentialStore."""
        async with self._transaction() as db:
            return len(await db.fetch(sql.END_EXERCISES, EXERCISE, at))

    async def enable(self, person: str, expires_at: datetime | None, audit: AuditRow) -> bool:
        """See CredentialStore."""
        return await self._act(sql.ENABLE, (person, expires_at), audit)

    async def release(self, person: str, audit: AuditRow) -> int:
        """See CredentialStore."""
        async with self._transaction() as db:
            await db.execute(sql.TAKE_TURNS, person)
            await db.execute(sql.AUDIT, *msgspec.structs.astuple(audit))
            await db.execute("delete from attempts where key = $1", person)
            return len(await db.fetch("delete from locks where key = $1 returning source", person))

    async def locks(self) -> list[Lock]:
        """See CredentialStore."""
        async with self._connection() as db:
            rows = await db.fetch(sql.LOCKS, STRANGER)
        return [Lock(**dict(row)) for row in rows]

    async def reset(self, person: str, link: Link, at: datetime, audit: AuditRow) -> tuple[str, ...] | None:
        """See CredentialStore."""
        async with self._transaction() as db:
            row = await db.fetchrow(sql.ACCOUNT_LOCKED, person)
            if row is None or row["disabled"]:
                return None
            await db.execute(sql.AUDIT, *msgspec.structs.astuple(audit))
            await db.execute(sql.REVOKE_PASSKEYS, person, at)
            await db.execute("update passwords set revoked_at = $2 where person = $1", person, at)
            await self._replace_recovery(db, person, (), at)
            await insert_link(db, link)
            return await self._end(db, person, at)

    async def identify(self, issuer: str, subject: str, person: str, at: datetime, audit: AuditRow) -> bool:
        """See CredentialStore."""
        return await self._act(sql.IDENTIFY, (issuer, subject, person, at, audit.who), audit)

    async def identities(self, person: str) -> list[Identity]:
        """See CredentialStore."""
        async with self._connection() as db:
            rows = await db.fetch(sql.IDENTITIES, person)
        return [Identity(**dict(row)) for row in rows]

    async def forget_identity(self, issuer: str, subject: str, person: str, at: datetime, audit: AuditRow) -> bool:
        """See CredentialStore."""
        return await self._act(sql.FORGET_IDENTITY, (issuer, subject, person, at), audit)

    async def set_up(
        self, code: bytes, account: Account, grants: Sequence[Grant], session: Session, audit: AuditRow, now: datetime
    ) -> bool:
        """See CredentialStore."""
        try:
            async with self._transaction() as db:
                await db.execute(sql.TAKE_TURNS, SET_UP)
                if await db.fetchval(sql.USE_SET_UP, code, SET_UP, now) is None:
                    raise _Undo
                if (await db.fetchrow(sql.ANYONE))["administrator"]:
                    raise _Undo
                if await db.fetchval("select true from accounts where person = $1", account.person):
                    raise _Undo
                await db.execute(sql.FOUND_AGENCY, account.agency, now)
                await insert_account(db, account)
                for grant in grants:
                    await insert_grant(db, grant)
                await db.execute(sql.END_SET_UPS, now)
                await insert_session(db, session)
                await db.execute(sql.AUDIT, *msgspec.structs.astuple(audit))
                return True
        except _Undo:
            return False

    async def _act(self, statement: str, values: tuple[object, ...], audit: AuditRow) -> bool:
        """One change that returns a value where it changed anything, with its entry."""
        async with self._transaction() as db:
            if await db.fetchval(statement, *values) is None:
                return False
            await db.execute(sql.AUDIT, *msgspec.structs.astuple(audit))
            return True

    async def _tries(self, db: Any, key: str) -> list[tuple[datetime, str]]:
        return [(row["at"], row["source"]) for row in await db.fetch(sql.TRIES, key)]
