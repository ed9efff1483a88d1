"""Handlers about who you are: redeem a link, sign out, `me`, and inviting others."""

from __future__ import annotations

from contextlib import suppress

import msgspec
from aiohttp import web

from command.access import links
from command.access.agencies import check
from command.access.audit import entry
from command.access.authorizer import GLOBAL, authorize
from command.access.enrolment import expires
from command.access.model import Account, Subject
from command.errors import Denied, Unavailable
from command.web import answers
from command.web.door import Call
from command.web.handlers_accounts import invited
from command.web.handlers_incident import seen
from command.web.handlers_sign_in import NO_DESK, leave, where
from command.web.shapes import Invitation, MeAnswer, Redeem, Signed, User, Users

_redeem: msgspec.json.Decoder[Redeem] = msgspec.json.Decoder(Redeem)
_invitation: msgspec.json.Decoder[Invitation] = msgspec.json.Decoder(Invitation)


async def redeem(call: Call) -> web.Response:
    """Trade a link's token for a session cookie. A session that this browser had before ends with it.

    The session is good for setting up a credential and for nothing else, except in an exercise.
    """
    body = await call.read(_redeem)
    settings, at, before = call.services.sign_in.settings, where(call), call.session
    if not settings.exercise:
        await call.services.sign_in.check_flow(at, body.flow)
    traded = await links.redeem(
        call.services.access, body.link, source=call.source, now=call.now, exercise=settings.exercise,
        idle_s=settings.idle_s, desk=None if at.desk == NO_DESK else at.desk,
    )  # fmt: skip
    if traded is None:
        raise Denied("this link was used, has expired, or never existed")
    secret, _ = traded
    # The link is used up by now, so nothing that may fail stands between it and the cookie.
    response = answers.nothing()
    response.headers.add("Set-Cookie", call.services.cookie.set(secret))
    if before is not None:
        with suppress(Unavailable):  # it ends by itself; the new one must not be lost over it
            await leave(call, before, keep=False)
    return response


async def sign_out(call: Call) -> web.Response:
    """End the session for good; its sockets close."""
    await _end(call, call.who)
    response = answers.nothing()
    response.headers.add("Set-Cookie", call.services.cookie.clear())
    if call.services.settings.tls:
        # Not "storage": what a tablet has not yet sent must survive a sign-out. Not "cookies": ours is taken away above, and
        # with the desk's the key to what people have sealed in this browser would go, theirs and their colleagues'.
        response.headers["Clear-Site-Data"] = '"cache"'
    return response


async def active(call: Call) -> web.Response:
    """The user moved a hand; the door has written it down. Screens call this on real input only."""
    return answers.nothing()


async def me(call: Call) -> web.Response:
    """Who the server takes you for, and where you may go."""
    return answers.json(await _me(call))


async def users(call: Call) -> web.Response:
    """Accounts and their grants."""
    listed = await call.services.access.accounts()
    return answers.json(Users(tuple(User(account, grants) for account, grants in listed)))


async def invite(call: Call) -> web.Response:
    """Give someone a role and return the one link that signs them in. The link is kept nowhere."""
    body = await call.read(_invitation)
    call.object = body.person
    await check(call.services.access, body.agency, call.now)
    url = await links.invite(
        call.services.access,
        Account(
            body.person, body.name, body.agency, body.rank, training=body.training,
            expires_at=expires(body.hours, call.now) if body.role == "assisting" else None,
        ),
        body.role,
        incident=body.incident,
        base_url=call.services.settings.base_urls[0],
        now=call.now,
        by=call.who,
        not_after=expires(body.hours, call.now),
        units=body.units,
        compartments=body.compartments,
    )  # fmt: skip
    return answers.json(invited(url, call.now), status=201)


async def _end(call: Call, who: Subject) -> None:
    row = entry(who, "session.end", who.session, "ok", call.now, source=call.source)
    await call.services.access.revoke(who.session, call.now, row)
    call.services.session_ended(who.session)


async def _me(call: Call) -> MeAnswer:
    who = call.who
    # What takes a fresh proof first is allowed all the same: the proof is asked for when it is done.
    judged = {act: authorize(who, act, None, call.now) for act in GLOBAL}
    may = tuple(sorted(act for act, verdict in judged.items() if verdict.allow or verdict.code == "step-up"))
    signed = Signed(
        person=who.person, name=who.name, agency=who.agency, rank=who.rank, may=may, enrol=who.must_enrol,
        exercise=who.exercise,
    )  # fmt: skip
    return MeAnswer(me=signed, incidents=await seen(call))
