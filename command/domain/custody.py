"""Custody and property: who has whom and what. Everything is a report; what does not fit is a finding, never a refusal."""

from __future__ import annotations

from command.domain.commands_custody import (
    CallGuardian,
    CheckFacility,
    CloseSite,
    CountHeads,
    EnterStation,
    ExplainHold,
    HandOver,
    MoveBag,
    OpenSite,
    RecordCare,
    ReleasePerson,
    RelieveHolder,
    TakeProperty,
)
from command.domain.deciding import Context, Draft, Outcome, one
from command.domain.events_custody import (
    BagMoved,
    CareRecorded,
    CustodyTransferred,
    FacilityChecked,
    GuardianCalled,
    HeadCounted,
    HolderRelieved,
    HoldExplained,
    PersonReleased,
    PropertyTaken,
    SiteClosed,
    SiteOpened,
    StationEntered,
)
from command.domain.state import State
from command.domain.state_arrest import HeldSpan, Person, Site
from command.policy.authority import UNKNOWN_DENIES
from command.policy.decision import Finding, FindingKind, RuleRef


def held_at(person: Person, ctx: Context) -> HeldSpan | None:
    """Who had the person at the moment that the report is about."""
    return next((span for span in reversed(person.spans) if span.since <= ctx.occurred_at), None)


def hand_over(state: State, cmd: HandOver, ctx: Context) -> Outcome:
    """A person went from one to the next. What does not fit what was known is said, and kept."""
    said = {name: getattr(cmd, name) for name in cmd.__struct_fields__}
    event = CustodyTransferred(**(said | {"arrest": cmd.arrest or _arrest(state, cmd.subject)}))
    person = state.custody.people.get(cmd.subject)
    against: list[tuple[FindingKind, str]] = []
    if person is None:
        against.append(("cannot tell", f"nobody has recorded an arrest of {cmd.subject} yet"))
    else:
        against.extend(_from_whom(person, cmd.from_holder, ctx))
    against.extend(_into_site(state, person, cmd.to_holder))
    drafts = [Draft(event, finding=_finding(ctx, "custody", against))]
    drafts.extend(
        Draft(BagMoved(bag, cmd.subject, cmd.to_holder, "site" if cmd.kind == "site" else "vehicle"
                       if cmd.kind == "vehicle" else "officer", cmd.from_holder))
        for bag in cmd.with_bags
    )  # fmt: skip
    return tuple(drafts)


def _from_whom(person: Person, before: str | None, ctx: Context) -> list[tuple[FindingKind, str]]:
    now = held_at(person, ctx)
    if now is None:
        return [("cannot tell", "the hand-over is said to have been before the arrest")]
    if now.holder == "":
        return [("cannot tell", f"the log has them free since {now.since:%H:%M:%S} UTC")]
    if before is not None and before != now.holder:
        why = f"given over by {before}; the log has them with {now.holder} since {now.since:%H:%M:%S} UTC"
        return [("contrary to plan", why)]
    return []


def _into_site(state: State, person: Person | None, holder: str) -> list[tuple[FindingKind, str]]:
    site = state.custody.sites.get(holder)
    if site is None:
        return []
    found: list[tuple[FindingKind, str]] = []
    if site.closed_at is not None:
        found.append(("contrary to plan", f"{site.name} is closed"))
    if site.missing:  # Pier 57, New York 2004: a hall without what a checklist would have asked for
        found.append(("contrary to plan", f"{site.name} lacks {', '.join(site.missing)}, as its checklist has it"))
    here = state.custody.held.get(holder)
    if (len(here) if here else 0) >= site.capacity:
        found.append(("contrary to plan", f"{site.name} has room for {site.capacity}, and is full"))
    found.extend(against_minor(person, site))
    return found


def against_minor(person: Person | None, site: Site) -> list[tuple[FindingKind, str]]:
    """Someone to be kept apart from adults does not go where adults are (C5; D.C. practice, JJDPA)."""
    if person is None or not person.apart:
        return []
    if not site.minors:
        return [("contrary to plan", f"{site.name} is not for minors")]
    if site.adults and not site.minors_apart:
        return [("contrary to plan", f"{site.name} does not keep minors apart by sight and sound")]
    return []


