"""An index that follows the log says what one says that was made anew, from whichever state it was asked before."""

from __future__ import annotations

import random
from typing import Any

import pytest

from command.views import arrest_reach, counted, reconcile
from command.views.lens import COMMAND, FIELD, OVERSIGHT, PROCESSING, Lens, agency_lens
from command.views.scene import Scene
from command.views.standing import KEPT, Standing
from tests.support.given import ALLY
from tests.support.stories import arrests_story

INDEXES: dict[str, Standing] = {
    "records": counted.of_records,
    "people": counted.of_people,
    "places": counted.at_places,
    "cells": counted.in_cells,
    "bands": reconcile._used,
    "forms": reconcile._entered,
    "records by subject": arrest_reach._by_subject,
    "people by record": arrest_reach._by_record,
    "bags by record": arrest_reach._bags_by_record,
}
LENSES = (COMMAND, FIELD, PROCESSING, OVERSIGHT, agency_lens(ALLY))


def states(seed: int) -> tuple[Any, list[Any]]:
    """A day of arrests, and its states in the order in which somebody happens to ask for them."""
    world = arrests_story(seed)
    rng = random.Random(seed)
    order = list(world.states)
    for _ in range(len(order) // 5):  # who lags behind asks for an earlier one
        order.insert(rng.randrange(len(order)), rng.choice(order))
    return world, order


@pytest.mark.parametrize("seed", range(6))
def test_an_index_that_was_followed_is_the_one_made_anew(seed: int) -> None:
    world, order = states(seed)
    for state in order:
        for lens in LENSES:
            scene = Scene(state, world.stack, lens, {}, world.now)
            for name, index in INDEXES.items():
                anew = index._anew(scene, None, ()).lists
                assert dict(index(scene).items()) == dict(anew.items()), (name, lens, state.seq)


def test_little_is_kept_and_another_log_has_its_own() -> None:
    (one, states_of_one), (other, _) = states(1), states(2)
    index = Standing(lambda s: s.arrests.all, counted._record, {arrest_reach.records: arrest_reach.itself})
    for state in states_of_one:
        index(Scene(state, one.stack, COMMAND, {}, one.now))
    assert 0 < len(index._kept) <= KEPT
    before = len(index._kept)
    index(Scene(other.state, other.stack, Lens("command"), {}, other.now))
    assert len(index._kept) == min(KEPT, before + 1)
    assert index._kept[0].state is other.state
