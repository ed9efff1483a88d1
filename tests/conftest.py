"""Fixtures for every test: a real PostgreSQL, started once, and fresh databases on it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
import structlog

from command.store.embedded import Cluster
from command.store.keys import PostgresKeyStore
from command.store.postgres import PostgresStore
from tests.support.database import folder_in_memory, fresh_keys, fresh_store, running_cluster


def pytest_configure() -> None:
    """Log lines of errors as Python prints them: with the variables of every frame each would take a second to draw."""
    drawn = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*structlog.get_config()["processors"][:-1], drawn])


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def cluster(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Cluster]:
    """An embedded PostgreSQL for the whole session."""
    with folder_in_memory(tmp_path_factory.mktemp("cluster")) as folder:
        async with running_cluster(folder) as running:
            yield running


@pytest_asyncio.fixture
async def pg_store(cluster: Cluster) -> AsyncIterator[PostgresStore]:
    """A store on a fresh, migrated database."""
    async with fresh_store(cluster) as store:
        yield store


@pytest_asyncio.fixture
async def pg_keys(cluster: Cluster) -> AsyncIterator[PostgresKeyStore]:
    """A key store on a fresh database."""
    async with fresh_keys(cluster, b"k" * 32) as keys:
        yield keys
