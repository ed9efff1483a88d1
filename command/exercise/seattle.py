"""The packaged data of Seattle: force rows by day, beats with their boundaries, the layers of the map.

Credits and licences are in `data/seattle/SOURCE.md`.
"""

from __future__ import annotations

import functools
import gzip
import io
from collections import Counter
from datetime import date
from importlib import resources
from typing import Any, BinaryIO

import msgspec

from command.domain.ids import Ring
from command.errors import NotFound, Unreadable
from command.exercise.importer import NotTaken, Taken, Target, plan
from command.exercise.mapping import Mapping, load_mapping
from command.exercise.readers import Row, read_csv

CREDITS = (
    "Use of force and streets: City of Seattle (public domain)",
    "Precincts, beats and city limits: seattleio (CC0)",
    "Parks: © OpenStreetMap contributors (ODbL)",
)

TIME_ZONE = "America/Los_Angeles"

_PRECINCTS = {"West": ("D", "K", "M", "Q")}

_DATA = resources.files("command.exercise") / "data" / "seattle"


class Beat(msgspec.Struct, frozen=True):
    """A patrol beat: its code, its name in words, and its outer boundary as (lon, lat) pairs."""

    code: str
    name: str
    boundary: Ring


class Day(msgspec.Struct, frozen=True):
    """The records of one local day: the rows' lines in the packaged file, and the beats that they name."""

    day: date
    lines: tuple[int, ...]
    beats: tuple[str, ...]  # most rows first


@functools.cache
def force_mapping() -> Mapping:
    """The mapping of the packaged force rows."""
    return load_mapping((_DATA / "force.toml").read_text("utf-8"), "force.toml")


def open_force() -> BinaryIO:
    """The packaged force rows as a CSV stream (2 MB)."""
    return io.BytesIO(gzip.decompress((_DATA / "force.csv.gz").read_bytes()))


def day_rows(day: date, incident: str, secret: bytes = b"") -> tuple[Taken, ...]:
    """What the rows of this local day become in this incident, in the order in which they happened.

    Raises NotFound for a day without rows, Unreadable where the packaged file is broken.
    """
    mapping, wanted = force_mapping(), set(the_day(day).lines)
    with open_force() as source:
        rows = (row for row in read_csv(source, mapping.columns) if row.line in wanted)
        outcomes = list(plan(rows, mapping, Target(incident, secret), day))
    taken = [outcome for outcome in outcomes if isinstance(outcome, Taken)]
    unread = [outcome for outcome in outcomes if isinstance(outcome, NotTaken)]
    if unread:  # the packaged file is whole; a change that breaks it must not shrink a day in silence
        raise Unreadable(unread[0].why, where=f"packaged force rows, line {unread[0].line}")
    return tuple(sorted(taken, key=lambda row: (row.submission.occurred_at, row.line)))


@functools.cache
def days() -> dict[date, Day]:
    """Every day that has rows."""
    lines: dict[date, list[int]] = {}
    beats: dict[date, Counter[str]] = {}
    known = set(beat_codes())
    with open_force() as source:
        for row in read_csv(source, ("occurred_local", "Beat")):
            if not isinstance(row, Row):
                raise Unreadable(row.why, where=f"packaged force rows, line {row.line}")
            day = date.fromisoformat(row.cells["occurred_local"][:10])
            lines.setdefault(day, []).append(row.line)
            if row.cells["Beat"] in known:
                beats.setdefault(day, Counter())[row.cells["Beat"]] += 1
    return {
        day: Day(day, tuple(found), tuple(code for code, _ in beats.get(day, Counter()).most_common()))
        for day, found in lines.items()
    }


def the_day(day: date) -> Day:
    """The records of a day. Raises NotFound, naming the nearest days that have some."""
    found = days().get(day)
    if found is not None:
        return found
    nearest = sorted(days(), key=lambda other: (abs((other - day).days), other))[:5]
    listed = ", ".join(other.isoformat() for other in sorted(nearest))
    raise NotFound(
        f"expected a day with rows in the packaged records, came {day.isoformat()}; "
        f"the nearest that have some are {listed} (the packaged file is not the whole of the published set)"
    )


@functools.cache
def layer(name: str) -> tuple[dict[str, Any], ...]:
    """The features of a packaged layer: `beats`, `city`, `parks`, `precincts` or `streets`."""
    raw = gzip.decompress((_DATA / f"{name}.geojson.gz").read_bytes())
    return tuple(msgspec.json.decode(raw)["features"])


@functools.cache
def beat_codes() -> tuple[str, ...]:
    """The codes of all beats, sorted."""
    return tuple(sorted(feature["properties"]["beat"] for feature in layer("beats")))


def west_precinct() -> tuple[str, ...]:
    """The beats of the West Precinct: downtown, Belltown, Pioneer Square, Queen Anne."""
    return tuple(code for code in beat_codes() if code[0] in _PRECINCTS["West"])


@functools.cache
def beat(code: str) -> Beat:
    """A beat by its code. Raises NotFound."""
    for feature in layer("beats"):
        if feature["properties"]["beat"] == code:
            geometry = feature["geometry"]
            rings = [geometry["coordinates"][0]]
            if geometry["type"] == "MultiPolygon":
                rings = [polygon[0] for polygon in geometry["coordinates"]]
            # A beat of several parts is shown by its largest; only O3 has a second, an islet.
            ring = max(rings, key=_area)
            return Beat(code, _beat_name(code), tuple((lon, lat) for lon, lat in ring))
    raise NotFound(f"expected a beat of Seattle, came {code!r}")


_SECTORS = {
    "B": "Boy", "C": "Charlie", "D": "David", "E": "Edward", "F": "Frank", "G": "George", "J": "John", "K": "King",
    "L": "Lincoln", "M": "Mary", "N": "Nora", "O": "Ocean", "Q": "Queen", "R": "Robert", "S": "Sam", "U": "Union",
    "W": "William",
}  # fmt: skip
"""The city's own words for its patrol sectors, as in the records' Sector column."""


def _beat_name(code: str) -> str:
    return f"{_SECTORS[code[0]]} {code[1:]}"


def _area(ring: list[list[float]]) -> float:
    """Twice the ring's area in square degrees: enough to compare parts of one beat."""
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, ring[1:] + ring[:1], strict=True)))
