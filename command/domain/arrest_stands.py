"""How an arrest stands by all that is on record, its wristband included: for a card that comes in, and for a later look."""

from __future__ import annotations

from command.domain.deciding import Context
from command.domain.facts import StateFacts
from command.domain.facts_arrest import claim_of
from command.domain.in_force import judged_arrest
from command.domain.state import State
from command.domain.state_arrest import Arrest
from command.domain.wristband import misread
from command.policy.decision import Finding, FindingKind


def arrest_stands(state: State, ctx: Context, arrest: Arrest) -> Finding:
    """By the plan of its own moment; a wristband that is somebody else's too, or misread, leaves it doubtful."""
    found = judged_arrest(state, ctx, StateFacts(state), claim_of(state, arrest))
    doubts: list[str] = []
    if arrest.wristband is not None:
        other = state.arrests.wristbands.get(arrest.wristband)
        if other is not None and other != arrest.arrest:
            doubts.append(f"the wristband {arrest.wristband} is on the record {other} as well")
        if misread(arrest.wristband):
            doubts.append(
                f"the number of the wristband, {arrest.wristband}, does not fit its check character: misread?"
            )
    if not doubts:
        return found
    kind: FindingKind = "cannot tell" if found.kind == "authorized" else found.kind
    return Finding(kind, found.rules, (*found.reasons, *doubts), found.packs)
