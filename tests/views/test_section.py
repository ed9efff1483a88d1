"""What a change can reach: changed, new and gone entries of a map; and what is looked at once for all lenses."""

from __future__ import annotations

import copy

from hypothesis import given as for_all
from hypothesis import strategies as st
from msgspec.structs import replace

from command.domain import commands_arrest as ca
from command.domain.persistent import PMap
from command.views.lens import COMMAND
from command.views.scene import Scene
from command.views.section import KEPT, Lately, differing, reached, same
from command.views.sections import TABLE
from tests.domain.test_arrest import MADE
from tests.support.given import OFFICER, by, given
from tests.support.packs import model_stack

ITEMS = [(n,) for n in range(4)]
MAPS = st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from(ITEMS))


@for_all(MAPS, MAPS)
def test_every_entry_that_differs_is_found_and_no_other(before: dict[str, object], after: dict[str, object]) -> None:
    one, other = PMap(before), PMap(after)
    found = differing(one, other)
    assert set(found) == {key for key in before | after if before.get(key) is not after.get(key)}
    assert len(found) == len(set(found))


def test_what_was_made_of_the_same_objects_is_made_once_and_few_are_kept() -> None:
    made: list[object] = []
    lately = Lately(made.append)
    keys = [(n,) for n in range(KEPT + 1)]
    for key in (keys[0], keys[0], keys[1], keys[0]):
        lately(key)
    assert len(made) == 2
    for key in keys:
        lately(key)
    lately(keys[0])
    assert made[-1] is keys[0] and len(made) == KEPT + 2


def test_only_the_very_same_items_are_the_same() -> None:
    one = [1]
    assert same((one,), (one,)) and not same((one,), ([1],)) and not same((one,), (one, one))


def test_where_a_part_is_not_known_or_the_plan_is_another_any_row_may_differ() -> None:
    world = given(*MADE).world
    before = world.state
    world.happened(by(OFFICER, ca.DecideDisposition("a1", "s1", "cited")))
    section = TABLE["arrests"]
    records, *_, people = section.rests_on
    old, new = (Scene(state, world.stack, COMMAND, {}, world.now) for state in (before, world.state))
    assert reached(old, new, section, [records]) == {"a1"}
    assert reached(old, new, section, [records, people]) is None
    other = Scene(world.state, copy.copy(model_stack()), COMMAND, {}, world.now)
    assert other.stack is not old.stack and reached(old, other, section, [records]) is None
    assert reached(old, new, replace(section, cut=lambda _state: True), [records]) is None
