"""The program in processes of its own, without its second and a half of imports each time.

One helper process imports the program once and forks for each command: a real process with its own memory, output
and exit code. `python quick.py` is the helper; it reads a line of JSON for each command and ends with its input.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from select import select
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


class Helper:
    """The helper process, one command at a time."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._turn = threading.Lock()

    def run(self, words: tuple[str, ...], env: Mapping[str, str], within_s: float) -> tuple[int, str, str]:
        """Exit code, standard output and standard error of one command. Raises TimeoutError."""
        with self._turn, tempfile.TemporaryDirectory() as folder:
            out, err = Path(folder, "out"), Path(folder, "err")
            asked = {"words": words, "env": dict(env), "cwd": str(Path.cwd()), "out": str(out), "err": str(err)}
            process = self._started()
            assert process.stdin is not None and process.stdout is not None
            process.stdin.write(json.dumps(asked).encode() + b"\n")
            process.stdin.flush()
            if not select([process.stdout], [], [], within_s)[0]:
                self._process = None
                process.kill()
                process.wait()
                raise TimeoutError(f"expected an end within {within_s} s of {words}")
            return int(process.stdout.readline()), out.read_text(), err.read_text()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
            )
            atexit.register(_end, self._process)
        return self._process


def _end(process: subprocess.Popen[bytes]) -> None:
    process.communicate()


def _serve() -> None:
    from command.cli.program import run as main  # the costly part, once

    for line in sys.stdin.buffer:
        child = os.fork()
        if child == 0:
            _child(main, json.loads(line))
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def _child(main: Any, asked: dict[str, Any]) -> None:
    """Be the program: never returns."""
    for number, path, flags in (
        (0, os.devnull, os.O_RDONLY),
        (1, asked["out"], os.O_WRONLY | os.O_CREAT),
        (2, asked["err"], os.O_WRONLY | os.O_CREAT),
    ):
        opened = os.open(path, flags, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    os.environ.clear()
    os.environ.update(asked["env"])
    os.chdir(asked["cwd"])
    code = 1
    try:
        code = main(asked["words"])
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:  # noqa: BLE001 - whatever it is: said as the interpreter would, then the end
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


HELPER = Helper()

if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    _serve()
