"""Numbers that should agree: wristbands issued and used, heads counted and logged, records and people in custody.

Nobody is lost quietly: who is in custody without a record, whom nobody has, who is with someone that has gone home,
and a record under which nobody is anywhere, are alarms (domain notes A25, C4, D20, D25).
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from typing import Final

from command.domain.custody import against_minor
from command.domain.persistent import PMap
from command.domain.state import State
from command.domain.state_arrest import Arrest, HeldSpan, Issue, Person
from command.views import rows_arrest as r
from command.views.arrest_words import (
    arrest_of,
    holder,
    holder_parts,
    is_of,
    now_with,
    number_of,
    sees_minors,
    sees_person,
)
from command.views.names import person_name
from command.views.scene import Scene
from command.views.section import Parts

_DIGITS: Final = re.compile(r"[0-9]{1,18}")
_BOOKED: Final = ("jail", "court")
_FREE: Final = frozenset({"cited", "released", "detention only", "diverted"})


def number_keys(scene: Scene) -> Iterator[str]:
    """Runs of wristbands, counts, everyone in custody or of whom something was reported, every record."""
    arrests, custody = scene.state.arrests, scene.state.custody
    yield from (f"issue:{key}" for key in sorted(arrests.issues))
    yield from (f"count:{key}" for key in sorted(custody.counts))
    yield from (f"person:{key}" for key in custody.people)
    yield from (f"record:{key}" for key in arrests.order)


def number(scene: Scene, key: str) -> r.NumberRow | None:
    """The row of one of them; None where the numbers agree (a run of wristbands and a count always have one)."""
    kind, _, name = key.partition(":")
    match kind:
        case "issue":
            return _issue(scene, key, scene.state.arrests.issues.get(name))
        case "count":
            return _count(scene, key, name)
        case "person":
            return _person(scene, key, scene.state.custody.people.get(name))
        case "record":
            return _record(scene, key, scene.state.arrests.all.get(name))
    return None


def number_parts(state: State, key: str) -> Parts:
    """What a row rests on, item by item."""
    kind, _, name = key.partition(":")
    arrests, custody = state.arrests, state.custody
    match kind:
        case "issue":
            issue = arrests.issues.get(name)
            return (issue, arrests.wristbands, *holder_parts(state, issue.holder if issue else ""))
        case "count":
            return (custody.counts.get(name), *holder_parts(state, name))
        case "person":
            return _person_parts(state, custody.people.get(name))
        case "record":
            record = arrests.all.get(name)
            return (record, *_record_parts(state, record)) if record is not None else (None,)
    return ()


def _person_parts(state: State, person: Person | None) -> Parts:
    if person is None:
        return (None,)
    now = person.now
    held = (*holder_parts(state, now.holder), *holder_parts(state, now.officer or "")) if now is not None else ()
    return (person, arrest_of(state, person), *held)


def _record_parts(state: State, record: Arrest) -> Parts:
    band = state.arrests.wristbands.get(record.wristband) if record.wristband else None
    run = state.arrests.issues if record.wristband else None
    return (band, run, state.custody.people.get(record.subject), state.structure.people.get(record.officer))


# wristbands -------------------------------------------------------------------------------


def run_of(first: str, last: str) -> tuple[str, int, int] | None:
    """What two numbers of one run have in common, and from where to where it counts: W-001-4 … W-050-9 is ("W-", 1, 50).

    A check character behind the number is not looked at. None where nothing counts up from the one to the other.
    """
    pairs = zip(_DIGITS.finditer(first), _DIGITS.finditer(last), strict=False)
    for one, other in pairs:
        before, low, high = first[: one.start()], int(one.group()), int(other.group())
        if before != last[: other.start()]:
            return None
        if low != high or first == last:
            return (before, low, high) if low <= high else None
    return None


def used_numbers(wristbands: Iterable[str]) -> dict[str, list[int]]:
    """What precedes each number in the wristbands that are on records → those numbers, in order, each once."""
    found: dict[str, set[int]] = {}
    for band in wristbands:
        for digits in _DIGITS.finditer(band):
            found.setdefault(band[: digits.start()], set()).add(int(digits.group()))
    return {before: sorted(numbers) for before, numbers in found.items()}


def _used(scene: Scene) -> dict[str, list[int]]:
    if "wristbands" not in scene.memo:
        scene.memo["wristbands"] = used_numbers(scene.state.arrests.wristbands)
    return scene.memo["wristbands"]


def _issue(scene: Scene, key: str, issue: Issue | None) -> r.NumberRow | None:
    """Issued, used, and unused below the highest used one: those were torn, or stand on a card that never came."""
    if issue is None or (scene.agency is not None and not is_of(scene, issue.holder)):
        return None
    run = run_of(issue.first, issue.last) if issue.what == "wristbands" else None
    used: list[int] = []
    gaps = 0
    if run is not None:
        before, low, high = run
        numbers = _used(scene).get(before, [])
        used = numbers[bisect_left(numbers, low) : bisect_right(numbers, high)]
        gaps = used[-1] - low + 1 - len(used) if used else 0
    return r.NumberRow(
        id=key,
        kind="issue",
        says=_issued(issue, len(used), gaps),
        alarm=gaps > 0 or len(used) > issue.quantity,
        holder=holder(scene.state, issue.holder),
        expected=issue.quantity,
        found=len(used) if run is not None else None,
        gaps=gaps,
        first=issue.first,
        last=issue.last,
        seq=issue.seq,
    )


def _issued(issue: Issue, used: int, gaps: int) -> str:
    if issue.what != "wristbands":
        return f"{issue.quantity} paper forms handed out"
    if used > issue.quantity:
        return f"{used} of {issue.quantity} wristbands used: more than were handed out"
    skipped = f"; {gaps} skipped" if gaps else ""
    return f"{used} of {issue.quantity} wristbands used{skipped}"


# counts -----------------------------------------------------------------------------------


def _count(scene: Scene, key: str, name: str) -> r.NumberRow | None:
    count = scene.state.custody.counts.get(name)
    if count is None or (scene.agency is not None and not is_of(scene, name)):
        return None
    agrees = count.heads == count.expected
    return r.NumberRow(
        id=key,
        kind="count",
        says="the heads and the log agree" if agrees else "the heads and the log do not agree",
        alarm=not agrees,
        holder=holder(scene.state, name),
        at=count.at,
        expected=count.expected,
        found=count.heads,
        seq=count.seq,
    )


# people and records -------------------------------------------------------------------------


def _person(scene: Scene, key: str, person: Person | None) -> r.NumberRow | None:
    if person is None or not sees_person(scene, person):
        return None
    record, now = arrest_of(scene.state, person), person.now
    says = _against(scene.state, person, record, now)
    site = scene.state.custody.sites.get(now.holder) if now is not None else None
    if site is not None and sees_minors(scene):  # else the sentence itself would say that someone is a minor
        says = "; ".join((*(why for _, why in against_minor(person, site)), *((says,) if says else ())))
    if not says:
        return None
    return r.NumberRow(
        id=key,
        kind="person",
        says=says,
        alarm=True,
        arrest=record.arrest if record else "",
        subject=person.subject,
        number=number_of(scene.state, person.subject, record.arrest if record else None),
        holder=now_with(scene.state, now),
        at=now.since if now else person.station_since,
        seq=now.seq if now else 0,
    )


def _against(state: State, person: Person, record: Arrest | None, now: HeldSpan | None) -> str:
    """Why somebody has to look for this person; "" where all is well."""
    held = now is not None and bool(now.holder)
    whys = []
    if held and record is None:
        assert now is not None, "held by someone"
        whys.append(f"{'booked' if now.kind in _BOOKED else 'in custody'} without a record")
    if now is None and (person.station is not None or _restrained(person)):
        whys.append("nobody has recorded who holds them")
    if held and now is not None:
        whys.extend(_holder_gone(state, now))
        if person.station is not None and person.site != now.holder:
            whys.append("at a station of a site that they were not handed over to")
    if not held and now is not None and _restrained(person):
        whys.append("free, and still in restraints")
    if person.lost:
        whys.append(person.lost)
    return "; ".join(whys)


def _restrained(person: Person) -> bool:
    return any(one.on_since is not None for one in person.restraints)


def _holder_gone(state: State, now: HeldSpan) -> Iterator[str]:
    site = state.custody.sites.get(now.holder)
    if site is not None and site.closed_at is not None:
        yield f"in {site.name}, which is closed"
    for person in dict.fromkeys((now.holder, now.officer or "")):
        versions = state.structure.people.get(person)
        last = versions.last if versions else None
        if last is not None and last.ended is not None:
            yield f"with {person_name(state, person)}, who has checked out"
    unit = state.structure.units.get(now.holder)
    if unit is not None and unit.released_at is not None:
        yield f"with {unit.name}, which was released"


def _record(scene: Scene, key: str, record: Arrest | None) -> r.NumberRow | None:
    if record is None or (scene.agency is not None and record.officer_agency != scene.agency):
        return None
    found = tuple(_of_record(scene.state, record))
    if not found:
        return None
    return r.NumberRow(
        id=key,
        kind="record",
        says="; ".join(why for why, _ in found),
        alarm=any(alarm for _, alarm in found),
        arrest=record.arrest,
        subject=record.subject,
        number=record.wristband or record.arrest,
        at=record.at,
        seq=record.versions[-1],
    )


def _of_record(state: State, record: Arrest) -> Iterator[tuple[str, bool]]:
    """What does not agree with a record, and whether it is an alarm. A release that is due is none: it takes minutes."""
    person = state.custody.people.get(record.subject)
    nowhere = person is None or not person.spans
    if nowhere and (record.disposition in ("custody", "transferred") or "booking" in record.cleared):
        yield "taken into custody, and nobody has recorded who holds them", True
    if person is not None and person.arrest not in (None, record.arrest):
        yield f"the person is in custody under the record {person.arrest}", True
    now = person.now if person else None
    if now is not None and now.holder and record.disposition in _FREE:
        yield f"{record.disposition}, and still held", False
    if record.wristband is None:
        return
    first = state.arrests.wristbands.get(record.wristband)
    if first not in (None, record.arrest):
        yield f"the wristband {record.wristband} is on the record {first} as well", True
    if state.arrests.issues and not _was_issued(state.arrests.issues, record.wristband):
        yield f"the wristband {record.wristband} is of no run that was handed out", True


def _was_issued(issues: PMap[str, Issue], band: str) -> bool:
    bands = [issue for issue in issues.values() if issue.what == "wristbands"]
    return not bands or any(_in(issue, band) for issue in bands)


def _in(issue: Issue, band: str) -> bool:
    run = run_of(issue.first, issue.last)
    if run is None:
        return band in (issue.first, issue.last)
    before, low, high = run
    digits = _DIGITS.match(band, len(before)) if band.startswith(before) else None
    return digits is not None and low <= int(digits.group()) <= high
