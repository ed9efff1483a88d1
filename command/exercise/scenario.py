"""A day played again: the real records of a day of Seattle, with what they lack written as a script.

Two kinds of items, never mixed. A *record* is a row of the city's table, sent as it
is: no script names it, authorizes it or adds to it. A *script* item was written for
the demonstration; it carries `Origin(kind="script")` and its people are named by
their role. `data/standing.toml` is the cast of every day; `data/<day>.toml`, where
there is one, is what they do on that day.

Pure but for reading the packaged files: no clock, no randomness.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

import msgspec

from command.domain.commands import COMMANDS, Ask, OpenIncident, Report, ReportForce
from command.domain.envelope import Origin
from command.domain.submission import Submission
from command.errors import Unreadable
from command.exercise import seattle
from command.exercise.basemap import Box, around
from command.exercise.localtime import DAY_MS
from command.exercise.script import Line, Member, Post, Script, Standing, scripts, standing

RECORDS_AUTHOR = "records-import"
"""Who sends the rows of the table: no one on scene. Person id of the import, with the lead agency."""

DEFAULT_RATE = 15.0  # the evening of May Day 2016 in a quarter of an hour

LEAD_IN = timedelta(minutes=30)  # how long before the first row a day without a script begins

_NAMESPACE = uuid.UUID("0f0b1a54-70a7-5a35-8d7c-1d5c8a5c1f6e")  # ours, made once


class Item(msgspec.Struct, frozen=True):
    """Something to send: when it is due (incident time, UTC), in whose name, and what."""

    at: datetime
    person: str
    agency: str
    submission: Submission
    origin: Origin
    name: str  # the command's
    expect: str = "accepted"

    @property
    def is_ask(self) -> bool:
        """True where the plan judges it at the moment it is sent."""
        return issubclass(COMMANDS[self.name], Ask)


class Scenario(msgspec.Struct, frozen=True):
    """A day for one incident, ready to play.

    Items are in the order in which they are sent: the standing organisation first,
    whatever happened before it, then everything by its time.
    """

    id: str
    name: str
    day: date
    starts_at: datetime
    ends_at: datetime
    sectors: tuple[str, ...]
    area: Box
    items: tuple[Item, ...]
    cast: tuple[Member, ...]
    credits: tuple[str, ...] = seattle.CREDITS

    @property
    def prelude(self) -> tuple[Item, ...]:
        """What is due at the start: the standing organisation, and what had happened before."""
        return tuple(item for item in self.items if item.at <= self.starts_at)


# Reading --------------------------------------------------------------------------------


def script_for(day: date) -> Script:
    """The script of a day; a day without one gets the cast alone, over that day's sectors.

    Raises NotFound, naming the nearest days, where the packaged records have no row of the day.
    """
    rows = seattle.the_day(day)
    written = scripts().get(day)
    if written is not None:
        return written
    first, last = _span(day)
    zone = ZoneInfo(seattle.TIME_ZONE)
    starts = max(first - LEAD_IN, datetime.combine(day, time.min, zone).astimezone(UTC))
    return Script(
        id=f"day-{day.isoformat()}",
        name=f"{day.isoformat()}, Seattle (replayed)",
        day=day,
        starts=f"{starts.astimezone(zone):%H:%M}",
        ends=f"{last.astimezone(zone):%H:%M}",
        post=tuple(_spread(rows.beats or seattle.west_precinct())),
    )


def opening(script: Script, rate: float = DEFAULT_RATE) -> tuple[OpenIncident, str]:
    """The command that opens the day's incident on a clock of its own, and its id (the same for the same day)."""
    cast = standing()
    commander = next(member for member in cast.person if member.person == cast.commander)
    cmd = OpenIncident(
        name=script.name,
        kind="planned",
        lead_agency=cast.lead,
        lead_agency_name=cast.lead_name,
        time_zone=seattle.TIME_ZONE,
        commander=commander.person,
        commander_name=commander.name,
        commander_rank=commander.rank,
        commander_training=commander.training,
        objectives=cast.objectives,
        clock_origin=_at(script.day, script.starts),
        clock_rate=rate,
        reason="a demonstration: real records of the day, everything else scripted",
    )
    return cmd, str(uuid.uuid5(_NAMESPACE, f"open {script.id}"))


def scenario(script: Script, incident: str, secret: bytes = b"") -> Scenario:
    """The day for this incident. The same incident gets the same command ids, so that playing again adds nothing."""
    cast = standing()
    starts_at, ends_at = _at(script.day, script.starts), _at(script.day, script.ends)
    sectors = _sectors(script)
    rows = tuple(_records(script.day, incident, secret, cast.lead))
    setup = [_item(at, line, cast, script.id, incident) for at, line in _setup(cast, script, sectors, starts_at)]
    lines = _lines(cast, script, incident, starts_at)
    # Stable: at the same moment the script's lines stand in their own order, before the rows.
    items = (*setup, *sorted((*lines, *rows), key=lambda item: item.at))
    return Scenario(
        id=script.id,
        name=script.name,
        day=script.day,
        starts_at=starts_at,
        ends_at=max(ends_at, items[-1].at),
        sectors=sectors,
        area=script.area or around(sectors),
        items=items,
        cast=cast.person,
    )


# Building -------------------------------------------------------------------------------


