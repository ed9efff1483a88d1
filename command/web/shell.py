"""Around everything, routes or not: the host, the request's id, errors as answers, one log line, the headers.

No log line holds a path, a query, a header or a body: the route's pattern, the
status, and ids of ours.
"""

from __future__ import annotations

import math
import secrets
import traceback
from collections.abc import Awaitable, Callable
from typing import Final, get_args

import structlog
from aiohttp import hdrs, web
from aiohttp.typedefs import Middleware

from command.errors import Busy, MusterError, TooLarge, Unavailable, Unreadable, Untraceable
from command.web import answers, problem
from command.web.door import CALL, Call
from command.web.headers import Kind, headers_for
from command.web.limits import Repeats
from command.web.routes import Route
from command.web.services import Services

_log = structlog.get_logger("command.web")

REQUEST_ID: Final = web.RequestKey("request_id", str)
ID_HEADER: Final = "X-Request-Id"

_ANY_HOST = frozenset({"/healthz", "/metrics"})

Next = Callable[[web.Request], Awaitable[web.StreamResponse]]


def middleware(services: Services) -> Middleware:
    """The one middleware."""

    repeats = Repeats()

    @web.middleware
    async def around(request: web.Request, handler: Next) -> web.StreamResponse:
        request[REQUEST_ID] = secrets.token_hex(8)
        started = services.monotonic()
        try:
            _check_host(request, services)
            response = await handler(request)
        except MusterError as error:
            response = _problem(problem.of(error, request[REQUEST_ID]), error)
            services.counters.untraceable += isinstance(error, Untraceable)
            if error.status >= 500:
                _note(request, error, services, repeats)
        except web.HTTPException as error:
            response = _routers(error, request[REQUEST_ID])
        except Exception as error:  # noqa: BLE001  the last place that can answer: whatever it was, without its words
            _note(request, error, services, repeats)
            response = _problem(problem.unexpected(request[REQUEST_ID]))
        response = _unbroken(request, response)
        _finish(request, response, services, started, repeats)
        return response

    return around


def signal(services: Services) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    """Sets the headers of every answer as it is about to be sent: a socket's handshake and a stream included."""
    settings = services.settings
    kinds = {kind: headers_for(kind, settings.base_urls, tls=settings.tls) for kind in get_args(Kind)}

    async def prepare(request: web.Request, response: web.StreamResponse) -> None:
        route = route_of(request)
        good = response.status < 400
        nonce = request.get(answers.NONCE, "")
        if good and nonce:
            response.headers.update(headers_for("page", settings.base_urls, tls=settings.tls, nonce=nonce))
        else:
            response.headers.update(kinds[route.kind if route is not None and good else "api"])
        response.headers.update(request.get(answers.MORE, {}))
        response.headers[ID_HEADER] = request.get(REQUEST_ID, "")
        response.headers.popall(hdrs.SERVER, None)

    return prepare


def route_of(request: web.Request) -> Route | None:
    """The row of the table that this request met, if any."""
    call = request.get(CALL)
    return None if call is None else call.route


def _check_host(request: web.Request, services: Services) -> None:
    """One Host, and one of ours: a page elsewhere that resolves to us (DNS rebinding) stops here.

    A target that names a host itself (`GET http://…`) is for proxies. By RFC 9112 3.2.2 it would count in the place of the
    header that is looked at here.
    """
    if not request.raw_path.startswith(("/", "*")):
        raise Unreadable("expected a path as the target, and its host in the header", where="target")
    sent = request.headers.getall(hdrs.HOST, [])
    if len(sent) != 1:
        raise Unreadable("expected one host", where="Host")
    if sent[0].lower() not in services.settings.hosts and request.path not in _ANY_HOST:
        raise Unreadable("expected a host name of this server", where="Host")


def _problem(body: problem.Problem, error: MusterError | None = None) -> web.Response:
    response = answers.json(body, status=body.status, content_type=problem.CONTENT_TYPE)
    if isinstance(error, Busy):
        response.headers[hdrs.RETRY_AFTER] = str(max(1, math.ceil(error.retry_after_s)))
    if error is not None and error.where == "body" and isinstance(error, TooLarge | Busy):
        response.force_close()  # the rest of the body is not worth waiting for
    return response


def _routers(error: web.HTTPException, request_id: str) -> web.Response:
    """What aiohttp's router answers by itself, in our form."""
    code = {404: "not-found", 405: "method-not-allowed", 413: "too-large"}.get(error.status, "unreadable")
    response = _problem(problem.plain(code, error.status, request_id))
    if hdrs.ALLOW in error.headers:
        response.headers[hdrs.ALLOW] = error.headers[hdrs.ALLOW]
    return response


def _unbroken(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    """An answer that failed after it had begun is cut off, so that nobody takes the part for the whole."""
    call: Call | None = request.get(CALL)
    if call is None or call.streaming is None or call.streaming is response:
        return response
    if request.transport is not None:
        request.transport.abort()
    return call.streaming


def _note(request: web.Request, error: Exception, services: Services, repeats: Repeats) -> None:
    """What failed and where in our code; never the message, which may quote what was sent.

    Each defect has its line, by the id that whoever met it can quote. A database that is away has a few.
    """
    unsaid = repeats.take("unavailable", services.monotonic()) if isinstance(error, Unavailable) else 0
    if unsaid is None:
        return
    frames = traceback.extract_tb(error.__traceback__)
    _log.error(
        "request failed",
        request=request[REQUEST_ID],
        error=type(error).__name__,
        at=[f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in frames[-8:]],
        **_more(unsaid),
    )


def _more(unsaid: int) -> dict[str, int]:
    return {"more": unsaid} if unsaid else {}


def _finish(
    request: web.Request, response: web.StreamResponse, services: Services, started: float, repeats: Repeats
) -> None:
    route = route_of(request)
    call = request.get(CALL)
    services.counters.answered(route.action if route is not None else "none", response.status)
    # What met no route, was too much, or found no database, anyone can bring about as often as the line carries.
    bounded = route is None or response.status in (429, 503)
    unsaid = repeats.take("none" if route is None else str(response.status), services.monotonic()) if bounded else 0
    if unsaid is None:
        return
    _log.info(
        "request",
        request=request[REQUEST_ID],
        route=f"{route.method} {route.path}" if route is not None else "none",
        status=response.status,
        took_ms=round((services.monotonic() - started) * 1000, 1),
        session=call.subject.session if call is not None and call.subject is not None else "",
        **_more(unsaid),
    )
