"""A header as verification reads it: the one reader for whole logs and for packages of one record.

It is read as JSON and not through the domain's classes, so that a log of any version, or of another program that keeps
the format, can be checked. All that is not named here is covered by the leaf.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from command.errors import Unreadable
from command.ledger import one_reading


class Header(msgspec.Struct, frozen=True):
    """What verification reads of a header."""

    log: str
    epoch: int
    seq: int
    id: str
    type: str
    recorded_at: Annotated[datetime, Meta(tz=True)]
    body: dict[str, Any]
    confidential: dict[str, Any] | None = None
    statement: Any = None

    def committed(self) -> Iterator[tuple[str, Any]]:
        """Path and value of whatever may be a commitment: the body's fields, and a confidential author's."""
        yield from self.body.items()
        for name, value in (self.confidential or {}).items():
            yield f"actor.{name}", value

    @property
    def subject(self) -> str:
        """Whose key its private fields are under: the body's subject, or the event by itself."""
        subject = self.body.get("subject")
        return subject if isinstance(subject, str) else f"e:{self.id}"


_headers = msgspec.json.Decoder(Header)


def read_header(raw: bytes) -> tuple[Header, tuple[str, ...]]:
    """A header, and what is wrong with it by itself: that it says two things. Raises Unreadable for what is none."""
    try:
        header = _headers.decode(raw)
        repeated = one_reading.repeated_name(raw)
    except (ValueError, RecursionError, Unreadable) as exc:
        raise Unreadable(f"expected a header: {exc}") from None
    wrong = [] if repeated is None else [f"expected each name once in a header, got {repeated!r} twice"]
    tag = header.body.get("type", header.type)
    if tag != header.type:
        wrong.append(f"expected a body of type {header.type!r}, got {tag!r}")
    return header, tuple(wrong)
