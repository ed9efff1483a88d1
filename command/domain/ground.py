"""What was tried before force, where people are, who is in distress: reports that are always kept."""

from __future__ import annotations

from msgspec.structs import replace

from command.domain.commands import AnswerDistress, FlagDistress, RecordAttempt, ReportPresence
from command.domain.deciding import Context, Outcome, one
from command.domain.envelope import Recorded
from command.domain.events import AttemptRecorded, DistressAnswered, DistressFlagged, PresenceReported
from command.domain.item import Span
from command.domain.persistent import PMap
from command.domain.state import State
from command.domain.state_force import Distress, Tried
from command.domain.timeline import Timeline


def record_attempt(_state: State, cmd: RecordAttempt, _ctx: Context) -> Outcome:
    """De-escalation or targeted action: tried, or why not (domain A36)."""
    return one(
        AttemptRecorded(
            attempt=cmd.attempt,
            sector=cmd.sector,
            kind=cmd.kind,
            tried=cmd.tried,
            measures=cmd.measures,
            outcome=cmd.outcome,
            reason_written=bool(cmd.why_not and cmd.why_not.strip()),
            account=cmd.account,
            why_not=cmd.why_not,
        )
    )


def report_presence(_state: State, cmd: ReportPresence, ctx: Context) -> Outcome:
    """Where the author is. Nobody says it for somebody else: an authorizer's own presence may rest on it."""
    return one(PresenceReported(ctx.actor.person, cmd.sector))


def flag_distress(_state: State, cmd: FlagDistress, _ctx: Context) -> Outcome:
    """Someone seems to be in a crisis (domain A51)."""
    return one(DistressFlagged(cmd.distress, cmd.sector, cmd.what, cmd.place))


def answer_distress(_state: State, cmd: AnswerDistress, _ctx: Context) -> Outcome:
    """Who came, and how it went."""
    return one(DistressAnswered(cmd.distress, cmd.unit, cmd.outcome, cmd.note))


# Fold ---------------------------------------------------------------------------


def attempt_recorded(state: State, entry: Recorded, event: AttemptRecorded) -> State:
    """Fold AttemptRecorded."""
    head, attempts = entry.header, state.ground.attempts
    tried = Tried(
        attempt=event.attempt,
        kind=event.kind,
        at=head.occurred_at,
        by=head.actor.person,
        tried=event.tried,
        reason_written=event.reason_written,
        outcome=event.outcome or "",
        measures=event.measures,
        seq=entry.seq,
    )
    series = (attempts.get(event.sector) or Timeline()).add(tried.at, tried)
    return replace(state, ground=replace(state.ground, attempts=attempts.insert(event.sector, series)))


def presence_reported(state: State, entry: Recorded, event: PresenceReported) -> State:
    """Fold PresenceReported."""
    head = entry.header
    at = min(head.occurred_at, head.recorded_at)  # nobody is somewhere in the future
    presence = add(state.ground.presence, event.person, Span(event.sector or "", at))
    return replace(state, ground=replace(state.ground, presence=presence))


def add(spans: PMap[str, Timeline[Span]], key: str, span: Span) -> PMap[str, Timeline[Span]]:
    """A history with one more span."""
    return spans.insert(key, (spans.get(key) or Timeline()).add(span.since, span))


def distress_flagged(state: State, entry: Recorded, event: DistressFlagged) -> State:
    """Fold DistressFlagged; the first flag under an id stands."""
    head, distress = entry.header, state.ground.distress
    if event.distress in distress:
        return state
    flagged = Distress(event.distress, event.sector, event.place, head.occurred_at, head.actor, entry.seq)
    return replace(state, ground=replace(state.ground, distress=distress.insert(event.distress, flagged)))


def distress_answered(state: State, entry: Recorded, event: DistressAnswered) -> State:
    """Fold DistressAnswered; a later answer takes the place of an earlier one."""
    distress = state.ground.distress
    found = distress.get(event.distress)
    if found is None:
        return state
    done = replace(found, unit=event.unit, outcome=event.outcome, answered_at=entry.header.occurred_at)
    return replace(state, ground=replace(state.ground, distress=distress.insert(event.distress, done)))
