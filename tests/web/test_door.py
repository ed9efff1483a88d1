"""The door: who gets through, what it costs to knock, and what is written down about it."""

from __future__ import annotations

import asyncio
import json
from typing import Any, get_args

import pytest
from structlog.testing import capture_logs

from command.access.audit import entry
from command.access.authorizer import PUBLIC, authorize
from command.access.model import Grant, Role, Subject
from command.errors import Unavailable
from command.web.routes import ROUTES
from tests.web.harness import START, Site, note, path_of

ROLES: tuple[Role, ...] = get_args(Role)


def allowed(role: Role, action: str, incident: str | None) -> bool:
    """What the authorizer says of someone of this role everywhere."""
    grant = Grant(person="x", role=role, incident="*")
    subject = Subject(
        person="x", name="", agency="kcso", rank="", session="s", source="", grants=(grant,), exercise=True
    )
    return authorize(subject, action, incident, START).allow


@pytest.mark.parametrize("role", ROLES)
async def test_each_route_answers_as_the_authorizer_says(site: Site, role: Role) -> None:
    """Every row of the table, with a live session of this role: 403 exactly where the authorizer denies."""
    cookie = await site.sign_in(role)
    for route in ROUTES:
        if route.action in ("session.end", "session.lock", "session.redeem"):
            continue
        answer = await site.call(route.method, path_of(route), cookie=cookie)
        if route.device:
            assert answer.status == 401, "no session opens it: a device signs the request"
            continue
        expected = allowed(role, route.action, "i-1" if route.scoped else None)
        assert (answer.status != 403) is expected, (route.method, route.path, answer.body)
        assert answer.status < 500, (route.path, answer.body)


async def test_without_a_session_only_the_public_routes_answer(site: Site) -> None:
    """401 with a problem, for each of the others."""
    for route in ROUTES:
        site.move(seconds=1)  # strangers have a rate of their own
        answer = await site.call(route.method, path_of(route))
        public = route.action in PUBLIC
        # From this machine, with our Origin, metrics are not open either.
        assert (answer.status == 401) is not public, (route.path, answer.body)
        if not public:
            assert answer.json["code"] == "not-signed-in"


@pytest.mark.parametrize(
    "origin",
    [
        "",
        "null",
        "http://evil.example",
        "http://127.0.0.1",
        "http://127.0.0.1:1",
        "https://127.0.0.1:{port}",
        "HTTP://127.0.0.1:{port}",
        "http://127.0.0.1:{port}/",
        "http://127.0.0.1:{port}.evil.example",
        "http://a.127.0.0.1:{port}",
        "http://evil.example#http://127.0.0.1:{port}",
        "http://127.0.0.1:{port} http://evil.example",
        "http://localhost:{port}",
        "file://",
    ],
)
async def test_another_origin_changes_nothing(site: Site, origin: str) -> None:
    """Every unsafe route refuses it, session or not, and says so on the trail."""
    cookie = await site.sign_in("commander")
    sent = origin.replace("{port}", site.base.rsplit(":", 1)[1])
    for route in (route for route in ROUTES if route.unsafe and not route.anonymous):
        before = len(await site.kept())
        answer = await site.call(route.method, path_of(route), cookie=cookie, headers={"Origin": sent})
        assert (answer.status, answer.json["code"]) == (403, "denied"), route.path
        rows = await site.kept(before)
        assert [(row.action, row.detail) for row in rows] == [(route.action, "another origin")]
    assert (await site.call("GET", "/api/me", cookie=cookie)).status == 200  # the session lives


@pytest.mark.parametrize("site_of", ["cross-site", "same-site", "nonsense"])
async def test_a_page_of_another_site_asks_nothing_of_the_interface(site: Site, site_of: str) -> None:
    """By the browser's own word, whatever the method; the pages themselves are open to whoever follows a link."""
    cookie = await site.sign_in("commander")
    for route in (one for one in ROUTES if one.kind == "api" and not one.anonymous and not one.any_host):
        answer = await site.call(route.method, path_of(route), cookie=cookie, headers={"Sec-Fetch-Site": site_of})
        assert (answer.status, answer.json["where"]) == (403, "Sec-Fetch-Site"), route.path
    for known in ("same-origin", "none"):
        assert (await site.call("GET", "/api/me", cookie=cookie, headers={"Sec-Fetch-Site": known})).status == 200
    assert (await site.call("GET", "/", headers={"Sec-Fetch-Site": "cross-site"})).status == 200


