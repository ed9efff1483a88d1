"""Completeness of records as data: what a stack asks for, and what it says of records, for other programs to agree with.

A browser or a tablet that works out by itself what a record still needs reads the same
needs and must come to the same answers (`tests/data/completeness.json`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from command.policy.arrest_record import RecordFact, lacking, step_decision
from command.policy.charges import SAYS
from command.policy.model_more import STEPS
from command.policy.stack import Stack

_AT = datetime(2026, 5, 1, 12, tzinfo=UTC)


def vectors(stack: Stack) -> dict[str, Any]:
    """The needs of a stack, and for a set of records what is missing before each step.

    `needs`: item, says, before, otherwise (while a procedure stands in place of the record), pack, rule.
    `records`: items that are there, procedure, and by step the items that are missing, and whether it is cleared.
    """
    needs = [
        {"item": need.item, "says": need.says, "before": need.before, "otherwise": need.otherwise,
         "pack": need.ref.pack, "rule": need.ref.rule}
        for need in stack.arrests.needs
    ]  # fmt: skip
    return {
        "packs": [pack.id for pack in stack.packs],
        "steps": list(STEPS),
        "needs": needs,
        "records": [_answer(stack, record) for record in _records()],
    }


def _records() -> Iterator[RecordFact]:
    """Nothing, everything, everything but one, all up to one: each without and with another procedure."""
    items = sorted(SAYS)
    sets = [frozenset[str](), frozenset(items)]
    sets += [frozenset(items) - {item} for item in items]
    sets += [frozenset(items[:count]) for count in range(1, len(items))]
    for number, held in enumerate(sets):
        for procedure in (False, True):
            yield RecordFact(arrest=f"a{number}", at=_AT, items=held, procedure=procedure)


def _answer(stack: Stack, record: RecordFact) -> dict[str, Any]:
    missing: dict[str, list[str]] = {step: [] for step in STEPS}
    for one in lacking(stack, record):
        for step in STEPS[STEPS.index(one.before) :]:
            missing[step].append(one.item)
    return {
        "items": sorted(record.items),
        "procedure": record.procedure,
        "missing": {step: sorted(words) for step, words in missing.items()},
        "cleared": {step: step_decision(stack, record, step).allows for step in STEPS},
    }
