"""Asks about force: ask, grant, co-sign, deny, renew, revoke, and the confirmation of a spoken order."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec.structs import replace

from command.policy.authority import NO_RULE_DENIES, No, Weighing, authority, on_duty
from command.policy.complete import LONGEST_S, complete
from command.policy.conditions import barred, found_for, found_in, holds, suspended
from command.policy.decision import Decision, RuleRef
from command.policy.facts import CoSignFact, Facts
from command.policy.gates import Gate, at_ease
from command.policy.measures import CoSign, Measure, Suspended
from command.policy.model import PURPOSES
from command.policy.problems import nearest
from command.policy.request import Request
from command.policy.stack import Stack


def grant(stack: Stack, facts: Facts, request: Request, now: datetime, weighing: Weighing) -> Decision:
    """force.grant and force.renew: everything, by the right person. `until`: when the grant would end."""
    off = suspended(facts, now)
    measure = _measure(stack, facts, request, now, weighing, off)
    if measure is None:
        return weighing.decision()
    complete(measure, stack, facts, request, now, weighing)
    _authorized(measure, stack, facts, request, now, weighing)
    _signed(measure, stack, facts, request, now, weighing)
    until = _until(measure, stack, request.lasts_s, now)
    if off:
        until = min((until, *_resumes(stack, facts, measure.tool, measure.purpose, now, off)))
    return _close(weighing, measure.who_may, until)


def ask(stack: Stack, facts: Facts, request: Request, now: datetime, weighing: Weighing) -> Decision:
    """force.ask: may it be asked for, and by this person? What is barred outright is refused at once."""
    measure = _measure(stack, facts, request, now, weighing)
    if measure is None:
        return weighing.decision()
    if not measure.gates:  # what only limits or prohibits lets nobody grant it: it would wait for no one
        weighing.name((NO_RULE_DENIES,))
        weighing.refuse(_nobody(request))
        return weighing.decision()
    later = Weighing()
    complete(measure, stack, facts, request, now, later)
    seen = later.decision()
    for what in (*seen.reasons, *seen.missing):
        weighing.note(f"before it can be granted: {what}")
    weighing.bind(measure.bound)
    ruled = stack.asks.get("force.ask")
    weighing.name(ruled.rules if ruled else ())
    for no in authority(ruled.gates if ruled else (), stack, facts, request, now, trained=False):
        weighing.take(no)
    return weighing.decision(measure.who_may, now + timedelta(seconds=stack.ask_expires_s))


def deny(stack: Stack, facts: Facts, request: Request, now: datetime, weighing: Weighing) -> Decision:
    """force.deny: whoever could grant. A no needs no training, no presence, and may come from the one who asked.

    What no rule speaks of (any more: the plan may have changed since it was asked) the commander denies.
    """
    seen = Weighing()
    measure = _measure(stack, facts, request, now, seen, barring=False)
    if (measure is None or not measure.gates) and request.tool is not None and request.purpose in PURPOSES:
        weighing.name((stack.commander_gate.ref,))
        for why in seen.decision().reasons:
            weighing.note(why)
        for no in _any_gate((stack.commander_gate,), stack, facts, request, now):
            weighing.take(no)
        return _close(weighing, (stack.commander_gate.ways[0].words,), None)
    measure = _measure(stack, facts, request, now, weighing, barring=False)
    if measure is None:
        return weighing.decision()
    for no in _any_gate(at_ease(measure.gates), stack, facts, request, now):
        weighing.take(no)
    return _close(weighing, measure.who_may, None)


def revoke(stack: Stack, facts: Facts, request: Request, now: datetime, weighing: Weighing) -> Decision:
    """force.revoke: who granted it, who could, or the incident commander. Ending force is never made hard."""
    given = facts.grant(request.grant, now) if request.grant else None
    if given is None:
        weighing.need("which grant")
        return weighing.decision()
    if given.authorizer == request.person:
        weighing.name(stack.force)
        return weighing.decision()
    about = replace(request, tool=given.tool, purpose=given.purpose, sector=given.sector)
    # A plan that speaks no longer of the tool keeps nobody from ending its use.
    measure = _measure(stack, facts, about, now, Weighing(), barring=False)
    weighing.name(measure.rules if measure else stack.force)
    gates = (*(at_ease(measure.gates) if measure else ()), stack.commander_gate)
    weighing.name((stack.commander_gate.ref,))
    for no in _any_gate(gates, stack, facts, request, now):
        weighing.take(no)
    return _close(weighing, (stack.commander_gate.ways[0].words, *(measure.who_may if measure else ())), None)


def cosign(stack: Stack, facts: Facts, request: Request, now: datetime, weighing: Weighing) -> Decision:
    """force.cosign: is this one of the signatures that the plan asks for? An office signs by call-back, through a scribe."""
    measure = _measure(stack, facts, request, now, weighing)
    if measure is None:
        return weighing.decision()
    wanted = [who for who in measure.cosigners if who.office == request.office]
    if not wanted:
        asked = " and ".join(who.words for who in measure.cosigners) or "none"
        weighing.refuse(f"the plan asks for no such signature; it asks for {asked}")
        return weighing.decision()
    weighing.name(who.ref for who in wanted)
    if request.office is not None:
        if not request.read_back:
            weighing.need(f"a read-back of the decision's text to {request.office}")
        if not request.channel:
            weighing.need("the number or channel of the call-back")
        weighing.take(_somebody(facts, request, now))
    else:
        gates = tuple(Gate(who.ref, (who.way,)) for who in wanted if who.way is not None)
        for no in authority(gates, stack, facts, request, now, trained=True):
            weighing.take(no)
    return _close(weighing, tuple(who.words for who in wanted), None)


def confirm(stack: Stack, facts: Facts, request: Request, now: datetime, weighing: Weighing) -> Decision:
    """relay.confirm: only the one who is said to have spoken, who could grant it then and, while it runs, still can.

    What is over may be confirmed as well: it gives nothing any more, and says what was given.
    """
    given = facts.grant(request.grant, now) if request.grant else None
    if given is None:
        weighing.need("which relayed order")
        return weighing.decision()
    if given.authorizer != request.person:
        weighing.refuse(f"{given.authorizer} is said to have spoken; nobody else can confirm it")
        return weighing.decision((given.authorizer,))
    about = replace(
        request, action="force.grant", tool=given.tool, purpose=given.purpose, sector=given.sector,
        requester=given.requester, on_scene=True, witnessed=True,
    )  # fmt: skip
    runs = (given.until is None or now < given.until) and (given.ended is None or now < given.ended)
    measure = _measure(stack, facts, about, now if runs else given.since, weighing)
    if measure is None:
        return weighing.decision()
    for moment in (given.since, now) if runs else (given.since,):
        for no in authority(at_ease(measure.gates), stack, facts, about, moment, trained=True):
            weighing.take(no)
    return _close(weighing, measure.who_may, given.until)


def _measure(
    stack: Stack, facts: Facts, request: Request, now: datetime, weighing: Weighing, off: Suspended | None = None,
    *, barring: bool = True,
) -> Measure | None:  # fmt: skip
    """The rules on this tool for this purpose. None, with the reason noted, where none permits it. `off`: those suspended now."""
    if request.tool is None or request.purpose is None:
        weighing.need("which tool" if request.tool is None else "for what purpose")
        return None
    if request.purpose not in PURPOSES:
        weighing.refuse(f'expected one of the purposes {", ".join(PURPOSES)}, came "{request.purpose}"')
        return None
    tool = stack.tools.get(request.tool)
    weighing.name(tool.rules if tool else stack.force)
    if tool is None and request.tool not in stack.measures.tools:
        weighing.name((NO_RULE_DENIES,))
        near = nearest(request.tool, (*stack.tools, *stack.measures.tools))
        hint = f'; did you mean "{near}"?' if near else ""
        weighing.refuse(f'the plan knows no tool "{request.tool}", and what no rule allows is refused{hint}')
        return None
    kind = facts.jurisdiction_kind(facts.lead_agency) if facts.lead_agency else None
    if off is None:
        off = suspended(facts, now)
    measure = stack.measures.of(request.tool, request.purpose, kind, off)
    for pack, rule in sorted(off):
        weighing.note(f"suspended: {rule} of {pack}")
    if measure is not None:
        weighing.name(measure.rules)
    if barring and tool is not None and tool.grant == "never":
        weighing.refuse(f"the plan prohibits {tool.id}: it is never authorized")
        return None
    if measure is None:
        weighing.name((NO_RULE_DENIES,))
        weighing.refuse(f"no rule of the plan speaks of {request.tool} to {request.purpose}")
        return None
    if barring and not measure.clear_of_bars(
        request.zones, request.indiscriminate, request.grounds, request.distance_m
    ):
        stated = (*request.findings, *request.indicators)
        found = found_for(measure.bars, stack, facts, request.sector, stated, now)
        said = (request.zones, request.indiscriminate, request.grounds, found, request.distance_m)
        for bar, why in barred(stack, measure.bars, *said):
            weighing.name((bar.ref,))
            weighing.refuse(why)
    return measure


def barred_outright(stack: Stack, facts: Facts, request: Request, now: datetime) -> tuple[str, ...]:
    """Why the plan stands against a tool for a purpose whoever grants it: prohibited, in no rule, or under a bar.

    What a grant takes beside that (warnings, levels, who gives it) is not asked again here.
    """
    weighing = Weighing()
    _measure(stack, facts, request, now, weighing)
    decision = weighing.decision()
    return decision.reasons if decision.effect == "refused" else ()


def _nobody(request: Request) -> str:
    return f"no rule of the plan says who may authorize {request.tool} to {request.purpose}"


def _authorized(
    measure: Measure, stack: Stack, facts: Facts, request: Request, now: datetime, weighing: Weighing
) -> None:
    if not measure.gates:
        weighing.name((NO_RULE_DENIES,))
        weighing.refuse(_nobody(request))
        return
    asked = request
    if request.speaker is not None and request.speaker != request.person:
        fact = on_duty(facts, request.speaker, now)
        if isinstance(fact, No):
            weighing.take(fact)
            return
        weighing.take(_somebody(facts, request, now))
        asked = replace(request, person=request.speaker, agency=fact.agency, rank=None)
        _relayed(stack, request, weighing)
    for no in authority(measure.gates, stack, facts, asked, now, trained=True):
        weighing.take(no)


def lacks_only_confirmation(decision: Decision, speaker: str) -> bool:
    """Is all that a relayed order still lacks the speaker's own word? It may then be kept as relayed, worth nothing yet."""
    return decision.effect == "missing" and decision.missing == (_unconfirmed(speaker),)


