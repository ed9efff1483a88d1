"""One incident's stream on this node: commits in, in order; frames out, once per lens, to every member.

`frontier` is how far everyone live has been sent. It moves only together with
the writes, without an await between them, so that whoever joins at a frontier
and whose frames are held from that moment misses nothing and gets nothing twice:

    join: hold · remember frontier · (render, awaiting as needed) · hello, held frames, live
    pump: take commits · (ask for private values) · render · write to all · move frontier
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

import msgspec
import structlog

from command.domain.events import Redacted
from command.errors import Busy, Denied, MusterError, NotSignedIn
from command.stream import render
from command.stream.catchup import CatchUp, Point, refusal
from command.stream.frames import Gap, Me, Position, ServerPing
from command.stream.member import Member, Watch
from command.stream.outlet import Outlet, Peer
from command.stream.render import Renderer
from command.views.lens import Lens
from command.views.sight import unseen_sections

if TYPE_CHECKING:
    from command.access.model import Subject
    from command.domain.envelope import Recorded
    from command.domain.state import State
    from command.service.api import Applied, Private, ServiceApi

QUEUED: Final = 1_024
"""Commits that wait for the pump. Beyond it the queue is dropped and everyone gets a snapshot: memory stays bounded."""

TOGETHER: Final = 256
"""Events that one batch frame may gather from commits that arrived together."""

PING_S: Final = 10.0
"""Promised is a sign of life each 15 s; a third is left for a busy loop."""

LOOK_S: Final = 4.0
"""A grant may run out by the clock alone: all are looked at again so often, or at once when access says so."""

RETRY_S: Final = 1.0
"""How long the pump waits before it asks again for what it could not read."""

REACH_S: Final = 2.0
"""Nodes learn of each other's commits within a second (the poll that covers a lost hint); twice that is enough."""

Before = Callable[[], Awaitable[None]]
"""What must have been done before anything is shown: that it will be seen is on the trail first."""

_log = structlog.get_logger("command.stream")


async def nothing_before() -> None:
    """Where nobody has to know."""


