"""The cases beside the rules: given these events, when this is asked or reported, then this answer, by these rules.

A file of cases is TOML that anyone can read; `run` judges each with the pure judge and
compares. Nothing else of the program takes part.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from typing import Any, Literal

import msgspec

from command.policy.case_arrests import (
    Answer,
    arrested,
    brought,
    disposed,
    made,
    owed,
    restrained,
    righted,
    signed,
    stepped,
)
from command.policy.case_facts import CaseFacts, Casting
from command.policy.decision import RuleRef
from command.policy.durations import span
from command.policy.findings import finding
from command.policy.gates import ref
from command.policy.judge import judge
from command.policy.model import Pack, Rule
from command.policy.model_more import ArrestRule
from command.policy.problems import Lines, PackProblems, Problem
from command.policy.request import ForceClaim, Request
from command.policy.stack import Stack


class Case(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One case. Exactly one of asks, reports, arrests, record, disposes, restrains, rights, signs, brings and happens.

    day       the case's own day, where it is another than the file's
    asks      `at`, `who`, `action` and the fields of policy.request.Request; `lasts` as people write it
    reports   `at`, `officer`, `tool` and the fields of policy.request.ForceClaim
    arrests   `at`, `officer` and the fields of policy.arrests.ArrestClaim
    record    `items` that it holds, or those that it `lacks`, the `step` asked for, `procedure`
    disposes  `disposition`, `charges`, `exception`
    restrains `position`
    rights    `questions`: not asked yet, asked already
    signs     `who`, `officer` and the fields of policy.arrest_record.SignatureClaim
    brings    `at`, `kind` and the fields of policy.sites.SiteClaim
    happens   `at`, `event` and its public fields: answered by the duties that it begins or ends
    answer    an effect, a finding, or for the duties that it names "owed", "not owed", "ended", "not ended"
    names     rules that took part, as "pack:kind.id" or "kind.id"
    about     rules that the case shows without the answer naming them
    missing, because   words that the sentences must hold
    until     the time in the answer
    bound     field = pack: who set it
    """

    says: str
    given: tuple[str, ...] = ()
    day: date | None = None
    asks: dict[str, Any] | None = None
    reports: dict[str, Any] | None = None
    arrests: dict[str, Any] | None = None
    record: dict[str, Any] | None = None
    disposes: dict[str, Any] | None = None
    restrains: dict[str, Any] | None = None
    rights: dict[str, Any] | None = None
    signs: dict[str, Any] | None = None
    brings: dict[str, Any] | None = None
    happens: dict[str, Any] | None = None
    answer: str
    names: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    because: tuple[str, ...] = ()
    until: str | None = None
    bound: dict[str, str] = msgspec.field(default_factory=dict)