def _unconfirmed(speaker: str) -> str:
    return f"confirmation by {speaker} in person: relayed, it authorizes nothing yet"


def _relayed(stack: Stack, request: Request, weighing: Weighing) -> None:
    weighing.name(rule for rule, _ in stack.relays)
    accepted = bool(stack.relays) and all(relay.worth == "authorizes with read-back" for _, relay in stack.relays)
    if not request.channel:
        weighing.need("over which channel it was spoken")
    if not request.read_back:
        weighing.need(f"that it was read back to {request.speaker}")
    if not accepted:
        weighing.need(_unconfirmed(request.speaker or ""))
    else:
        weighing.note(f"relayed, not yet confirmed by {request.speaker}")


def _somebody(facts: Facts, request: Request, now: datetime) -> No | None:
    """The scribe is on duty, and signed in for the agency that they checked in for."""
    fact = on_duty(facts, request.person, now)
    if isinstance(fact, No):
        return fact
    if fact.agency != request.agency:
        return No(False, f"{request.person} is signed in for {request.agency} and checked in for {fact.agency}")
    return None


def _signed(measure: Measure, stack: Stack, facts: Facts, request: Request, now: datetime, weighing: Weighing) -> None:
    if not measure.cosigners:
        return
    signs = facts.cosigns(request.ask, now) if request.ask else ()
    fresh = [sign for sign in signs if now - sign.at <= timedelta(seconds=stack.ask_expires_s)]
    wanted = tuple(_asked_for(measure, stack, facts, request, now, weighing))
    could = [[sign for sign in fresh if _is_signature(sign, who, stack, facts, request, now)] for who in wanted]
    given: set[int] = set()
    taken: set[tuple[RuleRef, str]] = set()
    for place in sorted(range(len(wanted)), key=lambda place: len(could[place])):  # whom few can replace goes first
        who = wanted[place]
        by = next((sign for sign in could[place] if who.office or (who.ref, sign.person) not in taken), None)
        if by is not None:
            given.add(place)
            taken.add((who.ref, by.person))  # a rule that asks for two signatures asks for two people
    for place, who in enumerate(wanted):
        weighing.name((who.ref,))
        if place not in given:
            weighing.need(f"the signature: {who.words}")