def _setup(
    cast: Standing, script: Script, sectors: tuple[str, ...], starts_at: datetime
) -> Iterator[tuple[datetime, Line]]:
    """The standing organisation, as lines before the start, in the order in which one needs another."""
    at = starts_at - timedelta(minutes=60)
    chief = cast.commander

    def line(does: str, by: str = chief, **given: Any) -> tuple[datetime, Line]:
        return at, Line(at="", by=by, does=does, given=given)

    for agency in cast.agency:
        yield line("AdmitAgency", **msgspec.to_builtins(agency))
    for code in sectors:
        beat = seattle.beat(code)
        yield line("DefineSector", sector=code, name=beat.name, boundary=beat.boundary)
    for unit in cast.unit:
        yield line("FormUnit", **_present(unit))
    for member in cast.person:
        if member.person != chief:
            yield line("CheckIn", by=member.person, **{k: v for k, v in _present(member).items() if k != "position"})
    for member in cast.person:
        if member.position is not None and member.person != chief:
            yield line("AssignPosition", position=member.position, person=member.person)
    for post in script.post:
        yield line("AssignUnit", unit=post.unit, sector=post.sector, assignment=post.assignment)


def _present(table: msgspec.Struct) -> dict[str, Any]:
    return {name: value for name, value in msgspec.to_builtins(table).items() if value is not None}


def _spread(beats: Iterable[str]) -> Iterator[Post]:
    """A day without a script: units over the beats, those with most rows first; what is left over stays in staging."""
    left = list(beats)
    for unit in standing().unit:
        goes = unit.kind not in ("reserve", "medic", "arrest-team") and bool(left)
        yield Post(unit.unit, left.pop(0) if goes else None)


def _sectors(script: Script) -> tuple[str, ...]:
    """The day's beats: those of the script, of its posts, and every one that a row names."""
    named = {*script.sectors, *(post.sector for post in script.post if post.sector), *seattle.the_day(script.day).beats}
    return tuple(sorted(named))


def _lines(cast: Standing, script: Script, incident: str, starts_at: datetime) -> list[Item]:
    """The lines of every day and of this one; each may name a duty that an earlier one opens."""
    named: dict[str, str] = {}
    items = []
    for line in (*cast.line, *script.line):
        item = _item(
            _when(line.at, script.day, starts_at), _resolved(line, named, script.id), cast, script.id, incident
        )
        items.append(item)
        if line.name:
            named[line.name] = item.submission.cmd
    return items


def _resolved(line: Line, named: dict[str, str], script: str) -> Line:
    duty = line.given.get("duty", "")
    if not duty.startswith("@"):
        return line
    opener, _, rule = duty[1:].partition("/")
    if opener not in named:
        raise Unreadable(f"expected an earlier line named {opener!a}", where=f"{script} at {line.at}")
    # As domain.deciding.Context.made names what a command brings about; a test holds the two together.
    return msgspec.structs.replace(line, given={**line.given, "duty": f"{named[opener]}-d0-{rule}"[:64]})


def _when(at: str, day: date, starts_at: datetime) -> datetime:
    if at.startswith("+") and at[1:].isdigit():
        return starts_at + timedelta(minutes=int(at[1:]))
    return _at(day, at)


def _item(at: datetime, line: Line, cast: Standing, script: str, incident: str) -> Item:
    where = f"{script} at {line.at or 'the start'}"
    member = next((member for member in cast.person if member.person == line.by), None)
    if member is None:
        raise Unreadable(f"expected someone of the cast, came {line.by!a}", where=where)
    cmd = _command(line, where)
    raw = msgspec.json.encode(cmd)
    # The id holds what is sent: a script that is changed sends the changed line once more, never another under its id.
    told = hashlib.sha256(raw + at.isoformat().encode() + line.by.encode()).hexdigest()
    submission = Submission(
        cmd=str(uuid.uuid5(_NAMESPACE, f"{incident} {script} {told}")),
        command=msgspec.Raw(raw),
        occurred_at=None if isinstance(cmd, Ask) else at,  # an ask is judged, and happens, when it is sent
    )
    origin = Origin(kind="script", source=script)
    return Item(at, line.by, member.agency, submission, origin, line.does, line.expect)


def _command(line: Line, where: str) -> Ask | Report:
    if line.does == ReportForce.__name__:
        raise Unreadable("expected no scripted report of force: force comes from the records alone", where=where)
    kind = COMMANDS.get(line.does)
    if kind is None:
        raise Unreadable(f"expected a command, came {line.does!a}", where=where)
    unsaid = {"sector": None} if line.does == "AssignUnit" else {}  # TOML has no null: no sector is staging
    try:
        cmd: Ask | Report = msgspec.convert({"type": line.does, **unsaid, **line.given}, kind)
    except msgspec.ValidationError as error:
        raise Unreadable(f"{line.does}: {error}", where=where) from None
    return cmd


def _records(day: date, incident: str, secret: bytes, agency: str) -> Iterator[Item]:
    for taken in seattle.day_rows(day, incident, secret):
        at = cast(datetime, taken.submission.occurred_at)  # the mapping gives every row a time
        yield Item(at, RECORDS_AUTHOR, agency, taken.submission, taken.origin, ReportForce.__name__)


def _span(day: date) -> tuple[datetime, datetime]:
    """When the first and the last row of the day happened, of those whose time is known (else of all)."""
    rows = list(_records(day, "", b"", ""))
    known = [row.at for row in rows if row.submission.clock_error_ms < DAY_MS] or [row.at for row in rows]
    return known[0], known[-1]


def _at(day: date, clock: str) -> datetime:
    """A local time of the day in UTC."""
    try:
        local = datetime.combine(day, time.fromisoformat(clock), ZoneInfo(seattle.TIME_ZONE))
    except ValueError:
        raise Unreadable(f"expected a local time such as 18:30, came {clock!a}", where=day.isoformat()) from None
    return local.astimezone(UTC)
