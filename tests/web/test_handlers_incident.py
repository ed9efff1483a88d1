"""Listing, opening, acting: through the door, with the real service behind it."""

from __future__ import annotations

from typing import Any

from tests.web.harness import Site, note, submission


async def test_a_commander_opens_acts_and_sees_it(site: Site) -> None:
    """Open, write, read back through the board, the feed and the list."""
    cookie = await site.sign_in("commander")
    incident = await site.open(cookie)
    answer = await site.call("POST", f"/api/incidents/{incident}/commands", note("all quiet"), cookie=cookie)
    assert answer.status == 200, answer.body
    [taken] = answer.json["answers"]
    assert taken["status"] == "accepted"
    board = await site.call("GET", f"/api/incidents/{incident}/board", cookie=cookie)
    assert board.status == 200, board.body
    assert board.json["at"] == {"log": incident, "epoch": 1, "seq": taken["last_seq"]}
    assert board.json["board"]["incident"]["incident"]["name"] == "May Day"
    assert board.json["feed"][-1]["text"] == "all quiet"
    listed = await site.call("GET", "/api/incidents", cookie=cookie)
    assert listed.json == {
        "incidents": [{"id": incident, "name": "May Day", "status": "open", "role": "commander", "lens": "command"}]
    }


async def test_a_batch_is_answered_in_order_and_one_bad_command_holds_up_no_other(site: Site) -> None:
    """Each gets its own answer."""
    cookie = await site.sign_in("commander")
    incident = await site.open(cookie)
    first, bad, last = note("one"), submission({"type": "Nonsense"}), note("two")
    answer = await site.call("POST", f"/api/incidents/{incident}/commands", [first, bad, last, first], cookie=cookie)
    assert [one["status"] for one in answer.json["answers"]] == ["accepted", "unreadable", "accepted", "duplicate"]
    assert [one["cmd"] for one in answer.json["answers"]] == [one["cmd"] for one in (first, bad, last, first)]


async def test_what_is_wrong_around_a_command_holds_up_no_other_either(site: Site) -> None:
    """Its time, its id, or what it is at all: told with its number in the batch; a batch of such alone is refused."""
    cookie = await site.sign_in("commander")
    incident = await site.open(cookie)
    path = f"/api/incidents/{incident}/commands"
    late = {**note("late"), "issued_at": "CANARY yesterday"}
    bad: list[Any] = [late, {**note("x"), "cmd": "CANARY no id"}, "CANARY", {**note("x"), "CANARY": 1}]
    good = [note("one"), note("two")]
    answer = await site.call("POST", path, [good[0], *bad, good[1]], cookie=cookie)
    told = answer.json["answers"]
    assert [one["status"] for one in told] == ["accepted", *["unreadable"] * 4, "accepted"]
    assert [one["cmd"] for one in told] == [good[0]["cmd"], late["cmd"], "", "", bad[3]["cmd"], good[1]["cmd"]]
    assert [one["where"] for one in told[1:5]] == ["$[1].issued_at", "$[2].cmd", "$[3]", "$[4]"]
    assert told[0]["seq"] + 1 == told[5]["seq"] and b"CANARY" not in answer.body
    assert [row.outcome for row in await site.trail() if row.action == "incident.submit"] == ["failed"]
    none = await site.call("POST", path, [late], cookie=cookie)
    assert (none.status, none.json["where"]) == (400, "$[0].issued_at")
    text = b'[{"cmd":"c-9","command":{},"more":"\xff"}]'
    assert (await site.call("POST", path, raw=text, cookie=cookie)).status == 400


async def test_a_command_that_access_does_not_allow_is_denied_and_not_recorded(site: Site) -> None:
    """The door of commands is open to a field officer; that command's own is not."""
    commander, field = await site.sign_in("commander"), await site.sign_in("field")
    incident = await site.open(commander)
    sector = submission({"type": "DefineSector", "sector": "king", "name": "King"})
    path = f"/api/incidents/{incident}/commands"
    answer = await site.call("POST", path, [sector, note()], cookie=field)
    assert [one["status"] for one in answer.json["answers"]] == ["denied", "accepted"]
    rows = [row for row in await site.trail() if row.action == "command.DefineSector"]
    assert [(row.who, row.outcome) for row in rows] == [("field-1", "denied")]


