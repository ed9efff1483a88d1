"""What all rows share."""

from __future__ import annotations

import msgspec


class Row(msgspec.Struct, frozen=True, omit_defaults=True):
    """Base of all rows."""


class Who(Row, frozen=True):
    """A person as a screen names them."""

    person: str
    name: str = ""
    agency: str = ""
    position: str = ""
