"""The plan's own words, for the forms that offer them: nobody has to know an id, and no word comes from the browser.

Where a plan has nothing of a kind the list is empty, and a form then takes what is typed:
nothing is refused for want of a word.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import get_args

import msgspec
from msgspec.structs import replace

from command.domain.events_force import Conclusion, PostureState
from command.domain.oversight import QUESTIONS
from command.policy.decision import RuleRef
from command.policy.model import PURPOSES, Prohibition, Tactic
from command.policy.stack import Stack
from command.policy.stated import GROUNDS, ZONES
from command.views.row import Row


class Word(Row, frozen=True):
    """An id of the plan with its sentence, its source and how far that was verified (V, P, G, or "")."""

    id: str
    says: str
    source: str = ""
    verified: str = ""


class ToolWord(Row, frozen=True):
    """A tool, or a measure against a whole group. `purposes` are those for which a rule lets someone authorize it."""

    id: str
    name: str
    says: str = ""
    grant: str = "needed"  # needed | not needed | never
    purposes: tuple[str, ...] = ()
    group: bool = False
    source: str = ""
    verified: str = ""
    munition: bool = False  # handed out by number
    unit: str = ""  # what a number of it counts: "rounds"


class TextWord(Row, frozen=True):
    """An approved text, word for word by language; `holds` is what it says (see `says`)."""

    id: str
    says: str
    words: dict[str, str]
    holds: tuple[str, ...] = ()
    source: str = ""
    verified: str = ""
    use: str = "spoken"  # or the paper that somebody in custody is given: notice of options, release papers


class WarningWord(Row, frozen=True):
    """A sequence of warnings as the plan asks for it; spans in its own words, "" where it asks for nothing."""

    id: str
    says: str
    texts: tuple[str, ...] = ()
    count: str = ""
    interval: str = ""
    wait: str = ""
    amplified: bool = False
    audible: str = ""
    rear: str = ""
    on_camera: bool = False
    exits_open: bool = False
    names_weapon: bool = False
    same_person: bool = False
    languages: tuple[str, ...] = ()
    says_what: tuple[str, ...] = ()
    source: str = ""
    verified: str = ""


class LevelWord(Row, frozen=True):
    """A rung of the ladder, lowest first."""

    id: str
    name: str
    says: str


class ChargeWord(Row, frozen=True):
    """An offence of the plan's list. `guide`: what the prosecutor says of it; `declined` is offered, last, and flagged."""

    id: str
    says: str
    statute: str = ""
    ucr: str = ""
    cite: str = "allowed"  # first | allowed | never
    rests_on: str = "own conduct"  # own conduct | order to disperse | curfew
    guide: str = ""  # supported | citation | declined
    source: str = ""
    verified: str = ""


class SiteWord(Row, frozen=True):
    """What the plan asks of sites of some kinds (none: of all) before they open."""

    id: str
    says: str
    kinds: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    staff: int | None = None
    training: tuple[str, ...] = ()
    apart: bool = False
    source: str = ""
    verified: str = ""


class NeedWord(Row, frozen=True):
    """Something that a record of an arrest must hold before a step; `otherwise` where a written procedure stands in place of
    it. `item` is of the closed set that clients know (tests/data/completeness.json)."""

    item: str
    says: str
    before: str
    otherwise: str
    pack: str
    rule: str


