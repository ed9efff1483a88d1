"""What of custody is still open when somebody goes: people, restraints, property, and hand-overs that nobody has confirmed.

An officer or a unit hands them over (`relieve_holder`), or they end by their own events; nothing here holds up a release.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from command.domain.state import State
from command.domain.state_arrest import Bag, HeldSpan, Person

ELSEWHERE: Final = frozenset({"jail", "court"})
"""Holders whose custody is not this incident's any more, once they have somebody."""

_ACCOUNTED: Final = frozenset({"owner", "evidence room"})


def of(state: State, holders: frozenset[str] | None) -> tuple[tuple[str, ...], ...]:
    """People, restraints, property and unconfirmed hand-overs, each by a name that can be read aloud.

    `holders` None: of the whole incident. Property is open with a holder as long as they have it; of the
    incident where its owner is free or nobody claims it.
    """
    people = tuple(_people(state, holders))
    return (
        tuple(f"{_who(state, person)} with {now.holder}" for person, now in people),
        tuple(_restraints(state, holders)),
        tuple(f"bag {bag.bag} with {bag.keeper}" for bag in state.custody.bags.values() if _open(state, bag, holders)),
        tuple(_transfers(state, holders)),
    )


def _people(state: State, holders: frozenset[str] | None) -> Iterator[tuple[Person, HeldSpan]]:
    for holder, here in state.custody.held.items():
        if holders is not None and holder not in holders:
            continue
        for subject in here:
            person = state.custody.people[subject]
            now = person.now
            assert now is not None, "held by someone"
            if now.kind not in ELSEWHERE:
                yield person, now


def _restraints(state: State, holders: frozenset[str] | None) -> Iterator[str]:
    for person in state.custody.people.values():
        now = person.now
        holder = now.holder if now is not None else ""
        mine = holders is None or holder in holders
        if mine and (now is None or now.kind not in ELSEWHERE):
            yield from (
                f"{item.kind or 'restraints'} {item.restraint} on {_who(state, person)}"
                for item in person.restraints
                if item.on_since is not None
            )


def _open(state: State, bag: Bag, holders: frozenset[str] | None) -> bool:
    if bag.kind in _ACCOUNTED:
        return False
    if holders is not None:
        return bag.keeper in holders
    owner = state.custody.people.get(bag.subject)
    free = owner is not None and owner.released_at is not None and not bag.evidence
    return bag.kind == "unclaimed" or free


def _transfers(state: State, holders: frozenset[str] | None) -> Iterator[str]:
    """The newest hand-over of each person, where whoever took them has not said so; the giver's as well as the taker's."""
    for person in state.custody.people.values():
        if len(person.spans) < 2 or person.spans[-1].confirmed or not person.spans[-1].holder:
            continue
        before, now = person.spans[-2], person.spans[-1]
        if holders is None or not holders.isdisjoint({before.holder, now.holder}):
            said = ", who says that they have not got them" if now.denied else ""
            yield f"{_who(state, person)} from {before.holder or 'nobody'} to {now.holder}{said}"


def _who(state: State, person: Person) -> str:
    record = state.arrests.all.get(person.arrest) if person.arrest is not None else None
    return f"person {record.wristband or record.arrest if record is not None else person.subject}"
