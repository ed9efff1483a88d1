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
from typing import Annotated, Any, Literal

import msgspec


class Sealed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A salted commitment: base64url SHA-256 of the disclosure, as in SD-JWT (RFC 9901)."""

    sha256: str


PrivateText = str | Sealed
"""A free text or name: plain in a draft, sealed in the log."""

PrivateOptional = str | Sealed | None
"""As PrivateText; None is sealed too, so that the log does not tell whether something was said."""

CompartmentName = Literal["identity", "demographics", "medical", "juvenile", "account", "complaint", "welfare"]


class Compartment(msgspec.Struct, frozen=True):
    """Marks a private field whose reading takes more than the lens of its event: stands beside the field's type.

    identity      who the person is, how to reach them and those who care for them
    demographics  race, ethnicity, sex, as perceived and as stated
    medical       injuries, needs, disability, medicines
    juvenile      age, guardian, and that someone is a minor
    account       what an officer says of conduct and force: nobody involved reads others' before their own
    complaint     who complains of whom, and about what
    welfare       an officer's own need of support
    """

    name: CompartmentName


Identity = Annotated[str | Sealed | None, Compartment("identity")]
Demographic = Annotated[str | Sealed | None, Compartment("demographics")]
Medical = Annotated[str | Sealed | None, Compartment("medical")]
Juvenile = Annotated[str | Sealed | None, Compartment("juvenile")]
Account = Annotated[str | Sealed | None, Compartment("account")]
Complaint = Annotated[str | Sealed | None, Compartment("complaint")]
ComplaintText = Annotated[str | Sealed, Compartment("complaint")]
Welfare = Annotated[str | Sealed | None, Compartment("welfare")]


@functools.cache
def compartments(kind: type[msgspec.Struct]) -> dict[str, CompartmentName]:
    """The compartment of each private field of an event class that lies in one."""
    hints = typing.get_type_hints(kind, include_extras=True)
    marks = {name: getattr(hints[name], "__metadata__", ()) for name in kind.__struct_fields__}
    return {name: mark.name for name, found in marks.items() for mark in found if isinstance(mark, Compartment)}


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
