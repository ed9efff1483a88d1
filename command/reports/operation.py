"""A whole operation as a paper: what the screen shows through the same lens, from the first level to the last person held.

Figures say as of when they are. A table is as long as a person can read; what stands in it no more is said by number and is
in the log.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, TypeVar

import msgspec

from command.policy.decision import Finding
from command.reports.document import Clock, Document, Section, Table, filled, kept
from command.views.processing import ProcessingView
from command.views.row import Who
from command.views.rows import Board, Entry, IncidentRow, SectorRow
from command.views.rows_arrest import ArrestRow, BarRow, CustodyRow, HighVolumeRow, NumberRow

MOST_ROWS: Final = 1_000
"""Rows of a table: some thirty pages, and a second or two to set."""

MOST_TOLD: Final = 500
"""Rows of one in words, each a third of a megabyte of memory while the paper is set."""

COURSE: Final = frozenset(
    {
        "IncidentOpened", "IncidentClosed", "CommandTransferred", "PlanChanged", "PlanSuspended", "PlanResumed",
        "AgencyJoined", "AuthorityDelegated", "DelegationEnded", "SectorDefined", "LevelAsked", "LevelRaised",
        "LevelLowered", "LevelRenewed", "AskRefused", "AskDenied", "PostureChanged", "WarningGiven", "CrowdMoved",
        "OrderGiven", "DecisionRecorded", "LiaisonContacted", "ForceAsked", "ForceGranted", "GrantRevoked",
        "ForceReported", "CriticalEventDeclared", "ArrestBarSet", "ArrestBarAnnounced", "HighVolumeDeclared",
        "HighVolumeEnded", "SiteOpened", "SiteClosed", "Redacted", "LogRestored",
    }
)  # fmt: skip
"""Types of events that make up the course of an operation. Each report, each duty and each person is in the log."""

LEVELS: Final = frozenset({"LevelRaised", "LevelLowered", "LevelRenewed"})

T = TypeVar("T", bound=msgspec.Struct)


class Operation(msgspec.Struct, frozen=True):
    """What the paper is made from: all of it through one lens, as of one moment.

    `entries` are lines of the feed, oldest first: those of COURSE, and every one that was found contrary to the plan.
    `processing` None: the lens has no records of arrests.
    """

    incident: IncidentRow
    board: Board
    entries: Sequence[Entry]
    processing: ProcessingView | None
    lens: str
    at: str  # up to which event of which log: the foot


def operation_paper(op: Operation, now: datetime) -> Document:
    """The whole operation. `now` is the moment that the figures are of."""
    clock, row = Clock(op.incident.time_zone), op.incident
    as_of = f"as of {clock.at(now)}"
    return Document(
        title=f"Operation: {row.name}",
        under=f"{as_of[0].upper()}{as_of[1:]}, through the lens {op.lens}. {'Closed' if row.status == 'closed' else 'Open'}.",
        foot=op.at,
        marks=("EXERCISE: none of this happened",) if row.exercise else (),
        sections=kept(
            _cover(row, clock),
            _figures(op, as_of),
            _levels_now(op.board, clock),
            _told("Levels of response", _of(op.entries, LEVELS), clock),
            _told("Order of events", _of(op.entries, COURSE), clock),
            _told("Warnings", _of(op.entries, {"WarningGiven"}), clock, details=True),
            _told("Force", _of(op.entries, {"ForceReported"}), clock, details=True),
            *_arrests(_rows(op.board, "arrests", ArrestRow), clock),
            _bar(op.board, clock),
            _custody(_rows(op.board, "custody", CustodyRow), clock, as_of),
            _numbers(_rows(op.board, "numbers", NumberRow), clock),
            _findings(op.entries, clock),
        ),
    )


def _rows(board: Board, section: str, kind: type[T]) -> list[T]:
    return [row for row in board.get(section, {}).values() if isinstance(row, kind)]


def _of(entries: Iterable[Entry], types: Iterable[str]) -> list[Entry]:
    wanted = frozenset(types)
    return [one for one in entries if one.type in wanted]


def _name(who: Who | None) -> str:
    return "" if who is None else who.name or who.position or who.agency


def _cover(row: IncidentRow, clock: Clock) -> Section:
    commander = _name(row.commander)
    return Section(
        "The operation",
        lines=filled(
            ("Kind", row.kind),
            ("Lead agency", row.lead_agency),
            ("Opened", clock.at(row.opened_at)),
            ("Commander", f"{commander}, since {clock.at(row.commander_since)}" if commander else ""),
            ("Objectives", "; ".join(row.objectives)),
            ("Times", f"of {row.time_zone}"),
            *(
                ("Plan" if number == 0 else "", f"{pack.title} ({pack.id}, SHA-256 {pack.digest[:16]})")
                for number, pack in enumerate(row.plan)
            ),
            ("Plan in force since", clock.at(row.plan_since)),
        ),
    )


_COUNTED: Final[Mapping[str, str]] = {
    "records": "records of arrests", "in_custody": "people in custody", "released": "people released",
    "unstated": "people whose whereabouts an imported table does not state",
    "cited": "cited", "custody": "disposed of by custody", "undecided": "without a disposition yet",
    "incomplete": "records that lack something", "unsigned": "not signed by who made the arrest",
    "unreviewed": "without a review of probable cause", "restrained": "people in restraints", "overdue": "clocks run out",
}  # fmt: skip


def _figures(op: Operation, as_of: str) -> Section:
    """Numbers, each with what it counts; the heading says of when they are, and in which zone."""
    counted = (
        () if op.processing is None else tuple((_COUNTED[one], str(getattr(op.processing, one))) for one in _COUNTED)
    )
    kinds = tuple((_plain(name), str(number)) for name, number in sorted(op.incident.counts.items()))
    tables = (
        Table(("of arrests and custody", "number"), counted),
        Table(("recorded so far, by kind", "number"), kinds),
    )
    return Section(f"Figures {as_of}", tables=tables)


def _plain(name: str) -> str:
    """A kind of event as people write it: `CustodyTransferred` is "custody transferred"."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()


