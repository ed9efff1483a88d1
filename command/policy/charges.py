"""A stack's rules on arrests, compiled: charges, exceptions to citation, what a record must hold, barred restraints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from command.policy.decision import RuleRef
from command.policy.durations import strictest
from command.policy.gates import ref
from command.policy.model import Pack
from command.policy.model_more import STEPS, ArrestRule, RestsOn, StepName

__all__ = ["ArrestRules", "ChargeRule", "Guided", "Need"]


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
    """Something that a record must hold before a step; `otherwise` where a written procedure stands in its place."""

    item: str
    says: str
    before: StepName
    otherwise: StepName
    ref: RuleRef


class Guided(NamedTuple):
    """What the prosecutor says of an offence; of several packs the sternest: declined, citation, supported."""

    charge: str
    ref: RuleRef


class Offered(NamedTuple):
    """An offence as a form shows it: `guide` is supported, citation, declined, or "" where nobody has said."""

    charge: ChargeRule
    guide: str


SAYS: dict[str, str] = {
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
_GUIDES = ("supported", "citation", "declined")


class ArrestRules:
    """What all packs of a stack say of arrests. The earliest step and the sternest word win.

    exceptions         code → the rule that lets someone be taken into custody although the offence is cited
    barred_positions   restraint position → the rule that nobody may be held in it
    needs              what a record must hold, the earliest step first
    guided             offence → what the prosecutor says of it
    procedure          for how long a written procedure in place of the record lasts at the longest; None: no pack
                       says, so there is none
    curfew_warnings    the warnings that an arrest for a curfew stands on
    not_at_work        offence → the rule that it is not for somebody at work in a protected role
    """

    def __init__(self, packs: Sequence[Pack]) -> None:
        self._by_topic: dict[str, list[RuleRef]] = {}
        self.exceptions: dict[str, RuleRef] = {}
        self.barred_positions: dict[str, RuleRef] = {}
        self.not_at_work: dict[str, RuleRef] = {}
        for pack, rule in _rules(packs):
            named = ref(pack, rule)
            self._by_topic.setdefault(rule.topic, []).append(named)
            if rule.topic == "custody exception" and rule.code:
                self.exceptions.setdefault(rule.code, named)
            for word in rule.never:
                self.barred_positions.setdefault(word, named)
            for charge in rule.charges:
                self.not_at_work.setdefault(charge, named)
        self.needs = _needs(packs)
        self.charges = _charges(packs)
        self._by_statute = {one.statute: one for one in reversed(self.charges.values()) if one.statute}
        self.guided = _guided(packs)
        self.procedure = strictest(*(rule.within for _, rule in _rules(packs) if rule.topic == "procedure"))
        self.curfew_warnings = frozenset(
            (pack.id, rule.warning) for pack, rule in _rules(packs) if rule.topic == "curfew" and rule.warning
        )

    def refs(self, topic: str) -> tuple[RuleRef, ...]:
        """The rules on a topic, in the order of the packs."""
        return tuple(self._by_topic.get(topic, ()))

    def charge(self, word: str) -> ChargeRule | None:
        """An offence by the plan's word, its statute or its UCR code; None for one that is in no list."""
        found = self.charges.get(word)
        if found is not None:
            return found
        return self._by_statute.get(word)

    def rests_on(self, word: str) -> RestsOn:
        """What an offence stands on; own conduct for one that is in no list."""
        charge = self.charge(word)
        return charge.rests_on if charge else "own conduct"

    def cited_first(self, word: str) -> bool:
        """Whether the offence is cited unless a coded exception stands; an unknown one is not."""
        charge = self.charge(word)
        guided = self.guided.get(word)
        return (charge is not None and charge.cite == "first") or (guided is not None and guided.charge == "citation")

    def named(self, word: str) -> tuple[RuleRef, ...]:
        """The rules that speak of an offence."""
        charge, guided = self.charge(word), self.guided.get(word)
        return (*(charge.refs if charge else ()), *((guided.ref,) if guided else ()))

    def needs_before(self, step: StepName, *, procedure: bool = False) -> tuple[Need, ...]:
        """Everything that must be there before a step: what earlier steps want as well."""
        last = STEPS.index(step)
        return tuple(need for need in self.needs if STEPS.index(_step(need, procedure)) <= last)

    def needing(self, item: str) -> tuple[RuleRef, ...]:
        """The rule that asks for an item of the record."""
        return tuple(need.ref for need in self.needs if need.item == item)

    def offered(self) -> tuple[Offered, ...]:
        """The offences for a form: what the prosecutor supports first, what is declined last, none left out (A11)."""
        guides = ("supported", "citation", "", "declined")
        found = (
            Offered(charge, self.guided[word].charge if word in self.guided else "")
            for word, charge in self.charges.items()
        )
        return tuple(sorted(found, key=lambda one: guides.index(one.guide)))


def _step(need: Need, procedure: bool) -> StepName:
    return need.otherwise if procedure else need.before


def _rules(packs: Sequence[Pack]) -> Iterator[tuple[Pack, ArrestRule]]:
    return ((pack, rule) for pack in packs for rule in pack.arrest)


def _needs(packs: Sequence[Pack]) -> tuple[Need, ...]:
    """Every item by the earliest step that a pack names. A pack puts off only what it asks for itself."""
    found: dict[str, Need] = {}
    for pack, rule in _rules(packs):
        put_off = {item for other in pack.arrest for item in other.replaces}
        for item in rule.items:
            before: StepName = rule.before or "closing"
            need = Need(item, SAYS[item], before, "closing" if item in put_off else before, ref(pack, rule))
            known = found.get(item)
            found[item] = need if known is None else _earlier(known, need)
    return tuple(sorted(found.values(), key=lambda need: STEPS.index(need.before)))


def _earlier(one: Need, other: Need) -> Need:
    first = min(one, other, key=lambda need: STEPS.index(need.before))
    return first._replace(otherwise=min(one.otherwise, other.otherwise, key=STEPS.index))


def _guided(packs: Sequence[Pack]) -> dict[str, Guided]:
    found: dict[str, Guided] = {}
    for pack in packs:
        for rule in pack.guideline:
            known = found.get(rule.offence)
            if known is None or _GUIDES.index(rule.charge) > _GUIDES.index(known.charge):
                found[rule.offence] = Guided(rule.charge, ref(pack, rule))
    return found


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
