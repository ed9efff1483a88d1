"""Duties: clocks that one event starts and another stops.

Which event starts what, by when, owed by whom, is the plan's; this room only
keeps count. Duties ride in the same batch as the event that opens or ends them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import partial

from msgspec.structs import replace

from command.domain.commands import DischargeDuty
from command.domain.deciding import Context, Draft, Outcome, one
from command.domain.envelope import Recorded
from command.domain.events import (
    AskRefused,
    CriticalEventDeclared,
    DutyDischarged,
    DutyStarted,
    Event,
    ForceReportCompleted,
    ForceReported,
    LevelLowered,
    LevelRaised,
    LevelRenewed,
    LiaisonContacted,
    ObservationRecorded,
    PlanPartSupplied,
    WarningGiven,
    WelfareChecked,
)
from command.domain.events_arrest import ArrestRecorded, PersonDescribed, ProtectedRoleFlagged, RestraintRecorded
from command.domain.events_custody import CustodyTransferred, PersonReleased
from command.domain.in_force import stack_at, stacks_before
from command.domain.persistent import PMap
from command.domain.private import private_fields
from command.domain.state import Duties, Duty, State
from command.policy.decision import Finding
from command.policy.duties import due, ended, ending, may_end, started
from command.policy.model import DutyRule
from command.policy.stack import Stack


def discharge_duty(state: State, cmd: DischargeDuty, ctx: Context) -> Outcome:
    """Someone says that a duty was done; kept even where this log knows no such duty.

    Where the plan wants the act itself on record, a word ends nothing: the finding says what would.
    """
    duty = state.duties.all.get(cmd.duty)
    rule = ctx.stack.duties.get(duty.rule) if duty is not None else None
    said = DutyDischarged(cmd.duty, cmd.by, cmd.note)
    if rule is None or DutyDischarged.__name__ in ending(rule):
        return one(said)
    why = f"this duty ends with what is on record ({', '.join(map(_spoken, ending(rule)))}), not with a word"
    return one(said, finding=Finding("contrary to plan", (), (why,)))


def _spoken(event: str) -> str:
    """An event's name as people say it: "medical help requested"."""
    return re.sub("(?<=[a-z])(?=[A-Z])", " ", event).lower()


def with_duties(state: State, drafts: tuple[Draft, ...], ctx: Context) -> tuple[Draft, ...]:
    """The drafts, followed by the duties that they open and end under the plan in force."""
    more: list[Draft] = []
    for number, draft in enumerate(drafts):
        more.extend(_opened(state, drafts, number, ctx))
        more.extend(_held_after_all(state, draft, number, ctx))
        more.extend(_closed(state, draft, ctx))
    return (*drafts, *more)


def _opened(state: State, drafts: tuple[Draft, ...], number: int, ctx: Context) -> Iterator[Draft]:
    """What the event starts. A corrected report starts nothing that is open for it already: one act, one clock."""
    draft = drafts[number]
    event = draft.event
    record = record_of(event) or ctx.cmd
    again = draft.supersedes is not None or isinstance(event, _OF_A_RECORD)
    running = _running(state, record) if again else frozenset()
    exigent = isinstance(event, ForceReported) and event.exigent
    kind = draft.finding.kind if draft.finding is not None else None
    critical = event.kind if isinstance(event, CriticalEventDeclared) else None
    begins = draft.at or ctx.occurred_at
    unstated, free = _only_imported(state, event, ctx), _free_since(state, event, begins)
    for rule in started(
        stack_at(state, ctx, begins),
        type(event).__name__,
        exigent=exigent,
        finding=kind,
        kind=critical,
        field=partial(_public, event),
    ):
        if rule.id in running or (unstated and _of_holding(rule)):
            continue
        owed = DutyStarted(
            duty=ctx.made(f"d{number}-{rule.id}"),
            rule=rule.id,
            says=rule.says[:200],
            owed_by=rule.owed_by,
            started_by=record,
            due=due(rule, begins),
            sector=getattr(event, "sector", None),
            juvenile=of_a_minor(rule),
        )
        yield Draft(owed, at=draft.at)
        before = _done_before(state, ending(rule), record) or (free and _of_holding(rule))
        if before or _done_with(drafts[number:], ending(rule), record):
            yield Draft(DutyDischarged(owed.duty, record), at=draft.at)


def _of_holding(rule: DutyRule) -> bool:
    """Whether the duty is owed for as long as somebody is held, and no longer."""
    return PersonReleased.__name__ in ending(rule)


