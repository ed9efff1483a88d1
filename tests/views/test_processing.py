"""Processing in numbers; the panel compares groups, tells no small number to the public, and ranks nobody."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from command.domain import commands as c
from command.domain import commands_arrest as ca
from command.domain import commands_custody as cc
from command.domain.envelope import Actor
from command.views.lens import COMMAND, FIELD, OVERSIGHT, Lens, agency_lens
from command.views.processing import FEW, ProcessingView, processing, tally
from command.views.row import Who
from command.views.rows_arrest import PanelRow
from command.views.scene import Scene
from tests.domain.test_arrest import CARD, MADE, OTHER
from tests.domain.test_custody import IN_YARD
from tests.support.given import ALLIED, ALLY, LEAD, OFFICER, OPS, STAFFED, by, checks_in, given

SQUAD = tuple(Actor(f"b{n}", LEAD) for n in range(4))
UNITS = (
    c.FormUnit("bikes", "Bike squad", "bicycle", LEAD), c.FormUnit("solo", "Solo", "patrol", LEAD),
    *(checks_in(one, "officer", unit="bikes") for one in SQUAD),
    checks_in(OFFICER, "officer", unit="solo"),
)  # fmt: skip


def scene(*steps: Any, through: Lens = COMMAND) -> Scene:
    world = given(*steps).world
    return Scene(world.state, world.stack, through, {}, world.now)


def seen(*steps: Any, through: Lens = COMMAND) -> ProcessingView:
    return processing(scene(*steps, through=through))


def many(officer: str, became: str | None, count: int, first: str) -> list[Any]:
    steps: list[Any] = []
    for n in range(count):
        card = replace(CARD, arrest=f"{first}{n}", subject=f"s-{first}{n}", wristband=None, officer=officer)
        steps.append(by(OFFICER, card))
        if became:
            steps.append(by(OFFICER, ca.DecideDisposition(card.arrest, card.subject, became)))  # type: ignore[arg-type]  # one of its words
    return steps


def panel(view: ProcessingView, kind: str) -> dict[str, PanelRow]:
    assert view.panel is not None
    return {row.group: row for row in view.panel if row.by == kind}


def test_counts_queues_and_waits() -> None:
    at = by(OFFICER, cc.EnterStation("s1", "yard", "search"))
    on = by(OFFICER, ca.RecordRestraint("a1", "s1", "r1", "applied"))
    view = seen(*IN_YARD, at, on, by(OFFICER, OTHER))
    assert (view.records, view.in_custody, view.restrained, view.undecided, view.incomplete) == (2, 2, 1, 2, 2)
    (site,) = view.sites
    assert (site.name, site.people, site.capacity) == ("School yard", 1, 1)
    assert [(one.station, one.people) for one in site.queues] == [("search", 1)]
    assert [(one.number, one.station, one.holder) for one in view.waits] == [
        ("W-001-4", "search", "School yard"), ("W-002-2", "", "Officer"),
    ]  # fmt: skip
    assert view.waits[0].since < view.waits[1].since


def test_what_is_missing_is_counted_by_item_and_what_is_overdue_by_rule() -> None:
    begun = scene(*MADE, by(OFFICER, OTHER))
    view = processing(begun)
    named = {one.item: one for one in view.missing}
    assert named["name"].records == 2 and "conduct" not in named
    assert {one.rule: (one.open, one.overdue) for one in view.owed}["judge-in-48-hours"] == (2, 0)
    late = Scene(begun.state, begun.stack, COMMAND, {}, begun.now + timedelta(hours=49))
    assert processing(late).overdue == 2
    assert {one.rule: one.overdue for one in processing(late).owed}["judge-in-48-hours"] == 2


def test_a_share_counts_its_own_and_a_release_is_no_custody() -> None:
    theirs = replace(CARD, arrest="a7", subject="s7", officer="partner", officer_agency=ALLY, wristband=None)
    free = by(OPS, cc.ReleasePerson("s1", "l1", "without charge"))
    view = seen(*ALLIED, by(OFFICER, CARD), by(OPS, theirs), free, through=agency_lens(ALLY))
    assert (view.records, view.in_custody, view.released, view.panel) == (1, 1, 0, None)
    whole = seen(*ALLIED, by(OFFICER, CARD), by(OPS, theirs), free)
    assert (whole.records, whole.in_custody, whole.released) == (2, 1, 1)


def test_minors_are_not_counted_for_whom_may_not_know_of_them() -> None:
    minor = by(OFFICER, ca.DescribePerson("a1", "s1", apart=True))
    rule = "minor-out-in-six-hours"
    assert rule not in {one.rule for one in seen(*MADE, minor).owed}
    assert rule in {one.rule for one in seen(*MADE, minor, through=Lens("processing")).owed}


def test_custody_against_citation_by_charge_and_group() -> None:
    steps = (*STAFFED, *UNITS, *many("b0", "custody", 2, "x"), *many("b1", "cited", 3, "y"), *many("b2", None, 1, "z"))
    view = seen(*steps, *many("b3", "diverted", 1, "w"))
    whole = panel(view, "all")[""]
    assert (whole.charge, whole.custody, whole.cited, whole.released, whole.undecided) == ("vandalism", 2, 3, 1, 1)
    assert panel(view, "unit")["Bike squad"] == replace(
        whole, id="vandalism|unit|Bike squad", by="unit", group="Bike squad"
    )
    assert list(panel(view, "sector")) == ["North side"] and list(panel(view, "agency")) == ["Metro Police"]


def test_a_summons_is_a_citation() -> None:
    assert panel(seen(*STAFFED, by(OFFICER, replace(CARD, category="S"))), "all")[""].cited == 1


def test_the_numbers_of_a_unit_of_one_are_nobodys_own() -> None:
    """A group has several officers: what one officer did is in no row under any name that leads to them."""
    view = seen(*STAFFED, *UNITS, *many("officer", "custody", 6, "x"))
    assert list(panel(view, "unit")) == ["of fewer than three officers, or not said"]
    small = replace(CARD, officer="partner", officer_agency=ALLY)
    assert list(panel(seen(*ALLIED, by(OPS, small)), "agency")) == ["of fewer than three officers, or not said"]


def test_nobody_is_ranked_and_nothing_is_a_target() -> None:
    """No row of the panel or of processing can hold a person; there is no rate, no aim, no order by number."""
    words = ("officer", "rank", "target", "quota", "rate", "score", "best", "top")
    assert not [name for name in PanelRow.__struct_fields__ if any(word in name for word in words)]
    assert not [name for name in ProcessingView.__struct_fields__ if any(word in name for word in words)]
    steps = (
        *STAFFED,
        *UNITS,
        *many("b0", "custody", 2, "x"),
        *many("b1", "cited", 9, "y"),
        *many("officer", None, 1, "z"),
    )
    view = seen(*steps)
    assert view.panel is not None and list(view.panel) == sorted(
        view.panel, key=lambda row: (row.charge, row.by, row.group)
    )
    people = {"b0", "b1", "officer", "B0", "B1", "Officer"}
    assert not any(people & {row.group, row.charge, row.id} or _holds_people(row) for row in view.panel)


def _holds_people(row: PanelRow) -> bool:
    return any(isinstance(getattr(row, name), Who) for name in row.__struct_fields__)


@pytest.mark.parametrize("count", range(1, FEW))
def test_oversight_is_told_no_small_number(count: int) -> None:
    steps = (*STAFFED, *UNITS, *many("b0", "custody", count, "x"), *many("b1", "cited", FEW, "y"))
    row = panel(seen(*steps, through=OVERSIGHT), "all")[""]
    assert (row.custody, row.cited, row.released, row.few) == (None, FEW, 0, True)
    assert panel(seen(*steps), "all")[""].custody == count


def test_no_sum_gives_away_what_was_left_out() -> None:
    """One small number in a line of three: the next smallest goes with it, so that the total does not tell it."""
    south = c.DefineSector("south", "South side")
    west = c.DefineSector("west", "West side")
    steps: list[Any] = [*STAFFED, *UNITS, south, west]
    for sector, count in (("north", 2), ("south", 6), ("west", 9)):
        steps.extend(
            by(OFFICER, replace(CARD, arrest=f"{sector}{n}", subject=f"s-{sector}{n}", wristband=None, sector=sector))
            for n in range(count)
        )
    found = panel(seen(*steps, through=OVERSIGHT), "sector")
    assert {name: row.undecided for name, row in found.items()} == {
        "North side": None, "South side": None, "West side": 9,
    }  # fmt: skip
    assert panel(seen(*steps, through=OVERSIGHT), "all")[""].undecided == 17


def test_the_field_has_no_panel_not_even_its_tally() -> None:
    assert seen(*MADE, through=FIELD).panel is None
    assert sum(sum(cell.values()) for cell in tally(scene(*MADE)).values()) == 4, "in all, by agency, sector and unit"
