"""A server for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.web.harness import Site, running
from tests.web.socket_server import House, house
from tests.web.street import Street


@pytest_asyncio.fixture
async def site() -> AsyncIterator[Site]:
    """A running server."""
    async with running() as up:
        yield up


@pytest_asyncio.fixture
async def street(site: Site) -> Street:
    """Everyone is there."""
    return await Street(site).begin()


@pytest_asyncio.fixture
async def home() -> AsyncIterator[House]:
    """A running server of sockets."""
    async with house() as made:
        yield made
