"""Everything that a grant of force takes, except who gives it."""

from __future__ import annotations

from datetime import datetime

from command.policy import sequence
from command.policy.authority import No, Weighing, lacking, on_duty
from command.policy.conditions import found_in, need_findings
from command.policy.durations import time_of_day
from command.policy.facts import Attempted, Facts, lapsed
from command.policy.measures import Measure
from command.policy.problems import nearest
from command.policy.request import Request
from command.policy.stack import Stack

LONGEST_S = 86_400.0
"""The most that an ask may name where no rule limits it: an authorization without end is none (A27)."""


def complete(measure: Measure, stack: Stack, facts: Facts, request: Request, now: datetime, weighing: Weighing) -> None:
    """Everything that a grant takes, except who gives it."""
    weighing.bind(measure.bound)
    found = found_in(stack, facts, request.sector, (*request.findings, *request.indicators), now)
    _said(measure, stack, request, weighing)
    for enter in measure.needs:
        need_findings(stack, enter[1], found, weighing)
    for word in (*request.findings, *request.indicators):
        if word not in stack.indicators:
            weighing.refuse(f'the plan knows no finding "{word}"')
    _level(measure, stack, facts, request, now, weighing)
    _attempted(
        "de-escalation",
        measure.deescalation,
        request.deescalation,
        request.deescalation_why_not,
        facts,
        request,
        now,
        weighing,
    )
    _attempted(
        "targeted action", measure.targeted, request.targeted, request.targeted_why_not, facts, request, now, weighing
    )
    if measure.warned is not None:
        sequence.check(measure.warned, stack, facts, request, now, found, weighing, stack.warnings_hold)
    _users(measure, facts, request, now, weighing)


def _said(measure: Measure, stack: Stack, request: Request, weighing: Weighing) -> None:
    """What the ask must have said for the bars and the scope to be judged at all."""
    if request.sector is None:
        weighing.need("which sector")
    if measure.asks_aim and request.indiscriminate is None:
        weighing.need("whether it is aimed at particular persons")
    if measure.asks_zones and not request.zones and not request.indiscriminate:
        weighing.need("where on the body it would be aimed")
    if measure.nearest is not None and measure.nearest.number is None:
        weighing.need("from how near it may be used: no pack gives the distance, and unknown denies")
    elif measure.nearest is not None and request.distance_m is None:
        weighing.need(f"from how far it would be used: never from nearer than {measure.nearest.text} m")
    if measure.asks_grounds and not request.grounds:
        weighing.need("on what grounds")
    _known(measure, stack, request, weighing)
    named = {"person": request.subject, "users": request.users, "quantity": request.quantity, "time": request.lasts_s}
    for what in measure.scope:
        if not named[what]:
            weighing.need(_SCOPE_WORDS[what])
    _limits(measure, stack, request, weighing)
    if request.action in ("force.grant", "force.renew") and not (request.statement and request.statement.strip()):
        weighing.need("the authorizer's own facts, in their words")


def _known(measure: Measure, stack: Stack, request: Request, weighing: Weighing) -> None:
    """A word that nobody knows lifts no bar: what was meant by it cannot be judged."""
    asked = (
        ("ground", request.grounds if measure.asks_grounds else (), stack.known_grounds),
        ("part of the body", request.zones if measure.asks_zones else (), stack.known_zones),
    )
    for what, stated, known in asked:
        for word in stated:
            if word not in known:
                near = nearest(word, sorted(known))
                hint = f'; did you mean "{near}"?' if near else ""
                weighing.refuse(f'the plan knows no {what} "{word}", and what cannot be judged is not permitted{hint}')


_SCOPE_WORDS = {
    "person": "which person it is for",
    "users": "which officers would use it",
    "quantity": "how much of it",
    "time": "for how long",
}


def _limits(measure: Measure, stack: Stack, request: Request, weighing: Weighing) -> None:
    lasts, quantity = measure.lasts, measure.quantity
    if lasts is None and request.lasts_s is None and stack.grant_s is None:
        weighing.need("for how long: neither the ask nor the plan limits it, and a grant without an end is none")
    if lasts is not None and lasts.seconds is None:
        weighing.need("for how long a grant may run: no pack gives the time, and unknown denies")
    elif lasts is not None and lasts.seconds is not None and not (request.lasts_s or 0.0) <= lasts.seconds:
        weighing.refuse(f"a grant runs for at most {lasts.text}")
    if request.lasts_s is not None and not 0 < request.lasts_s <= LONGEST_S:
        weighing.refuse("a grant runs for more than nothing and at most a day")
    if quantity is not None and quantity.number is None:
        weighing.need("how much one grant may hold: no pack gives the number, and unknown denies")
    elif quantity is not None and quantity.number is not None and (request.quantity or 0) > quantity.number:
        weighing.refuse(f"one grant holds at most {quantity.text}")


def _level(measure: Measure, stack: Stack, facts: Facts, request: Request, now: datetime, weighing: Weighing) -> None:
    if not measure.levels or request.sector is None:
        return
    rule, level = max(measure.levels, key=lambda item: stack.place(item[1]) or 0)
    target, fact = stack.level(level), facts.level(request.sector, now)
    weighing.name((rule,))
    place = stack.place(fact.level) if fact else None
    if target is None or fact is None or place is None:
        weighing.need("a level of the plan on record for the sector")
    elif place < target.place:
        weighing.need(f"the level {target.name} in the sector {request.sector}")
    elif fact.until is not None and lapsed(fact, now):
        weighing.need(f"a renewal of the level: it lapsed at {time_of_day(fact.until)} UTC and permits nothing")


def _attempted(
    what: Attempted, asked: str, tried: str | None, why_not: str | None, facts: Facts, request: Request,
    now: datetime, weighing: Weighing,
) -> None:  # fmt: skip
    if not asked or (tried and tried.strip()):
        return
    fact = facts.attempt(what, request.sector, now) if request.sector else None
    if fact is not None and fact.tried:
        return
    if asked == "tried":
        weighing.need(f"that {what} was tried")
    elif not (why_not and why_not.strip()) and not (fact is not None and fact.why_not):
        weighing.need(f"that {what} was tried, or why it cannot be")


def _users(measure: Measure, facts: Facts, request: Request, now: datetime, weighing: Weighing) -> None:
    """Whoever would use it is on duty and trained, of the lead agency or of one under its plan."""
    if measure.user_training and not request.users:
        weighing.need(f"which trained officers would use it ({', '.join(measure.user_training)})")
    for who in request.users:
        fact = on_duty(facts, who, now)
        if isinstance(fact, No):
            weighing.take(fact)
            continue
        weighing.take(lacking(measure.user_training, request.tool or "", fact, now))
        if fact.agency != facts.lead_agency and not facts.agency_accepted_plan(fact.agency, now):
            weighing.need(f"acceptance of the plan by {fact.agency}")
