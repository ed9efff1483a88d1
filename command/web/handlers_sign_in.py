"""Handlers of signing in: the banner, passkeys, passwords with codes, an agency's own sign-in, the set-up code."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

import msgspec
from aiohttp import web

from command.access import enrolment, passkeys
from command.access.audit import entry
from command.access.credentials import NO_RETURN, goes_on
from command.access.model import Account
from command.access.sessions import EXERCISE, Session, liveness, new_token, token_digest, usable
from command.access.signin import At, Opened, PasskeyRefused, WrongTry
from command.errors import Unavailable
from command.web import answers
from command.web.door import Call
from command.web.shapes_sign_in import (
    Acknowledged,
    AtDesk,
    Banner,
    Flow,
    InFlow,
    OidcCallback,
    OidcStart,
    OidcStarted,
    Options,
    Provider,
    SessionLook,
    SetUp,
    SignedInAs,
    State,
    WithPasskey,
    WithPassword,
)

NO_DESK: Final = b"\0" * 32
"""The binding of a browser that sent no desk; nothing is ever kept under it."""

_acknowledged: msgspec.json.Decoder[Acknowledged] = msgspec.json.Decoder(Acknowledged)
_in_flow: msgspec.json.Decoder[InFlow] = msgspec.json.Decoder(InFlow)
_with_passkey: msgspec.json.Decoder[WithPasskey] = msgspec.json.Decoder(WithPasskey)
_with_password: msgspec.json.Decoder[WithPassword] = msgspec.json.Decoder(WithPassword)
_oidc_start: msgspec.json.Decoder[OidcStart] = msgspec.json.Decoder(OidcStart)
_oidc_callback: msgspec.json.Decoder[OidcCallback] = msgspec.json.Decoder(OidcCallback)
_set_up: msgspec.json.Decoder[SetUp] = msgspec.json.Decoder(SetUp)


async def look(call: Call) -> web.Response:
    """Where this browser stands, and how one may sign in."""
    settings = call.services.sign_in.settings
    at = where(call)
    administrator, _ = await call.services.sign_in.store.anyone()
    found = SessionLook(
        state=state_of(call),
        banner=Banner(settings.banner_id, settings.banner),
        passkeys=passkeys.host_of(at.origin) is not None,
        providers=tuple(Provider(one.id, one.name) for one in call.services.oidc.providers.values()),
        desk=await _at_desk(call, at),
        exercise=settings.exercise,
        setup=not administrator and not settings.exercise,
        idle_s=settings.idle_s,
    )
    known = await call.services.access.session(call.session.id) if call.session is not None else None
    if known is not None and found.state != "none":
        session = known.session
        found = msgspec.structs.replace(
            found, person=known.account.person, name=known.account.name, verified_at=session.verified_at,
            ends_at=session.absolute_until,
        )  # fmt: skip
    return answers.json(found)


async def begin(call: Call) -> web.Response:
    """The banner was acknowledged: a sign-in of this browser begins."""
    body = await call.read(_acknowledged)
    at, fresh = where(call), ""
    if at.desk == NO_DESK:
        fresh = new_token()
        at = msgspec.structs.replace(at, desk=token_digest(fresh) or NO_DESK)
    flow, until = await call.services.sign_in.begin(at, body.banner)
    response = answers.json(Flow(flow, until))
    if fresh:
        response.headers.add("Set-Cookie", call.services.cookie.set_desk(fresh))
    return response


async def passkey_options(call: Call) -> web.Response:
    """A challenge for a passkey."""
    body = await call.read(_in_flow)
    offer = await call.services.sign_in.passkey_options(where(call), body.flow)
    return answers.json(Options(offer.ceremony, offer.options))


async def passkey(call: Call) -> web.Response:
    """Sign in with a passkey."""
    body = await call.read(_with_passkey)
    try:
        opened = await call.services.sign_in.passkey(where(call), body.flow, body.ceremony, body.credential)
    except PasskeyRefused as refused:
        call.object = refused.person
        await call.record("denied", f"passkey: {refused.why}")
        raise
    return await enter(call, opened, keep=body.keep)


async def password(call: Call) -> web.Response:
    """Sign in with a password and a one-time or recovery code."""
    body = await call.read(_with_password)
    try:
        opened = await call.services.sign_in.password(where(call), body.flow, body.person, body.password, body.code)
    except WrongTry:
        call.audited = True  # with the try itself
        raise
    return await enter(call, opened, keep=body.keep)


async def oidc_start(call: Call) -> web.Response:
    """Where the browser goes to sign in at the agency's own."""
    body = await call.read(_oidc_start)
    url = await call.services.oidc.start(where(call), body.flow, body.provider, keep_other=body.keep)
    return answers.json(OidcStarted(url))


