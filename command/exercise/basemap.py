"""The ground under an incident: city, parks, streets and beats as GeoJSON, cut to what a screen shows. Pure but for the data."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from command.exercise.seattle import CREDITS, beat, layer

Box = tuple[float, float, float, float]
"""West, south, east, north in degrees, as GeoJSON's bbox."""

Point = Sequence[float]

DOWNTOWN: Box = (-122.375, 47.56, -122.285, 47.64)
"""From Lower Queen Anne to SoDo and from the bay to the Central District."""

MAX_BYTES = 600_000  # one load of a dashboard over a poor line; the whole city at full detail would be 900 KB

_STREETS_SHARE = 0.6  # of the bytes, before parks get their turn

_ROUND = 5  # decimals: about a metre, as the packaged data


def map_features(area: Box | Sequence[str] | None = None, *, max_bytes: int = MAX_BYTES) -> dict[str, Any]:
    """A FeatureCollection of the layers `city`, `park`, `street` and `sector-outline` within `area`.

    `area` is a box, or ids of sectors (beats) whose surroundings are shown; None is
    downtown. Ids that are no beats are passed over. Each feature has `properties.layer`
    and, where it has one, `name`; the collection has `bbox`, `credits`, and `left_off`,
    the number of small parks and streets left off to stay below `max_bytes`.
    """
    box = _box(area)
    kept: list[dict[str, Any]] = []
    size, left_off = 500, 0
    for feature in _features(box, int(max_bytes * _STREETS_SHARE)):
        weight = _weight(feature)
        if size + weight > max_bytes:
            left_off += 1
            continue
        kept.append(feature)
        size += weight
    return {
        "type": "FeatureCollection",
        "bbox": list(box),
        "credits": list(CREDITS),
        "left_off": left_off,
        "features": kept,
    }


def around(sectors: Iterable[str], margin: float = 0.006) -> Box:
    """The box of these beats with a margin in degrees (0.006 is about half a kilometre); downtown if none is known."""
    points = [point for code in sectors for point in _outline(code)]
    if not points:
        return DOWNTOWN
    lons, lats = [point[0] for point in points], [point[1] for point in points]
    return (
        round(min(lons) - margin, _ROUND),
        round(min(lats) - margin, _ROUND),
        round(max(lons) + margin, _ROUND),
        round(max(lats) + margin, _ROUND),
    )


def _box(area: Box | Sequence[str] | None) -> Box:
    if area is None:
        return DOWNTOWN
    numbers = tuple(member for member in area if isinstance(member, (int, float)))
    if len(numbers) == 4:
        west, south, east, north = numbers
        if not (west < east and south < north):
            raise ValueError(f"expected west < east and south < north, came {list(numbers)}")
        return (west, south, east, north)
    return around(member for member in area if isinstance(member, str))


def _outline(code: str) -> tuple[tuple[float, float], ...]:
    known = any(feature["properties"]["beat"] == code for feature in layer("beats"))
    return beat(code).boundary if known else ()


def _features(box: Box, streets_bytes: int) -> Iterator[dict[str, Any]]:
    """Most important first, so that a limit leaves off what matters least: the quiet streets and the small parks."""
    for feature in layer("city"):
        yield from _cut(feature, box, {"layer": "city"})
    for feature in layer("beats"):
        code = feature["properties"]["beat"]
        yield from _cut(feature, box, {"layer": "sector-outline", "name": code})
    quiet: list[dict[str, Any]] = []
    for street in _busiest_first(box):
        streets_bytes -= _weight(street)
        if streets_bytes >= 0:
            yield street
        else:
            quiet.append(street)
    yield from _largest_first(box)
    yield from quiet


def _weight(feature: dict[str, Any]) -> int:
    return len(msgspec.json.encode(feature)) + 1


def _busiest_first(box: Box) -> Iterator[dict[str, Any]]:
    streets = sorted(layer("streets"), key=lambda street: -(street["properties"].get("awdt") or 0))
    for street in streets:
        name = street["properties"].get("name") or ""
        yield from _cut(street, box, {"layer": "street", "name": name} if name else {"layer": "street"})


