"""`muster import | verify | export | tail`: what goes in, what comes out, and whether it is whole."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from command.bootstrap import Backend, open_backend, open_service
from command.cli.operator import audited, author, import_secret
from command.cli.parser import EXIT_OK, EXIT_REFUSED, a_day, json_flag
from command.cli.serve import settings_of
from command.cli.signin import sign_in
from command.clock import utc_now
from command.domain.codec import decode_recorded
from command.domain.envelope import Origin
from command.domain.events import IncidentOpened, PlanChanged
from command.domain.submission import Answer, Submission
from command.errors import Corrupt, MusterError, NotFound
from command.exercise.cli import ImportArgs, import_command
from command.ledger.disclosure import encode_bytes
from command.ledger.verify import LogVerifier, Verification
from command.service.vault import Vault
from command.store.ports import DisclosureRow, PackRow
from command.stream.client import tail as follow_tail

READ_CHUNK = 5_000

CHANGED = "a box that does not open"
"""Stands for a disclosure that cannot be read: no commitment is to it."""


def import_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `muster import`."""
    parser.add_argument("file", type=Path, help="CSV or NDJSON, also .gz")
    parser.add_argument("--mapping", required=True, help="a mapping file, or the name of one that comes with Muster")
    parser.add_argument("--incident", required=True, help="the incident's id")
    parser.add_argument("--day", type=a_day, metavar="YYYY-MM-DD", help="only rows of this local day")
    parser.add_argument("--dry-run", action="store_true", help="say what would happen; send nothing")
    json_flag(parser)


async def import_records(args: argparse.Namespace) -> int:
    """Bring external records in, through the same gate as everything, and account for every row."""
    settings = settings_of(args)
    wanted = ImportArgs(
        file=args.file,
        mapping=args.mapping,
        incident=args.incident,
        dry_run=args.dry_run,
        json=args.json,
        day=args.day,
        secret=import_secret(settings),
    )
    if args.dry_run:
        return await import_command(wanted, None, out=sys.stdout, err=sys.stderr)
    async with open_service(settings, attach=True) as (_, service):
        state = await service.state(args.incident)
        agency = state.incident.lead_agency if state.incident else "-"

        async def send(pairs: list[tuple[Submission, Origin]]) -> list[Answer]:
            each = [(author("records-import", agency, origin), sub) for sub, origin in pairs]
            return await service.submit_each(args.incident, each)

        return await import_command(wanted, send, out=sys.stdout, err=sys.stderr)


def incident_argument(parser: argparse.ArgumentParser) -> None:
    """One incident, and --json."""
    parser.add_argument("incident", help="the incident's id (muster incident list)")
    json_flag(parser)


async def verify(args: argparse.Namespace) -> int:
    """Recompute a log from the database: every header, leaf, root and disclosure."""
    async with open_backend(settings_of(args), attach=True, existing=True) as backend:
        result = await verified(backend, args.incident, progress=not args.json)
        packs, lost = await plan_packs(backend, args.incident)
        detail = f"{result.size} events, {result.problem_count + len(lost)} problems"
        await backend.store.audit([audited("incident.verify", args.incident, utc_now(), detail)])
    if args.json:
        told = msgspec.structs.asdict(result) | {"packs": tuple(packs), "packs_missing": lost}
        sys.stdout.write(msgspec.json.encode(told).decode() + "\n")
    else:
        _say_verified(args.incident, result, packs, lost)
    return EXIT_OK if result.problem_count == 0 and not lost else EXIT_REFUSED


async def plan_packs(backend: Backend, log: str) -> tuple[dict[str, PackRow], tuple[str, ...]]:
    """The rule packs of every plan that was in force, and the names of those whose bytes are not on the shelf.

    The names come from the log itself; the store holds no bytes under another SHA-256 than their own.
    """
    names: dict[str, None] = {}
    after = 0
    while rows := await backend.store.events(log, after, READ_CHUNK):
        for row in rows:
            if any(word in row.header for word in _NAMES_PACKS):
                event = decode_recorded(row.header).event
                found = event.packs if isinstance(event, IncidentOpened) else ()
                names |= dict.fromkeys(event.after if isinstance(event, PlanChanged) else found)
        after = rows[-1].seq
    kept = {row.digest: row for row in await backend.store.packs([name.rpartition(":")[2] for name in names])}
    held = {name: kept[digest] for name in names if (digest := name.rpartition(":")[2]) in kept}
    return held, tuple(name for name in names if name not in held)


