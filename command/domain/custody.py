"""Custody and property: who has whom and what. Everything is a report; what does not fit is a finding, never a refusal."""

from __future__ import annotations

from command.domain.commands_custody import (
    AnswerForCustody,
    CallGuardian,
    CountHeads,
    EnterStation,
    ExplainHold,
    HandOver,
    MoveBag,
    RecordCare,
    ReleasePerson,
    RelieveHolder,
    TakeProperty,
)
from command.domain.custody_fold import awaiting, having, in_charge_of, there
from command.domain.deciding import Context, Draft, Outcome, one
from command.domain.events_custody import (
    BagMoved,
    CareRecorded,
    CustodyAnswered,
    CustodyTransferred,
    GuardianCalled,
    HeadCounted,
    HolderRelieved,
    HoldExplained,
    PersonReleased,
    PropertyTaken,
    StationEntered,
)
from command.domain.sites import Against, against_minor, brought, finding
from command.domain.state import State
from command.domain.state_arrest import HeldSpan, Person


def held_at(person: Person, ctx: Context) -> HeldSpan | None:
    """Who had the person at the moment that the report is about."""
    return next((span for span in reversed(person.spans) if span.since <= ctx.occurred_at), None)


def hand_over(state: State, cmd: HandOver, ctx: Context) -> Outcome:
    """A person went from one to the next. What does not fit what was known is said, and kept."""
    said = {name: getattr(cmd, name) for name in cmd.__struct_fields__}
    event = CustodyTransferred(**(said | {"arrest": cmd.arrest or _arrest(state, cmd.subject)}))
    person = state.custody.people.get(cmd.subject)
    against: list[Against] = []
    if person is None:
        against.append(("cannot tell", "nobody has recorded an arrest of this person yet"))
    else:
        against.extend(_from_whom(person, cmd.from_holder, ctx))
    before = held_at(person, ctx) if person is not None else None
    there = brought(state, person, cmd.to_holder, before, ctx, is_site=cmd.kind == "site")
    against.extend((kind, why) for kind, _, why in there)
    refs = tuple(ref for _, named, _ in there for ref in named)
    topics = ("custody", "juvenile") if person is not None and person.apart else ("custody",)
    drafts = [Draft(event, finding=finding(ctx, topics, against, refs))]
    drafts.extend(
        Draft(BagMoved(bag, cmd.subject, cmd.to_holder, "site" if cmd.kind == "site" else "vehicle"
                       if cmd.kind == "vehicle" else "officer", cmd.from_holder))
        for bag in cmd.with_bags
    )  # fmt: skip
    return tuple(drafts)


def _from_whom(person: Person, before: str | None, ctx: Context) -> list[Against]:
    now = held_at(person, ctx)
    if now is None:
        return [("cannot tell", "the hand-over is said to have been before the arrest")]
    if now.holder == "":
        return [("cannot tell", f"the log has them free since {now.since:%H:%M:%S} UTC")]
    if before is not None and before != now.holder:
        why = f"given over by {before}; the log has them with {now.holder} since {now.since:%H:%M:%S} UTC"
        return [("contrary to plan", why)]
    return []


def enter_station(state: State, cmd: EnterStation, ctx: Context) -> Outcome:
    """A person came to a station."""
    event = StationEntered(cmd.subject, cmd.arrest or _arrest(state, cmd.subject), cmd.site, cmd.station)
    person, site = state.custody.people.get(cmd.subject), state.custody.sites.get(cmd.site)
    against: list[Against] = []
    if site is None:
        against.append(("cannot tell", "no site is open under the number that it names"))
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
    return one(event, finding=finding(ctx, (topic,), against))


def count_heads(state: State, cmd: CountHeads, ctx: Context) -> Outcome:
    """A count that differs from the log's own is a finding: somebody is lost, or nobody wrote them down."""
    event = HeadCounted(cmd.count, cmd.holder, cmd.heads, cmd.when, cmd.from_holder)
    expected = len(there(state, cmd.holder, ctx.occurred_at, ctx.now))
    against: list[Against] = []
    if expected != cmd.heads:
        awaits = awaiting(state, cmd.holder)
        unsure = f", {awaits} of them not yet confirmed by the receiver" if awaits else ""
        against.append(
            ("contrary to plan", f"{cmd.heads} heads counted, {expected} on record with {cmd.holder}{unsure}")
        )
    return one(event, finding=finding(ctx, ("custody",), against))


