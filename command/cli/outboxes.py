"""`muster device import` and `muster device turn`: what tablets seal, carried here by hand; and the key that they seal to."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from command.bootstrap import authority_of, open_backend, open_service
from command.cli.operator import audited
from command.cli.parser import EXIT_OK, EXIT_REFUSED, json_flag
from command.cli.serve import settings_of
from command.clock import utc_now
from command.devices.brought import HandedIn, Sealed
from command.devices.desk import open_desk
from command.devices.sealing import Sealing
from command.domain.ids import RecordId
from command.domain.submission import MAX_SEQ, Answer
from command.errors import NotFound, Unreadable

FORMAT: Final = "muster outbox 1"
BATCH: Final = 50
MOST_BYTES: Final = 256 << 20
"""A thousand records are some ten megabytes."""

_IN: Final = frozenset({"accepted", "duplicate", "quarantined"})
"""What became of a record that the tablet may forget."""


class _Boxed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    incident: RecordId
    cmd: RecordId
    device_seq: Annotated[int, Meta(ge=1, le=MAX_SEQ)]
    sealed: Sealed


class Exported(msgspec.Struct, frozen=True):
    """The file that a tablet saves as its last resort: boxes that only this server opens."""

    format: str
    device: RecordId
    records: tuple[_Boxed, ...]


_exports = msgspec.json.Decoder(Exported)


def import_arguments(parser: argparse.ArgumentParser) -> None:
    """The file."""
    parser.add_argument("file", type=Path, help="what the tablet saved: More → The last resort")
    json_flag(parser)


async def import_outbox(args: argparse.Namespace) -> int:
    """Hand in what a tablet saved, in its order, as if it came by the network. The same file again changes nothing."""
    exported = _read(args.file)
    settings = settings_of(args)
    found: list[Answer] = []
    async with open_service(settings, attach=True) as (backend, service):
        device = await backend.devices.device(exported.device)
        if device is None:
            raise NotFound(f"expected a device that was enrolled here, got {exported.device}", where=str(args.file))
        desk = open_desk(backend.devices, backend.keys, service, backend.sign_in_key, authority_of(settings))
        await backend.store.audit([audited("incident.statements", device.id, utc_now(), "from a file")])
        for incident, records in groupby(sorted(exported.records, key=_place), key=lambda one: one.incident):
            for batch in _batches(list(records)):
                handed = [HandedIn(cmd=one.cmd, device_seq=one.device_seq, sealed=one.sealed) for one in batch]
                answers, trail = await desk.intake.take(incident, device, handed, utc_now(), "cli")
                if trail:
                    await backend.store.audit(trail)
                found += answers
    return _told(args, found)


def _place(one: _Boxed) -> tuple[str, int]:
    return one.incident, one.device_seq


def _batches(records: Sequence[_Boxed]) -> list[Sequence[_Boxed]]:
    return [records[at : at + BATCH] for at in range(0, len(records), BATCH)]


def _read(file: Path) -> Exported:
    """Raises Unreadable, saying what was expected."""
    try:
        if file.stat().st_size > MOST_BYTES:
            raise Unreadable(f"expected at most {MOST_BYTES} bytes", where=str(file))
        found = _exports.decode(file.read_bytes())
    except OSError as exc:
        raise Unreadable(f"expected a file that can be read: {exc.strerror}", where=str(file)) from None
    except (msgspec.MsgspecError, UnicodeDecodeError) as exc:
        raise Unreadable(f"expected a tablet's sealed file ({FORMAT}): {exc}", where=str(file)) from None
    if found.format != FORMAT:
        raise Unreadable(f"expected a file of the format {FORMAT}, got {found.format[:40]!r}", where=str(file))
    return found


def _told(args: argparse.Namespace, found: Sequence[Answer]) -> int:
    """What became of each; those that did not come in by name, so that they are not lost sight of."""
    counts = Counter(one.status for one in found)
    out = [one for one in found if one.status not in _IN]
    if args.json:
        rows = [{"cmd": one.cmd, "status": one.status, "problem": one.problem, "where": one.where} for one in out]
        told = {"records": len(found), "by_status": dict(counts), "not_taken": rows}
        sys.stdout.write(msgspec.json.encode(told).decode() + "\n")
    else:
        words = ", ".join(f"{count} {status}" for status, count in sorted(counts.items())) or "nothing"
        sys.stdout.write(f"{len(found)} records: {words}\n")
        for one in out:
            sys.stdout.write(f"  {one.cmd}: {one.status}: {one.problem or ''} {one.where or ''}".rstrip() + "\n")
    return EXIT_REFUSED if out else EXIT_OK


def turn_arguments(parser: argparse.ArgumentParser) -> None:
    """None of its own."""
    json_flag(parser)


async def turn(args: argparse.Namespace) -> int:
    """Put a new key in force that tablets seal to; boxes to the older ones still open."""
    async with open_backend(settings_of(args), attach=True, existing=True) as backend:
        key = await Sealing(backend.keys).turn()
        await backend.store.audit([audited("device.sealing", key.id, utc_now(), "turned")])
    told = f"tablets seal to {key.id} from their next look on; what is sealed to older keys still opens"
    sys.stdout.write((msgspec.json.encode({"id": key.id}).decode() if args.json else told) + "\n")
    return EXIT_OK
