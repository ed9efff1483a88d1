"""The words that every `decide` uses: what it is given, what it answers."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from command.domain.envelope import Actor, Origin
from command.domain.events import Event, Training
from command.domain.state import State
from command.policy.decision import Decision, Finding
from command.policy.stack import Stack

ID_MAX = 64  # as domain.ids has it


class Context(msgspec.Struct, frozen=True):
    """What the shell hands in beside state and command: the core itself never asks.

    `rank` and `training` are those of the author's account; rank is None where no account stands behind the
    words but the operator of this machine (the command line, an exercise's script).
    `stacks` are those that were in force here before, and those that a command proposes, by their packs' names;
    `unfit` says of a proposed one why there is none.
    `alike`: other arrests whose account reads like this one's, with the likeness (0 to 1): the shell compares,
    since it alone may read them.
    `now` and `occurred_at` are incident time, UTC. Ages are wall seconds, None when
    the author did not say (the command line, an import).
    """

    cmd: str
    actor: Actor
    now: datetime
    occurred_at: datetime
    stack: Stack
    wall: datetime
    clock_error_ms: int = 0
    ask_age_s: float | None = None
    basis_age_s: float | None = None
    origin: Origin | None = None
    rank: str | None = None
    training: tuple[Training, ...] = ()
    alike: tuple[tuple[str, float], ...] = ()
    stacks: Mapping[tuple[str, ...], Stack] = {}
    unfit: Mapping[tuple[str, ...], tuple[str, ...]] = {}

    def made(self, suffix: str) -> str:
        """An id for something this command brings about: the same for the same command on every node.

        One that would be too long for an id ends in a digest of the whole, so that two never become one.
        """
        whole = f"{self.cmd}-{suffix}"
        if len(whole) <= ID_MAX:
            return whole
        return f"{whole[: ID_MAX - 17]}-{hashlib.sha256(whole.encode()).hexdigest()[:16]}"


class Draft(msgspec.Struct, frozen=True):
    """An event before it has a place in the log."""

    event: Event
    decision: Decision | None = None
    finding: Finding | None = None
    supersedes: str | None = None
    at: datetime | None = None  # None: the context's occurred_at


class Refusal(msgspec.Struct, frozen=True):
    """The plan's no, or not yet. It is recorded as AskRefused."""

    decision: Decision
    sector: str | None = None
    detail: str | None = None


Outcome = tuple[Draft, ...] | Refusal
Decider = Callable[[State, Any, Context], Outcome]


def refused(reason: str, *, sector: str | None = None, detail: str | None = None) -> Refusal:
    """A refusal that no rule of the plan is needed for: the thing asked about is not there, or is over."""
    return Refusal(Decision("refused", reasons=(reason,)), sector=sector, detail=detail)


def one(event: Event, **kwargs: Any) -> tuple[Draft, ...]:
    """A single draft."""
    return (Draft(event, **kwargs),)