def relieve_holder(state: State, cmd: RelieveHolder, ctx: Context) -> Outcome:
    """Every person and bag of the one goes to the other, each by a hand-over of its own; of a unit, its crew's as well.

    Those whom the relieved are in charge of where they are, in a vehicle on its way, stay there and count as heads.
    """
    holders = having(state, cmd.from_holder)
    held = [(holder, subject) for holder in holders for subject in sorted(state.custody.held.get(holder) or ())]
    bags = sorted((bag.bag, bag.keeper) for bag in state.custody.bags.values() if bag.keeper in holders)
    people = len(held) + len(in_charge_of(state, holders))
    against: list[Against] = []
    if cmd.heads is not None and cmd.heads != people:
        against.append(("contrary to plan", f"{cmd.heads} heads counted, {people} on record with {cmd.from_holder}"))
    event = HolderRelieved(cmd.relief, cmd.from_holder, cmd.to_holder, people, len(bags), cmd.heads)
    drafts = [Draft(event, finding=finding(ctx, ("custody",), against))]
    unit = cmd.to_holder in state.structure.units
    for number, (holder, subject) in enumerate(held):
        moved = CustodyTransferred(
            subject,
            _arrest(state, subject),
            ctx.made(f"p{number}"),
            holder,
            cmd.to_holder,
            "unit" if unit else "officer",
            None if unit else cmd.to_holder,
        )
        drafts.append(Draft(moved))
    for bag, keeper in bags:
        drafts.append(Draft(BagMoved(bag, state.custody.bags[bag].subject, cmd.to_holder, "officer", keeper)))
    return tuple(drafts)


def answer(state: State, cmd: AnswerForCustody, ctx: Context) -> Outcome:
    """A holder says that they have somebody, or not. That the log's own holder says no is the finding."""
    event = CustodyAnswered(
        cmd.subject, cmd.arrest or _arrest(state, cmd.subject), cmd.answer, cmd.holder, cmd.has, cmd.note
    )
    person = state.custody.people.get(cmd.subject)
    now = held_at(person, ctx) if person is not None else None
    against: list[Against] = []
    if person is None:
        against.append(("cannot tell", "nobody has recorded an arrest of this person yet"))
    elif cmd.has and (now is None or now.holder != cmd.holder):
        where = now.holder if now is not None and now.holder else "nobody"
        against.append(("contrary to plan", f"{cmd.holder} has them; the log has them with {where}"))
    elif not cmd.has and now is not None and now.holder == cmd.holder:
        against.append(
            (
                "contrary to plan",
                f"{cmd.holder} has not got them; the log has them there since {now.since:%H:%M:%S} UTC",
            )
        )
    return one(event, finding=finding(ctx, ("custody",), against))


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
    against: list[Against] = [] if event.reason_written else [("contrary to plan", "no explanation is written")]
    return one(event, finding=finding(ctx, ("clock",), against))


def take_property(state: State, cmd: TakeProperty, ctx: Context) -> Outcome:
    """A bag was taken; a number that is on another bag already is said."""
    said = {name: getattr(cmd, name) for name in cmd.__struct_fields__}
    event = PropertyTaken(**(said | {"arrest": cmd.arrest or _arrest(state, cmd.subject)}))
    known = state.custody.bags.get(cmd.bag)
    against: list[Against] = []
    if known is not None and known.subject != cmd.subject:
        against.append(("contrary to plan", f"the bag {cmd.bag} is another person's"))
    return one(event, finding=finding(ctx, ("custody",), against))


def move_bag(state: State, cmd: MoveBag, ctx: Context) -> Outcome:
    """A bag went to its next keeper, or back to its owner."""
    event = BagMoved(cmd.bag, cmd.subject, cmd.to_holder, cmd.kind, cmd.from_holder, cmd.signed, cmd.note)
    known = state.custody.bags.get(cmd.bag)
    against: list[Against] = []
    if known is None:
        against.append(("cannot tell", f"no bag {cmd.bag} is on record"))
    elif cmd.from_holder is not None and cmd.from_holder != known.keeper:
        against.append(("contrary to plan", f"given over by {cmd.from_holder}; the log has it with {known.keeper}"))
    elif known.subject != cmd.subject:
        against.append(("contrary to plan", f"the bag {cmd.bag} is another person's"))
    return one(event, finding=finding(ctx, ("custody",), against))


def release_person(state: State, cmd: ReleasePerson, _ctx: Context) -> Outcome:
    """A person is free: kept at once, whatever is missing."""
    said = {name: getattr(cmd, name) for name in cmd.__struct_fields__}
    return one(PersonReleased(**(said | {"arrest": cmd.arrest or _arrest(state, cmd.subject)})))


def _arrest(state: State, subject: str) -> str | None:
    return state.arrests.by_subject.get(subject)


def _says(text: str | None) -> bool:
    return text is not None and bool(text.strip())
