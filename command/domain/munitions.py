"""Munitions: issued, returned, counted by the quartermaster; used by what force reports say (domain D15, D17).

What cannot be explained is a difference between these numbers, and nothing more: no
command ever states it.
"""

from __future__ import annotations

from msgspec.structs import replace

from command.domain.commands import CountMunitions, IssueMunitions, ReturnMunitions
from command.domain.deciding import Context, Outcome, one
from command.domain.envelope import Recorded
from command.domain.events import MunitionsCounted, MunitionsIssued, MunitionsReturned
from command.domain.persistent import PMap
from command.domain.state import ForceReport, State
from command.domain.state_force import Stock
from command.policy.stack import Stack


def issue_munitions(_state: State, cmd: IssueMunitions, _ctx: Context) -> Outcome:
    """Handed out."""
    return one(MunitionsIssued(cmd.issue, cmd.tool, cmd.holder, cmd.quantity, cmd.lot))


def return_munitions(_state: State, cmd: ReturnMunitions, _ctx: Context) -> Outcome:
    """Come back."""
    return one(MunitionsReturned(cmd.issue, cmd.tool, cmd.holder, cmd.quantity, cmd.lot))


def count_munitions(_state: State, cmd: CountMunitions, _ctx: Context) -> Outcome:
    """Counted with their holder."""
    return one(MunitionsCounted(cmd.issue, cmd.tool, cmd.holder, cmd.quantity, cmd.note))


def key(holder: str, tool: str) -> str:
    """Under which a holder's stock of one kind is kept; neither id holds a bar."""
    return f"{holder}|{tool}"


def used(state: State, stock: Stock) -> int:
    """How many the reports of a person say were used; for a unit those of its officers who hold none themselves."""
    reported = state.munitions.used
    if stock.holder not in state.structure.units:
        return reported.get(key(stock.holder, stock.tool)) or 0
    total = 0
    for person, versions in state.structure.people.items():
        last = versions.last
        own = key(person, stock.tool)
        if last is not None and last.unit == stock.holder and own not in state.munitions.stocks:
            total += reported.get(own) or 0
    return total


def unexplained(state: State, stock: Stock) -> int | None:
    """Issued less returned, used and counted. Above zero: missing; below: more than was handed out. None: not counted."""
    if stock.counted is None:
        return None
    return stock.issued - stock.returned - used(state, stock) - stock.counted


def reconciled(stack: Stack, stock: Stock) -> bool:
    """Whether it has to add up: not what the plan says is no munition. A baton that was handed out is worn, not used up."""
    tool = stack.tools.get(stock.tool)
    return tool is None or tool.munition is not False


# Fold ---------------------------------------------------------------------------


def munitions_issued(state: State, _entry: Recorded, event: MunitionsIssued) -> State:
    """Fold MunitionsIssued: what was counted before no longer says what is held."""
    stock = _stock(state, event.holder, event.tool)
    return _put(state, replace(stock, issued=stock.issued + event.quantity, counted=None, counted_at=None))


def munitions_returned(state: State, _entry: Recorded, event: MunitionsReturned) -> State:
    """Fold MunitionsReturned."""
    stock = _stock(state, event.holder, event.tool)
    return _put(state, replace(stock, returned=stock.returned + event.quantity, counted=None, counted_at=None))


def munitions_counted(state: State, entry: Recorded, event: MunitionsCounted) -> State:
    """Fold MunitionsCounted."""
    stock = _stock(state, event.holder, event.tool)
    return _put(state, replace(stock, counted=event.quantity, counted_at=entry.header.occurred_at))


def use_reported(state: State, earlier: ForceReport | None, report: ForceReport) -> State:
    """Count what a report says was used, in place of what its earlier version said."""
    reported = state.munitions.used
    for version, sign in ((earlier, -1), (report, 1)):
        if version is not None and version.tool is not None:
            reported = _add(reported, key(version.officer, version.tool), sign * quantity(version))
    if reported is state.munitions.used:
        return state
    return replace(state, munitions=replace(state.munitions, used=reported))


def quantity(report: ForceReport) -> int:
    """How many a report used; one where it does not say."""
    return 1 if report.quantity is None else report.quantity


def _add(numbers: PMap[str, int], name: str, step: int) -> PMap[str, int]:
    return numbers.insert(name, (numbers.get(name) or 0) + step)


def _stock(state: State, holder: str, tool: str) -> Stock:
    return state.munitions.stocks.get(key(holder, tool)) or Stock(tool, holder)


def _put(state: State, stock: Stock) -> State:
    stocks = state.munitions.stocks.insert(key(stock.holder, stock.tool), stock)
    return replace(state, munitions=replace(state.munitions, stocks=stocks))
