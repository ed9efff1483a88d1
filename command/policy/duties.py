"""What is owed: which duties an event starts, when they are due, which event ends them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import datetime

from command.policy.decision import FindingKind
from command.policy.model import DutyRule
from command.policy.stack import Stack

Field = Callable[[str], object]
"""What a public field of the event says, by its name; None where it has none such."""


def _nothing(_name: str) -> object:
    return None


def started(
    stack: Stack,
    event_name: str,
    *,
    exigent: bool = False,
    finding: FindingKind | None = None,
    kind: str | None = None,
    field: Field = _nothing,
) -> tuple[DutyRule, ...]:
    """The duties that this event starts, in the order of the packs."""
    rules = _starting(stack).get(event_name, ())
    return tuple(rule for rule in rules if _starts(rule, event_name, exigent, finding, kind, field))


MOST_KEPT = 64
"""Stacks whose duties are kept sorted by their events: a node serves few plans at a time."""


@functools.lru_cache(MOST_KEPT)
def _starting(stack: Stack) -> dict[str, tuple[DutyRule, ...]]:
    found: dict[str, tuple[DutyRule, ...]] = {}
    for rule in stack.duties.values():
        found[rule.starts.event] = (*found.get(rule.starts.event, ()), rule)
    return found


@functools.lru_cache(MOST_KEPT)
def _ending_by(stack: Stack) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for rule in stack.duties.values():
        for event in ending(rule):
            found[event] = (*found.get(event, ()), rule.id)
    return found


def may_end(stack: Stack, event_name: str) -> tuple[str, ...]:
    """The ids of the rules whose duties such an event may end."""
    return _ending_by(stack).get(event_name, ())


def _starts(
    rule: DutyRule, event_name: str, exigent: bool, finding: FindingKind | None, kind: str | None, field: Field
) -> bool:
    starts = rule.starts
    return (
        starts.event == event_name
        and starts.exigent in (None, exigent)
        and (not starts.findings or finding in starts.findings)
        and (not starts.kinds or kind in starts.kinds)
        and (not starts.tools or field("tool") in starts.tools)
        and _says(starts.when, field)
    )


WHERE = " where "


@functools.cache
def end_of(text: str) -> tuple[str, str]:
    """ "RestraintRecorded where act = removed" as the event's name and what its fields must say."""
    event, _, when = text.partition(WHERE)
    return event, when


@functools.cache
def conditions(when: str) -> tuple[tuple[str, str], ...]:
    """ "act = removed and kind = cuffs" as pairs; yes and no stand for what is true and false. "" has none."""
    pairs = (part.partition("=") for part in when.split(" and ")) if when else ()
    return tuple((name.strip(), value.strip()) for name, _, value in pairs)


def _says(when: str, field: Field) -> bool:
    return all(_spelled(field(name)) == value for name, value in conditions(when))


def _spelled(value: object) -> object:
    return {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value


def ending(rule: DutyRule) -> tuple[str, ...]:
    """The names of the events that may end the duty, in the rule's order."""
    return tuple(dict.fromkeys(end_of(end)[0] for end in rule.ends))


def ended(stack: Stack, rule_id: str, event_name: str, field: Field = _nothing) -> bool:
    """Does such an event end a duty under this rule? False for a rule that the stack does not know.

    Whether the event speaks of this very duty (its record, its part) is for the fold to see.
    """
    rule = stack.duties.get(rule_id) or stack.template_duties.get(rule_id)
    if rule is None:
        return False
    return any(name == event_name and _says(when, field) for name, when in map(end_of, rule.ends))


def due(rule: DutyRule, at: datetime) -> datetime | None:
    """By when, for a duty that began at `at`; None where the time is unknown or needs a calendar."""
    return rule.within.after(at)


def template(stack: Stack) -> tuple[DutyRule, ...]:
    """The missing parts of the plan as duties: all begin when a spontaneous incident opens."""
    return tuple(stack.template_duties.values())
