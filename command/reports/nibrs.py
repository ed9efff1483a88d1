"""Arrests as NIBRS has them (data elements 40 to 52), and what its rules say against a row.

A row is written whatever is wrong with it, beside a list of what its reader will refuse: the codes are those of the
domain notes (C2, after the SEARCH-NCJIS code lists), to be checked against the FBI's current specification.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

HEADS = (
    "Report", "ArrestSequenceID", "ArrestTransactionNumber", "ArrestDate", "ArrestCategoryCode", "MultipleArresteeIndicator",
    "ChargeUCRCode", "ArresteeArmedWithCode", "PersonAgeMeasure", "PersonSexCode", "PersonRaceCode",
    "PersonEthnicityCode", "PersonResidentCode", "ArresteeJuvenileDispositionCode",
)  # fmt: skip
"""In which report the row belongs, then elements 40 to 52 in their order."""

GROUP_B = frozenset({"90B", "90C", "90D", "90F", "90G", "90J", "90Z"})
GROUP_A = frozenset(
    {
        "09A", "09B", "100", "11A", "11B", "11C", "11D", "120", "13A", "13B", "13C", "200", "210", "220", "23A", "23B",
        "23C", "23D", "23E", "23F", "23G", "23H", "240", "250", "26A", "26B", "26C", "26D", "26E", "26F", "26G", "270",
        "280", "290", "35A", "35B", "36A", "36B", "370", "39A", "39B", "39C", "39D", "40A", "40B", "40C", "510", "520",
        "64A", "64B", "720",
    }
)  # fmt: skip
UCR = GROUP_A | GROUP_B
"""Offence codes for which somebody can be arrested: those that the notes name, and the others of NIBRS's two groups."""

ARMED = frozenset({"01", "11", "11A", "12", "12A", "13", "13A", "14", "14A", "15", "15A", "16", "17"})
SEX = frozenset({"M", "F"})
RACE = frozenset({"W", "B", "I", "A", "P", "U"})
ETHNICITY = frozenset({"H", "N", "U"})
RESIDENT = frozenset({"R", "N", "U"})
ADULT_AGE = 18
MOST_ARRESTEES = 99
"""In one report: element 40 has two digits. An incident's further arrestees take a report, and a number, of their own."""