class OneSided(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A side of a rule, or of one of its numbers, that no case can show, and why (`sides`)."""

    rule: str  # "pack:kind.id" or "kind.id"
    field: str = ""  # the number; "" for the rule as a whole
    side: Literal["permitted", "refused", "owed", "not owed", "larger", "smaller"]
    because: str


class CaseFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A file of cases: the stack's files (the most general first), the people, what is always given."""

    stack: tuple[str, ...]
    day: date = date(2026, 5, 1)
    given: tuple[str, ...] = ()
    people: dict[str, Casting]
    defaults: dict[str, dict[str, Any]] = msgspec.field(default_factory=dict)  # by action, or "reports"
    one_sided: tuple[OneSided, ...] = ()
    case: tuple[Case, ...]


class Result(msgspec.Struct, frozen=True):
    """How a case went; `told` says what was expected and what came, "" where it held."""

    says: str
    told: str = ""

    @property
    def held(self) -> bool:
        """Did it?"""
        return not self.told


def read_cases(text: str, name: str) -> CaseFile:
    """The cases in a file. Raises PackProblems where it can't be read."""
    try:
        return msgspec.convert(tomllib.loads(text), CaseFile)
    except tomllib.TOMLDecodeError as error:
        raise PackProblems([Problem(name, 0, "syntax", "TOML", str(error))]) from None
    except msgspec.ValidationError as error:
        where = re.search(r"\$\.case\[(\d+)\]", str(error))
        line = Lines(text).table("case", int(where[1])) if where else 0
        raise PackProblems([Problem(name, line, "cases", "cases as the README shows them", str(error))]) from None


KINDS = ("asks", "reports", "arrests", "record", "disposes", "restrains", "rights", "signs", "brings", "happens")


def run(cases: CaseFile, stack: Stack) -> tuple[Result, ...]:
    """Every case against the stack, in order."""
    return tuple(Result(case.says, _told(cases, case, stack)) for case in cases.case)


def uncovered(cases: Iterable[CaseFile], pack: Pack) -> tuple[str, ...]:
    """The rules of a pack that are judged and that no case names, as "pack:kind.id"."""
    named = {word for file in cases for case in file.case for word in (*case.names, *case.about)}
    return tuple(
        f"{rule.pack}:{rule.rule}" for rule in judged(pack) if not {f"{rule.pack}:{rule.rule}", rule.rule} & named
    )


def judged(pack: Pack) -> tuple[RuleRef, ...]:
    """The rules of a pack by which asks, reports and duties are judged; the rest is read, shown and published."""
    return tuple(ref(pack, rule) for rule in judged_rules(pack))


def judged_rules(pack: Pack) -> tuple[Rule, ...]:
    """The same as they are written."""
    tables: Sequence[Sequence[Rule]] = (
        pack.level, pack.ask, pack.tool, pack.tactic, pack.warning, pack.posture, pack.prohibition, pack.succession,
        pack.delegation, pack.duty, pack.charge, pack.guideline, pack.site,
        tuple(rule for rule in pack.arrest if judges(rule)),
    )  # fmt: skip
    single: list[Rule] = [rule for rule in (pack.force, pack.relay, pack.suspension) if rule is not None]
    return (*single, *(rule for table in tables for rule in table))


JUDGED_TOPICS = frozenset(
    {
        "basis",
        "bar",
        "citation first",
        "curfew",
        "containment",
        "high volume",
        "custody exception",
        "procedure",
        "rights",
        "protected role",
    }
)
"""Topics of [[arrest]] rules by which arrests are found, or people taken into custody."""


def judges(rule: ArrestRule) -> bool:
    """Whether anything is judged by it. One that says nothing but a sentence is read, shown and published."""
    return bool(rule.items or rule.never) or rule.topic in JUDGED_TOPICS


def _told(cases: CaseFile, case: Case, stack: Stack) -> str:
    def when(text: str) -> datetime:
        if match := re.fullmatch(r"(\d{4}-\d\d-\d\d) (.+)", text):
            return datetime.combine(date.fromisoformat(match[1]), time.fromisoformat(match[2]), UTC)
        return datetime.combine(case.day or cases.day, time.fromisoformat(text), UTC)

    facts = CaseFacts(cases.people, when("00:00"))
    for line in (*cases.given, *case.given):
        at, _, sentence = line.partition(" ")
        try:
            meant = facts.happen(when(at), sentence, when)
        except (ValueError, KeyError) as error:
            return f"given {line!r}: {error}"
        if meant is not None:
            return f"given {line!r}: expected a sentence such as {meant!r}"
    try:
        return _answered(cases, case, stack, facts, when)
    except (ValueError, KeyError, msgspec.ValidationError) as error:
        return f"the case can't be read: {error}"


def _answered(cases: CaseFile, case: Case, stack: Stack, facts: CaseFacts, when: Any) -> str:
    if case.happens is not None:
        return owed(case.happens, case.answer, case.names, case.until, stack, when)
    if case.asks is not None:
        answer = _asked(cases, case, stack, facts, when)
    elif case.reports is not None:
        answer = _reported(cases, case, stack, facts, when)
    elif case.arrests is not None:
        answer = arrested({**cases.defaults.get("arrests", {}), **case.arrests}, stack, facts, when)
    elif case.record is not None:
        answer = stepped(case.record, stack, when("00:00"))
    elif case.disposes is not None:
        answer = disposed(case.disposes, stack)
    elif case.restrains is not None:
        answer = restrained(case.restrains, stack)
    elif case.rights is not None:
        answer = righted(case.rights, stack)
    elif case.signs is not None:
        answer = signed(case.signs, stack)
    elif case.brings is not None:
        answer = brought({**cases.defaults.get("brings", {}), **case.brings}, stack, facts, when)
    else:
        raise ValueError(f"expected one of {', '.join(KINDS)}; came none")
    return _compared(case, answer, when)


def _asked(cases: CaseFile, case: Case, stack: Stack, facts: CaseFacts, when: Any) -> Answer:
    said = dict(case.asks or {})
    said = {**cases.defaults.get(str(said.get("action")), {}), **said}
    now, person = when(said.pop("at")), said.pop("who")
    if "lasts" in said:
        said["lasts_s"] = span(said.pop("lasts")).seconds
    base = {"person": person, "agency": facts.people[person].agency, "ask_age_s": 1.0, "basis_age_s": 0.0}
    decision = judge(stack, facts, made(Request, {**base, **said}), now)
    return Answer(decision.effect, decision.rules, decision.reasons, decision)


def _reported(cases: CaseFile, case: Case, stack: Stack, facts: CaseFacts, when: Any) -> Answer:
    said = {**cases.defaults.get("reports", {}), **(case.reports or {})}
    said["at"] = when(said["at"])
    said.setdefault("sector", None)
    said.setdefault("officer_agency", None)
    stands = finding(stack, facts, made(ForceClaim, said))
    return Answer(stands.kind, stands.rules, stands.reasons)


def _compared(case: Case, came_out: Answer, when: Any) -> str:
    answer, rules, reasons, decision = came_out
    missing = decision.missing if decision else ()
    came = f"came {answer}: " + " / ".join((*reasons, *missing))
    if answer != case.answer:
        return f"expected {case.answer}, {came}"
    named = {word for rule in rules for word in (rule.rule, f"{rule.pack}:{rule.rule}")}
    for name in case.names:
        if name not in named:
            return f"expected the rule {name}, came {', '.join(sorted(rule.rule for rule in rules))}"
    for words, sentences, kind in ((case.missing, missing, "missing"), (case.because, reasons, "because")):
        for word in words:
            if not any(word in sentence for sentence in sentences):
                return f"expected {kind} {word!r}, {came}"
    if case.missing and len(missing) > len(case.missing):
        return f"expected nothing else missing, {came}"
    if case.until is not None and (decision is None or decision.until != when(case.until)):
        return f"expected until {case.until}, came {decision.until if decision else None}"
    bounds = {bound.field: bound.pack for bound in decision.bound} if decision else {}
    for field, pack in case.bound.items():
        if bounds.get(field) != pack:
            return f"expected {field} to be set by {pack}, came {bounds.get(field)}"
    return ""
