"""Which parts of the state the rows of arrests and custody rest on, and which rows an item of such a part reaches."""

from __future__ import annotations

from collections.abc import Iterator

from command.domain.persistent import PMap
from command.domain.state import State
from command.views.arrest_words import arrest_of, holder_parts, observers
from command.views.scene import Scene
from command.views.section import Parts
from command.views.standing import Entry, Standing


def people(state: State) -> object:
    """Who has checked in, by person."""
    return state.structure.people


def units(state: State) -> object:
    """Units."""
    return state.structure.units


def bodies(state: State) -> object:
    """People in custody, by subject."""
    return state.custody.people


def records(state: State) -> object:
    """Records, by arrest."""
    return state.arrests.all


def bags(state: State) -> object:
    """Bags of property."""
    return state.custody.bags


def sites(state: State) -> object:
    """Sites."""
    return state.custody.sites


def owed(state: State) -> object:
    """Open duties, by the record that began them."""
    return state.duties.of


def held(state: State) -> object:
    """Who is with whom, by holder."""
    return state.custody.held


def bands(state: State) -> object:
    """Wristbands in use."""
    return state.arrests.wristbands


def forms(state: State) -> object:
    """Forms on paper that were entered."""
    return state.arrests.forms


def counts(state: State) -> object:
    """Heads counted, by holder."""
    return state.custody.counts


def itself(_scene: Scene, key: str) -> tuple[str, ...]:
    """The row of the same key."""
    return (key,)


def records_of(scene: Scene, subject: str) -> tuple[str, ...]:
    """The records about a person: two, where somebody wrote a second one."""
    return _by_subject(scene).get(subject) or ()


def records_about(scene: Scene, subject: str) -> Iterator[str]:
    """The records about a person, and the one under which they are in custody: another's, where a hand-over said so."""
    yield from records_of(scene, subject)
    person = scene.state.custody.people.get(subject)
    if person is not None and person.arrest is not None and person.arrest in scene.state.arrests.all:
        yield person.arrest


def bodies_of(scene: Scene, arrest: str) -> Iterator[str]:
    """Who is in custody under a record: another than its own person, where a hand-over said so."""
    yield from _by_record(scene).get(arrest) or ()
    record = scene.state.arrests.all.get(arrest)
    if record is not None:
        yield record.subject  # who came into custody before their record is under it by its word alone


def _subject(scene: Scene, arrest: str) -> Iterator[Entry]:
    record = scene.state.arrests.all.get(arrest)
    if record is not None:
        yield record.subject, arrest


def _record(scene: Scene, subject: str) -> Iterator[Entry]:
    person = scene.state.custody.people.get(subject)
    if person is not None and person.arrest is not None:
        yield person.arrest, subject


def _bag(scene: Scene, bag: str) -> Iterator[Entry]:
    found = scene.state.custody.bags.get(bag)
    if found is not None and found.arrest is not None:
        yield found.arrest, bag


_by_subject = Standing(lambda s: s.arrests.all, _subject, {records: itself})
_by_record = Standing(lambda s: s.custody.people, _record, {bodies: itself})
_bags_by_record = Standing(lambda s: s.custody.bags, _bag, {bags: itself})


def duties_of(scene: Scene, subject: str) -> Iterator[str]:
    """The open duties of a person's records."""
    for arrest in records_of(scene, subject):
        yield from scene.state.duties.of.get(arrest) or ()


def bags_of(scene: Scene, subject: str) -> tuple[str, ...]:
    """The bags of a person."""
    person = scene.state.custody.people.get(subject)
    return person.bags if person is not None else ()


def bags_under(scene: Scene, arrest: str) -> Iterator[str]:
    """The bags taken under a record, and those of whoever is in custody under it."""
    yield from _bags_by_record(scene).get(arrest) or ()
    for subject in bodies_of(scene, arrest):
        yield from bags_of(scene, subject)


