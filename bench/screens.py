"""What five hundred arrests in twenty minutes cost a screen, the line to it, and the server.

    python -m bench.screens [--span 60] [--rounds 3] [--shots FOLDER] [--json]

`muster serve` runs as a process of its own, sixty officers and those who process people send what `bench.operation`
says, and a real Chromium looks: at an empty page, the dashboard and the page of processing in turn, for as long as the
operation runs. Of each: which share of its frames came before the next one was due, the worst frame, and how much of
the time its main thread was busy. The empty page is the limit: what it loses is the machine's. On the line: the bytes
of what one event changes, early and late. Of the server: its CPU for one event, early and late. Early is between 25
and 125 arrests, late the last hundred. `--span 1200` is real time.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import aiohttp
import msgspec
from playwright.async_api import Page, async_playwright

from bench.operation import OPERATION_S, Operation, play, submission
from command.access.links import invite
from command.access.model import Account
from command.bootstrap import open_backend
from command.cli.operator import operator
from command.clock import utc_now
from command.config import load
from command.domain import commands as c
from command.domain.submission import Answer, Submission
from command.ids import uuid7
from command.stream.client import Batch, Link

DUE_MS: Final = 25.0
"""A frame is due each 16.7 ms; one that took longer than one and a half of that made the next one miss its turn."""

SETTLE_S: Final = 2.0
SIZES: Final = ((1440, 900), (1024, 768))
TICKS: Final = os.sysconf("SC_CLK_TCK")
COOKIE: Final = "__Host-muster"

FRAMES: Final = """seconds => new Promise(done => {
  const found = []; let last = 0, end = 0;
  const step = now => {
    if (last) found.push(now - last); else end = now + seconds * 1000;
    last = now;
    if (now < end || !end) requestAnimationFrame(step); else done(found);
  };
  requestAnimationFrame(step);
})"""


class Seen(msgspec.Struct):
    """One page over one stretch of the operation."""

    page: str
    arrests: int
    frames: int
    on_time: float
    worst_ms: float
    busy: float  # share of the time that the main thread worked
    script: float  # … in scripts


class Result(msgspec.Struct):
    """All stretches; bytes and milliseconds of CPU for one event, early and late."""

    span_s: float
    events: int
    late_s: float
    seen: list[Seen]
    bytes_early: float
    bytes_late: float
    cpu_early_ms: float
    cpu_late_ms: float


class Mark(msgspec.Struct, frozen=True):
    """The server at a moment: arrests on record, events in the log, CPU seconds, bytes sent to one screen."""

    arrests: int
    seq: int
    cpu_s: float
    sent_bytes: int


class Site:
    """A running server with an operation on it."""

    def __init__(self, url: str, pid: int, cookies: dict[str, str], http: aiohttp.ClientSession) -> None:
        self.url, self.pid, self.cookies, self.http = url, pid, cookies, http
        self.incident = ""
        self.seen = self.arrests = self.sent_bytes = self.seq = 0
        self.marks: list[Mark] = []

    async def open(self, operation: Operation) -> None:
        """Open the incident, and say what is said before anybody is arrested."""
        now = utc_now()
        opened = await self._post("chief", "/api/incidents", submission(operation.opening(now), uuid7(now), 0))
        self.incident = opened["incident"]
        for batch in operation.morning():
            assert all(one.status == "accepted" for one in await self.send("chief", batch))

    async def send(self, person: str, commands: Sequence[c.Command]) -> Sequence[Answer]:
        """One person's commands, answered; the same again where the server could not take them."""
        body = [submission(one, uuid7(utc_now()), self.seen) for one in commands]
        found = await self._post(person, f"/api/incidents/{self.incident}/commands", body)
        answers = [one.first or one for one in msgspec.convert(found["answers"], list[Answer])]
        self.seen = max(self.seen, *(one.last_seq or one.seq or 1 for one in answers))
        self.arrests += any(type(one).__name__ == "RecordArrest" for one in commands)
        return answers

    async def _post(self, person: str, path: str, body: Submission | list[Submission]) -> Any:
        raw = msgspec.json.encode(body)
        headers = {**self.headers(person), "Content-Type": "application/json"}
        while True:
            async with self.http.post(f"{self.url}{path}", data=raw, headers=headers) as got:
                if got.status < 300:
                    return json.loads(await got.read())
                assert got.status in (429, 503), (got.status, (await got.read())[:300])
            await asyncio.sleep(0.2)  # as a client does that was told to wait

    def headers(self, person: str) -> dict[str, str]:
        """As someone at an address of their own."""
        place = list(self.cookies).index(person)
        return {"Origin": self.url, "Cookie": self.cookies[person], "X-Forwarded-For": f"10.3.0.{place}"}

    async def listen(self) -> None:
        """Follow as command's dashboard does, and count."""
        headers = {"X-Forwarded-For": "10.3.0.0"}
        async with Link(self.url, self.incident, cookie=self.cookies["chief"], headers=headers) as link:
            async for frame in link:
                if isinstance(frame, Batch):
                    self.sent_bytes += len(msgspec.json.encode(frame.changes))
                    self.seq = frame.last
                    self.marks.append(Mark(self.arrests, self.seq, cpu_s(self.pid), self.sent_bytes))


