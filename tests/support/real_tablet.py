"""The tablet's own app in a real Chromium with a disk, driven by script: it saves, goes offline, is killed and started again.

Its core runs in the app's own page; what is typed into screens is for the tests of screens.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import itertools
import os
import random
import signal
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from playwright.async_api import BrowserContext, Error, Page, Playwright

from command.errors import MusterError
from tests.e2e.conftest import CHROMIUM
from tests.e2e.outbox.page import pids, wait_for_end
from tests.support.field_day import LOST, Day
from tests.uploads.corpus import jpeg

APP = """async ([incident]) => {
  const own = [...document.scripts].map((one) => one.src).find((src) => src.includes("/field_app/"));
  const state = globalThis.state = await import(own.slice(0, own.lastIndexOf("/")) + "/state.js");
  for (let n = 0; !state.tablet.peek() && n < 400; n += 1) await new Promise((next) => setTimeout(next, 50));
  globalThis.incident = incident;
  return Boolean(state.here().device);
}"""

KEEPS_ITSELF = """() => Promise.race([
  navigator.serviceWorker.ready.then(() => true), new Promise((next) => setTimeout(() => next(false), 5000)),
])"""

SAVE = """async ({ arrest, subject, officer, conduct, photos }) => {
  const one = state.here(), wishes = [];
  const card = { type: "RecordArrest", arrest, subject, officer, category: "T", offences: ["blocking-traffic"], observed_by: [officer], injured: false, conduct };
  wishes.push({ incident, title: "Arrest", command: card });
  for (const raw of photos) {
    const file = await one.stage(new Blob([Uint8Array.from(atob(raw), (c) => c.charCodeAt(0))], { type: "image/jpeg" }));
    const { attachment, sha256, size_bytes, media, key } = file;
    wishes.push({ incident, title: "Photo", files: { [attachment]: key }, command: { type: "AddAttachment", attachment, record: arrest, subject, kind: "property photo", sha256, size_bytes, media } });
  }
  return (await one.outbox.save(wishes)).map((row) => row.cmd);
}"""

ROWS = """async () => {
  const { outbox, device } = state.here();
  const rows = await outbox.rows(10_000), left = await outbox.withFiles();
  return { device: device.id, rows: rows.map(({ cmd, device_seq, state }) => ({ cmd, device_seq, state })), files: left.length, told: outbox.told.peek() };
}"""


class Saved(msgspec.Struct):
    """What was said to be saved: between these moments, by the server's clock."""

    cmds: list[str]
    sha256: list[str]
    after: datetime
    before: datetime


