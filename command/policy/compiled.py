"""The rules of a stack as they are compared: values only."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from command.policy.decision import Bound, RuleRef
from command.policy.durations import Span
from command.policy.gates import Gate
from command.policy.model import Enter, Exit


class Rung(NamedTuple):
    """A level of the stack. `place` counts from 0 at the lowest; `review` is None only there."""

    id: str
    place: int
    order: int
    name: str
    says: str
    permits: tuple[str, ...]
    indicators: tuple[tuple[str, str], ...]  # (id, sentence) of those the entry conditions name
    rules: tuple[RuleRef, ...]
    gates: tuple[Gate, ...]
    enters: tuple[tuple[RuleRef, Enter], ...]
    needs: tuple[str, ...]
    skip: bool
    review: Span | None
    who_may: tuple[str, ...]
    exits: tuple[tuple[RuleRef, Exit], ...] = ()
    bound: tuple[Bound, ...] = ()  # where several packs speak of it: whose review holds


class Post(NamedTuple):
    """A position of the stack: `agency` is "lead" as soon as one pack says so."""

    id: str
    title: str
    training: tuple[str, ...]
    agency: str
    rules: tuple[RuleRef, ...]


class Ruled(NamedTuple):
    """An action of the stack with who may and what it needs."""

    rules: tuple[RuleRef, ...]
    gates: tuple[Gate, ...]
    needs: tuple[str, ...]
    who_may: tuple[str, ...]


class ToolRule(NamedTuple):
    """A tool of the stack: the sternest of what its packs say.

    `munition`: handed out by number, as soon as one pack says so; None: no pack says either way, nor limits how many.
    """

    id: str
    grant: str
    exigent: bool
    rules: tuple[RuleRef, ...]
    munition: bool | None = None
    unit: str = ""


class Posture(NamedTuple):
    """Gear or a vehicle of the stack. `level` is the lowest at which it may be deployed."""

    id: str
    title: str
    rules: tuple[RuleRef, ...]
    ready: tuple[Gate, ...]
    gates: tuple[Gate, ...]
    needs: tuple[tuple[RuleRef, Enter], ...]
    never_for: tuple[str, ...]
    levels: tuple[str, ...]
    review: Span
    who_may: tuple[str, ...]


class Window(NamedTuple):
    """When a pack is in force: from (inclusive) and until (exclusive), each None where open."""

    pack: str
    begin: datetime | None
    end: datetime | None
