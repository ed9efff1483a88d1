"""What became of an import: every row in exactly one column, with its line number.

`read` is always the sum of all counts; a report that does not add up is a defect and
is refused by `Tally.report`.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from command.domain.submission import Answer
from command.errors import Corrupt

Outcome = Literal[
    "taken",  # now in the log (in a dry run: would be sent)
    "already there",  # taken by an earlier run
    "refused",  # by the plan
    "denied",  # by access
    "conflict",  # the same record id with other values, in this file or in the log
    "unreadable",  # the row, a cell, or by the server's reading
    "repeated",  # the same record, alike, on an earlier line
    "other day",  # not of the day asked for
    "blank",  # an empty line
    "not sent",  # the import stopped before this row was answered
]

OUTCOMES: tuple[Outcome, ...] = (
    "taken", "already there", "refused", "denied", "conflict", "unreadable", "repeated", "other day", "blank",
    "not sent",
)  # fmt: skip

_BY_STATUS: dict[str, Outcome] = {
    "accepted": "taken",
    "duplicate": "already there",
    "refused": "refused",
    "denied": "denied",
    "conflict": "conflict",
    "unreadable": "unreadable",
}

_WELL: frozenset[str] = frozenset({"taken", "already there", "other day", "blank", "repeated"})

MAX_NOTES = 10_000  # reasons kept in words; beyond it a row still has its line number and outcome


class LineNote(msgspec.Struct, frozen=True):
    """Why a row was not taken, or (`flag`) what is uncertain about one that was."""

    line: int
    outcome: str
    why: str
    flag: bool = False


class ImportReport(msgspec.Struct, frozen=True):
    """The whole account. `lines` gives for each outcome the line numbers as (first, last) spans of consecutive rows."""

    source: str
    incident: str
    dry_run: bool
    read: int
    counts: dict[str, int]
    lines: dict[str, tuple[tuple[int, int], ...]]
    notes: tuple[LineNote, ...] = ()
    notes_left_off: int = 0
    flags: dict[str, int] = {}
    stopped: str = ""

    @property
    def complete(self) -> bool:
        """True where every row was taken, was there already, or was not asked for."""
        return not self.stopped and all(name in _WELL for name, count in self.counts.items() if count)


class Tally:
    """Counts rows while an import runs."""

    def __init__(self, source: str, incident: str, *, dry_run: bool) -> None:
        self.read = 0
        self.stopped = ""
        self._source, self._incident, self._dry_run = source, incident, dry_run
        self._counts: dict[str, int] = dict.fromkeys(OUTCOMES, 0)
        self._spans: dict[str, list[list[int]]] = {name: [] for name in OUTCOMES}
        self._last: dict[str, int] = {}
        self._notes: list[LineNote] = []
        self._left_off = 0
        self._flags: dict[str, int] = {}

    def count(self, outcome: Outcome, line: int, why: str = "") -> None:
        """Put the row on `line` in its column; `why` is kept in words except for days not asked for."""
        self._counts[outcome] += 1
        spans = self._spans[outcome]
        if spans and spans[-1][1] == line - 1:
            spans[-1][1] = line
        else:
            spans.append([line, line])
        if why and outcome != "other day":
            self._note(LineNote(line, outcome, why))

    def answered(self, line: int, answer: Answer, flags: tuple[str, ...]) -> None:
        """Count the server's answer; a status of a later server that we do not know counts as refused, and says so."""
        outcome = _BY_STATUS.get(answer.status, "refused")
        why = "" if outcome in ("taken", "already there") else _why(answer)
        self.count(outcome, line, why)
        for flag in flags:
            self._flags[flag] = self._flags.get(flag, 0) + 1
            self._note(LineNote(line, outcome, flag, flag=True))

    def report(self) -> ImportReport:
        """The account. Raises Corrupt if it does not add up."""
        if self.read != sum(self._counts.values()):
            raise Corrupt(f"expected {self.read} rows accounted for, came {sum(self._counts.values())}")
        return ImportReport(
            source=self._source,
            incident=self._incident,
            dry_run=self._dry_run,
            read=self.read,
            counts=dict(self._counts),
            lines={name: tuple((a, b) for a, b in spans) for name, spans in self._spans.items() if spans},
            notes=tuple(sorted(self._notes, key=lambda note: note.line)),
            notes_left_off=self._left_off,
            flags=dict(self._flags),
            stopped=self.stopped,
        )

    def _note(self, note: LineNote) -> None:
        if len(self._notes) < MAX_NOTES:
            self._notes.append(note)
        else:
            self._left_off += 1


def as_text(report: ImportReport) -> str:
    """The account for a person: counts that add up, then each line that needs a look."""
    head = f"{report.source}: {report.read} rows read" + (" (dry run: nothing was sent)" if report.dry_run else "")
    out = [head]
    for name in OUTCOMES:
        if count := report.counts.get(name, 0):
            label = "would be sent" if report.dry_run and name == "taken" else name
            out.append(f"  {count:>7}  {label:<14} {_spans_text(report.lines[name])}")
    out.append(f"  {sum(report.counts.values()):>7}  in all")
    out += [f"  {count} of the rows sent: {flag}" for flag, count in sorted(report.flags.items())]
    out += [f"line {note.line}: {note.outcome}: {note.why}" for note in report.notes]
    if report.notes_left_off:
        out.append(f"and {report.notes_left_off} more; their line numbers are above")
    if report.stopped:
        out.append(f"stopped: {report.stopped}. rows after the last line above were not read; run it again to go on")
    return "\n".join(out)


def _spans_text(spans: tuple[tuple[int, int], ...]) -> str:
    shown = [f"{a}" if a == b else f"{a}-{b}" for a, b in spans[:12]]
    return "lines " + ", ".join(shown) + (f" and {len(spans) - 12} more spans" if len(spans) > 12 else "")


def _why(answer: Answer) -> str:
    if answer.problem:
        return answer.problem + (f" at {answer.where}" if answer.where else "")
    if answer.decision is not None:
        said = answer.decision
        if said.reasons or said.missing:
            return "; ".join([*said.reasons, *(f"missing: {what}" for what in said.missing)])
    return f"the server answered {answer.status!a}"