async def test_two_origins_are_no_origin(site: Site) -> None:
    """Whichever of them a proxy would have read."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(site.base.rsplit(":", 1)[1]))
    host = site.base.removeprefix("http://")
    writer.write(
        f"DELETE /api/session HTTP/1.1\r\nHost: {host}\r\nOrigin: {site.base}\r\n"
        f"Origin: http://evil.example\r\nConnection: close\r\n\r\n".encode()
    )
    answer = await reader.read()
    writer.close()
    assert answer.startswith(b"HTTP/1.1 403"), answer


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost"])
async def test_another_host_is_not_served(site: Site, host: str) -> None:
    """A name that an attacker points at this machine gets neither page nor data."""
    for path in ("/", "/api/me", "/files/x/app.js", "/nothing"):
        answer = await site.call("GET", path, headers={"Host": host})
        assert (answer.status, answer.json["where"]) == (400, "Host")
    assert (await site.call("GET", "/healthz", headers={"Host": host})).status == 200


GOOD = {
    "incident.list": "/api/incidents",
    "incident.read": "/api/incidents/{id}/board",
    "incident.replay": "/api/incidents/{id}/board?at=1",
    "incident.events": "/api/incidents/{id}/events",
    "incident.export": "/api/incidents/{id}/export",
    "incident.stream": "/api/incidents/{id}/stream",
}


@pytest.mark.parametrize("action", GOOD)
async def test_one_entry_for_each_that_saw_and_each_that_was_denied(site: Site, action: str) -> None:
    """A reader leaves one `ok`, an administrator who tries one `denied`, nobody one `denied` without a name."""
    incident = await site.open(await site.sign_in("commander"))
    path = GOOD[action].replace("{id}", incident)
    cookies = {
        "commander-1": (await site.sign_in("commander"), 200, "ok"),
        "administrator-1": (await site.sign_in("administrator"), 403, "denied"),
        "-": ("", 401, "denied"),
    }
    for who, (cookie, status, outcome) in cookies.items():
        before = len(await site.kept())
        answer = await site.call("GET", path, cookie=cookie)
        assert answer.status == status, answer.body
        rows = await site.kept(before)
        # What a role may not read it may not replay either: the first refusal is the one that stands.
        named = "incident.read" if action == "incident.replay" and outcome == "denied" else action
        about = "-" if action == "incident.list" else incident
        assert [(row.who, row.action, row.object, row.outcome) for row in rows] == [(who, named, about, outcome)]
        assert bool(rows[0].session) == (who != "-")


async def test_one_entry_for_each_failure(site: Site) -> None:
    """What was allowed and did not come off is on the trail as failed, with the code and not the reason's words."""
    cookie = await site.sign_in("commander")
    failing: list[tuple[str, str, object, str, str]] = [
        ("GET", "/api/incidents/i-1/board", None, "incident.read", "not-found"),
        ("GET", "/api/incidents/i-1/events?limit=0", None, "incident.events", "unreadable"),
        ("POST", "/api/incidents/i-1/commands", {"cmd": 7}, "incident.submit", "unreadable"),
        ("POST", "/api/incidents", [], "incident.open", "unreadable"),
    ]
    for method, path, body, action, code in failing:
        before = len(await site.kept())
        await site.call(method, path, body, cookie=cookie)
        rows = await site.kept(before)
        assert [(row.action, row.outcome, row.detail) for row in rows] == [(action, "failed", code)]


async def test_commands_are_on_the_trail_in_their_own_transaction(site: Site) -> None:
    """One entry a command, written by the act; the door adds none."""
    cookie = await site.sign_in("commander")
    incident = await site.open(cookie)
    before = len(await site.kept())
    await site.call("POST", f"/api/incidents/{incident}/commands", [note(), note()], cookie=cookie)
    assert [row.action for row in await site.kept(before)] == ["command.RecordEntry"] * 2


