"""Backups as files: a disk that is full, a place that is none, a file that is damaged; each is told with its path."""

from __future__ import annotations

import errno
from datetime import UTC, datetime
from pathlib import Path

import pytest

from command.backup import files
from command.backup.archive import Manifest, Writer
from command.backup.sealed import Lock, Secret
from command.errors import Misconfigured, Unavailable, Unreadable
from command.store.pg_errors import translated

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
LOCK = Lock(passphrase=b"a long passphrase of several words")


async def never(_writer: Writer) -> Manifest:
    raise AssertionError("nothing is read where nothing can be written")


@pytest.mark.parametrize(("number", "kind"), [(errno.ENOSPC, Unavailable), (errno.EROFS, Misconfigured)])
async def test_a_disk_that_takes_no_more_is_not_called_the_databases_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, kind: type[Exception]
) -> None:
    """What reads the database translates the driver's errors, of which a plain OSError is one."""

    async def dump(writer: Writer) -> Manifest:
        with translated("backup"):
            writer._write(b"x" * 100)
        raise AssertionError("the disk took it")

    def full(*_words: object) -> None:
        raise OSError(number, "the system's words")

    monkeypatch.setattr("command.backup.files.Sealer.write", full)
    with pytest.raises(kind, match="a directory that can be written to: the system's words") as told:
        await files.write_sealed(tmp_path, LOCK, dump, kind="data", backup="b1", made_at=NOON)
    assert str(tmp_path) in getattr(told.value, "where", "")
    assert list(tmp_path.iterdir()) == [], "no draft is left"


async def test_a_place_that_is_no_directory_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Misconfigured, match="a directory that can be written to"):
        await files.write_sealed(tmp_path / "file", LOCK, never, kind="data", backup="b1", made_at=NOON)


@pytest.mark.parametrize("content", [b"", b"muster", b"\xff" * 200])
def test_what_is_no_backup_is_told_with_its_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "some.sealed"
    path.write_bytes(content)
    with pytest.raises(Unreadable) as told:
        files.check(path, "data", Secret(passphrase=b"a long passphrase of several words"))
    assert told.value.where == str(path)
