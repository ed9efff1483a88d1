"""Whether what was ordered away is gone: an expungement is complete when no copy of its key is left anywhere.

The values and their key go with the redaction, on this system. Backups of the key store that were made before still
hold the key, and the register names them until each is destroyed. This says which it is, for one person and for a
whole log.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec

from command.domain.codec import decode_recorded
from command.domain.envelope import Recorded, private_paths
from command.domain.events import Redacted
from command.domain.state import State
from command.service.sealing import subject_of
from command.store import register
from command.store.keys import PostgresKeyStore
from command.store.ports import Store

AT_WORK = "not complete: the key is still to be destroyed; a running server tries again every few seconds"
SHARED = (
    "the key of the person serves their other records: an older backup of the data opens with it until that backup "
    "is destroyed"
)


class Erasure(msgspec.Struct, frozen=True):
    """One redaction of a log and how far it has come. `copies`: backups of the key store that still hold its keys."""

    seq: int
    at: datetime
    scope: str
    authority: str
    subject: str | None
    events: tuple[int, ...]  # those that it names by number
    complete: bool
    copies: tuple[str, ...]
    says: str


class Erasures:
    """Looks at the log, the keys and the register of their copies; changes nothing."""

    def __init__(self, store: Store, keys: PostgresKeyStore, now: Callable[[], datetime]) -> None:
        self._store = store
        self._keys = keys
        self._now = now

    async def of_subject(self, log: str, subject: str) -> str:
        """In words, of one person's redaction. Raises Unavailable."""
        return (await self._look(log, [subject]))[2]

    async def every(self, state: State) -> list[Erasure]:
        """The newest redaction of each person and event of a log, oldest first. Raises Unavailable."""
        seqs = sorted({*state.redacted_subjects.values(), *state.redacted_seqs.values()})
        return [await self._one(state.log, entry) for seq in seqs for entry in await self._entries(state.log, [seq])]

    async def _one(self, log: str, entry: Recorded) -> Erasure:
        event = entry.event
        assert isinstance(event, Redacted), "the fold names redactions by their seq"
        named = [one for one in await self._entries(log, event.seqs) if private_paths(one)]
        keys = {subject_of(one.event, one.header.id) for one in named}
        own = {key for key in keys if key.startswith("e:")}
        subjects = [*own, *([event.subject] if event.subject is not None else ())]
        complete, copies, says = await self._look(log, sorted(subjects))
        shared = keys - own - {event.subject}
        return Erasure(
            seq=entry.seq,
            at=entry.header.recorded_at,
            scope=event.scope,
            authority=event.authority,
            subject=event.subject,
            events=event.seqs,
            complete=complete and not shared,
            copies=copies,
            says=SHARED if shared and complete else says,
        )

    async def _look(self, log: str, subjects: Sequence[str]) -> tuple[bool, tuple[str, ...], str]:
        """Complete, the copies, the words. A key that serves what was written since is another one."""
        left = set(await self._keys.get(log, subjects)) - await self._store.told_of(log, subjects)
        found = await register.copies(self._keys.pool, log, subjects)
        copies = tuple(one.id for one in found)
        if left:
            return False, copies, AT_WORK
        return not found, copies, register.says(found, self._now())

    async def _entries(self, log: str, seqs: Sequence[int]) -> list[Recorded]:
        rows = [row for seq in seqs for row in await self._store.events(log, seq - 1, 1)]
        return [decode_recorded(row.header) for row in rows]
