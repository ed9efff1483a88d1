"""What all rows share."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec


class Row(msgspec.Struct, frozen=True, omit_defaults=True):
    """Base of all rows."""


class Who(Row, frozen=True):
    """A person as a screen names them."""

    person: str
    name: str = ""
    agency: str = ""
    position: str = ""


AnyStruct = TypeVar("AnyStruct", bound=msgspec.Struct)


def nameless(row: AnyStruct) -> AnyStruct:
    """The same row with offices and agencies where people stood, at any depth."""
    return msgspec.structs.replace(row, **{name: _nameless(getattr(row, name)) for name in row.__struct_fields__})


def _nameless(value: Any) -> Any:
    if isinstance(value, Who):
        return Who("", "", value.agency, value.position)
    if isinstance(value, Row):
        return nameless(value)
    return tuple(_nameless(one) for one in value) if isinstance(value, tuple) else value
