"""Do the cases show both sides of every rule and of every number? Counted and tried, not believed.

A rule: some case names it where the answer lets something happen, and some case where it
does not. A number: it is made a little larger and a little smaller, and each time a case
must notice; where none does, nobody has tried that side of it.

What can only have one side is said here for whole kinds of rules, and in `[[one_sided]]` of
a file of cases for a single one, each with its reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

import msgspec
from msgspec.structs import replace

from command.policy.cases import Case, CaseFile, OneSided, judged_rules, run
from command.policy.durations import Count, Span
from command.policy.gates import ref
from command.policy.model import DutyRule, Force, Level, Pack, Prohibition, Rule, Tool
from command.policy.model_more import ArrestRule, Charge, Guideline
from command.policy.problems import PackProblems
from command.policy.stack import Stack

Side = Literal["permitted", "refused", "owed", "not owed", "larger", "smaller"]

_SIDE_OF: dict[str, Side] = {
    "not barred": "permitted",
    "authorized": "permitted",
    "exigent": "permitted",
    "missing": "refused",
    "refused": "refused",
    "no authorization on record": "refused",
    "contrary to plan": "refused",
    "owed": "owed",
    "not owed": "not owed",
    "ended": "owed",
    "not ended": "not owed",
}
"""`cannot tell` shows no side of a rule."""

_NOT_A_THRESHOLD = frozenset({"order"})
"""A level's `order` is its place on the ladder; nothing is compared with it."""


class Gap(NamedTuple):
    """A side that no case shows. `field` is "" for the rule as a whole."""

    rule: str  # "pack:kind.id", or "pack:limits"
    field: str
    side: Side
    told: str

    def __str__(self) -> str:
        of = f" {self.field}" if self.field else ""
        return f"{self.rule}{of}: {self.side}: {self.told}"


def gaps(cases: CaseFile, stack: Stack, pack: Pack) -> tuple[Gap, ...]:
    """What the cases leave untried of a pack of their stack, and exceptions that are not needed (any more)."""
    found = (*_rules(cases, pack), *_numbers(cases, stack, pack))
    excused = {(item.rule, item.field, item.side) for item in cases.one_sided}
    open_ = tuple(gap for gap in found if not _names(gap) & excused)
    return (*open_, *_idle(cases.one_sided, found, pack))


def _names(gap: Gap) -> set[tuple[str, str, str]]:
    return {(gap.rule, gap.field, gap.side), (gap.rule.partition(":")[2], gap.field, gap.side)}


def _idle(excused: tuple[OneSided, ...], found: tuple[Gap, ...], pack: Pack) -> Iterator[Gap]:
    """Exceptions that excuse nothing: the side is shown after all, or the rule is not there."""
    used = {name for gap in found for name in _names(gap)}
    for item in excused:
        of, _, _rule = item.rule.rpartition(":")
        if of in ("", pack.id) and (item.rule, item.field, item.side) not in used:
            yield Gap(item.rule, item.field, item.side, "excused under one_sided, and nothing is missing there")


# Rules ----------------------------------------------------------------------------


def _rules(cases: CaseFile, pack: Pack) -> Iterator[Gap]:
    for rule in judged_rules(pack):
        name = ref(pack, rule).rule
        shown = {_SIDE_OF.get(case.answer) for case in cases.case if _speaks(case, pack, name)}
        for side in _sides(rule, pack):
            if side not in shown:
                yield Gap(f"{pack.id}:{name}", "", side, "no case names it on this side")


def _speaks(case: Case, pack: Pack, name: str) -> bool:
    return not {name, f"{pack.id}:{name}"}.isdisjoint((*case.names, *case.about))


