"""Arrests as tables: one row a record for a spreadsheet, and NIBRS's row with what stands against it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, cast

from command.reports.document import Clock
from command.reports.nibrs import HEADS, Arrestee, Fault, rows
from command.views.csv_text import table
from command.views.record_rows import RecordView

COLUMNS = (
    "number", "record", "arrested at", "sector", "officer", "agency", "seen by", "kind", "offences", "UCR codes",
    "finding", "reasons", "disposition", "exception", "signed by the arresting officer", "probable cause reviewed",
    "still missing", "held", "released at", "versions",
)  # fmt: skip


def arrests_csv(records: Iterable[RecordView], zone: str) -> bytes:
    """One row a record, times with their zone; what a lens withholds is not among the columns."""
    clock = Clock(zone)
    return table(COLUMNS, [_row(one, clock) for one in records])


def _row(view: RecordView, clock: Clock) -> tuple[str | int | bool, ...]:
    row = view.record
    return (
        row.number,
        row.id,
        clock.at(row.at),
        row.sector,
        row.officer.name,
        row.agency,
        "; ".join(who.name for who in row.observers),
        row.category,
        "; ".join(row.charges),
        "; ".join(one.ucr for one in view.offences if one.ucr),
        row.finding.kind if row.finding else "",
        "; ".join(row.finding.reasons) if row.finding else "",
        row.disposition,
        row.exception,
        row.signed,
        row.reviewed,
        "; ".join(item.says for item in row.missing),
        "not stated" if row.unstated else row.held,
        clock.at(row.released_at),
        row.versions,
    )


def nibrs_csv(records: Iterable[RecordView], zone: str) -> tuple[bytes, tuple[Fault, ...]]:
    """The file and every fault in it. Who a person is comes from what this lens may read, and is unknown otherwise."""
    made, faults = rows([arrestee(one) for one in records], zone)
    return table(HEADS, made), tuple(faults)


def faults_csv(faults: Iterable[Fault]) -> bytes:
    """What stands against the rows of a file."""
    return table(
        ("row", "data element", "expected", "came"), [(one.row, one.element, one.expected, one.came) for one in faults]
    )


def arrestee(view: RecordView) -> Arrestee:
    """One record in NIBRS's codes: a stated answer before a perceived one."""
    person, row = view.person, view.record
    said = {pair.what: pair.stated or pair.perceived for pair in person.pairs} if person else {}
    answers = person.answers if person else {}
    codes = tuple(one.ucr for one in view.offences if one.ucr and not one.withdrawn)
    return Arrestee(
        number=row.number,
        at=row.at,
        category=cast(Literal["O", "S", "T"], row.category),
        charges=codes,
        armed=tuple(answers.get("armed", "").upper().replace(",", " ").split()),
        age=_age(answers.get("age", "")),
        sex=_code(said.get("sex", "")),
        race=_code(said.get("race", "")),
        ethnicity=_code(said.get("ethnicity", "")),
        resident=_code(answers.get("resident", "")),
        minor_disposition=_minor(view),
    )


def _code(text: str) -> str:
    """A code as a form gives it: its letter, or the letter before an explanation ("W – White")."""
    first = text.strip().split(" ", 1)[0].upper()
    return first if len(first) == 1 else ""


def _age(text: str) -> str:
    digits = text.strip()
    return digits.zfill(2) if digits.isdigit() and len(digits) <= 2 else digits


def _minor(view: RecordView) -> str:
    """H: handled within the department; R: referred; for those below 18 only."""
    answers = view.person.answers if view.person else {}
    age = answers.get("age", "").strip()
    if not age.isdigit() or int(age) >= 18:
        return ""
    return "R" if view.record.disposition in ("custody", "transferred") else "H" if view.record.disposition else ""
