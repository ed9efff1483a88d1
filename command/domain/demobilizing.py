"""Nobody's shift ends over an open report of force: what is still open, who may waive it, and leaving all the same (A41).

An ask to release, demobilize or close is refused while something is open, as the plan says. That someone
left is a report and is always kept, with the finding of what they left open. Going for reasons of
health or safety is never held up.
"""

from __future__ import annotations

import builtins
from collections.abc import Collection
from typing import Any

import msgspec
from msgspec.structs import replace

from command.domain import munitions, open_custody
from command.domain.asking import judge_ask, request
from command.domain.commands import Demobilize, ReleaseUnit, ReportUnitLeft, WaiveOpenItems
from command.domain.custody_fold import crew_of
from command.domain.deciding import Context, Outcome, Refusal, one, refused
from command.domain.envelope import Recorded
from command.domain.events import OpenItemsWaived, PersonCheckedOut, UnitReleased
from command.domain.facts import StateFacts
from command.domain.state import State
from command.policy.decision import Finding
from command.policy.judge import judge

HEALTH_OR_SAFETY = frozenset({"health", "safety"})


class OpenItems(msgspec.Struct, frozen=True):
    """What is open, each by a name that can be read aloud: "report r1", "oc-hand with officer", "grant g1"."""

    reports: tuple[str, ...] = ()
    munitions: tuple[str, ...] = ()
    grants: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    restraints: tuple[str, ...] = ()
    property: tuple[str, ...] = ()
    transfers: tuple[str, ...] = ()

    @builtins.property
    def all(self) -> tuple[str, ...]:
        """Every name."""
        return tuple(name for field in self.__struct_fields__ for name in getattr(self, field))


def open_items(
    state: State, of: str, people: Collection[str] | None, holders: Collection[str], ctx: Context
) -> OpenItems:
    """What is open of these people and holders, but for what was waived for `of`. People None: of everyone.

    A report that was imported is its source's to complete.
    """
    waived = set(state.oversight.waived.get(of) or ())
    reports = (
        f"report {report.report}"
        for report in state.force.reports.values()
        if not report.complete
        and (people is None or report.officer in people)
        and (report.origin is None or report.origin.kind != "import")
    )
    stocks = (
        f"{stock.tool} with {stock.holder}"
        for stock in state.munitions.stocks.values()
        if (people is None or stock.holder in holders)
        and munitions.reconciled(ctx.stack, stock)
        and _unreconciled(state, stock)
    )
    grants = (
        f"grant {grant.grant}"
        for grant in state.grants.all.values()
        if grant.stands(ctx.now) and (people is None or set(grant.scope.users) & set(people))
    )
    custody = open_custody.of(state, None if people is None else frozenset(holders))
    return OpenItems(*(tuple(sorted(set(names) - waived)) for names in (reports, stocks, grants, *custody)))


def _unreconciled(state: State, stock: Any) -> bool:
    """Issued, returned, used and counted do not agree, or nobody has counted what should still be there."""
    if stock.counted is not None:
        return munitions.unexplained(state, stock) != 0
    return bool(stock.issued - stock.returned - munitions.used(state, stock) != 0)


def of_person(state: State, person: str, ctx: Context) -> OpenItems:
    """What is open of one person."""
    return open_items(state, person, (person,), (person,), ctx)


def of_unit(state: State, unit: str, ctx: Context) -> OpenItems:
    """What is open of a unit and of those who are in it now."""
    crew = crew_of(state, unit)
    return open_items(state, unit, crew, (unit, *crew), ctx)


def of_incident(state: State, ctx: Context) -> OpenItems:
    """What is open of anyone."""
    return open_items(state, state.log, None, (), ctx)


def still_open(left: OpenItems) -> dict[str, Any]:
    """The fields of a Request that say what is open."""
    return {f"{field}_open": getattr(left, field) for field in left.__struct_fields__}


def with_waiver(refusal: Refusal, ctx: Context, left: OpenItems) -> Refusal:
    """The refusal, with those who could waive what is open where that is all that it lacks."""
    rule = ctx.stack.asks.get("open-items.waive")
    if refusal.decision.effect != "missing" or not left.all or rule is None:
        return refusal
    may = tuple(dict.fromkeys((*refusal.decision.who_may, *rule.who_may)))
    return Refusal(msgspec.structs.replace(refusal.decision, who_may=may), refusal.sector, refusal.detail)