class RealTablet:
    """One profile, its officer, and its clock. `said` is never forgotten here."""

    def __init__(
        self, here: Day, play: Playwright, person: str, home: Path, seed: int, *, clock: timedelta, arrests: int,
        photo_bytes: int,
    ) -> None:  # fmt: skip
        self.here, self.play, self.person, self.home = here, play, person, home
        self.random, self.number = random.Random(seed), seed % 200 + 1
        self.clock, self.left, self.photo_bytes = clock, arrests, photo_bytes
        self.said: list[Saved] = []
        self.kills = 0
        self.context: BrowserContext
        self.page: Page
        self.device = ""
        self.rows: list[dict[str, Any]] = []

    async def start(self) -> None:
        """A cold start: from the second on with or without a network."""
        self.context = await self.play.chromium.launch_persistent_context(
            str(self.home), executable_path=CHROMIUM, args=["--no-sandbox", "--disable-background-networking"],
            extra_http_headers={"X-Forwarded-For": f"10.5.0.{self.number}"},
        )  # fmt: skip
        self.context.set_default_timeout(60_000)
        set_clock = (
            f"const real = Date.now.bind(Date); Date.now = () => real() + {self.clock // timedelta(milliseconds=1)};"
        )
        await self.context.add_init_script(set_clock)
        self.page = await self.context.new_page()
        enrolled = False
        async with asyncio.timeout(300):
            while True:
                with contextlib.suppress(Error):  # the first start needs the server
                    await self.page.goto(f"{self.here.line}/field/")
                    enrolled = await self.page.evaluate(APP, [self.here.incident])
                    break
                await asyncio.sleep(0.5)  # between two tries, as who taps again
        if not enrolled:
            assert not self.kills, f"{self.person}'s browser cleared what lay there: {self._journal()}"
            await self._enrol()

    def _journal(self) -> list[str]:
        """What the browser noted of its database, in the life that ended and in this one."""
        return [path.read_text()[-500:] for path in sorted(self.home.glob("Default/IndexedDB/*.leveldb/LOG*"))]

    async def _enrol(self) -> None:
        """Until it is in: an answer that was lost costs a code."""
        while not await self.page.evaluate(KEEPS_ITSELF):  # its files came while the server went
            with contextlib.suppress(Error):
                await self.page.goto(f"{self.here.line}/field/")
                await self.page.evaluate(APP, [self.here.incident])
        enrol = "(code) => state.here().enrol(code).then(() => state.enrolled())"
        while True:
            with contextlib.suppress(Error, *LOST):
                await self.page.evaluate(enrol, await self.here.code())
                return
            await asyncio.sleep(0.5)  # between two codes

    async def sign_in(self) -> None:
        """Where the server can be reached."""
        code = """async (link) => {
          const got = await fetch("/api/session", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ link }) });
          return got.status === 204 && (await state.unlock());
        }"""
        with contextlib.suppress(Error, MusterError, *LOST):  # it stays locked, and goes on
            await self.page.evaluate(code, await self.here.link(self.person))

    async def save(self) -> None:
        """One arrest with two photos."""
        raws = [jpeg() + self.random.randbytes(self.photo_bytes) for _ in range(2)]
        after = datetime.now(UTC)
        number = self.random.randrange(10**12)
        given = {
            "arrest": f"arrest-{number}", "subject": f"s-{number:032}", "officer": self.person,
            "conduct": f"Stood by mark {number}.", "photos": [base64.b64encode(raw).decode() for raw in raws],
        }  # fmt: skip
        cmds = await self.page.evaluate(SAVE, given)
        self.said.append(Saved(cmds, [hashlib.sha256(raw).hexdigest() for raw in raws], after, datetime.now(UTC)))

    async def kill(self) -> None:
        """SIGKILL to all of it."""
        for pid in pids(self.home):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        await asyncio.to_thread(wait_for_end, self.home)
        with contextlib.suppress(Error):
            await self.context.close()
        self.kills += 1

    async def shift(self, lives: int = 3) -> None:
        """A day of one that was started and enrolled: with and without a network, killed, until everything is handed in."""
        each = -(-self.left // lives)
        for life in range(lives):
            if life:
                await self.start()
            if life != 1 or lives < 3:
                await (
                    self.sign_in()
                )  # in its second life it stays locked as it was killed: what is sealed goes all the same
            if life:
                await self.context.set_offline(True)
            count = min(each, self.left)
            for number in range(count):
                if number == count // 2:
                    await self.context.set_offline(False)
                if life == 1 and number == count // 2:
                    await self.sign_in()
                await self.save()
                self.left -= 1
            if life < lives - 1:
                await asyncio.gather(self.save(), self._killed_soon(), return_exceptions=True)
        await self.settled()

    async def _killed_soon(self) -> None:
        await asyncio.sleep(self.random.random() * 0.1)
        await self.kill()

    async def look(self) -> bool:
        """What lies there; whether all of it is handed in."""
        found = await self.page.evaluate(ROWS)
        self.device, self.rows = found["device"], found["rows"][::-1]
        return not found["files"] and all(one["state"] in ("accepted", "held") for one in self.rows)

    async def settled(self) -> None:
        """Until it is, then closed. Who holds it looks at it anew now and then, and need not wait out its pauses."""
        for turn in itertools.count(1):
            with contextlib.suppress(Error):  # the page was loading
                if await self.look():
                    break
                if turn % 15 == 0:
                    await self.page.reload()
                    await self.page.evaluate(APP, [self.here.incident])
            await asyncio.sleep(0.3)
        await self.context.close()

    def check_said(self) -> None:
        """What was said to be saved is there, and no number is missing."""
        assert {cmd for one in self.said for cmd in one.cmds} <= {one["cmd"] for one in self.rows}
        assert [one["device_seq"] for one in self.rows] == list(range(1, len(self.rows) + 1))
        assert len(self.rows) % 3 == 0, "an arrest and its photos are saved together"


def check_real(
    tablets: Sequence[RealTablet], kept: dict[str, list[dict[str, Any]]], found: dict[str, dict[str, Any]]
) -> None:
    """Of each profile every record once and in its order, at its time within the error that it names; its photos match.

    `kept`: headers of arrests and attachments by command; `found`: what came of each file, by its digest.
    """
    for one in tablets:
        one.check_said()
        headers = {row["cmd"]: kept[row["cmd"]] for row in one.rows}
        assert all(len(each) == 1 for each in headers.values())
        own = [
            header for (header,) in headers.values() if header["statement"]["proof"] in ("session", "key", "attested")
        ]
        assert [header["seq"] for header in own] == sorted(header["seq"] for header in own)
        for saved in one.said:
            for cmd in saved.cmds:
                (header,) = headers[cmd]
                occurred, error = (
                    datetime.fromisoformat(header["occurred_at"]),
                    timedelta(milliseconds=header.get("clock_error_ms", 0)),
                )
                assert saved.after - error <= occurred <= saved.before + error + timedelta(milliseconds=1)
                assert error < timedelta(minutes=1), "the server's word corrects the clock"
            assert {found[digest]["finding"] for digest in saved.sha256} == {"matches"}
