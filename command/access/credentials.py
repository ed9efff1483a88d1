"""What people prove themselves with, as it is kept, and the port that keeps it.

PostgreSQL and memory keep one contract (tests/access/credentials_contract.py). Every act takes its audit row and keeps
it in the same transaction: no audit, no act.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol

import msgspec

from command.access.model import Account, Grant
from command.access.ports import Link
from command.access.sessions import Session
from command.store.ports import AuditRow

TRIES: Final = 5
TRIES_WITHIN: Final = timedelta(minutes=15)
"""CJISSECPOL AC-7: five wrong ones in fifteen minutes shut the account from there."""

TRIES_ANYWHERE: Final = 20
TRIES_ANYWHERE_WITHIN: Final = timedelta(hours=24)
"""From everywhere together: the account's password path is shut then, and its passkey path is not."""

ANYWHERE: Final = "*"
STRANGER: Final = "?"
"""First letter of the key of a name that nobody has; no person's id begins so."""


class Passkey(msgspec.Struct, frozen=True):
    """The public half of a passkey, and how often the authenticator says that it was used."""

    id: bytes
    person: str
    public_key: bytes
    counter: int
    rp_id: str
    label: str
    created_at: datetime
    used_at: datetime | None = None
    revoked_at: datetime | None = None


class Password(msgspec.Struct, frozen=True):
    """A password's hash with the boxed secret of its one-time codes; `last_step` was the last one that counted."""

    person: str
    phc: str
    totp: bytes
    last_step: int
    set_at: datetime


class Ceremony(msgspec.Struct, frozen=True):
    """Something half-done that is used once and soon over. `binding` is what it may be finished by: a browser's desk,
    a session. `data` is the ceremony's own; secrets in it are worth nothing afterwards."""

    sha256: bytes
    kind: str
    binding: bytes
    person: str
    data: bytes
    created_at: datetime
    expires_at: datetime


class Proof(msgspec.Struct, frozen=True):
    """What a sign-in rests on: it is used up in the same transaction, or the sign-in does not happen."""

    passkey: tuple[bytes, int, int] | None = None  # id, the counter that was compared, the new one
    totp: tuple[int, int] | None = None  # the step that was compared with, the new one
    recovery: bytes | None = None  # the code's mac
    phc: tuple[str, str] | None = None  # the hash that was checked, and the one that replaces it (or itself)
    identity: tuple[str, str] | None = None  # issuer, subject


class Held(msgspec.Struct, frozen=True):
    """All that one person can sign in with now."""

    passkeys: tuple[Passkey, ...]
    password: Password | None
    recovery_left: int


class Entered(msgspec.Struct, frozen=True):
    """A session that was opened, or that goes on."""

    session: Session
    resumed: bool


class Lock(msgspec.Struct, frozen=True):
    """Shut since then; `source` is an address, or `*`."""

    key: str
    source: str
    since: datetime


class Identity(msgspec.Struct, frozen=True):
    """What a provider calls someone, and who said so."""

    issuer: str
    subject: str
    linked_at: datetime
    linked_by: str


