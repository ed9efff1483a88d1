"""Signing heads: committed ones only, each once, by every key there is, and told to who follows."""

from __future__ import annotations

import asyncio

import pytest

from command.domain import commands as c
from command.errors import Unavailable
from command.ledger import checkpoint, signing
from command.ledger.heads import SignedHeads, key_name, origin_of
from command.service import checkpoints
from command.service.checkpoints import Checkpoints, vkey_of
from command.store.memory_checkpoints import MemoryCheckpoints
from command.store.ports_checkpoints import CheckpointRow
from tests.support.desk import LOG, Desk, until

FIRST, SECOND = bytes(range(32)), bytes(range(1, 33))


class Signing:
    """Checkpoints over a desk's store, with keys that a test exchanges."""

    def __init__(self, desk: Desk) -> None:
        self.keys: list[bytes] = [FIRST]
        self.told: list[CheckpointRow] = []
        self.store = MemoryCheckpoints(desk.store, lambda: desk.now)
        self.checkpoints = Checkpoints(self.store, lambda: self.keys, self.told.append)
        desk.service.watch(self.checkpoints.note)

    async def held(self) -> SignedHeads:
        notes = [row.note for row in await self.store.checkpoints(LOG, 0, 1_000)]
        return SignedHeads(LOG, notes, [row.vkey for row in await self.store.vkeys()])


async def test_a_head_is_signed_once_and_told() -> None:
    """Nothing happens: nothing is signed. Something happened: one head, of the committed end, under the log's origin."""
    async with Desk() as desk:
        signs = Signing(desk)
        assert await signs.checkpoints.turn() == 0
        await desk.open()
        assert [await signs.checkpoints.turn(), await signs.checkpoints.turn()] == [1, 0]
        epoch, seq, root = desk.service.position(LOG)
        (row,) = signs.told
        name, key = checkpoint.read_verifier_key(vkey_of(FIRST))
        head = checkpoint.verify_note(row.note, name, key)
        assert (head.origin, head.size, head.root) == (origin_of(LOG, epoch), seq, root)
        await desk.one(c.DefineSector("north", "North"))
        await signs.checkpoints.turn()
        assert [row.size for row in signs.told] == [seq, desk.service.position(LOG)[1]]
        assert await signs.checkpoints.covering(LOG) == signs.told[-1]


async def test_an_empty_log_has_no_head_to_sign() -> None:
    async with Desk() as desk:
        signs = Signing(desk)
        await desk.store.create_log(LOG)
        assert await signs.checkpoints.turn() == 0 and await signs.checkpoints.covering(LOG) is None


async def test_every_key_signs_while_one_is_exchanged_and_all_that_ever_did_are_known() -> None:
    """A reader with either key can read each head."""
    async with Desk() as desk:
        signs = Signing(desk)
        await desk.open()
        await signs.checkpoints.turn()
        signs.keys = [SECOND, FIRST]
        await desk.one(c.DefineSector("north", "North"))
        await signs.checkpoints.turn()
        for key in (FIRST, SECOND):
            public = signing.public_key_of(key)
            checkpoint.verify_note(signs.told[-1].note, key_name(public), public)
        assert [row.vkey for row in await signs.store.vkeys()] == [vkey_of(FIRST), vkey_of(SECOND)]
        assert not (await signs.held()).problems


async def test_two_nodes_sign_one_head_and_both_tell_of_it() -> None:
    """The one that comes second finds it signed."""
    async with Desk() as desk, Desk(desk) as other:
        first, second = Signing(desk), Signing(other)
        second.store = second.checkpoints.store = first.store
        await desk.open()
        await other.service.state(LOG)
        await other.service._catch_up(LOG)
        await desk.one(c.DefineSector("north", "North"))
        await other.service._catch_up(LOG)
        assert [await first.checkpoints.turn(), await second.checkpoints.turn()] == [1, 0]
        assert first.told == second.told != []


async def test_it_goes_on_signing_after_the_store_was_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """And after a defect: nothing ends the signing of all logs but the owner."""
    monkeypatch.setattr(checkpoints, "EVERY_S", 0.001)
    async with Desk() as desk:
        signs = Signing(desk)
        away = [Unavailable("away"), RuntimeError("a defect")]
        whole = signs.store.unsigned

        async def unsigned(limit: int) -> list[object]:
            if away:
                raise away.pop()
            return list(await whole(limit))

        monkeypatch.setattr(signs.store, "unsigned", unsigned)
        task = asyncio.create_task(signs.checkpoints.run(), name="sign heads")
        await desk.open()
        await until(lambda: bool(signs.told))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert not away


async def test_many_events_do_not_wait_for_the_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """So many since the last head wake it at once."""
    monkeypatch.setattr(checkpoints, "EVERY_S", 3600.0)
    monkeypatch.setattr(checkpoints, "EVERY_EVENTS", 3)
    async with Desk() as desk:
        signs = Signing(desk)
        task = asyncio.create_task(signs.checkpoints.run(), name="sign heads")
        await desk.open()
        await desk.send(*(c.DefineSector(f"s{n}", "S") for n in range(4)))
        await until(lambda: bool(signs.told))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
