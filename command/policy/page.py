"""A stack as something that people read: the ladder, who may what, what it takes; with source and mark at each rule.

Data and text for a terminal; `page_html` makes of it the page for publishing. Nothing on it is computed from an
incident, so that the page of a plan is the same for everyone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import msgspec

from command.policy.cases import judged_rules
from command.policy.compiled import Rung
from command.policy.decision import RuleRef
from command.policy.durations import Count, Span
from command.policy.gates import ref
from command.policy.measures import Measure, Warned
from command.policy.model import PURPOSES, DutyRule, Enter, Indicator, Pack, Rule, Source
from command.policy.stack import Stack

MARKS = {
    "V": "read in the source",
    "P": "read in part: check with counsel",
    "G": "from general knowledge: check with counsel",
    "": "the local plan's own",
}

UNVERIFIED = ("P", "G")
"""The marks that send a reader to counsel."""

CAUTION = "This page says what a plan does not bar. It recommends nothing. Check with counsel."


class Line(NamedTuple):
    """One line below an entry. `rule` is set where the line is a rule's own sentence, with its source and mark.

    `group` keeps apart what several packs say under one label: "one of these" and "one of those".
    """

    words: str
    label: str = ""
    rule: RuleRef | None = None
    group: int = 0

    def __str__(self) -> str:
        if self.rule is not None:
            return f"{self.rule.pack}: {self.words} {source_of(self.rule)}"
        return f"{self.label}: {self.words}" if self.label else self.words


class Entry(NamedTuple):
    """A rule, a tool, a level: its sentence and the lines below it."""

    says: str
    below: tuple[Line, ...]


class Part(NamedTuple):
    """A section: its heading, what it is about, and its entries."""

    heading: str
    about: str
    entries: tuple[Entry, ...]


def sections(stack: Stack) -> tuple[Part, ...]:
    """The page as data, most important first."""
    found = (
        Part("Packs", "What this plan is made of. Where two speak of the same thing, the strictest wins.",
             tuple(_pack(pack) for pack in stack.packs)),
        Part("The ladder", "From the lowest level up. Each sector stands at one of them.",
             tuple(_rung(stack, rung) for rung in stack.ladder)),
        Part("Tools and measures", "What would have to be true, and who may then authorize it. Nothing else is open.",
             tuple(_measures(stack))),
        Part("What is never authorized", "Whoever asks. Its use is reported all the same, and reviewed.",
             tuple(_never(stack))),
        Part("Gear and vehicles", "Staged out of sight, then ready, then deployed.", tuple(_postures(stack))),
        Part("Who may do what else", "", tuple(_asks(stack))),
        Part("What is owed", "What follows from an event, by whom and within which time.", tuple(_duties(stack))),
        Part("De-escalation", "A guide of its own, never a fixed response.", _plain(stack, "deescalation")),
        Part("Arrests", "", _plain(stack, "arrest")),
        Part("Places for people in custody", "What has to be there before one opens, and who is there.",
             tuple(_sites(stack))),
        Part("The prosecutor's guideline", "", _guidelines(stack)),
        Part("Mutual aid", "", _plain(stack, "mutual_aid")),
        Part("Everyone's conduct", "", _plain(stack, "conduct")),
        Part("Approved words", "", tuple(_texts(stack))),
        Part("What nobody has said yet",
             "These numbers stand in no source that was read. They set no clock and permit nothing until a plan gives them.",
             tuple(_unknown(stack))),
    )  # fmt: skip
    return tuple(part for part in found if part.entries)


def as_text(stack: Stack) -> str:
    """The page for a terminal."""
    lines = [CAUTION, f"Digest of the stack: {stack.digest}", ""]
    for part in sections(stack):
        lines += [part.heading, "=" * len(part.heading), *([part.about] if part.about else []), ""]
        for says, below in part.entries:
            lines += [says, *_told(below), ""]
    return "\n".join(lines)


def _told(below: Iterable[Line]) -> Iterator[str]:
    """The lines of an entry. Where another "one of these" begins under the same label, it says so."""
    before: Line | None = None
    for line in below:
        other = before is not None and line.label == before.label and line.group != before.group
        yield f"    {'and ' if other else ''}{line}"
        before = line


def source_of(rule: RuleRef) -> str:
    """Where a rule is from and how far it was read, in brackets."""
    where = f"{rule.source}, " if rule.source else ""
    return f"({where}{MARKS[rule.verified]})"


def conditions(enters: Iterable[Enter], says: Mapping[str, Indicator], label: str) -> tuple[Line, ...]:
    """Conditions that all hold, in words: a line for each sign needed, then each pack's ways of which one will do."""
    lines = [line for group, enter in enumerate(enters) for line in _condition(enter, says, label, group)]
    return tuple(sorted(dict.fromkeys(lines), key=lambda line: line.group))


