"""Credentials kept in memory, beside `memory`: for tests, virtual time and the contract suite."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from msgspec.structs import replace

from command.access.agencies import founding
from command.access.authorizer import EVERY_INCIDENT
from command.access.credentials import (
    ANYWHERE,
    NO_RETURN,
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
    goes_on,
    resumed,
    shut_by,
)
from command.access.memory import MemoryAccess
from command.access.model import Account, Grant
from command.access.ports import Link
from command.access.sessions import EXERCISE, Session, usable
from command.store.ports import AuditRow


class MemoryCredentials:
    """A CredentialStore over the accounts and sessions of a MemoryAccess. Atomic because nothing here awaits."""

    def __init__(self, access: MemoryAccess, keep_audit: Callable[[AuditRow], None]) -> None:
        self._keep_audit = keep_audit
        self._accounts = access.accounts_by_id
        self._grants = access.grants_by_key
        self._sessions = access.sessions_by_id
        self._links = access.links_by_digest
        self._ceremonies: dict[bytes, Ceremony] = {}
        self._passkeys: dict[bytes, Passkey] = {}
        self._passwords: dict[str, Password] = {}
        self._recovery: dict[bytes, tuple[str, bool]] = {}
        self._access = access
        self._identities: dict[tuple[str, str], str] = {}
        self._linked: dict[tuple[str, str], Identity] = {}
        self._attempts: dict[str, list[tuple[datetime, str]]] = {}
        self._locks: dict[tuple[str, str], datetime] = {}

    async def begin(self, ceremony: Ceremony) -> None:
        """See CredentialStore."""
        over = [
            key
            for key, kept in self._ceremonies.items()
            if kept.expires_at <= ceremony.created_at or kept.kind == ceremony.kind == SET_UP
        ]
        for key in over:
            del self._ceremonies[key]
        self._ceremonies[ceremony.sha256] = ceremony

    async def look(self, sha256: bytes, kind: str, binding: bytes, now: datetime) -> Ceremony | None:
        """See CredentialStore."""
        found = self._ceremonies.get(sha256)
        if found is None or (found.kind, found.binding) != (kind, binding) or now >= found.expires_at:
            return None
        return found

    async def take(self, sha256: bytes, kind: str, binding: bytes, now: datetime) -> Ceremony | None:
        """See CredentialStore."""
        found = await self.look(sha256, kind, binding, now)
        if found is not None:
            del self._ceremonies[sha256]
        return found

    async def held(self, person: str) -> Held:
        """See CredentialStore."""
        passkeys = [one for one in self._passkeys.values() if one.person == person and one.revoked_at is None]
        left = sum(1 for owner, used in self._recovery.values() if owner == person and not used)
        return Held(tuple(sorted(passkeys, key=lambda one: one.created_at)), self._passwords.get(person), left)

    async def passkey(self, credential: bytes) -> Passkey | None:
        """See CredentialStore."""
        found = self._passkeys.get(credential)
        return found if found is not None and found.revoked_at is None else None

    async def identity(self, issuer: str, subject: str) -> str | None:
        """See CredentialStore."""
        return self._identities.get((issuer, subject))

    async def anyone(self) -> tuple[bool, bool]:
        """See CredentialStore."""
        holders = {one.person for one in self._passkeys.values() if one.revoked_at is None} | set(self._passwords)
        administrators = {
            grant.person
            for grant in self._grants.values()
            if grant.role == "administrator" and grant.incident == EVERY_INCIDENT
        }
        known = administrators & (holders | set(self._identities.values()))
        return any(not self._accounts[person].disabled for person in known), bool(holders)

    async def attempt(self, key: str, source: str, now: datetime) -> bool:
        """See CredentialStore."""
        self._forget_strangers(now)
        tries = self._attempts.setdefault(key, [])
        if (key, source) in self._locks or (key, ANYWHERE) in self._locks or shut_by(tries, source, now):
            return False
        tries.append((now, source))
        return True

    async def wrong(self, key: str, source: str, now: datetime, audit: AuditRow, shut: AuditRow) -> bool:
        """See CredentialStore."""
        self._keep_audit(audit)
        fresh = [(key, of) for of in shut_by(self._attempts.get(key, []), source, now) if (key, of) not in self._locks]
        for one in fresh:
            self._locks[one] = now
        if fresh:
            self._keep_audit(shut)
        return bool(fresh)

    async def enter(
        self, person: str, proof: Proof, session: Session, resume: str | None, audit: AuditRow, now: datetime
    ) -> Entered | None:
        """See CredentialStore."""
        account = self._accounts.get(person)
        if account is None or not usable(account, now) or not self._fits(person, proof):
            return None
        before = self._resumable(person, session, resume, now)
        opened = session if before is None else resumed(before, session)
        opened = replace(opened, person=person)
        self._keep_audit(replace(audit, who=person, session=opened.id, object=opened.id))
        self._use(person, proof, now)
        self._attempts[person] = [one for one in self._attempts.get(person, []) if one[1] != session.source]
        self._sessions[opened.id] = opened
        return Entered(opened, before is not None)

    def _fits(self, person: str, proof: Proof) -> bool:
        if proof.passkey is not None:
            kept = self._passkeys.get(proof.passkey[0])
            if kept is None or kept.revoked_at is not None or (kept.person, kept.counter) != (person, proof.passkey[1]):
                return False
        password = self._passwords.get(person)
        if proof.totp is not None and (password is None or password.last_step != proof.totp[0]):
            return False
        if proof.phc is not None and (password is None or password.phc != proof.phc[0]):
            return False
        if proof.recovery is not None and self._recovery.get(proof.recovery) != (person, False):
            return False
        return proof.identity is None or self._identities.get(proof.identity) == person

    def _use(self, person: str, proof: Proof, now: datetime) -> None:
        if proof.passkey is not None:
            credential, _, counter = proof.passkey
            self._passkeys[credential] = replace(self._passkeys[credential], counter=counter, used_at=now)
        if proof.totp is not None:
            self._passwords[person] = replace(self._passwords[person], last_step=proof.totp[1])
        if proof.phc is not None:
            self._passwords[person] = replace(self._passwords[person], phc=proof.phc[1])
        if proof.recovery is not None:
            self._recovery[proof.recovery] = (person, True)

    def _resumable(self, person: str, session: Session, resume: str | None, now: datetime) -> Session | None:
        mine = [
            one
            for one in self._sessions.values()
            if one.person == person and goes_on(one, now) and one.assurance not in NO_RETURN
            and (one.id == resume or (session.desk is not None and one.desk == session.desk))
        ]  # fmt: skip
        return max(mine, key=lambda one: (one.id == resume, one.created_at, one.id), default=None)

    async def add_passkey(self, passkey: Passkey, session: Session | None, audit: AuditRow) -> bool:
        """See CredentialStore."""
        if passkey.id in self._passkeys or self._over(session):
            return False
        self._keep_audit(audit)
        self._passkeys[passkey.id] = passkey
        self._renew(session)
        return True

    async def set_password(
        self, password: Password, macs: Sequence[bytes], session: Session | None, audit: AuditRow
    ) -> bool:
        """See CredentialStore."""
        if self._over(session):
            return False
        self._keep_audit(audit)
        self._passwords[password.person] = password
        self._renew(session)
        self._replace_recovery(password.person, macs)
        return True

    async def set_recovery(self, person: str, macs: Sequence[bytes], now: datetime, audit: AuditRow) -> None:
        """See CredentialStore."""
        self._keep_audit(audit)
        self._replace_recovery(person, macs)

    def _over(self, session: Session | None) -> bool:
        if session is None:
            return False
        found = self._sessions.get(session.id)
        return found is None or found.revoked_at is not None

    def _renew(self, session: Session | None) -> None:
        if session is not None and session.id in self._sessions:
            self._sessions[session.id] = session

    def _replace_recovery(self, person: str, macs: Sequence[bytes]) -> None:
        for mac, (owner, _) in self._recovery.items():
            if owner == person:
                self._recovery[mac] = (owner, True)
        self._recovery |= {mac: (person, False) for mac in macs}

    async def revoke_passkey(self, credential: bytes, person: str, at: datetime, audit: AuditRow) -> bool:
        """See CredentialStore."""
        found = await self.passkey(credential)
        if found is None or found.person != person:
            return False
        self._keep_audit(audit)
        self._passkeys[credential] = replace(found, revoked_at=at)
        return True

    async def lock(self, session: str, at: datetime, audit: AuditRow) -> bool:
        """See CredentialStore."""
        found = self._sessions.get(session)
        if found is None or not goes_on(found, at) or found.locked_at is not None:
            return False
        self._keep_audit(audit)
        self._sessions[session] = replace(found, locked_at=at)
        return True

    async def sessions_of(self, person: str, now: datetime) -> list[Session]:
        """See CredentialStore."""
        mine = [one for one in self._sessions.values() if one.person == person and goes_on(one, now)]
        return sorted(mine, key=lambda one: (one.created_at, one.id), reverse=True)

    async def at_desk(self, desk: bytes, now: datetime) -> list[tuple[Session, Account]]:
        """See CredentialStore."""
        here = [one for one in self._sessions.values() if one.desk == desk and goes_on(one, now)]
        return [(one, self._accounts[one.person]) for one in sorted(here, key=lambda one: one.id)]

    async def end_all(self, person: str, at: datetime, audit: AuditRow) -> tuple[str, ...]:
        """See CredentialStore."""
        self._keep_audit(audit)
        return self._end(person, at)

    def _end(self, person: str, at: datetime) -> tuple[str, ...]:
        ended = sorted(one.id for one in self._sessions.values() if one.person == person and one.revoked_at is None)
        for session in ended:
            self._sessions[session] = replace(self._sessions[session], revoked_at=at)
        return tuple(ended)

    async def end_everyone(self, at: datetime, audit: AuditRow) -> int:
        """See CredentialStore."""
        self._keep_audit(audit)
        self._ceremonies.clear()
        for token, link in self._links.items():
            self._links[token] = replace(link, redeemed_at=link.redeemed_at or at)
        return sum(len(self._end(person, at)) for person in self._accounts)

    async def end_exercises(self, at: datetime) -> int:
        """See CredentialStore."""
        ended = [one for one in self._sessions.values() if one.assurance == EXERCISE and one.revoked_at is None]
        for one in ended:
            self._sessions[one.id] = replace(one, revoked_at=at)
        return len(ended)

    async def enable(self, person: str, expires_at: datetime | None, audit: AuditRow) -> bool:
        """See CredentialStore."""
        if person not in self._accounts:
            return False
        self._keep_audit(audit)
        self._accounts[person] = replace(self._accounts[person], disabled=False, expires_at=expires_at)
        return True

    async def release(self, person: str, audit: AuditRow) -> int:
        """See CredentialStore."""
        self._keep_audit(audit)
        self._attempts.pop(person, None)
        opened = [one for one in self._locks if one[0] == person]
        for one in opened:
            del self._locks[one]
        return len(opened)

    async def locks(self) -> list[Lock]:
        """See CredentialStore."""
        found = [Lock(key, source, since) for (key, source), since in self._locks.items() if key[0] != STRANGER]
        return sorted(found, key=lambda lock: (lock.key, lock.source))

    async def reset(self, person: str, link: Link, at: datetime, audit: AuditRow) -> tuple[str, ...] | None:
        """See CredentialStore."""
        account = self._accounts.get(person)
        if account is None or account.disabled:
            return None
        self._keep_audit(audit)
        for credential, kept in self._passkeys.items():
            if kept.person == person and kept.revoked_at is None:
                self._passkeys[credential] = replace(kept, revoked_at=at)
        self._passwords.pop(person, None)
        self._replace_recovery(person, ())
        self._links[link.token_sha256] = link
        return self._end(person, at)

    async def identify(self, issuer: str, subject: str, person: str, at: datetime, audit: AuditRow) -> bool:
        """See CredentialStore."""
        if person not in self._accounts:
            return False
        self._keep_audit(audit)
        self._identities[issuer, subject] = person
        self._linked[issuer, subject] = Identity(issuer, subject, at, audit.who)
        return True

    async def identities(self, person: str) -> list[Identity]:
        """See CredentialStore."""
        mine = [self._linked[key] for key, held in self._identities.items() if held == person]
        return sorted(mine, key=lambda one: (one.linked_at, one.issuer, one.subject))

    async def forget_identity(self, issuer: str, subject: str, person: str, at: datetime, audit: AuditRow) -> bool:
        """See CredentialStore."""
        if self._identities.get((issuer, subject)) != person:
            return False
        self._keep_audit(audit)
        del self._identities[issuer, subject]
        return True

    async def set_up(
        self, code: bytes, account: Account, grants: Sequence[Grant], session: Session, audit: AuditRow, now: datetime
    ) -> bool:
        """See CredentialStore."""
        kept = self._ceremonies.get(code)
        if kept is None or kept.kind != SET_UP or now >= kept.expires_at or (await self.anyone())[0]:
            return False
        if account.person in self._accounts:
            return False
        self._keep_audit(audit)
        del self._ceremonies[code]
        if not self._access.agencies_by_id:
            self._access.agencies_by_id[account.agency] = founding(account.agency, now)
        self._accounts[account.person] = account
        for grant in grants:
            self._grants[grant.person, grant.role, grant.incident] = grant
        for key, one in list(self._sessions.items()):
            if one.assurance == "setup" and one.revoked_at is None:
                self._sessions[key] = replace(one, revoked_at=now)
        self._sessions[session.id] = session
        return True

    def _forget_strangers(self, now: datetime) -> None:
        for key in [key for key in self._attempts if key[0] == STRANGER]:
            self._attempts[key] = [one for one in self._attempts[key] if now - one[0] < TRIES_ANYWHERE_WITHIN]
        for lock, since in list(self._locks.items()):
            if lock[0][0] == STRANGER and now - since >= TRIES_ANYWHERE_WITHIN:
                del self._locks[lock]
