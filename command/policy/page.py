"""A stack as a page that people read: the ladder, who may what, what it takes; with source and mark at each rule.

Text for a terminal or a printer, HTML for publishing. Nothing on it is computed from an
incident, so that the page of a plan is the same for everyone.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import NamedTuple

from command.policy.decision import RuleRef
from command.policy.gates import ref
from command.policy.measures import Measure, Warned
from command.policy.model import PURPOSES, Enter, Pack
from command.policy.stack import Rung, Stack

MARKS = {
    "V": "read in the source",
    "P": "read in part: check with counsel",
    "G": "from general knowledge: check with counsel",
    "": "the local plan's own",
}

CAUTION = "This page says what a plan does not bar. It recommends nothing. Check with counsel."


class Part(NamedTuple):
    """A section: its heading and its entries, each a sentence with lines below it."""

    heading: str
    entries: tuple[tuple[str, tuple[str, ...]], ...]


def sections(stack: Stack) -> tuple[Part, ...]:
    """The page as data, most important first."""
    found = (
        Part("Packs", tuple(_pack(pack) for pack in stack.packs)),
        Part("The ladder", tuple(_rung(rung) for rung in reversed(stack.ladder))),
        Part("Tools and measures", tuple(_measures(stack))),
        Part("Gear and vehicles", tuple(_postures(stack))),
        Part("What is never authorized", tuple(_never(stack))),
        Part(
            "Who may do what else",
            tuple((key, _refs(ask.rules) + _who(ask.who_may)) for key, ask in stack.asks.items()),
        ),
        Part("What is owed", tuple(_duties(stack))),
        Part("De-escalation", _plain(stack, "deescalation")),
        Part("Arrests", _plain(stack, "arrest")),
        Part("The prosecutor's guideline", _plain(stack, "guideline")),
        Part("Mutual aid", _plain(stack, "mutual_aid")),
        Part("Everyone's conduct", _plain(stack, "conduct")),
        Part("Approved words", tuple(_texts(stack))),
    )
    return tuple(part for part in found if part.entries)


def as_text(stack: Stack) -> str:
    """The page for a terminal."""
    lines = [CAUTION, f"Digest of the stack: {stack.digest}", ""]
    for part in sections(stack):
        lines += [part.heading, "=" * len(part.heading), ""]
        for says, below in part.entries:
            lines += [says, *(f"    {line}" for line in below), ""]
    return "\n".join(lines)


def as_html(stack: Stack) -> str:
    """The page for publishing: one file, no script, nothing fetched."""
    titles = " + ".join(pack.pack.title for pack in stack.packs)
    body = [f"<h1>{escape(titles)}</h1>", f"<p><strong>{escape(CAUTION)}</strong></p>", ladder_svg(stack)]
    for part in sections(stack):
        body.append(f"<section><h2>{escape(part.heading)}</h2><dl>")
        for says, below in part.entries:
            body.append(f"<dt>{escape(says)}</dt>")
            body.extend(f"<dd>{escape(line)}</dd>" for line in below)
        body.append("</dl></section>")
    body.append(f"<footer><p>Digest of the stack: <code>{stack.digest}</code></p></footer>")
    head = f'<meta charset="utf-8"><title>{escape(titles)}</title><style>{_STYLE}</style>'
    return f'<!doctype html>\n<html lang="en"><head>{head}</head>\n<body>\n' + "\n".join(body) + "\n</body></html>\n"


def ladder_svg(stack: Stack) -> str:
    """The ladder as steps, lowest at the left, each with its name, who may, and its review."""
    width, step, height = 150, 34, 70
    high = height + step * (len(stack.ladder) - 1)
    parts = []
    for rung in stack.ladder:
        x, y = rung.place * width, high - height - rung.place * step
        review = f"review {rung.review.text}" if rung.review else "never lapses"
        parts.append(
            f'<g><rect x="{x + 2}" y="{y}" width="{width - 4}" height="{high - y}" rx="4"/>'
            f'<text x="{x + 12}" y="{y + 22}">{escape(rung.name)}</text>'
            f'<text x="{x + 12}" y="{y + 42}" class="small">{escape(review)}</text></g>'
        )
    names = ", then ".join(rung.name for rung in stack.ladder)
    return (
        f'<svg viewBox="0 0 {width * len(stack.ladder)} {high}" role="img" aria-label="The ladder: {escape(names)}">'
        + "".join(parts)
        + "</svg>"
    )


_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#111}"
    "dt{font-weight:600;margin-top:1rem}dd{margin:.1rem 0 .1rem 1.5rem}svg{width:100%}"
    "rect{fill:#eef2f7;stroke:#44546a}text{font-size:13px;fill:#111}.small{font-size:11px}"
    "@media print{section{break-inside:avoid-page}}"
)


def _pack(pack: Pack) -> tuple[str, tuple[str, ...]]:
    head = pack.pack
    lines = [f"{head.kind} for {head.jurisdiction}; {head.status}; {pack.id}@sha256:{pack.digest}"]
    if head.in_force.from_ or head.in_force.to:
        lines.append(f"in force from {head.in_force.from_ or '?'} to {head.in_force.to or 'further notice'}")
    if head.says:
        lines.append(head.says)
    lines.extend(
        f"source: {source.cite}" + (f" (as of {source.as_of})" if source.as_of else "") for source in head.sources
    )
    return head.title, tuple(lines)


def _rung(rung: Rung) -> tuple[str, tuple[str, ...]]:
    says = dict(rung.indicators)
    lines = [*rung.permits, *(f"takes {condition(enter, says)}" for _, enter in rung.enters)]
    lines.extend(f"takes {need}" for need in rung.needs)
    lines.append(f"lapses after {rung.review.text} unless renewed" if rung.review else "never lapses")
    if rung.skip:
        lines.append("may be reached directly")
    return f"{rung.order}. {rung.name}: {rung.says}", (*lines, *_who(rung.who_may), *_refs(rung.rules))


def condition(enter: Enter, says: dict[str, str]) -> str:
    """A condition in words."""
    parts = [f"all of: {'; '.join(says.get(word, word) for word in enter.all)}"] if enter.all else []
    if enter.any:
        ways = (
            says.get(item, item) if isinstance(item, str) else " and ".join(says.get(word, word) for word in item.all)
            for item in enter.any
        )
        parts.append(f"one of: {'; or '.join(ways)}")
    return ", and ".join(parts)


def _measures(stack: Stack) -> Iterable[tuple[str, tuple[str, ...]]]:
    for tool in stack.measures.tools:
        purposes: dict[Measure, list[str]] = {}
        for purpose in PURPOSES:
            measure = stack.measures.of(tool, purpose, None)
            if measure is not None and measure.rules and measure.gates:
                same = next((known for known in purposes if known._replace(purpose=purpose) == measure), measure)
                purposes.setdefault(same, []).append(purpose)
        for measure, named in purposes.items():
            yield f"{tool}, to {' or '.join(named)}", tuple(_measure(stack, measure))


def _measure(stack: Stack, measure: Measure) -> Iterable[str]:
    says = {key: rule.says for key, rule in stack.indicators.items()}
    yield from _who(measure.who_may)
    for _, level in measure.levels:
        rung = stack.level(level)
        yield f"not below the level {rung.name if rung else level}"
    for _, enter in measure.needs:
        yield f"takes {condition(enter, says)}"
    if measure.deescalation:
        yield f"de-escalation {measure.deescalation}"
    if measure.targeted:
        yield f"targeted action {measure.targeted}"
    if measure.warned is not None:
        yield _warned(measure.warned)
    for bar in measure.bars:
        yield (
            f"never: {bar.ref.says}"
            if bar.whole or bar.ref.rule.startswith("prohibition")
            else f"bars: {_bars(bar.bars)}"
        )
    if measure.user_training:
        yield f"who uses it is trained in {', '.join(measure.user_training)}"
    if measure.lasts:
        yield f"a grant runs for at most {measure.lasts.text}"
    yield from (f"{bound.field} {bound.value}: set by {bound.pack}" for bound in measure.bound)
    yield from _refs(measure.rules)


def _bars(bars: object) -> str:
    zones, wild = getattr(bars, "zones", ()), getattr(bars, "indiscriminate", False)
    grounds = getattr(bars, "never_solely_for", ())
    said = [f"never at {', '.join(zones)}"] if zones else []
    said += ["never indiscriminately"] if wild else []
    said += [f"never solely for {', '.join(grounds)}"] if grounds else []
    return "; ".join(said)


def _warned(warned: Warned) -> str:
    said = [f"{warned.wanted.text} warnings"]
    said += [f"{warned.interval.text} between two"] if warned.interval else []
    said += [f"{warned.wait.text} to leave"] if warned.wait else []
    said += [f"{warned.imminent_count.text} in {', '.join(warned.imminent_if)}"] if warned.imminent_count else []
    flags = (
        "amplified",
        "names_weapon",
        "same_person",
        "by_authorizer",
        "exits_open",
        "on_camera",
        "lapses_when_moved",
    )
    said += [flag.replace("_", " ") for flag in flags if getattr(warned, flag)]
    said += [f"heard: {warned.audible}"] if warned.audible else []
    said += [f"saying {', '.join(warned.says_what)}"] if warned.says_what else []
    return "warnings: " + ", ".join(said)


def _postures(stack: Stack) -> Iterable[tuple[str, tuple[str, ...]]]:
    says = {key: rule.says for key, rule in stack.indicators.items()}
    for item in stack.postures.values():
        lines = [f"takes {condition(enter, says)}" for _, enter in item.needs]
        lines += [f"never to {purpose}" for purpose in item.never_for]
        lines += [f"stood down after {item.review.text} unless renewed"]
        yield item.title, (*lines, *_who(item.who_may), *_refs(item.rules))


def _never(stack: Stack) -> Iterable[tuple[str, tuple[str, ...]]]:
    for tool in stack.tools.values():
        if tool.grant == "never":
            yield tool.id, _refs(tool.rules)
    for pack in stack.packs:
        for rule in pack.prohibition:
            yield rule.says, tuple(line for line in (_bars(rule.bars), _source(ref(pack, rule))) if line)


def _duties(stack: Stack) -> Iterable[tuple[str, tuple[str, ...]]]:
    for duty in stack.duties.values():
        yield (
            duty.says,
            (f"within {duty.within.text}; owed by {duty.owed_by}", f"source: {duty.source} [{duty.verified}]"),
        )


def _plain(stack: Stack, table: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((rule.says, (_source(ref(pack, rule)),)) for pack in stack.packs for rule in getattr(pack, table))


def _texts(stack: Stack) -> Iterable[tuple[str, tuple[str, ...]]]:
    for text in stack.texts.values():
        yield text.says, tuple(f"{language}: {words}" for language, words in text.words.items())


def _who(who: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"who may: {words}" for words in who)


def _refs(rules: tuple[RuleRef, ...]) -> tuple[str, ...]:
    return tuple(f"{rule.pack}: {rule.says} {_source(rule)}" for rule in rules)


def _source(rule: RuleRef) -> str:
    where = f"{rule.source}, " if rule.source else ""
    return f"({where}{MARKS[rule.verified]})"
