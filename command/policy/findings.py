"""How a report stands against what was in force when it happened, and what is in force now, for screens.

A finding never refuses a report. It says what the record shows, and no more.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from command.policy.authority import UNKNOWN_DENIES, lacking
from command.policy.conditions import barred, found_for, suspended
from command.policy.covering import covering
from command.policy.decision import Finding, FindingKind, RuleRef
from command.policy.durations import time_of_day
from command.policy.facts import Facts, GrantFact, PersonFact, lapsed
from command.policy.measures import Bar, Measure
from command.policy.model import INCIDENT_COMMANDER, PURPOSES
from command.policy.request import ForceClaim
from command.policy.stack import Stack, ToolRule
from command.policy.warned_use import unwarned

MOST_SPANS = 64
"""Renewals looked at within one clock error; a level renewed more often than that cannot be told apart from a change."""

_INSTANT = timedelta(microseconds=1)


class Permits(msgspec.Struct, frozen=True):
    """What is in force in a sector. `permits` is empty while the level has lapsed or is not known.

    `level` is None where no level is on record, or one that the plan does not know.
    """

    level: str | None
    name: str
    permits: tuple[str, ...]
    lapsed: bool
    until: datetime | None
    rules: tuple[RuleRef, ...]


def permits(stack: Stack, facts: Facts, sector: str, now: datetime) -> Permits:
    """What the plan does not bar in the sector at `now`."""
    fact = facts.level(sector, now)
    rung = stack.level(fact.level) if fact else None
    if fact is None or rung is None:
        return Permits(None, "unknown", (), False, None, (UNKNOWN_DENIES,))
    gone = lapsed(fact, now) or bool(stack.not_in_force(now))
    return Permits(rung.id, rung.name, () if gone else rung.permits, gone, fact.until, rung.rules)


def who_may_raise(stack: Stack, level_id: str) -> tuple[str, ...]:
    """Who may raise to a level, in plain words; empty for the lowest and for a level the plan does not know."""
    rung = stack.level(level_id)
    return rung.who_may if rung else ()


def finding(stack: Stack, facts: Facts, claim: ForceClaim) -> Finding:
    """How a report of force stands, by what was in force at `claim.at`.

    - A tool that the plan prohibits is contrary to plan, whenever it was used.
    - `exigent` counts with a reason and where the plan accepts it for the tool.
    - So is a use that a bar stands against: a target zone, into a crowd, grounds that
      are not enough; being exigent or granted does not mend it, a review says more. The
      rule's own exception counts where it is on record, or was found in the grant.
    - A clock error that spans a change of level, its lapse, a change of command or an
      edge of the grant gives `cannot tell`.
    - Otherwise a tool that needs a grant stands on one that covers this use (tool, time,
      sector, purpose, person, officer, quantity; not revoked; if relayed, confirmed); one
      that needs none stands on a level in force, an officer on duty and an agency under
      the plan.
    - Where the plan wants warnings first, they have to hold at the use (`warned_use`).
    """
    tool = stack.tools.get(claim.tool) if claim.tool else None
    kind_of_body = facts.jurisdiction_kind(facts.lead_agency) if facts.lead_agency else None
    against = _barred(stack, facts, claim, kind_of_body)
    barring = tuple(dict.fromkeys(bar.ref for bar, _ in against))
    rules = (*((tool.rules if tool else stack.force) or (UNKNOWN_DENIES,)), *barring)
    reasons: list[str] = [
        f"the pack {pack} was not in force on {claim.at:%Y-%m-%d}" for pack in stack.not_in_force(claim.at)
    ]
    reasons.extend(f"the pack {pack} is {status}" for pack, status in stack.unfit)
    if against and not reasons:
        reasons.extend(why for _, why in against)
        if claim.exigent:
            reasons.append("reported as exigent; a review says what that means here")
        return Finding(kind="contrary to plan", rules=rules, reasons=tuple(reasons))
    more: list[RuleRef] = []
    kind = "cannot tell" if reasons else _kind(tool, stack, facts, claim, reasons, more)
    if claim.purpose is None and kind in ("authorized", "exigent"):
        kind = _unsaid(stack, facts, claim, kind_of_body, kind, reasons, more)
    return Finding(kind=kind, rules=tuple(dict.fromkeys((*rules, *more))) if more else rules, reasons=tuple(reasons))


def _kind(
    tool: ToolRule | None, stack: Stack, facts: Facts, claim: ForceClaim, reasons: list[str], rules: list[RuleRef]
) -> FindingKind:
    accepted = tool is None or tool.exigent
    if claim.exigent and claim.exigent_reason_given and accepted:
        reasons.append("reported as exigent, with a reason: someone uninvolved reviews it; it authorizes no one else")
        return "exigent"
    if claim.exigent and not claim.exigent_reason_given:
        reasons.append("reported as exigent, and no reason was given")
    elif claim.exigent:
        reasons.append("reported as exigent, which the plan does not accept for this tool")
    if tool is not None and tool.grant == "never":
        reasons.append(f"the plan prohibits {tool.id}; a review decides what that means here")
        return "contrary to plan"
    if boundary := _boundary(facts, claim):
        reasons.append(boundary)
        return "cannot tell"
    if tool is not None and tool.grant == "not needed":
        return _without_grant(stack, facts, claim, reasons, rules)
    if claim.tool is None:
        reasons.append("the report does not say which tool was used")
    elif tool is None:
        reasons.append(f'the plan knows no tool "{claim.tool}", and what no rule allows is not authorized')
    return _by_grant(stack, facts, claim, reasons, rules)


def _by_grant(stack: Stack, facts: Facts, claim: ForceClaim, reasons: list[str], rules: list[RuleRef]) -> FindingKind:
    found = covering(stack, facts, claim)
    if found is None:
        reasons.append(f"the grant {claim.grant} is not on record" if claim.grant else "no grant is on record for it")
        return "no authorization on record"
    if found.unsure:
        reasons.append(f"the grant {found.grant.grant} began or ended within the clock's error")
        return "cannot tell"
    if found.against:
        reasons.extend(found.against)
        return "no authorization on record"
    purpose = claim.purpose or found.grant.purpose
    if (stood := _stood(stack, facts, claim, found.grant, purpose, reasons, rules)) is not None:
        return stood
    reasons.append(f"granted by {found.grant.authorizer}: {found.grant.grant}")
    if claim.purpose is None and purpose is not None:
        reasons.append(f"the report does not say for what purpose; the grant is to {purpose}")
    if found.grant.relayed and found.grant.confirmed is not None:
        after = ", after this use" if claim.at < found.grant.confirmed else ""
        spoke = f"{found.grant.authorizer} confirmed it in person at {time_of_day(found.grant.confirmed)} UTC"
        reasons.append(f"the order was relayed; {spoke}{after}")
    return "authorized"


def _not_serving(facts: Facts, claim: ForceClaim, officer: PersonFact) -> str:
    """Why nobody could have authorized the officer then, "" where somebody could: gone, or of an agency outside the plan."""
    if not officer.on_scene:
        return f"{claim.officer} had checked out"
    if officer.agency != facts.lead_agency and not facts.agency_accepted_plan(officer.agency, claim.at):
        return f"{officer.agency} had not accepted the plan"
    return ""


def _stood(
    stack: Stack, facts: Facts, claim: ForceClaim, grant: GrantFact, purpose: str | None, reasons: list[str],
    rules: list[RuleRef],
) -> FindingKind | None:  # fmt: skip
    """What a grant rests on has to be there at the use too: an officer on duty and trained, an agency under the plan,
    the level that the plan asks for, in force, and the warnings. None: it was.
    """
    officer = facts.person(claim.officer, claim.at)
    if officer is None:
        reasons.append(f"{claim.officer} was not checked in: their agency and training are not known")
        return "cannot tell"
    if why := _not_serving(facts, claim, officer):
        reasons.append(why)
        return "no authorization on record"
    kind = facts.jurisdiction_kind(facts.lead_agency) if facts.lead_agency else None
    if claim.tool is None or purpose is None:
        return None
    measure = stack.measures.of(claim.tool, purpose, kind, suspended(facts, claim.at))
    if measure is None:
        return None
    if no := lacking(measure.user_training, claim.tool, officer, claim.at):
        reasons.append(f"{no.why}: lacking at the use")
        return "contrary to plan"
    if claim.sector is not None and (why := beneath(measure, stack, facts, claim.sector, claim.at)):
        reasons.append(why)
        return "no authorization on record"
    return unwarned(measure.warned, stack, facts, claim, grant, reasons, rules)


def beneath(measure: Measure, stack: Stack, facts: Facts, sector: str, at: datetime) -> str:
    """Why the level in the sector carried no such use any more, "" where it did: a grant does not outlive its level."""
    if not measure.levels:
        return ""
    wanted = max((stack.level(level) for _, level in measure.levels), key=lambda rung: rung.place if rung else -1)
    held = permits(stack, facts, sector, at)
    place = stack.place(held.level) if held.level else None
    if wanted is None or place is None or place < wanted.place:
        name = wanted.name if wanted else "a level of the plan"
        return f"the sector {sector} stood at {held.name}, and the plan asks for {name}"
    if held.lapsed and held.until is not None:
        return f"the level {held.name} had lapsed at {time_of_day(held.until)} UTC and permitted nothing"
    return ""


def _unsaid(
    stack: Stack, facts: Facts, claim: ForceClaim, body: str | None, kind: FindingKind, reasons: list[str],
    rules: list[RuleRef],
) -> FindingKind:  # fmt: skip
    """A report that does not say its purpose is not spared by that: what bars the use for some purpose leaves it open."""
    found = [(purpose, _barred_for(stack, facts, claim, purpose, body)) for purpose in PURPOSES]
    hit = next(((purpose, against) for purpose, against in found if against), None)
    if hit is None:
        return kind
    purpose, against = hit
    rules.extend(bar.ref for bar, _ in against)
    reasons.append(f"the report does not say for what purpose; to {purpose} the plan bars it: {against[0][1]}")
    return "contrary to plan" if all(against for _, against in found) else "cannot tell"


def _barred(stack: Stack, facts: Facts, claim: ForceClaim, kind: str | None) -> list[tuple[Bar, str]]:
    """What bars the use: for the purpose of the grant that covers it, where the report gives none."""
    purpose = claim.purpose
    if purpose is None and (grant := _covering(stack, facts, claim)) is not None:
        purpose = grant.purpose
    return _barred_for(stack, facts, claim, purpose, kind)


def _barred_for(
    stack: Stack, facts: Facts, claim: ForceClaim, purpose: str | None, kind: str | None
) -> list[tuple[Bar, str]]:
    if claim.tool is None:
        return []
    bars = stack.measures.bars(claim.tool, purpose, kind)
    if not bars:
        return []
    stated = _granted_on(stack, facts, claim) if any(bar.unless for bar in bars) else ()
    found = found_for(bars, stack, facts, claim.sector, stated, claim.at)
    return barred(stack, bars, claim.zones, claim.indiscriminate, claim.grounds, found, claim.distance_m)


def _granted_on(stack: Stack, facts: Facts, claim: ForceClaim) -> tuple[str, ...]:
    """What was found when the use was authorized: a grant carries an exception as it carries its warnings, while it runs."""
    grant = _covering(stack, facts, claim)
    return grant.findings if grant is not None else ()


def _covering(stack: Stack, facts: Facts, claim: ForceClaim) -> GrantFact | None:
    """The grant that the use rests on, or may rest on."""
    try:
        held = covering(stack, facts, claim)
    except OverflowError:  # a report may claim any time at all, and is kept
        return None
    return held.grant if held is not None and (held.unsure or not held.against) else None


def _without_grant(
    stack: Stack, facts: Facts, claim: ForceClaim, reasons: list[str], rules: list[RuleRef]
) -> FindingKind:
    officer = facts.person(claim.officer, claim.at)
    if officer is None or claim.sector is None:
        reasons.append("where it happened is not known" if officer else f"{claim.officer} was not checked in")
        return "cannot tell"
    if claim.officer_agency not in (None, officer.agency):
        reasons.append(f"reported for {claim.officer_agency}; {claim.officer} was checked in for {officer.agency}")
        return "cannot tell"
    if why := _not_serving(facts, claim, officer):
        reasons.append(why)
        return "no authorization on record"
    held = permits(stack, facts, claim.sector, claim.at)
    if held.level is None or held.lapsed:
        reasons.append(f"{held.name} had lapsed" if held.lapsed else "no level of the plan was on record there")
        return "no authorization on record"
    if claim.tool is not None and claim.purpose is not None:
        kind = facts.jurisdiction_kind(facts.lead_agency) if facts.lead_agency else None
        measure = stack.measures.of(claim.tool, claim.purpose, kind, suspended(facts, claim.at))
        wanting = unwarned(measure.warned if measure else None, stack, facts, claim, None, reasons, rules)
        if wanting is not None:
            return wanting
    reasons.append(f"the plan asks for no grant; {held.name} was in force")
    return "authorized"


def _boundary(facts: Facts, claim: ForceClaim) -> str | None:
    """What changed, or lapsed, within the clock's error; None where nothing did."""
    if claim.clock_error_ms <= 0:
        return None
    try:
        error = timedelta(milliseconds=claim.clock_error_ms)
        low, high = claim.at - error, claim.at + error
    except OverflowError:  # a report may claim any time at all, and is kept
        return "the claimed time is at the end of the calendar"
    if facts.holder(INCIDENT_COMMANDER, low) != facts.holder(INCIDENT_COMMANDER, high):
        return f"command changed hands within the clock's error of {claim.clock_error_ms} ms"
    if claim.sector is not None and _changed(facts, claim.sector, low, high):
        return f"the level changed or lapsed within the clock's error of {claim.clock_error_ms} ms"
    officer = facts.person(claim.officer, claim.at)
    if officer is not None and officer.agency != facts.lead_agency:
        words = {facts.agency_accepted_plan(officer.agency, edge) for edge in (low, claim.at, high)}
        if len(words) > 1:
            return (
                f"whether the agency was under the plan changed within the clock's error of {claim.clock_error_ms} ms"
            )
    return None


def _changed(facts: Facts, sector: str, low: datetime, high: datetime) -> bool:
    """Did the level change, lapse or come back between the two? A renewal in time changes nothing."""
    before, fact = facts.level(sector, low), facts.level(sector, high)
    if before is None or fact is None:
        return before is not fact
    if lapsed(before, low) != lapsed(fact, high):
        return True
    for _ in range(MOST_SPANS):
        if fact.since <= low:
            return False
        earlier = facts.level(sector, fact.since - _INSTANT)
        if earlier is None or earlier.level != fact.level or lapsed(earlier, fact.since):
            return True
        fact = earlier
    return True