def _sides(rule: Rule, pack: Pack) -> tuple[Side, ...]:
    """The sides that this kind of rule has."""
    if isinstance(rule, DutyRule):
        # A duty that every such event begins has no other side than another event.
        narrowed = rule.starts.exigent is not None or rule.starts.findings or rule.starts.tools or rule.starts.when
        return ("owed", "not owed") if narrowed else ("owed",)
    if isinstance(rule, Force):
        return ("refused",)  # it speaks where the plan names no such tool, and then permits nothing
    if isinstance(rule, Prohibition) and rule.unless is None:
        return ("refused",)  # it only ever stands in the way
    if isinstance(rule, Tool) and rule.grant == "never":
        return ("refused",)  # the same
    if isinstance(rule, Charge) and rule.rests_on == "own conduct" and rule.cite != "first":
        return ("permitted",)  # it names an offence, and asks for nothing that another rule does not
    if isinstance(rule, Guideline):
        return ("refused",) if rule.charge == "declined" else ("permitted",)
    if isinstance(rule, ArrestRule) and ((rule.never and not rule.items) or rule.topic == "rights"):
        return ("refused",)  # it only ever stands in the way
    if isinstance(rule, ArrestRule) and rule.topic == "custody exception":
        return ("permitted",)  # the other side is the rule that it is an exception to
    if isinstance(rule, Level) and not rule.enter and not rule.authorizer and pack.pack.kind in ("law", "agreement"):
        return ("permitted",)  # it adds a word to another plan's rung, and asks for nothing
    return ("permitted", "refused")


# Numbers --------------------------------------------------------------------------


def numbers(pack: Pack) -> Iterator[tuple[str, str, str, int | None]]:
    """Every number that asks, reports and duties are compared with: rule, field, table, place in the table."""
    if pack.limits is not None:
        for field in _numeric(pack.limits):
            yield "limits", field, "limits", None
    for table in msgspec.structs.fields(pack):
        held = getattr(pack, table.name)
        rules = held if isinstance(held, tuple) else (held,)
        wanted = set(map(id, judged_rules(pack)))
        for place, rule in enumerate(rules):
            if id(rule) in wanted:
                for field in _numeric(rule):
                    yield ref(pack, rule).rule, field, table.name, place if isinstance(held, tuple) else None


def _numeric(rule: Any) -> Iterator[str]:
    for name in rule.__struct_fields__:
        value = getattr(rule, name)
        known = isinstance(value, Span | Count) and value.text != "unknown"
        plain = isinstance(value, int | float) and not isinstance(value, bool) and name not in _NOT_A_THRESHOLD
        if known or plain:
            yield name


def _numbers(cases: CaseFile, stack: Stack, pack: Pack) -> Iterator[Gap]:
    shown = run(cases, stack)
    for rule, field, table, place in numbers(pack):
        for side, step in (("larger", 1), ("smaller", -1)):
            moved = _moved(pack, table, place, field, step)
            if not _noticed(cases, stack, pack, moved, shown):
                yield Gap(f"{pack.id}:{rule}", field, side, "no case notices")  # type: ignore[arg-type]  # of the pair


def _noticed(cases: CaseFile, stack: Stack, pack: Pack, moved: Pack, shown: tuple[object, ...]) -> bool:
    try:
        other = Stack.of([moved if held is pack or held.id == pack.id else held for held in stack.packs])
    except PackProblems:
        return True  # the plan itself does not hold together with another number
    return run(cases, other) != shown


def _moved(pack: Pack, table: str, place: int | None, field: str, step: int) -> Pack:
    """The pack with one number moved by the least that can matter: a second, a day by the calendar, one of a count."""
    held = getattr(pack, table)
    rule = held if place is None else held[place]
    changed = replace(rule, **{field: _stepped(getattr(rule, field), step)})
    return replace(pack, **{table: changed if place is None else (*held[:place], changed, *held[place + 1 :])})


def _stepped(value: Any, step: int) -> Any:
    if isinstance(value, Count):
        return replace(value, number=(value.number or 0) + step)
    if not isinstance(value, Span):
        return value + step
    if value.business_days is not None:
        return replace(value, business_days=value.business_days + step)
    if value.calendar_days is not None:
        return replace(value, calendar_days=value.calendar_days + step)
    return replace(value, seconds=(value.seconds or 0.0) + step)
