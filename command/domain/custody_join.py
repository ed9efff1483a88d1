"""A stranger in custody turns out to be the person of an arrest: one person, with all that was told under either name.

What was reported by the number of a wristband waits under that number until the record comes that bears it. The band
of which two records say that it is theirs is the first one's; who comes second gets nothing of what was told under it.
"""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from command.domain.custody_fold import off, put
from command.domain.state import State
from command.domain.state_arrest import Arrest, Custody, Person, RestraintItem


def joined(state: State, arrest: Arrest) -> State:
    """The state with whoever was there under the band or the number of this record being its person."""
    for name in dict.fromkeys(_names(state, arrest)):
        state = _duties(state, name, arrest.arrest)
        stranger = state.custody.people.get(name)
        if stranger is not None:
            state = _taken_in(state, stranger, arrest)
    return state


def _names(state: State, arrest: Arrest) -> tuple[str, ...]:
    """Its own number, and its band where no other record has it; none that is a person's own id."""
    band = arrest.wristband
    mine = (band,) if band is not None and state.arrests.wristbands.get(band) == arrest.arrest else ()
    return tuple(name for name in (arrest.arrest, *mine) if name not in state.arrests.by_subject)


def _taken_in(state: State, stranger: Person, arrest: Arrest) -> State:
    custody, known = state.custody, state.custody.people.get(arrest.subject)
    held = off(custody.held, stranger.now.holder if stranger.now else "", stranger.subject)
    custody = replace(custody, people=custody.people.discard(stranger.subject), held=held)
    state = replace(state, custody=_things(custody, stranger, arrest))
    whole = _one(known, stranger) if known is not None else stranger
    return put(state, known, replace(whole, subject=arrest.subject, arrest=arrest.arrest))


def _things(custody: Custody, stranger: Person, arrest: Arrest) -> Custody:
    """Their bags, and their place among those whom a count of heads had on record."""
    name, bags, counts = stranger.subject, custody.bags, custody.counts
    for key in stranger.bags:
        bag = bags[key]
        named = arrest.arrest if bag.arrest in (None, name) else bag.arrest
        bags = bags.insert(key, replace(bag, subject=arrest.subject, arrest=named))
    for holder, count in custody.counts.items():
        if name in count.of:
            of = tuple(sorted({*count.of, arrest.subject} - {name}))
            counts = counts.insert(holder, replace(count, of=of))
    return replace(custody, bags=bags, counts=counts)


def _one(mine: Person, other: Person) -> Person:
    """Both as one: spans in the order of their moments; where they are by whichever knows it latest."""
    spans = tuple(sorted((*mine.spans, *other.spans), key=lambda span: (span.since, span.seq)))
    newest = spans[-1] if spans else None
    holds = other if newest is not None and newest == other.now else mine
    stays = other if _latest(other) > _latest(mine) else mine
    restraints = {item.restraint: item for item in sorted((*mine.restraints, *other.restraints), key=_looked)}
    care = {given[0]: given for given in sorted((*mine.care, *other.care), key=lambda given: given[2])}
    explained = tuple(at for at in (mine.explained_at, other.explained_at) if at is not None)
    reached = {mine.guardian_reached, other.guardian_reached} - {None}
    return replace(
        mine,
        spans=spans,
        site=stays.site,
        station=stays.station,
        station_since=stays.station_since,
        restraints=tuple(restraints.values()),
        care=tuple(care.values()),
        guardian_reached=any(reached) if reached else None,
        explained_at=max(explained, default=None),
        released_at=newest.since if newest is not None and not newest.holder else None,
        bags=tuple(dict.fromkeys((*mine.bags, *other.bags))),
        apart=mine.apart or other.apart,
        lost=holds.lost,
        claimed=holds.claimed,
        imported=mine.imported or other.imported,
    )


def _latest(person: Person) -> tuple[bool, float, int]:
    """When it was last said where somebody is: by a hand-over, or at a station."""
    now, there = person.now, person.station_since
    told = [at.timestamp() for at in (now.since if now else None, there) if at is not None]
    return bool(told), max(told, default=0.0), now.seq if now else 0


def _looked(item: RestraintItem) -> tuple[datetime, int]:
    return item.looked_at, item.seq


def _duties(state: State, name: str, arrest: str) -> State:
    """What was owed of somebody under their band is owed of their record."""
    moved = state.duties.of.get(name)
    if moved is None or name == arrest:
        return state
    every, of = state.duties.all, state.duties.of.discard(name)
    for key in moved:
        every = every.insert(key, replace(every[key], started_by=arrest))
    of = of.insert(arrest, (*(of.get(arrest) or ()), *moved))
    return replace(state, duties=replace(state.duties, all=every, of=of))
