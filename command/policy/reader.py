"""Turns the tables of a pack into structs, field by field, so that one wrong field does not hide the next.

msgspec alone would stop at the first mistake; a planner wants the whole list.
"""

from __future__ import annotations

import functools
import types
import typing
import unicodedata
from typing import Annotated, Any, Literal, TypeVar

import msgspec

from command.policy.durations import Count, Span, meant, span
from command.policy.problems import Lines, Problem, nearest, odd, shown

S = TypeVar("S", bound=msgspec.Struct)

MOST = 100_000
"""More rounds, warnings or places than any plan speaks of."""

BAD: Any = object()
"""Stands for a value that could not be read; its problem has been noted."""


class Place(msgspec.Struct, frozen=True):
    """Where in the file a value stands: table, which of them, its label for people, key, path below the key."""

    table: str
    index: int
    label: str
    key: str = ""
    path: str = ""

    def below(self, key: str) -> Place:
        """The place of a field of this table."""
        if not self.key:
            return Place(self.table, self.index, self.label, key, key)
        return Place(self.table, self.index, self.label, self.key, f"{self.path}.{key}")


class Reader:
    """Reads values against types and collects problems."""

    def __init__(self, file: str, lines: Lines) -> None:
        self.file = file
        self.lines = lines
        self.problems: list[Problem] = []

    def note(self, at: Place, expected: str, came: str, suggestion: str = "", word: str = "") -> None:
        """Add a problem. `word` is what to look for among the lines of a long value."""
        line = self.lines.key(at.table, at.index, at.key, word) if at.key else self.lines.table(at.table, at.index)
        where = f"{at.label}: {at.path}" if at.path else at.label
        if not came.isascii() and (suggestion or "id of letters" in expected or "of this pack" in expected):
            came += odd(came)
        self.problems.append(Problem(self.file, line, where, expected, came, suggestion))

    def table(self, kind: type[S], value: Any, at: Place) -> S | Any:
        """A table as a struct, or BAD."""
        if not isinstance(value, dict):
            single = (
                f"[{at.table}] in single brackets" if isinstance(value, list) and value and not at.key else "a table"
            )
            self.note(at, single, shown(value))
            return BAD
        hints = _hints(kind)
        fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
        for key in value:
            if key not in fields:
                known = ", ".join(sorted(fields))
                self.note(at.below(key), f"one of the fields {known}", f'"{key}"', nearest(key, fields), key)
        read: dict[str, Any] = {}
        for key, field in fields.items():
            if key in value:
                read[field.name] = self.value(hints[field.name], value[key], at.below(key))
            elif field.required:
                self.note(at, f'the field "{key}"', "nothing")
                read[field.name] = BAD
        complete = all(item is not BAD for item in read.values()) and not value.keys() - fields.keys()
        return kind(**read) if complete else BAD

    def value(self, kind: Any, value: Any, at: Place) -> Any:
        """A value as the type says, or BAD."""
        kind = _without_none(kind)
        if kind is Span:
            return self._span(value, at)
        if kind is Count:
            return self._count(value, at)
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            return self.table(kind, value, at)
        if typing.get_origin(kind) is Literal:
            return self._word(typing.get_args(kind), value, at)
        if isinstance(kind, types.UnionType) or typing.get_origin(kind) is typing.Union:
            table = next(member for member in typing.get_args(kind) if isinstance(member, type))
            text = next(member for member in typing.get_args(kind) if member is not table)
            return self.value(table if isinstance(value, dict) else text, value, at)
        if typing.get_origin(_bare(kind)) is tuple:
            return self._list(kind, value, at)
        if typing.get_origin(kind) is dict and isinstance(value, dict):
            return self._texts(typing.get_args(kind)[1], value, at)
        return self._scalar(kind, value, at)

    def _span(self, value: Any, at: Place) -> Any:
        if not isinstance(value, str):
            number = isinstance(value, int) and not isinstance(value, bool) and value > 0
            self.note(at, 'a duration such as "2 min", in quotes', shown(value), f"{value} s" if number else "")
            return BAD
        try:
            return span(value)
        except ValueError as error:
            self.note(at, str(error).removeprefix("expected "), shown(value), meant(value), word=value)
            return BAD

    def _count(self, value: Any, at: Place) -> Any:
        if value == "unknown":
            return Count("unknown")
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST:
            self.note(at, f'a whole number from 1 to {MOST}, or "unknown"', shown(value))
            return BAD
        return Count(str(value), value)

    def _word(self, known: tuple[str, ...], value: Any, at: Place) -> Any:
        if isinstance(value, str) and value in known:
            return value
        said = [word for word in known if word]
        expected = "one of " + ", ".join(f'"{word}"' for word in said)
        guess = nearest(value, said) if isinstance(value, str) else ""
        self.note(at, expected, shown(value), guess, value if isinstance(value, str) else "")
        return BAD

    def _list(self, kind: Any, value: Any, at: Place) -> Any:
        item = typing.get_args(_bare(kind))[0]
        if isinstance(value, dict) and isinstance(item, type) and issubclass(item, msgspec.Struct):
            value = [value]  # one way to be the authorizer needs no list
        if not isinstance(value, list):
            tables = isinstance(item, type) and issubclass(item, msgspec.Struct)
            self.note(at, "a table in { }, or a list of them in [ ]" if tables else "a list in [ ]", shown(value))
            return BAD
        if _least(kind) > len(value):
            self.note(at, "at least one entry", "an empty list")
            return BAD
        read = [self.value(item, each, at) for each in value]
        return BAD if any(each is BAD for each in read) else tuple(read)

    def _texts(self, kind: Any, value: dict[str, Any], at: Place) -> Any:
        read = {key: self.value(kind, each, at.below(key)) for key, each in value.items()}
        if "" in value:
            self.note(at, "a word before the =", 'nothing between the quotes, ""')
        return BAD if "" in value or any(each is BAD for each in read.values()) else read

    def _scalar(self, kind: Any, value: Any, at: Place) -> Any:
        if isinstance(value, str) and (hidden := _hidden(value)):
            self.note(at, "a text without characters that cannot be seen", f"U+{ord(hidden):04X} in {shown(value)}")
            return BAD
        try:
            return msgspec.convert(value, kind)
        except msgspec.ValidationError:
            self.note(at, _described(kind), shown(value), word=value if isinstance(value, str) else "")
            return BAD


