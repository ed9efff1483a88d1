"""Handlers of the audit trail: pages of it, all of it or what is looked for, newest first. Whoever reads it is on it."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final, get_args

from aiohttp import web

from command.access.audit import OPERATORS, Outcome
from command.access.authorizer import ACTIONS
from command.errors import Unreadable
from command.store.ports import AuditQuery
from command.web import answers
from command.web.door import Call
from command.web.handlers_read import MAX_PAGE, PAGE, number, time_of
from command.web.shapes import AuditEntry, AuditPage

_ID: Final = re.compile(r"[A-Za-z0-9?-][A-Za-z0-9._:-]{0,63}")
"""As entries hold them: `-` is nobody, `?` what was no id."""


async def audit(call: Call) -> web.Response:
    """The trail of everything."""
    return await _page(call, _id(call, "object"))


async def incident_audit(call: Call) -> web.Response:
    """The entries whose object is this incident."""
    return await _page(call, call.log)


async def _page(call: Call, object_: str | None) -> web.Response:
    limit = number(call, "limit", PAGE, 1, MAX_PAGE)
    before = number(call, "before", 1, 1) if "before" in call.request.query else None
    wanted = AuditQuery(
        who=_id(call, "who"),
        action=_one_of(call, "action", ACTIONS | OPERATORS | {"unknown"}),
        object=object_,
        outcome=_one_of(call, "outcome", frozenset(get_args(Outcome))),
        since=_time(call, "since"),
        until=_time(call, "until"),
    )
    found = await call.services.store.audit_entries(before, limit, wanted)
    rest = found[-1][0] if len(found) == limit else None
    return answers.json(AuditPage(tuple(AuditEntry(n, row) for n, row in found), rest))


def _id(call: Call, name: str) -> str | None:
    text = call.request.query.get(name)
    if text is not None and not _ID.fullmatch(text):
        raise Unreadable("expected an id", where=f"query.{name}")
    return text


def _one_of(call: Call, name: str, known: frozenset[str]) -> str | None:
    text = call.request.query.get(name)
    if text is not None and text not in known:
        raise Unreadable(f"expected a known {name}", where=f"query.{name}")
    return text


def _time(call: Call, name: str) -> datetime | None:
    text = call.request.query.get(name)
    return None if text is None else time_of(text, f"query.{name}")
