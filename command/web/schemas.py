"""JSON Schemas of our structs, for the interface's descriptions. Pure.

The rows of a board are told apart by their section and not by a tag, which
msgspec encodes and will not describe. So structs that hold a board are described
through a stand-in without it, and the board is set in by hand.
"""

from __future__ import annotations

import typing
from collections.abc import Iterable
from functools import cache
from typing import Any, Final

import msgspec

from command.views import rows, rows_arrest
from command.views.rows import SECTIONS, AnyRow, Board, Row

REF: Final = "#/components/schemas/{name}"

Schema = dict[str, Any]

_ROWS: Final[dict[str, type[Row]]] = {
    "incident": rows.IncidentRow,
    "levels": rows.LevelRow,
    "sectors": rows.SectorRow,
    "units": rows.UnitRow,
    "agencies": rows.AgencyRow,
    "people": rows.PersonRow,
    "positions": rows.PositionRow,
    "asks": rows.AskRow,
    "duties": rows.DutyRow,
    "orders": rows.OrderRow,
    "findings": rows.FindingRow,
    "points": rows.PointRow,
    "grants": rows.GrantRow,
    "warnings": rows.WarningRow,
    "posture": rows.PostureRow,
    "reviews": rows.ReviewRow,
    "munitions": rows.MunitionRow,
    "distress": rows.DistressRow,
    "exigent": rows.ExigentRow,
    "plan": rows.PlanRow,
    "care": rows.CareRow,
    "critical": rows.CriticalRow,
    "watch": rows.WatchRow,
    "arrests": rows_arrest.ArrestRow,
    "custody": rows_arrest.CustodyRow,
    "sites": rows_arrest.SiteRow,
    "bags": rows_arrest.BagRow,
    "numbers": rows_arrest.NumberRow,
    "bar": rows_arrest.BarRow,
    "high_volume": rows_arrest.HighVolumeRow,
    "panel": rows_arrest.PanelRow,
    "releases": rows_arrest.ReleaseRow,
}

_BOARD_FIELDS: Final[dict[Any, Schema]] = {
    Board: {"$ref": "#/components/schemas/Board"},
    Board | None: {"$ref": "#/components/schemas/Board"},
    tuple[tuple[str, str, AnyRow | None], ...]: {"type": "array", "items": {"$ref": "#/components/schemas/Change"}},
}


def components(types: Iterable[type[msgspec.Struct]]) -> dict[str, Schema]:
    """Schemas by name of these structs, all that they hold, and the board."""
    wanted = [*types, *_ROWS.values()]
    _, found = msgspec.json.schema_components([_stand_in(kind) for kind in wanted], ref_template=REF)
    schemas = {name: _tidy(schema) for name, schema in found.items()}
    for kind in wanted:
        for name, schema in _board_fields(kind).items():
            schemas[kind.__name__]["properties"][name] = schema
    schemas["Board"] = _board()
    schemas["Change"] = {
        "type": "array",
        "description": "Section, key, and the row; null where it is gone.",
        "prefixItems": [{"enum": list(SECTIONS)}, {"type": "string"}, {"anyOf": [*_row_refs(), {"type": "null"}]}],
        "minItems": 3,
        "maxItems": 3,
    }
    return schemas


def ref(kind: type[msgspec.Struct]) -> Schema:
    """A reference to a struct's schema."""
    return {"$ref": REF.format(name=kind.__name__)}


def _board_fields(kind: type[msgspec.Struct]) -> dict[str, Schema]:
    hints = typing.get_type_hints(kind)
    return {name: _BOARD_FIELDS[hints[name]] for name in kind.__struct_fields__ if hints[name] in _BOARD_FIELDS}


@cache
def _stand_in(kind: type[msgspec.Struct]) -> type[msgspec.Struct]:
    """The struct itself, or one like it whose boards are anything."""
    hidden = _board_fields(kind)
    if not hidden:
        return kind
    hints = typing.get_type_hints(kind, include_extras=True)
    required, optional = [], []
    for field in msgspec.structs.fields(kind):
        hint = msgspec.Raw if field.name in hidden else hints[field.name]
        if field.required:
            required.append((field.encode_name, hint))
        else:
            optional.append((field.encode_name, hint, None if field.name in hidden else field.default))
    config = kind.__struct_config__
    made = msgspec.defstruct(kind.__name__, [*required, *optional], tag_field=config.tag_field, tag=config.tag)
    made.__doc__ = kind.__doc__
    return made


def _board() -> Schema:
    sections: dict[str, Schema] = {
        name: {"type": "object", "additionalProperties": ref(_ROWS[name])} for name in SECTIONS
    }
    return {
        "type": "object",
        "description": "Section, key, row: what a screen shows.",
        "properties": sections,
        "additionalProperties": False,
    }


def _row_refs() -> list[Schema]:
    return [ref(_ROWS[name]) for name in SECTIONS]


def _tidy(schema: Schema) -> Schema:
    """Our docstrings are wrapped for the source; a description is one paragraph after another."""
    text = schema.get("description")
    if text:
        paragraphs = (" ".join(part.split()) for part in text.split("\n\n"))
        schema["description"] = "\n\n".join(paragraphs)
    return schema
