"""Handlers of an administrator upon accounts: disable and enable, release, reset, identities, displays, sessions."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import msgspec
from aiohttp import web

from command.access import links
from command.access.agencies import check
from command.access.audit import entry
from command.access.authorizer import EVERY_INCIDENT
from command.access.codes import qr_svg
from command.access.enrolment import identify as link_identity
from command.access.enrolment import reset as reset_credentials
from command.access.model import Account, Grant
from command.errors import NotFound, Unreadable
from command.store.ports import AuditRow
from command.web import answers
from command.web.door import Call
from command.web.handlers_credentials import session_row
from command.web.shapes import Invited
from command.web.shapes_sign_in import (
    Ended,
    EndedIdentity,
    Identities,
    IdentityRow,
    LockRow,
    Locks,
    NewDisplay,
    NewIdentity,
    Nothing,
    Release,
    Released,
    Renewal,
    Sessions,
)

NO_SUCH: Final = "there is no such account"

_nothing: msgspec.json.Decoder[Nothing] = msgspec.json.Decoder(Nothing)
_renewal: msgspec.json.Decoder[Renewal] = msgspec.json.Decoder(Renewal)
_display: msgspec.json.Decoder[NewDisplay] = msgspec.json.Decoder(NewDisplay)
_release: msgspec.json.Decoder[Release] = msgspec.json.Decoder(Release)
_unlink: msgspec.json.Decoder[EndedIdentity] = msgspec.json.Decoder(EndedIdentity)
_identity: msgspec.json.Decoder[NewIdentity] = msgspec.json.Decoder(NewIdentity)


async def disable(call: Call) -> web.Response:
    """Shut an account at once: its sessions end, their sockets close, no credential of it works."""
    await call.read(_nothing)
    person = await _person(call)
    ended = await call.services.access.disable(person, call.now, _row(call, "user.disable", person))
    return _ended(call, ended)


async def enable(call: Call) -> web.Response:
    """Let an account sign in again, for so many hours or without an end."""
    body = await call.read(_renewal)
    person = await _person(call)
    until = None if body.hours is None else call.now + timedelta(hours=body.hours)
    await call.services.sign_in.store.enable(person, until, _row(call, "user.enable", person))
    return answers.nothing()


async def locks(call: Call) -> web.Response:
    """What wrong tries have shut, of accounts that there are."""
    found = await call.services.sign_in.store.locks()
    return answers.json(Locks(tuple(LockRow(one.key, one.source, one.since) for one in found)))


async def release(call: Call) -> web.Response:
    """Open what wrong tries have shut."""
    body = await call.read(_release)
    person = await _person(call)
    row = msgspec.structs.replace(_row(call, "user.release", person), detail=body.reason)
    opened = await call.services.sign_in.store.release(person, row)
    return answers.json(Released(opened))


async def reset(call: Call) -> web.Response:
    """For lost credentials: all of them end, sessions too, and a link lets in to set up new ones."""
    await call.read(_nothing)
    person = await _person(call)
    base = call.services.settings.base_urls[0]
    done = await reset_credentials(call.services.sign_in.store, person, base_url=base, now=call.now, by=call.who)
    if done is None:
        raise Unreadable("expected an account that is not disabled", where="person")
    url, ended = done
    for session in ended:
        call.services.session_ended(session)
    return answers.json(invited(url, call.now))


async def identify(call: Call) -> web.Response:
    """Say what a provider calls someone."""
    body = await call.read(_identity)
    person = await _person(call)
    issuer = call.services.oidc.provider(body.provider).issuer
    row = _row(call, "user.identify", person)
    own = person == call.who.person
    await link_identity(call.services.sign_in.store, issuer, body.subject, person, call.now, row, own=own)
    return answers.nothing()


async def identities(call: Call) -> web.Response:
    """What agencies' own sign-ins call someone."""
    found = await call.services.sign_in.store.identities(await _person(call))
    ours = {one.issuer: name for name, one in call.services.oidc.providers.items()}
    rows = (
        IdentityRow(ours.get(one.issuer, ""), one.issuer, one.subject, one.linked_at, one.linked_by) for one in found
    )
    return answers.json(Identities(tuple(rows)))


async def end_identity(call: Call) -> web.Response:
    """End a link to an agency's own sign-in: nobody signs in by it any more."""
    body = await call.read(_unlink)
    person = await _person(call)
    row = msgspec.structs.replace(_row(call, "user.identify", person), detail="ended")
    if not await call.services.sign_in.store.forget_identity(body.issuer, body.subject, person, call.now, row):
        raise NotFound("there is no such link of theirs")
    return answers.nothing()


async def sessions(call: Call) -> web.Response:
    """Someone's sessions that have not ended."""
    found = await call.services.sign_in.store.sessions_of(await _person(call), call.now)
    return answers.json(Sessions(tuple(session_row(call, one) for one in found)))


async def end_sessions(call: Call) -> web.Response:
    """End all sessions of someone; their sockets close."""
    person = await _person(call)
    row = _row(call, "user.end-sessions", person)
    return _ended(call, await call.services.sign_in.store.end_all(person, call.now, row))


async def end_session(call: Call) -> web.Response:
    """End one session of someone; its sockets close."""
    person = await _person(call)
    session = call.request.match_info["session"]
    if session not in {one.id for one in await call.services.sign_in.store.sessions_of(person, call.now)}:
        raise NotFound("there is no such session of theirs")
    await call.services.access.revoke(session, call.now, _row(call, "user.end-sessions", person))
    return _ended(call, (session,))


async def invite_display(call: Call) -> web.Response:
    """Make a browser a display on the wall, by a link of its own kind."""
    body = await call.read(_display)
    call.object = body.display
    await check(call.services.access, body.agency, call.now)
    held = {account.person: grants for account, grants in await call.services.access.accounts()}
    if any(grant.role != "display" for grant in held.get(body.display, ())):
        raise Unreadable("expected an id of its own for the device: this one is a person's", where="display")
    until = None if body.hours is None else call.now + timedelta(hours=body.hours)
    grant = Grant(body.display, "display", body.incident or EVERY_INCIDENT, not_after=until, given_by=call.who.person)
    url = await links.invite(
        call.services.access,
        Account(body.display, body.name, body.agency, "civilian", expires_at=until),
        None,
        base_url=call.services.settings.base_urls[0],
        now=call.now,
        by=call.who,
        more=(grant,),
        purpose="display",
    )
    return answers.json(invited(url, call.now), status=201)


def invited(url: str, now: datetime) -> Invited:
    """A link as it is shown once, for the eye and for a camera."""
    return Invited(url=url, expires_at=now + links.LIFETIME, qr=qr_svg(url))


async def _person(call: Call) -> str:
    """Whom the path names. Raises NotFound."""
    account = await call.services.access.account(call.request.match_info["person"])
    if account is None:
        raise NotFound(NO_SUCH)
    call.object = account.person
    return account.person


def _row(call: Call, action: str, person: str) -> AuditRow:
    return entry(call.who, action, person, "ok", call.now, source=call.source)


def _ended(call: Call, sessions: tuple[str, ...]) -> web.Response:
    for session in sessions:
        call.services.session_ended(session)
    return answers.json(Ended(sessions))
