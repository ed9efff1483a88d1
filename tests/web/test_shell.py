"""Whatever goes wrong in a handler: an answer with an id, one entry, a log line without words, and no stack."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest
from structlog.testing import capture_logs

from command.errors import Busy, Conflict, Corrupt, MusterError, NotFound, TooLarge, Unavailable
from command.web import app
from command.web.limits import SAID, SAID_EVERY_S
from command.web.routes import ROUTES, Route
from tests.web.harness import Site, path_of, running


async def in_each_handler(monkeypatch: pytest.MonkeyPatch, error: Exception) -> list[tuple[Route, Any, Any, Any]]:
    """Ask each route while every handler raises `error`: (route, answer, entries of the door, log lines)."""

    async def raises(call: object) -> Any:
        raise error

    found = []
    async with running() as calm:
        cookie = await calm.sign_in("commander")
        admin = await calm.sign_in("administrator")
        reviewer = await calm.sign_in("reviewer")
        services = calm.services
    monkeypatch.setattr(app, "HANDLERS", dict.fromkeys(app.HANDLERS, raises))
    async with running() as site:
        # The same people and sessions, in the site whose handlers are broken.
        site.access.__dict__.update(services.access.__dict__)
        for route in ROUTES:
            if route.device:
                continue  # no session opens it: tests/web/test_handlers_devices.py signs as a tablet does
            before = len(await site.kept())
            admins = ("user.", "agency.", "display.", "audit.", "metrics.", "incident.audit", "quarantine.decide")
            who = admin if route.action.startswith(admins) else cookie
            who = reviewer if route.action == "incident.originals" else who
            with capture_logs() as lines:
                answer = await site.call(route.method, path_of(route), cookie=who)
            found.append((route, answer, await site.kept(before), lines))
    return found


async def test_a_fault_of_ours_says_nothing_of_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every handler: 500, a problem, the id in answer and log, no stack, no value."""
    for route, answer, rows, lines in await in_each_handler(monkeypatch, RuntimeError("CANARY select * from x")):
        assert answer.status == 500, route.path
        assert answer.json["code"] == "error"
        assert [line["request"] for line in lines] == [answer.json["id"]] * 2
        assert lines[0]["error"] == "RuntimeError"
        assert any("raises" in at for at in lines[0]["at"])
        for text in (answer.body.decode(), repr(rows), repr(lines)):
            assert "CANARY" not in text
            assert "Traceback" not in text
        expected = [] if route.trail == "refusals" else [(route.action, "failed", "error")]
        assert [(row.action, row.outcome, row.detail) for row in rows] == expected, route.path


async def test_a_clients_line_that_is_cut_is_no_fault_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """In any handler, a socket's handshake among them: no error is logged, and the trail says that nothing came of it."""
    for route, answer, rows, lines in await in_each_handler(monkeypatch, ConnectionResetError("CANARY")):
        assert answer.status == 400, route.path
        assert [line["log_level"] for line in lines if line["log_level"] == "error"] == [], route.path
        expected = [] if route.trail == "refusals" else [(route.action, "failed", "cut")]
        assert [(row.action, row.outcome, row.detail) for row in rows] == expected, route.path


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotFound("no incident"), 404),
        (Conflict("used"), 409),
        (TooLarge("less"), 413),
        (Busy("later", retry_after_s=2.4), 429),
        (Unavailable("away"), 503),
        (Corrupt("CANARY"), 500),
    ],
)
async def test_each_error_of_the_tree_has_its_answer_and_one_entry(
    monkeypatch: pytest.MonkeyPatch, error: MusterError, status: int
) -> None:
    """In every handler."""
    for route, answer, rows, lines in await in_each_handler(monkeypatch, error):
        assert (answer.status, answer.json["code"]) == (status, error.code)
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert ("Retry-After" in answer.headers) is (status == 429)
        expected = [] if route.trail == "refusals" else [(route.action, "failed", error.code)]
        assert [(row.action, row.outcome, row.detail) for row in rows] == expected
        assert "CANARY" not in answer.body.decode() + repr(lines)


async def test_one_line_a_request_with_the_routes_pattern(site: Site) -> None:
    """Not the path, which may hold anything."""
    cookie = await site.sign_in("commander")
    with capture_logs() as lines:
        answer = await site.call("GET", "/api/incidents/i-77/board?at=3", cookie=cookie)
        await site.call("GET", "/nowhere")
    assert [(line["event"], line["route"], line["status"], line["request"] == answer.json["id"]) for line in lines] == [
        ("request", "GET /api/incidents/{id}/board", 404, True),
        ("request", "none", 404, False),
    ]


async def test_what_anyone_can_bring_about_is_said_so_often_and_then_counted(site: Site) -> None:
    """No route, too much, no database: a line each would fill the disk as fast as requests come."""
    with capture_logs() as lines:
        for _ in range(SAID + 5):
            await site.call("GET", "/nowhere")
        site.move(seconds=SAID_EVERY_S)
        await site.call("GET", "/nowhere")
    assert len(lines) == SAID + 1
    assert [line["more"] for line in lines if "more" in line] == [5]


async def test_a_database_that_is_away_fills_no_log(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request was two lines; a defect of ours keeps its line each time, for its id is what people quote."""
    cookie = await site.sign_in("commander")

    async def away(*_: object) -> None:
        raise Unavailable("the database is away")

    async def defect(*_: object) -> None:
        raise RuntimeError("CANARY")

    monkeypatch.setattr(site.access, "signed_in", away)
    with capture_logs() as lines:
        for _ in range(SAID * 3):
            assert (await site.call("GET", "/api/me", cookie=cookie)).status == 503
    assert Counter(line["event"] for line in lines) == {"request": SAID, "request failed": SAID}
    monkeypatch.setattr(site.access, "signed_in", defect)
    with capture_logs() as lines:
        for _ in range(SAID * 2):
            assert (await site.call("GET", "/api/me", cookie=cookie)).status == 500
    assert Counter(line["event"] for line in lines) == {"request": SAID * 2, "request failed": SAID * 2}


@pytest.mark.parametrize("target", ["http://evil.example/healthz", "https://127.0.0.1/healthz", "evil.example:443"])
async def test_a_target_that_names_a_host_itself_is_refused(site: Site, target: str) -> None:
    """It would count in the place of the header that was looked at (RFC 9112 3.2.2); we are nobody's proxy."""
    host = site.base.removeprefix("http://")
    reader, writer = await asyncio.open_connection("127.0.0.1", int(host.rsplit(":", 1)[1]))
    method = "CONNECT" if target.endswith(":443") else "GET"
    writer.write(f"{method} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    async with asyncio.timeout(60):
        answer = await reader.read()
    writer.close()
    assert answer.split(b"\r\n")[0].split()[1] == b"400", answer
    assert b"evil" not in answer


async def test_a_clients_request_id_is_not_taken_over(site: Site) -> None:
    """Ids are ours, so that nobody can write into our log."""
    answer = await site.call("GET", "/", headers={"X-Request-Id": "CANARY"})
    assert answer.headers.getall("X-Request-Id") != ["CANARY"]
    assert len(answer.headers["X-Request-Id"]) == 16
