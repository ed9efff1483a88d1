"""Asks of every kind that wait for someone who may decide: found, denied, withdrawn, over by the clock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, TypeVar

from msgspec.structs import replace

from command.domain.asking import judge_ask
from command.domain.commands import DenyAsk, WithdrawAsk
from command.domain.deciding import Context, Outcome, Refusal, one, refused
from command.domain.envelope import Recorded
from command.domain.events import AskDenied, AskWithdrawn
from command.domain.facts import StateFacts
from command.domain.state import Decided, LevelAskItem, State
from command.domain.state_force import ForceAskItem, PostureAskItem
from command.policy.decision import Decision
from command.policy.facts import PostureFact

AnyAsk = LevelAskItem | ForceAskItem | PostureAskItem
_A = TypeVar("_A", LevelAskItem, ForceAskItem, PostureAskItem)


def find(state: State, ask: str) -> AnyAsk | None:
    """The ask of whichever kind that waits (or has expired and was not yet swept away) under this id."""
    return state.response.asks.get(ask) or state.grants.asks.get(ask) or state.postures.asks.get(ask)


def known(state: State, ask: str) -> bool:
    """Whether this id was used for an ask before: one id, one ask, whatever its kind."""
    return find(state, ask) is not None or ask in state.response.decided


def every(state: State) -> Iterator[AnyAsk]:
    """All asks on the board."""
    yield from state.response.asks.values()
    yield from state.grants.asks.values()
    yield from state.postures.asks.values()


def waiting(state: State, ask: str, now: datetime, kind: type[_A]) -> _A | Refusal:
    """An ask of this kind that still waits, or why there is none."""
    found = _open(state, ask, now)
    if isinstance(found, Refusal):
        return found
    if not isinstance(found, kind):
        return refused(f"ask {ask} is for something else", sector=found.sector)
    return found


def deny_ask(state: State, cmd: DenyAsk, ctx: Context) -> Outcome:
    """Deny a waiting ask."""
    ask = _open(state, cmd.ask, ctx.now)
    if isinstance(ask, Refusal):
        return ask
    verdict = _may_deny(state, ask, ctx)
    if isinstance(verdict, Refusal):
        return verdict
    return one(AskDenied(cmd.ask, cmd.reason), decision=verdict)


def _may_deny(state: State, ask: AnyAsk, ctx: Context) -> Decision | Refusal:
    who: dict[str, Any] = {"sector": ask.sector, "detail": ask.ask, "requester": ask.by.person}
    if isinstance(ask, LevelAskItem):
        return judge_ask(state, ctx, "ask.deny", level=ask.level, **who)
    if isinstance(ask, ForceAskItem):
        return judge_ask(state, ctx, "force.deny", tool=ask.scope.tool, purpose=ask.scope.purpose, ask=ask.ask, **who)
    return judge_ask(
        state, ctx, "posture.stand-down", facts=_AsAsked(state, ask), posture=ask.posture, state="staged", **who
    )


class _AsAsked(StateFacts):
    """As if the posture had come up: whoever could stand it down again may also say that it does not come up."""

    def __init__(self, state: State, ask: PostureAskItem) -> None:
        super().__init__(state)
        self._asked = ask

    def posture(self, sector: str, posture: str, at: datetime) -> PostureFact | None:
        """In the state that is asked for."""
        return PostureFact(posture, self._asked.state, self._asked.at)


def withdraw_ask(state: State, cmd: WithdrawAsk, ctx: Context) -> Outcome:
    """Take one's own ask back."""
    ask = _open(state, cmd.ask, ctx.now)
    if isinstance(ask, Refusal):
        return ask
    if ctx.actor.person not in (ask.by.person, getattr(ask, "scribe", None)):
        return refused("only the one who asked may withdraw an ask; another may deny it", sector=ask.sector)
    return one(AskWithdrawn(cmd.ask))


def _open(state: State, ask: str, now: datetime) -> AnyAsk | Refusal:
    found = find(state, ask)
    if found is None:
        done = state.response.decided.get(ask)
        return refused(f"ask {ask} was {done.how} already" if done else f"expected an ask that waits, got {ask}")
    if found.expires <= now:
        return refused(f"ask {ask} expired at {found.expires:%H:%M:%S} UTC; silence means no", sector=found.sector)
    return found


# Fold ---------------------------------------------------------------------------


def ask_denied(state: State, _entry: Recorded, event: AskDenied) -> State:
    """Fold AskDenied."""
    return drop(state, (event.ask,), "denied")


def ask_withdrawn(state: State, _entry: Recorded, event: AskWithdrawn) -> State:
    """Fold AskWithdrawn."""
    return drop(state, (event.ask,), "withdrawn")


def sweep(state: State, now: datetime) -> State:
    """Asks that had expired by now leave the board as `expired`."""
    return drop(state, [old.ask for old in every(state) if old.expires <= now], "expired")


def decided(ask: AnyAsk, how: str) -> Decided:
    """What stays of an ask once it is off the board."""
    if isinstance(ask, LevelAskItem):
        return Decided(how, ask.sector, level=ask.level)
    if isinstance(ask, ForceAskItem):
        return Decided(how, ask.sector, tool=ask.scope.tool, purpose=ask.scope.purpose)
    return Decided(how, ask.sector, posture=ask.posture, state=ask.state)


def drop(state: State, asks: Iterable[str], how: str) -> State:
    """These asks no longer wait."""
    levels, force, postures, over = (
        state.response.asks, state.grants.asks, state.postures.asks, state.response.decided
    )  # fmt: skip
    for ask in asks:
        found = find(state, ask)
        levels, force, postures = levels.discard(ask), force.discard(ask), postures.discard(ask)
        if found is not None:
            over = over.insert(ask, decided(found, how))
    return replace(
        state,
        response=replace(state.response, asks=levels, decided=over),
        grants=replace(state.grants, asks=force),
        postures=replace(state.postures, asks=postures),
    )
