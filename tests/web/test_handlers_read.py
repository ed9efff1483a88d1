"""Looking at an incident: live and then, by pages, through the lens that access chose."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest

from command.access.model import Role
from command.web import assets
from tests.web.harness import START, Site, note, submission


async def busy(site: Site, entries: int = 12) -> tuple[str, str, int]:
    """A commander's cookie, an incident with a second between its entries, and its head."""
    cookie = await site.sign_in("commander")
    incident = await site.open(cookie)
    head = 0
    for n in range(entries):
        site.move(seconds=1)
        answer = await site.call("POST", f"/api/incidents/{incident}/commands", note(f"entry {n}"), cookie=cookie)
        head = answer.json["answers"][0]["last_seq"]
    return cookie, incident, head


async def test_the_board_after_a_seq_is_the_board_as_it_was(site: Site) -> None:
    """Position, time, feed and clock are those of that event; at the head it is the live one."""
    cookie, incident, head = await busy(site)
    path = f"/api/incidents/{incident}/board"
    live = await site.call("GET", path, cookie=cookie)
    then = await site.call("GET", f"{path}?at={head}", cookie=cookie)
    assert then.json == live.json
    past = await site.call("GET", f"{path}?at={head - 2}", cookie=cookie)
    assert past.json["at"]["seq"] == head - 2
    assert past.json["feed"][-1]["text"] == "entry 9"
    assert past.json["time"] == past.json["clock"]["now"] == past.json["feed"][-1]["recorded_at"]
    assert past.json["board"]["incident"]["incident"]["counts"] != live.json["board"]["incident"]["incident"]["counts"]


async def test_the_board_at_a_time_is_after_the_last_event_by_then(site: Site) -> None:
    """Between two events the first has happened; a plus sign need not be escaped; the future is now."""
    cookie, incident, head = await busy(site)
    path = f"/api/incidents/{incident}/board?at="
    for at in ("2016-05-01T18:00:10.5Z", quote("2016-05-01T18:00:10.5+00:00"), "2016-05-01T11:00:10.5-07:00"):
        answer = await site.call("GET", path + at, cookie=cookie)
        assert answer.json["at"]["seq"] == head - 2, at
        assert answer.json["time"] == "2016-05-01T18:00:10.500000Z"
    plus = await site.call("GET", path + "2016-05-01T20:00:10.5+02:00", cookie=cookie)
    assert plus.json["at"]["seq"] == head - 2
    future = await site.call("GET", path + "2031-01-01T00:00:00Z", cookie=cookie)
    assert future.json["at"]["seq"] == head
    assert future.json["time"] == site.now.isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize(
    ("at", "status"),
    [
        ("0", 404),
        ("999", 404),
        ("2016-05-01T17:59:59Z", 404),
        ("-1", 400),
        ("1.5", 400),
        ("", 400),
        ("yesterday", 400),
        ("2016-05-01T18:00:00", 400),
        ("9" * 40, 400),
        ("٣", 400),
        ("9999-12-31T23:59:59-12:00", 400),
    ],
)
async def test_a_moment_that_is_none(site: Site, at: str, status: int) -> None:
    """Before the first event, after the last, or no moment at all: with the place in the problem."""
    cookie, incident, _ = await busy(site, 1)
    answer = await site.call("GET", f"/api/incidents/{incident}/board?at={quote(at)}", cookie=cookie)
    assert (answer.status, answer.json["where"]) == (status, "query.at"), answer.body


async def test_a_field_officer_sees_the_board_and_has_no_replay(site: Site) -> None:
    """The live board through the field's lens; `at` is another action, and its refusal says so on the trail."""
    _, incident, _ = await busy(site, 2)
    field = await site.sign_in("field")
    assert (await site.call("GET", f"/api/incidents/{incident}/board", cookie=field)).status == 200
    answer = await site.call("GET", f"/api/incidents/{incident}/board?at=1", cookie=field)
    assert answer.status == 403
    assert [(row.action, row.outcome) for row in await site.kept()][-1] == ("incident.replay", "denied")


async def test_pages_cover_the_log_without_gap_or_overlap(site: Site) -> None:
    """Forwards and backwards, in steps of five."""
    cookie, incident, head = await busy(site)
    path = f"/api/incidents/{incident}/events"
    forward: list[int] = []
    after = 0
    while after < head:
        page = (await site.call("GET", f"{path}?after={after}&limit=5", cookie=cookie)).json
        assert page["first"] == after + 1
        forward += [entry["seq"] for entry in page["entries"]]
        after = page["last"]
    assert forward == list(range(1, head + 1))
    backward: list[int] = []
    before = head + 1
    while before > 1:
        page = (await site.call("GET", f"{path}?before={before}&limit=5", cookie=cookie)).json
        assert page["last"] == before - 1
        backward = [entry["seq"] for entry in page["entries"]] + backward
        before = page["first"]
    assert backward == forward


