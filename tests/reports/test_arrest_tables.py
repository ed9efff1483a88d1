"""Arrests as tables: what a record says in NIBRS's codes, and whose row is not there."""

from __future__ import annotations

import csv
import io
from typing import Any

from msgspec.structs import replace

from command.domain import commands_arrest as ca
from command.reports.arrest_tables import arrest_row, arrestee, arrests_csv, reported
from command.reports.document import Clock
from command.reports.nibrs import Arrestee
from tests.domain.test_arrest import CARD, MADE
from tests.support.given import OFFICER, by
from tests.views.test_record import PROCESSOR, view

ZONE = "America/Chicago"
TOLD = ca.DescribePerson(
    "a1", "s1", race_perceived="White", race_stated="declined", sex_perceived="Female", born="2009-01-31"
)


def made(*steps: Any) -> Arrestee:
    return arrestee(view(*MADE, *(by(OFFICER, step) for step in steps), through=PROCESSOR), ZONE)


def test_who_declined_to_say_is_coded_as_perceived_and_an_age_is_counted() -> None:
    one = made(TOLD)
    assert (one.race, one.sex, one.ethnicity) == ("W", "F", "")
    assert int(one.age) in (16, 17) and one.minor_disposition == ""
    assert made(TOLD, ca.DecideDisposition("a1", "s1", "cited")).minor_disposition == "H"
    assert made(TOLD, ca.DecideDisposition("a1", "s1", "custody", "threat")).minor_disposition == "R"
    assert made(replace(TOLD, race_perceived=None)).race == "U", "asked, and not known"


def test_the_codes_are_those_of_what_stands_and_an_offence_has_its_own_before_the_plans() -> None:
    assert made().charges == ("290",)
    assert made(ca.RecordOffence("a1", "s1", "o1", "vandalism", ucr="200")).charges == ("200",)
    dropped = ca.RecordOffence("a1", "s1", "o1", "vandalism", withdrawn=True)
    assert made(dropped, replace(CARD, offences=())).charges == ()


def test_an_expunged_record_is_marked_in_the_table_and_is_in_no_report_to_nibrs() -> None:
    whole = view(*MADE, through=PROCESSOR)
    gone = replace(whole, record=replace(whole.record, redacted=True))
    table = arrests_csv(arrest_row(one, Clock(ZONE)) for one in (whole, gone))
    rows = list(csv.DictReader(io.StringIO(table.decode("utf-8-sig"))))
    assert [row["private values destroyed"] for row in rows] == ["no", "yes"]
    assert [reported(one) for one in (whole, gone)] == [True, False]
