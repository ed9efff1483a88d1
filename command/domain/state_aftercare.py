"""The fold's values about what follows force or an injury."""

from __future__ import annotations

from datetime import datetime

from command.domain.item import Item
from command.domain.persistent import PMap


class CareStep(Item, frozen=True):
    """One thing that was done. `event` is its type; `counts` False: it is on record and ends no duty, and `why`."""

    event: str
    at: datetime
    by: str  # who wrote it down
    who: str | None  # who did it
    unit: str | None
    seq: int
    counts: bool = True
    why: str = ""


class Care(Item, frozen=True):
    """What was done after one force report, injury or critical event, in the order of the log."""

    record: str
    at: datetime  # of the first that was heard of it
    seq: int
    steps: tuple[CareStep, ...] = ()
    injured: bool = False


class Injury(Item, frozen=True):
    """An injury that was noted."""

    injury: str
    record: str | None
    visible: bool
    complaint: bool
    sector: str | None
    at: datetime
    seq: int


class Critical(Item, frozen=True):
    """A critical event."""

    critical: str
    kind: str
    record: str | None
    sector: str | None
    at: datetime
    seq: int
    cared_for: bool = False


class Aftercare(Item, frozen=True):
    """Care by the record it belongs to, injuries, critical events; `recent`: the newest records, for the board."""

    care: PMap[str, Care] = PMap()
    injuries: PMap[str, Injury] = PMap()
    critical: PMap[str, Critical] = PMap()
    recent: tuple[str, ...] = ()
