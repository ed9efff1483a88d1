"""`GET /api/incidents/{id}/stream`: aiohttp's WebSocket under our session and hub.

Frames that were built once are written straight to the transport, which
aiohttp's own writer does as well for each socket anew. What a client may do is
asked of the gate at the handshake, at the hello and at every frame that it sends.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Final, Protocol

import structlog
from aiohttp import WSMsgType, web

from command.access.audit import Outcome
from command.access.model import Subject, Verdict
from command.domain.batch import in_place, readable
from command.domain.submission import Answer
from command.errors import Denied, MusterError, NotFound, NotSignedIn, Unavailable, Unreadable
from command.service.api import Author, ServiceApi
from command.stream import render
from command.stream.frame_bytes import close_frame
from command.stream.frames import (
    CLOSE_DENIED,
    CLOSE_NOT_FOUND,
    CLOSE_SIGNED_OUT,
    CLOSE_TRY_LATER,
    MAX_MESSAGE_BYTES,
    PROTOCOL,
    ServerAnswers,
    ServerCheckpoint,
    ServerFrame,
    ServerPong,
    ServerProblem,
)
from command.stream.hub import Hub
from command.stream.outlet import Outlet
from command.stream.render import Renderer
from command.stream.session import Close, Effect, Pong, Problem, Resume, Session, Submit
from command.web import problem
from command.web.told import told

STREAM: Final = "incident.stream"
SUBMIT: Final = "incident.submit"

VERSION: Final = "13"

HEARTBEAT_S: Final = 15.0
"""A WebSocket ping when the client was silent so long, and half of it for the pong: half-open is found within 30 s."""

TRAIL: Final[Mapping[type[Effect], str]] = {
    Resume: "an entry before the first frame is sent, or that it failed",
    Submit: "an entry a command, in the command's own transaction; one for what failed as a whole or could not be read",
    Pong: "none: says what time it is",
    Problem: "none: nothing was read, seen or done; counted and logged by its code",
    Close: "none: nothing was read, seen or done; logged by its code",
}
"""What the audit trail says of each operation of a socket. The handshake is the route's, and the door writes it."""

_log = structlog.get_logger("command.web.socket")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

Covering = Callable[[str], Awaitable[tuple[int, str] | None]]
"""The last signed head of an incident, as (size, note)."""


class Gate(Protocol):
    """The one authorizer, as the socket asks it. All raise `command.errors`."""

    async def check(self, request: web.Request, action: str, incident: str) -> Verdict:
        """Raises NotSignedIn, Denied or NotFound where the act is not allowed; writes the audit entry if so.

        Asked again for every frame: must look at the session and the grants of now.
        """

    async def record(self, request: web.Request, outcome: Outcome, detail: str) -> None:
        """Put what became of the act on the trail. Called only after `check`. Raises Unavailable."""

    def subject(self, request: web.Request) -> Subject:
        """Who holds the request's session. Called only after `check`."""

    def author(self, request: web.Request, incident: str) -> Author:
        """As whom the session sends commands to the incident. Called only after `check`."""


def socket_handler(
    hub: Hub,
    service: ServiceApi,
    renderer: Renderer,
    gate: Gate,
    *,
    origins: Collection[str] | None = None,
    covering: Covering | None = None,
) -> Handler:
    """The handler of the stream route; `{id}` in the route is the incident.

    `origins` are the exact origins whose pages may connect; None allows the one that
    the request itself was sent to (scheme and Host). Clients that are no browsers
    send no Origin and are judged by their session alone. `covering` finds the last signed head.
    """

    async def handle(request: web.Request) -> web.StreamResponse:
        incident = request.match_info["id"]
        _check_origin(request, origins)
        _check_protocol(request)
        await gate.check(request, STREAM, incident)
        ws = web.WebSocketResponse(
            protocols=(PROTOCOL,),
            compress=False,
            max_msg_size=MAX_MESSAGE_BYTES + 1,  # aiohttp refuses a message of exactly this size
            heartbeat=HEARTBEAT_S,
            autoclose=False,
        )
        await ws.prepare(request)
        transport = request.transport
        if transport is None:  # gone during the handshake
            return ws
        await Connection(hub, service, renderer, gate, request, incident, ws, transport, covering).run()
        return ws

    return handle


def _check_origin(request: web.Request, origins: Collection[str] | None) -> None:
    origin = request.headers.get("Origin")
    if origin is None:
        return
    allowed = origins if origins is not None else (f"{request.scheme}://{request.host}",)
    if origin not in allowed:
        raise Denied("expected a page of this server as the origin, got another", where="Origin")


def _check_protocol(request: web.Request) -> None:
    version = request.headers.get("Sec-WebSocket-Version", "")
    if version != VERSION:  # aiohttp takes drafts as well, whose handshake proves less
        raise Unreadable(f"expected version {VERSION} (RFC 6455)", where="Sec-WebSocket-Version")
    offered = [part.strip() for part in request.headers.get("Sec-WebSocket-Protocol", "").split(",")]
    if PROTOCOL not in offered:
        raise Unreadable(f"expected the subprotocol {PROTOCOL}", where="Sec-WebSocket-Protocol")


class SocketPeer:
    """The hub's view of one aiohttp socket: its transport."""

    def __init__(self, transport: asyncio.WriteTransport) -> None:
        self._transport = transport
        self.closed = False
        self.code: int | None = None  # with which we closed, if we did
        # The transport's own methods: a delivery passes through nothing of ours.
        self.write: Callable[[bytes], None] = transport.write
        self.unsent_bytes: Callable[[], int] = transport.get_write_buffer_size

    def close(self, code: int, reason: str) -> None:
        """Queue a close frame; the client answers it and then the connection ends. Again: no-op."""
        if self.closed:
            return
        self.closed = True
        self.code = code
        self._transport.write(close_frame(code, reason))
        self.write = _nowhere

    def abort(self) -> None:
        """Drop the connection."""
        self.closed = True
        self._transport.abort()


