"""The script files: the cast of every day and what is written for one, as tables.

`data/standing.toml` is the cast; `data/mayday2016.toml` is the script of a day. Their
comments show the form. What the lines mean is `scenario`'s.
"""

from __future__ import annotations

import tomllib
from datetime import date
from importlib import resources
from typing import Any, Literal, TypeVar

import msgspec

from command.domain.events import Training
from command.errors import Unreadable
from command.exercise.basemap import Box


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of the tables of a script file."""


class Agency(_Table, frozen=True):
    """An assisting agency."""

    agency: str
    name: str
    agreement: str
    accepted_plan: bool = True


class Member(_Table, frozen=True):
    """Someone of the cast, by role. `position` is held from the start; `checks_in` False: arrives in the script."""

    person: str
    name: str
    agency: str
    rank: str
    position: str | None = None
    training: tuple[Training, ...] = ()
    badge: str | None = None
    camera: str | None = None
    camera_absent: str | None = None
    helmet: str | None = None
    unit: str | None = None


class Unit(_Table, frozen=True):
    """A unit of the cast; where it goes on the day is the day's."""

    unit: str
    name: str
    kind: str
    agency: str
    size: int
    leader: str | None = None


class Line(_Table, frozen=True):
    """One scripted command: when, by whom, which, with what.

    `at` is local, "18:30" or "18:30:15", or minutes after the start, "+5". `expect` says
    how the gate is to answer: some asks are there to be refused. A duty that a line
    opens is named "@name/rule", with that line's `name`.
    """

    at: str
    by: str
    does: str
    given: dict[str, Any] = {}
    name: str = ""
    expect: Literal["accepted", "refused"] = "accepted"


class Standing(_Table, frozen=True):
    """`standing.toml`: who is there on every day."""

    lead: str
    lead_name: str
    commander: str
    objectives: tuple[str, ...]
    agency: tuple[Agency, ...]
    person: tuple[Member, ...]
    unit: tuple[Unit, ...]
    line: tuple[Line, ...] = ()


class Post(_Table, frozen=True):
    """Where a unit begins the day; no sector is staging."""

    unit: str
    sector: str | None = None
    assignment: str | None = None


class Script(_Table, frozen=True):
    """`<day>.toml`: a day's posts and lines. `area` is what the map shows: west, south, east, north."""

    id: str
    name: str
    day: date
    starts: str
    ends: str
    sectors: tuple[str, ...] = ()  # beside those that rows name
    area: Box | None = None
    post: tuple[Post, ...] = ()
    line: tuple[Line, ...] = ()


def standing() -> Standing:
    """The cast of every day."""
    return _read("standing.toml", Standing)


def scripts() -> dict[date, Script]:
    """Every day that has a script."""
    return {script.day: script for script in (_read(name, Script) for name in ("mayday2016.toml",))}


_T = TypeVar("_T", bound=_Table)


def _read(name: str, kind: type[_T]) -> _T:
    text = (resources.files("command.exercise") / "data" / name).read_text("utf-8")
    try:
        return msgspec.convert(tomllib.loads(text), kind)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise Unreadable(f"{error}", where=name) from None
