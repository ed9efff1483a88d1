"""A leaf binds every word of a note and of the entry that made it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from command.ledger.change_leaf import Change, Entry, leaf_of

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)
ENTRY = Entry(AT, "root", "s-1", "10.0.0.1", "user.invite", "anna", "ok", "")
CHANGE = Change(7, AT, "account", "anna", None, b"a" * 32, 3, ENTRY)


@pytest.mark.parametrize(
    "other",
    [
        {"number": 8}, {"at": AT + timedelta(microseconds=1)}, {"kind": "grant"}, {"object": "ben"},
        {"before": b"b" * 32}, {"after": b"b" * 32}, {"audit": 4}, {"audit": None, "entry": None}, {"entry": None},
    ],
)  # fmt: skip
def test_another_note_is_another_leaf(other: dict[str, Any]) -> None:
    assert len(leaf_of(CHANGE)) == 32 and leaf_of(CHANGE) == leaf_of(replace(CHANGE))
    assert leaf_of(replace(CHANGE, **other)) != leaf_of(CHANGE)


@pytest.mark.parametrize("name", [one for one in Entry.__struct_fields__ if one != "at"])
def test_so_is_another_entry_in_the_trail(name: str) -> None:
    assert leaf_of(replace(CHANGE, entry=replace(ENTRY, **{name: "x"}))) != leaf_of(CHANGE)
    assert leaf_of(replace(CHANGE, entry=replace(ENTRY, at=AT + timedelta(seconds=1)))) != leaf_of(CHANGE)


def test_a_leaf_says_nothing_of_whom_it_is_about() -> None:
    assert b"anna" not in leaf_of(CHANGE)
