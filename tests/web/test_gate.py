"""The gate that the socket asks: it looks at the session and the grants of now, each time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from command.access.audit import entry
from command.access.sessions import IDLE_S
from command.errors import Denied, MusterError, NotSignedIn, SessionLocked
from command.web.gate import WebGate
from tests.web.harness import START, Site, running, submission
from tests.web.visitor import Visitor

Script = Callable[[web.Request, WebGate, str], Awaitable[None]]
ROW = entry(None, "session.end", None, "ok", START, source="cli")


async def on_a_socket(site: Site, cookie: str, script: Script) -> None:
    """Run `script` in the place of the socket's handler, on an incident that was opened for it."""
    incident = await site.open(await site.sign_in("commander"))
    reached = []

    async def handler(request: web.Request) -> web.StreamResponse:
        reached.append(True)
        await script(request, WebGate(), incident)
        return web.Response()

    site.on_socket = handler
    answer = await site.call("GET", f"/api/incidents/{incident}/stream", cookie=cookie)
    assert (answer.status, reached) == (200, [True]), answer.body


async def refused(gate: WebGate, request: web.Request, action: str, incident: str) -> type[MusterError] | None:
    """What the gate raised."""
    try:
        await gate.check(request, action, incident)
    except MusterError as error:
        return type(error)
    return None


async def test_a_field_officer_streams_and_submits_as_what_a_field_officer_may(site: Site) -> None:
    """Lens, subject and author come from the session."""

    async def script(request: web.Request, gate: WebGate, incident: str) -> None:
        verdict = await gate.check(request, "incident.stream", incident)
        assert (verdict.role, verdict.lens) == ("field", "field")
        await gate.check(request, "incident.submit", incident)
        author = gate.author(request, incident)
        assert (author.person, author.agency, author.session) == ("field-1", "spd", gate.subject(request).session)
        assert "ReportForce" in author.may
        assert "GrantLevel" not in author.may

    await on_a_socket(site, await site.sign_in("field"), script)


async def test_each_refusal_is_raised_and_on_the_trail(site: Site) -> None:
    """A reviewer streams, and tries to send twice."""

    async def script(request: web.Request, gate: WebGate, incident: str) -> None:
        before = len(await site.kept())
        for _ in range(2):
            assert await refused(gate, request, "incident.submit", incident) is Denied
        assert await refused(gate, request, "incident.stream", incident) is None
        rows = await site.kept(before)
        assert [(row.who, row.action, row.object, row.outcome) for row in rows] == [
            ("reviewer-1", "incident.submit", incident, "denied")
        ] * 2

    await on_a_socket(site, await site.sign_in("reviewer"), script)


async def test_revoked_disabled_and_expired_stop_at_the_next_frame(site: Site) -> None:
    """However long the socket has been open."""

    async def revoked(request: web.Request, gate: WebGate, incident: str) -> None:
        assert await refused(gate, request, "incident.stream", incident) is None
        await site.access.revoke(gate.subject(request).session, site.now, ROW)
        assert await refused(gate, request, "incident.stream", incident) is NotSignedIn
        assert (await site.kept())[-1].detail == "not signed in"

    async def disabled(request: web.Request, gate: WebGate, incident: str) -> None:
        assert await refused(gate, request, "incident.submit", incident) is None
        await site.access.disable(gate.subject(request).person, site.now, ROW)
        assert await refused(gate, request, "incident.submit", incident) is NotSignedIn

    await on_a_socket(site, await site.sign_in("field", person="first"), revoked)
    await on_a_socket(site, await site.sign_in("field", person="second"), disabled)


async def test_watching_is_no_act_and_sending_is(site: Site) -> None:
    """A socket that only pings locks at 15:00; one that sends does not."""

    async def watching(request: web.Request, gate: WebGate, incident: str) -> None:
        for _ in range(14):
            site.move(minutes=1)
            assert await refused(gate, request, "incident.stream", incident) is None
        site.move(minutes=1)
        assert await refused(gate, request, "incident.stream", incident) is SessionLocked

    async def sending(request: web.Request, gate: WebGate, incident: str) -> None:
        for _ in range(4):
            site.move(seconds=IDLE_S - 60)
            assert await refused(gate, request, "incident.submit", incident) is None

    await on_a_socket(site, await site.sign_in("field"), watching)
    await on_a_socket(site, await site.sign_in("field"), sending)


async def test_a_fresh_proof_changes_the_token_and_not_the_socket() -> None:
    """The socket goes on by the session's id; force that waited is open to it then, with the same cookie."""
    async with running(exercise=False, host="localhost") as site:
        anna = Visitor(site)
        await anna.come_by_link("commander", "anna")
        key = await anna.make_passkey()
        [session] = (await anna.ok("GET", "/api/sessions"))["sessions"]
        known = await site.access.session(session["id"])
        assert known is not None
        site.store.add_session(session["id"], known.session.absolute_until)
        opened = await anna.ok("POST", "/api/incidents", opening(site))
        reached = []

        async def handler(request: web.Request) -> web.StreamResponse:
            gate, incident = WebGate(), opened["incident"]
            await gate.check(request, "incident.submit", incident)
            assert gate.author(request, incident).stale == frozenset()
            site.move(minutes=5)
            await gate.check(request, "incident.submit", incident)
            assert "GrantForce" in gate.author(request, incident).stale
            assert (await anna.by_passkey(key)).json["session"] == session["id"]
            await gate.check(request, "incident.submit", incident)
            assert gate.author(request, incident).stale == frozenset()
            await anna.ok("POST", "/api/session/lock")
            assert await refused(gate, request, "incident.stream", incident) is SessionLocked
            reached.append(True)
            return web.Response()

        site.on_socket = handler
        answer = await anna.call("GET", f"/api/incidents/{opened['incident']}/stream")
        assert (answer.status, reached) == (200, [True]), answer.body


def opening(site: Site) -> dict[str, Any]:
    """An OpenIncident of Anna's."""
    cmd = {
        "type": "OpenIncident", "name": "March", "kind": "planned", "lead_agency": "spd",
        "lead_agency_name": "Seattle Police", "time_zone": "America/Los_Angeles", "commander": "anna",
    }  # fmt: skip
    return submission(cmd, issued_at=site.now.isoformat())
