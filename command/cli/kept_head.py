"""`muster audit --extends FILE`: is today's tree of changes the one that a kept head was of, gone on since?

A head that left the building is the one thing that whoever owns the database, and the key too, cannot bring in line with
what they rewrote or cut off.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from command.backup.dump import connected
from command.bootstrap import open_backend
from command.cli.operator import audited
from command.cli.parser import EXIT_OK, EXIT_REFUSED
from command.cli.serve import settings_of
from command.clock import utc_now
from command.errors import Unreadable
from command.ledger import merkle
from command.ledger.change_leaf import LOG
from command.ledger.checkpoint import NOTE_CHARS_MAX, Checkpoint
from command.ledger.heads import SignedHeads
from command.store.change_tree import grown

if TYPE_CHECKING:
    import asyncpg

    Connection = asyncpg.Connection[asyncpg.Record]


class Printed(msgspec.Struct):
    """What `--head --json` prints."""

    note: str


def note_in(path: Path) -> str:
    """A head as `--head` printed it, as text or as JSON; `-` reads standard input. Raises Unreadable."""
    try:
        raw = sys.stdin.buffer.read(NOTE_CHARS_MAX * 4) if str(path) == "-" else path.read_bytes()
        text = raw.decode()
        return msgspec.json.decode(raw, type=Printed).note if text.lstrip().startswith("{") else text
    except OSError as exc:
        raise Unreadable(f"expected a head that was kept: {exc.strerror}", where=str(path)) from None
    except (UnicodeDecodeError, msgspec.DecodeError):
        raise Unreadable("expected a head as muster audit --head prints it", where=str(path)) from None


async def extends(args: argparse.Namespace) -> int:
    """Say it, with exit code 1 where it does not."""
    note = note_in(args.extends)
    async with open_backend(settings_of(args), attach=True, existing=True) as backend:
        await backend.store.audit([audited("audit.read", "-", utc_now())])
        kept = SignedHeads(LOG, [note], [row.vkey for row in await backend.checkpoints.vkeys()])
        wrong, size = list(kept.problems), 0
        if kept.last is not None and not wrong:
            connection = await connected(backend.databases.app)
            try:
                wrong, size = await held_against(connection, kept.last)
            finally:
                await connection.close()
    newer = size - kept.last.size if kept.last is not None and not wrong else 0
    if args.json:
        sys.stdout.write(msgspec.json.encode({"extends": not wrong, "newer": newer, "problems": wrong}).decode() + "\n")
    elif wrong:
        sys.stdout.write("".join(f"no: {one}\n" for one in wrong[:5]))
    elif kept.last is not None:
        sys.stdout.write(f"yes: the first {kept.last.size} are those of this head, and {newer} came since\n")
    return EXIT_REFUSED if wrong else EXIT_OK


async def held_against(connection: Connection, kept: Checkpoint) -> tuple[list[str], int]:
    """(what is wrong with the tree as it is computed from the notes of now, how many leaves it has)."""
    wrong: list[str] = []
    size, root = 0, merkle.EMPTY_ROOT if not kept.size else b""
    async for size, tree in grown(connection, wrong):
        if size == kept.size:
            root = merkle.root_of(tree)
    if size < kept.size:
        wrong.append(f"the head is of {kept.size} changes, {size} are there: the newest are gone, or were not restored")
    elif root != kept.root:
        wrong.append(f"the first {kept.size} changes are not those of this head")
    return wrong, size
