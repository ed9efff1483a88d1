"""Reports after force or injury: aid, medical help, a supervisor at the place, critical events and care for officers."""

from __future__ import annotations

from typing import Literal

from command.domain.command import Report
from command.domain.events_aftercare import CriticalKind
from command.domain.ids import Line, PersonId, RecordId, SectorId, SubjectId, Text, UnitId

__all__ = [
    "DeclareCriticalEvent",
    "RecordAid",
    "RecordInjury",
    "RecordMedicalHelp",
    "RecordSupervisor",
    "RecordWelfareCheck",
]


class RecordAid(Report, frozen=True):
    """First aid was offered or given after force, or to someone injured."""

    record: RecordId
    step: Literal["offered", "given"]
    by: PersonId | None = None
    unit: UnitId | None = None
    accepted: bool | None = None  # of an offer
    note: Text | None = None


class RecordInjury(Report, frozen=True):
    """Whether there is an injury: to be seen, complained of, or neither. Without force `record` is left out."""

    injury: RecordId
    record: RecordId | None = None
    visible: bool = False
    complaint: bool = False
    asked: bool = False  # the person was asked
    sector: SectorId | None = None
    subject: SubjectId | None = None
    what: Text | None = None


class RecordMedicalHelp(Report, frozen=True):
    """Medical help was requested, has arrived, or the person refused it."""

    record: RecordId
    step: Literal["requested", "arrived", "refused"]
    by: PersonId | None = None
    unit: UnitId | None = None
    service: Line | None = None
    note: Text | None = None


class RecordSupervisor(Report, frozen=True):
    """A supervisor was called to the place, or is there."""

    record: RecordId
    step: Literal["called", "on scene"]
    supervisor: PersonId | None = None  # None: whoever is free; on scene the author


class DeclareCriticalEvent(Report, frozen=True):
    """A death, a serious injury, a firearm discharged, an officer in danger: officers are looked after from here on."""

    critical: RecordId
    kind: CriticalKind
    record: RecordId | None = None
    sector: SectorId | None = None
    what: Text | None = None


class RecordWelfareCheck(Report, frozen=True):
    """The officers whom a critical event touched were looked after; support, never discipline."""

    critical: RecordId
    everyone: bool
    officers: Text | None = None
    offered: Text | None = None
