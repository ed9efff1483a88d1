"""The operation as a paper: figures say of when they are, what changed since says so, and a long table says what it leaves out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from command.policy.decision import Finding, RuleRef
from command.reports import operation
from command.reports.document import Document, Section
from command.reports.operation import Operation, operation_paper
from command.views.row import Who
from command.views.rows import Entry, IncidentRow, PlanPack
from command.views.rows_arrest import ArrestRow, CustodyRow, HolderRow, NumberRow

AT = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
LOPEZ = Who("lopez", "A. Lopez", "spd", "")
AGAINST = Finding(
    "contrary to plan", (RuleRef("model", "warning.heard", "it is heard", "law", "V"),), ("nobody heard it",)
)


def entry(seq: int, kind: str = "WarningGiven", **more: Any) -> Entry:
    return Entry(seq, f"e{seq}", kind, f"line {seq}", AT, AT, LOPEZ, **more)


def incident(**more: Any) -> IncidentRow:
    plan = (PlanPack("model", "Model plan", "model", "0123456789abcdef0123"),)
    row: dict[str, Any] = {
        "time_zone": "America/Chicago",
        "counts": {"CustodyTransferred": 2},
        "plan": plan,
        "commander": LOPEZ,
    }
    return IncidentRow("i1", "March", "planned", "open", opened_at=AT, lead_agency="spd", **row, **more)


def paper(*entries: Entry, board: dict[str, Any] | None = None, **more: Any) -> Document:
    return operation_paper(Operation(incident(**more), board or {}, entries, None, "command", "Log i1"), AT)


def section(made: Document, heading: str) -> Section:
    return next(one for one in made.sections if one.heading.startswith(heading))


def test_figures_have_their_moment_and_zone_and_the_cover_its_plan() -> None:
    made = paper(exercise=True)
    assert section(made, "Figures").heading == "Figures as of 2026-07-01 07:00:00 CDT"
    assert section(made, "Figures").tables[1].rows == (("custody transferred", "2"),)
    assert ("Plan", "Model plan (model, SHA-256 0123456789abcdef)") in section(made, "The operation").lines
    assert made.marks == ("EXERCISE: none of this happened",) and "through the lens command" in made.under


def test_a_line_says_what_became_of_it_and_what_is_not_shown() -> None:
    rows = (
        section(
            paper(
                entry(1, text="go home", fields={"audible": "confirmed"}),
                entry(2, supersedes="e1", struck=True),
                entry(3, finding=AGAINST, redacted=True, withheld=("words",)),
            ),
            "Warnings",
        )
        .tables[0]
        .rows
    )
    assert rows[0][3:] == ("line 1 (corrected since)", "go home\naudible: confirmed")
    assert rows[1][3] == "line 2 (struck since)"
    assert rows[2][3] == "line 3 [contrary to plan]"
    assert rows[2][4] == "destroyed on someone's authority\nnot shown to this role: words"


def test_findings_name_their_reasons_and_rules() -> None:
    made = paper(entry(1, "ArrestRecorded", finding=AGAINST), entry(2, finding=Finding("authorized")))
    (row,) = section(made, "Findings").tables[0].rows
    assert row[3:] == ("contrary to plan", "nobody heard it\nwarning.heard")
    assert not [one for one in made.sections if one.heading == "Force"], "what is empty is left out"


def test_arrests_stand_by_their_disposition_and_people_with_whom_they_are() -> None:
    made = paper(
        board={
            "arrests": {
                "a": ArrestRow("a", "s", "W-1", LOPEZ, AT, charges=("vandalism",), disposition="cited", versions=2),
                "b": ArrestRow("b", "t", "W-2", LOPEZ, AT, redacted=True, signed=True, reviewed=True),
            },
            "custody": {
                "t": CustodyRow("t", "W-2", AT, holder=HolderRow("bus", "Bus 1"), lost="two say no", received="awaited")
            },
            "numbers": {
                "x": NumberRow("x", "count", "the heads do not agree", alarm=True, holder=HolderRow("bus", "Bus 1")),
                "y": NumberRow("y", "issue", "all well"),
            },
        }
    )
    assert section(made, "Arrests by disposition").tables[0].rows == (("cited", "1"), ("undecided", "1"))
    assert section(made, "Arrests: cited").tables[0].rows[0][-1] == "not signed; not reviewed; 2 versions"
    assert section(made, "Arrests: undecided").tables[0].rows[0][-1] == "values destroyed"
    (held,) = section(made, "In custody").tables[0].rows
    assert held[1] == "Bus 1" and held[-1] == "two say no; not yet confirmed by the receiver"
    assert section(made, "Does not add up").tables[0].rows == (("count", "Bus 1", "the heads do not agree", ""),)


def test_a_table_that_is_too_long_says_how_much_it_leaves_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operation, "MOST_TOLD", 2)
    found = section(paper(entry(1), entry(2), entry(3)), "Warnings")
    assert len(found.tables[0].rows) == 2 and found.lines == (("Not printed", "1 more, in the log"),)
