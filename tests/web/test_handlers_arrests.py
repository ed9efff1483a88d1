"""Arrest records through the real doors: whole, through each lens, by pages, side by side; reads are on the trail."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.web.harness import Site, submission

CONDUCT = "threw three stones at the front window of the bank and ran toward the river with two others"
CARD: dict[str, Any] = {
    "type": "RecordArrest", "arrest": "a1", "subject": "s1", "officer": "field-1", "officer_agency": "spd",
    "wristband": "W-001-4", "offences": ["vandalism"], "observed_by": ["field-1"], "injured": False, "conduct": CONDUCT,
    "warned": "warned, with a chance to comply",
}  # fmt: skip
OTHER = {**CARD, "arrest": "a2", "subject": "s2", "wristband": "W-002-2", "conduct": CONDUCT.replace("three", "four")}
DESCRIBED = {
    "type": "DescribePerson", "arrest": "a1", "subject": "s1", "name": "CANARY-PERSON", "race_perceived": "CANARY-RACE",
    "medical": "CANARY-MEDICAL", "age": "CANARY-AGE",
}  # fmt: skip
CANARIES = (b"CANARY-PERSON", b"CANARY-RACE", b"CANARY-MEDICAL", b"CANARY-AGE")


async def send(site: Site, incident: str, cookie: str, *commands: dict[str, Any]) -> list[dict[str, Any]]:
    """Send commands one after the other; returns their answers."""
    found = []
    for command in commands:
        answer = await site.call("POST", f"/api/incidents/{incident}/commands", submission(command), cookie=cookie)
        assert answer.status == 200, answer.body
        found.append(answer.json["answers"][0])
        site.move(seconds=1)
    return found


async def arrested(site: Site, *more: dict[str, Any]) -> tuple[str, str, str]:
    """An incident with one arrest; the commander's and the officer's cookies."""
    commander = await site.sign_in("commander")
    incident = await site.open(commander)
    officer = await site.sign_in("field")
    for answer in await send(site, incident, officer, CARD, DESCRIBED, *more):
        assert answer["status"] == "accepted", answer
    return incident, commander, officer


async def test_a_record_is_whole_and_its_reader_is_on_the_trail_with_what_they_read(site: Site) -> None:
    """The author reads their own; the trail names the compartments, and never a value."""
    incident, commander, officer = await arrested(site)
    path = f"/api/incidents/{incident}/arrests/a1"
    own = await site.call("GET", path, cookie=officer)
    assert own.status == 200, own.body
    assert own.json["person"]["answers"]["name"] == "CANARY-PERSON"
    assert own.json["person"]["pairs"][1] == {"what": "race", "perceived": "CANARY-RACE"}
    row = (await site.kept())[-1]
    assert (row.action, row.outcome, row.object) == ("incident.read", "ok", incident)
    assert row.detail == "record a1: account, demographics, identity, juvenile, medical"
    seen = await site.call("GET", path, cookie=commander)
    assert seen.json["record"]["number"] == "W-001-4" and seen.json["versions"][0]["said"]["conduct"] == CONDUCT
    assert {one["step"] for one in seen.json["steps"]} == {"transport", "booking", "closing"}
    assert not any(canary in seen.body for canary in CANARIES), "command judges acts without it"
    assert (await site.kept())[-1].detail == "record a1: account"


async def test_a_correction_stands_beside_what_it_corrects(site: Site) -> None:
    incident, commander, officer = await arrested(site)
    await send(site, incident, officer, {**CARD, "exits": "open", "conduct": "broke one window"})
    view = (await site.call("GET", f"/api/incidents/{incident}/arrests/a1", cookie=commander)).json
    first, second = view["versions"]
    assert (first["stands"], second.get("stands", True)) == (False, True)
    assert (first["said"]["conduct"], second["said"]["conduct"]) == (CONDUCT, "broke one window")
    assert second["of"] == first["event"] and second["public"]["exits"] == "open"


async def test_two_accounts_that_read_alike_are_for_the_supervisor_and_a_note_for_the_writer(site: Site) -> None:
    incident, commander, officer = await arrested(site)
    (answer,) = await send(site, incident, officer, OTHER)
    assert answer["status"] == "accepted" and len(answer["notes"]) == 1
    assert "a1" not in answer["notes"][0] and "stones" not in answer["notes"][0]
    path = f"/api/incidents/{incident}/arrests/a2/alike/a1"
    both = await site.call("GET", path, cookie=commander)
    assert both.status == 200, both.body
    one, other = both.json["one"], both.json["other"]
    assert (one["arrest"], other["arrest"]) == ("a2", "a1") and both.json["likeness"] >= 0.6
    begin, end = one["shared"][-1]
    assert one["text"][begin:end] == "stones at the front window of the bank and ran toward the river with two others"
    assert (await site.kept())[-1].detail == "accounts of a2 and a1: account"
    assert (await site.call("GET", path, cookie=officer)).status == 404, "who wrote it compares nobody's"
    assert b'"alike"' not in (await site.call("GET", f"/api/incidents/{incident}/board", cookie=officer)).body
    feed = (await site.call("GET", f"/api/incidents/{incident}/events?after=0&limit=500", cookie=officer)).json[
        "entries"
    ]
    assert not [one for one in feed if one["type"] == "NarrativesAlike"], (
        "it names the other, in no door of the writer's"
    )
    own = (await site.call("GET", f"/api/incidents/{incident}/arrests/a2", cookie=officer)).body
    assert b"W-001-4" not in own and b'"a1"' not in own
    assert (await site.call("GET", f"/api/incidents/{incident}/arrests/a1/alike/zz", cookie=commander)).status == 404


async def test_pages_go_through_all_records_newest_first_and_find_by_public_facts(site: Site) -> None:
    cards = [
        {**CARD, "arrest": f"b{n}", "subject": f"t{n}", "wristband": f"W-{n:03}", "conduct": None} for n in range(5)
    ]
    incident, commander, _ = await arrested(site, *cards)
    path = f"/api/incidents/{incident}/arrests"
    first = (await site.call("GET", f"{path}?limit=4", cookie=commander)).json
    assert [one["id"] for one in first["arrests"]] == ["b4", "b3", "b2", "b1"]
    rest = (await site.call("GET", f"{path}?limit=4&before={first['before']}", cookie=commander)).json
    assert [one["id"] for one in rest["arrests"]] == ["b0", "a1"] and "before" not in rest
    for query, ids in (
        ("number=w-001-4", ["a1"]), ("number=a1", ["a1"]), ("wristband=W-00", ["b4", "b3", "b2", "b1", "b0", "a1"]),
        ("officer=nobody", []), ("disposition=undecided&limit=1", ["b4"]), ("disposition=cited", []),
        ("missing=name", ["b4", "b3", "b2", "b1", "b0"]), ("missing=conduct&overdue=yes", []), ("sector=north", []),
    ):  # fmt: skip
        found = await site.call("GET", f"{path}?{query}", cookie=commander)
        assert [one["id"] for one in found.json["arrests"]] == ids, query


@pytest.mark.parametrize("query", ["name=x", "missing=race", "overdue=1", "disposition=x", "limit=0", "limit=201",
                                   "officer=a%20b", "number=", "before=0", "race=x", "wristband=%00"])  # fmt: skip
async def test_no_one_is_found_by_a_trait_and_what_cannot_be_read_is_said(site: Site, query: str) -> None:
    incident, commander, _ = await arrested(site)
    found = await site.call("GET", f"/api/incidents/{incident}/arrests?{query}", cookie=commander)
    assert (found.status, found.json["where"].partition(".")[0]) == (400, "query"), found.body


async def test_what_a_step_would_take_is_said_without_a_refusal_on_record(site: Site) -> None:
    incident, commander, _ = await arrested(site)
    before = (await site.call("GET", f"/api/incidents/{incident}/events?after=0", cookie=commander)).json["at"]
    found = await site.call("GET", f"/api/incidents/{incident}/arrests/a1/steps", cookie=commander)
    decisions = {one["step"]: one["decision"] for one in found.json["steps"]}
    assert decisions["closing"]["effect"] == "missing" and decisions["closing"]["missing"]
    after = (await site.call("GET", f"/api/incidents/{incident}/events?after=0", cookie=commander)).json["at"]
    assert before == after, "nothing was recorded by looking"
    assert (await site.call("GET", f"/api/incidents/{incident}/arrests/zz/steps", cookie=commander)).status == 404
    assert (await site.call("GET", f"/api/incidents/{incident}/arrests/zz", cookie=commander)).status == 404
    assert (await site.call("GET", f"/api/incidents/{incident}/arrests/%20", cookie=commander)).status == 404


async def test_processing_counts_and_the_panel_is_commands_and_oversights(site: Site) -> None:
    incident, commander, officer = await arrested(site)
    path = f"/api/incidents/{incident}/processing"
    seen = (await site.call("GET", path, cookie=commander)).json
    assert (seen["records"], seen["in_custody"], seen["undecided"]) == (1, 1, 1)
    assert {row["by"] for row in seen["panel"]} == {"all", "agency", "sector", "unit"}
    reviewer = await site.sign_in("reviewer")
    small = (await site.call("GET", path, cookie=reviewer)).json["panel"]
    assert all(row["few"] and "undecided" not in row for row in small), "one arrest is no number to publish"
    assert "panel" not in (await site.call("GET", path, cookie=officer)).json
    display = await site.sign_in("display")
    for rest in ("processing", "arrests", "arrests/a1", "arrests/a1/steps", "arrests/a1/alike/a2"):
        assert (await site.call("GET", f"/api/incidents/{incident}/{rest}", cookie=display)).status == 403, rest


async def test_an_assisting_agency_has_the_records_of_its_own_officers(site: Site) -> None:
    theirs = {**CARD, "arrest": "c1", "subject": "u1", "officer": "assisting-1", "officer_agency": "kcso"}
    incident, _, _ = await arrested(site, theirs)
    ally = await site.sign_in("assisting")
    page = await site.call("GET", f"/api/incidents/{incident}/arrests", cookie=ally)
    assert [one["id"] for one in page.json["arrests"]] == ["c1"]
    assert (await site.call("GET", f"/api/incidents/{incident}/arrests/a1", cookie=ally)).status == 404
    assert (await site.call("GET", f"/api/incidents/{incident}/arrests/c1", cookie=ally)).status == 200


async def test_each_look_at_a_record_leaves_one_entry(site: Site) -> None:
    """With success, and where there is no such record."""
    incident, commander, officer = await arrested(site, OTHER)
    for rest, cookie, outcome in (
        ("arrests/a1", commander, "ok"), ("arrests/a1/steps", commander, "ok"), ("arrests/a2/alike/a1", commander, "ok"),
        ("arrests/zz", commander, "failed"), ("arrests/a2/alike/a1", officer, "failed"), ("arrests", officer, "ok"),
    ):  # fmt: skip
        before = len(await site.kept())
        await site.call("GET", f"/api/incidents/{incident}/{rest}", cookie=cookie)
        assert [row.outcome for row in await site.kept(before)] == [outcome], rest


async def test_who_owes_a_first_account_reads_nobody_elses_of_it(site: Site) -> None:
    """An officer whose use of force belongs to the arrest tells first what they saw (domain notes I 1)."""
    force = {"type": "ReportForce", "report": "f1", "subject": "s1", "officer": "field-2", "officer_agency": "spd",
             "tool": "baton"}  # fmt: skip
    incident, commander, _ = await arrested(site, force, {**CARD, "force": ["f1"], "exits": "open"})
    path = f"/api/incidents/{incident}/arrests/a1"
    involved = await site.sign_in("commander", person="field-2")
    assert CONDUCT.encode() not in (await site.call("GET", path, cookie=involved)).body
    assert CONDUCT.encode() in (await site.call("GET", path, cookie=commander)).body


async def test_a_record_that_was_ordered_away_says_so_and_whether_that_is_complete(site: Site) -> None:
    """Nothing private is left in it, for its author neither; what comes later says that it does."""
    incident, commander, officer = await arrested(site)
    administrator = await site.sign_in("administrator")
    order = {
        "type": "Redact",
        "subject": "s1",
        "authority": "Superior Court",
        "reason": "order 7",
        "scope": "expungement",
    }
    (answer,) = await send(site, incident, administrator, order)
    path = f"/api/incidents/{incident}/arrests/a1"
    for cookie in (officer, commander):
        found = await site.call("GET", path, cookie=cookie)
        assert found.json["redacted"] and found.json["record"]["redacted"]
        assert found.json["erasure"] == "complete: a store in memory has no copies"
        assert not any(canary in found.body for canary in (*CANARIES, CONDUCT.encode()))
    property_ = {"type": "TakeProperty", "subject": "s1", "bag": "b1", "contents": "keys"}
    assert [one["status"] for one in await send(site, incident, officer, property_)] == ["accepted"]
    late = (await site.call("GET", path, cookie=officer)).json["property"][0]["chain"][0]
    assert late["said"] == {"contents": "keys"} and not late.get("redacted")
    assert f"before event {answer['seq']} was destroyed" in late["public"]["told since"]
    other = await site.call("GET", "/api/incidents/" + incident + "/arrests", cookie=officer)
    assert other.json["arrests"][0]["redacted"]


async def test_a_record_is_read_as_it_stood_at_a_seq_or_a_time_and_says_what_was_ordered_away_since(site: Site) -> None:
    """By whoever may replay, and by nobody who still owes a first account; the trail says of which event."""
    incident, _, officer = await arrested(site)
    reader = await site.sign_in("reviewer", compartments=("identity",))
    path = f"/api/incidents/{incident}/arrests/a1"
    first = (await site.call("GET", path, cookie=reader)).json["versions"][0]
    corrected = {**CARD, "conduct": "threw one stone"}
    assert (await send(site, incident, officer, corrected))[0]["status"] == "accepted"

    now = (await site.call("GET", path, cookie=reader)).json
    assert [one["said"]["conduct"] for one in now["versions"]] == [CONDUCT, "threw one stone"]
    assert now["person"]["answers"]["name"] == "CANARY-PERSON"
    for at in (str(first["seq"]), first["recorded_at"]):
        then = await site.call("GET", f"{path}?at={at}", cookie=reader)
        assert then.status == 200, then.body
        (version,) = then.json["versions"]
        assert version["said"]["conduct"] == CONDUCT and version.get("stands", True)
        assert then.json["now"] == first["recorded_at"] and "person" not in then.json
        assert re.fullmatch(r"record a1 as of event \d: account", (await site.kept())[-1].detail)
    paper = await site.call("GET", f"{path}/record.pdf?at={first['seq']}", cookie=reader)
    assert paper.status == 200 and (await site.kept())[-1].detail.startswith(
        f"record a1 on paper as of event {first['seq']}"
    )

    assert (await site.call("GET", f"{path}?at={first['seq']}", cookie=officer)).status == 403, "may not replay"
    assert (await site.call("GET", f"{path}?at={first['seq'] - 1}", cookie=reader)).status == 404, "not yet arrested"
    assert (await site.call("GET", f"{path}?at=99999", cookie=reader)).status == 404
    assert (await site.call("GET", f"{path}?at=x", cookie=reader)).status == 400

    admin = await site.sign_in("administrator")
    order = {"type": "Redact", "subject": "s1", "authority": "Superior Court", "reason": "order 7"}
    assert (await send(site, incident, admin, order))[0]["status"] == "accepted"
    then = await site.call("GET", f"{path}?at={first['seq']}", cookie=reader)
    (version,) = then.json["versions"]
    assert version["redacted"] and "said" not in version and then.json["redacted"], "never silently absent"
    board = await site.call("GET", f"/api/incidents/{incident}/board?at={first['seq']}", cookie=reader)
    assert board.json["board"]["arrests"]["a1"]["redacted"], "so does the board of then"
    (entry,) = [one for one in board.json["feed"] if one["seq"] == first["seq"]]
    assert entry["redacted"] and CONDUCT not in str(board.json), "and its feed"
