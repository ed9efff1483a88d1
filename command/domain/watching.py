"""Whoever reports a colleague is watched over: what is done to them afterwards is kept at hand for oversight (A46).

Every adverse action that a log holds is noted for everyone, so that noting it tells nothing about
who has reported anything. Which of these people is a reporter is joined at the edge, for the
oversight lens alone: no event ever stands in the log beside an adverse action.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from command.domain import asks
from command.domain import events as e
from command.domain.envelope import Recorded
from command.domain.facts import version_at
from command.domain.persistent import newest
from command.domain.state import State
from command.domain.state_force import Adverse
from command.policy.model import INCIDENT_COMMANDER

KEPT = 20
"""Newest actions at hand for each person; all of them are in the log."""

_KINDS = (
    e.CommandTransferred, e.PositionAssigned, e.PositionVacated, e.PersonCheckedIn, e.PersonCheckedOut, e.UnitReleased,
    e.AskDenied, e.DelegationEnded,
)  # fmt: skip


def note(before: State, after: State, entry: Recorded) -> State:
    """The state with what this event did to someone else than its author. `before`: the state that it met."""
    if not isinstance(entry.event, _KINDS):
        return after
    oversight = after.oversight
    adverse = oversight.adverse
    author = entry.header.actor.person
    for person, what in _done(before, entry):
        if person != author:
            action = Adverse(what, entry.header.recorded_at, author, entry.seq)
            adverse = adverse.insert(person, newest(adverse.get(person) or (), action, KEPT))
    if adverse is oversight.adverse:
        return after
    return replace(after, oversight=replace(oversight, adverse=adverse))


def _done(before: State, entry: Recorded) -> Iterator[tuple[str, str]]:
    event = entry.event
    if isinstance(event, e.CommandTransferred):
        yield from _left(before, INCIDENT_COMMANDER, event.incoming, "relieved of command")
    elif isinstance(event, e.PositionAssigned):
        yield from _left(before, event.position, event.person, f"relieved as {event.position}")
    elif isinstance(event, e.PositionVacated):
        yield from _left(before, event.position, None, f"relieved as {event.position}")
    elif isinstance(event, e.PersonCheckedOut):
        known = before.structure.people.get(event.person)
        if known is not None and "presence" not in event.unconfirmed:
            yield event.person, "released from the incident"
    elif isinstance(event, e.UnitReleased):
        unit = before.structure.units.get(event.unit)
        if unit is not None and unit.leader is not None:
            yield unit.leader, f"unit {event.unit} released"
    elif isinstance(event, e.PersonCheckedIn):
        yield from _moved(before, entry, event)
    elif isinstance(event, e.AskDenied):
        ask = asks.find(before, event.ask)
        if ask is not None:
            yield ask.by.person, f"ask {event.ask} denied"
    elif isinstance(event, e.DelegationEnded):
        delegated = before.plan.delegated.get(event.delegation)
        if delegated is not None:
            yield delegated.delegate, "delegated authority taken back"


def _left(before: State, position: str, incoming: str | None, what: str) -> Iterator[tuple[str, str]]:
    spans = before.structure.positions.get(position)
    last = spans.last if spans else None
    if last is not None and last.ended is None and last.who != incoming:
        yield last.who, what


def _moved(before: State, entry: Recorded, event: e.PersonCheckedIn) -> Iterator[tuple[str, str]]:
    known = version_at(before.structure.people.get(event.person), entry.header.occurred_at)
    if known is None or "presence" in event.unconfirmed:
        return
    if event.unit != known.unit:
        yield event.person, f"reassigned from {known.unit or 'no unit'} to {event.unit or 'no unit'}"
    if event.rank != known.rank and "rank" not in event.unconfirmed:
        yield event.person, f"rank changed from {known.rank or 'none'} to {event.rank}"
