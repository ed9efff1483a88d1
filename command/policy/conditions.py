"""What counts as found, which conditions that meets, and which bars stand against a use."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from command.policy.authority import Weighing
from command.policy.facts import Facts
from command.policy.measures import Bar, Suspended
from command.policy.model import AllOf, Enter
from command.policy.stack import Stack
from command.policy.stated import overlapping


def found_in(stack: Stack, facts: Facts, sector: str | None, stated: tuple[str, ...], now: datetime) -> frozenset[str]:
    """What counts as found: stated now, or on record in the sector and not lapsed by the plan's own time.

    Signs that are read from the record of warnings and ways out are nobody's to find (`recorded`).
    """
    found = set(stated).difference(stack.read)
    if sector is None:
        return frozenset(found)
    as_an_ask = timedelta(seconds=stack.ask_expires_s)
    for item in facts.findings_since(sector, now - stack.longest_finding, now):
        rule = stack.indicators.get(item.finding)
        if rule is None or item.finding in found or item.finding in stack.read:
            continue
        end = rule.lapses.after(item.at) if rule.lapses else item.at + as_an_ask
        if end is not None and now < end:
            found.add(item.finding)
    return frozenset(found)


def found_for(
    bars: tuple[Bar, ...], stack: Stack, facts: Facts, sector: str | None, stated: tuple[str, ...], now: datetime
) -> frozenset[str]:
    """What counts as found, as far as these bars ask: nothing is looked up where none has an exception."""
    return found_in(stack, facts, sector, stated, now) if any(bar.unless for bar in bars) else frozenset()


def suspended(facts: Facts, now: datetime) -> Suspended:
    """The rules that are suspended now. A suspension without an end is none."""
    known = facts.suspensions(now)
    if not known:
        return NONE_SUSPENDED
    return frozenset(
        (item.pack, item.rule) for item in known if item.since <= now and item.until is not None and now < item.until
    )


NONE_SUSPENDED: Suspended = frozenset()


def holds(enter: Enter, found: frozenset[str]) -> bool:
    """Is the condition met?"""
    return (not enter.any or any(_seen(item, found) for item in enter.any)) and found.issuperset(enter.all)


def need_findings(stack: Stack, enter: Enter, found: frozenset[str], weighing: Weighing) -> None:
    """Ask for what a condition lacks, in its own sentences."""
    if enter.any and not any(_seen(item, found) for item in enter.any):
        weighing.need("one of the findings: " + "; ".join(_spelled(stack, item) for item in enter.any))
    for word in enter.all:
        if word not in found:
            weighing.need("the finding: " + _spelled(stack, word))


def barred(stack: Stack, bars: Iterable[Bar], zones: tuple[str, ...], wild: bool | None, grounds: tuple[str, ...],
           found: frozenset[str], distance_m: float | None = None) -> list[tuple[Bar, str]]:  # fmt: skip
    """The rules that stand against such a use, each with why.

    Grounds that are not enough are not enough together either, whichever rules say so of each; and a ground that no
    pack knows adds nothing to them.
    """
    against = []
    standing = [bar for bar in bars if bar.unless is None or not holds(bar.unless, found)]
    weak = {word for bar in standing for word in bar.bars.never_solely_for}
    solely = not any(word in stack.known_grounds and word not in weak for word in grounds)
    for bar in standing:
        if bar.whole:
            against.append((bar, bar.ref.says))
        hit = [zone for zone in zones if any(zone in overlapping(part) for part in bar.bars.zones)]
        if hit:
            against.append((bar, f"never at {', '.join(hit)}: {bar.ref.says}"))
        if bar.bars.indiscriminate and wild:
            against.append((bar, f"never indiscriminately: {bar.ref.says}"))
        near = bar.bars.nearer_than_m
        if near is not None and near.number is not None and distance_m is not None and distance_m < near.number:
            against.append((bar, f"never from nearer than {near.text} m: {bar.ref.says}"))
        if weakly := [word for word in grounds if word in bar.bars.never_solely_for and solely]:
            against.append((bar, f"never solely for {', '.join(weakly)}: {bar.ref.says}"))
        if never := [word for word in grounds if word in bar.bars.never_for]:
            against.append((bar, f"never for {', '.join(never)}: {bar.ref.says}"))
    return against


def _seen(item: str | AllOf, found: frozenset[str]) -> bool:
    return item in found if isinstance(item, str) else found.issuperset(item.all)


def _spelled(stack: Stack, item: str | AllOf) -> str:
    words = (item,) if isinstance(item, str) else item.all
    return " and ".join(f"{word} ({stack.indicators[word].says})" for word in words)
