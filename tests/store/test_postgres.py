"""The PostgreSQL store keeps the contract."""

from __future__ import annotations

import pytest

from command.store.ports import Store
from command.store.postgres import PostgresStore
from tests.store.contract import StoreContract


class TestPostgresStore(StoreContract):
    @pytest.fixture
    def store(self, pg_store: PostgresStore) -> Store:
        return pg_store
