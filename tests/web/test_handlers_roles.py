"""Which of one's roles speaks, and an exercise's session that opens again."""

from __future__ import annotations

from tests.web.harness import Site, running


async def _two_roles(site: Site) -> tuple[str, str]:
    incident = await site.open(await site.sign_in("commander"))
    await site.sign_in("commander", person="two")
    return incident, await site.sign_in("reviewer", incident, person="two")


async def test_a_choice_narrows_what_is_seen_and_done_and_can_be_taken_back(site: Site) -> None:
    """A reviewer sends nothing though they command elsewhere; the choice is this session's and this incident's alone."""
    incident, cookie = await _two_roles(site)
    other = await site.open(await site.sign_in("commander"), "Another")
    second = await site.sign_in("commander", person="two")

    async def stands(who: str = cookie) -> dict[str, tuple[str, str]]:
        seen = (await site.call("GET", "/api/me", cookie=who)).json["incidents"]
        return {one["id"]: (one["role"], one["lens"]) for one in seen}

    assert (await stands())[incident] == ("commander", "command")
    chosen = await site.call("POST", "/api/session/role", {"incident": incident, "role": "reviewer"}, cookie=cookie)
    assert chosen.json == {"role": "reviewer", "lens": "oversight", "roles": ["commander", "reviewer"]}
    assert await stands() == {incident: ("reviewer", "oversight"), other: ("commander", "command")}
    assert (await stands(second))[incident] == ("commander", "command")
    sent = await site.call("POST", f"/api/incidents/{incident}/commands", {"cmd": "c", "command": {}}, cookie=cookie)
    assert sent.status == 403
    back = await site.call("POST", "/api/session/role", {"incident": incident, "role": None}, cookie=cookie)
    assert back.json["role"] == "commander"
    assert [row.detail for row in site.acts if row.action == "session.choose"] == ["as reviewer", "as the first"]


async def test_nobody_chooses_what_they_were_not_given(site: Site) -> None:
    """Not a role of somewhere else, not an administrator's, which has no sight; a stranger's incident looks the same."""
    incident, cookie = await _two_roles(site)
    for role in ("field", "administrator", "display"):
        body = {"incident": incident, "role": role}
        assert (await site.call("POST", "/api/session/role", body, cookie=cookie)).status == 403
    alone = await site.sign_in("reviewer", "elsewhere", person="three")
    body = {"incident": incident, "role": "reviewer"}
    assert (await site.call("POST", "/api/session/role", body, cookie=alone)).status == 403
    assert (await site.call("POST", "/api/session/role", body)).status == 401


async def test_a_choice_counts_for_nothing_once_its_grant_has_ended(site: Site) -> None:
    """What is left speaks: never more than what is granted, and never nothing for a choice of yesterday."""
    incident, cookie = await _two_roles(site)
    await site.call("POST", "/api/session/role", {"incident": incident, "role": "reviewer"}, cookie=cookie)
    for key in [key for key in site.access.grants_by_key if key[:2] == ("two", "reviewer")]:
        del site.access.grants_by_key[key]
    (seen,) = (await site.call("GET", "/api/me", cookie=cookie)).json["incidents"]
    assert seen["role"] == "commander"


async def test_an_exercises_session_opens_without_a_proof_and_no_other_does(site: Site) -> None:
    """Locked by hand or idle for fifteen minutes; over is over; with real credentials it is refused."""
    cookie = await site.sign_in("field")
    assert (await site.call("POST", "/api/session/unlock", {}, cookie=cookie)).status == 403
    site.move(minutes=16)
    assert (await site.call("GET", "/api/me", cookie=cookie)).json["code"] == "locked"
    assert (await site.call("POST", "/api/session/unlock", {}, cookie=cookie)).status == 204
    assert (await site.call("GET", "/api/me", cookie=cookie)).status == 200
    await site.call("POST", "/api/session/lock", cookie=cookie)
    assert (await site.call("GET", "/api/session", cookie=cookie)).json["state"] == "locked"
    assert (await site.call("POST", "/api/session/unlock", {}, cookie=cookie)).status == 204
    site.move(hours=12)
    assert (await site.call("POST", "/api/session/unlock", {}, cookie=cookie)).status == 403
    async with running(exercise=False) as real:
        assert (await real.call("POST", "/api/session/unlock", {})).status == 403
