"""Signs that are read from the record, and from nothing else: the warnings that were given, the ways out that are open.

An [[indicator]] with `warning` or `exits` is answered by the recorded warning sequence and
by the newest look at the ways out. Whoever names it in an ask has said nothing: a ticked
sign is not a warning. What is missing is said as for a tactic, with the moment at which
it is possible.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from msgspec.structs import replace

from command.policy import exits, sequence
from command.policy.authority import Weighing
from command.policy.conditions import NONE_SUSPENDED, found_in, suspended
from command.policy.decision import RuleRef
from command.policy.durations import strictest
from command.policy.facts import Facts
from command.policy.measures import Suspended
from command.policy.model import AllOf, Enter
from command.policy.problems import nearest
from command.policy.request import Request
from command.policy.stack import Stack


def enter(
    enters: tuple[tuple[RuleRef, Enter], ...], stack: Stack, facts: Facts, request: Request, now: datetime,
    weighing: Weighing,
) -> None:  # fmt: skip
    """Weigh the entry conditions of all packs: signs that the author names, and those that are read from the record."""
    for word in request.indicators:
        if word not in stack.indicators:
            near = nearest(word, stack.indicators)
            hint = f'; did you mean "{near}"?' if near else ""
            weighing.refuse(f'the plan knows no indicator "{word}"{hint}')
    wanted = dict.fromkeys(word for _, condition in enters for word in _words(condition) if word in stack.read)
    off = suspended(facts, now) if wanted else NONE_SUSPENDED
    reads = {word: read(word, stack, facts, request, now, off) for word in wanted}
    held = {word for word in request.indicators if word not in stack.read}
    held |= {word for word, found in reads.items() if found.effect == "not barred"}
    for word in request.indicators:
        if word in reads and word not in held:
            weighing.note(f"{word} is read from the record; naming it gives no warning and opens no way out")
    told: set[str] = set()
    for _, condition in enters:
        for word in condition.all:
            if word in reads:
                if word not in told:
                    weighing.merge(reads[word])
                told.add(word)
            elif word not in held:
                weighing.need("the indicator: " + _spelled(stack, word))
        if condition.any and not any(held.issuperset(_of(item)) for item in condition.any):
            _one_of(condition, stack, reads, held, weighing)


def read(word: str, stack: Stack, facts: Facts, request: Request, now: datetime, off: Suspended) -> Weighing:
    """What the record says of one such sign, weighed on its own. `off`: the rules that are suspended."""
    weighing = Weighing()
    if word in stack.read_exits:
        holds = strictest(stack.indicators[word].lapses, stack.exits_hold)
        exits.weigh(word, facts, request.sector, now, holds, weighing)
    if not stack.read[word]:
        return weighing
    warned = stack.measures.sequence(stack.read[word], off)
    if warned is None:
        weighing.note(f"suspended: the warnings that {word} asks for")
        return weighing
    found: frozenset[str] = frozenset()  # only a smaller number of warnings asks for it
    if warned.imminent_if:
        found = found_in(stack, facts, request.sector, (*request.findings, *request.indicators), now)
    imminent = bool(warned.imminent_if) and found.issuperset(warned.imminent_if)
    about = request if request.imminent == imminent else replace(request, imminent=imminent)
    sequence.check(warned, stack, facts, about, now, found, weighing, stack.warnings_hold)
    return weighing


def _one_of(condition: Enter, stack: Stack, reads: dict[str, Weighing], held: set[str], weighing: Weighing) -> None:
    """None of the alternatives holds. Where only time is missing in one of them, the answer says until when."""
    waits = []
    for item in condition.any:
        lacking = [word for word in _of(item) if word not in held]
        for word in lacking:
            if word in reads:
                said = reads[word].decision()
                for why in (*said.reasons, *said.missing):
                    weighing.note(f"{word}: {why}")
        ends = [reads[word].wait if word in reads else None for word in lacking]
        if all(end is not None for end in ends):
            waits.append(max(end for end in ends if end is not None))
    weighing.need(
        "one of the indicators: " + "; ".join(" and ".join(_spelled(stack, word) for word in _of(item)) for item in condition.any),
        min(waits, default=None),
    )  # fmt: skip


def _words(condition: Enter) -> Iterable[str]:
    for item in condition.any:
        yield from _of(item)
    yield from condition.all


def _of(item: str | AllOf) -> tuple[str, ...]:
    return (item,) if isinstance(item, str) else item.all


def _spelled(stack: Stack, word: str) -> str:
    return f"{word} ({stack.indicators[word].says})"
