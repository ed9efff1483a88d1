"""The audit trail over the whole table of routes: one entry for each success, one for each failure, and no act without."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from command.access.enrolment import new_set_up_code
from command.access.model import Role
from command.domain.commands import COMMANDS
from command.errors import Unavailable, Untraceable
from command.store.ports import AuditRow
from command.web import app
from command.web.door import Call, Handler
from command.web.routes import ROUTES, Route
from tests.support.authenticator import Authenticator
from tests.support.packs import SMALL
from tests.web.harness import Answer, Site, note, path_of, running
from tests.web.visitor import PASSWORD, Visitor

Request = tuple[str, str, Any, str]
"""Method, path, body, cookie."""

Recipe = Callable[[Site], Awaitable[Request]]

OPENING = {
    "type": "OpenIncident", "name": "Vigil", "kind": "planned", "lead_agency": "spd",
    "lead_agency_name": "Seattle Police", "time_zone": "America/Los_Angeles", "commander": "commander-1",
}  # fmt: skip


async def _at_incident(site: Site, role: Role, method: str, path: str, body: Any = None) -> Request:
    incident = await site.open(await site.sign_in("commander"))
    return method, path.replace("{id}", incident), body, await site.sign_in(role)


def reads(path: str, role: Role = "commander") -> Recipe:
    """A GET at an incident."""
    return lambda site: _at_incident(site, role, "GET", path)


def upon(verb: str, path: str, body: Any = None) -> Recipe:
    """An act of an administrator, upon an account that is there."""

    async def made(site: Site) -> Request:
        await site.sign_in("field")
        return verb, path.replace("{person}", "field-1"), body, await site.sign_in("administrator")

    return made


def own(verb: str, path: str, body: Any = None, role: Role = "commander") -> Recipe:
    """An act about oneself, or about no incident."""

    async def made(site: Site) -> Request:
        return verb, path, body, await site.sign_in(role)

    return made


class Holder(Visitor):
    """A visitor with a passkey."""

    key: Authenticator


def here(act: Callable[[Site, Holder], Awaitable[tuple[str, str, Any]]], *, link: bool = False) -> Recipe:
    """A step of signing in by someone who has a passkey, or (`link`) who came by a link and has nothing yet."""

    async def made(site: Site) -> Request:
        visitor = Holder(site)
        await visitor.come_by_link("administrator", "anna")
        if not link:
            visitor.key = await visitor.make_passkey()
        method, path, body = await act(site, visitor)
        return method, path, body, visitor.cookie

    return made


async def _redeem(site: Site) -> Request:
    return "POST", "/api/session", {"link": await site.link("field")}, ""


async def _set_up(site: Site) -> Request:
    visitor = Visitor(site)
    code = await new_set_up_code(site.services.sign_in.store, site.services.sign_in.keys, site.now)
    body = {"flow": await visitor.flow(), "code": code, "person": "first", "name": "First", "agency": "spd"}
    return "POST", "/api/session/set-up", body, visitor.cookie


async def _by_passkey(_site: Site, visitor: Holder) -> tuple[str, str, Any]:
    flow, offer = await visitor.passkey_offer()
    credential = visitor.key.get(offer["options"])
    body = {"flow": flow, "ceremony": offer["ceremony"], "credential": credential}
    return "POST", "/api/session/passkey", body


async def _by_password(site: Site, visitor: Visitor) -> tuple[str, str, Any]:
    await visitor.make_password()
    site.move(seconds=60)
    body = {"flow": await visitor.flow(), "person": "anna", "password": PASSWORD, "code": visitor.code()}
    return "POST", "/api/session/password", body


async def _add_passkey(site: Site, visitor: Visitor) -> tuple[str, str, Any]:
    offer = await visitor.ok("POST", "/api/credentials/passkey/options", {})
    credential = Authenticator(site.base).create(offer["options"])
    return "POST", "/api/credentials/passkey", {"ceremony": offer["ceremony"], "credential": credential, "label": "k"}


async def _set_password(_site: Site, visitor: Visitor) -> tuple[str, str, Any]:
    offer = await visitor.ok("POST", "/api/credentials/totp", {})
    visitor.secret = offer["secret"]
    body = {"ceremony": offer["ceremony"], "password": PASSWORD, "code": visitor.code()}
    return "POST", "/api/credentials/password", body


async def _recovery(_site: Site, visitor: Visitor) -> tuple[str, str, Any]:
    await visitor.make_password()
    return "POST", "/api/credentials/recovery", {}


async def _remove_passkey(_site: Site, visitor: Visitor) -> tuple[str, str, Any]:
    await visitor.make_password()
    [held] = (await visitor.ok("GET", "/api/credentials"))["passkeys"]
    return "DELETE", f"/api/credentials/passkey/{held['id']}", None


async def _end_session(site: Site) -> Request:
    first, second = await site.sign_in("field"), await site.sign_in("field")
    return "DELETE", f"/api/sessions/{site.sessions[first]}", None, second


async def _end_notice(site: Site) -> Request:
    body = {"place": {"lat": 47.6, "lon": -122.3}, "call": "206 555 0100"}
    method, path, _, cookie = await _at_incident(site, "commander", "POST", "/api/incidents/{id}/deconfliction", body)
    made = await site.call(method, path, body, cookie=cookie)
    return "DELETE", f"{path}/{made.json['id']}", None, cookie


async def _end_user_session(site: Site) -> Request:
    theirs = await site.sign_in("field")
    return "DELETE", f"/api/users/field-1/sessions/{site.sessions[theirs]}", None, await site.sign_in("administrator")


def _upon_agency(path: str, body: Any) -> Recipe:
    async def made(site: Site) -> Request:
        cookie = await site.sign_in("administrator")
        assert (await site.call("POST", "/api/agencies", AGENCY, cookie=cookie)).status == 201
        return "POST", f"/api/agencies/kcso{path}", body, cookie

    return made


async def _unlock(site: Site) -> Request:
    cookie = await site.sign_in("field")
    assert (await site.call("POST", "/api/session/lock", cookie=cookie)).status == 204
    return "POST", "/api/session/unlock", {}, cookie


async def _choose_role(site: Site) -> Request:
    incident = await site.open(await site.sign_in("commander"))
    await site.sign_in("commander", person="two")
    return (
        "POST",
        "/api/session/role",
        {"incident": incident, "role": "field"},
        await site.sign_in("field", person="two"),
    )


AGENCY = {"id": "kcso", "name": "King County Sheriff", "kind": "county"}
INVITATION = {"person": "new-1", "name": "New One", "agency": "spd", "role": "field"}
DISPLAY = {"display": "wall-1", "name": "Wall", "agency": "spd"}

EXERCISE: Mapping[str, Recipe] = {
    "redeem": _redeem,
    "sign_out": own("DELETE", "/api/session"),
    "end_session": _end_session,
    "me": own("GET", "/api/me"),
    "sessions": own("GET", "/api/sessions"),
    "credentials": own("GET", "/api/credentials"),
    "incidents": own("GET", "/api/incidents"),
    "open_incident": own("POST", "/api/incidents"),
    "submit": lambda site: _at_incident(site, "commander", "POST", "/api/incidents/{id}/commands", note()),
    "board": reads("/api/incidents/{id}/board"),
    "permits": reads("/api/incidents/{id}/permits?sector=all"),
    "arrests": reads("/api/incidents/{id}/arrests"),
    "processing": reads("/api/incidents/{id}/processing"),
    "plan_words": reads("/api/incidents/{id}/words"),
    "plan_page": reads("/api/incidents/{id}/plan.html"),
    "notices": reads("/api/incidents/{id}/deconfliction"),
    "keep_notice": lambda site: _at_incident(
        site,
        "commander",
        "POST",
        "/api/incidents/{id}/deconfliction",
        {"place": {"lat": 47.6, "lon": -122.3}, "call": "206 555 0100"},
    ),
    "end_notice": _end_notice,
    "sight": reads("/api/incidents/{id}/sight", "administrator"),
    "sight_page": reads("/api/incidents/{id}/sight.html", "commander"),
    "plans": reads("/api/incidents/{id}/packs"),
    "keep_packs": lambda site: _at_incident(
        site, "commander", "POST", "/api/incidents/{id}/packs", {"files": [{"file": "our.toml", "text": SMALL}]}
    ),
    "events": reads("/api/incidents/{id}/events"),
    "export": reads("/api/incidents/{id}/export"),
    "map_layers": reads("/api/incidents/{id}/map"),
    "checkpoint": reads("/api/incidents/{id}/checkpoint"),
    "incident_audit": reads("/api/incidents/{id}/audit", "administrator"),
    "arrests_table": reads("/api/incidents/{id}/tables/arrests.csv"),
    "nibrs_table": reads("/api/incidents/{id}/tables/nibrs.csv"),
    "nibrs_faults": reads("/api/incidents/{id}/tables/nibrs-faults.csv"),
    "attachments": reads("/api/incidents/{id}/attachments"),
    "upload_offers": lambda site: _at_incident(site, "commander", "OPTIONS", "/api/incidents/{id}/uploads"),
    "stream": reads("/api/incidents/{id}/stream"),
    "audit": own("GET", "/api/audit", role="administrator"),
    "users": own("GET", "/api/users", role="administrator"),
    "invite": own("POST", "/api/users", INVITATION, "administrator"),
    "disable": upon("POST", "/api/users/{person}/disable", {}),
    "enable": upon("POST", "/api/users/{person}/enable", {}),
    "release": upon("POST", "/api/users/{person}/release", {"reason": "mistyped"}),
    "locks": own("GET", "/api/locks", role="administrator"),
    "identities": upon("GET", "/api/users/{person}/identities"),
    "end_user_session": _end_user_session,
    "agencies": own("GET", "/api/agencies", role="commander"),
    "add_agency": own("POST", "/api/agencies", AGENCY, "administrator"),
    "change_agency": _upon_agency("", {"contact": "duty desk"}),
    "end_agency": _upon_agency("/end", {}),
    "unlock": _unlock,
    "choose_role": _choose_role,
    "reset": upon("POST", "/api/users/{person}/reset", {}),
    "user_sessions": upon("GET", "/api/users/{person}/sessions"),
    "end_sessions": upon("DELETE", "/api/users/{person}/sessions"),
    "devices": own("GET", "/api/devices", role="administrator"),
    "invite_device": own("POST", "/api/devices/invite", {"label": "Tablet 7"}, "administrator"),
    "held_places": own("GET", "/api/quarantine", role="administrator"),
    "held": reads("/api/incidents/{id}/quarantine"),
    "my_held": reads("/api/incidents/{id}/held"),
    "invite_display": own("POST", "/api/displays", DISPLAY, "administrator"),
}
"""How each handler is reached with success, where links alone sign in."""

REAL: Mapping[str, Recipe] = {
    "sign_in_passkey": here(_by_passkey),
    "sign_in_password": here(_by_password, link=True),
    "set_up": _set_up,
    "lock": here(lambda _site, _visitor: _now("POST", "/api/session/lock")),
    "add_passkey": here(_add_passkey, link=True),
    "set_password": here(_set_password),
    "new_recovery": here(_recovery),
    "remove_passkey": here(_remove_passkey),
}
"""The same, where people have credentials."""

ELSEWHERE: Mapping[str, str] = {
    "oidc": "tests/access/test_oidc.py and tests/web/test_oidc_provider.py: needs a provider",
    "identify": "needs a provider; its refusals are below",
    "end_identity": "tests/web/test_handlers_accounts.py: needs a provider",
    "record_pdf": "needs an arrest",
    "receipt_pdf": "needs an arrest with a bag",
    "leaving_pdf": "needs an arrest",
    "discovery": "tests/web/test_handlers_discovery.py: needs a record",
    "operation_pdf": "tests/web/test_handlers_papers.py: sets a paper",
    "announce_upload": "tests/web/test_handlers_uploads.py: needs a device's upload",
    "look_upload": "tests/web/test_handlers_uploads.py",
    "append_upload": "tests/web/test_handlers_uploads.py",
    "drop_upload": "tests/web/test_handlers_uploads.py",
    "attachment": "tests/web/test_handlers_attachments.py: needs a file",
    "original": "tests/web/test_handlers_attachments.py: needs a file",
    **dict.fromkeys(("arrest", "alike", "arrest_steps"), "tests/web/test_handlers_arrests.py: needs a record"),
    **dict.fromkeys(
        ("enrol_device", "attach", "revoke_device", "statements", "held_contents", "decide_held"),
        "tests/web/test_handlers_devices.py: needs a device",
    ),
    "decide_held_all": "tests/web/test_deciding.py: needs a device",
    **dict.fromkeys(("my_held_contents", "claim_held"), "tests/web/test_handlers_held.py: needs a locked device"),
    "became": "tests/web/test_became.py: needs a locked device",
    **dict.fromkeys(("announce_file", "append_file"), "tests/web/test_handlers_files.py: needs a device"),
}
"""Handlers whose success is shown in tests of their own."""

QUIET: Mapping[str, str] = {
    "page": "an empty shell, the same for everyone",
    "field_page": "an empty shell, the same for everyone",
    "field_worker": "a public file",
    "field_manifest": "a public file",
    "sealing_key": "a public key",
    "asset": "a public file",
    "health": "whether the store can be reached, and nothing else",
    "metrics": "counts without ids, asked for every few seconds",
    "policy_report": "only counted, from anyone",
    "begin_enrolment": "a challenge for whoever holds a code; the device that comes of it has its entry",
    "challenge_device": "a challenge; the request that is signed with it has its entries",
    "vkeys": "public, and meant to be kept elsewhere",
    "openapi": "public",
    "asyncapi": "public",
    "look": "where one's own browser stands, before anyone signs in",
    "begin": "nobody is known yet; the sign-in that follows has its entry",
    "sign_in_options": "a challenge; what is made of it has its entry",
    "oidc_start": "a redirect; what comes back has its entry",
    "active": "a moved hand; shows nothing",
    "draft_key": "one's own, asked for with every page; shows nothing of an incident",
    "new_passkey_options": "a challenge; the passkey that comes of it has its entry",
    "offer_totp": "an offer; the password that comes of it has its entry",
}
"""Handlers whose success leaves no entry, each with its reason. Their refusals by access do."""


async def _now(method: str, path: str, body: Any = None) -> tuple[str, str, Any]:
    return method, path, body


def trailed() -> list[Route]:
    return [route for route in ROUTES if route.trail != "refusals"]


def site_for(handler: str) -> AbstractAsyncContextManager[Site]:
    """The site at which a handler's recipe works."""
    if handler in REAL or handler == "identify":
        return running(exercise=False, host="localhost")
    return running()


