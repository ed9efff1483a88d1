"""A TCP proxy that is a bad network: slow, slicing, narrow, silent, cut. Faults are set while it runs.

    async with FaultProxy(upstream_port) as proxy:
        proxy.fault = Fault(latency_s=0.3, jitter_s=0.1)
        ...
        proxy.cut()

It knows bytes, not protocols, but for `drop_answers`: that needs to know where an answer begins, and takes the first
bytes that come back after something was sent.
"""

from __future__ import annotations

import asyncio
import random
import socket
import struct
from types import TracebackType
from typing import Self

import msgspec

CHUNK = 64 * 1024


class Fault(msgspec.Struct, frozen=True):
    """What the network does to each piece of bytes, in both directions."""

    latency_s: float = 0.0  # each piece waits so long …
    jitter_s: float = 0.0  # … give or take
    slice_bytes: int = 0  # passed on in pieces of this size
    bytes_per_s: float = 0.0  # a narrow line; 0: as fast as it goes
    blackhole: bool = False  # bytes vanish, connections stay; new ones are taken and stay silent
    drop_answers: float = 0.0  # this share of answers is lost: the connection is reset instead


class FaultProxy:
    """Listens on a port of 127.0.0.1 and passes everything on to another, as `fault` says."""

    def __init__(self, upstream_port: int, *, port: int = 0, seed: int = 1) -> None:
        self.fault = Fault()
        self.connections = 0  # how many there ever were
        self.dropped = 0  # answers that were lost
        self._upstream_port = upstream_port
        self._port = port
        self._random = random.Random(seed)
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accepted, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        self.cut()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    @property
    def url(self) -> str:
        """Where clients reach the server through it."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def open(self) -> int:
        """Connections that are open on either side."""
        return len(self._writers)

    def cut(self) -> None:
        """Reset every connection, on both sides."""
        for writer in tuple(self._writers):
            _reset(writer)

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        self._writers.add(writer)
        try:
            await self._serve(reader, writer)
        except (OSError, asyncio.CancelledError):
            pass  # either end is gone, or the proxy is: both are what a network does
        finally:
            self._writers.discard(writer)
            writer.close()
            self._tasks.discard(task)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while self.fault.blackhole:
            await asyncio.sleep(0.05)
        up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self._upstream_port)
        self._writers.add(up_writer)
        asked = asyncio.Event()
        try:
            async with asyncio.TaskGroup() as pumps:
                pumps.create_task(self._pump(reader, up_writer, asked, answers=False), name="proxy up")
                pumps.create_task(self._pump(up_reader, writer, asked, answers=True), name="proxy down")
        except* OSError:
            pass
        finally:
            self._writers.discard(up_writer)
            _reset(up_writer)
            _reset(writer)

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, asked: asyncio.Event, *, answers: bool
    ) -> None:
        while data := await reader.read(CHUNK):
            fault = self.fault
            if fault.blackhole:
                continue
            if not answers:
                asked.set()
            elif asked.is_set():
                asked.clear()
                if self._random.random() < fault.drop_answers:
                    self.dropped += 1
                    raise ConnectionResetError("an answer was lost")
            await self._pass_on(data, writer, fault)
        while self.fault.blackhole:  # an end is not heard of either
            await asyncio.sleep(0.05)
        raise ConnectionResetError("one end closed")  # ends the other direction too

    async def _pass_on(self, data: bytes, writer: asyncio.StreamWriter, fault: Fault) -> None:
        if fault.latency_s:
            await asyncio.sleep(max(0.0, fault.latency_s + self._random.uniform(-fault.jitter_s, fault.jitter_s)))
        size = fault.slice_bytes or len(data)
        for start in range(0, len(data), size):
            piece = data[start : start + size]
            writer.write(piece)
            await writer.drain()
            if fault.bytes_per_s:
                await asyncio.sleep(len(piece) / fault.bytes_per_s)
            elif fault.slice_bytes:
                await asyncio.sleep(0)


def _reset(writer: asyncio.StreamWriter) -> None:
    """End with RST, as a network does that lost its table, and not with a polite FIN."""
    sock = writer.get_extra_info("socket")
    if sock is not None and sock.fileno() >= 0:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
