"""Sites and vehicles for people in custody: opened by the plan's gate, checked against its list; who is there is kept."""

from __future__ import annotations

from datetime import datetime

from command.domain.asking import judge_ask
from command.domain.commands_custody import CheckFacility, CloseSite, OpenSite
from command.domain.deciding import Context, Draft, Outcome, Refusal, one
from command.domain.events_custody import FacilityChecked, SiteClosed, SiteOpened
from command.domain.facts import StateFacts
from command.domain.state import State
from command.domain.state_arrest import HeldSpan, Person, Site
from command.policy import sites as rules
from command.policy.authority import UNKNOWN_DENIES
from command.policy.decision import Finding, FindingKind, RuleRef

Against = tuple[FindingKind, str]
"""One thing that a finding is made of."""


def finding(
    ctx: Context, topics: tuple[str, ...], against: list[Against], more: tuple[RuleRef, ...] = ()
) -> Finding | None:
    """None where nothing is against it: what fits needs no word."""
    if not against:
        return None
    kinds = [kind for kind, _ in against]
    order: tuple[FindingKind, ...] = ("contrary to plan", "no authorization on record", "cannot tell")
    kind = next(kind for kind in order if kind in kinds)
    named = (*more, *(found for topic in topics for found in ctx.stack.arrests.refs(topic)))
    return Finding(kind, tuple(dict.fromkeys(named)) or (UNKNOWN_DENIES,), tuple(why for _, why in against))


def open_site(state: State, cmd: OpenSite, ctx: Context) -> Outcome:
    """Ask that a site takes people from now on: its newest checklist, its room and its staff are what is judged."""
    looked = state.custody.checks.get(cmd.site)
    verdict = judge_ask(
        state,
        ctx,
        "site.open",
        sector=cmd.sector,
        detail=cmd.site,
        site_kind=cmd.kind,
        capacity=cmd.capacity,
        staff=cmd.trained_staff,
        present=looked.present if looked else None,
        checked_age_s=(ctx.now - looked.at).total_seconds() if looked else None,
        adults=cmd.adults,
        minors=cmd.minors,
        minors_apart=cmd.minors_apart,
    )
    if isinstance(verdict, Refusal):
        return verdict
    opened = SiteOpened(**{name: getattr(cmd, name) for name in cmd.__struct_fields__})
    return (Draft(opened, decision=verdict),)


def check_facility(state: State, cmd: CheckFacility, ctx: Context) -> Outcome:
    """The checklist of a site. What the plan asks for and nobody says is there is missing."""
    site = state.custody.sites.get(cmd.site)
    kind = site.kind if site is not None else cmd.kind
    wanted = rules.checklist(ctx.stack, kind) if kind is not None else ()
    lacks = tuple(dict.fromkeys((*cmd.missing, *(item for item in wanted if item not in cmd.present))))
    event = FacilityChecked(cmd.site, cmd.check, cmd.present, lacks, cmd.note, kind)
    named = tuple(ref for ref, rule in rules.rules_of(ctx.stack, kind) if not set(rule.items).isdisjoint(lacks))
    return one(
        event, finding=finding(ctx, ("processing",), [("contrary to plan", f"lacks {it}") for it in lacks], named)
    )


def close_site(state: State, cmd: CloseSite, ctx: Context) -> Outcome:
    """A site takes nobody any more; who is still there is said."""
    here = state.custody.held.get(cmd.site)
    still = len(here) if here else 0
    against: list[Against] = [("contrary to plan", f"{still} in custody there, as the log has it")] if still else []
    return one(SiteClosed(cmd.site), finding=finding(ctx, ("custody",), against))


def brought(
    state: State, person: Person | None, to: str, before: HeldSpan | None, ctx: Context, *, is_site: bool
) -> tuple[rules.Against, ...]:
    """What is against bringing somebody to a site, or to one that nobody has opened."""
    site = state.custody.sites.get(to)
    if site is None and not is_site:
        return ()
    claim = claim_of(state, to, site, person, before, ctx.occurred_at)
    return tuple(rules.against(ctx.stack, StateFacts(state), claim, ctx.occurred_at))


def claim_of(
    state: State, to: str, site: Site | None, person: Person | None, before: HeldSpan | None, at: datetime
) -> rules.SiteClaim:
    """The site as the plan judges it; none where nobody has opened it."""
    if site is None:
        return rules.SiteClaim(name=to, kind="", opened=False)
    here = state.custody.held.get(to)
    vehicle = before is not None and before.kind == "vehicle"
    return rules.SiteClaim(
        name=site.name,
        kind=site.kind,
        closed=site.closed_at is not None,
        capacity=site.capacity,
        people=len(here) if here else 0,
        present=site.present,
        missing=site.missing or (),
        checked_age_s=(at - site.checked_at).total_seconds() if site.checked_at else None,
        staff=site.trained_staff,
        adults=site.adults,
        minors=site.minors,
        minors_apart=site.minors_apart,
        apart=person is not None and person.apart,
        travelled_s=(at - before.since).total_seconds() if vehicle and before is not None else None,
    )


def against_minor(person: Person | None, site: Site) -> list[Against]:
    """Someone to be kept apart from adults does not go where adults are."""
    if person is None or not person.apart:
        return []
    claim = rules.SiteClaim(
        name=site.name, kind=site.kind, adults=site.adults, minors=site.minors, minors_apart=site.minors_apart
    )
    return [(kind, why) for kind, _, why in rules.minor(claim, ())]