async def prepared(site: Site, handler: str) -> Request:
    """The request that reaches a handler with success."""
    method, path, body, cookie = await {**EXERCISE, **REAL}[handler](site)
    if handler == "open_incident":
        body = note() | {"command": OPENING, "issued_at": site.now.isoformat()}
    if handler == "permits":
        await _define_sector(site, path, cookie)
    return method, path, body, cookie


async def _define_sector(site: Site, path: str, cookie: str) -> None:
    incident = path.split("/")[3]
    define = note() | {"command": {"type": "DefineSector", "sector": "all", "name": "All"}}
    answer = await site.call("POST", f"/api/incidents/{incident}/commands", define, cookie=cookie)
    assert answer.json["answers"][0]["status"] == "accepted", answer.json


async def asked(site: Site, request: Request) -> tuple[Answer, list[AuditRow]]:
    """The answer to a request, and the entries that it left."""
    before, acts = len(await site.kept()), len(site.acts)
    method, path, body, cookie = request
    answer = await site.call(method, path, body, cookie=cookie)
    return answer, await site.kept(before) + site.acts[acts:]


def test_no_route_is_forgotten() -> None:
    """A new handler says here how it is reached with success, or why it leaves no entry."""
    told = [*EXERCISE, *REAL, *ELSEWHERE]
    assert len(told) == len(set(told))
    assert {route.handler for route in trailed()} == set(told)
    assert {route.handler for route in ROUTES if route.trail == "refusals"} == set(QUIET)


