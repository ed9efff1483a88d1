"""How an arrest stands: its basis, its offences, the order to disperse that it rests on, the bar, the line, the declaration.

A finding never refuses a report. Sources: domain notes A7, A11, A15–A25, D1–D14; D.C.
Code §§ 5-331.03(2), .07, .08; County of Riverside and what followed stand in duties.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

import msgspec

from command.policy import exits, sequence
from command.policy.authority import UNKNOWN_DENIES, Weighing
from command.policy.charges import ArrestRules, ChargeRule
from command.policy.conditions import found_in, suspended
from command.policy.decision import Decision, Finding, FindingKind, RuleRef
from command.policy.facts import Facts
from command.policy.measures import Warned
from command.policy.request import Request
from command.policy.stack import Stack

MASS_ARREST = "mass-arrest"
"""The measure whose warnings stand for an order to disperse: who stays may be arrested."""

ENCIRCLEMENT = "encirclement"
"""The measure that closes a line around people."""

Said = tuple[FindingKind, tuple[RuleRef, ...], str]
"""One thing that a finding is made of: a kind, the rules, a sentence ("" where there is nothing to say)."""


class Declared(msgspec.Struct, frozen=True):
    """A declaration that many arrests are coming: in force from `since` until before `until`."""

    declaration: str
    since: datetime
    until: datetime


class ArrestClaim(msgspec.Struct, frozen=True, kw_only=True):
    """What a street card says, and what the log knows of it. Times are UTC.

    charges            words of the plan's list, or statutes that it does not know
    exits              the way out for this person, as the author saw it: open, closed, not known
    bar                the bar for arrest in force at that moment; None: none was set beforehand
    bar_read           the officer had read it; `bar_announced`: the demonstrators had been told
    below_bar          charges of these that the bar cites only, taken into custody all the same
    contained          inside a police line; `bystanders`: whether those who took no part could leave it
    protected          they are flagged as at work as press, medic or legal observer
    declaration        under which declaration of many arrests; `declared` is what the log knows of it
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
    below_bar: tuple[str, ...] = ()
    bar: str | None = None
    bar_read: bool = False
    bar_announced: bool = False
    contained: bool = False
    bystanders: str = "not known"
    declaration: str | None = None
    declared: Declared | None = None
    protected: bool = False


def arrest_finding(stack: Stack, facts: Facts, claim: ArrestClaim) -> Finding:
    """How an arrest stands by what was in force at `claim.at`.

    - Presence in a group is nobody's basis (Dinler; D7): contrary to plan.
    - An offence that rests on an order to disperse stands on a complete sequence of warnings in
      that sector at that moment, its waiting time over and a way out open; a curfew likewise on its
      own warnings and an open way home.
    - A charge that the prosecutor declined, or that the bar only cites, is named. An officer who had not
      read the bar, and a bar that nobody had announced, are said beside the finding.
    - Who is at work as press, medic or legal observer is not arrested for being there: an order to disperse or a
      curfew is not for them, where the plan says so, nor an offence that a rule names.
    - Inside a police line: who took no part could leave, and the line was authorized.
    - Under a declaration of many arrests: it was in force, and the measure authorized.
    - A clock error that spans the end of a waiting time, or of a declaration, gives `cannot tell`.
    """
    rules = stack.arrests
    if stale := stack.not_in_force(claim.at):
        reasons = tuple(f"the pack {pack} was not in force on {claim.at:%Y-%m-%d}" for pack in stale)
        return Finding("cannot tell", rules.refs("basis") or (UNKNOWN_DENIES,), reasons)
    kinds: list[FindingKind] = []
    named: list[RuleRef] = []
    whys: list[str] = []
    for kind, refs, why in _said(stack, facts, claim, rules):
        kinds.append(kind)
        named.extend(refs)
        whys.append(why)
    rested = tuple(dict.fromkeys((*named, *rules.refs("basis")))) or (UNKNOWN_DENIES,)
    return Finding(_worst(kinds), rested, tuple(dict.fromkeys(why for why in whys if why)))


_ORDER: tuple[FindingKind, ...] = ("contrary to plan", "no authorization on record", "cannot tell")


def _worst(kinds: Iterable[FindingKind]) -> FindingKind:
    found = set(kinds)
    return next((kind for kind in _ORDER if kind in found), "authorized")


def _said(stack: Stack, facts: Facts, claim: ArrestClaim, rules: ArrestRules) -> Iterator[Said]:
    if claim.basis == "presence in a group":
        yield "contrary to plan", rules.refs("basis"), "presence in a group is no basis for anyone's arrest"
    yield from _who(facts, claim)
    if not claim.charges:
        yield "cannot tell", rules.refs("basis"), "no offence is named yet"
    for word in claim.charges:
        yield from _charge(stack, facts, claim, rules, word)
    if claim.curfew and not any(rules.rests_on(word) == "curfew" for word in claim.charges):
        yield from _rests_on_curfew(stack, facts, claim, ())
    if claim.protected:
        yield from _at_work(claim, rules)
    yield from _bar(claim, rules)
    if claim.contained:
        yield from _contained(stack, facts, claim, rules)
    if claim.declaration is not None:
        yield from _many(stack, facts, claim, rules)


