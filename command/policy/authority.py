"""Is this the right person, now? Position, rank, agency, training, and never the one who asked.

Everything is looked up at the moment of the question, so that a relieved commander's
authority has ended with the event that relieved them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from command.policy.decision import Decision, Effect, RuleRef
from command.policy.facts import Facts, PersonFact
from command.policy.request import Request
from command.policy.stack import Gate, Post, Stack, Way

UNKNOWN_DENIES = RuleRef(pack="muster", rule="unknown-denies", says="What cannot be judged is not permitted.")
NO_RULE_DENIES = RuleRef(pack="muster", rule="no-rule-denies", says="What no rule of the plan allows is refused.")


class No(NamedTuple):
    """Why something does not hold. `missing`: it would, once this is there; else it is simply barred."""

    missing: bool
    why: str


NOBODY = No(False, "no rule of the plan says who may")


class Weighing:
    """The two pans while an ask is judged; `decision` closes them."""

    __slots__ = ("_missing", "_notes", "_refused", "_rules")

    def __init__(self) -> None:
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

    def need(self, what: str) -> None:
        """The plan would not stand in the way once this is there."""
        self._missing.append(what)

    def take(self, no: No | None) -> None:
        """An answer of one of the checks below; None: it holds."""
        if no is not None:
            (self.need if no.missing else self.refuse)(no.why)

    @property
    def effect(self) -> Effect:
        """How it stands so far."""
        return "refused" if self._refused else "missing" if self._missing else "not barred"

    def decision(self, who_may: tuple[str, ...] = (), until: datetime | None = None) -> Decision:
        """The answer. `until` is kept only where nothing stands in the way."""
        effect = self.effect
        return Decision(
            effect=effect,
            rules=tuple(self._rules) or (UNKNOWN_DENIES,),
            reasons=(*self._refused, *self._notes),
            missing=tuple(self._missing),
            who_may=who_may,
            until=until if effect == "not barred" else None,
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
    if no := _agency(way, facts, request, fact):
        return no
    if way.positions and (no := _position(way, stack, facts, request.person, fact, now, trained)):
        return no
    if way.rank_from is not None and (no := _rank(way.rank_from, stack, fact, request.rank)):
        return no
    if request.action == "level.grant" and not way.requester_may:
        if request.requester is None:
            return No(True, "who made the ask")
        if request.requester == request.person:
            return No(False, "the one who asked may not be the one who grants")
    return None


def _agency(way: Way, facts: Facts, request: Request, fact: PersonFact) -> No | None:
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
    if not facts.agency_accepted_plan(fact.agency):
        return No(True, f"acceptance of the plan by {fact.agency}")
    return None


def _position(
    way: Way, stack: Stack, facts: Facts, person: str, fact: PersonFact, now: datetime, trained: bool
) -> No | None:
    """Does the person hold one of the positions now and, where that is asked, the training for it?"""
    held = [stack.positions[key] for key in way.positions if facts.holder(key, now) == person]
    if not held:
        titles = " or ".join(stack.positions[key].title for key in way.positions)
        return No(False, f"{person} does not hold the position {titles}")
    lacking = [untrained(post, fact, now) for post in held] if trained else [None]
    return lacking[0] if all(lacking) else None


def _rank(rank_from: int, stack: Stack, fact: PersonFact, signed_in: str | None) -> No | None:
    """Is the rank enough: the one checked in with, and the account's own where one stands behind the ask?"""
    if not fact.rank:
        return No(True, f"a confirmed rank of {fact.person}")
    for rank, how in ((fact.rank, ""), (signed_in, "signed in as ")):
        if rank is None:
            continue
        place = stack.rank_places.get(rank)
        if place is None:
            return No(True, f'a rank of the plan\'s own order: "{rank}" is not in it')
        if place < rank_from:
            return No(False, f"{fact.person} is {how}{rank}, below {stack.ranks[rank_from]}")
    return None


def untrained(post: Post, fact: PersonFact, now: datetime) -> No | None:
    """Which training of the position the person lacks at `now`. Expiry is a comparison, never a tick."""
    in_date = {course for course, expires in fact.training if expires is None or expires > now}
    lacking = [course for course in post.training if course not in in_date]
    if not lacking:
        return None
    return No(True, f"training in date of {fact.person} for {post.title}: {', '.join(lacking)}")
