"""How an arrest stands: its basis, its offences, the order to disperse that it rests on, who signed, what is missing.

A finding never refuses a report, and what is missing never holds anyone up who is to
be released or cared for. Sources: domain notes A7, A15–A25, C4, D1–D14; D.C. Code
§§ 5-331.07 to .12; 725 ILCS 5/109-1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from command.policy.authority import UNKNOWN_DENIES, Weighing
from command.policy.charges import ArrestRules, ChargeRule
from command.policy.conditions import found_in
from command.policy.decision import Decision, Finding, FindingKind, RuleRef
from command.policy.facts import Facts
from command.policy.request import Request
from command.policy.sequence import check
from command.policy.stack import Stack

MASS_ARREST = "mass-arrest"
"""The measure whose warnings stand for an order to disperse: who stays may be arrested."""


class ArrestClaim(msgspec.Struct, frozen=True, kw_only=True):
    """What a street card says, and what the log knows of it. Times are UTC.

    `charges` are the words of the plan's list, or statutes that it does not know.
    `exits` as the author saw them. `bar` None: no bar was set beforehand.
    """

    officer: str
    officer_agency: str | None
    author: str
    at: datetime
    clock_error_ms: int = 0
    sector: str | None = None
    charges: tuple[str, ...] = ()
    basis: str = "own conduct"
    curfew: bool = False
    exits: str = "not known"
    warning: str | None = None
    declined: tuple[str, ...] = ()  # by the prosecutor, as the bar has it
    below_bar: tuple[str, ...] = ()  # charges of these that the bar cites only, taken into custody all the same


def arrest_finding(stack: Stack, facts: Facts, claim: ArrestClaim) -> Finding:
    """How an arrest stands by what was in force at `claim.at`.

    - Presence in a group is nobody's basis (Dinler; D7): contrary to plan.
    - An offence that rests on an order to disperse stands on a complete sequence of warnings in
      that sector at that moment, its waiting time over and a way out open; a curfew likewise on an
      announced curfew and an open way home.
    - A charge that the prosecutor declined, or that the bar only cites, is named.
    - A clock error that spans the end of a waiting time gives `cannot tell`.
    """
    rules = stack.arrests
    reasons: list[str] = []
    named: list[RuleRef] = []
    if stale := stack.not_in_force(claim.at):
        reasons.extend(f"the pack {pack} was not in force on {claim.at:%Y-%m-%d}" for pack in stale)
        return Finding("cannot tell", rules.refs("record") or (UNKNOWN_DENIES,), tuple(reasons))
    kinds: list[FindingKind] = []
    for kind, ref, why in _against(stack, facts, claim, rules):
        kinds.append(kind)
        named.extend(ref)
        reasons.append(why)
    kind = _worst(kinds)
    refs = tuple(dict.fromkeys((*named, *rules.refs("record")))) or (UNKNOWN_DENIES,)
    return Finding(kind, refs, tuple(dict.fromkeys(reasons)))


_ORDER: tuple[FindingKind, ...] = ("contrary to plan", "no authorization on record", "cannot tell")


def _worst(kinds: Iterable[FindingKind]) -> FindingKind:
    found = set(kinds)
    return next((kind for kind in _ORDER if kind in found), "authorized")


def _against(
    stack: Stack, facts: Facts, claim: ArrestClaim, rules: ArrestRules
) -> Iterator[tuple[FindingKind, tuple[RuleRef, ...], str]]:
    if claim.basis == "presence in a group":
        yield "contrary to plan", rules.refs("basis"), "presence in a group is no basis for anyone's arrest"
    officer = facts.person(claim.officer, claim.at)
    if officer is None:
        yield "cannot tell", (), f"{claim.officer} was not checked in"
    elif officer.agency != facts.lead_agency and not facts.agency_accepted_plan(officer.agency):
        yield "no authorization on record", (), f"{officer.agency} had not accepted the plan"
    if not claim.charges:
        yield "cannot tell", rules.refs("record"), "no offence is named yet"
    for word in claim.charges:
        yield from _charge(stack, facts, claim, rules, word)
    if claim.curfew and not any(rules.rests_on(word) == "curfew" for word in claim.charges):
        yield from _rests_on_curfew(facts, claim, rules.refs("curfew"))


def _charge(
    stack: Stack, facts: Facts, claim: ArrestClaim, rules: ArrestRules, word: str
) -> Iterator[tuple[FindingKind, tuple[RuleRef, ...], str]]:
    if word in claim.declined:
        yield "contrary to plan", rules.refs("bar"), f"the prosecutor does not take up {word}"
    if word in claim.below_bar:
        yield "contrary to plan", rules.refs("bar"), f"{word} is cited under the bar for arrest, not taken into custody"
    charge = rules.charge(word)
    if charge is None:
        return
    if charge.rests_on == "order to disperse":
        yield from _rests_on_order(stack, facts, claim, charge)
    elif charge.rests_on == "curfew":
        yield from _rests_on_curfew(facts, claim, charge.refs)


def _rests_on_order(
    stack: Stack, facts: Facts, claim: ArrestClaim, charge: ChargeRule
) -> Iterator[tuple[FindingKind, tuple[RuleRef, ...], str]]:
    """Was the order to disperse complete there and then? Judged at both ends of the clock's error."""
    if claim.sector is None:
        yield "cannot tell", charge.refs, "where it happened is not known, so no order to disperse can be looked up"
        return
    if claim.exits == "closed":
        yield "contrary to plan", charge.refs, "the way out was closed: nobody could obey the order to disperse"
    verdicts = [_order_at(stack, facts, claim, at) for at in _edges(claim)]
    if all(verdict.allows for verdict in verdicts):
        return
    refs = tuple(dict.fromkeys(ref for verdict in verdicts for ref in (*charge.refs, *verdict.rules)))
    if any(verdict.allows for verdict in verdicts):
        yield "cannot tell", refs, "the order to disperse came to hold within the clock's error"
        return
    lacking = (*verdicts[0].reasons, *verdicts[0].missing)
    yield "contrary to plan", refs, "the order to disperse was not complete: " + "; ".join(lacking)


