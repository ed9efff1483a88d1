"""The one way in: bytes to an upload that may be kept and shown, or an error that says what was expected."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Final

import msgspec

from command.errors import TooLarge, Unreadable
from command.uploads import heif, jpeg, png, webp
from command.uploads.exif import Told
from command.uploads.picture import Picture

MAX_SIDE: Final = 20_000
MAX_PIXELS: Final = 110_000_000
"""More than a phone's 108 megapixels, and some 420 MiB once a browser has decoded it; a bomb has billions."""

MAX_IMAGE_BYTES: Final = 25 << 20
MAX_PDF_BYTES: Final = 25 << 20
MAX_AUDIO_BYTES: Final = 50 << 20
"""An hour of speech."""


class Upload(msgspec.Struct, frozen=True):
    """What may be kept. `shown` is the copy that people see: no place, no maker, no thumbnail, nothing behind its end.

    The original's digest stands in the event that brought it; the original itself is evidence and is never shown.
    """

    name: str  # of the server's making
    media: str
    shown: bytes
    width: int = 0
    height: int = 0
    told: Told = Told()  # what the file said of itself, to be kept as a private field


Read = Callable[[bytes], Picture]

_IMAGES: Final[tuple[tuple[re.Pattern[bytes], str, str, Read], ...]] = (
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg", "jpg", jpeg.read),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png", "png", png.read),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "image/webp", "webp", webp.read),
    (re.compile(rb"\x00\x00..ftyp(?:heic|heix|heim|heis|mif1)", re.DOTALL), "image/heic", "heic", heif.read),
)
_OTHERS: Final = (
    (re.compile(rb"%PDF-[12]\.\d[\r\n]"), "application/pdf", "pdf", MAX_PDF_BYTES),
    (
        re.compile(rb"\x00\x00\x00.ftyp(?:M4A |mp42|isom|iso5|iso6|dash)", re.DOTALL),
        "audio/mp4",
        "m4a",
        MAX_AUDIO_BYTES,
    ),
    (re.compile(rb"OggS\x00\x02"), "audio/ogg", "ogg", MAX_AUDIO_BYTES),
    (re.compile(rb"\x1a\x45\xdf\xa3.{0,60}\x42\x82\x84webm", re.DOTALL), "audio/webm", "weba", MAX_AUDIO_BYTES),
)

# Another format that some reader would see in the same bytes: documents near the start, archives by their end.
_ALSO = re.compile(rb"%PDF-|<(?:!doctype|html|script|svg|\?xml|body|iframe)|PK\x03\x04|Rar!\x1a", re.IGNORECASE)
_ARCHIVE_END = b"PK\x05\x06"
_ACTIVE_PDF = re.compile(
    rb"/(?:JavaScript|JS|Launch|EmbeddedFiles?|RichMedia|XFA|OpenAction|AA|SubmitForm|ImportData)\b"
)
HEAD_BYTES: Final = 1024
TAIL_BYTES: Final = 66_000  # a zip's directory may have a comment of 64 KiB behind it


def check(raw: bytes, record: str) -> Upload:
    """Take an upload that belongs to `record` (an id of ours, of which its name is made; the client's name is not asked).

    Raises TooLarge over a limit of bytes or pixels, Unreadable for what is none of the known kinds, is broken, or is
    two things at once.
    """
    for magic, media, suffix, read in _IMAGES:
        if magic.match(raw):
            _bound(raw, MAX_IMAGE_BYTES)
            picture = read(raw)
            if max(picture.width, picture.height) > MAX_SIDE or picture.width * picture.height > MAX_PIXELS:
                raise TooLarge(f"expected at most {MAX_PIXELS} pixels, {MAX_SIDE} on a side", where="body")
            _one_thing(picture.shown)
            return Upload(f"{record}.{suffix}", media, picture.shown, picture.width, picture.height, picture.told)
    for magic, media, suffix, most in _OTHERS:
        if magic.match(raw):
            _bound(raw, most)
            _one_thing(raw, start=5 if suffix == "pdf" else 0)
            if suffix == "pdf":
                _quiet_pdf(raw)
            return Upload(f"{record}.{suffix}", media, raw)
    raise Unreadable(
        "expected a JPEG, PNG, WebP or HEIC picture, a PDF, or an M4A, Ogg or WebM recording", where="body"
    )


def label(claimed: str) -> str:
    """What a client calls its file, fit to be shown beside it and for nothing else: no folders, one line, 100 letters."""
    last = re.split(r"[/\\]", claimed)[-1]
    kept = "".join(one for one in last if unicodedata.category(one) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp"))
    return kept.strip(" .")[:100] or "file"


def _bound(raw: bytes, most: int) -> None:
    if len(raw) > most:
        raise TooLarge(f"expected at most {most} bytes", where="body")


def _one_thing(raw: bytes, start: int = 0) -> None:
    """Raises Unreadable where other readers would take the bytes for something else."""
    if _ALSO.search(raw, start, HEAD_BYTES) or _ends_an_archive(raw[-TAIL_BYTES:]):
        raise Unreadable("expected one file, got one that is another kind as well", where="body")


def _ends_an_archive(tail: bytes) -> bool:
    """Whether a zip's directory ends here: its mark, 22 bytes with the length of a comment, and that comment.

    The mark alone is four bytes, which one photograph in some 65,000 has by chance.
    """
    at = tail.find(_ARCHIVE_END)
    while at >= 0:
        if at + 22 <= len(tail) and at + 22 + int.from_bytes(tail[at + 20 : at + 22], "little") == len(tail):
            return True
        at = tail.find(_ARCHIVE_END, at + 1)
    return False


def _quiet_pdf(raw: bytes) -> None:
    """A document to be read. What hides in compressed objects is not looked for: PDFs are offered as downloads only."""
    if b"%%EOF" not in raw[-HEAD_BYTES:]:
        raise Unreadable("expected a whole PDF", where="body")
    if _ACTIVE_PDF.search(raw):
        raise Unreadable("expected a PDF without actions and attachments", where="body")
