"""Which plan was in force when: a report is judged by the stack of its own moment, an ask by the one of now."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from msgspec.structs import replace

from command.domain.deciding import Context
from command.domain.state import State
from command.domain.state_force import StackSpan
from command.policy.arrests import ArrestClaim, arrest_finding
from command.policy.decision import Finding
from command.policy.facts import Facts
from command.policy.findings import finding
from command.policy.request import ForceClaim
from command.policy.stack import Stack

# What a plan says of an act by itself, whatever else was in force: where two plans agree on it, the clock does not matter.
_WHENEVER = ("contrary to plan", "exigent")


def packs_at(state: State, at: datetime) -> tuple[str, ...] | None:
    """The packs in force at `at`: of the first stack for any time before it; None where nothing was opened yet."""
    span = span_at(state, at)
    return span.packs if span else None


def span_at(state: State, at: datetime) -> StackSpan | None:
    """The stack in force at `at`: the last that began by then."""
    spans = state.plan.stacks
    found = next((span for span in reversed(spans) if span.since <= at), None)
    return found or next(iter(spans), None)


def changed(state: State) -> bool:
    """Did the plan change during the incident?"""
    return len(state.plan.stacks) > 1


def stack_at(state: State, ctx: Context, at: datetime) -> Stack:
    """The rules in force at `at`. The shell hands in every stack that the incident ever had."""
    packs = packs_at(state, at) if changed(state) else None
    return ctx.stack if packs is None else ctx.stacks.get(packs, ctx.stack)


def stacks_before(state: State, ctx: Context, at: datetime) -> Iterator[Stack]:
    """The rules in force at `at`, then those before, newest first."""
    if not changed(state):
        yield ctx.stack
        return
    yield stack_at(state, ctx, at)
    yield from (ctx.stacks.get(span.packs, ctx.stack) for span in reversed(state.plan.stacks) if span.since <= at)


def judged(state: State, ctx: Context, facts: Facts, claim: ForceClaim) -> Finding:
    """How a report of force stands by the plan of its own moment.

    Where the plan changed during the incident the finding names the packs. A clock
    error that spans the change gives `cannot tell`, unless each of the plans says the
    same of the act by itself (prohibited; exigent and accepted).
    """
    return _by_its_plan(state, ctx, claim, lambda stack: finding(stack, facts, claim))


def judged_arrest(state: State, ctx: Context, facts: Facts, claim: ArrestClaim) -> Finding:
    """How an arrest stands by the plan of its own moment, likewise."""
    return _by_its_plan(state, ctx, claim, lambda stack: arrest_finding(stack, facts, claim))


def _by_its_plan(state: State, ctx: Context, claim: _Timed, found_by: Callable[[Stack], Finding]) -> Finding:
    if not changed(state):
        return found_by(ctx.stack)
    spans = tuple(_within(state, claim))
    found = [found_by(ctx.stacks.get(span.packs, ctx.stack)) for span in spans]
    kinds = {one.kind for one in found}
    if len(spans) == 1 or (len(kinds) == 1 and kinds <= set(_WHENEVER)):
        return replace(found[-1], packs=spans[-1].packs)
    rules = tuple(dict.fromkeys(rule for one in found for rule in one.rules))
    said = "; ".join(f"by the plan of #{span.seq}: {one.kind}" for span, one in zip(spans, found, strict=True))
    why = f"the plan changed within the clock's error of {claim.clock_error_ms} ms ({said})"
    return Finding("cannot tell", rules, (why,), tuple(dict.fromkeys(name for span in spans for name in span.packs)))


_Timed = ForceClaim | ArrestClaim


def _within(state: State, claim: _Timed) -> Iterator[StackSpan]:
    """The stacks in force at some moment that the claim's clock may mean, oldest first."""
    try:
        error = timedelta(milliseconds=max(0, claim.clock_error_ms))
        low, high = claim.at - error, claim.at + error
    except (
        OverflowError
    ):  # a report may claim any time at all, and is kept: `finding` says that its clock tells nothing
        low = high = claim.at
    first = span_at(state, low)
    for span in state.plan.stacks:
        if span is first or low < span.since <= high:
            yield span