async def test_pages_at_the_ends(site: Site) -> None:
    """Past the head there is nothing yet; before the first there is nothing; before the future is the end."""
    cookie, incident, head = await busy(site, 2)
    path = f"/api/incidents/{incident}/events"
    beyond = (await site.call("GET", f"{path}?after={head}", cookie=cookie)).json
    assert (beyond["entries"], beyond["first"], beyond["last"]) == ([], head + 1, head)
    assert beyond["at"] == {"log": incident, "epoch": 1, "seq": head}
    first = (await site.call("GET", f"{path}?before=1", cookie=cookie)).json
    assert (first["entries"], first["first"], first["last"]) == ([], 1, 0)
    future = (await site.call("GET", f"{path}?before=1000000&limit=1", cookie=cookie)).json
    assert [entry["seq"] for entry in future["entries"]] == [head]


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=501", "limit=x", "after=-1", "after=1&before=2", "before=0", "after=1e3", "limit="]
)
async def test_a_query_that_cannot_be_read(site: Site, query: str) -> None:
    """400, with its name."""
    cookie, incident, _ = await busy(site, 1)
    answer = await site.call("GET", f"/api/incidents/{incident}/events?{query}", cookie=cookie)
    assert answer.status == 400
    assert answer.json["where"].startswith("query")


async def test_each_role_looks_through_its_own_lens(site: Site) -> None:
    """Command's own deliberation is in the feed of command and oversight only."""
    cookie, incident, _ = await busy(site, 0)
    decision = {
        "type": "RecordDecision", "decision": "d-1", "question": "Where?", "chosen": "Here", "reasons": "CANARY-WHY",
    }  # fmt: skip
    sent = {"cmd": "c-1", "command": decision}
    assert (await site.call("POST", f"/api/incidents/{incident}/commands", sent, cookie=cookie)).json["answers"][0][
        "status"
    ] == "accepted"
    seen = {}
    for role in ("commander", "reviewer", "field", "assisting"):
        who = await site.sign_in(role)
        for rest in ("board", "events"):
            answer = await site.call("GET", f"/api/incidents/{incident}/{rest}", cookie=who)
            assert answer.status == 200
            seen[role, rest] = b"CANARY-WHY" in answer.body
    assert {key for key, found in seen.items() if found} == {
        ("commander", "board"), ("commander", "events"), ("reviewer", "board"), ("reviewer", "events"),
    }  # fmt: skip


async def test_the_trail_is_read_by_pages_and_its_readers_are_on_it(site: Site) -> None:
    """Newest first, without gap, until `before` is null."""
    await busy(site, 5)
    admin = await site.sign_in("administrator")
    numbers: list[int] = []
    before: int | None = None
    while True:
        query = "?limit=3" + (f"&before={before}" if before else "")
        page = (await site.call("GET", f"/api/audit{query}", cookie=admin)).json
        numbers += [entry["n"] for entry in page["entries"]]
        before = page["before"]
        if before is None:
            break
    assert numbers == list(range(numbers[0], 0, -1))
    assert [row.action for row in await site.kept()].count("audit.read") >= 3


async def test_an_incidents_trail_holds_its_entries_and_no_others(site: Site) -> None:
    """For a reviewer of that incident."""
    cookie, incident, _ = await busy(site, 3)
    other = await site.open(cookie, "Another")
    reviewer = await site.sign_in("reviewer", incident)
    page = (await site.call("GET", f"/api/incidents/{incident}/audit", cookie=reviewer)).json
    assert {entry["entry"]["object"] for entry in page["entries"]} == {incident}
    assert page["before"] is None
    part = (await site.call("GET", f"/api/incidents/{incident}/audit?limit=2", cookie=reviewer)).json
    assert len(part["entries"]) == 2
    assert part["before"] == part["entries"][-1]["n"]
    denied = await site.call("GET", f"/api/incidents/{other}/audit", cookie=reviewer)
    assert denied.status == 403


async def test_times_move_with_the_clock_that_the_test_holds(site: Site) -> None:
    """Guards the tests above: the board's time is the site's."""
    cookie, incident, _ = await busy(site, 1)
    site.move(minutes=5)
    answer = await site.call("GET", f"/api/incidents/{incident}/board", cookie=cookie)
    assert answer.json["time"] == site.now.isoformat().replace("+00:00", "Z") != START.isoformat()


