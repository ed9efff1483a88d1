"""One command from its words to its exit code: whatever ends it is one line on standard error and a code.

Standard output is data: in UTF-8 wherever it goes but a terminal. A terminal of another encoding is shown what it
can show, the rest as escapes.
"""

from __future__ import annotations

import argparse
import asyncio
import errno
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from types import FrameType
from typing import Final, TextIO

import asyncpg

from command.cli.parser import EXIT_FAILED, EXIT_FAULT, EXIT_REFUSED, EXIT_USAGE, Run, build
from command.cli.verbs import VERBS
from command.errors import Busy, Corrupt, Denied, Misconfigured, MusterError, NotFound, Unavailable, Unreadable
from command.policy.problems import PackProblems

# As a shell says it of a process that a signal ended: 128 and the signal's number.
INTERRUPTED: Final = 128 + signal.SIGINT
TERMINATED: Final = 128 + signal.SIGTERM

_PASSING: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM})
"""What may be over on another try; any other error of the system lies in what was asked for, or in its permissions."""


def run(argv: list[str] | None = None) -> int:
    """Run one command. Errors are one line on standard error: what was expected, what came, where."""
    _streams()
    try:
        args = build(VERBS, metadata.version("muster")).parse_args(argv)
        asked: Run = args.run
        code = _until_done(asked, args)
        sys.stdout.flush()
        return code
    except BrokenPipeError:  # the reader of our output has had enough
        _let_go(sys.stdout)
        return 0
    except OSError as exc:
        _let_go(sys.stdout)
        _say(
            f"{exc.filename or 'standard output'}: expected to read or write here, the system says: {exc.strerror or exc}"
        )
        return EXIT_FAILED if exc.errno in _PASSING else EXIT_USAGE


def _until_done(asked: Run, args: argparse.Namespace) -> int:
    noted: list[int] = []
    try:
        with _ends_on_sigterm(noted):
            return asyncio.run(asked(args))
    except KeyboardInterrupt:
        return TERMINATED if noted else INTERRUPTED
    except PackProblems as exc:
        for problem in exc.problems:
            _say(str(problem))
        return EXIT_USAGE
    except MusterError as exc:
        _say(f"{exc.where}: {exc.message}" if exc.where else exc.message)
        return exit_code(exc)
    except (asyncpg.PostgresError, asyncpg.InterfaceError) as exc:
        # Its own words may hold values: the name and the code say what to look up in the database's log.
        state = getattr(exc, "sqlstate", None)
        _say(f"the database cannot do this now: {type(exc).__name__}" + (f", sqlstate {state}" if state else ""))
        return EXIT_FAILED
    except OSError:
        raise
    except Exception:  # noqa: BLE001 - told apart from an answer of no, which Python's own exit code would be
        traceback.print_exc()
        _say("this is a fault of Muster's own: please report it with the lines above")
        return EXIT_FAULT


def exit_code(exc: MusterError) -> int:
    """What an error means to a shell script."""
    if isinstance(exc, Misconfigured | Unreadable):
        return EXIT_USAGE
    if isinstance(exc, Busy | Unavailable):
        return EXIT_FAILED
    if isinstance(exc, Denied | NotFound | Corrupt):
        return EXIT_REFUSED
    return EXIT_FAILED


def _say(line: str) -> None:
    sys.stderr.write(f"muster: {line}\n")


@contextmanager
def _ends_on_sigterm(noted: list[int]) -> Iterator[None]:
    """Let SIGTERM end a command as Ctrl-C does: what it began is put away. `noted` takes the signal's number.

    A server puts its own handler in this one's place while it runs.
    """

    def asked(number: int, frame: FrameType | None) -> None:
        noted.append(number)
        interrupted = signal.getsignal(signal.SIGINT)
        if not callable(interrupted):  # a script that begins us in the background has Ctrl-C ignored, and not SIGTERM
            raise KeyboardInterrupt
        interrupted(signal.SIGINT, frame)

    mine = threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
    if mine:
        signal.signal(signal.SIGTERM, asked)
    try:
        yield
    finally:
        if mine:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _streams() -> None:
    """Make standard output and standard error fit to be written to, whatever we were started with."""
    _fill_closed()
    for stream in (sys.stdout, sys.stderr):
        # Tests put other streams in these places.
        if (reconfigure := getattr(stream, "reconfigure", None)) is not None:
            encoding = stream.encoding if stream.isatty() else "utf-8"
            reconfigure(encoding=encoding, errors="backslashreplace")


def _fill_closed() -> None:
    """Open what was closed, so that no file or socket of ours is taken for it.

    Standard output can't be written to then, and whoever writes is told; there is nobody to tell of standard error.
    """
    for number, flags in ((0, os.O_RDONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            opened = os.open(os.devnull, flags)  # the lowest number that is free: the closed one
            os.set_inheritable(opened, True)
    if sys.stdout is None:
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - lives as long as the process
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - lives as long as the process


def _let_go(stream: TextIO) -> None:
    """Send what is still unwritten nowhere: the interpreter would fail at it once more."""
    try:
        number = stream.fileno()
    except (OSError, ValueError):
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, number)
    os.close(nowhere)
