"""The processing of arrests as numbers: queues and waits, what is missing, what is overdue; custody against citation.

The panel compares groups that each have several officers, for one charge, and never an officer with another: nobody
is ranked, nothing is a target (domain notes A54, E2). Oversight's is made for publication: numbers from one to four
are left out, and with them as many others as it takes that no sum gives them away (domain notes G).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final, get_args

from command.domain.events_custody import Station
from command.domain.state import Duty
from command.views import rows_arrest as r
from command.views.arrest_words import arrest_of, number_of, sees_minors
from command.views.counted import LAST, OUTCOMES, Outcome, at_places, in_cells, of_people, of_records
from command.views.lines_arrest import holder_words
from command.views.row import Row
from command.views.scene import Scene
from command.views.sight import has_section
from command.views.standing import Found

FEW: Final = 5
"""Below it a published number can point at a person; ten is usual for surveys, five where the whole is small."""

WAITS_SHOWN: Final = 20

_STATIONS: Final = tuple(sorted(get_args(Station)))


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
    """Processing after the event `seq`, at `now`, the incident's time. `panel` None: not for this lens."""

    seq: int
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
    unstated: int = 0  # imported: the table says neither where they are nor what became of them
    sites: tuple[SiteQueue, ...] = ()
    waits: tuple[WaitRow, ...] = ()  # the longest first
    missing: tuple[ItemRow, ...] = ()
    owed: tuple[OwedRow, ...] = ()
    panel: tuple[r.PanelRow, ...] | None = None


def processing(scene: Scene) -> ProcessingView:
    """Everything at once, for whoever sees records and custody; a share counts its own."""
    records, people = of_records(scene), of_people(scene)

    def many(*where: str) -> int:
        return len(records.get(where) or ())

    owed = tuple(_owed(scene, records))
    return ProcessingView(
        seq=scene.state.seq,
        now=scene.now,
        records=many("record"),
        in_custody=len(people.get("held") or ()),
        released=len(people.get("released") or ()),
        cited=many("became", "cited"),
        custody=many("became", "custody"),
        undecided=many("became", "undecided"),
        incomplete=many("incomplete"),
        unsigned=many("unsigned"),
        unreviewed=many("unreviewed"),
        restrained=len(people.get("restrained") or ()),
        overdue=sum(one.overdue for one in owed),
        unstated=len(people.get("unstated") or ()),
        sites=_sites(scene),
        waits=_waits(scene, people.get("held") or ()),
        missing=tuple(_items(scene, records)),
        owed=owed,
        panel=tuple(_panel_rows(scene).values()) if has_section(scene.lens, "panel") else None,
    )


def queues(scene: Scene, site: str, stations: Sequence[str]) -> tuple[r.QueueRow, ...]:
    """Who is at which station; "" for those who have come to the site and to none of its stations yet."""
    places = at_places(scene)
    known = dict.fromkeys(("", *stations, *_STATIONS))
    found = ((station, places.get((site, station))) for station in known)
    return tuple(r.QueueRow(station, len(waiting), waiting[0][0]) for station, waiting in found if waiting)


def _sites(scene: Scene) -> tuple[SiteQueue, ...]:
    found = []
    for site in sorted(scene.state.custody.sites.values(), key=lambda one: (one.name, one.site)):
        waiting = queues(scene, site.site, site.stations)
        here = sum(one.people for one in waiting)
        if here or site.closed_at is None:
            found.append(SiteQueue(site.site, site.name, site.capacity, here, waiting))
    return tuple(found)


def _waits(scene: Scene, held: Sequence[tuple[datetime, str]]) -> tuple[WaitRow, ...]:
    """Those who wait longest where they are."""
    state = scene.state
    rows = []
    for since, subject in held[:WAITS_SHOWN]:
        person = state.custody.people[subject]
        record, now = arrest_of(state, person), person.now
        rows.append(
            WaitRow(
                subject=subject,
                number=number_of(state, subject, record.arrest if record else None),
                since=since,
                arrest=record.arrest if record else "",
                site=person.site or "",
                station=person.station or "",
                holder=holder_words(state, now.holder if now else ""),
            )
        )
    return tuple(rows)


def _items(scene: Scene, records: Found) -> Iterator[ItemRow]:
    for where in sorted(key for key in records if key[0] == "missing"):
        (_, item, says, before), needing = where, records[where]
        yield ItemRow(item, says, before, len(needing), bisect_right(needing, (scene.now, LAST)))


def _owed(scene: Scene, records: Found) -> Iterator[OwedRow]:
    for where in sorted(key for key in records if key[0] == "owed"):
        duties, dues = records[where], records.get(("due", where[1])) or ()
        first = scene.state.duties.all[duties[0][1]]
        if _tells(scene, first):
            late = bisect_right(dues, (scene.now, LAST))
            yield OwedRow(first.rule, first.says, first.owed_by, len(duties), late, dues[0][0] if dues else None)


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
        for outcome in OUTCOMES:
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
    cells: dict[_Cell, dict[Outcome, int]] = {}
    for (charge, by, group, outcome), records in in_cells(scene).items():
        cells.setdefault((charge, by, group), dict.fromkeys(OUTCOMES, 0))[outcome] = len(records)
    return cells


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
