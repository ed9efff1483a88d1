"""Access kept in PostgreSQL, beside the log, in the same transactions as its audit trail."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg
import msgspec

from command.access.deconflict import SealedNotice
from command.access.model import Account, Grant
from command.access.ports import Link
from command.access.postgres_agencies import AUDIT as _AUDIT
from command.access.postgres_agencies import PostgresAgencies
from command.access.sessions import EXERCISE, ActsAs, Session, SignedIn, as_display
from command.domain.events import Training
from command.store.ports import AuditRow

_ACCOUNT = """
insert into accounts (person, name, agency, rank, disabled, training, expires_at) values ($1, $2, $3, $4, $5, $6, $7)
on conflict (person) do update
set name = excluded.name, agency = excluded.agency, rank = excluded.rank, disabled = excluded.disabled,
    expires_at = coalesce(excluded.expires_at, accounts.expires_at),
    training = case when excluded.training = '[]' then accounts.training else excluded.training end
"""

_GRANT = """
insert into grants (person, role, incident, not_before, not_after, given_by, units, compartments)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (person, role, incident) do update
set not_before = excluded.not_before, not_after = excluded.not_after, given_by = excluded.given_by,
    units = excluded.units, compartments = excluded.compartments
"""

_LINK = """
insert into links (token_sha256, person, created_at, expires_at, created_by, redeemed_at, purpose)
values ($1, $2, $3, $4, $5, $6, $7)
"""

# One statement decides the race: the row lock makes the second redeemer see redeemed_at set.
_REDEEM = """
update links set redeemed_at = $2 from accounts
where token_sha256 = $1 and redeemed_at is null and $2 < links.expires_at
  and accounts.person = links.person and not accounts.disabled
  and (accounts.expires_at is null or $2 < accounts.expires_at)
returning links.person, links.purpose
"""

_OPEN_SESSION = """
insert into sessions (id, person, token_sha256, created_at, last_active_at, absolute_until, idle_s, revoked_at,
                      source, assurance, verified_at, locked_at, desk)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
"""

# The same rule as sessions.liveness, so that a late write cannot bring back what has locked meanwhile.
_TOUCH = """
update sessions set last_active_at = $2
where id = $1 and revoked_at is null and locked_at is null and last_active_at < $2 and $2 < absolute_until
  and $2 - last_active_at < make_interval(secs => idle_s)
"""

_GRANTS_AS_JSON = """
(select coalesce(json_agg(json_build_object(
    'person', g.person, 'role', g.role, 'incident', g.incident,
    'not_before', g.not_before, 'not_after', g.not_after, 'given_by', g.given_by,
    'units', g.units, 'compartments', g.compartments
 ) order by g.role, g.incident), '[]')::text from grants g where g.person = a.person)
"""

_ACTS_AS_JSON = """
(select coalesce(json_agg(json_build_object('incident', r.incident, 'role', r.role) order by r.incident), '[]')::text
 from session_roles r where r.session = s.id and r.role is not null)
"""

_ACT_AS = """
insert into session_roles (session, incident, role, since) values ($1, $2, $3, $4)
on conflict (session, incident) do update set role = excluded.role, since = excluded.since
"""

_UNLOCK = """
update sessions set locked_at = null, last_active_at = $2
where id = $1 and assurance = $3 and revoked_at is null and $2 < absolute_until returning id
"""

_SIGNED_IN = f"""
select s.id, s.person, s.token_sha256, s.created_at, s.last_active_at, s.absolute_until, s.idle_s, s.revoked_at,
       s.source, s.assurance, s.verified_at, s.locked_at, s.desk,
       a.name, a.agency, a.rank, a.disabled, a.training, a.expires_at, {_GRANTS_AS_JSON} as grants,
       {_ACTS_AS_JSON} as acts_as
