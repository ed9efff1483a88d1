"""The secret of signing in is one for all nodes of a key store, and never silently another."""

from __future__ import annotations

from pathlib import Path

import pytest

from command.errors import Misconfigured
from command.store.embedded import Cluster
from command.store.keyring import read_key
from command.store.keys import PostgresKeyStore
from command.store.own_secret import check_secret, load_secret, name_secret, named_secret, secret_id
from command.store.postgres import leased
from command.store.provision import APP
from tests.support.database import fresh_database

KEK = b"k" * 32


async def _named(keys: PostgresKeyStore) -> str:
    async with leased(keys.pool, "keys") as connection:
        return await named_secret(connection)


def test_it_is_made_at_the_first_start_and_never_again(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "secret"
    made = load_secret(path, first=True)
    assert load_secret(path, first=False) == made == read_key(path)
    path.unlink()
    with pytest.raises(Misconfigured, match="bring it back") as told:
        load_secret(path, first=False)
    assert told.value.where == str(path) and not path.exists()


def test_its_id_tells_nothing_of_it() -> None:
    assert secret_id(b"1" * 32) != secret_id(b"2" * 32)
    assert len(secret_id(b"1" * 32)) == 16 and (b"1" * 32).hex()[:8] not in secret_id(b"1" * 32)


async def test_a_node_with_another_does_not_start_until_that_one_is_named(cluster: Cluster, tmp_path: Path) -> None:
    ours, theirs, path = b"1" * 32, b"2" * 32, tmp_path / "secret"
    async with (
        fresh_database(cluster, template="template1", owner=APP) as name,
        await PostgresKeyStore.connect(cluster.dsn(name, APP), KEK) as keys,
    ):
        assert await _named(keys) == ""
        await check_secret(keys.pool, ours, path)
        await check_secret(keys.pool, ours, path)
        with pytest.raises(Misconfigured, match=secret_id(theirs)):
            await check_secret(keys.pool, theirs, path)
        await name_secret(keys.pool, theirs)
        await check_secret(keys.pool, theirs, path)
        assert await _named(keys) == secret_id(theirs)


async def test_a_key_store_from_before_remembers_none(cluster: Cluster) -> None:
    async with (
        fresh_database(cluster, template="template1", owner=APP) as name,
        await PostgresKeyStore.connect(cluster.dsn(name, APP), KEK) as keys,
    ):
        await keys.pool.execute("DROP TABLE secret_check")
        assert await _named(keys) == ""
