"""Handlers of the shelf: which plans were in force in an incident, and packs that it may go over to."""

from __future__ import annotations

import msgspec
from aiohttp import web

from command.errors import Unreadable
from command.web import answers
from command.web.door import Call
from command.web.shapes import PackKept, PacksKept, PackTexts, Plans, PlanSpan

_packs: msgspec.json.Decoder[PackTexts] = msgspec.json.Decoder(PackTexts)


async def plans(call: Call) -> web.Response:
    """The plans of the incident, oldest first, with their packs: rules are public, whoever sees the incident sees them."""
    service = call.services.service
    state = await service.state(call.log)
    kept = tuple(PackKept(name, row.name, row.raw.decode()) for name, row in await service.packs(call.log))
    spans = tuple(PlanSpan(span.packs, span.since, span.seq) for span in state.plan.stacks)
    return answers.json(Plans(spans, kept))


async def keep_packs(call: Call) -> web.Response:
    """Check packs and put their exact bytes on the shelf. All problems of all files are answered, and nothing kept then."""
    body = await call.read(_packs)
    try:
        files = [(one.file, one.text.encode()) for one in body.files]
    except UnicodeEncodeError:
        raise Unreadable("expected text in utf-8", where="$.files") from None
    kept = await call.services.service.keep_packs(call.log, files, [call.entry("ok", call.verdict.reason)])
    return answers.json(PacksKept(kept), status=201)
