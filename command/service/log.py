"""One incident's log on one node: its live state, its writer, and the one way in which anything is applied.

Order is kept by one lock a log: whoever appends or catches up holds it, so that
states are installed and told about in seq order, ours and other nodes' alike.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime

import structlog
from msgspec.structs import replace

from command.domain.codec import decode_recorded
from command.domain.commands import Ask, ChangePlan, Redact
from command.domain.envelope import Recorded
from command.domain.fold import evolve, initial
from command.domain.state import State
from command.domain.submission import Answer
from command.errors import Busy, Corrupt, MusterError, NotFound, Unavailable
from command.ledger import merkle
from command.service.api import Applied
from command.service.compose import Composed, Given, Pending, compose
from command.service.erasing import Erasing
from command.service.history import READ_CHUNK, History
from command.service.narratives import Narratives, needs
from command.service.shelf import Proposed, Shelf
from command.service.snapshots import decode_state, encode_state, fold_version
from command.service.strangers import strangers
from command.service.vault import Vault
from command.store.ports import HELD_BACK, Append, Batch, EventRow, Head, OutcomeUnknown, Store

_log = structlog.get_logger(__name__)

# A full queue is two seconds of the fastest append that was measured: beyond that
# the sender is told to come back rather than wait without an end.
QUEUE_MAX = 4_096
# One transaction holds the head lock for a few tens of milliseconds at most.
BATCH_MAX = 256
# The store ends a transaction that stood still for two seconds. A batch that was decided and sealed for half of that and
# failed is halved: sent again as it was, it would never come to an end.
HALVE_FROM_S = 1.0
# Wall times of the newest events, for the age of what an author had seen.
RECENT_TIMES = 4_096
# A snapshot costs tens of milliseconds at this size; a start folds at most this many events.
SNAPSHOT_EVERY = 20_000
# An unknown commit is looked up this many times before its senders are told to come back.
UNKNOWN_TRIES = 3

_RESTORED = "the log was restored from elsewhere; reload and send the command again"
_STOPPED = "the server is stopping; send the same command again to find out whether it was recorded"

Waiting = tuple[Pending, asyncio.Future[Answer]]


class LiveLog:
    """The live state of one log and the queue in front of it."""

    def __init__(self, log: str, store: Store, vault: Vault, shelf: Shelf) -> None:
        self.log = log
        self.state = initial(log)
        self.epoch = 0  # the head's: a restore raises it before any event does
        self.root = merkle.EMPTY_ROOT
        self.history = History(log)
        self._store = store
        self._vault = vault
        self._shelf = shelf
        self._frontier: merkle.Frontier = ()
        self._lock = asyncio.Lock()
        self._loaded = False
        self._queue: asyncio.Queue[Waiting] = asyncio.Queue(QUEUE_MAX)
        self._listeners: list[Callable[[Applied], None]] = []
        self._times: deque[tuple[int, datetime]] = deque(maxlen=RECENT_TIMES)
        self._snapshot_seq = 0
        self._stood_s = 0.0  # for how long the last batch's transaction stood still: it was decided, and sealed
        self._erasing = Erasing(log, store, vault)
        self._narratives = Narratives(log, vault)
        self._writing: list[Waiting] = []
        self._closed = False

    # Reading ------------------------------------------------------------------

    async def ensure_loaded(self) -> None:
        """Fold the log from its newest usable snapshot, once."""
        if self._loaded:
            return
        async with self._lock:
            if not self._loaded:
                await self._load()

    async def _load(self) -> None:
        head = await self._store.head(self.log)
        if head is None:
            raise Corrupt(f"expected the head of log {self.log}", where="heads")
        state = await self._from_snapshot(head)
        while state.seq < head.seq:
            rows = await self._store.events(self.log, state.seq, min(READ_CHUNK, head.seq - state.seq))
            if not rows:
                raise Corrupt(f"expected events up to {head.seq}, found up to {state.seq}", where="events")
            for row in rows:
                state = evolve(state, decode_recorded(row.header))
                self.history.note(state)
            await asyncio.sleep(0)  # a long fold must not hold up other incidents
        self.epoch, self.state, self.root, self._frontier = head.epoch, state, head.root, head.frontier
        self._snapshot_seq = state.seq
        self._loaded = True
        self._erasing.note_state(state)
        await self._erase()

    async def _from_snapshot(self, head: Head) -> State:
        found = await self._store.snapshot(self.log, head.seq, fold_version())
        state = decode_state(found[2]) if found is not None else None
        if state is None or state.log != self.log or state.epoch != head.epoch:
            return initial(self.log)
        self.history.note(state)
        return state

    async def catch_up(self) -> None:
        """Apply what other nodes appended."""
        async with self._lock:
            if not self._loaded:
                return
            while rows := await self._store.events(self.log, self.state.seq, READ_CHUNK):
                await self._apply_rows(rows)
            await self._erase()

    # Listening ------------------------------------------------------------------

    def subscribe(self, on_applied: Callable[[Applied], None]) -> Callable[[], None]:
        """Call for each commit from now on; returns the way to stop."""
        self._listeners.append(on_applied)

        def stop() -> None:
            with suppress(ValueError):
                self._listeners.remove(on_applied)

        return stop

    # Writing ------------------------------------------------------------------

    def put(self, pending: Sequence[Pending]) -> list[asyncio.Future[Answer]]:
        """Queue commands, all of them or none. Raises Busy where the queue is too full, Unavailable once closed."""
        if self._closed:
            raise Unavailable(_STOPPED)
        if self._queue.qsize() + len(pending) > QUEUE_MAX:
            raise Busy(f"expected at most {QUEUE_MAX} commands waiting for this incident", retry_after_s=1.0)
        loop = asyncio.get_running_loop()
        futures: list[asyncio.Future[Answer]] = []
        for item in pending:
            futures.append(loop.create_future())
            self._queue.put_nowait((item, futures[-1]))
        return futures

    def close(self) -> None:
        """Take nothing more, and tell all who wait: nobody is left waiting for an answer that will not come."""
        self._closed = True
        while not self._queue.empty():
            self._writing.append(self._queue.get_nowait())
        self._fail(self._writing, Unavailable(_STOPPED))

    @property
    def waiting(self) -> int:
        """How many commands wait in the queue."""
        return self._queue.qsize()

    async def run(self) -> None:
        """The writer: drain the queue into one transaction after another, until cancelled."""
        try:
            while True:
                self._writing = [await self._queue.get()]
                # A redaction ends its batch: what is written after it is sealed under a new key.
                while len(self._writing) < BATCH_MAX and not isinstance(self._writing[-1][0].cmd, Redact):
                    if self._queue.empty():
                        break
                    self._writing.append(self._queue.get_nowait())
                await self._write(self._writing)
                self._writing = []
        finally:
            self.close()

    async def _write(self, batch: list[Waiting]) -> None:
        try:
            answers = await self._append([pending for pending, _ in batch])
        except (Unavailable, NotFound, Corrupt) as exc:
            if len(batch) > 1 and isinstance(exc, Unavailable) and self._stood_s >= HALVE_FROM_S:
                again, half = [(_retried(pending), future) for pending, future in batch], len(batch) // 2
                await self._write(again[:half])
                await self._write(again[half:])
                return
            self._fail(batch, exc)
        except Exception as exc:  # noqa: BLE001  a fault of our own must not end the writer
            if len(batch) > 1:
                # One command must not take the others down with it: each alone, as if its outcome were unknown.
                for pending, future in batch:
                    await self._write([(_retried(pending), future)])
                return
            _log.exception("append failed", log=self.log)
            ours = Unavailable("this could not be recorded; sending it again will not lose or double it")
            self._fail(batch, exc if isinstance(exc, MusterError) else ours)
        else:
            for (_, future), answer in zip(batch, answers, strict=True):
                if not future.done():
                    future.set_result(answer)

    @staticmethod
    def _fail(batch: list[Waiting], exc: MusterError) -> None:
        for _, future in batch:
            if not future.done():
                future.set_exception(exc)

    async def _append(self, pending: list[Pending]) -> Sequence[Answer]:
        # Read and compiled before anything is locked: packs are named by their bytes, and never change.
        proposed = await self._shelf.proposed({item.cmd.packs for item in pending if isinstance(item.cmd, ChangePlan)})
        for _ in range(UNKNOWN_TRIES):
            try:
                async with self._lock:
                    return await self._append_locked(pending, proposed)
            except OutcomeUnknown:
                # Repeating the batch is the look-up: what was kept is answered from its row.
                pending = [_retried(item) for item in pending]
        raise Unavailable("the outcome of the commit could not be found out; send the same command again")

    async def _append_locked(self, pending: list[Pending], proposed: Proposed) -> Sequence[Answer]:
        self._stood_s = 0.0
        async with self._store.append(self.log) as append:
            await self._reach(append)
            if self._erasing.waiting:
                await self._erasing.finish()
            head = append.head
            known = await append.commands([item.submission.cmd for item in pending])
            revoked = await append.revoked(sorted(_still_to_stand(pending)))
            began = time.monotonic()
            ages = await self._basis_ages(pending, head.wall)
            given = Given(
                state=self.state,
                head=head,
                known=known,
                revoked=frozenset(revoked),
                stack=await self._shelf.fetch(self.state),
                salts=secrets.token_bytes,
                basis_age_s=ages.get,
                stacks=proposed.stacks | await self._shelf.fetch_all(self.state),
                unfit=proposed.unfit,
                strangers=await strangers(
                    self.log, self.state, (item.cmd for item in pending), self._store, self._vault
                ),
                near=self._narratives.near,
            )
            if needs([item.cmd for item in pending]):
                await self._narratives.catch_up(self.state)
            composed = compose(given, pending)
            self._shelf.remember(composed.state, proposed)  # screens draw by a new plan as soon as they are told
            disclosures = await self._vault.seal(self.log, composed.secrets)
            self._stood_s = time.monotonic() - began
            await append.commit(
                Batch(
                    head=composed.head,
                    events=composed.events,
                    disclosures=disclosures,
                    commands=composed.commands,
                    audit=composed.audit,
                    redact_subjects=composed.redact_subjects,
                    redact_seqs=composed.redact_seqs,
                )
            )
        await self._committed(composed)
        return composed.answers

    async def _reach(self, append: Append) -> None:
        """Under the head lock: apply what other nodes appended since."""
        if append.head.epoch != self.epoch or append.head.seq < self.state.seq:
            self._forget()
            raise Unavailable(_RESTORED)
        if append.head.seq > self.state.seq:
            await self._apply_rows(await append.events_after(self.state.seq))

    def _forget(self) -> None:
        """What this node knows is of another past: begin again."""
        self._loaded = False
        self.epoch = 0
        self.history = History(self.log)
        self.state = initial(self.log)
        self.root, self._frontier = merkle.EMPTY_ROOT, ()
        self._times.clear()
        self._vault.evict(self.log)
        self._narratives.forget()

    async def _committed(self, composed: Composed) -> None:
        """The commit is known: install, tell, and make redactions final. Nothing here may undo the answer."""
        if not composed.recorded:
            return
        self._vault.remember(self.log, composed.secrets)
        self._frontier = composed.head.frontier
        self._install(composed.state, composed.recorded, composed.head.root, composed.head.wall)
        try:
            await self._store.notify(self.log)
        except MusterError as exc:
            _log.warning("other nodes were not told; they poll", log=self.log, problem=exc.message)
        await self._erase()

    async def _erase(self) -> None:
        """Destroy the keys of what was redacted, if any are left. What fails is tried again with the next poll."""
        if not self._erasing.waiting:
            return
        try:
            async with self._store.append(self.log) as append:
                await self._reach(append)
                await self._erasing.finish()
        except MusterError as exc:
            _log.error("keys of redacted values could not be destroyed yet", log=self.log, problem=exc.message)

    # The one apply path -----------------------------------------------------------

    async def _apply_rows(self, rows: Sequence[EventRow]) -> None:
        state, entries, frontier = self.state, [], self._frontier
        for row in rows:
            entry = decode_recorded(row.header)
            if entry.header.epoch != self.epoch:
                self._forget()
                raise Unavailable(_RESTORED)
            state = evolve(state, entry)
            frontier = merkle.extend(frontier, row.seq - 1, row.leaf)
            entries.append(entry)
        if entries:
            if len(state.plan.stacks) != len(self.state.plan.stacks):
                await self._shelf.fetch_all(state)  # as in `_append_locked`
            self._frontier = frontier
            last = entries[-1].header
            self._install(state, tuple(entries), merkle.root_of(self._frontier), last.wall_at or last.recorded_at)

    def _install(self, state: State, entries: tuple[Recorded, ...], root: bytes, wall: datetime) -> None:
        before, self.state, self.root = self.state, state, root
        self.history.note(state)
        self._times.extend((entry.seq, wall) for entry in entries)
        if self._erasing.note(entries):
            self._vault.evict(self.log)
            self._narratives.forget()
        applied = Applied(self.log, self.epoch, before, state, entries, root)
        for listener in tuple(self._listeners):
            try:
                listener(applied)
            except Exception:  # noqa: BLE001  a screen's fault must not cost others the news, nor the author the answer
                _log.exception("a listener failed", log=self.log, seq=state.seq)

    async def _basis_ages(self, pending: Sequence[Pending], wall: datetime) -> dict[int, float]:
        """What an ask's author had seen -> seconds since the first event that they had not seen."""
        ages: dict[int, float] = {}
        for seen in {item.submission.basis_seq for item in pending if isinstance(item.cmd, Ask)}:
            if seen is not None and seen < self.state.seq:
                ages[seen] = max(0.0, (wall - await self._wall_of(seen + 1)).total_seconds())
        return ages

    async def _wall_of(self, seq: int) -> datetime:
        place = seq - self._times[0][0] if self._times else -1
        if 0 <= place < len(self._times):
            return self._times[place][1]
        (row,) = await self._store.events(self.log, seq - 1, 1)
        head = decode_recorded(row.header).header
        return head.wall_at or head.recorded_at

    async def snapshot(self) -> None:
        """Cache the state on disk if the log grew by enough since the last time."""
        state = self.state
        if state.seq - self._snapshot_seq < SNAPSHOT_EVERY:
            return
        self._snapshot_seq = state.seq
        root = self.root
        raw = await asyncio.to_thread(encode_state, state)
        await self._store.put_snapshot(self.log, state.seq, root, fold_version(), raw)


def _retried(item: Pending) -> Pending:
    return replace(item, retried=True)


def _still_to_stand(pending: Sequence[Pending]) -> set[str]:
    """Of whom and what is asked under the lock whether it still stands."""
    held = {HELD_BACK + item.author.held for item in pending if item.author.held}
    return held | {item.author.session for item in pending}
