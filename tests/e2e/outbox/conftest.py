"""A server for a file of tests, and a tablet that nobody had before."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.e2e.field_site import FieldSite


@pytest.fixture(scope="module")
def field() -> Iterator[FieldSite]:
    site = FieldSite().start()
    yield site
    site.stop()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A tablet that nobody had before."""
    context = browser.new_context()
    context.set_default_timeout(60_000)
    yield context
    context.close()
