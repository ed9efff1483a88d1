"""What one delivery to a socket costs, against a C loop of send(2) over the same bytes in the same run.

    python -m bench.fanout [--sockets 1000] [--seconds 12] [--json]

The server side is the real hub under real aiohttp, in this process, with a
stand-in for the log and the views (one lens, entries of about 600 bytes): what is
measured is everything between a commit that is known and the bytes that are with
the kernel. A child process drains all sockets. CPU time is this process's own, user
and system; on loopback the receiving side's TCP work is in it, for both alike.

Runs of both are interleaved and the median is reported. Where there is no C
compiler, the limit is a Python loop of socket.send, and the report says so.
"""

from __future__ import annotations

import argparse
import asyncio
import ctypes
import json
import mmap
import os
import resource
import select
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import structlog
from aiohttp import web

from command.access.model import Subject, Verdict
from command.domain.envelope import Actor, Header, Recorded
from command.domain.events import EntryRecorded
from command.domain.state import State, initial
from command.domain.submission import Answer
from command.service.api import Applied, Author
from command.stream import render
from command.stream.frames import Me
from command.stream.hub import Hub
from command.views.lens import COMMAND, Lens
from command.views.rows import Board, Change, ClockInfo, Entry, Who
from command.web.socket import socket_handler

LOG = "bench"
AT = datetime(2016, 5, 1, 12, tzinfo=UTC)
TEXT = "x" * 330  # brings a batch frame of one event to about 600 bytes
AIM_RATIO, AIM_US = 1.8, 1.0
LAG_BYTES = 64 * 1024  # how far the drain may be behind, a socket


class Log:
    """A log that holds nothing but its position: the stand-in for the service."""

    def __init__(self) -> None:
        self.state_now = initial(LOG)
        self.tell: list[Callable[[Applied], None]] = []

    def commit(self, count: int) -> None:
        before, events = self.state_now, []
        for seq in range(before.seq + 1, before.seq + 1 + count):
            header = Header(
                1, LOG, 1, seq, f"c.{seq}", "EntryRecorded", 1, AT, AT, Actor("p", "a"), "c", msgspec.Raw(b"{}")
            )
            events.append(Recorded(header, EntryRecorded(entry=f"e{seq}", text=TEXT)))
        self.state_now = msgspec.structs.replace(before, seq=before.seq + count)
        applied = Applied(LOG, 1, before, self.state_now, tuple(events), bytes(32))
        for tell in self.tell:
            tell(applied)

    async def open_incident(self, *words: Any, **more: Any) -> Any:
        raise NotImplementedError

    async def incidents(self) -> list[tuple[str, State]]:
        return [(LOG, self.state_now)]

    async def submit(self, log: str, author: Author, submissions: Sequence[Any]) -> list[Answer]:
        raise NotImplementedError

    async def state(self, log: str) -> State:
        return self.state_now

    async def state_at(self, log: str, seq: int) -> State:
        raise NotImplementedError

    async def recorded(self, log: str, after: int, limit: int) -> list[Recorded]:
        return []

    async def private(self, log: str, seqs: Sequence[int]) -> Mapping[int, Mapping[str, str]]:
        return {}

    def subscribe(self, log: str, on_applied: Callable[[Applied], None]) -> Callable[[], None]:
        self.tell.append(on_applied)
        return lambda: self.tell.remove(on_applied)

    def position(self, log: str) -> tuple[int, int, bytes]:
        return (1, self.state_now.seq, bytes(32))


class Views:
    """Entries of a known size and an empty board."""

    def clock(self, state: State) -> ClockInfo:
        return ClockInfo(AT)

    def needs(self, state: State) -> Sequence[int]:
        return ()

    def board(self, state: State, lens: Lens, private: Any) -> Board:
        return {}

    def changes(self, before: State, after: State, lens: Lens, private: Any) -> Sequence[Change]:
        return ()

    def entry(self, state: State, recorded: Recorded, lens: Lens, private: Mapping[str, str]) -> Entry:
        return Entry(
            recorded.seq,
            recorded.header.id,
            "EntryRecorded",
            "a log entry",
            AT,
            AT,
            Who("p", "Ada Lovelace"),
            text=TEXT,
        )


class Doors:
    """Everyone may see, nobody may send: both the gate and the watch."""

    who = Subject("p", "Ada Lovelace", "a", "captain", "s", "bench")

    async def check(self, request: web.Request, action: str, incident: str) -> Verdict:
        return Verdict(allow=True, reason="bench")

    def subject(self, request: web.Request) -> Subject:
        return self.who

    def author(self, request: web.Request, incident: str) -> Author:
        raise NotImplementedError

    def sight(self, subject: Subject, incident: str) -> Me | None:
        return Me("p", "Ada Lovelace", "a", "commander", "command")

    def version(self) -> int:
        return 0

    async def live(self, sessions: Sequence[str]) -> Mapping[str, Subject]:
        return dict.fromkeys(sessions, self.who)


