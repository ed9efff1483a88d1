"""Is this the right person, now? Position, rank, agency, training, and never the one who asked.

Everything is looked up at the moment of the question, so that a relieved commander's
authority has ended with the event that relieved them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from command.policy.decision import Bound, Decision, Effect, RuleRef
from command.policy.facts import DelegationFact, Facts, PersonFact
from command.policy.request import Request
from command.policy.stack import Gate, Post, Stack, Way

UNKNOWN_DENIES = RuleRef(pack="muster", rule="unknown-denies", says="What cannot be judged is not permitted.")
NO_RULE_DENIES = RuleRef(pack="muster", rule="no-rule-denies", says="What no rule of the plan allows is refused.")


class No(NamedTuple):
    """Why something does not hold. `missing`: it would, once this is there; else it is simply barred."""

    missing: bool
    why: str


NOT_ONES_OWN = frozenset({"level.grant", "force.grant", "force.renew", "force.cosign"})
"""What the one who asked may not do (A21)."""

BY_DELEGATE = No(False, "the one who asked may not have it granted by authority that they delegated themselves")

NOBODY = No(False, "no rule of the plan says who may")


class Weighing:
    """The two pans while an ask is judged; `decision` closes them."""

    __slots__ = ("_bound", "_missing", "_notes", "_refused", "_rules", "_wait")

    def __init__(self) -> None:
        self._bound: tuple[Bound, ...] = ()
        self._wait: datetime | None = None
        self._rules: dict[RuleRef, None] = {}
        self._refused: list[str] = []
        self._missing: list[str] = []
        self._notes: list[str] = []

    def name(self, rules: Iterable[RuleRef]) -> None:
        """These rules took part."""
        self._rules.update(dict.fromkeys(rules))

    def note(self, sentence: str) -> None:
        """Something that the reader should know and that decides nothing."""
        self._notes.append(sentence)

    def refuse(self, why: str) -> None:
        """The plan stands in the way."""
        self._refused.append(why)

    def need(self, what: str, until: datetime | None = None) -> None:
        """The plan would not stand in the way once this is there; `until`: when it comes by itself, or may come."""
        self._missing.append(what)
        if until is not None:
            self._wait = until if self._wait is None else max(self._wait, until)

    def merge(self, other: Weighing) -> None:
        """What was weighed apart, put into these pans."""
        self.name(other._rules)
        self._refused.extend(other._refused)
        self._notes.extend(other._notes)
        for what in other._missing:
            self.need(what, other._wait)

    @property
    def wait(self) -> datetime | None:
        """When what is missing comes by itself, or may come; None where time alone changes nothing."""
        return self._wait

    def bind(self, bound: tuple[Bound, ...]) -> None:
        """Which pack set what."""
        self._bound = bound

    def take(self, no: No | None) -> None:
        """An answer of one of the checks below; None: it holds."""
        if no is not None:
            (self.need if no.missing else self.refuse)(no.why)

    @property
    def effect(self) -> Effect:
        """How it stands so far."""
        return "refused" if self._refused else "missing" if self._missing else "not barred"

    def decision(self, who_may: tuple[str, ...] = (), until: datetime | None = None) -> Decision:
        """The answer. `until` is kept only where nothing stands in the way; where something is missing, its own wait."""
        effect = self.effect
        return Decision(
            effect=effect,
            rules=tuple(self._rules) or (UNKNOWN_DENIES,),
            reasons=tuple(dict.fromkeys((*self._refused, *self._notes))),  # what two packs ask for is said once
            missing=tuple(dict.fromkeys(self._missing)),
            who_may=who_may,
            until=until if effect == "not barred" else self._wait if effect == "missing" else None,
            bound=self._bound,
        )


def on_duty(facts: Facts, person: str, at: datetime) -> PersonFact | No:
    """The person as judgement needs them, or why there is nothing to judge."""
    fact = facts.person(person, at)
    if fact is None:
        return No(True, f"check-in of {person}: without it their agency, rank and training are not known")
    if not fact.on_scene:
        return No(False, f"{person} has checked out")
    return fact


def authority(
    gates: tuple[Gate, ...], stack: Stack, facts: Facts, request: Request, now: datetime, *, trained: bool
) -> list[No]:
    """Why the author of the ask may not; empty where they may. Every gate must open, by any of its ways.

    `trained`: the position's training must be in date, as it must be to raise
    anything. Stepping down asks for less: no one is kept at a level for want of a course.
    """
    fact = on_duty(facts, request.person, now)
    if isinstance(fact, No):
        return [fact]
    if fact.agency != request.agency:
        return [No(False, f"{request.person} is signed in for {request.agency} and checked in for {fact.agency}")]
    if not gates:
        return [NOBODY]
    found: list[No] = []
    for gate in gates:
        against = [no for way in gate.ways if (no := _against(way, stack, facts, request, fact, now, trained))]
        if len(against) == len(gate.ways):
            found.extend([no for no in against if no.missing] or against or [NOBODY])
    return list(dict.fromkeys(found))


def _against(
    way: Way, stack: Stack, facts: Facts, request: Request, fact: PersonFact, now: datetime, trained: bool
) -> No | None:
    if no := _agency(way, facts, request, fact, now):
        return no
    asked = request.requester if request.action in NOT_ONES_OWN and not way.requester_may else None
    if way.positions and (no := _position(way, stack, facts, request.person, fact, now, trained, asked)):
        return no
    if way.rank_from is not None and (no := _rank(way, stack, facts, request, fact, now, asked)):
        return no
    if no := _at_the_place(way, stack, facts, request, now):
        return no
    if way.training and (no := lacking(way.training, "this", fact, now)):
        return no
    if request.action in NOT_ONES_OWN and not way.requester_may:
        if request.requester is None:
            return No(True, "who made the ask")
        if request.requester == request.person:
            return No(False, "the one who asked may not be the one who grants")
    return None


def _agency(way: Way, facts: Facts, request: Request, fact: PersonFact, now: datetime) -> No | None:
    lead = facts.lead_agency
    if lead is None:
        return No(True, "the lead agency of the incident")
    if fact.agency == lead and way.agency != "own unit":
        return None
    if way.agency == "lead":
        return No(False, f"{fact.agency} is not the lead agency, which keeps command over everyone")
    if way.agency == "own unit":
        if fact.agency == lead:
            return No(False, f"{fact.person} commands units of the lead agency only by position or rank")
        if request.unit_agency is None:
            return No(True, "the agency of the unit")
        if request.unit_agency != fact.agency:
            return No(False, f"the unit is of {request.unit_agency}, and {fact.person} of {fact.agency}")
    if not facts.agency_accepted_plan(fact.agency, now):
        return No(True, f"acceptance of the plan by {fact.agency}")
    return None


def _position(
    way: Way, stack: Stack, facts: Facts, person: str, fact: PersonFact, now: datetime, trained: bool, asked: str | None
) -> No | None:
    """Does the person act in one of the positions now and, where that is asked, have the training for it?"""
    held = [stack.positions[key] for key in way.positions if acts_as(stack, facts, person, key, now, asked)]
    if not held:
        if any(acts_as(stack, facts, person, key, now) for key in way.positions):
            return BY_DELEGATE
        titles = " or ".join(stack.positions[key].title for key in way.positions)
        return No(False, f"{person} does not hold the position {titles}")
    lacks = [untrained(post, fact, now) for post in held] if trained else [None]
    return lacks[0] if all(lacks) else None


def acts_as(stack: Stack, facts: Facts, person: str, position: str, now: datetime, not_by: str | None = None) -> bool:
    """Holds it; or nobody does and they hold the next one in succession; or its authority was delegated to them.

    A delegation is of the time in which its author holds the position: who was relieved and comes back writes another.
    `not_by`: whose delegations count for nothing here.
    """
    holder = facts.holder(position, now)
    if holder == person:
        return True
    if holder is None:
        heirs = (facts.holder(key, now) for key in stack.succession.get(position, ()))
        if next((heir for heir in heirs if heir is not None), None) == person:
            return True
    since = facts.holder_since(position, now)
    return any(
        given.position == position
        and given.by == holder != not_by
        and (since is None or since <= given.since)
        and _runs(given, now)
        for given in facts.delegations(person, now)
    )


def _runs(given: DelegationFact, now: datetime) -> bool:
    """In writing, begun, and with an end that has not come: an open-ended delegation is none."""
    return given.written and given.until is not None and given.since <= now < given.until


def _rank(
    way: Way, stack: Stack, facts: Facts, request: Request, fact: PersonFact, now: datetime, asked: str | None
) -> No | None:
    """Is the rank enough: the one checked in with, and the account's own where one stands behind the ask?"""
    assert way.rank_from is not None
    if not fact.rank:
        return No(True, f"a confirmed rank of {fact.person}")
    for rank, how in ((fact.rank, ""), (request.rank, "signed in as ")):
        place = stack.rank_places.get(rank) if rank is not None else way.rank_from
        if place is None:
            return No(True, f'a rank of the plan\'s own order: "{rank}" is not in it')
        if place >= way.rank_from:
            continue
        if way.designee_from is None or place < way.designee_from:
            return No(False, f"{fact.person} is {how}{rank}, below {stack.ranks[way.rank_from]}")
        if not _designated(way.rank_from, stack, facts, fact.person, now, asked):
            if asked is not None and _designated(way.rank_from, stack, facts, fact.person, now, None):
                return BY_DELEGATE
            who = stack.ranks[way.rank_from].replace("-", " ")
            return No(True, f"a written delegation to {fact.person} by {who} or above, in date")
    return None


