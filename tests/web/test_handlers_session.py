"""Signing in by a link, out, and inviting others."""

from __future__ import annotations

from datetime import timedelta

from structlog.testing import capture_logs

from command.access.sessions import token_digest
from tests.web.harness import START, Site, running


async def test_a_link_signs_in_once_with_a_cookie_that_script_cannot_reach(site: Site) -> None:
    """The cookie's attributes, then `me`; the second use is denied, without a cookie and without a reason."""
    token = await site.link("commander")
    first = await site.call("POST", "/api/session", {"link": token})
    assert (first.status, first.body) == (204, b"")
    cookie, *attributes = first.headers["Set-Cookie"].split("; ")
    assert attributes == ["Path=/", "Secure", "HttpOnly", "SameSite=Strict"]
    assert cookie.startswith("__Host-muster=")
    me = await site.call("GET", "/api/me", cookie=cookie)
    assert me.json["me"] == {
        "person": "commander-1", "name": "CANARY-NAME commander-1", "agency": "spd", "rank": "officer",
        "may": ["agency.list", "device.invite", "device.list", "device.revoke", "incident.list", "incident.open"], "enrol": False, "exercise": True,
    }  # fmt: skip
    assert me.json["incidents"] == []
    again = await site.call("POST", "/api/session", {"link": token})
    assert (again.status, again.json["code"]) == (403, "denied")
    assert "Set-Cookie" not in again.headers


async def test_used_over_and_invented_links_look_the_same(site: Site) -> None:
    """From outside."""
    used, old = await site.link("field"), await site.link("field")
    await site.call("POST", "/api/session", {"link": used})
    site.move(minutes=10)
    answers = [await site.call("POST", "/api/session", {"link": link}) for link in (used, old, "A" * 43, "no")]
    assert len({(answer.status, answer.json["detail"]) for answer in answers}) == 1
    assert [row.outcome for row in await site.kept()] == ["denied"] * 4


async def test_signing_in_again_ends_the_session_that_the_browser_had(site: Site) -> None:
    """One browser, one session: what was open closes."""
    before = await site.sign_in("field")
    token = await site.link("commander")
    answer = await site.call("POST", "/api/session", {"link": token}, cookie=before)
    after = answer.headers["Set-Cookie"].partition(";")[0]
    assert site.ended == [site.sessions[before]]
    assert (await site.call("GET", "/api/me", cookie=before)).status == 401
    assert (await site.call("GET", "/api/me", cookie=after)).json["me"]["person"] == "commander-1"


async def test_a_bad_link_leaves_the_session_alone(site: Site) -> None:
    """Nobody is signed out by a stale bookmark."""
    cookie = await site.sign_in("field")
    await site.call("POST", "/api/session", {"link": "A" * 43}, cookie=cookie)
    assert (await site.call("GET", "/api/me", cookie=cookie)).status == 200


async def test_signing_out_ends_the_session_its_sockets_and_the_cookie(site: Site) -> None:
    """For good, with one entry on the trail; doing it again needs a session."""
    cookie = await site.sign_in("field")
    answer = await site.call("DELETE", "/api/session", cookie=cookie)
    assert answer.status == 204
    assert answer.headers["Set-Cookie"].startswith("__Host-muster=;")
    assert "Clear-Site-Data" not in answer.headers  # plain http on this machine
    assert site.ended == [site.sessions[cookie]]
    rows = [row for row in site.acts if row.action == "session.end"]
    assert [(row.who, row.object, row.outcome) for row in rows] == [("field-1", site.sessions[cookie], "ok")]
    assert (await site.call("DELETE", "/api/session", cookie=cookie)).status == 401


async def test_signing_out_over_tls_clears_what_the_browser_kept_but_not_what_is_unsent() -> None:
    """Cache and cookies; never storage, where a tablet's outbox is."""
    async with running(tls=True) as site:
        answer = await site.call("DELETE", "/api/session", cookie=await site.sign_in("field"))
    assert answer.headers["Clear-Site-Data"] == '"cache"'
    assert answer.headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"


async def test_an_administrator_invites_and_the_link_is_written_nowhere(site: Site) -> None:
    """It signs the guest in; trail and log hold neither the link nor the name."""
    admin = await site.sign_in("administrator")
    body = {"person": "guest", "name": "CANARY Guest", "agency": "kcso", "role": "assisting", "incident": "i-7"}
    with capture_logs() as lines:
        answer = await site.call("POST", "/api/users", body, cookie=admin)
    assert answer.status == 201
    url, _, token = answer.json["url"].partition("#")
    assert url == f"{site.base}/link"
    assert token_digest(token)
    written = repr(lines) + repr(await site.trail())
    assert token not in written
    assert "CANARY Guest" not in written
    assert [(r.who, r.object, r.detail) for r in site.acts if r.object == "guest"] == [
        ("administrator-1", "guest", "assisting")
    ]
    assert (await site.call("POST", "/api/session", {"link": token})).status == 204
    listed = await site.call("GET", "/api/users", cookie=admin)
    [guest] = [user for user in listed.json["users"] if user["account"]["person"] == "guest"]
    [grant] = guest["grants"]
    assert (grant["role"], grant["incident"], grant["given_by"]) == ("assisting", "i-7", "administrator-1")
    assert grant["not_after"] == (START + timedelta(hours=72)).isoformat().replace("+00:00", "Z")


async def test_inviting_the_disabled_is_refused(site: Site) -> None:
    """They are let in again by another act than an invitation."""
    admin = await site.sign_in("administrator")
    await site.sign_in("field")
    await site.access.disable("field-1", site.now, site.acts[0])
    body = {"person": "field-1", "name": "F", "agency": "spd", "role": "field"}
    answer = await site.call("POST", "/api/users", body, cookie=admin)
    assert (answer.status, answer.json["where"]) == (400, "person")


async def test_being_at_the_screen_is_nothing_but_an_act(site: Site) -> None:
    """It says nothing and leaves no entry; what it does is tested at the door."""
    cookie = await site.sign_in("field")
    before = len(await site.trail())
    answer = await site.call("POST", "/api/session/active", cookie=cookie)
    assert (answer.status, answer.body) == (204, b"")
    assert len(await site.trail()) == before
