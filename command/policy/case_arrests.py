"""How a case about an arrest is judged: the claim of a street card, a step of its record, custody, restraints, clocks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

import msgspec

from command.policy.arrest_record import (
    RecordFact,
    SignatureClaim,
    disposition_finding,
    restraint_finding,
    rights_finding,
    signature_finding,
    step_decision,
)
from command.policy.arrests import ArrestClaim, Declared, arrest_finding
from command.policy.case_facts import CaseFacts
from command.policy.charges import SAYS
from command.policy.decision import Decision, Finding, RuleRef
from command.policy.durations import span
from command.policy.duties import due, ended, started
from command.policy.event_words import OF_A_TOOL, values_of
from command.policy.model_more import STEPS, RestraintPosition
from command.policy.problems import nearest
from command.policy.sites import SiteClaim, against, rules_of
from command.policy.stack import Stack

When = Callable[[str], datetime]

OWED = ("owed", "not owed", "ended", "not ended")
"""The answers of a case that `happens`."""


class Answer(NamedTuple):
    """What a case is compared with."""

    effect: str
    rules: tuple[RuleRef, ...]
    reasons: tuple[str, ...]
    decision: Decision | None = None


def made(kind: Any, said: dict[str, Any]) -> Any:
    """The struct of these fields. Raises ValueError for a field that it has not, with the one probably meant."""
    _known(said, kind.__struct_fields__)
    return msgspec.convert(said, kind)


def arrested(said: dict[str, Any], stack: Stack, facts: CaseFacts, when: When) -> Answer:
    """`arrests`: `at`, `officer`, and the fields of ArrestClaim; `declared = { since, until }`."""
    fields = {"officer_agency": None, "author": said.get("officer"), **said, "at": when(said["at"])}
    if (declared := fields.get("declared")) is not None:
        fields["declared"] = Declared(fields["declaration"], when(declared["since"]), when(declared["until"]))
    return _found(arrest_finding(stack, facts, made(ArrestClaim, fields)))


def stepped(said: dict[str, Any], stack: Stack, day: datetime) -> Answer:
    """`record`: `items` that it holds, or `lacks` of all of them; the `step` asked for; `procedure` where one stood in."""
    _known(said, ("items", "lacks", "step", "procedure"))
    items, lacks, step = said.get("items", ()), said.get("lacks", ()), said["step"]
    for word in (*items, *lacks):
        _known((word,), SAYS)
    _known((step,), STEPS)
    held = frozenset(items) if "items" in said else frozenset(SAYS) - set(lacks)
    record = RecordFact(arrest="a-1", at=day, items=held, procedure=bool(said.get("procedure")))
    decision = step_decision(stack, record, step)
    return Answer(decision.effect, decision.rules, decision.reasons, decision)


def disposed(said: dict[str, Any], stack: Stack) -> Answer:
    """`disposes`: a `disposition`, its `charges`, the coded `exception`."""
    _known(said, ("disposition", "charges", "exception"))
    return _found(disposition_finding(stack, said["disposition"], said.get("charges", ()), said.get("exception")))


def restrained(said: dict[str, Any], stack: Stack) -> Answer:
    """`restrains`: the `position`."""
    _known(said, ("position",))
    _known((said["position"],), RestraintPosition.__args__)  # type: ignore[attr-defined]  # a Literal's own words
    return _found(restraint_finding(stack, said["position"]))


def signed(said: dict[str, Any], stack: Stack) -> Answer:
    """`signs`: `who` for an arrest by `officer`."""
    return _found(signature_finding(stack, made(SignatureClaim, said)))


def brought(said: dict[str, Any], stack: Stack, facts: CaseFacts, when: When) -> Answer:
    """`brings`: `at`, the `kind` of the site, and the fields of SiteClaim; `travels` as people write it."""
    fields = dict(said)
    at = when(fields.pop("at"))
    if "travels" in fields:
        fields["travelled_s"] = span(fields.pop("travels")).seconds
    claim: SiteClaim = made(SiteClaim, fields)
    found = tuple(against(stack, facts, claim, at))
    named = tuple(ref for ref, _ in rules_of(stack, claim.kind))
    if claim.travelled_s is not None:
        named += tuple(ref for ref, rule in rules_of(stack, "vehicle") if rule.arrival is not None)
    kinds = [kind for kind, _, _ in found]
    effect = next((kind for kind in ("contrary to plan", "no authorization on record") if kind in kinds), "authorized")
    refs = tuple(ref for _, refs, _ in found for ref in refs) if found else named
    return Answer(effect, refs, tuple(why for _, _, why in found))


def righted(said: dict[str, Any], stack: Stack) -> Answer:
    """`rights`: whether `questions` had been asked when they were given."""
    _known(said, ("questions",))
    return _found(rights_finding(stack, "rights before questions", said["questions"]))


def owed(said: dict[str, Any], answer: str, names: Sequence[str], until: str | None, stack: Stack, when: When) -> str:
    """`happens`: an event with its public fields. What differs from the answer expected; "" where nothing does."""
    fields = dict(said)
    at, event = when(fields.pop("at")), fields.pop("event")
    exigent, found = bool(fields.get("exigent")), fields.pop("finding", None)
    for name, value in fields.items():
        if name == "tool" and event in OF_A_TOOL:
            continue  # the tools of a plan are its own words, no closed list
        _known((name,), values_of(event))
        _known((_spelled(value),), values_of(event)[name])
    if answer not in OWED:
        return f"expected {answer}, which is none of {', '.join(OWED)}"
    if answer.endswith("ended"):
        return _ended(event, fields, answer, names, stack)
    begun = started(
        stack, event, exigent=exigent, finding=found, kind=fields.get("kind"), field=partial(_field, fields)
    )
    ids = {f"duty.{rule.id}": rule for rule in begun}
    if answer == "not owed":
        still = [name for name in names if name.rpartition(":")[2] in ids]
        return f"expected {', '.join(still)} not to be owed, came owed" if still else ""
    for name in names:
        of, _, key = name.rpartition(":")
        rule = ids.get(key)
        if rule is None or (of and of not in _speaking(stack, key)):
            return f"expected {name} to be owed, came {', '.join(ids) or 'nothing'}"
        end = due(rule, at)
        if until is not None and end != when(until):
            return f"expected {name} due at {until}, came {end}"
        if until is None and end is not None:
            return f"expected {name} without a known end, came {end}"
    return ""


def _ended(event: str, fields: dict[str, Any], answer: str, names: Iterable[str], stack: Stack) -> str:
    for name in names:
        rule = name.rpartition(":")[2].removeprefix("duty.")
        came = "ended" if ended(stack, rule, event, partial(_field, fields)) else "not ended"
        if came != answer:
            return f"expected {name} {answer}, came {came}"
    return ""


def _speaking(stack: Stack, key: str) -> list[str]:
    return [pack.id for pack in stack.packs if any(f"duty.{item.id}" == key for item in pack.duty)]


def _field(fields: dict[str, Any], name: str) -> object:
    return fields.get(name)


def _spelled(value: object) -> object:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value


def _found(finding: Finding | None) -> Answer:
    """Nothing against it is "authorized", by no rule."""
    return Answer(finding.kind, finding.rules, finding.reasons) if finding else Answer("authorized", (), ())


def _known(said: Iterable[Any], known: Iterable[str]) -> None:
    words = tuple(known)
    for word in said:
        if word not in words:
            raise ValueError(f"no {word!r} here; did you mean {nearest(str(word), words) or ', '.join(words)!r}?")
