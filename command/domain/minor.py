"""Whether what was said of somebody's age makes them a minor, or perhaps one: then they are kept apart (C5). Pure."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Final

ADULT_AGE: Final = 18

_WORDS: Final = re.compile(
    r"\b(?:under|below|less than|younger than|not yet|not) (?:18|eighteen)\b|\b(?:18|eighteen) (?:and|or) (?:under|younger|less)\b"
    r"|(?:<|\bu[-/ ]?)=? ?18\b|≤ ?18\b|\b(?:minor|juv|juvenile|teen\w*|child|(?:thir|four|fif|six|seven)teen)\b",
    re.IGNORECASE,
)
"""As officers say it, and as tables of cities have it: New York's youngest group is `<18`."""
_YES: Final = re.compile(r"\s*(?:yes|perhaps|maybe|may be|possibly|probably|unsure|not sure)\b", re.IGNORECASE)
_YEARS: Final = re.compile(r"(?<![\d.,/-])\d{1,2}(?![\d/]|[.,]\d|-\d{3})")
_RANGE: Final = re.compile(r"(?<![\d.,/-])\d{1,2} ?[-–] ?(\d{1,2})(?![\d/-]|[.,]\d)")
_A_DAY: Final = timedelta(days=1)  # wherever on earth the incident is


def may_be_minor(age: str | None, born: str | None, how: str | None, day: date) -> bool:
    """Whether one of these says that somebody was under 18 on `day`, or may have been; "16 or 18" does.

    `age` and `how` are an officer's words, `born` an RFC 3339 date. What says nothing of it is no reason.
    """
    return _born_so(born or "", day) or _young(age or "") or _YES.match(how or "") is not None


def _young(age: str) -> bool:
    if _WORDS.search(age):
        return True
    years = [int(found) for found in (*_YEARS.findall(age), *_RANGE.findall(age))]
    return any(0 < one < ADULT_AGE for one in years)


def _born_so(born: str, day: date) -> bool:
    try:
        birth = date.fromisoformat(born.strip())
    except ValueError:
        return False
    before = day - _A_DAY
    years = before.year - birth.year - ((before.month, before.day) < (birth.month, birth.day))
    return birth <= day and years < ADULT_AGE
