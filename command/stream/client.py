"""A client of the stream, on the `websockets` library: a second, independent reading of the protocol.

Used by `muster tail`, by load generators and by tests. It holds a position, not a
connection: what it yields is gapless by seq or it raises, and after a cut it
resumes where it was.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import quote, urlsplit, urlunsplit

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.typing import Origin, Subprotocol

from command.domain.submission import Answer, Submission
from command.errors import (
    Busy,
    Conflict,
    Corrupt,
    Denied,
    MusterError,
    NotFound,
    NotSignedIn,
    TooLarge,
    Unavailable,
    Unreadable,
)
from command.stream.frames import (
    CLOSE_BAD_FRAME,
    CLOSE_DENIED,
    CLOSE_NOT_FOUND,
    CLOSE_SIGNED_OUT,
    CLOSE_TOO_BIG,
    PROTOCOL,
    ClientHello,
    ClientPing,
    ClientSubmit,
    Gap,
    Me,
    Position,
    ServerAnswers,
    ServerCheckpoint,
    ServerOwn,
    ServerPing,
    ServerPong,
    ServerProblem,
)
from command.views.rows import ClockInfo, Entry

MAX_FRAME_BYTES: Final = 64 * 1024 * 1024
"""A snapshot of the largest incident that we know how to make is a tenth of this."""

BACKOFF_S: Final = 0.5
BACKOFF_MAX_S: Final = 15.0
ANSWER_WITHIN_S: Final = 30.0
PING_S: Final = 15.0  # with as much for the pong: a half-open connection is found within 30 s

Rows = dict[str, dict[str, dict[str, Any]]]


class Hello(msgspec.Struct, frozen=True, tag_field="t", tag="hello"):
    """`frames.ServerHello` as a client reads it: rows carry no tag, so they stay plain maps."""

    incident: str
    at: Position
    me: Me
    clock: ClockInfo
    root: str
    resumed: bool = False
    gap: Gap | None = None
    board: Rows | None = None
    feed: tuple[Entry, ...] | None = None


class Batch(msgspec.Struct, frozen=True, tag_field="t", tag="batch"):
    """`frames.ServerBatch`, likewise."""

    epoch: int
    first: int
    last: int
    clock: ClockInfo
    events: tuple[Entry, ...] = ()
    changes: tuple[tuple[str, str, dict[str, Any] | None], ...] = ()


class Snapshot(msgspec.Struct, frozen=True, tag_field="t", tag="snapshot"):
    """`frames.ServerSnapshot`, likewise."""

    at: Position
    me: Me
    clock: ClockInfo
    gap: Gap
    board: Rows
    feed: tuple[Entry, ...]


Frame = (
    Hello | Batch | ServerOwn | Snapshot | ServerCheckpoint | ServerAnswers | ServerPing | ServerPong | ServerProblem
)

_decoder: msgspec.json.Decoder[Frame] = msgspec.json.Decoder(Frame)
_encoder = msgspec.json.Encoder()

_ENDS: Final[Mapping[int, type[MusterError]]] = {
    CLOSE_BAD_FRAME: Unreadable,
    CLOSE_TOO_BIG: Unreadable,
    CLOSE_SIGNED_OUT: NotSignedIn,
    CLOSE_DENIED: Denied,
    CLOSE_NOT_FOUND: NotFound,
    400: Unreadable,
    401: NotSignedIn,
    403: Denied,
    404: NotFound,
}
"""Close codes and HTTP statuses after which trying again would get the same answer."""

_ERRORS: Final[Mapping[str, type[MusterError]]] = {
    kind.code: kind for kind in (Unreadable, TooLarge, NotSignedIn, Denied, NotFound, Conflict, Busy, Unavailable)
}


class Cursor:
    """What has been seen, and the proof that nothing was skipped. No I/O."""

    def __init__(self, position: Position | None = None, lens: str = "") -> None:
        self.position = position
        self.lens = lens

    def take(self, frame: Frame) -> None:
        """Move on by a frame. Raises Corrupt where it does not continue at what has been seen."""
        match frame:
            case Hello(resumed=True):
                if frame.at != self.position:
                    raise Corrupt(f"expected to resume at {self.position}, got {frame.at}", where="hello")
                self.lens = frame.me.lens
            case Hello() | Snapshot():
                if frame.board is None or frame.gap is None:
                    raise Corrupt("expected a board and a stated gap, got neither", where="hello")
                self.position, self.lens = frame.at, frame.me.lens
            case Batch():
                self._continue(frame)
            case _:
                return

    def _continue(self, batch: Batch) -> None:
        at = self.position
        if at is None:
            raise Corrupt("expected a hello before any batch", where="batch")
        if batch.epoch != at.epoch or batch.first != at.seq + 1 or batch.last < batch.first:
            got = f"{batch.first} to {batch.last} of epoch {batch.epoch}"
            raise Corrupt(f"expected events from {at.seq + 1} of epoch {at.epoch}, got {got}", where="batch")
        if any(not batch.first <= entry.seq <= batch.last for entry in batch.events):
            raise Corrupt(f"expected events within {batch.first} to {batch.last}", where="batch")
        self.position = Position(at.log, at.epoch, batch.last)


class Link:
    """One connection, no reconnecting. `async with Link(...) as link`, then iterate, `submit` and `ping`.

    Raises NotSignedIn, Denied, NotFound, Unreadable for an answer that will not
    change, Unavailable for one that may, Corrupt for a stream with a hole.
    """

    def __init__(
        self,
        url: str,
        incident: str,
        *,
        cookie: str = "",
        headers: Mapping[str, str] | None = None,
        origin: str | None = None,
        cursor: Cursor | None = None,
        checkpoints: bool = False,
    ) -> None:
        self.cursor = cursor or Cursor()
        self._checkpoints = checkpoints
        self._uri = stream_uri(url, incident)
        self._headers = {**({"Cookie": cookie} if cookie else {}), **(headers or {})}
        self._origin = Origin(origin) if origin is not None else None
        self._socket: ClientConnection | None = None
        self._answers: dict[str, asyncio.Future[tuple[Answer, ...]]] = {}
        self._refs = 0

    async def __aenter__(self) -> Self:
        try:
            self._socket = await connect(
                self._uri,
                subprotocols=[Subprotocol(PROTOCOL)],
                additional_headers=self._headers,
                origin=self._origin,
                compression=None,
                ping_interval=PING_S,
                ping_timeout=PING_S,
                max_size=MAX_FRAME_BYTES,
                # Reconnecting, proxies and redirects are ours to decide, not the library's.
                proxy=None,
            )
        except InvalidStatus as exc:
            raise _ended(exc.response.status_code, f"status {exc.response.status_code}") from exc
        except (OSError, TimeoutError, InvalidHandshake, ConnectionClosed) as exc:
            raise Unavailable(f"expected a server, got {type(exc).__name__}", where=self._uri) from exc
        await self._send(ClientHello(self.cursor.position, lens=self.cursor.lens, checkpoints=self._checkpoints))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._forget("the connection was closed")
        if self._socket is not None:
            await self._socket.close()

    async def __aiter__(self) -> AsyncIterator[Frame]:
        """Every frame in order, checked. Must be iterated for `submit` to get its answers."""
        assert self._socket is not None, "enter the link first"
        try:
            async for text in self._socket:
                frame = _decode(text)
                self.cursor.take(frame)
                self._hand_over(frame)
                yield frame
        except ConnectionClosed:
            pass
        finally:
            self._forget("the connection ended before the answer came")
        raise _ended(self._socket.close_code, f"close {self._socket.close_code} {self._socket.close_reason}")

    async def submit(self, commands: Sequence[Submission], *, within_s: float = ANSWER_WITHIN_S) -> tuple[Answer, ...]:
        """Send commands and wait for their answers; the link must be iterated meanwhile.

        Raises Unavailable when none came: whether they were taken is then unknown, and
        the same commands may be sent again. Raises the error of the server's code (Busy,
        Denied, Unreadable, …) where it took none of them.
        """
        self._refs += 1
        ref = f"r{self._refs}"
        future: asyncio.Future[tuple[Answer, ...]] = asyncio.get_running_loop().create_future()
        self._answers[ref] = future
        try:
            await self._send(ClientSubmit(ref, tuple(commands)))
            async with asyncio.timeout(within_s):
                return await future
        except TimeoutError as exc:
            raise Unavailable(f"no answer within {within_s:g} s", where=ref) from exc
        finally:
            self._answers.pop(ref, None)
            if future.done() and not future.cancelled():
                future.exception()  # seen, even where sending failed before anyone waited for it

    async def ping(self, n: int) -> None:
        """Ask for a pong with this number."""
        await self._send(ClientPing(n))

    async def _send(self, frame: ClientHello | ClientSubmit | ClientPing) -> None:
        assert self._socket is not None, "enter the link first"
        try:
            await self._socket.send(_encoder.encode(frame), text=True)
        except ConnectionClosed as exc:
            raise _ended(self._socket.close_code, "the connection has ended") from exc

    def _hand_over(self, frame: Frame) -> None:
        if not isinstance(frame, ServerAnswers | ServerProblem):
            return
        future = self._answers.get(frame.ref or "")
        if future is None or future.done():
            return
        if isinstance(frame, ServerAnswers):
            future.set_result(frame.answers)
        else:
            future.set_exception(_ERRORS.get(frame.code, MusterError)(frame.detail, where=frame.ref or ""))

    def _forget(self, why: str) -> None:
        for future in self._answers.values():
            if not future.done():
                future.set_exception(Unavailable(why))


async def follow(
    url: str,
    incident: str,
    *,
    cookie: str = "",
    headers: Mapping[str, str] | None = None,
    cursor: Cursor | None = None,
    jitter: Callable[[float, float], float] = random.uniform,
    on_wait: Callable[[float, MusterError], None] | None = None,
) -> AsyncIterator[Frame]:
    """Frames of an incident for as long as the caller iterates, over as many connections as it takes.

    Between tries it waits between 0 and a limit that doubles up to 15 s (full
    jitter), so that a thousand clients do not come back at once. `on_wait(wait_s,
    error)` is told. Raises as `Link` does where trying again will not help.
    """
    cursor = cursor or Cursor()
    tries = 0
    while True:
        try:
            async with Link(url, incident, cookie=cookie, headers=headers, cursor=cursor) as link:
                async for frame in link:
                    tries = 0
                    yield frame
        except Unavailable as exc:
            wait_s = jitter(0.0, min(BACKOFF_MAX_S, BACKOFF_S * 2.0 ** min(tries, 16)))
            tries += 1
            if on_wait is not None:
                on_wait(wait_s, exc)
            await asyncio.sleep(wait_s)


async def tail(
    url: str,
    cookie: str,
    incident: str,
    *,
    on_line: Callable[[str], None],
    json: bool,
    on_wait: Callable[[float, MusterError], None] | None = None,
) -> None:
    """Print an incident as it happens, one line an event, until cancelled: `muster tail`.

    With `json` each line is an `Entry`, or `{"gap": …}` where events were skipped
    openly. `cookie` is a whole Cookie header. Raises as `follow` does.
    """
    async for frame in follow(url, incident, cookie=cookie, on_wait=on_wait):
        match frame:
            case Hello() | Snapshot() if frame.gap is not None:
                if frame.gap.reason != "first":
                    on_line(_gap_line(frame.gap, json=json))
                for entry in frame.feed or ():
                    # After a gap the feed overlaps what was printed before it.
                    if frame.gap.reason == "first" or entry.seq > frame.gap.since:
                        on_line(_line(entry, json=json))
            case Batch():
                for entry in frame.events:
                    on_line(_line(entry, json=json))
            case _:
                pass


def stream_uri(url: str, incident: str) -> str:
    """The socket's address at a server `url` (http or https). Raises Unreadable for any other."""
    schemes = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}
    try:
        parts = urlsplit(url)
        known = parts.scheme in schemes and parts.hostname and parts.port != 0  # reading the port checks it
    except ValueError:
        known = False
    if not known:
        raise Unreadable(f"expected an http or https address, got {url}", where="url")
    path = f"{parts.path.rstrip('/')}/api/incidents/{quote(incident, safe='')}/stream"
    return urlunsplit((schemes[parts.scheme], parts.netloc, path, "", ""))


def _line(entry: Entry, *, json: bool) -> str:
    if json:
        return _encoder.encode(entry).decode()
    at = entry.occurred_at.strftime("%Y-%m-%d %H:%M:%SZ")
    finding = f" [{entry.finding.kind}]" if entry.finding is not None else ""
    who = entry.who.name or entry.who.person
    text = f": {' '.join(entry.text.split())}" if entry.text else ""
    line = f"{entry.seq:>6} {at} {entry.type} {entry.line}{finding} ({who}){text}"
    # Field text is text: what a terminal would take for a command is shown as a mark.
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in line)


def _gap_line(gap: Gap, *, json: bool) -> str:
    if json:
        return _encoder.encode({"gap": gap}).decode()
    return f"       gap: from {gap.since} to {gap.upto}, {gap.reason}"


def _decode(text: str | bytes) -> Frame:
    try:
        return _decoder.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as exc:
        raise Unreadable(f"expected a frame of {PROTOCOL}: {exc}", where="stream") from exc


def _ended(code: int | None, what: str) -> MusterError:
    kind = _ENDS.get(code or 0, Unavailable)
    return kind(f"the server ended it: {what}".strip(), where="stream")
