"""The service: commands in, durable answers out; states, past and present, for whoever may see them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import cast

import msgspec
import structlog

from command.domain.clock import EARLIEST, LATEST, plausible
from command.domain.codec import decode_recorded
from command.domain.commands import AdmitAgency, Command, OpenIncident
from command.domain.envelope import Actor, Recorded
from command.domain.state import State
from command.domain.submission import Answer, Submission
from command.errors import MusterError, NotFound, Unavailable, Unreadable
from command.policy.stack import Stack
from command.service.agencies import Agencies, AnyAgency
from command.service.api import Applied, Author, Private
from command.service.command_digests import digest_of
from command.service.compose import Pending
from command.service.log import LiveLog
from command.service.shelf import PackFile, Shelf
from command.service.signed import Devices, NoDevices, read_statement
from command.service.vault import Vault
from command.store.ports import AuditRow, KeyStore, PackRow, Store

_log = structlog.get_logger(__name__)

POLL_S = 1.0  # covers a lost hint; architecture, "The way of an event"

_commands = msgspec.json.Decoder(Command)
_submissions = msgspec.json.Encoder()


class Service:
    """Implements `api.ServiceApi` on any store. `start` before use, `stop` when done."""

    def __init__(
        self,
        store: Store,
        keys: KeyStore,
        stack: Stack,
        *,
        packs: Sequence[PackFile] = (),
        devices: Devices | None = None,
        agencies: Agencies | None = None,
        poll_s: float = POLL_S,
    ) -> None:
        self.store = store
        self.stack = stack
        self.shelf = Shelf(store, stack, packs)
        self.vault = Vault(store, keys)
        self._devices = devices or NoDevices()
        self._agencies = agencies or AnyAgency()
        self._poll_s = poll_s
        self._logs: dict[str, LiveLog] = {}
        self._writers: dict[str, asyncio.Task[None]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._watchers: list[Callable[[Applied], None]] = []
        self._stopped = False

    async def start(self) -> None:
        """Keep this node's packs where all nodes find them, and begin to follow other nodes."""
        await self.shelf.keep_own()
        loop = asyncio.get_running_loop()
        self._tasks = [
            loop.create_task(self._follow_hints(), name="service-hints"),
            loop.create_task(self._poll(), name="service-poll"),
        ]

    async def stop(self) -> None:
        """End writers and followers. Whoever still waits is answered Unavailable; nothing is taken from now on."""
        self._stopped = True
        tasks = [*self._writers.values(), *self._tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for live in self._logs.values():
            live.close()
        self._writers.clear()
        self._tasks.clear()

    # Asking -----------------------------------------------------------------------

    async def open_incident(
        self,
        author: Author,
        cmd: OpenIncident,
        cmd_id: str,
        *,
        incident: str | None = None,
        issued_at: datetime | None = None,
    ) -> tuple[str, Answer]:
        """Create the log and open it; the same command id again gives the same incident."""
        log = incident or cmd_id
        await self.store.create_log(log)
        body = msgspec.Raw(_submissions.encode(cmd))
        answers = await self.submit(log, author, [Submission(cmd_id, body, issued_at)])
        return log, answers[0]

    async def submit(self, log: str, author: Author, submissions: Sequence[Submission]) -> list[Answer]:
        """Take commands in order. Each is answered; one that cannot be read does not hold up the others."""
        return await self.submit_each(log, [(author, sub) for sub in submissions])

    async def submit_each(self, log: str, pairs: Sequence[tuple[Author, Submission]]) -> list[Answer]:
        """As `submit`, each command with an author of its own: imports and scripts name an origin for each."""
        live = await self._live(log)
        read_: list[Pending | Answer] = []
        for author, sub in pairs:
            try:
                read_.append(await self._pending(log, author, sub))
            except Unreadable as exc:
                read_.append(Answer(sub.cmd, "unreadable", problem=exc.message, where=exc.where or None))
        waiting = iter(live.put([item for item in read_ if isinstance(item, Pending)]))
        # All are waited for before the first failure is raised, so that none is left to end unseen.
        ends = [item if isinstance(item, Answer) else next(waiting) for item in read_]
        futures = [end for end in ends if isinstance(end, asyncio.Future)]
        if len(futures) == 1:  # most often, and a tenth of what a command costs
            return [end if isinstance(end, Answer) else await end for end in ends]
        await asyncio.gather(*futures, return_exceptions=True)
        return [end if isinstance(end, Answer) else end.result() for end in ends]

    async def _pending(self, log: str, author: Author, sub: Submission) -> Pending:
        digest = digest_of(await self.vault.command_key(log), _submissions.encode(sub))
        if sub.statement is None:
            pending = Pending(author, sub, _decode(sub.command), digest)
        else:
            pending = await self._signed(log, author, sub, digest)
        _check(pending)
        # What is imported or played is of another day, and its agencies with it.
        if isinstance(pending.cmd, AdmitAgency | OpenIncident) and author.origin is None:
            cmd = await self._agencies.named(pending.cmd, signed=pending.statement is not None)
            pending = msgspec.structs.replace(pending, cmd=cmd)
        return pending

    async def _signed(self, log: str, author: Author, sub: Submission, digest: bytes) -> Pending:
        """A device's statement: its signature verifies, and the command it states is the one to be judged."""
        found = await read_statement(log, self._devices, author, sub)
        return Pending(found.author, found.submission, _decode(found.command), digest, found.statement, found.given)

    # Reading -----------------------------------------------------------------------

    async def incidents(self) -> list[tuple[str, State]]:
        """All incidents with their state, newest opened first."""
        found = [(head.log, await self.state(head.log)) for head in await self.store.logs()]
        opened = [(log, state) for log, state in found if state.incident is not None]
        return sorted(opened, key=lambda item: item[1].incident.opened_at if item[1].incident else 0, reverse=True)

    async def state(self, log: str) -> State:
        """The live state."""
        return (await self._live(log)).state

    async def state_at(self, log: str, seq: int) -> State:
        """A past state, by the same fold."""
        live = await self._live(log)
        if not 0 <= seq <= live.state.seq:
            raise NotFound(f"expected a position from 0 to {live.state.seq}, got {seq}")
        return await live.history.at(self.store, seq)

    async def recorded(self, log: str, after: int, limit: int) -> list[Recorded]:
        """Events after `after`, decoded; only up to what this node has applied."""
        live = await self._live(log)
        rows = await self.store.events(log, after, limit)
        return [decode_recorded(row.header) for row in rows if row.seq <= live.state.seq]

    async def private(self, log: str, seqs: Sequence[int]) -> Private:
        """Plain private values of events."""
        head = (await self._live(log)).state.seq
        return await self.vault.plain(log, [seq for seq in seqs if 1 <= seq <= head])

    def subscribe(self, log: str, on_applied: Callable[[Applied], None]) -> Callable[[], None]:
        """Follow a log that is loaded (await `state` first)."""
        return self._logs[log].subscribe(on_applied)

    def watch(self, on_applied: Callable[[Applied], None]) -> None:
        """Follow every log of this node, those that are loaded later too. Before the first is loaded."""
        self._watchers.append(on_applied)

    def position(self, log: str) -> tuple[int, int, bytes]:
        """(epoch, seq, root) of the live state."""
        live = self._logs[log]
        return live.epoch, live.state.seq, live.root

    def stack_of(self, state: State, at: datetime | None = None) -> Stack:
        """The rules that an incident is shown by: those that bind it now, or bound it at `at`."""
        return self.shelf.of(state, at)

    async def keep_packs(self, log: str, files: Sequence[PackFile], audit: Sequence[AuditRow] = ()) -> tuple[str, ...]:
        """Check rule packs and put their exact bytes on the shelf, for an incident to go over to; their names.

        The audit entries are kept in the same transaction, or nothing is.

        Raises PackProblems with every problem; NotFound for no such incident.
        """
        await self._live(log)
        return await self.shelf.keep(files, audit)

    async def packs(self, log: str) -> list[tuple[str, PackRow]]:
        """Name and file of every pack that was in force in an incident, oldest first."""
        return await self.shelf.rows((await self._live(log)).state)

    def queued(self) -> int:
        """How many commands wait on this node."""
        return sum(live.waiting for live in self._logs.values())

    async def audit(self, *rows: AuditRow) -> None:
        """Note what was seen, exported or tried."""
        await self.store.audit(rows)

    # Logs on this node ----------------------------------------------------------------

    async def _live(self, log: str) -> LiveLog:
        if self._stopped:
            raise Unavailable("the server is stopping; nothing was done")
        live = self._logs.get(log)
        if live is None:
            if await self.store.head(log) is None:
                raise NotFound(f"no incident {log}")
            live = self._logs.get(log)
            if live is None:
                live = self._logs[log] = LiveLog(log, self.store, self.vault, self.shelf)
                for watcher in self._watchers:
                    live.subscribe(watcher)
        await live.ensure_loaded()
        await self.shelf.fetch_all(live.state)
        if log not in self._writers:
            loop = asyncio.get_running_loop()
            self._writers[log] = loop.create_task(live.run(), name=f"writer-{log}")
        return live

    async def _follow_hints(self) -> None:
        while True:
            try:
                async for log in self.store.hints():
                    await self._catch_up(log)
            except MusterError as exc:
                _log.warning("lost the hints of other nodes; polling meanwhile", problem=exc.message)
            await asyncio.sleep(self._poll_s)

    async def _poll(self) -> None:
        while True:
            await asyncio.sleep(self._poll_s)
            for log in tuple(self._logs):
                await self._catch_up(log)

    async def _catch_up(self, log: str) -> None:
        live = self._logs.get(log)
        if live is None:
            return
        try:
            await live.ensure_loaded()
            await live.catch_up()
            await live.snapshot()
        except MusterError as exc:
            _log.warning("could not catch up", log=log, problem=exc.message)
        except Exception:  # noqa: BLE001  one log that cannot be followed must not end the following of the others
            _log.exception("could not catch up", log=log)


def _check(pending: Pending) -> None:
    """What would break the log if it came into it: an author whom a header cannot name, times beyond the calendar."""
    author, sub = pending.author, pending.submission
    try:
        msgspec.convert({"person": author.person, "agency": author.agency, "device": author.device}, Actor)
    except msgspec.ValidationError as exc:
        raise Unreadable(f"expected an author that the log can name: {exc}", where="author") from None
    origin = pending.cmd.clock_origin if isinstance(pending.cmd, OpenIncident) else None
    times = {"issued_at": sub.issued_at, "occurred_at": sub.occurred_at, "command.clock_origin": origin}
    for where, at in times.items():
        if at is not None and not plausible(at):
            raise Unreadable(f"expected a time from {EARLIEST:%Y} to {LATEST:%Y}, got {at.isoformat()}", where=where)


def _decode(raw: bytes | msgspec.Raw) -> Command:
    try:
        return cast(Command, _commands.decode(raw))
    except msgspec.ValidationError as exc:
        message, _, where = str(exc).partition(" - at ")
        lower = message if message[1:2].isupper() else message[:1].lower() + message[1:]
        raise Unreadable(lower, where=where.strip("`") or "command") from None
    except msgspec.DecodeError as exc:
        raise Unreadable(f"expected JSON: {exc}", where="command") from None
    except UnicodeDecodeError:  # the envelope around it was read without looking into it
        raise Unreadable("expected utf-8", where="command") from None
    except RecursionError:
        raise Unreadable("expected a command that is not nested so deep", where="command") from None
