"""`muster protocol …`: the rule packs."""

from __future__ import annotations

import argparse
import sys
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from command.cli.parser import EXIT_OK, EXIT_REFUSED, json_flag
from command.errors import Misconfigured
from command.library import DEFAULT, MODEL, all_cases, all_packs, find_root, load_stack, pack_files, read_files
from command.policy.cases import judged, read_cases, run, uncovered
from command.policy.check_stack import check_stack
from command.policy.drafting import Question, draft, mistake, questions
from command.policy.load import read_pack
from command.policy.model import Pack
from command.policy.page import as_text, sections
from command.policy.page_html import as_html
from command.policy.problems import PackProblems, Problem
from command.policy.schema import pack_schema
from command.policy.sides import gaps, numbers
from command.policy.stack import Stack
from command.web import assets


def check_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `muster protocol check`."""
    parser.add_argument("pack", nargs="+", help="TOML files, or names below the folder of packs")
    parser.add_argument("--stack", action="store_true", help="also check that they stand on each other, in this order")
    json_flag(parser)


async def check(args: argparse.Namespace) -> int:
    """Read packs and say every problem at once, each with its line and what was expected."""
    problems: list[Problem] = []
    packs: list[Pack] = []
    for path in pack_files(args.pack):
        try:
            pack = read_pack(path.read_bytes(), path.name)
        except PackProblems as exc:
            problems += exc.problems
        else:
            packs.append(pack)
            if not args.json:
                sys.stdout.write(f"{path.name}: {pack.pack.title}: no problems\n")
    if args.stack and not problems:
        try:
            problems += check_stack(Stack.of(packs))
        except PackProblems as exc:
            problems += exc.problems
    if args.json:
        sys.stdout.write(msgspec.json.encode(problems).decode() + "\n")
    else:
        for problem in problems:
            sys.stdout.write(f"{problem}\n")
    return EXIT_REFUSED if problems else EXIT_OK


def test_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `muster protocol test`."""
    parser.add_argument("cases", nargs="*", help="files of cases; none: all that come with Muster")
    json_flag(parser)


async def test(args: argparse.Namespace) -> int:
    """Judge the cases beside the rules, and say which did not hold, and which side of a rule or number no case shows."""
    told: list[dict[str, str]] = []
    held = rules = thresholds = excused = 0
    for path in [Path(name) for name in args.cases] or all_cases():
        cases = read_cases(_text(path), path.name)
        stack = load_stack(read_files(cases.stack))
        for result in run(cases, stack):
            held += result.held
            if not result.held:
                told.append({"file": str(path), "case": result.says, "told": result.told})
        own = [
            pack
            for pack, file in zip(stack.packs, pack_files(cases.stack), strict=True)
            if file.parent == path.resolve().parent
        ]
        excused += len(cases.one_sided)
        for pack in own:
            rules, thresholds = rules + len(judged(pack)), thresholds + len(tuple(numbers(pack)))
            for rule in uncovered([cases], pack):
                told.append({"file": str(path), "case": "every rule has a case", "told": f"no case names {rule}"})
            for gap in gaps(cases, stack, pack):
                told.append({"file": str(path), "case": "both sides are shown", "told": str(gap)})
    if args.json:
        sides = {"rules": rules, "numbers": thresholds, "excused": excused}
        sys.stdout.write(msgspec.json.encode({"held": held, "not": told, "sides": sides}).decode() + "\n")
    else:
        for row in told:
            sys.stdout.write(f"{row['file']}: {row['case']}: {row['told']}\n")
        sys.stdout.write(
            f"both sides of {rules} rules and {thresholds} numbers looked for, {excused} excused with a reason\n"
        )
        sys.stdout.write(f"{held} cases hold, {len(told)} problems\n")
    return EXIT_REFUSED if told else EXIT_OK


def show_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `muster protocol show`."""
    parser.add_argument(
        "pack", nargs="*", help="the packs of a stack, the most general first; none: the model with Illinois"
    )
    parser.add_argument("--html", action="store_true", help="a page for publishing, with the ladder as a picture")
    json_flag(parser)


async def show(args: argparse.Namespace) -> int:
    """The plan as a page that people read."""
    stack = load_stack(read_files(args.pack))
    if args.json:
        rows = [
            {
                "heading": part.heading,
                "entries": [{"says": says, "below": [str(line) for line in below]} for says, below in part.entries],
            }
            for part in sections(stack)
        ]
        sys.stdout.write(msgspec.json.encode({"digest": stack.digest, "sections": rows}).decode() + "\n")
        return EXIT_OK
    sys.stdout.write(as_html(stack, css=_stylesheet()) if args.html else as_text(stack))
    return EXIT_OK


def _stylesheet() -> str:
    """The page's own style, so that the file stands alone."""
    return _text(assets.find_roots()["static"] / "css" / "plan.css")


