"""What an event tells that may bear on reports which are there already: from when, of whom or where, and in words.

The one table of it; docs/design/020-told-late.md gives the reasons. An event that is not here bears on no
finding, or does it by a way of its own: a use of force on others under the same grant (`reopening.counted`), a
grant that is taken back or confirmed on the uses counted under it (`reopening.reopened`), what is said of one
arrest on that arrest (`arrest_late`).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from command.domain import events as e
from command.domain.bearing import EVERYWHERE, of_officer, of_sector
from command.domain.deciding import Context, Draft
from command.domain.events import Event
from command.domain.events_arrest import HighVolumeDeclared, HighVolumeEnded
from command.domain.state import State
from command.domain.warning import sectors_of
from command.policy.durations import time_of_day


class Told(NamedTuple):
    """A fact: it bears on reports of `moment` or later (not after `until`) under one of the keys.

    `because` names the fact and its time. `arrests_only`: those of force are looked at another way.
    """

    moment: datetime
    keys: tuple[str, ...]
    because: str
    until: datetime | None = None
    arrests_only: bool = False


def telling(state: State, draft: Draft, ctx: Context) -> Told | None:
    """What a draft tells; None where that bears on no report."""
    at = draft.at or ctx.occurred_at
    found = (
        _on_the_ground(state, draft.event, at, ctx)
        or _of_people(state, draft.event, at)
        or _of_orders(state, draft, ctx)
    )
    if found is None:
        return None
    late = ", told later" if found.moment < ctx.now else ""
    return found._replace(moment=_sooner(found.moment, ctx.clock_error_ms), because=found.because + late)


def _on_the_ground(state: State, event: Event, at: datetime, ctx: Context) -> Told | None:
    """What happened in a sector: warnings, whether they were heard, the ways out, the crowd, what was seen."""
    clock = f"{time_of_day(at)} UTC"
    if isinstance(event, e.WarningGiven):
        return Told(at, (of_sector(event.sector),), f"a warning was given at {clock}")
    if isinstance(event, e.AudibilityReported):
        said = "heard" if event.heard else "not heard"
        where = dict.fromkeys((*sectors_of(state, event.warning), event.sector))
        return Told(at, tuple(map(of_sector, where)), f"a warning was {said}, by a word of {clock}")
    if isinstance(event, e.ExitsObserved):
        return Told(at, (of_sector(event.sector),), f"the ways out were looked at, at {clock}")
    if isinstance(event, e.CrowdMoved):
        return Told(at, (of_sector(event.sector),), f"the crowd moved on at {clock}")
    if isinstance(event, e.ObservationRecorded) and event.sector is not None and (event.findings or event.indicators):
        until = _later(at, ctx.stack.longest_finding)
        return Told(at, (of_sector(event.sector),), f"something was seen at {clock}", until)
    return None


def _of_people(state: State, event: Event, at: datetime) -> Told | None:
    """Who was on duty and where: the officer of a report, and whoever gave a warning that it rests on."""
    if not isinstance(event, e.PersonCheckedIn | e.PersonCheckedOut | e.PresenceReported):
        return None
    what = {e.PersonCheckedIn: "a check-in", e.PersonCheckedOut: "a check-out"}.get(type(event), "a place of somebody")
    warned = tuple(of_sector(sector) for sector in state.warnings.speakers.get(event.person) or ())
    return Told(at, (of_officer(event.person), *warned), f"{what} is of {time_of_day(at)} UTC")


def _of_orders(state: State, draft: Draft, ctx: Context) -> Told | None:
    """What is in force from its record on, and bears on reports whose clock's error reaches as far; and grants.

    That a grant was taken back, never given or confirmed reaches back as far as it says.
    """
    event, now = draft.event, f"{time_of_day(ctx.now)} UTC"
    if isinstance(event, e.GrantRevoked | e.RelayConfirmed):
        return _of_a_grant(state, event, ctx)
    if isinstance(event, e.LevelRaised | e.LevelLowered | e.LevelRenewed):
        return Told(ctx.now, (of_sector(event.sector),), f"the level was set at {now}")
    if isinstance(event, e.ForceGranted):
        return Told(ctx.now, (of_sector(event.sector),), f"an authorization was recorded at {now}")
    if isinstance(event, e.CommandTransferred):
        return Told(ctx.now, (EVERYWHERE,), f"command changed hands at {now}")
    if isinstance(event, e.AgencyJoined):
        return Told(ctx.now, (EVERYWHERE,), f"an agency's word on the plan was recorded at {now}")
    if isinstance(event, e.PlanChanged):
        return Told(ctx.now, (EVERYWHERE,), f"the plan changed at {now}")
    if isinstance(event, HighVolumeDeclared | HighVolumeEnded):
        return Told(ctx.now, (EVERYWHERE,), f"a declaration of many arrests changed at {now}", arrests_only=True)
    return None


def _of_a_grant(state: State, event: e.GrantRevoked | e.RelayConfirmed, ctx: Context) -> Told | None:
    held = state.grants.all.get(event.grant)
    if held is None:
        return None
    keys = (of_sector(held.scope.sector),)
    if isinstance(event, e.RelayConfirmed):
        return Told(held.since, keys, "a relayed order was confirmed", arrests_only=True)
    if event.never_given:
        return Told(held.since, keys, "a relayed order was never given", arrests_only=True)
    ended = min(ctx.occurred_at, ctx.now)
    return Told(ended, keys, f"an authorization was revoked at {time_of_day(ended)} UTC", arrests_only=True)


def _sooner(at: datetime, error_ms: int) -> datetime:
    try:
        return at - timedelta(milliseconds=max(error_ms, 0))
    except OverflowError:
        return at


def _later(at: datetime, length: timedelta) -> datetime | None:
    try:
        return at + length
    except OverflowError:
        return None
