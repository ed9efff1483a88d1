"""Was there a grant for this use, at that second? Scope, time, quantity, purpose, person: whatever the grant names."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from command.policy.durations import time_of_day
from command.policy.facts import Facts, GrantFact
from command.policy.request import ForceClaim
from command.policy.stack import Stack


class Covering(NamedTuple):
    """A grant and why it does not cover the use; `unsure`: an edge of it lies within the clock's error."""

    grant: GrantFact
    against: tuple[str, ...]
    unsure: bool = False


def covering(stack: Stack, facts: Facts, claim: ForceClaim) -> Covering | None:
    """The grant that the report names, or the one among those on record that fits best; None: none on record."""
    if claim.grant is not None:
        named = facts.grant(claim.grant, _latest(claim))
        return _weighed(stack, named, claim) if named else None
    if claim.tool is None:
        return None
    best: Covering | None = None
    for item in facts.grants_of(claim.tool, claim.sector, _earliest(claim), _latest(claim)):
        tried = _weighed(stack, item, claim)
        if not tried.against and not tried.unsure:
            return tried  # none can fit better, and of equals the newest counts
        if best is None or (len(tried.against), tried.unsure) < (len(best.against), best.unsure):
            best = tried
    return best


def _latest(claim: ForceClaim) -> datetime:
    """Grants recorded within the clock's error after the use may have been there at the use.

    A claim at the end of the calendar does not come here: its clock tells nothing.
    """
    return claim.at + timedelta(milliseconds=max(claim.clock_error_ms, 0))


def _earliest(claim: ForceClaim) -> datetime:
    """Grants that ended within the clock's error before the use may still have been there."""
    return claim.at - timedelta(milliseconds=max(claim.clock_error_ms, 0))


def _weighed(stack: Stack, grant: GrantFact, claim: ForceClaim) -> Covering:
    against = tuple(_against(stack, grant, claim))
    return Covering(grant, against, _unsure(grant, claim))


def _against(stack: Stack, grant: GrantFact, claim: ForceClaim) -> Iterator[str]:
    at = claim.at
    if at < grant.since:
        yield f"the grant {grant.grant} came later, at {time_of_day(grant.since)} UTC"
    if grant.until is None:
        yield f"the grant {grant.grant} has no end, and such a grant is none"
    elif at >= grant.until:
        yield f"the grant {grant.grant} had ended at {time_of_day(grant.until)} UTC"
    if grant.ended is not None and at >= grant.ended and not grant.denied:
        yield f"the grant {grant.grant} had been revoked at {time_of_day(grant.ended)} UTC"
    if grant.tool != claim.tool:
        yield f"it was granted for {grant.tool}"
    if grant.sector is not None and grant.sector != claim.sector:
        yield f"it was granted for the sector {grant.sector}"
    if grant.purpose is not None and claim.purpose is not None and grant.purpose != claim.purpose:
        yield f"it was granted to {grant.purpose}, and used to {claim.purpose}"
    if grant.subject is not None and grant.subject != claim.subject:
        yield "it was granted against another person"
    if grant.users and claim.officer not in grant.users:
        yield f"{claim.officer} is not one of those it was granted to"
    # Who does not say how much has used one at least: silence does not stretch a grant.
    used = 1 if claim.quantity is None else claim.quantity
    if grant.quantity is not None and grant.used + used > grant.quantity:
        yield f"more was used than the {grant.quantity} granted"
    if grant.denied:
        yield f"{grant.authorizer} says that they never gave the order {grant.grant}"
    elif grant.relayed and grant.confirmed is None and not _relay_counts(stack, grant):
        yield f"the order of {grant.authorizer} was relayed and not confirmed"


def _relay_counts(stack: Stack, grant: GrantFact) -> bool:
    accepted = [relay.worth == "authorizes with read-back" for _, relay in stack.relays]
    return bool(accepted) and all(accepted) and grant.read_back


def _unsure(grant: GrantFact, claim: ForceClaim) -> bool:
    if claim.clock_error_ms <= 0 or grant.denied:
        return False
    error = timedelta(milliseconds=claim.clock_error_ms)
    edges = (grant.since, grant.until, grant.ended)
    return any(edge is not None and abs(edge - claim.at) <= error for edge in edges)
