"""What a tablet learns, in a real browser, of what the server held back: let in, claimed, turned down; and what leaves when it is done."""

from __future__ import annotations

import json
import re
from typing import Any

from playwright.sync_api import BrowserContext, Page, Route

from tests.e2e.field_site import FieldSite
from tests.e2e.outbox.page import (
    PARTS_LEFT,
    PHOTO,
    UNTIL,
    UP,
    Line,
    busy,
    enrolled,
    head_of,
    saved,
    settled,
    sign_in,
)

LOOKS = re.compile(r"/statements/held$")
WEEK_MS = 7 * 86_400_000
REASON = "CANARY-REASON: not what happened"


def again(field: FieldSite, page: Page) -> None:
    """The page is loaded anew: a start asks at once."""
    page.reload()
    page.evaluate("(incident) => { globalThis.incident = incident; }", field.street.incident)
    field.run(page, "tablet.js", UP + UNTIL)


def held(field: FieldSite, page: Page) -> list[str]:
    """The names in quarantine of what waits of this tablet, in its order."""
    device = page.evaluate("() => tablet.device.id")
    rows = field.do(field.street.held(field.street.chief))
    return [row["item"] for row in rows if row["device"] == device and row["outcome"] is None]


def decide(field: FieldSite, item: str, decision: str) -> None:
    site, path = field.site, f"/api/incidents/{field.street.incident}/quarantine/{item}"
    admin = field.do(site.sign_in("administrator"))
    got = field.do(site.call("POST", path, {"decision": decision, "reason": REASON}, cookie=admin))
    assert got.status == 200, got.body


def revoked(field: FieldSite, page: Page) -> None:
    """The tablet is lost."""
    device = page.evaluate("() => tablet.device.id")
    path = f"/api/devices/{device}/revoke"
    assert field.do(field.site.call("POST", path, {}, cookie=field.street.admin)).status == 200
    field.site.store.end_session(f"device:{device}")


def rows_of(page: Page) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = page.evaluate("() => tablet.outbox.rows(2000)")
    return rows


def told(page: Page, what: str) -> None:
    page.evaluate("(what) => until(() => tablet.outbox.told.value.includes(what))", what)


def test_what_an_administrator_let_in_is_accepted_and_its_photo_follows(
    field: FieldSite, context: BrowserContext
) -> None:
    """Nobody is signed in at the tablet: it asks when it starts, checks the answer, and brings the rest."""
    page = enrolled(field, context, "")
    field.run(page, "tablet.js", PHOTO)
    page.evaluate("() => arrest(200)")
    settled(page, "held", "held")
    for item in held(field, page):
        decide(field, item, "release")
    again(field, page)
    settled(page, "accepted", "accepted")
    told(page, "let in")
    page.evaluate("() => until(async () => (await tablet.outbox.rows()).every((row) => row.files === 0))")
    assert page.evaluate(PARTS_LEFT) == 0
    assert all(row["log_seq"] and row["leaf"] and row["recorded_at"] and row["told"] for row in rows_of(page))


def test_a_claim_whose_answer_was_lost_is_in_the_list_of_who_claimed_it(
    field: FieldSite, context: BrowserContext
) -> None:
    """The server took it, the tablet never heard: it asks, and finds their name in the header that binds."""
    page = enrolled(field, context, "")
    saved(page, "captured while locked")
    settled(page, "held")
    (item,) = held(field, page)
    sign_in(field, page, "officer-1")
    claim = """([incident, item]) => fetch(`/api/incidents/${incident}/held/${item}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: "{}" }).then((got) => got.status)"""
    assert page.evaluate(claim, [field.street.incident, item]) == 200
    again(field, page)
    settled(page, "accepted")
    told(page, "claimed")
    (line,) = page.evaluate(
        "() => until(async () => { const all = await tablet.outbox.lines(); return all.length && all; })"
    )
    assert (line["type"], line["row"]["state"]) == ("RecordEntry", "accepted") and line["occurred_ms"]
    assert page.evaluate("() => tablet.outbox.line(1).then((one) => one.type)") == "RecordEntry"
    page.evaluate("() => tablet.keys.lock()")
    sign_in(field, page, "officer-2")
    assert page.evaluate("() => Promise.all([tablet.outbox.lines(), tablet.outbox.line(1)])") == [[], None]


def test_what_was_turned_down_says_so_and_its_author_reads_why_and_puts_it_away(
    field: FieldSite, context: BrowserContext
) -> None:
    """Written while revoked: what became of it is told to the device, why to its author alone."""
    page = enrolled(field, context)
    revoked(field, page)
    seen: list[str] = []
    page.on("response", lambda got: seen.append(got.text()) if LOOKS.search(got.url) else None)
    saved(page, "CANARY-words")
    settled(page, "held")
    (item,) = held(field, page)
    decide(field, item, "reject")
    again(field, page)
    settled(page, "declined")
    told(page, "declined")
    (row,) = rows_of(page)
    assert (row["item"], row["server"], row["author"], row["code"]) == (item, True, True, "declined")
    assert seen and not any("CANARY" in text for text in seen)
    page.evaluate("(n) => tablet.outbox.putAway(n)", row["device_seq"])
    settled(page)


