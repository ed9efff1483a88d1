"""Arrests as tables: one row a record for a spreadsheet, and NIBRS's row with what stands against it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Literal, cast
from zoneinfo import ZoneInfo

from command.reports import nibrs_codes as codes
from command.reports.document import Clock
from command.reports.nibrs import HEADS, Arrestee, Fault, is_minor, rows
from command.views.csv_text import table
from command.views.record_rows import RecordView

COLUMNS = (
    "number", "record", "arrested at", "sector", "officer", "agency", "seen by", "kind", "offences", "UCR codes",
    "finding", "reasons", "disposition", "exception", "signed by the arresting officer", "probable cause reviewed",
    "still missing", "held", "released at", "released how", "versions", "private values destroyed",
)  # fmt: skip


Row = tuple[str | int | bool, ...]


def arrests_csv(rows: Iterable[Row]) -> bytes:
    """One row a record (see `arrest_row`); what a lens withholds is not among the columns."""
    return table(COLUMNS, list(rows))


def arrest_row(view: RecordView, clock: Clock) -> Row:
    """A record as a row, times with their zone."""
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
        "; ".join(view.ucr),
        row.finding.kind if row.finding else "",
        "; ".join(row.finding.reasons) if row.finding else "",
        row.disposition,
        row.exception,
        row.signed,
        row.reviewed,
        "; ".join(item.says for item in row.missing),
        "not stated" if row.unstated else row.held,
        clock.at(row.released_at),
        row.released_how,
        row.versions,
        row.redacted,
    )


def nibrs_csv(arrestees: Sequence[Arrestee], zone: str) -> tuple[bytes, tuple[Fault, ...]]:
    """The file and every fault in it. Who a person is comes from what a lens may read, and is unknown otherwise."""
    made, faults = rows(arrestees, zone)
    return table(HEADS, made), tuple(faults)


def reported(view: RecordView) -> bool:
    """Whether a record is in a report to NIBRS: one whose private values were destroyed by order was sealed or expunged."""
    return not view.record.redacted


def faults_csv(faults: Iterable[Fault]) -> bytes:
    """What stands against the rows of a file."""
    return table(
        ("row", "data element", "expected", "came"), [(one.row, one.element, one.expected, one.came) for one in faults]
    )


def arrestee(view: RecordView, zone: str) -> Arrestee:
    """One record in NIBRS's codes: a stated answer before a perceived one, a date of birth before an age."""
    person, row = view.person, view.record
    pairs = {pair.what: (pair.stated, pair.perceived) for pair in person.pairs} if person else {}
    answers = person.answers if person else {}
    age = codes.age(answers.get("age", ""), answers.get("born", ""), row.at.astimezone(ZoneInfo(zone)).date())
    return Arrestee(
        number=row.number,
        at=row.at,
        category=cast(Literal["O", "S", "T"], row.category),
        charges=view.ucr,
        armed=codes.armed(answers.get("armed", "")),
        age=age,
        sex=_told(codes.sex, pairs.get("sex", ())),
        race=_told(codes.race, pairs.get("race", ())),
        ethnicity=_told(codes.ethnicity, pairs.get("ethnicity", ())),
        resident=codes.resident(answers.get("resident", "")),
        minor_disposition=_minor(view, age),
        offended_at=min((one.at for one in view.offences if one.at and not one.withdrawn), default=None),
    )


def _told(code: Callable[[str], str], said: Iterable[str]) -> str:
    """The first answer that tells something; where somebody declined to say, what was perceived."""
    found = [code(text) for text in said if text.strip()]
    return next((one for one in found if one != "U"), "U" if found else "")


def _minor(view: RecordView, age: str) -> str:
    """H: handled within the department; R: referred; for those below 18 only."""
    if not is_minor(age):
        return ""
    return "R" if view.record.disposition in ("custody", "transferred") else "H" if view.record.disposition else ""
