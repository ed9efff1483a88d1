"""Handlers about how one's own session stands: which of several roles speaks, and opening an exercise's that locked."""

from __future__ import annotations

from typing import Final

import msgspec
from aiohttp import web

from command.access.audit import entry
from command.access.authorizer import authorize, roles_at
from command.access.sessions import EXERCISE
from command.errors import Denied
from command.web import answers
from command.web.door import Call
from command.web.shapes_agencies import Choice, Chosen
from command.web.shapes_sign_in import Nothing

NOT_HELD: Final = "no grant in force gives this role here"
NOT_SO: Final = "only a locked session of an exercise opens without a proof"

_choice: msgspec.json.Decoder[Choice] = msgspec.json.Decoder(Choice)
_nothing: msgspec.json.Decoder[Nothing] = msgspec.json.Decoder(Nothing)


async def choose(call: Call) -> web.Response:
    """Act and look as one of one's own roles here. Open sockets start over with what it sees, within five seconds."""
    body = await call.read(_choice)
    who = call.who
    call.object = body.incident
    held = roles_at(who, body.incident, call.now)
    if not held or (body.role is not None and body.role not in held):
        raise Denied(NOT_HELD, where="role")
    row = entry(
        who,
        "session.choose",
        body.incident,
        "ok",
        call.now,
        source=call.source,
        detail=f"as {body.role or 'the first'}",
    )
    await call.services.access.act_as(who.session, body.incident, body.role, call.now, row)
    others = [one for one in who.acts_as if one[0] != body.incident]
    chosen = [] if body.role is None else [(body.incident, body.role)]
    after = msgspec.structs.replace(who, acts_as=(*others, *chosen))
    verdict = authorize(after, "incident.read", body.incident, call.now)
    return answers.json(Chosen(verdict.role or "", verdict.lens or "", held))


async def unlock(call: Call) -> web.Response:
    """Go on with a session of an exercise that locked: there is no credential to ask for."""
    await call.read(_nothing)
    session = call.session
    if session is None or session.assurance != EXERCISE or not call.locked:
        raise Denied(NOT_SO)
    if not call.services.sign_in.settings.exercise:
        raise Denied(NOT_SO)
    row = entry(None, "session.unlock", session.id, "ok", call.now, source=call.source)
    row = msgspec.structs.replace(row, who=session.person, session=session.id)
    if not await call.services.access.unlock(session.id, call.now, row):
        raise Denied(NOT_SO)
    return answers.nothing()
