"""What access needs kept: accounts, grants, one-time links, sessions. PostgreSQL and memory keep this one contract.

One contract suite (tests/access/contract.py) runs on both. Every act takes
its audit row and keeps it in the same transaction: no audit, no act.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, Protocol

import msgspec

from command.access.agencies import AgencyStore
from command.access.deconflict import SealedNotice
from command.access.model import Account, Grant
from command.access.sessions import Session, SignedIn
from command.store.ports import AuditRow


class Link(msgspec.Struct, frozen=True):
    """A one-time link: whoever redeems the token first, in time, is signed in as `person`."""

    token_sha256: bytes
    person: str
    created_at: datetime
    expires_at: datetime
    created_by: str
    redeemed_at: datetime | None = None
    purpose: Literal["enrol", "display"] = "enrol"


class AccessStore(AgencyStore, Protocol):
    """All methods raise Unavailable when the record cannot be kept or read; nothing was done then."""

    async def invite(self, account: Account, grants: Sequence[Grant], link: Link, audit: AuditRow) -> None:
        """Keep the account (its newest words win), its grants (the newest window wins) and the link, or nothing.

        An account that ends keeps its end where the newest words name none: only `enable` takes an end away.
        """

    async def redeem(self, token_sha256: bytes, session: Session, audit: AuditRow, now: datetime) -> str | None:
        """Use a link up and open `session` for its person, in one step; `session.person` and `audit.who` are set here,
        and a link for a display makes the session a display's.

        Returns the person, or None when there is no such link, it was used, is over, or the account is disabled:
        then nothing changed and nothing was audited.
        """

    async def signed_in(self, token_sha256: bytes) -> SignedIn | None:
        """The session of this token with its account and grants, live or not."""

    async def session(self, session_id: str) -> SignedIn | None:
        """The same by public session id, for looking again at an open socket."""

    async def sessions(self, session_ids: Sequence[str]) -> list[SignedIn]:
        """Those of these sessions that there are, in one look, for sweeping over open sockets."""

    async def touch(self, session_id: str, at: datetime) -> None:
        """Write down an act of the user. Never moves backwards; never revives a session that is not live at `at`."""

    async def revoke(self, session_id: str, at: datetime, audit: AuditRow | None) -> bool:
        """End a session for good. False when there is none or it had ended by revocation before."""

    async def act_as(self, session_id: str, incident: str, role: str | None, at: datetime, audit: AuditRow) -> None:
        """Let a session act and look in one role at an incident from now on; None: in the first of its person's."""

    async def unlock(self, session_id: str, at: datetime, audit: AuditRow) -> bool:
        """Go on with a session of an exercise that locked; False for any other, and where it had ended."""

    async def disable(self, person: str, at: datetime, audit: AuditRow) -> tuple[str, ...]:
        """Disable an account and revoke its sessions; returns the ids of those that it ended."""

    async def accounts(self) -> list[tuple[Account, tuple[Grant, ...]]]:
        """All accounts with their grants, by person id."""

    async def keep_notice(self, notice: SealedNotice, audit: AuditRow) -> None:
        """Keep a sealed notice of the register of de-confliction."""

    async def notices(self, incident: str, now: datetime) -> list[SealedNotice]:
        """An incident's notices in force, the one that ends first foremost; those that are over are deleted."""

    async def end_notice(self, incident: str, notice: str, audit: AuditRow) -> bool:
        """Delete a notice. False when there is none: then nothing was audited."""

    async def account(self, person: str) -> Account | None: ...