_NAMES_PACKS = (b'"type":"IncidentOpened"', b'"type":"PlanChanged"')


async def verified(backend: Backend, log: str, *, progress: bool) -> Verification:
    """Feed the whole log to the verifier. The database claims to hold every disclosure: one that is gone is an alarm."""
    head = await backend.store.head(log)
    if head is None:
        raise NotFound(f"no incident {log}")
    verifier = LogVerifier(log, holds_all=True)
    vault = Vault(backend.store, backend.keys)
    after = 0
    while rows := await backend.store.events(log, after, min(READ_CHUNK, head.seq - after)):
        plain: dict[int, dict[str, str | None]] = {}
        found = await backend.store.disclosures(log, [row.seq for row in rows])
        for row, text in zip(found, await _opened(vault, log, found), strict=True):
            plain.setdefault(row.seq, {})[row.path] = text
        for event in rows:
            verifier.feed(event.seq, event.header, event.leaf, plain.get(event.seq))
        after = rows[-1].seq
        if progress:
            sys.stderr.write(f"\r{after} of {head.seq} events")
        if after >= head.seq:
            break
    if progress:
        sys.stderr.write("\n")
    return verifier.finish(head.seq, head.root, head.epoch)


async def _opened(vault: Vault, log: str, rows: Sequence[DisclosureRow]) -> list[str | None]:
    """As `Vault.open`, but a changed box is one problem of the verification, named with its place, not its end."""
    try:
        return await vault.open(log, rows)
    except Corrupt:
        if len(rows) == 1:
            return [CHANGED]
    half = len(rows) // 2
    return [*await _opened(vault, log, rows[:half]), *await _opened(vault, log, rows[half:])]


def _say_verified(log: str, result: Verification, packs: Iterable[str], lost: Sequence[str]) -> None:
    fields = result.fields
    sys.stdout.write(f"{log}: {result.size} events, root {result.root.hex()}\n")
    sys.stdout.write(f"private fields: {fields.shown} verified, {fields.redacted} redacted, {fields.missing} missing\n")
    for problem in result.problems:
        sys.stdout.write(f"  {problem.kind} at {problem.seq or 'the head'}: {problem.says}\n")
    for name in packs:
        sys.stdout.write(f"rule pack kept, by its SHA-256: {name}\n")
    for name in lost:
        sys.stdout.write(f"  the rule pack {name} is not kept\n")
    count = result.problem_count + len(lost)
    verdict = "the log verifies" if count == 0 else f"{count} problems: the log does not verify"
    sys.stdout.write(verdict + "\n")


def export_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `muster export`."""
    parser.add_argument("incident", help="the incident's id (muster incident list)")
    parser.add_argument("--public-only", action="store_true", help="leave all private values out")


async def export(args: argparse.Namespace) -> int:
    """Write the log as NDJSON: exact header bytes, the disclosures that go with them, and the rule packs at the end."""
    async with open_backend(settings_of(args), attach=True, existing=True) as backend:
        if await backend.store.head(args.incident) is None:
            raise NotFound(f"no incident {args.incident}")
        detail = "public fields" if args.public_only else "all fields"
        await backend.store.audit([audited("incident.export", args.incident, utc_now(), detail)])
        vault = Vault(backend.store, backend.keys)
        after = 0
        while rows := await backend.store.events(args.incident, after, READ_CHUNK):
            shown: dict[int, list[str]] = {}
            if not args.public_only:
                found = await backend.store.disclosures(args.incident, [row.seq for row in rows])
                for row, text in zip(found, await vault.open(args.incident, found), strict=True):
                    if text is not None:
                        shown.setdefault(row.seq, []).append(text)
            for event in rows:
                line = {
                    "seq": event.seq,
                    "header": encode_bytes(event.header),
                    "leaf": event.leaf.hex(),
                    "disclosures": shown.get(event.seq, []),
                }
                sys.stdout.write(msgspec.json.encode(line).decode() + "\n")
            after = rows[-1].seq
        for name, file in (await plan_packs(backend, args.incident))[0].items():
            pack = {"pack": name, "file": file.name, "raw": encode_bytes(file.raw)}
            sys.stdout.write(msgspec.json.encode(pack).decode() + "\n")
    return EXIT_OK


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
