"""A real aiohttp server around the real hub and socket handler, over the fakes of the log, the views and access."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager

from aiohttp import web

from command.access.audit import Outcome
from command.access.model import Subject, Verdict
from command.errors import Denied, MusterError, NotFound, NotSignedIn, Untraceable
from command.service.api import Author
from command.stream.hub import Hub
from command.web.socket import SUBMIT, socket_handler
from tests.stream.fakes import FakeRenderer, FakeService, FakeWatch, subject


class FakeGate:
    """The session is the cookie `s`; `signed_out` and `may_not` take rights away while a socket is open."""

    def __init__(self) -> None:
        self.signed_out: set[str] = set()
        self.may_not: set[tuple[str, str]] = set()
        self.asked: list[tuple[str, str]] = []
        self.trail: list[tuple[str, str, str]] = []
        self.untraceable = False

    async def check(self, request: web.Request, action: str, incident: str) -> Verdict:
        session = request.cookies.get("s", "")
        self.asked.append((session, action))
        if not session or session in self.signed_out:
            raise NotSignedIn("expected a session")
        if (session, action) in self.may_not:
            raise Denied("not yours to do")
        if incident != "i1":
            raise NotFound("no such incident")
        return Verdict(allow=True, reason="fake")

    async def record(self, request: web.Request, outcome: Outcome, detail: str) -> None:
        if self.untraceable:
            raise Untraceable("no trail")
        self.trail.append((request.cookies.get("s", ""), outcome, detail))

    def subject(self, request: web.Request) -> Subject:
        return subject(request.cookies["s"])

    def author(self, request: web.Request, incident: str) -> Author:
        return Author("p1", "a1", request.cookies["s"], "test", frozenset({"RecordEntry"}))


class House:
    """What a test holds in its hands."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.service = FakeService()
        self.renderer = FakeRenderer()
        self.watch = FakeWatch()
        self.gate = FakeGate()
        self.hub = Hub(self.service, self.renderer, self.watch, now=lambda: self.now)
        self.url = ""

    def deny_submits(self, session: str) -> None:
        self.gate.may_not.add((session, SUBMIT))

    def cut(self) -> None:
        """Cut every connection, as a network does."""
        for channel in self.hub._channels.values():
            for peer in tuple(channel.members):
                peer.abort()


@web.middleware
async def _problems(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    try:
        return await handler(request)
    except MusterError as exc:
        return web.json_response({"code": exc.code}, status=exc.status)


@asynccontextmanager
async def house(*, origins: Collection[str] | None = None) -> AsyncIterator[House]:
    """A running server on a free port of this machine."""
    made = House()
    app = web.Application(middlewares=[_problems])
    handler = socket_handler(made.hub, made.service, made.renderer, made.gate, origins=origins)
    app.router.add_get("/api/incidents/{id}/stream", handler)
    runner = web.AppRunner(app, shutdown_timeout=1.0)
    await runner.setup()
    try:
        async with made.hub:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
            yield made
    finally:
        await runner.cleanup()


async def until(true: Callable[[], object], within_s: float = 60.0) -> None:
    """Wait for a condition that sockets bring about; generous, and never a measure of time."""
    async with asyncio.timeout(within_s):
        while not true():
            await asyncio.sleep(0.005)
