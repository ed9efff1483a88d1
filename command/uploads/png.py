"""PNG (W3C): chunks with their checks are walked to the very end; those that draw are kept."""

from __future__ import annotations

import zlib
from typing import Final

from command.uploads import exif
from command.uploads.picture import Picture, broken

_DRAWS: Final = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"sRGB", b"cHRM", b"sBIT", b"bKGD"})
"""Neither texts nor profiles: both are compressed, and a few bytes of them may be gigabytes."""

MAX_CHUNKS: Final = 100_000


def read(raw: bytes) -> Picture:
    """Raises Unreadable for a file that is no whole picture, or goes on behind its end."""
    shown, at, told, size, pixels = bytearray(raw[:8]), 8, exif.Told(), (0, 0), False
    for _ in range(MAX_CHUNKS):
        length, kind = int.from_bytes(raw[at : at + 4], "big"), raw[at + 4 : at + 8]
        end = at + 12 + length
        if end > len(raw) or zlib.crc32(raw[at + 4 : end - 4]) != int.from_bytes(raw[end - 4 : end], "big"):
            break
        body = raw[at + 8 : end - 4]
        if (kind == b"IHDR") is not (at == 8):
            break
        if kind == b"IHDR" and length == 13:
            size = int.from_bytes(body[:4], "big"), int.from_bytes(body[4:8], "big")
        if kind == b"eXIf":
            told = exif.read(body)
        pixels = pixels or kind == b"IDAT"
        if kind in _DRAWS:
            shown += raw[at:end]
        at = end
        if kind == b"IEND":
            if at != len(raw) or not all(size) or not pixels:
                break
            return Picture(*size, bytes(shown), told)
    raise broken("PNG")
