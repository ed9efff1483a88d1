"""How every ask meets the plan: one call, one shape of refusal."""

from __future__ import annotations

from typing import Any, Protocol

from msgspec.structs import replace

from command.domain.deciding import Context, Refusal
from command.domain.envelope import Actor, Recorded
from command.domain.facts import StateFacts, version_at
from command.domain.state import State
from command.policy.decision import Decision
from command.policy.facts import Facts
from command.policy.judge import judge
from command.policy.request import Action, Request


def judge_ask(
    state: State,
    ctx: Context,
    action: Action,
    /,
    *,
    sector: str | None = None,
    detail: str | None = None,
    facts: Facts | None = None,
    **about: Any,
) -> Decision | Refusal:
    """Ask the plan. Returns the decision when it does not bar the act, else the refusal to record.

    `about` are the fields of `policy.request.Request` that the action needs; `facts` where the
    plan is asked about something else than what the state says.
    """
    if state.incident is not None and state.incident.closed_at is not None:
        return Refusal(
            Decision("refused", reasons=("the incident is closed: asks are no longer taken",)), sector, detail
        )
    decision = judge(ctx.stack, facts or StateFacts(state), request(ctx, action, sector=sector, **about), ctx.now)
    return decision if decision.allows else Refusal(decision, sector, detail)


NOT_BY_ITS_SCRIBE = "the one who wrote an ask down does not grant it: another has to hear of it"
"""Else one person could put an ask into somebody's mouth and then grant it (A21)."""


class Spoken(Protocol):
    """An ask that may have been made by word of mouth."""

    @property
    def speaker(self) -> str | None:
        """Who spoke it; None: its author asks."""

    @property
    def channel(self) -> str | None:
        """How it was heard."""

    @property
    def read_back(self) -> bool:
        """Whether it was read back."""


def spoken(cmd: Spoken, ctx: Context) -> dict[str, Any]:
    """What the event of an ask says of its speaker; nothing where the author asks for themselves."""
    if cmd.speaker is None or cmd.speaker == ctx.actor.person:
        return {}
    return {"speaker": cmd.speaker, "channel": cmd.channel, "read_back": cmd.read_back}


def judge_spoken(
    state: State, ctx: Context, action: Action, cmd: Spoken, /, *, sector: str | None = None, detail: str | None = None,
    **about: Any,
) -> Decision | Refusal:  # fmt: skip
    """An ask that a scribe writes down is the speaker's: both have to be on duty here, and the speaker may ask."""
    verdict = judge_ask(state, ctx, action, sector=sector, detail=detail, **about)
    if isinstance(verdict, Refusal) or not spoken(cmd, ctx) or cmd.speaker is None:
        return verdict
    known = StateFacts(state).person(cmd.speaker, ctx.now)
    if known is None or not known.on_scene:
        why = f"expected a speaker on duty here, got {cmd.speaker}"
        return Refusal(Decision("refused", reasons=(why,)), sector, detail)
    theirs = replace(ctx, actor=Actor(cmd.speaker, known.agency), rank=None)
    return judge_ask(state, theirs, action, sector=sector, detail=detail, **about)


def speaker_of(state: State, entry: Recorded, speaker: str | None) -> dict[str, Any]:
    """Whose an ask is, for the fold: the speaker's, with who wrote it down, else its author's."""
    head = entry.header
    if speaker is None:
        return {"by": head.actor}
    known = version_at(state.structure.people.get(speaker), head.recorded_at)
    return {"by": Actor(speaker, known.agency if known else head.actor.agency), "scribe": head.actor.person}


def request(ctx: Context, action: Action, **about: Any) -> Request:
    """The request as the plan sees it: the author comes from the session, never from the command."""
    return Request(
        action=action,
        person=ctx.actor.person,
        agency=ctx.actor.agency,
        rank=ctx.rank,
        ask_age_s=ctx.ask_age_s,
        basis_age_s=ctx.basis_age_s,
        **about,
    )
