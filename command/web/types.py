"""Print `static/types.d.ts`: the wire shapes as TypeScript declarations, from the msgspec structs themselves.

Run `python -m command.web.types > static/types.d.ts`. The browser code is plain
JavaScript; its JSDoc comments name these types, so that a checker finds a field
that was renamed on one side only. tests/web/test_types.py fails when the file is stale.

It reads annotations and not `msgspec.inspect`, because the rows of a board are
told apart by their section and not by a tag, which msgspec will only encode.
"""

from __future__ import annotations

import sys
import types
import typing
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import msgspec

from command.domain.commands import COMMANDS
from command.domain.submission import Answer, Submission
from command.stream.frames import ClientFrame, ServerFrame
from command.views.plan_words import PlanWords
from command.views.processing import ProcessingView
from command.views.record_rows import AlikeView, ArrestsPage, RecordView, StepsView
from command.views.rows import SECTIONS, AnyRow, Entry, PermitsView
from command.web import shapes_devices as devices
from command.web import shapes_sight as sight
from command.web import shapes_sign_in as sign_in
from command.web.shapes import AttachmentsPage, UploadState

ARRESTS = (RecordView, ArrestsPage, AlikeView, StepsView, ProcessingView)
"""Answers of the routes on arrests."""

FILES = (AttachmentsPage, UploadState)
"""Answers about files that belong to records."""

DEVICES = (
    devices.DeviceInvited,
    devices.Challenged,
    devices.Enrolled,
    devices.Devices,
    devices.HeldRows,
    devices.HeldContents,
    devices.BecameRows,
)
"""Answers about devices that sign."""

SIGHT = (sight.Notices,)
"""Where a number is called before anyone is arrested."""

SIGN_IN = (
    sign_in.SessionLook,
    sign_in.Flow,
    sign_in.Options,
    sign_in.SignedInAs,
    sign_in.Credentials,
    sign_in.DraftKey,
    sign_in.TotpOffer,
    sign_in.Recovery,
    sign_in.Sessions,
)
"""What the pages of signing in are answered with."""

_WORDS: dict[Any, str] = {
    type(None): "null",
    bool: "boolean",
    int: "number",
    float: "number",
    str: "string",
    bytes: "string",
    datetime: "Time",
    date: "string",
    msgspec.Raw: "unknown",
    Any: "unknown",
}


def _bare(kind: Any) -> Any:
    """The type without its bounds and new names: Annotated[str, …] and NewType both travel as their base."""
    while True:
        if typing.get_origin(kind) is typing.Annotated:
            kind = typing.get_args(kind)[0]
        elif isinstance(kind, typing.NewType):
            kind = kind.__supertype__
        else:
            return kind


def type_text(kind: Any) -> str:
    """The TypeScript for one annotation. Raises TypeError for a type that no wire shape uses yet."""
    kind = _bare(kind)
    if kind in _WORDS:
        return _WORDS[kind]
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return kind.__name__
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Literal:
        return " | ".join(f'"{value}"' for value in args)
    if origin in (typing.Union, types.UnionType):
        return " | ".join(type_text(member) for member in args)
    if origin is tuple and len(args) == 2 and args[1] is Ellipsis:
        return f"readonly ({type_text(args[0])})[]"
    if origin is tuple:
        return "readonly [" + ", ".join(type_text(member) for member in args) + "]"
    if origin is dict:
        return f"{{ [key: string]: {type_text(args[1])} }}"
    raise TypeError(f"expected a type that travels, got {kind!r}")


def struct_text(cls: type[msgspec.Struct]) -> str:
    """One interface. A field is optional where the server leaves defaults out, or where a client may."""
    config = cls.__struct_config__
    hints = typing.get_type_hints(cls, include_extras=True)
    lines = [f"export interface {cls.__name__} {{"]
    if config.tag is not None:
        lines.append(f'  {config.tag_field}: "{config.tag}";')
    for field in msgspec.structs.fields(cls):
        mark = "?" if config.omit_defaults and not field.required else ""
        lines.append(f"  {field.encode_name}{mark}: {type_text(hints[field.name])};")
    return "\n".join([*lines, "}"])


def structs(roots: Iterable[Any]) -> list[type[msgspec.Struct]]:
    """Every struct reachable from these types, each once, in the order in which it is first met."""
    seen: dict[type[msgspec.Struct], None] = {}

    def walk(kind: Any) -> None:
        kind = _bare(kind)
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            if kind not in seen:
                seen[kind] = None
                for hint in typing.get_type_hints(kind, include_extras=True).values():
                    walk(hint)
            return
        for part in typing.get_args(kind):
            walk(part)

    for root in roots:
        walk(root)
    return list(seen)


SHOWN = (*DEVICES, *SIGHT, *SIGN_IN, *ARRESTS, *FILES)
"""Every answer that the browser reads, beyond the board's."""


def declarations() -> str:
    """The whole file."""
    commands = tuple(COMMANDS.values())
    roots = (AnyRow, Entry, PermitsView, PlanWords, ServerFrame, ClientFrame, Submission, Answer, *commands, *SHOWN)
    sections = " | ".join(f'"{name}"' for name in SECTIONS)
    parts = [
        "// Generated by `python -m command.web.types` from the server's own structs. Do not edit.\n",
        "/** RFC 3339, UTC. */\nexport type Time = string;\n",
        *(struct_text(cls) + "\n" for cls in structs(roots)),
        f"export type AnyRow = {type_text(AnyRow)};\n",
        f"export type ServerFrame = {type_text(ServerFrame)};\n",
        f"export type ClientFrame = {type_text(ClientFrame)};\n",
        f"export type Command = {' | '.join(cls.__name__ for cls in commands)};\n",
        f"export type Section = {sections};\n",
        "export type Board = { [section: string]: { [key: string]: AnyRow } };\n",
    ]
    return "\n".join(parts)


def main() -> int:
    """Write the declarations to standard output."""
    sys.stdout.write(declarations())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
