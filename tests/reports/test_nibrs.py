"""NIBRS rows by the rules that the notes give, on both sides of each."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from command.reports.nibrs import HEADS, Arrestee, leading, rows, transaction

AT = datetime(2026, 5, 2, 3, 30, tzinfo=UTC)
ONE = Arrestee(
    number="W-001-4", at=AT, category="T", charges=("90C", "290"), armed=("17",), age="34", sex="F", race="W",
    ethnicity="N", resident="R",
)  # fmt: skip


def elements(one: Arrestee) -> list[int]:
    """The data elements that something stands against."""
    return [fault.element for fault in rows([one], "America/Chicago")[1]]


def test_a_row_has_its_elements_in_order_and_the_places_own_date() -> None:
    (row,), faults = rows([ONE], "America/Chicago")
    assert faults == []
    assert dict(zip(HEADS, row, strict=True)) == {
        "Report": "A1", "ArrestSequenceID": "01", "ArrestTransactionNumber": "W-001-4", "ArrestDate": "2026-05-01",
        "ArrestCategoryCode": "T", "MultipleArresteeIndicator": "N", "ChargeUCRCode": "290",
        "ArresteeArmedWithCode": "17", "PersonAgeMeasure": "34", "PersonSexCode": "F", "PersonRaceCode": "W",
        "PersonEthnicityCode": "N", "PersonResidentCode": "R", "ArresteeJuvenileDispositionCode": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "against"),
    [
        ({"sex": "U"}, [48]),
        ({"sex": ""}, [48]),
        ({"age": "17"}, [52]),
        ({"age": "17", "minor_disposition": "R"}, []),
        ({"age": "18", "minor_disposition": "R"}, [52]),
        ({"age": "1820"}, []),
        ({"age": "old"}, [47]),
        ({"race": "X"}, [49]),
        ({"race": ""}, []),
        ({"ethnicity": "X"}, [50]),
        ({"resident": "X"}, [51]),
        ({"armed": ("99",)}, [46]),
        ({"armed": ("12", "16", "17")}, [46]),
        ({"armed": ("12", "16")}, []),
        ({"armed": ()}, [46]),
        ({"armed": ("01",)}, []),
        ({"armed": ("01", "12")}, [46]),
        ({"age": "00"}, []),
        ({"age": ""}, [47]),
        ({"age": "130"}, [47]),
        ({"age": "٣٤"}, [47]),
        ({"age": "2018"}, [47]),
        ({"age": "1416"}, [52]),
        ({"offended_at": AT}, []),
        ({"offended_at": AT + timedelta(minutes=1)}, [42]),
        ({"charges": ("35A",)}, []),
        ({"charges": ()}, [45]),
        ({"charges": ("999",)}, [45]),
        ({"charges": ("90B",)}, []),
        ({"number": "#"}, [41]),
    ],
)
def test_each_rule_on_both_sides(change: dict[str, object], against: list[int]) -> None:
    assert elements(replace(ONE, **change)) == against


def test_the_heavier_group_leads_and_a_number_fits() -> None:
    assert leading(("90C", "13A", "290")) == "13A" and leading(("90J",)) == "90J" and leading(()) == ""
    assert transaction("arrest/2026-000123-44") == "6-000123-44"[-12:] or len(transaction("x" * 40)) == 12
    assert transaction("w 12_3") == "W123"


def test_the_hundredth_arrestee_begins_a_report_of_its_own() -> None:
    """Two digits hold no more, and a number that is there twice is refused; who files them gives the second its incident."""
    made, faults = rows([replace(ONE, number=f"W-{n}") for n in range(199)], "UTC")
    assert [row[:2] for row in (made[0], made[98], made[99], made[197], made[198])] == [
        ("A1", "01"), ("A1", "99"), ("A2", "01"), ("A2", "99"), ("A3", "01"),
    ]  # fmt: skip
    assert [(fault.row, fault.element, fault.came) for fault in faults] == [
        (100, 40, "arrestee 100"),
        (199, 40, "arrestee 199"),
    ]
    assert "an incident's number of its own for report A2" in faults[0].expected


def test_an_arrest_for_group_b_alone_is_a_report_of_its_own() -> None:
    """A curfew's two hundred arrests are two hundred reports, and take no place among those of an incident."""
    minor = [replace(ONE, number=f"B-{n}", charges=("90B",)) for n in range(120)]
    made, faults = rows([*minor, ONE, replace(ONE, number="X", charges=())], "UTC")
    assert {row[:2] for row in made[:120]} == {("B", "01")}
    assert (made[120][:2], made[121][:2]) == (("A1", "01"), ("", ""))
    assert [fault.element for fault in faults] == [45]


def test_two_arrests_under_one_number_are_told() -> None:
    """Also where only the twelve characters that the element has room for are the same."""
    _, faults = rows([ONE, replace(ONE, number="W-002-2"), ONE], "UTC")
    assert [(fault.row, fault.element, fault.came) for fault in faults] == [(3, 41, "that of row 1")]
    _, faults = rows([replace(ONE, number=f"{n}-W-000000001-4") for n in range(2)], "UTC")
    assert [(fault.row, fault.element, fault.came) for fault in faults] == [(2, 41, "that of row 1")]


def test_what_is_no_code_is_told_and_not_written() -> None:
    odd = replace(ONE, armed=("stick", "17"), age="old", sex="any", race="human", ethnicity="?", resident="of Mars")
    (row,), faults = rows([odd], "UTC")
    assert row[7:13] == ("17", "", "", "U", "U", "U")
    assert {fault.element: fault.came for fault in faults} == {
        46: "stick 17", 47: "old", 48: "any", 49: "human", 50: "?", 51: "of Mars",
    }  # fmt: skip