def _levels_now(board: Board, clock: Clock) -> Section:
    rows = tuple(
        (one.name, one.level_name, clock.at(one.since), clock.at(one.until), _name(one.by), one.why)
        for one in sorted(_rows(board, "sectors", SectorRow), key=lambda one: one.name)
    )
    heads = ("sector", "level", "since", "until, unless renewed", "by", "on which facts")
    return Section("Levels in force", tables=(Table(heads, rows),))


def _told(heading: str, entries: Sequence[Entry], clock: Clock, *, details: bool = False) -> Section:
    """Lines of the feed as they stand there; what was corrected or struck since says so."""
    corrected = {one.supersedes for one in entries if one.supersedes}
    rows = []
    for one in entries[:MOST_TOLD]:
        state = " (struck since)" if one.struck else " (corrected since)" if one.id in corrected else ""
        found = f" [{one.finding.kind}]" if one.finding else ""
        words = [one.text, *(f"{label}: {value}" for label, value in one.fields.items() if details and value)]
        if one.redacted:
            words.append("destroyed on someone's authority")
        if one.withheld:
            words.append(f"not shown to this role: {', '.join(one.withheld)}")
        said = "\n".join(word for word in words if word)
        rows.append((str(one.seq), clock.at(one.occurred_at), _name(one.who), f"{one.line}{state}{found}", said))
    heads = ("event", "time", "by", "what", "in words")
    return Section(heading, lines=_more(len(entries), MOST_TOLD), tables=(Table(heads, tuple(rows)),))


def _more(count: int, most: int = MOST_ROWS) -> tuple[tuple[str, str], ...]:
    return (("Not printed", f"{count - most} more, in the log"),) if count > most else ()


