"""A real Chromium on the real server, watched: what the page throws, what its policy refuses, whom it calls."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright

from tests.e2e.real.client import Client
from tests.e2e.real.house import House

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
VIOLATION = (
    """addEventListener("securitypolicyviolation", (e) => window.refused(`${e.effectiveDirective} ${e.blockedURI}`))"""
)


@pytest.fixture(scope="module")  # not for the session: its event loop would run on under other files' async tests
def browser() -> Iterator[Browser]:
    """One browser process for a file."""
    if not Path(CHROMIUM).exists():
        said = f"no Chromium at {CHROMIUM}: the browser tests did not run (apt-get install chromium)"
        if os.environ.get("CI"):
            pytest.fail(said)
        pytest.skip(said)
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-background-networking"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One server for a file whose tests need no process of its own; each opens its own incident on it."""
    house = House(tmp_path_factory.mktemp("house")).start()
    yield house
    house.close()


def turn(page: Page, query: str) -> None:
    """Go to another address of the same page as its back button would, without loading it again."""
    page.evaluate("to => { history.pushState(null, '', to); dispatchEvent(new PopStateEvent('popstate')) }", query)


class Screens:
    """Opens browsers and keeps what they complained of. `tolerated` are complaints that a test brings about itself."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self.complaints: list[str] = []
        self._hosts: set[str] = set()
        self._own: set[str] = set()
        self.tolerated: list[str] = []

    def profile(self, who: Client | str, **options: Any) -> BrowserContext:
        """A browser profile of its own: signed in as a client, or with nothing but the server's address."""
        url = who if isinstance(who, str) else who.url
        self._own.add(urlsplit(url).netloc)
        context = self._browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **options})
        context.set_default_timeout(60_000)
        context.expose_binding("refused", lambda _source, what: self.complaints.append(f"refused: {what}"))
        context.add_init_script(VIOLATION)
        context.on("console", self._said)
        context.on("weberror", lambda error: self.complaints.append(f"thrown: {error.error}"))
        context.on("request", self._asked)
        context.on("page", lambda page: page.on("websocket", lambda line: self._hosts.add(urlsplit(line.url).netloc)))
        if isinstance(who, Client):
            context.add_cookies([who.for_browser])  # type: ignore[list-item]  # playwright types its dict by literals
        self._contexts.append(context)
        return context

    def also(self, url: str) -> None:
        """Another server that these browsers may go to, as an agency's own sign-in is."""
        self._own.add(urlsplit(url).netloc)

    def board(self, who: Client, log: str, extra: str = "", *, at: str = "", **options: Any) -> Page:
        """The dashboard of an incident, drawn; `at` is another address of the same server."""
        page = self.profile(who, **options).new_page()
        self.visit(page, who, log, extra, at=at)
        return page

    def visit(self, page: Page, who: Client, log: str, extra: str = "", *, at: str = "") -> None:
        """Go to the dashboard, and wait until it is drawn."""
        self._own.add(urlsplit(at or who.url).netloc)
        page.goto(f"{at or who.url}/?incident={log}{extra}")
        page.wait_for_selector(".feed-row")

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"console: {message.text}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith(("data:", "blob:")):
            self._hosts.add(urlsplit(request.url).netloc)

    def close(self) -> None:
        """Close them all; nothing may have been thrown or refused, and nobody else called."""
        for context in self._contexts:
            context.close()
        left = [one for one in self.complaints if not any(re.search(known, one) for known in self.tolerated)]
        assert left == []
        assert self._hosts <= self._own


@pytest.fixture
def screens(browser: Browser) -> Iterator[Screens]:
    """The browsers of one test; it ends by looking at what they complained of."""
    screens = Screens(browser)
    yield screens
    screens.close()
