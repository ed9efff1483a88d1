"""Which rules an incident is judged by: the packs that it pinned when it opened or took on since, whatever this node
was started with; and the packs that may follow them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from command.domain.in_force import packs_at
from command.domain.state import State
from command.errors import Unavailable
from command.policy.load import read_pack
from command.policy.model import Pack
from command.policy.problems import PackProblems, Problem
from command.policy.stack import Stack
from command.store.ports import AuditRow, PackRow, Store

PackFile = tuple[str, bytes]
"""A pack's file name and exact bytes."""

Packs = tuple[str, ...]
"""A stack by the names of its packs: "id@sha256:<64 hex>", the most general first."""


class Proposed(msgspec.Struct, frozen=True):
    """What commands propose: stacks by their packs' names, and of the others why there is none, a sentence each."""

    stacks: dict[Packs, Stack]
    unfit: dict[Packs, tuple[str, ...]]


class Shelf:
    """The stacks of this node: its own, and those of incidents that were opened under or went over to others."""

    def __init__(self, store: Store, stack: Stack, files: Sequence[PackFile] = ()) -> None:
        self._store = store
        self._own = stack
        self._files = files
        self._stacks: dict[Packs, Stack] = {}  # as many as were in force somewhere: what is only proposed is not kept

    async def keep_own(self) -> None:
        """Put this node's packs where every node and every later version finds them."""
        if self._files:
            await self._store.put_packs([_row(name, raw) for name, raw in self._files])

    async def keep(self, files: Sequence[PackFile], audit: Sequence[AuditRow] = ()) -> Packs:
        """Check packs and put their exact bytes on the shelf for good; their names, in the order given.

        `audit` is kept with them, in one transaction.

        Raises PackProblems with every problem of every file; then nothing was kept.
        """
        packs, problems = _read_all(files)
        if problems:
            raise PackProblems(problems)
        await self._store.put_packs([_row(name, raw) for name, raw in files], audit)
        return tuple(_name(pack) for pack in packs)

    async def fetch(self, state: State, at: datetime | None = None) -> Stack:
        """The stack of an incident now, or as it was in force at `at`, from the store if need be.

        Raises Unavailable where a pack that the incident pinned is nowhere: nothing may
        be judged by another plan than its own, and the sender keeps what it sent.
        """
        return await self._get(self._pinned(state, at))

    async def fetch_all(self, state: State) -> dict[Packs, Stack]:
        """Every stack that was in force in an incident. Raises Unavailable as `fetch` does."""
        pinned = {self._pinned(state), *(span.packs for span in state.plan.stacks)}
        return {packs: await self._get(packs) for packs in pinned}

    def of(self, state: State, at: datetime | None = None) -> Stack:
        """The stack of an incident, for showing it: this node's own where it is not open, or not fetched, yet."""
        return self._known(self._pinned(state, at)) or self._own

    async def proposed(self, wanted: Iterable[Packs]) -> Proposed:
        """Stacks that commands propose, and of the others why there is none.

        Raises Unavailable where the store cannot be asked.
        """
        stacks: dict[Packs, Stack] = {}
        unfit: dict[Packs, tuple[str, ...]] = {}
        for packs in wanted:
            try:
                stacks[packs] = self._known(packs) or await self._read(packs)
            except _Missing as exc:
                unfit[packs] = exc.names
            except PackProblems as exc:
                unfit[packs] = tuple(str(problem) for problem in exc.problems)
        return Proposed(stacks, unfit)

    def remember(self, state: State, proposed: Proposed) -> None:
        """Keep at hand what was proposed and has come into force."""
        if proposed.stacks:
            came = {span.packs for span in state.plan.stacks} & proposed.stacks.keys()
            self._stacks |= {packs: proposed.stacks[packs] for packs in came}

    async def rows(self, state: State) -> list[tuple[str, PackRow]]:
        """Name and file of every pack that was in force in an incident, in the order in which they came into force."""
        names = dict.fromkeys(name for span in state.plan.stacks for name in span.packs)
        kept = {row.digest: row for row in await self._store.packs([_digest(name) for name in names])}
        return [(name, kept[digest]) for name in names if (digest := _digest(name)) in kept]

    def _pinned(self, state: State, at: datetime | None = None) -> Packs:
        if state.incident is None:
            return self._own.digests
        return (packs_at(state, at) if at is not None else None) or state.incident.packs

    async def _get(self, packs: Packs) -> Stack:
        found = self._known(packs)
        if found is None:
            found = self._stacks[packs] = await self._read(packs)
        return found

    def _known(self, packs: Packs) -> Stack | None:
        return self._own if packs == self._own.digests else self._stacks.get(packs)

    async def _read(self, pinned: Packs) -> Stack:
        digests = [_digest(name) for name in pinned]
        rows = {row.digest: row for row in await self._store.packs(digests)}
        missing = [name for name, digest in zip(pinned, digests, strict=True) if digest not in rows]
        if missing:
            raise _Missing(missing)
        packs, problems = _read_all([(rows[digest].name, rows[digest].raw) for digest in digests])
        wrong = [
            Problem(pack.name, 0, "pack", f'the pack "{name.rpartition("@")[0]}"', f'"{pack.id}"')
            for name, pack in zip(pinned, packs, strict=False)
            if _name(pack) != name
        ]
        if problems or wrong:
            raise PackProblems(problems or wrong)
        return Stack.of(packs)


class _Missing(Unavailable):
    """Packs that are nowhere."""

    def __init__(self, missing: Sequence[str]) -> None:
        super().__init__(f"expected the packs that the incident pinned, found no {', '.join(missing)}")
        self.names = tuple(f"expected a pack that was put on the shelf, found no {name}" for name in missing)


def _read_all(files: Sequence[PackFile]) -> tuple[list[Pack], list[Problem]]:
    packs: list[Pack] = []
    problems: list[Problem] = []
    for name, raw in files:
        try:
            packs.append(read_pack(raw, name))
        except PackProblems as exc:
            problems += exc.problems
    return packs, problems


def _row(name: str, raw: bytes) -> PackRow:
    return PackRow(hashlib.sha256(raw).hexdigest(), name, raw)


def _name(pack: Pack) -> str:
    return f"{pack.id}@sha256:{pack.digest}"


def _digest(name: str) -> str:
    return name.rpartition(":")[2]
