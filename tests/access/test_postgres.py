"""Access in PostgreSQL keeps the contract, as the application's role, and that role cannot do more."""

from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg
import pytest
import pytest_asyncio

from command.access.postgres import PostgresAccess
from command.store.embedded import Cluster
from command.store.ports import AuditRow
from command.store.provision import APP, OWNER
from tests.access.contract import AccessContract, Bench
from tests.support.database import fresh_database


@pytest_asyncio.fixture
async def database(cluster: Cluster) -> AsyncIterator[str]:
    """The name of a migrated database."""
    async with fresh_database(cluster) as name:
        yield name


@pytest_asyncio.fixture
async def pool(cluster: Cluster, database: str) -> AsyncIterator[asyncpg.Pool[asyncpg.Record]]:
    """Connections as the application."""
    async with asyncpg.create_pool(cluster.dsn(database, APP), min_size=1, max_size=8) as pool:
        yield pool


@pytest.fixture
def bench(cluster: Cluster, database: str, pool: asyncpg.Pool[asyncpg.Record]) -> Bench:
    """The store, its trail, and a way to take the trail's table away."""

    async def trail() -> list[AuditRow]:
        rows = await pool.fetch(
            "select at, who, session, source, action, object, outcome, detail from audit order by number"
        )
        return [AuditRow(**dict(row)) for row in rows]

    async def break_audit() -> None:
        owner: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(cluster.dsn(database, OWNER))
        try:
            await owner.execute("alter table audit rename to audit_gone")
        finally:
            await owner.close()

    return Bench(store=PostgresAccess(pool), trail=trail, break_audit=break_audit)


class TestPostgresAccess(AccessContract):
    """The contract, in PostgreSQL."""

    @pytest.mark.parametrize(
        "statement",
        [
            "delete from accounts",
            "delete from grants",
            "delete from links",
            "truncate links",
            "update links set expires_at = now() + interval '1 year'",
            "update links set person = 'someone'",
            "drop table grants",
        ],
    )
    async def test_the_application_cannot_forget_or_stretch(
        self, pool: asyncpg.Pool[asyncpg.Record], statement: str
    ) -> None:
        """Accounts, grants and links are never deleted, and a link never lives longer."""
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await pool.execute(statement)

    async def test_a_role_outside_the_closed_set_is_refused(self, pool: asyncpg.Pool[asyncpg.Record]) -> None:
        """The database knows the roles too."""
        await pool.execute("insert into accounts values ('p', 'P', 'spd', 'officer')")
        with pytest.raises(asyncpg.CheckViolationError):
            await pool.execute("insert into grants values ('p', 'owner', '*', null, null, 'x')")
