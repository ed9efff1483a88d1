"""One plain sentence for each event: what the feed, the log page and an export say of it.

Sentences name the fact, not a judgement of it; findings and decisions stand beside them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from command.domain import events as e
from command.domain.state import State
from command.policy.stack import Stack
from command.views.lines_aftercare import LINES_AFTERCARE
from command.views.lines_arrest import BARE_ARREST, LINES_ARREST, arrest_words
from command.views.lines_force import LINES_FORCE
from command.views.names import (
    agency_name,
    ask_words,
    level_name,
    order_words,
    person_name,
    position_title,
    sector_name,
    unit_name,
)
from command.views.said import listed


def line(state: State, stack: Stack, event: e.Event) -> str:
    """The event in one sentence. Every event type has one."""
    return LINES[type(event)](state, stack, event)


def bare_line(state: State, event: e.Event) -> str:
    """The event for a lens that learns only that it happened: about whom by the number of the record, and no more."""
    if isinstance(event, e.IncidentOpened):
        return f"{event.name} opened"
    record = getattr(event, "arrest", None)
    return f"{BARE.get(type(event), 'Something was recorded')}{f' ({arrest_words(state, record)})' if record else ''}"


def _opened(state: State, stack: Stack, event: e.IncidentOpened) -> str:
    how = "from the standing template" if event.kind == "spontaneous" else "from its plan"
    commander = person_name(state, event.commander)
    return f"{event.name} opened {how} at {level_name(stack, event.first_level)}, {commander} in command"


def _checked_in(state: State, _stack: Stack, event: e.PersonCheckedIn) -> str:
    rank = event.rank.replace("-", " ")
    badge = f", badge {event.badge}" if event.badge else ""
    return f"{event.name} ({rank}, {agency_name(state, event.agency)}{badge}) checked in"


def _assigned(state: State, _stack: Stack, event: e.UnitAssigned) -> str:
    name = unit_name(state, event.unit)
    if event.sector is None:
        return f"{name} to staging"
    task = f": {event.assignment}" if event.assignment else ""
    return f"{name} to {sector_name(state, event.sector)}{task}"


def _position(state: State, stack: Stack, event: e.PositionAssigned) -> str:
    return f"{person_name(state, event.person)} is {position_title(stack, event.position)}"


def _transferred(state: State, _stack: Stack, event: e.CommandTransferred) -> str:
    outgoing = person_name(state, event.outgoing) if event.outgoing else "nobody"
    return f"Command transferred from {outgoing} to {person_name(state, event.incoming)}; the briefing was read"


def _observed(state: State, stack: Stack, event: e.ObservationRecorded) -> str:
    place = sector_name(state, event.sector) or "the incident"
    if not event.indicators:
        return f"Observation in {place}"
    said = [stack.indicators[i].says if i in stack.indicators else i for i in event.indicators]
    return f"Observation in {place}: {' '.join(said)}"


def _liaison(state: State, _stack: Stack, event: e.LiaisonContacted) -> str:
    where = f" in {sector_name(state, event.sector)}" if event.sector else ""
    reached = "Contact with" if event.reached else "Tried to reach"
    return f"{reached} {event.role} by {event.channel}{where}"


def _warned(state: State, stack: Stack, event: e.WarningGiven) -> str:
    title = event.text.replace("-", " ")
    how = ", amplified" if event.amplified else ""
    exits = f"; exits {', '.join(event.exits)}" if event.exits else ""
    return f"Warning given in {sector_name(state, event.sector)}: {title} ({event.language}{how}){exits}"


def _asked(state: State, stack: Stack, event: e.LevelAsked) -> str:
    spoken = f" by {person_name(state, event.speaker)}, spoken" if event.speaker else ""
    return f"{sector_name(state, event.sector)}: {level_name(stack, event.level)} asked for{spoken}"


def _raised(state: State, stack: Stack, event: e.LevelRaised) -> str:
    return f"{sector_name(state, event.sector)} raised to {level_name(stack, event.level)}"


def _lowered(state: State, stack: Stack, event: e.LevelLowered) -> str:
    return f"{sector_name(state, event.sector)} lowered to {level_name(stack, event.level)}"


def _renewed(state: State, stack: Stack, event: e.LevelRenewed) -> str:
    return f"{sector_name(state, event.sector)}: {level_name(stack, event.level)} reviewed and renewed"


def _force(state: State, _stack: Stack, event: e.ForceReported) -> str:
    tool = event.tool.replace("-", " ") if event.tool else "kind not stated by the source"
    where = f" in {sector_name(state, event.sector)}" if event.sector else ""
    source = f" · source calls it “{event.classification}”" if event.classification else ""
    return f"Force reported{where}: {tool}, by {person_name(state, event.officer)}{source}"


def _refused(state: State, _stack: Stack, event: e.AskRefused) -> str:
    where = f" for {sector_name(state, event.sector)}" if event.sector else ""
    what = "".join(f" {c.lower()}" if c.isupper() else c for c in event.ask).strip()
    detail = f" ({event.detail})" if event.detail else ""
    return f"Refused: {what}{detail}{where}"


def _redacted(_state: State, _stack: Stack, event: e.Redacted) -> str:
    what = "a person's private record" if event.subject else f"private fields of {len(event.seqs)} events"
    return f"{event.scope.capitalize()} of {what} on the authority of {event.authority}: {event.reason}"


def _decision(_state: State, _stack: Stack, event: e.DecisionRecorded) -> str:
    count = len(event.rejected)
    rejected = f"; {count} other option{'s' if count > 1 else ''} rejected" if count else ""
    return f"Decision: {event.question} — {event.chosen}{rejected}"


def _order(state: State, _stack: Stack, event: e.OrderGiven) -> str:
    names = ", ".join(unit_name(state, unit) for unit in event.to[:4])
    more = f" and {len(event.to) - 4} more" if len(event.to) > 4 else ""
    instead = f", superseding {order_words(state, event.supersedes)}" if event.supersedes else ""
    return f"Order to {names}{more}{instead}"


def _duty(_state: State, _stack: Stack, event: e.DutyStarted) -> str:
    return f"Owed by {event.owed_by.replace('-', ' ')}: {event.says}"


def _discharged(state: State, _stack: Stack, event: e.DutyDischarged) -> str:
    duty = state.duties.all.get(event.duty)
    return f"Done: {duty.says if duty else event.duty}"


def _ask_over(word: str) -> Callable[[State, Stack, Any], str]:
    return lambda state, stack, event: f"Request {word}: {ask_words(state, stack, event.ask)}"


LINES: dict[type, Callable[[State, Stack, Any], str]] = {
    e.IncidentOpened: _opened,
    e.IncidentClosed: lambda _s, _k, _e: "Incident closed",
    e.AskRefused: _refused,
    e.Redacted: _redacted,
    e.AgencyJoined: lambda _s, _k, event: (
        f"{event.name} takes part ({event.kind}{'' if event.accepted_plan else ', and has not accepted the plan'})"
    ),
    e.PersonCheckedIn: _checked_in,
    e.PersonCheckedOut: lambda s, _k, event: f"{person_name(s, event.person)} checked out",
    e.UnitFormed: lambda s, _k, event: f"{event.name} formed ({event.kind}, {agency_name(s, event.agency)})",
    e.UnitAssigned: _assigned,
    e.OpenItemsWaived: lambda s, _k, event: (
        f"Let go over what is open ({listed(s, ', '.join(event.items[:5]))}): {_going(s, event.of)}"
    ),
    e.UnitReleased: lambda s, _k, event: f"{unit_name(s, event.unit)} released",
    e.PositionAssigned: _position,
    e.PositionVacated: lambda _s, k, event: f"Nobody is {position_title(k, event.position)}",
    e.CommandTransferred: _transferred,
    e.SectorDefined: lambda _s, k, event: f"Sector {event.name} defined at {level_name(k, event.level)}",
    e.ObservationRecorded: _observed,
    e.LiaisonContacted: _liaison,
    e.WarningGiven: _warned,
    e.LevelAsked: _asked,
    e.AskDenied: _ask_over("denied"),
    e.AskWithdrawn: _ask_over("withdrawn"),
    e.LevelRaised: _raised,
    e.LevelLowered: _lowered,
    e.LevelRenewed: _renewed,
    e.ForceReported: _force,
    e.FindingReopened: lambda _s, _k, event: f"Finding reopened: {event.finding.kind} ({event.because})",
    e.EntryRecorded: lambda s, _k, event: f"Log entry{_where(s, event.sector)}",
    e.DecisionRecorded: _decision,
    e.OrderGiven: _order,
    e.OrderAcknowledged: lambda s, _k, event: f"{unit_name(s, event.unit)} acknowledged {order_words(s, event.order)}",
    e.DutyStarted: _duty,
    e.DutyDischarged: _discharged,
    e.PlanPartSupplied: lambda _s, _k, event: f"Plan part supplied: {event.part.replace('-', ' ')}",
    **LINES_FORCE,
    **LINES_AFTERCARE,
    **LINES_ARREST,
}


BARE: dict[type, str] = {e.ForceReported: "Someone may need care", **BARE_ARREST}
"""Sentences for who sees no more of an event (`views.sight.is_bare`)."""


def _going(state: State, of: str) -> str:
    if of == state.log:
        return "the incident"
    return unit_name(state, of) if of in state.structure.units else person_name(state, of)


def _where(state: State, sector: str | None) -> str:
    return f", {sector_name(state, sector)}" if sector else ""
