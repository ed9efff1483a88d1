"""Authority over force: asked, signed, granted, renewed, revoked, confirmed. Silence means no, and all of it ends.

Used and reviewed are in force.py and oversight.py. A grant runs from its record,
never backwards; its end is a comparison with now, never a tick.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from command.domain import asks
from command.domain.asking import NOT_BY_ITS_SCRIBE, judge_ask, judge_spoken, request, spoken
from command.domain.commands import AskForce, ConfirmRelay, CoSignForce, GrantForce, RenewGrant, RevokeGrant
from command.domain.deciding import Context, Draft, Outcome, Refusal, one, refused
from command.domain.events import ForceAsked, ForceGranted, GrantCosigned, GrantRevoked, RelayConfirmed
from command.domain.facts import StateFacts
from command.domain.facts_force import DENIED
from command.domain.grants import confirmed, denied, revoked
from command.domain.reopening import reopened
from command.domain.state import State
from command.domain.state_force import ForceAskItem, GrantItem, Scope
from command.policy.force import end_of, lacks_only_confirmation
from command.policy.judge import judge

WRITTEN = "written in the ask"
"""What stands for a private reason where the plan asks only whether there is one."""


def ask_force(state: State, cmd: AskForce, ctx: Context) -> Outcome:
    """Ask for a tool. How the plan stands on it is noted for the one who will decide."""
    if cmd.sector not in state.response.sectors:
        return refused(f"expected a defined sector, got {cmd.sector}", detail=cmd.tool)
    if asks.known(state, cmd.ask):
        return refused(f"ask {cmd.ask} was made already", sector=cmd.sector)
    about = _wish(cmd)
    verdict = judge_spoken(state, ctx, "force.ask", cmd, detail=cmd.tool, **about)
    if isinstance(verdict, Refusal):
        return verdict
    event = ForceAsked(
        ask=cmd.ask,
        tool=cmd.tool,
        purpose=cmd.purpose,
        sector=cmd.sector,
        expires=ctx.now + timedelta(seconds=ctx.stack.ask_expires_s),
        zones=cmd.zones,
        distance_m=cmd.distance_m,
        indiscriminate=cmd.indiscriminate,
        place=cmd.place,
        subject=cmd.subject,
        users=cmd.users,
        quantity=cmd.quantity,
        lasts_s=cmd.lasts_s,
        grounds=cmd.grounds,
        findings=cmd.findings,
        imminent=cmd.imminent,
        deescalation=cmd.deescalation,
        deescalation_excused=_said(cmd.deescalation_why_not),
        targeted=cmd.targeted,
        targeted_excused=_said(cmd.targeted_why_not),
        resistance_met=cmd.resistance_met,
        **spoken(cmd, ctx),
        objective=cmd.objective,
        deescalation_why_not=cmd.deescalation_why_not,
        targeted_why_not=cmd.targeted_why_not,
    )
    outlook = judge(ctx.stack, StateFacts(state), request(ctx, "force.grant", ask=cmd.ask, **about), ctx.now)
    return one(event, decision=outlook)


def _wish(cmd: AskForce) -> dict[str, Any]:
    return {
        "sector": cmd.sector,
        "tool": cmd.tool,
        "purpose": cmd.purpose,
        "zones": cmd.zones,
        "distance_m": cmd.distance_m,
        "indiscriminate": cmd.indiscriminate,
        "subject": cmd.subject,
        "users": cmd.users,
        "quantity": cmd.quantity,
        "lasts_s": cmd.lasts_s,
        "grounds": cmd.grounds,
        "findings": cmd.findings,
        "imminent": cmd.imminent,
        **_tried(cmd.deescalation, _said(cmd.deescalation_why_not), cmd.targeted, _said(cmd.targeted_why_not)),
    }


def grant_force(state: State, cmd: GrantForce, ctx: Context) -> Outcome:
    """Grant a waiting ask, by someone other than who asked, on their own facts; narrower, never wider."""
    ask = asks.waiting(state, cmd.ask, ctx.now, ForceAskItem)
    if isinstance(ask, Refusal):
        return ask
    if (cmd.speaker or ctx.actor.person) == ask.scribe:
        return refused(NOT_BY_ITS_SCRIBE, sector=ask.sector, detail=ask.ask)
    scope = _narrowed(ask.scope, cmd)
    if isinstance(scope, Refusal):
        return scope
    grant = cmd.grant or ctx.made("g")
    if grant in state.grants.all:
        return refused(f"grant {grant} was given already", sector=ask.sector)
    lasts_s = min((s for s in (ask.lasts_s, cmd.lasts_s) if s is not None), default=None)
    spoken = cmd.speaker is not None and cmd.speaker != ctx.actor.person
    verdict = judge_ask(
        state,
        ctx,
        "force.grant",
        detail=scope.tool,
        requester=ask.by.person,
        ask=ask.ask,
        grant=grant,
        speaker=cmd.speaker if spoken else None,
        channel=cmd.channel,
        read_back=cmd.read_back,
        **_grounds(ask, scope, cmd, lasts_s),
    )
    if isinstance(verdict, Refusal):
        if not (spoken and lacks_only_confirmation(verdict.decision, cmd.speaker or "")):
            return verdict
        verdict = verdict.decision  # kept as relayed: it is worth nothing until the speaker confirms it
    event = ForceGranted(
        grant=grant,
        ask=ask.ask,
        **_scope(scope),
        authorizer=cmd.speaker if cmd.speaker is not None and spoken else ctx.actor.person,
        requester=ask.by.person,
        facts=cmd.facts,
        until=verdict.until
        if verdict.allows
        else end_of(ctx.stack, StateFacts(state), scope.tool, scope.purpose, lasts_s, ctx.now),
        witnessed=cmd.witnessed,
        on_scene=cmd.on_scene,
        relayed=spoken,
        channel=cmd.channel if spoken else None,
        read_back=cmd.read_back and spoken,
    )
    return one(event, decision=verdict)


def _narrowed(asked: Scope, cmd: GrantForce) -> Scope | Refusal:
    """The scope that is granted. An authorizer may give less than was asked, never more."""
    if asked.users and not set(cmd.users) <= set(asked.users):
        return refused("expected users among those who were asked for", sector=asked.sector, detail=asked.tool)
    if asked.quantity is not None and cmd.quantity is not None and cmd.quantity > asked.quantity:
        return refused(
            f"expected at most the {asked.quantity} that were asked for, got {cmd.quantity}",
            sector=asked.sector,
            detail=asked.tool,
        )
    return replace(
        asked,
        users=cmd.users or asked.users,
        quantity=asked.quantity if cmd.quantity is None else cmd.quantity,
        findings=tuple(dict.fromkeys((*asked.findings, *cmd.findings))),
    )


def _grounds(
    held: ForceAskItem | GrantItem, scope: Scope, cmd: GrantForce | RenewGrant, lasts_s: float | None
) -> dict[str, Any]:
    """What force.grant reads: the ask, and the authorizer's own part."""
    own = {"witnessed": cmd.witnessed, "on_scene": cmd.on_scene, "statement": cmd.facts, "lasts_s": lasts_s}
    return as_asked(held, scope) | own


