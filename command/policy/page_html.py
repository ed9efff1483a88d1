"""The plan as one HTML page: to read, to print, to publish. No script, nothing fetched but its own stylesheet, if that."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from html import escape

from command.policy.compiled import Rung
from command.policy.page import CAUTION, MARKS, UNVERIFIED, Entry, Line, Part, sections
from command.policy.stack import Stack


def as_html(stack: Stack, *, css: str = "", base: str = "") -> str:
    """The page. `css` is put into it, for one file that stands alone; `base` is where a server
    has its files: then its stylesheet and icon are named instead."""
    *laws, title = titles(stack)
    parts = sections(stack)
    style = _fetched(escape(base)) if base else f"<style>{css.replace('</', '')}</style>"
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title>{style}"
    )
    body = (
        f'<header><p class="kicker">The plan</p><h1>{escape(title)}</h1>{_under(laws)}',
        f'<p class="caution"><strong>{escape(CAUTION)}</strong></p>{_legend(parts)}</header>',
        f'<nav aria-label="Contents"><ol>{"".join(_link(part) for part in parts)}</ol></nav>',
        "<main>",
        '<figure class="ladder" role="group" tabindex="0" aria-label="The ladder as a picture">',
        ladder_svg(stack),
        "<figcaption>Up: one step at a time, on signs that are seen. Down: any step, at any time.</figcaption></figure>",
        *(_section(part) for part in parts),
        "</main>",
        f"<footer><p>Digest of the stack: <code>{stack.digest}</code></p></footer>",
    )
    return (
        f'<!doctype html>\n<html lang="en"><head>{head}</head>\n<body class="plan">\n'
        + "\n".join(body)
        + "\n</body></html>\n"
    )


def _fetched(base: str) -> str:
    return f'<link rel="stylesheet" href="{base}/static/css/plan.css"><link rel="icon" href="{base}/static/icon.svg">'


def titles(stack: Stack) -> tuple[str, ...]:
    """Titles of the packs; the plan whose ladder it is comes last."""
    own = [pack for pack in stack.packs if pack.level and pack.pack.kind in ("plan", "template")][-1]
    return (*(pack.pack.title for pack in stack.packs if pack is not own), own.pack.title)


def _under(laws: list[str]) -> str:
    return f'<p class="under">under {escape("; ".join(laws))}</p>' if laws else ""


WIDTH, STEP, LOWEST, LINE = 184, 44, 118, 15
"""Of a rung, in the picture's own units: width, how much higher than the one before, height of the lowest, a line of text."""


def ladder_svg(stack: Stack) -> str:
    """The ladder as steps, lowest at the left, each with its number, its name, who may, and when it lapses."""
    high = LOWEST + STEP * (len(stack.ladder) - 1)
    names = ", then ".join(rung.name for rung in stack.ladder)
    wide = WIDTH * len(stack.ladder)
    return (
        f'<svg viewBox="0 0 {wide} {high}" role="img" aria-label="The ladder: {escape(names)}">'
        + "".join(_step(rung, high) for rung in stack.ladder)
        + "</svg>"
    )


def _step(rung: Rung, high: int) -> str:
    x, y = rung.place * WIDTH, high - LOWEST - rung.place * STEP
    review = f"lapses after {rung.review.text}" if rung.review else "never lapses"
    who = textwrap.wrap("; or ".join(rung.who_may), 26, max_lines=3, placeholder=" …")
    lines = [
        *((words, "name") for words in textwrap.wrap(f"{rung.order}. {rung.name}", 20, max_lines=2, placeholder=" …")),
        (review, "small"),
        *((words, "small") for words in who),
    ]
    text = "".join(
        f'<text x="{x + 14}" y="{y + 24 + LINE * number}" class="{kind}">{escape(words)}</text>'
        for number, (words, kind) in enumerate(lines)
    )
    box = f'<rect x="{x + 2}" y="{y + 1}" width="{WIDTH - 4}" height="{high - y - 2}" rx="4"/>'
    return f'<g class="rung rung-{min(rung.place, 5)}">{box}{text}</g>'


def _legend(parts: Iterable[Part]) -> str:
    """What the marks mean, and how many rules bear each."""
    lines = [line for part in parts for entry in part.entries for line in entry.below if line.rule is not None]
    found = {(line.rule.pack, line.rule.rule): line.rule.verified for line in lines if line.rule is not None}
    rows = "".join(
        f"<li>{_mark(mark)} {list(found.values()).count(mark)} rules</li>" for mark in MARKS if mark in found.values()
    )
    return f'<ul class="legend" aria-label="How far the rules were read in their sources">{rows}</ul>'


def _mark(mark: str) -> str:
    kind = "mark open" if mark in UNVERIFIED else "mark"
    return f'<span class="{kind}">{escape(MARKS[mark])}</span>'


def _anchor(part: Part) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in part.heading.lower())


def _link(part: Part) -> str:
    return f'<li><a href="#{_anchor(part)}">{escape(part.heading)}</a></li>'


def _section(part: Part) -> str:
    about = f'<p class="about">{escape(part.about)}</p>' if part.about else ""
    entries = "\n".join(_entry(entry) for entry in part.entries)
    return f'<section id="{_anchor(part)}"><h2>{escape(part.heading)}</h2>{about}\n{entries}</section>'


def _entry(entry: Entry) -> str:
    facts = [line for line in entry.below if line.rule is None]
    rules = [line for line in entry.below if line.rule is not None]
    said = f"<dl>{_facts(facts)}</dl>" if facts else ""
    sources = f'<ul class="sources">{"".join(_source(line) for line in rules)}</ul>' if rules else ""
    return f"<article><h3>{escape(entry.says)}</h3>{said}{sources}</article>"


def _facts(lines: list[Line]) -> str:
    """Lines with one label stand under it together; what two packs ask for, one of each, stays apart."""
    together = dict.fromkeys((line.label, line.group) for line in lines)
    return "".join(
        f"<div><dt>{escape(label)}</dt>"
        + "".join(f"<dd>{escape(line.words)}</dd>" for line in lines if (line.label, line.group) == (label, group))
        + "</div>"
        for label, group in together
    )


def _source(line: Line) -> str:
    rule = line.rule
    if rule is None:
        return ""
    says = f"<q>{escape(line.words)}</q> " if line.words else ""
    where = f"<cite>{escape(rule.source)}</cite> " if rule.source else ""
    return f"<li>{says}{where}{_mark(rule.verified)} <code>{escape(f'{rule.pack}:{rule.rule}')}</code></li>"
