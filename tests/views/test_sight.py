"""Who sees an event at all."""

from __future__ import annotations

import pytest

from command.domain import events as e
from command.domain.private import private_fields
from command.views import sight
from command.views.lens import COMMAND, FIELD, OVERSIGHT, agency_lens, is_command
from tests.support.given import ALLIED, ALLY, LEAD, given


@pytest.mark.parametrize("table", [sight._OPEN_TO_FIELD, sight._OPEN_TO_ALL])
def test_what_is_opened_by_name_is_a_private_field_of_that_event(table: dict[type, frozenset[str]]) -> None:
    """A field that was renamed must not stay open, or shut, by accident."""
    for kind, paths in table.items():
        assert paths and paths <= set(private_fields(kind)), kind


def test_what_describes_a_person_is_opened_to_no_lens_but_command_and_oversight() -> None:
    assert e.ForceReported not in sight._OPEN_TO_FIELD and e.ForceReported not in sight._OPEN_TO_ALL
    assert is_command(COMMAND) and is_command(OVERSIGHT) and not is_command(FIELD)


def test_the_field_does_not_see_commands_deliberation() -> None:
    world = given(*ALLIED, e.AskRefused("RaiseLevel"), e.UnitReleased("u1")).world
    refused, released = world.entries[-2:]
    assert not sight.shows(world.state, refused, FIELD) and sight.shows(world.state, released, FIELD)
    assert sight.shows(world.state, refused, OVERSIGHT)


def test_a_unit_that_nobody_knows_is_nobodys() -> None:
    state = given(*ALLIED).world.state
    assert not sight.owns_unit(state, "ghost", LEAD)
    world = given(*ALLIED, e.PersonCheckedOut("ghost"), e.UnitReleased("ghost")).world
    for entry in world.entries[-2:]:
        assert not sight.shows(world.state, entry, agency_lens(ALLY))
