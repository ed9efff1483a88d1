"""All live sockets of this node: who is attached where, who is too slow, whose session has ended.

The hub owns every task of the stream, each with a name: one pump an incident,
one sweep a second for bounds and pings, one sweep of sessions. Leaving the
context closes every socket with 1001, waits a while for them to go, drops those
that did not, and ends the tasks; the web server is stopped after that.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Collection, Coroutine
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

import structlog

from command.errors import Denied, MusterError, NotSignedIn, Unavailable
from command.stream import render
from command.stream.channel import Before, Channel, nothing_before
from command.stream.frames import (
    CLOSE_DENIED,
    CLOSE_GOING_AWAY,
    CLOSE_SIGNED_OUT,
    CLOSE_TRY_LATER,
    Position,
    ServerCheckpoint,
)
from command.stream.member import Member, Watch
from command.stream.outlet import Outlet, Peer
from command.stream.render import Renderer

if TYPE_CHECKING:
    from command.access.model import Subject
    from command.service.api import ServiceApi

SWEEP_S: Final = 1.0
SESSIONS_S: Final = 4.0
"""A session that ended on another node is cut within 5 s: this, and a second to ask."""

FLUSH_S: Final = 5.0
"""How long a close frame may wait behind unsent bytes before the connection is dropped."""

_CLOSES: Final = {
    NotSignedIn.code: (CLOSE_SIGNED_OUT, "signed out"),
    Denied.code: (CLOSE_DENIED, "denied"),
    "failed": (CLOSE_TRY_LATER, "resync"),
    "frames": (CLOSE_TRY_LATER, "resync"),
    "bytes": (CLOSE_TRY_LATER, "resync"),
    "stalled": (CLOSE_TRY_LATER, "resync"),
    "stopping": (CLOSE_GOING_AWAY, "the server stops"),
}

_log = structlog.get_logger("command.stream")


class Hub:
    """`async with Hub(service, renderer, watch) as hub`, then `join` and `leave` from the socket handlers.

    `now` is a monotonic clock in seconds. `dropped` counts closed sockets by reason, for the metrics.
    """

    def __init__(
        self, service: ServiceApi, renderer: Renderer, watch: Watch, *, now: Callable[[], float] = time.monotonic
    ) -> None:
        self.now = now
        self.dropped: dict[str, int] = {}
        self._service = service
        self._renderer = renderer
        self._watch = watch
        self._channels: dict[str, Channel] = {}
        self._closing: dict[Peer, float] = {}
        self._tasks = asyncio.TaskGroup()
        self._running: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()
        self._all_gone = asyncio.Event()

    async def __aenter__(self) -> Self:
        await self._tasks.__aenter__()
        self._start(self._each(SWEEP_S, self._sweep_now), "stream sweep")
        self._start(self._each(SESSIONS_S, self.sweep_sessions), "stream sessions")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
        for task in self._running:
            task.cancel()  # whatever they wait for, nobody is left to be told of it
        # Not told of `exc`: it would come out wrapped in a group, and it is the caller's own.
        await self._tasks.__aexit__(None, None, None)

    def stop(self) -> None:
        """Close every socket with 1001 and take no more. Leaving the context does it; again: no-op."""
        self._stopping.set()
        for channel in tuple(self._channels.values()):
            self._close_channel(channel, "stopping")

    async def close(self) -> None:
        """Stop, wait for the sockets to go no longer than their close frames may take, and drop those that did not.

        To be awaited before the web server is stopped: it would wait for each open socket by itself.
        """
        self.stop()
        if self._closing:
            self._all_gone.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(FLUSH_S):
                    await self._all_gone.wait()
        for peer in self._closing:
            peer.abort()
        self._closing.clear()

    # members

    async def join(
        self,
        incident: str,
        outlet: Outlet,
        subject: Subject,
        resume: Position | None,
        seen_through: str = "",
        *,
        before: Before = nothing_before,
    ) -> Member:
        """Answer a hello on this outlet and serve it from there on. `before` is awaited once, before the first frame.

        Raises NotFound, Denied (no sight of this incident), NotSignedIn (ended while
        joining), Busy (too slow while joining), Unavailable.
        """
        if self._stopping.is_set():
            raise Unavailable("the server stops")
        me = self._watch.sight(subject, incident)
        if me is None:
            raise Denied("you have no access to this incident")
        channel = self._channels.get(incident) or self._open_channel(incident)
        channel.joining += 1
        try:
            await channel.open()
            return await channel.join(outlet, subject, me, resume, seen_through, before)
        finally:
            channel.joining -= 1

    def leave(self, incident: str, peer: Peer) -> None:
        """The socket is gone, whatever it was doing. Again: no-op."""
        self._closing.pop(peer, None)
        if not self._closing:
            self._all_gone.set()
        channel = self._channels.get(incident)
        if channel is not None:
            member = channel.members.get(peer)
            if member is not None:
                channel.leave(member)

    def close_peer(self, incident: str, peer: Peer, code: int, reason: str) -> None:
        """Close one socket for a reason of its own; the connection is dropped if that cannot be flushed in time."""
        self.leave(incident, peer)
        self._closing.setdefault(peer, self.now() + FLUSH_S)
        peer.close(code, reason)

    def too_slow(self, incident: str, outlet: Outlet, bound: str) -> None:
        """A write outside of the pump found that a bound is exceeded."""
        self.leave(incident, outlet.peer)
        self._shut(outlet.peer, bound)

    def close_sessions(self, sessions: Collection[str]) -> int:
        """Close the sockets of these public session ids with 4401, now. Returns how many there were."""
        ended = frozenset(sessions)
        hit = [
            (channel, member)
            for channel in self._channels.values()
            for member in channel.members.values()
            if member.subject.session in ended
        ]
        for channel, member in hit:
            channel.expel(member, NotSignedIn("the session has ended"))
        return len(hit)

    def covered(self, incident: str, size: int, note: str) -> None:
        """A head of this incident is signed: tell those who asked."""
        channel = self._channels.get(incident)
        wanting = [] if channel is None else [one for one in channel.members.values() if one.checkpoints]
        if not wanting or channel is None:
            return
        data, now = render.frame(ServerCheckpoint(size, note)), self.now()
        for member in wanting:
            bound = member.outlet.send(data, now)
            if bound is not None:
                channel.leave(member)
                self._shut(member.outlet.peer, bound)

    def sockets(self) -> int:
        """How many sockets are attached."""
        return sum(len(channel.members) for channel in self._channels.values())

    # sweeps: called by the tasks below, or by a test in virtual time

    def sweep(self, now: float) -> None:
        """Once a second: bounds, pings, closes that cannot be flushed, channels that nobody follows."""
        for channel in tuple(self._channels.values()):
            channel.sweep(now)
            if not channel.members and not channel.joining:
                self._close_channel(channel, "stopping")
        for peer, deadline in tuple(self._closing.items()):
            if now >= deadline:
                del self._closing[peer]
                peer.abort()

    async def sweep_sessions(self) -> None:
        """Each few seconds: end sockets whose session has ended anywhere, and learn changed grants."""
        members = [member for channel in self._channels.values() for member in channel.members.values()]
        sessions = sorted({member.subject.session for member in members})
        if not sessions:
            return
        live = await self._watch.live(sessions)
        self.close_sessions({session for session in sessions if session not in live})
        for channel in self._channels.values():
            channel.learn(live)

    # inside

    def _open_channel(self, incident: str) -> Channel:
        channel = Channel(incident, self._service, self._renderer, self._watch, self.now, self._drop_from(incident))
        self._channels[incident] = channel
        self._start(self._pump(channel), f"stream pump {incident}")
        return channel

    def _start(self, work: Coroutine[object, object, None], name: str) -> None:
        task = self._tasks.create_task(work, name=name)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _pump(self, channel: Channel) -> None:
        try:
            await channel.pump()
        except Exception:  # noqa: BLE001 (logged whole; the reason is below)
            # One incident's stream has a defect in it; its sockets are told, and the others go on.
            _log.exception("stream failed", incident=channel.log)
            self._close_channel(channel, "failed")

    def _close_channel(self, channel: Channel, why: str) -> None:
        if self._channels.get(channel.log) is channel:
            del self._channels[channel.log]
        channel.stop()
        for member in tuple(channel.members.values()):
            channel.leave(member)
            self._shut(member.outlet.peer, why)

    def _drop_from(self, incident: str) -> Callable[[Member, str], None]:
        def drop(member: Member, why: str) -> None:
            channel = self._channels.get(incident)
            if channel is not None:
                channel.leave(member)
            self._shut(member.outlet.peer, why)

        return drop

    def _shut(self, peer: Peer, why: str) -> None:
        code, reason = _CLOSES[why]
        self.dropped[why] = self.dropped.get(why, 0) + 1
        self._closing.setdefault(peer, self.now() + FLUSH_S)
        peer.close(code, reason)

    async def _sweep_now(self) -> None:
        self.sweep(self.now())

    async def _each(self, period_s: float, do: Callable[[], Awaitable[None]]) -> None:
        while not self._stopping.is_set():
            try:
                await do()
            except MusterError as exc:
                _log.warning("stream sweep waits", code=exc.code)
            except Exception:  # noqa: BLE001 (logged whole; the reason is below)
                # A defect met in one sweep must not end the bounds of all other sockets.
                _log.exception("stream sweep failed")
            try:
                async with asyncio.timeout(period_s):
                    await self._stopping.wait()
            except TimeoutError:
                continue