class Drain:
    """The child process that reads everything, and its count of bytes."""

    def __init__(self, hub_port: int, raw_port: int, sockets: int) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 (closed by stop)
        self._file.truncate(8)
        self._count = mmap.mmap(self._file.fileno(), 8)
        fd = self._file.fileno()
        command = [sys.executable, "-m", "bench.fanout", "--drain", f"{hub_port},{raw_port},{sockets},{fd}"]
        self._child = subprocess.Popen(command, pass_fds=(fd,))

    @property
    def received(self) -> int:
        """Bytes read so far on all sockets."""
        return int.from_bytes(self._count[:8], "little")

    async def reach(self, received: int) -> None:
        """Wait until so many bytes were read."""
        async with asyncio.timeout(30):
            while self.received < received:
                await asyncio.sleep(0.001)

    async def settle(self) -> int:
        """Wait until nothing more arrives; returns the count."""
        seen = -1
        while seen != (seen := self.received):
            await asyncio.sleep(0.1)
        return seen

    def stop(self) -> None:
        """End the child."""
        self._child.terminate()
        self._child.wait()
        self._count.close()
        self._file.close()


def drain(hub_port: int, raw_port: int, sockets: int, fd: int) -> None:
    """The child: connect `sockets` times to either port, say hello, read until terminated."""
    count = mmap.mmap(fd, 8)
    hello = b'{"t":"hello"}'
    upgrade = (
        f"GET /api/incidents/{LOG}/stream HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        "Sec-WebSocket-Protocol: muster.1\r\n\r\n"
    ).encode()
    ready = select.epoll()
    held = {}
    for port, greeting in ((hub_port, True), (raw_port, False)):
        for _ in range(sockets):
            one = socket.create_connection(("127.0.0.1", port))
            if greeting:
                one.sendall(upgrade)
                # The hello must not travel in the same read as the request: the upgrade comes first.
                answer = b""
                while b"\r\n\r\n" not in answer:
                    answer += one.recv(4096)
                one.sendall(bytes([0x81, 0x80 | len(hello), 0, 0, 0, 0]) + hello)
            one.setblocking(False)
            held[one.fileno()] = one
            ready.register(one.fileno(), select.EPOLLIN)
    buffer, total = bytearray(1 << 18), 0
    while held:
        for at, _ in ready.poll():
            with suppress(BlockingIOError, ConnectionError):
                got = held[at].recv_into(buffer)
                if not got:
                    ready.unregister(at)
                    held.pop(at).close()
                total += got
        count[:8] = total.to_bytes(8, "little")


class Limit:
    """The C send loop, or a Python one where nothing compiles."""

    def __init__(self, scratch: Path) -> None:
        self.name = "C send loop"
        self._sockets: list[socket.socket] = []
        compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
        self._library: ctypes.CDLL | None = None
        if compiler is None:
            self.name = "Python socket.send loop (no C compiler here)"
            return
        target = scratch / "sendloop.so"
        source = Path(__file__).with_name("sendloop.c")
        subprocess.run([compiler, "-O2", "-shared", "-fPIC", "-o", str(target), str(source)], check=True)
        self._library = ctypes.CDLL(str(target))

    async def accept(self, listener: socket.socket, count: int) -> None:
        """Take the drain's connections."""
        loop = asyncio.get_running_loop()
        for _ in range(count):
            one, _peer = await loop.sock_accept(listener)
            one.setblocking(True)
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # as asyncio does on its own
            self._sockets.append(one)

    def send(self, data: bytes, rounds: int) -> None:
        """`data` to every socket, so many times."""
        if self._library is None:
            for _ in range(rounds):
                for one in self._sockets:
                    one.sendall(data)
            return
        fds = (ctypes.c_int * len(self._sockets))(*(one.fileno() for one in self._sockets))
        failed = self._library.send_rounds(fds, len(fds), data, ctypes.c_size_t(len(data)), rounds)
        if failed:
            raise OSError(failed, os.strerror(failed))

    def close(self) -> None:
        """Let the sockets go."""
        for one in self._sockets:
            one.close()


class Result(msgspec.Struct):
    """CPU per event delivered to one socket, microseconds; medians of interleaved runs."""

    batch: int
    frame_bytes: int
    sockets: int
    runs: int
    limit: str
    hub_us: float
    limit_us: float
    ratio: float
    hub_deliveries_per_s: float
    evicted: int


