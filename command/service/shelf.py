"""Which rules an incident is judged by: the packs that it pinned when it opened, whatever this node was started with."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from command.domain.state import State
from command.errors import Unavailable
from command.policy.load import read_pack
from command.policy.stack import Stack
from command.store.ports import PackRow, Store

PackFile = tuple[str, bytes]
"""A pack's file name and exact bytes."""


class Shelf:
    """The stacks of this node: its own, and those of incidents that were opened under others."""

    def __init__(self, store: Store, stack: Stack, files: Sequence[PackFile] = ()) -> None:
        self._store = store
        self._own = stack
        self._files = files
        self._stacks = {stack.digests: stack}

    async def keep_own(self) -> None:
        """Put this node's packs where every node and every later version finds them."""
        rows = [PackRow(hashlib.sha256(raw).hexdigest(), name, raw) for name, raw in self._files]
        if rows:
            await self._store.put_packs(rows)

    async def fetch(self, state: State) -> Stack:
        """The stack of an incident, from the store if need be.

        Raises Unavailable where a pack that the incident pinned is nowhere: nothing may
        be judged by another plan than its own, and the sender keeps what it sent.
        """
        pinned = state.incident.packs if state.incident is not None else self._own.digests
        found = self._stacks.get(pinned)
        if found is None:
            found = self._stacks[pinned] = await self._read(pinned)
        return found

    def of(self, state: State) -> Stack:
        """The stack of an incident, for showing it: this node's own where it is not open, or not fetched, yet."""
        pinned = state.incident.packs if state.incident is not None else self._own.digests
        return self._stacks.get(pinned, self._own)

    async def _read(self, pinned: tuple[str, ...]) -> Stack:
        digests = [name.rpartition(":")[2] for name in pinned]
        rows = {row.digest: row for row in await self._store.packs(digests)}
        missing = [name for name, digest in zip(pinned, digests, strict=True) if digest not in rows]
        if missing:
            raise Unavailable(f"expected the packs that the incident pinned, found no {', '.join(missing)}")
        return Stack.of([read_pack(rows[digest].raw, rows[digest].name) for digest in digests])
