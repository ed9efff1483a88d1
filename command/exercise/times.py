"""When a record says that it happened: a column or two, their formats, and the zone that its clocks run in. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from command.domain.clock import EARLIEST, LATEST, plausible
from command.errors import Unreadable
from command.exercise.cells import Unmapped, cell_of, shown, some
from command.exercise.localtime import (
    DAY_MS,
    FLAG_DAY,
    FLAG_ENDS,
    FLAG_HOUR,
    FLAG_UNKNOWN,
    HOUR_MS,
    Moment,
    to_utc,
    vague,
    zone,
)
from command.exercise.readers import Row

_EXCEL_EPOCH: Final = datetime(1899, 12, 30)  # Excel's day 0, so that its days since March 1900 come out right
_SHORT_OFFSET: Final = re.compile(r"[+-]\d\d$")  # "+00", which strptime's %z does not take


_DAYS_WITH_COMMA: Final = re.compile(r"\d{5},\d+")  # as a spreadsheet writes them where the decimal point is a comma
END_OF_DAY: Final = re.compile(r"24:?00(?::00)?")  # as forms write it; which day it then is cannot be told
_POINTED: Final = re.compile(r"\b([ap])\. ?m\.", re.IGNORECASE)


class TimeField(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When it happened. Formats are strptime's, or one of the words `iso`, `excel`, `epoch s`, `epoch ms`.

    `clock`: the column with the time of day where `column` holds the day alone; its formats are strptime's, `hhmm`
    (a number that may have lost its zeros: 5 is 00:05) or `hour`. 24:00 is midnight at the start of the day or at its end.
    """

    column: str
    formats: tuple[str, ...]
    zone: str | None = None
    zone_column: str | None = None
    zones: dict[str, str] = {}
    midnight_is_unknown: bool = False
    day_only: bool = False
    clock: str | None = None
    clock_formats: tuple[str, ...] = ("hhmm", "%H:%M", "%H:%M:%S")

    @property
    def columns(self) -> tuple[str | None, ...]:
        """The columns that it reads."""
        return (self.column, self.zone_column, self.clock)


def check_time(field: TimeField, where: str) -> None:
    """Raises Unreadable for a time that could never be read."""
    if not field.formats or not field.clock_formats:
        raise Unreadable("expected at least one format", where=f"{where}.formats")
    if (field.zone is None) == (field.zone_column is None):
        raise Unreadable("expected zone, or zone_column with a table of zones", where=where)
    if field.clock is not None and field.day_only:
        raise Unreadable("expected a clock or day_only, came both", where=where)
    try:
        for zone_name in [*field.zones.values(), *([field.zone] if field.zone else [])]:
            zone(zone_name)
    except ValueError as error:
        raise Unreadable(str(error), where=where) from None


def moment_of(field: TimeField, row: Row, unknown: tuple[str, ...], digits: Mapping[str, int]) -> tuple[Moment, date]:
    """When the row happened, and the day on the source's own calendar. Raises Unmapped."""
    cell = cell_of(row, field.column, digits)
    if cell in unknown:
        raise Unmapped(f"column {field.column!r}: expected a time, came {shown(cell)}")
    local, place = _parsed(field.column, field.formats, cell), _zone_of(field, row, digits)
    error_ms, flags = 0, list[str]()
    try:
        if field.clock is not None:
            day = local.astimezone(place).date() if local.tzinfo else local.date()
            clock, error_ms, flags = _clock(field.clock, field.clock_formats, row, unknown, digits)
            local = datetime.combine(day, clock)
        moment = to_utc(local, place)
        day = moment.at.astimezone(place).date() if local.tzinfo else local.date()
    except OverflowError:
        raise Unmapped(f"column {field.column!r}: expected a time within the calendar, came {shown(cell)}") from None
    if not plausible(moment.at):
        raise Unmapped(
            f"column {field.column!r}: expected a time from {EARLIEST:%Y} to {LATEST:%Y}, came {shown(cell)}"
        )
    if field.day_only:
        return vague(moment, FLAG_DAY), day
    if flags:
        return Moment(moment.at, min(DAY_MS, error_ms + moment.error_ms), (*moment.flags, *flags)), day
    if field.midnight_is_unknown and (local.hour, local.minute, local.second) == (0, 0, 0):
        return vague(moment, FLAG_UNKNOWN), day
    return moment, day


def read_time(form: str, cell: str) -> datetime:
    """A cell by one format; naive unless the format itself carries an offset. Raises ValueError."""
    try:
        match form:
            case "iso":
                return datetime.fromisoformat(cell)
            case "excel":
                days = float(cell.replace(",", ".") if _DAYS_WITH_COMMA.fullmatch(cell) else cell)
                return _EXCEL_EPOCH + timedelta(seconds=round(days * 86_400))
            case "epoch s":
                return datetime.fromtimestamp(float(cell), UTC)
            case "epoch ms":
                return datetime.fromtimestamp(float(cell) / 1_000, UTC)
    except (OverflowError, OSError) as error:
        raise ValueError("out of the calendar") from error
    if form.endswith("%z") and _SHORT_OFFSET.search(cell):
        cell += "00"
    return datetime.strptime(_unpointed(form, cell), form)


def read_clock(form: str, cell: str) -> time:
    """A time of day by one format. Raises ValueError."""
    if form not in ("hhmm", "hour"):
        return datetime.strptime(_unpointed(form, cell), form).time()
    if not (cell.isascii() and cell.isdigit() and len(cell) <= (4 if form == "hhmm" else 2)):
        raise ValueError("expected digits")
    number = int(cell) if form == "hhmm" else int(cell) * 100
    return time(number // 100, number % 100)


def _unpointed(form: str, cell: str) -> str:
    """With "p.m." as the "PM" that strptime knows."""
    return _POINTED.sub(r"\1m", cell) if "%p" in form else cell


def _parsed(column: str, formats: tuple[str, ...], cell: str) -> datetime:
    for form in formats:
        try:
            return read_time(form, cell)
        except ValueError:
            continue
    raise Unmapped(f"column {column!r}: expected a time as {some(formats)}, came {shown(cell)}")


def _clock(
    column: str, formats: tuple[str, ...], row: Row, unknown: tuple[str, ...], digits: Mapping[str, int]
) -> tuple[time, int, list[str]]:
    """The time of day, how far it may be off (milliseconds), and why."""
    cell = cell_of(row, column, digits)
    if cell in unknown:
        return time(), DAY_MS, [FLAG_UNKNOWN]
    if END_OF_DAY.fullmatch(cell):
        return time(), DAY_MS, [FLAG_ENDS]
    for form in formats:
        try:
            found = read_clock(form, cell)
        except ValueError:
            continue
        return (found, HOUR_MS, [FLAG_HOUR]) if form == "hour" else (found, 0, [])
    raise Unmapped(f"column {column!r}: expected a time of day as {some(formats)}, came {shown(cell)}")


def _zone_of(field: TimeField, row: Row, digits: Mapping[str, int]) -> ZoneInfo:
    if field.zone is not None:
        return zone(field.zone)
    assert field.zone_column is not None  # the file was checked: one of the two is given
    cell = cell_of(row, field.zone_column, digits)
    if cell not in field.zones:
        raise Unmapped(f"column {field.zone_column!r}: expected a place with a known time zone, came {shown(cell)}")
    return zone(field.zones[cell])
