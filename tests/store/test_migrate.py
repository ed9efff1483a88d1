"""Migrations: once, in order, under a lock, and never edited."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from command.errors import Conflict, Misconfigured, Unavailable
from command.store.embedded import Cluster
from command.store.migrate import SQL_DIR, migrate, migrations
from command.store.postgres import PostgresStore
from command.store.provision import APP, OWNER
from tests.support.database import fresh_database


@pytest_asyncio.fixture
async def owner_dsn(cluster: Cluster) -> AsyncIterator[str]:
    """The owner's URL of an empty database."""
    async with fresh_database(cluster, template="template1") as name:
        yield cluster.dsn(name, OWNER)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A directory with two small migrations."""
    (tmp_path / "001_one.sql").write_text('CREATE TABLE one (n int); GRANT SELECT ON one TO :"app";')
    (tmp_path / "003_three.sql").write_text("ALTER TABLE one ADD COLUMN m int;")
    return tmp_path


async def test_migrations_apply_once_and_in_order(owner_dsn: str, directory: Path) -> None:
    assert await migrate(owner_dsn, APP, directory) == ["001_one.sql", "003_three.sql"]
    assert await migrate(owner_dsn, APP, directory) == []
    (directory / "010_ten.sql").write_text("DROP TABLE one;")
    assert await migrate(owner_dsn, APP, directory) == ["010_ten.sql"]


async def test_nodes_that_start_together_take_turns(owner_dsn: str) -> None:
    applied = await asyncio.gather(*(migrate(owner_dsn, APP) for _ in range(4)))
    names = [migration.name for migration in migrations(SQL_DIR)]
    assert sorted(applied) == [[], [], [], names]


async def test_a_changed_file_is_refused(owner_dsn: str, directory: Path) -> None:
    await migrate(owner_dsn, APP, directory)
    with (directory / "001_one.sql").open("a") as file:
        file.write("-- a word more\n")
    with pytest.raises(Misconfigured, match="001_one.sql as it was applied"):
        await migrate(owner_dsn, APP, directory)


async def test_a_database_newer_than_the_code_is_refused(owner_dsn: str, directory: Path) -> None:
    await migrate(owner_dsn, APP, directory)
    (directory / "003_three.sql").unlink()
    with pytest.raises(Misconfigured, match="it has 003_three.sql"):
        await migrate(owner_dsn, APP, directory)


async def test_a_migration_that_fails_leaves_nothing(owner_dsn: str, directory: Path) -> None:
    (directory / "004_four.sql").write_text("CREATE TABLE two (n int); SELECT 1/0;")
    with pytest.raises((Conflict, Unavailable)):
        await migrate(owner_dsn, APP, directory)
    connection = await asyncpg.connect(owner_dsn)
    try:
        assert await connection.fetchval("SELECT to_regclass('one') IS NULL AND to_regclass('schema_versions') IS NULL")
    finally:
        await connection.close()


@pytest.mark.parametrize("role", ["nobody_such", "x; DROP TABLE events", 'a"b', ""])
async def test_a_role_that_is_not_there_is_refused(owner_dsn: str, role: str) -> None:
    with pytest.raises(Misconfigured, match="role"):
        await migrate(owner_dsn, role)


async def test_a_database_that_is_away_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        await migrate(f"postgresql://u@/d?host={tmp_path}", APP)


@pytest.mark.parametrize("names", [["one.sql"], ["001_a.sql", "001_b.sql"], ["01_a.sql"]])
def test_file_names_have_a_number_of_their_own(tmp_path: Path, names: list[str]) -> None:
    for name in names:
        (tmp_path / name).touch()
    with pytest.raises(Misconfigured):
        migrations(tmp_path)


async def test_a_store_refuses_a_database_without_tables(owner_dsn: str) -> None:
    with pytest.raises(Misconfigured, match="not been migrated"):
        await PostgresStore.connect(owner_dsn)


async def test_one_role_for_everything_works(owner_dsn: str, tmp_path: Path) -> None:
    """`--database URL` without an owner of its own: the grants then contain nothing, the triggers still do."""
    await migrate(owner_dsn, OWNER, Path(shutil.copytree(SQL_DIR, tmp_path / "sql")))
    async with await PostgresStore.connect(owner_dsn) as store:
        await store.create_log("l")
        assert [head.seq for head in await store.logs()] == [0]
