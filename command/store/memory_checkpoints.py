"""Signed heads in memory, for tests: the heads are those of a MemoryStore."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from command.store.ports import Head
from command.store.ports_checkpoints import CheckpointRow, Unsigned, VkeyRow


class Heads(Protocol):
    """Where the heads are."""

    async def logs(self) -> list[Head]:
        """All of them, in the order of log ids."""


class MemoryCheckpoints:
    """A CheckpointStore that dies with the process."""

    def __init__(self, heads: Heads, clock: Callable[[], datetime]) -> None:
        self._heads = heads
        self._clock = clock
        self._kept: dict[str, dict[int, CheckpointRow]] = {}
        self._vkeys: dict[str, datetime] = {}

    async def unsigned(self, limit: int) -> list[Unsigned]:
        """See CheckpointStore."""
        found = [
            Unsigned(head.log, head.epoch, head.seq, head.root, self._clock())
            for head in await self._heads.logs()
            if head.seq > max(self._kept.get(head.log, ()), default=0)
        ]
        return found[:limit]

    async def keep(self, rows: Sequence[CheckpointRow]) -> None:
        """See CheckpointStore."""
        for row in rows:
            self._kept.setdefault(row.log, {}).setdefault(row.size, row)

    async def latest(self, logs: Sequence[str]) -> dict[str, CheckpointRow]:
        """See CheckpointStore."""
        return {log: self._kept[log][max(self._kept[log])] for log in logs if log in self._kept}

    async def ends(self, log: str, upto: int) -> list[CheckpointRow]:
        """See CheckpointStore."""
        last: dict[str, CheckpointRow] = {}
        for row in await self.checkpoints(log, 0, upto):
            if row.size <= upto:
                last[row.note.partition("\n")[0]] = row
        return sorted(last.values(), key=lambda row: row.size)

    async def checkpoints(self, log: str, after: int, limit: int) -> list[CheckpointRow]:
        """See CheckpointStore."""
        kept = self._kept.get(log, {})
        return [kept[size] for size in sorted(kept) if size > after][:limit]

    async def vkeys(self) -> list[VkeyRow]:
        """See CheckpointStore."""
        return [VkeyRow(vkey, since) for vkey, since in self._vkeys.items()]

    async def keep_vkey(self, vkey: str) -> None:
        """See CheckpointStore."""
        self._vkeys.setdefault(vkey, self._clock())