async def test_what_the_plan_permits_is_answered_for_whoever_asks_and_leaves_no_trace(site: Site) -> None:
    """The gate's own answers for this person; looking is no event and no refusal."""
    cookie, incident, head = await busy(site, 1)
    define = submission({"type": "DefineSector", "sector": "north", "name": "North side"})
    answer = await site.call("POST", f"/api/incidents/{incident}/commands", define, cookie=cookie)
    assert answer.json["answers"][0]["status"] == "accepted", answer.json
    found = await site.call("GET", f"/api/incidents/{incident}/permits?sector=north", cookie=cookie)
    assert found.status == 200 and found.json["sector"] == "north" and found.json["level"] is not None
    assert {one["direction"] for one in found.json["levels"]} == {"here", "up"}
    assert all(one["decision"]["effect"] != "not barred" for one in found.json["levels"] if one["direction"] == "up")
    board = await site.call("GET", f"/api/incidents/{incident}/board", cookie=cookie)
    assert board.json["at"]["seq"] == head + 1
    for query, status in (("", 400), ("?sector=%20", 400), ("?sector=nowhere", 404)):
        none = await site.call("GET", f"/api/incidents/{incident}/permits{query}", cookie=cookie)
        assert none.status == status, query
    stranger = await site.call("GET", f"/api/incidents/{incident}/permits?sector=north")
    assert stranger.status == 401
    then = await site.call("GET", f"/api/incidents/{incident}/permits?sector=north&at={head + 1}", cookie=cookie)
    assert then.json["then"] and then.json["now"] <= found.json["now"]
    before = await site.call("GET", f"/api/incidents/{incident}/permits?sector=north&at={head}", cookie=cookie)
    assert before.status == 404, "the sector was not defined yet"


async def test_what_the_plan_permits_is_not_told_through_a_lens_that_hides_what_it_rests_on(site: Site) -> None:
    """Its reasons name grants, warnings and people: the wall, the public and who treats people do not see these."""
    cookie, incident, _ = await busy(site, 1)
    define = submission({"type": "DefineSector", "sector": "north", "name": "North side"})
    await site.call("POST", f"/api/incidents/{incident}/commands", define, cookie=cookie)
    roles: dict[Role, int] = {
        "supervisor": 200, "field": 200, "processing": 200, "reviewer": 200, "medical": 403, "display": 403, "public": 403,
    }  # fmt: skip
    for role, status in roles.items():
        other = await site.sign_in(role, person=f"the-{role}")
        for query in ("?sector=north", "?sector=nowhere"):
            found = await site.call("GET", f"/api/incidents/{incident}/permits{query}", cookie=other)
            assert found.status == (404 if status == 200 and "nowhere" in query else status), (role, query)


async def test_a_wall_has_the_live_feed_and_no_pages_of_it(site: Site) -> None:
    _, incident, _ = await busy(site, 1)
    wall = await site.sign_in("display", person="wall-1")
    assert (await site.call("GET", f"/api/incidents/{incident}/board", cookie=wall)).status == 200
    for query in ("", "?after=0", "?before=3"):
        assert (await site.call("GET", f"/api/incidents/{incident}/events{query}", cookie=wall)).status == 403


async def test_the_plans_words_are_told_to_whoever_sees_the_incident_and_to_nobody_else(site: Site) -> None:
    """For the forms: tools, texts by language, findings, the set questions of a review."""
    cookie, incident, head = await busy(site, 1)
    found = await site.call("GET", f"/api/incidents/{incident}/words", cookie=cookie)
    assert found.status == 200 and {"tools", "texts", "findings", "questions"} <= set(found.json)
    assert {"en", "es"} == set(found.json["texts"][0]["words"])
    board = await site.call("GET", f"/api/incidents/{incident}/board", cookie=cookie)
    assert board.json["at"]["seq"] == head
    assert (await site.call("GET", f"/api/incidents/{incident}/words")).status == 401
    assert (await site.call("GET", "/api/incidents/nowhere/words", cookie=cookie)).status in (403, 404)


async def test_the_plan_is_a_page_for_whoever_sees_the_incident_and_for_nobody_else(site: Site) -> None:
    """Whole, with a stylesheet of this build and no style, script or name of its own; not without a session."""
    cookie = await site.sign_in("commander")
    incident = await site.open(cookie)
    path = f"/api/incidents/{incident}/plan.html"
    page = await site.call("GET", path, cookie=cookie)
    assert page.status == 200
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    text = page.body.decode()
    assert "check with counsel" in text
    assert "<script" not in text
    assert "style=" not in text
    assert incident not in text
    assert re.search(r'<link rel="stylesheet" href="/files/[0-9a-f]+/static/css/plan.css">', text)
    assert "static/css/plan.css" in assets.load(assets.find_roots()).files
    policy = page.headers["Content-Security-Policy"]
    assert "style-src 'self'" in policy
    assert "script-src 'nonce-" in policy
    assert (await site.call("GET", path)).status == 401
    assert (await site.call("GET", "/api/incidents/nowhere/plan.html", cookie=cookie)).status in (403, 404)
