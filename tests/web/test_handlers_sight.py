"""Who can see what, by which grant: for administrators and commanders, derived from the tables that bind."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from command.access.authorizer import LENS_OF_ROLE
from command.views.sight_table import SIGHT
from tests.web.harness import Site, running


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with running() as site:
        yield site


async def test_it_says_of_each_grant_what_it_opens_and_of_each_event_who_reads_it(site: Site) -> None:
    commander = await site.sign_in("commander")
    incident = await site.open(commander)
    await site.sign_in("processing", incident, compartments=("identity", "juvenile"))
    await site.sign_in("supervisor", incident, units=("u1", "u2"))
    await site.sign_in("field", "elsewhere", person="other")
    administrator = await site.sign_in("administrator")
    for cookie in (commander, administrator):
        found = (await site.call("GET", f"/api/incidents/{incident}/sight", cookie=cookie)).json
        rows = {row["person"]: row for row in found["people"]}
        assert rows["processing-1"]["lens"] == "processing+identity+juvenile" and rows["processing-1"]["in_force"]
        assert rows["supervisor-1"]["units"] == ["u1", "u2"] and rows["supervisor-1"]["lens"] == "supervision:u1,u2"
        assert rows["administrator-1"]["lens"] == "" and "other" not in rows
        events = {one["event"]: one for one in found["events"]}
        assert set(events) == {kind.__name__ for kind in SIGHT}
        described = {one["field"]: one for one in events["PersonDescribed"]["fields"]}
        assert described["medical"]["readers"] == ["medical", "oversight"]
        assert "supervision (own)" in described["name"]["readers"] and "field" not in described["name"]["readers"]
        assert "command" not in events["GuardianCalled"]["seen_by"]
        assert set(found["commands"]) == set(LENS_OF_ROLE)
        assert found["commands"]["administrator"] == ["Redact"] and found["commands"]["public"] == []


async def test_nobody_else_reads_it_and_the_page_says_the_same(site: Site) -> None:
    commander = await site.sign_in("commander")
    incident = await site.open(commander)
    for role in ("field", "supervisor", "reviewer", "display", "public", "medical"):
        cookie = await site.sign_in(role, incident, person=f"{role}-2")  # type: ignore[arg-type]  # a role by its name
        assert (await site.call("GET", f"/api/incidents/{incident}/sight", cookie=cookie)).status == 403
    page = await site.call("GET", f"/api/incidents/{incident}/sight.html", cookie=commander)
    text = page.body.decode()
    assert page.status == 200 and text.count("<table>") == 5 and "<script" not in text
    assert "reviewer-2" in text and "PersonDescribed.medical" in text and "CANARY-NAME" in text


async def test_an_invitation_opens_only_what_its_role_may_hold(site: Site) -> None:
    administrator = await site.sign_in("administrator")
    body = {"person": "n-1", "name": "N", "agency": "spd", "role": "medical", "compartments": ["medical"]}
    assert (await site.call("POST", "/api/users", body, cookie=administrator)).status == 201
    for wrong in ({"compartments": ["complaint"]}, {"units": ["u1"]}, {"compartments": ["account"]}):
        answer = await site.call("POST", "/api/users", {**body, **wrong}, cookie=administrator)
        assert answer.status in (400, 422), wrong
