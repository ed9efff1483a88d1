"""Events of the log as people keep it: entries, decisions, orders, duties."""

from __future__ import annotations

import msgspec

from command.domain.fact import Fact, Utc
from command.domain.ids import Line, PersonId, RecordId, RuleId, SectorId, UnitId
from command.domain.private import PrivateOptional, PrivateText


class EntryRecorded(Fact, frozen=True):
    """A log entry, as on an ICS 214."""

    entry: RecordId
    text: PrivateText
    sector: SectorId | None = None
    strikes: RecordId | None = None  # an earlier entry that this one strikes through; it stays readable


class RejectedOption(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An option that was considered and not taken."""

    option: Line
    why: Line


class DecisionRecorded(Fact, frozen=True):
    """A command decision with its reasons and the options not taken."""

    decision: RecordId
    question: Line
    chosen: Line
    reasons: PrivateText
    rejected: tuple[RejectedOption, ...]
    decided_by: PersonId
    decided_at: Utc
    sector: SectorId | None = None


class OrderGiven(Fact, frozen=True):
    """An order to units. A later one may supersede it; each unit acknowledges."""

    order: RecordId
    text: PrivateText
    to: tuple[UnitId, ...]
    supersedes: RecordId | None = None


class OrderAcknowledged(Fact, frozen=True):
    """A unit has understood the order."""

    order: RecordId
    unit: UnitId


class DutyStarted(Fact, frozen=True):
    """Something is owed from now on, with a clock if the plan gives one."""

    duty: RecordId
    rule: RuleId
    says: Line
    owed_by: Line  # a position, a role or a person
    started_by: RecordId  # the record that opened it
    due: Utc | None
    sector: SectorId | None = None
    juvenile: bool = False  # that it is owed says that somebody is, or may be, a minor


class DutyDischarged(Fact, frozen=True):
    """What was owed was done."""

    duty: RecordId
    by: RecordId | None = None  # the record that did it
    note: PrivateOptional = None


class PlanPartSupplied(Fact, frozen=True):
    """A part of the plan that a spontaneous incident lacked is there now."""

    part: RuleId
    summary: PrivateText
