"""Who is to be free, why, since when or by when, and who decides it. Nothing here is a gate: anyone may report a release.

Due are: what was decided and not done, grounds that did not hold, a hold on nothing but what is cited first, a hold
without a written ground or a record, and clocks that end with a release (domain notes C5, D4, D13, D20, D25).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from command.domain.facts import StateFacts
from command.domain.facts_arrest import charges_of, record_of
from command.domain.open_custody import ELSEWHERE
from command.domain.state import State
from command.domain.state_arrest import Arrest
from command.policy.arrest_record import lacking
from command.policy.decision import RuleRef
from command.policy.duties import ending
from command.policy.gates import who_may
from command.views import arrest_reach as reach
from command.views import rows_arrest as r
from command.views.arrest_words import arrest_of, named, now_with, number_of, open_duties, sees_person, tells_clock
from command.views.row import Who
from command.views.scene import Scene
from command.views.section import Parts, Section

_FREE: Final = frozenset({"cited", "released", "detention only", "diverted"})
_HELD_FOR: Final = ("conduct", "offence")
"""What a hold cannot do without for a minute: what this person did, and which offence it was."""


def release_keys(scene: Scene) -> Iterator[str]:
    """Everyone whom somebody holds: however many, nobody is left out."""
    return iter(sorted(subject for here in scene.state.custody.held.values() for subject in here))


def release(scene: Scene, key: str) -> r.ReleaseRow | None:
    """One person whose release is due, or will be when a clock runs out; None where nothing asks for it."""
    state = scene.state
    person = state.custody.people.get(key)
    now = person.now if person is not None else None
    if person is None or now is None or not now.holder or now.kind in ELSEWHERE or not sees_person(scene, person):
        return None
    record = arrest_of(state, person)
    whys = tuple(_whys(scene, record))
    if not whys:
        return None
    dues = [one.due for one in whys]
    return r.ReleaseRow(
        id=key,
        number=number_of(state, key, record.arrest if record else None),
        held_since=person.spans[0].since,
        whys=whys,
        who_may=who_may(scene.stack.release_gates),
        deciders=_deciders(scene),
        arrest=record.arrest if record else "",
        holder=now_with(state, now),
        due=None if None in dues else min(one for one in dues if one is not None),
        seq=now.seq,
    )


def _whys(scene: Scene, record: Arrest | None) -> Iterator[r.ReleaseWhy]:
    """Each reason; `due` None: it is due already."""
    free = scene.stack.arrests.refs("release")
    if record is None:
        yield _why("held without a record", scene.stack.arrests.refs("custody"))
        return
    if record.disposition in _FREE:
        yield _why(f"{record.disposition}, and still held", free)
    if record.reviews and record.reviews[-1].conclusion == "not supported":
        yield _why("the review found no probable cause", free)
    elif record.disposition not in _FREE:
        yield from _ground(scene, record)
    for duty in open_duties(scene.state, record.arrest):
        rule = scene.stack.duties.get(duty.rule)
        if duty.due is not None and rule is not None and "PersonReleased" in ending(rule) and tells_clock(scene, duty):
            yield r.ReleaseWhy(duty.says, (f"duty.{duty.rule}",), duty.due)


def _ground(scene: Scene, record: Arrest) -> Iterator[r.ReleaseWhy]:
    rules, words = scene.stack.arrests, charges_of(record)
    if words and record.exception is None and all(rules.cited_first(word) for word in words):
        refs = (*rules.refs("citation first"), *(ref for word in words for ref in rules.named(word)))
        yield _why("every offence is cited first, and no coded reason for custody is given", refs)
    missing = [one for one in lacking(scene.stack, record_of(scene.state, record)) if one.item in _HELD_FOR]
    if missing:
        lacks = " and ".join(one.says for one in missing)
        yield _why(f"nobody has written {lacks}", tuple(one.rule for one in missing))


def _why(says: str, refs: tuple[RuleRef, ...]) -> r.ReleaseWhy:
    return r.ReleaseWhy(says, tuple(dict.fromkeys(ref.rule for ref in refs)))


def _deciders(scene: Scene) -> tuple[Who, ...]:
    """Who holds one of the positions that decide it, now."""
    facts = StateFacts(scene.state)
    positions = dict.fromkeys(key for gate in scene.stack.release_gates for way in gate.ways for key in way.positions)
    holders = (facts.holder(key, scene.now) for key in positions)
    return tuple(named(scene.state, one) for one in dict.fromkeys(holders) if one is not None)


def _positions(state: State) -> object:
    return state.structure.positions


def _people(state: State) -> object:
    return state.structure.people


def _parts(state: State, key: str) -> Parts:
    return (*reach.custody_parts(state, key), state.structure.positions, state.structure.people)


RELEASES: Final = Section(
    release_keys,
    release,
    (reach.bodies, reach.records, reach.owed, reach.bags, reach.sites, reach.units, _positions, _people),
    parts=_parts,
    reach={
        reach.bodies: reach.itself,
        reach.records: reach.bodies_of,
        reach.owed: reach.bodies_of,
        reach.bags: reach.owners_of,
    },
)
