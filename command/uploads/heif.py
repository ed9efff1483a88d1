"""HEIC (ISO/IEC 23008-12): boxes are walked; what the metadata items hold is overwritten in place with zeros.

Its parts point to each other by offsets, so nothing is cut out. Sizes are those that the file declares for its
pictures and tiles; the largest counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from command.uploads import exif
from command.uploads.picture import Picture, broken

MAX_BOXES: Final = 5000
MAX_PARTS: Final = 20_000
"""Of all items together. A picture of 110 megapixels in tiles of 512 has some 450. A part may take no byte to name, so
without a bound a file of megabytes names billions."""
_TOP: Final = frozenset({b"ftyp", b"meta", b"mdat", b"free", b"skip"})
_TELLS: Final = frozenset({b"Exif", b"mime", b"uri "})


class _Box(NamedTuple):
    kind: bytes
    start: int  # of its content
    end: int


def read(raw: bytes) -> Picture:
    """Raises Unreadable for a file that is no whole picture, goes on behind its end, or hides its metadata."""
    top = list(_boxes(raw, 0, len(raw)))
    metas = [box for box in top if box.kind == b"meta"]
    if {box.kind for box in top} - _TOP or len(metas) != 1:
        raise broken("HEIC")
    inner = {box.kind: box for box in _boxes(raw, metas[0].start + 4, metas[0].end)}
    try:
        size = _size(raw, inner[b"iprp"])
        items = _items(raw, inner[b"iinf"])
        places = _places(raw, inner[b"iloc"])
    except (KeyError, IndexError, ValueError):
        raise broken("HEIC") from None
    shown, told, hidden = bytearray(raw), exif.Told(), 0
    for item, kind in items.items():
        if kind not in _TELLS:
            continue
        if item not in places:
            raise broken("HEIC")
        for start, length in places[item]:
            hidden += length
            if length == 0 or start + length > len(raw) or hidden > len(raw):  # nothing is told twice over
                raise broken("HEIC")
            if kind == b"Exif":
                told = exif.read(_tiff(raw[start : start + length]))
            shown[start : start + length] = bytes(length)
    return Picture(*size, bytes(shown), told)


def _boxes(raw: bytes, at: int, end: int) -> Iterator[_Box]:
    for _ in range(MAX_BOXES):
        if at == end:
            return
        length, head = int.from_bytes(raw[at : at + 4], "big"), 8
        if length == 1:
            length, head = int.from_bytes(raw[at + 8 : at + 16], "big"), 16
        if length < head or at + length > end:
            break
        yield _Box(raw[at + 4 : at + 8], at + head, at + length)
        at += length
    raise broken("HEIC")


def _size(raw: bytes, iprp: _Box) -> tuple[int, int]:
    """The largest that any property declares."""
    [ipco] = [box for box in _boxes(raw, iprp.start, iprp.end) if box.kind == b"ipco"]
    sizes = [
        (int.from_bytes(raw[box.start + 4 : box.start + 8], "big"), int.from_bytes(raw[box.start + 8 : box.end], "big"))
        for box in _boxes(raw, ipco.start, ipco.end)
        if box.kind == b"ispe" and box.end - box.start == 12
    ]
    found = max(sizes, key=lambda one: one[0] * one[1])
    if not all(found):
        raise ValueError("a picture without an extent")
    return found


def _items(raw: bytes, iinf: _Box) -> dict[int, bytes]:
    """Item -> its kind."""
    skipped = 6 if raw[iinf.start] == 0 else 8
    found = {}
    for box in _boxes(raw, iinf.start + skipped, iinf.end):
        wide = {2: 2, 3: 4}[raw[box.start]]
        at = box.start + 4
        found[int.from_bytes(raw[at : at + wide], "big")] = raw[at + wide + 2 : at + wide + 6]
    return found


def _places(raw: bytes, iloc: _Box) -> dict[int, list[tuple[int, int]]]:
    """Item -> (offset in the file, length) of its parts, for those that lie in the file itself."""
    at = iloc.start

    def take(width: int) -> int:
        nonlocal at
        if width not in (0, 1, 2, 4, 8) or at + width > iloc.end:
            raise ValueError("a number that is none")
        at += width
        return int.from_bytes(raw[at - width : at], "big")

    version, _, sizes = take(1), (take(1), take(2)), take(2)
    offset_size, length_size, base_size, index_size = (sizes >> shift & 15 for shift in (12, 8, 4, 0))
    found: dict[int, list[tuple[int, int]]] = {}
    named = 0
    for _ in range(take(4 if version == 2 else 2)):
        item = take(4 if version == 2 else 2)
        method = take(2) & 15 if version else 0
        take(2)
        base = take(base_size)
        parts = []
        count = take(2)
        named += count
        if named > MAX_PARTS:
            raise ValueError("more parts than a picture has")
        for _ in range(count):
            if version and index_size:
                take(index_size)
            parts.append((base + take(offset_size), take(length_size)))
        if method == 0:
            found[item] = parts
    return found


def _tiff(raw: bytes) -> bytes:
    """Four bytes say where the TIFF begins behind them."""
    return raw[4 + int.from_bytes(raw[:4], "big") :]