def _order_at(stack: Stack, facts: Facts, claim: ArrestClaim, at: datetime) -> Decision:
    kind = facts.jurisdiction_kind(facts.lead_agency) if facts.lead_agency else None
    measure = stack.measures.of(MASS_ARREST, "arrest", kind)
    weighing = Weighing()
    if measure is None or measure.warned is None:
        weighing.name((UNKNOWN_DENIES,))
        weighing.refuse("the plan knows no order to disperse that an arrest could rest on")
        return weighing.decision()
    request = Request(
        action="force.grant", person=claim.officer, agency=claim.officer_agency or "", sector=claim.sector,
        tool=MASS_ARREST, purpose="arrest", imminent=True,
    )  # fmt: skip
    found = found_in(stack, facts, claim.sector, (), at)
    check(measure.warned, stack, facts, request, at, frozenset(found), weighing)
    return weighing.decision()


def _edges(claim: ArrestClaim) -> tuple[datetime, ...]:
    if claim.clock_error_ms <= 0:
        return (claim.at,)
    try:
        error = timedelta(milliseconds=claim.clock_error_ms)
        return (claim.at - error, claim.at + error)
    except OverflowError:
        return (claim.at,)


def _rests_on_curfew(
    facts: Facts, claim: ArrestClaim, refs: tuple[RuleRef, ...]
) -> Iterator[tuple[FindingKind, tuple[RuleRef, ...], str]]:
    """A curfew alone: only where a way home was open (D12, D14)."""
    seen = facts.exits_open(claim.sector, claim.at) if claim.sector is not None else None
    if claim.exits == "closed" or seen == ():
        yield "contrary to plan", refs, "no way home was open when the curfew was enforced"
    elif claim.exits != "open" and not seen:
        yield "cannot tell", refs, "nobody wrote down whether a way home was open"


Step = Literal["transport", "booking", "closing"]


class RecordFact(msgspec.Struct, frozen=True, kw_only=True):
    """One record as completeness sees it: which items are there. `items` are words of `charges.ITEMS`."""

    arrest: str
    at: datetime
    items: frozenset[str]


class Lacking(msgspec.Struct, frozen=True):
    """An item that a record still needs: its word, a sentence, and before which step at the latest."""

    item: str
    says: str
    before: Step
    rule: RuleRef


def lacking(stack: Stack, record: RecordFact) -> tuple[Lacking, ...]:
    """What a record still needs, the earliest step first."""
    return tuple(
        Lacking(need.item, need.says, need.before, need.ref)
        for need in stack.arrests.needs
        if need.item not in record.items
    )


def step_decision(stack: Stack, record: RecordFact, step: Step) -> Decision:
    """May the person go on to this step? `missing` names each item; release and care are never asked for here."""
    weighing = Weighing()
    for need in stack.arrests.needs_before(step):
        weighing.name((need.ref,))
        if need.item not in record.items:
            weighing.need(need.says)
    return weighing.decision(("the arresting officer, who completes the record",))


def disposition_finding(
    stack: Stack, disposition: str, charges: Iterable[str], exception: str | None
) -> Finding | None:
    """Citation first: custody for offences that are all cited first stands on a coded exception (A23). None: fine."""
    rules = stack.arrests
    words = tuple(charges)
    if disposition not in ("custody", "transferred") or not words:
        return None
    if not all(rules.cited_first(word) for word in words):
        return None
    refs = rules.refs("citation first")
    if exception is None:
        return Finding("contrary to plan", refs, ("every offence is cited first; custody needs a coded reason",))
    if exception not in rules.exceptions:
        known = ", ".join(rules.exceptions) or "none"
        why = f'expected one of the plan\'s reasons for custody ({known}), got "{exception}"'
        return Finding("contrary to plan", refs, (why,))
    return Finding("authorized", (*refs, rules.exceptions[exception]), (f"custody by the exception {exception}",))


def restraint_finding(stack: Stack, position: str | None) -> Finding | None:
    """A position that no one may be held in (D.C. § 5-331.11; D1). None: nothing stands against it."""
    bar = stack.arrests.barred_positions.get(position or "")
    return None if bar is None else Finding("contrary to plan", (bar,), (f"restrained {position}",))
