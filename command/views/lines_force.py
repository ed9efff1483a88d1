"""One plain sentence for each event about authority over force and the ground that it rests on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from command.domain import events as e
from command.domain.posture import ORDER
from command.domain.state import State
from command.domain.state_force import Scope
from command.policy.stack import Stack
from command.views.names import ask_words, person_name, position_title, record_words, sector_name, unit_name


def words(name: str) -> str:
    """An id as a person reads it."""
    return name.replace("-", " ")


def _scope(state: State, event: e.ForceAsked | e.ForceGranted | Scope) -> str:
    many = f", at most {event.quantity}" if event.quantity is not None else ""
    users = f", by {', '.join(person_name(state, user) for user in event.users[:4])}" if event.users else ""
    return f"{words(event.tool)}{many} to {event.purpose}{users}"


def _exits(state: State, _stack: Stack, event: e.ExitsObserved) -> str:
    ways = f"open {', '.join(event.open)}" if event.open else "none is open"
    closed = f"; closed {', '.join(event.closed)}" if event.closed else ""
    return f"Ways out of {sector_name(state, event.sector)}: {ways}{closed}"


def _heard(state: State, _stack: Stack, event: e.AudibilityReported) -> str:
    found = "heard" if event.heard else "not heard"
    where = "at the rear of the crowd" if event.rear else "at the far side"
    given = next((one for one in state.warnings.given.get(event.sector) or () if one.warning == event.warning), None)
    what = f": {words(given.text)}" if given is not None else ""
    by = f", says {person_name(state, event.by)}" if event.by else ""
    return f"Warning in {sector_name(state, event.sector)} {found} {where}{what}{by}"


def _moved(state: State, _stack: Stack, event: e.CrowdMoved) -> str:
    onward = f" to {sector_name(state, event.to)}" if event.to else ""
    return f"The crowd in {sector_name(state, event.sector)} moved on{onward}"


def _attempt(state: State, _stack: Stack, event: e.AttemptRecorded) -> str:
    where = sector_name(state, event.sector)
    if not event.tried:
        why = "with the reason" if event.reason_written else "no reason written"
        return f"{event.kind.capitalize()} not tried in {where}, {why}"
    how = f": {', '.join(words(measure) for measure in event.measures)}" if event.measures else ""
    outcome = f", {event.outcome}" if event.outcome else ""
    return f"{event.kind.capitalize()} tried in {where}{how}{outcome}"


def _presence(state: State, _stack: Stack, event: e.PresenceReported) -> str:
    where = f"in {sector_name(state, event.sector)}" if event.sector else "in no sector"
    return f"{person_name(state, event.person)} is {where}"


def _distress(state: State, _stack: Stack, event: e.DistressFlagged) -> str:
    where = f" in {sector_name(state, event.sector)}" if event.sector else ""
    return f"Someone in distress{where}: crisis responders first"


def _answered(state: State, _stack: Stack, event: e.DistressAnswered) -> str:
    who = f" by {unit_name(state, event.unit)}" if event.unit else ""
    return f"Distress answered{who}: {event.outcome}"


def _pursuit(state: State, _stack: Stack, event: e.PursuitReported) -> str:
    told = f", {person_name(state, event.supervisor)} told" if event.supervisor else ", no supervisor told"
    ended = f", {event.ended}" if event.ended else ""
    return f"Pursuit ({event.mode}) by {person_name(state, event.officer)}{told}{ended}"


def _spoken(state: State, event: e.ForceAsked) -> str:
    return f" by {person_name(state, event.speaker)}, spoken" if event.speaker else ""


def _force_asked(state: State, _stack: Stack, event: e.ForceAsked) -> str:
    return f"{sector_name(state, event.sector)}: {_scope(state, event)} asked for{_spoken(state, event)}"


def _force_granted(state: State, _stack: Stack, event: e.ForceGranted) -> str:
    spoken = " (relayed, unconfirmed)" if event.relayed else ""
    again = "renewed" if event.renews else "authorized"
    by = person_name(state, event.authorizer)
    return f"{sector_name(state, event.sector)}: {_scope(state, event)} {again} by {by}{spoken}"


def _tool_of(state: State, grant: str) -> str:
    found = state.grants.all.get(grant)
    return f"{words(found.scope.tool)} in {sector_name(state, found.scope.sector)}" if found else grant


def _cosigned(state: State, stack: Stack, event: e.GrantCosigned) -> str:
    office = f", {event.office}" if event.office else ""
    how = ", called back and read back" if event.call_back and event.read_back else ""
    what = _tool_of(state, event.ask) if event.ask in state.grants.all else ask_words(state, stack, event.ask)
    return f"{person_name(state, event.signer)}{office} signed for {what}{how}"


def _posture(state: State, _stack: Stack, event: e.PostureChanged) -> str:
    down = ORDER.index(event.state) < ORDER.index(event.previous)
    how = "stood down to" if down else "brought up to"
    return f"{sector_name(state, event.sector)}: {words(event.posture)} {how} {event.state}"


def _delegated(state: State, stack: Stack, event: e.AuthorityDelegated) -> str:
    what = position_title(stack, event.position) if event.position else words(event.by_rank or "own rank")
    return f"Authority as {what} delegated to {person_name(state, event.delegate)}"


def _taken_back(state: State, _stack: Stack, event: e.DelegationEnded) -> str:
    found = state.plan.delegated.get(event.delegation)
    return f"Delegation to {person_name(state, found.delegate)} taken back" if found else "Delegation taken back"


def _stock(verb: str) -> Callable[[State, Stack, Any], str]:
    def line(state: State, _stack: Stack, event: Any) -> str:
        holder = unit_name(state, event.holder) if event.holder in state.structure.units else ""
        return f"{event.quantity} {words(event.tool)} {verb} {holder or person_name(state, event.holder)}"

    return line


def _intervened(state: State, _stack: Stack, event: e.InterventionReported) -> str:
    where = f" in {sector_name(state, event.sector)}" if event.sector else ""
    return f"An officer intervened{where}" + (f": it {event.outcome}" if event.outcome == "went on" else "")


def _log_restored(_state: State, _stack: Stack, event: e.LogRestored) -> str:
    lost = f"events {event.kept + 1} to {event.lost_to}" if event.lost_to else f"whatever came after event {event.kept}"
    return (
        f"The log was restored from a backup of {event.taken_at:%Y-%m-%d %H:%M} UTC: {lost} of epoch {event.epoch} lost"
    )


def _plan_changed(_state: State, _stack: Stack, event: e.PlanChanged) -> str:
    plan = " + ".join(name.replace("@sha256:", " ")[: -64 + 12] for name in event.after)
    return f"The plan changed under {event.clause}: in force from here on {plan}"


def _witnessed(state: State, _stack: Stack, event: e.ExcessiveForceReported) -> str:
    where = f" in {sector_name(state, event.sector)}" if event.sector else ""
    return f"A fellow officer reports {event.kind}{where}"


LINES_FORCE: dict[type, Callable[[State, Stack, Any], str]] = {
    e.AudibilityReported: _heard,
    e.ExitsObserved: _exits,
    e.CrowdMoved: _moved,
    e.AttemptRecorded: _attempt,
    e.PresenceReported: _presence,
    e.DistressFlagged: _distress,
    e.DistressAnswered: _answered,
    e.PursuitReported: _pursuit,
    e.ForceAsked: _force_asked,
    e.ForceGranted: _force_granted,
    e.GrantCosigned: _cosigned,
    e.GrantRevoked: lambda s, _k, event: (
        f"{'Spoken order never given, says its speaker' if event.never_given else 'Authorization revoked'}: "
        f"{_tool_of(s, event.grant)}"
    ),
    e.RelayConfirmed: lambda s, _k, event: f"Spoken order confirmed by its speaker: {_tool_of(s, event.grant)}",
    e.MunitionsIssued: _stock("issued to"),
    e.MunitionsReturned: _stock("returned by"),
    e.MunitionsCounted: _stock("counted with"),
    e.PostureAsked: lambda s, _k, event: (
        f"{sector_name(s, event.sector)}: {words(event.posture)} {event.state} asked for"
    ),
    e.PostureChanged: _posture,
    e.PostureRenewed: lambda s, _k, event: (
        f"{sector_name(s, event.sector)}: {words(event.posture)} {event.state} reviewed and renewed"
    ),
    e.InterventionReported: _intervened,
    e.ExcessiveForceReported: _witnessed,
    e.ReviewFiled: lambda s, _k, event: f"Review of {record_words(s, event.record)}: {event.conclusion}",
    e.PlanChanged: _plan_changed,
    e.LogRestored: _log_restored,
    e.PlanSuspended: lambda _s, _k, event: f"Rule {event.rule} of {event.pack} suspended under {event.clause}",
    e.PlanResumed: lambda _s, _k, event: f"Rule {event.rule} of {event.pack} in force again",
    e.AuthorityDelegated: _delegated,
    e.DelegationEnded: _taken_back,
}