def _free_since(state: State, event: Event, begins: datetime) -> bool:
    """Whether the event is the card of somebody whose release came before it, by their id or by their band."""
    if not isinstance(event, ArrestRecorded):
        return False
    band = event.wristband if event.wristband is not None and event.wristband not in state.arrests.wristbands else None
    people = (state.custody.people.get(name) for name in (event.subject, event.arrest, band) if name is not None)
    return any(one is not None and one.released_at is not None and one.released_at >= begins for one in people)


def _only_imported(state: State, event: Event, ctx: Context) -> bool:
    """Whether the event is another system's card of somebody of whose custody nothing is said: no clock of it runs."""
    if not isinstance(event, ArrestRecorded):
        return False
    person = state.custody.people.get(event.subject)
    if person is not None and person.imported:
        return person.unstated
    return ctx.origin is not None and ctx.origin.kind == "import" and (person is None or not person.spans)


def _held_after_all(state: State, draft: Draft, number: int, ctx: Context) -> Iterator[Draft]:
    """Somebody whose card was imported is held, as it turns out: the clocks of holding run, from the arrest on."""
    event = draft.event
    if not isinstance(event, CustodyTransferred):
        return
    person = state.custody.people.get(event.subject)
    arrest = state.arrests.all.get(person.arrest or "") if person is not None and person.unstated else None
    if arrest is None:
        return
    running = _running(state, arrest.arrest)
    for rule in started(
        stack_at(state, ctx, arrest.at),
        ArrestRecorded.__name__,
        exigent=False,
        finding=arrest.finding.kind if arrest.finding is not None else None,
        kind=None,
        field=lambda name: getattr(arrest, name, None),
    ):
        reviewed = bool(arrest.reviews) and "GroundsReviewed" in ending(rule)
        if not _of_holding(rule) or rule.id in running or reviewed:
            continue
        owed = DutyStarted(
            duty=ctx.made(f"h{number}-{rule.id}"),
            rule=rule.id,
            says=rule.says[:200],
            owed_by=rule.owed_by,
            started_by=arrest.arrest,
            due=due(rule, arrest.at),
            sector=arrest.sector,
            juvenile=of_a_minor(rule),
        )
        yield Draft(owed, at=arrest.at)


_OF_A_MINOR = frozenset({"PersonDescribed", "GuardianCalled"})


def of_a_minor(rule: DutyRule) -> bool:
    """Whether that such a duty is owed says that someone is, or may be, a minor: by what begins it, or what ends it."""
    return not _OF_A_MINOR.isdisjoint((rule.starts.event, *ending(rule)))


def _done_before(state: State, ends: tuple[str, ...], record: str) -> bool:
    """Whether care came before the report of what it follows: a tablet sends in the order in which it could."""
    care = state.aftercare.care.get(record)
    return care is not None and any(step.counts and step.event in ends for step in care.steps)


def _done_with(drafts: tuple[Draft, ...], ends: tuple[str, ...], record: str) -> bool:
    """Whether the report that starts the duty is complete already."""
    complete = any(isinstance(d.event, ForceReportCompleted) and d.event.report == record for d in drafts)
    return complete and ForceReportCompleted.__name__ in ends


def _running(state: State, record: str) -> frozenset[str]:
    return frozenset(state.duties.all[key].rule for key in state.duties.of.get(record) or ())


def _closed(state: State, draft: Draft, ctx: Context) -> Iterator[Draft]:
    """A duty ends with the event that its rule names, about the same record (or, for a part of the plan, that part)."""
    event = draft.event
    if isinstance(event, PlanPartSupplied):
        for duty in _by_seq(state, state.duties.under.get(event.part) or ()):
            yield Draft(DutyDischarged(duty.duty, ctx.cmd))
        return
    if not _counts(draft):
        return
    name = type(event).__name__
    for duty in _by_seq(state, _concerned(state, event, name, ctx)):
        if ended(_plan_of(state, duty, ctx), duty.rule, name, partial(_public, event)) and _about(
            event, duty, draft.at or ctx.occurred_at
        ):
            yield Draft(DutyDischarged(duty.duty, record_of(event) or ctx.cmd))


def _concerned(state: State, event: Event, name: str, ctx: Context) -> set[str]:
    """The open duties that the event may end: its record's, and of a place those of every rule that it can end."""
    plans = stacks_before(state, ctx, ctx.now)
    rules = [rule for plan in plans for rule in may_end(plan, name)]
    if not rules:
        return set()
    record = record_of(event)
    found = set(state.duties.of.get(record) or ()) if record is not None else set()
    if isinstance(event, _OF_A_PLACE):
        found.update(*(state.duties.under.get(rule) or () for rule in rules))
    return found