def _condition(enter: Enter, says: Mapping[str, Indicator], label: str, group: int) -> tuple[Line, ...]:
    def spoken(*words: str) -> str:
        said = [says[word].says.removesuffix(".") if word in says else word for word in words]
        return ", and ".join((*said[:1], *(f"{each[:1].lower()}{each[1:]}" for each in said[1:])))

    ways = (spoken(item) if isinstance(item, str) else spoken(*item.all) for item in enter.any)
    each = (Line(spoken(word), f"{label}, each") for word in enter.all)
    return (*each, *(Line(way, f"{label}, one of", group=group + 1) for way in ways))


def named(word: str) -> str:
    """An id as people say it: "chemical-area" is "chemical area"."""
    return word.replace("-", " ")


def _pack(pack: Pack) -> Entry:
    head = pack.pack
    lines = [Line(f"{head.kind} for {head.jurisdiction}; {head.status}")]
    if head.in_force.from_ or head.in_force.to:
        lines.append(Line(f"in force from {head.in_force.from_ or '?'} to {head.in_force.to or 'further notice'}"))
    if head.binds:
        lines.append(Line(", ".join(map(named, head.binds)), "binds only"))
    if head.says:
        lines.append(Line(head.says))
    lines.extend(Line(_cited(source), "made from") for source in head.sources)
    return Entry(head.title, (*lines, Line(f"{pack.id}@sha256:{pack.digest}", "version")))


def _cited(source: Source) -> str:
    """The text, its day, where it was read and as which bytes."""
    said = source.cite + (f" (as of {source.as_of})" if source.as_of else "")
    said += f", {source.url}" if source.url else ""
    return said + (f", sha256 {source.sha256}" if source.sha256 else "")


def _rung(stack: Stack, rung: Rung) -> Entry:
    lines = [Line(words, "permits") for words in rung.permits]
    lines += conditions((enter for _, enter in rung.enters), stack.indicators, "takes")
    lines += [Line(need, "and says") for need in rung.needs]
    lines += _who(rung.who_may)
    lapses = f"after {rung.review.text}, unless renewed: it then permits nothing" if rung.review else "never"
    lines.append(Line(lapses, "lapses"))
    for _, way in rung.exits:
        lines += conditions([Enter(any=way.any, all=way.all)], stack.indicators, "down when seen")
        lines += conditions([Enter(all=way.gone)], stack.indicators, "down when gone")
    if rung.skip:
        lines.append(Line("it may be reached directly", "steps"))
    return Entry(f"{rung.order}. {rung.name}: {rung.says}", (*lines, *_refs(rung.rules, rung.says)))


def _measures(stack: Stack) -> Iterable[Entry]:
    for tool in stack.measures.tools:
        purposes: dict[Measure, list[str]] = {}
        for purpose in PURPOSES:
            measure = stack.measures.of(tool, purpose, None)
            if measure is not None and measure.rules and measure.gates:
                same = next((known for known in purposes if known._replace(purpose=purpose) == measure), measure)
                purposes.setdefault(same, []).append(purpose)
        for measure, words in purposes.items():
            yield Entry(f"{named(tool)}, to {' or '.join(words)}", tuple(_measure(stack, measure)))


