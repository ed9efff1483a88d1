"""What is seen of the gathering, contact with its organizers, and warnings given to it."""

from __future__ import annotations

from msgspec.structs import replace

from command.domain.commands import RecordLiaison, RecordObservation
from command.domain.deciding import Context, Outcome, one
from command.domain.envelope import Recorded
from command.domain.events import LiaisonContacted, ObservationRecorded
from command.domain.persistent import newest
from command.domain.state import RECENT, SIGNS, Observation, Sign, State
from command.domain.timeline import Timeline


def record_observation(_state: State, cmd: RecordObservation, _ctx: Context) -> Outcome:
    """What someone saw: of crowds and conduct, never of who attends."""
    return one(
        ObservationRecorded(
            observation=cmd.observation,
            sector=cmd.sector,
            what=cmd.what,
            indicators=cmd.indicators,
            place=cmd.place,
            extent=cmd.extent,
            findings=cmd.findings,
            witnessed=cmd.witnessed,
        )
    )


def record_liaison(_state: State, cmd: RecordLiaison, _ctx: Context) -> Outcome:
    """Contact made or tried, by role."""
    return one(LiaisonContacted(cmd.contact, cmd.role, cmd.channel, cmd.sector, cmd.agreed, cmd.reached))


def observation_recorded(state: State, entry: Recorded, event: ObservationRecorded) -> State:
    """Fold ObservationRecorded: only those that name an indicator or a finding of the plan are kept for judgement."""
    crowd = state.crowd
    head = entry.header
    seen = Observation(
        event.observation,
        event.sector,
        event.indicators,
        head.occurred_at,
        head.actor.person,
        event.place,
        entry.seq,
        event.findings,
        event.witnessed,
    )
    signs, latest = crowd.signs, crowd.newest
    if (event.indicators or event.findings) and event.sector is not None:
        signs = signs.insert(event.sector, (signs.get(event.sector) or Timeline()).add(seen.at, seen))
        latest = latest.insert(event.sector, _latest(latest.get(event.sector) or (), seen))
    recent = newest(crowd.recent, seen, RECENT) if event.place is not None else crowd.recent
    return replace(state, crowd=replace(crowd, signs=signs, recent=recent, observed=crowd.observed + 1, newest=latest))


def _latest(known: tuple[Sign, ...], seen: Observation) -> tuple[Sign, ...]:
    """Each sign with its newest record; of two at one moment the later recorded. The oldest beyond SIGNS are let go."""
    signs = {sign.what: sign for sign in known}
    for what in dict.fromkeys((*seen.indicators, *seen.findings)):
        if what not in signs or signs[what].at <= seen.at:
            signs[what] = Sign(what, seen.at, seen.by, seen.witnessed)
    return tuple(sorted(signs.values(), key=lambda sign: sign.at)[-SIGNS:])


def liaison_contacted(state: State, entry: Recorded, event: LiaisonContacted) -> State:
    """Fold LiaisonContacted: the newest contact tried, by when it happened.

    A clock that runs ahead must not hide that a contact was tried: by its record it was.
    """
    key = event.sector or ""
    at = min(entry.header.occurred_at, entry.header.recorded_at)
    known = state.crowd.liaison.get(key)
    if known is not None and known >= at:
        return state
    return replace(state, crowd=replace(state.crowd, liaison=state.crowd.liaison.insert(key, at)))
