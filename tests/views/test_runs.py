"""Runs of numbers: what became of one, and whether a number is of any."""

from __future__ import annotations

import pytest

from command.domain.state_arrest import Issue
from command.views.runs import issued_words, was_issued

BANDS = Issue("i1", "officer", "wristbands", "W-001-4", "W-050-9", 50, 7)
FORMS = Issue("i2", "officer", "paper forms", "F-1-0001-A", "F-1-0009-B", 9, 8)
NAMED = Issue("i3", "officer", "wristbands", "red", "blue", 2, 9)


@pytest.mark.parametrize(
    ("issue", "used", "gaps", "says"),
    [
        (BANDS, 3, 0, "3 of 50 wristbands used"),
        (BANDS, 3, 2, "3 of 50 wristbands used; 2 skipped"),
        (BANDS, 51, 0, "51 of 50 wristbands used: more than were handed out"),
        (FORMS, 3, 2, "3 of 9 paper forms entered; 2 missing"),
        (FORMS, 10, 1, "10 of 9 paper forms entered: more than were handed out"),
    ],
)
def test_what_became_of_a_run_is_said(issue: Issue, used: int, gaps: int, says: str) -> None:
    assert issued_words(issue, used, gaps) == says


@pytest.mark.parametrize(
    ("issues", "what", "number", "known"),
    [
        ((), "wristbands", "W-001-4", True),  # nobody can tell
        ((FORMS,), "wristbands", "X-9", True),  # none of that kind was handed out
        ((BANDS,), "wristbands", "W-007-0", True),
        ((BANDS,), "wristbands", "W-051-0", False),
        ((BANDS,), "wristbands", "X-9", False),
        ((FORMS,), "paper forms", "F-1-0003-C", True),
        ((NAMED,), "wristbands", "red", True),
        ((NAMED,), "wristbands", "green", False),
    ],
)
def test_a_number_is_of_a_run_of_its_own_kind_or_of_none(
    issues: tuple[Issue, ...], what: str, number: str, known: bool
) -> None:
    assert was_issued(issues, what, number) is known
