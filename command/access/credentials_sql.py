"""The statements of `postgres_credentials`. Values are parameters, always."""

from __future__ import annotations

from typing import Final

from command.access.credentials import NO_RETURN

AUDIT: Final = """
insert into audit (at, who, session, source, action, object, outcome, detail)
values ($1, $2, $3, $4, $5, $6, $7, $8)
"""

CEREMONY: Final = """
insert into ceremonies (sha256, kind, binding, person, data, created_at, expires_at) values ($1, $2, $3, $4, $5, $6, $7)
"""
THIS_CEREMONY: Final = "from ceremonies where sha256 = $1 and kind = $2 and binding = $3 and expires_at > $4"
END_SET_UPS: Final = "update sessions set revoked_at = $1 where assurance = 'setup' and revoked_at is null"
USE_SET_UP: Final = "delete from ceremonies where sha256 = $1 and kind = $2 and expires_at > $3 returning true"

PASSKEYS: Final = "select * from passkeys where person = $1 and revoked_at is null order by created_at"
PASSWORD: Final = """
select person, phc, totp, last_step, set_at from passwords where person = $1 and revoked_at is null
"""
RECOVERY_LEFT: Final = "select count(*)::int from recovery_codes where person = $1 and used_at is null"
IDENTITY: Final = "select person from identities where issuer = $1 and subject = $2 and ended_at is null"
IDENTITIES: Final = """
select issuer, subject, linked_at, linked_by from identities where person = $1 and ended_at is null
order by linked_at, issuer, subject
"""
FORGET_IDENTITY: Final = """
update identities set ended_at = $4 where issuer = $1 and subject = $2 and person = $3 and ended_at is null
returning true
"""

ANYONE: Final = """
with holders as (
    select person from passkeys where revoked_at is null
    union select person from passwords where revoked_at is null
)
select exists (
    select from grants g join accounts a on a.person = g.person
    where g.role = 'administrator' and g.incident = '*' and not a.disabled
      and (g.person in (select person from holders) or g.person in (select person from identities where ended_at is null))
) as administrator, exists (select from holders) as holder
"""

# Whoever tries the same account at the same time waits here: a count that two make at once lets both through.
TAKE_TURNS: Final = "select pg_advisory_xact_lock(hashtextextended('muster tries ' || $1, 0))"
FORGET_TRIES: Final = "delete from attempts where at <= $1"
FORGET_LOCKS: Final = "delete from locks where since <= $1 and left(key, 1) = $2"
TRIES: Final = "select at, source from attempts where key = $1"
IS_SHUT: Final = "select exists (select from locks where key = $1 and source in ($2, $3))"
SHUT: Final = "insert into locks (key, source, since) values ($1, $2, $3) on conflict do nothing returning true"
LOCKS: Final = "select key, source, since from locks where left(key, 1) <> $1 order by key, source"

ACCOUNT_LOCKED: Final = """
select person, name, agency, rank, disabled, training, expires_at from accounts where person = $1 for update
"""
USE_PASSKEY: Final = """
update passkeys set counter = $4, used_at = $5
where person = $1 and id = $2 and counter = $3 and revoked_at is null returning true
"""
USE_STEP: Final = """
update passwords set last_step = $3 where person = $1 and last_step = $2 and revoked_at is null returning true
"""
USE_PASSWORD: Final = """
update passwords set phc = $3 where person = $1 and phc = $2 and revoked_at is null returning true
"""
USE_RECOVERY: Final = """
update recovery_codes set used_at = $3 where person = $1 and mac = $2 and used_at is null returning true
"""
USE_IDENTITY: Final = """
select true from identities where person = $1 and issuer = $2 and subject = $3 and ended_at is null
"""

_SESSION: Final = """
s.id, s.person, s.token_sha256, s.created_at, s.last_active_at, s.absolute_until, s.idle_s, s.revoked_at, s.source,
s.assurance, s.verified_at, s.locked_at, s.desk
"""
_NO_RETURN: Final = ", ".join(f"'{how}'" for how in sorted(NO_RETURN))  # our own words
RESUMABLE: Final = f"""
select {_SESSION} from sessions s
where s.person = $1 and s.revoked_at is null and s.absolute_until > $2 and s.assurance not in ({_NO_RETURN})
  and (s.id = $3 or s.desk = $4)
order by coalesce(s.id = $3, false) desc, s.created_at desc, s.id desc limit 1 for update
"""
RENEW_SESSION: Final = """
update sessions set token_sha256 = $2, last_active_at = $3, idle_s = $4, source = $5, assurance = $6, verified_at = $7,
                    desk = $8, locked_at = null
where id = $1 and revoked_at is null returning true
"""
SESSIONS_OF: Final = f"""
select {_SESSION} from sessions s where s.person = $1 and s.revoked_at is null and s.absolute_until > $2
order by s.created_at desc, s.id desc
"""
AT_DESK: Final = f"""
select {_SESSION}, a.name, a.agency, a.rank, a.disabled, a.training, a.expires_at
from sessions s join accounts a on a.person = s.person
where s.desk = $1 and s.revoked_at is null and s.absolute_until > $2 order by s.id
"""
LOCK_SESSION: Final = """
update sessions set locked_at = $2
where id = $1 and locked_at is null and revoked_at is null and absolute_until > $2 returning true
"""
END_SESSIONS: Final = """
update sessions set revoked_at = $2 where person = $1 and revoked_at is null returning id
"""
END_EXERCISES: Final = """
update sessions set revoked_at = $2 where assurance = $1 and revoked_at is null returning id
"""

ADD_PASSKEY: Final = """
insert into passkeys (id, person, public_key, counter, rp_id, label, created_at, used_at, revoked_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing returning true
"""
REVOKE_PASSKEY: Final = """
update passkeys set revoked_at = $3 where id = $1 and person = $2 and revoked_at is null returning true
"""
REVOKE_PASSKEYS: Final = "update passkeys set revoked_at = $2 where person = $1 and revoked_at is null"
SET_PASSWORD: Final = """
insert into passwords (person, phc, totp, last_step, set_at) values ($1, $2, $3, $4, $5)
on conflict (person) do update
set phc = excluded.phc, totp = excluded.totp, last_step = excluded.last_step, set_at = excluded.set_at,
    revoked_at = null
"""
ENABLE: Final = "update accounts set disabled = false, expires_at = $2 where person = $1 returning true"
IDENTIFY: Final = """
insert into identities (issuer, subject, person, linked_at, linked_by)
select $1, $2, a.person, $4, $5 from accounts a where a.person = $3
on conflict (issuer, subject) do update
set person = excluded.person, linked_at = excluded.linked_at, linked_by = excluded.linked_by, ended_at = null
returning true
"""
FOUND_AGENCY: Final = """
insert into agencies (id, name, kind, since) select $1, $1, 'unstated', $2 where not exists (select from agencies)
"""
