"""The rows of what follows force or an injury: aid, medical help, supervisors, what a report still lacks."""

from __future__ import annotations

from datetime import datetime

from command.views.row import Row, Who

__all__ = ["CareRow", "CareStepRow", "CriticalRow"]


class CareStepRow(Row, frozen=True):
    """One thing that was done. `counts` False: it ends no duty, and `why`."""

    what: str  # the event's type
    at: datetime
    by: Who  # who wrote it down
    who: Who | None = None  # who did it
    unit: str = ""
    note: str = ""
    counts: bool = True
    why: str = ""
    seq: int = 0


class CareRow(Row, frozen=True):
    """What was done after force or an injury. Section `care`, key = force report or injury.

    `…_s` are seconds from the force (or injury) to the first such step, None while there is none.
    `supervisors` are people on duty here who may look at it and had no part in it, those in the
    sector first: a proposal, while a supervisor is owed; nobody is assigned by it.
    """

    id: str
    what: str
    at: datetime
    sector: str = ""
    injured: bool = False
    steps: tuple[CareStepRow, ...] = ()
    aid_s: float | None = None
    medical_s: float | None = None
    supervisor_s: float | None = None
    owed: tuple[str, ...] = ()  # open duties that the record started, by id
    supervisors: tuple[Who, ...] = ()
    missing: tuple[str, ...] = ()  # what the force report does not say yet, as sentences
    report_due: datetime | None = None
    complete: bool = True
    seq: int = 0
    subject: str = ""  # random per incident: for a version of the report that is stated anew


class CriticalRow(Row, frozen=True):
    """A critical event, and whether its officers were looked after; never how they are. Section `critical`."""

    id: str
    kind: str
    at: datetime
    record: str = ""
    sector: str = ""
    cared_for: bool = False
    seq: int = 0
