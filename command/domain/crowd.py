"""What is seen of the gathering, contact with its organizers, and warnings given to it."""

from __future__ import annotations

from msgspec.structs import replace

from command.domain.commands import RecordLiaison, RecordObservation, ReportWarning
from command.domain.deciding import Context, Outcome, one
from command.domain.envelope import Recorded
from command.domain.events import LiaisonContacted, ObservationRecorded, WarningGiven
from command.domain.persistent import Series, newest
from command.domain.state import RECENT, Observation, State, Warned


def record_observation(_state: State, cmd: RecordObservation, _ctx: Context) -> Outcome:
    """What someone saw: of crowds and conduct, never of who attends."""
    return one(ObservationRecorded(cmd.observation, cmd.sector, cmd.what, cmd.indicators, cmd.place, cmd.extent))


def record_liaison(_state: State, cmd: RecordLiaison, _ctx: Context) -> Outcome:
    """Contact made or tried, by role."""
    return one(LiaisonContacted(cmd.contact, cmd.role, cmd.channel, cmd.sector, cmd.agreed, cmd.reached))


def report_warning(_state: State, cmd: ReportWarning, _ctx: Context) -> Outcome:
    """A warning as it was given; whether it counts is judged when someone relies on it."""
    return one(
        WarningGiven(
            warning=cmd.warning,
            sector=cmd.sector,
            text=cmd.text,
            words=cmd.words,
            language=cmd.language,
            amplified=cmd.amplified,
            on_camera=cmd.on_camera,
            audible=cmd.audible,
            exits=cmd.exits,
            place=cmd.place,
        )
    )


def observation_recorded(state: State, entry: Recorded, event: ObservationRecorded) -> State:
    """Fold ObservationRecorded: only those that name an indicator of the plan are kept for judgement."""
    crowd = state.crowd
    head = entry.header
    seen = Observation(
        event.observation, event.sector, event.indicators, head.occurred_at, head.actor.person, event.place, entry.seq
    )
    signs = crowd.signs
    if event.indicators and event.sector is not None:
        signs = signs.insert(event.sector, (signs.get(event.sector) or Series()).append(seen))
    recent = newest(crowd.recent, seen, RECENT) if event.place is not None else crowd.recent
    return replace(state, crowd=replace(crowd, signs=signs, recent=recent, observed=crowd.observed + 1))


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


def warning_given(state: State, entry: Recorded, event: WarningGiven) -> State:
    """Fold WarningGiven."""
    warnings = state.warnings
    head = entry.header
    given = Warned(
        warning=event.warning,
        sector=event.sector,
        at=head.occurred_at,
        text=event.text,
        amplified=event.amplified,
        on_camera=event.on_camera,
        audible=event.audible,
        exits=event.exits,
        by=head.actor.person,
        place=event.place,
        seq=entry.seq,
    )
    series = (warnings.given.get(event.sector) or Series()).append(given)
    fresh = replace(
        warnings,
        given=warnings.given.insert(event.sector, series),
        recent=newest(warnings.recent, given, RECENT),
        count=warnings.count + 1,
    )
    return replace(state, warnings=fresh)