def _measure(stack: Stack, measure: Measure) -> Iterable[Line]:
    yield from _who(measure.who_may)
    tool = stack.tools.get(measure.tool)
    if tool is not None and tool.munition:
        yield Line(f"in {tool.unit}" if tool.unit else "by number", "handed out")
    for _, level in measure.levels:
        rung = stack.level(level)
        yield Line(f"not below {rung.name if rung else level}", "level")
    yield from conditions((enter for _, enter in measure.needs), stack.indicators, "takes")
    if measure.deescalation:
        yield Line(measure.deescalation, "de-escalation")
    if measure.targeted:
        yield Line(measure.targeted, "targeted action")
    if measure.warned is not None:
        yield Line(_warned(measure.warned), "warnings")
    for bar in measure.bars:
        whole = bar.whole or bar.ref.rule.startswith("prohibition")
        yield Line(bar.ref.says, "never") if whole else Line(_bars(bar.bars), "bars")
    for who in measure.cosigners:
        if who.binds:
            yield Line(", ".join(map(named, who.binds)), f"{who.office or 'second signature'} binds only")
        if who.when is not None:
            yield from conditions([who.when], stack.indicators, f"{who.office or 'second signature'} asked where")
        if who.unless is not None:
            yield from conditions([who.unless], stack.indicators, f"{who.office or 'second signature'} not asked where")
    if measure.user_training:
        yield Line(f"in date: {', '.join(map(named, measure.user_training))}", "training of who uses it")
    if measure.lasts:
        yield Line(f"a grant runs for at most {timed(measure.lasts)}", "time")
    if len(stack.packs) > 1:
        for pack in dict.fromkeys(bound.pack for bound in measure.bound):
            fields = dict.fromkeys(_field(bound.field) for bound in measure.bound if bound.pack == pack)
            yield Line(f"{pack}: {', '.join(fields)}", "set by")
    yield from _crowds(stack, measure)
    yield from _refs(measure.rules)


def _crowds(stack: Stack, measure: Measure) -> Iterable[Line]:
    taking = {(rule.pack, rule.rule) for rule in measure.rules}
    for pack in stack.packs:
        for rule in pack.tactic:
            if rule.crowd_over is not None and (pack.id, f"tactic.{rule.id}") in taking:
                words = f"the source speaks of more than {rule.crowd_over.text} people; nobody is counted, so it binds at every size"
                yield Line(words, "size")


def _field(field: str) -> str:
    return field.removeprefix("warning.").replace("_", " ")


def timed(span: Span) -> str:
    """A duration in words; one that nobody has said is not passed over."""
    return span.text if span.text != "unknown" else "a time that no source gives"


def _bars(bars: object) -> str:
    zones, wild = getattr(bars, "zones", ()), getattr(bars, "indiscriminate", False)
    grounds, never = getattr(bars, "never_solely_for", ()), getattr(bars, "never_for", ())
    said = [f"never at {', '.join(map(named, zones))}"] if zones else []
    said += ["never indiscriminately"] if wild else []
    near = getattr(bars, "nearer_than_m", None)
    said += (
        [f"never from nearer than {near.text if near.number is not None else 'a distance that no source gives of'} m"]
        if near
        else []
    )
    said += [f"never solely for {', '.join(map(named, grounds))}"] if grounds else []
    said += [f"never for {', '.join(map(named, never))}, whatever else is stated"] if never else []
    return "; ".join(said)


_FLAGS = {
    "amplified": "amplified",
    "names_weapon": "naming the weapon",
    "same_person": "by one person",
    "by_authorizer": "by the one who authorizes",
    "exits_open": "a way out named and open",
    "on_camera": "on camera",
    "lapses_when_moved": "void when the crowd moves on",
}


def _warned(warned: Warned) -> str:
    count = warned.wanted.text if warned.wanted.number else "a number that no source gives of"
    said = [f"{count} warning{'s' if warned.wanted.number != 1 else ''}"]
    said += [f"{timed(warned.interval)} between two"] if warned.interval else []
    said += [f"{timed(warned.wait)} to leave"] if warned.wait else []
    said += [f"{warned.imminent_count.text} in {named(', '.join(warned.imminent_if))}"] if warned.imminent_count else []
    said += [words for flag, words in _FLAGS.items() if getattr(warned, flag)]
    said += [f"heard: {warned.audible}"] if warned.audible else []
    said += [f"heard at the rear of the crowd: {warned.rear}"] if warned.rear else []
    said += [f"in {', '.join(warned.languages)}"] if warned.languages else []
    said += [f"saying {', '.join(warned.says_what)}"] if warned.says_what else []
    return ", ".join(said)


def _postures(stack: Stack) -> Iterable[Entry]:
    for item in stack.postures.values():
        lines = [*conditions((enter for _, enter in item.needs), stack.indicators, "takes")]
        lines += [Line(f"to {purpose}", "never") for purpose in item.never_for]
        lines.append(Line(f"after {timed(item.review)}, unless renewed", "stood down"))
        yield Entry(item.title, (*_who(item.who_may), *lines, *_refs(item.rules)))