def _asked_for(
    measure: Measure, stack: Stack, facts: Facts, request: Request, now: datetime, weighing: Weighing
) -> Iterable[CoSign]:
    """The signatures that are asked for here; those that are not, and why not, are said."""
    if all(who.when is None and who.unless is None for who in measure.cosigners):
        return measure.cosigners
    found = found_in(stack, facts, request.sector, (*request.findings, *request.indicators), now)
    wanted = []
    for who in measure.cosigners:
        if who.unless is not None and holds(who.unless, found):
            weighing.note(f"no signature is asked for from {who.words}: the rule makes an exception for what was found")
        elif who.when is not None and not holds(who.when, found):
            weighing.note(f"no signature is asked for from {who.words}: nobody found what the rule asks it for")
        else:
            wanted.append(who)
    return wanted


def _is_signature(sign: CoSignFact, who: CoSign, stack: Stack, facts: Facts, request: Request, now: datetime) -> bool:
    if sign.person in (request.requester, request.speaker or request.person):
        return False  # nobody signs twice, nor under their own ask
    if who.office is not None:
        return sign.office == who.office and sign.call_back and sign.read_back
    fact = facts.person(sign.person, now)
    if sign.office or fact is None or who.way is None:
        return False
    signer = replace(request, action="force.cosign", person=sign.person, agency=fact.agency, rank=None)
    return not authority((Gate(who.ref, (who.way,)),), stack, facts, signer, now, trained=True)


