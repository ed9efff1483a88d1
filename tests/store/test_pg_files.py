"""The files around a cluster: bounded, private, and never taken from somebody else."""

from __future__ import annotations

import asyncio
import os
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from command.errors import Misconfigured, Unavailable
from command.store.pg_files import (
    check_room,
    clear_stale_pid,
    complaints,
    last_lines,
    lock_for_postgres,
    lock_for_supervisor,
    open_log,
    socket_dir,
    trim_log,
)


def test_the_log_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Past the limit the log is kept as .1 and goes on empty, also for who holds it open."""
    monkeypatch.setattr("command.store.pg_files._LOG_BYTES", 100)
    path = tmp_path / "postgres.log"
    descriptor = open_log(path)
    try:
        os.write(descriptor, b"x" * 101)
        trim_log(path)
        os.write(descriptor, b"new\n")
    finally:
        os.close(descriptor)
    assert path.read_bytes() == b"new\n"
    assert (tmp_path / "postgres.log.1").read_bytes() == b"x" * 101
    assert stat.S_IMODE((tmp_path / "postgres.log.1").stat().st_mode) == 0o600
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_end_of_a_log_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "log"
    assert last_lines(path) == ""
    path.write_text("".join(f"line {n}\n" for n in range(2000)))
    assert last_lines(path, 2) == "line 1998 | line 1999"


async def test_a_start_waits_for_what_an_earlier_postgres_left(tmp_path: Path) -> None:
    held = await lock_for_postgres(tmp_path)
    waiting = asyncio.ensure_future(lock_for_postgres(tmp_path))
    await asyncio.sleep(0)
    assert not waiting.done()
    os.close(held)
    async with asyncio.timeout(60):
        os.close(await waiting)


async def test_what_never_ends_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("command.store.pg_files._LEFTOVER_S", 0.05)
    held = await lock_for_postgres(tmp_path)
    try:
        with pytest.raises(Misconfigured, match="still running"):
            await lock_for_postgres(tmp_path)
    finally:
        os.close(held)


def test_a_directory_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "supervisor.lock").mkdir()
    with pytest.raises(Misconfigured, match="expected a data directory that can be written"):
        lock_for_supervisor(tmp_path)


def test_the_supervisors_lock_names_its_holder(tmp_path: Path) -> None:
    held = lock_for_supervisor(tmp_path)
    with pytest.raises(Misconfigured, match=f"process {os.getpid()}"):
        lock_for_supervisor(tmp_path)
    os.close(held)
    os.close(lock_for_supervisor(tmp_path))


@pytest.mark.parametrize("platform", ["linux", "darwin"])
def test_a_pid_file_of_a_process_that_is_no_postmaster_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, platform: str
) -> None:
    if platform == "darwin" and not Path("/bin/ps").exists():
        pytest.skip("no ps")
    monkeypatch.setattr(sys, "platform", platform)
    other = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        (tmp_path / "postmaster.pid").write_text(f"{other.pid}\n")
        assert clear_stale_pid(tmp_path)
        assert not clear_stale_pid(tmp_path)
    finally:
        other.communicate(b"\n")


def test_a_socket_directory_that_is_somebody_elses_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another user who makes the short directory first gets nothing but an error."""
    with tempfile.TemporaryDirectory(prefix="m", dir="/tmp") as base:
        monkeypatch.setenv("XDG_RUNTIME_DIR", base)
        long = Path(base) / ("x" * 120)
        long.mkdir()
        ours = socket_dir(long, None)
        assert ours.parent == Path(base)
        ours.rmdir()
        ours.symlink_to("/tmp")
        with pytest.raises(Misconfigured, match="somebody else's"):
            socket_dir(long, None)


def test_a_runtime_directory_that_is_too_long_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = tmp_path / ("x" * 120)
    long.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(long))
    directory = socket_dir(long, None)
    assert directory.parent == Path("/tmp")
    directory.rmdir()


def test_a_disk_without_room_is_told_in_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("command.store.pg_files.free_bytes", lambda place: 19_500_000)
    check_room(tmp_path, 19_500_000, "to make a database")
    with pytest.raises(Unavailable, match="expected 256 MB free on the disk to make a database, found 19 MB") as told:
        check_room(tmp_path, 256_000_000, "to make a database")
    assert told.value.where == str(tmp_path)


@pytest.mark.parametrize(
    ("output", "says"),
    [
        ("selecting x ... ok\nab [7] FATAL:  no room\nab [7] HINT:  look\nAborted\n", "ab [7] FATAL:  no room"),
        ("a ... ok\nb ... initdb: error: could not close\nc\n", "b ... initdb: error: could not close"),
        ("one\n\ntwo\nthree\nfour\n", "two | three | four"),
        ("", ""),
    ],
)
def test_of_a_programs_output_its_complaints_are_told(output: str, says: str) -> None:
    assert complaints(output) == says
