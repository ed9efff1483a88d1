"""The register says until when an expungement is not complete, and in which copy."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from command.store import register
from command.store.keys import PostgresKeyStore
from command.store.register import KeyBackup
from tests.store.contract import LOG, OTHER

LATER = datetime.now(UTC) + timedelta(days=7)


async def test_copies_from_before_a_destruction_hold_the_key_and_later_ones_do_not(pg_keys: PostgresKeyStore) -> None:
    pool = pg_keys.pool
    await pg_keys.create(LOG, {"p1": b"1" * 32, "p2": b"2" * 32})
    await register.enter(pool, "b1", LATER)
    assert await register.copies(pool) == []
    await pg_keys.destroy(LOG, ["p1"])
    await register.enter(pool, "b2", LATER)
    assert [one.id for one in await register.copies(pool)] == ["b1"]
    assert [one.id for one in await register.copies(pool, LOG, ["p1"])] == ["b1"]
    assert await register.copies(pool, LOG, ["p2"]) == []
    assert await register.copies(pool, OTHER) == []
    await pg_keys.destroy(LOG, ["p2"])
    assert [one.id for one in await register.copies(pool, LOG, ["p2"])] == ["b1", "b2"]
    assert (
        await register.gone(pool, "b1") and not await register.gone(pool, "b1") and not await register.gone(pool, "x")
    )
    assert await register.copies(pool, LOG, ["p1"]) == []
    assert [(one.id, one.gone_at is None) for one in await register.backups(pool)] == [("b1", False), ("b2", True)]


def test_in_words() -> None:
    now = datetime(2026, 5, 1, tzinfo=UTC)
    soon = KeyBackup("b1", now, now + timedelta(days=3))
    late = KeyBackup("b0", now - timedelta(days=9), now - timedelta(days=2))
    assert register.says([], now).startswith("complete")
    assert register.says([soon], now) == "until 2026-05-04 a copy exists in backup b1"
    assert register.says([late, soon], now) == "not complete: backup b0 was to be destroyed by 2026-04-29"
