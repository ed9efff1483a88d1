"""Handlers of one's own credentials and sessions."""

from __future__ import annotations

import base64

import msgspec
from aiohttp import web

from command.access.audit import entry
from command.access.enrolment import Enrolment
from command.access.sessions import Session, liveness
from command.access.signin import Opened
from command.errors import NotFound, Unreadable
from command.web import answers
from command.web.door import Call
from command.web.handlers_sign_in import where
from command.web.shapes_sign_in import (
    Credentials,
    DraftKey,
    Ended,
    NewPasskey,
    NewPassword,
    Nothing,
    Options,
    PasskeyRow,
    Recovery,
    SessionRow,
    Sessions,
    SignedInAs,
    TotpOffer,
)

_nothing: msgspec.json.Decoder[Nothing] = msgspec.json.Decoder(Nothing)
_new_passkey: msgspec.json.Decoder[NewPasskey] = msgspec.json.Decoder(NewPasskey)
_new_password: msgspec.json.Decoder[NewPassword] = msgspec.json.Decoder(NewPassword)


async def credentials(call: Call) -> web.Response:
    """What one can sign in with."""
    held = await call.services.sign_in.store.held(call.who.person)
    rows = tuple(PasskeyRow(_b64(one.id), one.label, one.rp_id, one.created_at, one.used_at) for one in held.passkeys)
    return answers.json(Credentials(rows, held.password is not None, held.recovery_left))


async def passkey_options(call: Call) -> web.Response:
    """A challenge for a new passkey."""
    await call.read(_nothing)
    offer = await Enrolment(call.services.sign_in).passkey_options(where(call), call.who)
    return answers.json(Options(offer.ceremony, offer.options))


async def add_passkey(call: Call) -> web.Response:
    """Keep a new passkey."""
    body = await call.read(_new_passkey)
    opened = await Enrolment(call.services.sign_in).add_passkey(
        where(call), call.who, body.ceremony, body.label, body.credential
    )
    return _renewed(call, opened, SignedInAs(opened.session.id, opened.session.person, "live", resumed=True))


async def remove_passkey(call: Call) -> web.Response:
    """End a passkey."""
    text = call.request.match_info["passkey"]
    try:
        credential = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        raise Unreadable("expected a passkey's id in base64url", where="passkey") from None
    await Enrolment(call.services.sign_in).remove_passkey(where(call), call.who, credential)
    return answers.nothing()


async def offer_totp(call: Call) -> web.Response:
    """A secret for one-time codes, not kept yet."""
    await call.read(_nothing)
    offer = await Enrolment(call.services.sign_in).offer_totp(where(call), call.who)
    return answers.json(TotpOffer(offer.ceremony, offer.secret, offer.uri, offer.qr))


async def set_password(call: Call) -> web.Response:
    """Keep a password with its one-time codes; the recovery codes are shown this once."""
    body = await call.read(_new_password)
    opened, plain = await Enrolment(call.services.sign_in).set_password(
        where(call), call.who, body.ceremony, body.password, body.code
    )
    return _renewed(call, opened, Recovery(plain))


async def new_recovery(call: Call) -> web.Response:
    """Ten new recovery codes; those from before are over."""
    await call.read(_nothing)
    plain = await Enrolment(call.services.sign_in).new_recovery(where(call), call.who)
    return answers.json(Recovery(plain))


async def draft_key(call: Call) -> web.Response:
    """The key of one's drafts in this browser: the same at each sign-in here, another for anybody else and elsewhere."""
    keys, parts = call.services.sign_in.keys, (call.who.person, where(call).desk.hex())
    return answers.json(DraftKey(_b64(keys.mac("drafts, name", *parts)[:16]), _b64(keys.mac("drafts, key", *parts))))


async def sessions(call: Call) -> web.Response:
    """One's own sessions that have not ended."""
    found = await call.services.sign_in.store.sessions_of(call.who.person, call.now)
    return answers.json(Sessions(tuple(session_row(call, one) for one in found)))


async def end_session(call: Call) -> web.Response:
    """End one of one's own sessions; its sockets close."""
    wanted = call.request.match_info["session"]
    mine = await call.services.sign_in.store.sessions_of(call.who.person, call.now)
    if wanted not in {one.id for one in mine}:
        raise NotFound("there is no such session of yours")
    row = entry(call.who, "session.end", wanted, "ok", call.now, source=call.source)
    await call.services.access.revoke(wanted, call.now, row)
    call.services.session_ended(wanted)
    return answers.json(Ended((wanted,)))


def session_row(call: Call, session: Session) -> SessionRow:
    """A session as its owner, or an administrator, sees it."""
    enrolling = session.assurance in ("link", "setup")
    return SessionRow(
        id=session.id,
        person=session.person,
        created_at=session.created_at,
        last_active_at=session.last_active_at,
        ends_at=session.absolute_until,
        source=session.source,
        how=session.assurance,
        state="locked" if liveness(session, call.now) == "idle" else "enrol" if enrolling else "live",
        current=call.session is not None and call.session.id == session.id,
    )


def _renewed(call: Call, opened: Opened, body: msgspec.Struct) -> web.Response:
    response = answers.json(body)
    response.headers.add("Set-Cookie", call.services.cookie.set(opened.token))
    return response


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
