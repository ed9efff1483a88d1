"""Names for people, positions and levels as a screen says them."""

from __future__ import annotations

from command.domain import asks
from command.domain.envelope import Actor
from command.domain.state import State
from command.policy.stack import Stack
from command.views.rows import Who


def person_name(state: State, person: str) -> str:
    """The checked-in name, else the id."""
    versions = state.structure.people.get(person)
    last = versions.last if versions else None
    return last.name if last else person


def who(state: State, person: str | None, *, position: str = "") -> Who | None:
    """A person as a row names them; None for none."""
    if person is None:
        return None
    versions = state.structure.people.get(person)
    last = versions.last if versions else None
    return Who(person, last.name if last else person, last.agency if last else "", position)


def author(state: State, actor: Actor) -> Who:
    """The author of an event, in the position held at that moment."""
    return Who(actor.person, person_name(state, actor.person), actor.agency, actor.position or "")


def unit_name(state: State, unit: str) -> str:
    """The unit's name, else its id."""
    found = state.structure.units.get(unit)
    return found.name if found else unit


def sector_name(state: State, sector: str | None) -> str:
    """The sector's name, else its id; "" for none."""
    if sector is None:
        return ""
    found = state.response.sectors.get(sector)
    return found.name if found else sector


def level_name(stack: Stack, level: str) -> str:
    """A level as the plan calls it, with a number only where the plan itself numbers its levels (ids such as `3`).

    A number of ours beside it would be taken for the class of a force report: several cities number those.
    """
    rung = stack.level(level)
    if rung is None:
        return f"level {level}"
    return f"level {level} · {rung.name}" if len(level) <= 2 else rung.name


def ask_words(state: State, stack: Stack, ask: str) -> str:
    """What an ask is or was for, "a request" for one that is not on record."""
    waits = asks.find(state, ask)
    what = asks.decided(waits, "") if waits else state.response.decided.get(ask)
    if what is None:
        return "a request"
    if what.level:
        name = level_name(stack, what.level)
    elif what.tool:
        name = f"{what.tool.replace('-', ' ')} to {what.purpose}"
    else:
        name = f"{what.posture.replace('-', ' ')} {what.state}"
    return f"{name} in {sector_name(state, what.sector)}"


def order_words(state: State, order: str) -> str:
    """An order by its place in the log, as the feed numbers it."""
    found = state.journal.orders.get(order)
    return f"order #{found.seq}" if found else "an order"


def record_words(state: State, record: str) -> str:
    """A record by what it is and its place in the log: a report of force, an intervention, a pursuit."""
    report, kept = state.force.reports.get(record), state.oversight.records.get(record)
    if report is not None:
        return f"force #{report.seq}"
    return f"{kept.kind} #{kept.seq}" if kept else "a record"


def agency_name(state: State, agency: str) -> str:
    """The agency's name, else its id."""
    found = state.structure.agencies.get(agency)
    return found.name if found else agency


def position_title(stack: Stack, position: str) -> str:
    """An ICS position as the plan calls it."""
    found = stack.positions.get(position)
    return found.title if found else position
