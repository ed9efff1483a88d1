"""A package of one record for prosecutor and defence: gathered through a lens, and written as one archive piece by piece.

The same record, as of the same event and through the same lens, is the same bytes whenever it is asked for: times in it
are the log's, files stand in a fixed order and bear no date. Nothing is written to a disk on the way, and no file is in
memory whole. What the lens does not show is not there and named in `withheld.json`; what it may not know of is not named.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import zipfile
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping, Sequence
from contextlib import aclosing
from datetime import datetime
from typing import Final

import msgspec

from command.domain.envelope import Recorded, private_paths
from command.domain.events import DutyStarted
from command.domain.events_arrest import AttachmentAdded
from command.domain.private import compartments
from command.domain.state import State
from command.errors import Denied
from command.ledger import merkle
from command.ledger import package as p
from command.ledger.disclosure import encode_bytes
from command.reports.package_words import About, Reason, Withheld, read_me
from command.reports.pdf import as_pdf
from command.reports.record import record_paper
from command.store.ports_blobs import Copy
from command.uploads.kept import Blob
from command.views.attached import blob_of, finding_of, may_see
from command.views.lens import Lens, sight_of
from command.views.record import of_report, tells_of_a_minor
from command.views.scene import Scene
from command.views.sight_words import WORDS
from command.views.timeline import is_redacted
from command.web.one_record import Sources, Whole, read_whole, scene_then

LEAVES: Final = 20_000
"""Leaves a read, about a megabyte."""

_VERSION: Final = 1
_DAY_NONE: Final = (1980, 1, 1, 0, 0, 0)  # the earliest that the format has: no file bears a date


class Part(msgspec.Struct, frozen=True):
    """A file of the package: its bytes, or a copy of an attachment to read from where it is kept."""

    name: str
    raw: bytes = b""
    blob: Blob | None = None
    copy: Copy = "original"
    size_bytes: int = 0


class Package(msgspec.Struct, frozen=True):
    """What will be written, and what the trail says of it."""

    log: str
    arrest: str
    parts: tuple[Part, ...]
    detail: str


class _Picked(msgspec.Struct, frozen=True):
    """An event with why it is here, and what may be said of it."""

    one: Recorded
    about: p.About
    withheld: tuple[str, ...]
    bare: bool


async def gather(
    sources: Sources, log: str, arrest: str, lens: Lens, then: State, at: datetime, *, originals: bool
) -> Package:
    """Everything of a record, as of the state `then` at its time `at`, through a lens.

    `originals`: files may go as they were taken, where the lens shows them so. Raises NotFound for a record that is not
    there or not this lens's; Denied for whoever still owes a first account.
    """
    if sight_of(lens).owed:
        raise Denied("write your own first account before you see a package with others' accounts")
    head = await sources.service.state(log)
    scene = scene_then(sources, head, then, lens, at)
    whole = await read_whole(sources, log, scene, arrest, None)
    picked, private = await _picked(sources, log, whole)
    events, absent, root = await _events(sources, log, whole, picked, private)
    withheld = _withheld(whole.scene, picked, absent)
    rows, files = await _attachments(sources, log, whole, picked, originals=originals)
    incident = then.incident
    assert incident is not None, "a record is of an incident that was opened"
    foot = f"Log {log}, epoch {then.epoch}, up to event {then.seq}, root {root}"
    paper = record_paper(whole.view, incident.name, incident.time_zone, foot, exercise=incident.clock is not None)
    parts = [
        Part("record.pdf", await asyncio.to_thread(as_pdf, paper, at)),
        Part("record.json", _json(whole.view)),
        Part(p.EVENTS, events),
        Part(p.ATTACHMENTS, _json(rows)),
        *files,
        Part("withheld.json", _json(withheld)),
        *await _rules(sources, log, then),
    ]
    about = About(
        incident=incident.name, zone=incident.time_zone, exercise=incident.clock is not None, log=log, epoch=then.epoch,
        seq=then.seq, root=root, lens=lens, sees=_sees(lens), events=len(picked),
    )  # fmt: skip
    names = [part.name for part in parts]
    parts.insert(0, Part("README.txt", read_me(whole.view, about, withheld, names).encode()))
    read = ", ".join(whole.view.compartments) or "no compartment"
    return Package(log, arrest, tuple(parts), f"package of record {arrest} as of event {then.seq}: {read}")


async def write(sources: Sources, package: Package) -> AsyncGenerator[bytes, None]:
    """The archive, a piece at a time. Raises Corrupt in the middle for a kept file that was changed."""
    sink = _Sink()
    named: list[p.PackedFile] = []
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        for part in package.parts:
            digest, size = hashlib.sha256(), 0
            with archive.open(_entry(part.name, part.size_bytes or len(part.raw)), "w") as file:
                async with aclosing(_pieces(sources, package.log, part)) as pieces:
                    async for piece in pieces:
                        digest.update(piece)
                        size += len(piece)
                        file.write(piece)
                        yield sink.take()
            named.append(p.PackedFile(part.name, digest.hexdigest(), size))
        archive.writestr(_entry(p.MANIFEST, 0), _json(p.Manifest(_VERSION, package.log, package.arrest, tuple(named))))
        yield sink.take()
    yield sink.take()


class _Sink(io.RawIOBase):
    """Takes what the archive writes, to be taken on; nobody can seek in it."""

    def __init__(self) -> None:
        self._held = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        raw = bytes(data)  # type: ignore[call-overload]  # any buffer, as io has it
        self._held += raw
        return len(raw)

    def take(self) -> bytes:
        """What came since the last time."""
        taken = bytes(self._held)
        self._held.clear()
        return taken


def _entry(name: str, size_bytes: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _DAY_NONE)
    info.create_system, info.external_attr, info.file_size = 3, 0o644 << 16, size_bytes
    return info


async def _pieces(sources: Sources, log: str, part: Part) -> AsyncGenerator[bytes, None]:
    if part.blob is None:
        yield part.raw
        return
    kept = sources.attachments.read(log, part.blob, part.copy, part.size_bytes, 0, part.size_bytes)
    async with aclosing(kept):
        async for piece in kept:
            yield piece


def _json(value: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n"


def _sees(lens: Lens) -> str:
    kind = sight_of(lens).kind
    assert kind != "nothing", "through what is no lens no record is found"
    return WORDS[kind]


# Events ---------------------------------------------------------------------------------


async def _picked(sources: Sources, log: str, whole: Whole) -> tuple[list[_Picked], Mapping[int, Mapping[str, str]]]:
    """The events of the record, of its force, and of what had been ordered in that place, as far as the lens sees them."""
    scene, service = whole.scene, sources.service
    about: dict[int, p.About] = {one.seq: "record" for one in whole.events}
    events = {one.seq: one for one in whole.events}
    reports = [of_report(link.report) for link in whole.view.force]
    for one in await sources.arrest_indexes.events(service, log, reports, scene.state.seq):
        events.setdefault(one.seq, one)
        about.setdefault(one.seq, "force")
    for seq, why in _around(whole):
        if seq not in events:
            (events[seq],) = await service.recorded(log, seq - 1, 1)
            about[seq] = why
    private = await service.private(log, sorted(events))
    found = []
    for seq in sorted(events):
        one = events[seq]
        line = sources.views.entry(scene.state, one, scene.lens, private.get(seq, {}), None)
        if line is None or (isinstance(one.event, DutyStarted) and tells_of_a_minor(scene, one.event.rule)):
            continue
        bare = not sources.views.shows_header(scene.state, one, scene.lens)
        found.append(_Picked(one, about[seq], line.withheld, bare))
    return found, private


def _around(whole: Whole) -> Iterable[tuple[int, p.About]]:
    """The orders to disperse that had been given in that place by then, and the newest look at the ways out."""
    told, state = whole.view.dispersal, whole.scene.state
    if told is None:
        return
    yield from ((one.seq, "warning") for one in told.given)
    looks = state.ground.exits.get(told.sector)
    look = looks.newest(whole.found.at) if looks else None
    if look is not None:
        yield look.seq, "exits"


async def _events(
    sources: Sources, log: str, whole: Whole, picked: Sequence[_Picked], private: Mapping[int, Mapping[str, str]]
) -> tuple[bytes, dict[int, tuple[str, ...]], str]:
    """The lines of the events; seq -> the private fields whose value is gone; the root, in hexadecimal."""
    state = whole.scene.state
    leaves = [leaf async for leaf in _leaves(sources, log, state.seq)]
    paths = await asyncio.to_thread(merkle.inclusion_proofs, leaves, [one.one.seq - 1 for one in picked])
    root = (await asyncio.to_thread(merkle.root_from_leaves, leaves)).hex()
    opened = await _opened(sources, log, [one.one.seq for one in picked if not one.bare])
    lines: list[p.PackageHead | p.PackageEvent | p.PackageEnd] = [
        p.PackageHead(_VERSION, log, state.epoch, state.seq, root, whole.scene.lens, whole.found.arrest)
    ]
    absent: dict[int, tuple[str, ...]] = {}
    for item in picked:
        seq = item.one.seq
        proof = tuple(node.hex() for node in paths[seq - 1])
        event = p.PackageEvent(seq, item.about, leaves[seq - 1].hex(), proof)
        if not item.bare:
            (row,) = await sources.store.events(log, seq - 1, 1)
            fields = private_paths(item.one)
            texts = opened.get(seq, {})
            gone = tuple(path for path in fields if path not in item.withheld and path not in texts)
            absent[seq] = gone
            event = msgspec.structs.replace(
                event,
                header=encode_bytes(row.header),
                disclosures=tuple(texts[path] for path in sorted(texts) if path not in item.withheld),
                withheld=tuple(path for path in fields if path in item.withheld),
                absent=gone,
            )
        lines.append(event)
    lines.append(p.PackageEnd(len(picked)))
    return b"".join(msgspec.json.encode(line) + b"\n" for line in lines), absent, root


async def _leaves(sources: Sources, log: str, upto: int) -> AsyncIterator[bytes]:
    after = 0
    while after < upto:
        rows = await sources.store.leaves(log, after, min(LEAVES, upto - after))
        for seq, leaf in rows:
            after = seq
            yield leaf
        if not rows:
            return


async def _opened(sources: Sources, log: str, seqs: Sequence[int]) -> dict[int, dict[str, str]]:
    """seq -> field -> disclosure, of those that can still be opened."""
    rows = await sources.store.disclosures(log, seqs)
    found: dict[int, dict[str, str]] = {}
    for row, text in zip(rows, await sources.open_disclosures(log, rows), strict=True):
        if text is not None:
            found.setdefault(row.seq, {})[row.path] = text
    return found


# What is not there ------------------------------------------------------------------------


def _withheld(scene: Scene, picked: Iterable[_Picked], absent: Mapping[int, tuple[str, ...]]) -> tuple[Withheld, ...]:
    found = []
    for item in picked:
        one = item.one
        kind = one.header.type
        if item.bare:
            says = "that it was recorded is for this role, and nothing of what it says"
            found.append(Withheld(one.seq, kind, "", "lens", says))
            continue
        for field in item.withheld:
            reason: Reason = "lens" if one.header.confidential is None else "confidential"
            found.append(Withheld(one.seq, kind, field, reason, _why(one, field, reason)))
        for field in absent.get(one.seq, ()):
            gone: Reason = "sealed" if is_redacted(scene.state, one) else "missing"
            found.append(Withheld(one.seq, kind, field, gone, _gone(scene.state, one, gone)))
    return tuple(found)


def _why(one: Recorded, field: str, reason: Reason) -> str:
    if reason == "confidential":
        return "it was reported in confidence"
    compartment = compartments(type(one.event)).get(field)
    return f"it takes the compartment {compartment}" if compartment else "not for this role"


def _gone(state: State, one: Recorded, reason: Reason) -> str:
    if reason == "missing":
        return "the value is gone, and no order is on record"
    subject = getattr(one.event, "subject", None) or f"e:{one.header.id}"
    order = state.redacted_subjects.get(subject) or state.redacted_seqs.get(one.seq)
    return f"destroyed by event {order}, which names the authority"


# Attachments and rules ----------------------------------------------------------------------


async def _attachments(
    sources: Sources, log: str, whole: Whole, picked: Iterable[_Picked], *, originals: bool
) -> tuple[tuple[p.PackedAttachment, ...], list[Part]]:
    """What the record names, each with its file where the lens allows: as it was taken, else cleaned, else not at all."""
    scene, state = whole.scene, whole.scene.state
    added = [item.one for item in picked if isinstance(item.one.event, AttachmentAdded) and not item.bare]
    subjects = {_of(one).subject for one in added}  # a recording of a force report is of a subject of its own
    blobs = await sources.attachments.blobs(log, sorted({whole.found.subject, *subjects}))
    ends = await sources.attachments.ends(log, [_of(one).attachment for one in added])
    rows: list[p.PackedAttachment] = []
    files: list[Part] = []
    for one in added:
        event = _of(one)
        record = state.arrests.attached.get(event.attachment)
        if record is None or record.seq != one.seq:
            continue  # reported again under the same id: the first report of it stands
        blob = blob_of(record, blobs)
        finding = finding_of(state, record, blob, ends)
        row = p.PackedAttachment(
            event.attachment, one.seq, event.kind, event.sha256, event.size_bytes, "none", finding=finding
        )
        part: Part | None = None
        may = tuple(copy for copy in _COPIES if may_see(state, one, scene.lens, copy))
        if blob is None:
            row = msgspec.structs.replace(row, why=f"its bytes are not here: {finding}")
        elif not may:
            row = msgspec.structs.replace(row, why="not for this role")
        else:
            part, row = await _file(sources, log, row, blob, original=originals and "original" in may)
        rows.append(row)
        files.extend([part] if part else [])
    return tuple(rows), files


_COPIES: Final[tuple[Copy, Copy]] = ("original", "shown")


async def _file(
    sources: Sources, log: str, row: p.PackedAttachment, blob: Blob, *, original: bool
) -> tuple[Part | None, p.PackedAttachment]:
    manifest = await sources.attachments.manifest(log, blob)
    name = f"attachments/{row.seq}.{manifest.suffix or 'bin'}"
    if original:
        part = Part(name, blob=blob, copy="original", size_bytes=blob.size_bytes)
        return part, msgspec.structs.replace(row, copy="original", file=name)
    if not manifest.shown_sha256:
        return None, msgspec.structs.replace(
            row, why="there is no copy for screens, and the original is not for this role"
        )
    copy: Copy = "shown" if manifest.cleaned else "original"
    why = "cleaned of what a camera writes into it: the original is not for this role"
    part = Part(name, blob=blob, copy=copy, size_bytes=manifest.shown_bytes)
    return part, msgspec.structs.replace(row, copy="cleaned", file=name, why=why)


def _of(one: Recorded) -> AttachmentAdded:
    assert isinstance(one.event, AttachmentAdded), "picked by its type"
    return one.event


async def _rules(sources: Sources, log: str, then: State) -> list[Part]:
    """The packs of every plan that had been in force by then."""
    wanted = {name for span in then.plan.stacks for name in span.packs}
    kept = [row for name, row in await sources.service.packs(log) if name in wanted]
    return [Part(f"rules/{row.digest[:16]}.toml", row.raw) for row in sorted(kept, key=lambda row: row.digest)]