def _who(facts: Facts, claim: ArrestClaim) -> Iterator[Said]:
    officer = facts.person(claim.officer, claim.at)
    if officer is None:
        yield "cannot tell", (), "the arresting officer was not checked in"
    elif officer.agency != facts.lead_agency:
        words = {facts.agency_accepted_plan(officer.agency, at) for at in _edges(claim)}
        if len(words) > 1:
            yield "cannot tell", (), "whether the agency was under the plan changed within the clock's error"
        elif words == {False}:
            yield "no authorization on record", (), f"{officer.agency} had not accepted the plan"


def _charge(stack: Stack, facts: Facts, claim: ArrestClaim, rules: ArrestRules, word: str) -> Iterator[Said]:
    guided = rules.guided.get(word)
    if guided is not None and guided.charge == "declined":
        yield "contrary to plan", (guided.ref,), f"the prosecutor does not take up {word}"
    elif word in claim.declined:
        yield "contrary to plan", rules.refs("guideline"), f"the prosecutor does not take up {word}"
    elif guided is not None:
        yield "authorized", (guided.ref,), ""
    if word in claim.below_bar:
        yield "contrary to plan", rules.refs("bar"), f"{word} is cited under the bar for arrest, not taken into custody"
    charge = rules.charge(word)
    if charge is None:
        if rules.charges and guided is None and word not in claim.declined:
            yield "authorized", (), f"{word} is no offence of the plan: taken as a statute of its own, on this conduct"
        return
    yield "authorized", charge.refs, ""
    if charge.rests_on == "order to disperse":
        yield from _rests_on_order(stack, facts, claim, charge)
    elif charge.rests_on == "curfew":
        yield from _rests_on_curfew(stack, facts, claim, charge.refs)


def _bar(claim: ArrestClaim, rules: ArrestRules) -> Iterator[Said]:
    """A7: decided beforehand, and known to both sides. Said beside the finding; nobody's own conduct hangs on it."""
    refs = rules.refs("bar")
    if not refs:
        return
    if claim.bar is None:
        yield "authorized", (), "no bar for arrest had been set beforehand"
        return
    yield "authorized", refs, ""
    if not claim.bar_read:
        yield "authorized", refs, "the arresting officer had not read the bar for arrest"
    if not claim.bar_announced:
        yield "authorized", refs, "the bar for arrest had not been announced to the demonstrators"


def _at_work(claim: ArrestClaim, rules: ArrestRules) -> Iterator[Said]:
    """Press, medics and legal observers (D11; Index Newspapers v. City of Portland, D. Or. 2020)."""
    refs = rules.refs("protected role")
    if not refs:
        return
    yield "authorized", refs, ""
    for word in claim.charges:
        if (rests := rules.rests_on(word)) != "own conduct":
            what = "an order to disperse" if rests == "order to disperse" else "a curfew"
            yield "contrary to plan", refs, f"{word} of someone at work in a protected role: {what} is not for them"
        elif (charge := rules.charge(word)) is not None and (spared := rules.not_at_work.get(charge.id)) is not None:
            yield (
                "contrary to plan",
                (spared,),
                f"{word} of someone at work in a protected role: it is not for their work",
            )


def _rests_on_order(stack: Stack, facts: Facts, claim: ArrestClaim, charge: ChargeRule) -> Iterator[Said]:
    """Was the order to disperse complete there and then?"""
    if claim.exits == "closed":
        yield "contrary to plan", charge.refs, "the way out was closed: nobody could obey the order to disperse"
    kind = facts.jurisdiction_kind(facts.lead_agency) if facts.lead_agency else None
    measure = stack.measures.of(MASS_ARREST, "arrest", kind)
    yield from _warned(stack, facts, claim, measure.warned if measure else None, charge.refs, "the order to disperse")


def _rests_on_curfew(stack: Stack, facts: Facts, claim: ArrestClaim, charge: tuple[RuleRef, ...]) -> Iterator[Said]:
    """A curfew alone: only after its warnings, and where a way home was open (D12, D14)."""
    refs = (*charge, *stack.arrests.refs("curfew"))
    yield "authorized", refs, ""
    seen = exits.still_open(facts, claim.sector, claim.at, stack.exits_hold)
    if claim.exits == "closed" or seen == ():
        yield "contrary to plan", refs, "no way home was open when the curfew was enforced"
    elif claim.exits != "open" and not seen:
        yield "cannot tell", refs, "nobody wrote down whether a way home was open"
    if stack.arrests.curfew_warnings:
        warned = stack.measures.sequence(stack.arrests.curfew_warnings, suspended(facts, claim.at))
        yield from _warned(stack, facts, claim, warned, refs, "the notice of the curfew")


