"""The whole interface against its own description: what is sent follows openapi.json, or breaks it in one place.

A real server on a real PostgreSQL. No answer is a 5xx, and each is of a status, a media type and a shape that the
description names. `MUSTER_EXAMPLES=500` makes it long; without it it is short and always the same.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.config import SchemathesisConfig
from schemathesis.core import NOT_SET
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks

from command.web import openapi, tus
from command.web.routes import ROUTES, Route
from tests.e2e.real.client import Client
from tests.e2e.real.house import House

EXAMPLES = int(os.environ.get("MUSTER_EXAMPLES", "0"))
SHORT = 10

CHECKS = [
    schemathesis.checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.positive_data_acceptance,
    checks.negative_data_rejection,
]

ASKED = [route for route in ROUTES if route.answer != "websocket" and not route.any_host]
ENDS_THE_SESSION = ("/api/session",)
"""Tried by nobody but strangers: whoever is signed in would not be for what comes after."""

NOT_ALL_SAID = (
    "/api/session", "/api/credentials", "/api/displays", "/api/incidents/{id}/packs", "/api/incidents/{id}/uploads",
    "/api/devices/", "/api/users",
)  # fmt: skip
"""What is good there depends on more than its form: the banner that is shown now, an uncommon password, a rule pack,
metadata within a header, a key with its proof, compartments that the role may hold."""


@schemathesis.serializer(tus.MEDIA)
def as_it_is(_ctx: Any, value: Any) -> dict[str, Any]:
    """The bytes of a file."""
    return {"data": value if isinstance(value, bytes) else bytes(getattr(value, "data", b"") or b"x")}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One server for all."""
    house = House(tmp_path_factory.mktemp("schemathesis"))
    # Each call comes from an address of its own, else the limits would answer instead of the handlers.
    house._settings = msgspec.structs.replace(house._settings, trusted_proxies=("127.0.0.1",))
    house.start()
    yield house
    house.close()


@pytest.fixture(scope="module")
def log(house: House) -> str:
    """An incident in which something of every kind has happened."""
    log = house.staffed()
    house.busy(log)
    return log


@pytest.fixture(scope="module")
def sessions(house: House, log: str) -> dict[str, str]:
    """Cookies: command, administration, and nobody."""
    return {
        "commander": Client(house.link("ic", "commander")).cookie,
        "administrator": Client(house.link("admin", "administrator")).cookie,
        "nobody": "",
    }


@pytest.fixture(scope="module")
def schemas(log: str) -> dict[GenerationMode, Any]:
    """The description as schemathesis reads it, without the session, which we add ourselves.

    What follows it is about our incident; what breaks it somewhere may also be about another.
    """
    return {mode: _schema(mode, log) for mode in GenerationMode}


def _schema(mode: GenerationMode, log: str) -> Any:
    document = openapi.document()
    ours = {"id": log, "sector": "square"}
    for operation in (one for path in document["paths"].values() for one in path.values()):
        operation.pop("security")
        for parameter in operation.get("parameters", ()):
            if parameter["name"] in ours:
                known = {"enum": [ours[parameter["name"]]]}
                positive = mode is GenerationMode.POSITIVE
                parameter["schema"] = known if positive else {"anyOf": [known, parameter["schema"]]}
    config = SchemathesisConfig.from_dict(
        {
            "generation": {"allow-x00": True},
            "checks": {
                "positive_data_acceptance": {"expected-statuses": ["2xx", 401, 403, 404, 409]},
                "negative_data_rejection": {"expected-statuses": ["4xx"]},
            },
        }
    )
    return schemathesis.openapi.from_dict(document, config=config)


def checks_of(route: Route, case: Any) -> list[Any]:
    """All of them, but for what a description cannot say."""
    known = list(CHECKS)
    if route.action == "incident.submit":  # each command of a batch is answered for itself, within a 200
        known.remove(checks.negative_data_rejection)
    given = set(case.query or {})
    if (
        {"after", "before"} <= given or "at" in given or route.path.startswith(NOT_ALL_SAID)
    ):  # both together are not good; nor is a seq that is yet to come
        known.remove(checks.positive_data_acceptance)
    return known


def whole(value: Any) -> Any:
    """The same JSON with 3.0 written as 3: to JSON Schema it is an integer, and we take it for none."""
    if isinstance(value, float) and value.is_integer():
        return int(value) if abs(value) < 1 << 53 else 1 << 53
    if isinstance(value, dict):
        return {name: whole(part) for name, part in value.items()}
    return [whole(part) for part in value] if isinstance(value, list) else value


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("route", ASKED, ids=lambda route: f"{route.method} {route.path}")
def test_no_answer_is_a_5xx_or_undescribed(
    house: House, schemas: dict[GenerationMode, Any], sessions: dict[str, str], route: Route, mode: GenerationMode
) -> None:
    """In each role, for the incident that there is and for others."""
    if mode is GenerationMode.NEGATIVE and route.body is None and not route.query and not route.scoped:
        pytest.skip("nothing to break")
    roles = ["nobody"] if route.unsafe and route.path.startswith(ENDS_THE_SESSION) else list(sessions)
    turns = iter(range(1 << 30))

    @settings(
        max_examples=EXAMPLES or SHORT, derandomize=not EXAMPLES, deadline=None, database=None,
        suppress_health_check=list(HealthCheck), phases=(Phase.explicit, Phase.generate, Phase.shrink),
    )  # fmt: skip
    @given(case=schemas[mode][openapi.path_of(route)][route.method].as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        turn = next(turns)
        cookie = sessions[roles[turn % len(roles)]]
        address = f"10.{turn >> 16 & 255}.{turn >> 8 & 255}.{turn & 255}"
        headers = {"Origin": house.url, "X-Forwarded-For": address, **({"Cookie": cookie} if cookie else {})}
        if case.body is not NOT_SET:
            case.body = whole(case.body)
        case.call_and_validate(base_url=house.url, headers=headers, checks=checks_of(route, case), timeout=60)

    ask()
