"""The board of arrests and custody: equal to the fold at every event, for every lens, and nobody's name in it."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from command.domain import commands as c
from command.domain import commands_arrest as ca
from command.domain import commands_custody as cc
from command.domain.state import State
from command.views.board import board, changes, needs
from command.views.lens import (
    COMMAND,
    DISPLAY,
    FIELD,
    MEDICAL,
    OVERSIGHT,
    PROCESSING,
    PUBLIC,
    Lens,
    agency_lens,
    lens,
)
from command.views.rows import Board
from command.views.rows_arrest import SECTIONS_ARREST
from command.views.scene import Scene
from command.views.sections import TABLE
from tests.domain.test_arrest import CARD, MADE, OTHER
from tests.domain.test_custody import IN_YARD, TO_YARD, YARD
from tests.support.given import ALLIED, ALLY, CHIEF, LEAD, OFFICER, OPS, PARTNER, SERGEANT, World, by, checks_in, given
from tests.support.stories import arrests_story

SUPERVISOR = lens("supervision", ("u1",))
LENSES = (
    COMMAND, FIELD, OVERSIGHT, PROCESSING, lens("processing", (), ("juvenile",)), MEDICAL, SUPERVISOR, DISPLAY, PUBLIC,
    agency_lens(ALLY), agency_lens(LEAD),
)  # fmt: skip
CANARY = "CANARY"


def shown(world: World, state: State, through: Lens) -> Board:
    private = {seq: world.plain[seq] for seq in needs(state)}
    return board(state, world.stack, through, private, world.now)


def rows(section: str, *steps: Any, through: Lens = COMMAND) -> dict[str, Any]:
    world = given(*steps).world
    return dict(shown(world, world.state, through)[section])


@pytest.mark.parametrize("through", LENSES)
@pytest.mark.parametrize("seed", range(4))
def test_the_changes_of_each_event_lead_to_the_board_of_its_state(seed: int, through: Lens) -> None:
    world = arrests_story(seed)
    followed = shown(world, world.states[0], through)
    for before, state in zip(world.states, world.states[1:], strict=False):
        private = {seq: world.plain[seq] for seq in needs(state)}
        for section, key, row in changes(before, state, world.stack, through, private, world.now):
            assert followed[section].get(key) != row, "a change that changes nothing"
            if row is None:
                del followed[section][key]
            else:
                followed[section][key] = row
        fresh = shown(world, state, through)
        for section in SECTIONS_ARREST:
            assert followed.get(section) == fresh.get(section), (section, state.seq)
