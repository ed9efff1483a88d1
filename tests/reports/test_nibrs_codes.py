"""Words of a form or a table as NIBRS's codes; what is nobody's code stays as it came."""

from __future__ import annotations

from datetime import date

import pytest

from command.reports import nibrs_codes as codes

DAY = date(2026, 5, 1)


@pytest.mark.parametrize(
    ("said", "code"),
    [("Female", "F"), ("f", "F"), ("M", "M"), ("MAN", "M"), ("F – woman", "F"), ("X", "X"), ("", ""), ("Unknown", "U"),
     ("nonbinary", "nonbinary")],
)  # fmt: skip
def test_a_sex(said: str, code: str) -> None:
    assert codes.sex(said) == code


@pytest.mark.parametrize(
    ("said", "code"),
    [("White", "W"), ("BLACK", "B"), ("B - Black", "B"), ("Asian", "A"), ("American Indian/Alaska Native", "I"),
     ("P", "P"), ("refused", "U"), ("", ""), ("Martian", "Martian"), ("H", "H")],
)  # fmt: skip
def test_a_race(said: str, code: str) -> None:
    assert codes.race(said) == code


def test_ethnicity_and_residence() -> None:
    assert [codes.ethnicity(said) for said in ("Hispanic or Latino", "NOT HISPANIC", "Non-Hispanic", "u", "")] == [
        "H", "N", "N", "U", "",
    ]  # fmt: skip
    assert [codes.resident(said) for said in ("Resident", "Out of State", "no", "N", "")] == ["R", "N", "N", "N", ""]


@pytest.mark.parametrize(
    ("said", "code"),
    [("", ()), ("17", ("17",)), ("12a, 16", ("12A", "16")), ("12 12", ("12",)), ("Unarmed", ("01",)),
     ("a stick", ("a stick",)), ("handgun and knife", ("12", "16")), ("Knife; knife", ("16",))],
)  # fmt: skip
def test_arms(said: str, code: tuple[str, ...]) -> None:
    assert codes.armed(said) == code


@pytest.mark.parametrize(
    ("said", "born", "code"),
    [
        ("34", "", "34"), ("7", "", "07"), ("34 years old", "", "34"), ("20-25", "", "2025"), ("18 to 20", "", "1820"),
        ("unknown", "", "00"), ("", "", ""), ("0", "", "0"), ("-3", "", "-3"), ("130", "", "130"), ("old", "", "old"),
        ("40", "2008-05-02", "17"), ("", "2008-05-01", "18"), ("21", "not a date", "21"), ("21", "2027-01-01", "21"),
        ("", "1900-01-01", "99"),
    ],
)  # fmt: skip
def test_an_age_by_the_date_of_birth_or_by_what_was_said(said: str, born: str, code: str) -> None:
    assert codes.age(said, born, DAY) == code