def enter_station(state: State, cmd: EnterStation, ctx: Context) -> Outcome:
    """A person came to a station."""
    event = StationEntered(cmd.subject, cmd.arrest or _arrest(state, cmd.subject), cmd.site, cmd.station)
    person, site = state.custody.people.get(cmd.subject), state.custody.sites.get(cmd.site)
    against: list[tuple[FindingKind, str]] = []
    if site is None:
        against.append(("cannot tell", f"no site {cmd.site} is open"))
    else:
        against.extend(against_minor(person, site))
        if site.stations and cmd.station not in site.stations:
            against.append(("cannot tell", f"{site.name} has no station {cmd.station}"))
    now = held_at(person, ctx) if person else None
    if now is None or now.holder != cmd.site:
        where = now.holder if now and now.holder else "nobody"
        against.append(
            ("contrary to plan", f"the log has them with {where}; nobody recorded a hand-over to {cmd.site}")
        )
    topic = "juvenile" if person is not None and person.apart else "custody"
    return one(event, finding=_finding(ctx, topic, against))


def open_site(_state: State, cmd: OpenSite, _ctx: Context) -> Outcome:
    """A site takes people from now on."""
    return one(SiteOpened(**{name: getattr(cmd, name) for name in cmd.__struct_fields__}))


def check_facility(_state: State, cmd: CheckFacility, ctx: Context) -> Outcome:
    """The checklist of a site."""
    event = FacilityChecked(cmd.site, cmd.check, cmd.present, cmd.missing, cmd.note)
    against: list[tuple[FindingKind, str]] = [("contrary to plan", f"lacks {item}") for item in cmd.missing]
    return one(event, finding=_finding(ctx, "processing", against))


def close_site(state: State, cmd: CloseSite, ctx: Context) -> Outcome:
    """A site takes nobody any more; who is still there is said."""
    here = state.custody.held.get(cmd.site)
    still = len(here) if here else 0
    against: list[tuple[FindingKind, str]] = (
        [("contrary to plan", f"{still} in custody there, as the log has it")] if still else []
    )
    return one(SiteClosed(cmd.site), finding=_finding(ctx, "custody", against))


def count_heads(state: State, cmd: CountHeads, ctx: Context) -> Outcome:
    """A count that differs from the log's own is a finding: somebody is lost, or nobody wrote them down."""
    event = HeadCounted(cmd.count, cmd.holder, cmd.heads, cmd.when, cmd.from_holder)
    here = state.custody.held.get(cmd.holder)
    expected = len(here) if here else 0
    against: list[tuple[FindingKind, str]] = []
    if expected != cmd.heads:
        against.append(("contrary to plan", f"{cmd.heads} heads counted, {expected} on record with {cmd.holder}"))
    return one(event, finding=_finding(ctx, "custody", against))


def relieve_holder(state: State, cmd: RelieveHolder, ctx: Context) -> Outcome:
    """Every person and bag of the one goes to the other, each by a hand-over of its own."""
    here = state.custody.held.get(cmd.from_holder)
    subjects = sorted(here) if here else []
    bags = sorted(bag.bag for bag in state.custody.bags.values() if bag.keeper == cmd.from_holder)
    against: list[tuple[FindingKind, str]] = []
    if cmd.heads is not None and cmd.heads != len(subjects):
        against.append(
            ("contrary to plan", f"{cmd.heads} heads counted, {len(subjects)} on record with {cmd.from_holder}")
        )
    event = HolderRelieved(cmd.relief, cmd.from_holder, cmd.to_holder, len(subjects), len(bags), cmd.heads)
    drafts = [Draft(event, finding=_finding(ctx, "custody", against))]
    for number, subject in enumerate(subjects):
        moved = CustodyTransferred(
            subject,
            _arrest(state, subject),
            ctx.made(f"p{number}"),
            cmd.from_holder,
            cmd.to_holder,
            "officer",
            cmd.to_holder,
        )
        drafts.append(Draft(moved))
    for bag in bags:
        drafts.append(Draft(BagMoved(bag, state.custody.bags[bag].subject, cmd.to_holder, "officer", cmd.from_holder)))
    return tuple(drafts)


