"""What the processing of arrests counts, kept as indexes that follow the log: an event moves what it is about, no more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final, Literal

from command.domain.facts_arrest import charges_of, signed_by_officer, unstated
from command.domain.persistent import PMap
from command.domain.state import State
from command.domain.state_arrest import Arrest, Person
from command.views import arrest_reach as reach
from command.views.arrest_words import missing, open_duties, reviewed, sees_person, sees_record
from command.views.lines_arrest import charge_words
from command.views.names import agency_name, sector_name, unit_name
from command.views.scene import Scene
from command.views.section import Lately
from command.views.sight import unit_of
from command.views.standing import Entry, Standing

Outcome = Literal["custody", "cited", "released", "undecided"]
OUTCOMES: Final[tuple[Outcome, ...]] = ("custody", "cited", "released", "undecided")

LEAST_OFFICERS: Final = 3
"""A unit or an agency of fewer officers here is no group: its numbers would be those of a person."""

LAST: Final = "\U0010ffff"
"""Behind every id: (now, LAST) is behind all that was due until now."""

_NEVER: Final = datetime.max.replace(tzinfo=UTC)
_BECAME: Final[dict[str | None, Outcome]] = {
    "custody": "custody", "transferred": "custody", "cited": "cited", "released": "released",
    "detention only": "released", "diverted": "released",
}  # fmt: skip
_SMALL: Final = "of fewer than three officers, or not said"
_NOWHERE: Final = "not said"


def outcome_of(record: Arrest) -> Outcome:
    """What became of an arrest, as far as it is decided; a summons on the street is a citation."""
    if record.disposition is None:
        return "cited" if record.category == "S" else "undecided"
    return _BECAME[record.disposition]


def waits_since(person: Person) -> tuple[str, datetime] | None:
    """At which station, since when; at none: since when with this holder."""
    if person.station is not None and person.station_since is not None:
        return person.station, person.station_since
    return ("", person.now.since) if person.now is not None else None


def _record(scene: Scene, arrest: str) -> Iterator[Entry]:
    record = scene.state.arrests.all.get(arrest)
    if record is None or not sees_record(scene, record):
        return
    needs = missing(scene, record)
    yield ("record",), arrest
    yield ("became", outcome_of(record)), arrest
    if needs:
        yield ("incomplete",), arrest
    if not signed_by_officer(record):
        yield ("unsigned",), arrest
    if not reviewed(scene, record):
        yield ("unreviewed",), arrest
    for one in needs:
        yield ("missing", one.item, one.says, one.before), (one.due or _NEVER, arrest)
    for duty in open_duties(scene.state, arrest):
        yield ("owed", duty.rule), (duty.seq, duty.duty)
        if duty.due is not None:
            yield ("due", duty.rule), (duty.due, duty.duty)


def _person(scene: Scene, subject: str) -> Iterator[Entry]:
    person = scene.state.custody.people.get(subject)
    if person is None or not sees_person(scene, person):
        return
    if person.released_at is not None:
        yield "released", subject
    if unstated(scene.state, person):
        yield "unstated", subject
    found = waits_since(person)
    if found is not None and person.now is not None and person.now.holder:
        yield "held", (found[1], subject)
        if any(one.on_since is not None for one in person.restraints):
            yield "restrained", subject


def _place(scene: Scene, subject: str) -> Iterator[Entry]:
    person = scene.state.custody.people.get(subject)
    found = waits_since(person) if person is not None else None
    if person is not None and found is not None and person.now is not None and person.now.holder:
        site = person.now.holder
        yield (site, found[0] if person.site == site else ""), (found[1], subject)


def _cell(scene: Scene, arrest: str) -> Iterator[Entry]:
    state, record = scene.state, scene.state.arrests.all.get(arrest)
    if record is None:
        return
    outcome, groups = outcome_of(record), tuple(_groups(state, record, _sizes(state)))
    for charge in dict.fromkeys(charge_words(scene.stack, word) for word in charges_of(record)):
        for by, group in groups:
            yield (charge, by, group, outcome), arrest


def _count_officers(people: PMap[str, Any]) -> Counter[tuple[str, str]]:
    """Officers by unit and by agency, those who have gone home included: an arrest stays where it was made."""
    sizes: Counter[tuple[str, str]] = Counter()
    for versions in people.values():
        last = versions.last
        if last is not None:
            sizes["agency", last.agency] += 1
            sizes["unit", last.unit or ""] += 1
    return sizes


_counted_officers = Lately(_count_officers)


def _sizes(state: State) -> Counter[tuple[str, str]]:
    return _counted_officers(state.structure.people)


def _groups(state: State, record: Arrest, sizes: Counter[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    unit, agency = unit_of(state, record.officer), record.officer_agency
    yield "all", ""
    yield "agency", agency_name(state, agency) if agency and sizes["agency", agency] >= LEAST_OFFICERS else _SMALL
    yield "sector", sector_name(state, record.sector) or _NOWHERE
    yield "unit", unit_name(state, unit) if unit and sizes["unit", unit] >= LEAST_OFFICERS else _SMALL


def _agency(scene: Scene) -> str | None:
    return scene.agency


of_records = Standing(
    lambda s: s.arrests.all,
    _record,
    {
        reach.records: reach.itself,
        reach.bodies: reach.records_of,
        reach.bags: reach.records_with,
        reach.owed: reach.itself,
    },
    basis=(reach.people, lambda s: s.arrests.high),
    kind=_agency,
)
"""("record",), ("became", outcome), ("incomplete",) … → records; ("missing", item, says, before) → (due, record);
("owed", rule) → (seq, duty); ("due", rule) → (due, duty)."""

of_people = Standing(
    lambda s: s.custody.people,
    _person,
    {reach.bodies: reach.itself, reach.records: reach.bodies_of},
    basis=(reach.people, reach.units, reach.sites),
    kind=_agency,
)
""""held" → (since when they wait where they are, subject), the longest first; "released", "restrained",
"unstated" → subjects."""

at_places = Standing(lambda s: s.custody.people, _place, {reach.bodies: reach.itself})
"""(holder, station) → (since, subject), the longest first."""

in_cells = Standing(
    lambda s: s.arrests.all,
    _cell,
    {reach.records: reach.itself},
    basis=(reach.people, reach.units, lambda s: s.structure.agencies, lambda s: s.response.sectors),
)
"""(charge, kind of group, group, outcome) → records."""
