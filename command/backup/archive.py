"""What is in a backup: members one after the other, and at the end a manifest of all of them.

Frames: a letter, a length (4 bytes), a payload. `B` begins a member (JSON), `D` is data of it, `E` ends it,
`M` is the manifest and the last one. The reader checks each member against the manifest before anything is believed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import Final, TypeVar

import msgspec

from command.errors import Corrupt

T = TypeVar("T")

_MAX_FRAME: Final = 64 * 1024 * 1024  # a row of the largest table is far below it


class Member(msgspec.Struct, frozen=True, omit_defaults=True):
    """A table's rows in PostgreSQL's binary COPY format, or a small file."""

    name: str
    columns: tuple[str, ...] = ()


class Kept(msgspec.Struct, frozen=True, omit_defaults=True):
    """A member as it was written."""

    name: str
    size_bytes: int
    sha256: str
    rows: int = 0


class LogEnd(msgspec.Struct, frozen=True):
    """Where an incident's log ended."""

    log: str
    epoch: int
    seq: int
    root: str  # hexadecimal


class Manifest(msgspec.Struct, frozen=True):
    """What a backup is, and what it holds."""

    id: str
    kind: str
    program: str  # version
    taken_at: str  # of what moment it is, by the database's clock
    migrations: tuple[tuple[int, str], ...] = ()  # number, SHA-256
    members: tuple[Kept, ...] = ()
    logs: tuple[LogEnd, ...] = ()


class Writer:
    """Writes members; `write` takes what comes out."""

    def __init__(self, write: Callable[[bytes], None]) -> None:
        self._write = write
        self._members: list[Kept] = []
        self._member: Member | None = None
        self._size = 0
        self._digest = hashlib.sha256()

    def begin(self, member: Member) -> None:
        """A member begins."""
        self._member, self._size, self._digest = member, 0, hashlib.sha256()
        self._frame(b"B", msgspec.json.encode(member))

    async def data(self, chunk: bytes) -> None:
        """Some of the member's content; awaitable, as the driver wants it."""
        self._size += len(chunk)
        self._digest.update(chunk)
        self._frame(b"D", chunk)

    def end(self, rows: int = 0) -> None:
        """The member is whole."""
        assert self._member is not None, "a member ends that began"
        self._members.append(Kept(self._member.name, self._size, self._digest.hexdigest(), rows))
        self._frame(b"E", b"")

    def finish(self, manifest: Manifest) -> Manifest:
        """Write the manifest, with all members in it; returns it so."""
        whole = msgspec.structs.replace(manifest, members=tuple(self._members))
        self._frame(b"M", msgspec.json.encode(whole))
        return whole

    def _frame(self, letter: bytes, payload: bytes) -> None:
        self._write(letter + len(payload).to_bytes(4, "big") + payload)


class Reader:
    """Reads members in their order: `for member in reader: for chunk in reader.content(): …`, then `manifest`."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._buffer = bytearray()
        self._found: list[tuple[str, int, str]] = []
        self._in_member = False
        self._member = Member("")
        self._size = 0
        self._digest = hashlib.sha256()
        self.manifest: Manifest | None = None

    def __iter__(self) -> Iterator[Member]:
        while True:
            for _ in self.content():
                """What was not read is passed over, and checked all the same."""
            letter, payload = self._frame()
            if letter == b"M":
                self._finish(payload)
                return
            if letter != b"B":
                raise Corrupt(f"expected a member or the manifest, got {letter!r}", where="backup")
            self._member = _decoded(payload, Member)
            self._in_member, self._size, self._digest = True, 0, hashlib.sha256()
            yield self._member

    def content(self) -> Iterator[bytes]:
        """The rest of the member."""
        while self._in_member:
            letter, payload = self._frame()
            if letter == b"E":
                self._in_member = False
                self._found.append((self._member.name, self._size, self._digest.hexdigest()))
                return
            if letter != b"D":
                raise Corrupt(f"expected data of {self._member.name}, got {letter!r}", where="backup")
            self._size += len(payload)
            self._digest.update(payload)
            yield payload

    def _finish(self, payload: bytes) -> None:
        self.manifest = _decoded(payload, Manifest)
        if self._buffer or next(self._chunks, None) is not None:
            raise Corrupt("expected nothing after the manifest, got more", where="backup")
        said = [(kept.name, kept.size_bytes, kept.sha256) for kept in self.manifest.members]
        if said != self._found:
            raise Corrupt("expected the members that the manifest names, got others", where="backup")

    def _frame(self) -> tuple[bytes, bytes]:
        head = self._take(5)
        size = int.from_bytes(head[1:], "big")
        if size > _MAX_FRAME:
            raise Corrupt(f"expected a frame of at most {_MAX_FRAME} bytes, got {size}", where="backup")
        return head[:1], self._take(size)

    def _take(self, size: int) -> bytes:
        while len(self._buffer) < size:
            chunk = next(self._chunks, None)
            if chunk is None:
                raise Corrupt("expected more of the backup, got its end", where="backup")
            self._buffer += chunk
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken


def _decoded(payload: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(payload, type=kind)
    except msgspec.MsgspecError as exc:
        raise Corrupt(f"expected a {kind.__name__.lower()} in the backup: {exc}", where="backup") from None
