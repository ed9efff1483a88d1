"""Two accounts side by side: the runs they share, and for whom."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st
from msgspec.structs import replace

from command.domain import commands as c
from command.domain import events_arrest as ea
from command.domain.likeness import RUN
from command.views.alike import pair, shared_runs, side_by_side
from command.views.lens import COMMAND, FIELD, OVERSIGHT, PROCESSING, Lens, lens, withholding
from command.views.record import about
from command.views.record_rows import AlikeView
from command.views.scene import Scene
from tests.domain.test_arrest import CARD, OTHER
from tests.support.given import LEAD, OFFICER, SERGEANT, STAFFED, World, by, checks_in, given

ONE = "threw three stones at the front window of the bank and ran off"
TWO = "threw four stones at the front window of the bank and stood there"
PAIR = (
    *STAFFED, c.FormUnit("u1", "Unit 1", "patrol", LEAD), checks_in(SERGEANT, "sergeant", unit="u1"),
    by(OFFICER, replace(CARD, conduct=ONE)), by(SERGEANT, replace(OTHER, officer="sergeant", observed_by=(), conduct=TWO)),
    by(OFFICER, ea.NarrativesAlike("a2", "a1", "conduct", 0.7)),
)  # fmt: skip


def marked(text: str, ranges: tuple[tuple[int, int], ...]) -> list[str]:
    units = text.encode("utf-16-le")
    return [units[2 * begin : 2 * end].decode("utf-16-le") for begin, end in ranges]


def shown(world: World, through: Lens) -> AlikeView | None:
    scene = Scene(world.state, world.stack, through, world.plain, world.now)
    both = pair(scene, "a2", "a1")
    if both is None:
        return None
    events = [one for one in world.entries if {"a1", "a2"} & set(about(one.event))]
    return side_by_side(scene, both, events)


def test_the_shared_runs_are_marked_in_both() -> None:
    one, other = shared_runs(ONE, TWO)
    assert marked(ONE, one) == marked(TWO, other) == ["stones at the front window of the bank and"]


def test_ranges_count_as_a_browser_does() -> None:
    """A character beyond the basic plane is two units there and one here."""
    one, _ = shared_runs("😀 a b c d e f g", "a b c d e f g")
    assert one == ((3, 16),)
    assert shared_runs("a b c", "a b c") == ((), ()), "too short to compare"
    assert shared_runs("", ONE) == ((), ())


@for_all(
    st.lists(st.sampled_from(["ab", "cd", "ef"]), max_size=20), st.lists(st.sampled_from(["ab", "cd"]), max_size=20)
)
def test_every_marked_word_is_in_a_run_of_both(mine: list[str], theirs: list[str]) -> None:
    one, other = shared_runs(" ".join(mine), " ".join(theirs))
    assert bool(one) == bool(other)
    for text in marked(" ".join(mine), one):
        assert len(text.split()) >= RUN and " ".join(text.split()[:RUN]) in " ".join(theirs)


def test_command_and_oversight_see_both_with_who_wrote_them() -> None:
    world = given(*PAIR).world
    for through in (COMMAND, OVERSIGHT):
        view = shown(world, through)
        assert view is not None and view.likeness == 0.7
        assert (view.one.text, view.other.text) == (TWO, ONE) and view.one.shared and view.other.shared
        assert (view.one.officer.person, view.other.officer.person) == ("sergeant", "officer")


@pytest.mark.parametrize("through", [FIELD, PROCESSING, lens("medical"), lens("supervision", ("u7",))])
def test_nobody_else_compares_them(through: Lens) -> None:
    assert shown(given(*PAIR).world, through) is None


def test_a_supervisor_of_one_officer_reads_that_ones_and_that_the_other_is_withheld() -> None:
    view = shown(given(*PAIR).world, lens("supervision", ("u1",)))
    assert view is not None and view.one.text == TWO and not view.one.withheld
    assert (view.other.text, view.other.withheld, view.other.shared, view.one.shared) == ("", True, (), ())


def test_who_owes_a_first_account_reads_neither() -> None:
    view = shown(given(*PAIR).world, withholding(COMMAND, ("a1", "a2")))
    assert view is not None and (view.one.text, view.other.text) == ("", "")


def test_a_pair_that_was_not_found_alike_is_none_and_what_is_gone_is_not_shown() -> None:
    world = given(*PAIR).world
    scene = Scene(world.state, world.stack, COMMAND, {}, world.now)
    assert pair(scene, "a1", "zz") is None and pair(scene, "a1", "a1") is None
    both = pair(scene, "a1", "a2")
    assert both is not None and side_by_side(scene, both, world.entries) is None, "redacted"


def test_the_versions_that_read_most_alike_are_shown_though_one_was_corrected_since() -> None:
    corrected: Any = by(OFFICER, replace(CARD, conduct="sat on the kerb and waited for the officers to come"))
    view = shown(given(*PAIR, corrected).world, COMMAND)
    assert view is not None and view.other.text == ONE
