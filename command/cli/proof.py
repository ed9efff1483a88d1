"""`muster verify | export`: a log as it is proven, from the database or from a file without any server."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from command.bootstrap import Backend, open_backend, open_checkpoints, open_service
from command.cli.discovery import is_package, verify_file
from command.cli.operator import audited
from command.cli.parser import EXIT_OK, EXIT_REFUSED, json_flag
from command.cli.serve import settings_of
from command.clock import utc_now
from command.devices.public_keys import public_keys
from command.domain.codec import decode_recorded
from command.errors import Corrupt, Misconfigured, NotFound
from command.ledger import bundle
from command.ledger.disclosure import encode_bytes
from command.ledger.heads import SignedHeads
from command.ledger.signers import Signers, Statements, carried
from command.ledger.verify import LogVerifier, Verification
from command.service.core import Service
from command.service.vault import Vault
from command.store.ports import DisclosureRow, EventRow, PackRow
from command.views.bound import BoundViews
from command.views.lens import lens

READ_CHUNK = 5_000
LINE_BYTES = bundle.LINE_BYTES_MAX

CHANGED = "a box that does not open"
"""Stands for a disclosure that cannot be read: no commitment is to it."""


def verify_arguments(parser: argparse.ArgumentParser) -> None:
    """An incident or a file, and what one has from elsewhere to hold against it."""
    parser.add_argument(
        "incident", help="the incident's id (muster incident list), or the file of an export or a record's package"
    )
    parser.add_argument(
        "--vkey", action="append", default=[], metavar="KEY",
        help="the server's verifier key, as it was published (repeat after a rotation): heads count by it alone",
    )  # fmt: skip
    parser.add_argument(
        "--checkpoint", action="append", default=[], type=Path, metavar="FILE",
        help="a signed head that was kept elsewhere: the log must pass through it",
    )  # fmt: skip
    json_flag(parser)


async def verify(args: argparse.Namespace) -> int:
    """Recompute a log: every header, leaf, root and disclosure, every signature of a device and of a head."""
    notes = [_read_note(path) for path in args.checkpoint]
    file = Path(args.incident)
    if is_package(file):
        return verify_file(file, as_json=args.json, notes=notes, vkeys=args.vkey)
    if file.suffix == ".ndjson" or len(file.parts) > 1 or file.exists():
        return _verify_file(args, file, notes)
    async with open_backend(settings_of(args), attach=True, existing=True) as backend:
        vkeys = args.vkey or [row.vkey for row in await backend.checkpoints.vkeys()]
        kept = await _kept_notes(backend, args.incident)
        heads = SignedHeads(args.incident, [*kept, *notes], vkeys)
        result = await verified(backend, args.incident, heads=heads, progress=not args.json)
        packs, lost = await plan_packs(backend, args.incident)
        detail = f"{result.size} events, {result.problem_count + len(lost)} problems"
        await backend.store.audit([audited("incident.verify", args.incident, utc_now(), detail)])
    told = {
        "packs": tuple(packs), "packs_missing": lost, "heads": heads.held, "heads_of_lost_events": heads.excused,
        "last_head": heads.last.size if heads.last else None, "vkeys": tuple(vkeys), "trusted": bool(args.vkey),
    }  # fmt: skip
    return _say(args, result, told, cut=False)


def _verify_file(args: argparse.Namespace, file: Path, notes: Sequence[str]) -> int:
    """Check an export with nothing but its bytes and what was brought along."""

    def again() -> Iterator[bytes]:
        try:
            with file.open("rb") as lines:
                while line := lines.readline(LINE_BYTES + 2):
                    yield line
        except OSError as exc:
            raise Misconfigured(f"expected a readable file: {exc.strerror}", where=str(file)) from None

    done = bundle.check(again, vkeys=args.vkey, notes=notes)
    told = {
        "packs": done.packs, "packs_missing": done.packs_missing, "heads": done.heads,
        "heads_of_lost_events": done.heads_of_lost_events, "last_head": done.last_head, "vkeys": done.vkeys,
        "trusted": done.trusted, "lens": done.lens, "whole": done.whole,
    }  # fmt: skip
    return _say(args, done.verification, told, cut=not done.whole)


def _read_note(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise Misconfigured("expected a readable file with a signed head", where=str(path)) from None


async def _kept_notes(backend: Backend, log: str) -> list[str]:
    notes: list[str] = []
    after = 0
    while rows := await backend.checkpoints.checkpoints(log, after, READ_CHUNK):
        notes += [row.note for row in rows]
        after = rows[-1].size
    return notes


async def plan_packs(backend: Backend, log: str) -> tuple[dict[str, PackRow], tuple[str, ...]]:
    """The rule packs of every plan that was in force, and the names of those whose bytes are not on the shelf.

    The names come from the log itself; the store holds no bytes under another SHA-256 than their own.
    """
    names: dict[str, None] = {}
    after = 0
    while rows := await backend.store.events(log, after, READ_CHUNK):
        for row in rows:
            names |= dict.fromkeys(bundle.packs_named(row.header))
        after = rows[-1].seq
    kept = {row.digest: row for row in await backend.store.packs([name.rpartition(":")[2] for name in names])}
    held = {name: kept[digest] for name in names if (digest := name.rpartition(":")[2]) in kept}
    return held, tuple(name for name in names if name not in held)


async def verified(backend: Backend, log: str, *, heads: SignedHeads | None = None, progress: bool) -> Verification:
    """Feed the whole log to the verifier. The database claims to hold every disclosure: one that is gone is an alarm."""
    head = await backend.store.head(log)
    if head is None:
        raise NotFound(f"no incident {log}")
    signers, known = Signers(), set[tuple[str, str | None]]()
    verifier = LogVerifier(log, holds_all=True, heads=heads, signers=signers)
    vault = Vault(backend.store, backend.keys)
    after = 0
    while rows := await backend.store.events(log, after, min(READ_CHUNK, head.seq - after)):
        plain: dict[int, dict[str, str | None]] = {}
        found = await backend.store.disclosures(log, [row.seq for row in rows])
        for row, text in zip(found, await _opened(vault, log, found), strict=True):
            plain.setdefault(row.seq, {})[row.path] = text
        new = signed_by(rows) - known
        known |= new
        for key in await public_keys(backend.devices, new):
            signers.add(key)
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


def signed_by(rows: Iterable[EventRow]) -> set[tuple[str, str | None]]:
    """Whose keys it takes to check the statements in these events."""
    return {who for row in rows if (who := carried(row.header)) is not None}


async def _opened(vault: Vault, log: str, rows: Sequence[DisclosureRow]) -> list[str | None]:
    """As `Vault.open`, but a changed box is one problem of the verification, named with its place, not its end."""
    try:
        return await vault.open(log, rows)
    except Corrupt:
        if len(rows) == 1:
            return [CHANGED]
    half = len(rows) // 2
    return [*await _opened(vault, log, rows[:half]), *await _opened(vault, log, rows[half:])]


def _say(args: argparse.Namespace, result: Verification, told: dict[str, object], *, cut: bool) -> int:
    lost = told["packs_missing"]
    assert isinstance(lost, tuple)
    count = result.problem_count + len(lost) + cut
    if args.json:
        shown = msgspec.structs.asdict(result) | {"log": result.log, **told}
        sys.stdout.write(msgspec.json.encode(shown).decode() + "\n")
    else:
        sys.stdout.write("".join(f"{line}\n" for line in _words(result, told, cut=cut)))
        verdict = "the log verifies" if count == 0 else f"{count} problems: the log does not verify"
        sys.stdout.write(verdict + "\n")
    return EXIT_OK if count == 0 else EXIT_REFUSED


def _words(result: Verification, told: dict[str, object], *, cut: bool) -> Iterator[str]:
    fields, packs, lost = result.fields, told["packs"], told["packs_missing"]
    assert isinstance(packs, tuple) and isinstance(lost, tuple)
    yield f"{result.log}: {result.size} events, root {result.root.hex()}"
    yield (
        f"private fields: {fields.shown} verified, {fields.redacted} redacted, {fields.missing} missing"
        + (f", {fields.withheld} not shown to this lens" if fields.withheld else "")
    )
    if result.leaves:
        yield f"{result.leaves} events as leaves alone: in the tree, and what they say is not for this lens"
    yield f"statements of devices: {_statement_words(result.statements)}"
    yield from _head_words(result, told)
    for problem in result.problems:
        yield f"  {problem.kind} at {problem.seq or 'the head'}: {problem.says}"
    for name in packs:
        yield f"rule pack kept, by its SHA-256: {name}"
    for name in lost:
        yield f"  the rule pack {name} is not kept"
    if cut:
        yield "  the export was cut off: its last line is missing, or counts other events"


def _statement_words(found: Statements) -> str:
    let_in = f", {found.released} let in from quarantine" if found.released else ""
    wrong = f", {found.wrong} wrong" if found.wrong else ""
    return f"{found.verified} signed as they say{let_in}{wrong}"


def _head_words(result: Verification, told: dict[str, object]) -> Iterator[str]:
    vkeys, last = told["vkeys"], told["last_head"]
    assert isinstance(vkeys, tuple)
    if last is None:
        yield "signed heads: none"
        return
    rest = f"; {result.size - last} events since" if isinstance(last, int) and result.size > last else ""
    lost = f", {told['heads_of_lost_events']} of events that a restore lost" if told["heads_of_lost_events"] else ""
    yield f"signed heads: {told['heads']} held{lost}, the last at {last}{rest}"
    whose = "the key that you gave" if told["trusted"] else "the log's own word: compare it with what was published"
    for vkey in vkeys:
        yield f"signed by {vkey} ({whose})"


def export_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `muster export`."""
    parser.add_argument("incident", help="the incident's id (muster incident list)")
    parser.add_argument(
        "--public-only", action="store_true",
        help="leave out all private values, and of events whose public part would say that somebody is a minor all but the leaf",
    )  # fmt: skip


