"""The sections of arrests and custody: keys, rows, and the very items of the state that each row rests on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from command.domain.events_arrest import ArrestBarSet, HighVolumeDeclared
from command.domain.facts_arrest import charges_of, signed_by_officer, unstated
from command.domain.state import State
from command.domain.state_arrest import Arrest, Bar, Site
from command.views import arrest_reach as reach
from command.views import rows_arrest as r
from command.views.arrest_words import (
    arrest_of,
    charges_in_words,
    clocks,
    compares,
    earliest,
    holder,
    is_of,
    missing,
    named,
    names,
    now_with,
    number_of,
    observers,
    received_words,
    reviewed,
    sees_minors,
    sees_person,
    sees_record,
    statutes,
)
from command.views.processing import panel, panel_keys, queues
from command.views.reconcile import number, number_keys, number_parts
from command.views.release_due import RELEASES
from command.views.said import finding_in_words
from command.views.scene import Scene
from command.views.section import Section
from command.views.standing import Entry, Standing

ARRESTS_SHOWN: Final = 1_000
"""Newest records on the board beside those of everyone in custody; every one is in the list and in the log."""

BARS_SHOWN: Final = 5


# arrests ------------------------------------------------------------------------------


def arrest_keys(scene: Scene) -> Iterator[str]:
    """The newest records, those made here before those of a table, and whichever else is of somebody in custody."""
    order = scene.state.arrests.order
    if len(order) <= ARRESTS_SHOWN:
        return reversed(order)
    found: dict[str, None] = {}
    by_origin = _by_origin(scene)
    for origin in (_MADE_HERE, _OF_A_TABLE):
        room = ARRESTS_SHOWN - len(found)
        found.update((name, None) for _, name in (by_origin.get(origin) or ())[: -room - 1 : -1])
    for here in scene.state.custody.held.values():
        for subject in here:
            found.update((name, None) for name in reach.records_about(scene, subject))
    return iter(found)


def _origin(scene: Scene, arrest: str) -> Iterator[Entry]:
    record = scene.state.arrests.all.get(arrest)
    if record is not None:
        imported = record.origin is not None and record.origin.kind == "import"
        yield _OF_A_TABLE if imported else _MADE_HERE, (record.versions[0], arrest)


_MADE_HERE, _OF_A_TABLE = "here", "table"
_by_origin = Standing(lambda s: s.arrests.all, _origin, {reach.records: reach.itself})
"""Records by where they come from, in the order in which they were first written: a table of thousands hides none."""


def arrest(scene: Scene, key: str) -> r.ArrestRow | None:
    """A street card as it stands, with what it still needs and by when."""
    found = scene.state.arrests.all.get(key)
    return None if found is None or not sees_record(scene, found) else arrest_row(scene, found)


def arrest_row(scene: Scene, found: Arrest) -> r.ArrestRow:
    """The row of a record that this lens may see."""
    state, words = scene.state, charges_of(found)
    person = state.custody.people.get(found.subject)
    now = person.now if person else None
    needs = missing(scene, found)
    return r.ArrestRow(
        id=found.arrest,
        subject=found.subject,
        number=found.wristband or found.arrest,
        officer=named(state, found.officer),
        at=found.at,
        agency=found.officer_agency or "",
        observers=names(state, observers(found)),
        assisting=names(state, found.assisting),
        sector=found.sector or "",
        place=found.place,
        charges=charges_in_words(scene.stack, words),
        statutes=statutes(scene.stack, words),
        recorded_at=found.recorded_at if found.recorded_at != found.at else None,
        wristband=found.wristband or "",
        category=found.category,
        finding=finding_in_words(state, found.finding) if found.finding else None,
        disposition=found.disposition or "",
        exception=found.exception or "",
        disposed_at=found.disposed_at,
        protected=found.protected,
        injured=found.injured,
        alike=len(found.alike) if compares(scene, found) else 0,
        missing=needs,
        due=earliest(one.due for one in needs),
        clocks=clocks(scene, found.arrest),
        signed=signed_by_officer(found),
        signatures=tuple(r.SignedRow(named(state, one.person), one.signing, one.at, one.of) for one in found.signed),
        reviewed=reviewed(scene, found),
        reviews=_reviews(scene, found),
        cleared=found.cleared,
        versions=len(found.versions),
        held=now is not None and bool(now.holder),
        unstated=unstated(state, person),
        released_at=person.released_at if person else None,
        released_how=next((one.how for one in reversed(person.spans) if one.how), "")
        if person and person.released_at
        else "",
        redacted=found.subject in state.redacted_subjects,
        seq=found.versions[-1],
    )


def _reviews(scene: Scene, found: Arrest) -> tuple[r.ReviewedRow, ...]:
    """What a supervisor concluded is for those who see reviews in the feed."""
    if scene.kind == "field" or (scene.kind == "supervision" and not compares(scene, found)):
        return ()
    state = scene.state
    return tuple(r.ReviewedRow(one.review, named(state, one.by), one.at, one.conclusion) for one in found.reviews)


# custody ------------------------------------------------------------------------------


def custody_keys(scene: Scene) -> Iterator[str]:
    """Everyone whom somebody holds, and everyone of whom that is not certain: however many, nobody is left out."""
    return iter(held_now(scene.state))


def held_now(state: State) -> list[str]:
    """The subjects whom somebody holds, in the order of their ids."""
    return sorted(subject for here in state.custody.held.values() for subject in here)


def custody(scene: Scene, key: str) -> r.CustodyRow | None:
    """One person in custody; a share has its own, and those who only treat see no charges."""
    person = scene.state.custody.people.get(key)
    now = person.now if person else None
    if person is None or now is None or not now.holder or not sees_person(scene, person):
        return None
    state, record = scene.state, arrest_of(scene.state, person)
    treats, minors = scene.kind == "medical", sees_minors(scene)
    running = clocks(scene, record.arrest if record else None)
    return r.CustodyRow(
        id=key,
        number=number_of(state, key, record.arrest if record else None),
        since=now.since,
        arrest=record.arrest if record else "",
        arrested_at=record.at if record else None,
        sector=(record.sector or "") if record and not treats else "",
        charges=charges_in_words(scene.stack, charges_of(record)) if record and not treats else (),
        holder=now_with(state, now),
        officer=named(state, now.officer) if now.officer else None,
        site=person.site or "",
        station=person.station or "",
        station_since=person.station_since,
        restraints=tuple(
            r.RestraintRow(one.restraint, one.kind, one.on_since, one.looked_at, one.position or "")
            for one in person.restraints
            if one.on_since is not None
        ),
        care=() if scene.kind == "field" else tuple(r.GivenRow(*given) for given in person.care),
        apart=person.apart and minors,
        guardian_reached=person.guardian_reached if minors else None,
        explained_at=None if scene.kind in ("field", "medical") else person.explained_at,
        disposition=(record.disposition or "") if record and not treats else "",
        bags=() if scene.kind in ("field", "medical") else person.bags,
        clocks=running,
        due=earliest(one.due for one in running),
        lost=person.lost,
        received=received_words(state, person, now),
        seq=now.seq,
    )


# sites --------------------------------------------------------------------------------


def site_keys(scene: Scene) -> Iterator[str]:
    return iter(sorted(scene.state.custody.sites))


def site(scene: Scene, key: str) -> r.SiteRow | None:
    """A place for people in custody: how full, who waits where since when, what it lacks."""
    found = scene.state.custody.sites.get(key)
    if found is None:
        return None
    waiting, trained = queues(scene, key, found.stations), _trained(scene.state, found)
    here = sum(one.people for one in waiting)
    return r.SiteRow(
        id=key,
        name=found.name,
        kind=found.kind,
        capacity=found.capacity,
        occupancy=here,
        since=found.since,
        sector=found.sector or "",
        place=found.place,
        unit=found.unit or "",
        adults=found.adults,
        minors=found.minors,
        minors_apart=found.minors_apart,
        stations=found.stations,
        queues=waiting,
        longest_since=earliest(one.longest_since for one in waiting),
        full=here >= found.capacity,
        missing=None if scene.kind == "field" else found.missing,
        checked_at=None if scene.kind == "field" else found.checked_at,
        trained=names(scene.state, trained),
        trained_named=len(found.trained_staff),
        closed_at=found.closed_at,
        seq=found.seq,
    )


def _trained(state: State, found: Site) -> tuple[str, ...]:
    """Those named for the site who are on duty."""
    present = []
    for person in found.trained_staff:
        versions = state.structure.people.get(person)
        if versions is not None and (last := versions.last) is not None and last.ended is None:
            present.append(person)
    return tuple(present)


# bags ---------------------------------------------------------------------------------


def bag_keys(scene: Scene) -> Iterator[str]:
    return iter(sorted(scene.state.custody.bags))


def bag(scene: Scene, key: str) -> r.BagRow | None:
    """Property that has lost its way or its owner; evidence may stay when its owner is free."""
    state = scene.state
    found = state.custody.bags.get(key)
    if found is None:
        return None
    owner = state.custody.people.get(found.subject)
    if scene.agency is not None and not (is_of(scene, found.keeper) or (owner and sees_person(scene, owner))):
        return None
    if found.kind == "unclaimed":
        why = "unclaimed"
    elif found.lost:
        why = "its way does not fit"
    elif owner is not None and owner.released_at is not None and found.kind != "owner" and not found.evidence:
        why = "its owner is free"
    else:
        return None
    return r.BagRow(
        id=key,
        why=why,  # type: ignore[arg-type]  # one of the three literals above
        keeper=holder(state, found.keeper, found.kind),
        since=found.since,
        subject=found.subject,
        number=number_of(state, found.subject, found.arrest),
        receipt=found.receipt,
        items=found.items,
        evidence=found.evidence,
        lost=found.lost,
        seq=found.seq,
    )


# bar, high volume -----------------------------------------------------------------------


def bar_keys(scene: Scene) -> Iterator[str]:
    return (one.bar for one in scene.state.arrests.bars[-BARS_SHOWN:])


def bar(scene: Scene, key: str) -> r.BarRow | None:
    """A bar for arrest; of the one in force, who on duty has not read it. A share answers for its own people."""
    state = scene.state
    found = next((one for one in state.arrests.bars if one.bar == key), None)
    if found is None:
        return None
    stands = found is state.arrests.bars[-1]
    duty = [one for one in on_duty(state) if scene.agency is None or is_of(scene, one)]
    unread = [one for one in duty if f"{key}|{one}" not in state.arrests.read]
    return r.BarRow(
        id=key,
        since=found.since,
        by=named(state, found.by),
        words=scene.text(ArrestBarSet, found.seq, "words"),
        cited=charges_in_words(scene.stack, found.cited),
        custody=charges_in_words(scene.stack, found.custody),
        declined=charges_in_words(scene.stack, found.declined),
        announced=found.announced,
        in_force=stands,
        read=len(duty) - len(unread),
        unread=names(state, unread) if stands and scene.kind != "medical" else (),
        seq=found.seq,
    )


def on_duty(state: State) -> Iterator[str]:
    """Everyone who has checked in and not out."""
    for person, versions in sorted(state.structure.people.items()):
        last = versions.last
        if last is not None and last.ended is None:
            yield person


def shown_bars(state: State) -> tuple[Bar, ...]:
    """The bars whose words a board shows."""
    return state.arrests.bars[-BARS_SHOWN:]


def volume_keys(scene: Scene) -> Iterator[str]:
    return iter(dict.fromkeys(one.declaration for one in scene.state.arrests.high))


def volume(scene: Scene, key: str) -> r.HighVolumeRow | None:
    """A declaration of many arrests, the newest under its number; its reasons for those who may read them."""
    state = scene.state
    found = next((one for one in reversed(state.arrests.high) if one.declaration == key), None)
    if found is None:
        return None
    return r.HighVolumeRow(
        id=key,
        since=found.since,
        until=found.until,
        by=named(state, found.by),
        sector=found.sector or "",
        procedure_written=found.procedure_written,
        ended=found.ended,
        reason=scene.text(HighVolumeDeclared, found.seq, "reason"),
        alternatives=scene.text(HighVolumeDeclared, found.seq, "alternatives"),
        procedure=scene.text(HighVolumeDeclared, found.seq, "procedure"),
        seq=found.seq,
    )


def needs(state: State) -> set[int]:
    """The events whose private values these sections show: what a bar and a declaration say, and nobody's record."""
    return {one.seq for one in shown_bars(state)} | {one.seq for one in state.arrests.high}


