"""A store over the pool of connections that all of a node's stores share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, ClassVar, Final

import asyncpg

from command.store.pg_errors import translated

WAIT_S: Final = 5.0
"""For a connection; then the store is away."""


class Pooled:
    """`subject` names the store where an error is told. Raises Unavailable where there is no connection in time."""

    subject: ClassVar[str]

    def __init__(self, pool: asyncpg.Pool[asyncpg.Record]) -> None:
        self._pool = pool

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Any]:
        with translated(self.subject):
            async with self._pool.acquire(timeout=WAIT_S) as db:
                yield db

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[Any]:
        async with self._connection() as db, db.transaction():
            yield db
