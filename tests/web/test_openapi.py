"""The description has every route, and its schemas hold for what the server really answers."""

from __future__ import annotations

import re
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # it comes without types
import pytest

from command.access.authorizer import PUBLIC
from command.domain.commands import COMMANDS
from command.views.rows import SECTIONS
from command.web import openapi, schemas
from command.web.routes import ROUTES
from tests.web.harness import Site, note

DOCUMENT = openapi.document()


def refs(value: Any) -> set[str]:
    """All references in a document."""
    if isinstance(value, dict):
        own = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
        return own.union(*(refs(part) for part in value.values()))
    if isinstance(value, list | tuple):
        return set().union(*(refs(part) for part in value))
    return set()


def resolves(document: Any, ref: str) -> bool:
    """Whether a local reference leads somewhere."""
    here = document
    for part in ref.removeprefix("#/").split("/"):
        if part not in here:
            return False
        here = here[part]
    return True


def test_every_route_is_there_with_its_action() -> None:
    """Path, method and action, and nothing else."""
    described = {
        (method.upper(), path): operation["x-action"]
        for path, methods in DOCUMENT["paths"].items()
        for method, operation in methods.items()
    }
    assert described == {(route.method, openapi.path_of(route)): route.action for route in ROUTES}


def test_it_is_openapi_3_1_in_what_we_use() -> None:
    """Version, info, unique operation ids, parameters for every variable, responses everywhere."""
    assert DOCUMENT["openapi"] == "3.1.0"
    assert DOCUMENT["info"]["title"]
    assert DOCUMENT["info"]["version"]
    ids = []
    for path, methods in DOCUMENT["paths"].items():
        assert path.startswith("/")
        for operation in methods.values():
            ids.append(operation["operationId"])
            inside = {p["name"] for p in operation.get("parameters", []) if p["in"] == "path"}
            assert inside == set(re.findall(r"\{(\w+)\}", path))
            assert any(status.startswith(("1", "2")) for status in operation["responses"])
            assert all(answer["description"] for answer in operation["responses"].values())
    assert len(ids) == len(set(ids))


def test_references_lead_somewhere_and_schemas_are_schemas() -> None:
    """Each component is a JSON Schema of 2020-12, as OpenAPI 3.1 asks."""
    assert [ref for ref in refs(DOCUMENT) if not resolves(DOCUMENT, ref)] == []
    for schema in DOCUMENT["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_every_command_is_described() -> None:
    """A new one comes in by itself."""
    assert set(COMMANDS) <= set(DOCUMENT["components"]["schemas"])


def test_only_what_is_public_needs_no_session() -> None:
    """The description says so as well."""
    public = {
        (path, method)
        for path, methods in DOCUMENT["paths"].items()
        for method, operation in methods.items()
        if operation["security"] == []
    }
    assert ("/api/session", "post") in public
    assert public == {(openapi.path_of(route), route.method.lower()) for route in ROUTES if route.action in PUBLIC}
    data = {path for path, _ in public if path.startswith("/api/")}
    assert all(path.startswith(("/api/session", "/api/devices/", "/api/policy-reports")) for path in data)


ANSWERS = [
    ("/api/me", "MeAnswer"),
    ("/api/incidents", "Incidents"),
    ("/api/incidents/{id}/board", "BoardAt"),
    ("/api/incidents/{id}/board?at=1", "BoardAt"),
    ("/api/incidents/{id}/events", "EventsPage"),
    ("/api/incidents/nowhere/board", "Problem"),
    ("/healthz", "Health"),
]


@pytest.mark.parametrize(("path", "name"), ANSWERS)
async def test_what_is_answered_is_what_is_described(site: Site, path: str, name: str) -> None:
    """The real server's answers against the schemas."""
    cookie = await site.sign_in("commander")
    incident = await site.open(cookie)
    await site.call("POST", f"/api/incidents/{incident}/commands", note(), cookie=cookie)
    answer = await site.call("GET", path.replace("{id}", incident), cookie=cookie)
    schema = {"$ref": f"#/components/schemas/{name}", "components": DOCUMENT["components"]}
    jsonschema.Draft202012Validator(schema).validate(answer.json)


def test_a_board_is_described_by_its_sections() -> None:
    """All sections, each with its row."""
    board = schemas.components([])["Board"]
    assert board["properties"]["sectors"]["additionalProperties"] == {"$ref": "#/components/schemas/SectorRow"}
    assert set(board["properties"]) == set(SECTIONS)
