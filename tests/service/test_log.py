"""The writer of one log: unknown outcomes, faults, restored logs, snapshots."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from msgspec.structs import replace

from command.domain import commands as c
from command.domain import fold
from command.domain.state import State
from command.domain.submission import Answer
from command.errors import Conflict, Corrupt, Unavailable
from command.ledger import merkle
from command.service import compose as compose_module
from command.service import log as log_module
from command.service.snapshots import encode_state, fold_version, state_hash
from command.store.memory import Fault
from tests.support.desk import LOG, Desk, until

ENTRIES = [c.RecordEntry(f"e{n}", f"text {n}") for n in range(3)]


@pytest.mark.parametrize("faults", [("unknown-kept",), ("unknown-lost",), ("unknown-lost", "unknown-kept")])
async def test_a_commit_whose_answer_was_lost_has_one_effect_and_the_right_answer(faults: tuple[Fault, ...]) -> None:
    async with Desk() as desk:
        await desk.open()
        desk.store.inject(*faults)
        answers = await desk.send(*ENTRIES)
        assert [(answer.status, answer.seq) for answer in answers] == [
            ("accepted", 5),
            ("accepted", 6),
            ("accepted", 7),
        ]
        state = await desk.state()
        assert state.counts["EntryRecorded"] == 3 and state == await desk.refold()
        told = [entry.seq for one in desk.applied for entry in one.events]
        assert told == [5, 6, 7], "told once, whoever wrote it"


async def test_an_outcome_that_stays_unknown_is_said_so_and_can_be_found_out_by_sending_again() -> None:
    async with Desk() as desk:
        await desk.open()
        desk.store.inject("unknown-lost", "unknown-lost", "unknown-kept")
        sub = desk.sub(ENTRIES[0])
        with pytest.raises(Unavailable, match="outcome"):
            await desk.submit([sub])
        (answer,) = await desk.submit([sub])
        assert answer.status == "duplicate" and isinstance(answer.first, Answer) and answer.first.seq == 5
        assert (await desk.state()).counts["EntryRecorded"] == 1


async def test_a_database_that_is_away_fails_the_batch_cleanly() -> None:
    async with Desk() as desk:
        await desk.open()
        desk.store.inject("unavailable")
        subs = [desk.sub(cmd) for cmd in ENTRIES]
        with pytest.raises(Unavailable):
            await desk.submit(subs)
        assert (await desk.state()).seq == 4
        assert [answer.status for answer in await desk.submit(subs)] == ["accepted"] * 3


async def test_a_batch_that_took_too_long_to_decide_is_halved_until_it_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database ends a transaction that stands still: sent again as it was, such a batch would fail for ever."""
    async with Desk() as desk:
        await desk.open()
        monkeypatch.setattr(log_module, "HALVE_FROM_S", 0.0)
        desk.store.inject("unavailable", "unavailable")
        subs = [desk.sub(c.RecordEntry(f"h{n}", "x")) for n in range(4)]
        assert [answer.status for answer in await desk.submit(subs)] == ["accepted"] * 4
        assert (await desk.state()).counts["EntryRecorded"] == 4
        desk.store.inject("unavailable")
        with pytest.raises(Unavailable):
            await desk.submit([desk.sub(ENTRIES[0])])


async def test_keys_that_are_long_in_the_making_count_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are made durable while the transaction stands still: on a slow disk that takes longer than to decide."""
    async with Desk() as desk:
        await desk.open()
        vault = desk.service._logs[LOG]._vault
        seal = vault.seal

        async def slowly(*given: Any) -> Any:
            await asyncio.sleep(0.2)  # the slow disk: twice HALVE_FROM_S below
            return await seal(*given)

        monkeypatch.setattr(vault, "seal", slowly)
        monkeypatch.setattr(log_module, "HALVE_FROM_S", 0.1)
        desk.store.inject("unavailable")
        subs = [desk.sub(c.RecordEntry(f"k{n}", "x")) for n in range(2)]
        assert [answer.status for answer in await desk.submit(subs)] == ["accepted"] * 2


async def test_one_command_that_breaks_us_fails_alone_and_the_writer_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of our own in one command must not cost the others their record."""
    async with Desk() as desk:
        await desk.open()

        def decide(state: State, cmd: Any, ctx: Any) -> Any:
            if isinstance(cmd, c.RecordEntry) and cmd.entry == "e1":
                raise ZeroDivisionError("ours")
            return fold.decide(state, cmd, ctx)

        monkeypatch.setattr(compose_module, "decide", decide)
        async with desk.store.append(LOG):
            sends = [asyncio.create_task(desk.one(cmd), name=cmd.entry) for cmd in ENTRIES]
            await until(lambda: len(desk.service._logs[LOG]._writing) == 3)
        ends = await asyncio.gather(*sends, return_exceptions=True)
        assert [type(end) for end in ends] == [Answer, Unavailable, Answer]
        assert (await desk.one(c.RecordEntry("e9", "x"))).status == "accepted"
        assert (await desk.state()).counts["EntryRecorded"] == 3


