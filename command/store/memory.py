"""A store in memory: the same contract as PostgreSQL, for tests in virtual time and for playing on paper.

Nothing survives the process. Never used by `muster serve`.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from itertools import islice
from typing import Literal

import msgspec

from command.errors import Conflict, NotFound, Unavailable, Untraceable
from command.store.batch import (
    EMPTY_ROOT,
    HeaderFacts,
    check_batch,
    check_keys,
    check_redaction,
    redacted_subjects,
    sessions_to_check,
)
from command.store.ports import (
    HELD_BACK,
    WHOLE_TRAIL,
    Append,
    AuditQuery,
    AuditRow,
    Batch,
    CommandRow,
    DisclosureRow,
    EventRow,
    Head,
    OutcomeUnknown,
    PackRow,
)

Fault = Literal["unavailable", "unknown-kept", "unknown-lost"]
"""What a test can make a commit do: fail cleanly, or lose the answer with the batch written or not."""

_HINTS_LIMIT = 1000  # waiting hints per listener; beyond it hints are dropped, and the reader's poll covers the loss


class _Log:
    def __init__(self, head: Head) -> None:
        self.head = head
        self.lock = asyncio.Lock()
        self.events: list[EventRow] = []
        self.facts: list[HeaderFacts] = []
        self.ids: set[str] = set()
        self.redacted: list[bytes] = []  # the headers of Redacted events: a commit looks through these alone
        self.disclosures: dict[tuple[int, str], DisclosureRow] = {}
        self.commands: dict[str, CommandRow] = {}
        self.snapshots: dict[tuple[str, int], tuple[bytes, bytes]] = {}


class MemoryStore:
    """Implements `ports.Store`. `clock` stands for the database's clock."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._logs: dict[str, _Log] = {}
        self._audit: list[AuditRow] = []
        self.untraceable = False  # a fault for tests: the trail takes nothing
        self._packs: dict[str, PackRow] = {}
        self._sessions: dict[str, datetime | None] = {}
        self._turned_down: set[str] = set()
        self._faults: deque[Fault] = deque()
        self._listeners: set[asyncio.Queue[str]] = set()

    def inject(self, *faults: Fault) -> None:
        """Make the next commits fail, one fault each."""
        self._faults.extend(faults)

    def redacted(self, log: str) -> set[str]:
        """The subjects that Redacted events of a log name."""
        found = self._logs.get(log)
        return set() if found is None else redacted_subjects(found.redacted)

    def add_session(self, session: str, until: datetime | None = None) -> None:
        """Make a session known (to `revoked`), living until `until`."""
        self._sessions[session] = until

    def end_session(self, session: str) -> None:
        """Forget a session: from now on it counts as revoked."""
        self._sessions.pop(session, None)

    def turn_down(self, item: str) -> None:
        """Say that a record which was held back was turned down, while its log's head is locked."""
        self._turned_down.add(HELD_BACK + item)

    async def create_log(self, log: str, audit: Sequence[AuditRow] = ()) -> None:
        """Make an empty log. Creating it again is a no-op."""
        if log in self._logs:
            return
        if audit:
            self._trace(audit)
        self._logs[log] = _Log(Head(log, 1, 0, (), EMPTY_ROOT, None, self._clock()))

    async def logs(self) -> list[Head]:
        """All heads, in the order of log ids."""
        return [self._wall(self._logs[log].head) for log in sorted(self._logs)]

    async def head(self, log: str) -> Head | None:
        """Where a log ends now, or None for an unknown one."""
        found = self._logs.get(log)
        return None if found is None else self._wall(found.head)

    @asynccontextmanager
    async def append(self, log: str) -> AsyncIterator[Append]:
        """Lock a log. Raises NotFound for an unknown one."""
        found = self._logs.get(log)
        if found is None:
            raise NotFound("no such log", where=log)
        async with found.lock:
            append = _MemoryAppend(self, found, self._wall(found.head))
            try:
                yield append
            finally:
                append.over = True

    async def events(self, log: str, after: int, limit: int) -> list[EventRow]:
        """Events with seq > after, in order."""
        found = self._logs.get(log)
        return [] if found is None else found.events[max(after, 0) : max(after, 0) + limit]

    async def events_before(self, log: str, before: int, limit: int) -> list[EventRow]:
        """The last `limit` events with seq < before, in order."""
        found = self._logs.get(log)
        end = max(before - 1, 0)
        return [] if found is None else found.events[:end][-limit:] if limit > 0 else []

    async def leaves(self, log: str, after: int, limit: int) -> list[tuple[int, bytes]]:
        """(seq, leaf hash) with seq > after, in order."""
        return [(row.seq, row.leaf) for row in await self.events(log, after, limit)]

    async def disclosures(self, log: str, seqs: Sequence[int]) -> list[DisclosureRow]:
        """The disclosures still kept of these events, by seq and path."""
        found = self._logs.get(log)
        wanted = set(seqs)
        rows = [] if found is None else [row for key, row in found.disclosures.items() if key[0] in wanted]
        return sorted(rows, key=lambda row: (row.seq, row.path))

    async def told_of(self, log: str, subjects: Sequence[str]) -> set[str]:
        """Those of these subjects of whom a disclosure is kept."""
        found = self._logs.get(log)
        return set() if found is None else {row.subject for row in found.disclosures.values()}.intersection(subjects)

    async def seq_at(self, log: str, at: datetime) -> int:
        """The last seq recorded at or before `at`; 0 if none."""
        found = self._logs.get(log)
        return 0 if found is None else bisect_right(found.facts, at, key=lambda fact: fact.recorded_at)

    async def snapshot(self, log: str, upto: int, version: str) -> tuple[int, bytes, bytes] | None:
        """The newest cached snapshot with seq <= upto of this fold version."""
        found = self._logs.get(log)
        seqs = [] if found is None else [seq for (fold, seq) in found.snapshots if fold == version and seq <= upto]
        if found is None or not seqs:
            return None
        root, state = found.snapshots[version, max(seqs)]
        return max(seqs), root, state

    async def put_snapshot(self, log: str, seq: int, root: bytes, version: str, state: bytes) -> None:
        """Cache a snapshot. Raises NotFound for an unknown log."""
        if log not in self._logs:
            raise NotFound("no such log", where=log)
        self._logs[log].snapshots[version, seq] = (root, state)

    async def put_packs(self, packs: Sequence[PackRow], audit: Sequence[AuditRow] = ()) -> None:
        """Keep rule packs with their audit entries; one that is kept already stays."""
        self._trace(audit)
        for pack in packs:
            self._packs.setdefault(pack.digest, pack)

    async def packs(self, digests: Sequence[str]) -> list[PackRow]:
        """Those of these packs that are kept."""
        return [self._packs[digest] for digest in digests if digest in self._packs]

    async def audit(self, rows: Sequence[AuditRow]) -> None:
        """Append audit entries."""
        self._trace(rows)

    async def audit_entries(
        self, before: int | None, limit: int, wanted: AuditQuery = WHOLE_TRAIL
    ) -> list[tuple[int, AuditRow]]:
        """The wanted audit entries with a number < before (or the newest), newest first."""
        end = len(self._audit) if before is None else min(max(before - 1, 0), len(self._audit))
        found = ((n, self._audit[n - 1]) for n in range(end, 0, -1) if wanted.fits(self._audit[n - 1]))
        return list(islice(found, limit))

    async def try_audit(self) -> None:
        """Raises Untraceable while `untraceable` is set."""
        self._trace(())

    def _trace(self, rows: Sequence[AuditRow]) -> None:
        if self.untraceable:
            raise Untraceable("the audit trail cannot be written: a fault was injected")
        self._audit.extend(rows)

    async def notify(self, log: str) -> None:
        """Hint every listener. Where PostgreSQL tells other nodes only, this tells all, there being one store."""
        for queue in self._listeners:
            if not queue.full():
                queue.put_nowait(log)

    async def hints(self) -> AsyncIterator[str]:
        """Log ids as they are hinted at."""
        queue: asyncio.Queue[str] = asyncio.Queue(_HINTS_LIMIT)
        self._listeners.add(queue)
        try:
            while True:
                yield await queue.get()
        finally:
            self._listeners.discard(queue)

    def _wall(self, head: Head) -> Head:
        return msgspec.structs.replace(head, wall=self._clock())

    def _ended(self, session: str) -> bool:
        if session not in self._sessions:
            return True
        until = self._sessions[session]
        return until is not None and until <= self._clock()

    def _write(self, log: _Log, batch: Batch, facts: list[HeaderFacts]) -> None:
        if batch.audit:
            self._trace(batch.audit)
        log.events.extend(batch.events)
        log.facts.extend(facts)
        log.ids.update(fact.id for fact in facts)
        log.redacted.extend(_redactions(batch, facts))
        log.disclosures.update({(row.seq, row.path): row for row in batch.disclosures})
        log.commands.update({row.cmd: row for row in batch.commands})
        log.head = batch.head
        subjects, seqs = set(batch.redact_subjects), set(batch.redact_seqs)
        if not subjects and not seqs:
            return
        for key, row in list(log.disclosures.items()):
            if row.subject in subjects or row.seq in seqs:
                del log.disclosures[key]


