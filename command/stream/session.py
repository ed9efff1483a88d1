"""One client's side of the socket as a state machine: text and time in, effects out. No I/O, no loop, no clock.

    waiting-hello ──hello──▶ live ──▶ closed
          └───────(anything else, or 10 s)───▲

Obligations of the caller: feed every message in order with a monotonic `now` in
seconds, call `tick` at `deadline`, perform the effects in the order given, and
stop after a `Close`.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from command.domain.batch import read_each, readable
from command.domain.submission import Answer, Submission
from command.stream.frames import (
    CLOSE_BAD_FRAME,
    CLOSE_TOO_BIG,
    CLOSE_TRY_LATER,
    MAX_MESSAGE_BYTES,
    PROTOCOL,
    ClientFrame,
    ClientHello,
    ClientPing,
    ClientSubmit,
    Position,
)

HELLO_WITHIN_S: Final = 10.0
"""A socket that says nothing holds a place for nobody; ten seconds cover the worst radio link's first packet."""

MESSAGES_PER_MIN: Final = 100.0
"""OWASP WebSocket cheat sheet. A message holds up to 100 commands, so a tablet coming back is far below it."""

BURST: Final = 60.0
"""An outbox of a shift sent at once: 60 messages of 100 commands."""

REFUSALS: Final = 100.0
"""So many messages over the rate are answered one by one; after that the socket is closed. Nothing is dropped unsaid."""


class Resume(msgspec.Struct, frozen=True):
    """Answer the hello: attach this client, from `position` if it has one."""

    position: Position | None
    lens: str = ""
    checkpoints: bool = False


class Submit(msgspec.Struct, frozen=True):
    """Hand these commands to the service and answer with `ref`. What could not be read has its answer already."""

    ref: str
    submissions: tuple[Submission | Answer, ...]


class Pong(msgspec.Struct, frozen=True):
    """Answer a ping."""

    n: int


class Problem(msgspec.Struct, frozen=True):
    """Tell the client what could not be taken. `ref` names the submit, so that its outbox keeps it."""

    code: str
    detail: str
    ref: str | None = None


class Close(msgspec.Struct, frozen=True):
    """Close the socket. Nothing follows."""

    code: int
    reason: str


Effect = Resume | Submit | Pong | Problem | Close
Phase = Literal["waiting-hello", "live", "closed"]


class Bucket:
    """A token bucket: `burst` at once, `per_min` sustained. Time is handed in, seconds."""

    def __init__(self, per_min: float, burst: float, now: float) -> None:
        self._per_s = per_min / 60.0
        self._burst = burst
        self._level = burst
        self._at = now

    def take(self, now: float) -> bool:
        """Take one token if there is one."""
        self._level = min(self._burst, self._level + max(0.0, now - self._at) * self._per_s)
        self._at = max(self._at, now)
        if self._level < 1.0:
            return False
        self._level -= 1.0
        return True

    @property
    def wait_s(self) -> float:
        """How long from the last `take` until a token is there."""
        return max(0.0, (1.0 - self._level) / self._per_s)


class _Ref(msgspec.Struct):
    """What is looked for in a frame that could not be read: whom to tell."""

    ref: str = ""


_frames: msgspec.json.Decoder[ClientFrame] = msgspec.json.Decoder(ClientFrame)
_refs = msgspec.json.Decoder(_Ref)


class _Batch(msgspec.Struct, forbid_unknown_fields=True, tag_field="t", tag="submit"):
    """A submit frame whose commands are still to be read, each by itself."""

    ref: Annotated[str, Meta(max_length=64)]
    commands: Annotated[tuple[msgspec.Raw, ...], Meta(min_length=1, max_length=100)]


_batches: msgspec.json.Decoder[_Batch] = msgspec.json.Decoder(_Batch)
_one: msgspec.json.Decoder[Submission] = msgspec.json.Decoder(Submission)


def _said(error: Exception) -> tuple[str, str]:
    """The decoder's words without their place, and that."""
    message, _, where = str(error).partition(" - at ")
    return _lower(message), where.strip("`")


