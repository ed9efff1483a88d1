"""The account of an import: it adds up, or it is no account."""

from __future__ import annotations

import msgspec
import pytest

from command.domain.submission import Answer
from command.errors import Corrupt
from command.exercise import report as report_module
from command.exercise.report import ImportReport, Tally, as_text
from command.policy.decision import Decision


def tally(*lines: int, dry_run: bool = False) -> Tally:
    made = Tally("source", "incident", dry_run=dry_run)
    for line in lines:
        made.read += 1
        made.answered(line, Answer("c", "accepted"), ())
    return made


def test_an_account_that_does_not_add_up_is_refused() -> None:
    made = tally(2)
    made.read += 1
    with pytest.raises(Corrupt, match="expected 2 rows accounted for, came 1"):
        made.report()


def test_lines_are_spans_of_consecutive_rows() -> None:
    assert tally(2, 3, 4, 7, 9, 10).report().lines == {"taken": ((2, 4), (7, 7), (9, 10))}


def test_text_gives_counts_lines_flags_and_reasons() -> None:
    made = tally(2, 3)
    for outcome, line, why in (("unreadable", 4, "expected 2 columns, came 1"), ("other day", 5, "of another day")):
        made.read += 1
        made.count(outcome, line, why)  # type: ignore[arg-type]  # two of the literals
    made.read += 1
    made.answered(6, Answer("c", "duplicate"), ("time of day unknown (00:00)",))
    made.stopped = "the database is away"
    assert as_text(made.report()) == (
        "source: 5 rows read\n"
        "        2  taken          lines 2-3\n"
        "        1  already there  lines 6\n"
        "        1  unreadable     lines 4\n"
        "        1  other day      lines 5\n"
        "        5  in all\n"
        "  1 of the rows sent: time of day unknown (00:00)\n"
        "line 4: unreadable: expected 2 columns, came 1\n"
        "line 6: already there: time of day unknown (00:00)\n"
        "stopped: the database is away. rows after the last line above were not read; run it again to go on"
    )


def test_a_dry_run_says_that_nothing_was_sent() -> None:
    text = as_text(tally(2, dry_run=True).report())
    assert "dry run: nothing was sent" in text
    assert "would be sent" in text


def test_notes_are_bounded_and_what_is_left_off_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_module, "MAX_NOTES", 2)
    made = tally()
    for line in range(2, 7):
        made.read += 1
        made.count("unreadable", line, "bad")
    got = made.report()
    assert (len(got.notes), got.notes_left_off, got.lines["unreadable"]) == (2, 3, ((2, 6),))
    assert "and 3 more; their line numbers are above" in as_text(got)


def test_many_spans_are_cut_in_the_text_only() -> None:
    got = tally(*range(2, 60, 2)).report()
    assert len(got.lines["taken"]) == 29
    assert "and 17 more spans" in as_text(got)


def test_complete_means_nothing_that_was_asked_for_is_missing() -> None:
    made = tally(2)
    assert made.report().complete
    made.stopped = "away"
    assert not made.report().complete


def test_the_account_goes_to_json_and_back() -> None:
    got = tally(2, 3).report()
    assert msgspec.json.decode(msgspec.json.encode(got), type=ImportReport) == got


def test_a_refusal_without_reasons_gives_the_status() -> None:
    made = tally()
    made.read += 1
    made.answered(2, Answer("c", "refused", decision=Decision("refused")), ())
    assert made.report().notes[0].why == "the server answered 'refused'"


def test_rows_that_were_not_asked_for_are_counted_and_none_left_is_hinted_at() -> None:
    made = tally(2)
    for line in (3, 4):
        made.read += 1
        made.count("left out", line, "column 'arrest_made': 'FALSE'")
    report = made.report()
    assert report.complete and report.notes == () and "2  left out       lines 3-4" in as_text(report)
    assert "hint" not in as_text(report)
    none = Tally("s", "", dry_run=True)
    none.read = 1
    none.count("left out", 2)
    assert "not one row holds what `only` in the mapping asks for" in as_text(none.report())
