"""Hints: coalesced, bounded, and lost rather than waited for."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from pathlib import Path

import pytest
import structlog.testing

from command.store.hints import Notifier, _connect, listen
from command.store.postgres import PostgresStore


class Pool:
    """Records what would be sent; fails once where told to."""

    def __init__(self, fail: bool = False) -> None:
        self.sent: list[list[str]] = []
        self.fail = fail

    async def execute(self, _query: str, _channel: str, payloads: list[str]) -> None:
        if self.fail:
            self.fail = False
            raise OSError
        self.sent.append(sorted(payloads))


async def sent(pool: Pool, notifier: Notifier, *batches: list[str]) -> None:
    """Run the notifier while adding batches of hints."""
    task = asyncio.create_task(notifier.run(), name="notifier")
    for batch in batches:
        for log in batch:
            notifier.add(log)
        for _ in range(5):
            await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_hints_that_come_together_go_together_each_log_once() -> None:
    pool = Pool()
    await sent(pool, Notifier(pool, "n"), ["a", "b", "a"], ["c"])  # type: ignore[arg-type]  # a stand-in
    assert pool.sent == [["n a", "n b"], ["n c"]]


async def test_hints_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("command.store.hints._PENDING", 2)
    pool = Pool()
    await sent(pool, Notifier(pool, "n"), ["a", "b", "c"])  # type: ignore[arg-type]  # a stand-in
    assert pool.sent == [["n a", "n b"]]


async def test_a_hint_that_cannot_be_sent_is_lost_and_the_next_is_not() -> None:
    pool = Pool(fail=True)
    with structlog.testing.capture_logs() as logs:
        await sent(pool, Notifier(pool, "n"), ["a"], ["b"])  # type: ignore[arg-type]  # a stand-in
    assert pool.sent == [["n b"]]
    assert [entry["event"] for entry in logs] == ["hints lost"]


async def test_a_listener_waits_for_a_database_that_is_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It tries again, ever more slowly, and never raises into its reader."""
    waits: list[float] = []
    enough = asyncio.Event()

    async def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 8:
            enough.set()
            await asyncio.Event().wait()

    monkeypatch.setattr("command.store.hints.asyncio.sleep", wait)
    async with aclosing(listen(f"postgresql://u@/d?host={tmp_path}", "n")) as hints:  # type: ignore[type-var]  # a generator
        task = asyncio.ensure_future(anext(hints))
        async with asyncio.timeout(60):
            await enough.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert waits == [0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 5.0, 5.0]


async def test_the_end_of_a_connection_is_heard_even_when_the_queue_is_full(pg_store: PostgresStore) -> None:
    heard: asyncio.Queue[str | None] = asyncio.Queue(1)
    connection = await _connect(pg_store._dsn, "other", heard)
    for log in ("a", "b"):
        await pg_store.notify(log)
    async with asyncio.timeout(60):
        while not heard.full():
            await asyncio.sleep(0.01)
    connection.terminate()
    async with asyncio.timeout(60):
        while await heard.get() is not None:
            pass
