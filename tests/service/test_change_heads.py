"""Changes are signed with the keys there are now, and what cannot be signed now is signed later."""

from __future__ import annotations

import asyncio

import pytest

from command.errors import Unavailable
from command.ledger.change_leaf import LOG
from command.ledger.heads import SignedHeads
from command.service import change_heads
from command.service.change_heads import ChangeHeads
from command.service.checkpoints import vkey_of
from command.store.ports_checkpoints import SignHead

ROOT = b"r" * 32


class Tree:
    """One change a turn; the first turn fails."""

    def __init__(self) -> None:
        self.turns = 0
        self.notes: list[str] = []
        self.grown = asyncio.Event()

    async def grow(self, sign: SignHead) -> int:
        """Sign a head, from the second turn on."""
        self.turns += 1
        if self.turns == 1:
            raise Unavailable("not now")
        if self.turns == 2:
            raise RuntimeError("a defect")
        self.notes.append(sign(2, len(self.notes) + 1, ROOT))
        self.grown.set()
        return 1


async def test_a_turn_that_fails_is_followed_by_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(change_heads, "EVERY_S", 0.0)
    tree, keys = Tree(), [b"1" * 32, b"2" * 32]
    task = asyncio.create_task(ChangeHeads(tree, lambda: keys).run(), name="sign changes")
    async with asyncio.timeout(60):
        await tree.grown.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    for key in keys:
        heads = SignedHeads(LOG, tree.notes[:1], [vkey_of(key)])
        assert heads.problems == [] and heads.last is not None
        assert (heads.last.size, heads.last.root, heads.last.origin) == (1, ROOT, f"muster:{LOG}:2")
