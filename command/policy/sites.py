"""Places for people in custody: what has to be there before one opens, how bringing somebody there stands, who is missing.

Opening is an ask. That somebody is there is a report, and is kept whatever the place lacks. Sources: domain notes D1
and D3 (buses), D4 (Pier 57), C5 (minors).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec

from command.policy.authority import Weighing, authority
from command.policy.decision import Decision, FindingKind, RuleRef
from command.policy.durations import strictest
from command.policy.facts import Facts
from command.policy.gates import ref
from command.policy.model_more import SiteRule
from command.policy.request import Request
from command.policy.stack import Stack

Against = tuple[FindingKind, tuple[RuleRef, ...], str]
"""What is against somebody's being there: a kind, the rules, a sentence."""


class SiteClaim(msgspec.Struct, frozen=True, kw_only=True):
    """The place that somebody is brought to, as the log had it at that moment.

    opened       the plan's gate let it open; `closed`: it was closed again
    people       how many were there already
    present      what its newest checklist found there, None: nobody looked; `missing` what it said is not there
    staff        who is named as trained for it
    vehicle      the kind of site that they came out of, with `travelled_s`, where they came out of one
    apart        whoever is brought has to be kept apart from adults
    """

    name: str = "the site"
    kind: str
    opened: bool = True
    closed: bool = False
    capacity: int = 1
    people: int = 0
    present: tuple[str, ...] | None = None
    missing: tuple[str, ...] = ()
    checked_age_s: float | None = None
    staff: tuple[str, ...] = ()
    adults: bool = True
    minors: bool = False
    minors_apart: bool = False
    apart: bool = False
    travelled_s: float | None = None


def rules_of(stack: Stack, kind: str | None) -> tuple[tuple[RuleRef, SiteRule], ...]:
    """The rules on sites of this kind, in the order of the packs."""
    return tuple(
        (ref(pack, rule), rule)
        for pack in stack.packs
        if pack.pack.status != "enjoined"
        for rule in pack.site
        if not rule.kinds or kind in rule.kinds
    )


def checklist(stack: Stack, kind: str | None) -> tuple[str, ...]:
    """What the plan wants looked for at such a site, each word once."""
    return tuple(dict.fromkeys(item for _, rule in rules_of(stack, kind) for item in rule.items))


def arrival(stack: Stack, since: datetime) -> tuple[datetime, tuple[RuleRef, ...]] | None:
    """From when somebody who left in a vehicle at `since` is missing, and by which rules; None: no pack gives a time."""
    found = [(rule.arrival, named) for named, rule in rules_of(stack, "vehicle") if rule.arrival is not None]
    first = strictest(*(span for span, _ in found))
    end = first.after(since) if first is not None else None
    return None if end is None else (end, tuple(named for span, named in found if span == first))


def opening(stack: Stack, facts: Facts, request: Request, now: datetime, weighing: Weighing) -> Decision:
    """site.open: by whoever the plan says, with everything on its checklist there, and trained people on duty."""
    ruled = stack.asks.get("site.open")
    weighing.name(ruled.rules if ruled else ())
    for no in authority(ruled.gates if ruled else (), stack, facts, request, now, trained=False):
        weighing.take(no)
    if request.site_kind is None:
        weighing.need("which kind of site it is")
    if not request.capacity or request.capacity < 0:
        weighing.need("room for how many people")
    for named, rule in rules_of(stack, request.site_kind):
        weighing.name((named,))
        _there(rule, request, weighing)
        _staffed(rule, facts, request, now, weighing)
        if rule.apart and request.adults and request.minors and not request.minors_apart:
            weighing.refuse("minors and adults are kept apart by sight and sound, or in different places")
    return weighing.decision(() if weighing.effect == "not barred" or ruled is None else ruled.who_may)


def _there(rule: SiteRule, request: Request, weighing: Weighing) -> None:
    if not rule.items and rule.recheck is None:
        return
    if request.present is None:
        weighing.need("a look at the checklist")
        return
    for item in rule.items:
        if item not in request.present:
            weighing.need(item)
    if why := _old(rule, request.checked_age_s):
        weighing.need(why)


