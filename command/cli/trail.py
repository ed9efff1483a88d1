"""`muster audit`: who did, saw, exported and tried what. Whoever looks is on it too."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import msgspec

from command.access.audit import OPERATORS, Outcome
from command.access.authorizer import ACTIONS
from command.backup.dump import connected
from command.bootstrap import open_backend, open_change_heads, open_checkpoints
from command.cli.kept_head import extends
from command.cli.operator import audited
from command.cli.parser import EXIT_OK, json_flag
from command.cli.serve import settings_of
from command.clock import utc_now
from command.errors import NotFound, Unreadable
from command.ledger.change_leaf import LOG
from command.store.ports import AuditQuery, AuditRow

PAGE = 500
MOST = 1_000_000


def arguments(parser: argparse.ArgumentParser) -> None:
    """What is looked for; all that is given must fit."""
    parser.add_argument("--who", metavar="PERSON", help="only entries of this person (- is nobody)")
    parser.add_argument("--action", help="only this action, e.g. incident.export or command.GrantForce")
    parser.add_argument("--object", metavar="ID", help="only entries about this incident, account or session")
    parser.add_argument("--outcome", choices=get_args(Outcome), help="only what ended so")
    parser.add_argument("--since", type=a_time, metavar="TIME", help="from this time on, e.g. 2026-05-01T18:00Z")
    parser.add_argument("--until", type=a_time, metavar="TIME", help="before this time")
    parser.add_argument("--limit", type=_limit, default=100, help="how many, newest first (default 100)")
    parser.add_argument(
        "--changes",
        action="store_true",
        help="what became of accounts, grants, agencies and devices (--object: one of them)",
    )
    parser.add_argument("--head", action="store_true", help="the signed head over all changes, to be kept elsewhere")
    parser.add_argument(
        "--extends",
        metavar="FILE",
        type=Path,
        help="whether today's changes go on from a head that was kept (- is standard input)",
    )
    json_flag(parser)


def a_time(text: str) -> datetime:
    """A time as in RFC 3339, UTC where it names no zone."""
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo is not None else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(f"expected a time as 2026-05-01T18:00Z, got {text!r}") from None


def _limit(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MOST:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1 to {MOST}, got {text!r}")
    return int(text)


async def audit(args: argparse.Namespace) -> int:
    """Print what fits, newest first: one line an entry, as text or as JSON."""
    if args.action is not None and args.action not in ACTIONS | OPERATORS | {"unknown"}:
        raise Unreadable(f"expected an action that there is, got {args.action!r}", where="--action")
    if args.extends is not None:
        return await extends(args)
    if args.head:
        return await _head(args)
    if args.changes:
        return await _changes(args)
    wanted = AuditQuery(args.who, args.action, args.object, args.outcome, args.since, args.until)
    async with open_backend(settings_of(args), attach=True, existing=True) as backend:
        # On the trail before it is shown, so that the reader finds themselves in it.
        await backend.store.audit([audited("audit.read", args.object or "-", utc_now())])
        before, left = None, args.limit
        while left:
            page = await backend.store.audit_entries(before, min(PAGE, left), wanted)
            for number, row in page:
                sys.stdout.write(_line(number, row, json=args.json) + "\n")
            left -= len(page)
            if len(page) < PAGE:
                break
            before = page[-1][0]
    return EXIT_OK


_CHANGES = """
SELECT c.number, c.at, c.kind, c.object, encode(c.before, 'hex') AS before, encode(c.after, 'hex') AS after, c.audit,
       a.who, a.action
FROM changes c LEFT JOIN audit a ON a.number = c.audit
WHERE ($1::text IS NULL OR split_part(c.object, ' ', 1) = $1) AND ($2::timestamptz IS NULL OR c.at >= $2)
  AND ($3::timestamptz IS NULL OR c.at < $3)
ORDER BY c.number DESC LIMIT $4
"""


async def _changes(args: argparse.Namespace) -> int:
    """Each with the digests of before and after, and by which entry of the trail: no word of what it was."""
    async with open_backend(settings_of(args), attach=True, existing=True) as backend:
        await backend.store.audit([audited("audit.read", args.object or "-", utc_now())])
        connection = await connected(backend.databases.app)
        try:
            rows = await connection.fetch(_CHANGES, args.object, args.since, args.until, args.limit)
        finally:
            await connection.close()
    for row in rows:
        if args.json:
            sys.stdout.write(msgspec.json.encode(dict(row)).decode() + "\n")
            continue
        became = f"{(row['before'] or 'nothing')[:12]} -> {row['after'][:12]}"
        by = f"{row['action']} by {row['who']} (entry {row['audit']})" if row["audit"] else "no entry in the trail"
        sys.stdout.write("\t".join((f"{row['at']:%Y-%m-%d %H:%M:%S}", row["kind"], row["object"], became, by)) + "\n")
    return EXIT_OK


async def _head(args: argparse.Namespace) -> int:
    """The newest signed head over all changes, signed now where there are newer ones: to be kept elsewhere."""
    settings = settings_of(args)
    async with open_backend(settings, attach=True, existing=True) as backend:
        await backend.store.audit([audited("audit.read", "-", utc_now())])
        await open_checkpoints(settings, backend).publish()
        await open_change_heads(settings, backend).turn()
        found = (await backend.checkpoints.latest([LOG])).get(LOG)
    if found is None:
        raise NotFound("there is no change yet")
    sys.stdout.write(msgspec.json.encode({"note": found.note}).decode() + "\n" if args.json else found.note)
    return EXIT_OK


def _line(number: int, row: AuditRow, *, json: bool) -> str:
    if json:
        return msgspec.json.encode({"number": number, **msgspec.structs.asdict(row)}).decode()
    words = (f"{row.at:%Y-%m-%d %H:%M:%S}", row.who, row.source or "-", row.action, row.object, row.outcome, row.detail)
    return "\t".join(words).rstrip()
