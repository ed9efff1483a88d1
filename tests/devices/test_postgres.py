"""Devices in PostgreSQL keep the contract, as the application's role, and that role cannot do more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest
import pytest_asyncio

from command.access.postgres import PostgresAccess
from command.devices.postgres import PostgresDevices
from command.store.embedded import Cluster
from command.store.ports import AuditRow
from command.store.provision import APP, OWNER
from tests.devices.contract import CODE, HELD, NOW, Bench, DevicesContract, device, row
from tests.support.database import fresh_database
from tests.support.device_keys import fresh


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
async def bench(cluster: Cluster, database: str, pool: asyncpg.Pool[asyncpg.Record]) -> Bench:
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

    return Bench(PostgresDevices(pool), PostgresAccess(pool), trail, break_audit)


class TestPostgresDevices(DevicesContract):
    """The contract, in PostgreSQL."""

    async def test_of_many_devices_at_once_one_gets_the_code(self, bench: Bench) -> None:
        await bench.store.invite(CODE, row("device.invite"))
        made = [device(f"d-{n}", fresh().public) for n in range(8)]
        done = await asyncio.gather(*(bench.store.enrol(CODE.sha256, one, row()) for one in made))
        assert sum(done) == 1
        assert len(await bench.store.devices()) == 1

    async def test_of_many_uploads_at_once_one_text_gets_the_number(self, bench: Bench) -> None:
        await bench.enrolled()
        texts = [bytes([n]) * 32 for n in range(8)]
        done = await asyncio.gather(*(bench.store.claim("d-1", [(1, text), (2, b"x" * 32)]) for text in texts))
        assert sorted(map(len, done)) == [0, *[1] * 7]

    @pytest.mark.parametrize(
        "statement",
        [
            "delete from quarantine",
            "update quarantine set box = 'x'",
            "update quarantine set outcome = 'released', decided_at = now()",
            "update devices set revoked_at = null",
            "update devices set public_key = 'x'",
            "delete from devices",
            "update device_codes set expires_at = now()",
            "update device_statements set sha256 = sha256",
            "delete from device_statements",
            "delete from author_keys",
        ],
    )
    async def test_the_application_cannot_undo(
        self, bench: Bench, pool: asyncpg.Pool[asyncpg.Record], statement: str
    ) -> None:
        """What is held, decided, signed or revoked stays so, whatever bug asks otherwise."""
        await bench.enrolled()
        await bench.store.hold(HELD, 10, row())
        await bench.store.revoke("d-1", NOW, "admin-1", row("device.revoke"))
        await pool.execute("update quarantine set outcome = 'rejected', decided_at = now(), why = 'x'")
        with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.CheckViolationError)):
            await pool.execute(statement)
