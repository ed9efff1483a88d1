"""Who could go first to someone in a crisis: crisis responders, officers trained for it, medics (domain A51).

A prompt, by kind and by who is near and free. Nobody is sent by the program.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

from command.domain.facts import StateFacts
from command.domain.ids import Place
from command.domain.state import Person, Unit
from command.domain.state_force import Distress
from command.views import rows_force as r
from command.views.scene import Scene

RESPONDERS: Final = ("crisis-responder", "cit", "medic")
"""Kinds of units that are prompted on distress, in this order."""

TRAINED: Final = frozenset({"cit", "crisis-intervention"})
"""Courses that make an officer one for crises, as long as they are in date."""

OFFICERS: Final = 10
"""Trained officers in a row: who is near, not a list of everybody."""

_EARTH_M: Final = 6_371_008.8  # mean radius, WGS 84


def responders(scene: Scene, one: Distress) -> tuple[r.ResponderRow, ...]:
    """Units of such kinds first, then trained officers; near before far, free before busy, close before distant."""
    units = sorted((_unit(unit, one) for unit in _units(scene)), key=_order)
    officers = sorted((_officer(scene, person, one) for person in _officers(scene)), key=_order)
    return (*units, *officers[:OFFICERS])


def _order(row: r.ResponderRow) -> tuple[int, bool, bool, float, str]:
    far = math.inf if row.distance_m is None else row.distance_m
    return RESPONDERS.index(row.kind), not row.near, not row.free, far, row.unit or row.person


def _units(scene: Scene) -> Iterator[Unit]:
    for unit in scene.state.structure.units.values():
        if unit.kind in RESPONDERS and unit.released_at is None and scene.sees_agency(unit.agency):
            yield unit


def _unit(unit: Unit, one: Distress) -> r.ResponderRow:
    near = one.sector is not None and unit.sector == one.sector
    return r.ResponderRow(
        kind=unit.kind,
        name=unit.name,
        unit=unit.unit,
        sector=unit.sector or "",
        near=near,
        free=near or unit.assignment is None,
        distance_m=_distance_m(unit.place, one.place),
    )


def _officers(scene: Scene) -> Iterator[Person]:
    """Officers trained for it, on duty; those of a unit that is prompted anyway stand in its name."""
    units = scene.state.structure.units
    for versions in scene.state.structure.people.values():
        last = versions.last
        if last is None or last.ended is not None or not scene.sees_agency(last.agency):
            continue
        unit = units.get(last.unit or "")
        prompted = unit is not None and unit.kind in RESPONDERS and unit.released_at is None
        if not prompted and any(_in_date(scene, last, course) for course in TRAINED):
            yield last


def _in_date(scene: Scene, person: Person, course: str) -> bool:
    return any(one.course == course and (one.expires is None or one.expires > scene.now) for one in person.training)


def _officer(scene: Scene, person: Person, one: Distress) -> r.ResponderRow:
    presence = StateFacts(scene.state).presence(person.person, scene.now)
    sector = presence.sector if presence is not None else ""
    return r.ResponderRow(
        kind="cit",
        name=person.name,
        person=person.person,
        sector=sector,
        near=bool(sector) and sector == one.sector,
    )


def _distance_m(here: Place | None, there: Place | None) -> float | None:
    """Great-circle distance, to the metre."""
    if here is None or there is None:
        return None
    lat1, lat2 = math.radians(here.lat), math.radians(there.lat)
    half = math.sin((lat2 - lat1) / 2) ** 2
    half += math.cos(lat1) * math.cos(lat2) * math.sin(math.radians(there.lon - here.lon) / 2) ** 2
    return round(2 * _EARTH_M * math.asin(min(1.0, math.sqrt(half))))
