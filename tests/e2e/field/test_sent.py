"""What the tablet's list says of what was held back: why it cannot be put away yet, what became of it, and why."""

from __future__ import annotations

import json
import re

from playwright.sync_api import Page, Route, expect

from tests.e2e.axe import violations
from tests.e2e.field.conftest import Hand
from tests.e2e.field.handheld import WAIT_MS, code_of
from tests.e2e.real.client import Client
from tests.e2e.real.house import House
from tests.uploads.corpus import jpeg

STATEMENTS = re.compile(r"/statements$")
LOOKS = re.compile(r"/statements/held$")
FILES = re.compile(r"/(uploads|files)(/|$)")
WHY = re.compile(r"/held/q-0+\d$")
REASON = "Written down twice: see number 4."
PUT_AWAY = "I have read this: put it away"


def quarantined(route: Route) -> None:
    """The server holds everything back."""
    sent = json.loads(route.request.post_data or "[]")
    said = [{"cmd": one["cmd"], "status": "quarantined", "code": "access"} for one in sent]
    route.fulfill(status=200, json={"answers": said})


def turned_down(route: Route) -> None:
    """And somebody has turned all of it down."""
    numbers = json.loads(route.request.post_data or "{}")["numbers"]
    said = [{"device_seq": n, "became": "turned down", "item": f"q-000{n}", "answer": None} for n in numbers]
    route.fulfill(status=200, json={"became": said, "checkpoint": None})


def opened(page: Page, words: str) -> None:
    """The list, and one of its lines."""
    page.locator(".field-door", has_text="Sent").click()
    page.locator(".sent-line", has_text=words).first.click()


def test_what_is_held_says_why_it_stays_and_what_became_of_it(house: House, hand: Hand) -> None:
    """Its photo is only here, so it cannot be put away; turned down, its author reads why, and it goes."""
    log = house.open()
    admin = Client(house.link("root", "administrator"))
    tablet = hand(house.url)
    tablet.enrol(code_of(admin))
    tablet.sign_in(house.link("officer", "field", incident=log, rank="officer"))
    page = tablet.page
    tablet.context.route(STATEMENTS, quarantined)
    tablet.context.route(FILES, lambda route: route.abort())
    tablet.arrest("B-100", "Threw a bottle.", jpeg())
    tablet.until("return (await state.here().outbox.rows()).every((row) => row.state === 'held')")

    opened(page, "1 file follows")
    expect(page.get_by_text("It cannot be put away yet: a file of it lies only on this tablet")).to_be_visible()
    expect(page.get_by_role("button", name=PUT_AWAY)).to_have_count(0)
    assert violations(page) == []
    page.get_by_role("button", name="Back").click()
    page.locator(".sent-line").last.click()
    expect(page.get_by_text("asks now and then what became of it")).to_be_visible()
    expect(page.get_by_role("button", name=PUT_AWAY)).to_be_visible()

    tablet.context.route(LOOKS, turned_down)
    tablet.context.route(WHY, lambda route: route.fulfill(status=200, json={"why": REASON}))
    page.reload()  # a start asks at once
    expect(page.get_by_text("A record that was held back was turned down.")).to_be_visible(timeout=WAIT_MS)
    tablet.until("return (await state.here().outbox.rows()).every((row) => row.state === 'declined')")
    opened(page, "turned down at the server")
    expect(page.get_by_text(f"Why: {REASON}")).to_be_visible(timeout=WAIT_MS)
    assert violations(page) == []
    for left in (1, 0):
        page.get_by_role("button", name=PUT_AWAY).click()
        expect(page.locator(".sent-line")).to_have_count(left, timeout=WAIT_MS)
        if left:
            page.locator(".sent-line").first.click()
    expect(page.get_by_text("You have written nothing on this tablet.")).to_be_visible()
