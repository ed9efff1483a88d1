"""What became of an import: every row in exactly one column, with its line number.

`read` is always the sum of all counts; a report that does not add up is a defect and
is refused by `Tally.report`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Literal

import msgspec

from command.domain.submission import Answer
from command.errors import Corrupt
from command.exercise import completeness, held
from command.exercise.completeness import Completeness
from command.exercise.held import CommandAccount, NotFromTheTable

Outcome = Literal[
    "taken",  # now in the log (in a dry run: would be sent)
    "already there",  # taken by an earlier run
    "refused",  # by the plan
    "denied",  # by access
    "conflict",  # the same record id with other values, in this file or in the log
    "unreadable",  # the row, a cell, or by the server's reading
    "repeated",  # the same record, alike, on an earlier line
    "other day",  # not of the day asked for
    "left out",  # not a row that the mapping asks for
    "blank",  # an empty line
    "header again",  # the header once more, where files were put together
    "not sent",  # the import stopped before this row was answered
]

OUTCOMES: tuple[Outcome, ...] = (
    "taken", "already there", "refused", "denied", "conflict", "unreadable", "repeated", "other day", "left out",
    "blank", "header again", "not sent",
)  # fmt: skip

_BY_STATUS: dict[str, Outcome] = {
    "accepted": "taken",
    "duplicate": "already there",
    "refused": "refused",
    "denied": "denied",
    "conflict": "conflict",
    "unreadable": "unreadable",
}

FLAG_ASTRAY = (
    "on nobody's record: its number is that of another record in the incident; give the ids of this table a prefix"
)

_NOT_ASKED_FOR: frozenset[str] = frozenset({"other day", "left out"})
_WELL: frozenset[str] = frozenset({"taken", "already there", *_NOT_ASKED_FOR, "blank", "repeated", "header again"})

FLAGS_SHOWN = 20  # lines on which something is uncertain; how many there are of each stands above them
NOTES_SHOWN = 200  # reasons on a screen; whoever needs all of them takes the JSON
MAX_NOTES = 10_000  # reasons kept in words; beyond it a row still has its line number and outcome


class LineNote(msgspec.Struct, frozen=True):
    """Why a row was not taken, or (`flag`) what is uncertain about one that was."""

    line: int
    outcome: str
    why: str
    flag: bool = False


class ImportReport(msgspec.Struct, frozen=True):
    """The whole account. `lines` gives for each outcome the line numbers as (first, last) spans of consecutive rows.

    `commands`: what the rows became, and what of it the table does not hold. `records`: what the records of this
    source lack under the incident's plan; None in a dry run.
    """

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
    commands: tuple[CommandAccount, ...] = ()
    records: Completeness | None = None

    @property
    def complete(self) -> bool:
        """True where every row was taken, was there already, or was not asked for, and none is on nobody's record."""
        astray = self.stopped or FLAG_ASTRAY in self.flags
        return not astray and all(name in _WELL for name, count in self.counts.items() if count)


class Tally:
    """Counts rows while an import runs."""

    def __init__(
        self, source: str, incident: str, *, dry_run: bool, commands: Mapping[str, NotFromTheTable] | None = None
    ) -> None:
        self.read = 0
        self.stopped = ""
        self._source, self._incident, self._dry_run = source, incident, dry_run
        self._counts: dict[str, int] = dict.fromkeys(OUTCOMES, 0)
        self._spans: dict[str, list[list[int]]] = {name: [] for name in OUTCOMES}
        self._last: dict[str, int] = {}
        self._notes: list[LineNote] = []
        self._left_off = 0
        self._flags: dict[str, int] = {}
        self._not_held = commands or {}
        self._outcomes: dict[str, Counter[str]] = {name: Counter() for name in self._not_held}
        self._unknown: dict[str, Counter[str]] = {name: Counter() for name in self._not_held}

    def count(self, outcome: Outcome, line: int, why: str = "") -> None:
        """Put the row on `line` in its column; `why` is kept in words except for rows not asked for."""
        self._counts[outcome] += 1
        spans = self._spans[outcome]
        if spans and spans[-1][1] == line - 1:
            spans[-1][1] = line
        else:
            spans.append([line, line])
        if why and outcome not in _NOT_ASKED_FOR:
            self._note(LineNote(line, outcome, why))

    def answered(self, line: int, answer: Answer, flags: tuple[str, ...]) -> None:
        """Count the server's answer; a status of a later server that we do not know counts as refused, and says so."""
        outcome = _BY_STATUS.get(answer.status, "refused")
        why = "" if outcome in ("taken", "already there") else _why(answer)
        self.count(outcome, line, why)
        for flag in flags:
            self._flags[flag] = self._flags.get(flag, 0) + 1
            self._note(LineNote(line, outcome, flag, flag=True))

    def command(self, name: str, answer: Answer, unknown: tuple[str, ...]) -> None:
        """Count what became of one command, and which of its fields the source does not know."""
        self._outcomes[name][_BY_STATUS.get(answer.status, "refused")] += 1
        self._unknown[name].update(unknown)

    def _commands(self) -> tuple[CommandAccount, ...]:
        return tuple(
            CommandAccount(
                name, dict(self._outcomes[name]), dict(self._unknown[name]), it.constant, it.default, it.empty
            )
            for name, it in self._not_held.items()
        )

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
            commands=self._commands(),
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
    lost, uncertain = ([note for note in report.notes if note.flag is flag] for flag in (False, True))
    shown = [*lost[:NOTES_SHOWN], *uncertain[:FLAGS_SHOWN]]
    out += [f"line {note.line}: {note.outcome}: {note.why}" for note in shown]
    if left_off := report.notes_left_off + len(report.notes) - len(shown):
        out.append(f"and {left_off} more; their line numbers are above, their reasons in --json")
    out += _hints(report)
    if any(account.outcomes for account in report.commands):
        out.append("what the rows became, and what the table does not hold")
        words = {"taken": "would be sent"} if report.dry_run else {}
        out += [line for account in report.commands if account.outcomes for line in held.as_lines(account, words)]
    if report.records is not None:
        out.append("what the records still need under the plan of this incident")
        out += completeness.as_lines(report.records)
    if report.stopped:
        rest = "rows after the last line above were not read; run it again to go on"
        out.append(f"stopped: {report.stopped}. {rest if report.read else 'nothing was read, and nothing was sent'}")
    return "\n".join(out)


def _hints(report: ImportReport) -> list[str]:
    """What to do about a reason that many rows share."""
    whys = [note.why for note in report.notes if not note.flag]
    out = []
    if any(why.startswith("expected UTF-8, came byte") for why in whys):
        out.append('hint: a table from a spreadsheet on Windows is often encoding = "cp1252"; say so in the mapping')
    if report.counts["left out"] and report.counts["left out"] == report.read - report.counts["blank"]:
        out.append("hint: not one row holds what `only` in the mapping asks for; is it written as the table writes it?")
    if report.read > 1 and report.counts["unreadable"] == report.read - report.counts["blank"]:
        out.append("hint: not one row could be read with this mapping; is it the one for this table?")
    return out


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
