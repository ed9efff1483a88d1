"""NOTIFY and LISTEN: hints between nodes that a log grew. A hint may be lost; readers poll as well.

NOTIFY takes a lock of the whole server at commit, so it is never part of an append: one task sends the hints that
came together since it last sent, each log once, in one statement of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import structlog

from command.store.pg_errors import DRIVER_ERRORS

CHANNEL = "muster_log"
_PENDING = 10_000  # logs waiting to be hinted at; beyond it hints are dropped, and the readers' poll covers it
_HEARD = 1000  # hints waiting to be read; likewise
_RETRY_S = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)

_log = structlog.get_logger("store.hints")


class Notifier:
    """Sends hints. `run` is the task that does it; `add` never waits."""

    def __init__(self, pool: asyncpg.Pool[asyncpg.Record], node: str) -> None:
        self._pool = pool
        self._node = node
        self._pending: set[str] = set()
        self._wake = asyncio.Event()

    def add(self, log: str) -> None:
        """Hint at a log soon."""
        if len(self._pending) < _PENDING:
            self._pending.add(log)
            self._wake.set()

    async def run(self) -> None:
        """Send until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            payloads = [f"{self._node} {log}" for log in self._pending]
            self._pending.clear()
            try:
                await self._pool.execute(
                    "SELECT pg_notify($1, payload) FROM unnest($2::text[]) AS p(payload)", CHANNEL, payloads
                )
            except DRIVER_ERRORS as error:
                _log.warning("hints lost", error=type(error).__name__, count=len(payloads))


async def listen(dsn: str, node: str) -> AsyncIterator[str]:
    """Log ids that other nodes hint at, over a connection of its own, made again whenever it is lost."""
    failures = 0
    while True:
        heard: asyncio.Queue[str | None] = asyncio.Queue(_HEARD)
        try:
            connection = await _connect(dsn, node, heard)
        except DRIVER_ERRORS as error:
            wait_s = _RETRY_S[min(failures, len(_RETRY_S) - 1)]
            failures += 1
            _log.warning("not listening", error=type(error).__name__, retry_in_s=wait_s)
            await asyncio.sleep(wait_s)
            continue
        failures = 0
        try:
            while (log := await heard.get()) is not None:
                yield log
        finally:
            connection.terminate()


async def _connect(dsn: str, node: str, heard: asyncio.Queue[str | None]) -> asyncpg.Connection[asyncpg.Record]:
    def on_hint(_connection: object, _pid: int, _channel: str, payload: object) -> None:
        sender, _, log = str(payload).partition(" ")
        if sender != node and log and not heard.full():
            heard.put_nowait(log)

    def on_end(_connection: object) -> None:
        while heard.full():
            heard.get_nowait()
        heard.put_nowait(None)

    connection: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(
        dsn, timeout=5, server_settings={"application_name": "muster hints"}
    )
    try:
        connection.add_termination_listener(on_end)
        await connection.add_listener(CHANNEL, on_hint)
    except BaseException:
        connection.terminate()
        raise
    return connection
