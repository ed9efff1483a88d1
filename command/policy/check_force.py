"""What must hold between the rules on force, posture, succession and the calendar of one pack."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from command.policy.model import (
    AllOf,
    Authorizer,
    Bars,
    Calendar,
    CoSigner,
    Enter,
    PostureRule,
    Prohibition,
    Tactic,
    Tool,
    WarningRule,
)
from command.policy.problems import nearest, shown
from command.policy.reader import Place, Reader
from command.policy.stated import BODIES, COMMON_GROUNDS, KNOWN_ZONES, TOOLS, misspelt


class Ways(Protocol):
    """Checks an authorizer: its positions, its ranks and, where it commands, its agency."""

    def __call__(self, way: Authorizer, at: Place, what: str) -> None: ...


class Words:
    """The ids that this pack defines, by kind."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.of = {key: _ids(data, key) for key in ("position", "indicator", "level", "tool", "warning", "text")}
        own = data.get("words")
        listed = {key: own.get(key) if isinstance(own, dict) else None for key in ("grounds", "zones")}
        self.own = {key: tuple(said) if isinstance(said, dict) else () for key, said in listed.items()}
        posts = data.get("position")
        taken = [post.get("training") for post in posts if isinstance(post, dict)] if isinstance(posts, list) else []
        self.courses = [course for one in taken if isinstance(one, list) for course in one if isinstance(course, str)]
        self.law = isinstance(data.get("pack"), dict) and data["pack"].get("kind") in ("law", "agreement")


def _ids(data: dict[str, Any], key: str) -> list[str]:
    items = data.get(key)
    found = items if isinstance(items, list) else ()
    return [item["id"] for item in found if isinstance(item, dict) and isinstance(item.get("id"), str)]


def check_force(data: dict[str, Any], parts: dict[str, Any], reader: Reader, ways: Ways) -> None:
    """Note every contradiction among the tables that this module knows."""
    words = Words(data)
    _emptied(data, reader)
    _bodies(parts, reader)
    for tool, at in parts.get("tool", ()):
        _tool(tool, at, reader)
    for tactic, at in parts.get("tactic", ()):
        _tactic(tactic, at, words, reader, ways)
    for warning, at in parts.get("warning", ()):
        _warning(warning, at, words, reader, ways)
    for posture, at in parts.get("posture", ()):
        _posture(posture, at, words, reader, ways)
    for prohibition, at in parts.get("prohibition", ()):
        _prohibition(prohibition, at, words, reader)
    for rule, at in parts.get("succession", ()):
        _known(rule.position, words.of["position"], "a position of this pack", at.below("position"), reader)
        for key in rule.order:
            _known(key, words.of["position"], "a position of this pack", at.below("order"), reader)
            if key == rule.position:
                reader.note(at.below("order"), "other positions than the one that is empty", f'"{key}"', word=key)
    for rule, at in parts.get("delegation", ()):
        if (rule.position is None) == (rule.rank is None):
            reader.note(at, "either a position or a rank", "both" if rule.rank else "neither")
        ways(Authorizer(positions=(rule.position,) if rule.position else (), rank=rule.rank), at, "")
        ways(Authorizer(rank=rule.to), at.below("to"), "")
    if "suspension" in parts:
        rule, at = parts["suspension"]
        if words.law:
            reader.note(at, "no suspension of a law or agreement", "one")
        if rule.longest.seconds is None:
            reader.note(at.below("longest"), "a known duration on the clock", f'"{rule.longest.text}"')
    if "calendar" in parts:
        calendar, at = parts["calendar"]
        _calendar(calendar, at, reader)


def _emptied(data: dict[str, Any], reader: Reader) -> None:
    """An empty list of authorizers would be nobody, an empty table of bars everything: both look like nothing."""
    for table in ("tactic", "level", "posture", "prohibition"):
        items = data.get(table)
        for index, rule in enumerate(items if isinstance(items, list) else ()):
            if not isinstance(rule, dict):
                continue
            label = f'{table} "{rule.get("id", index + 1)}"'
            if rule.get("authorizer") == []:
                at = Place(table, index, label, "authorizer", "authorizer")
                reader.note(
                    at, 'somebody who may, or no field "authorizer" where the rule only limits', "an empty list"
                )
            if rule.get("bars") == {}:
                at = Place(table, index, label, "bars", "bars")
                reader.note(at, 'what is barred, or no field "bars" where the tools themselves are', "an empty table")


