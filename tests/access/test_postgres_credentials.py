"""Credentials in PostgreSQL keep the contract, as the application's role, and that role cannot do more."""

from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg
import pytest
import pytest_asyncio

from command.access.postgres import PostgresAccess
from command.access.postgres_credentials import PostgresCredentials
from command.store.embedded import Cluster
from command.store.ports import AuditRow
from command.store.provision import APP, OWNER
from tests.access.contract import Bench, token_for
from tests.access.credentials_contract import CredentialsContract, Vault
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


@pytest_asyncio.fixture
async def vault(cluster: Cluster, database: str, pool: asyncpg.Pool[asyncpg.Record]) -> Vault:
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

    bench = Bench(store=PostgresAccess(pool), trail=trail, break_audit=break_audit)
    await token_for(bench)
    return Vault(bench, PostgresCredentials(pool))


class TestPostgresCredentials(CredentialsContract):
    """The contract, in PostgreSQL."""

    @pytest.mark.parametrize(
        "statement",
        [
            "delete from passkeys",
            "delete from passwords",
            "delete from recovery_codes",
            "delete from identities",
            "update passkeys set public_key = 'x'",
            "update passkeys set person = 'someone'",
            "update recovery_codes set mac = 'x'",
            "truncate passwords",
        ],
    )
    async def test_the_application_cannot_swap_or_forget(
        self, pool: asyncpg.Pool[asyncpg.Record], vault: Vault, statement: str
    ) -> None:
        """Credentials end; they are not deleted, and none becomes another's."""
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await pool.execute(statement)
