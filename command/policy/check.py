"""What must hold between the rules of one pack: words that are defined, orders that make sense, the design's own bars."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from command.policy.check_arrests import check_arrests
from command.policy.check_force import check_force, conditions, spelled
from command.policy.check_sense import check_sense
from command.policy.durations import Span
from command.policy.duties import ending
from command.policy.event_words import OF_A_TOOL
from command.policy.model import (
    EVENT_NAMES,
    INCIDENT_COMMANDER,
    Authorizer,
    DutyRule,
    Enter,
    Exit,
    Level,
)
from command.policy.problems import nearest
from command.policy.reader import Place, Reader
from command.policy.stated import TOOLS, misspelt

UNIQUE = (
    ("position",), ("indicator",), ("level",), ("ask",), ("tool",), ("duty", "part"), ("text",), ("tactic",),
    ("warning",), ("posture",), ("prohibition",), ("succession",), ("delegation",), ("deescalation",), ("arrest",), ("charge",),
    ("guideline",), ("mutual_aid",), ("conduct",), ("site",),
)  # fmt: skip
"""Tables whose rules have ids; those in one pair of brackets share their ids."""

FOUND = frozenset(
    {
        "ForceReported",
        "ArrestRecorded",
        "ArrestSigned",
        "BagMoved",
        "CustodyAnswered",
        "CustodyTransferred",
        "DispositionDecided",
        "FacilityChecked",
        "HeadCounted",
        "HoldExplained",
        "OffenceRecorded",
        "PropertyTaken",
        "RestraintRecorded",
        "RightsGiven",
        "SiteClosed",
        "StationEntered",
    }
)
"""Reports that carry a finding which a duty may follow."""

RANK = re.compile(r"(\S+) or above")
_LEAVING = {
    "force reports complete", "munitions reconciled", "no grant open", "nobody in custody", "restraints off",
    "property given back", "transfers confirmed",
}  # fmt: skip
_NEEDS = {
    "command.transfer": {"briefing read"},
    "agency.admit": {"agreement", "accepted plan"},
    "unit.release": _LEAVING,
    "person.release": _LEAVING,
    "incident.close": _LEAVING,
}


def check(data: dict[str, Any], parts: dict[str, Any], reader: Reader) -> None:
    """Note every contradiction. Works on what could be read, and takes names from `data`, so that a rule
    with a mistake of its own still counts as defined."""
    names = _Names(data)
    _unique(data, reader)
    _sources(parts, reader)
    _head(parts, reader)
    _positions(data, parts, names, reader)
    _read_signs(data, parts, reader)
    _levels(len(data.get("level", ())), parts, names, reader)
    _asks(parts, names, reader)
    _duties(parts, reader)
    check_force(data, parts, reader, lambda way, at, what: _named_way(way, at, what, names, reader))
    check_arrests(data, parts, reader, lambda way, at, what: _named_way(way, at, what, names, reader))
    check_sense(data, parts, reader)
    _links(parts, names, reader)
    if data.get("tool") and "force" not in data:
        reader.note(Place("tool", 0, "[[tool]]"), "a table [force] beside the tools", "none")
    for text, at in parts.get("text", ()):
        if not text.words:
            reader.note(at.below("words"), 'at least one language, as in { en = "…" }', "an empty table")


class _Names:
    """The words that the pack defines, by kind. `law`: a law or agreement, which adds to another pack's ladder."""

    def __init__(self, data: dict[str, Any]) -> None:
        head = data.get("pack")
        self.law = isinstance(head, dict) and head.get("kind") in ("law", "agreement")
        self.levels = list(_ids(data, "level"))
        self.positions = list(_ids(data, "position"))
        self.indicators = list(_ids(data, "indicator"))
        ranks = data.get("ranks")
        order = ranks.get("order") if isinstance(ranks, dict) else None
        self.ranks = [rank for rank in order if isinstance(rank, str)] if isinstance(order, list) else []


def _ids(data: dict[str, Any], key: str) -> Iterator[str]:
    items = data.get(key)
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict) and isinstance(item.get("id"), str):
            yield item["id"]


def _unique(data: dict[str, Any], reader: Reader) -> None:
    for keys in UNIQUE:
        seen: set[str] = set()
        for key in keys:
            items = data.get(key)
            for index, item in enumerate(items if isinstance(items, list) else ()):
                name = item.get("id") if isinstance(item, dict) else None
                if isinstance(name, str) and name in seen:
                    reader.note(Place(key, index, f'{key} "{name}"', "id", "id"), "an id used once", f'"{name}" again')
                elif isinstance(name, str):
                    seen.add(name)