def _nowhere(data: bytes) -> None:
    """Nothing follows a close frame."""


class Connection:
    """One accepted socket, from its first frame to its last. Its task is the request's."""

    def __init__(
        self,
        hub: Hub,
        service: ServiceApi,
        renderer: Renderer,
        gate: Gate,
        request: web.Request,
        incident: str,
        ws: web.WebSocketResponse,
        transport: asyncio.WriteTransport,
        covering: Covering | None = None,
    ) -> None:
        self._covering = covering
        self._hub = hub
        self._service = service
        self._renderer = renderer
        self._gate = gate
        self._request = request
        self._incident = incident
        self._ws = ws
        self._transport = transport
        self._peer = SocketPeer(transport)
        self._outlet = Outlet(self._peer, hub.now())
        self._session = Session(hub.now())
        self._log = _log.bind(incident=incident, session=gate.subject(request).session)

    async def run(self) -> None:
        """Serve until either side closes."""
        self._log.info("socket opened")
        try:
            await self._receive()
        finally:
            self._hub.leave(self._incident, self._peer)
            if self._peer.closed:
                # Our close frame is out: aiohttp must not send a second one. What is unsent is still flushed.
                self._transport.close()
            self._log.info("socket closed", code=self._peer.code or self._ws.close_code)

    async def _receive(self) -> None:
        while True:
            try:
                message = await self._ws.receive(self._patience())
            except TimeoutError:
                await self._perform(self._session.tick(self._hub.now()))
                continue
            if self._peer.closed and message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                continue  # sent before our close arrived
            if message.type is WSMsgType.TEXT:
                await self._perform(self._session.receive(message.data, self._hub.now()))
            elif message.type is WSMsgType.BINARY:
                await self._perform(self._session.receive_binary())
            else:
                return

    def _patience(self) -> float | None:
        deadline = self._session.deadline
        # A timeout of 0 means none to aiohttp.
        return None if deadline is None else max(0.001, deadline - self._hub.now())

    async def _perform(self, effects: tuple[Effect, ...]) -> None:
        for effect in effects:
            match effect:
                case Resume():
                    await self._resume(effect)
                case Submit():
                    await self._submit(effect)
                case Pong():
                    clock = self._renderer.clock(await self._service.state(self._incident))
                    self._send(ServerPong(effect.n, clock))
                case Problem():
                    self._log.info("frame not taken", code=effect.code)
                    self._send(ServerProblem(effect.code, effect.detail, effect.ref))
                case Close():
                    self._log.info("frame closes", code=effect.code)
                    self._close(effect.code, effect.reason)

    async def _resume(self, hello: Resume) -> None:
        try:
            await self._gate.check(self._request, STREAM, self._incident)
            await self._join(hello)
        except MusterError as exc:
            self._log.warning("hello not answered", code=exc.code)
            self._close(*_closing(exc))

    async def _join(self, hello: Resume) -> None:
        """Join; that it will be seen is on the trail before the first frame, or that it was not."""
        noted = False

        async def before() -> None:
            nonlocal noted
            noted = True
            await self._gate.record(self._request, "ok", "hello")

        subject = self._gate.subject(self._request)
        try:
            member = await self._hub.join(
                self._incident, self._outlet, subject, hello.position, hello.lens, before=before
            )
        except MusterError as exc:
            if not noted:
                await self._gate.record(self._request, "failed", exc.code)
            raise
        if hello.checkpoints and self._covering is not None:
            member.checkpoints = True  # before the look: what is signed meanwhile may come twice, and is not missed
            found = await self._covering(self._incident)
            if found is not None:
                self._send(ServerCheckpoint(*found))

    async def _submit(self, submit: Submit) -> None:
        try:
            await self._gate.check(self._request, SUBMIT, self._incident)
            answers = await self._taken(submit)
        except NotSignedIn as exc:
            self._close(*_closing(exc))
        except MusterError as exc:
            # The commands were not taken and stay in the client's outbox; the socket goes on.
            self._send(ServerProblem(exc.code, problem.words(exc), submit.ref))
        else:
            self._send(ServerAnswers(submit.ref, tuple(answers)))

    async def _taken(self, submit: Submit) -> list[Answer]:
        """Hand the commands over. Each that was read is on the trail with its own act; that others were tried is here."""
        author = self._gate.author(self._request, self._incident)
        try:
            taken = await self._service.submit(self._incident, author, readable(submit.submissions))
        except MusterError as exc:
            await self._gate.record(self._request, "failed", exc.code)
            raise
        answers = in_place(submit.submissions, taken)
        if any(answer.status == "unreadable" for answer in answers):
            await self._gate.record(self._request, "failed", "unreadable")
        return list(await told(self._service, self._incident, answers))

    def _send(self, frame: ServerFrame) -> None:
        bound = self._outlet.send(render.frame(frame), self._hub.now())
        if bound is not None:
            self._hub.too_slow(self._incident, self._outlet, bound)

    def _close(self, code: int, reason: str) -> None:
        self._hub.close_peer(self._incident, self._peer, code, reason)


def _closing(exc: MusterError) -> tuple[int, str]:
    """The close code that says to a client what HTTP would."""
    match exc:
        case NotSignedIn():
            return CLOSE_SIGNED_OUT, "signed out"
        case NotFound():
            return CLOSE_NOT_FOUND, "no such incident"
        case Denied():
            return CLOSE_DENIED, "denied"
        case Unavailable():
            return CLOSE_TRY_LATER, "the record cannot be read now"
        case _:
            return CLOSE_TRY_LATER, "resync"
