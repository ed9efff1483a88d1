"""The sections of the board: which keys each has, how a row is made, which parts of the state it rests on."""

from __future__ import annotations

from collections.abc import Iterator

from command.domain import events as e
from command.domain.fold import CONFIDENTIAL
from command.domain.state import Order, State
from command.policy.findings import who_may_raise
from command.policy.model import INCIDENT_COMMANDER
from command.views import rows as r
from command.views import sections_aftercare as care
from command.views import sections_force as f
from command.views.arrest_reach import bodies, duties_of, itself
from command.views.arrest_words import of_an_import, tells_clock
from command.views.asks import ask, ask_keys
from command.views.grant_rests import GRANT_RESTS_ON, grant_parts
from command.views.names import author, position_title, who
from command.views.points import finding, finding_keys, point, point_keys
from command.views.scene import Scene
from command.views.section import Section
from command.views.sections_arrest import TABLE_ARREST
from command.views.sight import about_a_colleague, counts_type, has_section, owns_unit

# Superseded orders leave the board after this many newer ones; all of them stay in the feed.
ORDERS_SHOWN = 100


# incident, levels ---------------------------------------------------------------


def incident(scene: Scene, key: str) -> r.IncidentRow | None:
    """The header line."""
    state = scene.state
    found = state.incident
    if found is None:
        return None
    spans = state.structure.positions.get(INCIDENT_COMMANDER)
    held = spans.last if spans else None
    in_command = held if held is not None and held.ended is None else None
    return r.IncidentRow(
        id=state.log,
        name=found.name,
        kind=found.kind,
        status="closed" if found.closed_at else "open",
        time_zone=found.time_zone,
        opened_at=found.opened_at,
        lead_agency=found.lead_agency,
        objectives=found.objectives,
        commander=who(state, in_command.who, position=INCIDENT_COMMANDER) if in_command else None,
        commander_since=in_command.since if in_command else None,
        packs=found.packs,
        exercise=found.clock is not None,
        clock_rate=found.clock.rate if found.clock else 1.0,
        plan=_plan(scene),
        plan_since=stack.since if (stack := state.plan.stacks.last) else None,
        plan_changes=max(0, len(state.plan.stacks) - 1),
        counts=_counted(scene),
    )


def _plan(scene: Scene) -> tuple[r.PlanPack, ...]:
    return tuple(
        r.PlanPack(pack.id, pack.pack.title, pack.pack.kind, pack.digest, pack.pack.in_force.from_)
        for pack in scene.stack.packs
    )


def _counted(scene: Scene) -> dict[str, int]:
    """How many events of each type that this lens sees; that there are confidential ones is oversight's to know."""
    if scene.agency is not None:
        return {}
    return {
        name: count
        for name, count in sorted(scene.state.counts.items())
        if (scene.oversight if name == CONFIDENTIAL else counts_type(scene.lens, name))
    }


def _incident_keys(_scene: Scene) -> Iterator[str]:
    yield "incident"


def level(scene: Scene, key: str) -> r.LevelRow | None:
    """A rung of the ladder."""
    rung = scene.stack.level(key)
    if rung is None:
        return None
    return r.LevelRow(
        id=rung.id,
        order=rung.order,
        name=rung.name,
        says=rung.says,
        permits=rung.permits,
        who_may=who_may_raise(scene.stack, rung.id),
        indicators=rung.indicators,
        rules=rung.rules,
    )


def _level_keys(scene: Scene) -> Iterator[str]:
    return (rung.id for rung in scene.stack.ladder)


# sectors, units, agencies -----------------------------------------------------------


def sector(scene: Scene, key: str) -> r.SectorRow | None:
    """A sector with the level in force and why."""
    state = scene.state
    found = state.response.sectors.get(key)
    span = found.levels.last if found else None
    if found is None or span is None:
        return None
    rung = scene.stack.level(span.level)
    given = state.warnings.given.get(key)
    last = given.last if given else None
    return r.SectorRow(
        id=key,
        name=found.name,
        level=span.level,
        level_order=rung.order if rung else 0,
        level_name=rung.name if rung else span.level,
        since=span.since,
        until=span.until,
        by=author(state, span.by) if span.by else None,
        why=scene.text(e.LevelRaised, span.why_seq, "facts"),
        indicators=span.indicators,
        seq=span.seq,
        boundary=found.boundary,
        units=sum(1 for unit in state.structure.units.values() if unit.sector == key and scene.sees_agency(unit.agency))
        if has_section(scene.lens, "units")
        else 0,
        unauthorized=(state.force.open_by_sector.get(key) or 0) if scene.lead else 0,
        last_warning_at=last.at if last else None,
        warnings=len(given) if given else 0,
    )


def _sector_keys(scene: Scene) -> Iterator[str]:
    return iter(sorted(scene.state.response.sectors))