class Channel:
    """See the module. Owned by the hub, which runs `pump` as a task and calls `sweep` each second.

    `drop(member, why)` is how the channel asks its owner to close a socket: `why` is a
    bound's name, or the code of an access error. The owner calls `leave`.
    """

    def __init__(
        self,
        log: str,
        service: ServiceApi,
        renderer: Renderer,
        watch: Watch,
        now: Callable[[], float],
        drop: Callable[[Member, str], None],
    ) -> None:
        self.log = log
        self.members: dict[Peer, Member] = {}
        self.joining = 0  # joins under way: the owner keeps the channel
        self._service = service
        self._renderer = renderer
        self._watch = watch
        self._now = now
        self._drop = drop
        self._catch_up = CatchUp(service, renderer)
        self._by_lens: dict[Lens, set[Member]] = {}
        self._people: Counter[str] = Counter()  # sockets by person
        self._stale: set[Member] = set()
        self._queue: deque[Applied] = deque()
        self._lost = False
        self._wake = asyncio.Event()
        self._moved = asyncio.Event()
        self._stopped = False
        self._frontier: Point | None = None
        self._unsubscribe: Callable[[], None] | None = None
        self._sight_version = watch.version()
        self._looked_at = now()
        self._spoke_at = now()

    # opening and ending

    async def open(self) -> None:
        """Find the log's end and follow it from there. Raises NotFound, Unavailable. Again: no-op."""
        if self._frontier is not None:
            return
        if self._unsubscribe is None:
            self._unsubscribe = self._service.subscribe(self.log, self._on_applied)
        end = await self._end_of_log()
        if self._frontier is None:  # whoever came at the same moment may have found it first
            self._frontier = end
        self._wake.set()

    def stop(self) -> None:
        """Follow no longer; the pump ends by itself."""
        self._stopped = True
        if self._unsubscribe is not None:
            self._unsubscribe()
        self._wake.set()

    @property
    def frontier(self) -> Point:
        """How far everyone live has been sent."""
        assert self._frontier is not None, "the channel was not opened"
        return self._frontier

    # members

    async def join(
        self,
        outlet: Outlet,
        subject: Subject,
        me: Me,
        resume: Position | None,
        seen_through: str,
        before: Before = nothing_before,
    ) -> Member:
        """Answer a hello and serve the socket from there on. Raises NotSignedIn, Denied, Unavailable, and as `before`."""
        member = Member(outlet, subject, me)
        self.members[outlet.peer] = member
        self._people[me.person] += 1
        try:
            await self._reach(resume)
            await before()
            while True:
                first, frames = await self._prepare(member, resume, seen_through)
                if not self._serves(member):
                    raise member.gone or Busy("too slow while joining: resync")
                if member.restart is None:
                    break
            bound = outlet.release(first, frames, self._now())
        except BaseException:
            self.leave(member)
            raise
        if bound is not None:
            self._drop(member, bound)
        return member

    async def _reach(self, resume: Position | None) -> None:
        """Give this node a moment to read what another node has already sent to this client."""
        if resume is None or resume.log != self.log or resume.epoch != self.frontier.epoch:
            return
        try:
            async with asyncio.timeout(REACH_S):
                while self.frontier.seq < resume.seq:
                    await self._moved.wait()
        except TimeoutError:
            return

    async def _prepare(self, member: Member, resume: Position | None, seen_through: str) -> tuple[bytes, int]:
        """Hold the member's frames from the frontier of now, and render what leads up to it."""
        member.outlet.hold()
        member.restart = None
        self._stale.discard(member)
        self._unlens(member)
        at = self.frontier
        member.me = me = self._narrowed(member.me, at.state)
        lens = member.lens
        self._by_lens.setdefault(lens, set()).add(member)
        why = refusal(resume, seen_through, lens, at)
        if why is None and resume is not None:
            frames = await self._catch_up.range(at, resume.seq, lens)
            if frames is not None:
                own = await self._own(at, member) if frames else b""
                root = at.root.hex() if resume.seq == at.seq else ""
                hello = render.resumed_frame(self.log, resume, me, self._renderer.clock(at.state), root)
                return hello + b"".join(frames) + own, 1 + len(frames) + bool(own)
            why = "redacted"
        picture = await self._catch_up.picture(at, lens)
        own = await self._own(at, member)
        gap = Gap(resume.seq if resume else 0, at.seq, why or "first")
        clock = self._renderer.clock(at.state)
        return render.hello_frame(self.log, at.position, me, clock, at.root.hex(), gap, picture) + own, 1 + bool(own)

    async def _own(self, at: Point, member: Member) -> bytes:
        return await self._catch_up.own(at, member.lens, member.me.person) or b""

    def _narrowed(self, me: Me, state: State) -> Me:
        """As this very person sees: until a first account is given, others' are withheld."""
        lens = self._renderer.narrowed(state, Lens(me.lens), me.person)
        unseen = unseen_sections(lens)
        return me if (lens, unseen) == (me.lens, me.unseen) else msgspec.structs.replace(me, lens=lens, unseen=unseen)

    def leave(self, member: Member) -> None:
        """The socket is gone. Again: no-op."""
        if self.members.pop(member.outlet.peer, None) is not None:
            self._people[member.me.person] -= 1
            self._people += Counter()  # forgets who is at none
        self._stale.discard(member)
        self._unlens(member)

    def _serves(self, member: Member) -> bool:
        return self.members.get(member.outlet.peer) is member

    def _unlens(self, member: Member) -> None:
        group = self._by_lens.get(member.lens)
        if group is not None:
            group.discard(member)
            if not group:
                del self._by_lens[member.lens]

    def _restart(self, member: Member, reason: str) -> None:
        """Send it nothing more until it has a snapshot."""
        if member.restart is None:
            self._unlens(member)
            member.restart, member.since = reason, self.frontier.seq
        self._stale.add(member)

    # commits

    def _on_applied(self, applied: Applied) -> None:
        if len(self._queue) >= QUEUED:
            self._queue.clear()
            self._lost = True
        if not self._lost:
            self._queue.append(applied)
        self._wake.set()

    async def pump(self) -> None:
        """Serve until `stop`. What cannot be read now is tried again; nothing is skipped for it."""
        while not self._stopped:
            await self._wake.wait()
            self._wake.clear()
            try:
                await self.turn()
            except MusterError as exc:
                _log.warning("stream waits", incident=self.log, code=exc.code, retry_s=RETRY_S)
                await asyncio.sleep(RETRY_S)
                self._wake.set()

    async def turn(self) -> None:
        """Send everything that is there. On an error the queue is as it was."""
        while not self._stopped and self._frontier is not None:
            if self._lost:
                await self._find_place()
            elif self._queue:
                await self._push_some()
            elif self._stale:
                await self._refresh()
            else:
                return

    async def _push_some(self) -> None:
        taken = self._take()
        if not taken:
            return
        before, last = self.frontier.state, taken[-1]
        events = tuple(one for applied in taken for one in applied.events)
        needs = self._renderer.needs
        seqs = {*needs(before), *needs(last.after), *(one.seq for one in events)}
        private = await self._service.private(self.log, sorted(seqs))
        frames: dict[Lens, bytes] = {}
        for lens in tuple(
            self._by_lens
        ):  # one at a time: a commit that waits for this loop waits for one lens, not for all
            frames[lens] = render.batch_frame(self._renderer, before, last.after, events, lens, private)
            await asyncio.sleep(0)
        if self._lost:  # the queue ran over meanwhile
            return
        for _ in taken:
            self._queue.popleft()
        self._push(Point(self.log, last.epoch, last.after.seq, last.root, last.after), events, private, frames)

    def _take(self) -> Sequence[Applied]:
        """The commits at the head of the queue that make one batch; they stay in it until they are sent.

        Commits that came between subscribing and reading the end of the log are in it
        already and dropped. One that does not continue at the frontier means that the place is lost.
        """
        at, queue = self.frontier, self._queue
        while queue and queue[0].epoch == at.epoch and queue[0].after.seq <= at.seq:
            queue.popleft()
        taken: list[Applied] = []
        seq, count = at.seq, 0
        for applied in queue:
            if applied.epoch != at.epoch or applied.before.seq != seq:
                self._lost = not taken
                break
            count += len(applied.events)
            if taken and count > TOGETHER:
                break
            taken.append(applied)
            seq = applied.after.seq
        return taken

    def _push(self, to: Point, events: Sequence[Recorded], private: Private, frames: Mapping[Lens, bytes]) -> None:
        """Write to everyone and move the frontier. No await in here: see the module."""
        if self._watch.version() != self._sight_version:
            self._look_again()
        if any(isinstance(one.event, Redacted) for one in events):
            self._catch_up.forget()
            for member in tuple(self.members.values()):
                self._restart(member, "redacted")
        if self._renderer.owing_changed(self.frontier.state, to.state):
            self._narrow_all(to.state)
        now = self._now()
        slow: list[tuple[Member, str]] = []
        for lens, group in self._by_lens.items():
            data = frames.get(lens)
            if data is None:  # somebody came with another lens meanwhile
                data = render.batch_frame(self._renderer, self.frontier.state, to.state, events, lens, private)
            for member in group:
                bound = member.outlet.send(data, now)
                if bound is not None:
                    slow.append((member, bound))
        slow.extend(self._push_own(to, events, private, now))
        self._move(to)
        self._spoke_at = now
        for member, bound in slow:
            self._drop(member, bound)

    def _narrow_all(self, state: State) -> None:
        for member in tuple(self.members.values()):
            me = self._narrowed(member.me, state)
            if me is not member.me:
                self._restart(member, "sight changed")
                member.me = me

    def _push_own(
        self, to: Point, events: Sequence[Recorded], private: Private, now: float
    ) -> Iterator[tuple[Member, str]]:
        """The personal channel: whoever wrote an event reads it whole. Yields those whose bound is exceeded."""
        wrote = {one.header.actor.person for one in events}
        for member in tuple(self.members.values()) if wrote & self._people.keys() else ():
            if member.me.person in wrote and member.restart is None:
                own = render.own_frame(self._renderer, to.state, events, member.lens, private, member.me.person)
                bound = member.outlet.send(own, now) if own is not None else None
                if bound is not None:
                    yield member, bound

    async def _find_place(self) -> None:
        """The queue ran over, or the log went on in another epoch: start over from its end, and say so."""
        self._queue.clear()
        self._lost = False
        reason = "too far behind"
        end = await self._end_of_log()
        if end.epoch != self.frontier.epoch:
            reason = "another epoch"
        for member in tuple(self.members.values()):
            self._restart(member, reason)
        self._move(end)

    def _move(self, to: Point) -> None:
        self._frontier = to
        self._moved.set()
        self._moved = asyncio.Event()

    async def _end_of_log(self) -> Point:
        while True:
            state = await self._service.state(self.log)
            epoch, seq, root = self._service.position(self.log)
            if state.seq == seq:
                return Point(self.log, epoch, seq, root, state)

    async def _refresh(self) -> None:
        """A snapshot to each member whose picture is not to be trusted. The pump waits, so the frontier stands."""
        at = self.frontier
        live = [member for member in self._stale if not member.outlet.held]
        self._stale.clear()  # those that are joining find `restart` set and begin again by themselves
        try:
            while live:
                member = live[-1]
                lens = member.lens
                picture = await self._catch_up.picture(at, lens)
                own = await self._own(at, member)
                live.pop()
                if self._serves(member) and member.lens == lens:
                    self._send_snapshot(member, at, picture, own)
                elif self._serves(member):
                    live.append(member)
        finally:
            self._stale.update(member for member in live if self._serves(member))

    def _send_snapshot(self, member: Member, at: Point, picture: render.Picture, own: bytes) -> None:
        gap = Gap(member.since, at.seq, member.restart or "sight changed")
        data = render.snapshot_frame(at.position, member.me, self._renderer.clock(at.state), gap, picture)
        member.restart = None
        self._stale.discard(member)
        self._by_lens.setdefault(member.lens, set()).add(member)
        bound = member.outlet.send_large(data + own, self._now(), 1 + bool(own))
        if bound is not None:
            self._drop(member, bound)

    # each second, and when access changes

    def sweep(self, now: float) -> None:
        """Bounds, grants that have run out, and the ping that tells silence from calm."""
        if self._watch.version() != self._sight_version or now - self._looked_at >= LOOK_S:
            self._look_again()
        for member in tuple(self.members.values()):
            bound = member.outlet.check(now)
            if bound is not None:
                self._drop(member, bound)
        if now - self._spoke_at >= PING_S and self._frontier is not None:
            self._spoke_at = now
            ping = render.frame(ServerPing(self.frontier.seq, self._renderer.clock(self.frontier.state)))
            for member in tuple(self.members.values()):
                if not member.outlet.held and (bound := member.outlet.send(ping, now)) is not None:
                    self._drop(member, bound)

    def learn(self, subjects: Mapping[str, Subject]) -> None:
        """Grants as the accounts hold them now, by session."""
        for member in self.members.values():
            member.subject = subjects.get(member.subject.session, member.subject)

    def _look_again(self) -> None:
        """Ask for everyone's sight. A new lens means a snapshot, none means the end."""
        self._sight_version, self._looked_at = self._watch.version(), self._now()
        for member in tuple(self.members.values()):
            me = self._watch.sight(member.subject, self.log)
            if me is not None and self._frontier is not None:
                me = self._narrowed(me, self._frontier.state)
            if me is None:
                self.expel(member, Denied("you no longer have access to this incident"))
            elif me != member.me:
                self._restart(member, "sight changed")
                member.me = me
                self._wake.set()

    def expel(self, member: Member, why: NotSignedIn | Denied) -> None:
        """End a member for a reason of access."""
        member.gone = why
        self._drop(member, why.code)
