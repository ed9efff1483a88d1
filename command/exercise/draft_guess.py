"""What a table's header and its first rows suggest: which column is the record's id, the time, the charge. Pure.

It guesses names of columns and forms of times, never a fact. Names as open data portals of cities use them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import time
from itertools import combinations
from typing import Final

import msgspec

from command.exercise.times import END_OF_DAY, read_clock, read_time

_DAYS: Final = (
    "%m/%d/%Y", "%Y/%m/%d", "%Y-%m-%d", "%d/%m/%Y", "%m-%d-%Y", "%d.%m.%Y", "%m/%d/%y", "%d.%m.%y", "%d-%b-%y",
    "%d-%b-%Y", "%Y %b %d", "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%b %d %Y", "%Y%m%d",
)  # fmt: skip
_OF_DAY: Final = (
    " %I:%M:%S %p", " %H:%M:%S", " %H:%M", " %I:%M %p", " %I:%M%p", "", ", %I:%M %p", ", %H:%M", " %H:%M:%S%z",
    " %H:%M:%S.%f", " %I:%M:%S.%f %p", " %I.%M.%S.%f %p", " %H%M",
)  # fmt: skip
_TIMES: Final = ("iso", *(day + clock for clock in _OF_DAY for day in _DAYS))
_TRIED_FIRST: Final = 40  # cells, from all over the sample: a form that reads none of them is not tried on the rest
_CLOCKS: Final = ("hour", "hhmm", "%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M:%S %p")

_WHEN: Final = r"\w*date\w*|\w*time\w*|when|hour|occur\w*|\w+ on|arrested|booked"

_LATER: Final = (
    r"report\w*|book\w*|bk|updat\w*|upload\w*|enter\w*|entry|process\w*|receiv\w*|created?|modified|releas\w*"
)
"""What a column is called that says when something was written down, and not when it happened."""
_MADE: Final = r"(?:(?:was |is )?arrest(?:ed)?(?: made| flag| indicator| yn| y n)?|arrestmade|custodial arrest)"
_ANSWERS_MOST: Final = 4  # yes, no, and how a table writes that nobody knows

_CHARGES_MOST: Final = 9
_WHOSE: Final = "perp|suspect|defendant|arrestee|subject|person|offender|arrest"
_ROLES: Final = {
    "charge": (
        "statute", "statute code", r"charge(?: \d+)? statute", "charge code", "law code", "section", "violation code",
        "offen[cs]e code", "pd cd", "charges?", "violation",
    ),
    "described": (
        r"(?:statute|charge|law|violation|pd|offen[cs]e)(?: \d+)? desc(?:ription)?", "ofns desc", "desc(?:ription)?",
        "offen[cs]e", "charge", "category",
    ),
    "officer": ("arresting officer", "officer id", "officer(?: no| number| badge| name)?", "badge"),
    "location": ("location", "address", "street(?: name)?", "block", "intersection", "place"),
}  # fmt: skip
_PEOPLE: Final = {
    "race_perceived": ("race", "race code", "descent(?: code)?"), "ethnicity_perceived": ("ethnicity",),
    "sex_perceived": ("sex", "gender", "sex code"), "age": ("age", "age group", r"age (?:at|when|in)\b.*"),
    "born": ("birth ?date", "date of birth", "dob"), "name": ("name", "full name"),
}  # fmt: skip


class Column(msgspec.Struct, frozen=True):
    """A column as the sample shows it: how many rows have a value, and the different values."""

    name: str
    rows: int
    values: tuple[str, ...]  # of each row that has one
    cells: tuple[str, ...] = ()  # of each row, "" where it has none

    @property
    def plain(self) -> str:
        """The name as words in lower case: "ArrestDate" and "ARREST_DATE" are both "arrest date"."""
        spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", self.name)
        return re.sub(r"[^a-z0-9]+", " ", spaced.lower()).strip()

    @property
    def distinct(self) -> int:
        """How many different values."""
        return len(set(self.values))

    @property
    def unique(self) -> bool:
        """Whether each row has a value of its own; a row in fifty may have none, as a line of totals below a table."""
        return self.told_apart(0.98)

    def told_apart(self, share: float) -> bool:
        """Whether no two rows have the same value, and so large a share of them has one."""
        return bool(self.values) and len(self.values) == self.distinct and len(self.values) >= self.rows * share

    def is_named(self, pattern: str) -> bool:
        """Whether its name has these words."""
        return re.search(rf"\b(?:{pattern})\b", self.plain) is not None


class Guess(msgspec.Struct):
    """Which columns are taken for what."""

    record: tuple[str, ...] = ()
    time: str | None = None
    maybe_time: str | None = None  # it is called so, and its cells read as no time that is known here
    formats: tuple[str, ...] = ()
    clock: str | None = None
    clock_formats: tuple[str, ...] = ()
    arrest: str | None = None
    charge: str | None = None
    described: str | None = None
    officer: str | None = None
    place: tuple[str, str] | None = None
    location: str | None = None
    person: dict[str, str] = msgspec.field(default_factory=dict)
    more: dict[str, str | None] = msgspec.field(default_factory=dict)  # further charges of a row → what describes each

    made: str | None = None  # says of each row whether somebody was arrested at all, as in tables of stops

    def used(self) -> set[str]:
        """All of them."""
        single = (
            self.made,
            self.time,
            self.maybe_time,
            self.clock,
            self.arrest,
            self.charge,
            self.described,
            self.officer,
            self.location,
        )
        several = (*self.record, *(self.place or ()), *self.person.values(), *self.more, *self.more.values())
        return {one for one in (*several, *single) if one}


def guessed(columns: list[Column]) -> Guess:
    guess = Guess()
    free = [one for one in columns if one.values]
    _guess_time(guess, free)
    _guess_ids(guess, free)
    for role, words in _ROLES.items():
        if getattr(guess, role) is None:
            setattr(guess, role, _first(free, guess, words))
    lat, lon = _first(free, guess, ("latitude", "lat")), _first(free, guess, ("longitude", "lon", "lng", "long"))
    guess.place = (lat, lon) if lat and lon else None
    for field, words in _PEOPLE.items():
        if found := _first(free, guess, words, whole=True):
            guess.person[field] = found
    _guess_more(guess, free)
    made = (one for one in free if one.name not in guess.used() and one.distinct <= _ANSWERS_MOST)
    guess.made = next((one.name for one in made if re.fullmatch(_MADE, one.plain)), None)
    return guess


def _guess_more(guess: Guess, columns: list[Column]) -> None:
    """Further charges in the same row: `CHARGE 2 STATUTE` beside `CHARGE 1 STATUTE`."""
    names = {one.name for one in columns}
    for number in range(2, _CHARGES_MOST + 1):
        other = _numbered(guess.charge, number)
        if other in names:
            described = _numbered(guess.described, number)
            guess.more[other] = described if described in names else None


def _numbered(name: str | None, number: int) -> str:
    """The name with its 1 as another number; "" where it has none."""
    return re.sub(r"(?<!\d)1(?!\d)", str(number), name) if name and re.search(r"(?<!\d)1(?!\d)", name) else ""


def _guess_time(guess: Guess, columns: list[Column]) -> None:
    """The column that says when: one called so whose cells read as times; beside it the one with the time of day.

    By its cells alone only what is more than a number: an id of eight digits reads as a day.
    """
    wanted = (
        r"arrest.*(?:date|time).*|(?:date|time).*arrest.*",
        r".*(?:date|datetime|occur\w*|when|timestamp).*",
        r".*time.*",
        r".*",
    )
    columns = sorted(columns, key=lambda one: one.is_named(_LATER))  # when it happened before when it was told
    for pattern in wanted:
        for one in columns:
            if pattern == wanted[-1] and any(value.isdigit() for value in one.values):
                continue
            if one.is_named(pattern) and not one.is_named("birth|dob|birthdate") and (formats := _forms(one)):
                guess.time, guess.formats = one.name, formats
                break
        if guess.time:
            break
    if guess.time is None:
        named = (one.name for pattern in wanted[:-1] for one in columns if one.is_named(pattern))
        guess.maybe_time = next((name for name in named if "birth" not in name.lower()), None)
    day = next((one for one in columns if one.name == guess.time), None)
    if day is None or not clockless(day, guess.formats):
        return
    for one in columns:
        if one.name != guess.time and one.is_named("time|hour|hr|clock"):
            found = tuple(form for form in _CLOCKS if _share(one.values, _read_clock, form) > 0.9)
            if found:
                guess.clock, guess.clock_formats = one.name, found[:1]
                return


def clockless(column: Column, formats: tuple[str, ...]) -> bool:
    """Whether its times are days alone, or all the same one or two times of day, as local midnight is in UTC."""
    clocks = set()
    for value in column.values:
        found = next((read_time(form, value) for form in formats if reads(value, read_time, form)), None)
        if found is not None:
            clocks.add(found.time())
    return len(clocks) <= 2 and (len(column.values) >= 10 or clocks <= {time()})


def _read_clock(form: str, cell: str) -> object:
    """As `read_clock`, and 24:00 as the day's end that it is."""
    return time() if form != "hour" and END_OF_DAY.fullmatch(cell) else read_clock(form, cell)