class _MemoryAppend:
    def __init__(self, store: MemoryStore, log: _Log, head: Head) -> None:
        self._store = store
        self._log = log
        self.head = head
        self.over = False

    async def events_after(self, seq: int) -> list[EventRow]:
        return self._log.events[max(seq, 0) :]

    async def commands(self, ids: Sequence[str]) -> dict[str, CommandRow]:
        return {cmd: self._log.commands[cmd] for cmd in ids if cmd in self._log.commands}

    async def revoked(self, sessions: Sequence[str]) -> set[str]:
        ended = {session for session in sessions_to_check(sessions) if self._store._ended(session)}
        return ended | self._store._turned_down.intersection(sessions)

    async def commit(self, batch: Batch) -> None:
        if self.over:
            raise Conflict("expected one commit within the lock, got another", where=self.head.log)
        self.over = True
        facts = check_batch(self.head, batch)
        self._check_unique(batch, facts)
        check_redaction(batch, (*self._log.redacted, *_redactions(batch, facts)))
        fault = self._store._faults.popleft() if self._store._faults else None
        if fault == "unavailable":
            raise Unavailable("the record cannot be kept: a fault was injected", where=self.head.log)
        if fault != "unknown-lost":
            self._store._write(self._log, batch, facts)
        if fault is not None:
            raise OutcomeUnknown("the answer to the commit was lost: a fault was injected")

    def _check_unique(self, batch: Batch, facts: list[HeaderFacts]) -> None:
        for fact in facts:
            if fact.id in self._log.ids:
                raise Conflict(f"expected a new event id, got {fact.id} again", where=self.head.log)
        seen: set[str] = set()
        for row in batch.commands:
            if row.cmd in seen or row.cmd in self._log.commands:
                raise Conflict(f"expected a new command id, got {row.cmd} again", where=self.head.log)
            seen.add(row.cmd)


def _redactions(batch: Batch, facts: list[HeaderFacts]) -> list[bytes]:
    """The headers of a batch's Redacted events."""
    return [row.header for row, fact in zip(batch.events, facts, strict=True) if fact.type == "Redacted"]


class MemoryKeyStore:
    """Implements `ports.KeyStore`; keys die with the process."""

    def __init__(self) -> None:
        self._keys: dict[tuple[str, str], bytes] = {}

    async def get(self, log: str, subjects: Sequence[str]) -> dict[str, bytes]:
        """The keys of those subjects that have one."""
        return {subject: self._keys[log, subject] for subject in subjects if (log, subject) in self._keys}

    async def create(self, log: str, keys: dict[str, bytes]) -> dict[str, bytes]:
        """Keep new keys; a subject that has one keeps it. Returns the keys in force."""
        check_keys(keys)
        return {subject: self._keys.setdefault((log, subject), key) for subject, key in keys.items()}

    async def destroy(self, log: str, subjects: Sequence[str]) -> int:
        """Forget keys; returns how many there were."""
        return sum(self._keys.pop((log, subject), None) is not None for subject in set(subjects))