class Arrestee(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one arrest for one row. Codes are NIBRS's own, or what came instead; "" is not known.

    `age` in years, 00 where somebody said that it is not known. `offended_at`: the earliest of the offences.
    """

    number: str
    at: datetime
    category: Literal["O", "S", "T"]
    charges: tuple[str, ...]  # UCR codes in the order of the record
    armed: tuple[str, ...] = ()
    age: str = ""
    sex: str = ""
    race: str = ""
    ethnicity: str = ""
    resident: str = ""
    minor_disposition: str = ""
    offended_at: datetime | None = None


class Fault(msgspec.Struct, frozen=True):
    """What stands against a row: the data element, what was expected and what came."""

    row: int
    element: int
    expected: str
    came: str


def rows(arrestees: Sequence[Arrestee], zone: str) -> tuple[list[tuple[str, ...]], list[Fault]]:
    """One row an arrest, and every fault of every row. The date is the place's own.

    Arrests for Group A are arrestees of an incident's report: A1 holds the first 99, A2 the next, numbered from 01 in
    each. An arrest for Group B alone is a report of its own (B, always 01), told from others by its transaction number;
    it has no incident's number. What has no code is in no report. Raises ZoneInfoNotFoundError.
    """
    where = ZoneInfo(zone)
    made: list[tuple[str, ...]] = []
    faults: list[Fault] = []
    numbers: dict[str, int] = {}  # of a transaction -> the row that first had it
    of_group_a = 0
    for number, one in enumerate(arrestees, 1):
        code = leading(one.charges)
        of_group_a += code in GROUP_A
        report, place = _report(code, of_group_a)
        made.append((report, place, *_elements(one, code, where)))
        if code in GROUP_A and place == "01" and of_group_a > 1:
            further = f"an incident's number of its own for report {report}: one holds {MOST_ARRESTEES} arrestees"
            faults.append(Fault(number, 40, further, f"arrestee {of_group_a}"))
        faults.extend(_faults(number, one))
        if (before := numbers.setdefault(transaction(one.number), number)) != number:
            faults.append(Fault(number, 41, "a number of its own", f"that of row {before}"))
    return made, faults


def _report(code: str, of_group_a: int) -> tuple[str, str]:
    """The report of a row and its number there, for the so-manieth arrestee of Group A; nothing where the code is none."""
    if code in GROUP_B:
        return "B", "01"
    if code not in GROUP_A:
        return "", ""
    further, place = divmod(of_group_a - 1, MOST_ARRESTEES)
    return f"A{further + 1}", f"{place + 1:02d}"


def _elements(one: Arrestee, code: str, where: ZoneInfo) -> tuple[str, ...]:
    """Elements 41 to 52; what is no code of theirs is not written, or as not known."""
    return (
        transaction(one.number),
        f"{one.at.astimezone(where):%Y-%m-%d}",
        one.category,
        "N",
        code,
        " ".join([armed for armed in one.armed if armed in ARMED][:2]),
        one.age if _years(one.age) else "",
        one.sex if len(one.sex) == 1 else "",
        one.race if one.race in RACE else "U",
        one.ethnicity if one.ethnicity in ETHNICITY else "U",
        one.resident if one.resident in RESIDENT else "U",
        one.minor_disposition,
    )


def transaction(number: str) -> str:
    """Element 41: at most twelve of A to Z, 0 to 9 and hyphen, left-justified; the end of a longer number tells more."""
    return re.sub(r"[^A-Z0-9-]", "", number.upper())[-12:]


def leading(charges: Iterable[str]) -> str:
    """Element 45, one code an arrestee: the first of Group A, which weighs more, else the first."""
    listed = [code for code in charges if code]
    return next((code for code in listed if code in GROUP_A), listed[0] if listed else "")


def _faults(number: int, one: Arrestee) -> list[Fault]:
    found: list[Fault] = []

    def expect(holds: bool, element: int, expected: str, came: str) -> None:
        if not holds:
            found.append(Fault(number, element, expected, came or "nothing"))

    expect(bool(transaction(one.number)), 41, "letters, digits or hyphens", one.number)
    began = one.offended_at
    expect(began is None or began <= one.at, 42, "a day not before the offence's", f"{one.at:%Y-%m-%d}")
    code = leading(one.charges)
    expect(code in UCR, 45, "an offence code of the list", code)
    armed = set(one.armed)
    expect(0 < len(one.armed) <= 2 and armed <= ARMED, 46, "one or two codes of the list", " ".join(one.armed))
    expect("01" not in armed or len(armed) == 1, 46, "unarmed (01) alone", " ".join(one.armed))
    expect(bool(_years(one.age)), 47, "two digits, or a range of four from low to high", one.age)
    expect(one.sex in SEX, 48, "M or F: an unknown sex is refused for an arrestee (667, 758)", one.sex)
    expect(one.race in RACE or not one.race, 49, "W, B, I, A, P or U", one.race)
    expect(one.ethnicity in ETHNICITY or not one.ethnicity, 50, "H, N or U", one.ethnicity)
    expect(one.resident in RESIDENT or not one.resident, 51, "R, N or U", one.resident)
    if is_minor(one.age):
        expect(one.minor_disposition in {"H", "R"}, 52, "H or R below 18 (652, 752)", one.minor_disposition)
    else:
        expect(not one.minor_disposition, 52, "nothing from 18 on (653, 753)", one.minor_disposition)
    return found


def is_minor(age: str) -> bool:
    """Whether an age of two or four digits is below 18 altogether; 00 is not known."""
    years = _years(age)
    return bool(years) and 0 < years[-1] < ADULT_AGE


def _years(age: str) -> tuple[int, ...]:
    """The years that an age is, or is between; () where it is none."""
    if re.fullmatch(r"[0-9]{2}|[0-9]{4}", age) is None:
        return ()
    years = tuple(int(age[at : at + 2]) for at in range(0, len(age), 2))
    return years if len(years) == 1 or years[0] < years[1] else ()
