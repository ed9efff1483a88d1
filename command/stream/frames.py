"""The frames of the one socket, `GET /api/incidents/{id}/stream`, subprotocol `muster.1`.

The client speaks first: `hello`, with the position it holds if it has one. The
server answers `hello`, and from then on every `batch` frame states the range of
seq that it covers, whether or not this lens may see an event in it. A client
holds a position, not a connection: `(log, epoch, seq)` resumes on any node.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from command.domain.submission import Answer, Submission
from command.views.rows import AnyRow, Board, ClockInfo, Entry

PROTOCOL = "muster.1"
MAX_MESSAGE_BYTES = 64 * 1024  # OWASP WebSocket cheat sheet; a full batch of commands fits

CLOSE_GOING_AWAY = 1001  # the server stops; reconnect with your position
CLOSE_TOO_BIG = 1009  # a message over MAX_MESSAGE_BYTES
CLOSE_TRY_LATER = 1013  # too slow: reconnect and resync
CLOSE_BAD_FRAME = 4400
CLOSE_SIGNED_OUT = 4401
CLOSE_DENIED = 4403
CLOSE_NOT_FOUND = 4404


class Position(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a client has seen."""

    log: str
    epoch: int
    seq: Annotated[int, Meta(ge=0)]


# client → server


class ClientHello(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="t", tag="hello"):
    """First message. `resume` None asks for a snapshot.

    `lens` is the lens (`Me.lens`) through which the resumed position was seen: where
    today's is another, the answer is a snapshot with the reason "sight changed".
    `checkpoints` asks for `checkpoint` frames: for clients that keep what they wrote until a signed head covers it.
    """

    resume: Position | None = None
    protocol: str = PROTOCOL
    lens: str = ""
    checkpoints: bool = False


class ClientSubmit(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="t", tag="submit"):
    """Commands; answered by `answers` with the same `ref`."""

    ref: Annotated[str, Meta(max_length=64)]
    commands: Annotated[tuple[Submission, ...], Meta(min_length=1, max_length=100)]


class ClientPing(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="t", tag="ping"):
    """Answered by `pong` with the same n. Never counts as activity of the user."""

    n: int = 0


ClientFrame = ClientHello | ClientSubmit | ClientPing


# server → client


class Me(msgspec.Struct, frozen=True):
    """Who the server takes you for, and which commands access lets you send (the plan judges each one still)."""

    person: str
    name: str
    agency: str
    role: str
    lens: str
    may: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()  # what one may choose among here; `role` is the one that speaks now
    unseen: tuple[str, ...] = ()  # sections of the board that `lens` never has: not shown is not empty


class Gap(msgspec.Struct, frozen=True):
    """What was skipped between your position and this snapshot, said openly."""

    since: int
    upto: int
    # "first" | "too far behind" | "another epoch" | "another log" | "ahead of the log" | "sight changed" | "redacted"
    reason: str


class ServerHello(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="t", tag="hello"):
    """The answer to hello. `board` and `feed` are there unless the position could be resumed; `feed` is oldest first.

    Where it was resumed, `at` is the client's own position: batches from `at.seq + 1` follow, and `root` is ""
    unless the log still ends there.
    """

    incident: str
    at: Position
    me: Me
    clock: ClockInfo
    root: str  # hex Merkle root at this position
    resumed: bool = False
    gap: Gap | None = None
    board: Board | None = None
    feed: tuple[Entry, ...] | None = None


class ServerBatch(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="t", tag="batch"):
    """What one commit changed. Covers every seq from `first` to `last`."""

    epoch: int
    first: int
    last: int
    clock: ClockInfo
    events: tuple[Entry, ...] = ()
    changes: tuple[tuple[str, str, AnyRow | None], ...] = ()


class ServerOwn(msgspec.Struct, frozen=True, tag_field="t", tag="own"):
    """The personal channel: what you wrote yourself, whole, where your lens shows less of it or nothing.

    Follows the batch or snapshot that covers those seqs; an entry takes the place of the one with its seq.
    """

    events: tuple[Entry, ...]


class ServerSnapshot(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="t", tag="snapshot"):
    """Start over from here: what went before is not to be trusted (a gap, or sight changed)."""

    at: Position
    me: Me
    clock: ClockInfo
    gap: Gap
    board: Board
    feed: tuple[Entry, ...]


class ServerCheckpoint(msgspec.Struct, frozen=True, tag_field="t", tag="checkpoint"):
    """The newest signed head of the log, for those who asked in their hello: it covers every seq up to `size`.

    `note` is the C2SP checkpoint with its signatures. One follows the hello where there is one, then each new one.
    """

    size: int
    note: str


class ServerAnswers(msgspec.Struct, frozen=True, tag_field="t", tag="answers"):
    """Answers to a submit, in its order."""

    ref: str
    answers: tuple[Answer, ...]


class ServerPing(msgspec.Struct, frozen=True, tag_field="t", tag="ping"):
    """At least every 15 s: the log stands at `seq`, so silence is not mistaken for calm."""

    seq: int
    clock: ClockInfo


class ServerPong(msgspec.Struct, frozen=True, tag_field="t", tag="pong"):
    """Answer to ping."""

    n: int
    clock: ClockInfo


class ServerProblem(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="t", tag="problem"):
    """A frame that could not be taken; the socket stays open unless a close follows."""

    code: str
    detail: str
    ref: str | None = None
    id: str = ""


ServerFrame = (
    ServerHello
    | ServerBatch
    | ServerOwn
    | ServerSnapshot
    | ServerCheckpoint
    | ServerAnswers
    | ServerPing
    | ServerPong
    | ServerProblem
)
