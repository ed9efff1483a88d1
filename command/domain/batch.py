"""Several commands in one request: one that cannot be read is answered at its place, and holds up none of the others. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

import msgspec

from command.domain.ids import RecordId
from command.domain.submission import Answer, Submission

S = TypeVar("S", bound=Submission)

Words = Callable[[Exception], tuple[str, str]]
"""What is said of a decoder's complaint: in words, and where in the item (`$…`)."""


class _Named(msgspec.Struct):
    cmd: RecordId


_named: msgspec.json.Decoder[_Named] = msgspec.json.Decoder(_Named)


def read_each(
    items: Iterable[bytes | msgspec.Raw], one: msgspec.json.Decoder[S], at: str, words: Words
) -> list[S | Answer]:
    """Each item as a submission, or the answer that it cannot be read, with its place: `at`, its number from 0, and where
    in it. An item without an id that can be read is answered under none, so by its place alone."""
    return [_read(item, one, f"{at}[{number}]", words) for number, item in enumerate(items)]


def _read(item: bytes | msgspec.Raw, one: msgspec.json.Decoder[S], at: str, words: Words) -> S | Answer:
    try:
        return one.decode(item)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        problem, where = words(error)
        return Answer(_cmd_of(item), "unreadable", problem=problem, where=at + where.removeprefix("$"))


def _cmd_of(item: bytes | msgspec.Raw) -> str:
    try:
        return _named.decode(item).cmd
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""


def readable(read: Iterable[S | Answer]) -> list[S]:
    """Those that go on."""
    return [one for one in read if not isinstance(one, Answer)]


def in_place(read: Iterable[Submission | Answer], taken: Sequence[Answer]) -> list[Answer]:
    """One answer each, in the order of the request. `taken` are those of the readable ones."""
    rest = iter(taken)
    return [one if isinstance(one, Answer) else next(rest) for one in read]
