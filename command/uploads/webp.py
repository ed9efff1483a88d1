"""WebP (RFC 9649): a RIFF file of exactly its own length; picture and animation are kept, metadata is left out."""

from __future__ import annotations

from typing import Final

from command.uploads import exif
from command.uploads.picture import Picture, broken

_DRAWS: Final = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"})
_METADATA: Final = 0b0000_1100  # Exif and XMP, among the flags of VP8X
MAX_CHUNKS: Final = 10_000


def read(raw: bytes) -> Picture:
    """Raises Unreadable for a file that is no whole picture, or goes on behind its end."""
    if int.from_bytes(raw[4:8], "little") + 8 != len(raw):
        raise broken("WebP")
    shown, at, told, size = bytearray(), 12, exif.Told(), (0, 0)
    for _ in range(MAX_CHUNKS):
        if at == len(raw):
            break
        kind, length = raw[at : at + 4], int.from_bytes(raw[at + 4 : at + 8], "little")
        end = at + 8 + length + length % 2
        if end > len(raw):
            raise broken("WebP")
        body = raw[at + 8 : at + 8 + length]
        size = size if all(size) else _size(kind, body)
        if kind == b"EXIF":
            told = exif.read(body.removeprefix(b"Exif\0\0"))
        elif kind == b"VP8X" and length == 10:
            shown += raw[at : at + 8] + bytes([body[0] & ~_METADATA]) + body[1:]
        elif kind in _DRAWS:
            shown += raw[at:end]
        at = end
    if at != len(raw) or not all(size):
        raise broken("WebP")
    return Picture(*size, b"RIFF" + (len(shown) + 4).to_bytes(4, "little") + b"WEBP" + bytes(shown), told)


def _size(kind: bytes, body: bytes) -> tuple[int, int]:
    if kind == b"VP8X" and len(body) == 10:
        return int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1
    if kind == b"VP8L" and len(body) >= 5 and body[0] == 0x2F:
        bits = int.from_bytes(body[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 " and len(body) >= 10 and body[3:6] == b"\x9d\x01\x2a":
        return int.from_bytes(body[6:8], "little") & 0x3FFF, int.from_bytes(body[8:10], "little") & 0x3FFF
    return 0, 0