def as_asked(held: ForceAskItem | GrantItem, scope: Scope) -> dict[str, Any]:
    """What force.grant reads of the ask itself: the scope, and what was tried."""
    return {
        "sector": scope.sector,
        "tool": scope.tool,
        "purpose": scope.purpose,
        "zones": scope.zones,
        "distance_m": scope.distance_m,
        "indiscriminate": scope.indiscriminate,
        "subject": scope.subject,
        "users": scope.users,
        "quantity": scope.quantity,
        "grounds": scope.grounds,
        "findings": scope.findings,
        "imminent": scope.imminent,
        **_tried(held.deescalation, held.deescalation_excused, held.targeted, held.targeted_excused),
    }


def _tried(measures: tuple[str, ...], excused: bool, targeted: tuple[str, ...], no_target: bool) -> dict[str, Any]:
    return {
        "deescalation": ", ".join(measures) or None,
        "deescalation_why_not": WRITTEN if excused else None,
        "targeted": ", ".join(targeted) or None,
        "targeted_why_not": WRITTEN if no_target else None,
    }


def _scope(scope: Scope) -> dict[str, Any]:
    return {name: getattr(scope, name) for name in Scope.__struct_fields__}


def _said(text: str | None) -> bool:
    return bool(text and text.strip())


def cosign_force(state: State, cmd: CoSignForce, ctx: Context) -> Outcome:
    """Sign beside the authorizer: under a waiting ask, or under a grant that is to be renewed."""
    found = _to_sign(state, cmd, ctx)
    if isinstance(found, Refusal):
        return found
    scope, requester = found
    signer = cmd.signer or ctx.actor.person
    if any(signed.signer == signer for signed in state.grants.signed.get(cmd.ask) or ()):
        return refused(f"{signer} has signed already", sector=scope.sector, detail=cmd.ask)
    if signer != ctx.actor.person and not (cmd.call_back and cmd.read_back):
        return refused(
            "expected that the signer was called back and the text read back to them", sector=scope.sector,
            detail=cmd.ask,
        )  # fmt: skip
    verdict = judge_ask(
        state,
        ctx,
        "force.cosign",
        sector=scope.sector,
        detail=cmd.ask,
        tool=scope.tool,
        purpose=scope.purpose,
        ask=cmd.ask,
        requester=requester,
        office=cmd.office,
        speaker=signer if signer != ctx.actor.person else None,
        channel=cmd.channel,
        read_back=cmd.read_back,
    )
    if isinstance(verdict, Refusal):
        return verdict
    event = GrantCosigned(cmd.ask, signer, cmd.office, cmd.call_back, cmd.read_back, cmd.channel, cmd.statement)
    return one(event, decision=verdict)