async def test_an_error_of_the_store_about_one_command_is_told_to_its_author(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Desk() as desk:
        await desk.open()

        def decide(*_: Any) -> Any:
            raise Conflict("expected another")

        monkeypatch.setattr(compose_module, "decide", decide)
        with pytest.raises(Conflict):
            await desk.one(ENTRIES[0])


async def test_other_nodes_that_cannot_be_told_do_not_undo_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Desk() as desk:
        await desk.open()

        async def notify(_log: str) -> None:
            raise Unavailable("away")

        monkeypatch.setattr(desk.store, "notify", notify)
        assert (await desk.one(ENTRIES[0])).status == "accepted"


# Restored logs --------------------------------------------------------------------------


def roll_back(desk: Desk, seq: int, epoch: int) -> None:
    """What a restore from a backup leaves: fewer events, and a new epoch where someone said so."""
    log = desk.store._logs[LOG]
    frontier: merkle.Frontier = ()
    for row in log.events[:seq]:
        frontier = merkle.extend(frontier, row.seq - 1, row.leaf)
    log.facts[seq:] = []
    log.events[seq:] = []
    log.ids = {fact.id for fact in log.facts}
    log.commands = {key: row for key, row in log.commands.items() if row.last_seq <= seq}
    log.head = replace(
        log.head, seq=seq, epoch=epoch, frontier=frontier, root=merkle.root_of(frontier),
        recorded_at=log.facts[-1].recorded_at,
    )  # fmt: skip


@pytest.mark.parametrize("epoch", [1, 2])
async def test_a_log_that_was_rolled_back_is_noticed_and_read_anew(epoch: int) -> None:
    async with Desk() as desk:
        await desk.staffed()
        lost = desk.sub(ENTRIES[0])
        await desk.submit([lost])
        roll_back(desk, 5, epoch)
        with pytest.raises(Unavailable, match="restored"):
            await desk.submit([lost])
        (answer,) = await desk.submit([lost])
        assert (answer.status, answer.seq) == ("accepted", 6)
        head = await desk.store.head(LOG)
        assert head is not None and desk.service.position(LOG) == (epoch, 6, head.root)
        assert await desk.state() == await desk.refold()


async def test_a_node_that_only_reads_notices_a_restored_log_too() -> None:
    """It may be behind, or beyond, what the log was rolled back to."""
    async with Desk() as desk, Desk(desk, poll_s=0.005) as reader:
        await desk.staffed()
        await reader.service.state(LOG)
        roll_back(desk, 5, 2)
        with pytest.raises(Unavailable, match="restored"):
            await desk.one(ENTRIES[0])
        for cmd in ENTRIES:
            await desk.one(cmd)
        await until(lambda: reader.service.position(LOG) == desk.service.position(LOG))
        assert await reader.state() == await desk.state() == await desk.refold()


async def test_a_log_shorter_than_its_head_is_corrupt() -> None:
    async with Desk() as desk:
        await desk.open()
        del desk.store._logs[LOG].events[2:]
        async with Desk(desk) as fresh:
            with pytest.raises(Corrupt, match="expected events up to 4, found up to 2"):
                await fresh.service.state(LOG)


async def test_a_log_whose_head_is_gone_is_corrupt(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Desk() as desk:
        await desk.open()
        async with Desk(desk) as fresh:
            real, calls = fresh.store.head, []

            async def head(log: str) -> Any:
                calls.append(log)
                return None if len(calls) == 2 else await real(log)

            monkeypatch.setattr(fresh.store, "head", head)
            with pytest.raises(Corrupt, match="expected the head"):
                await fresh.service.state(LOG)


async def test_a_past_state_of_events_that_are_gone_is_corrupt() -> None:
    async with Desk() as desk:
        await desk.open()
        del desk.store._logs[LOG].events[2:]
        with pytest.raises(Corrupt):
            await desk.service.state_at(LOG, 4)


# Snapshots --------------------------------------------------------------------------------


async def test_a_start_from_a_snapshot_is_the_fold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_module, "SNAPSHOT_EVERY", 3)
    async with Desk() as desk:
        await desk.staffed()
        await desk.service._catch_up(LOG)
        await desk.one(ENTRIES[0])
        found = await desk.store.snapshot(LOG, 99, fold_version())
        assert found is not None and found[0] in (4, 6)
        async with Desk(desk) as fresh:
            assert state_hash(await fresh.service.state(LOG)) == state_hash(await desk.refold())
            assert await fresh.service.state_at(LOG, 5) == await desk.service.state_at(LOG, 5)


@pytest.mark.parametrize("spoil", ["bytes", "epoch"])
async def test_a_snapshot_that_does_not_fit_is_not_used(spoil: str) -> None:
    async with Desk() as desk:
        await desk.staffed()
        state = await desk.state()
        raw = b"{" if spoil == "bytes" else encode_state(replace(state, epoch=9, log="wrong"))
        await desk.store.put_snapshot(LOG, state.seq, bytes(32), fold_version(), raw)
        async with Desk(desk) as fresh:
            assert await fresh.service.state(LOG) == state


async def test_history_keeps_keyframes_and_seeks_from_the_nearest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("command.service.history.KEYFRAME_EVERY", 4)
    async with Desk() as desk:
        await desk.staffed()
        for number in range(12):
            await desk.one(c.RecordEntry(f"e{number}", "x"))
        history = desk.service._logs[LOG].history
        assert len(history._seqs) > 3 and history._seqs == sorted(set(history._seqs))
        async with Desk(desk) as fresh:
            for seq in (18, 3, 11, 0, 7):
                assert await fresh.service.state_at(LOG, seq) == await desk.service.state_at(LOG, seq)
            assert (await fresh.service.state_at(LOG, 7)).seq == 7