def test_an_answer_that_binds_something_else_lets_nothing_go(field: FieldSite, context: BrowserContext) -> None:
    """It stays held, with its box, and is told; asked again with an honest answer it is let go of."""
    page = enrolled(field, context, "")
    saved(page, "held, then lied about")
    settled(page, "held")
    (item,) = held(field, page)
    decide(field, item, "release")
    script = [True]

    def other(route: Route) -> None:
        got = route.fetch()
        said = got.json()
        if script.pop() if script else False:
            said["became"][0]["answer"]["header"] = said["became"][0]["answer"]["header"][:-8] + "AAAAAAAA"
        route.fulfill(response=got, json=said)

    context.route(LOOKS, other)
    again(field, page)
    told(page, "unbound")
    (row,) = rows_of(page)
    assert (row["state"], row["trouble"], row["server"]) == ("held", "unbound", True)
    again(field, page)
    settled(page, "accepted")


def test_a_report_in_confidence_waits_for_its_author_and_raises_no_false_alarm(
    field: FieldSite, context: BrowserContext
) -> None:
    """Sent as a box while they are away: the header leads to no device, so only what they signed can check it."""
    page = enrolled(field, context)
    line = Line(context)
    line.script = [busy]
    report = """() => tablet.outbox.save([{ incident, title: "report", command: { type: "ReportExcessiveForce", witness: crypto.randomUUID(), kind: "excessive force", what: "CANARY", officer: "o-9", confidential: true } }])"""
    page.evaluate(report)
    page.evaluate("() => until(async () => (await tablet.outbox.rows())[0].tries === 1)")
    page.evaluate("() => tablet.keys.lock()")
    told(page, "author")
    (row,) = rows_of(page)
    assert (row["state"], row["trouble"], row["author"]) == ("waiting", "author", True)
    assert "unbound" not in page.evaluate("() => tablet.outbox.told.value")
    sign_in(field, page, "officer-1")
    again(field, page)
    settled(page, "accepted")


def test_a_report_in_confidence_is_not_captured_in_nobodys_session(field: FieldSite, context: BrowserContext) -> None:
    """It could not be claimed without naming who did: it is said at once, and nothing is saved."""
    page = enrolled(field, context, "")
    report = """() => tablet.outbox.save([{ incident, title: "report", command: { type: "ReportExcessiveForce", witness: crypto.randomUUID(), kind: "excessive force", what: "CANARY", confidential: true } }]).then(() => "saved", (error) => error.message)"""
    assert "sign in" in page.evaluate(report)
    assert rows_of(page) == []


def test_what_is_done_leaves_a_week_after_it_was_told(field: FieldSite, context: BrowserContext) -> None:
    """Of who is signed in and of who was away; never what no signed head covers yet."""
    field.do(field.site.services.checkpoints.publish())
    page = enrolled(field, context)
    line = Line(context)

    def covered(route: Route) -> None:
        route.fulfill(status=200, json={**route.fetch().json(), "checkpoint": head_of(field, 9999)})

    saved(page, "one")
    settled(page, "accepted")
    line.script = [covered]
    saved(page, "two")
    settled(page, "accepted", "accepted")
    page.evaluate("() => until(async () => (await tablet.outbox.rows()).every((row) => row.done))")
    line.script = [lambda route: route.fulfill(status=200, json={**route.fetch().json(), "checkpoint": None})]
    saved(page, "not covered")
    settled(page, "accepted", "accepted", "accepted")
    assert [row["done_ms"] > 0 for row in rows_of(page)] == [False, True, True]
    assert all(row["told"] for row in rows_of(page))
    age = """([seq, ms]) => new Promise((done) => {
      const records = tablet.db.transaction(["records"], "readwrite").objectStore("records"), asked = records.get(seq);
      asked.onsuccess = () => { records.put({ ...asked.result, done_ms: asked.result.done_ms - ms }).onsuccess = () => done(null); };
    })"""
    older_ms = (
        WEEK_MS + 3_600_000
    )  # a tablet sets its clock anew after a reload: it may then be a little earlier than before
    page.evaluate(age, [1, older_ms])
    page.evaluate(age, [3, older_ms])
    again(field, page)
    page.evaluate("() => until(async () => (await tablet.outbox.rows()).length === 2)")
    assert [row["device_seq"] for row in rows_of(page)] == [3, 2]
    boxes = page.evaluate(
        "() => new Promise((done) => { const asked = tablet.db.transaction(['boxes']).objectStore('boxes').getAllKeys(); asked.onsuccess = () => done(asked.result); })"
    )
    assert not [key for key in boxes if key[0] == 1], json.dumps(boxes)
