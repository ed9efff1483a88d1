"""The socket's refusals and ends over real sockets: at the door, at the hello, and from outside."""

from __future__ import annotations

import asyncio
import contextlib

import pytest
from aiohttp import ClientSession
from websockets.exceptions import InvalidStatus

from command.errors import Denied, NotFound, NotSignedIn, Unavailable
from command.stream import session as session_module
from command.stream.client import Batch, Hello, Link
from tests.web.socket_client import HELLO, closed, link, raw, take
from tests.web.socket_server import House, house, until

# refused at the door


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "https://evil.example",
        "http://127.0.0.1",
        "http://127.0.0.1:1",
        "https://{host}",
        "http://{host}.evil.example",
        "http://evil.example/{host}",
        "http://sub.{host}",
        "http://{host}/",
        "HTTP://{host}",
        "http://user@{host}",
        "",
    ],
)
async def test_a_foreign_origin_is_refused(home: House, origin: str) -> None:
    host = home.url.removeprefix("http://")
    with pytest.raises(InvalidStatus) as refused:
        async with raw(home, origin=origin.format(host=host)):
            pass
    assert refused.value.response.status_code == 403


async def test_the_own_origin_is_let_in(home: House) -> None:
    async with raw(home, origin=home.url) as socket:
        await socket.send(HELLO)
        await socket.recv()


async def test_stated_origins_are_the_only_ones() -> None:
    async with house(origins=("https://muster.example",)) as home:
        async with raw(home, origin="https://muster.example"):
            pass
        with pytest.raises(InvalidStatus):
            async with raw(home, origin=home.url):
                pass


@pytest.mark.parametrize(
    ("session", "incident", "error"), [("", "i1", NotSignedIn), ("s1", "i2", NotFound), ("no", "i1", Denied)]
)
async def test_the_handshake_is_authorized(home: House, session: str, incident: str, error: type) -> None:
    home.gate.may_not.add(("no", "incident.stream"))
    with pytest.raises(error):
        async with Link(home.url, incident, cookie=f"s={session}"):
            pass


async def test_another_subprotocol_is_refused(home: House) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with raw(home, subprotocols=["other.1"]):
            pass
    assert refused.value.response.status_code == 400


@pytest.mark.parametrize("version", ["7", "8", "12", "14", "", "13, 8"])
async def test_a_draft_of_the_protocol_is_refused(home: House, version: str) -> None:
    path = "/api/incidents/i1/stream"
    headers = {
        "Cookie": "s=s1", "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Protocol": "muster.1",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version": version,
    }  # fmt: skip
    async with ClientSession() as plain, plain.get(home.url + path, headers=headers) as answer:
        assert answer.status == 400


async def test_compression_is_not_negotiated_though_offered(home: House) -> None:
    async with raw(home, compression="deflate") as socket:
        assert "Sec-WebSocket-Extensions" in socket.request.headers
        assert "Sec-WebSocket-Extensions" not in socket.response.headers
        assert socket.subprotocol == "muster.1"


# refused once inside


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (b"\x00", 4400),
        ("not json", 4400),
        ('{"t":"ping","n":1}', 4400),
        ("x" * 65_536, 4400),  # within the limit: read, and not a hello
        ("x" * 65_537, 1009),
        (b"x" * 65_537, 1009),
    ],
)
async def test_what_is_no_hello_closes(home: House, message: str | bytes, code: int) -> None:
    async with raw(home) as socket:
        await socket.send(message)
        assert await closed(socket) == code


async def test_an_oversized_message_closes_a_live_socket_too(home: House) -> None:
    async with raw(home) as socket:
        await socket.send(HELLO)
        await socket.recv()
        await socket.send("x" * 65_537)
        assert await closed(socket) == 1009
    await until(lambda: home.hub.sockets() == 0)


async def test_silence_instead_of_a_hello_closes(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_module, "HELLO_WITHIN_S", 0.0)
    async with raw(home) as socket:
        assert await closed(socket) == 4400


async def test_sight_lost_between_handshake_and_hello_closes(home: House) -> None:
    async with raw(home) as socket:
        home.watch.lenses["s1"] = "none"
        await socket.send(HELLO)
        assert await closed(socket) == 4403


async def test_a_session_that_ended_between_handshake_and_hello_closes(home: House) -> None:
    async with raw(home) as socket:
        home.gate.signed_out.add("s1")
        await socket.send(HELLO)
        assert await closed(socket) == 4401


async def test_a_record_that_cannot_be_read_at_the_hello_closes_with_try_later(home: House) -> None:
    async with raw(home) as socket:
        home.service.failing = Unavailable("the database is away")
        await socket.send(HELLO)
        assert await closed(socket) == 1013


# ended from outside


async def test_ending_a_session_closes_its_sockets_and_no_others(home: House) -> None:
    async with raw(home, "s1") as mine, link(home, "s2") as other:
        await mine.send(HELLO)
        await mine.recv()
        frames = other.__aiter__()
        await take(frames, Hello)
        home.hub.close_sessions({"s1"})
        assert await closed(mine) == 4401
        home.service.commit()
        await take(frames, Batch)
    await until(lambda: home.hub.sockets() == 0)


async def test_a_session_that_ended_elsewhere_is_cut_by_the_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("command.stream.hub.SESSIONS_S", 0.01)
    async with house() as home, raw(home) as mine:
        await mine.send(HELLO)
        await mine.recv()
        home.watch.ended.add("s1")
        assert await closed(mine) == 4401


async def test_stopping_the_server_says_so() -> None:
    async with house() as home:
        socket = await raw(home)
        await socket.send(HELLO)
        await socket.recv()
    assert await closed(socket) == 1001


async def test_a_client_that_never_answers_the_close_is_dropped(home: House) -> None:
    """Our side does not wait for a far end that is gone: after the flush time the connection is aborted."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(home.url.rsplit(":", 1)[1]))
    writer.write(
        b"GET /api/incidents/i1/stream HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        b"Sec-WebSocket-Protocol: muster.1\r\nCookie: s=s1\r\n\r\n"
    )
    await reader.readuntil(b"\r\n\r\n")
    mask_and_hello = bytes([0x81, 0x80 | len(HELLO), 0, 0, 0, 0]) + HELLO.encode()
    writer.write(mask_and_hello)
    await until(lambda: home.hub.sockets() == 1)
    home.hub.close_sessions({"s1"})
    home.now += 60.0
    with contextlib.suppress(ConnectionResetError):
        async with asyncio.timeout(60):
            while await reader.read(65_536):
                pass
    writer.close()
