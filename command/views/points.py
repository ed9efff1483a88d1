"""Findings that need a look, and what is on the map."""

from __future__ import annotations

from collections.abc import Iterator

from command.domain.state import Observation, Warned
from command.views import rows as r
from command.views.names import person_name, sector_name
from command.views.said import finding_in_words
from command.views.scene import Scene


def finding(scene: Scene, key: str) -> r.FindingRow | None:
    """A report that needs a look."""
    found = scene.state.force.reports.get(key)
    if found is None or found.finding is None or found.finding.kind == "authorized":
        return None
    if not scene.sees_agency(found.officer_agency):
        return None
    tool = found.tool.replace("-", " ") if found.tool else "force, kind not stated"
    where = f", {sector_name(scene.state, found.sector)}" if found.sector else ""
    return r.FindingRow(
        id=key,
        seq=found.seq,
        what=f"{tool}{where}",
        at=found.at,
        finding=finding_in_words(scene.state, found.finding),
        sector=found.sector or "",
        officer=person_name(scene.state, found.officer),
        origin=found.origin,
    )


def finding_keys(scene: Scene) -> Iterator[str]:
    return iter(scene.state.force.recent)


def point(scene: Scene, key: str) -> r.PointRow | None:
    """Something on the map: an observation, a warning, a force report with a place."""
    kind, _, record = key.partition(":")
    state = scene.state
    if kind == "force":
        report = state.force.reports.get(record)
        if report is None or report.place is None or not scene.sees_agency(report.officer_agency):
            return None
        stands = report.finding.kind if report.finding else ""
        label = report.tool.replace("-", " ") if report.tool else "force"
        return r.PointRow(key, "force", report.place, report.at, label, report.seq, report.sector or "", stands)
    if kind == "warning":
        return _warning_point(key, _recent_warnings(scene).get(record))
    return _observation_point(scene, key, _recent_observations(scene).get(record))


def _recent_warnings(scene: Scene) -> dict[str, Warned]:
    """The window by id, the newest of two with one id."""
    if "warnings" not in scene.memo:
        scene.memo["warnings"] = {given.warning: given for given in scene.state.warnings.recent}
    return scene.memo["warnings"]


def _recent_observations(scene: Scene) -> dict[str, Observation]:
    if "observations" not in scene.memo:
        scene.memo["observations"] = {seen.observation: seen for seen in scene.state.crowd.recent}
    return scene.memo["observations"]


def _warning_point(key: str, given: Warned | None) -> r.PointRow | None:
    if given is None or given.place is None:
        return None
    label = given.text.replace("-", " ")
    return r.PointRow(key, "warning", given.place, given.at, label, given.seq, given.sector)


def _observation_point(scene: Scene, key: str, seen: Observation | None) -> r.PointRow | None:
    if seen is None or seen.place is None or scene.agency is not None:
        return None
    label = ", ".join(sign.replace("-", " ") for sign in seen.indicators) or "observation"
    return r.PointRow(key, "observation", seen.place, seen.at, label, seen.seq, seen.sector or "")


def point_keys(scene: Scene) -> Iterator[str]:
    yield from (f"force:{report}" for report in scene.state.force.recent)
    yield from (f"warning:{warning}" for warning, given in _recent_warnings(scene).items() if given.place)
    yield from (f"observation:{observation}" for observation in _recent_observations(scene))