def _plan_of(state: State, duty: Duty, ctx: Context) -> Stack:
    """The plan whose rule opened the duty: what ends it is that rule's to say, whatever plan came later.

    One that was opened in the very moment of a change may be the earlier plan's.
    """
    plans = stacks_before(state, ctx, duty.started_at)
    return next((plan for plan in plans if duty.rule in plan.duties), ctx.stack)


def _by_seq(state: State, keys: Iterable[str]) -> list[Duty]:
    """Oldest first: a map's own order is not the same in two processes."""
    return sorted((state.duties.all[key] for key in keys), key=lambda duty: duty.seq)


def _counts(draft: Draft) -> bool:
    """What someone has to look at first, or what is only a part, ends nothing."""
    if isinstance(draft.event, WelfareChecked) and not draft.event.everyone:
        return False
    return draft.finding is None or draft.finding.kind == "authorized"


_OF_A_PLACE = (LiaisonContacted, LevelRaised, LevelLowered, LevelRenewed, ObservationRecorded, WarningGiven)


def _about(event: Event, duty: Duty, at: datetime) -> bool:
    """About the same record; or, of a place, about the duty's sector and not before the duty began.

    A contact without a sector was with the whole gathering.
    """
    if record_of(event) == duty.started_by:
        return True
    if not isinstance(event, _OF_A_PLACE) or at < duty.started_at:
        return False
    whole = isinstance(event, LiaisonContacted) and event.sector is None
    return whole or (duty.sector is not None and event.sector == duty.sector)


def _public(event: Event, name: str) -> object:
    """What a public field of the event says; a private one says nothing to a rule."""
    return None if name in private_fields(type(event)) else getattr(event, name, None)


_OF_A_RECORD = (PersonDescribed, RestraintRecorded, ProtectedRoleFlagged)
"""Said again and again about one record: a clock that runs for it already is not started twice."""

_RECORD_FIELDS = (
    "arrest",
    "report",
    "record",
    "grant",
    "ask",
    "order",
    "warning",
    "observation",
    "contact",
    "decision",
    "entry",
    "duty",
    "attempt",
    "distress",
    "intervention",
    "pursuit",
    "issue",
    "delegation",
    "injury",
    "critical",
    "witness",
    "bar",
    "declaration",
    "site",
    "count",
    "bag",
    "relief",
)


def record_of(event: Event) -> str | None:
    """The record that an event is about: a report, an ask, an order …; None for events about places and people."""
    if isinstance(event, AskRefused):
        return None  # its `ask` is the name of a command
    for field in _RECORD_FIELDS:
        value = getattr(event, field, None)
        if isinstance(value, str):
            return value
    return None


def duty_started(state: State, entry: Recorded, event: DutyStarted) -> State:
    """Fold DutyStarted."""
    duty = Duty(
        duty=event.duty,
        rule=event.rule,
        says=event.says,
        owed_by=event.owed_by,
        started_by=event.started_by,
        started_at=entry.header.occurred_at,
        due=event.due,
        sector=event.sector,
        seq=entry.seq,
        confidential=entry.header.confidential is not None,
        juvenile=event.juvenile,
    )
    return replace(state, duties=_opening(state.duties, duty))


def duty_discharged(state: State, entry: Recorded, event: DutyDischarged) -> State:
    """Fold DutyDischarged; the first discharge that the plan accepts counts."""
    duty = state.duties.all.get(event.duty)
    if duty is None or duty.done_at is not None or entry.header.finding is not None:
        return state
    done = replace(duty, done_at=entry.header.occurred_at)
    return replace(state, duties=_ending(state.duties, done))


def _opening(duties: Duties, duty: Duty) -> Duties:
    """With a duty that runs. One that begins again under its id leaves nothing of the earlier one behind."""
    if duty.duty in duties.open:
        duties = _ending(duties, duties.all[duty.duty])
    key, mine = duty.duty, duties.of.get(duty.started_by) or ()
    return Duties(
        duties.all.insert(key, duty),
        duties.open.insert(key, None),
        duties.of.insert(duty.started_by, (*mine, key)),
        duties.under.insert(duty.rule, (duties.under.get(duty.rule) or PMap()).insert(key, None)),
    )


def _ending(duties: Duties, duty: Duty) -> Duties:
    """Without a duty that runs; what nobody waits for any more keeps no entry."""
    key = duty.duty
    mine = tuple(one for one in duties.of.get(duty.started_by) or () if one != key)
    alike = (duties.under.get(duty.rule) or PMap()).discard(key)
    return Duties(
        duties.all.insert(key, duty),
        duties.open.discard(key),
        duties.of.insert(duty.started_by, mine) if mine else duties.of.discard(duty.started_by),
        duties.under.insert(duty.rule, alike) if alike else duties.under.discard(duty.rule),
    )
