"""Access kept in memory: for tests, virtual time and the contract suite; the same words as `postgres`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from msgspec.structs import replace

from command.access.model import Account, Grant
from command.access.ports import Link
from command.access.sessions import Session, SignedIn, liveness
from command.store.ports import AuditRow


class MemoryAccess:
    """An AccessStore whose acts are atomic because nothing here awaits.

    `keep_audit` is called first in each act: where it raises, nothing else happens.
    """

    def __init__(self, keep_audit: Callable[[AuditRow], None]) -> None:
        self._keep_audit = keep_audit
        self._accounts: dict[str, Account] = {}
        self._grants: dict[tuple[str, str, str], Grant] = {}
        self._links: dict[bytes, Link] = {}
        self._sessions: dict[str, Session] = {}

    async def invite(self, account: Account, grants: Sequence[Grant], link: Link, audit: AuditRow) -> None:
        """See AccessStore."""
        self._keep_audit(audit)
        held = self._accounts.get(account.person)
        if held is not None and not account.training:
            account = replace(account, training=held.training)
        self._accounts[account.person] = account
        for grant in grants:
            self._grants[grant.person, grant.role, grant.incident] = grant
        self._links[link.token_sha256] = link

    async def redeem(self, token_sha256: bytes, session: Session, audit: AuditRow, now: datetime) -> str | None:
        """See AccessStore."""
        link = self._links.get(token_sha256)
        if link is None or link.redeemed_at is not None or now >= link.expires_at:
            return None
        if self._accounts[link.person].disabled:
            return None
        self._keep_audit(replace(audit, who=link.person, session=session.id))
        self._links[token_sha256] = replace(link, redeemed_at=now)
        self._sessions[session.id] = replace(session, person=link.person)
        return link.person

    async def signed_in(self, token_sha256: bytes) -> SignedIn | None:
        """See AccessStore."""
        for session in self._sessions.values():
            if session.token_sha256 == token_sha256:
                return self._join(session)
        return None

    async def session(self, session_id: str) -> SignedIn | None:
        """See AccessStore."""
        session = self._sessions.get(session_id)
        return None if session is None else self._join(session)

    async def sessions(self, session_ids: Sequence[str]) -> list[SignedIn]:
        """See AccessStore."""
        return [self._join(self._sessions[one]) for one in session_ids if one in self._sessions]

    async def touch(self, session_id: str, at: datetime) -> None:
        """See AccessStore."""
        session = self._sessions.get(session_id)
        if session is not None and session.last_active_at < at and liveness(session, at) == "live":
            self._sessions[session_id] = replace(session, last_active_at=at)

    async def revoke(self, session_id: str, at: datetime, audit: AuditRow | None) -> bool:
        """See AccessStore."""
        session = self._sessions.get(session_id)
        if session is None or session.revoked_at is not None:
            return False
        if audit is not None:
            self._keep_audit(audit)
        self._sessions[session_id] = replace(session, revoked_at=at)
        return True

    async def disable(self, person: str, at: datetime, audit: AuditRow) -> tuple[str, ...]:
        """See AccessStore."""
        account = self._accounts.get(person)
        if account is None:
            return ()
        self._keep_audit(audit)
        self._accounts[person] = replace(account, disabled=True)
        ended = sorted(s.id for s in self._sessions.values() if s.person == person and s.revoked_at is None)
        for session_id in ended:
            self._sessions[session_id] = replace(self._sessions[session_id], revoked_at=at)
        return tuple(ended)

    async def accounts(self) -> list[tuple[Account, tuple[Grant, ...]]]:
        """See AccessStore."""
        return [(self._accounts[person], self._held(person)) for person in sorted(self._accounts)]

    async def account(self, person: str) -> Account | None:
        """See AccessStore."""
        return self._accounts.get(person)

    def _join(self, session: Session) -> SignedIn:
        return SignedIn(session=session, account=self._accounts[session.person], grants=self._held(session.person))

    def _held(self, person: str) -> tuple[Grant, ...]:
        return tuple(self._grants[key] for key in sorted(self._grants) if key[0] == person)
