"""The list of records: by pages, by public facts, bounded."""

from __future__ import annotations

import inspect
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st
from msgspec.structs import replace

from command.domain.events_arrest import PersonDescribed
from command.domain.private import private_fields
from command.views.arrest_list import ArrestQuery, page
from command.views.lens import COMMAND, Lens, agency_lens
from command.views.record_rows import ArrestsPage
from command.views.scene import Scene
from tests.domain.test_arrest import CARD
from tests.support.given import ALLIED, ALLY, LEAD, OFFICER, by, given

WORLD = given(
    *ALLIED,
    *(
        by(
            OFFICER,
            replace(
                CARD, arrest=f"a{n}", subject=f"s{n}", wristband=f"W-{n:03}", officer=("officer", "partner")[n % 2],
                officer_agency=(LEAD, ALLY)[n % 2], conduct=None,
            ),
        )
        for n in range(9)
    ),
    by(OFFICER, replace(CARD, arrest="a3", subject="s3", wristband=None, officer="partner", officer_agency=ALLY)),
).world  # fmt: skip
"""Nine records, every other one of the ally's; the fourth corrected later: it keeps its place."""


def scene(through: Lens = COMMAND, later_s: float = 0.0) -> Scene:
    return Scene(WORLD.state, WORLD.stack, through, {}, WORLD.now + timedelta(seconds=later_s))


def ids(found: ArrestsPage) -> list[str]:
    return [row.id for row in found.arrests]


@for_all(limit=st.integers(1, 12))
@settings(max_examples=12)
def test_pages_of_any_size_go_through_everything_once(limit: int) -> None:
    found: list[str] = []
    before: int | None = None
    while True:
        part = page(scene(), ArrestQuery(), before, limit)
        found += ids(part)
        if part.before is None:
            break
        before = part.before
    assert found == [f"a{n}" for n in range(8, -1, -1)]


def test_a_share_pages_through_its_own() -> None:
    assert ids(page(scene(agency_lens(ALLY)), ArrestQuery(), None, 50)) == ["a7", "a5", "a3", "a1"]


def test_a_page_looks_through_a_bounded_part_and_says_where_to_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("command.views.arrest_list.SCAN", 3)
    part = page(scene(), ArrestQuery(officer="nobody"), None, 50)
    assert part.arrests == () and part.before == WORLD.state.arrests.all["a6"].versions[0]
    rest = page(scene(), ArrestQuery(wristband="w-00"), part.before, 50)
    assert ids(rest) == ["a5", "a4"], "the fourth has lost its wristband"


def test_what_is_overdue_is_a_comparison_with_now() -> None:
    """The model plan gives no time for a record, so nothing that is missing is ever overdue by it."""
    assert ids(page(scene(later_s=1e6), ArrestQuery(overdue=True), None, 50)) == []
    assert len(ids(page(scene(later_s=1e6), ArrestQuery(overdue=False), None, 50))) == 9


def test_nobody_is_found_by_what_describes_them() -> None:
    """Must-not: no query keys on a person's name, looks, age or needs; and no page counts an officer's arrests."""
    asked = set(ArrestQuery.__struct_fields__) | set(inspect.signature(page).parameters)
    assert not asked & {*private_fields(PersonDescribed), "race", "sex", "ethnicity", "subject", "person", "text"}
    assert set(ArrestsPage.__struct_fields__) == {"arrests", "before"}
    assert b"total" not in msgspec.json.encode(page(scene(), ArrestQuery(), None, 1))
