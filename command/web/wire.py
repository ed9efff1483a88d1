"""aiohttp's connection, made to keep quiet: what is no HTTP is answered without our software's name and without an echo.

aiohttp answers such requests before there is a route or a middleware, repeats
the line it could not read, and logs it. This is the one place that reaches into
its classes; tests/web/test_headers.py shows that it still works.
"""

from __future__ import annotations

import asyncio
import secrets

import structlog
from aiohttp import hdrs, web
from aiohttp.web_protocol import RequestHandler

from command.web import answers, problem

_log = structlog.get_logger("command.web")


class _Unnamed(web.Response):
    async def _prepare_headers(self) -> None:
        await super()._prepare_headers()
        self.headers.popall(hdrs.SERVER, None)


class _QuietHandler(RequestHandler):
    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """A problem with an id. Raises ConnectionError where an answer had begun, which cuts it off."""
        request_id = secrets.token_hex(8)
        _log.info("no http", request=request_id, status=status, error=type(exc).__name__)
        if request.writer.output_size > 0:
            raise ConnectionError("an answer had begun")
        body = problem.plain("unreadable", status, request_id) if status < 500 else problem.unexpected(request_id)
        response = _Unnamed(body=answers.encode(body), status=status, content_type=problem.CONTENT_TYPE)
        response.force_close()
        return response


class _QuietServer(web.Server):
    def __call__(self) -> RequestHandler:
        return _QuietHandler(self, loop=self._loop, **self._kwargs)


class QuietRunner(web.AppRunner):
    """An AppRunner whose connections keep quiet."""

    async def _make_server(self) -> web.Server:
        made = await super()._make_server()
        return _QuietServer(
            made.request_handler,
            request_factory=made.request_factory,
            handler_cancellation=made.handler_cancellation,
            loop=asyncio.get_running_loop(),
            **made._kwargs,  # what a server passes to each connection
        )
