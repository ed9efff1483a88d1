"""Handlers that show nothing of any incident: pages, files, health, metrics, the interface's own description."""

from __future__ import annotations

import asyncio
import secrets
from functools import cache

import msgspec
from aiohttp import web

from command.errors import NotFound, Unavailable
from command.web import answers, asyncapi, counters, openapi
from command.web.door import Call
from command.web.handlers_devices import waiting
from command.web.shapes import Health

_HEALTH_WITHIN_S = 2.0
_NO_LOG = "health"  # no incident's id: ids are UUIDs


async def page(call: Call) -> web.Response:
    """A page's shell: `/` is index.html, `/link` is link.html where there is one."""
    name = call.request.path.strip("/") or "index"
    nonce = call.request[answers.NONCE] = secrets.token_urlsafe(16)
    return web.Response(body=call.services.assets.page(name, nonce), content_type="text/html", charset="utf-8")


async def asset(call: Call) -> web.Response:
    """A file of this build. Another build's hash is not found: the page is reloaded then."""
    assets = call.services.assets
    found = assets.files.get(call.request.match_info["path"])
    if found is None or call.request.match_info["build"] != assets.build:
        raise NotFound("expected a file of this build")
    return web.Response(body=found.body, headers={"Content-Type": found.content_type})


async def health(call: Call) -> web.Response:
    """Whether the store answers within two seconds; 503 where it does not."""
    try:
        async with asyncio.timeout(_HEALTH_WITHIN_S):
            await call.services.store.head(_NO_LOG)
    except TimeoutError:
        raise Unavailable("the database did not answer in time") from None
    return answers.json(Health(status="ok"))


async def metrics(call: Call) -> web.Response:
    """Counts in the Prometheus text format."""
    return web.Response(
        text=counters.text(call.services.counters, {**call.services.gauges(), **await waiting(call)}),
        content_type="text/plain",
        charset="utf-8",
    )


async def vkeys(call: Call) -> web.Response:
    """The verifier keys of signed heads, the newest last, one a line: to be kept elsewhere, and compared."""
    found = await call.services.checkpoints.store.vkeys()
    return web.Response(text="".join(f"{row.vkey}\n" for row in found), content_type="text/plain", charset="utf-8")


async def openapi_json(call: Call) -> web.Response:
    """The description of the HTTP interface."""
    return web.Response(body=_openapi(), content_type="application/json")


async def asyncapi_json(call: Call) -> web.Response:
    """The description of the socket."""
    return web.Response(body=_asyncapi(), content_type="application/json")


@cache
def _openapi() -> bytes:
    return msgspec.json.encode(openapi.document())


@cache
def _asyncapi() -> bytes:
    return msgspec.json.encode(asyncapi.document())