async def export(args: argparse.Namespace) -> int:
    """Write the log as NDJSON, with all that it takes to check it without a server; the same form as from the web."""
    settings, log = settings_of(args), args.incident
    async with open_backend(settings, attach=True, existing=True) as backend:
        if await backend.store.head(log) is None:
            raise NotFound(f"no incident {log}")
        detail = "public fields" if args.public_only else "all fields"
        await backend.store.audit([audited("incident.export", log, utc_now(), detail)])
        await open_checkpoints(settings, backend).turn()  # so that a signed head covers all of it
        head = await backend.store.head(log)
        assert head is not None, "nothing is deleted"
        through = "public only" if args.public_only else "all"
        _write(bundle.ExportHead(1, log, head.epoch, head.seq, head.root.hex(), through))
        if args.public_only:
            async with open_service(settings, attach=True, existing=True) as (_, service):
                signed = await _write_public(backend, service, log, head.seq)
        else:
            signed = await _write_events(backend, log, head.seq)
        for key in await public_keys(backend.devices, signed):
            _write(key)
        for vkey in await backend.checkpoints.vkeys():
            _write(bundle.ExportVkey(vkey.vkey, vkey.since))
        for row in await backend.checkpoints.ends(log, head.seq):
            _write(bundle.ExportSigned(row.size, row.note))
        for name, file in (await plan_packs(backend, log))[0].items():
            _write(bundle.ExportPack(name, file.name, encode_bytes(file.raw)))
        _write(bundle.ExportEnd(head.seq))
    return EXIT_OK


