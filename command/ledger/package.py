"""A package about one record: what is in it, and its verification from nothing but its own bytes.

A package is a ZIP archive of stored (not compressed) files. `manifest.json`, the last of them, names every other one with
its SHA-256. `events.ndjson` holds the events that concern the record: each with the leaf that the log has of it, the
path from that leaf to the root of the whole log (RFC 6962), the exact bytes of its header where the reader may see them,
and the disclosures that open its private fields. So each event is proven to be in a log of that root, without the rest
of the log. Whether the root is the log's own is settled by comparing it with a head kept elsewhere.

What is wrong is data, as in `ledger.verify`: one bad file must not hide the next.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from hashlib import sha256
from typing import Final, Literal

import msgspec

from command.errors import Corrupt, Unreadable
from command.ledger import disclosure, merkle
from command.ledger.header import Header, read_header

EVENTS: Final = "events.ndjson"
ATTACHMENTS: Final = "attachments.json"
MANIFEST: Final = "manifest.json"

MOST_FILES: Final = 2_000  # a record with a thousand attachments has them all, twice over
LINE_BYTES: Final = 4 << 20  # a header holds a device's statement of at most a megabyte
JSON_BYTES: Final = 64 << 20  # attachments and manifest: a line for each file
CHUNK: Final = 1 << 20
PROBLEMS_KEPT: Final = 100

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,150}(/[A-Za-z0-9][A-Za-z0-9._-]{0,150})?")

About = Literal["record", "force", "warning", "exits"]
"""Why an event is in the package: it is of the record or of its person; or the report of force that belongs to it, an
order to disperse that had been given in that place by then, the newest look at the ways out there."""


class PackageHead(msgspec.Struct, frozen=True, tag_field="type", tag="package"):
    """First line of the events: of which record and log, up to which event, and the root that their paths lead to."""

    v: int
    log: str
    epoch: int
    seq: int
    root: str
    lens: str
    arrest: str


class PackageEvent(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag="event"):
    """One event. `header` is base64url of the exact bytes, "" where more than its leaf is not for this lens."""

    seq: int
    about: About
    leaf: str
    proof: tuple[str, ...]
    header: str = ""
    disclosures: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()  # private fields that the lens does not show
    absent: tuple[str, ...] = ()  # private fields whose value was destroyed on authority, or is missing


class PackageEnd(msgspec.Struct, frozen=True, tag_field="type", tag="end"):
    """Last line: without it the events were cut off."""

    events: int


class PackedFile(msgspec.Struct, frozen=True):
    """A file of the package."""

    name: str
    sha256: str
    size_bytes: int


class Manifest(msgspec.Struct, frozen=True):
    """Every file of the package but this one, in their order."""

    v: int
    log: str
    arrest: str
    files: tuple[PackedFile, ...]


Copied = Literal["original", "cleaned", "none"]


class PackedAttachment(msgspec.Struct, frozen=True, omit_defaults=True):
    """A file that the record names. `sha256` is of the bytes as they were taken; `file` its place in the package."""

    attachment: str
    seq: int
    kind: str
    sha256: str
    size_bytes: int
    copy: Copied
    file: str = ""
    finding: str = ""
    why: str = ""  # where it is not here, or not as it was taken


class PackageVerification(msgspec.Struct, frozen=True):
    """What was found. `problems` holds the first ones, `problem_count` counts all."""

    log: str
    arrest: str
    epoch: int
    size: int
    root: str
    files: int
    events: int
    shown: int  # private values that open their commitment
    withheld: int
    absent: int
    originals: int  # attachments with the digest that the log has of them
    problems: tuple[str, ...]
    problem_count: int

    @property
    def ok(self) -> bool:
        """True when nothing at all was found."""
        return self.problem_count == 0


_lines = msgspec.json.Decoder(PackageHead | PackageEvent | PackageEnd)
_manifests = msgspec.json.Decoder(Manifest)
_attached = msgspec.json.Decoder(list[PackedAttachment])


def verify_package(archive: zipfile.ZipFile) -> PackageVerification:
    """Check every file, every event with its path and disclosures, and every original against the log's digest of it.

    Raises Unreadable for what is no package at all.
    """
    try:
        return _Check(archive).run()
    except (zipfile.BadZipFile, EOFError, RecursionError, NotImplementedError, msgspec.DecodeError) as exc:
        raise Unreadable(f"expected a package of a record, got another file: {exc}") from None


class _Check:
    """One pass over a package."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._found: list[str] = []
        self._count = 0
        self._sums: dict[str, tuple[str, int]] = {}
        self._digests: dict[str, tuple[str, int]] = {}  # attachment -> as the log has it
        self.events = self.shown = self.withheld = self.absent = self.originals = 0

    def run(self) -> PackageVerification:
        manifest = self._manifest()
        self._files(manifest)
        head = self._events(manifest)
        if ATTACHMENTS in self._sums:
            self._attachments()
        return PackageVerification(
            head.log, head.arrest, head.epoch, head.seq, head.root, len(self._sums), self.events, self.shown,
            self.withheld, self.absent, self.originals, tuple(self._found), self._count,
        )  # fmt: skip

    def _problem(self, says: str) -> None:
        self._count += 1
        if len(self._found) < PROBLEMS_KEPT:
            self._found.append(says)

    def _whole(self, name: str) -> bytes:
        if name not in self._archive.NameToInfo:
            raise Unreadable(f"expected a package of a record with a file {name}, got none")
        with self._archive.open(name) as file:
            raw = file.read(JSON_BYTES + 1)
        if len(raw) > JSON_BYTES:
            raise Unreadable(f"expected at most {JSON_BYTES} bytes, got more", where=name)
        return raw

    def _manifest(self) -> Manifest:
        manifest = _manifests.decode(self._whole(MANIFEST))
        infos = self._archive.infolist()
        if len(infos) > MOST_FILES:
            raise Unreadable(f"expected at most {MOST_FILES} files, got {len(infos)}")
        there = [info.filename for info in infos]
        for info in infos:
            if _NAME.fullmatch(info.filename) is None or info.compress_type != zipfile.ZIP_STORED:
                self._problem(f"expected plain stored files, got {info.filename[:80]!r}")
        if len(set(there)) != len(there):
            self._problem("expected each file once, got one twice")
        named = [one.name for one in manifest.files]
        for name in sorted(set(there) - {*named, MANIFEST}):
            self._problem(f"expected the files that the manifest names, got {name[:80]!r} besides")
        for name in sorted(set(named) - set(there)):
            self._problem(f"expected the file {name!r} of the manifest, got none")
        return manifest

    def _files(self, manifest: Manifest) -> None:
        for one in manifest.files:
            if one.name not in self._archive.NameToInfo:
                continue
            digest, size = sha256(), 0
            try:
                with self._archive.open(one.name) as file:
                    while piece := file.read(CHUNK):
                        digest.update(piece)
                        size += len(piece)
            except (
                zipfile.BadZipFile
            ) as exc:  # its own checksum: told as a problem of this file, the others are looked at
                self._problem(f"{one.name}: {exc}")
                continue
            self._sums[one.name] = (digest.hexdigest(), size)
            if self._sums[one.name] != (one.sha256, one.size_bytes):
                self._problem(f"{one.name}: expected SHA-256 {one.sha256} of {one.size_bytes} bytes, got another file")

    # events -----------------------------------------------------------------------

    def _events(self, manifest: Manifest) -> PackageHead:
        lines = self._event_lines()
        head = next(lines, None)
        if not isinstance(head, PackageHead):
            raise Unreadable("expected the head of a package first", where=EVENTS)
        if (head.log, head.arrest) != (manifest.log, manifest.arrest):
            self._problem("the events are of another record than the manifest")
        last, ended = 0, False
        for one in lines:
            if isinstance(one, PackageEvent) and not ended:
                if one.seq <= last:
                    self._problem(f"expected event {last + 1} or later, got {one.seq}")
                last = one.seq
                self.events += 1
                self._event(head, one)
            elif isinstance(one, PackageEnd) and not ended:
                ended = True
                if one.events != self.events:
                    self._problem(f"expected {one.events} events by the last line, got {self.events}")
            else:
                self._problem("expected events and one last line, got more")
        if not ended:
            self._problem("the events were cut off: their last line is not there")
        return head

    def _event_lines(self) -> Iterator[PackageHead | PackageEvent | PackageEnd]:
        if EVENTS not in self._archive.NameToInfo:
            raise Unreadable(f"expected a package of a record with a file {EVENTS}, got none")
        with self._archive.open(EVENTS) as file:
            while line := file.readline(LINE_BYTES + 1):
                if len(line) > LINE_BYTES:
                    raise Unreadable(f"expected lines of at most {LINE_BYTES} bytes, got more", where=EVENTS)
                yield _lines.decode(line)

    def _event(self, head: PackageHead, one: PackageEvent) -> None:
        try:
            leaf = bytes.fromhex(one.leaf)
            proof = [bytes.fromhex(node) for node in one.proof]
            merkle.verify_inclusion(one.seq - 1, head.seq, leaf, proof, bytes.fromhex(head.root))
            raw = disclosure.decode_bytes(one.header)
        except (ValueError, Unreadable, Corrupt) as exc:
            self._problem(f"event {one.seq}: {exc}")
            return
        if not raw:
            if one.disclosures:
                self._problem(f"event {one.seq}: expected no disclosure without a header, got some")
            return
        if merkle.leaf_hash(raw) != leaf:
            self._problem(f"event {one.seq}: expected the header of its leaf, got another")
        try:
            header, wrong = read_header(raw)
        except Unreadable as exc:
            self._problem(f"event {one.seq}: {exc.message}")
            return
        for says in wrong:
            self._problem(f"event {one.seq}: {says}")
        if (header.log, header.seq) != (head.log, one.seq) or header.epoch > head.epoch:
            self._problem(f"event {one.seq}: the header is of {header.log}, event {header.seq}, epoch {header.epoch}")
        self._fields(one, header)
        self._note_digest(header)

    def _fields(self, one: PackageEvent, header: Header) -> None:
        """Every private field is opened by a disclosure that fits, or is named as withheld or absent."""
        committed = {path: found for path, value in header.committed() if (found := disclosure.commitment(value))}
        opened: set[str] = set()
        for text in one.disclosures:
            try:
                path = disclosure.read(text).path
            except Unreadable as exc:
                self._problem(f"event {one.seq}: expected a disclosure: {exc}")
                continue
            if committed.get(path) != disclosure.digest(text) or path in opened:
                self._problem(
                    f"event {one.seq}: expected the disclosure of {path!r} that was committed to, got another"
                )
                continue
            opened.add(path)
        named = {*opened, *one.withheld, *one.absent}
        if named != set(committed) or len(named) != len(opened) + len(one.withheld) + len(one.absent):
            self._problem(f"event {one.seq}: expected each private field shown, withheld or absent, got otherwise")
        self.shown += len(opened)
        self.withheld += len(one.withheld)
        self.absent += len(one.absent)

    def _note_digest(self, header: Header) -> None:
        body = header.body
        name, digest, size = body.get("attachment"), body.get("sha256"), body.get("size_bytes")
        if header.type == "AttachmentAdded" and isinstance(name, str) and isinstance(digest, str):
            self._digests.setdefault(name, (digest.lower(), size if isinstance(size, int) else -1))

    # attachments --------------------------------------------------------------------

    def _attachments(self) -> None:
        """An original is what the log has the digest of; a cleaned copy, and a file that is not here, are named as such."""
        rows = _attached.decode(self._whole(ATTACHMENTS))
        files = {name for name in self._sums if name.startswith("attachments/")}
        for name in sorted(files - {row.file for row in rows}):
            self._problem(f"{name}: expected it among the attachments, got no word of it")
        for row in rows:
            logged = self._digests.get(row.attachment)
            if logged is None or logged != (row.sha256.lower(), row.size_bytes):
                self._problem(f"attachment {row.attachment}: expected the digest that the log has, got another")
            elif (row.copy == "none") == bool(row.file) or (row.file and row.file not in files):
                self._problem(f"attachment {row.attachment}: expected its file, got none")
            elif row.copy == "original":
                self.originals += 1
                if self._sums[row.file] != logged:
                    self._problem(f"{row.file}: expected the bytes as they were taken, got others")