@pytest.mark.parametrize("handler", [*EXERCISE, *REAL])
async def test_each_success_leaves_exactly_one_entry(handler: str) -> None:
    """By the door or by the act itself, never both, never none; opening an incident is the act of its command."""
    async with site_for(handler) as site:
        answer, rows = await asked(site, await prepared(site, handler))
        assert answer.status < 300, answer.body
        # A command that opens or changes may start duties: the entry is still one for what was asked.
        assert [row.outcome for row in rows] == ["ok"], rows
        [route] = {route.action for route in ROUTES if route.handler == handler}
        by_command = {f"command.{name}" for name in COMMANDS}
        assert rows[0].action == route or rows[0].action in by_command | {"session.end"}


@pytest.mark.parametrize("route", trailed(), ids=lambda route: f"{route.method} {route.path}")
async def test_each_try_of_a_stranger_leaves_exactly_one_entry(route: Route) -> None:
    """From a page elsewhere, where it changes something; without a session, where it shows something."""
    async with running() as site:
        origin = {"Origin": "https://evil.example"} if route.unsafe else {}
        body: Any = {} if route.unsafe else None
        before = len(await site.kept())
        answer = await site.call(route.method, path_of(route), body, headers=origin)
        assert answer.status in (401, 403)
        rows = await site.kept(before)
        assert [(row.action, row.outcome, row.who) for row in rows] == [(route.action, "denied", "-")]


