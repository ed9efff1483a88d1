"""Connections that are slow, many, or say nothing: bounded before anything of them is read."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import WSMsgType, web

from command.stream.frame_bytes import text_frame
from command.web.services import Rates
from tests.stream.test_client_frames import masked
from tests.web.harness import Site, running

WAIT_S = 60.0


async def connect(site: Site) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A bare connection."""
    return await asyncio.open_connection("127.0.0.1", int(site.base.rsplit(":", 1)[1]))


async def ended(reader: asyncio.StreamReader) -> bytes:
    """What came until the server closed."""
    async with asyncio.timeout(WAIT_S):
        try:
            return await reader.read()
        except ConnectionError:
            return b""


@pytest.mark.parametrize("said", [b"", b"GET / HTTP/1.1\r\nHost: x\r\nX-A: "])
async def test_a_head_that_does_not_come_ends_the_connection(said: bytes) -> None:
    """Whether nothing comes or a byte now and then."""
    async with running(head_within_s=0.3) as site:
        reader, writer = await connect(site)
        end = asyncio.create_task(ended(reader), name="reading")
        writer.write(said)
        while said and not end.done():
            writer.write(b"a")
            await asyncio.sleep(0.01)
        assert await end == b""
        writer.close()


async def test_a_second_head_has_its_time_as_well() -> None:
    """On a connection that is kept; which may be silent between its requests."""
    async with running(head_within_s=1.0) as site:
        host = site.base.removeprefix("http://").encode()
        request = b"GET /healthz HTTP/1.1\r\nHost: " + host + b"\r\n\r\n"
        reader, writer = await connect(site)
        for _ in range(2):
            writer.write(request)
            assert b"200" in await reader.readuntil(b"}")
            await asyncio.sleep(1.2)  # longer than a head may take
        writer.write(request[:20])
        assert await ended(reader) == b""
        writer.close()


async def test_a_slow_body_is_not_a_slow_head() -> None:
    """It has its own limit, which says so."""
    async with running(head_within_s=1.0, body_within_s=2.0) as site:
        reader, writer = await connect(site)
        host = site.base.removeprefix("http://").encode()
        writer.write(
            b"POST /api/session HTTP/1.1\r\nHost: " + host + b"\r\nOrigin: " + site.base.encode()
            + b"\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
        )  # fmt: skip
        answer = await ended(reader)
        assert b" 429 " in answer.split(b"\r\n")[0]
        assert b"Retry-After" in answer
        writer.close()


async def test_more_connections_than_places_are_cut_off_and_places_come_back() -> None:
    async with running(Rates(connections=3)) as site:
        lines = [await connect(site) for _ in range(4)]
        assert await ended(lines[3][0]) == b""
        for _, writer in lines:
            writer.close()
        async with asyncio.timeout(WAIT_S):
            while True:
                try:
                    assert (await site.call("GET", "/healthz")).status == 200
                    break
                except (OSError, asyncio.IncompleteReadError):
                    await asyncio.sleep(0.01)


async def test_one_address_does_not_take_them_all_unless_it_is_a_proxy() -> None:
    """A proxy's connections are those of many clients."""
    async with running(Rates(connections_per_address=2)) as site:
        lines = [await connect(site) for _ in range(3)]
        assert await ended(lines[2][0]) == b""
        for _, writer in lines:
            writer.close()
    async with running(Rates(connections_per_address=2), trusted_proxies=frozenset({"127.0.0.1"})) as site:
        lines = [await connect(site) for _ in range(5)]
        assert (await site.call("GET", "/healthz")).status == 200
        for _, writer in lines:
            writer.close()


async def _echo(request: web.Request) -> web.StreamResponse:
    ws = web.WebSocketResponse()
    await ws.prepare(request)
    async for message in ws:
        if message.type is WSMsgType.TEXT:
            await ws.send_str(message.data)
    return ws


async def shaken(site: Site) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A bare connection that has become a socket."""
    site.on_socket = _echo
    cookie = await site.sign_in("commander")
    incident = await site.open(cookie)
    reader, writer = await connect(site)
    writer.write(
        f"GET /api/incidents/{incident}/stream HTTP/1.1\r\nHost: {site.base.removeprefix('http://')}\r\nCookie: {cookie}"
        "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n".encode()
    )
    async with asyncio.timeout(WAIT_S):
        assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
    return reader, writer


async def test_a_socket_s_frame_without_a_mask_closes_it_unread() -> None:
    """RFC 6455 5.1. One with a mask, in two pieces, is heard before."""
    async with running() as site:
        reader, writer = await shaken(site)
        one = masked(b"heard")
        writer.write(one[:3])
        await writer.drain()
        writer.write(one[3:])
        async with asyncio.timeout(WAIT_S):
            assert await reader.readexactly(7) == text_frame(b"heard")
        writer.write(text_frame(b"not heard") + masked(b"nor this"))
        said = await ended(reader)
        assert said[:1] == b"\x88" and said[2:4] == (1002).to_bytes(2), said
        assert b"heard" not in said
        writer.close()


async def test_more_pings_than_anybody_needs_close_the_socket() -> None:
    """They pass no session of ours: nothing else would bound them."""
    async with running() as site:
        reader, writer = await shaken(site)
        end = asyncio.create_task(ended(reader), name="reading")
        while not end.done():
            writer.write(masked(b"", 0x89) * 500)
            await asyncio.sleep(0)
        await end  # with a close frame, which a client that still writes may not get to read
        writer.close()
