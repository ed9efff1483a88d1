"""The board: following the changes is the same as starting over, for every lens, at every command."""

from __future__ import annotations

import copy

import pytest

from command.domain import commands as c
from command.domain import events as e
from command.domain.private import Sealed
from command.domain.state import State
from command.views.board import board, changes, needs
from command.views.lens import COMMAND, FIELD, OVERSIGHT, Lens, agency_lens
from command.views.rows import SECTIONS, Board
from command.views.scene import Scene
from command.views.sections import ORDERS_SHOWN, TABLE, shown_orders
from tests.support.given import ALLIED, ALLY, LEAD, PARTNER, STAFFED, World, by, given
from tests.support.stories import arrests_story, story

LENSES = (COMMAND, FIELD, OVERSIGHT, agency_lens(ALLY), agency_lens(LEAD))


def shown(world: World, state: State, lens: Lens) -> Board:
    private = {seq: world.plain[seq] for seq in needs(state)}
    return board(state, world.stack, lens, private, world.now)


@pytest.mark.parametrize("lens", LENSES)
@pytest.mark.parametrize("seed", range(8))
def test_the_old_board_and_the_changes_are_the_new_board(seed: int, lens: Lens) -> None:
    world = story(seed)
    followed = shown(world, world.states[0], lens)
    last = world.states[0]
    commits = [
        state for state, entry in zip(world.states[1:], world.entries, strict=True) if entry.header.id.endswith(".0")
    ]
    for state in (*commits, world.state):
        private = {seq: world.plain[seq] for seq in needs(state)}
        for section, key, row in changes(last, state, world.stack, lens, private, world.now):
            if row is None:
                del followed[section][key]
            else:
                assert followed[section].get(key) != row, "a change that changes nothing"
                followed[section][key] = row
        assert followed == shown(world, state, lens), state.seq
        last = state


def test_the_stories_reach_most_of_what_can_happen() -> None:
    """The property above is only as good as its histories."""
    seen = {entry.header.type for seed in range(36) for entry in story(seed, 140).entries}
    missing = {kind.__name__ for kind in e.Event.__args__} - seen
    assert missing <= {"IncidentClosed", "LogRestored"}, missing  # a restore is no command


def test_every_section_has_its_rows_in_some_story() -> None:
    held: set[str] = set()
    for world in (*(story(seed, 200) for seed in range(9)), arrests_story(0)):
        full = shown(world, world.state, COMMAND)
        assert tuple(full) == SECTIONS == tuple(TABLE)
        held |= {name for name in SECTIONS if full[name] or shown(world, world.state, OVERSIGHT)[name]}
    assert held == set(SECTIONS)


def test_an_empty_log_shows_the_ladder_and_the_positions_only() -> None:
    world = World()
    assert {name for name, rows in shown(world, world.state, COMMAND).items() if rows} == {"levels", "positions"}
    assert changes(world.state, world.state, world.stack, COMMAND, {}, world.now) == ()


def test_a_row_that_did_not_change_is_not_sent() -> None:
    world = given(*STAFFED, c.FormUnit("u1", "One", "patrol", LEAD), c.FormUnit("u2", "Two", "patrol", LEAD)).world
    before = world.state
    world.send(c.AssignUnit("u1", "north"))
    found = changes(before, world.state, world.stack, COMMAND, {}, world.now)
    assert {(section, key) for section, key, _ in found} == {
        ("units", "u1"),
        ("sectors", "north"),
        ("incident", "incident"),
    }


def test_private_values_are_needed_only_for_what_the_board_shows() -> None:
    world = given(*STAFFED).world
    assert needs(world.state) == ()
    world.send(c.RaiseLevel("north", "facilitate", "they move", ("march-moving",)))
    world.send(c.AskLevel("a1", "north", "engage", ("tension-between-groups",)))
    world.send(c.ReportForce("r1", "p1", "ic", account="x"))
    kinds = {world.entries[seq - 1].header.type for seq in needs(world.state)}
    assert kinds == {"LevelRaised", "LevelAsked"}
    row = shown(world, world.state, COMMAND)["sectors"]["north"]
    assert row.why == "they move"  # type: ignore[union-attr]  # a sector's row


def test_old_orders_leave_the_board_unless_someone_has_not_acknowledged() -> None:
    past = (*STAFFED, c.FormUnit("u1", "One", "patrol", LEAD))
    world = given(*past).world
    for number in range(ORDERS_SHOWN + 3):
        world.happened(c.GiveOrder(f"o{number}", "x", ("u1",)))
        if number != 1:
            world.happened(c.AcknowledgeOrder(f"o{number}", "u1"))
    shown_ = [order.order for order in shown_orders(world.state)]
    assert "o0" not in shown_ and "o1" in shown_ and len(shown_) == ORDERS_SHOWN + 1


def test_a_share_holds_its_own_units_people_reports_and_orders_only() -> None:
    theirs = c.FormUnit("u9", "County 9", "reserve", ALLY)
    ours = c.FormUnit("u1", "Metro 1", "patrol", LEAD)
    order = c.GiveOrder("o1", "hold", ("u1", "u9"))
    alone = c.GiveOrder("o2", "secret", ("u1",))
    force = (c.ReportForce("r1", "p1", "ic", LEAD, "baton"), c.ReportForce("r2", "p2", "partner", ALLY, "baton"))
    ask = c.AskLevel("a1", "north", "facilitate", ("march-moving",))
    world = given(*ALLIED, ours, by(PARTNER, theirs), order, alone, *force, ask).world
    share = shown(world, world.state, agency_lens(ALLY))
    assert (list(share["units"]), list(share["people"]), list(share["findings"])) == (["u9"], ["partner"], ["r2"])
    assert share["orders"]["o1"].to == ("u9",) and "o2" not in share["orders"]  # type: ignore[union-attr]  # an order's row
    assert not share["asks"] and not share["duties"]
    assert share["agencies"][LEAD].units == 0 and share["incident"]["incident"].counts == {}  # type: ignore[union-attr]  # rows of these sections
    assert set(shown(world, world.state, COMMAND)["units"]) == {"u1", "u9"}


def test_a_level_outside_the_plan_is_shown_as_it_is_recorded() -> None:
    """A log of another plan: rows name what the stack does not know."""
    odd = e.LevelRaised("north", "plan", "martial-law", (), Sealed("x"))
    asked = e.LevelAsked("a1", "north", "martial-law", (), given().world.now)
    world = given(*STAFFED, odd, asked, e.PositionAssigned("juggler", "ops")).world
    full = shown(world, world.state, COMMAND)
    assert full["sectors"]["north"].level_name == "martial-law"  # type: ignore[union-attr]  # a sector's row
    assert full["asks"]["a1"].what == "level martial-law"  # type: ignore[union-attr]  # an ask's row
    assert full["positions"]["juggler"].title == "juggler"  # type: ignore[union-attr]  # a position's row


def test_rows_of_keys_that_do_not_exist_are_none() -> None:
    world = given(*STAFFED).world
    scene = Scene(world.state, world.stack, COMMAND, {}, world.now)
    for name, section in TABLE.items():
        if name not in ("incident", "positions"):
            assert section.row(scene, "no such key") is None, name
    assert TABLE["points"].row(scene, "force:x") is TABLE["points"].row(scene, "warning:x") is None


def test_the_state_is_not_changed_by_looking() -> None:
    world = story(3, 20)
    before = copy.copy(world.state)
    shown(world, world.state, FIELD)
    assert world.state == before
