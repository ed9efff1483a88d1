"""The processing of arrests as numbers: queues and waits, what is missing, what is overdue; custody against citation.

The panel compares groups that each have several officers, for one charge, and never an officer with another: nobody
is ranked, nothing is a target (domain notes A54, E2). Oversight's is made for publication: numbers from one to four
are left out, and with them as many others as it takes that no sum gives them away (domain notes G).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final, Literal

from command.domain.facts_arrest import charges_of, record_of, signed_by_officer
from command.domain.state import Duty, State
from command.domain.state_arrest import Arrest, Person
from command.policy.arrest_record import lacking
from command.policy.stack import Stack
from command.views import rows_arrest as r
from command.views.arrest_words import (
    arrest_of,
    missing,
    number_of,
    open_duties,
    sees_minors,
    sees_person,
    sees_record,
)
from command.views.lines_arrest import charge_words, holder_words
from command.views.names import agency_name, sector_name, unit_name
from command.views.row import Row
from command.views.scene import Scene
from command.views.section import Lately
from command.views.sight import has_section, unit_of

FEW: Final = 5
"""Below it a published number can point at a person; ten is usual for surveys, five where the whole is small."""

LEAST_OFFICERS: Final = 3
"""A unit or an agency of fewer officers here is no group: its numbers would be those of a person."""

WAITS_SHOWN: Final = 20

Outcome = Literal["custody", "cited", "released", "undecided"]
_OUTCOMES: Final[tuple[Outcome, ...]] = ("custody", "cited", "released", "undecided")
_BECAME: Final[dict[str | None, Outcome]] = {
    "custody": "custody", "transferred": "custody", "cited": "cited", "released": "released",
    "detention only": "released", "diverted": "released",
}  # fmt: skip
_SMALL: Final = "of fewer than three officers, or not said"
_NOWHERE: Final = "not said"


class SiteQueue(Row, frozen=True):
    """The queues of one site."""

    site: str
    name: str
    capacity: int
    people: int
    queues: tuple[r.QueueRow, ...] = ()


class WaitRow(Row, frozen=True):
    """Somebody who waits at a station, or with a holder for the next one, and since when."""

    subject: str
    number: str
    since: datetime
    arrest: str = ""
    site: str = ""
    station: str = ""
    holder: str = ""


class ItemRow(Row, frozen=True):
    """How many records still need an item, and of how many its clock has run out."""

    item: str
    says: str
    before: str
    records: int
    overdue: int = 0


class OwedRow(Row, frozen=True):
    """How many duties of one rule are open about people and records here, and how many of them overdue."""

    rule: str
    says: str
    owed_by: str
    open: int
    overdue: int = 0
    first_due: datetime | None = None


class ProcessingView(Row, frozen=True):
    """Processing at `now`, the incident's time. `panel` None: not for this lens."""

    now: datetime
    records: int
    in_custody: int
    released: int
    cited: int
    custody: int
    undecided: int
    incomplete: int
    unsigned: int
    unreviewed: int
    restrained: int
    overdue: int
    sites: tuple[SiteQueue, ...] = ()
    waits: tuple[WaitRow, ...] = ()  # the longest first
    missing: tuple[ItemRow, ...] = ()
    owed: tuple[OwedRow, ...] = ()
    panel: tuple[r.PanelRow, ...] | None = None


def processing(scene: Scene) -> ProcessingView:
    """Everything at once, for whoever sees records and custody; a share counts its own."""
    state = scene.state
    records = [one for one in state.arrests.all.values() if sees_record(scene, one)]
    people = [one for one in state.custody.people.values() if sees_person(scene, one)]
    held = [one for one in people if one.now is not None and one.now.holder]
    became = Counter(outcome_of(one) for one in records)
    owed = _owed(scene, records)
    return ProcessingView(
        now=scene.now,
        records=len(records),
        in_custody=len(held),
        released=sum(1 for one in people if one.released_at is not None),
        cited=became["cited"],
        custody=became["custody"],
        undecided=became["undecided"],
        incomplete=sum(1 for one in records if lacking(scene.stack, record_of(state, one))),
        unsigned=sum(1 for one in records if not signed_by_officer(one)),
        unreviewed=sum(1 for one in records if not one.reviews),
        restrained=sum(1 for one in held if any(item.on_since is not None for item in one.restraints)),
        overdue=sum(one.overdue for one in owed),
        sites=_sites(scene),
        waits=_waits(scene, held),
        missing=_items(scene, records),
        owed=owed,
        panel=tuple(_panel_rows(scene).values()) if has_section(scene.lens, "panel") else None,
    )


