"""Log entries, command decisions with the options not taken, orders and who has acknowledged them."""

from __future__ import annotations

from msgspec.structs import replace

from command.domain.asking import judge_ask
from command.domain.commands import AcknowledgeOrder, GiveOrder, RecordDecision, RecordEntry
from command.domain.deciding import Context, Outcome, Refusal, one, refused
from command.domain.envelope import Recorded
from command.domain.events import DecisionRecorded, EntryRecorded, OrderAcknowledged, OrderGiven
from command.domain.state import Journal, Order, State


def record_entry(_state: State, cmd: RecordEntry, _ctx: Context) -> Outcome:
    """An entry as on an ICS 214; one that strikes another leaves it readable."""
    return one(EntryRecorded(cmd.entry, cmd.text, cmd.sector, cmd.strikes))


def record_decision(_state: State, cmd: RecordDecision, ctx: Context) -> Outcome:
    """A decision with its reasons and what was rejected and why; decided_at is kept beside the entry's own time."""
    return one(
        DecisionRecorded(
            decision=cmd.decision,
            question=cmd.question,
            chosen=cmd.chosen,
            reasons=cmd.reasons,
            rejected=cmd.rejected,
            decided_by=cmd.decided_by or ctx.actor.person,
            decided_at=cmd.decided_at or ctx.occurred_at,
            sector=cmd.sector,
        )
    )


def give_order(state: State, cmd: GiveOrder, ctx: Context) -> Outcome:
    """One stream of orders: a new one names the one that it supersedes (domain D20)."""
    verdict = judge_ask(state, ctx, "order.give", detail=cmd.order)
    if isinstance(verdict, Refusal):
        return verdict
    if cmd.order in state.journal.orders:
        return refused(f"order {cmd.order} was given already", detail=cmd.order)
    unknown = [unit for unit in cmd.to if not _is_here(state, unit)]
    if unknown:
        return refused(f"expected units at this incident, got {', '.join(unknown[:5])}", detail=cmd.order)
    if cmd.supersedes is not None:
        earlier = state.journal.orders.get(cmd.supersedes)
        if earlier is None:
            return refused(f"expected an earlier order to supersede, got {cmd.supersedes}", detail=cmd.order)
        if earlier.superseded_by is not None:
            return refused(
                f"order {cmd.supersedes} was superseded by {earlier.superseded_by} already", detail=cmd.order
            )
    return one(OrderGiven(cmd.order, cmd.text, tuple(dict.fromkeys(cmd.to)), cmd.supersedes), decision=verdict)


def _is_here(state: State, unit: str) -> bool:
    found = state.structure.units.get(unit)
    return found is not None and found.released_at is None


def acknowledge_order(_state: State, cmd: AcknowledgeOrder, _ctx: Context) -> Outcome:
    """A unit has understood; kept even of an order that this log does not know."""
    return one(OrderAcknowledged(cmd.order, cmd.unit))


def entry_recorded(state: State, entry: Recorded, event: EntryRecorded) -> State:
    """Fold EntryRecorded: only a strike changes what is on the board."""
    if event.strikes is None:
        return state
    struck = state.journal.struck.insert(event.strikes, entry.seq)
    return replace(state, journal=replace(state.journal, struck=struck))


def order_given(state: State, entry: Recorded, event: OrderGiven) -> State:
    """Fold OrderGiven."""
    orders = state.journal.orders
    order = Order(
        event.order, event.to, entry.header.occurred_at, entry.header.actor, entry.seq, supersedes=event.supersedes
    )
    earlier = orders.get(event.supersedes) if event.supersedes is not None else None
    if earlier is not None:
        orders = orders.insert(earlier.order, replace(earlier, superseded_by=event.order))
    return _orders(state, orders.insert(event.order, order))


def order_acknowledged(state: State, _entry: Recorded, event: OrderAcknowledged) -> State:
    """Fold OrderAcknowledged."""
    order = state.journal.orders.get(event.order)
    if order is None or event.unit in order.acknowledged or event.unit not in order.to:
        return state
    done = replace(order, acknowledged=(*order.acknowledged, event.unit))
    return _orders(state, state.journal.orders.insert(order.order, done))


def _orders(state: State, orders: object) -> State:
    journal: Journal = replace(state.journal, orders=orders)
    return replace(state, journal=journal)