def _designated(rank_from: int, stack: Stack, facts: Facts, person: str, now: datetime, not_by: str | None) -> bool:
    for given in facts.delegations(person, now):
        by = stack.rank_places.get(given.by_rank or "")
        if by is not None and by >= rank_from and given.by != not_by and _runs(given, now):
            return True
    return False


def _at_the_place(way: Way, stack: Stack, facts: Facts, request: Request, now: datetime) -> No | None:
    """On scene and witnessed: by the person's own word, unless the record puts them somewhere else."""
    if not way.on_scene and not way.witnessed:
        return None
    presence = facts.presence(request.person, now)
    if presence is not None and request.sector is not None and presence.sector != request.sector:
        return No(False, f"{request.person} is in the sector {presence.sector}, and must be at the place")
    if presence is None and not request.on_scene:
        return No(True, f"that {request.person} is at the place")
    if not way.witnessed or request.witnessed:
        return None
    since = now - stack.longest_finding  # what was seen longer ago is not what is seen now
    if request.sector is not None and facts.witnessed(request.person, request.sector, since, now):
        return None
    return No(True, f"that {request.person} has seen it with their own eyes")


def untrained(post: Post, fact: PersonFact, now: datetime) -> No | None:
    """Which training of the position the person lacks at `now`. Expiry is a comparison, never a tick."""
    return lacking(post.training, post.title, fact, now)


def lacking(courses: tuple[str, ...], what: str, fact: PersonFact, now: datetime) -> No | None:
    """Which of the courses the person has not, or no longer."""
    in_date = {course for course, expires in fact.training if expires is None or expires > now}
    missing = [course for course in courses if course not in in_date]
    if not missing:
        return None
    return No(True, f"training in date of {fact.person} for {what}: {', '.join(missing)}")