class Session:
    """The state machine. One instance a socket."""

    def __init__(self, now: float) -> None:
        self.phase: Phase = "waiting-hello"
        self._hello_by = now + HELLO_WITHIN_S
        self._rate = Bucket(MESSAGES_PER_MIN, BURST, now)
        self._refusals = Bucket(MESSAGES_PER_MIN, REFUSALS, now)

    @property
    def deadline(self) -> float | None:
        """When `tick` has something to say, if nothing comes before; None: never."""
        return self._hello_by if self.phase == "waiting-hello" else None

    def tick(self, now: float) -> tuple[Effect, ...]:
        """Time has passed."""
        if self.phase == "waiting-hello" and now >= self._hello_by:
            return self._close(CLOSE_BAD_FRAME, f"expected hello within {HELLO_WITHIN_S:g} s")
        return ()

    def receive_binary(self) -> tuple[Effect, ...]:
        """A binary message came: this protocol has none."""
        if self.phase == "closed":
            return ()
        return self._close(CLOSE_BAD_FRAME, "expected text, got a binary message")

    def receive(self, text: str, now: float) -> tuple[Effect, ...]:
        """One whole text message came. Never raises; what is wrong with it is in the effects."""
        if self.phase == "closed":
            return ()
        # A character is at least a byte, so an oversized message is found without encoding it first.
        if len(text) > MAX_MESSAGE_BYTES or len(text.encode(errors="replace")) > MAX_MESSAGE_BYTES:
            return self._close(CLOSE_TOO_BIG, f"expected at most {MAX_MESSAGE_BYTES} bytes a message")
        if not self._rate.take(now):
            return self._over_rate(text, now)
        try:
            frame = _frames.decode(text)
        except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as exc:
            return self._in_part(text) or self._unreadable(text, str(exc))
        if self.phase == "waiting-hello":
            return self._first(frame)
        match frame:
            case ClientSubmit():
                return (Submit(frame.ref, frame.commands),)
            case ClientPing():
                return (Pong(frame.n),)
            case ClientHello():
                return self._close(CLOSE_BAD_FRAME, "expected one hello a connection")

    def _first(self, frame: ClientFrame) -> tuple[Effect, ...]:
        if not isinstance(frame, ClientHello):
            return self._close(CLOSE_BAD_FRAME, "expected hello as the first message")
        if frame.protocol != PROTOCOL:
            return self._close(CLOSE_BAD_FRAME, f"expected protocol {PROTOCOL}")
        self.phase = "live"
        return (Resume(frame.resume, frame.lens, frame.checkpoints),)

    def _in_part(self, text: str) -> tuple[Effect, ...]:
        """A batch of which some can be read; nothing where it is none of these."""
        if self.phase != "live":
            return ()
        try:
            frame = _batches.decode(text)
        except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
            return ()
        read = read_each(frame.commands, _one, "$.commands", _said)
        return (Submit(frame.ref, tuple(read)),) if readable(read) else ()

    def _unreadable(self, text: str, why: str) -> tuple[Effect, ...]:
        problem = Problem("unreadable", _lower(why), _ref_of(text))
        if self.phase == "waiting-hello":
            return (problem, *self._close(CLOSE_BAD_FRAME, "expected hello as the first message"))
        return (problem,)

    def _over_rate(self, text: str, now: float) -> tuple[Effect, ...]:
        if not self._refusals.take(now):
            return self._close(CLOSE_TRY_LATER, "too many messages")
        detail = f"over {MESSAGES_PER_MIN:g} messages a minute; nothing was taken, send it again in {self._rate.wait_s:.1f} s"
        return (Problem("busy", detail, _ref_of(text)),)

    def _close(self, code: int, reason: str) -> tuple[Effect, ...]:
        self.phase = "closed"
        return (Close(code, reason),)


def _lower(text: str) -> str:
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def _ref_of(text: str) -> str | None:
    """The `ref` of a frame that was not taken, where it can be read at all."""
    try:
        ref = _refs.decode(text).ref
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return None
    return ref[:64] or None
