"""Backups as files: their names, sealed as they are written, whole or not there at all."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

import msgspec

from command.backup.archive import LogEnd, Manifest, Reader, Writer
from command.backup.sealed import Lock, SealedHeader, Sealer, Secret, opened, read_header
from command.errors import Corrupt, Misconfigured, MusterError, Unavailable, Unreadable
from command.store.keyring import sync_directory

Kind = Literal["data", "keys"]
SUFFIX: Final = ".sealed"


class FileOf(msgspec.Struct, frozen=True):
    """A file of a backup, as anyone can check it without a key."""

    name: str
    size_bytes: int
    sha256: str


class Note(msgspec.Struct, frozen=True):
    """The note beside a backup: readable, and worth nothing to a thief. The sealed manifest is what counts."""

    id: str
    taken_at: str
    keys_expire_at: str
    data: FileOf
    keys: FileOf
    logs: tuple[LogEnd, ...]


def new_id(now: datetime, random: str) -> str:
    """Sorts by time."""
    return f"{now:%Y%m%dT%H%M%SZ}-{random}"


def path_of(directory: Path, kind: Kind, backup: str) -> Path:
    """Where a part of a backup lies."""
    return directory / f"muster-{kind}-{backup}{SUFFIX}"


async def write_sealed(
    directory: Path,
    lock: Lock,
    dump: Callable[[Writer], Awaitable[Manifest]],
    *,
    kind: Kind,
    backup: str,
    made_at: datetime,
    expires_at: datetime | None = None,
) -> tuple[Manifest, FileOf]:
    """Write one part, sealed; under its name only once it is whole and on the disk. Raises Misconfigured, Unavailable."""
    path = path_of(directory, kind, backup)
    draft = path.with_suffix(".part")
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as out:
            ends = "" if expires_at is None else expires_at.isoformat()
            sealer = Sealer(out, lock, kind=kind, id=backup, made_at=made_at.isoformat(), expires_at=ends)
            manifest = await dump(Writer(_told(sealer.write, path)))
            sealer.close()
            out.flush()
            os.fsync(out.fileno())
        draft.rename(path)
        sync_directory(directory)
    except OSError as exc:
        raise _cannot_write(exc, path) from None
    finally:
        with suppress(NotADirectoryError):
            draft.unlink(missing_ok=True)
    return manifest, file_of(path)


def _told(write: Callable[[bytes], None], path: Path) -> Callable[[bytes], None]:
    """The same, with its own error: what reads the database would take the file's for the database's."""

    def told(data: bytes) -> None:
        try:
            write(data)
        except OSError as exc:
            raise _cannot_write(exc, path) from None

    return told


def _cannot_write(exc: OSError, path: Path) -> MusterError:
    kind = Unavailable if exc.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO) else Misconfigured
    return kind(f"expected a directory that can be written to: {exc.strerror}", where=str(path))


def file_of(path: Path) -> FileOf:
    """Name, size and SHA-256 of a file."""
    with path.open("rb") as file:
        return FileOf(path.name, path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())


@contextmanager
def reading(path: Path, kind: Kind, secret: Secret) -> Iterator[Reader]:
    """A reader of one part. Raises Unreadable for another file, part or key; Corrupt while a damaged one is read."""
    try:
        file = path.open("rb")
    except OSError as exc:
        raise Unreadable(f"expected a backup: {exc.strerror}", where=str(path)) from None
    with file, _named(path):
        header, chunks = opened(file, secret)
        if header.kind != kind:
            raise Unreadable(f"expected a backup of {kind}, got one of {header.kind}", where=str(path))
        reader = Reader(chunks)
        yield reader
        if reader.manifest is not None and (reader.manifest.id, reader.manifest.kind) != (header.id, kind):
            raise Corrupt("expected the backup that the header names, got another", where=str(path))


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Say which file it is where an error names none."""
    try:
        yield
    except MusterError as exc:
        if exc.where in ("", "backup"):
            exc.where = str(path)
        raise


def check(path: Path, kind: Kind, secret: Secret) -> Manifest:
    """Read a part from end to end and believe it only then. Raises Unreadable, Corrupt."""
    with reading(path, kind, secret) as reader:
        for _ in reader:
            """Each member is read, and compared with the manifest at the end."""
    assert reader.manifest is not None, "a reader that came to its end has the manifest"
    return reader.manifest


def expired(directory: Path, now: datetime) -> list[tuple[Path, SealedHeader]]:
    """Copies of the key store in a directory whose time is over."""
    found = []
    for path in sorted(directory.glob(f"muster-keys-*{SUFFIX}")):
        try:
            with path.open("rb") as file:
                header, _ = read_header(file)
        except (OSError, MusterError):
            continue  # not ours to delete
        if header.kind == "keys" and header.expires_at and datetime.fromisoformat(header.expires_at) <= now:
            found.append((path, header))
    return found
