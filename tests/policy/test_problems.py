"""Problems find their line, and words their neighbours."""

from __future__ import annotations

import pytest

from command.policy.problems import Lines, PackProblems, Problem, nearest, shown

TEXT = '''\
# a comment with [[level]] in it
top = 1
[head]
says = """
[[level]]
key = "not a key"
"""
[[level]]
"id" = "a"
list = [
  "one",
  "two",
]
last = 1
[[level]]
id = "b"
enter.any = ["x"]
[level.authorizer]
rank = "y"
'''


@pytest.mark.parametrize(
    ("table", "index", "line"), [("head", 0, 3), ("level", 0, 8), ("level", 1, 15), ("top", 0, 2), ("none", 0, 0), ("level", 2, 0)]
)  # fmt: skip
def test_tables_have_lines(table: str, index: int, line: int) -> None:
    """Headers in comments and multi-line texts are none; what is nowhere is on line 0."""
    assert Lines(TEXT).table(table, index) == line


@pytest.mark.parametrize(
    ("index", "key", "word", "line"),
    [
        (0, "id", "", 9), (0, "list", "", 10), (0, "list", "two", 12), (0, "list", "three", 10), (0, "list", "last", 10),
        (0, "missing", "", 8), (1, "id", "", 16), (1, "enter", "", 17), (1, "authorizer", "", 18),
        (1, "authorizer", "rank", 18),
    ],
)  # fmt: skip
def test_keys_have_lines(index: int, key: str, word: str, line: int) -> None:
    """A word is looked for within its own key's lines; a missing key is reported at the table."""
    assert Lines(TEXT).key("level", index, key, word) == line


def test_the_last_key_runs_to_the_end() -> None:
    """There is no next key to end it."""
    assert Lines("a = [\n1,\n2]").key("", 0, "a", "2") == 3


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"), (False, "false"), ("a", '"a"'), ("a" * 60, '"' + "a" * 60 + '"'), ("a" * 61, '"' + "a" * 60 + '…"'), ({}, "a table"),
        ([], "an empty list"), ([1], "a list"), (3, "3"), (1.5, "1.5"),
    ],
)  # fmt: skip
def test_values_are_shown_short(value: object, text: str) -> None:
    """What came is shown in the words of the file."""
    assert shown(value) == text


def test_the_nearest_word_or_none() -> None:
    """A suggestion is made only where one is near."""
    assert nearest("captian", ["captain", "chief"]) == "captain"
    assert nearest("xyz", ["captain", "chief"]) == ""


def test_a_problem_without_a_line_names_the_file() -> None:
    """Not everything has one line to blame."""
    assert str(Problem("a.toml", 0, "stack", "one", "two")) == "a.toml: stack: expected one, came two"


def test_problems_stand_in_the_order_of_their_lines() -> None:
    """Read from the top, mended from the top."""
    found = PackProblems([Problem("a", 9, "", "", ""), Problem("a", 2, "", "", "")])
    assert [problem.line for problem in found.problems] == [2, 9]
    assert found.code == "pack-unreadable"