def _forms(column: Column) -> tuple[str, ...]:
    """The formats by which nearly all of its cells read, as few as it takes."""
    values, found = list(column.values), list[str]()
    some = values[:: max(1, len(values) // _TRIED_FIRST)]
    forms = [form for form in _TIMES if any(reads(value, read_time, form) for value in some)]
    if all(re.fullmatch(r"\d{5}([.,]\d+)?", v) for v in values):
        forms = ["excel"]
    elif all(re.fullmatch(r"\d{12,13}", v) for v in values):
        forms = ["epoch ms"]
    elif all(re.fullmatch(r"\d{9,10}", v) for v in values):
        forms = ["epoch s"]
    while forms and len(values) > len(column.values) * 0.02:
        best = max(forms, key=lambda form: _share(values, read_time, form))
        left = [v for v in values if not reads(v, read_time, best)]
        if len(left) == len(values):
            break
        found.append(best)
        values = left
    return tuple(found) if len(values) < len(column.values) * 0.5 else ()


def _share(values: Iterable[str], read: Callable[[str, str], object], form: str) -> float:
    told = [reads(value, read, form) for value in values]
    return sum(told) / len(told) if told else 0.0


def reads(value: str, read: Callable[[str, str], object], form: str) -> bool:
    try:
        read(form, value)
    except ValueError:
        return False
    return True


def _guess_ids(guess: Guess, columns: list[Column]) -> None:
    """What tells one row from every other, and what the rows of one arrest share."""
    others = [one for one in columns if one.name not in guess.used() and not one.is_named(_WHEN)]
    called = "id|key|no|number|num|nbr|row|ccn|objectid|arrest|report|case|booking|record"
    named = [one for one in others if one.is_named(called) or one.plain.endswith(("id", "key", "no", "nr"))]
    unique = [one.name for one in named if one.told_apart(0.9)] or [one.name for one in others if one.unique]
    group = [one for one in named if not one.unique and one.is_named("arrest|booking|cb no|case|incident|report|ccn")]
    group = [one for one in group if len(one.values) >= one.rows * 0.9 and one.distinct > one.rows * 0.2]
    prefer = [name for name in unique if re.search("arrest|report|booking|cb", name, re.IGNORECASE)]
    if unique:
        guess.record = ((prefer or unique)[0],)
        # Where the arrest itself has a row of its own, no other column is what its rows share.
        guess.arrest = guess.record[0] if prefer or not group else group[0].name
    elif group:
        guess.arrest = group[0].name
        guess.charge = _first(others, guess, _ROLES["charge"])
        guess.described = _first(others, guess, _ROLES["described"])
        guess.record = _telling(guess, {one.name: one for one in columns})


def _telling(guess: Guess, named: dict[str, Column]) -> tuple[str, ...]:
    """The fewest columns beside the arrest that tell its rows apart; where none do, the arrest and its charge."""
    arrest, more = guess.arrest or "", [one for one in (guess.charge, guess.described, guess.time) if one]
    ways = [(arrest, *some) for size in range(1, len(more) + 1) for some in combinations(more, size)]
    for way in ways:
        rows = list(zip(*(named[name].cells for name in way), strict=True))
        if len(set(rows)) == len(rows):
            return way
    return (arrest, guess.charge) if guess.charge else (arrest,)


def _first(columns: list[Column], guess: Guess, words: tuple[str, ...], *, whole: bool = False) -> str | None:
    """The first column that is called so and not taken: the whole name before a part of one, earlier words first."""
    rest = [one for one in columns if one.name not in guess.used()]
    for pattern in words:
        for one in rest:
            if re.fullmatch(rf"(?:(?:{_WHOSE}) )?(?:{pattern})", one.plain):
                return one.name
    found = (one.name for pattern in words for one in rest if one.is_named(pattern))
    return None if whole else next(found, None)
