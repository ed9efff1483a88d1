"""What every CheckpointStore keeps, beside the log that the heads are of."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from command.store.ports import Store
from command.store.ports_checkpoints import CheckpointRow, CheckpointStore
from tests.store.contract import LOG, fill

AT = datetime(2016, 5, 1, 18, 0, tzinfo=UTC)


def signed(size: int, epoch: int = 1, log: str = LOG) -> CheckpointRow:
    """A head that somebody signed; the store does not look into notes but for their origin."""
    return CheckpointRow(log, size, bytes(32), f"muster:{log}:{epoch}\n{size}\n…\n", AT)


class CheckpointsContract:
    """`store` and `checkpoints` are over one database."""

    async def test_what_grew_since_its_last_head_is_unsigned(self, store: Store, checkpoints: CheckpointStore) -> None:
        """Empty logs have no head to sign."""
        await store.create_log("empty")
        assert await checkpoints.unsigned(10) == []
        await fill(store, 3)
        (head,) = await checkpoints.unsigned(10)
        stored = await store.head(LOG)
        assert stored is not None and (head.log, head.epoch, head.size, head.root) == (
            LOG, stored.epoch, stored.seq, stored.root,
        )  # fmt: skip
        assert head.wall.tzinfo is not None and await checkpoints.unsigned(0) == []
        await checkpoints.keep([signed(head.size - 1)])
        assert len(await checkpoints.unsigned(10)) == 1
        await checkpoints.keep([signed(head.size)])
        assert await checkpoints.unsigned(10) == []

    async def test_a_head_that_is_kept_stays(self, store: Store, checkpoints: CheckpointStore) -> None:
        """Another one of its size is not taken in its place."""
        await checkpoints.keep([signed(2)])
        await checkpoints.keep([msgspec.structs.replace(signed(2), note="another"), signed(3)])
        assert await checkpoints.checkpoints(LOG, 0, 10) == [signed(2), signed(3)]
        assert await checkpoints.checkpoints(LOG, 2, 10) == [signed(3)]
        assert await checkpoints.checkpoints(LOG, 0, 1) == [signed(2)]
        await checkpoints.keep([])

    async def test_the_last_of_each_log(self, store: Store, checkpoints: CheckpointStore) -> None:
        """Those that have none are not there."""
        await checkpoints.keep([signed(2), signed(5), signed(4, log="other")])
        assert await checkpoints.latest([LOG, "other", "none"]) == {LOG: signed(5), "other": signed(4, log="other")}
        assert await checkpoints.latest([]) == {}

    async def test_the_ends_of_epochs_up_to_a_place(self, store: Store, checkpoints: CheckpointStore) -> None:
        """One for each origin: all that an export needs."""
        rows = [signed(2), signed(5), signed(7, 9), signed(12, 9), signed(20, 9)]
        await checkpoints.keep(rows)
        assert await checkpoints.ends(LOG, 12) == [signed(5), signed(12, 9)]
        assert await checkpoints.ends(LOG, 1) == []

    async def test_keys_are_kept_once_the_oldest_first(self, store: Store, checkpoints: CheckpointStore) -> None:
        """With the time from which they sign."""
        assert await checkpoints.vkeys() == []
        for vkey in ("b", "a", "b"):
            await checkpoints.keep_vkey(vkey)
        assert [row.vkey for row in await checkpoints.vkeys()] == ["b", "a"]
        assert all(row.since.tzinfo is not None for row in await checkpoints.vkeys())