async def test_no_trail_no_sight(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the entry cannot be kept the board is not shown."""
    cookie = await site.sign_in("commander")
    incident = await site.open(cookie)

    async def broken(rows: object) -> None:
        raise Unavailable("the trail cannot be written")

    monkeypatch.setattr(site.store, "audit", broken)
    for path in GOOD.values():
        answer = await site.call("GET", path.replace("{id}", incident), cookie=cookie)
        assert (answer.status, answer.json["code"]) == (503, "unavailable"), path
        assert b"May Day" not in answer.body


async def test_sessions_lock_after_fifteen_minutes_of_polling_and_live_by_acts(site: Site) -> None:
    """Asking for the list, the feed, the board or `me` is no act: a page does that by itself. Sending and saying so are."""
    cookie = await site.sign_in("commander")
    incident = await site.open(cookie)
    for _ in range(14):
        site.move(minutes=1)
        for path in (
            "/api/me",
            "/api/incidents",
            f"/api/incidents/{incident}/events",
            f"/api/incidents/{incident}/board",
        ):
            assert (await site.call("GET", path, cookie=cookie)).status == 200
    site.move(seconds=59)
    assert (await site.call("GET", "/api/me", cookie=cookie)).status == 200
    site.move(seconds=1)
    locked = await site.call("GET", "/api/me", cookie=cookie)
    assert (locked.status, locked.json["code"]) == (401, "locked")


@pytest.mark.parametrize("act", ["active", "commands"])
async def test_an_act_keeps_a_session_and_twelve_hours_end_it(site: Site, act: str) -> None:
    """Every ten minutes, until the absolute end."""
    cookie = await site.sign_in("commander")
    incident = await site.open(cookie)
    for step in range(1, 76):
        site.move(minutes=10)
        match act:
            case "active":
                answer = await site.call("POST", "/api/session/active", cookie=cookie)
            case _:
                answer = await site.call("POST", f"/api/incidents/{incident}/commands", note(), cookie=cookie)
        assert (answer.status < 300) is (step < 72), (step, answer.body)


async def test_a_revoked_session_and_a_disabled_account_are_out_at_once(site: Site) -> None:
    """With the next request."""
    row = entry(None, "session.end", None, "ok", START, source="cli")
    cookie, other = await site.sign_in("commander"), await site.sign_in("field")
    await site.access.revoke(site.sessions[cookie], site.now, row)
    await site.access.disable("field-1", site.now, row)
    for gone in (cookie, other):
        assert (await site.call("GET", "/api/me", cookie=gone)).status == 401


@pytest.mark.parametrize("how", ["disabled", "revoked"])
async def test_whoever_holds_back_a_body_does_nothing_once_they_are_out(
    site: Site, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request is let in by its head; its body may come twenty seconds later."""
    cookie = await site.sign_in("administrator")
    seen = asyncio.Event()
    whole = site.access.signed_in

    async def noticed(digest: bytes) -> Any:
        found = await whole(digest)
        seen.set()
        return found

    monkeypatch.setattr(site.access, "signed_in", noticed)
    body = json.dumps({"person": "ally", "name": "A", "agency": "spd", "role": "administrator"}).encode()
    host = site.base.removeprefix("http://")
    reader, writer = await asyncio.open_connection("127.0.0.1", int(host.rsplit(":", 1)[1]))
    writer.write(
        f"POST /api/users HTTP/1.1\r\nHost: {host}\r\nOrigin: {site.base}\r\nCookie: {cookie}\r\nConnection: close\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    )
    async with asyncio.timeout(60):
        await seen.wait()
        row = entry(None, "session.end", None, "ok", START, source="cli")
        if how == "disabled":
            await site.access.disable("administrator-1", site.now, row)
        else:
            await site.access.revoke(site.sessions[cookie], site.now, row)
        writer.write(body)
        answer = await reader.read()
    writer.close()
    assert answer.split()[1] == b"401", answer
    assert await site.access.account("ally") is None


async def test_canaries_are_in_no_entry_and_no_log_line(site: Site) -> None:
    """Names, texts, tokens, paths and queries of a whole visit, good and bad, stay out of trail and log."""
    with capture_logs() as lines:
        cookie = await site.sign_in("commander")
        incident = await site.open(cookie, "CANARY-INCIDENT")
        await site.call("POST", f"/api/incidents/{incident}/commands", note(), cookie=cookie)
        await site.call("GET", f"/api/incidents/{incident}/board?at=CANARY-QUERY", cookie=cookie)
        await site.call("GET", "/api/incidents/CANARY%20PATH/board", cookie=cookie)
        await site.call("GET", "/CANARY-NOWHERE?CANARY", cookie=cookie, headers={"User-Agent": "CANARY-AGENT"})
        await site.call("POST", "/api/session", {"link": "CANARY-TOKEN"})
        await site.call("POST", "/api/incidents", raw=b'{"CANARY-BODY":', cookie=cookie)
        await site.call("GET", f"/api/incidents/{incident}/export", cookie=cookie)
    written = repr(lines) + repr(await site.trail())
    assert "CANARY" not in written
    assert cookie.partition("=")[2] not in written
    assert len(lines) >= 9