async def oidc(call: Call) -> web.Response:
    """The browser came back."""
    body = await call.read(_oidc_callback)
    opened, keep = await call.services.oidc.finish(where(call), body.state, body.code)
    return await enter(call, opened, keep=keep)


async def set_up(call: Call) -> web.Response:
    """Make the first administrator, with the code that the server printed."""
    body = await call.read(_set_up)
    account = Account(body.person, body.name, body.agency, body.rank)
    opened = await enrolment.set_up(call.services.sign_in, where(call), body.flow, body.code, account)
    return await enter(call, opened, keep=False)


def where(call: Call) -> At:
    """The browser, the address and the page that a request comes from, and who sits there so far."""
    desk = token_digest(call.request.cookies.get(call.services.cookie.desk_name, ""))
    origin = call.request.headers.get("Origin") or _own_origin(call)
    current = call.session if call.session is not None and goes_on(call.session, call.now) else None
    return At(desk or NO_DESK, call.source, origin, call.now, current)


def state_of(call: Call) -> State:
    """What this browser's session is good for now."""
    if call.subject is None:
        return "locked" if call.locked else "none"
    return "enrol" if call.subject.must_enrol else "live"


async def enter(call: Call, opened: Opened, *, keep: bool) -> web.Response:
    """The answer to a sign-in that worked. What this browser had open before is put away, or ends."""
    # The proof is used up by now, so nothing that may fail stands between it and the cookie.
    before = call.session
    session = opened.session
    body = SignedInAs(
        session.id, session.person, "enrol" if session.assurance in ("link", "setup") else "live", opened.resumed,
        opened.recovery_left,
    )  # fmt: skip
    response = answers.json(body)
    response.headers.add("Set-Cookie", call.services.cookie.set(opened.token))
    if before is not None and before.id != session.id:
        with suppress(Unavailable):  # it ends by itself; the new one must not be lost over it
            await leave(call, before, keep=keep and before.person != session.person)
    return response


async def leave(call: Call, session: Session, *, keep: bool) -> None:
    """Lock a session of this browser, or end it; its sockets close."""
    row = entry(None, "session.lock" if keep else "session.end", session.id, "ok", call.now, source=call.source)
    row = msgspec.structs.replace(row, who=session.person, session=session.id)
    if keep:
        await call.services.sign_in.store.lock(session.id, call.now, row)
    else:
        await call.services.access.revoke(session.id, call.now, row)
    call.services.session_ended(session.id)


async def lock(call: Call) -> web.Response:
    """Put the session away; the same person opens it again. One that nobody could open again ends."""
    assert call.session is not None, "whoever is signed in has a session"
    may_return = call.session.assurance not in NO_RETURN or call.session.assurance == EXERCISE
    await leave(call, call.session, keep=may_return)
    return answers.nothing()


async def _at_desk(call: Call, at: At) -> tuple[AtDesk, ...]:
    """Whose sessions wait here, locked. Told to this browser alone: whoever sits at it knows them."""
    if at.desk == NO_DESK:
        return ()
    found = await call.services.sign_in.store.at_desk(at.desk, call.now)
    waiting = {
        account.person: account.name
        for session, account in found
        if usable(account, call.now) and liveness(session, call.now) == "idle"
    }
    return tuple(AtDesk(person, name) for person, name in sorted(waiting.items()))


def _own_origin(call: Call) -> str:
    """The origin of ours that a request without one was sent to."""
    host = call.request.headers.get("Host", "").lower()
    known = call.services.settings.base_urls
    return next((url for url in known if url.partition("://")[2].lower() == host), known[0])
