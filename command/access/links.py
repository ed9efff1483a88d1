"""One-time links: how anyone gets in for the first time. `muster user invite` and the demo use this same door.

A link lets in to set up a credential, and to nothing else. Only in an exercise (`muster demo`, `--exercise`) does it sign
in by itself: there is nothing to protect there, and everybody is somebody else every ten minutes.

The token stands in the URL's fragment, which browsers send to no server and
write into no referrer; the page at `/link` hands it over by POST. It works once,
within ten minutes (CJISSECPOL IA-5 asks for short-lived initial authenticators;
OpenTAKServer's unlimited enrolment tokens are the example not to follow).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Literal

from command.access.audit import entry
from command.access.authorizer import LENS_OF_ROLE
from command.access.model import Account, Grant, Role, Subject
from command.access.ports import AccessStore, Link
from command.access.sessions import EXERCISE, IDLE_S, Session, new_session, new_token, token_digest
from command.errors import Unreadable
from command.views.lens import MAY_HOLD, GrantedCompartment

LIFETIME: Final = timedelta(minutes=10)


async def invite(
    store: AccessStore,
    account: Account,
    role: Role | None,
    *,
    incident: str = "*",
    base_url: str,
    now: datetime,
    by: Subject,
    not_after: datetime | None = None,
    more: Sequence[Grant] = (),
    units: Sequence[str] = (),
    compartments: Sequence[GrantedCompartment] = (),
    purpose: Literal["enrol", "display"] = "enrol",
) -> str:
    """Give `account` a role at `incident` and return the link that lets it in, once, within ten minutes.

    An account that ends keeps its end where `account` names none.

    `role` None makes a link for the grants that the account already has. `purpose` "display" is for a browser on a wall. `base_url` is where the server is
    reached, without a path. Raises Unreadable for an account that is disabled or has
    ended (`enable` opens it), Unavailable when it cannot be kept.
    """
    held = await store.account(account.person)
    if account.disabled or (held is not None and held.disabled):
        raise Unreadable("expected an account that is not disabled", where="person")
    if account.expires_at is None and held is not None and held.expires_at is not None and held.expires_at <= now:
        raise Unreadable("expected an account that has not ended: let it sign in again first", where="person")
    grants = list(more)
    if role is not None:
        check_scope(role, units, compartments)
        grants.append(
            Grant(
                account.person, role, incident, None, not_after, by.person,
                units=tuple(units), compartments=tuple(compartments),
            )
        )  # fmt: skip
    token = new_token()
    link = Link(
        token_sha256=_digest(token),
        person=account.person,
        created_at=now,
        expires_at=now + LIFETIME,
        created_by=by.person,
        purpose=purpose,
    )
    row = entry(
        by,
        "user.invite" if purpose == "enrol" else "display.invite",
        account.person,
        "ok",
        now,
        source=by.source,
        detail=role or "link only",
    )
    await store.invite(account, grants, link, row)
    return f"{base_url.rstrip('/')}/link#{token}"


def check_scope(role: Role, units: Sequence[str], compartments: Sequence[str]) -> None:
    """Raises Unreadable for units of someone who supervises none, and compartments that the role may not hold."""
    kind = LENS_OF_ROLE[role]
    if units and kind != "supervision":
        raise Unreadable("expected units for a supervisor only", where="units")
    may = MAY_HOLD[kind] if kind is not None else frozenset()
    if not may.issuperset(compartments):
        raise Unreadable(f"expected of {role} only {', '.join(sorted(may)) or 'no compartment'}", where="compartments")


async def redeem(
    store: AccessStore,
    token: str,
    *,
    source: str,
    now: datetime,
    exercise: bool = False,
    idle_s: int = IDLE_S,
    desk: bytes | None = None,
) -> tuple[str, Session] | None:
    """Trade a link's token for a session: (the cookie's token, the session), or None when the link is no good.

    Used, over, unknown and malformed look the same from outside. The audit entry of a success is in the same
    transaction; a failure's is the caller's to write.
    """
    digest = token_digest(token)
    if digest is None:
        return None
    secret = new_token()
    assurance = EXERCISE if exercise else "link"
    session = new_session(
        secret, person="", source=source, assurance=assurance, now=now, idle_s=idle_s, verified=exercise, desk=desk
    )
    row = entry(None, "session.redeem", session.id, "ok", now, source=source)
    person = await store.redeem(digest, session, row, now)
    return None if person is None else (secret, session)


def _digest(token: str) -> bytes:
    digest = token_digest(token)
    assert digest is not None, "new_token makes tokens that token_digest reads"
    return digest
