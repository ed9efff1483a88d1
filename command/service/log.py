"""One incident's log on one node: its live state, its writer, and the one way in which anything is applied.

Order is kept by one lock a log: whoever appends or catches up holds it, so that
states are installed and told about in seq order, ours and other nodes' alike.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime

import structlog
from msgspec.structs import replace

from command.domain.codec import decode_recorded
from command.domain.envelope import Recorded
from command.domain.events import Redacted
from command.domain.fold import evolve, initial
from command.domain.state import State
from command.domain.submission import Answer
from command.errors import Busy, Corrupt, MusterError, Unavailable
from command.ledger import merkle
from command.policy.stack import Stack
from command.service.api import Applied
from command.service.compose import Composed, Given, Pending, compose
from command.service.history import READ_CHUNK, History
from command.service.sealing import subject_of
from command.service.snapshots import decode_state, encode_state, fold_version
from command.service.vault import Vault
from command.store.ports import Append, Batch, EventRow, Head, OutcomeUnknown, Store

_log = structlog.get_logger(__name__)

# A full queue is two seconds of the fastest append that was measured: beyond that
# the sender is told to come back rather than wait without an end.
QUEUE_MAX = 4_096
# One transaction holds the head lock for a few tens of milliseconds at most.
BATCH_MAX = 256
# Wall times of the newest events, for the age of what an author had seen.
RECENT_TIMES = 4_096
# A snapshot costs tens of milliseconds at this size; a start folds at most this many events.
SNAPSHOT_EVERY = 20_000
# An unknown commit is looked up this many times before its senders are told to come back.
UNKNOWN_TRIES = 3

Waiting = tuple[Pending, asyncio.Future[Answer]]


class LiveLog:
    """The live state of one log and the queue in front of it."""

    def __init__(self, log: str, store: Store, vault: Vault, stack_of: Callable[[State], Stack]) -> None:
        self.log = log
        self.state = initial(log)
        self.root = merkle.EMPTY_ROOT
        self.history = History(log)
        self._store = store
        self._vault = vault
        self._stack_of = stack_of
        self._frontier: merkle.Frontier = ()
        self._lock = asyncio.Lock()
        self._loaded = False
        self._queue: asyncio.Queue[Waiting] = asyncio.Queue(QUEUE_MAX)
        self._listeners: list[Callable[[Applied], None]] = []
        self._times: deque[tuple[int, datetime]] = deque(maxlen=RECENT_TIMES)
        self._snapshot_seq = 0

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
        self.state, self.root, self._frontier = state, head.root, head.frontier
        self._snapshot_seq = state.seq
        self._loaded = True
        await self._finish_redactions(state)

    async def _from_snapshot(self, head: Head) -> State:
        found = await self._store.snapshot(self.log, head.seq, fold_version())
        state = decode_state(found[2]) if found is not None else None
        if state is None or state.epoch != head.epoch:
            return initial(self.log)
        self.history.note(state)
        return state

    async def _finish_redactions(self, state: State) -> None:
        """A node may have died between a redaction's commit and the end of its keys: make an end of them now."""
        subjects = [subject for subject in state.redacted_subjects]
        if subjects and (left := await self._vault.destroy(self.log, subjects)):
            _log.warning("keys of redacted subjects were still there", log=self.log, destroyed=left)

    async def catch_up(self) -> None:
        """Apply what other nodes appended."""
        async with self._lock:
            if not self._loaded:
                return
            while rows := await self._store.events(self.log, self.state.seq, READ_CHUNK):
                self._apply_rows(rows)

    # Listening ------------------------------------------------------------------

    def subscribe(self, on_applied: Callable[[Applied], None]) -> Callable[[], None]:
        """Call for each commit from now on; returns the way to stop."""
        self._listeners.append(on_applied)

        def stop() -> None:
            with suppress(ValueError):
                self._listeners.remove(on_applied)

        return stop

    # Writing ------------------------------------------------------------------

    def put(self, pending: Pending) -> asyncio.Future[Answer]:
        """Queue a command. Raises Busy when the queue is full: nothing was taken."""
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        try:
            self._queue.put_nowait((pending, future))
        except asyncio.QueueFull:
            raise Busy(f"expected at most {QUEUE_MAX} commands waiting for this incident", retry_after_s=1.0) from None
        return future

    @property
    def waiting(self) -> int:
        """How many commands wait in the queue."""
        return self._queue.qsize()

    async def run(self) -> None:
        """The writer: drain the queue into one transaction after another, until cancelled."""
        while True:
            batch = [await self._queue.get()]
            while len(batch) < BATCH_MAX and not self._queue.empty():
                batch.append(self._queue.get_nowait())
            try:
                await self._write(batch)
            finally:
                # Whatever ended the write, nobody is left waiting for an answer that will not come.
                for _, future in batch:
                    if not future.done():
                        future.set_exception(Unavailable("the server stopped before this was recorded"))

    async def _write(self, batch: list[Waiting]) -> None:
        try:
            answers = await self._append([pending for pending, _ in batch])
        except MusterError as exc:
            self._fail(batch, exc)
        except Exception:  # noqa: BLE001  a fault of our own must not end the writer: tell these, serve the next
            _log.exception("append failed", log=self.log)
            self._fail(batch, Unavailable("the record could not be kept; nothing was done"))
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
        for _ in range(UNKNOWN_TRIES):
            try:
                async with self._lock:
                    return await self._append_locked(pending)
            except OutcomeUnknown:
                # Repeating the batch is the look-up: what was kept is answered from its row.
                pending = [_retried(item) for item in pending]
        raise Unavailable("the outcome of the commit could not be found out; send the same command again")

    async def _append_locked(self, pending: list[Pending]) -> Sequence[Answer]:
        async with self._store.append(self.log) as append:
            await self._reach(append)
            head = append.head
            known = await append.commands([item.submission.cmd for item in pending])
            revoked = await append.revoked(sorted({item.author.session for item in pending}))
            given = Given(
                state=self.state,
                head=head,
                known=known,
                revoked=frozenset(revoked),
                stack=self._stack_of(self.state),
                salts=secrets.token_bytes,
                basis_age_s=lambda seq: self._basis_age(seq, head.wall),
            )
            composed = compose(given, pending)
            disclosures = await self._vault.seal(self.log, composed.secrets)
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
        if append.head.epoch != self.state.epoch and self.state.seq or append.head.seq < self.state.seq:
            self._loaded = False
            self.history = History(self.log)
            self.state = initial(self.log)
            raise Unavailable("the log was restored; reload and send the command again")
        if append.head.seq > self.state.seq:
            self._apply_rows(await append.events_after(self.state.seq))

    async def _committed(self, composed: Composed) -> None:
        """The commit is known: install, tell, and make redactions final."""
        if not composed.recorded:
            return
        self._vault.remember(self.log, composed.secrets)
        self._frontier = composed.head.frontier
        self._install(composed.state, composed.recorded, composed.head.root, composed.head.wall)
        await self._store.notify(self.log)
        if composed.redact_subjects or composed.redact_seqs:
            await self._destroy(composed)

    async def _destroy(self, composed: Composed) -> None:
        subjects = set(composed.redact_subjects)
        for seq in composed.redact_seqs:
            for row in await self._store.events(self.log, seq - 1, 1):
                entry = decode_recorded(row.header)
                own = subject_of(entry.event, entry.header.id)
                if own.startswith("e:"):  # a subject's key serves its other events still
                    subjects.add(own)
        await self._vault.destroy(self.log, sorted(subjects))

    # The one apply path -----------------------------------------------------------

    def _apply_rows(self, rows: Sequence[EventRow]) -> None:
        state, entries = self.state, []
        for row in rows:
            entry = decode_recorded(row.header)
            state = evolve(state, entry)
            self._frontier = merkle.extend(self._frontier, row.seq - 1, row.leaf)
            entries.append(entry)
        if entries:
            last = entries[-1].header
            self._install(state, tuple(entries), merkle.root_of(self._frontier), last.wall_at or last.recorded_at)

    def _install(self, state: State, entries: tuple[Recorded, ...], root: bytes, wall: datetime) -> None:
        before, self.state, self.root = self.state, state, root
        self.history.note(state)
        self._times.extend((entry.seq, wall) for entry in entries)
        if any(isinstance(entry.event, Redacted) for entry in entries):
            self._vault.evict(self.log)
        applied = Applied(self.log, state.epoch, before, state, entries, root)
        for listener in tuple(self._listeners):
            listener(applied)

    def _basis_age(self, seen: int, wall: datetime) -> float | None:
        """Seconds since the first event that the author had not seen; None where that is longer ago than we remember."""
        for seq, at in self._times:
            if seq == seen + 1:
                return max(0.0, (wall - at).total_seconds())
        return None

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
