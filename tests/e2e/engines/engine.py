"""Browsers other than Chromium, driven by the protocols that they bring: no driver of somebody else's in between.

An engine does four things: go somewhere, run a script and wait for what it returns, choose a file, end. The rest is the page's.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import threading
import time
from pathlib import Path
from typing import IO, Any, Protocol

WAIT_S = 60.0
STEP_S = 0.05


class Engine(Protocol):
    """A browser with one page and a profile that nobody had before."""

    name: str

    def go(self, url: str) -> None:
        """Load a page."""

    def run(self, body: str, given: Any = None) -> Any:
        """The value (JSON) of an async function's body, whose argument is `a`. Raises ScriptFailed."""

    def choose(self, selector: str, file: Path) -> None:
        """Put a file into a file input."""

    def close(self) -> None:
        """End the browser and what it started."""


class ScriptFailed(AssertionError):
    """What a script threw in the page."""


class Process:
    """A program in a session of its own, read line by line; it ends with all that it started."""

    def __init__(self, words: list[str], env: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            start_new_session=True, env={**os.environ, **env},
        )  # fmt: skip
        assert self._process.stdout is not None
        self._said: list[str] = []
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read, args=(self._process.stdout,), name="reader of a browser")
        self._reader.start()

    def wait_for(self, pattern: str) -> str:
        """The first group of what it says."""
        with self._news:
            self._news.wait_for(
                lambda: re.search(pattern, "".join(self._said)) or self._process.poll() is not None, WAIT_S
            )
            found = re.search(pattern, "".join(self._said))
        assert found, "".join(self._said)[-4000:]
        return found.group(1)

    def _read(self, stream: IO[str]) -> None:
        for line in stream:
            with self._news:
                self._said.append(line)
                self._news.notify_all()

    def end(self, *, at_once: bool = False) -> None:
        """The whole session: a browser is many processes."""
        for number in (signal.SIGKILL,) if at_once else (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self._process.pid, number)
                self._process.wait(WAIT_S if number == signal.SIGKILL else 5)
            except ProcessLookupError:
                break
            except subprocess.TimeoutExpired:
                continue
        self._process.wait(WAIT_S)
        self._reader.join(WAIT_S)
        assert self._process.stdout is not None
        self._process.stdout.close()


def program(name: str, package: str) -> tuple[str, str]:
    """Where a program is, and what to say where it is not."""
    found = shutil.which(name) or ""
    return (
        found,
        "" if found else f"no {name} here: the tablet was not tried in this engine (apt-get install {package})",
    )


def until(engine: Engine, holds: str, given: Any = None) -> None:
    """Wait until an expression over `a` is true in the page. A page that is being left is asked again."""
    end = time.monotonic() + WAIT_S
    last: Exception | None = None
    while time.monotonic() < end:
        try:
            if engine.run(f"return !!({holds});", given):
                return
        except ScriptFailed as exc:
            last = exc
        time.sleep(STEP_S)
    shown = engine.run("return document.body.innerText.slice(0, 3000)")
    raise AssertionError(f"{engine.name} waited in vain for {holds} ({given!r}): {last or ''}\n{shown}")
