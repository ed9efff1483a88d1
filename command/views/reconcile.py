"""Numbers that should agree: wristbands and paper forms issued and used, heads counted and logged, records and people in custody.

Nobody is lost quietly: who is in custody without a record, whom nobody has, who is with someone that has gone home,
and a record under which nobody is anywhere, are alarms (domain notes A25, C4, D20, D25).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import datetime
from typing import Final, NamedTuple

from command.domain.sites import against_minor
from command.domain.state import State
from command.domain.state_arrest import Arrest, Count, HeldSpan, Issue, Person, Site
from command.policy.sites import arrival, rules_of
from command.views import arrest_reach as reach
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
from command.views.lines_arrest import holder_words
from command.views.names import person_name
from command.views.runs import DIGITS, issued_words, run_of, was_issued
from command.views.scene import Scene
from command.views.section import Parts
from command.views.standing import Entry, Standing

_BOOKED: Final = ("jail", "court")
_FREE: Final = frozenset({"cited", "released", "detention only", "diverted"})


def number_keys(scene: Scene) -> Iterator[str]:
    """Runs of wristbands, counts, everyone in custody or of whom something was reported, every record."""
    arrests, custody = scene.state.arrests, scene.state.custody
    yield from (f"issue:{key}" for key in sorted(arrests.issues))
    yield from (f"count:{key}" for key in sorted(custody.counts))
    yield from (f"person:{key}" for key in custody.people)
    yield from (f"record:{key}" for key in arrests.order)
    yield from (f"site:{key}" for key in sorted(custody.sites))


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
        case "site":
            return _full(scene, key, scene.state.custody.sites.get(name))
    return None


def number_parts(state: State, key: str) -> Parts:
    """What a row rests on, item by item."""
    kind, _, name = key.partition(":")
    arrests, custody = state.arrests, state.custody
    match kind:
        case "issue":
            issue = arrests.issues.get(name)
            return (issue, arrests.wristbands, arrests.forms, *holder_parts(state, issue.holder if issue else ""))
        case "count":
            return (custody.counts.get(name), *holder_parts(state, name))
        case "person":
            return _person_parts(state, custody.people.get(name))
        case "record":
            record = arrests.all.get(name)
            return (record, *_record_parts(state, record)) if record is not None else (None,)
        case "site":
            return (custody.sites.get(name), custody.held.get(name))
    return ()


def _person_parts(state: State, person: Person | None) -> Parts:
    if person is None:
        return (None,)
    now = person.now
    held = (*holder_parts(state, now.holder), *holder_parts(state, now.officer or "")) if now is not None else ()
    before = (part for span in person.spans[-2:-1] for part in holder_parts(state, span.holder))
    claims = (part for one in person.claimed for part in holder_parts(state, one))
    return (person, arrest_of(state, person), *held, *before, *claims)


def _record_parts(state: State, record: Arrest) -> Parts:
    band = state.arrests.wristbands.get(record.wristband) if record.wristband else None
    run = state.arrests.issues if record.wristband or record.forms else None
    forms = tuple(state.arrests.forms.get(form) for form in record.forms)
    return (band, *forms, run, state.custody.people.get(record.subject), state.structure.people.get(record.officer))


# runs of wristbands and of forms on paper ---------------------------------------------------


def _bands_in(scene: Scene, band: str) -> Iterator[Entry]:
    """What precedes each number in a wristband that is on a record, and that number."""
    return _numbers(band) if band in scene.state.arrests.wristbands else iter(())


def _forms_in(scene: Scene, form: str) -> Iterator[Entry]:
    """The same of a form on paper that was entered."""
    return _numbers(form) if form in scene.state.arrests.forms else iter(())


def _numbers(text: str) -> Iterator[Entry]:
    return ((text[: digits.start()], int(digits.group())) for digits in DIGITS.finditer(text))


_used = Standing(lambda s: s.arrests.wristbands, _bands_in, {reach.bands: reach.itself})
"""What precedes a number -> those numbers, in order."""

_entered = Standing(lambda s: s.arrests.forms, _forms_in, {reach.forms: reach.itself})
"""The same of forms on paper."""


def _issue(scene: Scene, key: str, issue: Issue | None) -> r.NumberRow | None:
    """Issued, used, and unused below the highest used one: those were torn, or stand on a card that never came."""
    if issue is None or (scene.agency is not None and not is_of(scene, issue.holder)):
        return None
    run = run_of(issue.first, issue.last)
    used: tuple[int, ...] = ()
    gaps = 0
    if run is not None:
        before, low, high = run
        numbers = (_used if issue.what == "wristbands" else _entered)(scene).get(before) or ()
        used = tuple(dict.fromkeys(numbers[bisect_left(numbers, low) : bisect_right(numbers, high)]))
        gaps = used[-1] - low + 1 - len(used) if used else 0
    return r.NumberRow(
        id=key,
        kind="issue",
        says=issued_words(issue, len(used), gaps),
        alarm=gaps > 0 or len(used) > issue.quantity,
        holder=holder(scene.state, issue.holder),
        expected=issue.quantity,
        found=len(used) if run is not None else None,
        gaps=gaps,
        first=issue.first,
        last=issue.last,
        seq=issue.seq,
    )


# counts -----------------------------------------------------------------------------------


def _count(scene: Scene, key: str, name: str) -> r.NumberRow | None:
    count = scene.state.custody.counts.get(name)
    if count is None or (scene.agency is not None and not is_of(scene, name)):
        return None
    agrees = count.heads == count.expected
    return r.NumberRow(
        id=key,
        kind="count",
        says=f"the heads and the log {'agree' if agrees else 'do not agree'}{_unsure(count)}",
        alarm=not agrees,
        holder=holder(scene.state, name),
        at=count.at,
        expected=count.expected,
        found=count.heads,
        lost=count.heads < count.expected,
        among=tuple(_number(scene.state, one) for one in count.of) if not agrees else (),
        rules=_rules(scene) if not agrees else (),
        seq=count.seq,
    )


def _unsure(count: Count) -> str:
    """Who is on record only by the word of whoever gave them over is said beside either result."""
    return f"; {count.awaits} of those on record were not yet confirmed by the receiver" if count.awaits else ""


def _number(state: State, subject: str) -> str:
    person = state.custody.people.get(subject)
    record = arrest_of(state, person) if person is not None else None
    return number_of(state, subject, record.arrest if record else None)


def _rules(scene: Scene) -> tuple[str, ...]:
    """The rules that want everyone to be with someone."""
    return tuple(ref.rule for ref in scene.stack.arrests.refs("custody"))


def _full(scene: Scene, key: str, site: Site | None) -> r.NumberRow | None:
    """A site that takes nobody more. It is no one's loss, and another alarm than a person who is missing."""
    here = scene.state.custody.held.get(site.site) if site is not None else None
    people = len(here) if here else 0
    if site is None or site.closed_at is not None or people < site.capacity or not people:
        return None
    if scene.agency is not None and not is_of(scene, site.site):
        return None
    over = f", {people - site.capacity} over" if people > site.capacity else ""
    return r.NumberRow(
        id=key,
        kind="site",
        says=f"{site.name} is full: {people} of {site.capacity}{over}; the next ones go elsewhere",
        alarm=True,
        holder=holder(scene.state, site.site, "site"),
        expected=site.capacity,
        found=people,
        rules=tuple(ref.rule for ref, _ in rules_of(scene.stack, site.kind)),
        seq=site.seq,
    )


