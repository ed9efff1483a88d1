"""The register of de-confliction: command reads where to call first; nobody else, and nothing else, has it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import get_args

import msgspec
import pytest

from command.access.deconflict import MOST, RegisterKey
from command.access.model import Role
from command.errors import Corrupt
from tests.web.harness import Site, running

PLACE = {"lat": 47.61, "lon": -122.33}
CALL = "206 555 0142"


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with running() as site:
        yield site


async def test_command_reads_where_to_call_and_nobody_else_does(site: Site) -> None:
    commander = await site.sign_in("commander")
    incident = await site.open(commander)
    path = f"/api/incidents/{incident}/deconfliction"
    made = await site.call("POST", path, {"place": PLACE, "call": CALL, "hours": 2}, cookie=commander)
    assert made.status == 201
    found = (await site.call("GET", path, cookie=commander)).json["notices"]
    assert [(one["call"], one["place"], one["radius_m"]) for one in found] == [(CALL, PLACE, 50)]
    assert found[0]["says"].startswith("Do not arrest") and set(found[0]) == {
        "id", "says", "call", "place", "radius_m", "until",
    }, "nothing says who it is"  # fmt: skip
    for role in (role for role in get_args(Role) if role != "commander"):
        cookie = await site.sign_in(role, incident, person=f"{role}-9")
        for method, body in (("GET", None), ("POST", {"place": PLACE, "call": CALL})):
            answer = await site.call(method, path, body, cookie=cookie)
            assert answer.status == 403 and CALL.encode() not in answer.body, (role, method)
    for door in ("board", "events?after=0", "export", "map", "sight", "sight.html"):
        assert CALL.encode() not in (await site.call("GET", f"/api/incidents/{incident}/{door}", cookie=commander)).body
    assert CALL not in repr(await site.trail()) and PLACE["lat"] not in [row.detail for row in await site.trail()]


async def test_it_is_gone_when_it_is_over_or_ended_and_it_is_another_incidents_never(site: Site) -> None:
    commander = await site.sign_in("commander")
    first, second = await site.open(commander), await site.open(commander, "Vigil")
    path = f"/api/incidents/{first}/deconfliction"
    for hours in (1, 3):
        await site.call("POST", path, {"place": PLACE, "call": CALL, "hours": hours}, cookie=commander)
    later = (await site.call("GET", path, cookie=commander)).json["notices"][1]["id"]
    other = f"/api/incidents/{second}/deconfliction"
    assert (await site.call("GET", other, cookie=commander)).json["notices"] == []
    assert (await site.call("DELETE", f"{other}/{later}", cookie=commander)).status == 404
    await site.access.notices(first, site.now + timedelta(hours=1))
    assert [one["id"] for one in (await site.call("GET", path, cookie=commander)).json["notices"]] == [later]
    assert (await site.call("DELETE", f"{path}/{later}", cookie=commander)).status == 204
    assert (await site.call("DELETE", f"{path}/{later}", cookie=commander)).status == 404
    assert (await site.call("GET", path, cookie=commander)).json["notices"] == []


async def test_what_is_kept_is_sealed_and_bound_to_its_incident_and_end(site: Site) -> None:
    commander = await site.sign_in("commander")
    incident = await site.open(commander)
    path = f"/api/incidents/{incident}/deconfliction"
    await site.call("POST", path, {"place": PLACE, "call": CALL}, cookie=commander)
    (kept,) = await site.access.notices(incident, site.now)
    assert CALL.encode() not in kept.box and b"47.6" not in kept.box
    key = RegisterKey(site.services.sign_in.settings.key)
    assert key.open(kept).call == CALL
    for changed in ({"incident": "other"}, {"id": "x"}, {"until": kept.until + timedelta(hours=1)}):
        with pytest.raises(Corrupt):
            key.open(msgspec.structs.replace(kept, **changed))
    with pytest.raises(Corrupt):
        RegisterKey(b"o" * 32).open(kept)


async def test_the_register_is_bounded_and_says_so(site: Site) -> None:
    commander = await site.sign_in("commander")
    incident = await site.open(commander)
    path = f"/api/incidents/{incident}/deconfliction"
    body = {"place": PLACE, "call": CALL}
    await site.call("POST", path, body, cookie=commander)
    (kept,) = await site.access.notices(incident, site.now)
    site.access.notices_by_id = {f"n{n}": msgspec.structs.replace(kept, id=f"n{n}") for n in range(MOST)}
    assert (await site.call("POST", path, body, cookie=commander)).status == 429
    for wrong in ({"hours": 25}, {"name": "who"}, {"call": ""}, {"radius_m": 0}):
        assert (await site.call("POST", path, {**body, **wrong}, cookie=commander)).status in (400, 422)
