"""Private values in memory: bounded, and never stronger than what is stored."""

from __future__ import annotations

import pytest

from command.domain import commands as c
from command.errors import Corrupt, Unreadable
from command.ledger import box
from command.service import vault as vault_module
from command.service.compose import Secret
from command.service.vault import Vault
from command.store.ports import DisclosureRow
from tests.support.desk import LOG, Desk

FORCE = c.ReportForce("r1", "p1", "ic", account="he fell", injury="knee")


async def test_values_come_from_memory_or_from_the_store_alike() -> None:
    async with Desk() as desk:
        await desk.open()
        seq = (await desk.one(FORCE)).seq or 0
        cached = await desk.service.vault.plain(LOG, [1, seq])
        desk.service.vault.evict(LOG)
        assert (
            await desk.service.vault.plain(LOG, [seq, 1])
            == cached
            == {1: {}, seq: {"account": "he fell", "injury": "knee"}}
        )


async def test_the_cache_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vault_module, "CACHED_EVENTS", 3)
    async with Desk() as desk:
        await desk.open()
        await desk.send(*(c.RecordEntry(f"e{n}", str(n)) for n in range(9)))
        assert len(desk.service.vault._cache) == 3
        assert (await desk.service.vault.plain(LOG, range(5, 14)))[5] == {"text": "0"}


async def test_eviction_is_of_one_log() -> None:
    vault = Desk().service.vault
    vault.remember("a", [Secret(1, "s", {}, {"text": "x"})])
    vault.remember("b", [Secret(1, "s", {}, {"text": "y"})])
    vault.evict("a")
    assert list(vault._cache) == [("b", 1)]


async def test_a_redaction_during_a_slow_read_is_not_undone_by_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The value was read before the redaction, and must not be remembered after it."""
    async with Desk() as desk:
        await desk.open()
        seq = (await desk.one(FORCE)).seq or 0
        desk.service.vault.evict(LOG)
        real, calls = desk.service.vault.open, []

        async def slow(log: str, rows: list[DisclosureRow]) -> list[str | None]:
            found = await real(log, rows)
            calls.append(len(found))
            if len(calls) == 1:
                await desk.one(c.Redact("Court", "x", "p1"))
            return found

        monkeypatch.setattr(desk.service.vault, "open", slow)
        assert await desk.service.vault.plain(LOG, [seq]) == {seq: {}} and calls == [16, 0]


async def test_nothing_to_seal_and_nothing_to_destroy_ask_the_key_store_for_nothing() -> None:
    desk = Desk()
    assert await desk.service.vault.seal(LOG, ()) == ()
    assert await desk.service.vault.destroy(LOG, ()) == 0
    assert await desk.service.vault.open(LOG, []) == []


async def test_a_box_that_was_changed_or_moved_is_corrupt() -> None:
    async with Desk() as desk:
        await desk.open()
        await desk.one(FORCE)
        (row, *_) = await desk.store.disclosures(LOG, [5])
        moved = DisclosureRow(row.seq + 1, row.path, row.subject, row.box)
        changed = DisclosureRow(row.seq, row.path, row.subject, row.box[:-1] + b"\0")
        for bad in (moved, changed):
            with pytest.raises(Corrupt):
                await desk.service.vault.open(LOG, [bad])
        gone = DisclosureRow(row.seq, row.path, "nobody", row.box)
        assert await desk.service.vault.open(LOG, [gone]) == [None]


async def test_a_box_that_holds_no_disclosure_is_corrupt() -> None:
    desk = Desk()
    key = (await desk.keys.create(LOG, {"p1": bytes(32)}))["p1"]
    sealed = box.seal(key, bytes(12), "é".encode(), box.aad(LOG, 1, "text"))
    vault = Vault(desk.store, desk.keys)
    with pytest.raises(Corrupt, match="text of a disclosure"):
        await vault.open(LOG, [DisclosureRow(1, "text", "p1", sealed)])
    with pytest.raises(Unreadable):
        box.aad("a|b", 1, "text")
