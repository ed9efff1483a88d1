"""What is wrong with a pack, said so that its planner can mend it: place, expected, came, nearest word."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable
from typing import Any

import msgspec

from command.errors import Unreadable


class Problem(msgspec.Struct, frozen=True):
    """One problem. `line` counts from 1; 0 where no single line is to blame."""

    file: str
    line: int
    where: str
    expected: str
    came: str
    suggestion: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        hint = f'; did you mean "{self.suggestion}"?' if self.suggestion else ""
        return f"{place}: {self.where}: expected {self.expected}, came {self.came}{hint}"


class PackProblems(Unreadable):
    """A pack can't be read; `problems` holds all that is wrong with it, in the order of its lines."""

    code = "pack-unreadable"

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: (problem.file, problem.line)))
        super().__init__("\n".join(str(problem) for problem in self.problems), where=self.problems[0].file)


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that was probably meant, "" where none is near."""
    plain = [each for each in known if not (word.isascii() and odd(each))]  # a mistake is no suggestion
    return next(iter(difflib.get_close_matches(word, plain, n=1, cutoff=0.6)), "")


def shown(value: Any) -> str:
    """A value as it may stand in a message: short, and in the words of TOML."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        text = "".join(letter if letter.isprintable() else f"\\u{ord(letter):04x}" for letter in value[:60])
        return f'"{text}…"' if len(value) > 60 else f'"{text}"'
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    return str(value)


def odd(text: str) -> str:
    """The first letter that only looks like another one, or like nothing, by its name: " with U+043E …"; "" for none."""
    for letter in text:
        if ord(letter) > 0x7E and letter not in "…→":
            return f" with U+{ord(letter):04X} {unicodedata.name(letter, 'without a name')}"
    return ""


_HEADER = re.compile(r"\s*(\[\[|\[)([A-Za-z0-9_.\-\"'\s]+)\]")
_KEY = re.compile(r"\s*[\"']?([A-Za-z0-9_-]+)[\"']?\s*[=.]")


class Lines:
    """Where each table and key of a TOML text stands. tomllib does not tell, so this reads the text a second time.

    The text must already have been accepted by tomllib; then a header or key begins
    a line, and only multi-line strings can hold something that looks like one.
    """

    def __init__(self, text: str) -> None:
        self._lines = text.splitlines()
        self._tables: dict[tuple[str, int], int] = {}
        self._keys: dict[tuple[str, int, str], int] = {}
        self._starts: list[int] = []
        self._roots: dict[str, int] = {}  # of dotted headers: where [a.b] begins, for an [a] that is nowhere written
        self._scan()

    def _scan(self) -> None:
        counts: dict[str, int] = {}
        table, inside = "", ""
        for number, line in enumerate(self._lines, start=1):
            if inside:
                inside = "" if line.count(inside) % 2 else inside
                continue
            if header := _HEADER.match(line):
                table = self._header(header[1], header[2].strip(), number, counts)
                continue
            if key := _KEY.match(line):
                self._keys.setdefault((table, counts.get(table, 0), key[1]), number)
                self._starts.append(number)
            inside = next((quote for quote in ('"""', "'''") if line.count(quote) % 2), "")

    def _header(self, brackets: str, dotted: str, number: int, counts: dict[str, int]) -> str:
        table, _, key = dotted.partition(".")
        self._starts.append(number)
        self._roots.setdefault(table, number)
        if key:  # [level.enter] speaks of the last [[level]]
            self._keys.setdefault((table, counts.get(table, 0), key.partition(".")[0]), number)
            return dotted
        counts[table] = counts.get(table, -1) + 1 if brackets == "[[" else 0
        self._tables[(table, counts[table])] = number
        return table

    def table(self, table: str, index: int = 0) -> int:
        """Line of a table's header (of the key, where it is written inline); 0 where there is none."""
        first = self._tables.get((table, index), self._keys.get(("", 0, table), 0))
        return first or (self._roots.get(table, 0) if index == 0 else 0)

    def key(self, table: str, index: int, key: str, word: str = "") -> int:
        """Line of a key, or of `word` within its value; the table's own where the key is not written."""
        first = self._keys.get((table, index, key))
        if first is None:
            return self.table(table, index)
        after = min((start for start in self._starts if start > first), default=len(self._lines) + 1)
        hits = (number for number in range(first, after) if word and word in self._lines[number - 1])
        return next(hits, first)
