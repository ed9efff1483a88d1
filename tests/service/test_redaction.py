"""Redaction, end to end on one and two nodes: the value is nowhere afterwards, and the proof still holds."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from command.domain import commands as c
from command.errors import Unavailable
from command.ledger import merkle
from command.service.snapshots import encode_state
from tests.support.desk import LOG, Desk, until

CANARY = "canary-5f1e"
FORCE = c.ReportForce("r1", "p1", "sergeant", tool="baton", sector="north", account=CANARY, injury=f"{CANARY}-2")
LATER = c.ReportForce("r2", "p1", "sergeant", account="written afterwards")
REDACT = c.Redact("Superior Court", "order 7", subject="p1")


def everything(desk: Desk) -> bytes:
    """All that the store, the vault, the live state and the answers hold, disclosures opened with every key left."""
    log = desk.store._logs[LOG]
    parts: list[bytes] = [row.header for row in log.events]
    parts += [row.answer for row in log.commands.values()]
    parts += [repr(row).encode() for row in desk.store._audit]
    parts += [root + state for root, state in log.snapshots.values()]
    parts += [repr(desk.service.vault._cache).encode(), repr(desk.applied).encode()]
    parts.append(encode_state(desk.service._logs[LOG].state))
    return b"\n".join(parts)


async def opened(desk: Desk) -> str:
    """Every disclosure that can still be opened."""
    rows = await desk.store.disclosures(LOG, range(1, 200))
    return " ".join(text or "" for text in await desk.service.vault.open(LOG, rows))


async def test_the_value_is_nowhere_and_the_root_still_verifies() -> None:
    async with Desk() as desk:
        await desk.staffed()
        answer = await desk.one(FORCE)
        assert (await desk.service.private(LOG, [7]))[7]["account"] == CANARY
        root = desk.service.position(LOG)[2]
        desk.applied.clear()
        assert (await desk.one(REDACT)).status == "accepted"
        assert CANARY.encode() not in everything(desk)
        assert CANARY not in await opened(desk) and answer.seq == 7
        assert not [key for key in desk.keys._keys if key[1] == "p1"]
        assert await desk.service.private(LOG, [7]) == {7: {}}
        frontier: merkle.Frontier = ()
        for row in (await desk.store.events(LOG, 0, 99))[: len(await desk.log())]:
            assert row.leaf == hashlib.sha256(b"\0" + row.header).digest()
            frontier = merkle.extend(frontier, row.seq - 1, row.leaf)
        head = await desk.store.head(LOG)
        assert head is not None and merkle.root_of(frontier) == head.root != root


async def test_redaction_by_event_destroys_the_events_own_key_and_keeps_the_persons() -> None:
    async with Desk() as desk:
        await desk.staffed()
        entry, first, second = await desk.send(c.RecordEntry("e1", CANARY), FORCE, LATER)
        await desk.one(c.Redact("Court", "x", seqs=(entry.seq or 0, first.seq or 0)))
        assert CANARY not in await opened(desk)
        own = {subject for _, subject in desk.keys._keys}
        assert "p1" in own and f"e:{(await desk.log())[6].header.id}" not in own
        assert (await desk.service.private(LOG, [second.seq or 0]))[second.seq or 0] == {
            "account": "written afterwards"
        }


@pytest.mark.parametrize("fault", ["unknown-kept", "unknown-lost"])
async def test_keys_go_also_when_the_commits_answer_was_lost(fault: Any) -> None:
    async with Desk() as desk:
        await desk.staffed()
        await desk.one(FORCE)
        desk.store.inject(fault)
        assert (await desk.one(REDACT)).status == "accepted"
        assert not [key for key in desk.keys._keys if key[1] == "p1"]


async def test_what_is_written_about_the_person_afterwards_has_a_key_of_its_own() -> None:
    """In the same list of commands, on both nodes, and after a restart: it is never lost to the earlier redaction."""
    async with Desk() as desk, Desk(desk, poll_s=0.005) as second:
        await desk.staffed()
        await second.service.state(LOG)
        answers = await desk.send(FORCE, REDACT, LATER)
        assert [answer.status for answer in answers] == ["accepted"] * 3
        seq = answers[2].seq or 0
        await until(lambda: second.service.position(LOG)[1] == desk.service.position(LOG)[1])
        await second.one(c.RecordEntry("e1", "x"))
        async with Desk(desk) as third:
            for node in (desk, second, third):
                assert (await node.service.private(LOG, [seq]))[seq] == {"account": "written afterwards"}
                assert CANARY not in await opened(node)


async def test_another_node_forgets_when_it_applies_the_redaction() -> None:
    async with Desk() as desk, Desk(desk) as second:
        await desk.staffed()
        await desk.one(FORCE)
        await second.service.state(LOG)
        assert (await second.service.private(LOG, [7]))[7]["account"] == CANARY
        await desk.one(REDACT)
        await until(lambda: second.service.position(LOG)[1] == desk.service.position(LOG)[1])
        assert await second.service.private(LOG, [7]) == {7: {}}
        assert CANARY.encode() not in everything(second)


async def test_keys_that_could_not_be_destroyed_are_destroyed_later(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Desk() as desk:
        await desk.staffed()
        await desk.one(FORCE)
        real, calls = desk.keys.destroy, []

        async def destroy(log: str, subjects: Any) -> int:
            calls.append(subjects)
            if len(calls) == 1:
                raise Unavailable("the key store is away")
            return await real(log, subjects)

        monkeypatch.setattr(desk.keys, "destroy", destroy)
        assert (await desk.one(REDACT)).status == "accepted"
        await desk.service._catch_up(LOG)
        assert not [key for key in desk.keys._keys if key[1] == "p1"] and len(calls) >= 2


async def test_a_node_that_died_before_the_end_is_finished_by_the_next_start(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Desk() as desk:
        await desk.staffed()
        await desk.send(FORCE, c.RecordEntry("e1", CANARY))
        kept = dict(desk.keys._keys)
        entry = next(one for one in await desk.log() if one.header.type == "EntryRecorded")
        await desk.one(c.Redact("Court", "x", subject="p1", seqs=(entry.seq,)))
        desk.keys._keys.update(kept)  # as if the keys were still there
        async with Desk(desk) as fresh:
            await fresh.service.state(LOG)
            left = {subject for _, subject in fresh.keys._keys}
            assert "p1" not in left and f"e:{entry.header.id}" not in left
