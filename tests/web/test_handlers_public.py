"""What anyone may see: pages, health, the interface's description; and metrics for whom they are."""

from __future__ import annotations

import pytest

from command.errors import Unavailable
from tests.web.harness import ASSETS, Site


@pytest.mark.parametrize("path", ["/", "/link"])
async def test_pages_are_shells_that_name_the_build(site: Site, path: str) -> None:
    """HTML from the map, without any data."""
    answer = await site.call("GET", path)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.body == ASSETS.pages["index"]


async def test_health_is_that_of_the_store(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """200 while it answers, 503 where it does not; neither is on the trail."""
    answer = await site.call("GET", "/healthz")
    assert (answer.status, answer.json) == (200, {"status": "ok"})

    async def away(log: str) -> None:
        raise Unavailable("the database is away")

    monkeypatch.setattr(site.store, "head", away)
    answer = await site.call("GET", "/healthz")
    assert (answer.status, answer.json["code"]) == (503, "unavailable")
    assert await site.trail() == []


async def test_health_does_not_wait_for_a_store_that_hangs(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """It gives up and says 503."""
    import asyncio

    from command.web import handlers_public

    async def hangs(log: str) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(site.store, "head", hangs)
    monkeypatch.setattr(handlers_public, "_HEALTH_WITHIN_S", 0.01)
    assert (await site.call("GET", "/healthz")).status == 503


async def test_metrics_count_by_action_and_name_nobody(site: Site) -> None:
    """For an administrator; counts of what was answered, denied, unreadable, and what others measure."""
    admin = await site.sign_in("administrator")
    cookie = await site.sign_in("commander")
    incident = await site.open(cookie, "CANARY")
    await site.call("POST", f"/api/incidents/{incident}/commands", {"cmd": 1}, cookie=cookie)
    await site.call("GET", f"/api/incidents/{incident}/board", cookie=admin)
    answer = await site.call("GET", "/metrics", cookie=admin)
    text = answer.body.decode()
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    for line in (
        'muster_requests_total{action="incident.open",status="2xx"} 1',
        'muster_requests_total{action="session.redeem",status="2xx"} 2',
        "muster_denied_total 1",
        "muster_unreadable_total 1",
        "muster_busy_total 0",
        "muster_failed_total 0",
        "muster_sockets 3",
        "# TYPE muster_events_appended_total counter",
        "muster_events_appended_total 17",
    ):
        assert line in text.splitlines(), line
    for private in (incident, "CANARY", "127.0.0.1", "commander-1"):
        assert private not in text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": ""}, 200),
        ({"Origin": "", "Host": "localhost:9"}, 200),
        ({"Origin": "", "Host": "[::1]:9"}, 200),
        ({}, 401),
        ({"Origin": "", "Host": "muster.example"}, 401),
        ({"Origin": "", "X-Forwarded-For": "127.0.0.1"}, 401),
        ({"Origin": "", "Forwarded": "for=127.0.0.1"}, 401),
        ({"Origin": "", "Via": "1.1 proxy"}, 401),
    ],
)
async def test_metrics_from_this_machine_itself(site: Site, headers: dict[str, str], status: int) -> None:
    """A program here that asks here; not a page in a browser, not a name that points here, not through a proxy."""
    assert (await site.call("GET", "/metrics", headers=headers)).status == status


async def test_the_operators_place_opens_nothing_else(site: Site) -> None:
    """Loopback is no session."""
    for path in ("/api/me", "/api/audit", "/api/users", "/api/incidents"):
        assert (await site.call("GET", path, headers={"Origin": ""})).status == 401


@pytest.mark.parametrize("path", ["/openapi.json", "/asyncapi.json"])
async def test_the_interface_describes_itself(site: Site, path: str) -> None:
    """As JSON, to anyone."""
    answer = await site.call("GET", path)
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json["info"]["title"].startswith("Muster")