async def _write_public(backend: Backend, service: Service, log: str, upto: int) -> set[tuple[str, str | None]]:
    """The events as command sees them without any compartment, no private value opened: headers, else leaves."""
    state, views = await service.state(log), BoundViews(service.stack_of, utc_now, service.stack_of)
    signed: list[EventRow] = []
    after = 0
    while after < upto and (rows := await backend.store.events(log, after, min(READ_CHUNK, upto - after))):
        for row in rows:
            if views.shows_header(state, decode_recorded(row.header), lens("command")):
                signed.append(row)
                _write(bundle.ExportEvent(row.seq, row.leaf.hex(), encode_bytes(row.header)))
            else:
                _write(bundle.ExportEvent(row.seq, row.leaf.hex()))
        after = rows[-1].seq
    return signed_by(signed)


async def _write_events(backend: Backend, log: str, upto: int) -> set[tuple[str, str | None]]:
    """The events as lines; whose keys it takes to check their statements."""
    vault, signed = Vault(backend.store, backend.keys), set[tuple[str, str | None]]()
    after = 0
    while after < upto and (rows := await backend.store.events(log, after, min(READ_CHUNK, upto - after))):
        shown: dict[int, list[str]] = {}
        found = await backend.store.disclosures(log, [row.seq for row in rows])
        for row, text in zip(found, await vault.open(log, found), strict=True):
            if text is not None:
                shown.setdefault(row.seq, []).append(text)
        for event in rows:
            opened = tuple(shown.get(event.seq, ()))
            _write(bundle.ExportEvent(event.seq, event.leaf.hex(), encode_bytes(event.header), opened))
        signed |= signed_by(rows)
        after = rows[-1].seq
    return signed


def _write(line: bundle.Line) -> None:
    sys.stdout.write(bundle.encode(line).decode())