async def measure(hub: Hub, log: Log, limit: Limit, reader: Drain, sockets: int, batch: int, seconds: float) -> Result:
    """Interleave the two for about `seconds` and compare."""
    views = Views()
    before = log.state_now
    log.commit(batch)
    sample = [Recorded(one.header, one.event) for one in _events(before, batch)]
    data = render.batch_frame(views, before, log.state_now, sample, COMMAND, {})
    await reader.settle()
    rounds = max(5, 40 // batch)
    ours: list[float] = []
    theirs: list[float] = []
    rates: list[float] = []
    until = time.monotonic() + seconds
    while len(ours) < 3 or time.monotonic() < until:
        cpu_s, wall_s = await _hub_run(log, reader, sockets, batch, rounds, len(data))
        ours.append(cpu_s / (sockets * rounds * batch) * 1e6)
        rates.append(sockets * rounds * batch / wall_s)
        await reader.settle()
        started = time.process_time()
        limit.send(data, rounds)
        theirs.append((time.process_time() - started) / (sockets * rounds * batch) * 1e6)
        await reader.settle()
    hub_us, limit_us = statistics.median(ours), statistics.median(theirs)
    return Result(
        batch, len(data), sockets, len(ours), limit.name, round(hub_us, 3), round(limit_us, 3),
        round(hub_us / limit_us, 2), round(statistics.median(rates)), sum(hub.dropped.values()),
    )  # fmt: skip


def _events(before: State, count: int) -> list[Recorded]:
    log = Log()
    log.state_now = before
    seen: list[Applied] = []
    log.tell.append(seen.append)
    log.commit(count)
    return list(seen[0].events)


async def _hub_run(
    log: Log, reader: Drain, sockets: int, batch: int, rounds: int, frame_bytes: int
) -> tuple[float, float]:
    """(CPU seconds, wall seconds) of so many commits, each waited for as far as the drain's lag allows."""
    base = await reader.settle()
    cpu, wall = time.process_time(), time.monotonic()
    for done in range(1, rounds + 1):
        log.commit(batch)
        await asyncio.sleep(0)  # the pump wakes,
        await asyncio.sleep(0)  # and writes
        await reader.reach(base + done * sockets * frame_bytes - sockets * LAG_BYTES)
    await reader.reach(base + rounds * sockets * frame_bytes)
    return time.process_time() - cpu, time.monotonic() - wall


async def run(sockets: int, seconds: float) -> list[Result]:
    """Both batch sizes."""
    log, doors = Log(), Doors()
    views = Views()
    hub = Hub(log, views, doors)
    app = web.Application()
    app.router.add_get("/api/incidents/{id}/stream", socket_handler(hub, log, views, doors))
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    with tempfile.TemporaryDirectory() as scratch, socket.create_server(("127.0.0.1", 0), backlog=sockets) as listener:
        listener.setblocking(False)
        limit = Limit(Path(scratch))
        async with hub:
            await web.TCPSite(runner, "127.0.0.1", 0, backlog=sockets).start()
            reader = Drain(runner.addresses[0][1], listener.getsockname()[1], sockets)
            try:
                async with asyncio.timeout(60):
                    await limit.accept(listener, sockets)
                    while hub.sockets() < sockets:
                        await asyncio.sleep(0.01)
                results = [await measure(hub, log, limit, reader, sockets, batch, seconds / 2) for batch in (1, 16)]
            finally:
                reader.stop()
                limit.close()
        await runner.cleanup()
    return results


def main() -> int:
    """Measure, and print a table or JSON."""
    parser = argparse.ArgumentParser(prog="python -m bench.fanout", description=__doc__)
    parser.add_argument("--sockets", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=12.0, help="of measuring, both batch sizes together")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--drain", help=argparse.SUPPRESS)
    options = parser.parse_args()
    wanted = 4 * options.sockets + 200
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))
    if options.drain:
        hub_port, raw_port, sockets, fd = (int(part) for part in options.drain.split(","))
        drain(hub_port, raw_port, sockets, fd)
        return 0
    structlog.configure(
        logger_factory=structlog.ReturnLoggerFactory(), wrapper_class=structlog.make_filtering_bound_logger(50)
    )
    results = asyncio.run(run(options.sockets, options.seconds))
    if options.json:
        print(json.dumps([msgspec.to_builtins(one) for one in results]))
        return 0
    print(f"fan-out to {options.sockets} sockets; CPU per event and socket; limit: {results[0].limit}")
    print("batch  frame bytes   hub us  limit us  ratio  aim            deliveries/s  runs  evicted")
    for one in results:
        aim = f"<= {AIM_RATIO} x" if one.batch == 1 else f"<= {AIM_US:g} us"
        print(
            f"{one.batch:>5}  {one.frame_bytes:>11}  {one.hub_us:>7.2f}  {one.limit_us:>8.2f}  {one.ratio:>5.2f}"
            f"  {aim:<13}  {one.hub_deliveries_per_s:>12,.0f}  {one.runs:>4}  {one.evicted:>7}"
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
