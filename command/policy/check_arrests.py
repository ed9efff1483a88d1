"""What must hold between rules on arrests and clocks: words of the vocabulary, charges with a warning to rest on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from command.policy.arrests import MASS_ARREST
from command.policy.duties import conditions, end_of
from command.policy.event_words import values_of
from command.policy.model import Authorizer, DutyRule, Tactic
from command.policy.model_more import STILL_WRITTEN, ArrestRule, Charge, Guideline, SiteRule
from command.policy.problems import nearest
from command.policy.reader import Place, Reader

NamedWay = Callable[[Authorizer, Place, str], None]


def check_arrests(data: dict[str, Any], parts: dict[str, Any], reader: Reader, named_way: NamedWay) -> None:
    """Note what contradicts itself. `data` holds the names that the pack defines, `parts` what could be read."""
    for duty, at in parts.get("duty", ()):
        _duty(duty, at, reader)
    warnings, charges = list(_ids(data, "warning")), list(_ids(data, "charge"))
    for rule, at in parts.get("arrest", ()):
        _arrest(rule, at, warnings, reader)
        for word in rule.charges:
            _charge_of(word, at.below("charges"), charges, reader)
        for way in rule.who:
            named_way(way, at.below("who"), _WHOSE.get(rule.topic, "of an arrest"))
    for site, at in parts.get("site", ()):
        _site(site, at, reader)
    for rule, at in parts.get("guideline", ()):
        _guideline(rule, at, charges, reader)
    _rests(parts, reader)


_WHOSE = {"procedure": "of a procedure in place of the record", "release": "of a release that is due"}


def _ids(data: dict[str, Any], key: str) -> Iterator[str]:
    items = data.get(key)
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict) and isinstance(item.get("id"), str):
            yield item["id"]


# Duties ---------------------------------------------------------------------------


def _duty(duty: DutyRule, at: Place, reader: Reader) -> None:
    if duty.starts.when:
        _says(duty.starts.event, duty.starts.when, at.below("starts").below("when"), reader)
    for end in duty.ends:
        event, where = end_of(end)
        if where:
            _says(event, where, at.below("ends"), reader)


def _says(event: str, text: str, at: Place, reader: Reader) -> None:
    """ "act = applied and position = behind": fields of that event with a closed list of values, and one of those."""
    known = values_of(event)
    for field, value in conditions(text):
        if field not in known:
            expected = f"a public field of {event} with a list of values: {', '.join(known) or 'it has none'}"
            reader.note(at, expected, f'"{field}"', nearest(field, known), field)
        elif value not in known[field]:
            expected = f"one of {', '.join(known[field])} for {field} of {event}"
            reader.note(at, expected, f'"{value}"', nearest(value, known[field]), value)


# Arrests --------------------------------------------------------------------------


def _arrest(rule: ArrestRule, at: Place, warnings: list[str], reader: Reader) -> None:
    _only(rule.code is not None, rule.topic, ("custody exception",), "code", at, reader)
    _only(bool(rule.never), rule.topic, ("restraint",), "never", at, reader)
    _only(rule.warning is not None, rule.topic, ("curfew",), "warning", at, reader)
    _only(bool(rule.replaces), rule.topic, ("procedure",), "replaces", at, reader)
    _only(bool(rule.who), rule.topic, ("procedure", "release"), "who", at, reader)
    _only(bool(rule.charges), rule.topic, ("protected role",), "charges", at, reader)
    if rule.topic == "custody exception" and rule.code is None:
        reader.note(at, 'the field "code", by which a record names the exception', "nothing")
    if rule.topic == "procedure" and rule.within is None:
        reader.note(at, 'the field "within": a procedure in place of the record ends', "nothing")
    if rule.before is not None and not rule.items:
        reader.note(at.below("before"), "items that have to be there by then", "none", word=rule.before)
    if rule.topic == "curfew" and rule.warning is not None and rule.warning not in warnings:
        near = nearest(rule.warning, warnings)
        reader.note(at.below("warning"), "a warning of this pack", f'"{rule.warning}"', near, rule.warning)
    for item in rule.replaces:
        if item in STILL_WRITTEN:
            expected = (
                "what may be written later: the basis of each person's own arrest is written for them all the same"
            )
            reader.note(at.below("replaces"), expected, f'"{item}"', word=item)


def _only(said: bool, topic: str, topics: Iterable[str], field: str, at: Place, reader: Reader) -> None:
    if said and topic not in topics:
        reader.note(at.below(field), f'"{field}" only under the topic {" or ".join(topics)}', f'"{topic}"', word=field)


def _site(rule: SiteRule, at: Place, reader: Reader) -> None:
    """A rule on sites asks for something; courses need a number of people, and only a vehicle arrives."""
    asks = (rule.items, rule.staff, rule.apart, rule.recheck, rule.arrival)
    if not any(asks):
        reader.note(at, "something to ask for: items, staff, apart, recheck or arrival", "nothing")
    if rule.training and rule.staff is None:
        reader.note(at.below("training"), 'the field "staff": of how many people', "nothing")
    if rule.arrival is not None and rule.kinds != ("vehicle",):
        reader.note(
            at.below("arrival"), 'an arrival only with kinds = ["vehicle"]', ", ".join(rule.kinds) or "all kinds"
        )
    for place, item in enumerate(rule.items):
        if item in rule.items[:place]:
            reader.note(at.below("items"), "each item once", f'"{item}" again', word=item)


def _guideline(rule: Guideline, at: Place, charges: list[str], reader: Reader) -> None:
    _charge_of(rule.offence, at.below("offence"), charges, reader)


def _charge_of(word: str, at: Place, charges: list[str], reader: Reader) -> None:
    """It may be another pack's charge; a word that is nearly one of this pack's is a slip."""
    if word not in charges and (near := nearest(word, charges)):
        reader.note(at, "the id of a [[charge]]", f'"{word}"', near, word)


def _rests(parts: dict[str, Any], reader: Reader) -> None:
    """In a plan of its own, a charge that rests on an order needs the order: else no such arrest could ever stand."""
    if "pack" not in parts or parts["pack"][0].kind in ("law", "agreement"):
        return
    tactics: Iterable[tuple[Tactic, Place]] = parts.get("tactic", ())
    order = any(MASS_ARREST in tactic.tools and tactic.warning for tactic, _ in tactics)
    curfew = any(rule.topic == "curfew" for rule, _ in parts.get("arrest", ()))
    charges: Iterable[tuple[Charge, Place]] = parts.get("charge", ())
    for charge, at in charges:
        if charge.rests_on == "order to disperse" and not order:
            expected = (
                f'a [[tactic]] for "{MASS_ARREST}" with a warning, for a charge that rests on an order to disperse'
            )
            reader.note(at.below("rests_on"), expected, "none", word=charge.rests_on)
        if charge.rests_on == "curfew" and not curfew:
            expected = "an [[arrest]] rule on curfews, for a charge that rests on one"
            reader.note(at.below("rests_on"), expected, "none", word=charge.rests_on)
