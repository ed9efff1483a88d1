"""`muster print`: wristbands and numbered arrest forms, to have at hand before the day. Needs no server and no network."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from command.cli.parser import EXIT_OK, json_flag
from command.errors import Misconfigured
from command.reports.pdf import as_sheets
from command.reports.printed import MOST_BANDS, MOST_FORMS, Sheets, paper_forms, wristbands


def arguments(parser: argparse.ArgumentParser, most: int) -> None:
    """Which run, for whom, into which file."""
    parser.add_argument(
        "--series", required=True, metavar="ID", help="the series of whoever hands them out, such as 204"
    )
    parser.add_argument("--first", type=int, default=1, metavar="N", help="the first number (default: 1)")
    parser.add_argument("--count", type=int, required=True, metavar="N", help=f"how many, at most {most}")
    parser.add_argument("--agency", required=True, metavar="NAME", help="the agency, as printed on each")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="the PDF to write; it must not exist yet"
    )
    json_flag(parser)


def band_arguments(parser: argparse.ArgumentParser) -> None:
    """Of wristbands."""
    arguments(parser, MOST_BANDS)


def form_arguments(parser: argparse.ArgumentParser) -> None:
    """Of forms."""
    arguments(parser, MOST_FORMS)


async def bands(args: argparse.Namespace) -> int:
    """Write wristbands, each with its number, its check character and its code."""
    return _write(args, wristbands(args.series, args.first, args.count, args.agency), "wristbands")


async def forms(args: argparse.Namespace) -> int:
    """Write arrest forms, two pages each."""
    return _write(args, paper_forms(args.series, args.first, args.count, args.agency), "paper forms")


def _write(args: argparse.Namespace, sheets: Sheets, what: str) -> int:
    """Say which run it is in the words in which it is handed out (`IssueWristbands`)."""
    first, last = sheets.numbers[0].number, sheets.numbers[-1].number
    try:
        with os.fdopen(os.open(args.out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644), "wb") as file:
            file.write(as_sheets(sheets))
    except OSError as exc:
        raise Misconfigured(f"expected a file that can be made: {exc.strerror}", where=str(args.out)) from None
    if args.json:
        told = f'{{"what": "{what}", "first": "{first}", "last": "{last}", "quantity": {args.count}}}'
        sys.stdout.write(told + "\n")
    else:
        sys.stdout.write(
            f"{args.out}: {what} {first} to {last}\n"
            "Record who takes them: Record → Wristbands, on the dashboard. What is of no run is an alarm.\n"
        )
    return EXIT_OK
