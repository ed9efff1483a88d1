"""Private fields: a value before sealing, its commitment afterwards.

An event that is about a person, or holds free text, declares such a field as
`str | Sealed`. `decide` emits the plain value; the shell replaces it by
`Sealed(sha256)` before the header is written, so what is stored, folded and
snapshotted never holds the value itself. The value lives in a disclosure
(`ledger.disclosure`) under the key of the event's subject.
"""

from __future__ import annotations

import functools
import types
import typing
from typing import Any

import msgspec


class Sealed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A salted commitment: base64url SHA-256 of the disclosure, as in SD-JWT (RFC 9901)."""

    sha256: str


PrivateText = str | Sealed
"""A free text or name: plain in a draft, sealed in the log."""

PrivateOptional = str | Sealed | None
"""As PrivateText; None is sealed too, so that the log does not tell whether something was said."""


@functools.cache
def private_fields(kind: type[msgspec.Struct]) -> tuple[str, ...]:
    """Names of the fields of an event class that are sealed before it is stored."""
    hints = typing.get_type_hints(kind)
    return tuple(name for name in kind.__struct_fields__ if _holds_sealed(hints[name]))


def _holds_sealed(hint: Any) -> bool:
    if hint is Sealed:
        return True
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        return any(_holds_sealed(member) for member in typing.get_args(hint))
    return False
