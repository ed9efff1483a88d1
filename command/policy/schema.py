"""The grammar of packs as JSON Schema, for editors: made from the structs, so that it cannot say something else."""

from __future__ import annotations

import types
import typing
from datetime import date
from typing import Annotated, Any, Literal

import msgspec

from command.policy.durations import Count, Span
from command.policy.load import MANY, SINGLE
from command.policy.reader import MOST

_SCALARS: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    date: {"type": "string", "format": "date"},
    Span: {"type": "string", "description": 'a duration: "30 s", "2 min", "24 h", "5 business days", "unknown"'},
    Count: {"anyOf": [{"type": "integer", "minimum": 1, "maximum": MOST}, {"const": "unknown"}]},
}


def pack_schema() -> dict[str, Any]:
    """The schema of a pack (draft 2020-12)."""
    made: dict[str, Any] = {}
    tables = {key: _of(kind, made) for key, kind in SINGLE.items()}
    lists = {key: {"type": "array", "items": _of(kind, made)} for key, kind in MANY.items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Muster rule pack",
        "type": "object",
        "properties": {**tables, **lists},
        "required": ["pack"],
        "additionalProperties": False,
        "$defs": made,
    }


def _of(kind: Any, made: dict[str, Any]) -> dict[str, Any]:
    if kind in _SCALARS:
        return dict(_SCALARS[kind])
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin is Annotated:
        return {**_of(inner[0], made), **_bounds(inner[1:], inner[0])}
    if origin is Literal:
        return {"enum": list(inner)}
    if origin is tuple:
        items = _of(inner[0], made)
        listed = {"type": "array", "items": items}
        # One way to be the authorizer needs no list, and the reader takes it so.
        return {"anyOf": [listed, items]} if "$ref" in items else listed
    if origin is dict:
        return {"type": "object", "additionalProperties": _of(inner[1], made)}
    if isinstance(kind, types.UnionType) or origin is typing.Union:
        members = [_of(member, made) for member in inner if member is not type(None)]
        return members[0] if len(members) == 1 else {"anyOf": members}
    return _table(kind, made)


def _table(kind: type[msgspec.Struct], made: dict[str, Any]) -> dict[str, Any]:
    if kind.__name__ not in made:
        made[kind.__name__] = {}  # a table that speaks of itself ends here
        hints = typing.get_type_hints(kind, include_extras=True)
        fields = msgspec.structs.fields(kind)
        made[kind.__name__] = {
            "type": "object",
            "description": " ".join((kind.__doc__ or "").split()),
            "properties": {field.encode_name: _of(hints[field.name], made) for field in fields},
            "required": [field.encode_name for field in fields if field.required],
            "additionalProperties": False,
        }
    return {"$ref": f"#/$defs/{kind.__name__}"}


def _bounds(metas: tuple[Any, ...], base: Any) -> dict[str, Any]:
    length = ("minItems", "maxItems") if typing.get_origin(base) is tuple else ("minLength", "maxLength")
    words = {
        "pattern": "pattern", "min_length": length[0], "max_length": length[1], "ge": "minimum", "le": "maximum",
    }  # fmt: skip
    return {
        word: value
        for meta in metas
        for field, word in words.items()
        if (value := getattr(meta, field, None)) is not None
    }
