"""No route without an action, and no route beside the table."""

from __future__ import annotations

from typing import Any, cast

from command.access.authorizer import ACTIONS, COMMAND_ACTIONS, PUBLIC, SCOPED
from command.web.app import HANDLERS, build_app
from command.web.routes import ROUTES
from tests.web.harness import Site

BY_FRAME = COMMAND_ACTIONS | {"incident.replay"}
"""Asked for by a command's own name, and by `board?at=`: not by a route of their own."""


def test_every_route_declares_an_action_of_the_closed_set() -> None:
    """An action that the authorizer does not know would shut the door for ever."""
    assert [route.path for route in ROUTES if route.action not in ACTIONS] == []


def test_every_action_has_a_door() -> None:
    """An action that no route asks for is dead, or was forgotten at one."""
    assert {route.action for route in ROUTES} | BY_FRAME == ACTIONS


def test_scoped_routes_have_scoped_actions_and_only_they() -> None:
    """A route about an incident is asked for with that incident."""
    for route in ROUTES:
        assert route.scoped is (route.action in SCOPED), route.path


def test_what_is_registered_is_the_table(site: Site) -> None:
    """Whatever aiohttp would answer is in the table, behind the door, and nothing of the table is missing."""
    app = build_app(site.services)
    registered = []
    for route in app.router.routes():
        resource = cast(Any, route.resource).canonical
        registered.append((route.method, resource))
        assert route.handler.__qualname__ == "door.<locals>.enter", (route.method, resource)
    # aiohttp's canonical form leaves the pattern of a variable out.
    assert sorted(registered) == sorted(
        (method, route.path.replace(":.+", "")) for route in ROUTES for method in route.methods
    )


def test_every_handler_is_used_and_every_name_is_there() -> None:
    """No handler that no route reaches."""
    assert {route.handler for route in ROUTES} == set(HANDLERS)


def test_reading_is_by_get_and_what_changes_is_not() -> None:
    """The Origin is checked where the method is unsafe, so nothing may change by GET."""
    for route in ROUTES:
        assert route.unsafe is (route.method != "GET")
        assert route.trail != "act" or route.unsafe, route.path


def test_only_what_is_open_to_anyone_or_ones_own_goes_unrecorded() -> None:
    """A success that leaves no entry shows nothing of an incident that is not public."""
    quiet = {route.action for route in ROUTES if route.trail == "refusals"}
    own = {"session.read", "session.list", "credential.list", "credential.add"}  # offers that nothing came of yet
    assert quiet <= PUBLIC | own | {"metrics.read", "incident.map"}
