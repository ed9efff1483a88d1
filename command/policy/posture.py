"""Asks about gear and vehicles: staged out of sight until someone deploys them, with a reason, for a while."""

from __future__ import annotations

from datetime import datetime

from command.policy.authority import Weighing, authority
from command.policy.conditions import found_in, need_findings
from command.policy.decision import Decision
from command.policy.facts import Facts, lapsed
from command.policy.gates import Gate
from command.policy.request import Request
from command.policy.stack import Posture, Stack

STATES = ("staged", "ready", "deployed")


def up(stack: Stack, facts: Facts, request: Request, now: datetime, weighing: Weighing) -> Decision:
    """posture.raise and posture.renew. `until`: when it is to be stood down, unless renewed."""
    item = _item(stack, request, weighing)
    state = _to(item, facts, request, now, weighing) if item else None
    if item is None or state is None:
        return weighing.decision()
    _complete(item, state, stack, facts, request, now, weighing)
    for no in authority(_gates(item, state), stack, facts, request, now, trained=True):
        weighing.take(no)
    until = item.review.after(now) if state == "deployed" else None
    return weighing.decision(() if weighing.effect == "not barred" else item.who_may, until)


def ask(stack: Stack, facts: Facts, request: Request, now: datetime, weighing: Weighing) -> Decision:
    """posture.ask: may it be asked for? What a yes still takes is noted."""
    item = _item(stack, request, weighing)
    state = _to(item, facts, request, now, weighing) if item else None
    if item is None or state is None:
        return weighing.decision()
    later = Weighing()
    _complete(item, state, stack, facts, request, now, later)
    seen = later.decision()
    for what in (*seen.reasons, *seen.missing):
        weighing.note(f"before it can be granted: {what}")
    ruled = stack.asks.get("posture.ask")
    weighing.name(ruled.rules if ruled else ())
    for no in authority(ruled.gates if ruled else (), stack, facts, request, now, trained=False):
        weighing.take(no)
    return weighing.decision(item.who_may)


def down(stack: Stack, facts: Facts, request: Request, now: datetime, weighing: Weighing) -> Decision:
    """posture.stand-down: whoever could bring it near or deploy it, or the incident commander. Needs no reason."""
    item = _item(stack, request, weighing)
    if item is None:
        return weighing.decision()
    current = _state(item, facts, request, now)
    target = request.state or "staged"
    if target not in STATES or STATES.index(target) >= STATES.index(current):
        weighing.refuse(f"{item.title} is {current}; {target} is not lower")
    gates = (*item.ready, *item.gates, stack.commander_gate)
    against = [authority((gate,), stack, facts, request, now, trained=False) for gate in gates]
    if all(against):
        for no in against[0]:
            weighing.take(no)
    return weighing.decision(() if weighing.effect == "not barred" else item.who_may)


def _item(stack: Stack, request: Request, weighing: Weighing) -> Posture | None:
    if request.sector is None:
        weighing.need("which sector")
    item = stack.postures.get(request.posture or "")
    if item is None:
        if request.posture is None:
            weighing.need("which gear or vehicle")
        else:
            weighing.refuse(f'the plan knows no gear or vehicle "{request.posture}"')
        return None
    weighing.name(item.rules)
    return item


def _state(item: Posture, facts: Facts, request: Request, now: datetime) -> str:
    fact = facts.posture(request.sector, item.id, now) if request.sector else None
    return fact.state if fact else "staged"


def _to(item: Posture, facts: Facts, request: Request, now: datetime, weighing: Weighing) -> str | None:
    """The state that is asked for, if there is a step up to it (or, for a renewal, if it is deployed)."""
    current = _state(item, facts, request, now)
    if request.action == "posture.renew":
        if current != "deployed":
            weighing.refuse(f"{item.title} is {current}: there is nothing to renew")
            return None
        return current
    if request.state not in ("ready", "deployed"):
        weighing.need("ready or deployed")
        return None
    if STATES.index(request.state) <= STATES.index(current):
        weighing.refuse(f"{item.title} is {current} already")
    return request.state


def _gates(item: Posture, state: str) -> tuple[Gate, ...]:
    return item.gates if state == "deployed" else item.ready


def _complete(
    item: Posture, state: str, stack: Stack, facts: Facts, request: Request, now: datetime, weighing: Weighing
) -> None:
    if not (request.statement and request.statement.strip()):
        weighing.need("the reason, in the author's words")
    if state != "deployed":
        return
    if _state(item, facts, request, now) == "staged":
        # A10: staged, then ready, then deployed; gear is not deployed in the first instance.
        weighing.need(f"{item.title} to be ready first")
    found = found_in(stack, facts, request.sector, (*request.findings, *request.indicators), now)
    for _, enter in item.needs:
        need_findings(stack, enter, found, weighing)
    if item.never_for:
        if request.purpose is None:
            weighing.need("for what purpose")
        elif request.purpose in item.never_for:
            weighing.refuse(f"{item.title} is never deployed to {request.purpose}")
    if item.review.seconds is None:
        weighing.need(f"after how long {item.title} is stood down: no pack gives the time, and unknown denies")
    _level(item, stack, facts, request, now, weighing)


def _level(item: Posture, stack: Stack, facts: Facts, request: Request, now: datetime, weighing: Weighing) -> None:
    if not item.levels or request.sector is None:
        return
    needed = max((stack.level(level) for level in item.levels), key=lambda rung: rung.place if rung else 0)
    fact = facts.level(request.sector, now)
    place = stack.place(fact.level) if fact else None
    if needed is None or fact is None or place is None or place < needed.place or lapsed(fact, now):
        weighing.need(f"the level {needed.name if needed else '?'} in force in the sector {request.sector}")