def _largest_first(box: Box) -> Iterator[dict[str, Any]]:
    cut = [
        part
        for park in layer("parks")
        for part in _cut(park, box, {"layer": "park", "name": park["properties"].get("name") or ""})
    ]
    yield from sorted(cut, key=lambda part: -len(msgspec.json.encode(part["geometry"])))


def _cut(feature: dict[str, Any], box: Box, properties: dict[str, str]) -> Iterator[dict[str, Any]]:
    """The feature within the box, one Polygon or MultiLineString a part; nothing where it lies outside."""
    geometry = feature["geometry"]
    kind, coordinates = geometry["type"], geometry["coordinates"]
    if kind in ("Polygon", "MultiPolygon"):
        for polygon in [coordinates] if kind == "Polygon" else coordinates:
            rings = [ring for ring in (cut_ring(ring, box) for ring in polygon) if ring]
            if rings and cut_ring(polygon[0], box):
                yield _feature("Polygon", rings, properties)
    else:
        lines = [coordinates] if kind == "LineString" else coordinates
        pieces = [piece for line in lines for piece in cut_line(line, box)]
        if pieces:
            yield _feature("MultiLineString", pieces, properties)


def _feature(kind: str, coordinates: list[Any], properties: dict[str, str]) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": {"type": kind, "coordinates": coordinates}}


# Cutting ------------------------------------------------------------------------------


def cut_ring(ring: Sequence[Point], box: Box) -> list[list[float]]:
    """A closed ring within the box (Sutherland and Hodgman), closed again; [] where nothing is left.

    A ring that leaves the box and comes back keeps an edge along the border, which a fill does not show.
    """
    points = [(float(point[0]), float(point[1])) for point in ring]
    if points and points[0] == points[-1]:
        points.pop()
    for axis, limit, side in ((0, box[0], 1), (1, box[1], 1), (0, box[2], -1), (1, box[3], -1)):
        points = _half(points, axis, limit, side)
    if len(points) < 3:
        return []
    rounded = [_rounded(point) for point in points]
    return [*rounded, rounded[0]]


def _half(points: list[tuple[float, float]], axis: int, limit: float, side: int) -> list[tuple[float, float]]:
    """The part of a polygon on one side of a vertical (axis 0) or horizontal line; side 1 keeps what is larger."""
    kept: list[tuple[float, float]] = []
    for number, point in enumerate(points):
        before = points[number - 1]
        inside, was_inside = (point[axis] - limit) * side >= 0, (before[axis] - limit) * side >= 0
        if inside != was_inside:
            share = (limit - before[axis]) / (point[axis] - before[axis])
            kept.append((before[0] + share * (point[0] - before[0]), before[1] + share * (point[1] - before[1])))
        if inside:
            kept.append(point)
    return kept


def cut_line(line: Sequence[Point], box: Box) -> list[list[list[float]]]:
    """The pieces of a line within the box (Liang and Barsky, segment by segment)."""
    pieces: list[list[list[float]]] = []
    for start, end in itertools.pairwise(line):
        shares = _shares(start, end, box)
        if shares is None:
            continue
        a, b = (
            _rounded((start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])))
            for share in shares
        )
        if a == b:
            continue
        if pieces and pieces[-1][-1] == a:
            pieces[-1].append(b)
        else:
            pieces.append([a, b])
    return pieces


def _shares(start: Point, end: Point, box: Box) -> tuple[float, float] | None:
    """Between which shares of its length (0 to 1) a segment is within the box; None: nowhere."""
    first, last = 0.0, 1.0
    for axis, low, high in ((0, box[0], box[2]), (1, box[1], box[3])):
        run = end[axis] - start[axis]
        if run == 0:
            if not low <= start[axis] <= high:
                return None
            continue
        enter, leave = sorted(((low - start[axis]) / run, (high - start[axis]) / run))
        first, last = max(first, enter), min(last, leave)
    return (first, last) if first < last else None


def _rounded(point: Point) -> list[float]:
    return [round(point[0], _ROUND), round(point[1], _ROUND)]
