"""Bodies as structs: one, or several submissions of which each is read by itself."""

from __future__ import annotations

from typing import Annotated, Final, TypeVar

import msgspec
from msgspec import Meta

from command.domain.batch import read_each, readable
from command.domain.submission import Answer, Submission
from command.errors import Unreadable
from command.web import problem
from command.web.limits import MAX_SUBMISSIONS

T = TypeVar("T")
S = TypeVar("S", bound=Submission)

_Items = Annotated[list[msgspec.Raw], Meta(min_length=1, max_length=MAX_SUBMISSIONS)]
_items: Final[msgspec.json.Decoder[list[msgspec.Raw]]] = msgspec.json.Decoder(_Items)


def decoded(decoder: msgspec.json.Decoder[T], raw: bytes) -> T:
    """A body as a decoder reads it. Raises Unreadable."""
    try:
        return decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _complaint(error) from None


def batch(one: msgspec.json.Decoder[S], raw: bytes) -> list[S | Answer]:
    """A submission, or several of which those that cannot be read are answers at their places.

    Raises Unreadable for a single one, for a list that is none, and where nothing in it can be read.
    """
    if not raw.lstrip().startswith(b"["):
        return [decoded(one, raw)]
    items = decoded(_items, raw)
    read = read_each(items, one, "$", _said)
    first = read[0]
    if isinstance(first, Answer) and not readable(read):
        raise Unreadable(first.problem or "", where=first.where or "")
    return read


def _said(error: Exception) -> tuple[str, str]:
    told = _complaint(error)
    return told.message, told.where if told.where.startswith("$") else ""


def _complaint(error: Exception) -> Unreadable:
    return (
        problem.unreadable(error)
        if isinstance(error, msgspec.DecodeError)
        else Unreadable("expected utf-8", where="body")
    )
