"""What is owed: which duties an event starts, when they are due, which event ends them."""

from __future__ import annotations

from datetime import datetime

from command.policy.decision import FindingKind
from command.policy.model import DutyRule
from command.policy.stack import Stack


def started(
    stack: Stack, event_name: str, *, exigent: bool = False, finding: FindingKind | None = None, kind: str | None = None
) -> tuple[DutyRule, ...]:
    """The duties that this event starts, in the order of the packs."""
    return tuple(rule for rule in stack.duties.values() if _starts(rule, event_name, exigent, finding, kind))


def _starts(rule: DutyRule, event_name: str, exigent: bool, finding: FindingKind | None, kind: str | None) -> bool:
    starts = rule.starts
    return (
        starts.event == event_name
        and starts.exigent in (None, exigent)
        and (not starts.findings or finding in starts.findings)
        and (not starts.kinds or kind in starts.kinds)
    )


def ended(stack: Stack, rule_id: str, event_name: str) -> bool:
    """Does such an event end a duty under this rule? False for a rule that the stack does not know.

    Whether the event speaks of this very duty (its record, its part) is for the fold to see.
    """
    rule = stack.duties.get(rule_id) or stack.template_duties.get(rule_id)
    return rule is not None and event_name in rule.ends


def due(rule: DutyRule, at: datetime) -> datetime | None:
    """By when, for a duty that began at `at`; None where the time is unknown or needs a calendar."""
    return rule.within.after(at)


def template(stack: Stack) -> tuple[DutyRule, ...]:
    """The missing parts of the plan as duties: all begin when a spontaneous incident opens."""
    return tuple(stack.template_duties.values())
