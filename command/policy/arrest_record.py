"""Completeness of a record, and what may not become of a person: what is missing before which step, and who is cited.

Missing items never hold anyone up who is to be released or cared for. Sources: domain
notes A17, A23–A25, C4; D.C. Code §§ 5-331.10 and .11; 725 ILCS 5/109-1(a-1).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

import msgspec

from command.policy.authority import UNKNOWN_DENIES, Weighing
from command.policy.decision import Decision, Finding, RuleRef
from command.policy.model_more import STEPS
from command.policy.stack import Stack

Step = Literal["transport", "booking", "closing"]


class RecordFact(msgspec.Struct, frozen=True, kw_only=True):
    """One record as completeness sees it: which items are there (`model_more.Item`).

    `procedure`: at the moment of the arrest a written procedure was in force in place of the record (D.C. § 5-331.10).
    """

    arrest: str
    at: datetime
    items: frozenset[str]
    procedure: bool = False


class Lacking(msgspec.Struct, frozen=True):
    """An item that a record still needs: its word, a sentence, and before which step at the latest."""

    item: str
    says: str
    before: Step
    rule: RuleRef


def lacking(stack: Stack, record: RecordFact) -> tuple[Lacking, ...]:
    """What a record still needs, the earliest step first."""
    found = (
        Lacking(need.item, need.says, need.otherwise if record.procedure else need.before, need.ref)
        for need in stack.arrests.needs
        if need.item not in record.items
    )
    return tuple(sorted(found, key=lambda one: STEPS.index(one.before)))


def step_decision(stack: Stack, record: RecordFact, step: Step) -> Decision:
    """May the person go on to this step? `missing` names each item; release and care are never asked for here."""
    weighing = Weighing()
    for need in stack.arrests.needs_before(step, procedure=record.procedure):
        weighing.name((need.ref,))
        if need.item not in record.items:
            weighing.need(need.says)
    return weighing.decision(("the arresting officer, who completes the record",))


def disposition_finding(
    stack: Stack, disposition: str, charges: Iterable[str], exception: str | None
) -> Finding | None:
    """Citation first: custody for offences that are all cited first stands on a coded exception (A23). None: fine.

    Cited first is what the plan's list says so of, and what the prosecutor wants cited.
    """
    rules = stack.arrests
    words = tuple(charges)
    if not words or not all(rules.cited_first(word) for word in words):
        return None
    refs = tuple(dict.fromkeys((*rules.refs("citation first"), *(ref for word in words for ref in rules.named(word)))))
    if disposition not in ("custody", "transferred"):
        return Finding("authorized", refs, ("cited first, and not taken into custody",))
    if exception is None:
        return Finding("contrary to plan", refs, ("every offence is cited first; custody needs a coded reason",))
    if exception not in rules.exceptions:
        known = ", ".join(rules.exceptions) or "none"
        why = f'expected one of the plan\'s reasons for custody ({known}), got "{exception}"'
        return Finding("contrary to plan", refs, (why,))
    return Finding("authorized", (*refs, rules.exceptions[exception]), (f"custody by the exception {exception}",))


class SignatureClaim(msgspec.Struct, frozen=True, kw_only=True):
    """A signature, and the record that it is under: who made the arrest, who saw it, who helped; which version."""

    who: str
    officer: str
    signing: Literal["arresting", "observing", "assisting"] = "arresting"
    observers: tuple[str, ...] = ()
    assisting: tuple[str, ...] = ()
    of: int = 1
    newest: int = 1


def signature_finding(stack: Stack, claim: SignatureClaim) -> Finding:
    """One signs for one's own part alone. For another's arrest: contrary to plan (D5)."""
    refs = stack.arrests.needing("officer signature") or (UNKNOWN_DENIES,)
    if claim.signing == "arresting" and claim.who != claim.officer:
        why = f"{claim.who} signs for an arrest that {claim.officer} made"
        return Finding("contrary to plan", refs, (why,))
    if claim.signing == "observing" and claim.who not in claim.observers:
        why = f"{claim.who} is not among those whom the record names as having seen it"
        return Finding("cannot tell", refs, (why,))
    if claim.signing == "assisting" and claim.who not in claim.assisting:
        why = f"{claim.who} is not among those whom the record names as having helped"
        return Finding("cannot tell", refs, (why,))
    if claim.of != claim.newest:
        why = f"signed for the version {claim.of}; the record stands at {claim.newest}"
        return Finding("cannot tell", refs, (why,))
    return Finding("authorized", refs, (f"signed by {claim.who} for their own part",))


def rights_finding(stack: Stack, what: str, questions: str | None) -> Finding | None:
    """Rights come before questions in custody. None: nothing stands against it."""
    if what != "rights before questions" or questions != "asked already":
        return None
    refs = stack.arrests.refs("rights") or (UNKNOWN_DENIES,)
    return Finding("contrary to plan", refs, ("rights were given after questions had been asked",))


def restraint_finding(stack: Stack, position: str | None) -> Finding | None:
    """A position that no one may be held in (D.C. § 5-331.11; D1). None: nothing stands against it."""
    bar = stack.arrests.barred_positions.get(position or "")
    return None if bar is None else Finding("contrary to plan", (bar,), (f"restrained {position}",))
