"""The file `secret`, from which signing in derives its keys: one for all nodes, and never silently another.

With another one, no code of anybody's counts, no recovery code, and nothing opens that tablets sealed or that the
register of de-confliction holds. So the key store remembers which it was, by a digest, and a node with another does
not start. A lost one is said, and not made anew where there is something that was made with it.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

from command.errors import Misconfigured
from command.store.keyring import load_key
from command.store.pg_errors import translated
from command.store.postgres import leased

if TYPE_CHECKING:
    import asyncpg

    from command.store.postgres import Pool

NAME: Final = "secret"
REMEDY: Final = (
    "bring it back from another node's DATA/keys or with muster restore --keys-from; if every copy is lost, "
    "muster keys secret --renew makes another, and everyone's one-time codes are set up anew"
)


def secret_id(secret: bytes) -> str:
    """What a secret is called: 16 hexadecimal digits that do not help to find it."""
    return hashlib.sha256(b"muster sign-in secret\0" + secret).hexdigest()[:16]


def load_secret(path: Path, *, first: bool) -> bytes:
    """The secret in the file; made where there is none yet and this is the `first` start on its key store.

    Raises Misconfigured where it is gone.
    """
    if not first and not path.exists():
        raise Misconfigured(f"expected the file that signing in derives its keys from: {REMEDY}", where=str(path))
    return load_key(path)


async def check_secret(pool: Pool, secret: bytes, path: Path) -> None:
    """Remember which secret this key store's nodes have, or hold this one against it.

    Raises Misconfigured for another, Unavailable.
    """
    ours = secret_id(secret)
    async with leased(pool, "keys") as connection:
        with translated("keys"):
            await connection.execute("INSERT INTO secret_check VALUES (true, $1) ON CONFLICT DO NOTHING", ours)
            named = await connection.fetchval("SELECT id FROM secret_check")
    if named != ours:
        raise Misconfigured(
            f"expected the secret {named} of this key store's nodes, got {ours}: {REMEDY}", where=str(path)
        )


async def name_secret(pool: Pool, secret: bytes) -> None:
    """From now on it is this one: a backup brought it, or every copy of the other is lost. Raises Unavailable."""
    async with leased(pool, "keys") as connection:
        with translated("keys"):
            await connection.execute(
                "INSERT INTO secret_check VALUES (true, $1) ON CONFLICT (only_one) DO UPDATE SET id = excluded.id",
                secret_id(secret),
            )


async def named_secret(connection: asyncpg.Connection[asyncpg.Record]) -> str:
    """The id of the secret that the key store remembers, "" where it has met none. Changes nothing."""
    if await connection.fetchval("SELECT to_regclass('secret_check')") is None:
        return ""
    return str(await connection.fetchval("SELECT id FROM secret_check") or "")
