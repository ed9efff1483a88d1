"""Folding the events of custody and property. A late report takes its place in time; the newest holder stands."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from msgspec.structs import replace

from command.domain.envelope import Recorded
from command.domain.events_arrest import RestraintRecorded
from command.domain.events_custody import (
    BagMoved,
    CareRecorded,
    CustodyAnswered,
    CustodyTransferred,
    FacilityChecked,
    GuardianCalled,
    HeadCounted,
    HolderRelieved,
    HoldExplained,
    PersonReleased,
    PropertyTaken,
    SiteClosed,
    SiteOpened,
    StationEntered,
)
from command.domain.persistent import PMap, Traced
from command.domain.state import State
from command.domain.state_arrest import Arrest, Bag, Count, Custody, HeldSpan, Person, RestraintItem, Site, SiteCheck

MIXED: Final = "things of two people under one number"

TOLD_AT_ONCE: Final = timedelta(minutes=2)
"""A count told within so long is compared with the log of now, a later one with the log of its own time."""


def arrested(state: State, arrest: Arrest, seq: int) -> State:
    """From the arrest on the arresting officer has the person; who was only summoned is nobody's.

    An imported card opens no custody, nor does its correction by hand: a table of arrests says that somebody was arrested
    once, often years ago. Who has them is what hand-overs say, imported ones too.
    """
    known = state.custody.people.get(arrest.subject)
    if known is not None and any(span.seq == arrest.versions[0] for span in known.spans):
        return _recorded_anew(state, known, arrest, seq)
    person = known or Person(subject=arrest.subject, arrest=arrest.arrest)
    person = replace(person, arrest=arrest.arrest, apart=person.apart or arrest.apart)
    if arrest.category == "S":
        return put(state, known, person)
    if person.imported or (arrest.origin is not None and arrest.origin.kind == "import"):
        return put(state, known, replace(person, imported=True))
    span = HeldSpan(arrest.officer, "officer", arrest.officer, arrest.at, seq, confirmed=True)
    return _hold(state, known, person, span)


def _recorded_anew(state: State, known: Person, arrest: Arrest, seq: int) -> State:
    """A corrected card may name another arresting officer: they had the person, and whom it had named stays readable."""
    place = next(place for place, span in enumerate(known.spans) if span.seq == arrest.versions[0])
    span = known.spans[place]
    if span.holder == arrest.officer:
        return state
    fresh = replace(
        span, holder=arrest.officer, officer=arrest.officer, before=(*span.before, span.holder), corrected=seq
    )
    return put(state, known, replace(known, spans=(*known.spans[:place], fresh, *known.spans[place + 1 :])))


def apart_known(state: State, subject: str, apart: bool) -> State:
    """Someone is, or is no longer, to be kept apart from adults; a minor is one before anything else is told of them."""
    known = state.custody.people.get(subject)
    if known is None and not apart:
        return state
    return put(state, known, replace(known or Person(subject=subject, arrest=None), apart=apart))


def custody_transferred(state: State, entry: Recorded, event: CustodyTransferred) -> State:
    """Fold CustodyTransferred. Given over by somebody else than who had them: it is not certain where they were."""
    known = state.custody.people.get(event.subject)
    person = known or Person(subject=event.subject, arrest=event.arrest)
    found = entry.header.finding
    elsewhere = _elsewhere(person, event.from_holder, entry.header.occurred_at)
    lost = "; ".join(found.reasons) if elsewhere and found is not None and found.kind == "contrary to plan" else ""
    person = replace(person, lost=lost)
    by, at = entry.header.actor.person, entry.header.occurred_at
    span = HeldSpan(event.to_holder, event.kind, event.officer, at, entry.seq)
    if _speaks(state, by, span):
        span = replace(span, confirmed=True, received_by=by, received_at=at)
    return _hold(state, known, person, span)


def _speaks(state: State, person: str, span: HeldSpan) -> bool:
    """Whether somebody is the receiver of a hand-over, or may sign for it."""
    return person in (span.holder, span.officer) or _serves(state, person, span.holder)


def _serves(state: State, person: str, holder: str) -> bool:
    """Whether somebody speaks for a holder: trained staff of a site, in a unit, or in the unit that runs a vehicle."""
    site = state.custody.sites.get(holder)
    if site is not None and person in site.trained_staff:
        return True
    versions = state.structure.people.get(person)
    last = versions.last if versions else None
    return last is not None and last.unit is not None and last.unit in (holder, site.unit if site else None)


def custody_answered(state: State, entry: Recorded, event: CustodyAnswered) -> State:
    """Fold CustodyAnswered, for the newest time that this holder had them; who says that they have somebody does not
    take them from another by it: that two do is kept, until an event says who."""
    known = state.custody.people.get(event.subject)
    if known is None and not event.has:
        return state
    at = entry.header.occurred_at
    person = _claimed(known or Person(subject=event.subject, arrest=event.arrest), event, at)
    if person is not known:
        state = put(state, known, person)
    had = [place for place, span in enumerate(person.spans) if span.holder == event.holder and span.since <= at]
    if not had:
        return state
    place = had[-1]
    span = replace(person.spans[place], confirmed=event.has, denied=not event.has)
    by = entry.header.actor.person
    if not event.has:
        span = replace(span, received_by=None, received_at=None)
    elif span.received_by is None and _speaks(state, by, span):  # told by another it is word, and nobody's signature
        span = replace(span, received_by=by, received_at=at)
    return put(state, person, replace(person, spans=(*person.spans[:place], span, *person.spans[place + 1 :])))


def _claimed(person: Person, event: CustodyAnswered, at: datetime) -> Person:
    """The person, with whoever says to have them beside the one who has them by the log; no one whose word is older."""
    now = person.now
    elsewhere = now is None or (now.since <= at and now.holder != event.holder)
    others = tuple(one for one in person.claimed if one != event.holder)
    claimed = (*others, event.holder) if event.has and elsewhere else others
    return person if claimed == person.claimed else replace(person, claimed=claimed)


def _received(person: Person, holder: str) -> Person:
    """The person, with their newest hand-over confirmed where it was to this holder."""
    now = person.now
    if now is None or now.holder != holder or (now.confirmed and not now.denied):
        return person
    return replace(person, spans=(*person.spans[:-1], replace(now, confirmed=True, denied=False)))


def _elsewhere(person: Person, before: str | None, at: datetime) -> bool:
    """Whether another had the person at that moment; a site that is full, or not for them, loses nobody."""
    had = _span_at(person, at)
    return before is not None and had is not None and had.holder not in ("", before)


def person_released(state: State, entry: Recorded, event: PersonReleased) -> State:
    """Fold PersonReleased: nobody holds them from that moment on."""
    known = state.custody.people.get(event.subject)
    person = known or Person(subject=event.subject, arrest=event.arrest)
    at = entry.header.occurred_at
    span = HeldSpan("", None, entry.header.actor.person, at, entry.seq, event.how)
    return _hold(state, known, replace(person, released_at=at, lost=""), span)


def _hold(state: State, known: Person | None, person: Person, span: HeldSpan) -> State:
    """Put a span where its moment is: what was reported late was in force all the same."""
    spans = tuple(sorted((*person.spans, span), key=lambda item: (item.since, item.seq)))
    fresh = replace(person, spans=spans)
    newest = spans[-1]
    if newest is span:
        fresh = replace(
            fresh,
            site=newest.holder if newest.holder in state.custody.sites else None,
            station=None,
            station_since=None,
            claimed=(),
        )
    if newest.holder:
        fresh = replace(fresh, released_at=None)
    return put(state, known, fresh)


def put(state: State, known: Person | None, person: Person) -> State:
    custody = state.custody
    before = known.now.holder if known and known.now else ""
    after = person.now.holder if person.now else ""
    held = custody.held
    if before != after:
        held = off(held, before, person.subject)
        if after:
            held = held.insert(after, (held.get(after) or PMap()).insert(person.subject, None))
    people = custody.people.insert(person.subject, person)
    return replace(state, custody=replace(custody, people=people, held=held))


def off(held: Traced[str, PMap[str, None]], holder: str, subject: str) -> Traced[str, PMap[str, None]]:
    here = held.get(holder) if holder else None
    if here is None:
        return held
    rest = here.discard(subject)
    return held.insert(holder, rest) if len(rest) else held.discard(holder)


def station_entered(state: State, entry: Recorded, event: StationEntered) -> State:
    """Fold StationEntered; one that was reported late does not bring the person back."""
    known = state.custody.people.get(event.subject)
    person = known or Person(subject=event.subject, arrest=event.arrest)
    at = entry.header.occurred_at
    if person.station_since is not None and at < person.station_since:
        return state
    person = _received(person, event.site)
    return put(state, known, replace(person, site=event.site, station=event.station, station_since=at))


def restraint_recorded(state: State, entry: Recorded, event: RestraintRecorded) -> State:
    """Fold RestraintRecorded: on since when, looked at when, off when."""
    known = state.custody.people.get(event.subject)
    person = known or Person(subject=event.subject, arrest=event.arrest)
    at = entry.header.occurred_at
    items = {item.restraint: item for item in person.restraints}
    before = items.get(event.restraint)
    on_since = None if event.act == "removed" else at if event.act == "applied" else before.on_since if before else at
    items[event.restraint] = RestraintItem(
        restraint=event.restraint,
        on_since=on_since,
        position=event.position or (before.position if before else None),
        kind=event.kind or (before.kind if before else ""),
        looked_at=at,
        seq=entry.seq,
    )
    return put(state, known, replace(person, restraints=tuple(items.values())))


def care_recorded(state: State, entry: Recorded, event: CareRecorded) -> State:
    """Fold CareRecorded: the newest of each kind."""
    known = state.custody.people.get(event.subject)
    person = known or Person(subject=event.subject, arrest=event.arrest)
    given = {care: (care, outcome, at) for care, outcome, at in person.care}
    given[event.care] = (event.care, event.outcome, entry.header.occurred_at)
    return put(state, known, replace(person, care=tuple(given.values())))


def guardian_called(state: State, _entry: Recorded, event: GuardianCalled) -> State:
    """Fold GuardianCalled."""
    known = state.custody.people.get(event.subject)
    person = known or Person(subject=event.subject, arrest=event.arrest)
    return put(state, known, replace(person, guardian_reached=bool(person.guardian_reached) or event.reached))


def hold_explained(state: State, entry: Recorded, event: HoldExplained) -> State:
    """Fold HoldExplained."""
    known = state.custody.people.get(event.subject)
    if known is None or not event.reason_written:
        return state
    return put(state, known, replace(known, explained_at=entry.header.occurred_at))


def site_opened(state: State, entry: Recorded, event: SiteOpened) -> State:
    """Fold SiteOpened; opened again it is as the newest word has it."""
    site = Site(
        site=event.site,
        name=event.name,
        kind=event.kind,
        capacity=event.capacity,
        since=entry.header.occurred_at,
        seq=entry.seq,
        sector=event.sector,
        place=event.place,
        unit=event.unit,
        adults=event.adults,
        minors=event.minors,
        minors_apart=event.minors_apart,
        stations=event.stations,
        trained_staff=event.trained_staff,
    )
    looked = state.custody.checks.get(event.site)
    if looked is not None:
        site = replace(site, missing=looked.missing, present=looked.present, checked_at=looked.at)
    return _custody(state, sites=state.custody.sites.insert(event.site, site))


def facility_checked(state: State, entry: Recorded, event: FacilityChecked) -> State:
    """Fold FacilityChecked: kept for a site that is not open yet; an older look does not come back."""
    at, known = entry.header.occurred_at, state.custody.checks.get(event.site)
    if known is not None and at < known.at:
        return state
    looked = SiteCheck(event.site, event.kind, event.present, event.missing, at, entry.seq)
    state = _custody(state, checks=state.custody.checks.insert(event.site, looked))
    site = state.custody.sites.get(event.site)
    if site is None:
        return state
    checked = replace(site, missing=event.missing, present=event.present, checked_at=at)
    return _custody(state, sites=state.custody.sites.insert(event.site, checked))


def site_closed(state: State, entry: Recorded, event: SiteClosed) -> State:
    """Fold SiteClosed."""
    site = state.custody.sites.get(event.site)
    if site is None:
        return state
    closed = replace(site, closed_at=entry.header.occurred_at)
    return _custody(state, sites=state.custody.sites.insert(event.site, closed))


def head_counted(state: State, entry: Recorded, event: HeadCounted) -> State:
    """Fold HeadCounted: the newest count of each holder beside what the log had of that time."""
    at, before = entry.header.occurred_at, state.custody.counts.get(event.holder)
    if before is not None and at < before.at:
        return state  # told late, and counted anew since
    here = there(state, event.holder, at, entry.header.recorded_at)
    count = Count(
        count=event.count,
        holder=event.holder,
        heads=event.heads,
        expected=len(here),
        when=event.when,
        at=at,
        seq=entry.seq,
        of=here if event.heads < len(here) else (),
        awaits=awaiting(state, event.holder),
    )
    if event.heads == len(here):
        for subject in here:
            known = state.custody.people[subject]
            state = put(state, known, _received(known, event.holder))
    return _custody(state, counts=state.custody.counts.insert(event.holder, count))


def there(state: State, holder: str, at: datetime, told_at: datetime) -> tuple[str, ...]:
    """Who was with a holder at a moment by the log; of what is told at once, who is there now: clocks differ a little."""
    if told_at - at <= TOLD_AT_ONCE:
        return tuple(sorted(state.custody.held.get(holder) or ()))
    found = ((subject, _span_at(person, at)) for subject, person in state.custody.people.items())
    return tuple(sorted(subject for subject, span in found if span is not None and span.holder == holder))


def _span_at(person: Person, at: datetime) -> HeldSpan | None:
    """Who had the person at that moment."""
    return next((span for span in reversed(person.spans) if span.since <= at), None)


def awaiting(state: State, holder: str) -> int:
    """How many of those on record with a holder nobody has said to have received: they may still be where they were."""
    here = state.custody.held.get(holder) or ()
    return sum(now is not None and not now.confirmed for now in (state.custody.people[one].now for one in here))


def holder_relieved(state: State, _entry: Recorded, event: HolderRelieved) -> State:
    """Fold HolderRelieved: whose duties are now whose, and who is in charge of those who stay where they are.

    Whoever is in a vehicle or at a site is not handed over by it: since when they are there counts on.
    """
    officer = None if event.to_holder in state.structure.units else event.to_holder
    for subject in in_charge_of(state, having(state, event.from_holder)):
        person = state.custody.people[subject]
        span = person.spans[-1]
        span = replace(span, officer=officer, relieved=(*span.relieved, span.officer or ""))
        state = put(state, person, replace(person, spans=(*person.spans[:-1], span)))
    return _custody(state, relieved=state.custody.relieved.insert(event.from_holder, event.to_holder))


def in_charge_of(state: State, officers: tuple[str, ...]) -> tuple[str, ...]:
    """Whom officers bring or watch in a vehicle, at a site or in a hospital that is itself on record as having them."""
    people = state.custody.people.items()
    return tuple(sorted(subject for subject, person in people if person.now and _charged(person.now, officers)))


def _charged(now: HeldSpan, officers: tuple[str, ...]) -> bool:
    return bool(now.holder) and now.officer in officers and now.holder not in officers


def having(state: State, holder: str) -> tuple[str, ...]:
    """A holder; of a unit, whoever is in it now as well."""
    if holder not in state.structure.units:
        return (holder,)
    return (holder, *crew_of(state, holder))


def crew_of(state: State, unit: str) -> tuple[str, ...]:
    """Whoever is in a unit now."""
    people = state.structure.people.items()
    return tuple(sorted(person for person, versions in people if _is_in(versions.last, unit)))


def _is_in(last: Any, unit: str) -> bool:
    return last is not None and last.unit == unit and last.ended is None


def property_taken(state: State, entry: Recorded, event: PropertyTaken) -> State:
    """Fold PropertyTaken: a number that is another person's bag stays theirs, and whose things are in it is not certain."""
    bags = state.custody.bags
    known = bags.get(event.bag)
    if known is not None and known.subject != event.subject:
        found = entry.header.finding
        mixed = replace(known, lost="; ".join(found.reasons) if found is not None else MIXED, seq=entry.seq)
        return _custody(state, bags=bags.insert(event.bag, mixed))
    who = state.custody.people.get(event.subject)
    person = who or Person(subject=event.subject, arrest=event.arrest)
    keeper = known.keeper if known else entry.header.actor.person
    bag = Bag(
        bag=event.bag,
        subject=event.subject,
        arrest=event.arrest,
        keeper=keeper,
        kind=known.kind if known else "officer",
        since=known.since if known else entry.header.occurred_at,
        seq=entry.seq,
        receipt=event.receipt or "",
        evidence=event.evidence,
        items=event.items,
    )
    changed = _custody(state, bags=bags.insert(event.bag, bag))
    return put(changed, who, replace(person, bags=tuple(dict.fromkeys((*person.bags, event.bag)))))


def bag_moved(state: State, entry: Recorded, event: BagMoved) -> State:
    """Fold BagMoved; one that was reported late does not bring the bag back."""
    known = state.custody.bags.get(event.bag)
    at = entry.header.occurred_at
    if known is None or at < known.since:
        return state
    found = entry.header.finding
    lost = "; ".join(found.reasons) if found is not None and found.kind == "contrary to plan" else ""
    bag = replace(known, keeper=event.to_holder, kind=event.kind, since=at, seq=entry.seq, lost=lost)
    return _custody(state, bags=state.custody.bags.insert(event.bag, bag))


def _custody(state: State, **changed: object) -> State:
    custody: Custody = replace(state.custody, **changed)
    return replace(state, custody=custody)
