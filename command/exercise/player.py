"""Playing a scenario on the incident's own clock, through the same gate as everyone else.

What is due is a pure question (`due`); the loop asks it, sends, and sleeps until the
next item. It keeps no state of its own: command ids are fixed, so a player that is
started again sends everything that is due and the log takes each once.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import datetime

import msgspec

from command.domain.envelope import Origin
from command.domain.submission import Answer, Submission
from command.errors import Busy, Unavailable
from command.exercise.scenario import Item, Scenario

BATCH = 100  # what the HTTP door takes in one body
LONGEST_SLEEP_S = 1.0  # so that a clock that is set anew, or an end, is noticed soon
TRIES = 60  # a server that stays busy or away for this many tries ends the play with its error

SendAs = Callable[[str, str, list[tuple[Submission, Origin]]], Awaitable[list[Answer]]]
"""(person, agency, commands with origins) -> one answer each, in order."""

Sleep = Callable[[float], Awaitable[None]]

_EXPECTED = {"accepted": ("accepted", "duplicate", "conflict"), "refused": ("refused", "duplicate", "conflict")}
# Sent again after a restart, an ask has another basis: the log then answers `conflict` or `duplicate`. Both mean: there.


class Surprise(msgspec.Struct, frozen=True):
    """An item that the gate answered otherwise than the script expects."""

    item: Item
    answer: Answer


class Played(msgspec.Struct, frozen=True):
    """What was sent and how it was answered. `done`: nothing is left to send."""

    sent: int
    statuses: dict[str, int]
    surprises: tuple[Surprise, ...]
    done: bool


class Clock(msgspec.Struct, frozen=True):
    """The incident's clock as the player needs it: its time now, and how many of its seconds pass in one of ours."""

    now: Callable[[], datetime]
    rate: float = 1.0


class Stamp(msgspec.Struct, frozen=True):
    """What an ask says of itself when it is sent: the wall's time, and the last event its author has seen."""

    wall: Callable[[], datetime]
    seen: Callable[[], int]


def due(items: Sequence[Item], upto: datetime) -> tuple[Item, ...]:
    """The items due at `upto`, in their order; items are in the order in which they are due."""
    return tuple(item for item in items if item.at <= upto)


def turns(items: Sequence[Item]) -> Iterator[tuple[Item, ...]]:
    """Consecutive items of one author, at most BATCH at a time: what can be sent as one."""
    turn: list[Item] = []
    for item in items:
        if turn and ((item.person, item.agency) != (turn[0].person, turn[0].agency) or len(turn) == BATCH):
            yield tuple(turn)
            turn = []
        turn.append(item)
    if turn:
        yield tuple(turn)


async def play(
    scenario: Scenario,
    send_as: SendAs,
    clock: Clock,
    stamp: Stamp,
    *,
    until: datetime | None = None,
    sleep: Sleep = asyncio.sleep,
) -> Played:
    """Send every item when it is due, up to and with `until` (incident time; None: to the end).

    Raises Busy or Unavailable when the gate stays shut over TRIES tries. Its owner ends it by cancelling.
    """
    left = due(scenario.items, until) if until is not None else scenario.items
    done = len(left) == len(scenario.items)
    sent, statuses, surprises = 0, Counter[str](), list[Surprise]()
    while left:
        ready = due(left, clock.now())
        for turn in turns(ready):
            answers = await _sent(turn, send_as, stamp, sleep)
            statuses.update(answer.status for answer in answers)
            surprises += [
                Surprise(item, answer)
                for item, answer in zip(turn, answers, strict=True)
                if answer.status not in _EXPECTED[item.expect]
            ]
        sent, left = sent + len(ready), left[len(ready) :]
        if left and not ready:
            await sleep(_wait_s(left[0].at, clock))
    return Played(sent, dict(statuses), tuple(surprises), done)


def _wait_s(at: datetime, clock: Clock) -> float:
    """Wall seconds until an incident time, bounded both ways: never a busy loop, never a long sleep."""
    return min(max((at - clock.now()).total_seconds() / clock.rate, 0.01), LONGEST_SLEEP_S)


async def _sent(turn: tuple[Item, ...], send_as: SendAs, stamp: Stamp, sleep: Sleep) -> list[Answer]:
    pairs = [(_stamped(item, stamp), item.origin) for item in turn]
    for _ in range(TRIES - 1):
        try:
            return await send_as(turn[0].person, turn[0].agency, pairs)
        except Busy as busy:
            await sleep(busy.retry_after_s)
        except Unavailable:
            await sleep(LONGEST_SLEEP_S)
    return await send_as(turn[0].person, turn[0].agency, pairs)


def _stamped(item: Item, stamp: Stamp) -> Submission:
    """An ask says what its author had seen when it was sent; a report says when it happened, and no more."""
    if not item.is_ask:
        return item.submission
    return msgspec.structs.replace(item.submission, issued_at=stamp.wall(), basis_seq=stamp.seen())