def _any_gate(gates: tuple[Gate, ...], stack: Stack, facts: Facts, request: Request, now: datetime) -> list[No]:
    """A no is anybody's who could have been one of those that say yes: one open gate is enough. There is always one."""
    against = [authority((gate,), stack, facts, request, now, trained=False) for gate in gates]
    return [] if any(not found for found in against) else against[0]


def end_of(stack: Stack, facts: Facts, tool: str, purpose: str, lasts_s: float | None, now: datetime) -> datetime:
    """When a grant of `tool` that is kept at `now` ends: there is none without an end, a relayed one included."""
    kind = facts.jurisdiction_kind(facts.lead_agency) if facts.lead_agency else None
    off = suspended(facts, now)
    until = _until(stack.measures.of(tool, purpose, kind, off), stack, lasts_s, now)
    return min((until, *_resumes(stack, facts, tool, purpose, now, off)))


def _resumes(
    stack: Stack, facts: Facts, tool: str, purpose: str, now: datetime, off: Suspended
) -> tuple[datetime, ...]:
    """When rules on this use that are suspended now bind again: what was granted without them does not outlive that."""
    if not off:
        return ()
    kind = facts.jurisdiction_kind(facts.lead_agency) if facts.lead_agency else None
    whole = stack.measures.of(tool, purpose, kind)
    rules = (*whole.rules, *(whole.warned.rules if whole.warned else ())) if whole else ()
    spoken = {(rule.pack, rule.rule) for rule in rules} & off
    return tuple(
        item.until
        for item in facts.suspensions(now)
        if (item.pack, item.rule) in spoken and item.until is not None and item.since <= now < item.until
    )


def _until(measure: Measure | None, stack: Stack, lasts_s: float | None, now: datetime) -> datetime:
    """The earliest of what the ask, the rule and, where neither says anything, the plan's limit give."""
    wanted = [LONGEST_S]
    if lasts_s is not None:
        wanted.append(lasts_s)
    elif measure is None or measure.lasts is None:
        wanted.append(stack.grant_s or 0.0)
    if measure is not None and measure.lasts is not None and measure.lasts.seconds is not None:
        wanted.append(measure.lasts.seconds)
    return now + timedelta(seconds=max(0.0, min(wanted)))


def _close(weighing: Weighing, who_may: tuple[str, ...], until: datetime | None) -> Decision:
    return weighing.decision(() if weighing.effect == "not barred" else who_may, until)