class Switch:
    """Handlers that fail from a moment on."""

    def __init__(self) -> None:
        self.error: Exception | None = None

    def around(self, handler: Handler) -> Handler:
        async def entered(call: Call) -> Any:
            if self.error is not None:
                raise self.error
            return await handler(call)

        return entered


@pytest.mark.parametrize("handler", [*EXERCISE, *REAL])
@pytest.mark.parametrize("error", [Unavailable("away"), RuntimeError("a fault of ours")], ids=["away", "fault"])
async def test_each_failure_leaves_exactly_one_entry(
    handler: str, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever failed, and whether we knew that it could."""
    switch = Switch()
    monkeypatch.setattr(app, "HANDLERS", {name: switch.around(real) for name, real in app.HANDLERS.items()})
    async with site_for(handler) as site:
        request = await prepared(site, handler)
        switch.error = error
        answer, rows = await asked(site, request)
        assert answer.status in (500, 503)
        assert [row.outcome for row in rows] == ["failed"]


@pytest.mark.parametrize("handler", [*EXERCISE, *REAL])
async def test_where_the_trail_cannot_be_written_nothing_is_done_or_shown(handler: str) -> None:
    """503, no event, no account, no session changed; and the metrics say why."""
    async with site_for(handler) as site:
        request = await prepared(site, handler)
        before, logs = await _kept_of(site), len(await site.kept())

        def full(_row: AuditRow) -> None:
            raise Untraceable("the disk is full")

        site.store.untraceable = True
        site.on_act = full
        answer, rows = await asked(site, request)
        assert (answer.status, answer.json["code"]) == (503, "unavailable"), answer.body
        assert "Set-Cookie" not in answer.headers
        assert rows == [] and len(await site.kept()) == logs
        assert await _kept_of(site) == before
        assert site.services.counters.untraceable == 1


async def _kept_of(site: Site) -> Any:
    """What could have changed: ends of logs, accounts, open sessions, packs."""
    accounts = await site.access.accounts()
    held = site.services.sign_in.store
    live = [one.id for account, _ in accounts for one in await held.sessions_of(account.person, site.now)]
    heads = [(head.log, head.seq) for head in await site.store.logs() if head.seq]
    return heads, accounts, live, dict(site.store._packs)


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({"command": {"type": "NoSuchThing"}}, "unreadable"),
        ([{"command": {"type": "NoSuchThing"}}, {"command": {"type": "Other"}}], "unreadable"),
    ],
)
async def test_commands_that_nobody_can_read_are_on_the_trail_as_tried(body: Any, detail: str, site: Site) -> None:
    """Once a request: what they were is not known."""
    cookie = await site.sign_in("commander")
    incident = await site.open(cookie)
    sent = [note() | one for one in body] if isinstance(body, list) else note() | body
    answer, rows = await asked(site, ("POST", f"/api/incidents/{incident}/commands", sent, cookie))
    assert {one["status"] for one in answer.json["answers"]} == {"unreadable"}
    assert [(row.action, row.outcome, row.detail) for row in rows] == [("incident.submit", "failed", detail)]


async def test_a_repeat_and_a_clash_are_on_the_trail(site: Site) -> None:
    """The first answer again is an act of reading; another command under a used id is a failed one."""
    cookie = await site.sign_in("commander")
    path = f"/api/incidents/{await site.open(cookie)}/commands"
    first = note("a")
    assert [row.detail for row in (await asked(site, ("POST", path, first, cookie)))[1]] != []
    answer, [row] = await asked(site, ("POST", path, first, cookie))
    assert (answer.json["answers"][0]["status"], row.outcome, row.detail) == ("duplicate", "ok", "duplicate")
    answer, [row] = await asked(site, ("POST", path, note("b") | {"cmd": first["cmd"]}, cookie))
    assert (answer.json["answers"][0]["status"], row.outcome, row.detail) == ("conflict", "failed", "conflict")


async def test_identify_is_refused_on_the_trail() -> None:
    """No such provider: one entry, about the person."""
    async with running() as site:
        await site.sign_in("field")
        cookie = await site.sign_in("administrator")
        body = {"provider": "none", "subject": "x"}
        answer, [row] = await asked(site, ("POST", "/api/users/field-1/identity", body, cookie))
        assert answer.status >= 400
        assert (row.action, row.object, row.outcome) == ("user.identify", "field-1", "failed")
