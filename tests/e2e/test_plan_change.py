"""Which plan binds, on screen: in the header with its version and since when, and the whole of it on the plan's page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from playwright.sync_api import Page, expect

from command.views.rows import PlanPack
from tests.e2e.fake_server import FakeServer

LAW = PlanPack("il-law", "Two statutes", "law", "1" * 64)
LOCAL = PlanPack("our-plan", "Our plan", "plan", "abcdef0123456789" * 4)


def test_the_header_names_the_plan_in_force_and_says_that_it_changed(
    server: FakeServer, open_page: Callable[..., Page]
) -> None:
    """The most local pack stands for the plan; its page holds all of them by their whole names."""
    since = datetime(2026, 5, 1, 19, 30, tzinfo=UTC)
    server.set_row("incident", "incident", plan=(LAW, LOCAL), plan_since=since, plan_changes=1)
    page = open_page(server.url)
    said = page.locator("header.top").get_by_role("button", name="Our plan")
    expect(said).to_contain_text("plan changed")
    expect(said).to_contain_text("abcdef01")
    said.click()
    drawer = page.locator("#drawer")
    expect(drawer).to_contain_text("The plan changed during this incident.")
    expect(drawer).to_contain_text(f"our-plan@sha256:{LOCAL.digest}")
    expect(drawer).to_contain_text("Two statutes (law)")
