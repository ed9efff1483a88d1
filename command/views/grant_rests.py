"""What an authorization still rests on, for its row: the level and the warnings beneath it, and whoever gave it."""

from __future__ import annotations

from typing import Final

from command.domain.facts import StateFacts
from command.domain.state import State
from command.domain.state_force import GrantItem
from command.policy.facts import GrantFact
from command.policy.grant_rests import gaps
from command.policy.stack import Stack
from command.views.names import position_title
from command.views.rows_force import GapRow
from command.views.said import in_words
from command.views.section import Part, Parts


def _fact(state: State, found: GrantItem) -> GrantFact | None:
    """The grant with all that is on record of it: as at its own end, which may be to come."""
    last = found.until if found.until is not None else found.since
    return StateFacts(state).grant(found.grant, max(found.since, last))


def gap_rows(state: State, stack: Stack, found: GrantItem) -> tuple[GapRow, ...]:
    """From when on, and until when, a use under it would be found without authorization whoever's it is."""
    fact = _fact(state, found)
    if fact is None:
        return ()
    return tuple(
        GapRow(one.since, one.until, in_words(state, one.why, people=False))
        for one in gaps(stack, StateFacts(state), fact)
    )


def given_up(state: State, stack: Stack, found: GrantItem) -> str:
    """What its authorizer was when they gave it and is no longer, "" where nothing changed.

    It takes nothing away by itself (design/019): the grant was an act of its moment, and whoever is in command may revoke it.
    """
    if found.until is None:
        return ""
    facts, end = StateFacts(state), max(found.since, found.until)
    kept = facts.positions_of(found.authorizer, end)
    lost = [one for one in facts.positions_of(found.authorizer, found.since) if one not in kept]
    said = [f"no longer {position_title(stack, one)}" for one in lost]
    there = facts.person(found.authorizer, end)
    if there is not None and not there.on_scene:
        said.append("checked out since")
    return "; ".join(said)


GRANT_RESTS_ON: Final[tuple[Part, ...]] = (
    lambda s: s.grants.all,
    lambda s: s.grants.signed,
    lambda s: s.warnings,
    lambda s: s.ground.exits,
    lambda s: s.ground.moved,
    lambda s: s.plan,
    lambda s: s.structure,
    lambda s: s.response.sectors,
)


def grant_parts(state: State, key: str) -> Parts:
    """All that a grant's row rests on."""
    found = state.grants.all.get(key)
    if found is None:
        return (None,)
    scope, people, ground = found.scope, state.structure.people, state.ground
    signed = state.grants.signed.get(found.renews or found.ask or "")
    named = (found.authorizer, found.requester, found.by.person, *scope.users, *(one.signer for one in signed or ()))
    return (
        found, signed, state.structure.positions, state.plan, state.structure.agencies,
        state.response.sectors.get(scope.sector), state.warnings.given.get(scope.sector), state.warnings.heard,
        ground.moved.get(scope.sector), ground.exits.get(scope.sector), *(people.get(one or "") for one in named),
    )  # fmt: skip
