"""Stored events to today's structs: one decoder a type, and the upcasters for older shapes.

A stored shape is a promise. An upcaster takes the body of version n to n + 1 as
plain JSON, is pure, and is never edited once released. Stored bytes are never
rewritten.
"""

from __future__ import annotations

import typing
from collections.abc import Callable
from typing import Any

import msgspec

from command.domain.envelope import HEADER_VERSION, Header, Recorded, decode_header
from command.domain.events import Event, Fact
from command.errors import Corrupt

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]


def _warning_exits(body: dict[str, Any]) -> dict[str, Any]:
    """WarningGiven 1 → 2: one `exit` became a list of `exits`, since an order must name every way out."""
    exit_ = body.pop("exit", None)
    return {**body, "exits": [exit_] if exit_ else []}


def _attached_record(body: dict[str, Any]) -> dict[str, Any]:
    """AttachmentAdded 1 → 2: the `arrest` that it belonged to became a `record`, since any record may have files."""
    arrest = body.pop("arrest", None)
    return {**body, "record": arrest}


UPCASTERS: dict[tuple[str, int], Upcaster] = {
    ("WarningGiven", 1): _warning_exits,
    ("AttachmentAdded", 1): _attached_record,
}
"""(type, from version) -> the step to the next version."""

KINDS: dict[str, type[Fact]] = {kind.__name__: kind for kind in typing.get_args(Event)}
SCHEMAS: dict[str, int] = {name: 1 + max((old for kind, old in UPCASTERS if kind == name), default=0) for name in KINDS}
"""The version in which each event is written today."""

_decoders = {name: msgspec.json.Decoder(kind) for name, kind in KINDS.items()}


def decode_event(kind: str, schema: int, body: bytes | msgspec.Raw) -> Event:
    """The event in a stored body. Raises Corrupt for a type, version or shape that this version does not know."""
    today = SCHEMAS.get(kind)
    if today is None or not 1 <= schema <= today:
        raise Corrupt(f"expected an event of a known type and version, got {kind} version {schema}", where="type")
    try:
        if schema == today:
            return typing.cast(Event, _decoders[kind].decode(body))
        return typing.cast(Event, msgspec.convert(_upcast(kind, schema, body), KINDS[kind]))
    except msgspec.MsgspecError as exc:
        raise Corrupt(f"expected a stored {kind} version {schema}: {exc}", where="body") from exc


def _upcast(kind: str, schema: int, body: bytes | msgspec.Raw) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.json.decode(body, type=dict[str, Any])
    for version in range(schema, SCHEMAS[kind]):
        plain = UPCASTERS[kind, version](plain)
    return plain


def decode_recorded(raw: bytes) -> Recorded:
    """An event of the log from its exact header bytes. Raises Corrupt when they are not one."""
    try:
        header: Header = decode_header(raw)
    except msgspec.MsgspecError as exc:
        raise Corrupt(f"expected the bytes of an event header: {exc}", where="header") from exc
    if header.v != HEADER_VERSION:
        raise Corrupt(f"expected a header of version {HEADER_VERSION}, got version {header.v}", where="header")
    return Recorded(header, decode_event(header.type, header.schema, header.body))
