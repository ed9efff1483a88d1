"""Have the warnings been given, as the plan wants them, so that what follows may follow?

A warning that lacks something is not counted, and the answer says what it lacked. Time is
compared, never counted down: the answer names the moment at which the next one counts.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from command.policy import exits
from command.policy.authority import Weighing, authority
from command.policy.durations import Count, Span, strictest, time_of_day
from command.policy.facts import Facts, LevelFact, WarningFact, lapsed
from command.policy.gates import Gate
from command.policy.measures import Warned
from command.policy.request import Request
from command.policy.stack import Stack

MOST_WARNINGS = 200
"""The newest that are looked at: more in one sector within a sequence's life are not a sequence."""

MOST_TOLD = 5
"""Warnings that do not count and are named, newest first: more than a sequence has, fewer than a page."""

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")


def check(
    warned: Warned,
    stack: Stack,
    facts: Facts,
    request: Request,
    now: datetime,
    found: frozenset[str],
    weighing: Weighing,
    holds: Span | None = None,
) -> None:
    """Weigh the warnings in the request's sector. `found`: what counts as found, for the reduced number.

    `holds`: for how long they count after the last, where the rules on them say no less; None: no limit beside theirs.
    """
    weighing.name(warned.rules)
    count = _count(warned, request, found, weighing)
    if count.number is None:
        weighing.need(f"how many warnings {warned.named} takes: no pack gives the number, and unknown denies")
        return
    lapses = strictest(warned.lapses, holds)
    if lapses is not None and lapses.seconds is None:
        weighing.need(f"for how long the warnings of {warned.named} hold: no pack gives the time, and unknown denies")
        return
    if request.sector is None:
        weighing.need("which sector was warned")
        return
    counted = _counted(warned, lapses, stack, facts, request, now, count.number, weighing)
    if warned.exits_open:
        exits.weigh(warned.named, facts, request.sector, now, strictest(lapses, stack.exits_hold), weighing)
    if len(counted) < count.number:
        _next(warned, counted, count.number, now, weighing)
    else:
        _waited(warned, counted[count.number - 1 :], now, weighing)


def _count(warned: Warned, request: Request, found: frozenset[str], weighing: Weighing) -> Count:
    if not request.imminent or warned.imminent_count is None:
        return warned.wanted
    lacking = [word for word in warned.imminent_if if word not in found]
    if lacking:
        weighing.note(f"fewer warnings will do only with the finding {', '.join(lacking)}")
        return warned.wanted
    return warned.imminent_count


def _counted(
    warned: Warned, lapses: Span | None, stack: Stack, facts: Facts, request: Request, now: datetime, wanted: int,
    weighing: Weighing,
) -> tuple[WarningFact, ...]:  # fmt: skip
    assert request.sector is not None
    moved = facts.crowd_moved(request.sector, now) if warned.lapses_when_moved else None
    good: list[WarningFact] = []
    uncounted: list[tuple[datetime, list[str]]] = []
    if moved is not None:
        weighing.note(f"warnings from before {time_of_day(moved)} UTC do not count: the crowd has moved on since")
    texts = warned.texts
    floor = max((stack.place(level) or 0 for level in warned.levels), default=0)
    held: LevelFact | None = None
    length, reach = lapses.length if lapses is not None else None, now
    for fact in reversed(facts.warnings_since(request.sector, moved, now)[-MOST_WARNINGS:]):
        if fact.text not in texts:
            continue
        lacks = _lacks(warned, stack, facts, request, fact)
        if floor and not lacks:
            if length is not None and reach - fact.at >= length:
                floor = 0  # from here on back all have lapsed: at which level they were given is nobody's question
            else:
                if held is None or held.since > fact.at:  # going back in time, each level is looked up once
                    held = facts.level(request.sector, fact.at)
                if why := _not_at_level(held, floor, stack, fact.at):
                    lacks.append(why)
                else:
                    reach = fact.at
        if lacks:
            uncounted.append((fact.at, lacks))
        else:
            good.append(fact)
    good.reverse()
    if not warned.same_person:
        run = _spaced(warned, lapses, good, now, weighing, uncounted)
        _tell(uncounted, weighing)
        return run
    speakers = dict.fromkeys(fact.by for fact in good)
    each = [[fact for fact in good if fact.by == who] for who in speakers]
    runs = [_spaced(warned, lapses, one, now, weighing, uncounted) for one in each]
    _tell(uncounted, weighing)
    return max(runs, key=lambda run: (min(len(run), wanted), run[-1].at if run else now), default=())


def _tell(uncounted: list[tuple[datetime, list[str]]], weighing: Weighing) -> None:
    """Which warnings do not count and why: the newest few in words, so that an answer stays one that people read."""
    if not uncounted:
        return
    if len(uncounted) > MOST_TOLD:
        weighing.note(f"{len(uncounted) - MOST_TOLD} earlier warnings do not count either")
    for at, why in sorted(uncounted)[-MOST_TOLD:]:
        weighing.note(f"the warning at {time_of_day(at)} UTC does not count: {'; '.join(why)}")


