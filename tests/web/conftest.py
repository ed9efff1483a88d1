"""A server for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.web.harness import Site, running


@pytest_asyncio.fixture
async def site() -> AsyncIterator[Site]:
    """A running server."""
    async with running() as up:
        yield up
