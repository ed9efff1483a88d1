"""Server-side sessions: an opaque token in a cookie, its hash in the database, and a pure rule for when it ends.

The token has 256 random bits and no meaning; only its SHA-256 is stored, so a
copy of the database signs nobody in. What a session may do is read from the
grants at each act and never kept in it.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import datetime, timedelta
from typing import Final, Literal

import msgspec

from command.access.model import Account, Grant, Subject

IDLE_S: Final = 15 * 60
"""Lock after so long without an act of the person, unless the settings say otherwise. Pings, pushes and polling are no
acts."""

IDLE_MOST_S: Final = 30 * 60
"""The longest that CJISSECPOL AC-11 allows."""

ABSOLUTE: Final = timedelta(hours=12)
"""Sign in again after 12 hours whatever happens (CJISSECPOL IA-11)."""

TOUCH_EVERY_S: Final = 10
"""An act is written down at most this often: a session may lock so much early, and never late."""

EXERCISE: Final = "exercise"
DISPLAY: Final = "display"
ENROL_ONLY: Final = frozenset({"link", "setup"})

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")  # 32 bytes in base64url without padding

Liveness = Literal["live", "idle", "ended"]


class Session(msgspec.Struct, frozen=True):
    """A signed-in browser or program. `id` is public and stands in the audit trail; the token never does."""

    id: str
    person: str
    token_sha256: bytes
    created_at: datetime
    last_active_at: datetime
    absolute_until: datetime
    idle_s: int
    revoked_at: datetime | None
    source: str
    # How the sign-in was proven: "passkey", "password+totp", "password+recovery", "oidc"; "link" and "setup" let in only
    # to set up a credential; "exercise" is a link of an exercise; "display" is a device on a wall.
    assurance: str
    verified_at: datetime | None = None  # when the person last proved themselves
    locked_at: datetime | None = None  # put away by hand
    desk: bytes | None = None  # SHA-256 of what the browser holds that several people share


class ActsAs(msgspec.Struct, frozen=True):
    """The role that someone with several at an incident acts and looks in, in one session."""

    incident: str
    role: str


class SignedIn(msgspec.Struct, frozen=True):
    """A session with whose it is, as one read of the store gives them."""

    session: Session
    account: Account
    grants: tuple[Grant, ...]
    acts_as: tuple[ActsAs, ...] = ()


def liveness(session: Session, now: datetime) -> Liveness:
    """`ended`: revoked or past its absolute end, and gone for good. `idle`: locked, by hand or for want of activity;
    the same person opens it again by proving themselves.

    A moment exactly on a boundary is past it: 14:59 is live, 15:00 is not.
    """
    if session.revoked_at is not None and session.revoked_at <= now:
        return "ended"
    if now >= session.absolute_until:
        return "ended"
    if session.locked_at is not None and session.locked_at <= now:
        return "idle"
    if now - session.last_active_at >= timedelta(seconds=session.idle_s):
        return "idle"
    return "live"


def due_for_touch(session: Session, now: datetime) -> bool:
    """Whether an act of the user at `now` is worth a write. Never brings an idle or ended session back."""
    return liveness(session, now) == "live" and now - session.last_active_at >= timedelta(seconds=TOUCH_EVERY_S)


def usable(account: Account, now: datetime) -> bool:
    """Whether anyone may be signed in as this account at `now`: neither disabled nor at its end."""
    return not account.disabled and (account.expires_at is None or now < account.expires_at)


def subject_of(known: SignedIn, source: str, now: datetime) -> Subject | None:
    """Who this session is at the authorizer's door, or None where it or its account has ended."""
    if not usable(known.account, now) or known.session.person != known.account.person:
        return None
    if liveness(known.session, now) != "live":
        return None
    assurance = known.session.assurance
    return Subject(
        person=known.account.person,
        name=known.account.name,
        agency=known.account.agency,
        rank=known.account.rank,
        session=known.session.id,
        source=source,
        # A wall shows what its own grant says and never more; a person is never a wall.
        grants=tuple(grant for grant in known.grants if (grant.role == "display") == (assurance == DISPLAY)),
        training=known.account.training,
        verified_at=known.session.verified_at,
        must_enrol=assurance in ENROL_ONLY,
        exercise=assurance == EXERCISE,
        acts_as=tuple((one.incident, one.role) for one in known.acts_as),
    )


def new_token() -> str:
    """A fresh secret of 256 bits, fit for a cookie, for a URL fragment, and for a word of a command: it begins with no dash."""
    while (token := secrets.token_urlsafe(32)).startswith("-"):
        pass
    return token


def token_digest(token: str) -> bytes | None:
    """The stored form of a token, or None for what cannot be one (so that the store is not asked)."""
    return hashlib.sha256(token.encode("ascii")).digest() if _TOKEN.fullmatch(token) else None


def new_session(
    token: str,
    *,
    person: str,
    source: str,
    assurance: str,
    now: datetime,
    idle_s: int = IDLE_S,
    verified: bool = False,
    desk: bytes | None = None,
) -> Session:
    """A session that starts at `now`; `verified`: the person has just proved themselves. A display never idles. Raises ValueError for a token that `new_token` did not make."""
    digest = token_digest(token)
    if digest is None:
        raise ValueError("expected a token of 43 base64url characters")
    return Session(
        id="s-" + secrets.token_hex(8),
        person=person,
        token_sha256=digest,
        created_at=now,
        last_active_at=now,
        absolute_until=now + ABSOLUTE,
        idle_s=int(ABSOLUTE.total_seconds()) if assurance == DISPLAY else idle_s,
        revoked_at=None,
        source=source,
        assurance=assurance,
        verified_at=now if verified else None,
        desk=desk,
    )


def as_display(session: Session) -> Session:
    """The same session as that of a display on a wall, which nobody touches: it ends, and does not idle."""
    return msgspec.structs.replace(session, assurance=DISPLAY, idle_s=int(ABSOLUTE.total_seconds()))


class Cookie(msgspec.Struct, frozen=True):
    """How the session cookie is set. `Set-Cookie` is written whole: nothing in it comes from a request."""

    name: str = "__Host-muster"

    def set(self, token: str) -> str:
        """The header that hands the token to the browser. No Max-Age: it goes with the browser, the server decides.

        `__Host-` needs Secure; Chromium and Firefox take such a cookie over plain http from the machine itself
        (localhost, 127.0.0.1), which is the only plain http that we serve.
        """
        return f"{self.name}={token}; Path=/; Secure; HttpOnly; SameSite=Strict"

    @property
    def desk_name(self) -> str:
        """The cookie that says which shared browser this is. It signs nobody in."""
        return self.name + "-desk"

    def set_desk(self, token: str) -> str:
        """The header that marks a browser, for half a year: colleagues who share it find their locked sessions."""
        return f"{self.desk_name}={token}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=15552000"

    def clear(self) -> str:
        """The header that takes it away."""
        return f"{self.name}=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0"
