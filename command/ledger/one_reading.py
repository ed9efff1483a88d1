"""JSON that every reader reads alike.

RFC 8259 §4 leaves open what a repeated member name means: some readers take the
first value, some the last, some refuse. Bytes that are evidence (a header, a
signed statement) must not say two things, so ours are refused when they do.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec

from command.errors import Unreadable


def repeated_name(raw: bytes) -> str | None:
    """The first member name that some object in `raw` holds twice, or None.

    Raises Unreadable for bytes that are not JSON in UTF-8, or nested too deep to read.
    """
    try:
        # Bytes that come back the same after a reading that keeps one value per name hold each name once.
        # All that Muster writes passes here; the slow way is for other writers' spacing and escapes.
        if msgspec.json.encode(msgspec.json.decode(raw)) == raw:
            return None
        json.loads(raw.decode(), object_pairs_hook=_once_each)
    except _RepeatedName as found:
        return found.name
    except (ValueError, RecursionError) as exc:
        raise Unreadable(f"expected JSON: {exc}") from None
    return None


class _RepeatedName(Exception):
    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def _once_each(members: list[tuple[str, Any]]) -> None:
    seen = set()
    for name, _ in members:
        if name in seen:
            raise _RepeatedName(name)
        seen.add(name)
