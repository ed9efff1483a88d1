"""Who can see what, as a page of the real server: read on a wide screen and a phone, under the strict policy."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.axe import violations
from tests.e2e.real.client import Client
from tests.e2e.real.conftest import Screens
from tests.e2e.real.house import House


def test_who_can_see_what_is_read_as_tables(house: House, screens: Screens) -> None:
    """Nothing that axe finds, no page wider than its screen, and the reader's own grant in it."""
    who, log = Client(house.link("ic", "commander")), house.open()
    context = screens.profile(who, viewport={"width": 1100, "height": 900})
    page = context.new_page()
    answer = page.goto(f"{who.url}/api/incidents/{log}/sight.html")
    assert answer is not None
    assert answer.status == 200
    expect(page.get_by_role("heading", level=1)).to_have_text("Who can see what, by which grant")
    expect(page.get_by_role("rowheader", name="(ic)").first).to_be_visible()
    expect(page.get_by_role("rowheader", name="PersonDescribed.medical")).to_be_attached()
    assert violations(page) == []
    page.set_viewport_size({"width": 360, "height": 780})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
