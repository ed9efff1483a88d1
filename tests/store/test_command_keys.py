"""Digests of commands from before there was a key are keyed once, and the guard is back afterwards."""

from __future__ import annotations

import hashlib

import asyncpg
import pytest

from command.service.command_digests import KEYED, digest_of, keyed
from command.store.command_keys import key_commands
from command.store.embedded import Cluster
from command.store.postgres import PostgresStore
from command.store.provision import APP, OWNER
from tests.store.contract import LOG, fill
from tests.support.database import fresh_database

KEY = b"k" * 32
PLAIN = f"""
INSERT INTO commands (log, cmd, actor, digest, first_seq, last_seq, answer)
SELECT '{LOG}', 'old-' || n, 'p1', sha256(('old-' || n)::bytea), 1, 1, '{{}}' FROM generate_series(1, 3) AS n
"""


async def key_of(log: str) -> bytes:
    assert log == LOG
    return KEY


async def test_older_rows_know_the_same_bytes_by_the_keyed_digest(cluster: Cluster) -> None:
    """As if there had always been a key: the same bytes are the same command. A second time there is nothing to do."""
    async with fresh_database(cluster) as name, await PostgresStore.connect(cluster.dsn(name, APP)) as store:
        await fill(store, 3)
        await store.pool.execute(PLAIN)
        connection = await asyncpg.connect(cluster.dsn(name, OWNER))
        try:
            rows = await connection.fetch("SELECT cmd, digest FROM commands")
            assert rows and all(row["digest"] == hashlib.sha256(row["cmd"].encode()).digest() for row in rows)
            assert await key_commands(cluster.dsn(name, OWNER), key_of, keyed) == len(rows)
            assert await key_commands(cluster.dsn(name, OWNER), key_of, keyed) == 0
            after = await connection.fetch("SELECT cmd, digest FROM commands")
            assert {row["cmd"]: row["digest"] for row in after} == {
                row["cmd"]: digest_of(KEY, row["cmd"].encode()) for row in rows
            }
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute("UPDATE commands SET digest = sha256('x')")
            assert await connection.fetchval("SELECT tgenabled FROM pg_trigger WHERE tgname = 'commands_kept'") == b"A"
        finally:
            await connection.close()


async def test_a_failure_half_way_leaves_everything_as_it_was(cluster: Cluster) -> None:
    """The guard too: one transaction."""

    async def breaks(_log: str) -> bytes:
        raise RuntimeError("the key store is away")

    async with fresh_database(cluster) as name:
        async with await PostgresStore.connect(cluster.dsn(name, APP)) as store:
            await fill(store, 2)
            await store.pool.execute(PLAIN)
        with pytest.raises(RuntimeError):
            await key_commands(cluster.dsn(name, OWNER), breaks, keyed)
        connection = await asyncpg.connect(cluster.dsn(name, OWNER))
        try:
            assert await connection.fetchval("SELECT bool_and(octet_length(digest) = 32) FROM commands")
            assert await connection.fetchval("SELECT tgenabled FROM pg_trigger WHERE tgname = 'commands_kept'") == b"A"
        finally:
            await connection.close()


def test_a_keyed_digest_is_told_from_a_plain_one_by_its_length() -> None:
    assert len(digest_of(KEY, b"x")) == 33 and digest_of(KEY, b"x").startswith(KEYED)