def outcome_of(record: Arrest) -> Outcome:
    """What became of an arrest, as far as it is decided; a summons on the street is a citation."""
    if record.disposition is None:
        return "cited" if record.category == "S" else "undecided"
    return _BECAME[record.disposition]


def queues(scene: Scene, site: str, stations: Sequence[str]) -> tuple[r.QueueRow, ...]:
    """Who is at which station; "" for those who have come to the site and to none of its stations yet."""
    since: dict[str, list[datetime]] = {}
    for subject in scene.state.custody.held.get(site) or ():
        person = scene.state.custody.people[subject]
        found = _waits_since(person)
        if found is not None:
            since.setdefault(found[0] if person.site == site else "", []).append(found[1])
    order = {station: place for place, station in enumerate(stations)}
    known = sorted(since, key=lambda station: (order.get(station, len(order)) if station else -1, station))
    return tuple(r.QueueRow(station, len(since[station]), min(since[station])) for station in known)


def _waits_since(person: Person) -> tuple[str, datetime] | None:
    """At which station, since when; at none: since when with this holder."""
    if person.station is not None and person.station_since is not None:
        return person.station, person.station_since
    return ("", person.now.since) if person.now is not None else None


def _sites(scene: Scene) -> tuple[SiteQueue, ...]:
    found = []
    for site in sorted(scene.state.custody.sites.values(), key=lambda one: (one.name, one.site)):
        waiting = queues(scene, site.site, site.stations)
        here = sum(one.people for one in waiting)
        if here or site.closed_at is None:
            found.append(SiteQueue(site.site, site.name, site.capacity, here, waiting))
    return tuple(found)


def _waits(scene: Scene, held: Iterable[Person]) -> tuple[WaitRow, ...]:
    state = scene.state
    waiting = []
    for person in held:
        found, now = _waits_since(person), person.now
        assert found is not None and now is not None, "held by someone"
        waiting.append((found[1], person.subject, found[0], now.holder))
    rows = []
    for since, subject, station, holder in sorted(waiting)[:WAITS_SHOWN]:
        person = state.custody.people[subject]
        record = arrest_of(state, person)
        number = number_of(state, subject, record.arrest if record else None)
        rows.append(
            WaitRow(
                subject=subject,
                number=number,
                since=since,
                arrest=record.arrest if record else "",
                site=person.site or "",
                station=station,
                holder=holder_words(state, holder),
            )
        )
    return tuple(rows)


def _items(scene: Scene, records: Iterable[Arrest]) -> tuple[ItemRow, ...]:
    found: dict[tuple[str, str, str], list[bool]] = {}
    for record in records:
        for one in missing(scene, record):
            late = one.due is not None and one.due <= scene.now
            found.setdefault((one.item, one.says, one.before), []).append(late)
    return tuple(ItemRow(*key, len(late), sum(late)) for key, late in sorted(found.items()))


def _owed(scene: Scene, records: Iterable[Arrest]) -> tuple[OwedRow, ...]:
    by_rule: dict[str, list[Duty]] = {}
    for record in records:
        for duty in open_duties(scene.state, record.arrest):
            by_rule.setdefault(duty.rule, []).append(duty)
    return tuple(_owed_row(scene, duties) for _, duties in sorted(by_rule.items()) if _tells(scene, duties[0]))


def _owed_row(scene: Scene, duties: list[Duty]) -> OwedRow:
    first, dues = duties[0], [duty.due for duty in duties if duty.due is not None]
    late = sum(1 for due in dues if due <= scene.now)
    return OwedRow(first.rule, first.says, first.owed_by, len(duties), late, min(dues, default=None))


