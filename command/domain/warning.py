"""Warnings as they were given, and whether the ways out were open: what a warning sequence is judged by."""

from __future__ import annotations

from itertools import islice

from msgspec.structs import replace

from command.domain.bearing import END
from command.domain.commands import ReportAudibility, ReportCrowdMoved, ReportExits, ReportWarning
from command.domain.deciding import Context, Outcome, one
from command.domain.envelope import Recorded
from command.domain.events import AudibilityReported, CrowdMoved, ExitsObserved, WarningGiven
from command.domain.persistent import PMap, newest
from command.domain.state import RECENT, State, Warned, Warnings
from command.domain.state_force import Heard, Looked
from command.domain.timeline import Timeline
from command.policy.authority import UNKNOWN_DENIES
from command.policy.decision import Finding

MOST_LOOKED_AT = 200
"""Warnings of a sector that one is looked for in, newest first: nobody says of an older one whether it was heard."""

MOST_HEARD = 50
"""Words on one warning that are kept at hand: more officers than stand around one crowd."""


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
            weapon=cmd.weapon,
            languages=cmd.languages,
            says_what=cmd.says_what,
            exits_open=cmd.exits_open,
            places=cmd.places,
            rear_by=cmd.rear_by,
        )
    )


def report_exits(_state: State, cmd: ReportExits, _ctx: Context) -> Outcome:
    """The ways out of a sector as someone saw them. What is said to be both open and closed is closed."""
    seen = tuple(way for way in cmd.open if way not in cmd.closed)
    return one(ExitsObserved(cmd.observation, cmd.sector, seen, cmd.closed, cmd.place))


def report_audibility(state: State, cmd: ReportAudibility, _ctx: Context) -> Outcome:
    """Whether a warning was heard. One that the log does not have yet is named all the same: tablets come in any order."""
    event = AudibilityReported(**{name: getattr(cmd, name) for name in cmd.__struct_fields__})
    given = sectors_of(state, cmd.warning)
    if not given or cmd.sector in given:
        return one(event)
    why = f"the warning was given in the sector {given[0]}, and this names the sector {cmd.sector}"
    what = "that it was heard confirms nothing" if cmd.heard else "that it was not heard counts all the same"
    return one(event, finding=Finding("cannot tell", (UNKNOWN_DENIES,), (f"{why}: {what}",)))


def sectors_of(state: State, warning: str) -> tuple[str, ...]:
    """Where a warning was given, as far as it is on record, among the newest MOST_LOOKED_AT of each sector."""
    return tuple(
        sector
        for sector, line in state.warnings.given.items()
        if any(one.warning == warning for one in islice(line.back_from(END), MOST_LOOKED_AT))
    )


def report_crowd_moved(_state: State, cmd: ReportCrowdMoved, _ctx: Context) -> Outcome:
    """The crowd has moved on."""
    return one(CrowdMoved(cmd.observation, cmd.sector, cmd.to, cmd.what))


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
        weapon=event.weapon,
        languages=tuple(dict.fromkeys((event.language, *event.languages))),
        says=event.says_what,
        exits_open=event.exits_open,
        places=event.places,
        rear=(event.rear_by,) if event.rear_by else (),
        clock_error_ms=head.clock_error_ms,
    )
    series = (warnings.given.get(event.sector) or Timeline()).add(given.at, given)
    fresh = replace(
        warnings,
        given=warnings.given.insert(event.sector, series),
        recent=newest(warnings.recent, given, RECENT),
        count=warnings.count + 1,
        speakers=_spoken(warnings, given),
    )
    return replace(state, warnings=fresh)


def _spoken(warnings: Warnings, given: Warned) -> PMap[str, tuple[str, ...]]:
    """Where each person warned: who they were may be told later."""
    known = warnings.speakers.get(given.by) or ()
    return warnings.speakers if given.sector in known else warnings.speakers.insert(given.by, (*known, given.sector))


def audibility_reported(state: State, entry: Recorded, event: AudibilityReported) -> State:
    """Fold AudibilityReported: the newest words are kept, MOST_HEARD of a warning."""
    warnings, head = state.warnings, entry.header
    said = Heard(head.occurred_at, event.heard, event.by or head.actor.person, entry.seq, event.rear, event.sector)
    told = (*(warnings.heard.get(event.warning) or ()), said)[-MOST_HEARD:]
    return replace(state, warnings=replace(warnings, heard=warnings.heard.insert(event.warning, told)))


def exits_observed(state: State, entry: Recorded, event: ExitsObserved) -> State:
    """Fold ExitsObserved."""
    head, exits = entry.header, state.ground.exits
    looked = Looked(head.occurred_at, event.open, event.closed, head.actor.person, entry.seq)
    series = (exits.get(event.sector) or Timeline()).add(looked.at, looked)
    return replace(state, ground=replace(state.ground, exits=exits.insert(event.sector, series)))


def crowd_moved(state: State, entry: Recorded, event: CrowdMoved) -> State:
    """Fold CrowdMoved."""
    moved, at = state.ground.moved, entry.header.occurred_at
    series = (moved.get(event.sector) or Timeline()).add(at, at)
    return replace(state, ground=replace(state.ground, moved=moved.insert(event.sector, series)))
