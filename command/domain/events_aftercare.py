"""Events after force or injury: aid, medical help, a supervisor at the place, critical events and care for officers.

Each is a fact of its own, with who and when, so that a duty ends with what was done and not with a tick.
Who helped, called or came is public: they act in office. What was wrong with the person is not.
"""

from __future__ import annotations

from typing import Literal

from command.domain.fact import Fact
from command.domain.ids import Line, PersonId, RecordId, SectorId, SubjectId, UnitId
from command.domain.private import Medical, PrivateOptional, Welfare

__all__ = [
    "AidGiven",
    "AidOffered",
    "CriticalEventDeclared",
    "CriticalKind",
    "ForceReportCompleted",
    "InjuryNoted",
    "MedicalHelpArrived",
    "MedicalHelpRefused",
    "MedicalHelpRequested",
    "NoInjurySeen",
    "SupervisorCalled",
    "SupervisorOnScene",
    "WelfareChecked",
]

CriticalKind = Literal["death", "serious injury", "firearm discharge", "officer in danger"]


class AidOffered(Fact, frozen=True):
    """First aid was offered; `accepted` None: not said. `record` is the force report or the injury."""

    record: RecordId
    by: PersonId | None = None  # None: the author
    unit: UnitId | None = None
    accepted: bool | None = None
    note: Medical = None


class AidGiven(Fact, frozen=True):
    """First aid was given."""

    record: RecordId
    by: PersonId | None = None
    unit: UnitId | None = None
    note: Medical = None


class InjuryNoted(Fact, frozen=True):
    """An injury is to be seen, or someone complains of one: the clock for medical help begins (domain A48)."""

    injury: RecordId
    record: RecordId | None  # the force report that it belongs to; None: without force
    visible: bool
    complaint: bool
    sector: SectorId | None = None
    subject: SubjectId | None = None
    what: Medical = None


class NoInjurySeen(Fact, frozen=True):
    """No injury is to be seen and, where they were asked, the person complains of none."""

    record: RecordId
    asked: bool = False
    note: Medical = None


class MedicalHelpRequested(Fact, frozen=True):
    """An ambulance or a medic was called."""

    record: RecordId
    by: PersonId | None = None
    service: Line | None = None
    note: Medical = None


class MedicalHelpArrived(Fact, frozen=True):
    """They are with the person."""

    record: RecordId
    unit: UnitId | None = None
    service: Line | None = None
    note: Medical = None


class MedicalHelpRefused(Fact, frozen=True):
    """The person wants no medical help; said to whom it was said."""

    record: RecordId
    by: PersonId | None = None  # the officer or medic to whom it was said
    note: Medical = None


class SupervisorCalled(Fact, frozen=True):
    """A supervisor was called to the place; None: whoever is free."""

    record: RecordId
    supervisor: PersonId | None = None


class SupervisorOnScene(Fact, frozen=True):
    """A supervisor is at the place. Whether they had a part in it is the finding beside this event (domain A49)."""

    record: RecordId
    supervisor: PersonId


class ForceReportCompleted(Fact, frozen=True):
    """Nothing that a report of force has to say is missing any more."""

    report: RecordId


class CriticalEventDeclared(Fact, frozen=True):
    """Something happened after which officers are looked after. Whom it touched is nobody's to read in the log."""

    critical: RecordId
    kind: CriticalKind
    record: RecordId | None = None  # the force report that it belongs to
    sector: SectorId | None = None
    what: PrivateOptional = None


class WelfareChecked(Fact, frozen=True):
    """Someone looked after the officers whom a critical event touched. Support, never discipline (domain A50).

    `everyone`: all of them have been reached. Whom, and how they are, is private to those who care for them.
    """

    critical: RecordId
    everyone: bool
    officers: Welfare = None
    offered: Welfare = None
