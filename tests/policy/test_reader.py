"""Values are read against types one by one, and a wrong one does not hide the next."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from command.policy.durations import UNKNOWN
from command.policy.model import Enter, Head, Level, Limits
from command.policy.problems import Lines
from command.policy.reader import BAD, Place, Reader

AT = Place("head", 0, "head")


def reader() -> Reader:
    """A reader of a file without lines."""
    return Reader("a.toml", Lines(""))


def test_a_sound_table_becomes_its_struct() -> None:
    """Names on file and in the struct may differ (`from`)."""
    read = reader()
    head = read.table(Head, {"id": "a", "title": "t", "jurisdiction": "j", "kind": "law", "sources": [{"cite": "c", "as_of": date(2024, 1, 2)}], "in_force": {"from": date(2024, 1, 1)}}, AT)  # fmt: skip
    assert head.in_force.from_ == date(2024, 1, 1)
    assert head.sources[0].as_of == date(2024, 1, 2)
    assert not read.problems


def test_all_fields_are_read_although_some_are_wrong() -> None:
    """Three mistakes, three problems, with their paths."""
    read = reader()
    assert (
        read.table(Level, {"id": "a b", "says": "x", "order": 1, "name": 3, "authorizer": {"agency": "led"}}, AT) is BAD
    )
    assert [problem.where for problem in read.problems] == ["head: id", "head: name", "head: authorizer.agency"]


def test_defaults_stand_for_what_is_not_written() -> None:
    """An empty table takes the grammar's own values."""
    assert reader().table(Limits, {}, AT) == Limits()


@pytest.mark.parametrize("value", [3, "x", [], True, datetime(2024, 1, 1)])
def test_a_table_is_a_table(value: object) -> None:
    """Nothing else is taken for one."""
    read = reader()
    assert read.table(Enter, value, AT) is BAD
    assert read.problems[0].expected == "a table"


def test_a_moment_is_not_a_day() -> None:
    """A date of force with a time in it is refused: whose midnight would it be?"""
    read = reader()
    assert read.value(date, datetime(2024, 1, 1, 12), AT.below("from")) is BAD
    assert read.problems[0].expected == "a date such as 2024-10-20"


def test_unknown_is_a_duration() -> None:
    """And the one that every reader of it has to think about."""
    assert reader().table(Limits, {"ask_age": "unknown"}, AT).ask_age is UNKNOWN
