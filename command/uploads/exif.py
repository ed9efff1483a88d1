"""What a camera wrote into its picture: where, when, and which side is up. Everything else is not even read.

After the Exif standard (JEITA CP-3451): a TIFF file whose first directory points to others. Offsets are the file's own
word, so each is checked, and whatever does not fit counts as not told.
"""

from __future__ import annotations

import re
import struct
from typing import Final

import msgspec

MAX_ENTRIES: Final = 200
_EXIF_IFD, _GPS_IFD, _ORIENTATION, _TAKEN = 0x8769, 0x8825, 0x0112, 0x9003
_SIZES: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 9: 4, 10: 8}
_TIME = re.compile(r"\d{4}:\d\d:\d\d \d\d:\d\d:\d\d")


class Told(msgspec.Struct, frozen=True):
    """`lat` and `lon` in degrees, WGS 84; `taken` is the camera's own clock, without a zone."""

    lat: float | None = None
    lon: float | None = None
    taken: str | None = None
    orientation: int = 1


class _Tiff:
    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.order = {b"II*\0": "<", b"MM\0*": ">"}.get(raw[:4], "")

    def number(self, form: str, at: int) -> int:
        found: int = struct.unpack_from(self.order + form, self.raw, at)[0]
        return found

    def directory(self, at: int) -> dict[int, bytes]:
        """Tag -> value bytes."""
        found: dict[int, bytes] = {}
        for n in range(min(self.number("H", at), MAX_ENTRIES)):
            entry = at + 2 + 12 * n
            size = _SIZES.get(self.number("H", entry + 2), 0) * self.number("I", entry + 4)
            start = entry + 8 if size <= 4 else self.number("I", entry + 8)
            if 0 < size <= 4096 and start + size <= len(self.raw):
                found[self.number("H", entry)] = self.raw[start : start + size]
        return found

    def value(self, raw: bytes | None) -> int | None:
        if raw is None or len(raw) not in (2, 4):
            return None
        return int(struct.unpack(self.order + ("H" if len(raw) == 2 else "I"), raw)[0])

    def degrees(self, raw: bytes | None, sign: bytes | None, most: float) -> float | None:
        """Degrees, minutes, seconds as fractions."""
        if raw is None or sign is None or len(raw) != 24:
            return None
        parts = struct.unpack(self.order + "6I", raw)
        if 0 in parts[1::2]:
            return None
        found = sum(parts[2 * n] / parts[2 * n + 1] / 60**n for n in range(3))
        return round(-found if sign[:1] in b"SW" else found, 7) if found <= most else None


def read(raw: bytes) -> Told:
    """From the TIFF bytes. Never raises."""
    tiff = _Tiff(raw)
    if not tiff.order:
        return Told()
    try:
        first = tiff.directory(tiff.number("I", 4))
        places = tiff.value(first.get(_GPS_IFD))
        gps = tiff.directory(places) if places else {}
        more = tiff.value(first.get(_EXIF_IFD))
        exif = tiff.directory(more) if more else {}
    except struct.error:
        return Told()
    lat, lon = tiff.degrees(gps.get(2), gps.get(1), 90), tiff.degrees(gps.get(4), gps.get(3), 180)
    taken = exif.get(_TAKEN, b"").rstrip(b"\0").decode("ascii", "replace")
    side = tiff.value(first.get(_ORIENTATION)) or 1
    whole = lat is not None and lon is not None
    return Told(
        lat if whole else None,
        lon if whole else None,
        taken if _TIME.fullmatch(taken) else None,
        side if 1 <= side <= 8 else 1,
    )


def orientation_only(side: int) -> bytes:
    """TIFF bytes that say which side is up and nothing else."""
    return b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, _ORIENTATION, 3, 1, side, 0, 0)
