"""A real Chromium for the dashboard's tests; where there is none, they say so and are skipped (in CI they fail)."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.e2e.fake_server import FakeServer

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
expect.set_options(timeout=60_000)  # the default is too short on a busy machine
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """In CI what failed in a browser is tried once more, and the summary names it: some hundreds of tests share two cores
    with a browser each. Nothing else is tried twice, least of all what looks for lost or doubled records (tests/faults).
    """
    if os.environ.get("CI"):
        for item in items:
            if HERE in item.path.parents:
                item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="module")  # a session-wide one would keep its event loop running under other files' async tests
def browser() -> Iterator[Browser]:
    """One browser process for a file; each test gets a context of its own."""
    if not Path(CHROMIUM).exists():
        said = f"no Chromium at {CHROMIUM}: the browser tests did not run (apt-get install chromium)"
        if os.environ.get("CI"):
            pytest.fail(said)
        pytest.skip(said)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def server() -> Iterator[FakeServer]:
    """A made-up incident of its own for each test."""
    server = FakeServer().start()
    yield server
    server.stop()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh profile."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(60_000)
    yield context
    context.close()


@pytest.fixture
def complaints() -> list[str]:
    """What the page threw, or the policy refused; `open_page` fills it and the test ends by looking at it."""
    return []


@pytest.fixture
def open_page(context: BrowserContext, complaints: list[str]) -> Iterator[Callable[..., Page]]:
    """Open the dashboard; at the end, nothing may have been thrown or refused by the content policy."""

    def go(url: str, wait: str = ".feed-row") -> Page:
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(f"thrown: {error}"))
        page.on(
            "console",
            lambda said: (
                complaints.append(said.text) if "Content Security" in said.text or "Trusted" in said.text else None
            ),
        )
        page.goto(url)
        page.wait_for_selector(wait)
        return page

    yield go
    assert not complaints
