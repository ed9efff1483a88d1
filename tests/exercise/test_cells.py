"""Cells as a mapping asks for them: zeros come back only where the mapping says how many, ids are never rounded."""

from __future__ import annotations

import pytest

from command.exercise.cells import Unmapped, cell_of, id_cell, shown, some
from command.exercise.readers import Row


@pytest.mark.parametrize(
    ("cell", "read"), [("12", "0012"), ("12345", "12345"), ("12a", "12a"), (" 7 ", "0007"), ("٣", "٣")]
)
def test_dropped_zeros_come_back_to_numbers_alone(cell: str, read: str) -> None:
    assert cell_of(Row(2, {"no": cell}), "no", {"no": 4}) == read


def test_a_row_without_the_column_is_named_unless_it_may_be() -> None:
    with pytest.raises(Unmapped, match="column 'no': expected a value, came a row without that column"):
        cell_of(Row(2, {}), "no", {})
    assert cell_of(Row(2, {}), "no", {}, may_be_absent=True) == ""


@pytest.mark.parametrize(
    ("cell", "said"),
    [("-", "expected the id, came '-'"), ("1.2E+05", "a spreadsheet has rounded it"), ("1,2e+11", "has rounded it")],
)
def test_what_is_no_id_is_refused(cell: str, said: str) -> None:
    with pytest.raises(Unmapped) as caught:
        id_cell(Row(2, {"no": cell}), "no", {}, ("-",), "the id")
    assert said in str(caught.value)


def test_a_cell_is_shown_escaped_and_cut_and_a_list_says_how_many_more() -> None:
    assert shown("\x1b[31m") == "'\\x1b[31m'" and shown("") == "nothing" and len(shown("x" * 500)) == 62
    assert some(str(n) for n in range(10)).endswith("'7' or 2 others")
