"""Whose word about a person counts. Authority rests on proof: a self-declared rank is on record, and grants nothing.

A check-in or check-out is a report and is always kept. What it claims counts once
it is confirmed: by the author's own account (agency and rank), by someone else who
holds a position of the lead agency's command staff, or by the operator of this
machine (the command line, an exercise's script), who could write the accounts too.
An assisting agency speaks for its own people, and for nobody else's.
"""

from __future__ import annotations

from msgspec.structs import replace

from command.domain.commands import CheckIn
from command.domain.deciding import Context
from command.domain.events import Claim, PersonCheckedIn
from command.domain.facts import StateFacts, version_at
from command.domain.state import Person, State
from command.policy.authority import UNKNOWN_DENIES
from command.policy.decision import Finding
from command.policy.model import INCIDENT_COMMANDER

STAFF = (INCIDENT_COMMANDER, "deputy", "planning")
"""Positions whose holder, of the lead agency, keeps the record of who is on duty."""

_WHY: dict[Claim, str] = {
    "presence": "said by someone who neither is this person nor keeps the record of who is on duty",
    "agency": "the agency is not the one that the author signed in for",
    "rank": "the rank is not the one of the author's account",
    "training": "training that is not on one's account counts once command staff have confirmed it",
}


def unconfirmed(state: State, cmd: CheckIn, ctx: Context) -> tuple[Claim, ...]:
    """Which claims of a check-in nobody who could know them stands behind; empty where all are confirmed."""
    if ctx.rank is None:
        return ()
    if cmd.person != ctx.actor.person:
        return () if _speaks_for(state, ctx, cmd.person, cmd.agency) else ("presence",)
    known = version_at(state.structure.people.get(cmd.person), ctx.occurred_at)
    doubts: list[Claim] = []
    if cmd.agency != ctx.actor.agency:
        doubts.append("agency")
    if cmd.rank != ctx.rank and (known is None or known.rank != cmd.rank):
        doubts.append("rank")
    if not set(cmd.training) <= {*ctx.training, *(known.training if known else ())}:
        doubts.append("training")
    return tuple(doubts)


def may_check_out(state: State, person: str, ctx: Context) -> bool:
    """Whether the author's word that this person is off duty counts."""
    return ctx.rank is None or person == ctx.actor.person or _speaks_for(state, ctx, person, None)


def doubt(claims: tuple[Claim, ...]) -> Finding | None:
    """The finding that says what is not confirmed; None where everything is."""
    return Finding("cannot tell", (UNKNOWN_DENIES,), tuple(_WHY[claim] for claim in claims)) if claims else None


def as_confirmed(event: PersonCheckedIn, agency: str, before: Person | None) -> PersonCheckedIn:
    """The check-in as far as confirmed. `agency` is the author's own, `before` what was known by then.

    What is in doubt stays as it was known, and unknown ("", no training) where it was not.
    Training that nobody speaks of stays as it was as well: a form without that field takes none away.
    """
    kept = event.training if "training" not in event.unconfirmed else ()
    return replace(
        event,
        agency=agency if "agency" in event.unconfirmed else event.agency,
        rank=(before.rank if before else "") if "rank" in event.unconfirmed else event.rank,
        training=kept or (before.training if before else ()),
    )


def keeps_the_record(state: State, ctx: Context) -> bool:
    """Whether the author holds a position of the lead agency's command staff now."""
    facts = StateFacts(state)
    held = facts.positions_of(ctx.actor.person, ctx.now)
    return ctx.actor.agency == facts.lead_agency and not set(STAFF).isdisjoint(held)


def _speaks_for(state: State, ctx: Context, person: str, agency: str | None) -> bool:
    facts = StateFacts(state)
    if ctx.actor.agency == facts.lead_agency:
        return keeps_the_record(state, ctx)
    known = facts.person(person, ctx.now)
    named = {agency, known.agency if known else None} - {None}
    return facts.agency_kind(ctx.actor.agency) is not None and named == {ctx.actor.agency}
