"""The program as a shell runs it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from tests.faults.conftest import LONG
from tests.support.quick import HELPER

WAIT_S = 180.0


def muster(*words: str, data: Path | None = None, fails: int = 0) -> str:
    """Run a command to its end; returns standard output. Its exit code must be `fails`."""
    settings = ("--data", str(data)) if data is not None else ()
    code, out, err = (_whole if LONG else _quick)((*words, *settings))
    assert code == fails, err
    return out if fails == 0 else out + err


def _quick(words: tuple[str, ...]) -> tuple[int, str, str]:
    """In a process forked from one that has the program imported."""
    return HELPER.run(words, _environment(), WAIT_S)


def _whole(words: tuple[str, ...]) -> tuple[int, str, str]:
    """From the interpreter's start."""
    done = subprocess.run(
        [sys.executable, "-m", "command", *words],
        capture_output=True, text=True, timeout=WAIT_S, check=False, env=_environment(),
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


def as_json(*words: str, data: Path | None = None) -> object:
    """Run a command with --json and decode what it printed."""
    return msgspec.json.decode(muster(*words, "--json", data=data))


@contextmanager
def serving(data: Path, *words: str) -> Iterator[str]:
    """`muster serve` on a free port; yields its URL, and ends it as an operator would."""
    process = subprocess.Popen(
        [sys.executable, "-m", "command", "serve", "--data", str(data), "--port", "0", *words],
        stderr=subprocess.PIPE,
        text=True,
        env=_environment(),
    )
    drained: threading.Thread | None = None
    try:
        assert process.stderr is not None
        told: list[str] = []
        for line in process.stderr:
            told.append(line)
            if found := re.search(r"Muster is at (\S+)", line):
                break
        else:
            raise AssertionError(f"the server did not start: {''.join(told)}")
        drained = threading.Thread(target=process.stderr.read, name="stderr of muster serve")
        drained.start()
        yield found.group(1)
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(WAIT_S) == 0
        if drained is not None:
            drained.join(WAIT_S)
        if process.stderr is not None:
            process.stderr.close()


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("MUSTER_")}
