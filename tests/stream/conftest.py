"""A hub for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.stream.hub_room import Room


@pytest.fixture
async def room() -> AsyncIterator[Room]:
    room = Room()
    async with room.hub:
        yield room
        for peer in room.peers:
            room.hub.leave("i1", peer)
