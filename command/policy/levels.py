"""Asks about a sector's level: ask, raise, grant, lower, renew, deny."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from command.policy import lowering, recorded
from command.policy.authority import No, Weighing, authority
from command.policy.decision import Decision
from command.policy.durations import time_of_day
from command.policy.facts import Facts, lapsed
from command.policy.request import Request
from command.policy.stack import Rung, Stack

LevelJudge = Callable[[Stack, Facts, Request, datetime, Weighing], Decision]


def _raise(stack: Stack, facts: Facts, request: Request, now: datetime, weighing: Weighing) -> Decision:
    """level.raise and level.grant: the way up, and the right person."""
    target = _step_up(stack, facts, request, now, weighing)
    if target is None:
        return weighing.decision()
    _complete(stack, target, facts, request, now, weighing)
    _take_all(weighing, authority(target.gates, stack, facts, request, now, trained=True))
    return _close(weighing, target.who_may, stack.until(target.id, now))


def _ask(stack: Stack, facts: Facts, request: Request, now: datetime, weighing: Weighing) -> Decision:
    """level.ask: may this be asked for, and by this person? `who_may` says who decides.

    An ask may be made in haste: what the one who decides will still have to know is
    noted, and holds the ask up only when it is to be granted.
    """
    target = _step_up(stack, facts, request, now, weighing)
    if target is None:
        return weighing.decision()
    later = Weighing()
    _complete(stack, target, facts, request, now, later)
    for what in (*later.decision().reasons, *later.decision().missing):
        weighing.note(f"before it can be granted: {what}")
    ruled = stack.asks.get("level.ask")
    weighing.name(ruled.rules if ruled else ())
    _take_all(weighing, authority(ruled.gates if ruled else (), stack, facts, request, now, trained=False))
    return weighing.decision(target.who_may, now + timedelta(seconds=stack.ask_expires_s))


def _lower(stack: Stack, facts: Facts, request: Request, now: datetime, weighing: Weighing) -> Decision:
    """level.lower: needs no indicator and no course, and there is always someone who may (`lowering`)."""
    current = _current(stack, facts, request, now, weighing, lost=stack.ladder[-1])
    target = _target(stack, request, weighing)
    if current is None or target is None:
        return weighing.decision()
    weighing.name(current.rules)
    if _lost(stack, facts, request, now):
        if target.place > 0:
            weighing.refuse(f"from there the way down leads to {stack.ladder[0].name} only")
    elif target.place >= current.place:
        weighing.refuse(f"{target.name} is not lower than {current.name}")
    lowering.may_lower(current, stack, facts, request, now, weighing)
    return _close(weighing, lowering.who_may_lower(current, stack, facts, now), stack.until(target.id, now))


def _renew(stack: Stack, facts: Facts, request: Request, now: datetime, weighing: Weighing) -> Decision:
    """level.renew: the same authorizer as for entering, who says that it was reviewed and still holds."""
    current = _current(stack, facts, request, now, weighing)
    if current is None:
        return weighing.decision()
    weighing.name(current.rules)
    if current.place == 0:
        weighing.refuse(f"{current.name} is the lowest level and does not lapse")
        return weighing.decision()
    _reviewed(current, weighing)
    _take_all(weighing, authority(current.gates, stack, facts, request, now, trained=True))
    return _close(weighing, current.who_may, stack.until(current.id, now))


def _deny(stack: Stack, facts: Facts, request: Request, now: datetime, weighing: Weighing) -> Decision:
    """ask.deny: whoever could grant. A no needs no training in date and may come from the one who asked."""
    if request.level is not None and stack.level(request.level) is None:  # asked for under an earlier plan
        weighing.name((stack.commander_gate.ref,))
        weighing.note(f'the plan knows no level "{request.level}"')
        _take_all(weighing, authority((stack.commander_gate,), stack, facts, request, now, trained=False))
        return _close(weighing, (stack.commander_gate.ways[0].words,), None)
    target = _target(stack, request, weighing)
    if target is None:
        return weighing.decision()
    weighing.name(target.rules)
    _take_all(weighing, authority(target.gates, stack, facts, request, now, trained=False))
    return _close(weighing, target.who_may, None)


JUDGES: dict[str, LevelJudge] = {
    "level.ask": _ask,
    "level.raise": _raise,
    "level.grant": _raise,
    "level.lower": _lower,
    "level.renew": _renew,
    "ask.deny": _deny,
}


def _take_all(weighing: Weighing, found: list[No]) -> None:
    for no in found:
        weighing.take(no)


def _close(weighing: Weighing, who_may: tuple[str, ...], until: datetime | None) -> Decision:
    return weighing.decision(() if weighing.effect == "not barred" else who_may, until)


def _target(stack: Stack, request: Request, weighing: Weighing) -> Rung | None:
    if request.level is None:
        weighing.need("which level")
        return None
    rung = stack.level(request.level)
    if rung is None:
        weighing.refuse(f'the plan knows no level "{request.level}"')
    return rung


def _current(
    stack: Stack, facts: Facts, request: Request, now: datetime, weighing: Weighing, lost: Rung | None = None
) -> Rung | None:
    """The level as recorded. A lapsed one is still where the sector stands, and it permits nothing: say so.

    A level that the plan does not know (the plan changed under it) counts as `lost`: None refuses.
    """
    if request.sector is None:
        weighing.need("which sector")
        return None
    fact = facts.level(request.sector, now)
    if fact is None:
        weighing.refuse(f"no level is on record for the sector {request.sector}")
        return None
    rung = stack.level(fact.level)
    if rung is None:
        unknown = f'the sector {request.sector} stands at "{fact.level}", which the plan does not know'
        if lost is None:
            weighing.refuse(unknown)
        else:
            weighing.note(f"{unknown}: it permits nothing")
        return lost
    if fact.until is not None and lapsed(fact, now):
        weighing.note(f"{rung.name} lapsed at {time_of_day(fact.until)} UTC: it permits nothing until it is renewed")
    return rung


def _lost(stack: Stack, facts: Facts, request: Request, now: datetime) -> bool:
    """Does the sector stand at a level that the plan does not know?"""
    fact = facts.level(request.sector, now) if request.sector else None
    return fact is not None and stack.level(fact.level) is None


def _step_up(stack: Stack, facts: Facts, request: Request, now: datetime, weighing: Weighing) -> Rung | None:
    """The level to be reached, if it is the next one up or may be reached directly.

    From a level that the plan does not know the way up is the one from the lowest: nobody skips by a change of plan.
    """
    current = _current(stack, facts, request, now, weighing, lost=stack.ladder[0])
    target = _target(stack, request, weighing)
    if current is None or target is None:
        return None
    weighing.name(target.rules)
    if target.place == 0 and _lost(stack, facts, request, now):
        weighing.refuse(f"{target.name} is the lowest level: the way there leads down")
    elif target.place <= current.place:
        weighing.refuse(f"the sector already stands at {current.name}; {target.name} is not higher")
    elif target.place > current.place + 1 and not target.skip:
        over = ", ".join(rung.name for rung in stack.ladder[current.place + 1 : target.place])
        there = "there" if _lost(stack, facts, request, now) else current.name
        weighing.refuse(f"{target.name} cannot be reached from {there} without {over}")
    return target


def _complete(stack: Stack, target: Rung, facts: Facts, request: Request, now: datetime, weighing: Weighing) -> None:
    """Everything that entering the level takes, except who authorizes it."""
    weighing.bind(target.bound)
    recorded.enter(target.enters, stack, facts, request, now, weighing)
    _stated(target, facts, request, now, weighing)
    _reviewed(target, weighing)


def _stated(target: Rung, facts: Facts, request: Request, now: datetime, weighing: Weighing) -> None:
    """What the author must have said (A6, A16, A19): words, not a ticked box."""
    for need in target.needs:
        if need == "liaison tried or why not":
            if not _says(request.liaison) and facts.liaison_tried(request.sector, now) is None:
                weighing.need("which contact with organizers or the community was tried, or why none")
        elif need == "others may continue":
            if not _says(request.others_may_continue):
                weighing.need("whether and how the others may continue to demonstrate")
        elif not _says(request.extent):
            weighing.need("how many and how much of the gathering")


def _says(text: str | None) -> bool:
    return text is not None and bool(text.strip())


def _reviewed(rung: Rung, weighing: Weighing) -> None:
    if rung.review is not None and rung.review.seconds is None:
        weighing.need(f"a review interval for {rung.name}: the plan gives none, and unknown denies")
