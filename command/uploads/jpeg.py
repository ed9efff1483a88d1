"""JPEG (ITU T.81): segments are walked; what draws is kept, what tells is left out, what follows the end is cut off.

Phones append films and second pictures behind the end (motion photos, gain maps), so that is no reason to refuse
evidence: the copy that is shown ends where the picture ends.
"""

from __future__ import annotations

import re
from typing import Final

from command.uploads import exif
from command.uploads.picture import Picture, broken

_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_DRAWS: Final = _FRAMES | {0xC4, 0xDB, 0xDD}  # frame, Huffman and quantization tables, restart interval
# In coded data: no stuffed zero, no restart. The filling before it is found from its end: a run of it that leads to no
# marker would be gone through anew from each of its bytes.
_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
MAX_SEGMENTS: Final = 2000


def read(raw: bytes) -> Picture:
    """Raises Unreadable for a file that is no whole picture."""
    shown, at, size, told = bytearray(raw[:2]), 2, (0, 0), exif.Told()
    for _ in range(MAX_SEGMENTS):
        if raw[at : at + 2] == b"\xff\xd9":
            return _done(shown, size, told)
        if raw[at : at + 1] != b"\xff" or at + 4 > len(raw):
            break
        marker = raw[at + 1]
        end = at + 2 + int.from_bytes(raw[at + 2 : at + 4], "big")
        body = raw[at + 4 : end]
        if end > len(raw) or end < at + 4:
            break
        if marker in _FRAMES and len(body) >= 6:
            size = int.from_bytes(body[3:5], "big"), int.from_bytes(body[1:3], "big")
        if marker == 0xE1 and body.startswith(b"Exif\0\0"):
            told = exif.read(body[6:])
        if marker == 0xDA:
            found = _MARKER.search(raw, end)
            if found is None:
                break
            shown += raw[at:end] + raw[end : found.start()].rstrip(b"\xff")
            at = found.start()
            continue
        if marker in _DRAWS or body.startswith((b"JFIF\0", b"Adobe", b"ICC_PROFILE\0")):
            shown += raw[at:end]
        at = end
    raise broken("JPEG")


def _done(shown: bytearray, size: tuple[int, int], told: exif.Told) -> Picture:
    if not all(size):
        raise broken("JPEG")
    if told.orientation != 1:
        body = b"Exif\0\0" + exif.orientation_only(told.orientation)
        shown[2:2] = b"\xff\xe1" + (len(body) + 2).to_bytes(2, "big") + body
    return Picture(*size, bytes(shown) + b"\xff\xd9", told)
