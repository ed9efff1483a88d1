"""What the tests of the socket say to it, and read from it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from command.domain.submission import Submission
from command.stream.client import Cursor, Frame, Link
from tests.web.socket_server import House

HELLO = '{"t":"hello"}'


def raw(home: House, session: str = "s1", **more: object) -> connect:
    uri = home.url.replace("http", "ws") + "/api/incidents/i1/stream"
    options = {"subprotocols": ["muster.1"], "additional_headers": {"Cookie": f"s={session}"}, "proxy": None, **more}
    return connect(uri, **options)


def link(home: House, session: str = "s1", cursor: Cursor | None = None) -> Link:
    return Link(home.url, "i1", cookie=f"s={session}", cursor=cursor)


async def take(frames: AsyncIterator[Frame], kind: type) -> Frame:
    async with asyncio.timeout(60):
        while not isinstance(frame := await anext(frames), kind):
            pass
        return frame


async def closed(socket: ClientConnection) -> int | None:
    """Read until the server closes, and say with which code."""
    try:
        async with asyncio.timeout(60):
            while True:
                await socket.recv()
    except ConnectionClosed:
        return socket.close_code


def one(cmd: str) -> Submission:
    return Submission(cmd=cmd, command=msgspec.Raw(b'{"type":"RecordEntry"}'))
