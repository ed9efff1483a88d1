"""The door of a package of one record, for prosecutor and defence: an export, on the trail before its first byte."""

from __future__ import annotations

from contextlib import aclosing

from aiohttp import web

from command.web.discovery import gather, write
from command.web.door import Call
from command.web.handlers_arrests import of_path, scene_at
from command.web.handlers_read import moment
from command.web.one_record import sources_of


async def discovery(call: Call) -> web.StreamResponse:
    """The record as of the last event of the log, or `at` a moment: the same bytes whenever it is asked for."""
    sources, arrest = sources_of(call.services), of_path(call, "arrest")
    scene = await scene_at(call, "arrests")
    if "at" in call.request.query:
        then, at = await moment(call)
    else:
        then = await call.services.service.state(call.log)
        assert then.recorded_at is not None, "an incident that is open has its first event"
        at = then.recorded_at
    originals = call.judge("incident.originals").allow
    call.also("incident.export")  # what the trail says of it, whatever else was asked about
    package = await gather(sources, call.log, arrest, scene.lens, then, at, originals=originals)
    await call.record("ok", package.detail)
    response = web.StreamResponse(headers={"Content-Disposition": f'attachment; filename="arrest-{arrest}.zip"'})
    response.content_type = "application/zip"
    call.streaming = response
    await response.prepare(call.request)
    if call.request.method != "HEAD":
        async with aclosing(write(sources, package)) as pieces:
            async for piece in pieces:
                await call.still()
                await response.write(piece)
    await response.write_eof()
    return response