def record_care(state: State, cmd: RecordCare, _ctx: Context) -> Outcome:
    """Water, food, a toilet, medical help."""
    arrest = cmd.arrest or _arrest(state, cmd.subject)
    return one(CareRecorded(cmd.subject, arrest, cmd.care, cmd.outcome, cmd.note))


def call_guardian(state: State, cmd: CallGuardian, _ctx: Context) -> Outcome:
    """A minor's guardian was called."""
    return one(GuardianCalled(cmd.subject, cmd.arrest or _arrest(state, cmd.subject), cmd.reached, cmd.who))


def explain_hold(_state: State, cmd: ExplainHold, ctx: Context) -> Outcome:
    """Why someone is still held; without a reason it explains nothing, and the duty stays open."""
    event = HoldExplained(cmd.subject, cmd.arrest, cmd.explanation, cmd.eligible, _says(cmd.reason), cmd.reason)
    against: list[tuple[FindingKind, str]] = (
        [] if event.reason_written else [("contrary to plan", "no explanation is written")]
    )
    return one(event, finding=_finding(ctx, "clock", against))


def take_property(state: State, cmd: TakeProperty, ctx: Context) -> Outcome:
    """A bag was taken; a number that is on another bag already is said."""
    said = {name: getattr(cmd, name) for name in cmd.__struct_fields__}
    event = PropertyTaken(**(said | {"arrest": cmd.arrest or _arrest(state, cmd.subject)}))
    known = state.custody.bags.get(cmd.bag)
    against: list[tuple[FindingKind, str]] = []
    if known is not None and known.subject != cmd.subject:
        against.append(("contrary to plan", f"the bag {cmd.bag} is another person's"))
    return one(event, finding=_finding(ctx, "custody", against))


def move_bag(state: State, cmd: MoveBag, ctx: Context) -> Outcome:
    """A bag went to its next keeper, or back to its owner."""
    event = BagMoved(cmd.bag, cmd.subject, cmd.to_holder, cmd.kind, cmd.from_holder, cmd.signed, cmd.note)
    known = state.custody.bags.get(cmd.bag)
    against: list[tuple[FindingKind, str]] = []
    if known is None:
        against.append(("cannot tell", f"no bag {cmd.bag} is on record"))
    elif cmd.from_holder is not None and cmd.from_holder != known.keeper:
        against.append(("contrary to plan", f"given over by {cmd.from_holder}; the log has it with {known.keeper}"))
    elif known.subject != cmd.subject:
        against.append(("contrary to plan", f"the bag {cmd.bag} is another person's"))
    return one(event, finding=_finding(ctx, "custody", against))


def release_person(state: State, cmd: ReleasePerson, _ctx: Context) -> Outcome:
    """A person is free: kept at once, whatever is missing."""
    said = {name: getattr(cmd, name) for name in cmd.__struct_fields__}
    return one(PersonReleased(**(said | {"arrest": cmd.arrest or _arrest(state, cmd.subject)})))


def _arrest(state: State, subject: str) -> str | None:
    return state.arrests.by_subject.get(subject)


def _finding(ctx: Context, topic: str, against: list[tuple[FindingKind, str]]) -> Finding | None:
    """None where nothing is against it: a hand-over that fits needs no word."""
    if not against:
        return None
    kinds = {kind for kind, _ in against}
    kind: FindingKind = "contrary to plan" if "contrary to plan" in kinds else "cannot tell"
    rules: tuple[RuleRef, ...] = ctx.stack.arrests.refs(topic) or (UNKNOWN_DENIES,)
    return Finding(kind, rules, tuple(why for _, why in against))


def _says(text: str | None) -> bool:
    return text is not None and bool(text.strip())
