"""One plain sentence for each event after force or an injury."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from command.domain import events as e
from command.domain.state import State
from command.policy.stack import Stack
from command.views.names import person_name, sector_name, unit_name


def _by(state: State, event: Any) -> str:
    unit = getattr(event, "unit", None)
    person = getattr(event, "by", None)
    names = [unit_name(state, unit)] if unit else []
    names += [person_name(state, person)] if person else []
    return f" by {', '.join(names)}" if names else ""


def _offered(state: State, _stack: Stack, event: e.AidOffered) -> str:
    answer = {True: ", accepted", False: ", declined", None: ""}[event.accepted]
    return f"First aid offered{_by(state, event)}{answer}: {event.record}"


def _injury(state: State, _stack: Stack, event: e.InjuryNoted) -> str:
    seen = [words for words, there in (("to be seen", event.visible), ("complained of", event.complaint)) if there]
    where = f" in {sector_name(state, event.sector)}" if event.sector else ""
    return f"Injury {' and '.join(seen) or 'noted'}{where}"


def _requested(state: State, _stack: Stack, event: e.MedicalHelpRequested) -> str:
    service = f" ({event.service})" if event.service else ""
    return f"Medical help requested{service}{_by(state, event)}: {event.record}"


def _arrived(state: State, _stack: Stack, event: e.MedicalHelpArrived) -> str:
    service = f" ({event.service})" if event.service else ""
    unit = f": {unit_name(state, event.unit)}" if event.unit else ""
    return f"Medical help arrived{service}{unit}: {event.record}"


def _called(state: State, _stack: Stack, event: e.SupervisorCalled) -> str:
    named = f" {person_name(state, event.supervisor)}" if event.supervisor else ""
    return f"Supervisor{named} called to {event.record}"


def _critical(state: State, _stack: Stack, event: e.CriticalEventDeclared) -> str:
    where = f" in {sector_name(state, event.sector)}" if event.sector else ""
    return f"Critical event{where}: {event.kind}"


LINES_AFTERCARE: dict[type, Callable[[State, Stack, Any], str]] = {
    e.AidOffered: _offered,
    e.AidGiven: lambda s, _k, event: f"First aid given{_by(s, event)}: {event.record}",
    e.InjuryNoted: _injury,
    e.NoInjurySeen: lambda _s, _k, event: (
        f"No injury to be seen{', none complained of' if event.asked else ''}: {event.record}"
    ),
    e.MedicalHelpRequested: _requested,
    e.MedicalHelpArrived: _arrived,
    e.MedicalHelpRefused: lambda _s, _k, event: f"The person refused medical help: {event.record}",
    e.SupervisorCalled: _called,
    e.SupervisorOnScene: lambda s, _k, event: (
        f"Supervisor {person_name(s, event.supervisor)} at the place: {event.record}"
    ),
    e.ForceReportCompleted: lambda _s, _k, event: f"Report of force complete: {event.report}",
    e.CriticalEventDeclared: _critical,
    e.WelfareChecked: lambda _s, _k, event: (
        "Officers looked after" + ("" if event.everyone else ", not all of them yet") + f": {event.critical}"
    ),
}
