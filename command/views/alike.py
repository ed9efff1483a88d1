"""Two accounts that read alike, side by side, with the runs of words that they share (domain notes D7, D26).

For whoever may compare them: command, oversight, a supervisor of one of the officers. The writer is told that there
is a warning, and reads their own text only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final, NamedTuple

from command.domain.envelope import Recorded
from command.domain.events_arrest import ArrestRecorded, NarrativesAlike, OffenceRecorded
from command.domain.likeness import LEAST_WORDS, RUN, likeness, runs
from command.domain.state_arrest import Arrest
from command.views import record_rows as v
from command.views.arrest_words import compares, named, number_of
from command.views.record import seen
from command.views.scene import Scene
from command.views.sight import shown_private

MOST_VERSIONS: Final = 20
"""Versions of accounts that are looked through on each side, the newest: the pair that reads most alike is shown."""

_WORD: Final = re.compile(r"[^\W_]+")
_FIELDS: Final[dict[type, str]] = {ArrestRecorded: "conduct", OffenceRecorded: "facts"}


class _Told(NamedTuple):
    entry: Recorded
    field: str
    text: str


def pair(scene: Scene, arrest: str, other: str) -> tuple[Arrest, Arrest] | None:
    """Both records, where they were found alike and this lens may compare them."""
    one, two = seen(scene, arrest), seen(scene, other)
    if one is None or two is None or other not in one.alike:
        return None
    return (one, two) if compares(scene, one) or compares(scene, two) else None


def side_by_side(scene: Scene, both: tuple[Arrest, Arrest], events: Sequence[Recorded]) -> v.AlikeView | None:
    """The two versions that read most alike among those written before they were found; None where no text is left.

    `events` are those of both records (`views.record.about`), `scene.private` their plain values.
    """
    one, other = both
    mine, theirs = _accounts(scene, events, one), _accounts(scene, events, other)
    found = max(_compared(mine, theirs), key=lambda item: item[0], default=None)
    if found is None:
        return None
    _, a, b = found
    noted = [
        event.likeness
        for event in (entry.event for entry in events)
        if isinstance(event, NarrativesAlike) and {event.arrest, event.other} == {one.arrest, other.arrest}
    ]
    ranges = shared_runs(a.text, b.text) if _reads(scene, a) and _reads(scene, b) else ((), ())
    return v.AlikeView(
        likeness=noted[-1] if noted else round(found[0], 3),
        one=_view(scene, one, a, ranges[0]),
        other=_view(scene, other, b, ranges[1]),
    )


def _accounts(scene: Scene, events: Iterable[Recorded], record: Arrest) -> list[_Told]:
    found = []
    for entry in events:
        field = _FIELDS.get(type(entry.event))
        if field is None or getattr(entry.event, "arrest", None) != record.arrest:
            continue
        text = scene.private.get(entry.seq, {}).get(field, "")
        if text:
            found.append(_Told(entry, field, text))
    return found[-MOST_VERSIONS:]


def _compared(mine: Sequence[_Told], theirs: Sequence[_Told]) -> Iterator[tuple[float, _Told, _Told]]:
    other = [(told, runs(told.text)) for told in theirs]
    for told in mine:
        own = runs(told.text)
        yield from ((likeness(own, known), told, one) for one, known in other)


def _reads(scene: Scene, told: _Told) -> bool:
    return told.field in shown_private(scene.state, told.entry, scene.lens)


def _view(scene: Scene, record: Arrest, told: _Told, ranges: tuple[tuple[int, int], ...]) -> v.AccountView:
    reads = _reads(scene, told)
    return v.AccountView(
        arrest=record.arrest,
        number=number_of(scene.state, record.subject, record.arrest),
        officer=named(scene.state, told.entry.header.actor.person),
        field=told.field,
        seq=told.entry.seq,
        text=told.text if reads else "",
        shared=ranges,
        withheld=not reads,
    )


Ranges = tuple[tuple[int, int], ...]


def shared_runs(one: str, other: str) -> tuple[Ranges, Ranges]:
    """Where in each of two texts the words stand that are in a run of both: begin and end in UTF-16 code units."""
    words, others = _words(one), _words(other)
    both = _runs(words) & _runs(others)
    return _ranges(one, words, both), _ranges(other, others, both)


class _Word(NamedTuple):
    text: str
    begin: int
    end: int


def _words(text: str) -> list[_Word]:
    return [_Word(found.group().casefold(), *found.span()) for found in _WORD.finditer(text)]


def _windows(words: Sequence[_Word]) -> Iterator[tuple[int, tuple[str, ...]]]:
    if len(words) < LEAST_WORDS:
        return
    for at in range(len(words) - RUN + 1):
        yield at, tuple(word.text for word in islice(words, at, at + RUN))


def _runs(words: Sequence[_Word]) -> set[tuple[str, ...]]:
    return {run for _, run in _windows(words)}


def _ranges(text: str, words: Sequence[_Word], both: set[tuple[str, ...]]) -> Ranges:
    marked: set[int] = set()
    for at, run in _windows(words):
        if run in both:
            marked.update(range(at, at + RUN))
    found: list[tuple[int, int]] = []
    before = -2
    for at in sorted(marked):
        if at == before + 1:
            found[-1] = (found[-1][0], words[at].end)
        else:
            found.append((words[at].begin, words[at].end))
        before = at
    return tuple((_units(text, begin), _units(text, end)) for begin, end in found)


def _units(text: str, place: int) -> int:
    """A place in a text as a browser counts it: a character beyond the basic plane is two."""
    return place + sum(1 for char in text[:place] if ord(char) > 0xFFFF)
