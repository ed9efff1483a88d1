"""The list of records: by pages, and by public facts only. Nobody is found by their name, looks or any trait.

A page has no total: who counts an officer's arrests has to read them (domain notes A54).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from command.domain.persistent import Series
from command.domain.state import State
from command.domain.state_arrest import Arrest
from command.views.arrest_words import missing
from command.views.record import seen
from command.views.record_rows import ArrestsPage
from command.views.rows_arrest import ArrestRow
from command.views.scene import Scene
from command.views.sections_arrest import arrest_row

SCAN: Final = 2_000
"""Records that one page looks through: beyond it the page is short, and says where to go on."""


class ArrestQuery(msgspec.Struct, frozen=True):
    """What is looked for; None: anything. `before` is the seq of a first version, as the last page gave it.

    number       the record's number or the wristband's, whole, in any case
    wristband    how the wristband's number begins
    sector, officer, disposition (a disposition's word, or `undecided`), missing (an item's word)
    overdue      True: the clock of something that is missing has run out
    """

    number: str | None = None
    wristband: str | None = None
    sector: str | None = None
    officer: str | None = None
    disposition: str | None = None
    missing: str | None = None
    overdue: bool | None = None


def page(scene: Scene, wanted: ArrestQuery, before: int | None, limit: int) -> ArrestsPage:
    """The newest records before a seq that are what is wanted and that this lens has."""
    rows: list[ArrestRow] = []
    last: Arrest | None = None
    left = SCAN
    for found in _older(scene.state, before):
        if left == 0 or len(rows) == limit:
            assert last is not None, "something was looked at before"
            return ArrestsPage(tuple(rows), last.versions[0])
        left, last = left - 1, found
        if seen(scene, found.arrest) is not None and _fits(scene, found, wanted):
            rows.append(arrest_row(scene, found))
    return ArrestsPage(tuple(rows))


def _older(state: State, before: int | None) -> Iterator[Arrest]:
    order = state.arrests.order
    place = len(order) if before is None else _place(state, order, before)
    for index in range(place - 1, -1, -1):
        yield state.arrests.all[order[index]]


def _place(state: State, order: Series[str], before: int) -> int:
    """How many records began before a seq: they are in that order."""
    low, high = 0, len(order)
    while low < high:
        middle = (low + high) // 2
        if state.arrests.all[order[middle]].versions[0] < before:
            low = middle + 1
        else:
            high = middle
    return low


def _fits(scene: Scene, found: Arrest, wanted: ArrestQuery) -> bool:
    band = (found.wristband or "").casefold()
    if wanted.number is not None and wanted.number.casefold() not in (band, found.arrest.casefold()):
        return False
    if wanted.wristband is not None and not (band and band.startswith(wanted.wristband.casefold())):
        return False
    if wanted.sector is not None and wanted.sector != found.sector:
        return False
    if wanted.officer is not None and wanted.officer != found.officer:
        return False
    if wanted.disposition is not None and wanted.disposition != (found.disposition or "undecided"):
        return False
    return _lacks(scene, found, wanted)


def _lacks(scene: Scene, found: Arrest, wanted: ArrestQuery) -> bool:
    if wanted.missing is None and wanted.overdue is None:
        return True
    needs = missing(scene, found)
    if wanted.missing is not None and all(one.item != wanted.missing for one in needs):
        return False
    late = any(one.due is not None and one.due <= scene.now for one in needs)
    return wanted.overdue is None or wanted.overdue == late
