"""What would have to hold to go down a level (domain A28): a prompt with its reasons, and never a condition.

`level.lower` is judged without this. Here the plan only says, from the record, whether
what the level was entered on still shows, so that nobody stays up because nobody asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec

from command.policy.conditions import NONE_SUSPENDED, found_in, suspended
from command.policy.decision import RuleRef
from command.policy.facts import Facts, LevelFact
from command.policy.model import AllOf, Exit
from command.policy.recorded import read
from command.policy.request import Request
from command.policy.stack import Rung, Stack


class Sign(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that speaks for going down: in words, and whether it holds on the record now."""

    says: str
    holds: bool


class StepDown(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The way down from where a sector stands.

    prompted   the plan's own words say: look whether this level is still needed
    until      when the level lapses unless it is renewed
    signs      what speaks for it, each with whether it holds; more of them than of one pack may be there
    """

    level: str
    to: str
    to_name: str
    prompted: bool
    until: datetime | None
    signs: tuple[Sign, ...]
    rules: tuple[RuleRef, ...]


def step_down(stack: Stack, facts: Facts, sector: str, now: datetime) -> StepDown | None:
    """The way down at `now`. None at the lowest level, and where the plan does not know where the sector stands."""
    fact = facts.level(sector, now)
    rung = stack.level(fact.level) if fact else None
    if fact is None or rung is None or rung.place == 0:
        return None
    found = _found(stack, facts, fact, rung, sector, now)
    below = stack.ladder[rung.place - 1]
    parts = [tuple(_exit(stack, exits, found)) for _, exits in rung.exits] or [tuple(_still(stack, rung, found))]
    rules = tuple(ref for ref, _ in rung.exits) or rung.rules
    prompted = any(signs and all(sign.holds for sign in signs) for signs in parts)
    return StepDown(
        rung.id, below.id, below.name, prompted, fact.until, tuple(sign for signs in parts for sign in signs), rules
    )


def _found(stack: Stack, facts: Facts, fact: LevelFact, rung: Rung, sector: str, now: datetime) -> frozenset[str]:
    """What counts now: on record and not lapsed, named when the level was entered, or read from warnings and exits."""
    found = set(found_in(stack, facts, sector, (), now))
    for word in fact.indicators:
        rule = stack.indicators.get(word)
        if rule is None or word in stack.read:
            continue
        end = rule.lapses.after(fact.since) if rule.lapses else fact.since + timedelta(seconds=stack.ask_expires_s)
        if end is not None and now < end:
            found.add(word)
    nobody = Request(action="level.raise", person="", agency="", sector=sector)
    asked = {word for _, exits in rung.exits for word in (*_all(exits), *exits.gone)} & set(stack.read)
    off = suspended(facts, now) if asked else NONE_SUSPENDED
    found.update(word for word in asked if read(word, stack, facts, nobody, now, off).effect == "not barred")
    return frozenset(found)


def _exit(stack: Stack, exits: Exit, found: frozenset[str]) -> Iterator[Sign]:
    """As the pack has it."""
    if exits.any:
        told = "; ".join(" and ".join(stack.indicators[word].says for word in _of(item)) for item in exits.any)
        yield Sign(f"one of: {told}", any(found.issuperset(_of(item)) for item in exits.any))
    for word in exits.all:
        yield Sign(stack.indicators[word].says, word in found)
    for word in exits.gone:
        yield Sign(f"no longer on record: {stack.indicators[word].says}", word not in found)


def _still(stack: Stack, rung: Rung, found: frozenset[str]) -> Iterator[Sign]:
    """Where no pack says more: that what it took to enter is no longer on record. Warnings and exits are not signs."""
    met = True
    told: list[str] = []
    for _, enter in rung.enters:
        wanted = [word for word in enter.all if word not in stack.read]
        choice = [[word for word in _of(item) if word not in stack.read] for item in enter.any]
        told.extend(stack.indicators[word].says for words in (wanted, *choice) for word in words)
        met = met and found.issuperset(wanted) and (not choice or any(found.issuperset(words) for words in choice))
    if told:
        yield Sign("what it took to enter is no longer all on record: " + "; ".join(dict.fromkeys(told)), not met)


def _all(exits: Exit) -> Iterator[str]:
    for item in exits.any:
        yield from _of(item)
    yield from exits.all


def _of(item: str | AllOf) -> tuple[str, ...]:
    return (item,) if isinstance(item, str) else item.all
