"""The tree of changes on PostgreSQL: every change once, in one order, whoever signs."""

from __future__ import annotations

import asyncio

import pytest

from command.errors import Unavailable
from command.ledger import merkle
from command.ledger.change_leaf import LOG, leaf_of
from command.store.change_tree import PostgresChangeTree, placed
from command.store.checkpoints import PostgresCheckpoints
from command.store.embedded import Cluster
from command.store.postgres import PostgresStore, leased
from command.store.provision import APP
from tests.support.database import admin, fresh_database

ACCOUNT = "INSERT INTO accounts (person, name, agency, rank) VALUES ('{0}', 'N', 'spd', 'x');"


def note(epoch: int, size: int, root: bytes) -> str:
    """In the place of a signed one."""
    return f"{epoch} {size} {root.hex()}"


async def test_each_change_becomes_one_leaf_whoever_signs_at_the_same_time(cluster: Cluster) -> None:
    async with fresh_database(cluster) as name, await PostgresStore.connect(cluster.dsn(name, APP)) as store:
        trees = [PostgresChangeTree(store.pool) for _ in range(3)]
        grown = 0
        for n in range(4):
            await admin(cluster, ACCOUNT.format(f"p{n}") + ACCOUNT.format(f"q{n}"), name)
            grown += sum(await asyncio.gather(*(tree.grow(note) for tree in trees)))
        assert grown == 8
        async with leased(store.pool, "test") as connection:
            found = [one async for one in placed(connection)]
        assert [position for position, *_ in found] == list(range(1, 9))
        assert all(change is not None and leaf_of(change) == leaf for _, _, leaf, change in found)
        heads = await PostgresCheckpoints(store.pool).checkpoints(LOG, 0, 100)
        leaves = [leaf for _, _, leaf, _ in found]
        assert [head.note for head in heads] == [
            note(1, head.size, merkle.root_from_leaves(leaves[: head.size])) for head in heads
        ]
        assert heads[-1].size == 8


async def test_where_no_head_can_be_signed_nothing_is_placed(cluster: Cluster) -> None:
    def unable(epoch: int, size: int, root: bytes) -> str:
        raise Unavailable("no key")

    async with fresh_database(cluster) as name, await PostgresStore.connect(cluster.dsn(name, APP)) as store:
        tree = PostgresChangeTree(store.pool)
        assert await tree.grow(unable) == 0, "there is nothing to sign"
        await admin(cluster, ACCOUNT.format("p"), name)
        with pytest.raises(Unavailable, match="no key"):
            await tree.grow(unable)
        assert await store.pool.fetchval("SELECT count(*) FROM change_leaves") == 0
        assert await tree.grow(note) == 1