class PlanWords(Row, frozen=True):
    """All of it. `packs` are the digests that it was read from: other packs, other words."""

    packs: tuple[str, ...]
    tools: tuple[ToolWord, ...] = ()
    texts: tuple[TextWord, ...] = ()
    warnings: tuple[WarningWord, ...] = ()
    says: tuple[str, ...] = ()  # contents that a warning must have, in the plan's words
    languages: tuple[str, ...] = ()
    findings: tuple[Word, ...] = ()
    grounds: tuple[Word, ...] = ()  # a ground that the plan calls not enough by itself says so
    zones: tuple[Word, ...] = ()  # likewise: those that the plan bars say for what
    measures: tuple[Word, ...] = ()  # ways to calm things
    resistance: tuple[Word, ...] = ()
    postures: tuple[Word, ...] = ()
    states: tuple[str, ...] = ()
    courses: tuple[str, ...] = ()
    ranks: tuple[str, ...] = ()
    offices: tuple[str, ...] = ()  # who signs by call-back, without an account
    purposes: tuple[str, ...] = ()
    levels: tuple[LevelWord, ...] = ()
    parts: tuple[Word, ...] = ()
    questions: dict[str, str] = msgspec.field(default_factory=dict)  # of a review, by the field that answers them
    conclusions: tuple[str, ...] = ()
    charges: tuple[ChargeWord, ...] = ()  # what the prosecutor supports first
    exceptions: tuple[Word, ...] = ()  # coded reasons for custody where citation comes first; `id` is the code
    sites: tuple[SiteWord, ...] = ()
    record_needs: tuple[NeedWord, ...] = ()  # the earliest step first
    barred_positions: tuple[Word, ...] = ()  # of restraint, that nobody may be held in


# Kinds of resistance that reports everywhere tell apart. They permit nothing.
RESISTANCE = {
    "passive": "Passive: does not follow, goes limp, holds on",
    "active": "Active: pulls away, runs, braces",
    "aggressive": "Aggressive: strikes, throws, threatens to, at someone near",
    "life-threatening": "Life-threatening: acts that could kill or gravely injure someone",
}


def plan_words(stack: Stack) -> PlanWords:
    """The words of a stack. Pure; a stack's words never change."""
    packs = [pack for pack in stack.packs if pack.pack.status != "enjoined"]
    texts = tuple(
        TextWord(one.id, one.says, dict(one.words), one.holds, one.source, one.verified, one.use)
        for one in stack.texts.values()
    )
    warnings = _warnings(stack)
    signers = (who.office for pack in packs for rule in pack.tactic for who in rule.cosigner if who.office)
    spoken = (course for pack in packs for rule in pack.tactic for course in rule.user_training)
    return PlanWords(
        packs=stack.digests,
        tools=_tools(stack),
        texts=texts,
        warnings=warnings,
        says=_once((*(w for one in warnings for w in one.says_what), *(w for one in texts for w in one.holds))),
        languages=_once((*(lang for one in texts for lang in one.words), *(w for o in warnings for w in o.languages))),
        findings=tuple(Word(one.id, one.says, one.source, one.verified) for one in stack.indicators.values()),
        grounds=_marked(
            stack,
            _own(stack, "grounds", GROUNDS),
            {"never_solely_for": "not enough by itself", "never_for": "never a ground"},
        ),
        zones=_marked(stack, _own(stack, "zones", ZONES), {"zones": "barred"}),
        measures=tuple(
            Word(one.id, one.says, one.source, one.verified)
            for pack in packs
            for one in pack.deescalation
            if one.when in ("during", "before force")
        ),
        resistance=tuple(Word(key, says) for key, says in RESISTANCE.items()),
        postures=tuple(Word(one.id, one.title) for one in stack.postures.values()),
        states=get_args(PostureState),
        courses=_once((*(c for post in stack.positions.values() for c in post.training), *spoken)),
        ranks=stack.ranks,
        offices=_once(signers),
        purposes=PURPOSES,
        levels=tuple(LevelWord(rung.id, rung.name, rung.says) for rung in stack.ladder),
        parts=tuple(Word(one.id, one.says, one.source, one.verified) for one in stack.template_parts),
        questions=dict(QUESTIONS),
        conclusions=get_args(Conclusion),
        charges=_offences(stack),
        exceptions=_coded(stack.arrests.exceptions),
        sites=tuple(
            SiteWord(
                one.id,
                one.says,
                one.kinds,
                one.items,
                one.staff.number if one.staff else None,
                one.training,
                one.apart,
                one.source,
                one.verified,
            )
            for pack in packs
            for one in pack.site
        ),
        record_needs=tuple(
            NeedWord(one.item, one.says, one.before, one.otherwise, one.ref.pack, one.ref.rule)
            for one in stack.arrests.needs
        ),
        barred_positions=_coded(stack.arrests.barred_positions),
    )


