"""Access kept in memory: for tests, virtual time and the contract suite; the same words as `postgres`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from msgspec.structs import replace

from command.access.agencies import Agency, founding
from command.access.deconflict import SealedNotice
from command.access.model import Account, Grant
from command.access.ports import Link
from command.access.sessions import EXERCISE, ActsAs, Session, SignedIn, as_display, liveness, usable
from command.store.ports import AuditRow


class MemoryAccess:
    """An AccessStore whose acts are atomic because nothing here awaits.

    `keep_audit` is called first in each act: where it raises, nothing else happens.
    """

    def __init__(self, keep_audit: Callable[[AuditRow], None]) -> None:
        self._keep_audit = keep_audit
        self.accounts_by_id: dict[str, Account] = {}
        self.grants_by_key: dict[tuple[str, str, str], Grant] = {}
        self.notices_by_id: dict[str, SealedNotice] = {}
        self.links_by_digest: dict[bytes, Link] = {}
        self.sessions_by_id: dict[str, Session] = {}
        self.agencies_by_id: dict[str, Agency] = {}
        self.roles_by_session: dict[tuple[str, str], str | None] = {}

    async def agencies(self) -> list[Agency]:
        """See AgencyStore."""
        return [self.agencies_by_id[one] for one in sorted(self.agencies_by_id)]

    async def add_agency(self, agency: Agency, audit: AuditRow) -> bool:
        """See AgencyStore."""
        if agency.id in self.agencies_by_id:
            return False
        self._keep_audit(audit)
        if not self.agencies_by_id:
            named = {account.agency for account in self.accounts_by_id.values()} - {agency.id}
            self.agencies_by_id = {one: founding(one, audit.at) for one in sorted(named)}
        self.agencies_by_id[agency.id] = agency
        return True

    async def change_agency(self, agency: Agency, audit: AuditRow) -> bool:
        """See AgencyStore."""
        held = self.agencies_by_id.get(agency.id)
        if held is None:
            return False
        self._keep_audit(audit)
        self.agencies_by_id[agency.id] = replace(agency, since=held.since)
        return True

    async def invite(self, account: Account, grants: Sequence[Grant], link: Link, audit: AuditRow) -> None:
        """See AccessStore."""
        self._keep_audit(audit)
        held = self.accounts_by_id.get(account.person)
        if held is not None and not account.training:
            account = replace(account, training=held.training)
        if held is not None and account.expires_at is None:
            account = replace(account, expires_at=held.expires_at)
        self.accounts_by_id[account.person] = account
        for grant in grants:
            self.grants_by_key[grant.person, grant.role, grant.incident] = grant
        self.links_by_digest[link.token_sha256] = link

    async def redeem(self, token_sha256: bytes, session: Session, audit: AuditRow, now: datetime) -> str | None:
        """See AccessStore."""
        link = self.links_by_digest.get(token_sha256)
        if link is None or link.redeemed_at is not None or now >= link.expires_at:
            return None
        if not usable(self.accounts_by_id[link.person], now):
            return None
        self._keep_audit(replace(audit, who=link.person, session=session.id))
        self.links_by_digest[token_sha256] = replace(link, redeemed_at=now)
        ours = as_display(session) if link.purpose == "display" else session
        self.sessions_by_id[session.id] = replace(ours, person=link.person)
        return link.person

    async def signed_in(self, token_sha256: bytes) -> SignedIn | None:
        """See AccessStore."""
        for session in self.sessions_by_id.values():
            if session.token_sha256 == token_sha256:
                return self._join(session)
        return None

    async def session(self, session_id: str) -> SignedIn | None:
        """See AccessStore."""
        session = self.sessions_by_id.get(session_id)
        return None if session is None else self._join(session)

    async def sessions(self, session_ids: Sequence[str]) -> list[SignedIn]:
        """See AccessStore."""
        return [self._join(self.sessions_by_id[one]) for one in session_ids if one in self.sessions_by_id]

    async def touch(self, session_id: str, at: datetime) -> None:
        """See AccessStore."""
        session = self.sessions_by_id.get(session_id)
        if session is not None and session.last_active_at < at and liveness(session, at) == "live":
            self.sessions_by_id[session_id] = replace(session, last_active_at=at)

    async def revoke(self, session_id: str, at: datetime, audit: AuditRow | None) -> bool:
        """See AccessStore."""
        session = self.sessions_by_id.get(session_id)
        if session is None or session.revoked_at is not None:
            return False
        if audit is not None:
            self._keep_audit(audit)
        self.sessions_by_id[session_id] = replace(session, revoked_at=at)
        return True

    async def act_as(self, session_id: str, incident: str, role: str | None, at: datetime, audit: AuditRow) -> None:
        """See AccessStore."""
        self._keep_audit(audit)
        self.roles_by_session[session_id, incident] = role

    async def unlock(self, session_id: str, at: datetime, audit: AuditRow) -> bool:
        """See AccessStore."""
        session = self.sessions_by_id.get(session_id)
        if session is None or session.assurance != EXERCISE or liveness(session, at) == "ended":
            return False
        self._keep_audit(audit)
        self.sessions_by_id[session_id] = replace(session, locked_at=None, last_active_at=at)
        return True

    async def disable(self, person: str, at: datetime, audit: AuditRow) -> tuple[str, ...]:
        """See AccessStore."""
        account = self.accounts_by_id.get(person)
        if account is None:
            return ()
        self._keep_audit(audit)
        self.accounts_by_id[person] = replace(account, disabled=True)
        ended = sorted(s.id for s in self.sessions_by_id.values() if s.person == person and s.revoked_at is None)
        for session_id in ended:
            self.sessions_by_id[session_id] = replace(self.sessions_by_id[session_id], revoked_at=at)
        return tuple(ended)

    async def accounts(self) -> list[tuple[Account, tuple[Grant, ...]]]:
        """See AccessStore."""
        return [(self.accounts_by_id[person], self._held(person)) for person in sorted(self.accounts_by_id)]

    async def account(self, person: str) -> Account | None:
        """See AccessStore."""
        return self.accounts_by_id.get(person)

    async def keep_notice(self, notice: SealedNotice, audit: AuditRow) -> None:
        """See AccessStore."""
        self._keep_audit(audit)
        self.notices_by_id[notice.id] = notice

    async def notices(self, incident: str, now: datetime) -> list[SealedNotice]:
        """See AccessStore."""
        self.notices_by_id = {name: one for name, one in self.notices_by_id.items() if now < one.until}
        found = (one for one in self.notices_by_id.values() if one.incident == incident)
        return sorted(found, key=lambda one: (one.until, one.id))

    async def end_notice(self, incident: str, notice: str, audit: AuditRow) -> bool:
        """See AccessStore."""
        kept = self.notices_by_id.get(notice)
        if kept is None or kept.incident != incident:
            return False
        self._keep_audit(audit)
        del self.notices_by_id[notice]
        return True

    def _join(self, session: Session) -> SignedIn:
        chosen = sorted(
            (one, role) for (held, one), role in self.roles_by_session.items() if held == session.id and role
        )
        return SignedIn(
            session=session,
            account=self.accounts_by_id[session.person],
            grants=self._held(session.person),
            acts_as=tuple(ActsAs(incident, role) for incident, role in chosen),
        )

    def _held(self, person: str) -> tuple[Grant, ...]:
        return tuple(self.grants_by_key[key] for key in sorted(self.grants_by_key) if key[0] == person)
