"""`muster import | tail`: records that come in from outside, and an incident as it happens."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import msgspec

from command.bootstrap import open_service
from command.cli.operator import author, import_secret
from command.cli.parser import EXIT_OK, a_day, json_flag
from command.cli.serve import settings_of
from command.cli.signin import sign_in
from command.clock import utc_now
from command.domain.clock import incident_time
from command.domain.envelope import Origin
from command.domain.submission import Answer, Submission
from command.errors import Misconfigured, MusterError
from command.exercise.cli import NEW, ImportArgs, import_command
from command.exercise.completeness import Completeness, completeness
from command.stream.client import tail as follow_tail


def import_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `muster import`."""
    parser.add_argument("file", type=Path, help="CSV or NDJSON, also compressed with gzip")
    parser.add_argument(
        "--mapping",
        required=True,
        help="a mapping file, or the name of one that comes with Muster; new: draft one from the table",
    )
    parser.add_argument("--incident", default="", help="the incident's id; a dry run needs none")
    parser.add_argument("--day", type=a_day, metavar="YYYY-MM-DD", help="only rows of this local day")
    parser.add_argument("--dry-run", action="store_true", help="say what would happen; send nothing")
    json_flag(parser)


async def import_records(args: argparse.Namespace) -> int:
    """Bring external records in, through the same gate as everything, and account for every row."""
    wanted = ImportArgs(
        file=args.file,
        mapping=args.mapping,
        incident=args.incident,
        dry_run=args.dry_run,
        json=args.json,
        day=args.day,
    )
    if args.dry_run or args.mapping == NEW:
        return await import_command(wanted, None, out=sys.stdout, err=sys.stderr, now=utc_now())
    if not args.incident:
        raise Misconfigured("expected --incident and an id (muster incident list), or --dry-run")
    settings = settings_of(args)
    wanted = msgspec.structs.replace(wanted, secret=import_secret(settings))
    async with open_service(settings, attach=True, existing=True) as (_, service):
        state = await service.state(args.incident)
        agency = state.incident.lead_agency if state.incident else "-"

        async def send(pairs: list[tuple[Submission, Origin]]) -> list[Answer]:
            each = [(author("records-import", agency, origin), sub) for sub, origin in pairs]
            return await service.submit_each(args.incident, each)

        async def standing(source: str) -> Completeness:
            now = await service.state(args.incident)
            at = incident_time(now.incident.clock if now.incident else None, utc_now())
            return completeness(now, service.stack_of(now), source, at)

        return await import_command(wanted, send, out=sys.stdout, err=sys.stderr, now=utc_now(), standing=standing)


def incident_argument(parser: argparse.ArgumentParser) -> None:
    """One incident, and --json."""
    parser.add_argument("incident", help="the incident's id (muster incident list)")
    json_flag(parser)


def tail_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `muster tail`."""
    parser.add_argument("incident", help="the incident's id")
    parser.add_argument("--url", required=True, help="where the server is reached, e.g. http://localhost:8765")
    parser.add_argument("--link", required=True, help="a one-time link or its token, from muster user invite")
    json_flag(parser)


async def tail(args: argparse.Namespace) -> int:
    """Follow an incident over its socket, one line an event, until interrupted."""
    cookie = await sign_in(args.url, args.link.rpartition("#")[2])
    await follow_tail(args.url, cookie, args.incident, on_line=_say_line, json=args.json, on_wait=_say_wait)
    return EXIT_OK


def _say_line(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _say_wait(wait_s: float, exc: MusterError) -> None:
    sys.stderr.write(f"{exc.message}; trying again in {wait_s:.1f} s\n")