def _offences(stack: Stack) -> tuple[ChargeWord, ...]:
    return tuple(
        ChargeWord(
            id=one.charge.id,
            says=one.charge.says,
            statute=one.charge.statute,
            ucr=one.charge.ucr,
            cite=one.charge.cite,
            rests_on=one.charge.rests_on,
            guide=one.guide,
            source=one.charge.refs[0].source,
            verified=one.charge.refs[0].verified,
        )
        for one in stack.arrests.offered()
    )


def _coded(codes: Mapping[str, RuleRef]) -> tuple[Word, ...]:
    """Codes with the sentence of the rule behind each."""
    return tuple(Word(code, rule.says, rule.source, rule.verified) for code, rule in codes.items())


def _tools(stack: Stack) -> tuple[ToolWord, ...]:
    found = []
    for key in dict.fromkeys((*stack.tools, *stack.measures.tools)):
        tool = stack.tools.get(key)
        rule = tool.rules[0] if tool else None
        measures = {purpose: stack.measures.of(key, purpose, None) for purpose in PURPOSES}
        found.append(
            ToolWord(
                id=key,
                name=key.replace("-", " "),
                says=rule.says if rule else "",
                grant=tool.grant if tool else "needed",
                purposes=tuple(purpose for purpose, one in measures.items() if one is not None and one.gates),
                group=tool is None,
                source=rule.source if rule else "",
                verified=rule.verified if rule else "",
                munition=bool(tool and tool.munition),
                unit=tool.unit if tool else "",
            )
        )
    return tuple(found)


def _warnings(stack: Stack) -> tuple[WarningWord, ...]:
    return tuple(
        WarningWord(
            id=rule.id,
            says=rule.says,
            texts=(rule.id, *rule.texts),
            count=rule.count.text,
            interval=rule.interval.text if rule.interval else "",
            wait=rule.wait.text if rule.wait else "",
            amplified=rule.amplified,
            audible=rule.audible,
            rear=rule.rear,
            on_camera=rule.on_camera,
            exits_open=rule.exits_open,
            names_weapon=rule.names_weapon,
            same_person=rule.same_person,
            languages=rule.languages,
            says_what=rule.says_what,
            source=rule.source,
            verified=rule.verified,
        )
        for pack in stack.packs
        if pack.pack.status != "enjoined"
        for rule in pack.warning
    )


def _own(stack: Stack, kind: str, common: dict[str, str]) -> dict[str, str]:
    """The common words and those of the packs' [words]."""
    packs = (pack.words for pack in stack.packs if pack.words and pack.pack.status != "enjoined")
    return common | {key: says for words in packs for key, says in getattr(words, kind).items()}


def _marked(stack: Stack, common: dict[str, str], marks: dict[str, str]) -> tuple[Word, ...]:
    """The common words and the plan's; those that some rule bars (in a field of `marks`) say so, with its source."""
    found = {key: Word(key, says) for key, says in common.items()}
    tools: dict[tuple[str, str], list[str]] = {}
    for pack in stack.packs:
        if pack.pack.status == "enjoined":
            continue
        rules: tuple[Tactic | Prohibition, ...] = (*pack.tactic, *pack.prohibition)
        for rule in rules:
            for field, mark in marks.items():
                for key in getattr(rule.bars, field):
                    tools.setdefault((key, mark), []).extend(rule.tools or ("any tool",))
                    if key not in found or not found[key].source:
                        found[key] = Word(key, common.get(key, _title(key)), rule.source, rule.verified)
    said: dict[str, list[str]] = {}
    for (key, mark), of in tools.items():
        said.setdefault(key, []).append(f"{mark} for {_named(of)}")
    return tuple(
        replace(one, says=f"{one.says}: {'; '.join(said[key])}") if key in said else one for key, one in found.items()
    )


def _named(tools: Iterable[str]) -> str:
    return ", ".join(tool.replace("-", " ") for tool in _once(tools))


def _title(key: str) -> str:
    return key.replace("-", " ").capitalize()


def _once(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))