def _never(stack: Stack) -> Iterable[Entry]:
    for tool in stack.tools.values():
        if tool.grant == "never":
            yield Entry(named(tool.id), tuple(_refs(tool.rules)))
    for pack in stack.packs:
        for rule in pack.prohibition:
            bars = [Line(_bars(rule.bars), "bars")] if _bars(rule.bars) else []
            bars += conditions([rule.unless], stack.indicators, "unless") if rule.unless else ()
            yield Entry(rule.says, (*bars, _origin(pack, rule)))


def _asks(stack: Stack) -> Iterable[Entry]:
    for ask in stack.asks.values():
        first = ask.rules[0]
        needs = tuple(Line(need, "takes") for need in ask.needs)
        yield Entry(first.says, (*_who(ask.who_may), *needs, *_refs(ask.rules, first.says)))


def _same(item: DutyRule, duty: DutyRule) -> bool:
    """Is this where the duty is written? One that had to be told from another pack's has a longer id."""
    return (item.says, item.source, item.starts) == (duty.says, duty.source, duty.starts)


def _duties(stack: Stack) -> Iterable[Entry]:
    for duty in stack.duties.values():
        pack = next((pack for pack in stack.packs if any(_same(item, duty) for item in pack.duty)), stack.packs[0])
        report = [Line(duty.to, "to")] if duty.to else []
        report += [Line(what, "it says") for what in duty.holds]
        report += [Line("it is published")] if duty.public else []
        who = (Line(timed(duty.within), "within"), Line(duty.owed_by, "owed by"))
        yield Entry(duty.says, (*who, *report, _origin(pack, duty)))


def _plain(stack: Stack, table: str) -> tuple[Entry, ...]:
    return tuple(Entry(rule.says, (_origin(pack, rule),)) for pack in stack.packs for rule in getattr(pack, table))


def _sites(stack: Stack) -> Iterable[Entry]:
    for pack in stack.packs:
        for rule in pack.site:
            lines = [Line(", ".join(rule.kinds) or "every kind", "of")]
            lines += [Line(item, "takes") for item in rule.items]
            if rule.staff is not None:
                courses = f", with {' and '.join(rule.training)} in date" if rule.training else ""
                lines.append(Line(f"{rule.staff.text} trained on duty{courses}", "takes"))
            lines += [Line("minors apart from adults, by sight and sound", "takes")] if rule.apart else []
            lines += [Line(timed(rule.recheck), "looked at again within")] if rule.recheck else []
            lines += [Line(timed(rule.arrival), "arrives within")] if rule.arrival else []
            yield Entry(rule.says, (*lines, _origin(pack, rule)))


def _guidelines(stack: Stack) -> tuple[Entry, ...]:
    return tuple(
        Entry(f"{rule.offence}: {rule.charge}", (Line(rule.says), _origin(pack, rule)))
        for pack in stack.packs
        for rule in pack.guideline
    )


def _texts(stack: Stack) -> Iterable[Entry]:
    for text in stack.texts.values():
        yield Entry(text.says, tuple(Line(words, language) for language, words in text.words.items()))


def _unknown(stack: Stack) -> Iterable[Entry]:
    """Each rule by which something is judged and whose own pack leaves a number open."""
    for pack in stack.packs:
        for rule in (*judged_rules(pack), *pack.part):
            values = {field.name: getattr(rule, field.name) for field in msgspec.structs.fields(rule)}
            open_ = [
                key for key, value in values.items() if isinstance(value, Span | Count) and value.text == "unknown"
            ]
            if open_:
                yield Entry(rule.says, (Line(", ".join(map(_field, open_)), "open"), _origin(pack, rule)))


def _who(who: tuple[str, ...]) -> list[Line]:
    return [Line(words, "who may") for words in who]


def _refs(rules: tuple[RuleRef, ...], heading: str = "") -> tuple[Line, ...]:
    """The rules with their sentences, apart from the one that stands as the heading."""
    return tuple(Line("" if rule.says == heading else rule.says, rule=rule) for rule in rules)


def _origin(pack: Pack, rule: Rule) -> Line:
    """Where the entry itself is from: its sentence is not said twice."""
    return Line("", rule=ref(pack, rule))