def _bodies(parts: dict[str, Any], reader: Reader) -> None:
    said = [(parts["pack"][0].binds, parts["pack"][1])] if "pack" in parts else []
    said += [(rule.binds, at) for table in ("tactic", "prohibition") for rule, at in parts.get(table, ())]
    said += [(who.binds, at.below("cosigner")) for rule, at in parts.get("tactic", ()) for who in rule.cosigner]
    for kinds, at in said:
        for kind in kinds:
            if guess := misspelt(kind, BODIES):
                reader.note(at.below("binds"), "a kind of body as agencies say it", f'"{kind}"', guess, kind)


def _trained(courses: tuple[str, ...], at: Place, words: Words, reader: Reader) -> None:
    """A course that is nearly one that a position takes is that one, misspelt: nobody would ever have it."""
    for course in courses:
        if guess := misspelt(course, words.courses):
            reader.note(at, "a course as the positions of this pack call it", f'"{course}"', guess, course)


def _tool(tool: Tool, at: Place, reader: Reader) -> None:
    """What is never authorized is not handed out, and what is not handed out has nothing to count it in."""
    if tool.munition and tool.grant == "never":
        reader.note(at.below("munition"), "no munition of what is never authorized", "true", word="munition")
    if tool.munition is False and tool.unit:
        reader.note(at.below("unit"), "a unit only of what is handed out by number", shown(tool.unit), word="unit")


def _tools(tools: tuple[str, ...], at: Place, words: Words, reader: Reader) -> None:
    """A measure against a whole group is no [[tool]], but a near miss of one is a typing error.

    A law names tools of the plans that it will stand on: there a near miss of what tools are commonly called is one.
    """
    own = words.of["tool"]
    for tool in tools:
        if tool not in own and (guess := nearest(tool, own) if tool not in TOOLS else ""):
            reader.note(at.below("tools"), "a tool of this pack or a measure", f'"{tool}"', guess, tool)
        elif tool not in own and (guess := misspelt(tool, TOOLS)):
            reader.note(at.below("tools"), "a tool or measure as plans call it", f'"{tool}"', guess, tool)


def _bars(bars: Bars, at: Place, words: Words, reader: Reader) -> None:
    """Words for parts of the body and grounds are common to all packs: a near miss of one would bar nothing."""
    for field, said, common in (
        ("zones", bars.zones, (*KNOWN_ZONES, *words.own["zones"])),
        ("never_solely_for", bars.never_solely_for, (*COMMON_GROUNDS, *words.own["grounds"])),
        ("never_for", bars.never_for, (*COMMON_GROUNDS, *words.own["grounds"])),
    ):
        for word in said:
            if guess := misspelt(word, sorted(common)):
                what = "a part of the body" if field == "zones" else "a ground"
                reader.note(
                    at.below(field), f"{what} in the words of all packs, or of [words]", f'"{word}"', guess, word
                )


def _tactic(rule: Tactic, at: Place, words: Words, reader: Reader, ways: Ways) -> None:
    _tools(rule.tools, at, words, reader)
    _bars(rule.bars, at.below("bars"), words, reader)
    if rule.level is not None and not words.law:
        _known(rule.level, words.of["level"], "a level of this pack", at.below("level"), reader)
    if rule.warning is not None:
        _known(rule.warning, words.of["warning"], "a [[warning]] of this pack", at.below("warning"), reader)
    if rule.needs is not None:
        conditions(rule.needs, at.below("needs"), words.of["indicator"], reader)
    _clock(rule.lasts, at.below("lasts"), reader)
    _trained(rule.user_training, at.below("user_training"), words, reader)
    for way in rule.authorizer:
        ways(way, at.below("authorizer"), "of force")
        _trained(way.training, at.below("authorizer"), words, reader)
    for signer in rule.cosigner:
        for field, found in (("when", signer.when), ("unless", signer.unless)):
            if found is not None:
                conditions(found, at.below("cosigner").below(field), words.of["indicator"], reader)
        _signer(signer, at.below("cosigner"), reader, ways)


