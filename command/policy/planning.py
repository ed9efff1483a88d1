"""Asks about the plan itself: suspending a rule, changing it, delegating authority, reviewing what was done."""

from __future__ import annotations

from datetime import datetime, timedelta

from command.policy.authority import No, Weighing, acts_as, authority, on_duty
from command.policy.decision import Decision
from command.policy.durations import strictest
from command.policy.facts import Facts
from command.policy.gates import ref
from command.policy.model import Delegation, Pack
from command.policy.request import Request
from command.policy.stack import Stack

SUSPENDABLE = ("tactic.", "warning.")
"""Kinds of rules that a suspension reaches. Bars, prohibitions, levels and who commands are not among them."""


def suspend(stack: Stack, facts: Facts, request: Request, now: datetime, weighing: Weighing) -> Decision:
    """plan.suspend: a named rule of a local plan, with a reason, by the right person, for a while (B11, IACP 2014)."""
    _who("plan.suspend", stack, facts, request, now, weighing)
    pack = next((pack for pack in stack.packs if pack.id == request.pack), None)
    if pack is None or request.rule is None:
        weighing.need("which rule of which pack")
        return weighing.decision()
    if pack.pack.kind in ("law", "agreement"):
        weighing.refuse(f"{pack.pack.title} is a {pack.pack.kind}: nobody here can suspend it")
    if request.rule not in _rules(pack):
        weighing.refuse(f'{pack.id} has no rule "{request.rule}" that can be suspended')
    if not (request.statement and request.statement.strip()):
        weighing.need("the reason, in the author's words")
    limits = [(ref(of, rule), rule.longest) for of, rule in stack.suspension]
    weighing.name(rule for rule, _ in limits)
    if not limits:
        weighing.refuse("no pack says that a rule may be suspended")
        return weighing.decision()
    longest_s = min(span.seconds or 0.0 for _, span in limits)
    if request.lasts_s is None:
        weighing.need("for how long")
    elif not 0 < request.lasts_s <= longest_s:
        weighing.refuse(f"a rule is suspended for at most {longest_s / 3600:g} hours")
    until = now + timedelta(seconds=min(request.lasts_s or 0.0, longest_s))
    return _close("plan.suspend", stack, weighing, until)


def resume(stack: Stack, facts: Facts, request: Request, now: datetime, weighing: Weighing) -> Decision:
    """plan.resume: back to the plan."""
    _who("plan.resume", stack, facts, request, now, weighing)
    known = {(item.pack, item.rule) for item in facts.suspensions(now)}
    if (request.pack, request.rule) not in known:
        weighing.refuse("no such rule is suspended")
    return _close("plan.resume", stack, weighing, None)


def change(stack: Stack, facts: Facts, request: Request, now: datetime, weighing: Weighing) -> Decision:
    """plan.change: another stack from here on, with a reason."""
    _who("plan.change", stack, facts, request, now, weighing)
    if not (request.statement and request.statement.strip()):
        weighing.need("the reason, in the author's words")
    return _close("plan.change", stack, weighing, None)


def delegate(stack: Stack, facts: Facts, request: Request, now: datetime, weighing: Weighing) -> Decision:
    """authority.delegate: one's own authority, in writing, to a rank that the plan names, for a while."""
    _who("authority.delegate", stack, facts, request, now, weighing)
    if not request.written:
        weighing.need("that it is in writing")
    author = on_duty(facts, request.person, now)
    heir = on_duty(facts, request.subject, now) if request.subject else No(True, "to whom")
    if isinstance(author, No) or isinstance(heir, No):
        for no in (author, heir):
            weighing.take(no if isinstance(no, No) else None)
        return weighing.decision()
    if heir.person == author.person:
        weighing.refuse("nobody delegates to themselves")
    if request.position is not None and facts.holder(request.position, now) != author.person:
        weighing.refuse(f"{author.person} does not hold the position {request.position}")
        if acts_as(stack, facts, author.person, request.position, now):
            weighing.note("who acts in a position by succession or delegation does not delegate it further")
    fits = [(pack, rule) for pack, rule in stack.delegations if _fits(stack, rule, request.position, author.rank)]
    weighing.name(ref(pack, rule) for pack, rule in fits)
    if not fits:
        weighing.refuse("no rule of the plan lets this authority be delegated")
        return weighing.decision()
    for _, rule in fits:
        place, least = stack.rank_places.get(heir.rank), _place(stack, rule.to)
        if place is None or least is None or place < least:
            weighing.refuse(f"{heir.person} is {heir.rank}; it is delegated to {rule.to} only")
    longest = strictest(*(rule.longest for _, rule in fits))
    if longest is None or longest.seconds is None:
        weighing.need("for how long it may be delegated: no pack gives the time, and unknown denies")
    elif request.lasts_s is not None and not 0 < request.lasts_s <= longest.seconds:
        weighing.refuse(f"it is delegated for at most {longest.text}")
    if request.lasts_s is None:
        weighing.need("for how long")
    until = now + timedelta(seconds=max(0.0, min(request.lasts_s or 0.0, 366 * 86_400.0)))
    return _close("authority.delegate", stack, weighing, until)


