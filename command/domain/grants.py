"""The fold of authority over force: asks that wait, signatures, grants with what was used under them."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from command.domain import asks
from command.domain.asking import speaker_of
from command.domain.envelope import Recorded
from command.domain.events import ForceAsked, ForceGranted, GrantCosigned, GrantRevoked, RelayConfirmed
from command.domain.facts_force import DENIED
from command.domain.intervals import grants_key
from command.domain.munitions import quantity
from command.domain.persistent import Series
from command.domain.state import ForceReport, State
from command.domain.state_force import ForceAskItem, Given, GrantItem, Scope, Signature, Use

MOST_LOOKED_AT = 200
"""Grants looked at, newest first, for the one that covers a report which names none."""


def force_asked(state: State, entry: Recorded, event: ForceAsked) -> State:
    """Fold ForceAsked; asks that had expired by now leave the board."""
    head = entry.header
    item = ForceAskItem(
        ask=event.ask,
        sector=event.sector,
        scope=_scope(event),
        at=head.recorded_at,
        expires=event.expires,
        **speaker_of(state, entry, event.speaker),
        channel=event.channel or "",
        read_back=event.read_back,
        lasts_s=event.lasts_s,
        deescalation=event.deescalation,
        deescalation_excused=event.deescalation_excused,
        targeted=event.targeted,
        targeted_excused=event.targeted_excused,
        decision=head.decision,
        seq=entry.seq,
        resistance_met=event.resistance_met,
    )
    state = asks.sweep(state, head.recorded_at)
    return replace(state, grants=replace(state.grants, asks=state.grants.asks.insert(event.ask, item)))


def _scope(event: ForceAsked | ForceGranted) -> Scope:
    return Scope(**{name: getattr(event, name) for name in Scope.__struct_fields__})


def force_granted(state: State, entry: Recorded, event: ForceGranted) -> State:
    """Fold ForceGranted: from its record on. The ask leaves the board, and a grant that it renews ends."""
    head, grants = entry.header, state.grants
    asked = grants.asks.get(event.ask) if event.ask else None
    before = grants.all.get(event.renews) if event.renews else None
    tried = asked or before
    item = GrantItem(
        grant=event.grant,
        ask=event.ask,
        scope=_scope(event),
        authorizer=event.authorizer,
        requester=event.requester,
        by=head.actor,
        since=head.recorded_at,
        until=event.until,
        relayed=event.relayed,
        channel=event.channel or "",
        read_back=event.read_back,
        seq=entry.seq,
        deescalation=tried.deescalation if tried else (),
        deescalation_excused=tried.deescalation_excused if tried else False,
        targeted=tried.targeted if tried else (),
        targeted_excused=tried.targeted_excused if tried else False,
        renews=event.renews,
    )
    if event.grant in grants.all:
        return state  # one id, one grant: the first stands
    if before is not None:
        over = replace(_ended(before, head.recorded_at, "renewed"), renewed_by=event.grant)
        state = _put(state, over)
    elif asked is not None:
        state = asks.drop(state, (asked.ask,), "granted")
    state = _put(state, item)
    return _listed(state, item)


def _listed(state: State, item: GrantItem) -> State:
    """Among the grants of its tool in its sector, with the second from which none of them is in force any more."""
    known, key = state.grants, grants_key(item.scope.tool, item.scope.sector)
    alike = known.by.get(key) or Series()
    last = alike.last
    over = item.until
    if last is not None and over is not None:
        over = None if last.over is None else max(over, last.over)
    by = known.by.insert(key, alike.append(Given(item.grant, item.since, over)))
    return replace(state, grants=replace(known, order=known.order.append(item.grant), by=by))


def grant_cosigned(state: State, entry: Recorded, event: GrantCosigned) -> State:
    """Fold GrantCosigned."""
    head, signed = entry.header, state.grants.signed
    signature = Signature(
        event.signer, head.recorded_at, event.office or "", event.call_back, event.read_back, head.actor.person
    )
    signatures = (*(signed.get(event.ask) or ()), signature)
    return replace(state, grants=replace(state.grants, signed=signed.insert(event.ask, signatures)))


def grant_revoked(state: State, entry: Recorded, event: GrantRevoked) -> State:
    """Fold GrantRevoked: from when it was said, which may be before its record; where that was long before, from its record."""
    if event.never_given:
        return denied(state, event.grant)
    at = entry.header.recorded_at
    return revoked(state, event.grant, at if event.late else min(entry.header.occurred_at, at))


def relay_confirmed(state: State, entry: Recorded, event: RelayConfirmed) -> State:
    """Fold RelayConfirmed."""
    return confirmed(state, event.grant, entry.header.recorded_at)


def revoked(state: State, grant: str, at: datetime) -> State:
    """The state with the grant ended at `at`."""
    held = state.grants.all.get(grant)
    return state if held is None else _put(state, _ended(held, at, "revoked"))


def denied(state: State, grant: str) -> State:
    """The state with a spoken order that was never spoken: over from where it began. What is confirmed stays."""
    held = state.grants.all.get(grant)
    if held is None or not held.relayed or held.confirmed is not None:
        return state
    return _put(state, replace(held, ended=held.since, how_ended=DENIED))


def _ended(held: GrantItem, at: datetime, how: str) -> GrantItem:
    if held.ended is not None and held.ended <= at:
        return held
    return replace(held, ended=max(held.since, at), how_ended=how)


def confirmed(state: State, grant: str, at: datetime) -> State:
    """The state with the spoken order confirmed."""
    held = state.grants.all.get(grant)
    if held is None or held.confirmed is not None or held.how_ended == DENIED:
        return state
    return _put(state, replace(held, confirmed=at))


def use_reported(state: State, earlier: ForceReport | None, report: ForceReport) -> tuple[State, ForceReport]:
    """Count a reported use under its grant, in place of what its earlier version counted."""
    state = without(state, earlier)
    grant = _covering(state, report)
    if grant is None:
        return state, report
    use = Use(report.report, report.at, quantity(report))
    return _put(state, replace(grant, uses=(*grant.uses, use))), replace(report, counts_for=grant.grant)


def without(state: State, report: ForceReport | None) -> State:
    """The state as if this report had not been counted under any grant."""
    grant = state.grants.all.get(report.counts_for) if report and report.counts_for else None
    if grant is None or report is None:
        return state
    return _put(state, replace(grant, uses=tuple(use for use in grant.uses if use.report != report.report)))


def _covering(state: State, report: ForceReport) -> GrantItem | None:
    """The grant that a report names, else the newest whose scope holds it. What is exigent rests on none."""
    if report.grant is not None:
        return state.grants.all.get(report.grant)
    if report.exigent:
        return None
    for number, name in enumerate(reversed(state.grants.order)):
        if number >= MOST_LOOKED_AT:
            return None
        grant = state.grants.all[name]
        if _holds(grant, report):
            return grant
    return None


def _holds(grant: GrantItem, report: ForceReport) -> bool:
    scope = grant.scope
    return (
        scope.tool == report.tool
        and scope.sector == report.sector
        and grant.stands(report.at)
        and (not scope.users or report.officer in scope.users)
        and scope.subject in (None, report.subject)
        and report.purpose in (None, scope.purpose)
    )


def _put(state: State, item: GrantItem) -> State:
    return replace(state, grants=replace(state.grants, all=state.grants.all.insert(item.grant, item)))
