"""Runs of numbers that were handed out, on wristbands and on forms on paper, and which of them are in use.

A maker's own numbers are counted as well as ours: whatever counts up from the first to the last is a run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from command.domain.state_arrest import Issue

DIGITS: Final = re.compile(r"[0-9]{1,18}")


def run_of(first: str, last: str) -> tuple[str, int, int] | None:
    """What two numbers of one run have in common, and from where to where it counts: W-001-4 … W-050-9 is ("W-", 1, 50).

    A check character behind the number is not looked at. None where nothing counts up from the one to the other.
    """
    pairs = zip(DIGITS.finditer(first), DIGITS.finditer(last), strict=False)
    for one, other in pairs:
        before, low, high = first[: one.start()], int(one.group()), int(other.group())
        if before != last[: other.start()]:
            return None
        if low != high or first == last:
            return (before, low, high) if low <= high else None
    return None


def issued_words(issue: Issue, used: int, gaps: int) -> str:
    """What became of a run."""
    bands = issue.what == "wristbands"
    name, done = ("wristbands", "used") if bands else ("paper forms", "entered")
    if used > issue.quantity:
        return f"{used} of {issue.quantity} {name} {done}: more than were handed out"
    skipped = f"; {gaps} {'skipped' if bands else 'missing'}" if gaps else ""
    return f"{used} of {issue.quantity} {name} {done}{skipped}"


def was_issued(issues: Iterable[Issue], what: str, number: str) -> bool:
    """Whether a number is of a run of its kind; where none of that kind was handed out nobody can tell."""
    runs = [issue for issue in issues if issue.what == what]
    return not runs or any(_in(issue, number) for issue in runs)


def _in(issue: Issue, band: str) -> bool:
    run = run_of(issue.first, issue.last)
    if run is None:
        return band in (issue.first, issue.last)
    before, low, high = run
    digits = DIGITS.match(band, len(before)) if band.startswith(before) else None
    return digits is not None and low <= int(digits.group()) <= high
