"""Finding PostgreSQL's programs, and saying clearly why they will not do."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from command.errors import Misconfigured
from command.store.pg_programs import candidate_modes, environment, find_bin_dir, find_programs, run


def fake(directory: Path, says: str) -> Path:
    """A directory with a `postgres` that says its version, and an `initdb`."""
    directory.mkdir(parents=True, exist_ok=True)
    for name in ("postgres", "initdb"):
        path = directory / name
        path.write_text(f"#!/bin/sh\necho '{says}'\n")
        path.chmod(0o755)
    return directory


def test_the_setting_comes_first_then_the_environment_then_the_wheel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = fake(tmp_path / "one", ""), fake(tmp_path / "two", "")
    assert find_bin_dir().parts[-2:] == ("pginstall", "bin")
    monkeypatch.setenv("MUSTER_PG_BIN", str(two))
    assert find_bin_dir(one) == one
    assert find_bin_dir() == two


def test_without_the_wheel_path_is_searched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    monkeypatch.setenv("PATH", str(fake(tmp_path / "bin", "")))
    assert find_bin_dir() == tmp_path / "bin"
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Misconfigured, match="--database"):
        find_bin_dir()


def test_a_named_directory_without_the_programs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="found no such pair"):
        find_bin_dir(tmp_path)


@pytest.mark.parametrize(
    ("says", "match"),
    [("postgres (PostgreSQL) 13.9", "PostgreSQL 14 or newer, got 13"), ("hello", "expected a version")],
)
async def test_an_old_or_strange_postgres_is_refused(tmp_path: Path, says: str, match: str) -> None:
    with pytest.raises(Misconfigured, match=match):
        await find_programs(fake(tmp_path / "bin", says), tmp_path / "data")


@pytest.mark.parametrize(("says", "major"), [("14.3 (Debian 14.3-1)", 14), ("19beta1", 19), ("18.6", 18)])
async def test_versions_are_read(tmp_path: Path, says: str, major: int) -> None:
    programs = await find_programs(fake(tmp_path / "bin", f"postgres (PostgreSQL) {says}"), tmp_path / "data")
    assert programs.major == major


def test_the_owner_of_the_files_decides_how_root_runs_it(tmp_path: Path) -> None:
    data = tmp_path / "pgdata"
    assert candidate_modes(1000, data) == ["plain"]
    assert candidate_modes(0, data) == ["userns", "setuid:65534:65534"]
    data.mkdir()
    owner = data.stat()
    expected = "userns" if owner.st_uid == 0 else f"setuid:{owner.st_uid}:{owner.st_gid}"
    assert candidate_modes(0, data) == [expected]


def test_the_environment_is_cleared_of_what_would_change_postgres(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGOPTIONS", "-c fsync=off")
    monkeypatch.setenv("LC_MESSAGES", "fr_FR")
    seen = environment()
    assert "PGOPTIONS" not in seen and "LC_MESSAGES" not in seen
    assert seen["LC_ALL"] == "C" and seen["PATH"] == os.environ["PATH"]


async def test_a_program_that_does_not_end_is_ended() -> None:
    argv = [sys.executable, "-I", "-S", "-c", "import time; time.sleep(600)", "-", "sleeper"]
    with pytest.raises(Misconfigured, match="expected sleeper to end within 0.2 s"):
        await run(argv, timeout_s=0.2)
