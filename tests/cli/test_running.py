"""How a command ends: with its exit code and one line, whatever becomes of its streams and whoever ends it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import asyncpg
import pytest

from command.cli import program
from command.cli.parser import EXIT_FAILED, EXIT_FAULT, EXIT_OK, EXIT_USAGE
from command.errors import Busy, Corrupt, Denied, Misconfigured, MusterError, NotFound, Unavailable, Unreadable

WAIT_S = 60.0


def ended(words: str, tail: str, **environ: str) -> tuple[int, str, str]:
    """A command in a shell of its own, as `muster WORDS TAIL`; exit code, standard output and error."""
    done = subprocess.run(
        ["/bin/bash", "-c", f'"{sys.executable}" -m command {words} {tail}; exit ${{PIPESTATUS[0]}}'],
        capture_output=True, timeout=WAIT_S, check=False, env={**os.environ, **environ},
    )  # fmt: skip
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def test_output_that_cannot_be_written_is_said_and_fails() -> None:
    code, _, err = ended("protocol list", ">/dev/full")
    assert code == EXIT_FAILED
    assert err == "muster: standard output: expected to read or write here, the system says: No space left on device\n"


def test_output_that_is_closed_is_said_and_fails() -> None:
    code, _, err = ended("protocol list", ">&-")
    assert code == EXIT_USAGE
    assert err == "muster: standard output: expected to read or write here, the system says: Bad file descriptor\n"


def test_a_reader_who_has_had_enough_is_no_error() -> None:
    assert ended("protocol show", "| head -n 0") == (EXIT_OK, "", "")


def test_output_is_utf8_whatever_the_locale_says() -> None:
    code, out, err = ended("--help", "", PYTHONIOENCODING="ascii", PYTHONUTF8="0", LC_ALL="C", PYTHONCOERCECLOCALE="0")
    assert (code, err) == (EXIT_OK, "")
    assert "done · 1" in out


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_whoever_ends_a_command_finds_what_it_began_put_away(number: signal.Signals, code: int) -> None:
    """The same for both signals: the command is cancelled where it waits, and its own `finally` runs."""
    put_away = []
    foreground = signal.signal(signal.SIGINT, signal.default_int_handler)  # whatever began the tests

    async def waits(_args: Namespace) -> int:
        asyncio.get_running_loop().call_soon(signal.raise_signal, number)
        try:
            await asyncio.wait_for(asyncio.Event().wait(), WAIT_S)
        finally:
            put_away.append(True)
        return EXIT_OK

    before = signal.getsignal(signal.SIGTERM)
    try:
        assert program._until_done(waits, Namespace()) == code
    finally:
        signal.signal(signal.SIGINT, foreground)
    assert put_away == [True]
    assert signal.getsignal(signal.SIGTERM) == before


def test_a_command_in_the_background_of_a_script_ends_on_sigterm() -> None:
    """There a shell has Ctrl-C ignored, which is for whoever is in the foreground."""
    put_away = []

    async def waits(_args: Namespace) -> int:
        asyncio.get_running_loop().call_soon(signal.raise_signal, signal.SIGTERM)
        try:
            await asyncio.wait_for(asyncio.Event().wait(), WAIT_S)
        finally:
            put_away.append(True)
        return EXIT_OK

    was = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        assert program._until_done(waits, Namespace()) == 143
    finally:
        signal.signal(signal.SIGINT, was)
    assert put_away == [True]


def test_an_interrupt_in_the_first_moment_is_quiet(tmp_path: Path) -> None:
    """While the program is still being imported."""
    (tmp_path / "asyncpg.py").write_text("import signal\nsignal.raise_signal(signal.SIGINT)\n")
    code, out, err = ended("protocol list", "", PYTHONPATH=str(tmp_path))
    assert (code, out, err) == (130, "", "")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Misconfigured("a"), 2), (Unreadable("a"), 2), (Busy("a"), 3), (Unavailable("a"), 3), (Denied("a"), 1),
        (NotFound("a"), 1), (Corrupt("a"), 1), (MusterError("a"), 3), (asyncpg.InvalidPasswordError("secret"), 3),
        (asyncpg.InterfaceError("secret"), 3), (TypeError("a"), EXIT_FAULT),
    ],
)  # fmt: skip
def test_each_error_has_its_code_and_its_line(error: Exception, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    async def fails(_args: Namespace) -> int:
        raise error

    assert program._until_done(fails, Namespace()) == code
    err = capsys.readouterr().err
    assert err.splitlines()[-1].startswith("muster: ")
    assert "secret" not in err
    assert ("Traceback" in err) == (code == EXIT_FAULT)


def test_the_words_for_help_name_every_code(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended_by:
        program.run(["--help"])
    assert ended_by.value.code == EXIT_OK
    text = capsys.readouterr().out.split()
    assert all(str(code) in text for code in (EXIT_OK, 1, EXIT_USAGE, EXIT_FAILED, EXIT_FAULT, 130, 143))


@pytest.mark.parametrize(
    "words",
    [
        ["serve", "--data", ""],
        ["serve", "--database", "postgresql://[::bad/x", "--database-keys", "postgresql://a/b"],
        ["serve", "--database", "postgresql://a:notaport/x", "--database-keys", "postgresql://a/b"],
        ["tail", "x", "--url", "nonsense", "--link", "y"],
        ["tail", "x", "--url", "http://[bad", "--link", "y"],
        ["verify", "/nowhere/at/all.txt"],
        ["verify", "/"],
    ],
)
def test_what_cannot_be_used_is_said_in_one_line(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert program.run(words) == EXIT_USAGE
    err = capsys.readouterr().err
    assert err.startswith("muster: ") and err.count("\n") == 1 and "expected" in err, err
