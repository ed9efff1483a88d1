"""Handlers of the register of de-confliction: command's alone, never on a socket, in a log or in an export."""

from __future__ import annotations

import re
from typing import Final

import msgspec
from aiohttp import web

from command.access.deconflict import MOST, Notice, RegisterKey
from command.errors import Busy, NotFound
from command.ids import uuid7
from command.web import answers
from command.web.door import Call
from command.web.shapes_sight import NoticeRow, Notices, NoticeWish

SAYS: Final = "Do not arrest here before calling this number."

_wish: msgspec.json.Decoder[NoticeWish] = msgspec.json.Decoder(NoticeWish)
_ID: Final = re.compile(r"[A-Za-z0-9-]{1,64}")


async def notices(call: Call) -> web.Response:
    """Those that are in force, the one that ends first foremost."""
    await call.services.service.state(call.log)
    key = RegisterKey(call.services.sign_in.settings.key)
    kept = await call.services.access.notices(call.log, call.now)
    rows = []
    for one in kept:
        notice = key.open(one)
        rows.append(NoticeRow(one.id, SAYS, notice.call, notice.place, notice.radius_m, one.until))
    return answers.json(Notices(tuple(rows)))


async def keep_notice(call: Call) -> web.Response:
    """Register one. The answer has its number, to end it by."""
    wish = await call.read(_wish)
    await call.services.service.state(call.log)
    if len(await call.services.access.notices(call.log, call.now)) >= MOST:
        raise Busy(f"expected at most {MOST} notices at once: end those that are over")
    key = RegisterKey(call.services.sign_in.settings.key)
    notice = Notice(wish.place, wish.call, wish.radius_m)
    sealed = key.seal(notice, call.log, uuid7(call.now), call.now, wish.hours)
    await call.services.access.keep_notice(sealed, call.entry("ok", call.verdict.reason))
    row = NoticeRow(sealed.id, SAYS, notice.call, notice.place, notice.radius_m, sealed.until)
    return answers.json(row, status=201)


async def end_notice(call: Call) -> web.Response:
    """It is over, and deleted."""
    name = call.request.match_info["notice"]
    found = _ID.fullmatch(name) and await call.services.access.end_notice(
        call.log, name, call.entry("ok", call.verdict.reason)
    )
    if not found:
        raise NotFound("there is no such notice")
    return answers.nothing()