class CredentialStore(Protocol):
    """All methods raise Unavailable when the record cannot be kept or read; nothing was done then."""

    async def begin(self, ceremony: Ceremony) -> None:
        """Keep a ceremony; forgets those that are over, and with a new set-up code each one from before."""

    async def look(self, sha256: bytes, kind: str, binding: bytes, now: datetime) -> Ceremony | None:
        """A ceremony of this kind and binding that is not over; it stays."""

    async def take(self, sha256: bytes, kind: str, binding: bytes, now: datetime) -> Ceremony | None:
        """The same, used up: whoever comes second gets None."""

    async def held(self, person: str) -> Held:
        """What someone can sign in with."""

    async def passkey(self, credential: bytes) -> Passkey | None:
        """A passkey that was not revoked."""

    async def identity(self, issuer: str, subject: str) -> str | None:
        """Who that is here."""

    async def anyone(self) -> tuple[bool, bool]:
        """Whether there is an administrator who can sign in, and whether anyone holds a credential."""

    async def attempt(self, key: str, source: str, now: datetime) -> bool:
        """Count a try before it is judged. False where it is shut: nothing was counted then."""

    async def wrong(self, key: str, source: str, now: datetime, audit: AuditRow, shut: AuditRow) -> bool:
        """The try that was counted was wrong; `shut` is written as well where this one shuts it, and True comes back."""

    async def enter(
        self, person: str, proof: Proof, session: Session, resume: str | None, audit: AuditRow, now: datetime
    ) -> Entered | None:
        """Use the proof up and open `session`, or go on with another of the person's under its token.

        Goes on with the session `resume`, else with one that waits at the same desk, where it is this person's and not
        over. Forgets wrong tries from this source. None, with nothing done, where the proof was used meanwhile or was
        revoked, or nobody may be signed in as `person`.
        """

    async def add_passkey(self, passkey: Passkey, session: Session | None, audit: AuditRow) -> bool:
        """Keep a passkey; `session` is the caller's own under a new token. False where its id is taken, and where the
        session has ended meanwhile: what a reset took away must not come back by an answer that was under way."""

    async def set_password(
        self, password: Password, macs: Sequence[bytes], session: Session | None, audit: AuditRow
    ) -> bool:
        """Keep a password with its codes in the place of any before; recovery codes from before are used up.

        False where the session has ended meanwhile, as with a passkey.
        """

    async def set_recovery(self, person: str, macs: Sequence[bytes], now: datetime, audit: AuditRow) -> None:
        """Recovery codes in the place of those from before."""

    async def revoke_passkey(self, credential: bytes, person: str, at: datetime, audit: AuditRow) -> bool:
        """End a passkey of this person's for good; False where there is none."""

    async def lock(self, session: str, at: datetime, audit: AuditRow) -> bool:
        """Put a session away until its person comes back; False where it had ended or is locked."""

    async def sessions_of(self, person: str, now: datetime) -> list[Session]:
        """Sessions of someone that have not ended, newest first."""

    async def at_desk(self, desk: bytes, now: datetime) -> list[tuple[Session, Account]]:
        """Sessions at this browser that have not ended."""

    async def end_all(self, person: str, at: datetime, audit: AuditRow) -> tuple[str, ...]:
        """Revoke every session of someone; the ids of those that this ended."""

    async def end_everyone(self, at: datetime, audit: AuditRow) -> int:
        """Revoke every session there is, use up every link, forget what is half-done; how many sessions that ended."""

    async def end_exercises(self, at: datetime) -> int:
        """Revoke what links of an exercise opened."""

    async def enable(self, person: str, expires_at: datetime | None, audit: AuditRow) -> bool:
        """Let an account sign in again, until then; False where there is none."""

    async def release(self, person: str, audit: AuditRow) -> int:
        """Open what wrong tries have shut; how many locks that were."""

    async def locks(self) -> list[Lock]:
        """What is shut now, of people that there are."""

    async def reset(self, person: str, link: Link, at: datetime, audit: AuditRow) -> tuple[str, ...] | None:
        """Revoke all credentials and sessions of someone and keep a link for new ones; None where there is no such
        person or they are disabled."""

    async def identify(self, issuer: str, subject: str, person: str, at: datetime, audit: AuditRow) -> bool:
        """Say who a provider's subject is here; False where there is no such person."""

    async def identities(self, person: str) -> list[Identity]:
        """What providers call someone, the oldest first; ended ones left out."""

    async def forget_identity(self, issuer: str, subject: str, person: str, at: datetime, audit: AuditRow) -> bool:
        """End that: nobody signs in by it. False where it is not there."""

    async def set_up(
        self, code: bytes, account: Account, grants: Sequence[Grant], session: Session, audit: AuditRow, now: datetime
    ) -> bool:
        """Use the set-up code up and make the first administrator with a session, and their agency where there is none
        yet. Whoever came in by an earlier code and set up no credential is out. False where the code is no good, or there
        is an administrator who can sign in already."""


def shut_by(tries: Sequence[tuple[datetime, str]], source: str, now: datetime) -> tuple[str, ...]:
    """Which sources these wrong tries (when, from where) shut at `now`: `source`, `*`, both or none. Pure."""
    here = sum(1 for at, of in tries if of == source and now - at < TRIES_WITHIN)
    anywhere = sum(1 for at, _ in tries if now - at < TRIES_ANYWHERE_WITHIN)
    return (*((source,) if here >= TRIES else ()), *((ANYWHERE,) if anywhere >= TRIES_ANYWHERE else ()))


SET_UP: Final = "set-up"
"""The kind of the ceremony whose code makes the first administrator."""

NO_RETURN: Final = frozenset({"link", "setup", "display", "exercise"})
"""How sessions were opened that no later proof goes on with: they stand for no one who proved themselves."""


def resumed(before: Session, session: Session) -> Session:
    """`before` as it goes on: with the token, proof and activity of `session`. Its end stays where it was."""
    return msgspec.structs.replace(
        before,
        token_sha256=session.token_sha256,
        last_active_at=session.last_active_at,
        idle_s=session.idle_s,
        source=session.source,
        assurance=session.assurance,
        verified_at=session.verified_at,
        locked_at=None,
        desk=session.desk,
    )


def goes_on(session: Session, now: datetime) -> bool:
    """Whether a session is one that its person can come back to."""
    return session.revoked_at is None and now < session.absolute_until