# people and records -------------------------------------------------------------------------


def _person(scene: Scene, key: str, person: Person | None) -> r.NumberRow | None:
    if person is None or not sees_person(scene, person):
        return None
    record, now = arrest_of(scene.state, person), person.now
    says = _against(scene.state, person, record, now)
    late = _on_the_way(scene, now)
    lost = bool(says) and (now is None or bool(person.lost or person.claimed) or now.denied or record is None)
    if late is not None and not says:
        says = late.says
    site = scene.state.custody.sites.get(now.holder) if now is not None else None
    if site is not None and sees_minors(scene):  # else the sentence itself would say that someone is a minor
        says = "; ".join((*(why for _, why in against_minor(person, site)), *((says,) if says else ())))
    if not says:
        return None
    return r.NumberRow(
        id=key,
        kind="person",
        says=says,
        alarm=late is None or says != late.says,
        lost=lost or late is not None,
        holders=_holders(scene.state, person),
        rules=(*_rules(scene), *(late.rules if late is not None else ())),
        alarm_at=late.at if late is not None else None,
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
    whys.extend(_denied(state, person))
    whys.extend(_claimed(state, person))
    return "; ".join(whys)


def _denied(state: State, person: Person) -> Iterator[str]:
    """The last two who had them by the log, where the newest says no."""
    now, before = person.now, person.spans[-2] if len(person.spans) > 1 else None
    if now is None or not now.denied:
        return
    if before is not None and before.denied:
        one, other = holder_words(state, before.holder), holder_words(state, now.holder)
        yield f"neither {one} nor {other} has them, as both say"
    else:
        yield f"{holder_words(state, now.holder)}, who should have them, says no"


def _claimed(state: State, person: Person) -> Iterator[str]:
    """Who else says that they have them: two cannot, and nobody has whom the log has free."""
    now = person.now
    for one in person.claimed:
        log = "the log has them with nobody" if now is None else "the log has them free"
        if now is not None and now.holder:
            who = holder_words(state, now.holder)
            log = f"so does {who}" if now.confirmed else f"the log has them with {who}"
        yield f"{holder_words(state, one)} says to have them; {log}"


class _Late(NamedTuple):
    says: str
    at: datetime
    rules: tuple[str, ...]


def _on_the_way(scene: Scene, now: HeldSpan | None) -> _Late | None:
    """Somebody who left in a vehicle: from when on they are missing, unless they have arrived by then."""
    if now is None or not now.holder:
        return None
    site = scene.state.custody.sites.get(now.holder)
    if now.kind != "vehicle" and (site is None or site.kind != "vehicle"):
        return None
    found = arrival(scene.stack, now.since)
    if found is None:
        return None
    who = holder_words(scene.state, now.holder)
    return _Late(f"left with {who}, and no arrival is recorded", found[0], tuple(ref.rule for ref in found[1]))


def _holders(state: State, person: Person) -> tuple[r.HolderRow, ...]:
    """The last two who had them, the newest first."""
    had = [span for span in reversed(person.spans) if span.holder]
    return tuple(holder(state, span.holder, span.kind) for span in had[:2])


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
    bands = (record.wristband,) if record.wristband is not None else ()
    for what, name, numbers, known in (
        ("wristbands", "wristband", bands, state.arrests.wristbands),
        ("paper forms", "form", record.forms, state.arrests.forms),
    ):
        for one in numbers:
            first = known.get(one)
            if first not in (None, record.arrest):
                yield f"the {name} {one} is on the record {first} as well", True
            if state.arrests.issues and not was_issued(state.arrests.issues.values(), what, one):
                yield f"the {name} {one} is of no run that was handed out", True
