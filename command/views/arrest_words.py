"""What rows of arrests and custody have in common: numbers, holders, clocks, and who may see which."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from command.domain.duty import of_a_minor
from command.domain.facts_arrest import record_of
from command.domain.state import Duty, State
from command.domain.state_arrest import Arrest, HeldSpan, Person
from command.policy.arrest_record import Lacking, lacking
from command.policy.duties import ending
from command.policy.stack import Stack
from command.views.lens import sight_of
from command.views.lines_arrest import charge_words, holder_words
from command.views.names import who
from command.views.row import Who
from command.views.rows_arrest import ClockRow, HolderRow, MissingRow
from command.views.scene import Scene
from command.views.sight import knows_minors, owns_unit, unit_of

_ENDS: Final[dict[str, str]] = {
    "officer signature": "ArrestSigned",
    "photo with officer": "AttachmentAdded",
    "grounds review": "GroundsReviewed",
    "disposition": "DispositionDecided",
    "notice": "RightsGiven",
    "receipt": "PropertyTaken",
}
"""The event that brings an item, where it is not the card itself."""

_WHOLE: Final = "ArrestStepCleared"
"""What ends the clock of a whole record."""


def number_of(state: State, subject: str, arrest: str | None) -> str:
    """A person or a record as people at the tables call it: the wristband, else the record's number, else the random id."""
    known = state.arrests.all.get(arrest) if arrest is not None else None
    return known.wristband or known.arrest if known is not None else subject


def arrest_of(state: State, person: Person) -> Arrest | None:
    """The record under which somebody is in custody."""
    return state.arrests.all.get(person.arrest or state.arrests.by_subject.get(person.subject) or "")


def names(state: State, people: Iterable[str]) -> tuple[Who, ...]:
    """People as rows name them."""
    return tuple(named for one in people if (named := who(state, one)) is not None)


def named(state: State, person: str) -> Who:
    """One person as a row names them."""
    return who(state, person) or Who(person)


def observers(found: Arrest) -> tuple[str, ...]:
    """Who saw the conduct, by the card and by its offences."""
    later = (who for charge in found.charges if not charge.withdrawn for who in charge.observed_by)
    return tuple(dict.fromkeys((*found.observed_by, *later)))


def charges_in_words(stack: Stack, charges: Iterable[str]) -> tuple[str, ...]:
    """Offences in the plan's words."""
    return tuple(charge_words(stack, word) for word in charges)


def statutes(stack: Stack, charges: Iterable[str]) -> tuple[str, ...]:
    """Their statutes, "" where the plan names none."""
    return tuple(found.statute if (found := stack.arrests.charge(word)) else "" for word in charges)


def received_words(state: State, person: Person, span: HeldSpan) -> str:
    """Whether a hand-over was received: signed by the receiver's own hand, told by another, or awaited; "" for none."""
    record = state.arrests.all.get(person.arrest or "")
    if not span.holder or (record is not None and span.seq in record.versions):
        return ""
    return "signed" if span.received_by is not None else "told" if span.confirmed else "awaited"


def holder(state: State, name: str, kind: str | None = None) -> HolderRow:
    """Who or what has somebody, or something."""
    return HolderRow(name, holder_words(state, name), kind or "")


def now_with(state: State, span: HeldSpan | None) -> HolderRow | None:
    """Who has a person; None for nobody."""
    return holder(state, span.holder, span.kind) if span is not None and span.holder else None


def holder_parts(state: State, name: str) -> tuple[object, ...]:
    """The items that a holder's name, and whose it is, rest on (`views.section`)."""
    site = state.custody.sites.get(name)
    unit = state.structure.units.get(site.unit if site is not None and site.unit else name)
    return (site, unit, state.structure.people.get(name))


def clocks(scene: Scene, record: str | None) -> tuple[ClockRow, ...]:
    """What is owed about a record and still open, as far as this lens may know, the oldest first."""
    return tuple(
        ClockRow(duty.duty, duty.rule, duty.says, duty.owed_by, duty.started_at, duty.due)
        for duty in open_duties(scene.state, record)
        if tells_clock(scene, duty)
    )