def _arrests(rows: list[ArrestRow], clock: Clock) -> tuple[Section, ...]:
    """How many by what became of them, then each by its disposition; nothing here says who somebody is."""
    if not rows:
        return ()
    became = Counter(row.disposition or "undecided" for row in rows)
    count = Section(
        "Arrests by disposition",
        tables=(Table(("disposition", "records"), tuple((name, str(n)) for name, n in sorted(became.items()))),),
    )
    return (count, *(_arrests_of(name, rows, clock) for name in sorted(became)))


def _arrests_of(name: str, rows: list[ArrestRow], clock: Clock) -> Section:
    mine = sorted((row for row in rows if (row.disposition or "undecided") == name), key=lambda row: (row.at, row.id))
    table = tuple(
        (
            row.number,
            clock.at(row.at),
            row.sector,
            ", ".join(row.charges),
            _name(row.officer),
            row.finding.kind if row.finding else "",
            _state(row),
        )
        for row in mine[:MOST_ROWS]
    )
    heads = ("number", "time", "sector", "charges", "arresting officer", "finding", "")
    return Section(f"Arrests: {name}", lines=_more(len(mine)), tables=(Table(heads, table),))


def _state(row: ArrestRow) -> str:
    said = (
        row.exception,
        "" if row.signed else "not signed",
        "" if row.reviewed else "not reviewed",
        f"{len(row.missing)} missing" if row.missing else "",
        f"{row.versions} versions" if row.versions > 1 else "",
        "values destroyed" if row.redacted else "",
    )
    return "; ".join(one for one in said if one)


def _bar(board: Board, clock: Clock) -> Section:
    """The bar for arrest as it was set, and declarations of many arrests."""
    bars = tuple(
        (clock.at(one.since), _name(one.by), ", ".join(one.cited), ", ".join(one.custody), ", ".join(one.announced))
        for one in _rows(board, "bar", BarRow)
    )
    high = tuple(
        (clock.at(one.since), clock.at(one.ended or one.until), _name(one.by), one.sector, one.reason)
        for one in _rows(board, "high_volume", HighVolumeRow)
    )
    return Section(
        "The bar for arrest, and declarations of many arrests",
        tables=(
            Table(("set", "by", "cited", "may lead to custody", "announced by"), bars),
            Table(("declared", "until", "by", "sector", "reason"), high),
        ),
    )


_RECEIVED: Final = {"awaited": "not yet confirmed by the receiver"}


def _custody(rows: list[CustodyRow], clock: Clock, as_of: str) -> Section:
    table = tuple(
        (
            row.number,
            row.holder.name if row.holder else "nobody has them",
            clock.at(row.since),
            clock.at(row.arrested_at),
            row.station,
            "; ".join(
                one for one in (row.lost, _RECEIVED.get(row.received), "in restraints" if row.restraints else "") if one
            ),
        )
        for row in sorted(rows, key=lambda row: (row.arrested_at or row.since, row.id))[:MOST_ROWS]
    )
    heads = ("number", "with", "since", "arrested", "station", "")
    return Section(f"In custody {as_of}", lines=_more(len(rows)), tables=(Table(heads, table),))


def _numbers(rows: list[NumberRow], clock: Clock) -> Section:
    table = tuple(
        (row.kind, row.number or (row.holder.name if row.holder else ""), row.says, clock.at(row.at))
        for row in rows
        if row.alarm
    )
    return Section(
        "Does not add up", lines=_more(len(table)), tables=(Table(("", "of", "what", "since"), table[:MOST_ROWS]),)
    )


def _findings(entries: Sequence[Entry], clock: Clock) -> Section:
    against = [(one, one.finding) for one in entries if one.finding is not None and one.finding.kind != "authorized"]
    rows = tuple(
        (str(one.seq), clock.at(one.occurred_at), one.line, finding.kind, _reasons(finding))
        for one, finding in against[:MOST_TOLD]
    )
    heads = ("event", "time", "what", "finding", "why, and by which rule")
    return Section("Findings", lines=_more(len(against), MOST_TOLD), tables=(Table(heads, rows),))


def _reasons(finding: Finding) -> str:
    return "\n".join((*finding.reasons, *(rule.rule for rule in finding.rules)))