def _signer(signer: CoSigner, at: Place, reader: Reader, ways: Ways) -> None:
    duty = bool(signer.positions) or signer.rank is not None
    if duty == (signer.office is not None):
        came = "both" if duty else "neither"
        reader.note(at, "either an office, or a position or rank on duty", came, word="cosigner")
    if duty:
        ways(Authorizer(positions=signer.positions, rank=signer.rank), at, "of force")


def _warning(rule: WarningRule, at: Place, words: Words, reader: Reader, ways: Ways) -> None:
    if rule.level is not None and not words.law:
        _known(rule.level, words.of["level"], "a level of this pack", at.below("level"), reader)
    for text in rule.texts:
        _known(text, words.of["text"], "a [[text]] of this pack", at.below("texts"), reader)
    number, fewer = rule.count.number, rule.imminent_count.number if rule.imminent_count else None
    if number is not None and number > 1 and rule.interval is None:
        reader.note(at, 'the field "interval" where there is more than one warning', "nothing")
    if (rule.imminent_if is None) != (rule.imminent_count is None):
        reader.note(at, "imminent_if and imminent_count together", "one of them")
    if rule.imminent_if is not None:
        _known(rule.imminent_if, words.of["indicator"], "an indicator of this pack", at.below("imminent_if"), reader)
    if number is not None and fewer is not None and fewer > number:
        reader.note(at.below("imminent_count"), f"at most the count, {number}", str(fewer))
    for field in ("interval", "wait", "lapses"):
        _clock(getattr(rule, field), at.below(field), reader)
    for way in rule.by:
        ways(way, at.below("by"), "")


def _posture(rule: PostureRule, at: Place, words: Words, reader: Reader, ways: Ways) -> None:
    if not rule.authorizer and not words.law:
        reader.note(at, 'the field "authorizer" for gear and vehicles', "nothing")
    if rule.level is not None and not words.law:
        _known(rule.level, words.of["level"], "a level of this pack", at.below("level"), reader)
    if rule.needs is not None:
        conditions(rule.needs, at.below("needs"), words.of["indicator"], reader)
    _clock(rule.review, at.below("review"), reader)
    for field, listed in (("authorizer", rule.authorizer), ("ready", rule.ready)):
        for way in listed:
            ways(way, at.below(field), "of posture")


def _prohibition(rule: Prohibition, at: Place, words: Words, reader: Reader) -> None:
    if not rule.tools and not rule.purposes and rule.bars == Bars():
        reader.note(at, "tools, purposes or bars: what is prohibited", "none of them")
    _tools(rule.tools, at, words, reader)
    _bars(rule.bars, at.below("bars"), words, reader)
    if rule.unless is not None:
        conditions(rule.unless, at.below("unless"), words.of["indicator"], reader)


def _calendar(rule: Calendar, at: Place, reader: Reader) -> None:
    try:
        ZoneInfo(rule.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        known = {zone.lower(): zone for zone in available_timezones()}
        guess = known.get(rule.time_zone.lower(), "") or nearest(
            rule.time_zone, known.values() if "/" in rule.time_zone else ()
        )
        reader.note(at.below("time_zone"), "a time zone such as America/Chicago", shown(rule.time_zone), guess)
    seen = set()
    for holiday in rule.holidays:
        if holiday.on in seen:
            reader.note(at.below("holidays"), "each holiday once", f"{holiday.on} again", word=str(holiday.on))
        seen.add(holiday.on)


def conditions(enter: Enter, at: Place, indicators: list[str], reader: Reader) -> None:
    """A condition names something, and only what the pack defines."""
    if not enter.any and not enter.all:
        reader.note(at, 'indicators in "any" or "all"', "an empty table")
    for word in spelled((*enter.any, *enter.all)):
        _known(word, indicators, "an indicator of this pack", at, reader)


def spelled(items: Iterable[str | AllOf]) -> Iterable[str]:
    """Every id that a condition names."""
    for item in items:
        yield from (item,) if isinstance(item, str) else item.all


def _clock(span: Any, at: Place, reader: Reader) -> None:
    if span is not None and span.by_calendar:
        reader.note(at, "a duration on the clock", f'"{span.text}"')


def _known(word: str, known: list[str], what: str, at: Place, reader: Reader) -> None:
    if word not in known:
        reader.note(at, what, f'"{word}"', nearest(word, known), word)