def _old(rule: SiteRule, age_s: float | None) -> str:
    """Why a look does not count any more; "" where it does, or where no time is set."""
    if rule.recheck is None:
        return ""
    if rule.recheck.seconds is None:
        return "for how long a look at the checklist counts: no pack gives the time"
    if age_s is None or age_s > rule.recheck.seconds:
        return f"a look at the checklist not older than {rule.recheck.text}"
    return ""


def _staffed(rule: SiteRule, facts: Facts, request: Request, now: datetime, weighing: Weighing) -> None:
    if rule.staff is None:
        return
    if rule.staff.number is None:
        weighing.need("how many trained people it takes: no pack gives the number")
        return
    able = _trained(rule, facts, request.staff, now)
    if len(able) < rule.staff.number:
        weighing.need(_wanted(rule, len(able)))


def _trained(rule: SiteRule, facts: Facts, named: tuple[str, ...], now: datetime) -> tuple[str, ...]:
    """Those named who are on duty, with every course of the rule in date."""
    found = []
    for person in dict.fromkeys(named):
        fact = facts.person(person, now)
        if fact is None or not fact.on_scene:
            continue
        in_date = {course for course, expires in fact.training if expires is None or expires > now}
        if in_date.issuperset(rule.training):
            found.append(person)
    return tuple(found)


def _wanted(rule: SiteRule, there: int) -> str:
    courses = f", with {' and '.join(rule.training)} in date" if rule.training else ""
    wanted = rule.staff.text if rule.staff else "0"
    return f"{wanted} trained on duty there{courses}; {there} named" if there else f"{wanted} trained on duty{courses}"


def against(stack: Stack, facts: Facts, claim: SiteClaim, at: datetime) -> Iterator[Against]:
    """What is against somebody's being brought there; nothing where it stands well. Nothing of it refuses the report."""
    rules = rules_of(stack, claim.kind)
    named = tuple(found for found, _ in rules)
    if not claim.opened:
        yield "no authorization on record", named, f"nobody has opened {claim.name} under the plan"
        return
    if claim.closed:
        yield "contrary to plan", named, f"{claim.name} is closed"
    wanted = {item: found for found, rule in rules for item in rule.items if item not in (claim.present or ())}
    lacks = tuple(dict.fromkeys((*claim.missing, *wanted)))
    if claim.present is None and wanted:
        yield "contrary to plan", named, f"nobody has gone through the checklist of {claim.name}"
    elif lacks:
        refs = tuple(dict.fromkeys(wanted.values()))
        yield "contrary to plan", refs, f"{claim.name} lacks {', '.join(lacks)}, as its checklist has it"
    if claim.people >= claim.capacity:
        yield "contrary to plan", named, f"{claim.name} has room for {claim.capacity}, and is full"
    for found, rule in rules:
        if claim.present is not None and (why := _old(rule, claim.checked_age_s)):
            yield "contrary to plan", (found,), f"{claim.name} needs {why}"
        if rule.staff is not None and rule.staff.number is not None:
            able = len(_trained(rule, facts, claim.staff, at))
            if able < rule.staff.number:
                yield "contrary to plan", (found,), f"{claim.name} has not {_wanted(rule, able)}"
    if claim.apart:
        yield from minor(claim, tuple(found for found, rule in rules if rule.apart))
    if claim.travelled_s is not None:
        yield from _late(stack, claim.travelled_s, at)


def minor(claim: SiteClaim, refs: tuple[RuleRef, ...]) -> Iterator[Against]:
    """Someone to be kept apart from adults does not go where adults are (C5; D.C. practice, JJDPA)."""
    if not claim.minors:
        yield "contrary to plan", refs, f"{claim.name} {_NO_MINORS}"
    elif claim.adults and not claim.minors_apart:
        yield "contrary to plan", refs, f"{claim.name} {_NOT_APART}"


_NO_MINORS = "is not for minors"
_NOT_APART = "does not keep minors apart by sight and sound"


def says_minor(reason: str) -> bool:
    """Whether a reason of such a finding says that somebody is a minor: not every lens may read it."""
    return reason.endswith((_NO_MINORS, _NOT_APART))


def _late(stack: Stack, travelled_s: float, at: datetime) -> Iterator[Against]:
    found = arrival(stack, at - timedelta(seconds=travelled_s))
    if found is not None and at > found[0]:
        yield "contrary to plan", found[1], f"on the way for {travelled_s / 60:.0f} min, longer than the plan gives"
