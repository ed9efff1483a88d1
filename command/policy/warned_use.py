"""Had the crowd been warned, as the plan wants it, when force was used? By all that is on record of that moment.

A grant rests on its warnings, and carries them as long as it runs: time alone does not take them
away. That the crowd moved on, that a warning was not heard, or that no way out was open does.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from command.policy import sequence
from command.policy.authority import Weighing
from command.policy.conditions import found_in
from command.policy.decision import FindingKind, RuleRef
from command.policy.durations import Span
from command.policy.facts import Facts, GrantFact
from command.policy.measures import Warned
from command.policy.request import ForceClaim, Request
from command.policy.stack import Stack


def unwarned(
    warned: Warned | None, stack: Stack, facts: Facts, claim: ForceClaim, grant: GrantFact | None,
    reasons: list[str], rules: list[RuleRef],
) -> FindingKind | None:  # fmt: skip
    """What the warnings make of a use, with why and by which rules; None where nothing is wanting.

    `grant`: what the use rests on; None where the plan asks for none. Both ends of the clocks' error are
    looked at, the report's own and the largest of a warning's: where they differ nobody can tell.
    """
    if warned is None or claim.sector is None:
        return None
    error_ms = _error_ms(facts, claim.sector, claim)
    error = timedelta(milliseconds=error_ms)
    try:
        edges = (claim.at - error, claim.at + error) if error_ms else (claim.at,)
    except OverflowError:  # a report may claim any time at all, and is kept
        edges = (claim.at,)
    found = [wanting(warned, stack, facts, claim, claim.sector, grant, at) for at in edges]
    if not any(found):
        return None
    rules.extend(warned.rules)
    if not all(found):
        reasons.append(f"whether {warned.named} held is within the clocks' error of {error_ms} ms")
        return "cannot tell"
    reasons.append(f"{warned.named} was not complete at the use: {found[0]}")
    return "contrary to plan"


def _error_ms(facts: Facts, sector: str, claim: ForceClaim) -> int:
    given = facts.warnings_since(sector, None, claim.at)[-sequence.MOST_WARNINGS :]
    return max(0, claim.clock_error_ms) + max((max(0, one.clock_error_ms) for one in given), default=0)


def wanting(
    warned: Warned, stack: Stack, facts: Facts, claim: ForceClaim, sector: str, grant: GrantFact | None, at: datetime
) -> str:
    """What was wanting at `at`, "" where nothing was."""
    now = _lacks(warned, stack, facts, claim, sector, grant, at, stack.warnings_hold)
    if not now or grant is None or at < grant.since:
        return now
    if _lacks(warned, stack, facts, claim, sector, grant, grant.since, stack.warnings_hold):
        return now
    lasting = warned._replace(lapses=None, exits_open=False)
    if still := _lacks(lasting, stack, facts, claim, sector, grant, at, None):
        return still
    if warned.exits_open and facts.exits_open(sector, at) == ():
        return f"no way out of {sector} is open"
    return ""


def _lacks(
    warned: Warned, stack: Stack, facts: Facts, claim: ForceClaim, sector: str, grant: GrantFact | None, at: datetime,
    holds: Span | None,
) -> str:  # fmt: skip
    stated = grant.findings if grant else ()
    request = Request(
        action="force.grant", person=grant.authorizer if grant else claim.officer, agency=claim.officer_agency or "",
        sector=sector, tool=claim.tool, purpose=claim.purpose or (grant.purpose if grant else None),
        imminent=grant.imminent if grant else False, findings=stated,
    )  # fmt: skip
    weighing = Weighing()
    found = found_in(stack, facts, sector, stated, at)
    sequence.check(warned, stack, facts, request, at, found, weighing, holds)
    decision = weighing.decision()
    return "" if decision.allows else "; ".join((*decision.reasons, *decision.missing))
