"""The launcher: becomes the program, or says why not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from command.store import pg_launch
from command.store.pg_programs import launch_argv

ENV = Path("/usr/bin/env")


def launch(argv: list[str]) -> subprocess.CompletedProcess[str]:
    """Run to the end."""
    return subprocess.run(argv, capture_output=True, text=True, check=False)


def test_it_becomes_the_program() -> None:
    done = launch(launch_argv("plain", ENV, ["echo", "hello"]))
    assert (done.returncode, done.stdout) == (0, "hello\n")


@pytest.mark.parametrize("mode", ["setuid:x:y", "setuid:1"])
def test_an_impossible_mode_is_told_apart_from_the_programs_own_failure(mode: str) -> None:
    done = launch(launch_argv(mode, ENV, ["true"]))
    assert done.returncode == pg_launch.CANNOT
    assert done.stderr.startswith(mode)


def test_a_program_that_is_not_there_is_told() -> None:
    done = launch(launch_argv("plain", Path("/no/such"), []))
    assert done.returncode == pg_launch.CANNOT
    assert "No such file" in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="the parent-death signal is Linux's")
def test_it_does_not_start_a_program_for_a_parent_that_is_gone() -> None:
    argv = launch_argv("plain", ENV, ["echo", "orphan"])
    argv[argv.index(str(os.getpid()))] = "1"
    done = launch(argv)
    assert (done.returncode, done.stdout) == (pg_launch.ORPHAN, "")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another identity")
def test_root_is_nobody_inside() -> None:
    """By namespace where those are allowed, and for good by setuid."""
    ways = [launch(launch_argv(mode, ENV, ["id", "-u"])) for mode in ("userns", "setuid:65534:65534")]
    assert ways[1].stdout == "65534\n"
    assert ways[0].stdout == "65534\n" or ways[0].returncode == pg_launch.CANNOT
