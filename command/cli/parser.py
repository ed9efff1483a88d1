"""Every command of the program in one table, with its arguments and an example."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Coroutine
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

from command.config import SETTINGS
from command.domain.events import Training
from command.errors import Unreadable

Run = Callable[[argparse.Namespace], Coroutine[Any, Any, int]]

EXIT_OK = 0
EXIT_REFUSED = 1  # it was answered, and the answer is no: refused, a log that does not verify, rows not taken
EXIT_USAGE = 2  # the arguments, a setting or an input file cannot be used
EXIT_FAILED = 3  # it could not be done now; trying again may help

EXIT_FAULT = 70  # a fault of the program's own, as sysexits.h numbers it

EXIT_CODES = (
    "exit codes: 0 done · 1 the answer is no · 2 wrong arguments, settings or input · 3 could not be done now\n"
    "· 70 a fault in Muster itself · 130 interrupted · 143 ended by SIGTERM"
)


GROUPS = {
    "incident": "open and list incidents, send to them, change their plan",
    "user": "accounts, roles and sign-ins",
    "session": "who is signed in",
    "keys": "encryption and signing keys",
    "agency": "agencies and their agreements",
    "device": "tablets that sign what they send",
    "tls": "certificates for a closed network",
    "print": "paper for when everything fails",
    "protocol": "rule packs",
}
"""What the commands of two words are about, by their first word."""


class Verb(NamedTuple):
    """A command: its words, what it does, an example, its arguments, and what runs it."""

    words: tuple[str, ...]
    says: str
    example: str
    arguments: Callable[[argparse.ArgumentParser], None]
    run: Run
    settings: bool = True


def build(verbs: tuple[Verb, ...], version: str) -> argparse.ArgumentParser:
    """The parser of the whole program."""
    parser = argparse.ArgumentParser(
        prog="muster", description="Incident command for mass gatherings.", epilog=EXIT_CODES, allow_abbrev=False
    )
    parser.add_argument("--version", action="version", version=f"muster {version}")
    top = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    groups: dict[str, Any] = {}
    for verb in verbs:
        parent = top
        if len(verb.words) == 2:
            word = verb.words[0]
            if word not in groups:
                its = ", ".join(one.words[1] for one in verbs if one.words[0] == word)
                says = f"{GROUPS[word]}: {its}"
                group = top.add_parser(word, help=says, description=says, epilog=EXIT_CODES)
                groups[word] = group.add_subparsers(title="commands", metavar="COMMAND", required=True)
            parent = groups[word]
        child = parent.add_parser(
            verb.words[-1],
            help=verb.says,
            description=verb.says,
            epilog=f"example:\n  {verb.example}\n\n{EXIT_CODES}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        verb.arguments(child)
        if verb.settings:
            add_settings(child)
        child.set_defaults(run=verb.run)
    return parser


def add_settings(parser: argparse.ArgumentParser) -> None:
    """The table of settings as flags; a flag that is not given leaves the environment and the file to speak."""
    group = parser.add_argument_group(
        "settings", "each can also be set in the environment as MUSTER_…, or in a TOML file"
    )
    group.add_argument("--config", metavar="FILE", type=Path, help="a TOML file with settings (or MUSTER_CONFIG)")
    for setting in SETTINGS:
        if isinstance(setting.default, bool):
            group.add_argument(
                setting.flag, dest=setting.name, action="store_const", const=True, default=None, help=setting.says
            )
            continue
        kind = int if isinstance(setting.default, int) else str
        shown = f" (default {setting.default})" if setting.default != "" else ""
        group.add_argument(
            setting.flag, dest=setting.name, metavar=setting.metavar, type=kind, help=setting.says + shown
        )


def json_flag(parser: argparse.ArgumentParser) -> None:
    """`--json`, the same everywhere."""
    parser.add_argument("--json", action="store_true", help="print JSON instead of text")


def training(text: str) -> Training:
    """`COURSE` or `COURSE=2027-01-31`. Raises Unreadable."""
    course, _, expires = text.partition("=")
    if not expires:
        return Training(course)
    try:
        return Training(course, datetime.fromisoformat(expires).astimezone())
    except ValueError:
        raise Unreadable(f"expected a date as 2027-01-31, got {expires!r}", where="--training") from None


def a_day(text: str) -> date:
    """A calendar day, YYYY-MM-DD."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a day as 2016-05-01, got {text!r}") from None


def over_zero(what: str, most: float) -> Callable[[str], float]:
    """A number over 0 and at most `most`, for argparse; `what` names it in the message."""

    def read(text: str) -> float:
        try:
            found = float(text)
        except ValueError:
            found = 0.0
        if not 0 < found <= most:  # written so that what is not a number is out of bounds too
            raise argparse.ArgumentTypeError(f"expected {what} over 0, at most {most:.0f}, got {text!r}")
        return found

    return read
