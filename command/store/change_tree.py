"""The tree of changes in PostgreSQL: what was noted becomes leaves, and each head of them is signed.

Positions are given by whoever signs, under a lock, because notes of transactions that run at once do not become
visible in the order of their numbers.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC
from typing import TYPE_CHECKING, Any, Final

from command.ledger import merkle
from command.ledger.change_leaf import LOG, Change, Entry, leaf_of
from command.store.pg_errors import translated
from command.store.ports_checkpoints import SignHead
from command.store.postgres import leased

if TYPE_CHECKING:
    import asyncpg

    from command.store.postgres import Pool

    Connection = asyncpg.Connection[asyncpg.Record]

AT_ONCE: Final = 5_000
PAGE: Final = 2_000
_LOCK: Final = 0x6D757368

_COLUMNS: Final = """
c.number, c.at, c.kind, c.object, c.before, c.after, c.audit, a.number AS entry, a.at AS entry_at, a.who, a.session,
a.source, a.action, a.object AS about, a.outcome, a.detail
"""
_NEW: Final = f"""
SELECT {_COLUMNS} FROM changes c LEFT JOIN audit a ON a.number = c.audit
WHERE NOT EXISTS (SELECT FROM change_leaves l WHERE l.number = c.number) ORDER BY c.number LIMIT $1
"""
_PLACED: Final = f"""
SELECT l.position, l.leaf, l.number AS noted, {_COLUMNS} FROM change_leaves l
LEFT JOIN changes c ON c.number = l.number LEFT JOIN audit a ON a.number = c.audit
WHERE l.position > $1 ORDER BY l.position LIMIT $2
"""
EPOCH: Final = "SELECT 1 + count(*) FROM audit WHERE action = 'backup.restore' AND outcome = 'ok'"


class PostgresChangeTree:
    """A ChangeTree over a pool that connects as the application role."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def grow(self, sign: SignHead) -> int:
        """See ChangeTree."""
        async with leased(self._pool, "changes") as connection:
            with translated("changes"):
                async with connection.transaction():
                    await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
                    fresh = [change_of(row) for row in await connection.fetch(_NEW, AT_ONCE)]
                    if fresh:
                        await self._place(connection, fresh, sign)
        return len(fresh)

    async def _place(self, connection: Any, fresh: Sequence[Change], sign: SignHead) -> None:
        rows = await connection.fetch("SELECT leaf FROM change_leaves ORDER BY position")
        leaves = [row["leaf"] for row in rows]
        added = [leaf_of(change) for change in fresh]
        places = range(len(leaves) + 1, len(leaves) + len(added) + 1)
        await connection.executemany(
            "INSERT INTO change_leaves (position, number, leaf) VALUES ($1, $2, $3)",
            list(zip(places, (change.number for change in fresh), added, strict=True)),
        )
        size, root = len(leaves) + len(added), merkle.root_from_leaves(leaves + added)
        note = sign(await connection.fetchval(EPOCH), size, root)
        await connection.execute(
            "INSERT INTO checkpoints (log, size, root, note, at) VALUES ($1, $2, $3, $4, clock_timestamp())",
            LOG, size, root, note,
        )  # fmt: skip


async def placed(connection: Connection) -> AsyncIterator[tuple[int, int, bytes, Change | None]]:
    """(position, number, leaf, the change as it stands; None where it is gone), in order."""
    after = 0
    while rows := await connection.fetch(_PLACED, after, PAGE):
        for row in rows:
            after = row["position"]
            yield after, row["noted"], row["leaf"], None if row["number"] is None else change_of(row)


async def grown(connection: Connection, wrong: list[str]) -> AsyncIterator[tuple[int, merkle.Frontier]]:
    """(size, tree) after each note as it is computed from the notes of now; what is gone or changed is added to `wrong`."""
    tree: merkle.Frontier = ()
    size = 0
    async for position, number, leaf, change in placed(connection):
        if position != size + 1:
            wrong.append(f"note {size + 1} of the tree is gone")
        if change is None:
            wrong.append(f"change {number} is gone")
        elif leaf_of(change) != leaf:
            wrong.append(f"change {number}, or its entry in the trail, is another than was signed")
        tree, size = merkle.extend(tree, size, leaf), size + 1
        yield size, tree


def change_of(row: asyncpg.Record) -> Change:
    """A row of the queries here."""
    entry = None
    if row["entry"] is not None:
        named = ("who", "session", "source", "action", "about", "outcome", "detail")
        entry = Entry(row["entry_at"].astimezone(UTC), *(row[name] for name in named))
    return Change(
        row["number"], row["at"].astimezone(UTC), row["kind"], row["object"], row["before"], row["after"], row["audit"],
        entry,
    )  # fmt: skip
