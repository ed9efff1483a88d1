"""What imported records still need under the plan that they stand in, and what follows from them. Pure.

Counted from the state after the import, over every record of the source in the incident: a second run, which adds
nothing, says the same. Nothing is inferred for the source: what it does not say is counted as lacking.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final

import msgspec

from command.domain.envelope import Origin
from command.domain.facts_arrest import record_of, unstated
from command.domain.state import ForceReport, State
from command.domain.state_arrest import Arrest
from command.policy.arrest_record import lacking
from command.policy.decision import Finding
from command.policy.model_more import STEPS
from command.policy.stack import Stack

REASONS_SHOWN: Final = 12
"""Reasons name officers and tools, so there may be as many as records: the most frequent, and how many others."""


class LackRow(msgspec.Struct, frozen=True):
    """How many records lack an item, in the plan's words, and before which step it is wanted ("" for a force report)."""

    item: str
    says: str
    before: str
    records: int


class DutyRow(msgspec.Struct, frozen=True):
    """Duties of one rule that records of the source began: how many stand open, how many are overdue by now, or done."""

    rule: str
    says: str
    owed_by: str
    open: int
    overdue: int
    done: int


class Standing(msgspec.Struct, frozen=True):
    """Records of one kind: how many, how many lack nothing, what they lack, how they stand and why (reason → records)."""

    records: int
    complete: int
    lacking: tuple[LackRow, ...]
    findings: dict[str, int]
    reasons: dict[str, int]
    other_reasons: int = 0


class Completeness(msgspec.Struct, frozen=True):
    """Records of a source as the plan sees them. `held`: stand as in custody; `unstated`: neither the table nor anybody
    since says where they are or what became of them; `undecided`: no disposition is on record."""

    arrests: Standing
    force: Standing
    charges: int
    held: int
    undecided: int
    duties: tuple[DutyRow, ...]
    unstated: int = 0


def completeness(state: State, stack: Stack, source: str, now: datetime) -> Completeness:
    """What the records from `source` (a mapping's system) still need at `now`, the incident's time."""
    arrests = [one for one in state.arrests.all.values() if _from(one.origin, source)]
    force = [one for one in state.force.reports.values() if _from(one.origin, source)]
    people = state.custody.people
    found = {one.arrest: people.get(one.subject) for one in arrests}
    held = sum(1 for person in found.values() if person is not None and person.now is not None and person.now.holder)
    return Completeness(
        arrests=_arrests(state, stack, arrests),
        force=_force(force),
        charges=sum(1 for one in arrests for charge in one.charges if not charge.withdrawn),
        held=held,
        undecided=sum(1 for one in arrests if one.disposition is None and one.category != "S"),
        unstated=sum(1 for person in found.values() if unstated(state, person)),
        duties=_duties(state, {*found, *(one.report for one in force)}, now),
    )


def _from(origin: Origin | None, source: str) -> bool:
    return origin is not None and origin.kind == "import" and origin.source == source


def _arrests(state: State, stack: Stack, arrests: list[Arrest]) -> Standing:
    lacks: Counter[tuple[str, str, str]] = Counter()
    complete = 0
    for one in arrests:
        needs = lacking(stack, record_of(state, one))
        complete += not needs
        lacks.update((need.item, need.says, need.before) for need in needs)
    return _standing(len(arrests), complete, lacks, [one.finding for one in arrests])


def _force(reports: list[ForceReport]) -> Standing:
    lacks = Counter((word, word, "") for one in reports for word in one.missing)
    complete = sum(1 for one in reports if not one.missing)
    return _standing(len(reports), complete, lacks, [one.finding for one in reports])


def _standing(
    records: int, complete: int, lacks: Counter[tuple[str, str, str]], findings: Iterable[Finding | None]
) -> Standing:
    kinds: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for finding in findings:
        kinds[finding.kind if finding is not None else "not judged"] += 1
        reasons.update(finding.reasons if finding is not None else ())
    order: dict[str, int] = {step: place for place, step in enumerate(STEPS)}
    rows = sorted(lacks.items(), key=lambda item: (order.get(item[0][2], len(order)), -item[1], item[0]))
    return Standing(
        records=records,
        complete=complete,
        lacking=tuple(LackRow(*key, count) for key, count in rows),
        findings=dict(kinds.most_common()),
        reasons=dict(reasons.most_common(REASONS_SHOWN)),
        other_reasons=max(0, len(reasons) - REASONS_SHOWN),
    )


def _duties(state: State, records: Collection[str], now: datetime) -> tuple[DutyRow, ...]:
    rows: dict[str, list[int]] = {}
    words: dict[str, tuple[str, str]] = {}
    for duty in state.duties.all.values():
        if duty.started_by not in records:
            continue
        words.setdefault(duty.rule, (duty.says, duty.owed_by))
        counts = rows.setdefault(duty.rule, [0, 0, 0])
        counts[0] += duty.done_at is None
        counts[1] += duty.done_at is None and duty.due is not None and duty.due <= now
        counts[2] += duty.done_at is not None
    return tuple(DutyRow(rule, *words[rule], *counts) for rule, counts in sorted(rows.items()))


def as_lines(found: Completeness) -> list[str]:
    """The same in plain words, one sentence a line."""
    arrests, force = found.arrests, found.force
    out = []
    if arrests.records:
        out.append(f"{arrests.records} arrests of this source are in the incident, with {found.charges} charges")
        out += _standing_lines(arrests, "arrests")
        if found.held:
            out.append(
                f"  {found.held} of their people stand as in custody: nothing that was brought in says what became of them"
            )
        if found.unstated:
            out.append(
                f"  of {found.unstated} of their people the whereabouts are not stated in the table: neither in custody nor"
                " free by it, and no clock of holding runs for them"
            )
    if force.records:
        out.append(f"{force.records} force reports of this source are in the incident")
        out += _standing_lines(force, "force reports")
    if found.duties:
        opened = sum(one.open for one in found.duties)
        out.append(
            f"{opened} duties stand open because of these records, {sum(o.overdue for o in found.duties)} overdue"
        )
        out += [f"  {one.open} open, {one.overdue} overdue: {one.says} ({one.rule})" for one in found.duties]
    return out or ["no arrest and no force report of this source is in the incident"]


def _standing_lines(standing: Standing, kind: str) -> list[str]:
    out = [f"  {standing.complete} lack nothing that the plan asks for"]
    for row in standing.lacking:
        before = f" (wanted before {row.before})" if row.before else ""
        out.append(f"  of {standing.records} {kind} {row.records} lack {row.says}{before}")
    out += [f"  {count} stand as: {name}" for name, count in standing.findings.items()]
    out += [f"    {count} because {why}" for why, count in standing.reasons.items()]
    if standing.other_reasons:
        out.append(f"    and {standing.other_reasons} other reasons, each less often")
    return out
