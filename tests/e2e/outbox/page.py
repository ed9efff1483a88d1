"""A page of the tablet's core, without screens, and what a test does with it: enrol, sign in, save, and bend the line."""

from __future__ import annotations

import base64
import io
import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, Route

from command.ledger.checkpoint import checkpoint_body, sign_all
from command.ledger.disclosure import decode_bytes
from command.ledger.heads import key_name, origin_of
from command.ledger.signing import public_key_of
from tests.e2e.field_site import FieldSite
from tests.web.harness import SIGNING_KEY

CANARY = "CANARY-threw-a-bottle"
STATEMENTS = re.compile(r"/statements$")

UP = """
  const reg = await navigator.serviceWorker.getRegistration("/field/") ?? await navigator.serviceWorker.register(
    trustedTypes.createPolicy("muster-worker", { createScriptURL: (url) => url }).createScriptURL("/field/worker.js"));
  await navigator.serviceWorker.ready;
  const tablet = globalThis.tablet = await m.openTablet();
"""
"""A page of the tablet: its worker, and all that it is."""

UNTIL = """
  const until = globalThis.until = async (holds) => {
    for (let n = 0; n < 1200; n += 1) { const got = await holds(); if (got) return got; await new Promise((next) => setTimeout(next, 50)); }
    throw new Error(`waited in vain: ${holds}`);
  };
  globalThis.note = (text, more = {}) => ({ incident: globalThis.incident, title: text.slice(0, 20), command: { type: "RecordEntry", entry: crypto.randomUUID(), text }, ...more });
  globalThis.states = async () => (await tablet.outbox.rows(2000)).map((row) => row.state).reverse();
"""

PHOTO = """
  globalThis.photo = async (size) => {
    const canvas = new OffscreenCanvas(size, size), draw = canvas.getContext("2d");
    const dots = draw.createImageData(size, size);
    for (let at = 0; at < dots.data.length; at += 65536) crypto.getRandomValues(dots.data.subarray(at, at + 65536));
    draw.putImageData(dots, 0, 0);
    return canvas.convertToBlob({ type: "image/png" });
  };
  globalThis.arrest = async (size) => {
    const arrest = crypto.randomUUID(), subject = "s-" + arrest.replaceAll("-", "").slice(0, 24), { incident } = globalThis;
    const file = await tablet.stage(await photo(size));
    const card = { type: "RecordArrest", arrest, subject, officer: "officer-1", conduct: "CANARY-conduct" };
    const added = { type: "AddAttachment", attachment: file.attachment, record: arrest, subject, kind: "photo with officer", sha256: file.sha256, size_bytes: file.size_bytes, media: file.media };
    await tablet.outbox.save([{ incident, title: "arrest", command: card }, { incident, title: "photo", command: added, files: { [file.attachment]: file.key } }]);
    return file;
  };
"""

PARTS_LEFT = """() => new Promise((done) => {
  const asked = tablet.db.transaction(["parts"]).objectStore("parts").count();
  asked.onsuccess = () => done(asked.result);
})"""


def opened(field: FieldSite, context: BrowserContext) -> Page:
    """A page of the tablet, enrolled or not."""
    page = field.open(context)
    page.evaluate("(incident) => { globalThis.incident = incident; }", field.street.incident)
    field.run(page, "tablet.js", UP + UNTIL)
    return page


def enrolled(field: FieldSite, context: BrowserContext, person: str = "officer-1") -> Page:
    """A page of an enrolled tablet; with `person` signed in at it, if any."""
    page = opened(field, context)
    device = page.evaluate("(code) => tablet.enrol(code).then(() => tablet.device.id)", field.code())
    field.enrolled(device)
    if person:
        sign_in(field, page, person)
    return page


def sign_in(field: FieldSite, page: Page, person: str) -> None:
    """As the screen of signing in will have done it, then the tablet is opened."""
    code = """async (link) => {
      const got = await fetch("/api/session", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ link }) });
      if (got.status !== 204) throw new Error(`signing in: ${got.status}`);
    }"""
    page.evaluate(code, field.link(person))
    field.signed_in()
    page.evaluate("() => tablet.keys.open()")


def saved(page: Page, *texts: str) -> list[dict[str, Any]]:
    """Entries, saved one after the other."""
    rows = []
    for text in texts:
        rows += page.evaluate("(text) => tablet.outbox.save([note(text)])", text)
    return rows


def settled(page: Page, *states: str) -> None:
    """Wait until the records are in these states, in order."""
    page.evaluate("(want) => until(async () => JSON.stringify(await states()) === JSON.stringify(want))", list(states))


def texts(field: FieldSite) -> list[str]:
    """What the log says, in its order."""
    return [one["text"] for one in field.entries() if one["type"] == "EntryRecorded"]


def exported(field: FieldSite, page: Page) -> io.BytesIO:
    """The file of the last resort, as it is downloaded."""
    export = """async ([path, bytes]) => {
      const { exported } = await import(path), { textOf } = await import(bytes);
      return textOf(new Uint8Array(await (await exported(tablet.db)).arrayBuffer()));
    }"""
    return io.BytesIO(decode_bytes(page.evaluate(export, [field.module("exporting.js"), field.module("bytes.js")])))


def head_of(
    field: FieldSite, size: int, epoch: int = 1, *, key: bytes = SIGNING_KEY, log: str = "", root: bytes = b"r" * 32
) -> str:
    """A signed head of the incident."""
    body = checkpoint_body(origin_of(log or field.street.incident, epoch), size, root)
    return sign_all(body, [(key_name(public_key_of(key)), key)])


class Line:
    """The line between a tablet and the server, to be cut."""

    def __init__(self, context: BrowserContext) -> None:
        self.handed_in: list[list[dict[str, Any]]] = []
        self.script: list[Callable[[Route], None]] = []
        context.route(STATEMENTS, self._through)

    def _through(self, route: Route) -> None:
        self.handed_in.append(json.loads(route.request.post_data or "[]"))
        if self.script:
            self.script.pop(0)(route)
        else:
            route.continue_()


def cut(route: Route) -> None:
    """No answer, and nothing arrived."""
    route.abort()


def cut_after_commit(route: Route) -> None:
    """The server takes it, and the answer is lost."""
    route.fetch()
    route.abort()


def busy(route: Route) -> None:
    route.fulfill(status=503, headers={"Retry-After": "1"}, body="{}")


# Once, in order -----------------------------------------------------------------------------------------


def pids(home: Path) -> list[int]:
    """The processes of the browser with this disk."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if f"--user-data-dir={home}".encode() in entry.read_bytes():
                found.append(int(entry.parent.name))
        except OSError:
            continue
    return found


def wait_for_end(home: Path) -> None:
    """Until the browser is gone, and its lock on the disk with it."""
    for _ in range(1200):
        if not pids(home):
            break
        time.sleep(0.05)  # between two looks: a process that is not our child cannot be waited for
    assert not pids(home)
    for name in ("SingletonLock", "SingletonCookie", "SingletonSocket"):
        (home / name).unlink(missing_ok=True)


def readable(word: str) -> list[bytes]:
    """A word as a disk would show it: in either width, and within base64 at any of its three places."""
    raw = word.encode()
    coded = [base64.urlsafe_b64encode(b"x" * shift + raw)[4:-4] for shift in range(3)]
    return [raw, word.encode("utf-16-le"), raw.hex().encode(), *coded]
