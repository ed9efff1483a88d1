"""Pictures made by hand, byte by byte, and what can be wrong with them."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path


def tiff(side: int = 6) -> bytes:
    """Exif: which side is up, a maker's name, a place (47.6097 N, 122.3331 W) and a time."""
    gps = [(1, 2, 2, b"N\0"), (2, 5, 3, struct.pack(">6I", 47, 1, 36, 1, 3492, 100)),
           (3, 2, 2, b"W\0"), (4, 5, 3, struct.pack(">6I", 122, 1, 19, 1, 5916, 100))]  # fmt: skip
    more = [(0x9003, 2, 20, b"2016:05:01 18:30:00\0")]
    at = 8
    first_size, gps_at = 2 + 12 * 4 + 4 + 8, 8 + 2 + 12 * 4 + 4 + 8
    gps_raw = directory(gps, gps_at)
    more_raw = directory(more, gps_at + len(gps_raw))
    first = [(0x010F, 2, 8, b"CANARY!\0"), (0x0112, 3, 1, struct.pack(">H", side)),
             (0x8769, 4, 1, struct.pack(">I", gps_at + len(gps_raw))), (0x8825, 4, 1, struct.pack(">I", gps_at))]  # fmt: skip
    raw = directory(first, at)
    assert len(raw) == first_size
    return b"MM\0*" + struct.pack(">I", at) + raw + gps_raw + more_raw


def directory(entries: list[tuple[int, int, int, bytes]], at: int) -> bytes:
    """A TIFF directory with its values behind it."""
    head, tail = struct.pack(">H", len(entries)), b""
    behind = at + 2 + 12 * len(entries) + 4
    for tag, kind, count, value in entries:
        if len(value) <= 4:
            field = value.ljust(4, b"\0")
        else:
            field = struct.pack(">I", behind + len(tail))
            tail += value
        head += struct.pack(">HHI", tag, kind, count) + field
    return head + b"\0\0\0\0" + tail


def chunk(kind: bytes, body: bytes) -> bytes:
    """Of a PNG."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int = 2, height: int = 2, *more: bytes) -> bytes:
    """Grey."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    rows = zlib.compress(b"".join(b"\0" + b"\x80" * min(width, 100) for _ in range(min(height, 100))))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(more) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def segment(marker: int, body: bytes) -> bytes:
    """Of a JPEG."""
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def jpeg(width: int = 2, height: int = 2, *more: bytes, side: int = 6) -> bytes:
    """With Exif and a comment; its coded data has a stuffed zero and a restart in it."""
    return (
        b"\xff\xd8" + segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0") + segment(0xE1, b"Exif\0\0" + tiff(side))
        + segment(0xFE, b"CANARY comment") + b"".join(more) + segment(0xDB, bytes(65))
        + segment(0xC0, struct.pack(">BHHB", 8, height, width, 1) + b"\1\x11\0") + segment(0xC4, bytes(20))
        + segment(0xDA, b"\1\1\0\0\x3f\0") + b"\x12\xff\x00\x34\xff\xd0\x56" + b"\xff\xd9"
    )  # fmt: skip


def webp(width: int = 2, height: int = 2, behind: bytes = b"") -> bytes:
    """With Exif and XMP."""

    def part(kind: bytes, body: bytes) -> bytes:
        return kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)

    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = (
        part(b"VP8X", b"\x0c\0\0\0" + size) + part(b"VP8L", b"\x2f" + bytes(8))
        + part(b"EXIF", tiff()) + part(b"XMP ", b"<x>CANARY</x>")
    )  # fmt: skip
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body + behind


def box(kind: bytes, body: bytes) -> bytes:
    """Of a HEIC."""
    return struct.pack(">I", len(body) + 8) + kind + body


def heic(width: int = 2, height: int = 2, behind: bytes = b"") -> bytes:
    """One picture and its Exif, both in `mdat`."""
    exif = b"\0\0\0\0" + tiff()
    ftyp = box(b"ftyp", b"heic\0\0\0\0mif1heic")

    def meta(at: int) -> bytes:
        infe = [
            box(b"infe", b"\2\0\0\0" + struct.pack(">HH", n, 0) + kind + b"\0")
            for n, kind in ((1, b"hvc1"), (2, b"Exif"))
        ]
        iinf = box(b"iinf", b"\0\0\0\0" + struct.pack(">H", 2) + b"".join(infe))
        ispe = box(b"ispe", b"\0\0\0\0" + struct.pack(">II", width, height))
        iprp = box(b"iprp", box(b"ipco", ispe))
        rows = [
            struct.pack(">HHHII", n, 0, 1, start, length) for n, start, length in ((1, at, 10), (2, at + 10, len(exif)))
        ]
        iloc = box(b"iloc", b"\0\0\0\0\x44\0" + struct.pack(">H", 2) + b"".join(rows))
        return box(b"meta", b"\0\0\0\0" + iinf + iprp + iloc)

    head = len(ftyp) + len(meta(0)) + 8
    return ftyp + meta(head) + box(b"mdat", b"x" * 10 + exif) + behind


PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
ZIP_END = b"PK\x05\x06" + bytes(18)
OGG = b"OggS\x00\x02" + bytes(40)
M4A = box(b"ftyp", b"M4A \0\0\0\0M4A mp42") + box(b"mdat", bytes(40))
WEBM = b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm" + bytes(40)


def phone_heic() -> bytes:
    """A whole HEIC as libheif writes one (x265, 64 × 48 pixels drawn for this, with Exif and a place): what phones make."""
    return (Path(__file__).parent / "data" / "phone.heic").read_bytes()
