"""Signed heads on PostgreSQL keep the contract, and nobody takes one back."""

from __future__ import annotations

import asyncpg
import pytest

from command.store.checkpoints import PostgresCheckpoints
from command.store.embedded import Cluster
from command.store.ports_checkpoints import CheckpointStore
from command.store.postgres import PostgresStore
from command.store.provision import APP, OWNER
from tests.store.checkpoints_contract import CheckpointsContract, signed
from tests.support.database import fresh_database


class TestPostgresCheckpoints(CheckpointsContract):
    @pytest.fixture
    def store(self, pg_store: PostgresStore) -> PostgresStore:
        return pg_store

    @pytest.fixture
    def checkpoints(self, store: PostgresStore) -> CheckpointStore:
        return PostgresCheckpoints(store.pool)


@pytest.mark.parametrize("who", [APP, OWNER])
async def test_neither_a_head_nor_a_key_is_ever_changed(cluster: Cluster, who: str) -> None:
    """Not by the application, and not by the owner without taking the guards away."""
    async with fresh_database(cluster) as name:
        async with await PostgresStore.connect(cluster.dsn(name, APP)) as store:
            checkpoints = PostgresCheckpoints(store.pool)
            await checkpoints.keep([signed(2)])
            await checkpoints.keep_vkey("key")
        connection = await asyncpg.connect(cluster.dsn(name, who))
        try:
            for statement in (
                "UPDATE checkpoints SET note = 'x'", "DELETE FROM checkpoints", "UPDATE checkpoint_keys SET vkey = 'x'",
                "DELETE FROM checkpoint_keys", "TRUNCATE checkpoint_keys",
            ):  # fmt: skip
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await connection.execute(statement)
        finally:
            await connection.close()
