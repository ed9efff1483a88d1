"""The plan as a page of the real server: read on a wide screen, a phone and paper, under the strict policy."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.e2e.axe import violations
from tests.e2e.real.client import Client
from tests.e2e.real.conftest import Screens
from tests.e2e.real.house import House


def test_the_plan_is_read_and_printed(house: House, screens: Screens) -> None:
    """Styled by a file of the build and nothing inline; nothing that axe finds; no page wider than its screen; prints."""
    who, log = Client(house.link("ic", "commander")), house.open()
    context = screens.profile(who, viewport={"width": 1100, "height": 900})
    page = context.new_page()
    answer = page.goto(f"{who.url}/api/incidents/{log}/plan.html")
    assert answer is not None
    assert answer.status == 200
    expect(page.get_by_role("heading", level=1)).to_have_text("Model layered response for gatherings")
    expect(page.get_by_text("under Illinois: limits of force")).to_be_visible()
    expect(page.get_by_role("img", name=re.compile("The ladder: Plan and liaison, then"))).to_be_visible()
    assert page.evaluate("getComputedStyle(document.querySelector('.mark.open')).fontWeight") == "600"
    assert violations(page) == []
    page.get_by_role("link", name="What is owed").click()
    expect(page.get_by_role("heading", name="What is owed")).to_be_in_viewport()
    page.set_viewport_size({"width": 360, "height": 780})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.emulate_media(media="print")
    expect(page.get_by_text("check with counsel").first).to_be_visible()
    assert page.pdf(format="Letter", print_background=True).count(b"/Type /Page\n") > 5