async def schema(args: argparse.Namespace) -> int:
    """The grammar of packs as JSON Schema; `--json` without line breaks."""
    raw = msgspec.json.encode(pack_schema())
    sys.stdout.write((raw if args.json else msgspec.json.format(raw, indent=2)).decode() + "\n")
    return EXIT_OK


def new_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `muster protocol new`."""
    parser.add_argument("--answers", metavar="FILE", help='a TOML file: question = "answer"')
    parser.add_argument(
        "--answer", action="append", default=[], metavar="KEY=VALUE", help="one answer; may be repeated"
    )
    parser.add_argument("--questions", action="store_true", help="only list the questions, as a TOML file to fill in")
    parser.add_argument("--out", metavar="FILE", help="where to write the plan; else it is printed")
    json_flag(parser)


async def new(args: argparse.Namespace) -> int:
    """Draw up a local plan from the model by questions; what is not answered keeps the model's own word."""
    model = _text(pack_files((MODEL,))[0])
    asked = questions(model)
    if args.questions and args.json:
        sys.stdout.write(msgspec.json.encode([question._asdict() for question in asked]).decode() + "\n")
        return EXIT_OK
    if args.questions:
        for question in asked:
            sys.stdout.write(
                f"# {question.asks}\n{msgspec.json.encode(question.key).decode()} = {msgspec.json.encode(question.open).decode()}\n"
            )
        return EXIT_OK
    answers = _answers(args)
    if not args.answers and not args.answer and sys.stdin.isatty():
        _ask_all(asked, answers)
    text = draft(model, answers)
    if args.out is None:
        sys.stdout.write(text)
        return EXIT_OK
    _write(Path(args.out), text)
    left = sum(question.open == "unknown" and answers.get(question.key, "unknown") == "unknown" for question in asked)
    sys.stderr.write(
        f"{args.out} is written; {left} times are unknown in it: they set no clock and permit nothing.\n"
        f"Next: muster protocol check --stack {DEFAULT[0]} {args.out}\n"
        f"then: muster protocol show {DEFAULT[0]} {args.out} --html > plan.html, and read it with counsel.\n"
    )
    return EXIT_OK


def _ask_all(asked: Sequence[Question], answers: dict[str, str]) -> None:
    """Question by question at a terminal, each until its answer fits. Enter keeps what stands in brackets.

    Raises Misconfigured where the answers end before the questions do: nothing is written then.
    """
    for number, question in enumerate(asked, start=1):
        kept = f" [{question.open}]" if question.open else "" if question.needed else " [none]"
        while True:
            try:
                said = input(f"{number}/{len(asked)}  {question.asks}{kept}: ").strip()
            except EOFError:
                raise Misconfigured("expected an answer, came the end of the input", where=question.key) from None
            wrong = mistake(question, said or question.open, answers)
            if not wrong:
                break
            sys.stdout.write(f"    {wrong}\n")
        answers[question.key] = said or question.open


def _write(path: Path, text: str) -> None:
    """Into a new file; an old one is nobody's to overwrite."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as exc:
        raise Misconfigured(f"expected a new file to write, came {path}: {exc.strerror}", where="--out") from None


def _answers(args: argparse.Namespace) -> dict[str, str]:
    answers: dict[str, str] = {}
    if args.answers:
        try:
            read = tomllib.loads(_text(Path(args.answers)))
        except tomllib.TOMLDecodeError as exc:
            raise Misconfigured(f"expected TOML, came {exc}", where=args.answers) from None
        answers |= {key: str(value) for key, value in _flat("", read)}
    for item in args.answer:
        key, equals, value = item.partition("=")
        if not equals:
            raise Misconfigured(f"expected KEY=VALUE, came {item!r}", where="--answer")
        answers[key.strip()] = value.strip()
    return answers


def _flat(prefix: str, table: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(f"{prefix}{key}.", value)
        else:
            yield f"{prefix}{key}", ", ".join(map(str, value)) if isinstance(value, list) else value


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise Misconfigured(f"expected a readable text file, came {path}: {exc}", where=str(path)) from None


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
