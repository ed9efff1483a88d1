"""Whether a warning was heard, from all that was said of it by a moment: the one place for judgement and for screens."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

from msgspec.structs import replace

from command.domain.state import Warned
from command.domain.state_force import Heard

Given = TypeVar("Given", bound=Warned)


def last_words(given: Warned, words: Iterable[Heard], at: datetime) -> tuple[Heard, ...]:
    """The newest word of each who said something by `at`, the report of the warning itself among them.

    That it was heard confirms nothing where somebody says so of another sector: what they heard was another warning.
    """
    said: dict[str, Heard] = {}
    if given.audible is not None:
        said[given.by] = Heard(given.at, given.audible, given.by, 0)
    about = (one for one in words if one.at <= at and not (one.heard and one.sector not in ("", given.sector)))
    for one in sorted(about, key=lambda one: (one.at, one.seq)):
        said[one.by] = one
    return tuple(said.values())


def as_heard(given: Given, words: Iterable[Heard], at: datetime) -> Given:
    """The warning as it stood at `at`. One officer who did not hear it outweighs others who did: they stand elsewhere."""
    last = last_words(given, words, at)
    audible = all(one.heard for one in last) if last else None
    rear = confirmed_from_rear(given, last)
    if audible is given.audible and rear == given.rear:
        return given
    return replace(given, audible=audible, rear=rear)


def confirmed_from_rear(given: Warned, last: Iterable[Heard]) -> tuple[str, ...]:
    """Who confirmed it from the rear of the crowd, and did not say otherwise since; `last`: each one's newest word."""
    said = {who: None for who in given.rear}
    for one in last:
        if not one.heard:
            said.pop(one.by, None)
        elif one.rear:
            said[one.by] = None
    return tuple(said)