_UNSEEN = frozenset("\u200b\u2060\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Widthless spaces, and what turns the direction of a text around. The joiners and marks that scripts need may stay."""


def _hidden(text: str) -> str:
    """The first character that makes a sentence read other than it is written; "" for none."""
    control = (
        letter
        for letter in text
        if letter in _UNSEEN or (unicodedata.category(letter) == "Cc" and letter not in "\n\t")
    )
    return next(control, "")


@functools.cache
def _hints(kind: type[msgspec.Struct]) -> dict[str, Any]:
    return typing.get_type_hints(kind, include_extras=True)


def _bare(kind: Any) -> Any:
    return typing.get_args(kind)[0] if typing.get_origin(kind) is Annotated else kind


def _without_none(kind: Any) -> Any:
    members = typing.get_args(kind) if isinstance(kind, types.UnionType) else ()
    kept = [member for member in members if member is not type(None)]
    return kept[0] if len(kept) == 1 else kind


def _meta(kind: Any) -> msgspec.Meta:
    return next((meta for meta in typing.get_args(kind)[1:] if isinstance(meta, msgspec.Meta)), msgspec.Meta())


def _least(kind: Any) -> int:
    return _meta(kind).min_length or 0 if typing.get_origin(kind) is Annotated else 0


def _described(kind: Any) -> str:
    meta, bare = _meta(kind), _bare(kind)
    if meta.description is not None:
        return meta.description
    if meta.pattern is not None:
        return "an id of letters, digits and . _ : - (at most 64, beginning with a letter or digit)"
    if bare is str and meta.max_length is not None:
        return f"a text of {meta.min_length or 0} to {meta.max_length} characters"
    if bare is int:
        return f"a whole number from {meta.ge} to {meta.le}"
    names = {"bool": "true or false", "date": "a date such as 2024-10-20", "str": "a text in quotes"}
    return names.get(getattr(bare, "__name__", ""), "a table of texts by language")
