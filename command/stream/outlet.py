"""One socket's bounded way out: nobody waits for it, and it is told when it is too slow.

The bound is 256 frames, 1 MiB unsent, or 10 s without progress, whichever comes
first. No I/O here: a `Peer` is written to, time is handed in (monotonic seconds).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final, Protocol

MAX_FRAMES: Final = 256
"""At a commit every 40 ms this is ten seconds of a busy incident: behind that, a snapshot is quicker."""

MAX_UNSENT_BYTES: Final = 1 << 20
"""1,000 stuck sockets hold at most 1 GiB for at most ten seconds; one holds nothing worth naming."""

STALL_S: Final = 10.0
"""A link that takes nothing for ten seconds is gone or useless; the client resumes by position."""


class Peer(Protocol):
    """The far end of a socket. `write` never waits and never raises."""

    def write(self, data: bytes, /) -> None:
        """Queue bytes for sending."""

    def unsent_bytes(self) -> int:
        """How many written bytes have not been taken by the network stack."""

    def close(self, code: int, reason: str) -> None:
        """Queue a close frame behind what is unsent and take no more."""

    def abort(self) -> None:
        """Drop the connection and what is unsent."""


class Outlet:
    """Frames to one peer, counted. While `held`, they wait here in order until `release`."""

    def __init__(self, peer: Peer, now: float) -> None:
        self.peer = peer
        self._backlog: list[bytes] = []
        self._backlog_bytes = 0
        self._pieces: deque[tuple[int, int]] = deque()  # (bytes, frames) of each write not known to be sent
        self._pieces_bytes = 0
        self._pieces_frames = 0
        self._moved_at = now
        self._allowance = 0
        self._held = False
        # Bound methods in attributes, swapped by hold and release: a delivery costs two calls and one comparison.
        self._write: Callable[[bytes], None] = peer.write
        self._unsent: Callable[[], int] = peer.unsent_bytes

    def hold(self) -> None:
        """Keep frames here from now on: a hello is being prepared and must go first. Again: start keeping anew."""
        self._backlog.clear()
        self._backlog_bytes = 0
        self._pieces.clear()
        self._pieces_bytes = self._pieces_frames = 0
        self._held = True
        self._write = self._keep
        self._unsent = self._kept_bytes

    def release(self, first: bytes, frames: int, now: float) -> str | None:
        """Send `first` (a snapshot or a missed range: see `send_large`), then what was held; hold no more."""
        held, count = b"".join(self._backlog), len(self._backlog)
        self.hold()
        self._held = False
        self._write = self.peer.write
        self._unsent = self.peer.unsent_bytes
        return self.send_large(first, now, frames) or (self.send(held, now, count) if held else None)

    def send_large(self, data: bytes, now: float, frames: int = 1) -> str | None:
        """As `send`, for a snapshot or a missed range.

        Its bytes do not count against MAX_UNSENT_BYTES until the peer has drained
        once: a large incident could never be joined otherwise. The other two bounds hold.
        """
        self._allowance += len(data)
        return self.send(data, now, frames)

    def send(self, data: bytes, now: float, frames: int = 1) -> str | None:
        """Write `data` (whole frames). Returns the name of the bound that is exceeded, or None. Never waits."""
        self._write(data)
        unsent = self._unsent()
        if not unsent and not self._pieces:
            self._allowance = 0
            return None
        if not self._pieces:
            self._moved_at = now
        self._pieces.append((len(data), frames))
        self._pieces_bytes += len(data)
        self._pieces_frames += frames
        return self._judge(unsent, now)

    def check(self, now: float) -> str | None:
        """As `send` without writing: to be called about once a second."""
        if not self._pieces:
            return None
        return self._judge(self._unsent(), now)

    @property
    def held(self) -> bool:
        """Whether frames wait here and not at the peer."""
        return self._held

    @property
    def stuck(self) -> bool:
        """Whether anything written is still unsent."""
        return self.peer.unsent_bytes() > 0

    def _judge(self, unsent: int, now: float) -> str | None:
        pieces = self._pieces
        before = self._pieces_bytes
        while pieces and self._pieces_bytes - pieces[0][0] >= unsent:
            size, frames = pieces.popleft()
            self._pieces_bytes -= size
            self._pieces_frames -= frames
        if pieces and self._pieces_bytes > unsent:  # the first piece is partly sent
            size, frames = pieces[0]
            pieces[0] = (size - (self._pieces_bytes - unsent), frames)
            self._pieces_bytes = unsent
        if self._pieces_bytes < before:
            self._moved_at = now
        if not pieces:
            self._allowance = 0
            return None
        if self._pieces_frames > MAX_FRAMES:
            return "frames"
        if unsent > MAX_UNSENT_BYTES + self._allowance:
            return "bytes"
        if now - self._moved_at >= STALL_S:
            return "stalled"
        return None

    def _keep(self, data: bytes) -> None:
        self._backlog.append(data)
        self._backlog_bytes += len(data)

    def _kept_bytes(self) -> int:
        return self._backlog_bytes
