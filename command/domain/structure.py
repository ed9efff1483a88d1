"""Agencies, people, units and ICS positions: who is here, under whose command."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from command.domain import demobilizing
from command.domain.asking import judge_ask
from command.domain.commands import (
    AdmitAgency,
    AssignPosition,
    AssignUnit,
    CheckIn,
    CheckOut,
    FormUnit,
    TransferCommand,
    VacatePosition,
)
from command.domain.deciding import Context, Outcome, Refusal, one, refused
from command.domain.envelope import Recorded
from command.domain.events import (
    AgencyJoined,
    Claim,
    CommandTransferred,
    PersonCheckedIn,
    PersonCheckedOut,
    PositionAssigned,
    PositionVacated,
    UnitAssigned,
    UnitFormed,
    UnitReleased,
)
from command.domain.facts import StateFacts, version_at
from command.domain.ground import add
from command.domain.item import Span
from command.domain.persistent import PMap, Series, newest
from command.domain.standing import as_confirmed, doubt, may_check_out, unconfirmed
from command.domain.state import Agency, Person, PlanWord, State, Structure, Unit
from command.policy.model import INCIDENT_COMMANDER

MOST_LEFT = 8
"""Check-outs of one person that wait for a check-in from before them: the newest of more than anybody has in a day."""


def admit_agency(state: State, cmd: AdmitAgency, ctx: Context) -> Outcome:
    """Let an agency take part: it needs an agreement and must have accepted the local plan (domain A29–A31).

    Of one that takes part already it is another word on the plan: accepted since, or taken back. Either counts from its
    record on. To take it back needs nothing but somebody who may say so: it gives nobody anything.
    """
    known = state.structure.agencies.get(cmd.agency)
    back = known is not None and known.accepted_plan and not cmd.accepted_plan
    verdict = judge_ask(
        state,
        ctx,
        "agency.admit",
        detail=cmd.agency,
        unit_agency=cmd.agency,
        agreement=cmd.agreement or (known.agreement if known else None) or ("taken back" if back else None),
        accepted_plan=cmd.accepted_plan or back,
    )
    if isinstance(verdict, Refusal):
        return verdict
    if known is None:
        joined = AgencyJoined(cmd.agency, cmd.name, "assisting", cmd.agreement, cmd.accepted_plan, cmd.jurisdiction)
        return one(joined, decision=verdict)
    if known.kind != "assisting" or known.accepted_plan == cmd.accepted_plan:
        return refused(f"agency {cmd.agency} takes part already", detail=cmd.agency)
    word = AgencyJoined(
        known.agency, known.name, "assisting", cmd.agreement or known.agreement, cmd.accepted_plan, known.jurisdiction
    )
    return one(word, decision=verdict)


def form_unit(state: State, cmd: FormUnit, ctx: Context) -> Outcome:
    """Form a unit; an assisting agency forms only its own."""
    verdict = judge_ask(state, ctx, "unit.form", detail=cmd.unit, unit_agency=cmd.agency)
    if isinstance(verdict, Refusal):
        return verdict
    found = state.structure.units.get(cmd.unit)
    if found is not None and found.released_at is None:
        return refused(f"unit {cmd.unit} is formed already", detail=cmd.unit)
    if cmd.agency not in state.structure.agencies:
        return refused(f"expected an agency that takes part, got {cmd.agency}", detail=cmd.unit)
    return one(UnitFormed(cmd.unit, cmd.name, cmd.kind, cmd.agency, cmd.leader, cmd.size), decision=verdict)


def assign_unit(state: State, cmd: AssignUnit, ctx: Context) -> Outcome:
    """Send a unit to a sector, or to staging."""
    unit = _unit(state, cmd.unit)
    if isinstance(unit, Refusal):
        return unit
    if cmd.sector is not None and cmd.sector not in state.response.sectors:
        return refused(f"expected a defined sector, got {cmd.sector}", detail=cmd.unit)
    verdict = judge_ask(state, ctx, "unit.assign", sector=cmd.sector, detail=cmd.unit, unit_agency=unit.agency)
    if isinstance(verdict, Refusal):
        return verdict
    return one(UnitAssigned(cmd.unit, cmd.sector, cmd.assignment, cmd.place), decision=verdict)


def _unit(state: State, unit: str) -> Unit | Refusal:
    found = state.structure.units.get(unit)
    if found is None or found.released_at is not None:
        return refused(f"expected a unit at this incident, got {unit}", detail=unit)
    return found


def assign_position(state: State, cmd: AssignPosition, ctx: Context) -> Outcome:
    """Put a person in a position. Command itself moves only by transfer, with a read briefing."""
    if cmd.position == INCIDENT_COMMANDER:
        return refused(
            "the incident commander changes by transfer of command, with a briefing that was read", detail=cmd.position
        )
    verdict = judge_ask(state, ctx, "position.assign", detail=cmd.position, position=cmd.position, subject=cmd.person)
    if isinstance(verdict, Refusal):
        return verdict
    return one(PositionAssigned(cmd.position, cmd.person), decision=verdict)


def vacate_position(state: State, cmd: VacatePosition, ctx: Context) -> Outcome:
    """Leave a position empty; command never is."""
    if cmd.position == INCIDENT_COMMANDER:
        return refused("command is handed over, never left empty", detail=cmd.position)
    verdict = judge_ask(state, ctx, "position.vacate", detail=cmd.position, position=cmd.position)
    if isinstance(verdict, Refusal):
        return verdict
    if StateFacts(state).holder(cmd.position, ctx.now) is None:
        return refused(f"nobody holds {cmd.position}", detail=cmd.position)
    return one(PositionVacated(cmd.position), decision=verdict)


def transfer_command(state: State, cmd: TransferCommand, ctx: Context) -> Outcome:
    """Command and its authority move in one event. Never to another agency (domain A29)."""
    verdict = judge_ask(
        state,
        ctx,
        "command.transfer",
        detail=cmd.incoming,
        position=INCIDENT_COMMANDER,
        subject=cmd.incoming,
        briefing_read=cmd.briefing_read,
    )
    if isinstance(verdict, Refusal):
        return verdict
    outgoing = StateFacts(state).holder(INCIDENT_COMMANDER, ctx.now)
    return one(
        CommandTransferred(outgoing, cmd.incoming, cmd.briefing, cmd.briefing_read),
        decision=verdict,
    )


def check_in(state: State, cmd: CheckIn, ctx: Context) -> Outcome:
    """A person is on duty. Nothing that is missing refuses it: the gap is shown instead, and what is not confirmed."""
    doubts = unconfirmed(state, cmd, ctx)
    on_record = ctx.training if cmd.person == ctx.actor.person else ()
    return one(
        PersonCheckedIn(
            person=cmd.person,
            name=cmd.name,
            agency=cmd.agency,
            rank=cmd.rank,
            badge=cmd.badge,
            training=cmd.training or on_record,
            camera=cmd.camera,
            camera_absent=cmd.camera_absent,
            identification_visible=cmd.identification_visible,
            helmet=cmd.helmet,
            unit=cmd.unit,
            unconfirmed=doubts,
        ),
        finding=doubt(doubts),
    )


def check_out(state: State, cmd: CheckOut, ctx: Context) -> Outcome:
    """A person is off duty; said by someone whose word does not count, it is kept and ends nothing."""
    doubts: tuple[Claim, ...] = () if may_check_out(state, cmd.person, ctx) else ("presence",)
    left = None if doubts else demobilizing.left_behind(state, cmd.person, cmd.because, ctx)
    return one(PersonCheckedOut(cmd.person, doubts), finding=doubt(doubts) or left)


# Fold ---------------------------------------------------------------------------


def agency_joined(state: State, entry: Recorded, event: AgencyJoined) -> State:
    """Fold AgencyJoined: of one that had joined, its next word on the plan."""
    known, at = state.structure.agencies.get(event.agency), entry.header.occurred_at
    agency = Agency(
        event.agency,
        event.name,
        event.kind,
        event.agreement,
        event.accepted_plan,
        known.joined_at if known else at,
        event.jurisdiction,
        (*(known.words if known else ()), PlanWord(at, event.accepted_plan)),
    )
    return _with(state, agencies=state.structure.agencies.insert(event.agency, agency))


def person_checked_in(state: State, entry: Recorded, event: PersonCheckedIn) -> State:
    """Fold PersonCheckedIn: a new version of the person as far as confirmed, in force from when it happened."""
    if "presence" in event.unconfirmed:
        return state
    at = entry.header.occurred_at
    before = version_at(state.structure.people.get(event.person), at)
    known = as_confirmed(event, entry.header.actor.agency, before)
    person = Person(
        person=known.person,
        name=known.name,
        agency=known.agency,
        rank=known.rank,
        badge=known.badge,
        training=known.training,
        camera=known.camera,
        camera_absent=known.camera_absent,
        identification_visible=known.identification_visible,
        helmet=known.helmet,
        unit=known.unit,
        since=at,
        unconfirmed=event.unconfirmed,
    )
    waiting = state.structure.left.get(event.person) or ()
    state = _with_person(state, event.person, person)
    for left in sorted(out for out in waiting if out >= at):
        state = _with_person(state, event.person, replace(person, since=left, ended=left))
    return state if not waiting else _with(state, left=_still_waiting(state, event.person, at))


def _still_waiting(state: State, person: str, at: datetime) -> PMap[str, tuple[datetime, ...]]:
    """The check-outs that no check-in has come before, now that one of `at` is on record."""
    left = state.structure.left
    rest = tuple(out for out in left.get(person) or () if out < at)
    return left.insert(person, rest) if rest else left.discard(person)


def person_checked_out(state: State, entry: Recorded, event: PersonCheckedOut) -> State:
    """Fold PersonCheckedOut: it ends the check-in that it came after, never a later one.

    Of someone who was not here by then it waits for a check-in from before it: tablets hand in in any order.
    """
    at, person = entry.header.occurred_at, event.person
    if "presence" in event.unconfirmed:
        return state
    found = version_at(state.structure.people.get(person), at)
    if found is not None:
        return _with_person(state, person, replace(found, since=at, ended=at))
    waiting = newest(state.structure.left.get(person) or (), at, MOST_LEFT)
    return _with(state, left=state.structure.left.insert(person, waiting))


def unit_formed(state: State, entry: Recorded, event: UnitFormed) -> State:
    """Fold UnitFormed."""
    unit = Unit(
        event.unit, event.name, event.kind, event.agency, event.leader, event.size, formed_at=entry.header.occurred_at
    )
    return _with(state, units=state.structure.units.insert(event.unit, unit))


def unit_assigned(state: State, entry: Recorded, event: UnitAssigned) -> State:
    """Fold UnitAssigned."""
    unit = state.structure.units.get(event.unit)
    if unit is None:
        return state
    moved = replace(
        unit,
        sector=event.sector,
        assignment=event.assignment,
        place=event.place,
        assigned_at=entry.header.recorded_at,
    )
    return _post(_with(state, units=state.structure.units.insert(event.unit, moved)), entry, event.unit, event.sector)


def unit_released(state: State, entry: Recorded, event: UnitReleased) -> State:
    """Fold UnitReleased."""
    unit = state.structure.units.get(event.unit)
    if unit is None:
        return state
    gone = replace(unit, sector=None, assignment=None, place=None, released_at=entry.header.recorded_at)
    return _post(_with(state, units=state.structure.units.insert(event.unit, gone)), entry, event.unit, None)


def _post(state: State, entry: Recorded, unit: str, sector: str | None) -> State:
    """Remember where the unit was sent: where its people were may bear on what they authorized or witnessed."""
    posts = add(state.ground.posts, unit, Span(sector or "", entry.header.recorded_at))
    return replace(state, ground=replace(state.ground, posts=posts))


def position_assigned(state: State, entry: Recorded, event: PositionAssigned) -> State:
    """Fold PositionAssigned: the earlier holder's authority ends where the new one's begins."""
    return _hold(state, event.position, event.person, entry.header.recorded_at)


def position_vacated(state: State, entry: Recorded, event: PositionVacated) -> State:
    """Fold PositionVacated."""
    return _hold(state, event.position, None, entry.header.recorded_at)


def command_transferred(state: State, entry: Recorded, event: CommandTransferred) -> State:
    """Fold CommandTransferred."""
    return _hold(state, INCIDENT_COMMANDER, event.incoming, entry.header.recorded_at)


def _hold(state: State, position: str, person: str | None, at: datetime) -> State:
    """End what is held at `at` and begin anew. Spans before it are never touched."""
    spans = state.structure.positions.get(position) or Series[Span]()
    kept = [span if span.ended is not None else replace(span, ended=at) for span in spans]
    if person is not None:
        kept.append(Span(person, at))
    fresh = Series[Span]()
    for span in kept:
        fresh = fresh.append(span)
    return _with(state, positions=state.structure.positions.insert(position, fresh))


def _with_person(state: State, key: str, person: Person) -> State:
    versions = state.structure.people.get(key) or Series[Person]()
    return _with(state, people=state.structure.people.insert(key, _in_time(versions, person)))


def _in_time(versions: Series[Person], person: Person) -> Series[Person]:
    """The versions with one more, by when they began: a late report takes its place among them."""
    last = versions.last
    if last is None or last.since <= person.since:
        return versions.append(person)
    fresh = Series[Person]()
    for version in sorted((*versions, person), key=lambda version: version.since):  # stable: of two, the later told
        fresh = fresh.append(version)
    return fresh


def _with(state: State, **rooms: object) -> State:
    structure: Structure = replace(state.structure, **rooms)
    return replace(state, structure=structure)
