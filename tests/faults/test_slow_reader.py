"""One client never reads: the others get everything, it is told to start over, and it costs the server little."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import aiohttp
import msgspec

from command.stream.frames import PROTOCOL, ClientHello, Position
from tests.support.clients import Follower, Seat, ask, entry, open_incident, settings_of, sign_in
from tests.support.node import MusterNode, until

MOST_BYTES = 64 * 1024 * 1024
"""F5: at most so much more memory while someone does not read."""


async def test_who_never_reads_is_closed_with_1013_and_nobody_else_notices(tmp_path: Path) -> None:
    node = MusterNode(tmp_path / "node")
    await node.start()
    try:
        people = [("chief", "commander"), ("eye-0", "reviewer"), ("eye-1", "reviewer"), ("mute", "reviewer")]
        chief, *eyes, mute = await sign_in(settings_of(node.data), node.url, people)  # type: ignore[arg-type]  # literals in a list
        async with (
            asyncio.timeout(300),
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http,
            asyncio.TaskGroup() as tasks,
        ):
            incident = await open_incident(http, chief)
            screens = [Follower(seat, incident) for seat in eyes]
            running = [tasks.create_task(screen.run(), name="screen") for screen in screens]
            silent = Silent(node.port, incident, mute)
            await silent.say_hello()
            await until(lambda: all(screen.seq for screen in screens))
            memory, last = node.memory_bytes(), 0
            while not await _dropped(http, node):
                batch = [entry(f"{n} " + "x" * 7_900) for n in range(25)]
                answers = await ask(http, chief, "POST", f"/api/incidents/{incident}/commands", batch)
                last = answers["answers"][-1]["last_seq"]
            grown = node.memory_bytes() - memory
            code = await silent.closed_with()
            await until(lambda: all(screen.seq >= last for screen in screens))
            again = Follower(mute, incident)
            again.cursor.position = silent.position(incident)
            back = tasks.create_task(again.run(), name="the silent one again")
            await until(lambda: (again.resumes or again.gaps) and (again.seq or silent.seen) >= last)
            for task in (*running, back):
                task.cancel()
    finally:
        await node.kill()
    assert code == 1013
    assert all(screen.order == list(range(1, last + 1)) for screen in screens)
    assert all(len(screen.gaps) == 1 for screen in screens), "nobody else had to start over"
    assert again.order == list(range(silent.seen + 1, last + 1)), "it goes on where it was"
    assert grown < MOST_BYTES, f"{grown >> 20} MiB more"


async def _dropped(http: aiohttp.ClientSession, node: MusterNode) -> bool:
    async with http.get(f"{node.url}/metrics") as got:
        assert got.status == 200
        lines = (await got.text()).splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith("muster_sockets_dropped ")) > 0


class Silent:
    """A WebSocket by hand with a small window: it says hello and then reads nothing until it is asked to."""

    def __init__(self, port: int, incident: str, seat: Seat) -> None:
        self.seen = 0
        self._seat = seat
        self._path = f"/api/incidents/{incident}/stream"
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 * 1024)
        self._socket.setblocking(False)
        self._address = ("127.0.0.1", port)

    async def say_hello(self) -> None:
        """Connect, shake hands, say hello."""
        loop = asyncio.get_running_loop()
        await loop.sock_connect(self._socket, self._address)
        head = (
            f"GET {self._path} HTTP/1.1\r\nHost: 127.0.0.1:{self._address[1]}\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            f"Sec-WebSocket-Protocol: {PROTOCOL}\r\nCookie: {self._seat.cookie}\r\n"
            f"X-Forwarded-For: {self._seat.address}\r\n\r\n"
        )
        await loop.sock_sendall(self._socket, head.encode())
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += await loop.sock_recv(self._socket, 1)
        assert answer.startswith(b"HTTP/1.1 101"), answer
        hello = msgspec.json.encode(ClientHello())
        await loop.sock_sendall(self._socket, bytes([0x81, 0x80 | len(hello), 0, 0, 0, 0]) + hello)

    async def closed_with(self) -> int:
        """Read at last: what was under way, and the code that the server closed with. Notes what was seen."""
        reader, writer = await asyncio.open_connection(sock=self._socket)
        try:
            while True:
                first, size = await reader.readexactly(2)
                if size == 126:
                    size = int.from_bytes(await reader.readexactly(2))
                elif size == 127:
                    size = int.from_bytes(await reader.readexactly(8))
                data = await reader.readexactly(size)
                if first & 15 == 8:
                    return int.from_bytes(data[:2])
                if first & 15 == 1:
                    frame = msgspec.json.decode(data)
                    self.seen = frame["at"]["seq"] if "at" in frame else frame.get("last", self.seen)
        finally:
            writer.close()

    def position(self, incident: str) -> Position:
        """What it has seen."""
        return Position(incident, 1, self.seen)