def _sources(parts: dict[str, Any], reader: Reader) -> None:
    head = parts.get("pack")
    if head is None or head[0].kind not in ("law", "template"):
        return
    if not head[0].sources:
        reader.note(head[1].below("sources"), f"at least one source in a {head[0].kind}", "an empty list")
    for key in (*(key for keys in UNIQUE for key in keys), "force", "relay", "suspension"):
        found = parts.get(key, [])
        for rule, at in [found] if isinstance(found, tuple) else found:
            for field in ("source", "verified"):
                if not getattr(rule, field):
                    reader.note(at, f'the field "{field}" for every rule of a {head[0].kind}', "nothing")


def _head(parts: dict[str, Any], reader: Reader) -> None:
    if "pack" in parts:
        head, at = parts["pack"]
        begin, end = head.in_force.from_, head.in_force.to
        if begin and end and end < begin:
            reader.note(at.below("in_force"), f"a last day not before the first, {begin}", str(end))
    if "limits" in parts:
        limits, at = parts["limits"]
        for field in ("ask_age", "ask_expires", "grant", "exits", "warnings"):
            _clocked(getattr(limits, field), at.below(field), reader)


def _clocked(span: Span | None, at: Place, reader: Reader) -> None:
    if span is not None and span.business_days is not None:
        reader.note(at, "a duration on the clock", f'"{span.text}"')
    elif span is not None and span.seconds is None and at.table == "limits":
        reader.note(at, "a known duration", '"unknown"')


def _positions(data: dict[str, Any], parts: dict[str, Any], names: _Names, reader: Reader) -> None:
    if data.get("level") and not names.law and INCIDENT_COMMANDER not in _ids(data, "position"):
        reader.note(Place("position", 0, "[[position]]"), f'a position "{INCIDENT_COMMANDER}" beside levels', "none")
    for position, at in parts.get("position", ()):
        if position.id == INCIDENT_COMMANDER and position.agency != "lead":
            # The requesting agency never gives up primary control (domain notes A29).
            reader.note(at.below("agency"), '"lead" for the incident commander', f'"{position.agency}"')


def _words(condition: Enter | Exit | None) -> Iterable[str]:
    return () if condition is None else spelled((*condition.any, *condition.all))


def _read_signs(data: dict[str, Any], parts: dict[str, Any], reader: Reader) -> None:
    """A sign that is read from the record stands in conditions of levels; elsewhere there are other words for it."""
    warnings, read = list(_ids(data, "warning")), set()
    for sign, at in parts.get("indicator", ()):
        if sign.warning is not None:
            _known(sign.warning, warnings, "a warning of this pack", at.below("warning"), reader)
        if sign.warning is not None or sign.exits:
            read.add(sign.id)
    for table, field in (("tactic", "needs"), ("posture", "needs"), ("prohibition", "unless")):
        for rule, at in parts.get(table, ()):
            for word in _words(getattr(rule, field)):
                if word in read:
                    expected = "a sign that someone finds; a tactic asks for warnings and ways out by its `warning`"
                    reader.note(at.below(field), expected, f'"{word}", which is read from the record', word=word)


def _levels(count: int, parts: dict[str, Any], names: _Names, reader: Reader) -> None:
    levels = sorted(parts.get("level", ()), key=lambda item: item[0].order)
    orders: set[int] = set()
    whole = len(levels) == count  # else the lowest of those that could be read need not be the lowest
    for number, (level, at) in enumerate(levels):
        if level.order in orders:
            reader.note(at.below("order"), "an order used once", f"{level.order} again")
        orders.add(level.order)
        if names.law:
            _legal_level(level, at, names, reader)
        elif number == 0 and whole:
            _first_level(level, at, reader)
        elif number:
            _higher_level(level, at, names, reader)


def _first_level(level: Level, at: Place, reader: Reader) -> None:
    for field in ("enter", "exit", "review"):
        if getattr(level, field) is not None:
            # A2: one never has to earn the lowest level, and it does not lapse: below it there is nothing.
            reader.note(at.below(field), f'no "{field}" at the lowest level', "one")


def _higher_level(level: Level, at: Place, names: _Names, reader: Reader) -> None:
    for field in ("enter", "review"):
        if getattr(level, field) is None:
            reader.note(at, f'the field "{field}" above the lowest level', "nothing")
    if not level.authorizer:
        reader.note(at, 'the field "authorizer" above the lowest level', "nothing")
    _legal_level(level, at, names, reader)


def _legal_level(level: Level, at: Place, names: _Names, reader: Reader) -> None:
    """What holds for every level; one of a law may leave authorizer and review to the plan that it stands on."""
    if level.review is not None:
        _clocked(level.review, at.below("review"), reader)
    if level.enter is not None:
        conditions(level.enter, at.below("enter"), names.indicators, reader)
    if level.exit is not None:
        for word in (*_words(level.exit), *level.exit.gone):
            _known(word, names.indicators, "an indicator of this pack", at.below("exit"), reader)
    for way in level.authorizer:
        _named_way(way, at.below("authorizer"), "of a level", names, reader)


