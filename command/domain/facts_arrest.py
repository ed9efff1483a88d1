"""What the plan may ask of a record of an arrest: the claim that it makes, and the items that it holds."""

from __future__ import annotations

from datetime import datetime

from command.domain.state import State
from command.domain.state_arrest import Arrest, Bar, HighVolume, Person
from command.policy.arrest_record import RecordFact
from command.policy.arrests import ArrestClaim, Declared


def bar_at(state: State, at: datetime) -> Bar | None:
    """The bar for arrest in force at `at`: the newest that was set by then. One that is set later binds nothing before."""
    return next((bar for bar in reversed(state.arrests.bars) if bar.since <= at), None)


def declared(state: State, declaration: str | None) -> Declared | None:
    """What the log knows of a declaration of many arrests: from when, and until when at the latest."""
    found = next((item for item in state.arrests.high if item.declaration == declaration), None)
    return None if found is None else Declared(found.declaration, found.since, _end(found))


def procedure_at(state: State, sector: str | None, at: datetime) -> bool:
    """Whether a written procedure stood in place of the record there and then."""
    return any(
        item.procedure_written and item.since <= at < _end(item) and item.sector in (None, sector)
        for item in state.arrests.high
    )


def _end(item: HighVolume) -> datetime:
    return item.until if item.ended is None else min(item.until, item.ended)


def charges_of(arrest: Arrest) -> tuple[str, ...]:
    """Every charge that stands: those of the street card, and those recorded since and not withdrawn."""
    later = [charge.charge for charge in arrest.charges if not charge.withdrawn]
    gone = {charge.charge for charge in arrest.charges if charge.withdrawn} - set(later)
    return tuple(dict.fromkeys((*(word for word in arrest.offences if word not in gone), *later)))


def claim_of(state: State, arrest: Arrest) -> ArrestClaim:
    """The record as the plan judges it."""
    bar = bar_at(state, arrest.at)
    words = charges_of(arrest)
    custody = arrest.category == "T" or arrest.disposition in ("custody", "transferred")
    below = () if bar is None or not custody or arrest.exception else tuple(w for w in words if w in bar.cited)
    return ArrestClaim(
        officer=arrest.officer,
        officer_agency=arrest.officer_agency,
        author=arrest.by.person,
        at=arrest.at,
        clock_error_ms=arrest.clock_error_ms,
        sector=arrest.sector,
        charges=words,
        basis=arrest.basis,
        curfew=arrest.curfew,
        exits=arrest.exits,
        warning=arrest.warning,
        declined=() if bar is None else tuple(word for word in words if word in bar.declined),
        below_bar=below,
        bar=None if bar is None else bar.bar,
        bar_read=bar is not None and _by(state.arrests.read.get(f"{bar.bar}|{arrest.officer}"), arrest.at),
        bar_announced=bar is not None and _by(bar.announced_at, arrest.at),
        contained=arrest.contained,
        bystanders=arrest.bystanders,
        declaration=arrest.declaration,
        protected=arrest.protected,
        declared=declared(state, arrest.declaration),
    )


def _by(when: datetime | None, at: datetime) -> bool:
    return when is not None and when <= at


def record_of(state: State, arrest: Arrest) -> RecordFact:
    """Which items the record holds, in the words of `policy.charges`."""
    return RecordFact(
        arrest=arrest.arrest,
        at=arrest.at,
        items=frozenset(_items(state, arrest)),
        procedure=procedure_at(state, arrest.sector, arrest.at),
    )


def _items(state: State, arrest: Arrest) -> set[str]:
    charges = [charge for charge in arrest.charges if not charge.withdrawn]
    person = state.custody.people.get(arrest.subject)
    bags = [state.custody.bags[bag] for bag in (person.bags if person else ())]
    held = {
        "officer signature": signed_by_officer(arrest),
        "observer": bool(arrest.observed_by) or any(charge.observed_by for charge in charges),
        "conduct": arrest.conduct_written,
        "place": arrest.place is not None or arrest.sector is not None,
        "offence": bool(arrest.offences or charges),
        "offence place": bool(charges) and all(charge.place or charge.sector for charge in charges),
        "facts": bool(charges) and all(charge.facts_written for charge in charges),
        "evidence": bool(charges) and all(charge.evidence_written for charge in charges),
        "name": arrest.unidentified or "name" in arrest.answered,
        "badge": _badge(state, arrest),
        "photo with officer": "photo with officer" in arrest.attachments,
        "warning": arrest.warned == "warned, with a chance to comply" or arrest.why_not_warned,
        "injury answered": arrest.injured is not None,
        "grounds review": bool(arrest.reviews) and arrest.reviews[-1].conclusion != "more is needed",
        "disposition": arrest.disposition is not None,
        "notice": "notice of options" in arrest.rights,
        "receipt": all(bag.receipt for bag in bags),
        "camera": bool(arrest.cameras),
        "wristband": arrest.wristband is not None,
        "race and ethnicity": {"race", "ethnicity"} <= set(arrest.answered),
        "medical": "medical" in arrest.answered,
        "language": "language" in arrest.answered,
    }
    return {item for item, there in held.items() if there}


def signed_by_officer(arrest: Arrest) -> bool:
    """The arresting officer's own hand: their own signature, or their own street card."""
    if arrest.by.person == arrest.officer and arrest.origin is None:
        return True
    return any(one.signing == "arresting" and one.person == arrest.officer for one in arrest.signed)


def _badge(state: State, arrest: Arrest) -> bool:
    versions = state.structure.people.get(arrest.officer)
    return versions is not None and any(version.badge for version in versions)


def unstated(state: State, person: Person | None) -> bool:
    """Whether a table says that somebody was arrested, and neither it nor anybody since what became of them or where they
    are: they are not known to be in custody, and not known to be free."""
    if person is None or not person.unstated:
        return False
    record = state.arrests.all.get(person.arrest or "")
    return record is not None and record.disposition is None
