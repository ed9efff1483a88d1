"""aiohttp's connection, made to keep quiet and short: no name of our software, no echo, no waiting for slow heads.

What is no HTTP, aiohttp answers before there is a route or a middleware, repeats
the line it could not read, and logs it. It also waits for the rest of a request's
head for as long as bytes trickle in, on as many connections as come. This is the
one place that reaches into its classes; tests/web/test_headers.py and
tests/web/test_wire.py show that it still works.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from typing import Any

import msgspec
import structlog
from aiohttp import hdrs, web
from aiohttp.web_protocol import RequestHandler

from command.errors import Busy
from command.stream.client_frames import ClientFrames
from command.stream.frame_bytes import close_frame
from command.web import answers, problem
from command.web.limits import Places, Repeats, line_of

_log = structlog.get_logger("command.web")


class _Unnamed(web.Response):
    async def _prepare_headers(self) -> None:
        await super()._prepare_headers()
        self.headers.popall(hdrs.SERVER, None)


class Manners(msgspec.Struct, frozen=True):
    """What is expected of connections. `places` counts them in all and by `address`."""

    places: Places
    head_within_s: float
    repeats: Repeats
    trusted: frozenset[str] = frozenset()  # proxies: many clients' connections are theirs


class _Guarded:
    """A socket's reader behind the look at its frames. It must keep the reader: aiohttp's queue holds it weakly."""

    def __init__(self, reader: Any, over: Callable[[int, str], None]) -> None:
        self._reader = reader
        self._over = over
        self._frames = ClientFrames(asyncio.get_running_loop().time())

    def feed_data(self, data: bytes) -> tuple[bool, bytes]:
        """As the reader's; what a client may not send does not reach it."""
        wrong = self._frames.feed(data, asyncio.get_running_loop().time())
        if wrong is not None:
            self._over(*wrong)
            return False, b""
        fed: tuple[bool, bytes] = self._reader.feed_data(data)
        return fed

    def feed_eof(self) -> None:
        """As the reader's."""
        self._reader.feed_eof()


class _QuietHandler(RequestHandler):
    """One connection."""

    def __init__(self, manager: _QuietServer, manners: Manners, **more: Any) -> None:
        super().__init__(manager, **more)
        self._manners = manners
        self._place = ExitStack()
        self._patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take a place, or be cut off at once."""
        super().connection_made(transport)
        peer = transport.get_extra_info("peername")
        address = str(peer[0]) if peer else "unix"
        keys = {} if address in self._manners.trusted else {"address": line_of(address)}
        try:
            self._place.enter_context(self._manners.places.hold(**keys))
        except Busy:
            _say(self._manners.repeats, "too many connections", open=len(self._manners.places))
            self.force_close()
            return
        self._wait_for_head()

    def connection_lost(self, exc: BaseException | None) -> None:
        """Give the place back."""
        self._place.close()
        self._calm()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """The clock runs from a head's first byte, and stops with its last."""
        heads = self._request_count
        super().data_received(data)
        if self._request_count != heads or self._upgraded:
            self._calm()
        elif self._patience is None and self._waiter is not None:
            self._wait_for_head()

    def set_parser(self, parser: Any, data_received_cb: Callable[[], None] | None = None) -> None:
        """The connection is a socket from here on."""
        guarded = _Guarded(parser, self._over)
        super().set_parser(guarded, data_received_cb)  # type: ignore[arg-type]  # what it calls of a reader is there

    def _over(self, code: int, reason: str) -> None:
        _log.info("frame closes", code=code)
        if self.transport is not None:
            self.transport.write(close_frame(code, reason))  # whatever was begun: nothing of ours is ever in pieces
        self.force_close()

    def _wait_for_head(self) -> None:
        loop = asyncio.get_running_loop()
        self._patience = loop.call_later(self._manners.head_within_s, self.force_close)

    def _calm(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """A problem with an id. Raises ConnectionError where an answer had begun, which cuts it off."""
        request_id = secrets.token_hex(8)
        _say(self._manners.repeats, "no http", request=request_id, status=status, error=type(exc).__name__)
        if request.writer.output_size > 0:
            raise ConnectionError("an answer had begun")
        body = problem.plain("unreadable", status, request_id) if status < 500 else problem.unexpected(request_id)
        response = _Unnamed(body=answers.encode(body), status=status, content_type=problem.CONTENT_TYPE)
        response.force_close()
        return response


class _QuietServer(web.Server):
    def __init__(self, manners: Manners, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self._manners = manners

    def __call__(self) -> RequestHandler:
        return _QuietHandler(self, self._manners, loop=self._loop, **self._kwargs)


Handle = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


def _say(repeats: Repeats, event: str, **more: object) -> None:
    """A line of what any stranger can bring about."""
    unsaid = repeats.take(event, asyncio.get_running_loop().time())
    if unsaid is not None:
        _log.info(event, **more, **({"more": unsaid} if unsaid else {}))


def _unexpecting(handle: Handle, repeats: Repeats) -> Handle:
    """The application, without aiohttp's answer to an `Expect` that it does not know.

    That one is given before any middleware: no Host was looked at, nothing is logged, and what was sent is said back.
    """

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        try:
            return await handle(request)
        except web.HTTPException as error:
            request_id = secrets.token_hex(8)
            _say(repeats, "not expected", request=request_id, status=error.status)
            body = problem.plain("unreadable", error.status, request_id)
            response = _Unnamed(body=answers.encode(body), status=error.status, content_type=problem.CONTENT_TYPE)
            response.force_close()
            return response

    return handler


class QuietRunner(web.AppRunner):
    """An AppRunner whose connections keep quiet and keep to their manners."""

    def __init__(self, app: web.Application, manners: Manners, **more: Any) -> None:
        super().__init__(app, **more)
        self._manners = manners

    async def _make_server(self) -> web.Server:
        made = await super()._make_server()
        return _QuietServer(
            self._manners,
            _unexpecting(made.request_handler, self._manners.repeats),
            request_factory=made.request_factory,
            handler_cancellation=made.handler_cancellation,
            loop=asyncio.get_running_loop(),
            **made._kwargs,  # what a server passes to each connection
        )
