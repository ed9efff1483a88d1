"""The files around an embedded cluster: locks, the stale postmaster.pid, the socket's directory, the log."""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import os
import shutil
import stat
import subprocess
import sys
import time
from pathlib import Path

from command.errors import Misconfigured, Unavailable

SOCKET_NAME = ".s.PGSQL.5432"
_SOCKET_PATH_BYTES = 103  # sun_path less its final zero: 107 on Linux, 103 on macOS; the smaller one for both
_LOG_BYTES = 4 * 1024 * 1024  # twice this at most: the log and its predecessor
_MB = 1_000_000
_LEFTOVER_S = 15.0  # how long processes of an earlier PostgreSQL may take to end; a fast shutdown writes a checkpoint


def free_bytes(place: Path) -> int:
    """What is free on the disk of a place, for whoever writes there."""
    return shutil.disk_usage(place).free


def check_room(data_dir: Path, need_bytes: int, what: str) -> None:
    """Raises Unavailable where the disk has less room than `what` takes, before PostgreSQL finds out in its own way."""
    free = free_bytes(data_dir)
    if free < need_bytes:
        raise Unavailable(
            f"expected {need_bytes // _MB} MB free on the disk {what}, found {free // _MB} MB", where=str(data_dir)
        )


def lock_for_supervisor(data_dir: Path) -> int:
    """Take the right to supervise this directory until the returned descriptor is closed.

    Raises Misconfigured at once when another process has it, or when nothing can be written there.
    """
    path = data_dir / "supervisor.lock"
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as exc:
        raise Misconfigured(
            f"expected a data directory that can be written: {exc.strerror}", where=str(data_dir)
        ) from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.read(descriptor, 20).decode(errors="replace").strip() or "unknown"
        os.close(descriptor)
        raise Misconfigured(
            f"expected a data directory of our own, but another Muster (process {holder}) is using it",
            where=str(data_dir),
        ) from None
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    return descriptor


async def lock_for_postgres(data_dir: Path) -> int:
    """Take the lock that every process of a running PostgreSQL inherits.

    Waits for what an earlier server left behind (a shutdown under way, backends whose postmaster was killed).
    Raises Misconfigured when it does not end.
    """
    descriptor = os.open(data_dir / "postgres.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    until = time.monotonic() + _LEFTOVER_S
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return descriptor
        except BlockingIOError:
            if time.monotonic() > until:
                os.close(descriptor)
                raise Misconfigured(
                    "expected no PostgreSQL on this data directory, but processes of an earlier one are still running",
                    where=str(data_dir),
                ) from None
        await asyncio.sleep(0.02)


def clear_stale_pid(data: Path) -> bool:
    """Remove a postmaster.pid that a dead postmaster left; True if there was one.

    PostgreSQL itself trusts any live process of that id: a zombie, or, after a reboot or a move
    to another machine, somebody else's. Raises Misconfigured when it is a live postmaster of this directory.
    """
    path = data / "postmaster.pid"
    try:
        pid = int(path.read_text().split("\n", 1)[0])
    except FileNotFoundError:
        return False
    except ValueError:
        pid = 0
    if pid > 0 and pid != os.getpid() and _is_postmaster(pid, data):
        raise Misconfigured(
            f"expected no PostgreSQL on this data directory, but process {pid} is one: stop it first", where=str(data)
        )
    path.unlink(missing_ok=True)
    return True


def clear_stale_socket(directory: Path) -> None:
    """Remove the socket and its lock that a dead postmaster left. To be called after `clear_stale_pid`, with the lock held.

    PostgreSQL takes any live process of the id in that lock for its owner, as it does with postmaster.pid; in a
    container, where ids begin at 1 again, there nearly always is one.
    """
    for name in (SOCKET_NAME, f"{SOCKET_NAME}.lock"):
        (directory / name).unlink(missing_ok=True)


def _is_postmaster(pid: int, data: Path) -> bool:
    if sys.platform == "linux":
        return _is_postmaster_linux(pid, data)
    shown = subprocess.run(
        ["/bin/ps", "-o", "stat=,comm=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout
    state, _, name = shown.strip().partition(" ")
    return bool(state) and not state.startswith("Z") and "postgres" in name


def _is_postmaster_linux(pid: int, data: Path) -> bool:
    process = Path("/proc") / str(pid)
    try:
        if process.joinpath("stat").read_text().rpartition(")")[2].split()[0] in ("Z", "X"):
            return False
        if process.joinpath("comm").read_text().strip() != "postgres":
            return False
    except (FileNotFoundError, ProcessLookupError):
        return False
    try:
        # A postmaster's working directory is its data directory.
        return process.joinpath("cwd").samefile(data)
    except (FileNotFoundError, ProcessLookupError):
        return False
    except PermissionError:
        return True  # somebody else's postgres: cannot be told apart, so it is believed


def socket_dir(data_dir: Path, owner: tuple[int, int] | None) -> Path:
    """Make the 0700 directory of the socket: in the data directory, or where that path is too long for a socket,
    in a short one under XDG_RUNTIME_DIR or /tmp named after it.

    Raises Misconfigured when such a directory exists and is not ours alone.
    """
    own = data_dir / "socket"
    directory = own
    if len(os.fsencode(own / SOCKET_NAME)) > _SOCKET_PATH_BYTES:
        name = "muster-" + hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
        base = Path(os.environ.get("XDG_RUNTIME_DIR") or "/tmp")  # checked for ownership below
        if not base.is_dir() or len(os.fsencode(base / name / SOCKET_NAME)) > _SOCKET_PATH_BYTES:
            base = Path("/tmp")
        directory = base / name
    directory.mkdir(mode=0o700, exist_ok=True)
    found = directory.lstat()
    allowed = {os.geteuid()} | ({owner[0]} if owner else set())
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in allowed:
        raise Misconfigured(f"expected {directory} to be our own directory, and it is somebody else's")
    directory.chmod(0o700)
    if owner is not None:
        os.chown(directory, *owner)
    return directory


def open_log(path: Path) -> int:
    """Open PostgreSQL's log for appending."""
    trim_log(path)
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)


def trim_log(path: Path) -> None:
    """Keep the log bounded: past the limit it is copied to `.1` and emptied in place (PostgreSQL holds it open)."""
    if path.exists() and path.stat().st_size > _LOG_BYTES:
        shutil.copyfile(path, path.with_suffix(".log.1"))
        path.with_suffix(".log.1").chmod(0o600)
        os.truncate(path, 0)


def last_lines(path: Path, count: int = 5) -> str:
    """The end of a log, on one line, for an error message."""
    if not path.exists():
        return ""
    with path.open("rb") as file:
        file.seek(max(path.stat().st_size - 4096, 0))
        return " | ".join(file.read().decode(errors="replace").splitlines()[-count:])


def complaints(output: str, count: int = 3) -> str:
    """What a program of PostgreSQL complained of, on one line: its lines with an error in them, else its last ones."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    wrong = [line for line in lines if any(word in line for word in ("FATAL", "PANIC", "ERROR", "error:"))]
    return " | ".join(wrong[:count] or lines[-count:])
