"""What all values of the fold share."""

from __future__ import annotations

from datetime import datetime

import msgspec


class Item(msgspec.Struct, frozen=True):
    """Base of the fold's values."""


class Span(Item, frozen=True):
    """Someone held something from `since` until `ended` (None: still). Incident time, UTC."""

    who: str
    since: datetime
    ended: datetime | None = None

    def covers(self, at: datetime) -> bool:
        """True at its start, false at its end."""
        return self.since <= at and (self.ended is None or at < self.ended)
