"""Who may lower a level: more people than may raise it, and somebody always.

Authority fails closed on the way up and never on the way down. A raised level lets more be
done to people; where it is not clear who may raise it, nobody may. Lowering takes nothing
from anyone, and a level that nobody present can lower is held up by an empty chair. So the
way down asks for no sign, no course, no presence at the place and no second pack's leave
(domain A28): any one of the level's authorizers, the incident commander, a deputy or the
operations section chief will do. Where none of these positions is filled by someone on
duty, the highest position that is may lower; where none at all is, anyone of the lead
agency on duty. What a pack asks for raising is not touched by this.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from command.policy.authority import No, Weighing, authority
from command.policy.compiled import Rung
from command.policy.decision import RuleRef
from command.policy.facts import Facts
from command.policy.gates import Gate, at_ease
from command.policy.model import INCIDENT_COMMANDER, Authorizer
from command.policy.request import Request
from command.policy.stack import Stack

OPERATIONS = "operations"
DEPUTY = "deputy"

WAY_DOWN = RuleRef(
    pack="muster",
    rule="way-down",
    says="Every level has a way back down: it needs no sign and no course, and there is always someone who may.",
    source="domain notes A28: the response stays in proportion",
)


def may_lower(current: Rung, stack: Stack, facts: Facts, request: Request, now: datetime, weighing: Weighing) -> None:
    """Weigh whether the author may lower `current`. What stands against them is that of the level's own authorizer."""
    weighing.name((WAY_DOWN,))
    gates = (*at_ease(current.gates), *_commanding(current, stack, facts, now))
    against: list[No] = []
    for gate in gates:
        no = authority((gate,), stack, facts, request, now, trained=False)
        if not no:
            return
        against = against or no
    for why in against or authority((), stack, facts, request, now, trained=False):
        weighing.take(why)


def who_may_lower(current: Rung, stack: Stack, facts: Facts, now: datetime) -> tuple[str, ...]:
    """In words: the commander first."""
    commanding = (way.words for gate in _commanding(current, stack, facts, now) for way in gate.ways)
    return tuple(dict.fromkeys((*commanding, *current.who_may)))


def _commanding(current: Rung, stack: Stack, facts: Facts, now: datetime) -> Iterator[Gate]:
    """The commander, deputies and operations; where nobody on duty fills these or the level's own, who is next."""
    named = [INCIDENT_COMMANDER, *(key for key in stack.positions if _is_deputy(key) or key == OPERATIONS)]
    for key in named:
        yield _gate(stack, Authorizer(positions=(key,)))
    own = (key for gate in current.gates for way in gate.ways for key in way.positions)
    if any(_filled(key, facts, now) for key in (*named, *own)):
        return
    highest = next((key for key in stack.positions if _filled(key, facts, now)), None)
    yield _gate(stack, Authorizer(positions=(highest,)) if highest is not None else Authorizer())


def _is_deputy(position: str) -> bool:
    """A deputy by the position's id: "deputy", "deputy-north", "commander-deputy"."""
    return DEPUTY in position.split("-")


def _filled(position: str, facts: Facts, now: datetime) -> bool:
    """By someone of the lead agency who is on duty now."""
    holder = facts.holder(position, now)
    fact = facts.person(holder, now) if holder is not None else None
    return fact is not None and fact.on_scene and fact.agency == facts.lead_agency


def _gate(stack: Stack, way: Authorizer) -> Gate:
    return Gate(WAY_DOWN, (stack.way(way),))
