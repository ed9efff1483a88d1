"""The dashboard before the real server: `muster demo`, its links, two browsers."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.axe import violations
from tests.support.node import free_port

WAIT_S = 90.0
SEE_MS = 30_000


@pytest.fixture(scope="module")
def links(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """The demonstration's one-time links, in its order: commander, field, assisting, reviewer; then the one for a tablet."""
    process = subprocess.Popen(
        [sys.executable, "-m", "command", "demo", "--port", str(free_port()), "--speed", "1", "--data", str(tmp_path_factory.mktemp("demo"))],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )  # fmt: skip
    found: list[str] = []
    tablets: list[str] = []
    try:
        assert process.stdout is not None
        for line in process.stdout:
            found += re.findall(r"https?://\S+/link#\S+", line)
            tablets += re.findall(r"https?://\S+/enrol#\S+", line)
            if len(found) == 4:
                break
        else:
            raise AssertionError("the demonstration ended before it gave its links")
        yield [*found, *tablets]
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(WAIT_S)
        if process.stdout is not None:
            process.stdout.close()


def sign_in(browser: Browser, link: str, role: str) -> tuple[BrowserContext, Page]:
    """Through the link's own page, in a profile of its own."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto(link)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name=role)).to_be_visible(timeout=SEE_MS)
    page.get_by_role("link", name="Open the dashboard").click()
    page.wait_for_selector(".feed-row", timeout=SEE_MS)
    return context, page


def test_commander_and_reviewer_see_one_incident(browser: Browser, links: list[str]) -> None:
    """What one records the other sees; a refusal says what is missing; the past is drawn by the same parts."""
    his_context, his = sign_in(browser, links[0], "Commander")
    her_context, her = sign_in(browser, links[3], "Reviewer")
    expect(his.locator(".banner-exercise")).to_contain_text("EXERCISE CLOCK")
    expect(her.get_by_role("button", name="Record r")).to_have_count(0)

    his.keyboard.press("r")
    his.get_by_role("button", name="Log entry", exact=True).click()
    his.locator("#f-text").fill("Water point opened at the north stairs")
    his.get_by_role("button", name="Record", exact=True).click()
    for page in (his, her):
        expect(page.locator(".feed-row", has_text="Water point opened at the north stairs")).to_be_visible(
            timeout=SEE_MS
        )

    his.locator(".sector-open").first.click()
    his.get_by_role("button", name="Change the level…").click()
    his.get_by_role("radio", name="Dispersal").first.check()
    his.get_by_label("The facts on which you act").fill("Bottles fly from the north kerb.")
    his.get_by_role("button", name="Decide it myself").click()
    expect(his.locator(".form-refused")).to_contain_text("What is missing", timeout=SEE_MS)
    expect(her.locator(".feed-row", has_text="Refused").first).to_be_visible(timeout=SEE_MS)
    his.keyboard.press("Escape")

    names = "all => all.map(one => one.dataset.sector).sort()"
    assert his.locator(".sector-open").evaluate_all(names) == her.locator(".sector-open").evaluate_all(names)

    her.get_by_role("button", name="Replay").click()
    expect(her.locator("#replay-banner")).to_be_visible(timeout=SEE_MS)
    her.locator(".replay-slider input").evaluate(
        "one => { one.value = one.min; one.dispatchEvent(new Event('input', { bubbles: true })) }"
    )
    expect(her.locator(".feed-row", has_text="Water point")).to_have_count(0, timeout=SEE_MS)
    her.get_by_role("button", name="Back to live").click()
    expect(her.locator(".feed-row", has_text="Water point")).to_be_visible(timeout=SEE_MS)

    assert violations(his) == []
    his_context.close()
    her_context.close()


def test_a_link_works_once(browser: Browser, links: list[str]) -> None:
    """The field officer's link signs in one browser, which the tablet's link makes a tablet; a second one is told what to do."""
    context, page = sign_in(browser, links[1], "Field officer")
    expect(page.get_by_role("button", name="Grant…")).to_have_count(0)
    page.goto(links[4])
    page.get_by_role("button", name="Enrol this tablet").click()
    expect(page.get_by_text("street card")).to_be_visible(timeout=SEE_MS)
    context.close()
    context = browser.new_context()
    page = context.new_page()
    page.goto(links[1])
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("used already", timeout=SEE_MS)
    context.close()