def cpu_s(pid: int) -> float:
    """CPU that a process has used, in its own code and the kernel's for it."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


@asynccontextmanager
async def a_site(operation: Operation) -> AsyncIterator[Site]:
    """A server on fresh data, with everybody signed in and the incident open."""
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
            async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
                site = Site(url, process.pid, await _sign_in(folder, url, operation, http), http)
                await site.open(operation)
                yield site
        finally:
            process.terminate()
            await process.wait()
            if draining is not None:
                await draining


async def _drain(reader: asyncio.StreamReader) -> None:
    while await reader.read(1 << 16):
        pass


async def _sign_in(folder: str, url: str, operation: Operation, http: aiohttp.ClientSession) -> dict[str, str]:
    cookies = {}
    async with open_backend(load({"data": folder}, {}), attach=True) as backend:
        for number, one in enumerate(operation.hands()):
            account = Account(one.person, f"Name of {one.person}", one.agency, one.rank)
            link = await invite(
                backend.access, account, one.role, base_url=url, now=utc_now(), by=operator(), units=one.units
            )
            headers = {"Origin": url, "X-Forwarded-For": f"10.3.0.{number}"}
            async with http.post(f"{url}/api/session", json={"link": link.partition("#")[2]}, headers=headers) as got:
                assert got.status == 204, got.status
                cookies[one.person] = got.headers["Set-Cookie"].partition(";")[0]
    return cookies


async def look(page: Page, name: str, site: Site, seconds: float) -> Seen:
    """Frames and work of a page that is drawn."""
    line = await page.context.new_cdp_session(page)
    await line.send("Performance.enable")
    before = await _metrics(line)
    frames: list[float] = await page.evaluate(FRAMES, seconds)
    after = await _metrics(line)
    passed = after["Timestamp"] - before["Timestamp"]
    return Seen(
        name, site.arrests, len(frames), round(sum(one <= DUE_MS for one in frames) / len(frames), 4),
        round(max(frames), 1), round((after["TaskDuration"] - before["TaskDuration"]) / passed, 3),
        round((after["ScriptDuration"] - before["ScriptDuration"]) / passed, 3),
    )  # fmt: skip


async def _metrics(line: Any) -> dict[str, float]:
    found = await line.send("Performance.getMetrics")
    return {one["name"]: one["value"] for one in found["metrics"]}


async def watch(page: Page, site: Site, rounds: int, span_s: float) -> list[Seen]:
    """The pages in turn, over the whole of the operation."""
    board = f"{site.url}/?incident={site.incident}"
    pages = {"empty": "about:blank", "dashboard": board, "processing": f"{board}&view=processing"}
    seconds = max(2.0, span_s / (rounds * len(pages)) - SETTLE_S)
    seen = []
    for _ in range(rounds):
        for name, address in pages.items():
            await page.goto(address)
            if name != "empty":
                await page.wait_for_selector(".feed-row" if name == "dashboard" else ".proc-figures li")
            await asyncio.sleep(SETTLE_S)
            seen.append(await look(page, name, site, seconds))
    return seen


async def shoot(page: Page, site: Site, folder: Path) -> None:
    """What the pages look like with all of it on them."""
    folder.mkdir(parents=True, exist_ok=True)
    board = f"{site.url}/?incident={site.incident}"
    views = {"dashboard": "", "processing": "&view=processing", "custody": "&view=processing&pv=custody"}
    for name, extra in views.items():
        for width, height in SIZES:
            await page.set_viewport_size({"width": width, "height": height})
            await page.goto(board + extra)
            await page.wait_for_selector(".feed-row" if not extra else ".proc-figures li")
            await asyncio.sleep(SETTLE_S)
            await page.screenshot(path=folder / f"{name}-{width}.png")


async def run(span_s: float, rounds: int, shots: Path | None) -> Result:
    """All of it."""
    operation = Operation(rate=OPERATION_S / span_s)
    async with a_site(operation) as site, async_playwright() as player:
        browser = await player.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-background-networking"]
        )
        context = await browser.new_context(viewport={"width": SIZES[0][0], "height": SIZES[0][1]})
        value = site.cookies["chief"].partition("=")[2]
        await context.add_cookies(
            [{"name": COOKIE, "value": value, "domain": "localhost", "path": "/", "secure": True, "httpOnly": True}]
        )
        page = await context.new_page()
        listening = asyncio.create_task(site.listen(), name="listener")
        looking = asyncio.create_task(watch(page, site, rounds, span_s), name="pages")
        late_s = await play(operation, site.send, span_s)
        seen = await looking
        if shots is not None:
            await shoot(page, site, shots)
        listening.cancel()
        await browser.close()
    early, late = ([one for one in site.marks if a <= one.arrests <= b] for a, b in ((25, 125), (400, 499)))
    return Result(
        span_s, site.seen, round(late_s, 1), seen, *(_an_event(marks, "sent_bytes", 1) for marks in (early, late)),
        *(_an_event(marks, "cpu_s", 1e3) for marks in (early, late)),
    )  # fmt: skip


def _an_event(marks: list[Mark], what: str, unit: float) -> float:
    """How much of it for each event between the first and the last mark."""
    first, last = marks[0], marks[-1]
    spent: float = getattr(last, what) - getattr(first, what)
    return round(spent * unit / max(1, last.seq - first.seq), 2)


def main() -> int:
    """Measure, and print a table or JSON."""
    parser = argparse.ArgumentParser(prog="python -m bench.screens", description=__doc__)
    parser.add_argument("--span", type=float, default=60.0, help="seconds for the twenty minutes")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--shots", type=Path, help="a folder for pictures of the pages at the end")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    started = time.monotonic()
    found = asyncio.run(run(options.span, options.rounds, options.shots))
    if options.json:
        print(json.dumps(msgspec.to_builtins(found)))
        return 0
    print(f"500 arrests in {found.span_s:g} s ({OPERATION_S / found.span_s:g} times as fast), {found.events:,} events; "
          f"the latest batch {found.late_s:g} s behind; {time.monotonic() - started:.0f} s in all\n")  # fmt: skip
    print("page        arrests  frames  on time  worst ms   busy  script")
    for one in found.seen:
        print(f"{one.page:<11} {one.arrests:>7} {one.frames:>7} {one.on_time:>8.1%} {one.worst_ms:>9.1f}"
              f" {one.busy:>6.1%} {one.script:>7.1%}")  # fmt: skip
    for name in ("empty", "dashboard", "processing"):
        of = [one for one in found.seen if one.page == name]
        print(f"{name:<11}  median {statistics.median(one.on_time for one in of):.1%} on time,"
              f" worst {max(one.worst_ms for one in of):.0f} ms")  # fmt: skip
    print(f"\nto command's screen, bytes an event: {found.bytes_early:,.0f} early, {found.bytes_late:,.0f} late")
    print(f"of the server, ms of CPU an event: {found.cpu_early_ms:.2f} early, {found.cpu_late_ms:.2f} late")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