def _warned(
    stack: Stack, facts: Facts, claim: ArrestClaim, warned: Warned | None, refs: tuple[RuleRef, ...], what: str
) -> Iterator[Said]:
    """Whether the warnings were complete. Judged at both ends of the clock's error."""
    if claim.sector is None:
        yield "cannot tell", refs, f"where it happened is not known, so {what} cannot be looked up"
        return
    verdicts = [_sequence_at(stack, facts, claim, warned, at) for at in _edges(claim)]
    named = tuple(dict.fromkeys(ref for verdict in verdicts for ref in (*refs, *verdict.rules)))
    if all(verdict.allows for verdict in verdicts):
        yield "authorized", named, ""
    elif any(verdict.allows for verdict in verdicts):
        yield "cannot tell", named, f"{what} came to hold within the clock's error"
    else:
        lacking = (*verdicts[0].reasons, *verdicts[0].missing)
        yield "contrary to plan", named, f"{what} was not complete: " + "; ".join(lacking)


def _sequence_at(stack: Stack, facts: Facts, claim: ArrestClaim, warned: Warned | None, at: datetime) -> Decision:
    weighing = Weighing()
    if warned is None:
        weighing.name((UNKNOWN_DENIES,))
        weighing.refuse("the plan knows no warning that an arrest could rest on")
        return weighing.decision()
    request = Request(
        action="force.grant", person=claim.officer, agency=claim.officer_agency or "", sector=claim.sector,
        tool=MASS_ARREST, purpose="arrest", imminent=True,
    )  # fmt: skip
    found = found_in(stack, facts, claim.sector, (), at)
    sequence.check(warned, stack, facts, request, at, frozenset(found), weighing)
    return weighing.decision()


def _contained(stack: Stack, facts: Facts, claim: ArrestClaim, rules: ArrestRules) -> Iterator[Said]:
    """Inside a line (D.C. § 5-331.08; D1, D10): bystanders get out, and someone with authority decided on it."""
    refs = rules.refs("containment")
    yield "authorized", refs, ""
    if claim.bystanders == "closed":
        yield "contrary to plan", refs, "those who took no part had no way out of the police line"
    elif claim.bystanders != "open":
        yield "cannot tell", refs, "nobody wrote down whether those who took no part could leave the police line"
    yield from _authorized(stack, facts, claim, ENCIRCLEMENT, refs, "the police line around them")


def _many(stack: Stack, facts: Facts, claim: ArrestClaim, rules: ArrestRules) -> Iterator[Said]:
    """Under a declaration of many arrests: it was in force, and the measure itself authorized (D.C. § 5-331.03(2))."""
    refs = rules.refs("high volume")
    declared = claim.declared
    if declared is None:
        yield "cannot tell", refs, "no declaration of many arrests is on record under the number that it names"
        return
    inside = [declared.since <= at < declared.until for at in _edges(claim)]
    if not any(inside):
        over = "was over" if claim.at >= declared.until else "was not made yet"
        yield "contrary to plan", refs, f"the declaration of many arrests {over} when the arrest was made"
    elif not all(inside):
        yield "cannot tell", refs, "the declaration of many arrests began or ended within the clock's error"
    else:
        yield "authorized", refs, ""
    yield from _authorized(stack, facts, claim, MASS_ARREST, refs, "arresting many people there")


def _authorized(
    stack: Stack, facts: Facts, claim: ArrestClaim, tool: str, refs: tuple[RuleRef, ...], what: str
) -> Iterator[Said]:
    """Whether a measure that the plan gates was granted in that place at that moment."""
    kind = facts.jurisdiction_kind(facts.lead_agency) if facts.lead_agency else None
    measure = stack.measures.of(tool, "arrest", kind)
    if measure is None or not measure.gates:
        return
    granted = [_granted(facts, claim, tool, at) for at in _edges(claim)]
    if not any(granted):
        yield "no authorization on record", (*refs, *measure.rules), f"nobody had authorized {what}"
    elif not all(granted):
        yield (
            "cannot tell",
            (*refs, *measure.rules),
            f"the authorization of {what} began or ended within the clock's error",
        )


def _granted(facts: Facts, claim: ArrestClaim, tool: str, at: datetime) -> bool:
    return any(
        grant.tool == tool
        and grant.sector in (None, claim.sector)
        and grant.since <= at
        and (grant.until is None or at < grant.until)
        and (grant.ended is None or at < grant.ended)
        and not grant.denied
        and (not grant.relayed or grant.read_back or grant.confirmed is not None)
        for grant in facts.grants(at)
    )


def _edges(claim: ArrestClaim) -> tuple[datetime, ...]:
    if claim.clock_error_ms <= 0:
        return (claim.at,)
    try:
        error = timedelta(milliseconds=claim.clock_error_ms)
        return (claim.at - error, claim.at + error)
    except OverflowError:
        return (claim.at,)