TABLE_ARREST: dict[str, Section] = {
    "arrests": Section(
        arrest_keys,
        arrest,
        (reach.records, reach.bodies, reach.bags, reach.owed, reach.people),
        parts=reach.arrest_parts,
        reach={
            reach.records: reach.itself,
            reach.bodies: reach.records_of,
            reach.bags: reach.records_with,
            reach.owed: reach.itself,
        },
        cut=lambda s: len(s.arrests.order) > ARRESTS_SHOWN,
    ),
    "custody": Section(
        custody_keys,
        custody,
        (reach.bodies, reach.records, reach.owed, reach.people, reach.units, reach.sites),
        parts=reach.custody_parts,
        reach={reach.bodies: reach.itself, reach.records: reach.bodies_of, reach.owed: reach.bodies_of},
    ),
    "sites": Section(
        site_keys,
        site,
        (reach.sites, reach.bodies, reach.held, reach.people),
        parts=reach.site_parts,
        reach={reach.sites: reach.itself, reach.bodies: reach.sites_of, reach.held: reach.itself},
    ),
    "bags": Section(
        bag_keys,
        bag,
        (reach.bags, reach.bodies, reach.records, reach.people, reach.units, reach.sites),
        parts=reach.bag_parts,
        reach={reach.bags: reach.itself, reach.bodies: reach.bags_of, reach.records: reach.bags_under},
    ),
    "numbers": Section(
        number_keys,
        number,
        (
            lambda s: s.arrests.issues,
            reach.bands,
            reach.forms,
            reach.counts,
            reach.bodies,
            reach.records,
            reach.people,
            reach.units,
            reach.sites,
            reach.held,
        ),
        parts=number_parts,
        reach={
            reach.bands: reach.runs_and_bearer,
            reach.forms: reach.runs,
            reach.counts: lambda _scene, key: (f"count:{key}",),
            reach.bodies: reach.numbers_of,
            reach.records: reach.numbers_under,
            reach.sites: reach.numbers_at,
            reach.held: lambda _scene, key: (f"site:{key}",),
        },
    ),
    "bar": Section(bar_keys, bar, (lambda s: s.arrests.bars, lambda s: s.arrests.read, reach.people, reach.units)),
    "high_volume": Section(volume_keys, volume, (lambda s: s.arrests.high, reach.people)),
    "panel": Section(
        panel_keys,
        panel,
        (reach.records, reach.people, reach.units, lambda s: s.structure.agencies, lambda s: s.response.sectors),
    ),
    "releases": RELEASES,
}
"""The sections of this subject, for `views.sections.TABLE`."""