def _tells(scene: Scene, duty: Duty) -> bool:
    """That there are minors is for those who may know it."""
    rule = scene.stack.duties.get(duty.rule)
    return sees_minors(scene) or rule is None or rule.starts.event != "PersonDescribed"


# the panel --------------------------------------------------------------------------------


def panel_keys(scene: Scene) -> Iterator[str]:
    return iter(_panel_rows(scene))


def panel(scene: Scene, key: str) -> r.PanelRow | None:
    """Custody against citation for a charge in a group."""
    return _panel_rows(scene).get(key)


def _panel_rows(scene: Scene) -> dict[str, r.PanelRow]:
    """By key, charges and groups in the order of their names: there is no first among them."""
    known = scene.memo.get("panel")
    if known is None:
        known = scene.memo["panel"] = _made(scene) if has_section(scene.lens, "panel") else {}
    return known


_Cell = tuple[str, str, str]  # charge, kind of group, group


def _made(scene: Scene) -> dict[str, r.PanelRow]:
    cells = tally(scene)
    shown: dict[_Cell, dict[Outcome, int | None]] = {cell: {**counts} for cell, counts in cells.items()}
    if scene.oversight:
        for outcome in _OUTCOMES:
            _leave_out(shown, outcome)
    rows = {}
    for (charge, by, group), counts in sorted(shown.items()):
        row = r.PanelRow(
            id=f"{charge}|{by}|{group}",
            charge=charge,
            by=by,  # type: ignore[arg-type]  # one of the four that `_groups` names
            group=group,
            few=None in counts.values(),
            **counts,
        )
        rows[row.id] = row
    return rows


def tally(scene: Scene) -> Mapping[_Cell, Mapping[Outcome, int]]:
    """How many people with a charge became what, in all and in each group."""
    return _tallied(scene.state, scene.stack)


def _tally(state: State, stack: Stack) -> Mapping[_Cell, Mapping[Outcome, int]]:
    counted: Counter[tuple[str, str, str, Outcome]] = Counter()
    sizes = _sizes(state)
    for record in state.arrests.all.values():
        outcome, groups = outcome_of(record), tuple(_groups(state, record, sizes))
        for charge in dict.fromkeys(charge_words(stack, word) for word in charges_of(record)):
            for by, group in groups:
                counted[charge, by, group, outcome] += 1
    cells: dict[_Cell, dict[Outcome, int]] = {}
    for (charge, by, group, outcome), count in counted.items():
        cells.setdefault((charge, by, group), dict.fromkeys(_OUTCOMES, 0))[outcome] = count
    return cells


_tallied = Lately(_tally)


def _sizes(state: State) -> Counter[tuple[str, str]]:
    """Officers by unit and by agency, those who have gone home included: an arrest stays where it was made."""
    sizes: Counter[tuple[str, str]] = Counter()
    for versions in state.structure.people.values():
        last = versions.last
        if last is not None:
            sizes["agency", last.agency] += 1
            sizes["unit", last.unit or ""] += 1
    return sizes


def _groups(state: State, record: Arrest, sizes: Counter[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    unit, agency = unit_of(state, record.officer), record.officer_agency
    yield "all", ""
    yield "agency", agency_name(state, agency) if agency and sizes["agency", agency] >= LEAST_OFFICERS else _SMALL
    yield "sector", sector_name(state, record.sector) or _NOWHERE
    yield "unit", unit_name(state, unit) if unit and sizes["unit", unit] >= LEAST_OFFICERS else _SMALL


def _leave_out(shown: dict[_Cell, dict[Outcome, int | None]], outcome: Outcome) -> None:
    """Leave out the small numbers of one outcome; where one alone is left out of a line, the next smallest with it."""
    lines: dict[tuple[str, str], list[dict[Outcome, int | None]]] = {}
    for (charge, by, _), counts in sorted(shown.items()):
        lines.setdefault((charge, by), []).append(counts)
        if 0 < (counts[outcome] or 0) < FEW:
            counts[outcome] = None
    for line in lines.values():
        if sum(1 for counts in line if counts[outcome] is None) == 1:
            others = [counts for counts in line if counts[outcome]]
            if others:
                min(others, key=lambda counts: counts[outcome] or 0)[outcome] = None
