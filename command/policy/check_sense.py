"""Rules that read well, one by one, and make no sense together: circles, gaps, things said twice, clocks that never fit."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from command.policy.model import ApprovedText, Authorizer, Calendar, DutyRule, Enter, Level, Limits, WarningRule
from command.policy.problems import nearest
from command.policy.reader import Place, Reader

LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
"""A language tag as people write them (RFC 5646, without its rarities)."""


def check_sense(data: dict[str, Any], parts: dict[str, Any], reader: Reader) -> None:
    """Note what contradicts itself, or says the same thing twice as if it were two."""
    ranks = parts["ranks"][0].order if "ranks" in parts else ()
    if "ranks" in parts:
        _once(ranks, parts["ranks"][1].below("order"), "each rank once", reader)
    head = parts.get("pack")
    if (
        head is not None
        and head[0].kind not in ("law", "agreement")
        and len(parts.get("level", ())) == len(data.get("level", ()))
    ):
        _gaps(parts.get("level", ()), reader)
    _succession(parts.get("succession", ()), reader)
    for rule, at in parts.get("level", ()):
        _signs(rule.enter, at.below("enter"), reader)
        for way in rule.authorizer:
            _designee(way, ranks, at.below("authorizer"), reader)
    for rule, at in parts.get("tactic", ()):
        _signs(rule.needs, at.below("needs"), reader)
        for way in rule.authorizer:
            _designee(way, ranks, at.below("authorizer"), reader)
    for rule, at in parts.get("duty", ()):
        _duty(rule, at, reader)
    texts = {text.id: text for text, _ in parts.get("text", ())}
    for text, at in parts.get("text", ()):
        _text(text, at, reader)
    for rule, at in parts.get("warning", ()):
        _warning(rule, texts, at, reader)
    if "limits" in parts:
        limits, at = parts["limits"]
        _holds(limits, parts.get("warning", ()), at.below("warnings"), reader)
    if "calendar" in parts:
        calendar, at = parts["calendar"]
        _calendar(calendar, at, reader)


def _once(words: Iterable[str], at: Place, expected: str, reader: Reader) -> None:
    for word, count in Counter(words).items():
        if count > 1:
            reader.note(at, expected, f'"{word}" again', word=word)


def _gaps(levels: list[tuple[Level, Place]], reader: Reader) -> None:
    """People say "one level up": a number that is missing between two would be taken for a level."""
    ordered = sorted(levels, key=lambda item: item[0].order)
    for (below, _), (level, at) in pairwise(ordered):
        if level.order > below.order + 1:
            expected = f'{below.order + 1}, the next above level "{below.id}"'
            reader.note(at.below("order"), expected, str(level.order), str(below.order + 1))


def _succession(rules: list[tuple[Any, Place]], reader: Reader) -> None:
    follows: dict[str, tuple[str, ...]] = {}
    for rule, at in rules:
        if rule.position in follows:
            reader.note(
                at.below("position"), "one succession for a position", f'"{rule.position}" again', word=rule.position
            )
        follows.setdefault(rule.position, rule.order)
        _once(rule.order, at.below("order"), "each position once", reader)
    for rule, at in rules:
        if circle := _circle(rule.position, follows):
            reader.note(at.below("order"), "a succession that comes to an end", f"the circle {' → '.join(circle)}")
            return  # once: the other rules of the circle say the same


def _circle(start: str, follows: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The way from a position back to itself through other positions; empty where there is none."""
    ways: list[tuple[str, ...]] = [(start, word) for word in follows.get(start, ()) if word != start]
    seen: set[str] = set()
    while ways:
        way = ways.pop()
        for word in follows.get(way[-1], ()):
            if word == start:
                return (*way, start)
            if word not in seen:
                seen.add(word)
                ways.append((*way, word))
    return ()


def _signs(enter: Enter | None, at: Place, reader: Reader) -> None:
    """A sign that is needed anyway is no choice, and one named twice counts once."""
    if enter is not None:
        _once(
            (*(item for item in enter.any if isinstance(item, str)), *dict.fromkeys(enter.all)),
            at,
            "each sign once",
            reader,
        )


def _designee(way: Authorizer, ranks: tuple[str, ...], at: Place, reader: Reader) -> None:
    rank, designee = ((said or "").removesuffix(" or above") for said in (way.rank, way.designee))
    if rank in ranks and designee in ranks and ranks.index(designee) >= ranks.index(rank):
        expected = f'a designee below "{rank}", who would need no delegation otherwise'
        reader.note(at.below("designee"), expected, f'"{way.designee}"', word=way.designee or "")


def _duty(rule: DutyRule, at: Place, reader: Reader) -> None:
    if rule.starts.event in rule.ends and not rule.starts.findings:  # one with such a finding ends nothing
        reader.note(at.below("ends"), "another event than the one that it starts with", f'"{rule.starts.event}"')


def _text(text: ApprovedText, at: Place, reader: Reader) -> None:
    for language in text.words:
        if not LANGUAGE.fullmatch(language):
            guess = nearest(language[:2].lower(), ("en", "es", "zh", "pl", "ar", "fr", "vi", "ko", "ru", "hi"))
            reader.note(at.below("words"), "a language such as en, es or zh-Hant", f'"{language}"', guess, language)


def _warning(rule: WarningRule, texts: dict[str, ApprovedText], at: Place, reader: Reader) -> None:
    wait, lapses = (span.seconds if span is not None else None for span in (rule.wait, rule.lapses))
    if wait is not None and lapses is not None and lapses <= wait:
        reader.note(
            at.below("lapses"),
            f"longer than the wait, {rule.wait and rule.wait.text}",
            f'"{rule.lapses and rule.lapses.text}"',
        )
    for language in rule.languages:
        if not LANGUAGE.fullmatch(language):
            reader.note(at.below("languages"), "a language such as en, es or zh-Hant", f'"{language}"', word=language)
    for word in rule.texts:
        if (text := texts.get(word)) is not None:
            _fits(rule, text, at.below("texts"), reader)


def _holds(limits: Limits, warnings: Iterable[tuple[WarningRule, Place]], at: Place, reader: Reader) -> None:
    """Warnings that no longer count when the time to leave is over would permit nothing, ever."""
    holds = limits.warnings.seconds if limits.warnings else None
    for rule, _ in warnings:
        if holds is not None and rule.wait and rule.wait.seconds is not None and rule.wait.seconds >= holds:
            expected = f'longer than the wait of warning "{rule.id}", {rule.wait.text}'
            reader.note(at, expected, f'"{limits.warnings and limits.warnings.text}"')


def _fits(rule: WarningRule, text: ApprovedText, at: Place, reader: Reader) -> None:
    """An approved text that lacks what the warning asks for could never count as it."""
    for language in rule.languages:
        if LANGUAGE.fullmatch(language) and language not in text.words:
            came = f'"{text.id}" in {", ".join(text.words) or "none"}'
            reader.note(at, f'a text with words in "{language}", which the warning asks for', came, word=text.id)
    for content in rule.says_what:
        if content not in text.holds:
            expected = f'a text that holds "{content}", which the warning asks for'
            reader.note(at, expected, f'"{text.id}"', nearest(content, text.holds), text.id)


def _calendar(rule: Calendar, at: Place, reader: Reader) -> None:
    for holiday in rule.holidays:
        if holiday.on > rule.known_to:
            expected = f"holidays up to known_to, {rule.known_to}"
            reader.note(at.below("holidays"), expected, str(holiday.on), word=str(holiday.on))
