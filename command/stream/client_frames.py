"""What a client's frames look like from outside: masked, and not too many. Pure; bytes and time in, a reason to close out.

aiohttp's reader takes frames without a mask and answers pings as they come. RFC 6455 5.1 has a server close on the
first, so that what a page sends through a proxy can never be chosen to look like another protocol; the second would be
the one thing on a socket that no rate bounds.
"""

from __future__ import annotations

from typing import Final

from command.stream.session import Bucket

FRAMES_PER_MIN: Final = 1_000.0
BURST: Final = 4_000.0
"""A screen has 100 messages a minute and answers four pings; an outbox of a shift is 160 messages of at most 64 KiB at
once, each of which a client may cut into pieces. This is above any of it."""

_MASKED: Final = 0x80
_LENGTH: Final = 0x7F
_EXTENDED: Final = {126: 2, 127: 8}
_MASK_BYTES: Final = 4


class ClientFrames:
    """The frames of one socket, head by head, however the network cut them."""

    def __init__(self, now: float) -> None:
        self._head = bytearray()  # of a frame whose head is not whole yet
        self._skip = 0  # what is left of a frame whose head was seen
        self._rate = Bucket(FRAMES_PER_MIN, BURST, now)

    def feed(self, data: bytes, now: float) -> tuple[int, str] | None:
        """(close code, reason) where this socket is over; None where what came may go on. `now` in seconds, monotonic."""
        at, end = 0, len(data)
        while at < end:
            if self._skip:
                passed = min(self._skip, end - at)
                self._skip -= passed
                at += passed
                continue
            self._head.append(data[at])
            at += 1
            if len(self._head) < 2:
                continue
            if not self._head[1] & _MASKED:
                return 1002, "expected masked frames"
            extended = _EXTENDED.get(self._head[1] & _LENGTH, 0)
            if len(self._head) < 2 + extended:
                continue
            if not self._rate.take(now):
                return 1008, "too many frames"
            length = int.from_bytes(self._head[2:]) if extended else self._head[1] & _LENGTH
            self._skip = _MASK_BYTES + length
            self._head.clear()
        return None