def review(stack: Stack, facts: Facts, request: Request, now: datetime, weighing: Weighing) -> Decision:
    """review.file: no one reviews what they ordered, authorized or took part in (A49)."""
    _who("review.file", stack, facts, request, now, weighing)
    involved = facts.involved(request.record, now) if request.record else None
    if involved is None:
        weighing.need("which record is reviewed")
    elif request.person in involved:
        weighing.refuse(f"{request.person} ordered, authorized or took part in it, and someone else reviews it")
    return _close("review.file", stack, weighing, None)


ENDED = "ended"


def high_volume(stack: Stack, facts: Facts, request: Request, now: datetime, weighing: Weighing) -> Decision:
    """arrest.high-volume: many arrests are coming. With a reason, what else was considered, and an end (A22).

    A written procedure in place of the record is determined by whoever the packs say, lasts as long as they allow
    at most (D.C. § 5-331.10: the Chief, 24 hours, by a new determination again), and where no pack speaks of one
    there is none.
    """
    if request.procedure and stack.procedure_gates:
        for no in authority(stack.procedure_gates, stack, facts, request, now, trained=False):
            weighing.take(no)
    else:
        _who("arrest.high-volume", stack, facts, request, now, weighing)
    if request.state == ENDED:
        return _close("arrest.high-volume", stack, weighing, None)
    weighing.name(stack.arrests.refs("high volume"))
    if not (request.statement and request.statement.strip()):
        weighing.need("the reason, in the author's words")
    if not (request.alternatives and request.alternatives.strip()):
        weighing.need("what else was considered before many people are arrested")
    if request.lasts_s is None or request.lasts_s <= 0:
        weighing.need("for how long")
    lasts_s = request.lasts_s or 0.0
    if request.procedure:
        longest = stack.arrests.procedure
        weighing.name(stack.arrests.refs("procedure"))
        if longest is None:
            weighing.refuse("no pack lets another procedure stand in place of the record")
        elif longest.seconds is None:
            weighing.need("for how long another procedure may stand: no pack gives the time, and unknown denies")
        else:
            lasts_s = min(lasts_s, longest.seconds)
    until = now + timedelta(seconds=max(0.0, min(lasts_s, 366 * 86_400.0)))
    return _close("arrest.high-volume", stack, weighing, until)


def _who(action: str, stack: Stack, facts: Facts, request: Request, now: datetime, weighing: Weighing) -> None:
    ruled = stack.asks.get(action)
    weighing.name(ruled.rules if ruled else ())
    for no in authority(ruled.gates if ruled else (), stack, facts, request, now, trained=False):
        weighing.take(no)


def _close(action: str, stack: Stack, weighing: Weighing, until: datetime | None) -> Decision:
    ruled = stack.asks.get(action)
    return weighing.decision(() if weighing.effect == "not barred" or ruled is None else ruled.who_may, until)


def _rules(pack: Pack) -> set[str]:
    named = {ref(pack, rule).rule for rule in (*pack.tactic, *pack.warning)}
    return {name for name in named if name.startswith(SUSPENDABLE)}


def _fits(stack: Stack, rule: Delegation, position: str | None, rank: str) -> bool:
    if position is not None:
        return rule.position == position
    place, least = stack.rank_places.get(rank), _place(stack, rule.rank or "")
    return place is not None and least is not None and place >= least


def _place(stack: Stack, words: str) -> int | None:
    return stack.rank_places.get(words.removesuffix(" or above"))
