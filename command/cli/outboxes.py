"""`muster device import` and `muster device turn`: what tablets seal, carried here by hand; and the key that they seal to."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from command.bootstrap import Backend, authority_of, open_backend, open_service
from command.cli.operator import audited
from command.cli.parser import EXIT_OK, EXIT_REFUSED, json_flag
from command.cli.serve import settings_of
from command.clock import utc_now
from command.devices.brought import HandedIn
from command.devices.carried import Boxed, CarriedFile, Receipt, carried, device_of
from command.devices.desk import DeviceDesk, open_desk
from command.devices.files import opened_part
from command.devices.model import Device
from command.devices.sealing import Sealing
from command.domain.submission import Answer
from command.errors import Busy, Conflict, NotFound, Unreadable
from command.ledger.disclosure import decode_bytes
from command.service.api import ServiceApi
from command.service.attachments import Attachments, Wish

BATCH: Final = 50

_IN: Final = frozenset({"accepted", "duplicate", "quarantined"})
"""What became of a record that the tablet may forget."""

_OF_ONE: Final = (Unreadable, NotFound, Conflict, Busy)
"""What is wrong with one file and not with the next."""


class _NotTaken(msgspec.Struct, frozen=True):
    """A file that did not come in, and why."""

    attachment: str
    problem: str


class _Decided(msgspec.Struct, frozen=True):
    """A record that was held back before, and what somebody made of it since."""

    cmd: str
    device_seq: int
    item: str | None
    became: str  # let in | turned down | claimed


class _Told(msgspec.Struct, frozen=True):
    """What came of an import. `by_status`: the answers; of what was held back before and is decided, what became of it."""

    records: int
    by_status: dict[str, int]
    decided: list[_Decided]
    not_taken: list[dict[str, str | None]]
    files: dict[str, int]
    files_not_taken: list[_NotTaken]
    receipts: int  # that the log holds as the tablet was told
    not_held: list[Receipt]
    cut_off: bool


def import_arguments(parser: argparse.ArgumentParser) -> None:
    """The file."""
    parser.add_argument("file", type=Path, help="what the tablet saved: More → The last resort")
    json_flag(parser)


async def import_outbox(args: argparse.Namespace) -> int:
    """Hand in what a tablet saved, in its order, as if it came by the network. The same file again changes nothing."""
    try:
        with args.file.open("rb") as stream:
            told = await _handed_in(args, stream)
    except OSError as exc:
        raise Unreadable(f"expected a file that can be read: {exc.strerror}", where=str(args.file)) from None
    except Unreadable as exc:
        raise Unreadable(exc.message, where=f"{args.file}, {exc.where}" if exc.where else str(args.file)) from None
    return _say(args, told)


async def _handed_in(args: argparse.Namespace, stream: BinaryIO) -> _Told:
    named, settings = device_of(stream), settings_of(args)
    async with open_service(settings, attach=True, existing=True) as (backend, service):
        device = await backend.devices.device(named)
        if device is None:
            raise NotFound(f"expected a device that was enrolled here, got {named}", where=str(args.file))
        desk = open_desk(backend.devices, backend.keys, service, backend.sign_in_key, authority_of(settings))
        trail = [
            audited(action, device.id, utc_now(), "from a file") for action in ("incident.statements", "incident.files")
        ]
        await backend.store.audit(trail)
        return await _Importing(backend, service, desk, device, stream).all()


class _Importing:
    """One file of one device."""

    def __init__(
        self, backend: Backend, service: ServiceApi, desk: DeviceDesk, device: Device, stream: BinaryIO
    ) -> None:
        self._store = backend.store
        self._service = service
        self._attachments = Attachments(backend.blobs, backend.keys, utc_now)
        self._desk = desk
        self._device = device
        self._stream = stream
        self._answers: list[Answer] = []
        self._decided: list[_Decided] = []
        self._batch: list[Boxed] = []
        self._files: Counter[str] = Counter()
        self._not_taken: list[_NotTaken] = []
        self._receipts = 0
        self._not_held: list[Receipt] = []

    async def all(self) -> _Told:
        """Everything that is in it."""
        cut_off = False
        for item in carried(self._stream):
            if isinstance(item, Boxed):
                await self._record(item)
            elif isinstance(item, Receipt):
                await self._held_to(item)
            elif isinstance(item, tuple):
                await self._send()  # a file follows its record
                await self._brought(*item)
            else:
                cut_off = True
        await self._send()
        out: list[dict[str, str | None]] = [
            {"cmd": one.cmd, "status": one.status, "problem": one.problem, "where": one.where}
            for one in self._answers
            if one.status not in _IN
        ]
        by_status = Counter[str](one.status for one in self._answers)
        by_status["quarantined"] -= len(self._decided)
        by_status.update(one.became for one in self._decided)
        return _Told(
            len(self._answers),
            {name: count for name, count in by_status.items() if count},
            self._decided,
            out,
            dict(self._files),
            self._not_taken,
            self._receipts,
            self._not_held,
            cut_off,
        )

    async def _brought(self, of: CarriedFile, begins: int) -> None:
        try:
            self._files[await self._file(of, begins)] += 1
        except _OF_ONE as exc:
            self._not_taken.append(_NotTaken(of.attachment, exc.message))

    async def _held_to(self, receipt: Receipt) -> None:
        """Whether the log has at that place what it once said that it has."""
        found = await self._store.leaves(receipt.incident, receipt.seq - 1, 1)
        if found == [(receipt.seq, decode_bytes(receipt.leaf))]:
            self._receipts += 1
        else:
            self._not_held.append(receipt)

    async def _record(self, one: Boxed) -> None:
        if self._batch and (len(self._batch) == BATCH or self._batch[0].incident != one.incident):
            await self._send()
        self._batch.append(one)

    async def _send(self) -> None:
        if not self._batch:
            return
        handed = [HandedIn(cmd=one.cmd, device_seq=one.device_seq, sealed=one.sealed) for one in self._batch]
        log, self._batch = self._batch[0].incident, []
        try:
            answers, trail = await self._desk.intake.take(log, self._device, handed, utc_now(), "cli")
        except NotFound as exc:  # an incident that is not here must not hold up the others
            self._answers += [Answer(one.cmd, "unreadable", problem=exc.message, where="incident") for one in handed]
            return
        if trail:
            await self._store.audit(trail)
        self._answers += answers
        await self._look(log, handed, answers)

    async def _look(self, log: str, handed: list[HandedIn], answers: list[Answer]) -> None:
        """What became of those that were held back, now or by an earlier try: the answer is the same either way."""
        numbers = {
            sub.device_seq: sub.cmd
            for sub, answer in zip(handed, answers, strict=True)
            if answer.status == "quarantined" and sub.device_seq is not None
        }
        if not numbers:
            return
        for one in await self._desk.quarantine.became(log, self._device, list(numbers), "cli"):
            if one.fate in ("let in", "turned down", "claimed"):
                self._decided.append(_Decided(numbers[one.device_seq], one.device_seq, one.item, one.fate))

    async def _file(self, of: CarriedFile, begins: int) -> str:
        """Bring one file from where an earlier try stopped; `kept`, `unreadable` or `there before`. Raises `_OF_ONE`."""
        await self._service.state(of.incident)  # there is such an incident
        ends = await self._attachments.ends(of.incident, [of.attachment])
        if any(end.sha256 == of.sha256 for end in ends):
            return "there before"
        if of.key is None:
            raise Unreadable("its key is not on the tablet any more")
        if not of.whole:
            raise Unreadable("its parts are not all on the tablet any more")
        wish = Wish(of.attachment, of.subject, of.kind, of.sha256, of.size_bytes)
        announced = await self._attachments.announce(of.incident, self._device.id, wish)
        found = await self._attachments.progress(of.incident, announced.upload, self._device.id)
        while found.end is None and not found.whole:
            sealed = of.part(self._stream, begins, found.offset)
            data = await opened_part(
                self._desk.sealing, of.incident, self._device.id, announced, of.key, found.offset, sealed
            )
            await self._attachments.write(found, found.offset, data)
            found = await self._attachments.progress(of.incident, announced.upload, self._device.id)
        end = found.end or await self._attachments.finish(of.incident, announced.upload)
        if end.sha256 != of.sha256:
            raise Conflict("its bytes are not those that the record names")
        return end.judged


def _say(args: argparse.Namespace, told: _Told) -> int:
    """What became of each; those that did not come in by name, so that they are not lost sight of."""
    if args.json:
        sys.stdout.write(msgspec.json.encode(told).decode() + "\n")
    else:
        sys.stdout.write(f"{told.records} records: {_counted(told.by_status)}\n")
        for known in told.decided:
            sys.stdout.write(f"  {known.cmd}: held back before, and {known.became} since ({known.item})\n")
        for one in told.not_taken:
            words = f"  {one['cmd']}: {one['status']}: {one['problem'] or ''} {one['where'] or ''}"
            sys.stdout.write(words.rstrip() + "\n")
        files = sum(told.files.values()) + len(told.files_not_taken)
        sys.stdout.write(f"{files} files: {_counted({**told.files, 'not taken': len(told.files_not_taken)})}\n")
        for file in told.files_not_taken:
            sys.stdout.write(f"  {file.attachment}: not taken: {file.problem}\n")
        if told.receipts or told.not_held:
            sys.stdout.write(f"{told.receipts} of {told.receipts + len(told.not_held)} receipts hold\n")
        for receipt in told.not_held:
            words = "the log does not hold what the tablet was told: it was restored, or changed (muster verify)"
            sys.stdout.write(f"  {receipt.incident} #{receipt.seq}: {words}\n")
        if told.cut_off:
            sys.stdout.write("the file was cut off: save it again on the tablet, and import that as well\n")
    bad = told.not_taken or told.files_not_taken or told.not_held or told.cut_off
    return EXIT_REFUSED if bad else EXIT_OK


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items()) if count) or "nothing"


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