def open_duties(state: State, record: str | None) -> tuple[Duty, ...]:
    """The open duties that a record began."""
    if record is None:
        return ()
    return tuple(state.duties.all[key] for key in state.duties.of.get(record) or ())


def reviewed(scene: Scene, found: Arrest) -> bool:
    """Whether a supervisor has reviewed what stands: a card corrected since opens the review anew, where the plan has one."""
    if not found.reviews or found.reviews[-1].conclusion == "more is needed":
        return False
    rules = (scene.stack.duties.get(duty.rule) for duty in open_duties(scene.state, found.arrest))
    return not any(rule is not None and "GroundsReviewed" in ending(rule) for rule in rules)


def tells_clock(scene: Scene, duty: Duty) -> bool:
    """Whether this lens may know of a duty: one that says that somebody is a minor is for those who may know it."""
    if sees_minors(scene):
        return True
    rule = scene.stack.duties.get(duty.rule)
    return not duty.juvenile and (rule is None or not of_a_minor(rule))


def of_an_import(state: State, duty: Duty) -> bool:
    """Whether a duty is of an imported record of whose person nobody says that they are held, or was done for one.

    There may be ten thousand from one table. They are counted where arrests are processed, and stand on each record: what
    stands on everybody's board is what somebody has to do now.
    """
    record = state.arrests.all.get(duty.started_by)
    person = state.custody.people.get(record.subject) if record is not None else None
    if person is None or not person.imported:
        return False
    return duty.done_at is not None or person.now is None or not person.now.holder


def sees_minors(scene: Scene) -> bool:
    """Whether this lens may know who is kept apart from adults: those who house people, and those with the compartment."""
    return knows_minors(scene.lens)


def missing(scene: Scene, arrest: Arrest) -> tuple[MissingRow, ...]:
    """What a record still needs, the earliest step first, each with the clock that runs for it."""
    running = [
        (frozenset(ending(rule)), duty)
        for duty in open_duties(scene.state, arrest.arrest)
        if (rule := scene.stack.duties.get(duty.rule)) is not None
    ]
    return tuple(_missing(one, running) for one in lacking(scene.stack, record_of(scene.state, arrest)))


def _missing(one: Lacking, running: list[tuple[frozenset[str], Duty]]) -> MissingRow:
    wanted = {_WHOLE, _ENDS.get(one.item, _WHOLE)}
    found = [duty for ends, duty in running if not ends.isdisjoint(wanted)]
    first = min(found, key=lambda duty: (duty.due is None, duty.due, duty.seq), default=None)
    return MissingRow(one.item, one.says, one.before, first.duty if first else "", first.due if first else None)


def earliest(times: Iterable[datetime | None]) -> datetime | None:
    """The first of the times that are known."""
    return min((time for time in times if time is not None), default=None)


def sees_record(scene: Scene, arrest: Arrest) -> bool:
    """A share has the arrests of its own officers; everyone else who has the section has each of them."""
    return scene.agency is None or arrest.officer_agency == scene.agency


def sees_person(scene: Scene, person: Person) -> bool:
    """A share has whom its own people arrested, and whom they hold."""
    if scene.agency is None:
        return True
    arrest, now = arrest_of(scene.state, person), person.now
    if arrest is not None and sees_record(scene, arrest):
        return True
    return now is not None and any(is_of(scene, one) for one in (now.holder, now.officer) if one)


def is_of(scene: Scene, name: str) -> bool:
    """Whether a holder is one of the share's own people or units, or a site that one of its units runs."""
    own = scene.agency
    if own is None:
        return True
    state = scene.state
    site = state.custody.sites.get(name)
    if site is not None:
        return site.unit is not None and owns_unit(state, site.unit, own)
    versions = state.structure.people.get(name)
    last = versions.last if versions else None
    return owns_unit(state, name, own) or (last is not None and last.agency == own)


def compares(scene: Scene, arrest: Arrest) -> bool:
    """Whether this lens is told of near-identical accounts: command, oversight, and a supervisor of one of its officers."""
    if scene.whole:
        return True
    units = sight_of(scene.lens).units
    return any(unit_of(scene.state, one) in units for one in (arrest.officer, *arrest.observed_by, *arrest.assisting))
