"""From the text of a pack to the pack, or to the list of everything that is wrong with it. Reads no files."""

from __future__ import annotations

import hashlib
import re
import tomllib
from datetime import date
from typing import Any

import msgspec

from command.policy.check import check
from command.policy.model import (
    ApprovedText,
    ArrestRule,
    AskRule,
    Calendar,
    Charge,
    ConductRule,
    DeescalationRule,
    Delegation,
    DutyRule,
    Force,
    Guideline,
    Head,
    Indicator,
    Level,
    Limits,
    Links,
    MutualAidRule,
    Pack,
    Position,
    PostureRule,
    Prohibition,
    Ranks,
    Relay,
    SiteRule,
    Succession,
    Suspension,
    Tactic,
    TemplatePart,
    Tool,
    WarningRule,
    Words,
)
from command.policy.problems import Lines, PackProblems, Problem, nearest, odd, shown
from command.policy.reader import BAD, Place, Reader
from command.policy.stack import Stack

__all__ = ["LARGEST_BYTES", "PackProblems", "Problem", "Stack", "read_pack"]

LARGEST_BYTES = 1_048_576
"""A pack of a thousand rules is about half a megabyte; more than twice that is not a plan."""

MOST_DOTS = 200
"""The parser looks through a key of so many parts that many times: a dotted line of a mebibyte would keep it for hours."""

SINGLE: dict[str, type[msgspec.Struct]] = {
    "pack": Head,
    "ranks": Ranks,
    "links": Links,
    "words": Words,
    "calendar": Calendar,
    "limits": Limits,
    "force": Force,
    "relay": Relay,
    "suspension": Suspension,
}
MANY: dict[str, type[msgspec.Struct]] = {
    "position": Position,
    "indicator": Indicator,
    "level": Level,
    "ask": AskRule,
    "tool": Tool,
    "duty": DutyRule,
    "part": TemplatePart,
    "text": ApprovedText,
    "tactic": Tactic,
    "warning": WarningRule,
    "posture": PostureRule,
    "prohibition": Prohibition,
    "succession": Succession,
    "delegation": Delegation,
    "deescalation": DeescalationRule,
    "arrest": ArrestRule,
    "charge": Charge,
    "guideline": Guideline,
    "mutual_aid": MutualAidRule,
    "conduct": ConductRule,
    "site": SiteRule,
}

_DAY = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}")
_SYNTAX_LINE = re.compile(r"\(at line (\d+), column \d+\)")


def read_pack(text: str | bytes, name: str) -> Pack:
    """The pack in a file's bytes (or text); `name` is the file's, for messages.

    Raises PackProblems with every problem: syntax (then only the first, for nothing
    after it can be trusted), unknown and missing fields, values of another kind,
    words that the pack does not define, and rules that contradict the design.
    """
    raw = text.encode() if isinstance(text, str) else text
    data, source = _parsed(raw, name)
    reader = Reader(name, Lines(source))
    parts = _parts(data, reader)
    check(data, parts, reader)
    if reader.problems:
        raise PackProblems(reader.problems)
    return Pack(
        name=name, digest=hashlib.sha256(raw).hexdigest(), **{key: _bare(items) for key, items in parts.items()}
    )


def _bare(items: Any) -> Any:
    return tuple(item for item, _ in items) if isinstance(items, list) else items[0]


def _parsed(raw: bytes, name: str) -> tuple[dict[str, Any], str]:
    if len(raw) > LARGEST_BYTES:
        raise PackProblems([Problem(name, 0, "file", f"at most {LARGEST_BYTES} bytes", f"{len(raw)}")])
    for mark, coding in ((b"\xef\xbb\xbf", "a byte order mark"), (b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16")):
        if raw.startswith(mark):
            raise PackProblems([Problem(name, 1, "file", "UTF-8 without a byte order mark", coding)])
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise PackProblems([Problem(name, line, "file", "UTF-8", f"the byte 0x{raw[error.start]:02x}")]) from None
    for number, row in enumerate(text.split("\n"), start=1):
        if row.count(".") > MOST_DOTS:
            raise PackProblems(
                [Problem(name, number, "syntax", f"at most {MOST_DOTS} dots in a line", f"{row.count('.')}")]
            )
    try:
        return tomllib.loads(text), text
    except RecursionError:
        deep = max(range(len(lines := text.splitlines())), key=lambda place: len(lines[place]))
        raise PackProblems(
            [Problem(name, deep + 1, "syntax", "tables and lists a few deep", "more than can be read")]
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise PackProblems([_syntax(str(error), text, name)]) from None


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _syntax(error: str, text: str, name: str) -> Problem:
    """What the parser said, with the line it is about, and the letter that only looks right."""
    match = _SYNTAX_LINE.search(error)
    number = int(match[1]) if match else text.count("\n") + 1
    line = next(iter(text.split("\n")[number - 1 : number]), "").rstrip("\r")
    said = _SYNTAX_LINE.sub("", error).strip().removesuffix(" (at end of document)")
    came = said[:1].lower() + said[1:] or "something else"
    if "\r" in line:
        return Problem(name, number, "syntax", "lines that end in LF or CR LF", "a CR alone")
    bare = re.sub(r'"[^"]*"', "", line).partition("#")[0]
    if name_ := odd(bare):
        return Problem(
            name, number, "syntax", "plain letters, digits and quotes outside of texts", f"{shown(line.strip())}{name_}"
        )
    said_line = f" in {shown(line.strip())}" if line.strip() else ""
    if wrong := next((day for day in _DAY.findall(bare) if not _is_day(day)), ""):
        return Problem(name, number, "syntax", "a day of the calendar such as 2027-12-31", wrong)
    if "overwrite" in came or "twice" in came:
        return Problem(
            name, number, "syntax", "each key and each table once, and rules in double brackets [[ ]]", came + said_line
        )
    return Problem(name, number, "syntax", "TOML", came + said_line)


def _parts(data: dict[str, Any], reader: Reader) -> dict[str, Any]:
    """Per top-level name: (struct, place), or a list of such; what could not be read is left out."""
    parts: dict[str, Any] = {}
    known = [*SINGLE, *MANY]
    for key in data:
        if key not in known:
            place = Place(key, 0, f"[{key}]")
            reader.note(place, "one of the tables " + ", ".join(known), f'"{key}"', nearest(key, known))
    if "pack" not in data:
        reader.note(Place("pack", 0, "[pack]"), "a table [pack]", "nothing")
    for key, single in SINGLE.items():
        place = Place(key, 0, f"[{key}]")
        if key in data and (read := reader.table(single, data[key], place)) is not BAD:
            parts[key] = (read, place)
    for key, many in MANY.items():
        if key in data:
            parts[key] = list(_items(key, many, data[key], reader))
    return parts


def _items(key: str, kind: Any, value: Any, reader: Reader) -> Any:
    if not isinstance(value, list):
        reader.note(Place(key, 0, f"[{key}]"), f"[[{key}]] in double brackets", shown(value))
        return
    for index, item in enumerate(value):
        name = item.get("id") if isinstance(item, dict) else None
        label = f'{key} "{name}"' if isinstance(name, str) else f"{key} {index + 1}"
        place = Place(key, index, label)
        read = reader.table(kind, item, place)
        if read is not BAD:
            yield read, place
