"""A stack's rules on arrests, compiled: charges, exceptions to citation, what a record must hold, barred restraints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from command.policy.decision import RuleRef
from command.policy.gates import ref
from command.policy.model import Pack
from command.policy.model_more import STEPS, ArrestRule, RestsOn, StepName

__all__ = ["ArrestRules", "ChargeRule", "Need"]


class ChargeRule(NamedTuple):
    """An offence of the plan's list, under all packs that speak of it."""

    id: str
    says: str
    statute: str
    ucr: str
    cite: str  # first | allowed | never
    rests_on: RestsOn
    refs: tuple[RuleRef, ...]


class Need(NamedTuple):
    """Something that a record must hold before a step."""

    item: str
    says: str
    before: StepName
    ref: RuleRef


_SAYS: dict[str, str] = {
    "officer signature": "the arresting officer's own signature",
    "observer": "who saw the conduct",
    "conduct": "what this person did, in one sentence at least",
    "place": "where the arrest was made",
    "offence": "an offence",
    "offence place": "where each offence was",
    "facts": "the facts of each offence",
    "evidence": "the evidence of each offence",
    "name": "the person's name, or that they are unidentified",
    "badge": "the arresting officer by name and badge",
    "photo with officer": "a photo of the person with the arresting officer",
    "warning": "that the person was warned and could comply, or why not",
    "injury answered": "whether the person is hurt",
    "grounds review": "a supervisor's review of probable cause",
    "disposition": "what becomes of the arrest",
    "notice": "the notice of options, in the person's language",
    "receipt": "a receipt for each bag of property",
    "camera": "which cameras recorded it, or that none did",
    "wristband": "the number of the wristband",
    "race and ethnicity": "race and ethnicity as perceived, or that it was not asked and why",
    "medical": "that medical needs were asked for",
    "language": "the person's language",
}
"""The closed set of items with the sentence that a form shows."""

_STERN = {"allowed": 0, "first": 1}


class ArrestRules:
    """What all packs of a stack say of arrests. The earliest step and the sternest word win."""

    def __init__(self, packs: Sequence[Pack]) -> None:
        self._by_topic: dict[str, list[RuleRef]] = {}
        self.exceptions: dict[str, RuleRef] = {}
        self.barred_positions: dict[str, RuleRef] = {}
        needs: dict[str, Need] = {}
        for pack in packs:
            for rule in pack.arrest:
                named = ref(pack, rule)
                self._by_topic.setdefault(rule.topic, []).append(named)
                if rule.topic == "custody exception" and rule.code:
                    self.exceptions.setdefault(rule.code, named)
                for word in rule.never:
                    self.barred_positions.setdefault(word, named)
                _earliest(needs, rule, named)
        self.needs = tuple(sorted(needs.values(), key=lambda need: STEPS.index(need.before)))
        self.charges = _charges(packs)

    def refs(self, topic: str) -> tuple[RuleRef, ...]:
        """The rules on a topic, in the order of the packs."""
        return tuple(self._by_topic.get(topic, ()))

    def charge(self, word: str) -> ChargeRule | None:
        """An offence by the plan's word, its statute or its UCR code; None for one that is in no list."""
        found = self.charges.get(word)
        if found is not None:
            return found
        return next((charge for charge in self.charges.values() if charge.statute == word), None)

    def rests_on(self, word: str) -> RestsOn:
        """What an offence stands on; own conduct for one that is in no list."""
        charge = self.charge(word)
        return charge.rests_on if charge else "own conduct"

    def cited_first(self, word: str) -> bool:
        """Whether the offence is cited unless a coded exception stands; an unknown one is not."""
        charge = self.charge(word)
        return charge is not None and charge.cite == "first"

    def needs_before(self, step: StepName) -> tuple[Need, ...]:
        """Everything that must be there before a step: what earlier steps want as well."""
        last = STEPS.index(step)
        return tuple(need for need in self.needs if STEPS.index(need.before) <= last)


def _earliest(needs: dict[str, Need], rule: ArrestRule, named: RuleRef) -> None:
    if rule.before is None:
        return
    for item in rule.items:
        known = needs.get(item)
        if known is None or STEPS.index(rule.before) < STEPS.index(known.before):
            needs[item] = Need(item, _SAYS[item], rule.before, named)


def _charges(packs: Sequence[Pack]) -> dict[str, ChargeRule]:
    made: dict[str, ChargeRule] = {}
    for pack in packs:
        for item in pack.charge:
            named, known = ref(pack, item), made.get(item.id)
            if known is None:
                made[item.id] = ChargeRule(
                    item.id, item.says, item.statute or "", item.ucr or "", item.cite, item.rests_on, (named,)
                )
                continue
            sterner = item.cite if _stern(item.cite) > _stern(known.cite) else known.cite
            rests = known.rests_on if known.rests_on != "own conduct" else item.rests_on
            made[item.id] = known._replace(
                cite=sterner,
                rests_on=rests,
                statute=known.statute or item.statute or "",
                ucr=known.ucr or item.ucr or "",
                refs=(*known.refs, named),
            )
    return made


def _stern(cite: str) -> int:
    """Citation first asks more of the officer than leave to cite; "never" only says that custody is usual."""
    return _STERN.get(cite, -1)
