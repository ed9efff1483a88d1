"""From the text of a pack to the pack, or to the list of everything that is wrong with it. Reads no files."""

from __future__ import annotations

import hashlib
import re
import tomllib
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
    Succession,
    Suspension,
    Tactic,
    TemplatePart,
    Tool,
    WarningRule,
)
from command.policy.problems import Lines, PackProblems, Problem, nearest, shown
from command.policy.reader import BAD, Place, Reader
from command.policy.stack import Stack

__all__ = ["LARGEST_BYTES", "PackProblems", "Problem", "Stack", "read_pack"]

LARGEST_BYTES = 1_048_576
"""A pack of a thousand rules is about half a megabyte; more than twice that is not a plan."""

SINGLE: dict[str, type[msgspec.Struct]] = {
    "pack": Head,
    "ranks": Ranks,
    "links": Links,
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
}

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
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise PackProblems([Problem(name, line, "file", "UTF-8", f"the byte 0x{raw[error.start]:02x}")]) from None
    try:
        return tomllib.loads(text), text
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        match = _SYNTAX_LINE.search(str(error))
        line = int(match[1]) if match else text.count("\n") + 1
        said = _SYNTAX_LINE.sub("", str(error)).strip().removesuffix(" (at end of document)")
        came = said[:1].lower() + said[1:] or "something else"
        raise PackProblems([Problem(name, line, "syntax", "TOML", came)]) from None


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
