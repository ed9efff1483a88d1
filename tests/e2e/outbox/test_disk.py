"""The outbox on its disk: a browser that is killed while it saves, and a disk that somebody copies."""

from __future__ import annotations

import contextlib
import os
import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Error

from tests.e2e.conftest import CHROMIUM
from tests.e2e.field_site import FieldSite
from tests.e2e.outbox.page import (
    STATEMENTS,
    cut,
    enrolled,
    opened,
    pids,
    readable,
    saved,
    settled,
    texts,
    wait_for_end,
)


@pytest.fixture
def disk(browser: Browser, tmp_path: Path) -> Iterator[tuple[Callable[[], BrowserContext], Path]]:
    """A browser with a disk: open it, kill it, open it again."""
    home = tmp_path / "profile"
    up: list[BrowserContext] = []

    def start() -> BrowserContext:
        made = browser.browser_type.launch_persistent_context(
            str(home), executable_path=CHROMIUM, args=["--no-sandbox"]
        )
        made.set_default_timeout(60_000)
        up.append(made)
        return made

    yield start, home
    for one in up:
        with contextlib.suppress(Error):  # it was killed
            one.close()


def test_a_browser_killed_while_it_saves_loses_nothing_that_it_had_said(
    field: FieldSite, disk: tuple[Callable[[], BrowserContext], Path]
) -> None:
    """What was said to be saved is there, no number is missing, and each is in the log once, in order."""
    start, home = disk
    context = start()
    page = enrolled(field, context)
    device = page.evaluate("() => tablet.device.id")
    context.route(STATEMENTS, cut)
    said: list[int] = []
    context.expose_function("said", lambda number: said.append(number))  # a method of a list takes no marks
    before = len(texts(field))
    page.evaluate(
        "() => { (async () => { for (let n = 1; ; n += 1) await said((await tablet.outbox.save([note(`kill ${n}`)]))[0].device_seq); })(); }"
    )
    page.evaluate("() => until(async () => (await tablet.outbox.rows(2000)).length > 12)")
    killed(home)
    again = opened(field, start())
    assert again.evaluate("() => [tablet.device.id, tablet.taken, tablet.keys.held]") == [device, "", None]
    again.evaluate("() => until(async () => (await states()).every((state) => state === 'accepted'))")
    numbers = [row["device_seq"] for row in again.evaluate("() => tablet.outbox.rows(2000)")][::-1]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(said) >= 10
    assert set(said) <= set(numbers), "what was said to be saved"
    assert texts(field)[before:] == [f"kill {n}" for n in numbers]
    (row,) = [
        one for one in field.do(field.site.call("GET", "/api/devices", cookie=field.street.admin)).json["devices"]
        if one["device"] == device
    ]  # fmt: skip
    assert (row["missing"], row["held"], row["statements"]) == (0, 0, len(numbers))


def killed(home: Path) -> None:
    """SIGKILL to all of the browser."""
    for pid in pids(home):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    wait_for_end(home)


def test_half_an_entry_at_the_end_of_the_browsers_journal_costs_no_record_two_starts_later(
    field: FieldSite, disk: tuple[Callable[[], BrowserContext], Path]
) -> None:
    """A battery died while something was written. Chromium passes over what is half, writes on behind it, and at the start after
    that would clear all: the device's key, what was saved before and what was saved since."""
    start, home = disk
    context = start()
    page = enrolled(field, context)
    device = page.evaluate("() => tablet.device.id")
    context.route(STATEMENTS, cut)
    saved(page, "before the battery died")
    killed(home)
    journals = sorted(home.glob("Default/IndexedDB/*.leveldb/*.log"))
    if not journals:
        pytest.skip("this Chromium keeps IndexedDB otherwise than in LevelDB: there is no journal to tear")
    with journals[-1].open("ab") as out:
        out.write(bytes.fromhex("78563412 b80b 01") + b"half" * 25)  # its head promises 3000 bytes
    context = start()
    context.route(STATEMENTS, cut)
    page = opened(field, context)
    for _ in range(1200):
        if not journals[-1].exists():
            break
        page.wait_for_timeout(50)  # between two looks at the disk
    assert not journals[-1].exists(), "another journal was begun"
    saved(page, "after the battery died")
    killed(home)
    page = opened(field, start())
    assert page.evaluate("() => [tablet.device?.id, tablet.taken]") == [device, ""]
    settled(page, "accepted", "held")  # the second was captured with nobody signed in
    assert texts(field)[-1] == "before the battery died"


def test_a_copied_disk_shows_nothing_of_what_was_written(
    field: FieldSite, disk: tuple[Callable[[], BrowserContext], Path]
) -> None:
    """Neither what waits nor what was sent, nor drafts, photos, or what was seen; what is in the clear on purpose is found."""
    start, home = disk
    context = start()
    page = enrolled(field, context)
    saved(page, "CANARY-sent-report")
    settled(page, "accepted")
    context.route(re.compile(r"/api/"), cut)
    write = """async ([drafts, cache, session]) => {
      const d = await import(drafts), c = await import(cache), { incident } = globalThis;
      await d.keepDraft(tablet.db, tablet.keys, { id: "arrest", title: "CANARY-draft-title", fields: { name: "CANARY-draft-name" } });
      await c.keepSeen(tablet.db, tablet.keys, "board:i", { name: "CANARY-board" }, 1000);
      await c.keepPlain(tablet.db, "sectors", ["PLAIN-sector-name"], 1000);
      const file = await tablet.stage(new Blob(["CANARY-photo-bytes ".repeat(40_000)], { type: "image/jpeg" }));
      const added = { type: "AddAttachment", attachment: file.attachment, record: "CANARY-arrest-number", subject: "s-1", kind: "photo", sha256: file.sha256, size_bytes: file.size_bytes, media: "image/jpeg", note: "CANARY-note-of-photo" };
      await tablet.outbox.save([note("CANARY-waiting-report", { title: "CANARY-title" }), { incident, title: "photo", command: added, files: { [file.attachment]: file.key } }]);
    }"""
    page.evaluate(write, [field.module("drafts.js"), field.module("cache.js"), ""])
    own = page.evaluate("async () => (await (await tablet.outbox.open(2)).command).text")
    assert own == "CANARY-waiting-report"
    context.close()
    disk_bytes = b"".join(
        path.read_bytes() for path in sorted(home.rglob("*")) if path.is_file() and not path.is_symlink()
    )
    assert b"PLAIN-sector-name" in disk_bytes or "PLAIN-sector-name".encode("utf-16-le") in disk_bytes
    words = ["CANARY-sent-report", "CANARY-waiting-report", "CANARY-title", "CANARY-draft-title", "CANARY-draft-name", "CANARY-board", "CANARY-photo-bytes", "CANARY-note-of-photo", "CANARY-arrest-number"]  # fmt: skip
    assert [word for word in words for form in readable(word) if form in disk_bytes] == []
    thief = start()
    thief.route(re.compile(r"/api/"), cut)
    again = opened(field, thief)
    assert again.evaluate("() => [tablet.keys.held, tablet.taken]") == [None, ""]
    assert again.evaluate("async () => [await tablet.outbox.open(2), await tablet.outbox.lines()]") == [None, []]
    counts = again.evaluate("() => tablet.outbox.counts()")
    assert counts["waiting"] + counts["sent"] == 2