def unit(scene: Scene, key: str) -> r.UnitRow | None:
    """A unit and where it works."""
    found = scene.state.structure.units.get(key)
    if found is None or not scene.sees_agency(found.agency):
        return None
    return r.UnitRow(
        id=key,
        name=found.name,
        kind=found.kind,
        agency=found.agency,
        size=found.size,
        leader=who(scene.state, found.leader),
        sector=found.sector,
        assignment=found.assignment or "",
        since=found.assigned_at or found.formed_at,
        place=found.place,
        released=found.released_at is not None,
    )


def _unit_keys(scene: Scene) -> Iterator[str]:
    return iter(sorted(scene.state.structure.units))


def agency(scene: Scene, key: str) -> r.AgencyRow | None:
    """An agency; with how many people is for those who see them."""
    state = scene.state
    found = state.structure.agencies.get(key)
    if found is None:
        return None
    if not scene.sees_agency(key) or not has_section(scene.lens, "people"):
        return r.AgencyRow(id=key, name=found.name, kind=found.kind)
    units = sum(1 for unit in state.structure.units.values() if unit.agency == key and unit.released_at is None)
    people = sum(
        1
        for versions in state.structure.people.values()
        if (last := versions.last) and last.agency == key and last.ended is None
    )
    return r.AgencyRow(key, found.name, found.kind, found.agreement or "", found.accepted_plan, units, people)


def _agency_keys(scene: Scene) -> Iterator[str]:
    return iter(sorted(scene.state.structure.agencies))


# people, positions ----------------------------------------------------------------


def person(scene: Scene, key: str) -> r.PersonRow | None:
    """Someone on duty. Training is for those who give the tasks; others see names and units."""
    versions = scene.state.structure.people.get(key)
    last = versions.last if versions else None
    if last is None or not scene.sees_agency(last.agency):
        return None
    held = tuple(
        sorted(
            position
            for position, spans in scene.state.structure.positions.items()
            if (span := spans.last) and span.who == key and span.ended is None
        )
    )
    courses = last.training if scene.answers_for(key) else ()
    return r.PersonRow(
        id=key,
        name=last.name,
        agency=last.agency,
        rank=last.rank,
        badge=last.badge or "",
        unit=last.unit or "",
        helmet=last.helmet or "",
        camera=last.camera or "",
        camera_absent=last.camera_absent or "",
        identification_visible=last.identification_visible,
        lapsed_training=tuple(t.course for t in courses if t.expires is not None and t.expires <= scene.now),
        training=tuple((t.course, t.expires) for t in courses),
        since=last.since,
        on_scene=last.ended is None,
        positions=held,
        unconfirmed=last.unconfirmed,
    )


def _person_keys(scene: Scene) -> Iterator[str]:
    return iter(sorted(scene.state.structure.people))


def position(scene: Scene, key: str) -> r.PositionRow | None:
    """An ICS position and who holds it."""
    spans = scene.state.structure.positions.get(key)
    last = spans.last if spans else None
    held = last if last is not None and last.ended is None else None
    return r.PositionRow(
        id=key,
        title=position_title(scene.stack, key),
        holder=who(scene.state, held.who) if held else None,
        since=held.since if held else None,
    )


def _position_keys(scene: Scene) -> Iterator[str]:
    named = dict.fromkeys(scene.stack.positions)
    others = sorted(key for key in scene.state.structure.positions if key not in named)
    return iter((*named, *others))


# duties, orders ---------------------------------------------------------------


def duty(scene: Scene, key: str) -> r.DutyRow | None:
    """Something owed. Command's and oversight's to watch; the field sees what it may have to do."""
    found = scene.state.duties.all.get(key)
    if found is None or scene.agency is not None or (found.confidential and not scene.oversight):
        return None
    if not scene.whole and about_a_colleague(scene.state, found.started_by):
        return None
    if not tells_clock(scene, found) or of_an_import(scene.state, found):
        return None
    return r.DutyRow(
        id=key,
        rule=found.rule,
        says=found.says,
        owed_by=found.owed_by,
        started_at=found.started_at,
        due=found.due,
        done_at=found.done_at,
        sector=found.sector or "",
        started_by=found.started_by,
        seq=found.seq,
    )


def _duty_keys(scene: Scene) -> Iterator[str]:
    return iter(sorted(scene.state.duties.all))


def shown_orders(state: State) -> list[Order]:
    """The newest orders, and every one that still stands and waits for someone."""
    orders = sorted(state.journal.orders.values(), key=lambda order: order.seq)
    newest = {order.order for order in orders[-ORDERS_SHOWN:]}
    return [
        order
        for order in orders
        if order.order in newest or (order.superseded_by is None and len(order.acknowledged) < len(order.to))
    ]


