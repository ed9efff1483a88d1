"""Fixtures for every test: a real PostgreSQL, started once a process, and fresh databases on it.

The whole suite runs in one process more than there are cores, up to four, a file at a time: much of it waits for servers
and browsers. What is asked for by name runs in one. `-n 0` is one process for all.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
import structlog
from hypothesis import HealthCheck, settings

from command.store.embedded import Cluster
from command.store.keys import PostgresKeyStore
from command.store.postgres import PostgresStore
from tests.support.database import folder_in_memory, fresh_keys, fresh_store, running_cluster

BYTECODE = Path(__file__).parents[1] / "build" / "bytecode"

if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
    # Some hundreds of processes would compile the program and all that it uses anew, for two seconds each. Whoever wants
    # no bytecode beside the sources has none there.
    os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix = str(BYTECODE)
    sys.dont_write_bytecode = False

LONGEST = ("tests/faults/", "tests/e2e/", "tests/web/test_schemathesis.py", "tests/cli/test_backup")
"""Begun first where there are several processes: a file of a minute that begins last leaves the others idle."""


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """How many processes beside this one: none where tests are named or there is one core."""
    cores = os.cpu_count() or 1
    return min(cores + 1, 4) if cores > 1 and config.args_source is pytest.Config.ArgsSource.TESTPATHS else 0


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The longest files first; within a file the order stays."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))


def pytest_configure() -> None:
    """Log lines of errors as Python prints them: with the variables of every frame each would take a second to draw.

    No example of a property is timed: on a machine that others use, one may take a second and be right. Ctrl-C is heard
    even where a script began the tests in its background, which every process of theirs would inherit.
    """
    settings.register_profile(
        "unhurried", settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
    settings.load_profile("unhurried")
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    drawn = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
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