def _to_sign(state: State, cmd: CoSignForce, ctx: Context) -> tuple[Scope, str | None] | Refusal:
    grant = state.grants.all.get(cmd.ask)
    if grant is not None and grant.stands(ctx.now):
        return grant.scope, grant.requester
    ask = asks.waiting(state, cmd.ask, ctx.now, ForceAskItem)
    return ask if isinstance(ask, Refusal) else (ask.scope, ask.by.person)


def renew_grant(state: State, cmd: RenewGrant, ctx: Context) -> Outcome:
    """Renewing is granting again: everything is judged as it is now, and the earlier grant ends."""
    held = _standing(state, cmd.grant, ctx)
    if isinstance(held, Refusal):
        return held
    scope = replace(held.scope, findings=tuple(dict.fromkeys((*held.scope.findings, *cmd.findings))))
    verdict = judge_ask(
        state,
        ctx,
        "force.renew",
        detail=scope.tool,
        requester=held.requester,
        grant=held.grant,
        ask=held.grant,
        **_grounds(held, scope, cmd, cmd.lasts_s),
    )
    if isinstance(verdict, Refusal):
        return verdict
    event = ForceGranted(
        grant=ctx.made("g"),
        ask=held.ask,
        **_scope(scope),
        authorizer=ctx.actor.person,
        requester=held.requester,
        facts=cmd.facts,
        until=verdict.until,
        witnessed=cmd.witnessed,
        on_scene=cmd.on_scene,
        renews=held.grant,
    )
    return one(event, decision=verdict)


def revoke_grant(state: State, cmd: RevokeGrant, ctx: Context) -> Outcome:
    """Take an authorization back, from when that was said. Reports that rested on it are looked at again."""
    held = _spoken(state, cmd.grant, ctx) if cmd.never_given else _standing(state, cmd.grant, ctx)
    if isinstance(held, Refusal):
        return held
    scope = held.scope
    verdict = judge_ask(
        state,
        ctx,
        "force.revoke",
        sector=scope.sector,
        detail=cmd.grant,
        grant=cmd.grant,
        tool=scope.tool,
        purpose=scope.purpose,
    )
    if isinstance(verdict, Refusal):
        return verdict
    late = not (ctx.ask_age_s is not None and -ctx.stack.ask_age_s <= ctx.ask_age_s <= ctx.stack.ask_age_s)
    if cmd.never_given:
        after, why = denied(state, held.grant), "the speaker says that they never gave the order"
    else:
        after = revoked(state, held.grant, ctx.now if late else min(ctx.occurred_at, ctx.now))
        why = "the authorization had been revoked"
    again = reopened(after, ctx, held.grant, why)
    return (Draft(GrantRevoked(cmd.grant, cmd.reason, cmd.never_given, late), decision=verdict), *again)


def _spoken(state: State, grant: str, ctx: Context) -> GrantItem | Refusal:
    """A relayed order that its speaker has neither confirmed nor denied; that it is over by the clock does not matter."""
    held = state.grants.all.get(grant)
    if held is None:
        return refused(f"expected a grant on record, got {grant}", detail=grant)
    settled = "was given in person" if not held.relayed else "is confirmed already" if held.confirmed else ""
    if held.how_ended == DENIED:
        settled = "was denied by its speaker"
    if settled:
        return refused(f"grant {grant} {settled}", sector=held.scope.sector, detail=grant)
    if held.authorizer != ctx.actor.person:
        why = f"{held.authorizer} is said to have spoken; nobody else can say whether they did"
        return refused(why, sector=held.scope.sector, detail=grant)
    return held


def confirm_relay(state: State, cmd: ConfirmRelay, ctx: Context) -> Outcome:
    """The speaker says that they gave the order. Reports that rested on it are looked at again."""
    held = _spoken(state, cmd.grant, ctx)
    if isinstance(held, Refusal):
        return held
    verdict = judge_ask(
        state,
        ctx,
        "relay.confirm",
        sector=held.scope.sector,
        detail=cmd.grant,
        grant=cmd.grant,
        speaker=held.authorizer,
        tool=held.scope.tool,
        purpose=held.scope.purpose,
    )
    if isinstance(verdict, Refusal):
        return verdict
    after = confirmed(state, held.grant, ctx.now)
    again = reopened(after, ctx, held.grant, "the speaker confirmed the order")
    return (Draft(RelayConfirmed(cmd.grant), decision=verdict), *again)


def _standing(state: State, grant: str, ctx: Context) -> GrantItem | Refusal:
    held = state.grants.all.get(grant)
    if held is None:
        return refused(f"expected a grant on record, got {grant}", detail=grant)
    if not held.stands(ctx.now):
        how = f"was {held.how_ended}" if held.how_ended else "has expired"
        return refused(f"grant {grant} {how}", sector=held.scope.sector, detail=grant)
    return held