def order(scene: Scene, key: str) -> r.OrderRow | None:
    """An order and who has not acknowledged it. A share sees the orders to its own units, and only those units."""
    found = scene.state.journal.orders.get(key)
    if found is None:
        return None
    own = scene.agency
    to = found.to if own is None else tuple(u for u in found.to if owns_unit(scene.state, u, own))
    if not to:
        return None
    return r.OrderRow(
        id=key,
        text=scene.text(e.OrderGiven, found.seq, "text", own=own is not None),
        at=found.at,
        by=author(scene.state, found.by),
        to=to,
        outstanding=tuple(u for u in to if u not in found.acknowledged),
        superseded_by=found.superseded_by or "",
        seq=found.seq,
    )


def _order_keys(scene: Scene) -> Iterator[str]:
    return (order.order for order in shown_orders(scene.state))


def _counts(state: State) -> object:
    return state.counts


def _positions(state: State) -> object:
    return state.structure.positions


def _people(state: State) -> object:
    return state.structure.people


def _units(state: State) -> object:
    return state.structure.units


def _reports(state: State) -> object:
    return state.force.reports


def _duties(state: State) -> object:
    return state.duties.all


def _sectors(state: State) -> object:
    return state.response.sectors


TABLE: dict[str, Section] = {
    "incident": Section(_incident_keys, incident, (lambda s: s.incident, _positions, _people, _counts)),
    "levels": Section(_level_keys, level, ()),
    "sectors": Section(
        _sector_keys,
        sector,
        (_sectors, _units, _people, lambda s: s.warnings.given, lambda s: s.force.open_by_sector),
    ),
    "units": Section(_unit_keys, unit, (_units, _people), lambda s, key: s.structure.units.get(key)),
    "agencies": Section(_agency_keys, agency, (lambda s: s.structure.agencies, _units, _people)),
    "people": Section(_person_keys, person, (_people, _positions), lambda s, key: s.structure.people.get(key)),
    "positions": Section(_position_keys, position, (_positions, _people)),
    "asks": Section(
        ask_keys,
        ask,
        (
            lambda s: s.response.asks,
            lambda s: s.grants.asks,
            lambda s: s.postures.asks,
            lambda s: s.grants.signed,
            _people,
            _sectors,
            lambda s: s.structure.agencies,
        ),
    ),
    "duties": Section(_duty_keys, duty, (_duties, bodies), reach={_duties: itself, bodies: duties_of}),
    "orders": Section(
        _order_keys,
        order,
        (lambda s: s.journal.orders, _people, _units),
        lambda s, key: s.journal.orders.get(key),
    ),
    "findings": Section(
        finding_keys,
        finding,
        (_reports, _people, _sectors, lambda s: s.structure.agencies),
        lambda s, key: s.force.reports.get(key),
    ),
    "points": Section(point_keys, point, (_reports, lambda s: s.warnings.recent, lambda s: s.crowd.recent)),
    "grants": Section(
        f.grant_keys,
        f.grant,
        GRANT_RESTS_ON,
        parts=grant_parts,
    ),
    "warnings": Section(
        f.warning_keys,
        f.warning,
        (lambda s: s.warnings, lambda s: s.ground.exits, lambda s: s.ground.moved, _people),
    ),
    "posture": Section(f.posture_keys, f.posture, (lambda s: s.postures.spans, _sectors, _people)),
    "reviews": Section(
        f.review_keys,
        f.review,
        (
            _reports,
            lambda s: s.oversight,
            lambda s: s.grants.all,
            lambda s: s.grants.signed,
            _people,
            lambda s: s.aftercare.recent,
        ),
    ),
    "munitions": Section(f.munition_keys, f.munition, (lambda s: s.munitions, _people, _units)),
    "distress": Section(
        f.distress_keys,
        f.distress,
        (lambda s: s.ground.distress, _units, _people, lambda s: s.ground.presence, lambda s: s.ground.posts),
    ),
    "exigent": Section(
        f.exigent_keys, f.exigent, (lambda s: s.oversight.exigent, _people, _units, lambda s: s.structure.agencies)
    ),
    "plan": Section(f.plan_keys, f.plan, (lambda s: s.plan, _people)),
    "care": Section(
        care.care_keys,
        care.care,
        (
            lambda s: s.aftercare,
            _reports,
            lambda s: s.duties.of,
            lambda s: s.duties.open,
            _people,
            _units,
            _positions,
            lambda s: s.ground.presence,
            lambda s: s.ground.posts,
            lambda s: s.grants,
            lambda s: s.oversight.records,
            lambda s: s.structure.agencies,
            lambda s: s.plan,
        ),
    ),
    "critical": Section(care.critical_keys, care.critical, (lambda s: s.aftercare.critical,)),
    "watch": Section(f.watch_keys, f.watch, (lambda s: s.oversight.records, lambda s: s.oversight.adverse, _people)),
    **TABLE_ARREST,
}
"""Every section of the board. One none of whose parts changed is skipped."""
