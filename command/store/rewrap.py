"""Turning to another wrapping key: every subject key is wrapped anew, and only then is the old one retired.

    1  a new key is written beside the old one        keys/kek.next
    2  the database names it: nothing more is wrapped under the old one
    3  subject keys are wrapped anew, a few hundred at a time
    4  each is opened once with the new key alone
    5  the new file takes the old one's place         keys/kek

Whatever ends it in between, running it again goes on from there: each step looks at what is there. Nodes that run
meanwhile read the key files again as soon as they meet the new key's id.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import asyncpg

from command.errors import Corrupt, Misconfigured
from command.ledger.box import NONCE_BYTES, key_aad, seal, unwrap_key, wrap_key
from command.store.keyring import KEK, NEXT, key_id, load_key, promote, read_key, wrapping_keys
from command.store.keys import CHECK, CHECK_AAD, LOCK
from command.store.pg_errors import translated
from command.store.postgres import leased

if TYPE_CHECKING:
    from command.store.postgres import Pool

CHUNK: Final = 500
"""Keys in one transaction: whoever creates a key of theirs waits no longer than for these."""

_FIRST = "SELECT log, subject, wrapped, kek FROM subject_keys ORDER BY log, subject LIMIT $1"
_NEXT = """
SELECT log, subject, wrapped, kek FROM subject_keys WHERE (log, subject) > ($2, $3) ORDER BY log, subject LIMIT $1
"""
_REWRAP = "UPDATE subject_keys SET wrapped = $3, kek = $4 WHERE log = $1 AND subject = $2 AND kek = $5"


def stage(files: Path) -> str:
    """Step 1; the id of the coming key. Again: the same. With several nodes, copy the file to each of them now."""
    return key_id(load_key(files / NEXT))


async def rotate(pool: Pool, files: Path, progress: Callable[[int], None] = lambda _done: None) -> tuple[str, str, int]:
    """All steps; (old id, new id, how many keys). Raises Misconfigured, Unavailable, Corrupt; then run it again."""
    keks = {key_id(one): one for one in wrapping_keys(files)}
    old = key_id(read_key(files / KEK))
    named = await _named(pool)
    if named not in keks:
        raise Misconfigured("expected the key file that this database names", where=str(files))
    new = stage(files)
    keks[new] = read_key(files / NEXT)
    await _turn(pool, old, keks[new])
    async for log, subject, wrapped, under in _all(pool):
        if under != new:
            key = unwrap_key(keks[under], wrapped, key_aad(log, subject))
            again = wrap_key(keks[new], secrets.token_bytes(NONCE_BYTES), key, key_aad(log, subject))
            async with leased(pool, "keys") as connection:
                with translated("keys"):
                    await connection.execute(_REWRAP, log, subject, again, new, under)
    count = await opens(pool, {new: keks[new]}, progress)
    async with leased(pool, "keys") as connection:
        with translated("keys"):
            await connection.execute("VACUUM (FULL) subject_keys")  # what was wrapped under the old key is in no file
    promote(files)
    return old, new, count


async def opens(pool: Pool, keks: dict[str, bytes], progress: Callable[[int], None] = lambda _done: None) -> int:
    """Open every subject key with these wrapping keys; how many there are. Raises Corrupt for one that does not."""
    count = 0
    async for log, subject, wrapped, under in _all(pool):
        if under not in keks:
            raise Corrupt(f"expected a subject key wrapped under {' or '.join(keks)}, got one under {under}", where=log)
        unwrap_key(keks[under], wrapped, key_aad(log, subject))
        count += 1
        if count % CHUNK == 0:
            progress(count)
    return count


async def _named(pool: Pool) -> str:
    async with leased(pool, "keys") as connection:
        with translated("keys"):
            return str(await connection.fetchval("SELECT kek FROM key_check"))


async def _turn(pool: Pool, old: str, kek: bytes) -> None:
    """Name the new key, once those who are just wrapping under the old one are through."""
    box = seal(kek, secrets.token_bytes(NONCE_BYTES), CHECK, CHECK_AAD)
    async with leased(pool, "keys") as connection:
        with translated("keys"):
            async with connection.transaction():
                await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
                await connection.execute(
                    "UPDATE key_check SET kek = $1, box = $2 WHERE kek = $3", key_id(kek), box, old
                )


async def _all(pool: Pool) -> AsyncIterator[tuple[str, str, bytes, str]]:
    rows: list[asyncpg.Record] = []
    while True:
        async with leased(pool, "keys") as connection:
            with translated("keys"):
                if rows:
                    rows = await connection.fetch(_NEXT, CHUNK, rows[-1]["log"], rows[-1]["subject"])
                else:
                    rows = await connection.fetch(_FIRST, CHUNK)
        for row in rows:
            yield row["log"], row["subject"], row["wrapped"], row["kek"]
        if len(rows) < CHUNK:
            return