def release_unit(state: State, cmd: ReleaseUnit, ctx: Context) -> Outcome:
    """Release a unit. What its people left open holds it, unless they go for health or safety."""
    unit = state.structure.units.get(cmd.unit)
    if unit is None or unit.released_at is not None:
        return refused(f"expected a unit at this incident, got {cmd.unit}", detail=cmd.unit)
    left = OpenItems() if cmd.because in HEALTH_OR_SAFETY else of_unit(state, cmd.unit, ctx)
    verdict = judge_ask(state, ctx, "unit.release", detail=cmd.unit, unit_agency=unit.agency, **still_open(left))
    if isinstance(verdict, Refusal):
        return with_waiver(verdict, ctx, left)
    return one(UnitReleased(cmd.unit), decision=verdict)


def demobilize(state: State, cmd: Demobilize, ctx: Context) -> Outcome:
    """Ask that a person goes off duty here."""
    known = StateFacts(state).person(cmd.person, ctx.now)
    if known is None or not known.on_scene:
        return refused(f"expected someone on duty here, got {cmd.person}", detail=cmd.person)
    left = OpenItems() if cmd.because in HEALTH_OR_SAFETY else of_person(state, cmd.person, ctx)
    verdict = judge_ask(
        state,
        ctx,
        "person.release",
        detail=cmd.person,
        subject=cmd.person,
        unit_agency=known.agency,
        **still_open(left),
    )
    if isinstance(verdict, Refusal):
        return with_waiver(verdict, ctx, left)
    return one(PersonCheckedOut(cmd.person), decision=verdict)


def waive_open_items(state: State, cmd: WaiveOpenItems, ctx: Context) -> Outcome:
    """Let someone go, or the incident close, over what is open now; nobody waives their own."""
    left = _open_of(state, cmd.of, ctx)
    if left is None:
        return refused(f"expected a person, a unit or this incident, got {cmd.of}", detail=cmd.of)
    if not left.all:
        return refused(f"nothing of {cmd.of} is open", detail=cmd.of)
    if ctx.actor.person == cmd.of:
        return refused("nobody waives what they left open themselves", detail=cmd.of)
    verdict = judge_ask(state, ctx, "open-items.waive", detail=cmd.of, subject=cmd.of)
    if isinstance(verdict, Refusal):
        return verdict
    return one(OpenItemsWaived(cmd.of, left.all, cmd.reason), decision=verdict)


def _open_of(state: State, of: str, ctx: Context) -> OpenItems | None:
    if of == state.log:
        return of_incident(state, ctx)
    if of in state.structure.units:
        return of_unit(state, of, ctx)
    return of_person(state, of, ctx) if of in state.structure.people else None


def left_behind(state: State, person: str, because: str | None, ctx: Context) -> Finding | None:
    """The finding of a person's check-out."""
    return left_open(state, ctx, "person.release", of_person(state, person, ctx), because)


def report_unit_left(state: State, cmd: ReportUnitLeft, ctx: Context) -> Outcome:
    """A unit has left: kept, whatever it left open."""
    return one(
        UnitReleased(cmd.unit),
        finding=left_open(state, ctx, "unit.release", of_unit(state, cmd.unit, ctx), cmd.because),
    )


def left_open(state: State, ctx: Context, action: Any, left: OpenItems, because: str | None) -> Finding | None:
    """The finding of leaving with something open, as the plan would have said to an ask; None where nothing is."""
    ruled = ctx.stack.asks.get(action)
    if not left.all or because in HEALTH_OR_SAFETY or ruled is None or state.incident is None:
        return None
    wish = request(ctx, action, unit_agency=ctx.actor.agency, subject=ctx.actor.person, **still_open(left))
    bare = request(ctx, action, unit_agency=ctx.actor.agency, subject=ctx.actor.person)
    stands, without = (judge(ctx.stack, StateFacts(state), one_, ctx.now) for one_ in (wish, bare))
    lacks = tuple(need for need in stands.missing if need not in without.missing)
    return Finding("contrary to plan", stands.rules, tuple(f"left before: {need}" for need in lacks)) if lacks else None


def open_items_waived(state: State, _entry: Recorded, event: OpenItemsWaived) -> State:
    """Fold OpenItemsWaived: these items, and none that come later."""
    waived = state.oversight.waived
    known = waived.get(event.of) or ()
    return replace(
        state,
        oversight=replace(
            state.oversight, waived=waived.insert(event.of, tuple(dict.fromkeys((*known, *event.items))))
        ),
    )
