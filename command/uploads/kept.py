"""Uploads as they are kept: what is announced, what came of it, and the bounds of both. Values only. Pure.

An upload is a row of announcements, parts in order behind it, and an end. Nothing of it is changed: an offset is what
the parts add up to, an end is a row of its own, and a digest that differs is told, not mended.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, Literal

import msgspec

from command.uploads.check import MAX_AUDIO_BYTES, MAX_IMAGE_BYTES, MAX_PDF_BYTES
from command.uploads.exif import Told

Kind = Literal["photo with officer", "photo", "video", "audio", "document", "property photo"]
"""As `AddAttachment.kind` has it; a test holds them equal."""

MOST_BYTES: Final[dict[Kind, int]] = {
    "photo with officer": MAX_IMAGE_BYTES,
    "photo": MAX_IMAGE_BYTES,
    "property photo": MAX_IMAGE_BYTES,
    "document": MAX_PDF_BYTES,
    "audio": MAX_AUDIO_BYTES,
    "video": MAX_AUDIO_BYTES,  # a short clip; long films stay in the evidence system, and are named by their digest
}
"""How large an upload may be, in bytes, by its kind."""

LARGEST: Final = max(MOST_BYTES.values())

PART_BYTES: Final = 256 * 1024
"""The largest sealed part: what a cut connection costs at most, and what a reader has in memory of a file."""

OPEN_FOR: Final = timedelta(days=7)
"""How long an upload may take: a tablet that spent a weekend in a locker still brings its photographs in."""

MOST_OPEN: Final = 500
"""Uploads under way of one person in one incident: a shift's outbox, 100 arrests with some photographs each."""

Judged = Literal["kept", "unreadable"]
"""kept: of a known kind, as `uploads.check` reads it. unreadable: kept as it came, and shown to no screen."""


class Announced(msgspec.Struct, frozen=True):
    """An upload as its author announced it. `sha256` is that of the file as it was taken, 64 hex digits."""

    log: str
    upload: str  # of the server's making
    who: str
    attachment: str
    subject: str
    kind: Kind
    size_bytes: int
    sha256: str
    created_at: datetime
    expires_at: datetime

    def same_file(self, other: Announced) -> bool:
        """Whether the same person announced the same file for the same record."""
        mine = (self.log, self.who, self.attachment, self.subject, self.kind, self.size_bytes, self.sha256)
        theirs = (other.log, other.who, other.attachment, other.subject, other.kind, other.size_bytes, other.sha256)
        return mine == theirs


class Part(msgspec.Struct, frozen=True):
    """A sealed piece of a file: bytes start … start + size of it."""

    start: int
    size_bytes: int
    box: bytes


class End(msgspec.Struct, frozen=True):
    """What came of an upload. `blob` holds the file; it is another upload's where the same file was there already."""

    upload: str
    attachment: str
    blob: str
    sha256: str  # of what came
    size_bytes: int
    judged: Judged
    who: str
    at: datetime


class Blob(msgspec.Struct, frozen=True):
    """A kept file: one for each subject and digest. `manifest` is sealed; without it no part is believed."""

    blob: str
    subject: str
    sha256: str
    size_bytes: int
    judged: Judged
    manifest: bytes


class Manifest(msgspec.Struct, frozen=True):
    """What a file is, sealed under its subject's key. The cleaned copy lies beside it, unless the file is its own."""

    sha256: str
    size_bytes: int
    media: str = ""  # as its bytes say; "" where nobody could tell
    suffix: str = ""
    shown_sha256: str = ""  # of the copy for screens; "" where there is none
    shown_bytes: int = 0
    width: int = 0
    height: int = 0
    told: Told = Told()  # what the picture said of place and time

    @property
    def cleaned(self) -> bool:
        """Whether the copy for screens is another file than the original."""
        return bool(self.shown_sha256) and self.shown_sha256 != self.sha256


class Progress(msgspec.Struct, frozen=True):
    """How far an upload has come; `end` once it is there."""

    announced: Announced
    offset: int
    end: End | None = None

    @property
    def whole(self) -> bool:
        """Whether all bytes are there."""
        return self.offset == self.announced.size_bytes
