"""Signed heads and the keys they are signed with: what PostgreSQL and memory keep of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

import msgspec


class CheckpointRow(msgspec.Struct, frozen=True):
    """A signed head of a log: `note` is the C2SP checkpoint with its signatures."""

    log: str
    size: int
    root: bytes
    note: str
    at: datetime


class Unsigned(msgspec.Struct, frozen=True):
    """A head that no checkpoint covers yet. `wall` is the database's clock."""

    log: str
    epoch: int
    size: int
    root: bytes
    wall: datetime


class VkeyRow(msgspec.Struct, frozen=True):
    """A verifier key of ours, since when heads bear its signature."""

    vkey: str
    since: datetime


class CheckpointStore(Protocol):
    """Insert-only: a head that is signed stays, and so does every key. All raise Unavailable."""

    async def unsigned(self, limit: int) -> list[Unsigned]:
        """Heads beyond their log's last checkpoint, those of empty logs left out."""

    async def keep(self, rows: Sequence[CheckpointRow]) -> None:
        """Keep signed heads. Where there is one of that log and size, it stays as it is."""

    async def latest(self, logs: Sequence[str]) -> dict[str, CheckpointRow]:
        """The last checkpoint of each of these logs that has one."""

    async def ends(self, log: str, upto: int) -> list[CheckpointRow]:
        """The last checkpoint of at most `upto` events, and before it the last of each epoch that ended; by size."""

    async def checkpoints(self, log: str, after: int, limit: int) -> list[CheckpointRow]:
        """A log's checkpoints of more than `after` events, by size."""

    async def vkeys(self) -> list[VkeyRow]:
        """Every verifier key there ever was, the oldest first."""

    async def keep_vkey(self, vkey: str) -> None:
        """From now on heads bear this key's signature. Again: no-op."""


SignHead = Callable[[int, int, bytes], str]
"""The note of a head: of this epoch, so many leaves, and this root."""


class ChangeTree(Protocol):
    """What became of accounts, grants, agencies and devices, as leaves of one tree. Insert-only."""

    async def grow(self, sign: SignHead) -> int:
        """Make leaves of what is noted since the last turn, and sign their head, in one transaction; how many.

        Raises Unavailable, and what `sign` does; nothing was done then.
        """
