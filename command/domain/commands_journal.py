"""Commands about the log as people keep it: entries, decisions, orders, duties done, parts of the plan."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from command.domain.command import Ask, Report
from command.domain.events_journal import RejectedOption
from command.domain.fact import Utc
from command.domain.ids import Line, Note, PersonId, RecordId, RuleId, SectorId, Text, UnitId


class GiveOrder(Ask, frozen=True):
    """Order units to do something; may supersede an earlier order."""

    order: RecordId
    text: Note
    to: Annotated[tuple[UnitId, ...], Meta(min_length=1, max_length=500)]
    supersedes: RecordId | None = None


class RecordEntry(Report, frozen=True):
    """A log entry; may strike through an earlier one, which stays readable."""

    entry: RecordId
    text: Note
    sector: SectorId | None = None
    strikes: RecordId | None = None


class RecordDecision(Report, frozen=True):
    """A command decision, with what was rejected and why."""

    decision: RecordId
    question: Line
    chosen: Line
    reasons: Note
    rejected: Annotated[tuple[RejectedOption, ...], Meta(max_length=20)] = ()
    decided_by: PersonId | None = None  # None: the author
    decided_at: Utc | None = None  # None: occurred_at
    sector: SectorId | None = None


class AcknowledgeOrder(Report, frozen=True):
    """A unit has understood an order."""

    order: RecordId
    unit: UnitId


class DischargeDuty(Report, frozen=True):
    """A duty was done."""

    duty: RecordId
    by: RecordId | None = None
    note: Text | None = None


class SupplyPlanPart(Report, frozen=True):
    """A missing part of the plan is there now."""

    part: RuleId
    summary: Note