async def test_opening_again_with_the_same_id_is_the_same_incident(site: Site) -> None:
    """A repeated request after a lost answer opens nothing new."""
    cookie = await site.sign_in("commander")
    body = submission({
        "type": "OpenIncident", "name": "A", "kind": "planned", "lead_agency": "spd", "lead_agency_name": "SPD",
        "time_zone": "America/Los_Angeles", "commander": "commander-1",
    })  # fmt: skip
    first = await site.call("POST", "/api/incidents", body, cookie=cookie)
    again = await site.call("POST", "/api/incidents", body, cookie=cookie)
    assert (first.status, again.status) == (201, 200)
    assert first.json["incident"] == again.json["incident"]
    assert again.json["answer"]["status"] == "duplicate"


async def test_opening_with_another_command_says_what_was_expected_and_where(site: Site) -> None:
    """The place is in the body as it was sent, and what was sent is not repeated."""
    cookie = await site.sign_in("commander")
    body = submission({"type": "OpenIncident", "name": 7, "CANARY": 1})
    answer = await site.call("POST", "/api/incidents", body, cookie=cookie)
    assert (answer.status, answer.json["code"]) == (400, "unreadable")
    assert answer.json["where"].startswith("$.command")
    assert b"CANARY" not in answer.body


async def test_a_grant_for_one_incident_shows_no_other(site: Site) -> None:
    """Neither in the list nor by name; whether the other exists cannot be told."""
    commander = await site.sign_in("commander")
    mine, other = await site.open(commander), await site.open(commander, "Another")
    guest = await site.sign_in("assisting", mine)
    listed = await site.call("GET", "/api/incidents", cookie=guest)
    assert [(row["id"], row["lens"]) for row in listed.json["incidents"]] == [(mine, "agency:kcso")]
    real = await site.call("GET", f"/api/incidents/{other}/board", cookie=guest)
    unreal = await site.call("GET", "/api/incidents/no-such/board", cookie=guest)
    assert real.status == unreal.status == 403
    assert {**real.json, "id": ""} == {**unreal.json, "id": ""}


async def test_an_unknown_incident_is_not_found_for_whom_every_one_is_open(site: Site) -> None:
    """On each route about one."""
    cookie = await site.sign_in("commander")
    for rest in ("board", "events", "export", "map", "stream"):
        answer = await site.call("GET", f"/api/incidents/no-such/{rest}", cookie=cookie)
        assert (answer.status, answer.json["code"]) == (404, "not-found"), rest
    answer = await site.call("POST", "/api/incidents/no-such/commands", note(), cookie=cookie)
    assert answer.status == 404


async def test_the_map_is_public_data(site: Site) -> None:
    """GeoJSON as bootstrap gives it."""
    cookie = await site.sign_in("field")
    incident = await site.open(await site.sign_in("commander"))
    answer = await site.call("GET", f"/api/incidents/{incident}/map", cookie=cookie)
    assert answer.headers["Content-Type"] == "application/geo+json"
    assert answer.json["type"] == "FeatureCollection"


async def test_bytes_that_are_no_utf8_are_unreadable_within_a_command_too(site: Site) -> None:
    """A body is looked into at two depths; neither fails the server."""
    cookie = await site.sign_in("commander")
    incident = await site.open(cookie)
    for path, command in (
        (f"/api/incidents/{incident}/commands", b'{"type":"RecordEntry","entry":"e1","text":"\xff"}'),
        ("/api/incidents", b'{"type":"OpenIncident","name":"\xff"}'),
    ):
        answer = await site.call("POST", path, raw=b'{"cmd":"c1","command":' + command + b"}", cookie=cookie)
        assert answer.status in (200, 400)
        assert b"utf-8" in answer.body


async def test_what_no_incident_is_called_is_not_found(site: Site) -> None:
    """Before the database hears of it: it would refuse a zero byte as something else."""
    cookie = await site.sign_in("commander")
    for name in ("%00", "a%00b", "%0A", "a%20b", "x" * 65):
        answer = await site.call("GET", f"/api/incidents/{name}/board", cookie=cookie)
        assert answer.status == 404, answer.body
