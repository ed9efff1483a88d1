"""How every ask meets the plan: one call, one shape of refusal."""

from __future__ import annotations

from typing import Any

from command.domain.deciding import Context, Refusal
from command.domain.facts import StateFacts
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
