"""The file that a tablet saves as its last resort: what lies on it, sealed as it lies there, to be handed in by hand.

A line of JSON for each thing, so that neither end ever has more than one of them in memory; behind the line of a file stand
its sealed parts as bytes, `sealed_bytes` of them (there may be none), and a line feed:

    {"format":"muster tablet 1","device":"d-…"}
    {"record":{"incident":…,"cmd":…,"device_seq":…,"sealed":{"key":…,"box":…}}}        in the device's order
    {"receipt":{"incident":…,"seq":…,"leaf":…}}             where the log said that it has one, for holding the log to it
    {"file":{"incident":…,"attachment":…,"subject":…,"kind":…,"sha256":…,"size_bytes":…,"key":{…},"sealed_bytes":…}}
    …ciphertext ‖ tag, part after part…
    {"end":{"records":…,"files":…}}

Without the last line it was cut off: what stands before it is good all the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, BinaryIO, Final

import msgspec
from msgspec import Meta

from command.devices.brought import Sealed
from command.domain.ids import RecordId, SubjectId
from command.domain.submission import MAX_SEQ
from command.errors import Unreadable
from command.uploads.kept import LARGEST, PART_BYTES, Kind

FORMAT: Final = "muster tablet 1"

LINE_BYTES: Final = 300_000
"""The longest line is a record's, whose box has at most 200,000 characters."""

TAG_BYTES: Final = 16
"""AES-GCM's, behind each part."""


class Boxed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A record in its box."""

    incident: RecordId
    cmd: RecordId
    device_seq: Annotated[int, Meta(ge=1, le=MAX_SEQ)]
    sealed: Sealed


class Receipt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the tablet was told: that the header of this leaf (base64url of its SHA-256) stands at this place."""

    incident: RecordId
    seq: Annotated[int, Meta(ge=1, le=MAX_SEQ)]
    leaf: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{43}$")]


class CarriedFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file's announcement; `key` None where its box is gone, `sealed_bytes` 0 where its parts are not all on the tablet."""

    incident: RecordId
    attachment: RecordId
    subject: SubjectId
    kind: Kind
    sha256: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]
    size_bytes: Annotated[int, Meta(ge=1, le=LARGEST)]
    key: Sealed | None
    sealed_bytes: Annotated[int, Meta(ge=0, le=2 * LARGEST)]

    def part(self, stream: BinaryIO, begins: int, offset: int) -> bytes:
        """The sealed part that holds the file's bytes from `offset` on; `begins`: where its parts begin in the stream."""
        stream.seek(begins + offset // PART_BYTES * (PART_BYTES + TAG_BYTES))
        return stream.read(min(PART_BYTES, self.size_bytes - offset) + TAG_BYTES)

    @property
    def whole(self) -> bool:
        """Whether as many sealed bytes stand behind it as its parts have."""
        return self.sealed_bytes == self.size_bytes + -(-self.size_bytes // PART_BYTES) * TAG_BYTES


class _Counts(msgspec.Struct, frozen=True):
    records: int
    files: int


class _Head(msgspec.Struct, frozen=True):
    format: str
    device: RecordId


class _Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    record: Boxed | None = None
    receipt: Receipt | None = None
    file: CarriedFile | None = None
    end: _Counts | None = None


_heads = msgspec.json.Decoder(_Head)
_lines = msgspec.json.Decoder(_Line)


class CutOff(msgspec.Struct, frozen=True):
    """Its last line is not there, or counts more than there is."""


def device_of(stream: BinaryIO) -> str:
    """Whose it is, from the first line. Raises Unreadable, saying what was expected."""
    try:
        head = _heads.decode(stream.readline(LINE_BYTES))
    except (msgspec.MsgspecError, UnicodeDecodeError) as exc:
        raise Unreadable(f"expected a tablet's sealed file ({FORMAT}): {exc}", where="line 1") from None
    if head.format != FORMAT:
        raise Unreadable(f"expected a file of the format {FORMAT}, got {head.format[:40]!r}", where="line 1")
    return head.device


def carried(stream: BinaryIO) -> Iterator[Boxed | Receipt | tuple[CarriedFile, int] | CutOff]:
    """What stands behind the first line, one at a time; a file with the place where its parts begin. The reader may move
    in the stream between two of them. Raises Unreadable, naming the line."""
    records = files = 0
    number = 1
    while True:
        number += 1
        text = stream.readline(LINE_BYTES)
        if not text.endswith(b"\n") and len(text) < LINE_BYTES:
            yield CutOff()
            return
        try:
            line = _lines.decode(text)
        except (msgspec.MsgspecError, UnicodeDecodeError) as exc:
            raise Unreadable(f"expected a record, a file or the end: {exc}", where=f"line {number}") from None
        begins = stream.tell()
        if line.record is not None:
            records += 1
            yield line.record
        elif line.receipt is not None:
            yield line.receipt
        elif line.file is not None:
            files += 1
            yield line.file, begins
            stream.seek(begins + line.file.sealed_bytes + 1)
        elif line.end is not None:
            if (line.end.records, line.end.files) != (records, files):
                yield CutOff()
            return
        else:
            raise Unreadable("expected a record, a file or the end, got none of them", where=f"line {number}")