from sessions s join accounts a on a.person = s.person
"""
_BY_TOKEN = _SIGNED_IN + "where s.token_sha256 = $1"
_BY_ID = _SIGNED_IN + "where s.id = $1"
_BY_IDS = _SIGNED_IN + "where s.id = any ($1::text[])"
_ACCOUNTS = f"""
select a.person, a.name, a.agency, a.rank, a.disabled, a.training, a.expires_at, {_GRANTS_AS_JSON} as grants
from accounts a order by a.person
"""

_grants = msgspec.json.Decoder(tuple[Grant, ...])
_training = msgspec.json.Decoder(tuple[Training, ...])
_acts_as = msgspec.json.Decoder(tuple[ActsAs, ...])


class PostgresAccess(PostgresAgencies):
    """An AccessStore over a pool that connects as the application role."""

    async def invite(self, account: Account, grants: Sequence[Grant], link: Link, audit: AuditRow) -> None:
        """See AccessStore."""
        async with self._transaction() as db:
            await db.execute(_AUDIT, *msgspec.structs.astuple(audit))
            await insert_account(db, account)
            for grant in grants:
                await insert_grant(db, grant)
            await insert_link(db, link)

    async def redeem(self, token_sha256: bytes, session: Session, audit: AuditRow, now: datetime) -> str | None:
        """See AccessStore."""
        async with self._transaction() as db:
            found = await db.fetchrow(_REDEEM, token_sha256, now)
            if found is None:
                return None
            person: str = found["person"]
            ours = as_display(session) if found["purpose"] == "display" else session
            ours = msgspec.structs.replace(ours, person=person)
            await insert_session(db, ours)
            row = msgspec.structs.replace(audit, who=person, session=session.id)
            await db.execute(_AUDIT, *msgspec.structs.astuple(row))
            return person

    async def signed_in(self, token_sha256: bytes) -> SignedIn | None:
        """See AccessStore."""
        async with self._connection() as db:
            row = await db.fetchrow(_BY_TOKEN, token_sha256)
        return None if row is None else _known(row)

    async def session(self, session_id: str) -> SignedIn | None:
        """See AccessStore."""
        async with self._connection() as db:
            row = await db.fetchrow(_BY_ID, session_id)
        return None if row is None else _known(row)

    async def sessions(self, session_ids: Sequence[str]) -> list[SignedIn]:
        """See AccessStore."""
        async with self._connection() as db:
            rows = await db.fetch(_BY_IDS, list(session_ids))
        return [_known(row) for row in rows]

    async def touch(self, session_id: str, at: datetime) -> None:
        """See AccessStore. Lost in a crash, this only locks a session early, so it does not wait for the disk."""
        async with self._transaction() as db:
            await db.execute("set local synchronous_commit = off")
            await db.execute(_TOUCH, session_id, at)

    async def revoke(self, session_id: str, at: datetime, audit: AuditRow | None) -> bool:
        """See AccessStore."""
        async with self._transaction() as db:
            ended = await db.fetchval(
                "update sessions set revoked_at = $2 where id = $1 and revoked_at is null returning id", session_id, at
            )
            if ended is not None and audit is not None:
                await db.execute(_AUDIT, *msgspec.structs.astuple(audit))
            return ended is not None

    async def act_as(self, session_id: str, incident: str, role: str | None, at: datetime, audit: AuditRow) -> None:
        """See AccessStore."""
        async with self._transaction() as db:
            await db.execute(_ACT_AS, session_id, incident, role, at)
            await db.execute(_AUDIT, *msgspec.structs.astuple(audit))

    async def unlock(self, session_id: str, at: datetime, audit: AuditRow) -> bool:
        """See AccessStore."""
        async with self._transaction() as db:
            found = await db.fetchval(_UNLOCK, session_id, at, EXERCISE)
            if found is not None:
                await db.execute(_AUDIT, *msgspec.structs.astuple(audit))
            return found is not None

    async def disable(self, person: str, at: datetime, audit: AuditRow) -> tuple[str, ...]:
        """See AccessStore."""
        async with self._transaction() as db:
            known = await db.fetchval("update accounts set disabled = true where person = $1 returning person", person)
            if known is None:
                return ()
            await db.execute(_AUDIT, *msgspec.structs.astuple(audit))
            ended = await db.fetch(
                "update sessions set revoked_at = $2 where person = $1 and revoked_at is null returning id", person, at
            )
            return tuple(sorted(row["id"] for row in ended))

    async def accounts(self) -> list[tuple[Account, tuple[Grant, ...]]]:
        """See AccessStore."""
        async with self._connection() as db:
            rows = await db.fetch(_ACCOUNTS)
        return [(account_of(row), _grants.decode(row["grants"])) for row in rows]

    async def account(self, person: str) -> Account | None:
        """See AccessStore."""
        async with self._connection() as db:
            row = await db.fetchrow(
                "select person, name, agency, rank, disabled, training, expires_at from accounts where person = $1",
                person,
            )
        return None if row is None else account_of(row)

    async def keep_notice(self, notice: SealedNotice, audit: AuditRow) -> None:
        """See AccessStore."""
        async with self._transaction() as db:
            await db.execute(
                "insert into deconfliction (id, incident, until, box) values ($1, $2, $3, $4)",
                *msgspec.structs.astuple(notice),
            )
            await db.execute(_AUDIT, *msgspec.structs.astuple(audit))

    async def notices(self, incident: str, now: datetime) -> list[SealedNotice]:
        """See AccessStore."""
        async with self._transaction() as db:
            await db.execute("delete from deconfliction where until <= $1", now)
            rows = await db.fetch(
                "select id, incident, until, box from deconfliction where incident = $1 order by until, id", incident
            )
        return [SealedNotice(*row.values()) for row in rows]

    async def end_notice(self, incident: str, notice: str, audit: AuditRow) -> bool:
        """See AccessStore."""
        async with self._transaction() as db:
            gone = await db.fetchval(
                "delete from deconfliction where incident = $1 and id = $2 returning id", incident, notice
            )
            if gone is not None:
                await db.execute(_AUDIT, *msgspec.structs.astuple(audit))
        return gone is not None


async def insert_account(db: Any, account: Account) -> None:
    """Within a transaction: the account, or its newest words."""
    await db.execute(_ACCOUNT, *_account_row(account))


async def insert_grant(db: Any, grant: Grant) -> None:
    """Within a transaction: the grant, or its newest window."""
    await db.execute(_GRANT, *msgspec.structs.astuple(grant))


async def insert_link(db: Any, link: Link) -> None:
    """Within a transaction: a link."""
    await db.execute(_LINK, *msgspec.structs.astuple(link))


async def insert_session(db: Any, session: Session) -> None:
    """Within a transaction: a session."""
    await db.execute(_OPEN_SESSION, *msgspec.structs.astuple(session))


def account_of(row: asyncpg.Record) -> Account:
    """The account in a row that has its columns."""
    return Account(
        person=row["person"],
        name=row["name"],
        agency=row["agency"],
        rank=row["rank"],
        disabled=row["disabled"],
        training=_training.decode(row["training"]),
        expires_at=row["expires_at"],
    )


def _account_row(account: Account) -> tuple[str, str, str, str, bool, str, datetime | None]:
    training = msgspec.json.encode(account.training).decode()
    return account.person, account.name, account.agency, account.rank, account.disabled, training, account.expires_at


def session_of(row: asyncpg.Record) -> Session:
    """The session in a row that has its columns."""
    return Session(
        id=row["id"],
        person=row["person"],
        token_sha256=row["token_sha256"],
        created_at=row["created_at"],
        last_active_at=row["last_active_at"],
        absolute_until=row["absolute_until"],
        idle_s=row["idle_s"],
        revoked_at=row["revoked_at"],
        source=row["source"],
        assurance=row["assurance"],
        verified_at=row["verified_at"],
        locked_at=row["locked_at"],
        desk=row["desk"],
    )


def _known(row: asyncpg.Record) -> SignedIn:
    return SignedIn(
        session=session_of(row),
        account=account_of(row),
        grants=_grants.decode(row["grants"]),
        acts_as=_acts_as.decode(row["acts_as"]),
    )
