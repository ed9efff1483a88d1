"""Which reports a fact told later may bear on: by sector and officer, by the latest moment that each may mean.

What happened at a moment bears on nothing that was before it. So each report is listed under
the end of its clock's error, and whatever is told looks back from the newest as far as its own
time: for what is told of now that is nothing at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta

from command.domain.item import Item
from command.domain.persistent import PMap
from command.domain.timeline import Timeline

EVERYWHERE = "*"
"""The key under which every report is listed: for what changes in all sectors at once."""

END = datetime.max.replace(tzinfo=UTC)


FAR_OFF_MS = 3_600_000
"""So much error, in both directions together, is looked for past the end of what a fact bears on: no clock is so far off."""


class Listed(Item, frozen=True):
    """A report in the list. A correction is listed again, and the entry of what it corrects is passed over."""

    record: str
    latest: datetime


Index = PMap[str, Timeline[Listed]]


def of_sector(sector: str) -> str:
    """The key of a sector."""
    return f"s|{sector}"


def of_officer(officer: str) -> str:
    """The key of an officer."""
    return f"o|{officer}"


def latest(at: datetime, clock_error_ms: int) -> datetime:
    """The last moment that a claimed time may mean."""
    try:
        return at + timedelta(milliseconds=max(clock_error_ms, 0))
    except OverflowError:  # a report may claim any time at all, and is kept
        return END


def earliest(at: datetime, clock_error_ms: int) -> datetime:
    """The first moment that a claimed time may mean."""
    try:
        return at - timedelta(milliseconds=max(clock_error_ms, 0))
    except OverflowError:
        return at


def ran_ahead(at: datetime, clock_error_ms: int, recorded_at: datetime) -> bool:
    """Whether the claimed time had not come yet at the record: what comes later says nothing of such a clock."""
    return at > latest(recorded_at, clock_error_ms)


def listed(
    index: Index,
    record: str,
    at: datetime,
    clock_error_ms: int,
    sector: str | None,
    officer: str,
    recorded_at: datetime,
) -> Index:
    """The index with a report, or with a correction of one. One whose clock ran ahead is in no list."""
    if ran_ahead(at, clock_error_ms, recorded_at):
        return index
    one = Listed(record, latest(at, clock_error_ms))
    for key in (EVERYWHERE, of_officer(officer), *((of_sector(sector),) if sector is not None else ())):
        index = index.insert(key, (index.get(key) or Timeline()).add(one.latest, one))
    return index


def since(
    index: Index,
    keys: Iterable[str],
    moment: datetime,
    until: datetime | None,
    stands: Callable[[str, datetime], bool],
    most: int,
) -> tuple[tuple[str, ...], bool]:
    """The newest `most` reports under the keys that may be of `moment` or later, newest first; were there more?

    `until`: none that can only be later. `stands(record, latest)`: is the entry of its newest version, and asked for?
    """
    found: dict[str, datetime] = {}
    more = False
    for key in dict.fromkeys(keys):
        number = 0
        for one in _back(index.get(key), moment, until):
            if one.record in found or not stands(one.record, one.latest):
                continue
            if number == most:
                more = True
                break
            found[one.record] = one.latest
            number += 1
    newest = sorted(found, key=lambda record: (found[record], record), reverse=True)
    return tuple(newest[:most]), more or len(newest) > most


def _back(listing: Timeline[Listed] | None, moment: datetime, until: datetime | None) -> Iterator[Listed]:
    begin = END if until is None else latest(until, FAR_OFF_MS)
    for one in listing.back_from(begin) if listing is not None else ():
        if one.latest < moment:
            return
        yield one
