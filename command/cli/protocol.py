"""`muster protocol …`: the rule packs."""

from __future__ import annotations

import argparse
import sys

import msgspec

from command.cli.parser import EXIT_OK, EXIT_REFUSED, json_flag
from command.library import all_packs, find_root, pack_files
from command.policy.load import read_pack
from command.policy.problems import PackProblems, Problem


def check_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `muster protocol check`."""
    parser.add_argument("pack", nargs="+", help="TOML files, or names below the folder of packs")
    json_flag(parser)


async def check(args: argparse.Namespace) -> int:
    """Read packs and say every problem at once, each with its line and what was expected."""
    problems: list[Problem] = []
    for path in pack_files(args.pack):
        try:
            pack = read_pack(path.read_bytes(), path.name)
        except PackProblems as exc:
            problems += exc.problems
        else:
            if not args.json:
                sys.stdout.write(f"{path.name}: {pack.pack.title}: no problems\n")
    if args.json:
        sys.stdout.write(msgspec.json.encode(problems).decode() + "\n")
    else:
        for problem in problems:
            sys.stdout.write(f"{problem}\n")
    return EXIT_REFUSED if problems else EXIT_OK


async def list_packs(args: argparse.Namespace) -> int:
    """The packs that come with Muster."""
    root = find_root()
    rows = []
    for path in all_packs():
        pack = read_pack(path.read_bytes(), path.name)
        rows.append(
            {"file": str(path.relative_to(root)), "id": pack.id, "title": pack.pack.title, "kind": pack.pack.kind}
        )
    if args.json:
        sys.stdout.write(msgspec.json.encode(rows).decode() + "\n")
    else:
        for row in rows:
            sys.stdout.write(f"{row['file']}\t{row['kind']}\t{row['title']}\n")
    return EXIT_OK