def sites_of(scene: Scene, subject: str) -> tuple[str, ...]:
    """Where a person is."""
    person = scene.state.custody.people.get(subject)
    now = person.now if person is not None else None
    return (now.holder,) if now is not None else ()


def owners_of(scene: Scene, bag: str) -> tuple[str, ...]:
    """The owner of a bag."""
    found = scene.state.custody.bags.get(bag)
    return (found.subject,) if found is not None else ()


def records_with(scene: Scene, bag: str) -> tuple[str, ...]:
    """The records about the owner of a bag."""
    found = scene.state.custody.bags.get(bag)
    return records_of(scene, found.subject) if found is not None else ()


def numbers_of(scene: Scene, subject: str) -> Iterator[str]:
    """The numbers that a person is in."""
    yield f"person:{subject}"
    yield from (f"record:{name}" for name in records_of(scene, subject))


def numbers_under(scene: Scene, arrest: str) -> Iterator[str]:
    """The numbers that a record is in."""
    yield f"record:{arrest}"
    yield from (f"person:{subject}" for subject in bodies_of(scene, arrest))


def numbers_at(scene: Scene, site: str) -> Iterator[str]:
    """The numbers of a site, and of everyone who is there or came from there."""
    yield f"site:{site}"
    yield f"count:{site}"
    for subject, person in scene.state.custody.people.items():
        if any(span.holder == site for span in person.spans[-2:]):
            yield f"person:{subject}"


def runs(scene: Scene, _form: str) -> Iterator[str]:
    """Another number in use changes its run. Who has it on a record is reached by the record."""
    return (f"issue:{name}" for name in scene.state.arrests.issues)


def runs_and_bearer(scene: Scene, band: str) -> Iterator[str]:
    """The same, and the record that a wristband falls to when another's card is corrected."""
    yield from runs(scene, band)
    if (arrest := scene.state.arrests.wristbands.get(band)) is not None:
        yield f"record:{arrest}"


# the items of one row ---------------------------------------------------------------------


def arrest_parts(state: State, key: str) -> Parts:
    """Of a street card."""
    found = state.arrests.all.get(key)
    if found is None:
        return (None,)
    person, people = state.custody.people.get(found.subject), state.structure.people
    parts: list[object] = [found, person, state.duties.of.get(key), state.redacted_subjects.get(found.subject)]
    parts.extend(people.get(who) for who in (found.officer, *observers(found), *found.assisting))
    parts.extend(people.get(who) for who in (*(one.person for one in found.signed), *(one.by for one in found.reviews)))
    parts.extend(state.custody.bags.get(bag) for bag in (person.bags if person else ()))
    return tuple(parts)


def custody_parts(state: State, key: str) -> Parts:
    """Of a person in custody."""
    person = state.custody.people.get(key)
    if person is None:
        return (None,)
    record, now = arrest_of(state, person), person.now
    parts: list[object] = [person, record, state.duties.of.get(record.arrest) if record else None]
    if now is not None:
        parts.extend(holder_parts(state, now.holder))
        parts.extend(holder_parts(state, now.officer or ""))
    return tuple(parts)


def site_parts(state: State, key: str) -> Parts:
    """Of a site."""
    found = state.custody.sites.get(key)
    if found is None:
        return (None,)
    people = state.custody.people
    here = state.custody.held.get(key) or PMap()
    staff = (state.structure.people.get(one) for one in found.trained_staff)
    # Who is there, in a set order: two maps with the same people need not go through them alike.
    return (found, *staff, *(people[subject] for subject in sorted(here)))


def bag_parts(state: State, key: str) -> Parts:
    """Of a bag."""
    found = state.custody.bags.get(key)
    if found is None:
        return (None,)
    owner = state.custody.people.get(found.subject)
    record = state.arrests.all.get(found.arrest) if found.arrest else None
    whose = custody_parts(state, found.subject) if owner is not None else ()
    return (found, record, *holder_parts(state, found.keeper), *whose)