def _named_way(way: Authorizer, at: Place, what: str, names: _Names, reader: Reader) -> None:
    """An authorizer whose words are defined and who, where `what` says of what, commands."""
    _way(way, at, names, reader)
    if what:
        _commanding(way, at, what, reader)


def _way(way: Authorizer, at: Place, names: _Names, reader: Reader) -> None:
    for position in way.positions:
        _known(position, names.positions, "a position of this pack (a [[position]])", at.below("positions"), reader)
    for field, rank in (("rank", way.rank), ("designee", way.designee)):
        if rank is None:
            continue
        match = RANK.fullmatch(rank)
        if match is None:
            reader.note(at.below(field), 'a rank "… or above"', f'"{rank}"', word=rank)
        else:
            _known(match[1], names.ranks, "a rank of [ranks]", at.below(field), reader)
    if way.designee is not None and way.rank is None:
        reader.note(at.below("designee"), "a rank whose designee this is", "none")


def _links(parts: dict[str, Any], names: _Names, reader: Reader) -> None:
    if "links" not in parts:
        return
    links, at = parts["links"]
    for local in links.ranks.values():
        if names.ranks and not names.law:
            _known(local, names.ranks, "a rank of [ranks]", at.below("ranks"), reader)
    for local in links.levels.values():
        if names.levels and not names.law:
            _known(local, names.levels, "a level of this pack", at.below("levels"), reader)


def _commanding(way: Authorizer, at: Place, what: str, reader: Reader) -> None:
    """An authorizer who commands is of the lead agency (A29) and is more than anybody in it."""
    if way.agency != "lead":
        reader.note(at.below("agency"), f'"lead" for an authorizer {what}', f'"{way.agency}"', word=way.agency)
    if not way.positions and way.rank is None:
        reader.note(at, f"a position or a rank for an authorizer {what}", "neither")


def _known(word: str, known: list[str], what: str, at: Place, reader: Reader) -> None:
    if word not in known:
        reader.note(at, what, f'"{word}"', nearest(word, known), word)


def _asks(parts: dict[str, Any], names: _Names, reader: Reader) -> None:
    actions: set[str] = set()
    for rule, at in parts.get("ask", ()):
        if rule.action in actions:
            reader.note(at.below("action"), "one rule for an action", f'"{rule.action}" again')
        actions.add(rule.action)
        if not rule.who:
            reader.note(at.below("who"), "at least one who may", "an empty list")
        for way in rule.who:
            _way(way, at.below("who"), names, reader)
            if rule.action == "command.transfer":
                _commanding(way, at.below("who"), "of a transfer of command", reader)
            elif way.agency == "own unit" and not rule.action.startswith(("unit.", "person.")):
                reader.note(at.below("who").below("agency"), '"own unit" only for unit.* actions', f'"{rule.action}"')
        for need in rule.needs:
            if need not in _NEEDS.get(rule.action, ()):
                fits = next(action for action, needs in _NEEDS.items() if need in needs)
                reader.note(at.below("needs"), f'"{need}" only for {fits}', f'"{rule.action}"')


def _duties(parts: dict[str, Any], reader: Reader) -> None:
    tools = [tool.id for tool, _ in parts.get("tool", ())]
    for duty, at in parts.get("duty", ()):
        _duty(duty, at, reader)
        for tool in duty.starts.tools:  # another pack may name it, but a near miss of one here is a typing error
            if tool not in tools and (guess := misspelt(tool, (*tools, *TOOLS))):
                reader.note(at.below("starts").below("tools"), "a tool of this pack", f'"{tool}"', guess, tool)


def _duty(duty: DutyRule, at: Place, reader: Reader) -> None:
    events = sorted(EVENT_NAMES)
    _known(duty.starts.event, events, "the name of an event", at.below("starts").below("event"), reader)
    for event in ending(duty):
        _known(event, events, "the name of an event", at.below("ends"), reader)
    if duty.starts.kinds and duty.starts.event != "CriticalEventDeclared":
        reader.note(
            at.below("starts"), "kinds only with CriticalEventDeclared", f'"{duty.starts.event}"', word="starts"
        )
    if duty.starts.tools and duty.starts.event not in OF_A_TOOL:
        reader.note(
            at.below("starts"),
            f"tools only with {', '.join(sorted(OF_A_TOOL))}",
            f'"{duty.starts.event}"',
            word="starts",
        )
    found = duty.starts.findings and duty.starts.event not in FOUND
    if found or (duty.starts.exigent is not None and duty.starts.event != "ForceReported"):
        reader.note(
            at.below("starts"),
            "exigent only with ForceReported, findings only with a report that has one",
            f'"{duty.starts.event}"',
            word="starts",
        )
