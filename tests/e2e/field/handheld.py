"""A tablet in somebody's hands: a real Chromium with a disk of its own, killed and started again, and what a person does on it."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, BrowserType, Error, Page, expect

from tests.e2e.conftest import CHROMIUM
from tests.e2e.real.client import Client
from tests.e2e.real.house import House

TABLET = {"width": 800, "height": 1280}
PHONE = {"width": 412, "height": 915}
WAIT_MS = 60_000


def code_of(admin: Client, label: str = "Tablet 7") -> str:
    """What an administrator's page shows: a code that lets one tablet in."""
    status, raw, _ = admin._call("POST", "/api/devices/invite", {"agency": "spd", "label": label})
    assert status == 200, raw
    found = re.search(rb'"code":"([^"]+)"', raw)
    assert found is not None
    return found[1].decode()


class Handheld:
    """One browser profile. What the page throws, or its policy refuses, is kept in `complaints`."""

    def __init__(
        self, engine: BrowserType, home: Path, url: str, *, args: tuple[str, ...] = (), **options: Any
    ) -> None:
        self._engine, self.home, self.url = engine, home, url
        self._args = ["--no-sandbox", *args]
        self._options = {"viewport": TABLET, **options}
        self.complaints: list[str] = []
        self.context: BrowserContext
        self.page: Page

    def start(self) -> Handheld:
        """Open the browser; nothing is loaded yet."""
        self.context = self._engine.launch_persistent_context(
            str(self.home), executable_path=CHROMIUM, args=self._args, **self._options
        )
        self.context.set_default_timeout(WAIT_MS)
        self.context.on("page", self._watch)
        self.page = self.context.pages[0]
        self._watch(self.page)
        return self

    def _watch(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.complaints.append(f"thrown: {error}"))
        page.on("console", lambda said: self._said(said.text))

    def _said(self, text: str) -> None:
        if "Content Security" in text or "Trusted" in text:
            self.complaints.append(text)

    def close(self) -> None:
        """As a person closes it."""
        with contextlib.suppress(Error):  # it was killed
            self.context.close()
        self._ended()

    def forget_cache(self) -> None:
        """Whatever the browser keeps of the web by itself is gone, as when it made room: what is left is what the app keeps."""
        self.context.new_cdp_session(self.page).send("Network.clearBrowserCache")

    def kill(self) -> None:
        """As when the battery is dead."""
        for pid in self._pids():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._ended()
        with contextlib.suppress(Error):
            self.context.close()

    def _pids(self) -> list[int]:
        found = []
        for entry in Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                if f"--user-data-dir={self.home}".encode() in entry.read_bytes():
                    found.append(int(entry.parent.name))
        return found

    def _ended(self) -> None:
        for _ in range(1200):
            if not self._pids():
                break
            time.sleep(0.05)  # between two looks: a process that is not our child cannot be waited for
        assert not self._pids()
        for name in ("SingletonLock", "SingletonCookie", "SingletonSocket"):
            (self.home / name).unlink(missing_ok=True)

    # What a person does --------------------------------------------------------------------------------

    def open(self, page: Page | None = None) -> Page:
        """The app, by its address, until it stands."""
        shown = page or self.page
        shown.goto(f"{self.url}/field/")
        shown.locator("[data-ready]").wait_for()
        return shown

    def enrol(self, code: str) -> None:
        """By a code that is typed."""
        self.page.goto(f"{self.url}/enrol#code={code}")
        self.page.get_by_role("button", name="Enrol this tablet").click()
        self.locked()

    def locked(self, page: Page | None = None) -> None:
        """Wait until nobody is at it."""
        expect((page or self.page).get_by_role("heading", name="Locked")).to_be_visible(timeout=WAIT_MS)

    def sign_in(self, link: str) -> None:
        """With an exercise's link, which is pasted; until the incident is on the screen."""
        self.page.get_by_label("Link").fill(link)
        self.page.get_by_role("button", name="Sign in").click()
        self.live()

    def live(self) -> None:
        """Wait until what is seen is the present, and is kept for later."""
        expect(self.page.locator(".line-ok")).to_be_visible(timeout=WAIT_MS)
        expect(self.page.locator(".tile-first")).to_be_visible(timeout=WAIT_MS)
        self.until("return state.ground.value !== null && (await state.here().db) !== null")
        expect(self.page.locator("[data-kept]")).to_be_attached(timeout=WAIT_MS)

    def until(self, body: str, page: Page | None = None) -> Any:
        """Wait until this is so of the app's own state; returns it."""
        shown = page or self.page
        for _ in range(1200):
            got = self.asked(body, shown)
            if got:
                return got
            shown.wait_for_timeout(50)
        rows = self.asked(
            "return (await state.here().outbox.rows(50)).map((row) => [row.state, row.code, row.trouble, row.files, row.log_seq])",
            shown,
        )
        raise AssertionError(f"waited in vain: {body}; the outbox: {rows}")

    def asked(self, body: str, page: Page | None = None) -> Any:
        """What the app's own modules say, as somebody with a debugger would ask them."""
        shown = page or self.page
        return shown.evaluate(_inline(body))

    def states(self, page: Page | None = None) -> list[str]:
        """What has become of what was written here, in order."""
        found: list[str] = self.asked(
            "return (await state.here().outbox.rows(2000)).map((row) => row.state).reverse()", page
        )
        return found

    def door(self, name: str) -> None:
        """One of the five below."""
        self.page.locator(".field-door", has_text=name).click()

    def tile(self, name: str) -> None:
        """A form from the first screen."""
        if self.page.locator(".tiles").count() == 0 or "#/" in self.page.url:
            self.door("Home")
        self.page.locator(".tile", has_text=name).first.click()
        self.page.locator(".field-form").wait_for()

    def photo(self, raw: bytes, page: Page | None = None) -> None:
        """Take a picture, and wait until it is sealed."""
        shown = page or self.page
        shown.locator("input[type=file]").last.set_input_files(
            {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": raw}
        )
        expect(shown.locator(".photo-field", has_text="Kept, sealed:").last).to_be_visible(timeout=WAIT_MS)

    def save(self, button: str = "Record and sign") -> float:
        """Tap, and wait until it is kept. In ms, from the tap until it was on the disk."""
        self.page.get_by_role("button", name=button).click()
        kept = self.page.locator("[data-took-ms]")
        kept.wait_for()
        return float(kept.get_attribute("data-took-ms") or "nan")

    def arrest(self, band: str, did: str, photo: bytes | None = None) -> float:
        """A street card, from the first screen and back to it."""
        self.tile("Arrest")
        self.page.get_by_label("Wristband").fill(band)
        self.page.get_by_label("What this person did").fill(did)
        if photo is not None:
            self.photo(photo)
        took_ms = self.save()
        self.page.get_by_role("button", name="Done", exact=True).click()
        return took_ms

    def capture(self, band: str, did: str, photo: bytes | None = None) -> None:
        """While locked: once more, from the open form."""
        self.page.get_by_label("Wristband").fill(band)
        self.page.get_by_label("What this person did").fill(did)
        if photo is not None:
            self.photo(photo)
        self.page.get_by_role("button", name="Keep the arrest").dblclick()  # a gloved finger: it means once
        expect(self.page.get_by_label("Wristband")).to_have_value("", timeout=WAIT_MS)
        expect(self.page.get_by_text("The arrest is kept, sealed.")).to_be_visible(timeout=WAIT_MS)


def _inline(body: str) -> str:
    """The debugger's own words: evaluated from outside, where the page's policy on scripts does not reach."""
    return (
        "async () => { const load = (name) => import(document.querySelector('script[type=\"module\"]').src.replace('app.js', name));"
        f" const state = await load('state.js'); {body} }}"
    )


def serve(data: Path, port: int) -> House:
    """The server, at the same place each time."""
    return House(data, port).start()
