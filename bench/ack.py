"""How long a sender waits for the answer: through HTTP, access and the plan, until it is durable.

    python -m bench.ack [--clients 64] [--seconds 15] [--json]

`muster serve` runs as a process of its own; this one is the load. It looks seven times at: the disk; the capacity, with
every client sending one command after the other; and an open loop at 30 % of that capacity, in which commands are due
at a fixed pace whatever became of those before, and each waits from when it was due. The limit for the 99th percentile
is ten times what the disk takes for an fdatasync in the median, and 10 ms. Medians over the seven parts are reported.
The load shares two cores with the server, so that capacity is a lower bound. The mix is bench.world's.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import aiohttp
import msgspec
import structlog

from bench.world import fdatasync_us, mix, percentile
from command.access.links import invite
from command.access.model import Account
from command.bootstrap import open_backend
from command.cli.operator import operator
from command.clock import utc_now
from command.config import load
from command.domain.submission import Submission
from command.ids import uuid7

SHARE = 0.30
PARTS = 7  # each with its own look at disk and capacity, for a shared machine is never the same for long


class Result(msgspec.Struct):
    """Milliseconds, but for the two rates (commands a second) and fdatasync (microseconds)."""

    clients: int
    capacity_per_s: float
    capacity_p50_ms: float
    paced_per_s: float
    sent: int
    p50_ms: float
    p99_ms: float
    p99_of_parts_ms: list[float]
    fdatasync_us: float
    limit_ms: float
    parts_held: int


class Part(NamedTuple):
    """One look: the disk, the capacity, the paced load."""

    sync_us: float
    capacity_per_s: float
    busy_p50_ms: float
    paced_per_s: float
    waits_ms: list[float]


class Server:
    """`muster serve` on fresh data."""

    def __init__(self, url: str, incident: str, cookies: list[str], http: aiohttp.ClientSession, pid: int) -> None:
        self.url = url
        self.incident = incident
        self.pid = pid
        self._cookies = cookies
        self._http = http
        self._commands = mix()

    async def send(self, client: int) -> None:
        """One command, answered."""
        body = msgspec.json.encode(next(self._commands))
        headers = headers_of(self.url, client, self._cookies[client]) | {"Content-Type": "application/json"}
        url = f"{self.url}/api/incidents/{self.incident}/commands"
        async with self._http.post(url, data=body, headers=headers) as got:
            raw = await got.read()
            assert got.status == 200, (got.status, raw[:300])
        assert b'"accepted"' in raw, raw[:300]

    async def send_all(self, commands: Sequence[Submission]) -> None:
        """Several in one body, each taken; a server that cannot now is asked again, under the same ids."""
        url = f"{self.url}/api/incidents/{self.incident}/commands"
        headers = headers_of(self.url, 0, self._cookies[0]) | {"Content-Type": "application/json"}
        for wait_s in (0.5, 2.0, 8.0, 30.0, None):
            async with self._http.post(url, data=msgspec.json.encode(commands), headers=headers) as got:
                raw = await got.read()
            if got.status not in (429, 503) or wait_s is None:
                break
            await asyncio.sleep(wait_s)
        taken = raw.count(b'"status":"accepted"') + raw.count(b'"status":"duplicate"')
        assert got.status == 200 and taken == len(commands), (got.status, raw[:600])

    async def fetch(self, path: str) -> int:
        """Something of the incident, thrown away as it comes: how many bytes."""
        url = f"{self.url}/api/incidents/{self.incident}/{path}"
        size = 0
        async with self._http.get(url, headers=headers_of(self.url, 0, self._cookies[0])) as got:
            assert got.status == 200, (got.status, (await got.read())[:300])
            async for chunk in got.content.iter_chunked(1 << 16):
                size += len(chunk)
        return size

    async def board_seq(self) -> int:
        """How long the log is."""
        url = f"{self.url}/api/incidents/{self.incident}/events?after=0&limit=1"
        async with self._http.get(url, headers=headers_of(self.url, 0, self._cookies[0])) as got:
            return int(json.loads(await got.read())["at"]["seq"])


def headers_of(url: str, client: int, cookie: str = "") -> dict[str, str]:
    """As a client at an address of its own."""
    return {"Origin": url, "Cookie": cookie, "X-Forwarded-For": f"10.1.{client >> 8}.{client & 255}"}


@asynccontextmanager
async def a_server(clients: int) -> AsyncIterator[Server]:
    """A server with an open incident and so many signed in."""
    with tempfile.TemporaryDirectory(prefix="muster-bench-") as folder:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "command", "serve", "--data", folder, "--port", "0", "--log-format", "json",
            "--trusted-proxies", "127.0.0.1", "--exercise", stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert process.stderr is not None
        draining: asyncio.Task[None] | None = None
        try:
            url = json.loads(await process.stderr.readline())["url"]
            draining = asyncio.create_task(_drain(process.stderr), name="server log")
            connector = aiohttp.TCPConnector(limit=2 * clients)
            async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as http:
                cookies = await _sign_in(folder, url, clients, http)
                yield Server(url, await _open(url, cookies[0], http), cookies, http, process.pid)
        finally:
            process.terminate()
            await process.wait()
            if draining is not None:
                await draining


async def _drain(reader: asyncio.StreamReader) -> None:
    while await reader.read(1 << 16):
        pass


async def _sign_in(folder: str, url: str, clients: int, http: aiohttp.ClientSession) -> list[str]:
    cookies = []
    async with open_backend(load({"data": folder}, {}), attach=True) as backend:
        for client in range(clients):
            account = Account("c0", "The commander", "spd", "captain")  # at many screens: the plan lets them act
            link = await invite(backend.access, account, "commander", base_url=url, now=utc_now(), by=operator())
            body = {"link": link.partition("#")[2]}
            async with http.post(f"{url}/api/session", json=body, headers=headers_of(url, client)) as got:
                assert got.status == 204, got.status
                cookies.append(got.headers["Set-Cookie"].partition(";")[0])
    return cookies


async def _open(url: str, cookie: str, http: aiohttp.ClientSession) -> str:
    now = utc_now()
    command = {
        "type": "OpenIncident", "name": "bench", "kind": "planned", "lead_agency": "spd", "commander": "c0",
        "lead_agency_name": "Seattle Police", "time_zone": "UTC", "commander_rank": "captain",
    }  # fmt: skip
    body = {"cmd": uuid7(now), "issued_at": now.isoformat(), "command": command}
    headers = headers_of(url, 0, cookie)
    async with http.post(f"{url}/api/incidents", json=body, headers=headers) as got:
        incident: str = json.loads(await got.read())["incident"]
    units = [
        {"cmd": uuid7(now), "issued_at": now.isoformat(), "command": {
            "type": "FormUnit", "unit": f"u{n}", "name": f"Unit {n}", "kind": "patrol", "agency": "spd"}}
        for n in range(20)
    ]  # fmt: skip
    async with http.post(f"{url}/api/incidents/{incident}/commands", json=units, headers=headers) as got:
        assert got.status == 200, got.status
    return incident


async def capacity(server: Server, clients: int, for_s: float) -> tuple[float, list[float]]:
    """Commands a second with every client always waiting for one, and each wait in seconds."""
    until = time.monotonic() + for_s
    waits: list[float] = []

    async def one(client: int) -> None:
        while time.monotonic() < until:
            started = time.monotonic()
            await server.send(client)
            waits.append(time.monotonic() - started)

    started = time.monotonic()
    await asyncio.gather(*(one(client) for client in range(clients)))
    return len(waits) / (time.monotonic() - started), waits


async def paced(server: Server, clients: int, per_s: float, for_s: float) -> list[float]:
    """Waits in seconds, each from when the command was due."""
    waits: list[float] = []
    began = time.monotonic() + 0.05

    async def one(client: int, due: float) -> None:
        await server.send(client)
        waits.append(time.monotonic() - due)

    async with asyncio.TaskGroup() as tasks:
        for number in itertools.count():
            due = began + number / per_s
            if due > began + for_s:
                break
            if (wait_s := due - time.monotonic()) > 0:
                await asyncio.sleep(wait_s)
            tasks.create_task(one(number % clients, due), name=f"command {number}")
    return waits


async def part(server: Server, clients: int, seconds: float) -> Part:
    """The disk, the capacity of now, and the pace that follows from it."""
    sync_us = fdatasync_us(Path(tempfile.gettempdir()))
    most, busy = await capacity(server, clients, seconds / 3)
    waits = await paced(server, clients, SHARE * most, seconds * 2 / 3)
    return Part(sync_us, most, statistics.median(busy) * 1e3, SHARE * most, [wait * 1e3 for wait in waits])


async def run(clients: int, seconds: float) -> Result:
    """All parts, one after the other; medians over them."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    async with a_server(clients) as server:
        await capacity(server, clients, 0.5)
        parts = [await part(server, clients, seconds / PARTS) for _ in range(PARTS)]
    p99s = [percentile(one.waits_ms, 0.99) for one in parts]
    limits = [10 * one.sync_us / 1e3 + 10 for one in parts]
    return Result(
        clients,
        round(statistics.median(one.capacity_per_s for one in parts)),
        round(statistics.median(one.busy_p50_ms for one in parts), 1),
        round(statistics.median(one.paced_per_s for one in parts)),
        sum(len(one.waits_ms) for one in parts),
        round(statistics.median(statistics.median(one.waits_ms) for one in parts), 2),
        round(statistics.median(p99s), 2),
        [round(value, 1) for value in p99s],
        round(statistics.median(one.sync_us for one in parts)),
        round(statistics.median(limits), 2),
        sum(p99 < limit for p99, limit in zip(p99s, limits, strict=True)),
    )


def main() -> int:
    """Measure, and print a few lines or JSON."""
    parser = argparse.ArgumentParser(prog="python -m bench.ack", description=__doc__)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=21.0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = asyncio.run(run(options.clients, options.seconds))
    if options.json:
        print(json.dumps(msgspec.to_builtins(found)))
        return 0
    print(f"answers over HTTP to {found.clients} clients")
    print(f"  saturated at {found.capacity_per_s:g} commands/s (p50 {found.capacity_p50_ms:g} ms)")
    print(
        f"  at {found.paced_per_s:g}/s, open loop, {found.sent} commands: p50 {found.p50_ms:g}, p99 {found.p99_ms:g} ms"
    )
    print(f"  p99 of the {PARTS} parts: {', '.join(f'{value:g}' for value in found.p99_of_parts_ms)} ms")
    print(f"  limit for p99: 10 x fdatasync p50 ({found.fdatasync_us:g} us) + 10 ms = {found.limit_ms:g} ms; "
          f"held in {found.parts_held} of {PARTS} parts")  # fmt: skip
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