def _lacks(warned: Warned, stack: Stack, facts: Facts, request: Request, fact: WarningFact) -> list[str]:
    """What one warning lacks. It is asked for every warning since the crowd moved: what is whole costs comparing only."""
    found: list[str] = []
    if warned.amplified and not fact.amplified:
        found.append("not amplified")
    if warned.on_camera and not fact.on_camera:
        found.append("not on camera")
    if fact.audible is False:  # what nobody heard has warned nobody, whatever a rule asks for beside that
        found.append("found not to be heard")
    elif warned.audible == "confirmed" and fact.audible is None:
        found.append("nobody confirmed that it was heard")
    if warned.rear == "confirmed" and not _from_rear(warned, stack, facts, fact):
        found.append("nobody who may say so confirmed from the rear of the crowd that it was heard there")
    if warned.exits_open and (not fact.exits or fact.exits_open is False):
        found.append("it named no way out" if not fact.exits else "the way out was closed")
    if warned.names_weapon and (fact.weapon is None or request.tool not in (None, fact.weapon)):
        found.append(f"it did not name {request.tool or 'the tool'}")
    if warned.languages:
        text = stack.texts.get(fact.text)
        languages = fact.languages or (text.words if text else ())
        found.extend([f"not in the language {word}" for word in warned.languages if word not in languages])
    if fact.text not in warned.whole_texts:
        text = stack.texts.get(fact.text)
        said = (*fact.says, *(text.holds if text else ()))
        found.extend([f"it did not say {word}" for word in warned.says_what if word not in said])
    if warned.places is not None and (warned.places.number is None or fact.places < warned.places.number):
        found.append("from too few places" if warned.places.number else "from how many places, no pack says")
    if warned.by_authorizer and fact.by != (request.speaker or request.person):
        found.append("not given by the one who authorizes")
    if warned.by and not _may_say(warned.by, fact.by, stack, facts, fact.at):
        found.append(f"{fact.by} is not one of those who may give it")
    return found


def _not_at_level(held: LevelFact | None, floor: int, stack: Stack, at: datetime) -> str:
    """Why nobody had authorized such a warning there at that moment, "" where somebody had."""
    place = stack.place(held.level) if held is not None else None
    if held is None or place is None or place < floor:
        return f"given before the level {stack.ladder[floor].name}, so nobody had authorized it"
    return "given while the level had lapsed, and permitted nothing" if lapsed(held, at) else ""


def _from_rear(warned: Warned, stack: Stack, facts: Facts, fact: WarningFact) -> bool:
    """Did someone other than who gave it, one of those who may, say from the rear that it was heard there?"""
    return any(
        who != fact.by and (not warned.rear_by or _may_say(warned.rear_by, who, stack, facts, fact.at))
        for who in fact.rear
    )


def _may_say(gates: tuple[Gate, ...], who: str, stack: Stack, facts: Facts, at: datetime) -> bool:
    person = facts.person(who, at)
    if person is None:
        return False
    asker = Request(action="force.ask", person=who, agency=person.agency, on_scene=True, witnessed=True)
    return not authority(gates, stack, facts, asker, at, trained=False)


def _spaced(
    warned: Warned, lapses: Span | None, good: list[WarningFact], now: datetime, weighing: Weighing,
    uncounted: list[tuple[datetime, list[str]]],
) -> tuple[WarningFact, ...]:  # fmt: skip
    """Each far enough from the one before; a sequence that was let lie too long begins anew."""
    run: list[WarningFact] = []
    interval = warned.interval
    apart = interval.length if interval is not None else None
    holds = lapses.length if lapses is not None else None  # a lapse of unknown length is left to the pack below
    for fact in good:
        if run and holds is not None and fact.at - run[-1].at >= holds:
            run = []
        if run and interval is not None:
            if apart is None:  # of unknown length: none after the first counts
                continue
            if fact.at - run[-1].at < apart:
                uncounted.append((fact.at, [f"{interval.text} between two"]))
                continue
        run.append(fact)
    if run and lapses is not None and holds is not None and now - run[-1].at >= holds:  # from the very second
        weighing.note(
            f"the warnings up to {time_of_day(run[-1].at)} UTC have lapsed: they count for {lapses.text} after the last"
        )
        return ()
    return tuple(run)


def _next(warned: Warned, counted: tuple[WarningFact, ...], wanted: int, now: datetime, weighing: Weighing) -> None:
    nth = ordinal(len(counted) + 1)
    name = f"{warned.named}: {nth} warning of {wanted}"
    if not counted or warned.interval is None:
        weighing.need(name)
        return
    possible = warned.interval.after(counted[-1].at)
    if possible is None:
        weighing.need(f"{name}; the time between two is unknown, and unknown denies")
    elif possible > now:
        weighing.need(
            f"{name}, possible at {time_of_day(possible)} UTC, in {clock(possible - now)} ({warned.interval.text} between two)",
            possible,
        )
    else:
        weighing.need(f"{name}, possible now")


def _waited(warned: Warned, last: tuple[WarningFact, ...], now: datetime, weighing: Weighing) -> None:
    if warned.wait is None or not last:
        return
    over = warned.wait.after(last[0].at)
    if over is None:
        weighing.need(f"{warned.named}: how long people have to leave: no pack gives the time, and unknown denies")
    elif now < over:
        weighing.need(
            f"{warned.named}: time to leave until {time_of_day(over)} UTC, in {clock(over - now)} ({warned.wait.text})",
            over,
        )


def clock(left: timedelta) -> str:
    """A wait as people read it from a clock, "0:47": minutes and seconds, a begun second counted whole."""
    minutes, seconds = divmod(-(left // timedelta(seconds=-1)), 60)
    return f"{minutes}:{seconds:02}"


def ordinal(number: int) -> str:
    """Third, fourth … as people say it."""
    return _ORDINALS[number - 1] if number <= len(_ORDINALS) else f"{number}th"
